//! Carries confirmed plans out: the record first, then the writes, then what is remembered of them.

use std::time::Duration;

use super::{
    App, Errand,
    asking::Scope,
    event::{Effect, Pace, Read, Reply},
    timeline::Tone,
    view::Overlay,
};
use crate::{
    clock::Now,
    config::StepMoment,
    release::{
        count,
        facts::Alias,
        memory::{Entry, Memory, RolledBack, ShiftMark},
        names::{ReleaseId, Target},
        operation::{Operation, Order, Row, Step},
        plan::{Confirmed, PlanRow, Purpose},
        record::Ending,
        routing::{Routing, trim_percent},
    },
};

impl App {
    /// Starts a confirmed plan. A forward move is recorded first, and leaves only when the record is on disk; a
    /// rollback waits for nothing.
    pub(super) fn begin(&mut self, mut confirmed: Confirmed, now: Now) -> Vec<Effect> {
        if self.wants_pre_stage(&confirmed) {
            return self.begin_pre_stage(confirmed, now);
        }
        self.write_record_into(&mut confirmed, now);
        if confirmed.plan().purpose.is_roll_back() {
            self.note_left_alone(confirmed.plan(), now);
        }
        match confirmed.plan().purpose {
            Purpose::Shift { .. } if self.is_run_here() => self.begin_shift(confirmed, now),
            Purpose::RollBack | Purpose::PreStage | Purpose::TakeOver | Purpose::Finish => self.start(&confirmed, now),
            Purpose::Shift { .. } | Purpose::Undo => self.record_and_start(confirmed, now),
        }
    }

    /// Writes a forward move down; it starts when that is on disk.
    pub(super) fn record_and_start(&mut self, mut confirmed: Confirmed, now: Now) -> Vec<Effect> {
        self.write_record_into(&mut confirmed, now);
        self.note_without_room(confirmed.plan(), now);
        let (purpose, id) = (confirmed.plan().purpose, self.release_id(now));
        let moved = confirmed.plan().rows.iter().filter(|row| !row.is_nothing_to_do() || row.waits);
        let notes: Vec<(Target, Memory)> =
            moved.filter_map(|row| self.memory_with_entry(row, purpose, &id, now)).collect();
        if notes.is_empty() {
            return self.start(&confirmed, now);
        }
        let account = self.deck.account().unwrap_or_default().to_owned();
        let mut effects: Vec<Effect> = self.intend(confirmed.plan(), &id, now).into_iter().collect();
        let ticket = self.ticket(Errand::Record(confirmed, notes.clone()));
        effects.push(Effect::Remember(ticket, account, notes));
        effects
    }

    /// What is remembered of a function once its move is confirmed: the entry under way, the one that an undone
    /// rollback ended, or a new one.
    fn memory_with_entry(&self, row: &PlanRow, purpose: Purpose, id: &ReleaseId, now: Now) -> Option<(Target, Memory)> {
        let function = self.deck.function(&row.target)?;
        let mut memory = function.memory.clone();
        let is_meant = |entry: &&Entry| entry.stable == row.stable && entry.new == row.new;
        let undone = memory.rolled_back.as_ref().filter(|_| purpose == Purpose::Undo).map(|undone| &undone.entry);
        let known = self.deck.part(function).or(undone).filter(is_meant);
        let mut entry = known.cloned().unwrap_or_else(|| self.entry_for(row, id.clone(), now));
        // Who moves a release forward runs it from then on; its plan said so.
        entry.owner.clone_from(&self.deck.place.owner);
        memory.release = Some(entry);
        Some((row.target.clone(), memory))
    }

    /// The record is on disk, or could not be written. Without it no forward move leaves.
    pub(super) fn answer_record(
        &mut self,
        confirmed: &Confirmed,
        notes: Vec<(Target, Memory)>,
        reply: Reply,
        now: Now,
    ) -> Vec<Effect> {
        let Reply::Remembered(outcome) = reply else {
            return Vec::new();
        };
        if let Err(why) = outcome {
            self.settle_unsent("the release could not be recorded; nothing was sent", now);
            self.forget_held_plan();
            self.say(
                format!("The release could not be recorded ({why}). Nothing was sent; traffic is as it was."),
                true,
                now,
            );
            return Vec::new();
        }
        for (target, memory) in notes {
            if let Some(function) = self.deck.function_mut(&target) {
                function.memory = memory;
            }
        }
        self.view.marked.clear();
        self.start(confirmed, now)
    }

