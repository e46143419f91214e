//! `[[environments.NAME.resources]]`: a preset's name, the resource's own, and what the preset wants to know of it. What
//! becomes of them are panels; the presets themselves say which.

use std::collections::BTreeMap;

use super::{
    document::{Table, Value, Wrong},
    error::{listed, quoted, suggestion},
    metrics::{self, LIMIT_KEYS, limits},
    presets::{Given, Kind, Parameter, Preset, Resource, expand},
    read::checked,
    words,
};
use crate::release::metrics::panel::MetricPanel;

/// The keys that every resource has; its preset's parameters come beside them.
pub(super) const KEYS: &[&str] = &["preset", "name", "title", "region", "panels", "limits"];

/// A person's own panels first, then those of the resources. Gates call them by title, so each has its own.
pub(super) fn all_panels(environment: &Table<'_>) -> Vec<MetricPanel> {
    let own = metrics::panels(environment).into_iter().map(|panel| ("metrics", panel));
    let of_resources = panels(environment).into_iter().map(|panel| ("resources", panel));
    let mut all: Vec<MetricPanel> = Vec::new();
    for (key, panel) in own.chain(of_resources) {
        if all.iter().any(|other| other.title == panel.title) {
            let why = format!("there are two panels {}: give one a `title` of its own", quoted(&panel.title));
            environment.problem_at(key, why);
        }
        all.push(panel);
    }
    all
}

fn panels(environment: &Table<'_>) -> Vec<MetricPanel> {
    environment.free_tables("resources").iter().flat_map(resource).collect()
}

fn resource(table: &Table<'_>) -> Vec<MetricPanel> {
    let Some(preset) = table.require("preset", preset) else { return Vec::new() };
    let parameters = preset.parameters.iter().map(|parameter| parameter.name.as_str());
    let known: Vec<&str> = KEYS.iter().copied().chain(parameters).collect();
    table.refuse_unknown(&known);
    let name = table.read("name", checked(words::name));
    if !table.has("name") {
        table.problem(format!("`name` is missing: {}. {}", preset.of, preset.about));
    }
    let region = region(table, preset);
    let given: BTreeMap<String, Given> = preset.parameters.iter().filter_map(|wanted| given(table, wanted)).collect();
    let title = table.read("title", checked(words::name));
    let Some(name) = name else { return Vec::new() };
    let resource = Resource { title: title.unwrap_or_else(|| name.clone()), name, region, given };
    let mut panels = expand(preset, &resource);
    change_limits(table, &mut panels);
    match table.read("panels", |value| chosen(value, &panels)) {
        Some(chosen) => panels.into_iter().filter(|panel| chosen.iter().any(|title| is_called(panel, title))).collect(),
        None => panels,
    }
}

fn preset(value: Value<'_>) -> Result<&'static Preset, Wrong> {
    let name = value.text()?;
    if name == "custom" {
        return Err(value.wrong("metrics of your own are no resource: write them as [[environments.NAME.metrics]]"));
    }
    let known = Preset::names();
    let unknown = || {
        let near = suggestion(name, &known);
        value.wrong(format!("there is no preset {}{near}; there is: {}", quoted(name), listed(&known)))
    };
    Preset::named(name).ok_or_else(unknown)
}

fn region(table: &Table<'_>, preset: &Preset) -> Option<String> {
    let region = table.read("region", checked(words::region));
    if let (Some(region), Some(only)) = (&region, &preset.region)
        && region != only
    {
        table.problem_at("region", format!("{} is measured in {only} alone: leave `region` out", preset.name));
    }
    region
}

fn given(table: &Table<'_>, wanted: &Parameter) -> Option<(String, Given)> {
    let key = wanted.name.as_str();
    if !table.has(key) {
        if wanted.required {
            table.problem(format!("`{key}` is missing: {}", wanted.about));
        }
        return None;
    }
    if let Some(other) = wanted.needs.as_deref().filter(|other| !table.has(other)) {
        table.problem_at(key, format!("needs `{other}` beside it"));
    }
    let given = table.read(key, |value| match wanted.kind {
        Kind::Text => Ok(Given::Text(checked(words::name)(value)?)),
        Kind::Number => Ok(Given::Number(above_zero(value)?)),
        Kind::Names => Ok(Given::Names(names(value, words::name)?)),
        Kind::Routes => Ok(Given::Names(names(value, route)?)),
    })?;
    Some((key.to_owned(), given))
}

fn above_zero(value: Value<'_>) -> Result<f64, Wrong> {
    match value.number()? {
        number if number > 0.0 => Ok(number),
        other => Err(value.wrong(format!("{other} is not above 0"))),
    }
}

fn names(value: Value<'_>, check: impl Fn(&str) -> Result<String, String>) -> Result<Vec<String>, Wrong> {
    let mut names: Vec<String> = Vec::new();
    for item in value.list("a list of names")? {
        let name = checked(&check)(item)?;
        if names.contains(&name) {
            return Err(item.wrong(format!("{} is listed twice", quoted(&name))));
        }
        names.push(name);
    }
    Ok(names)
}

/// A method and a path, as API Gateway has them for dimensions.
fn route(text: &str) -> Result<String, String> {
    let name = words::name(text)?;
    match name.split_once(' ') {
        Some((method, path)) if method.chars().all(|c| c.is_ascii_uppercase()) && path.starts_with('/') => Ok(name),
        _ => Err(format!("{} is not a route; write one such as \"GET /receipts\"", quoted(text))),
    }
}

/// Titles of some of the panels.
fn chosen(value: Value<'_>, panels: &[MetricPanel]) -> Result<Vec<String>, Wrong> {
    let mut chosen = Vec::new();
    for item in value.list("a list of titles of panels")? {
        let title = item.text()?;
        if let Some(why) = no_panel(title, panels) {
            return Err(item.wrong(why));
        }
        chosen.push(title.to_owned());
    }
    Ok(chosen)
}

/// Puts a person's limits in the place of the preset's: those that are named, and no others.
fn change_limits(resource: &Table<'_>, panels: &mut [MetricPanel]) {
    let Some(table) = resource.free_table("limits") else { return };
    for (title, _) in table.keys() {
        if let Some(why) = no_panel(title, panels) {
            table.problem_at(title, why);
            continue;
        }
        for panel in panels.iter_mut().filter(|panel| is_called(panel, title)) {
            if let Some(wanted) = table.table(title, LIMIT_KEYS) {
                panel.limits = limits(&wanted, panel.limits.is_below);
            }
        }
    }
}

/// Why there is no panel of this title; `None` where there is one.
fn no_panel(title: &str, panels: &[MetricPanel]) -> Option<String> {
    if panels.iter().any(|panel| is_called(panel, title)) {
        return None;
    }
    let mut known: Vec<&str> = panels.iter().map(short).collect();
    known.sort_unstable();
    known.dedup();
    Some(format!("has no panel {}{}; there is: {}", quoted(title), suggestion(title, &known), listed(&known)))
}

/// Whether a panel has this title, with or without the name of the item that it is for.
fn is_called(panel: &MetricPanel, title: &str) -> bool {
    panel.label() == title || short(panel) == title
}

fn short(panel: &MetricPanel) -> &str {
    panel.label().rsplit_once(": ").map_or(panel.label(), |(_, title)| title)
}
