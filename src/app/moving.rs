//! Carries confirmed plans out: the record first, then the writes, then what is remembered of them. R is here.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    App, Errand,
    deck::Function,
    event::{Effect, Pace, Read, Reply},
    timeline::Tone,
    view::{Candidates, Overlay},
};
use crate::{
    clock::Now,
    release::{
        facts::Alias,
        memory::{Entry, Memory, RolledBack, ShiftMark},
        names::{ReleaseId, Target, Version},
        operation::{Operation, Order, Row, Step},
        plan::{Confirmed, Plan, PlanRow, Purpose, roll_back_row},
        routing::{Routing, trim_percent},
    },
};

/// How long `u` offers to undo a rollback, in world time.
pub const UNDO_TIME: SignedDuration = SignedDuration::from_mins(10);

impl App {
    /// Starts a confirmed plan. A forward move is recorded first, and leaves only when the record is on disk; a
    /// rollback waits for nothing.
    pub(super) fn begin(&mut self, confirmed: Confirmed, now: Now) -> Vec<Effect> {
        if confirmed.plan().purpose.is_roll_back() {
            return self.start(&confirmed, now);
        }
        let notes: Vec<(Target, Memory)> =
            confirmed.plan().rows.iter().filter_map(|row| self.memory_with_entry(row, now)).collect();
        let account = self.deck.account().unwrap_or_default().to_owned();
        let ticket = self.ticket(Errand::Record(confirmed));
        vec![Effect::Remember(ticket, account, notes)]
    }

    fn memory_with_entry(&self, row: &PlanRow, now: Now) -> Option<(Target, Memory)> {
        let function = self.deck.function(&row.target)?;
        let mut memory = function.memory.clone();
        let undone = memory.rolled_back.take().filter(|undone| undone.entry.new == row.new);
        let is_undo = undone.is_some() && function.entry().is_none();
        memory.release = match function.entry() {
            Some(entry) => Some(entry.clone()),
            None => Some(undone.filter(|_| is_undo).map_or_else(|| self.entry_for(row, now), |undone| undone.entry)),
        };
        memory.withdrawn.retain(|version| *version != row.new);
        Some((row.target.clone(), memory))
    }

    /// The record is on disk, or could not be written. Without it no forward move leaves.
    pub(super) fn answer_record(&mut self, confirmed: &Confirmed, reply: Reply, now: Now) -> Vec<Effect> {
        let Reply::Remembered(outcome) = reply else {
            return Vec::new();
        };
        if let Err(why) = outcome {
            self.say(
                format!("The release could not be recorded ({why}). Nothing was sent; traffic is as it was."),
                true,
                now,
            );
            return if self.leaving { vec![Effect::Quit] } else { Vec::new() };
        }
        for row in &confirmed.plan().rows {
            if let Some((target, memory)) = self.memory_with_entry(row, now)
                && let Some(function) = self.deck.function_mut(&target)
            {
                function.memory = memory;
                function.picked = None;
            }
        }
        self.view.marked.clear();
        self.start(confirmed, now)
    }

