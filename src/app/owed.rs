//! What R meant and could not take back at once: a function of the release that nobody had read yet, at the start of the
//! program, while its region was away, or since another program moved it. It follows by itself as soon as its first
//! reading after R says that it is part of the release, as a write that is tried again would; whoever pressed R meant all
//! of it.

use jiff::{SignedDuration, Timestamp};

use super::{
    App, Errand,
    event::{Effect, Pace, Read},
    left_alone::{Doubt, LeftAlone},
};
use crate::{
    clock::Now,
    release::{
        carried,
        names::{ReleaseId, Target},
        plan::{Plan, PlanRow, Purpose},
    },
};

/// A key is good for so long, world time: later nobody may be there any more to see what follows from it.
pub(super) const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What a rollback of a whole release still owes.
#[derive(Debug)]
pub struct Owed {
    release: ReleaseId,
    /// What was not taken back with the rest, and has not been read since R was pressed.
    targets: Vec<Target>,
    since: Timestamp,
}

impl App {
    /// R takes a whole release back: remembers what of the environment is not known to be part of it. That was read a
    /// while ago or never, so it is read again as soon as the rollback is over.
    pub(super) fn owe_the_unread(&mut self, plan: &Plan, now: Now) {
        let release = plan.rows.iter().find_map(|row| Some(self.deck.function(&row.target)?.entry()?.id.clone()));
        let unread = self.deck.functions.iter_mut().filter(|function| plan.row_of(&function.target).is_none());
        let targets: Vec<Target> = unread
            .map(|function| {
                function.alias.hurry();
                function.target.clone()
            })
            .collect();
        self.owed = release.filter(|_| !targets.is_empty()).map(|release| Owed { release, targets, since: now.world });
    }

    /// While a rollback runs nothing else is asked of Lambda, but for what was never read: a rollback that has to wait for
    /// one region must not keep the others from being found.
    pub(super) fn ask_owed(&mut self, now: Now) -> Vec<Effect> {
        let owed = self.owed.iter().flat_map(|owed| &owed.targets);
        let never_read = |target: &&Target| {
            let function = self.deck.function(target);
            function.is_some_and(|function| function.alias.value().is_none() && function.alias.is_due(now.world))
        };
        let targets: Vec<Target> = owed.filter(never_read).cloned().collect();
        let ask = |target: Target| {
            let ticket = self.ticket(Errand::Reading);
            if let Some(function) = self.deck.function_mut(&target) {
                function.alias.ask(ticket);
            }
            Effect::Read(ticket, Read::Alias(target, Pace::Urgent))
        };
        targets.into_iter().map(ask).collect()
    }

    /// Something was read: takes back what is owed and turned out to be part of the release.
    pub(super) fn take_back_owed(&mut self, now: Now) -> Vec<Effect> {
        let Some(owed) = &self.owed else { return Vec::new() };
        let is_forward = self.operation.as_ref().is_some_and(|operation| operation.purpose.is_forward());
        if self.leaving || is_forward || now.world.duration_since(owed.since) > GOOD_FOR {
            self.owed = None;
            return Vec::new();
        }
        let is_part = |target: &&Target| {
            let Some((function, alias)) = self.deck.function(target).and_then(|it| Some((it, it.alias.value()?)))
            else {
                return false;
            };
            // What was remembered of an alias may be of another release by now: then its own record says so.
            let record = carried::own(&alias.description);
            let is_said = record.is_none_or(|record| record.id == owed.release);
            is_said && function.entry().is_some_and(|entry| entry.id == owed.release)
        };
        let due: Vec<Target> = owed.targets.iter().filter(is_part).cloned().collect();
        // Before the record was recalled an alias without one in its description says nothing yet.
        let is_open = |target: &Target| {
            let read_at = self.deck.function(target).and_then(|function| function.alias.read_at());
            let is_read = read_at.is_some_and(|at| at > owed.since);
            !due.contains(target) && (!is_read || self.deck.recalled.is_none())
        };
        let open: Vec<Target> = owed.targets.iter().filter(|target| is_open(target)).cloned().collect();
        let rows: Vec<_> = due.iter().filter_map(|target| self.release_row(target)).collect();
        // What was read and is no part of it is nobody's doubt any more.
        let is_doubtful = |left: &LeftAlone| {
            let is_settled = |target: &Target| owed.targets.contains(target) && !open.contains(target);
            left.doubt != Doubt::Unread || !left.targets.iter().all(is_settled)
        };
        self.left_behind.retain(is_doubtful);
        if let Some(owed) = &mut self.owed {
            owed.targets = open;
        }
        if rows.is_empty() { Vec::new() } else { self.follow_up(rows, now) }
    }

    /// Takes back what follows from an R that is over: with its rows it is one rollback to whoever looks.
    pub(super) fn follow_up(&mut self, rows: Vec<PlanRow>, now: Now) -> Vec<Effect> {
        self.is_following = true;
        let effects = self.carry_out(&Plan { purpose: Purpose::RollBack, rows }, "", now);
        self.is_following = false;
        effects
    }
}