    /// Calls a forward move off whose record is still on its way to the disk: none of it was sent, and none will be.
    pub(super) fn call_off(&mut self, now: Now) -> bool {
        let before = self.errands.len();
        self.errands.retain(|_, errand| !matches!(errand, Errand::Record(..)));
        let is_unsent = self.errands.len() < before;
        // A plan that waits for its pre-stage is given up with it; while the pre-stage moves, it meets its end itself.
        let is_held = (is_unsent || !self.is_operation_under_way()) && self.forget_held_plan();
        let is_called_off = is_unsent || is_held;
        if is_called_off {
            self.settle_unsent("called off before anything was sent", now);
            let text = "called the shift off before anything was sent; traffic is as it was";
            self.timeline.add(now.world, "flightdeck", text, Tone::Plain);
        }
        is_called_off
    }

    pub(super) fn start(&mut self, confirmed: &Confirmed, now: Now) -> Vec<Effect> {
        let is_back = confirmed.plan().purpose.is_roll_back();
        let joins = |operation: &&mut Operation| {
            let is_open = operation.is_rolling_back() || self.is_following && operation.purpose.is_roll_back();
            is_back && is_open
        };
        let under_way = self.operation.as_mut().filter(joins);
        let orders = if let Some(under_way) = under_way {
            under_way.join(confirmed, now.wall)
        } else {
            self.settle_overtaken(now);
            let (operation, orders) = Operation::start(confirmed, now.wall);
            self.errands.retain(|_, errand| !matches!(errand, Errand::Moving(_)));
            self.operation = Some(operation);
            orders
        };
        match confirmed.plan().purpose {
            // It is what a held plan waits for.
            Purpose::PreStage => {}
            Purpose::RollBack => {
                self.forget_held_plan();
                self.call_off(now);
            }
            Purpose::Shift { .. } | Purpose::Undo | Purpose::TakeOver | Purpose::Finish => {
                self.forget_doubts();
                self.call_off(now);
            }
        }
        self.gathering = None;
        match confirmed.plan().purpose {
            Purpose::RollBack => self.call_runbook(StepMoment::RollBack),
            Purpose::Shift { .. } | Purpose::PreStage | Purpose::Undo => self.dismiss_runbook(),
            Purpose::TakeOver | Purpose::Finish => {}
        }
        if confirmed.plan().purpose != Purpose::Finish {
            self.view.overlay = Some(Overlay::Progress);
        }
        let mut effects = self.carry_out_orders(orders);
        effects.extend(self.write_under_way(now));
        if is_back {
            effects.extend(self.drop_lambda_reads());
        }
        self.errands.retain(|_, errand| !matches!(errand, Errand::Planning(_)));
        effects.extend(self.finish_if_done(now));
        effects
    }

    /// Stops retrying what is under way.
    pub(crate) fn stop_retries(&mut self, now: Now) -> Vec<Effect> {
        let Some(operation) = self.operation.as_mut().filter(|operation| !operation.is_finished()) else {
            return Vec::new();
        };
        operation.stop();
        self.finish_if_done(now)
    }

    fn carry_out_orders(&mut self, orders: Vec<Order>) -> Vec<Effect> {
        orders.into_iter().map(|order| self.carry_out_order(order)).collect()
    }

    fn carry_out_order(&mut self, order: Order) -> Effect {
        match order {
            Order::Write(write) => Effect::Write(self.ticket(Errand::Moving(write.target().clone())), write),
            Order::Read(target) => {
                let ticket = self.ticket(Errand::Moving(target.clone()));
                Effect::Read(ticket, Read::Alias(target, Pace::Urgent))
            }
        }
    }

    /// Sends again what waited long enough.
    pub(super) fn carry_on(&mut self, now: Now) -> Vec<Effect> {
        let Some(operation) = &mut self.operation else {
            return Vec::new();
        };
        let orders = operation.due(now.wall);
        self.carry_out_orders(orders)
    }

