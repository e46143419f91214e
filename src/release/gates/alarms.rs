//! The gate on alarms: none of the chosen ones may be in ALARM. An alarm that rang before the release is said but
//! stops nothing, for a rollback would not silence it.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    GateResult, Outcome, Readings, Unit, Why,
    settings::{AlarmCheck, Gate, Level},
};
use crate::release::{
    count::several,
    facts::{Alarm, AlarmState, Severity},
    gates::LATE,
};

/// An alarm as a gate sees it.
#[derive(Debug, Clone, Copy)]
pub struct AlarmReading<'a> {
    /// As it was read.
    pub alarm: &'a Alarm,
    /// How bad it is by the configuration.
    pub severity: Option<Severity>,
    /// What that means for people, such as `page`.
    pub means: Option<&'a str>,
    /// What too little data means.
    pub insufficient: Insufficient,
    /// Whether it was in ALARM before the first shift and has been since, where AWS gives no time of the transition.
    pub from_before: bool,
}

/// What `INSUFFICIENT_DATA` means. An alarm on a metric that is only reported when something happens rests there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Insufficient {
    /// It cannot be said.
    #[default]
    Undecided,
    /// As good as OK.
    Ok,
}

impl AlarmReading<'_> {
    fn is_from_before(&self, began: Option<Timestamp>) -> bool {
        self.from_before || self.alarm.since.zip(began).is_some_and(|(since, began)| since <= began)
    }

    fn outcome(&self, check: &AlarmCheck, began: Option<Timestamp>) -> Outcome {
        if self.alarm.doubt.is_some() {
            return Outcome::Undecided { why: Why::AlarmDoubtful };
        }
        match (self.alarm.state, self.insufficient) {
            (AlarmState::Alarm, _) if self.is_from_before(began) => {
                Outcome::Fail { level: Level::Warning, alike: false }
            }
            (AlarmState::Alarm, _) => Outcome::Fail { level: check.level, alike: false },
            (AlarmState::InsufficientData, Insufficient::Undecided) => {
                Outcome::Undecided { why: Why::AlarmInsufficient }
            }
            (AlarmState::InsufficientData, Insufficient::Ok) | (AlarmState::Ok, _) => Outcome::Pass,
        }
    }

    fn note(&self, outcome: Outcome, began: Option<Timestamp>) -> String {
        let before = if self.is_from_before(began) { ", since before the release" } else { "" };
        match outcome {
            Outcome::Fail { .. } => {
                let means = self.means.map(|means| format!(" ({means})")).unwrap_or_default();
                format!("{} is in ALARM{means}{before}", self.alarm.label())
            }
            Outcome::Undecided { .. } | Outcome::Pass => self.alarm.label().into_owned(),
        }
    }
}

/// The names of the chosen alarms that ring: before the first shift somebody must acknowledge each.
pub fn ringing<'a>(check: &AlarmCheck, alarms: &'a [AlarmReading<'a>]) -> Vec<Cow<'a, str>> {
    let rings = |reading: &&AlarmReading<'_>| {
        check.picks(&reading.alarm.name, reading.severity) && reading.alarm.state == AlarmState::Alarm
    };
    alarms.iter().filter(rings).map(|reading| reading.alarm.label()).collect()
}

pub(super) fn evaluate(gate: &Gate, check: &AlarmCheck, readings: &Readings<'_>) -> GateResult {
    let result = GateResult { data_to: readings.alarms_read, ..GateResult::new(&gate.name, Unit::Count) };
    if readings.alarms_read.is_none_or(|read| readings.now.duration_since(read) > LATE) {
        let why = if readings.alarms_trouble.is_some() { Why::AlarmsFail } else { Why::NotRead };
        let note = readings.alarms_trouble.unwrap_or_default().to_owned();
        return GateResult { outcome: Outcome::Undecided { why }, note, ..result };
    }
    let chosen = readings.alarms.iter().filter(|reading| check.picks(&reading.alarm.name, reading.severity));
    let found = chosen.map(|reading| {
        let outcome = reading.outcome(check, readings.began);
        (outcome, reading.note(outcome, readings.began))
    });
    let is_there = |name: &String| readings.alarms.iter().any(|reading| reading.alarm.name == *name);
    let missing = check.names.iter().filter(|name| !is_there(name));
    let missing = missing.map(|name| (Outcome::Undecided { why: Why::AlarmMissing }, name.clone()));
    let all: Vec<(Outcome, String)> = found.chain(missing).collect();
    let rank = |(outcome, _): &(Outcome, String)| match outcome {
        Outcome::Fail { level: Level::Critical, .. } => 3,
        Outcome::Undecided { .. } => 2,
        Outcome::Fail { level: Level::Warning, .. } => 1,
        Outcome::Pass => 0,
    };
    let Some(worst) = all.iter().map(rank).max() else {
        return GateResult { note: "no alarm is chosen".to_owned(), ..result };
    };
    let of_that_kind: Vec<&(Outcome, String)> = all.iter().filter(|one| rank(one) == worst).collect();
    let outcome = of_that_kind.first().map_or(Outcome::Pass, |(outcome, _)| *outcome);
    let note = if worst == 0 {
        several(all.len(), "alarm")
    } else {
        of_that_kind.iter().map(|(_, note)| note.as_str()).collect::<Vec<_>>().join(", ")
    };
    GateResult { outcome, note, ..result }
}
