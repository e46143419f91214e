//! What a person does to a release by key: next stage, hold, resume, watch.

use super::{App, Running};
use crate::{
    app::event::Effect,
    clock::Now,
    release::{
        plan::Purpose,
        stages::{Input, Mandate, Run, State},
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
        let targets = self.deck.in_release().map(|(function, _)| function.target.clone()).collect();
        self.propose(Purpose::Shift { percent }, targets, None, now)
    }

    /// `p`: hold, or go on.
    pub(in crate::app) fn hold_or_resume(&mut self, now: Now) -> Vec<Effect> {
        match self.running.as_ref().map(|running| running.run.state()).filter(|state| !state.is_final()) {
            Some(State::Held(_) | State::Asking(_)) => self.inform(Input::Resume, now),
            Some(_) => self.inform(Input::Hold, now),
            None => {
                self.say("No release is under way.", false, now);
                Vec::new()
            }
        }
    }

    /// `w`: watches what is live now, whoever put it there.
    pub(in crate::app) fn start_watch(&mut self, now: Now) -> Vec<Effect> {
        if self.is_moving() {
            self.say("A move is still under way.", true, now);
            return Vec::new();
        }
        let mandate = self.deck.is_releasing().then(|| Mandate::recorded(self.deck.in_release().map(|(_, e)| e)));
        let run = Run::watching(self.course.clone(), mandate, now.world);
        self.running = Some(Running::new(run, self.ringing()));
        self.open_watch(now);
        self.say("Watching what is live now.", false, now);
        Vec::new()
    }

    /// Whether a rollback is being counted down, which Esc and `p` stop.
    pub fn is_counting_down(&self) -> bool {
        self.running.as_ref().is_some_and(|running| matches!(running.run.state(), State::CountingDown { .. }))
    }
}