    /// Takes the reply to a read or a write of the operation in.
    pub(super) fn answer_moving(&mut self, target: &Target, reply: Reply, now: Now) -> Vec<Effect> {
        self.hear_of_write(target, &reply, now);
        self.hear_of_record(target, &reply, now);
        let Some(operation) = &mut self.operation else {
            return Vec::new();
        };
        let alias: Option<Alias> = match &reply {
            Reply::Written(_, Ok(receipt)) => Some(receipt.alias.clone()),
            Reply::Alias(_, Ok(alias)) => Some(alias.clone()),
            _ => None,
        };
        let order = match reply {
            Reply::Written(_, outcome) => operation.written(target, outcome.map(|receipt| receipt.alias), now.wall),
            Reply::Alias(_, outcome) => operation.read(target, outcome, now.wall),
            _ => return Vec::new(),
        };
        let row = operation.row(target).cloned();
        match (alias, self.deck.function_mut(target)) {
            (Some(alias), Some(function)) => function.alias.set(alias, now.world),
            (Some(alias), None) => self.know_pre_stage(target, alias, now),
            (None, _) => {}
        }
        if let Some(order) = order {
            return vec![self.carry_out_order(order)];
        }
        let mut effects = Vec::new();
        if let Some(row) = row.filter(|row| row.step.is_good()) {
            effects.extend(self.remember_move(&row, now));
        }
        effects.extend(self.finish_if_done(now));
        effects
    }

    /// Writes down what a finished row means for the next run of the program.
    fn remember_move(&mut self, row: &Row, now: Now) -> Option<Effect> {
        let purpose = self.operation.as_ref()?.purpose;
        let id = self.release_id(now);
        let by = self.deck.caller.value().map_or_else(|| self.deck.place.os_user.clone(), |c| c.short().to_owned());
        let account = self.deck.account().unwrap_or_default().to_owned();
        let owner = self.deck.place.owner.clone();
        if purpose.is_roll_back() && self.deck.function(&row.target).is_none() {
            return self.forget_pre_stage(&row.target);
        }
        let function = self.deck.function_mut(&row.target)?;
        let memory = &mut function.memory;
        match purpose {
            Purpose::Shift { .. } | Purpose::Undo => {
                let percent = row.to.percent_of(row.new);
                memory.release.as_mut()?.shifts.push(ShiftMark { at: now.world, percent });
                memory.rolled_back = None;
                memory.withdrawn.retain(|version| *version != row.new);
                function.picked = None;
            }
            Purpose::TakeOver => memory.release.as_mut()?.owner = owner,
            Purpose::PreStage | Purpose::Finish => return None,
            Purpose::RollBack => {
                let entry = memory.release.take().filter(|entry| entry.new == row.new);
                let entry = entry.unwrap_or_else(|| unrecorded(id, by, row, now));
                memory.ended = Some(entry.id.clone());
                memory.rolled_back = Some(RolledBack { percent: row.from.percent_of(row.new), at: now.world, entry });
                memory.last_stable = Some(row.stable);
                memory.withdrawn.retain(|version| *version != row.stable);
                if !memory.withdrawn.contains(&row.new) {
                    memory.withdrawn.push(row.new);
                }
            }
        }
        let note = vec![(row.target.clone(), memory.clone())];
        Some(Effect::Remember(self.ticket(Errand::Note), account, note))
    }

