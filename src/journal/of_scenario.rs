//! The record of a release that is under way when a scenario's world opens, told relative to that moment.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::release::{
    memory::{Entry, Memory, ShiftMark},
    names::{ReleaseId, Target, Version},
    routing::Routing,
};

/// A scenario's `release.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    id: ReleaseId,
    #[expect(dead_code, reason = "the title is for people who read the scenario")]
    title: String,
    by: String,
    /// Such as `-12m`.
    started: SignedDuration,
    functions: Vec<ToldFunction>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldFunction {
    name: String,
    alias: String,
    stable: Version,
    new: Version,
    #[serde(default)]
    shifts: Vec<ToldShift>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldShift {
    at: SignedDuration,
    percent: f64,
}

/// What a scenario remembers, for a world that opens at `now` (world time).
///
/// # Errors
/// When the text is not a release record.
pub fn memories(text: &str, now: Timestamp) -> Result<BTreeMap<Target, Memory>, String> {
    let told: Told = toml::from_str(text).map_err(|error| error.to_string())?;
    let moment = |offset: SignedDuration| now.checked_add(offset).map_err(|error| error.to_string());
    let since = moment(told.started)?;
    let mut memories = BTreeMap::new();
    for function in told.functions {
        let shifts =
            function.shifts.iter().map(|shift| Ok(ShiftMark { at: moment(shift.at)?, percent: shift.percent }));
        let target = Target::from_record(function.name, function.alias);
        let entry = Entry {
            id: told.id.clone(),
            target: target.clone(),
            stable: function.stable,
            new: function.new,
            before: Routing::only(function.stable),
            by: told.by.clone(),
            owner: String::new(),
            since,
            shifts: shifts.collect::<Result<_, String>>()?,
            whole: false,
            told: false,
        };
        memories.insert(target, Memory { release: Some(entry), ..Memory::default() });
    }
    Ok(memories)
}
