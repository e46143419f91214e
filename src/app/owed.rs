//! What R meant and could not take back at once: a function of the release that nobody had read yet, at the start of the
//! program or while its region was away. It follows by itself as soon as its first reading says that it is part of the
//! release, as a write that is tried again would; whoever pressed R meant all of it.

use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::{
    app::event::Effect,
    clock::Now,
    release::{
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
    /// What was not read when R was pressed, and has not been since.
    targets: Vec<Target>,
    since: Timestamp,
}

impl App {
    /// R takes a whole release back: remembers what of the environment nobody has read.
    pub(super) fn owe_the_unread(&mut self, plan: &Plan, now: Now) {
        let release = plan.rows.iter().find_map(|row| Some(self.deck.function(&row.target)?.entry()?.id.clone()));
        let unread = self.deck.functions.iter().filter(|function| function.alias.value().is_none());
        let targets: Vec<Target> =
            unread.map(|function| function.target.clone()).filter(|target| plan.row_of(target).is_none()).collect();
        self.owed = release.filter(|_| !targets.is_empty()).map(|release| Owed { release, targets, since: now.world });
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
            let function = self.deck.function(target).filter(|function| function.alias.value().is_some());
            function.and_then(|function| function.entry()).is_some_and(|entry| entry.id == owed.release)
        };
        let due: Vec<Target> = owed.targets.iter().filter(is_part).cloned().collect();
        // Before the record was recalled an alias without one in its description says nothing yet.
        let is_open = |target: &Target| {
            let is_read = self.deck.function(target).is_some_and(|function| function.alias.value().is_some());
            !due.contains(target) && (!is_read || self.deck.recalled.is_none())
        };
        let open: Vec<Target> = owed.targets.iter().filter(|target| is_open(target)).cloned().collect();
        let rows: Vec<_> = due.iter().filter_map(|target| self.release_row(target)).collect();
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
