//! Who moved traffic when: the journal's own writes, and what others did that somebody saw. And of rollbacks: from what
//! share, why, and how fast.

use jiff::{SignedDuration, Timestamp};

use super::same;
use crate::release::{
    memory::ShiftMark,
    names::Target,
    record::{Action, Happening, Kind, Past},
};

/// A write and the change that somebody saw of it are not further apart than this.
const SAME_MOVE: SignedDuration = SignedDuration::from_secs(45);

/// Every change of a function's traffic, whoever made it, oldest first.
pub(super) fn shifts(past: &Past, target: &Target) -> Vec<ShiftMark> {
    let ours = moves(past).filter(|(action, _)| action.intent.target == *target);
    let ours = ours.map(|(action, at)| ShiftMark { at, percent: action.percent() });
    let others = past.happenings.iter().filter(|happening| happening.target.as_ref() == Some(target));
    let mut shifts: Vec<ShiftMark> =
        ours.chain(others.filter_map(|happening| moved_elsewhere(past, happening))).collect();
    shifts.sort_by_key(|shift| shift.at);
    shifts.dedup();
    shifts
}

/// The move that a happening tells of, unless it is one of the journal's own writes.
pub(super) fn moved_elsewhere(past: &Past, happening: &Happening) -> Option<ShiftMark> {
    let Kind::Moved { percent } = happening.kind else { return None };
    let target = happening.target.as_ref()?;
    let is_it = |(action, at): (&Action, Timestamp)| {
        action.intent.target == *target
            && same(action.percent(), percent)
            && at.duration_since(happening.at).abs() < SAME_MOVE
    };
    (!moves(past).any(is_it)).then_some(ShiftMark { at: happening.at, percent })
}

/// The writes that AWS acknowledged and that moved traffic, with the moment.
fn moves(past: &Past) -> impl Iterator<Item = (&Action, Timestamp)> {
    let moving = past.actions.iter().filter(|action| !action.intent.purpose.moves_nothing());
    moving.filter_map(|action| Some((action, action.acknowledged()?)))
}

/// Whether the first forward move was made here. Of a release of another machine's its record tells the last one alone.
pub(super) fn begun_here(past: &Past) -> bool {
    let ours = moves(past).filter(|(action, _)| action.intent.purpose.is_forward()).map(|(_, at)| at).min();
    let theirs = past.happenings.iter().filter_map(|happening| moved_elsewhere(past, happening));
    let theirs = theirs.filter(|shift| shift.percent > 0.0).map(|shift| shift.at).min();
    ours.is_some_and(|ours| theirs.is_none_or(|theirs| ours <= theirs))
}

/// The new version's greatest share when it was taken back. A pre-stage is no part of it: it is moved whole at once.
pub(super) fn taken_back_at(past: &Past) -> f64 {
    let is_part = |target: &Target| past.began.parts.iter().any(|part| part.target == *target);
    let moves = |past| moves(past).filter(|(action, _)| is_part(&action.intent.target));
    let backs = moves(past).filter(|(action, _)| action.intent.purpose.is_roll_back());
    let taken = backs.map(|(action, _)| action.intent.before.percent_of(action.intent.new)).reduce(f64::max);
    let elsewhere = || past.happenings.iter().filter_map(|happening| moved_elsewhere(past, happening));
    taken.unwrap_or_else(|| {
        let ours = moves(past).map(|(action, _)| action.percent());
        ours.chain(elsewhere().map(|shift| shift.percent)).fold(0.0, f64::max)
    })
}

pub(super) fn why_rolled_back(past: &Past) -> Option<String> {
    let mut backs = past.actions.iter().rev().filter(|action| action.intent.purpose.is_roll_back());
    backs.find_map(|action| action.intent.why.clone())
}

pub(super) fn rolled_back_within(past: &Past) -> Option<SignedDuration> {
    let backs = || moves(past).filter(|(action, _)| action.intent.purpose.is_roll_back());
    let last = backs().map(|(_, at)| at).max()?;
    // An undone rollback may stand before this one: only what was decided since the last forward move counts.
    let forward = moves(past).filter(|(action, _)| action.intent.purpose.is_forward()).map(|(_, at)| at).max();
    let decided = backs().map(|(action, _)| action.intent.at).filter(|at| forward.is_none_or(|forward| *at >= forward));
    Some(last.duration_since(decided.min()?))
}
