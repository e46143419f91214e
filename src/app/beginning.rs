//! What a release needs before its first shift: the commands that run then, a reason outside the allowed hours, and
//! what stops even a person's own shift.

use super::App;
use crate::{
    clock::Now,
    release::{
        gates::command::Moment,
        hours,
        plan::Purpose,
        stages::{Advance, Obstacle},
    },
};

impl App {
    /// Whether a plan would begin a release.
    pub fn is_first_shift(&self, purpose: Purpose) -> bool {
        matches!(purpose, Purpose::Shift { .. }) && !self.deck.is_releasing()
    }

    /// A first shift is planned: the commands that belong before it run, so that the plan can show what they say.
    pub(super) fn run_commands_before(&mut self, purpose: Purpose) {
        if self.is_run_here() && self.is_first_shift(purpose) {
            self.want_commands(|when| when == Moment::Before);
        }
    }

    /// Whether it is outside the allowed hours and nobody has said why.
    pub(super) fn wants_reason(&self, purpose: Purpose, now: Now) -> bool {
        let has_reason = self.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
        self.is_first_shift(purpose) && !has_reason && !hours::allow(self.allowed_hours(), now.world)
    }

    /// Why a person's own first shift does not go out, in a sentence that says what to do. What gates and commands
    /// found is shown in the plan and stops nobody; alarms that ring are acknowledged by confirming it.
    pub(super) fn stops_first_shift(&mut self, purpose: Purpose, now: Now) -> Option<String> {
        if !self.is_first_shift(purpose) || self.course.advance == Advance::ByItself {
            return None;
        }
        if self.wants_reason(purpose, now) {
            let hours = hours::in_words(self.allowed_hours());
            return Some(format!("It is outside the allowed hours ({hours}): say why. Nothing was sent."));
        }
        if !self.is_run_here() {
            return None;
        }
        self.acknowledged = self.ringing();
        let stops = self.obstacles(now).into_iter().find(Obstacle::stops_a_person)?;
        Some(format!("Nothing was sent: {stops}."))
    }

    /// Whether all is known that an automatic release rests on: what a plan needs, and what its gates look at.
    pub fn is_ready_to_release(&self) -> bool {
        self.is_ready_to_plan()
            && self.deck.alarms_are_known()
            && self.are_metrics_read_once()
            && self.are_probes_answered()
    }

    /// Whether something stands in the way of the first shift that does not go away by itself.
    pub fn is_blocked(&self, now: Now) -> bool {
        let commands = &self.deck.environment.commands;
        let is_waiting = commands.iter().any(|settings| self.checks.is_running(&settings.command.name));
        !is_waiting && !self.obstacles(now).is_empty()
    }
}
