//! Carries actions out. A dialog on top takes the actions it knows; the rest mean the same everywhere.

use super::{
    App,
    event::Effect,
    planning::READING_TIME,
    view::{AlarmDialog, Detail, Overlay, Panel, StepDialog},
};
use crate::{
    clock::Now,
    keys::Action,
    release::{
        names::{Target, Version},
        plan::Purpose,
        routing::Routing,
        stages::Input,
    },
};

/// How many rows a page is.
const PAGE: isize = 10;

impl App {
    /// Carries an action out.
    pub fn act(&mut self, action: Action, now: Now) -> Vec<Effect> {
        if self.is_counting_down() && waits_for_countdown(action) {
            self.say("A rollback is being counted down. Esc or p stops it, R does it now.", true, now);
            return Vec::new();
        }
        if self.view.overlay.as_ref().and_then(Overlay::opener) == Some(action) {
            self.put_dialog_away();
            return Vec::new();
        }
        match action {
            Action::RollBack => return self.press_roll_back(now),
            Action::Quit => return self.quit(now),
            Action::Back => return self.step_back(now),
            Action::Confirm => return self.confirm(now),
            Action::Refresh => self.refresh(now),
            Action::Help => self.view.overlay = Some(Overlay::Help(0)),
            Action::History => return self.show_history(),
            Action::Theme => self.view.next_theme(),
            Action::Up => self.move_cursor(-1),
            Action::Down => self.move_cursor(1),
            Action::PageUp => self.move_cursor(-PAGE),
            Action::PageDown => self.move_cursor(PAGE),
            Action::Top => self.move_cursor(isize::MIN),
            Action::Bottom => self.move_cursor(isize::MAX),
            Action::Stage(index) => return self.stage(index, now),
            Action::Undo => return self.undo(now),
            Action::Done => self.offer_done(now),
            Action::TakeOver => self.offer_take_over(now),
            Action::Mark => self.mark(now),
            Action::PickVersion => self.pick(now),
            Action::RollBackOne => return self.roll_back_one(now),
            Action::NextStage => return self.next_stage(now),
            Action::Hold => return self.hold_or_resume(now),
            Action::Watch => return self.start_watch(now),
            Action::Retry => return self.retry(now),
            Action::Extend => return self.extend(now),
            Action::Abandon => self.offer_abandon(now),
            Action::Gates => self.view.overlay = Some(Overlay::Gates(0)),
            Action::Checklist => self.show_checklist(now),
            Action::Runbook => self.show_runbook(now),
            Action::Environments => self.show_environments(now),
            Action::Comparison => self.show_comparison(now),
            Action::Open => {
                if let Some(Overlay::Environments(row)) = self.view.overlay {
                    return self.switch_environment(row);
                }
                self.open(now);
            }
            Action::ConsoleUrl => self.show_console_url(),
            Action::Filter | Action::NextPanel | Action::PreviousPanel => self.look_elsewhere(action),
        }
        Vec::new()
    }

    /// R, wherever it is pressed. Right after a rollback it opens nothing, so that a tired second press is harmless.
    pub(super) fn press_roll_back(&mut self, now: Now) -> Vec<Effect> {
        let has_just_finished = self.view.overlay == Some(Overlay::Progress)
            && self.operation.as_ref().is_some_and(|operation| operation.purpose.is_roll_back())
            && self.to_be_rolled_back().is_empty();
        if has_just_finished {
            self.say("Nothing is left to roll back. Esc closes this.", false, now);
            return Vec::new();
        }
        if self.deck.write_ban().is_none() && !self.to_be_rolled_back().is_empty() {
            let mut effects = self.hear_of_rollback(now);
            effects.extend(self.roll_back(now));
            return effects;
        }
        self.roll_back(now)
    }

    fn quit(&mut self, now: Now) -> Vec<Effect> {
        let is_asked = self.view.overlay == Some(Overlay::Quit);
        let elsewhere = self.neighbours.iter().any(|it| !it.is_shown && it.is_releasing());
        let is_nothing_left = !self.deck.is_releasing() && self.running_steps().is_empty() && !elsewhere;
        if self.leaving || is_asked || is_nothing_left {
            return self.leave(now);
        }
        self.view.overlay = Some(Overlay::Quit);
        Vec::new()
    }

