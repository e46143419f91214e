//! What is remembered of an alias between runs: the release under way, what was rolled back, what was stable last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    names::{ReleaseId, Target, Version},
    pre_stage::PreStaged,
    routing::Routing,
};

/// All that is remembered of one alias. Stored by endpoint, account, region, function and alias.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The release under way. It counts only while the alias sends traffic to its new version.
    pub release: Option<Entry>,
    /// The version that was stable in the last release.
    pub last_stable: Option<Version>,
    /// Versions that were rolled back. They are no candidates until somebody picks them again.
    pub withdrawn: Vec<Version>,
    /// The last release that came to its end: a record of it that still stands in the alias is no news.
    pub ended: Option<ReleaseId>,
    /// The last rollback, which can be undone for a while.
    pub rolled_back: Option<RolledBack>,
    /// The other alias that was moved before the first shift, until it is put back or the release is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_stage: Option<PreStaged>,
}

/// One function's part in a release: fixed when its first shift is confirmed, before the write leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The release: functions with the same id move together.
    pub id: ReleaseId,
    /// The function and alias.
    pub target: Target,
    /// What R puts back.
    pub stable: Version,
    /// What is being released.
    pub new: Version,
    /// The routing before the first shift.
    pub before: Routing,
    /// Who confirmed, such as a role's name.
    pub by: String,
    /// Who runs it, such as `ada@laptop/4711`: only the owner moves by itself. Empty in records of before.
    #[serde(default)]
    pub owner: String,
    /// When it was confirmed, UTC.
    pub since: Timestamp,
    /// Every shift of this alias in this release, oldest first.
    #[serde(default)]
    pub shifts: Vec<ShiftMark>,
    /// Whether it cannot be split: it goes from 0 to 100 % in one step, at the release's stage of 100 %. Until then it
    /// is part of the release, and its new version gets nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// Whether it was learned from a record in AWS: another machine began it, and may have moved more than its records
    /// tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// A moment at which the weights changed: a vertical marker on the charts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShiftMark {
    /// When it was acknowledged, UTC.
    pub at: Timestamp,
    /// The new version's share from then on, in percent 0–100.
    pub percent: f64,
}

/// A rollback that happened: what `u` offers to undo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolledBack {
    /// The entry as it was.
    pub entry: Entry,
    /// The new version's share before the rollback, in percent 0–100.
    pub percent: f64,
    /// When it was acknowledged, UTC.
    pub at: Timestamp,
}

impl RolledBack {
    /// Whether no release was on record: its entry was made up when a person took the alias back.
    pub fn is_of_no_release(&self) -> bool {
        self.entry.since == self.at && self.entry.owner.is_empty()
    }
}

impl Memory {
    /// The release entry, if it still counts: the alias sends traffic to its new version.
    pub fn active(&self, routing: &Routing) -> Option<&Entry> {
        self.release.as_ref().filter(|entry| routing.reaches(entry.new))
    }

    /// The release entry that counts no more because somebody else moved the alias after it: to neither its new version
    /// nor back to its stable one.
    pub fn astray(&self, routing: &Routing) -> Option<&Entry> {
        let was_moved = |entry: &&Entry| entry.shifts.iter().any(|shift| shift.percent > 0.0);
        let is_elsewhere =
            |entry: &&Entry| !routing.reaches(entry.new) && !routing.same_traffic(&Routing::only(entry.stable));
        self.release.as_ref().filter(was_moved).filter(is_elsewhere)
    }

    /// Whether it tells that an alias with this routing is where it was: what was stable last has all the traffic, or
    /// what was rolled back gets none.
    pub fn knows_it_is_back(&self, routing: &Routing) -> bool {
        let is_at_last_stable = self.last_stable.map(Routing::only) == Some(*routing);
        is_at_last_stable || self.rolled_back.as_ref().is_some_and(|undone| !routing.reaches(undone.entry.new))
    }

    /// Whether this is about the same release as `other` and knows more of it, or the same. Marks of changes that others
    /// made are kept in memory only; what the record in an alias tells is less than what was written down.
    pub fn knows_more_than(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        match (&self.release, &other.release) {
            (Some(ours), Some(theirs)) => {
                (&ours.id, ours.stable, ours.new) == (&theirs.id, theirs.stable, theirs.new)
                    && ours.shifts.len() > theirs.shifts.len()
            }
            _ => false,
        }
    }

    /// Stable and new as recorded, for reading a split.
    pub fn recorded(&self) -> Option<(Version, Version)> {
        self.release.as_ref().map(|entry| (entry.stable, entry.new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::routing::SplitStyle;

    const OLD: Version = Version::Number(42);
    const NEW: Version = Version::Number(43);

    fn rolled_back() -> RolledBack {
        let at: Timestamp = "2026-11-20T14:32:07Z".parse().unwrap();
        let entry = Entry {
            id: ReleaseId::new("r-1"),
            target: Target::new("pay", "live"),
            stable: OLD,
            new: NEW,
            before: Routing::only(OLD),
            by: "ada".to_owned(),
            owner: "ada@laptop/4711".to_owned(),
            since: at,
            shifts: Vec::new(),
            whole: false,
            told: false,
        };
        RolledBack { entry, percent: 10.0, at }
    }

    #[test]
    fn it_is_astray_at_neither_of_its_two_versions() {
        let places = ["42", "43", "44"].map(|text| Routing::only(text.parse().unwrap()));
        let third = Version::Number(44);
        let splits = [(OLD, NEW), (OLD, third), (third, NEW)]
            .map(|(stable, new)| Routing::at_percent(stable, new, 10.0, SplitStyle::WeightNew));
        let of = |entry: Entry| {
            let memory = Memory { release: Some(entry), ..Memory::default() };
            [places, splits].concat().iter().map(|routing| memory.astray(routing).is_some()).collect::<Vec<_>>()
        };
        let entry = rolled_back().entry;
        let moved = |percent| Entry { shifts: vec![ShiftMark { at: entry.since, percent }], ..entry.clone() };
        assert_eq!(of(moved(10.0)), [false, false, true, false, true, false]);
        assert_eq!(of(moved(0.0)), [false; 6], "its first shift met what somebody else had done");
        assert_eq!(of(entry), [false; 6], "or it waits for the stage of 100 %");
    }

    #[test]
    fn it_is_back_where_memory_says_so_and_nowhere_else() {
        let split = Routing::at_percent(OLD, NEW, 10.0, SplitStyle::WeightNew);
        let places = [Routing::only(OLD), split, Routing::only(NEW)];
        let is_back = |memory: &Memory| places.map(|routing| memory.knows_it_is_back(&routing));
        assert_eq!(is_back(&Memory::default()), [false, false, false], "nothing is remembered");
        let last_stable = Memory { last_stable: Some(OLD), ..Memory::default() };
        assert_eq!(is_back(&last_stable), [true, false, false], "where it was stable last, and whole");
        let rolled_back = Memory { rolled_back: Some(rolled_back()), ..Memory::default() };
        assert_eq!(is_back(&rolled_back), [true, false, false], "while nothing goes to what was rolled back");
    }
}
