//! What people agreed on around a release: the checklist (`[[environments.NAME.checklist]]`) and the allowed hours.

use jiff::{
    civil::{Time, Weekday},
    tz::TimeZone,
};

use super::{
    commands::CommandSettings,
    document::{Table, Value, Wrong},
    error::quoted,
    gates::one_of,
    read::checked,
    words,
};
use crate::release::{
    checklist::{ItemSettings, Phase, Ticks},
    gates::Gate,
    hours::{AllowedHours, short},
};

/// Every key of a checklist's item.
pub(super) const ITEM_KEYS: &[&str] = &["item", "section", "when", "required", "role", "other_than", "gate", "command"];
/// Every key of allowed hours.
pub(super) const HOURS_KEYS: &[&str] = &["days", "from", "to", "zone"];

const PHASES: &[(&str, Phase)] = &[("before", Phase::Before), ("during", Phase::During), ("after", Phase::After)];

/// The checklist of an environment.
pub(super) fn checklist(environment: &Table<'_>, gates: &[Gate], commands: &[CommandSettings]) -> Vec<ItemSettings> {
    let tables = environment.tables("checklist", ITEM_KEYS);
    let mut items: Vec<ItemSettings> = Vec::new();
    for table in &tables {
        let Some(item) = item(table, gates, commands) else { continue };
        if items.iter().any(|other| other.name == item.name) {
            table.problem_at("item", format!("{} stands twice on the checklist", quoted(&item.name)));
        }
        items.push(item);
    }
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    for table in &tables {
        table.read("other_than", |value| other(value, table, &names));
    }
    items
}

fn item(table: &Table<'_>, gates: &[Gate], commands: &[CommandSettings]) -> Option<ItemSettings> {
    let name = table.require("item", checked(words::name));
    let phase = table.read("when", checked(|text| words::choice(text, PHASES))).unwrap_or_default();
    let required = table.read("required", Value::flag).unwrap_or_default();
    if required && phase != Phase::Before {
        table.problem_at("required", "only what comes before the first shift can hold it up".to_owned());
    }
    let ticks = ticks(table, gates, commands);
    let by_itself = ticks.as_ref().is_some_and(|ticks| *ticks != Ticks::Person);
    for key in ["role", "other_than"] {
        if by_itself && table.has(key) {
            table.problem_at(key, "nobody ticks this item: it ticks itself".to_owned());
        }
    }
    Some(ItemSettings {
        section: table.read("section", checked(words::name)),
        phase,
        required,
        role: table.read("role", checked(words::name)),
        other_than: table.read("other_than", checked(words::name)),
        ticks: ticks?,
        name: name?,
    })
}

fn ticks(table: &Table<'_>, gates: &[Gate], commands: &[CommandSettings]) -> Option<Ticks> {
    let gate_names: Vec<&str> = gates.iter().map(|gate| gate.name.as_str()).chain(["judge"]).collect();
    let command_names: Vec<&str> = commands.iter().map(|command| command.command.name.as_str()).collect();
    match (table.has("gate"), table.has("command")) {
        (false, false) => Some(Ticks::Person),
        (true, false) => table.read("gate", |value| one_of(value, "[[gates]]", &gate_names)).map(Ticks::Gate),
        (false, true) => {
            table.read("command", |value| one_of(value, "[[commands]]", &command_names)).map(Ticks::Command)
        }
        (true, true) => {
            table.problem("has `gate` and `command`: one of them ticks the item".to_owned());
            None
        }
    }
}

fn other(value: Value<'_>, table: &Table<'_>, names: &[&str]) -> Result<String, Wrong> {
    let name = one_of(value, "the checklist", names)?;
    if table.read("item", Value::text) == Some(name.as_str()) {
        return Err(value.wrong("names the item itself"));
    }
    Ok(name)
}

/// The allowed hours under a key of a table; `None` where it is not there.
pub(super) fn allowed_hours(table: &Table<'_>) -> Option<Vec<AllowedHours>> {
    let is_there = table.has("allowed_hours");
    is_there.then(|| table.tables("allowed_hours", HOURS_KEYS).iter().filter_map(hours).collect())
}

fn hours(table: &Table<'_>) -> Option<AllowedHours> {
    let days = if table.has("days") { table.read("days", days) } else { Some(weekdays().to_vec()) };
    let from = table.require("from", checked(time));
    let to = table.require("to", checked(time));
    let zone = if table.has("zone") { table.read("zone", checked(zone)) } else { Some(TimeZone::UTC) };
    Some(AllowedHours { days: days?, from: from?, to: to?, zone: zone? })
}

fn weekdays() -> [Weekday; 7] {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday]
}

fn days(value: Value<'_>) -> Result<Vec<Weekday>, Wrong> {
    let known = weekdays().map(|day| (short(day), day));
    let items = value.list("a list such as [\"mon\", \"tue\"]")?;
    if items.is_empty() {
        return Err(value.wrong("needs at least one day, such as \"mon\""));
    }
    items.into_iter().map(checked(|text| words::choice(text, &known))).collect()
}

fn time(text: &str) -> Result<Time, String> {
    let is_short = text.len() == 5;
    let parsed = Time::strptime("%H:%M", text).ok().filter(|_| is_short);
    parsed.ok_or_else(|| format!("{} is not a time of the day; write one such as \"09:00\"", quoted(text)))
}

fn zone(text: &str) -> Result<TimeZone, String> {
    if text == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(text).map_err(|_| {
        format!(
            "{} is not a zone that this machine knows; write one such as \"UTC\" or \"Europe/Berlin\"",
            quoted(text)
        )
    })
}
