//! What will happen in a world by itself, as its scenario says: versions are published and become active, aliases are
//! shifted.

use jiff::Timestamp;

use super::{
    VersionId,
    spec::{ShiftSpec, WorldSpec},
};

/// Something that happens by itself.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Publish { function: usize, version: usize },
    Activate { function: usize, id: VersionId },
    Shift { function: usize, alias: usize, shift: ShiftSpec },
}

/// Everything a scenario lets happen, the next last.
pub(super) fn events(spec: &WorldSpec, opening: Timestamp) -> Vec<(Timestamp, Event)> {
    let mut events = Vec::new();
    for (function, described) in spec.functions.iter().enumerate() {
        for (version, published) in described.versions.iter().enumerate() {
            let id = VersionId::Number(published.number);
            events.push((published.published.from(opening), Event::Publish { function, version }));
            events.extend(published.active.map(|active| (active.from(opening), Event::Activate { function, id })));
        }
        for (alias, described) in described.aliases.iter().enumerate() {
            let shifts = described.shifts.iter().cloned();
            events.extend(shifts.map(|shift| (shift.at.from(opening), Event::Shift { function, alias, shift })));
        }
    }
    // A stable sort turned round: of two at the same time, what is written first happens first.
    events.reverse();
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    events
}
