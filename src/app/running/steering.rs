//! What a person does to a release by key: next stage, hold, resume, watch.

use super::{App, Running};
use crate::{
    app::{
        asking::Scope,
        event::Effect,
        view::{AbandonDialog, Overlay},
    },
    clock::Now,
    release::{
        gates::GateResult,
        names::Target,
        plan::Purpose,
        stages::{Input, Leg, Mandate, Run, State},
    },
};

impl App {
    /// `n`: the plan for the next stage.
    pub(in crate::app) fn next_stage(&mut self, now: Now) -> Vec<Effect> {
        let next = self.running.as_ref().and_then(|running| running.run.next_percent());
        let Some(percent) = next.filter(|_| self.deck.is_releasing()) else {
            self.say("No release is under way that has a next stage. A digit plans the first.", false, now);
            return Vec::new();
        };
        let targets: Vec<Target> = self.deck.of_release().map(|(function, _)| function.target.clone()).collect();
        let notice = self.left_behind(&targets);
        self.propose(Purpose::Shift { percent }, targets, notice, now)
    }

    /// The functions that began with the release and are in it no more: a plan without them says so.
    fn left_behind(&self, targets: &[Target]) -> Option<String> {
        let rows = self.running.as_ref()?.run.mandate()?.rows();
        let left = rows.iter().filter(|row| !targets.contains(&row.target));
        let names: Vec<String> = left.map(|row| row.target.to_string()).collect();
        (!names.is_empty()).then(|| format!("Changed elsewhere, and not in this plan: {}.", names.join(", ")))
    }

    /// `p`: hold, or go on.
    pub(in crate::app) fn hold_or_resume(&mut self, now: Now) -> Vec<Effect> {
        if self.is_anothers(now) {
            return Vec::new();
        }
        match self.running.as_ref().map(|running| running.run.state()).filter(|state| !state.is_final()) {
            Some(State::Held(_) | State::Asking(_)) => self.inform(Input::Resume, now),
            Some(_) => self.inform(Input::Hold, now),
            None => {
                self.say("No release is under way.", false, now);
                Vec::new()
            }
        }
    }

    /// `a`: tries again what a shift or a rollback did not reach.
    pub(in crate::app) fn retry(&mut self, now: Now) -> Vec<Effect> {
        if self.is_anothers(now) {
            return Vec::new();
        }
        if self.is_moving() {
            return self.still_moving(now);
        }
        if matches!(self.state(), Some(State::Torn { .. } | State::Stuck)) {
            return self.inform(Input::Retry, now);
        }
        self.say("No stage is torn and no rollback is stuck: there is nothing to try again.", false, now);
        Vec::new()
    }

    /// `e`: gives the present stage one more bake.
    pub(in crate::app) fn extend(&mut self, now: Now) -> Vec<Effect> {
        if self.is_anothers(now) {
            return Vec::new();
        }
        let effects = self.inform(Input::Extend, now);
        if effects.is_empty() && !self.is_staying() {
            self.say("No stage bakes and nothing is watched: there is nothing to extend.", false, now);
        }
        effects
    }

    /// Whether time is being spent at the present weights.
    fn is_staying(&self) -> bool {
        let has_stay = self.running.as_ref().is_some_and(|running| running.run.stay().is_some());
        has_stay && matches!(self.state(), Some(State::Observing | State::Ready | State::Asking(_) | State::Held(_)))
    }

    /// `A`: asks whether to stop running the release.
    pub(in crate::app) fn offer_abandon(&mut self, now: Now) {
        if self.is_anothers(now) {
            return;
        }
        if self.is_moving() {
            self.still_moving(now);
        } else if self.state().is_none_or(State::is_final) {
            self.say("No release is run here.", false, now);
        } else {
            self.view.overlay = Some(Overlay::Abandon(AbandonDialog { shown_at: now.wall }));
        }
    }

    pub(in crate::app) fn abandon(&mut self, now: Now) -> Vec<Effect> {
        self.view.overlay = None;
        self.inform(Input::Abandon, now)
    }

    /// Where the release that is run here stands; the last one, too.
    pub fn state(&self) -> Option<State> {
        self.running.as_ref().map(|running| running.run.state())
    }

    /// What the gates said last: in the release, else before it.
    pub fn gate_results(&self) -> &[GateResult] {
        match &self.running {
            Some(running) if running.run.stay().is_some() => &running.results,
            _ => &self.preflight,
        }
    }

    /// `w`: watches what is live now, whoever put it there.
    pub(in crate::app) fn start_watch(&mut self, now: Now) -> Vec<Effect> {
        if self.is_moving() {
            self.say("A move is still under way.", true, now);
            return Vec::new();
        }
        if let Some(why) = self.is_watched_anyway() {
            self.say(why, false, now);
            return Vec::new();
        }
        let mandate = self.deck.is_releasing().then(|| Mandate::recorded(self.deck.of_release().map(|(_, e)| e)));
        let run = Run::watching(self.course.clone(), mandate, now.world);
        self.running = Some(Running::new(run, self.ringing()));
        self.open_watch(now);
        self.say("Watching what is live now.", false, now);
        Vec::new()
    }

    /// Whether another program runs the release: what holds or moves it on is that one's, and this one says so.
    fn is_anothers(&mut self, now: Now) -> bool {
        let Some(stranger) = self.stranger().filter(|_| self.state().is_some_and(|state| !state.is_final())) else {
            return false;
        };
        let text = format!(
            "{} runs this release: T takes it over, and R rolls it back from here all the same.",
            stranger.name
        );
        self.say(text, true, now);
        true
    }

    /// Why a watch of its own would be one too many: the release under way is watched as it is.
    fn is_watched_anyway(&self) -> Option<String> {
        let run = self.running.as_ref().map(|running| &running.run).filter(|run| !run.state().is_final())?;
        if self.scope != Scope::Cockpit || !self.deck.is_releasing() {
            return None;
        }
        Some(match run.stay().filter(|stay| stay.leg == Leg::Watch) {
            Some(stay) => format!("It is being watched already, until {}.", stay.until.strftime("%H:%M:%SZ")),
            None => "The release under way is watched after its last stage. n plans the next one.".to_owned(),
        })
    }

    /// Whether a rollback is being counted down, which Esc and `p` stop.
    pub fn is_counting_down(&self) -> bool {
        self.running.as_ref().is_some_and(|running| matches!(running.run.state(), State::CountingDown { .. }))
    }
}
