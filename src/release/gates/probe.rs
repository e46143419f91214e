//! Health probes: what is sent, what answer is good, and the gate on the last answers. Whoever sends them knows
//! sockets and secrets; here a header is a template and an answer is plain data.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    GateResult, Outcome, Readings, Unit, Why,
    settings::{Gate, Level},
};

/// A health probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// Where it goes.
    pub url: String,
    /// Such as `GET`.
    pub method: String,
    /// Header names, and values that may name variables of the environment.
    pub headers: Vec<(String, Template)>,
    /// What is sent, if anything.
    pub body: Option<String>,
    /// The status of a good answer.
    pub status: u16,
    /// A good answer takes no longer than this; `None` for any time within `limit`.
    pub within: Option<Duration>,
    /// What the body of a good answer says, as JSON. All must hold.
    pub json: Vec<Condition>,
    /// Where in the body the version stands, to be shown.
    pub version: Option<String>,
    /// Where in the body the git commit stands, to be shown.
    pub git_sha: Option<String>,
    /// So many bad answers in a row are a failure.
    pub failures: u32,
    /// How often it is sent, world time. After a shift and after a rollback it is sent at once.
    pub every: Duration,
    /// When it is given up.
    pub limit: Duration,
}

/// A text with `${NAME}` where a variable of the environment belongs, so that no secret stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

impl Template {
    /// Reads a template; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((name, behind)) = behind.split_once('}') else {
                return Err("has a ${ without its }".to_owned());
            };
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(fits) {
                return Err("names no variable: write one such as ${HEALTH_TOKEN}".to_owned());
            }
            pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
            pieces.push(Piece::Variable(name.to_owned()));
            rest = behind;
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
        Ok(Self(pieces))
    }

    /// The variables that it names.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with every variable filled in, or the name of the first one that is not set.
    pub fn fill(&self, variable: impl Fn(&str) -> Option<String>) -> Result<String, &str> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable(name) => filled.push_str(&variable(name).ok_or(name.as_str())?),
            }
        }
        Ok(filled)
    }
}

/// What a body must say at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The way to it: names, numbers of list items, or `*` for all, with dots between: `data.checks.*.ok`.
    pub path: String,
    /// The value that must stand there, everywhere that the path leads to.
    pub equals: Value,
}

impl Condition {
    fn refusal(&self, body: &Value) -> Option<String> {
        let found = at_path(body, &self.path);
        if found.is_empty() {
            return Some(format!("there is no {}", self.path));
        }
        let other = found.iter().find(|value| !is_same(value, &self.equals))?;
        Some(format!("{} is {}, not {}", self.path, short(other), short(&self.equals)))
    }
}

/// Every value that a path leads to.
fn at_path<'a>(body: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('.')
        .fold(vec![body], |values, step| values.into_iter().flat_map(|value| one_step(value, step)).collect())
}

fn one_step<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match (value, step) {
        (Value::Object(fields), "*") => fields.values().collect(),
        (Value::Array(items), "*") => items.iter().collect(),
        (Value::Object(fields), name) => fields.get(name).into_iter().collect(),
        (Value::Array(items), number) => {
            number.parse::<usize>().ok().and_then(|at| items.get(at)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// 1 and 1.0 are the same number.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < f64::EPSILON,
        _ => one == other,
    }
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// What came back: an answer, or why there was none.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A whole answer.
    Response {
        /// The HTTP status.
        status: u16,
        /// From sending to the last byte.
        took: Duration,
        /// The body; a long one is cut by who read it.
        body: String,
    },
    /// None in time, no connection, or a header's variable that is not set.
    Nothing {
        /// In a few words, free of secrets.
        why: String,
    },
}

/// One answer, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeResult {
    /// When it was sent.
    pub at: Timestamp,
    /// Why it is bad; `None` for a good one.
    pub refusal: Option<String>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// How long it took, where there was an answer.
    pub took: Option<Duration>,
    /// The version that answered, where it says so.
    pub version: Option<String>,
    /// The commit that answered, where it says so.
    pub git_sha: Option<String>,
}

impl Probe {
    /// Judges what came back on the probe that was sent at `at`.
    pub fn judge(&self, at: Timestamp, answer: &Answer) -> ProbeResult {
        let (status, took, body) = match answer {
            Answer::Nothing { why } => {
                let refusal = Some(why.clone());
                return ProbeResult { at, refusal, status: None, took: None, version: None, git_sha: None };
            }
            Answer::Response { status, took, body } => (*status, *took, body),
        };
        let json = serde_json::from_str::<Value>(body).ok();
        let told = |path: &Option<String>| {
            let value = *at_path(json.as_ref()?, path.as_deref()?).first()?;
            value.as_str().map(str::to_owned).or_else(|| Some(short(value)))
        };
        ProbeResult {
            at,
            refusal: self.refusal(status, took, json.as_ref()),
            status: Some(status),
            took: Some(took),
            version: told(&self.version),
            git_sha: told(&self.git_sha),
        }
    }

    fn refusal(&self, status: u16, took: Duration, json: Option<&Value>) -> Option<String> {
        if status != self.status {
            return Some(format!("status {status}, not {}", self.status));
        }
        if let Some(within) = self.within
            && took > within
        {
            return Some(format!("{} ms, more than {} ms", took.as_millis(), within.as_millis()));
        }
        match json {
            None if !self.json.is_empty() => Some("the answer is no JSON".to_owned()),
            None => None,
            Some(body) => self.json.iter().find_map(|condition| condition.refusal(body)),
        }
    }

    /// A probe that has been silent for longer than this says nothing any more.
    fn stale_after(&self) -> SignedDuration {
        let longest = self.every.saturating_mul(3).saturating_add(self.limit);
        SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX).max(super::LATE)
    }
}

pub(super) fn evaluate(gate: &Gate, name: &str, level: Level, probes: &[Probe], readings: &Readings<'_>) -> GateResult {
    let result = GateResult::new(&gate.name, Unit::Milliseconds);
    let undecided = |why| Outcome::Undecided { why };
    let Some(probe) = probes.iter().find(|probe| probe.name == name) else {
        return GateResult { outcome: undecided(Why::NotRun), ..result };
    };
    let is_of_now = |answer: &&ProbeResult| readings.shifted.is_none_or(|shifted| answer.at >= shifted);
    let all = readings.probes.get(name).map(Vec::as_slice).unwrap_or_default();
    let answers: Vec<&ProbeResult> = all.iter().filter(is_of_now).collect();
    let Some(last) = answers.last().filter(|last| readings.now.duration_since(last.at) <= probe.stale_after()) else {
        return GateResult { outcome: undecided(Why::NotRun), ..result };
    };
    let bad = answers.iter().rev().take_while(|answer| answer.refusal.is_some()).count();
    let bad = u32::try_from(bad).unwrap_or(u32::MAX);
    let outcome = match bad {
        0 => Outcome::Pass,
        bad if bad >= probe.failures => Outcome::Fail { level, alike: false },
        bad => undecided(Why::NotLong { bad, needed: probe.failures }),
    };
    GateResult {
        outcome,
        value: last.took.map(|took| took.as_secs_f64() * 1000.0),
        threshold: probe.within.map(|within| within.as_secs_f64() * 1000.0),
        data_to: Some(last.at),
        note: last.refusal.clone().or_else(|| last.version.clone()).unwrap_or_default(),
        ..result
    }
}