    /// Closes an operation that has come to its end: the timeline, the message, the next step.
    fn finish_if_done(&mut self, now: Now) -> Vec<Effect> {
        self.settle_finished(now);
        let Some(operation) = self.operation.as_ref().filter(|operation| operation.is_finished()) else {
            return Vec::new();
        };
        let is_good = operation.rows.iter().all(|row| row.step.is_good());
        let (purpose, slowest) = (operation.purpose, operation.rows.iter().filter_map(|row| row.acknowledged).max());
        let conflicts: Vec<(Target, Routing)> = operation
            .rows
            .iter()
            .filter_map(|row| match &row.step {
                Step::Conflict(alias) => Some((row.target.clone(), alias.routing)),
                _ => None,
            })
            .collect();
        self.note_outcome(purpose, slowest, now);
        for (target, routing) in &conflicts {
            let what = format!("{target} was changed elsewhere: it is now {routing}; nothing was overwritten");
            self.timeline.add(now.world, "AWS", what, Tone::Warning);
            self.deck.recalled = None;
        }
        let mut effects = if is_good { Vec::new() } else { vec![Effect::Bell] };
        effects.extend(self.report_move(purpose, now));
        if purpose == Purpose::RollBack && is_good && !self.deck.is_releasing() {
            let note = self.note_of_rollback();
            self.end_in_journal(Ending::RolledBack, note, now);
        }
        let is_watched = self.view.overlay == Some(Overlay::Progress);
        if self.leaving {
            effects.push(Effect::Quit);
        } else if !conflicts.is_empty() && purpose.is_forward() && purpose != Purpose::PreStage && is_watched {
            let names = conflicts.iter().map(|(target, _)| target.to_string()).collect::<Vec<_>>().join(", ");
            let notice =
                format!("{names} changed since the plan was drawn. Nothing was overwritten. This is how it is now:");
            let targets = conflicts.into_iter().map(|(target, _)| target).collect();
            effects.extend(self.propose(purpose, targets, Some(notice), now));
        } else if is_good && !purpose.is_roll_back() && is_watched {
            self.view.overlay = None;
        }
        effects
    }

    fn note_outcome(&mut self, purpose: Purpose, slowest: Option<Duration>, now: Now) {
        let rows = || self.operation.iter().flat_map(|operation| &operation.rows);
        let is_good = rows().all(|row| row.step.is_good());
        let moved = || rows().filter(|row| !row.waits).map(|row| (row.target.kind, row.step.is_good()));
        let count = count::counted_of(moved());
        let what = match purpose {
            Purpose::Shift { percent } => {
                let others = count::waiting(rows().filter(|row| row.waits).map(|row| row.target.kind));
                format!("shifted {count} to {}%{others}", trim_percent(percent))
            }
            Purpose::PreStage => format!("moved the pre-stage of {count}"),
            Purpose::Undo => format!("undid the rollback of {count}"),
            Purpose::TakeOver => format!("took over {count}"),
            Purpose::Finish => return,
            Purpose::RollBack => format!("rolled back {count}"),
        };
        let took = slowest.map(|took| format!(" (acknowledged within {} ms, read back)", took.as_millis()));
        let by_itself = self.why_rolled_back().filter(|_| purpose.is_roll_back());
        let why = self.reason.as_deref().or(by_itself.as_deref()).map(|reason| format!(": {reason}"));
        let text = format!("{what}{}{}", took.unwrap_or_default(), why.unwrap_or_default());
        let who = self.deck.caller.value().map_or("flightdeck", |caller| caller.short()).to_owned();
        match self.not_sure_in_words().filter(|_| purpose.is_roll_back()) {
            Some(behind) => self.say(format!("{text}; {behind}"), true, now),
            None => self.say(text.clone(), !is_good, now),
        }
        // On a screen a reason belongs to the move it was typed for; a command has one for all it does.
        if self.scope == Scope::Cockpit {
            self.reason = None;
        }
        let is_whole = is_good && (!purpose.is_roll_back() || self.has_all_back());
        self.timeline.add(now.world, who, text, if is_whole { Tone::Good } else { Tone::Bad });
        if let Some(unsure) = self.unsure_in_words().filter(|_| purpose.is_roll_back()) {
            self.timeline.add(now.world, "flightdeck", unsure, Tone::Bad);
        }
    }

    fn is_operation_under_way(&self) -> bool {
        self.operation.as_ref().is_some_and(|operation| !operation.is_finished())
    }

    pub(super) fn is_writing(&self, target: &Target) -> bool {
        let row = self.operation.as_ref().and_then(|operation| operation.row(target));
        row.is_some_and(|row| row.step == Step::Writing)
    }
}

/// The entry for a rollback that no release of ours began.
fn unrecorded(id: ReleaseId, by: String, row: &Row, now: Now) -> Entry {
    Entry {
        id,
        target: row.target.clone(),
        stable: row.stable,
        new: row.new,
        before: row.from,
        by,
        owner: String::new(),
        since: now.world,
        shifts: Vec::new(),
        whole: false,
        told: false,
    }
}
