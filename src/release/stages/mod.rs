//! A release that is run: stages that bake, a watch, and what happens when something goes wrong. One state machine for
//! the whole group of functions, fed with what happened and with the time, giving orders. It knows neither AWS nor the
//! gates' measures nor the screen: a shift is an order with a share in it, and evidence is one word.
//!
//! | state | what leads out of it |
//! |---|---|
//! | *preflight* | a confirmed plan with nothing in its way → *waiting* (by itself) or *shifting* (a person's own shift) |
//! | *waiting* for the start of a minute | the minute → *shifting*; an obstacle → *preflight*; bad or old evidence → *observing* |
//! | *shifting* | all functions → *observing*; some → *torn*; none → *held* at the weights of before |
//! | *torn* | retry → *shifting*; `rollback = "auto"` → *counting down* |
//! | *observing*: a bake, or the watch after the last stage | over and passed → *waiting* or *ready*, after the watch *all clear* (*ready* where another program runs it); undecided → once more, then as `on_undecided` says; failed → as `rollback` says |
//! | *ready* (by hand only) | the next stage's plan → *shifting*; failed → as `rollback` says |
//! | *asking* | go on → *shifting*; extend, resume → *observing* |
//! | *counting down* | the end → *rolling back*; hold → *held*, or *torn* again |
//! | *held* | resume → *observing*; go on → *shifting* |
//! | *rolling back* | all functions → *rolled back*; else → *stuck* |
//! | *stuck* | retry → *rolling back* |
//! | every state that has a mandate, even the last ones | roll back → *rolling back*, without a gate or a question |
//! | every state but the last ones | hold → *held*; abandon → *abandoned*; an alias moved by somebody else → *held*; rolled back by somebody else → *rolled back* |
//!
//! What failed means: both versions alike → *asking*, always. Else `auto` → *counting down*, `ask` → *asking*,
//! `never` → *held*. Only the owner of the release moves by itself; who is no owner asks instead.

mod course;
mod flow;
mod passing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;
mod words;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    gates::Standing,
    metrics::minute::{self, Minute},
};

pub use course::{Advance, Course, Mandate, MandateRow, OnFailure, OnUndecided};
pub use words::{By, Cause, Evidence, Hold, Input, Leg, Moved, News, Obstacle, Order, Question, State, Stay};

/// A release being run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    course: Course,
    mandate: Option<Mandate>,
    state: State,
    /// The weights that every function was last seen to have, and since when. `None` before the first shift.
    stay: Option<Stay>,
    obstacles: Vec<Obstacle>,
    evidence: Option<Evidence>,
    is_owner: bool,
}

impl Run {
    /// A release of which nothing has been written.
    pub fn new(course: Course) -> Self {
        Self {
            course,
            mandate: None,
            state: State::Preflight,
            stay: None,
            obstacles: Vec::new(),
            evidence: None,
            is_owner: true,
        }
    }

    /// A release found under way, on record in the journal or in the alias: at this share (percent 0–100) since then.
    /// A share at or above the last stage is being watched.
    pub fn resumed(course: Course, mandate: Mandate, percent: f64, since: Timestamp) -> Self {
        let stay = Stay::begin(&course, percent, since);
        Self { mandate: Some(mandate), state: State::Observing, stay: Some(stay), ..Self::new(course) }
    }

    /// A watch on what is live now, from now on. Without a mandate it only watches.
    pub fn watching(course: Course, mandate: Option<Mandate>, now: Timestamp) -> Self {
        let stay = Stay { leg: Leg::Watch, until: later(now, course.watch), ..Stay::begin(&course, 100.0, now) };
        Self { mandate, state: State::Observing, stay: Some(stay), ..Self::new(course) }
    }

    /// Takes in what happened. `now` is world time.
    pub fn take(&mut self, input: Input, now: Timestamp) -> Vec<Order> {
        self.follow_the_clock_back(now);
        match input {
            Input::RollBack => self.roll_back(By::Person),
            Input::Tick => self.tick(now),
            Input::Evidence(evidence) => self.weigh(evidence, now),
            Input::Shifted(moved) => self.shifted(moved, now),
            Input::RolledBack(moved) => self.rolled_back(moved),
            Input::Owner(mine) => self.owned(mine),
            _ if self.state.is_final() => Vec::new(),
            Input::Obstacles(obstacles) => self.obstructed(obstacles, now),
            Input::Confirmed(mandate) => self.confirmed(mandate, now),
            Input::Hold => self.hold(),
            Input::Resume => self.resume(now),
            Input::Extend => self.extend(now),
            Input::GoOn => self.go_on(),
            Input::Retry => self.retry(),
            Input::Finish => self.finish(),
            Input::Abandon => self.abandon(),
            Input::Disturbed => self.disturbed(),
        }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The time that is being spent at the present weights.
    pub fn stay(&self) -> Option<&Stay> {
        self.stay.as_ref()
    }

    /// How it is to be run.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// What may be moved. It is never lost once it is there.
    pub fn mandate(&self) -> Option<&Mandate> {
        self.mandate.as_ref()
    }

    /// Whether it moves by itself here.
    pub fn is_owner(&self) -> bool {
        self.is_owner
    }

    /// What stands in the way of the first shift.
    pub fn obstacles(&self) -> &[Obstacle] {
        &self.obstacles
    }

    /// The share, in percent 0–100, that every function was last seen to have; `None` before the first shift.
    pub fn percent(&self) -> Option<f64> {
        self.stay.as_ref().map(|stay| stay.percent)
    }

    /// The next stage, in percent 0–100.
    pub fn next_percent(&self) -> Option<f64> {
        self.course.after(self.percent().unwrap_or(0.0))
    }

    /// When the passing of time alone will change something.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Waiting { at, .. } => Some(at),
            State::CountingDown { until, .. } => Some(until),
            State::Observing => {
                let stay = self.stay.as_ref()?;
                Some(stay.over_since.map_or(stay.until, |over| later(over, self.course.patience)))
            }
            _ => None,
        }
    }
}

impl Stay {
    /// A stay at a share that was acknowledged at `since`.
    fn begin(course: &Course, percent: f64, since: Timestamp) -> Self {
        let (leg, length) = if course.ends_at(percent) { (Leg::Watch, course.watch) } else { (Leg::Bake, course.bake) };
        Self { leg, percent, since, until: later(since, length), extended: false, over_since: None }
    }

    /// How much of it has passed, and how long it is.
    pub fn progress(&self, now: Timestamp) -> (Duration, Duration) {
        let positive = |span: SignedDuration| Duration::try_from(span).unwrap_or_default();
        let length = positive(self.until.duration_since(self.since));
        (positive(now.duration_since(self.since)).min(length), length)
    }
}

/// A moment so much later.
fn later(moment: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Now, if a minute has just begun; else the start of the next. A minute in which the weights change belongs to
/// neither version, so shifts that nobody waits for leave as few of them as they can.
fn start_of_minute(now: Timestamp) -> Timestamp {
    let this = Minute::of(now);
    if now.duration_since(this.start()) <= minute::START { now } else { this.end() }
}
