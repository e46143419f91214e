//! `[[environments.NAME.probes]]`: health endpoints, and what they must answer. A header's value stays in a variable of
//! the environment: this file names it.

use std::{str::FromStr, time::Duration};

use http::{HeaderName, Method, Uri};
use serde_json::Value as Json;

use super::{
    document::{Table, Value, Wrong},
    error::{listed, quoted, suggestion},
    read::{checked, up_to},
    words,
};
use crate::probe::{Expected, JsonCondition, JsonPath, Probe};

/// Every key of the table.
pub(super) const KEYS: &[&str] = &[
    "name",
    "url",
    "method",
    "headers_from_env",
    "status",
    "within",
    "json",
    "version",
    "git_sha",
    "failures",
    "every",
    "limit",
];
/// Every key of a condition in `json`.
pub(super) const CONDITION_KEYS: &[&str] = &["path", "equals", "not", "at_least", "at_most", "exists", "all", "any"];
/// What a condition with a path may say.
const COMPARISONS: &[&str] = &["equals", "not", "at_least", "at_most", "exists"];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "OPTIONS"];
const LONGEST_LIMIT: Duration = Duration::from_mins(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(10);
/// Deeper conditions are nobody's.
const DEEPEST: usize = 8;

/// A probe, and how often it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeSettings {
    /// The probe.
    pub probe: Probe,
    /// How often it is sent, world time; after a shift and a rollback it is sent at once.
    pub every: Duration,
}

impl ProbeSettings {
    /// A probe that has been silent for longer than this says nothing any more.
    pub fn stale_after(&self) -> Duration {
        const LEAST: Duration = Duration::from_mins(2);
        self.every.saturating_mul(3).saturating_add(self.probe.timeout).max(LEAST)
    }
}

/// The probes of an environment.
pub(super) fn probes(environment: &Table<'_>) -> Vec<ProbeSettings> {
    let mut probes: Vec<ProbeSettings> = Vec::new();
    for table in environment.tables("probes", KEYS) {
        let Some(settings) = probe(&table) else { continue };
        if probes.iter().any(|other| other.probe.name == settings.probe.name) {
            table.problem_at("name", format!("there are two probes {}", quoted(&settings.probe.name)));
        }
        probes.push(settings);
    }
    probes
}

fn probe(table: &Table<'_>) -> Option<ProbeSettings> {
    let name = table.require("name", checked(words::name));
    let url = table.require("url", checked(address));
    let method = table.read("method", checked(method)).unwrap_or(Method::GET);
    let path = |key: &str, default: &str| {
        table.read(key, checked(JsonPath::from_str)).or_else(|| JsonPath::from_str(default).ok())
    };
    let probe = Probe {
        method,
        headers_from_env: headers(table),
        expect_status: table.read("status", statuses).unwrap_or_else(|| vec![200]),
        latency_limit: table.read("within", up_to(LONGEST_LIMIT)),
        conditions: conditions(table, "json", 0),
        failures_in_a_row: table.read("failures", failures).unwrap_or(3),
        timeout: table.read("limit", some_time(LONGEST_LIMIT)).unwrap_or(Duration::from_secs(5)),
        version_path: path("version", "version")?,
        sha_path: path("git_sha", "git_sha")?,
        name: name?,
        url: url?,
    };
    let every = table.read("every", some_time(LONGEST_PAUSE)).unwrap_or(Duration::from_secs(15));
    Some(ProbeSettings { probe, every })
}

/// An address that is shown on the screen: it holds no user, no password.
fn address(text: &str) -> Result<Uri, String> {
    let refuse = |why: &str| format!("{} {why}; write one such as \"https://api.example.com/health\"", quoted(text));
    let uri: Uri = text.parse().map_err(|_| refuse("is not an address"))?;
    let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(refuse("does not begin with http:// or https://"));
    };
    if authority.as_str().contains('@') {
        return Err(
            "an address may not hold a user or password: it is shown on screen; use `headers_from_env`".to_owned()
        );
    }
    Ok(uri)
}

fn method(text: &str) -> Result<Method, String> {
    if !METHODS.contains(&text) {
        return Err(format!("{} is not one of {}{}", quoted(text), listed(METHODS), suggestion(text, METHODS)));
    }
    text.parse().map_err(|_| format!("{} is not a method", quoted(text)))
}

