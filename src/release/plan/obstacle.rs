//! What stands in the way of a forward move, and what is worth knowing before it: for every kind of target what holds
//! for all, then what its own file knows.

use super::{Known, PlanRow, alias, rule, stage};
use crate::release::{
    candidates::noun,
    facts::{VersionInfo, VersionState},
    names::{Mover, Version},
};

/// What AWS itself would refuse, or what no careful person would do; said before it is tried. The row says where the
/// traffic shall go in the end, even where it waits until then.
pub(super) fn of(known: &Known<'_>, row: &PlanRow) -> Option<String> {
    let kind = known.target.kind;
    let own = match kind {
        Mover::Alias => alias::before(row),
        Mover::Rule => rule::obstacle(known, row),
        Mover::Stage => stage::obstacle(known, row),
    };
    if own.is_some() {
        return own;
    }
    if let Some(stranger) = row.from.versions().find(|version| *version != row.stable && *version != row.new) {
        let (of, noun) = (kind.noun(), noun(kind));
        return Some(format!("the {of} sends traffic to {noun} {stranger}, which is not part of this release"));
    }
    if row.from.same_traffic(&row.to) {
        return None;
    }
    let Some(info) = known.info(row.new) else {
        return Some(missing(kind, row.new));
    };
    unready(kind, info).or_else(|| match kind {
        Mover::Alias => alias::split(known, row, info),
        Mover::Rule | Mover::Stage => None,
    })
}

/// Worth knowing, but no obstacle.
pub(super) fn remarks(known: &Known<'_>, row: &PlanRow) -> Vec<String> {
    match known.target.kind {
        Mover::Alias => alias::remarks(known, row),
        Mover::Rule => rule::remarks(known),
        Mover::Stage => stage::remarks(known),
    }
}

fn missing(kind: Mover, version: Version) -> String {
    match kind {
        Mover::Alias | Mover::Rule => format!("{} {version} does not exist", noun(kind)),
        Mover::Stage => stage::missing("go to", version),
    }
}

fn unready(kind: Mover, info: &VersionInfo) -> Option<String> {
    let (noun, version) = (noun(kind), info.version);
    let reason = info.state_reason.as_deref();
    match (kind, &info.state) {
        (_, Some(VersionState::Active) | None) => None,
        (Mover::Rule, Some(_)) => {
            let reason = reason.unwrap_or("no healthy targets");
            Some(format!("{noun} {version} has no healthy targets ({reason}): start them, then plan again"))
        }
        (Mover::Alias | Mover::Stage, Some(state)) => {
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            Some(format!("{noun} {version} is {}{reason}", state.as_str()))
        }
    }
}
