//! How a release comes to its good end: a person declares it over, or its watch is.

use super::{
    App,
    deck::Function,
    event::Effect,
    timeline::Tone,
    view::{DoneDialog, Overlay},
};
use crate::{
    clock::Now,
    config::StepMoment,
    release::{
        count,
        names::{Target, Version},
        record::Ending,
        stages::Input,
    },
};

impl App {
    /// `d`: the release is over when every function of it is at 100 percent and a person says so.
    pub(super) fn offer_done(&mut self, now: Now) {
        if self.is_moving() {
            self.still_moving(now);
            return;
        }
        if let Some(ban) = self.deck.write_ban() {
            return self.say(ban, true, now);
        }
        let functions: Vec<(Target, Version)> =
            self.deck.in_release().map(|(function, entry)| (function.target.clone(), entry.new)).collect();
        if functions.is_empty() {
            return self.say("No release is under way.", false, now);
        }
        if let Some(stranger) = self.stranger() {
            let text = format!("{} runs this release. T takes it over first.", stranger.name);
            return self.say(text, true, now);
        }
        if let Some(behind) = self.deck.functions.iter().find(|f| f.entry().is_some() && f.percent() < 100.0) {
            let text = format!(
                "{} is at {:.0} %: a release is over at 100 %, or rolled back with R.",
                behind.target,
                behind.percent()
            );
            return self.say(text, true, now);
        }
        let waiting = self.deck.functions.iter().find(|function| self.deck.waiting(function).is_some());
        if let Some(waiting) = waiting {
            let text = format!("{} still waits for 100 %: plan that stage, or roll back with R.", waiting.target);
            return self.say(text, true, now);
        }
        self.view.overlay = Some(Overlay::Done(DoneDialog { functions, shown_at: now.wall }));
    }

    pub(super) fn declare_done(&mut self, dialog: &DoneDialog, now: Now) -> Vec<Effect> {
        let is_so = |function: &Function, new| {
            function.entry().is_some_and(|entry| entry.new == new) && function.percent() >= 100.0
        };
        let is_changed =
            |(target, new): &(Target, Version)| !self.deck.function(target).is_some_and(|f| is_so(f, *new));
        if self.is_moving() || dialog.functions.iter().any(is_changed) {
            self.view.overlay = None;
            self.say("It has changed since you were asked: look again before you declare it over.", true, now);
            return Vec::new();
        }
        self.view.overlay = None;
        // Where the release is run, its end comes back as the news of the all clear.
        if self.running.as_ref().is_some_and(|running| !running.run.state().is_final()) {
            let effects = self.inform(Input::Finish, now);
            if !self.deck.is_releasing() {
                return effects;
            }
        }
        self.end_release(now)
    }

    /// The release is over: what is remembered of it, and the record in the alias.
    pub(super) fn end_release(&mut self, now: Now) -> Vec<Effect> {
        self.open_if_found(now);
        let account = self.deck.account().unwrap_or_default().to_owned();
        let mut notes = Vec::new();
        for function in &mut self.deck.functions {
            if function.entry().is_some()
                && let Some(entry) = function.memory.release.take()
            {
                function.memory.last_stable = Some(entry.stable);
                function.memory.ended = Some(entry.id);
                function.memory.pre_stage = None;
                notes.push((function.target.clone(), function.memory.clone()));
            }
        }
        if notes.is_empty() {
            return Vec::new();
        }
        self.call_runbook(StepMoment::After);
        // Whose release it is takes the record out; who only watched has seen that it is gone.
        if self.running.as_ref().is_some_and(|running| !running.run.is_owner()) {
            self.say("All clear. The release was ended elsewhere.", false, now);
            self.forget_recall();
            return vec![Effect::Remember(self.ticket(super::Errand::Note), account, notes)];
        }
        let who = self.deck.caller.value().map_or("flightdeck", |caller| caller.short()).to_owned();
        let count = count::counted(notes.iter().map(|(target, _)| target.kind));
        self.timeline.add(now.world, who, format!("declared all clear for {count}"), Tone::Good);
        self.say("All clear. The release is over.", false, now);
        let targets: Vec<Target> = notes.iter().map(|(target, _)| target.clone()).collect();
        let mut effects = vec![Effect::Remember(self.ticket(super::Errand::Note), account, notes)];
        effects.extend(self.take_record_out(&targets, now));
        let note = self.comparison(now).unwrap_or_default();
        self.end_in_journal(Ending::AllClear, note, now);
        effects
    }
}