    /// Esc: closes what is on top, stops retries, clears the filter, forgets the marks; never quits.
    fn step_back(&mut self, now: Now) -> Vec<Effect> {
        if self.view.overlay == Some(Overlay::Progress) && self.is_moving() {
            self.say("No more retries. What is under way is still awaited; R rolls back.", true, now);
            return self.stop_retries(now);
        }
        if self.is_counting_down() {
            return self.inform(Input::Hold, now);
        }
        if self.second_look.take().is_some() {
            self.say("R is called off. Nothing was sent.", false, now);
            return Vec::new();
        }
        if let Some(Overlay::History(history)) = &mut self.view.overlay
            && history.scroll.take().is_some()
        {
            return Vec::new();
        }
        if let Some(Overlay::Step(StepDialog { row, .. })) = self.view.overlay {
            self.view.overlay = Some(Overlay::Runbook(row));
            return Vec::new();
        }
        if self.view.overlay.is_some() {
            self.put_dialog_away();
        } else if self.view.filtering || !self.view.filter.is_empty() {
            self.view.filtering = false;
            self.view.filter.clear();
        } else {
            self.view.marked.clear();
        }
        Vec::new()
    }

    /// What is under way stays in sight once nothing covers it any more.
    pub(super) fn put_dialog_away(&mut self) {
        self.gathering = None;
        let is_under_way = self.operation.as_ref().is_some_and(|operation| !operation.is_finished());
        self.view.overlay = is_under_way.then_some(Overlay::Progress);
    }

    /// `y`, once the question has been on screen long enough to be read. One that comes earlier begins that time anew: a
    /// key held down, or typed ahead of the screen, answers nothing.
    fn confirm(&mut self, now: Now) -> Vec<Effect> {
        if !self.takes_yes(now) {
            self.view.early_yes = now.wall;
            return Vec::new();
        }
        match self.view.overlay.clone() {
            Some(Overlay::Plan(_)) => self.confirm_plan(now),
            Some(Overlay::Candidates(list)) => {
                let Some(version) = list.row.and_then(|row| list.versions.get(row)).copied() else {
                    self.say("Nothing is chosen yet: ↓ goes to the one that all traffic shall go to.", true, now);
                    return Vec::new();
                };
                if self.is_moving() {
                    return self.still_moving(now);
                }
                self.view.overlay = None;
                self.roll_back_to(&list.target, version, now)
            }
            Some(Overlay::Done(dialog)) => self.declare_done(&dialog, now),
            Some(Overlay::TakeOver(dialog)) => self.confirm_take_over(&dialog, now),
            Some(Overlay::Step(dialog)) => self.confirm_step(&dialog, now),
            Some(Overlay::Abandon(_)) => self.abandon(now),
            Some(Overlay::Quit) => self.leave(now),
            _ => Vec::new(),
        }
    }

    /// Whether there is a question on screen, and has been for long enough.
    pub fn takes_yes(&self, now: Now) -> bool {
        let asked = self.view.overlay.as_ref().and_then(Overlay::asks_since);
        asked.is_some_and(|asked| now.wall >= asked.max(self.view.early_yes) + READING_TIME)
    }

    fn refresh(&mut self, now: Now) {
        self.hurry();
        self.say("Reading everything again.", false, now);
    }

    /// A stage key: the plan for that stage.
    fn stage(&mut self, index: usize, now: Now) -> Vec<Effect> {
        let Some(percent) = self.release.stages.get(index).copied() else {
            let stages = self.release.stages.len();
            self.say(format!("There is no stage {}: the configuration has {stages}.", index + 1), false, now);
            return Vec::new();
        };
        self.propose_stage(f64::from(percent), now)
    }