    fn start(&mut self, confirmed: &Confirmed, now: Now) -> Vec<Effect> {
        let (operation, orders) = Operation::start(confirmed, now.wall);
        self.errands.retain(|_, errand| !matches!(errand, Errand::Moving(_) | Errand::Planning(_) | Errand::Record(_)));
        self.gathering = None;
        self.operation = Some(operation);
        self.view.overlay = Some(Overlay::Progress);
        let mut effects = self.carry_out_orders(orders);
        effects.extend(self.finish_if_done(now));
        effects
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
        let Some(operation) = &mut self.operation else {
            return Vec::new();
        };
        let alias: Option<Alias> = match &reply {
            Reply::Written(_, Ok(alias)) | Reply::Alias(_, Ok(alias)) => Some(alias.clone()),
            _ => None,
        };
        let order = match reply {
            Reply::Written(_, outcome) => operation.written(target, outcome, now.wall),
            Reply::Alias(_, outcome) => operation.read(target, outcome, now.wall),
            _ => return Vec::new(),
        };
        let row = operation.row(target).cloned();
        if let (Some(alias), Some(function)) = (alias, self.deck.function_mut(target)) {
            function.alias.set(alias, now.world);
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
        let function = self.deck.function_mut(&row.target)?;
        let memory = &mut function.memory;
        match purpose {
            Purpose::Shift { .. } | Purpose::Undo => {
                let percent = row.to.percent_of(row.new);
                memory.release.as_mut()?.shifts.push(ShiftMark { at: now.world, percent });
            }
            Purpose::RollBack => {
                let entry = memory.release.take().filter(|entry| entry.new == row.new);
                let entry = entry.unwrap_or_else(|| unrecorded(id, by, row, now));
                memory.rolled_back = Some(RolledBack { percent: row.from.percent_of(row.new), at: now.world, entry });
                memory.last_stable = Some(row.stable);
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
        let Some(operation) = self.operation.as_ref().filter(|operation| operation.is_finished()) else {
            return Vec::new();
        };
        let (good, all) = (operation.rows.iter().filter(|row| row.step.is_good()).count(), operation.rows.len());
        let (purpose, slowest) = (operation.purpose, operation.rows.iter().filter_map(|row| row.acknowledged).max());
        let conflicts: Vec<Target> = operation
            .rows
            .iter()
            .filter(|row| matches!(row.step, Step::Conflict(_)))
            .map(|row| row.target.clone())
            .collect();
        self.note_outcome(purpose, good, all, slowest, now);
        let mut effects = if good == all { Vec::new() } else { vec![Effect::Bell] };
        if self.leaving {
            effects.push(Effect::Quit);
        } else if !conflicts.is_empty() && matches!(purpose, Purpose::Shift { .. }) {
            let names = conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let notice =
                format!("{names} changed since the plan was drawn. Nothing was overwritten. This is how it is now:");
            effects.extend(self.propose(purpose, conflicts, Some(notice), now));
        } else if good == all && !purpose.is_roll_back() && self.view.overlay == Some(Overlay::Progress) {
            self.view.overlay = None;
        }
        effects
    }

    fn note_outcome(&mut self, purpose: Purpose, good: usize, all: usize, slowest: Option<Duration>, now: Now) {
        let what = match purpose {
            Purpose::Shift { percent } => format!("shifted {good} of {all} functions to {}%", trim_percent(percent)),
            Purpose::Undo => format!("undid the rollback of {good} of {all} functions"),
            Purpose::RollBack => format!("rolled back {good} of {all} functions"),
        };
        let took = slowest.map(|took| format!(" (acknowledged within {} ms, read back)", took.as_millis()));
        let why = self.reason.as_deref().map(|reason| format!(": {reason}"));
        let text = format!("{what}{}{}", took.unwrap_or_default(), why.unwrap_or_default());
        let who = self.deck.caller.value().map_or("flightdeck", |caller| caller.short()).to_owned();
        self.say(text.clone(), good < all, now);
        self.timeline.add(now.world, who, text, if good == all { Tone::Good } else { Tone::Bad });
    }

    /// R. Rolls the whole release back at once; outside a release it offers the versions to go back to.
    pub fn roll_back(&mut self, now: Now) -> Vec<Effect> {
        let targets = self.to_be_rolled_back();
        self.roll_back_these(&targets, now)
    }

    /// Rolls these functions of the release back at once.
    fn roll_back_these(&mut self, targets: &[Target], now: Now) -> Vec<Effect> {
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
            return Vec::new();
        }
        if self.is_rolling_back() {
            self.view.overlay = Some(Overlay::Progress);
            return Vec::new();
        }
        if targets.is_empty() {
            self.offer_candidates(now);
            return Vec::new();
        }
        let rows = targets.iter().filter_map(|target| self.release_row(target)).collect();
        self.carry_out(&Plan { purpose: Purpose::RollBack, rows }, "", now)
    }

    /// The plan that takes these functions back (none named: the whole release, and what somebody else split), to
    /// `version` or else to their stable versions.
    pub fn roll_back_plan(&self, targets: &[Target], version: Option<Version>) -> Plan {
        let named = |function: &&Function| targets.contains(&function.target);
        let functions = self.deck.functions.iter().filter(|function| targets.is_empty() || named(function));
        let rows = functions.filter_map(|function| {
            let row = self.take_back_row(function, version);
            row.or_else(|| named(&function).then(|| nowhere_to_go(function)))
        });
        Plan { purpose: Purpose::RollBack, rows: rows.collect() }
    }

    fn take_back_row(&self, function: &Function, version: Option<Version>) -> Option<PlanRow> {
        let alias = function.alias.value();
        match (version, function.entry(), function.split()) {
            (None, Some(_), _) => self.release_row(&function.target),
            (None, None, Some(split)) => Some(roll_back_row(&function.target, alias, split.stable, split.new)),
            (None, None, None) => None,
            (Some(version), _, split) => {
                let primary = alias?.routing.primary;
                let withdrawn = split.map_or(primary, |split| split.new);
                let withdrawn = if withdrawn == version { primary } else { withdrawn };
                Some(roll_back_row(&function.target, alias, version, withdrawn))
            }
        }
    }

    /// The functions that R takes back: those of the release, and those whose first shift is just on its way.
    pub fn to_be_rolled_back(&self) -> Vec<Target> {
        let functions = self.deck.functions.iter();
        let in_release = functions.filter(|function| function.entry().is_some() || self.is_writing(&function.target));
        in_release.map(|function| function.target.clone()).collect()
    }

    fn release_row(&self, target: &Target) -> Option<PlanRow> {
        let function = self.deck.function(target)?;
        let entry = function.memory.release.as_ref()?;
        let mut row = roll_back_row(target, function.alias.value(), entry.stable, entry.new);
        // A forward write may be on its way. The rollback is sent all the same: whichever AWS takes second meets a
        // changed revision, and the rollback then reads and goes on.
        if let Some(moving) = self.operation.as_ref().and_then(|operation| operation.row(target))
            && !moving.step.is_final()
        {
            row.from = moving.to;
        }
        Some(row)
    }

    /// Outside a release R asks which version to go back to, for the function under the cursor.
    fn offer_candidates(&mut self, now: Now) {
        let Some(target) = self.selected().map(|function| function.target.clone()) else {
            return;
        };
        self.offer_candidates_of(&target, now);
    }

    /// Opens the list of versions that a function could go back to.
    pub(super) fn offer_candidates_of(&mut self, target: &Target, now: Now) {
        let Some(function) = self.deck.function(target) else {
            return;
        };
        let (Some(alias), Some(versions)) = (function.alias.value(), function.versions.value()) else {
            self.say(
                format!("No release is on record, and {target} has not been read yet: nothing to go back to."),
                true,
                now,
            );
            return;
        };
        let live = Routing::only(function.split().map_or(alias.routing.primary, |split| split.new));
        let mut others: Vec<Version> =
            versions.iter().map(|info| info.version).filter(|v| *v != Version::Latest && !live.reaches(*v)).collect();
        others.sort_unstable_by(|a, b| b.cmp(a));
        let recorded = function.memory.last_stable.filter(|stable| others.contains(stable));
        let below = others.iter().position(|version| *version < live.primary);
        let row = recorded.and_then(|stable| others.iter().position(|v| *v == stable)).or(below).unwrap_or(0);
        if others.is_empty() {
            self.say(format!("{target} has no other published version to go back to."), true, now);
            return;
        }
        let target = target.clone();
        self.view.overlay =
            Some(Overlay::Candidates(Candidates { target, versions: others, row, recorded, shown_at: now.wall }));
    }

    /// Takes a function back to a version of the person's choice.
    pub fn roll_back_to(&mut self, target: &Target, version: Version, now: Now) -> Vec<Effect> {
        let plan = self.roll_back_plan(std::slice::from_ref(target), Some(version));
        self.carry_out(&plan, "", now)
    }

    /// The functions whose rollback can still be undone.
    pub fn undoable(&self, now: Now) -> Vec<Target> {
        let functions = self.deck.functions.iter().filter(|function| function.entry().is_none());
        let recent = functions.filter(|function| {
            let undone = function.memory.rolled_back.as_ref();
            undone.is_some_and(|undone| now.world.duration_since(undone.at) <= UNDO_TIME)
        });
        recent.map(|function| function.target.clone()).collect()
    }

    /// Whether a rollback is under way.
    pub fn is_rolling_back(&self) -> bool {
        self.operation.as_ref().is_some_and(|operation| operation.purpose.is_roll_back() && !operation.is_finished())
    }

    pub(super) fn is_writing(&self, target: &Target) -> bool {
        let row = self.operation.as_ref().and_then(|operation| operation.row(target));
        row.is_some_and(|row| row.step == Step::Writing)
    }
}

/// The row of a function that was named but is not in a release: there is nothing to take back, or nobody knows what.
fn nowhere_to_go(function: &Function) -> PlanRow {
    let stable = function.stable().unwrap_or(Version::Latest);
    let mut row = roll_back_row(&function.target, function.alias.value(), stable, stable);
    let last = function.memory.rolled_back.as_ref().map(|last| last.entry.stable);
    if function.alias.value().is_none() {
        row.refusal = Some("its alias could not be read".to_owned());
    } else if last != Some(stable) {
        row.refusal = Some("no release of it is on record: name the version to go back to with --to".to_owned());
    }
    row
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
        since: now.world,
        shifts: Vec::new(),
    }
}
