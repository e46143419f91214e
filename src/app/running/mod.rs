//! A release that is run: tells the stage machine what happened, has the gates evaluated on every closed minute, and
//! carries out what the machine orders. What a person does by key goes through the same machine.

mod elsewhere;
mod steering;
mod stepping;
mod telling;
pub(super) mod weighing;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{App, asking::Scope, event::Effect};
use crate::{
    clock::Now,
    release::{
        comparison::Comparison,
        gates::GateResult,
        memory::Entry,
        names::ReleaseId,
        plan::Confirmed,
        stages::{Advance, Hold, Input, Mandate, News, Order, Run, State},
    },
};

pub use telling::{counted, gate_in_words, gates_behind, in_unit, listed};

/// A release being run, and what its gates say.
#[derive(Debug)]
pub struct Running {
    /// Where it stands.
    pub run: Run,
    /// Which release it is, once that is on record; a mere watch is none.
    pub release: Option<ReleaseId>,
    /// What the gates said last.
    pub results: Vec<GateResult>,
    /// What happened since it began here, oldest first; times are world time.
    pub news: Vec<(Timestamp, News)>,
    /// A confirmed plan that waits for its moment.
    confirmed: Option<Confirmed>,
    /// When somebody else was first seen to have taken a part of it back.
    back_since: Option<Timestamp>,
    /// How it compares with the hour before it, once it is over.
    pub comparison: Option<Comparison>,
    /// Alarms that were in ALARM before the first shift: they trigger nothing by themselves.
    ringing_before: BTreeSet<String>,
}

impl Running {
    /// A release of which nothing has been said yet.
    pub(crate) fn new(run: Run, ringing_before: BTreeSet<String>) -> Self {
        Self {
            run,
            release: None,
            results: Vec::new(),
            news: Vec::new(),
            confirmed: None,
            back_since: None,
            comparison: None,
            ringing_before,
        }
    }
}

impl Running {
    /// Whether there is something to run. A first shift that reached nothing is over once a release is under way: it is
    /// another's, who was faster.
    fn is_about_something(&self) -> bool {
        let is_held_at_nothing = matches!(self.run.state(), State::Held(Hold::ShiftFailed | Hold::Disturbed));
        !self.run.state().is_final() && (self.run.stay().is_some() || !is_held_at_nothing)
    }
}

impl App {
    /// Whether releases are run in this face of the program: a single headless `shift` or `rollback` is just that.
    pub(in crate::app) fn is_run_here(&self) -> bool {
        matches!(self.scope, Scope::Cockpit | Scope::Release)
    }

    /// Lets the release go on: called after every event.
    pub(in crate::app) fn run_on(&mut self, now: Now) -> Vec<Effect> {
        if !self.is_run_here() {
            return if self.scope == Scope::Status { self.ask_probes(now) } else { Vec::new() };
        }
        let mut effects: Vec<Effect> = self.pick_up(now).into_iter().collect();
        effects.extend(self.heed_owner(now));
        let release = self.deck.in_release().next().map(|(_, entry)| entry.id.clone());
        if let Some(running) = self.running.as_mut().filter(|running| !running.run.state().is_final()) {
            running.release = release.or(running.release.take());
        }
        effects.extend(self.weigh(now));
        effects.extend(self.inform(Input::Tick, now));
        effects.extend(self.ask_checks(now));
        effects
    }

    /// Picks a release up that is under way and that nobody runs here yet: after a restart, or another machine's.
    fn pick_up(&mut self, now: Now) -> Option<Effect> {
        let is_running = self.running.as_ref().is_some_and(Running::is_about_something);
        let is_known = self.deck.recalled.is_some() && self.deck.functions.iter().all(|f| f.alias.is_answered());
        if is_running || !is_known || self.is_moving() || !self.deck.is_releasing() || self.is_given_up() {
            return None;
        }
        let (percent, since) = self.where_it_stands();
        let entries: Vec<&Entry> = self.deck.of_release().map(|(_, entry)| entry).collect();
        let is_ours = entries.iter().all(|entry| entry.owner.is_empty() || entry.owner == self.deck.place.owner);
        let mut run = Run::resumed(self.course.clone(), Mandate::recorded(entries), percent, since);
        run.take(Input::Owner(is_ours), now.world);
        let leg = run.stay().map(|stay| stay.leg);
        self.running = Some(Running::new(run, BTreeSet::new()));
        if !is_ours {
            return None;
        }
        self.check_anew(|when| leg.is_some_and(|leg| when.follows(leg)));
        self.recall_ticks()
    }

    /// Whether this very release was run here already and is not any more, because a person said so.
    fn is_given_up(&self) -> bool {
        let mut ids = self.deck.in_release().map(|(_, entry)| &entry.id);
        self.running.as_ref().is_some_and(|running| {
            running.run.state() == State::Abandoned && ids.all(|id| running.release.as_ref() == Some(id))
        })
    }

    /// The share that every function of the release has, and since when.
    fn where_it_stands(&self) -> (f64, Timestamp) {
        let percent = self.deck.in_release().map(|(function, _)| function.percent()).fold(100.0, f64::min);
        let marks = self.deck.in_release().map(|(_, entry)| entry.shifts.last().map_or(entry.since, |mark| mark.at));
        (percent, marks.max().unwrap_or_default())
    }

    /// Tells the run what happened and carries out what it orders.
    pub(in crate::app) fn inform(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let was_owner = running.run.is_owner();
        let orders = running.run.take(input, now.world);
        let is_taken_over = !was_owner && running.run.is_owner();
        let mut effects = self.obey(orders, now);
        if is_taken_over {
            effects.extend(self.recall_ticks());
        }
        effects
    }

    /// Tells the run that a person rolls back at this moment: the order it gives is the one being carried out.
    pub(in crate::app) fn hear_of_rollback(&mut self, now: Now) -> Vec<Effect> {
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let orders = running.run.take(Input::RollBack, now.world);
        self.obey(orders.into_iter().filter(|order| *order != Order::RollBack).collect(), now)
    }

    fn obey(&mut self, orders: Vec<Order>, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        for order in orders {
            match order {
                Order::Shift { percent } => effects.extend(self.shift_as_ordered(percent, now)),
                Order::RollBack if self.is_rolling_back() => {}
                Order::RollBack => {
                    let why = self.failing_in_words();
                    effects.extend(self.by_itself(why, |app| app.roll_back(now)));
                }
                Order::Ask(_) => effects.push(Effect::Bell),
                Order::Announce(news) => effects.extend(self.announce(news, now)),
            }
        }
        effects
    }

    /// A person's plan was confirmed: the run says whether and when it goes out.
    pub(in crate::app) fn begin_shift(&mut self, confirmed: Confirmed, now: Now) -> Vec<Effect> {
        if self.running.as_ref().is_none_or(|running| running.run.state().is_final()) {
            let mut run = Run::new(self.course.clone());
            run.take(Input::Obstacles(self.obstacles(now)), now.world);
            self.running = Some(Running::new(run, self.ringing()));
        }
        let mandate = match self.course.advance {
            Advance::ByItself => Mandate::for_course(&confirmed, &self.course),
            Advance::ByHand => Mandate::for_shift(&confirmed),
        };
        let Some((mandate, running)) = mandate.zip(self.running.as_mut()) else {
            return self.record_and_start(confirmed, now);
        };
        running.confirmed = Some(confirmed);
        let mut effects = self.inform(Input::Owner(true), now);
        effects.extend(self.inform(Input::Confirmed(mandate), now));
        effects
    }
}