    fn undo(&mut self, now: Now) -> Vec<Effect> {
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
            return Vec::new();
        }
        let targets = self.undoable(now);
        if targets.is_empty() {
            self.say("There is no rollback of the last 10 minutes to undo.", false, now);
            return Vec::new();
        }
        self.propose(Purpose::Undo, targets, None, now)
    }

    /// Space: marks a function; in a plan, takes a row out or in again.
    fn mark(&mut self, now: Now) {
        if let Some(Overlay::Checklist(row)) = self.view.overlay {
            return self.tick_row(row, now);
        }
        if let Some(Overlay::Runbook(row)) = self.view.overlay {
            return self.tick_step(row, now);
        }
        if let Some(Overlay::Plan(dialog)) = &mut self.view.overlay {
            let row = dialog.row;
            if let Some(row) = dialog.plan.as_mut().and_then(|plan| plan.rows.get_mut(row)) {
                row.dropped = !row.dropped;
            }
            return;
        }
        if self.view.overlay.is_some() {
            return;
        }
        if let Some(target) = self.selected().map(|function| function.target.clone())
            && !self.view.marked.remove(&target)
        {
            self.view.marked.insert(target);
        }
    }

    /// `v` in the detail: the version under the cursor becomes the candidate.
    fn pick(&mut self, now: Now) {
        let Some(Overlay::Detail(detail)) = self.view.overlay.clone() else {
            return self.say("Open a function first (⏎): v picks one of its versions.", false, now);
        };
        let Some(version) = self.detail_versions(&detail.target).get(detail.row).copied() else {
            return;
        };
        match self.pick_version(&detail.target, version) {
            Ok(()) => {
                self.say(
                    format!("{} → {version} is the candidate. A digit plans the stage.", detail.target),
                    false,
                    now,
                );
            }
            Err(why) => self.say(format!("Not a candidate: {why}."), true, now),
        }
    }

    /// Makes a version the candidate of a function.
    ///
    /// # Errors
    /// A sentence for a person: the version cannot be one, or a release has fixed its versions already.
    pub fn pick_version(&mut self, target: &Target, version: Version) -> Result<(), String> {
        let function = self.deck.function_mut(target).ok_or("it is not in the configuration")?;
        if let Some(entry) = function.entry() {
            if entry.new == version {
                return Ok(());
            }
            return Err(format!(
                "the release under way moves version {}: roll it back or finish it before another is chosen",
                entry.new
            ));
        }
        if version == Version::Latest {
            return Err("$LATEST is not published".to_owned());
        }
        if function.alias.value().is_some_and(|alias| alias.routing == Routing::only(version)) {
            return Err(format!("version {version} is live already"));
        }
        function.picked = Some(version);
        Ok(())
    }

    /// `r` in the detail: this function alone, after a plan; outside a release the versions to go back to.
    fn roll_back_one(&mut self, now: Now) -> Vec<Effect> {
        let Some(Overlay::Detail(Detail { target, .. })) = self.view.overlay.clone() else {
            self.say("Open a function first (⏎): r rolls it back alone. R rolls the whole release back.", false, now);
            return Vec::new();
        };
        if self.is_moving() {
            return self.still_moving(now);
        }
        if self.deck.function(&target).is_some_and(|function| function.entry().is_some()) {
            return self.propose(Purpose::RollBack, vec![target], None, now);
        }
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
        } else {
            self.offer_candidates_of(&target, now);
        }
        Vec::new()
    }

    /// One move at a time; R alone waits for none.
    pub(super) fn still_moving(&mut self, now: Now) -> Vec<Effect> {
        self.say("A move is still under way. Wait for it, or press R to roll the release back.", true, now);
        Vec::new()
    }

    /// Enter. It opens; it never confirms anything.
    fn open(&mut self, now: Now) {
        if let Some(Overlay::Runbook(row)) = self.view.overlay {
            return self.open_step(row, now);
        }
        if let Some(Overlay::History(history)) = &mut self.view.overlay {
            history.scroll.get_or_insert(0);
        }
        if self.view.overlay.is_some() {
            return;
        }
        if self.view.panel == Panel::Alarms
            && let Some(alarm) = self.selected_alarm()
        {
            let dialog = AlarmDialog { name: alarm.name.clone(), region: alarm.region.clone(), scroll: 0 };
            self.view.overlay = Some(Overlay::Alarm(dialog));
            return;
        }
        if self.view.panel == Panel::Metrics
            && let Some(panel) = self.selected_panel()
        {
            self.view.overlay = Some(Overlay::Metric(panel.title.clone()));
            return;
        }
        if matches!(self.view.panel, Panel::Functions | Panel::Charts)
            && let Some(target) = self.selected().map(|function| function.target.clone())
        {
            self.view.overlay = Some(Overlay::Detail(Detail { target, row: 0 }));
        }
    }
}

/// What a person cannot do while a rollback is counted down: everything but to stop it, to do it, and to look about.
fn waits_for_countdown(action: Action) -> bool {
    match action {
        Action::Stage(_)
        | Action::NextStage
        | Action::Watch
        | Action::RollBackOne
        | Action::Undo
        | Action::Done
        | Action::Retry
        | Action::Extend
        | Action::Abandon
        | Action::TakeOver
        | Action::Confirm
        | Action::PickVersion => true,
        Action::RollBack
        | Action::Hold
        | Action::Mark
        | Action::Open
        | Action::Back
        | Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::Top
        | Action::Bottom
        | Action::NextPanel
        | Action::PreviousPanel
        | Action::Filter
        | Action::Refresh
        | Action::ConsoleUrl
        | Action::Theme
        | Action::Help
        | Action::History
        | Action::Gates
        | Action::Checklist
        | Action::Runbook
        | Action::Environments
        | Action::Comparison
        | Action::Quit => false,
    }
}