fn headers(probe: &Table<'_>) -> Vec<(HeaderName, String)> {
    let Some(table) = probe.free_table("headers_from_env") else { return Vec::new() };
    let mut headers = Vec::new();
    for (header, _) in table.keys() {
        let Ok(name) = HeaderName::from_str(header) else {
            table.problem_at(header, format!("{} is not a header's name", quoted(header)));
            continue;
        };
        headers.extend(table.read(header, checked(variable)).map(|variable| (name, variable)));
    }
    headers
}

/// The name of a variable. A value that is no name is most likely the secret itself, so it is not repeated.
fn variable(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || text.len() > 100 || !text.chars().all(fits) || text.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err("name the variable of the environment that holds the header's value, such as \"HEALTH_TOKEN\"; \
                    the value itself does not belong into a file"
            .to_owned());
    }
    Ok(text.to_owned())
}

fn statuses(value: Value<'_>) -> Result<Vec<u16>, Wrong> {
    let items = value.list("a status such as 200, or a list of them").or_else(|wrong| match value.whole() {
        Ok(_) => Ok(vec![value]),
        Err(_) => Err(wrong),
    })?;
    if items.is_empty() {
        return Err(value.wrong("needs at least one status, such as 200"));
    }
    let status = |item: Value<'_>| {
        let whole = item.whole()?;
        let status = u16::try_from(whole).ok().filter(|status| (100..600).contains(status));
        status.ok_or_else(|| item.wrong(format!("{whole} is not an HTTP status")))
    };
    items.into_iter().map(status).collect()
}

fn failures(value: Value<'_>) -> Result<u32, Wrong> {
    let whole = value.whole()?;
    let failures = u32::try_from(whole).ok().filter(|failures| (1..=100).contains(failures));
    failures.ok_or_else(|| value.wrong(format!("{whole} is not a number of failures from 1 to 100")))
}

/// A duration above zero.
pub(super) fn some_time<'a>(longest: Duration) -> impl Fn(Value<'a>) -> Result<Duration, Wrong> {
    move |value| match up_to(longest)(value)? {
        Duration::ZERO => Err(value.wrong("must be longer than nothing")),
        duration => Ok(duration),
    }
}

/// All conditions under a key.
fn conditions(table: &Table<'_>, key: &str, depth: usize) -> Vec<JsonCondition> {
    table.tables(key, CONDITION_KEYS).iter().filter_map(|table| condition(table, depth)).collect()
}

fn condition(table: &Table<'_>, depth: usize) -> Option<JsonCondition> {
    if depth > DEEPEST {
        table.problem("conditions are nested too deeply".to_owned());
        return None;
    }
    for (key, group) in
        [("all", JsonCondition::All as fn(Vec<JsonCondition>) -> JsonCondition), ("any", JsonCondition::Any)]
    {
        if table.has(key) {
            if table.keys().count() > 1 {
                table.problem(format!("`{key}` stands alone: put what else there is into its list"));
            }
            return Some(group(conditions(table, key, depth + 1)));
        }
    }
    let path = table.require("path", checked(JsonPath::from_str));
    let present: Vec<&str> = COMPARISONS.iter().copied().filter(|key| table.has(key)).collect();
    let expected = match present.as_slice() {
        ["equals"] => table.read("equals", json).map(Expected::Equal),
        ["not"] => table.read("not", json).map(Expected::NotEqual),
        ["at_least"] => table.read("at_least", Value::number).map(Expected::AtLeast),
        ["at_most"] => table.read("at_most", Value::number).map(Expected::AtMost),
        ["exists"] => table.read("exists", exists).map(|()| Expected::Exists),
        _ => {
            table.problem(format!("a condition needs exactly one of {}", listed(COMPARISONS)));
            None
        }
    };
    Some(JsonCondition::Value { path: path?, expected: expected? })
}

/// A text, a number, true or false, as JSON has it.
fn json(value: Value<'_>) -> Result<Json, Wrong> {
    if let Ok(text) = value.text() {
        return Ok(Json::from(text));
    }
    if let Ok(flag) = value.flag() {
        return Ok(Json::from(flag));
    }
    if let Ok(whole) = value.whole() {
        return Ok(Json::from(whole));
    }
    value.number().map(Json::from).map_err(|_| value.expected("a text, a number, true or false"))
}

fn exists(value: Value<'_>) -> Result<(), Wrong> {
    if value.flag()? { Ok(()) } else { Err(value.wrong("only `exists = true` can be asked for")) }
}
