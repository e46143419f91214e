//! A configuration's gates over a recording: each minute is put where live code has CloudWatch's answers, and the gates
//! are asked as they are live. A recording holds calls and errors alone, so gates that look at anything else have
//! nothing to say here.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::release::{
    gates::{
        self, Check, FunctionReading, Gate, GateResult, Level, Outcome, Readings, Standing,
        settings::{FunctionMeasure, Signal},
    },
    judge::counts::{Counts, MinuteCounts, number},
    memory::ShiftMark,
    metrics::{
        Answer, Measure, Question, Series, SeriesAnswer,
        lens::Lens,
        store::{MetricStore, ONE_MINUTE},
    },
    names::{Target, Version},
    stages::Leg,
};

const STABLE: Version = Version::Number(1);
const NEW: Version = Version::Number(2);

/// Gates under replay.
#[derive(Debug, Clone)]
pub struct RecordedGates {
    gates: Vec<Gate>,
    target: Target,
    store: MetricStore,
    shifts: Vec<ShiftMark>,
}

impl RecordedGates {
    /// The gates that a recording can answer.
    pub fn of(gates: &[Gate]) -> Self {
        Self {
            gates: gates.iter().filter(|gate| is_recorded(gate)).cloned().collect(),
            target: Target::new("recorded", "live"),
            store: MetricStore::default(),
            shifts: Vec::new(),
        }
    }

    /// The names of those that it cannot.
    pub fn silent(gates: &[Gate]) -> impl Iterator<Item = &str> {
        gates.iter().filter(|gate| !is_recorded(gate)).map(|gate| gate.name.as_str())
    }

    /// Takes a closed minute, later than those before. Returns the first gate that would have the release taken back
    /// now: one that fails, and not for both versions alike.
    pub fn take(&mut self, minute: &MinuteCounts) -> Option<String> {
        if self.gates.is_empty() {
            return None;
        }
        self.remember(minute);
        let percent = 100.0 * minute.weight;
        let last = self.shifts.last().map_or(0.0, |mark| mark.percent);
        if (percent - last).abs() > f64::EPSILON {
            self.shifts.push(ShiftMark { at: minute.at.start(), percent });
        }
        if percent > 0.0 { self.failing(percent, minute.at.end()) } else { None }
    }

    /// Puts a minute's counts into the store, as an answer that is complete.
    fn remember(&mut self, minute: &MinuteCounts) {
        let MinuteCounts { stable, new, .. } = minute;
        let both = Counts { calls: stable.calls + new.calls, errors: stable.errors + new.errors, ..Counts::default() };
        let versions = [(None, &both), (Some(STABLE), stable), (Some(NEW), new)];
        let series: Vec<_> = versions.into_iter().flat_map(|(version, counts)| self.answers(version, counts)).collect();
        let answer = |(series, value): (Series, f64)| SeriesAnswer {
            series,
            // CloudWatch has no point where nothing happened.
            points: if value > 0.0 { vec![(minute.at.start(), value)] } else { Vec::new() },
            doubt: None,
        };
        let answer = Answer { series: series.into_iter().map(answer).collect() };
        let question =
            Question { series: Vec::new(), from: minute.at.start(), to: minute.at.end(), period: ONE_MINUTE };
        self.store.take(&question, &answer);
    }

    fn answers(&self, version: Option<Version>, counts: &Counts) -> [(Series, f64); 2] {
        let series = |measure| Series::lambda(&self.target, version, measure);
        [(series(Measure::Invocations), number(counts.calls)), (series(Measure::Errors), number(counts.errors))]
    }

    fn failing(&self, percent: f64, closed_until: Timestamp) -> Option<String> {
        let lens = Lens {
            store: &self.store,
            target: &self.target,
            stable: Some(STABLE),
            new: Some(NEW),
            percent,
            shifts: &self.shifts,
            rolled_back: None,
            closed_until,
        };
        let results = gates::evaluate(
            &self.gates,
            &Readings {
                now: closed_until,
                leg: Some(if percent < 100.0 { Leg::Bake } else { Leg::Watch }),
                began: self.shifts.first().map(|mark| mark.at),
                shifted: self.shifts.last().map(|mark| mark.at),
                functions: &[FunctionReading { lens, due_until: closed_until, expect_traffic: true }],
                store: &self.store,
                closed_until,
                alarms: &[],
                alarms_read: None,
                metrics_trouble: None,
                alarms_trouble: None,
                probes: &BTreeMap::new(),
                commands: &BTreeMap::new(),
                judge: None,
            },
        );
        if gates::standing(&results) != Standing::Failed {
            return None;
        }
        let alone = |result: &&GateResult| result.outcome == Outcome::Fail { level: Level::Critical, alike: false };
        results.iter().find(alone).map(|result| result.gate.clone())
    }
}

/// Whether a recording has what a gate looks at.
fn is_recorded(gate: &Gate) -> bool {
    let Check::Threshold(check) = &gate.check else { return false };
    match &check.signal {
        Signal::Function { measure, .. } => match measure {
            FunctionMeasure::ErrorRate | FunctionMeasure::Errors | FunctionMeasure::Invocations => true,
            FunctionMeasure::Throttles | FunctionMeasure::Duration(_) => false,
        },
        Signal::Metric(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{
        gates::settings::{Of, Threshold, When, defaults},
        judge::Settings,
        replay::{Deciders, decide},
        trace::{self, Recording},
    };

    /// At most so many percent of the new version's calls may fail.
    fn error_rate(percent: f64) -> Gate {
        let signal = Signal::Function { measure: FunctionMeasure::ErrorRate, of: Of::New };
        let check = Threshold { critical: Some(percent), ..Threshold::of(signal) };
        Gate { name: "errors".to_owned(), when: When::Always, check: Check::Threshold(check) }
    }

    /// Both versions always fail 2 of 100 calls; the new one has a tenth of them, then all from minute 10 on.
    fn two_percent() -> Recording {
        let mut lines = vec![trace::COLUMNS.join(",")];
        lines.extend((-60..0).map(|minute| format!("r,{minute},0,1000,20,0,0,0,0")));
        lines.extend((0..10).map(|minute| format!("r,{minute},0.1,900,18,0,100,2,0")));
        lines.extend((10..20).map(|minute| format!("r,{minute},1,0,0,0,1000,20,0")));
        trace::read(&lines.join("\n")).unwrap().remove(0)
    }

    fn decided(gate: Gate) -> (Option<String>, i64) {
        let decision = decide(&two_percent(), Deciders { gates: &[gate], settings: Settings::default() });
        assert!(!decision.verdict.is_against(), "{:?}", decision.verdict);
        (decision.rule(), trace::number(decision.at.unwrap()))
    }

    #[test]
    fn a_gate_that_fails_takes_the_release_back() {
        // Side by side both fail alike; alone it takes two closed minutes after the shift.
        assert_eq!(decided(error_rate(1.0)), (Some("gate errors".to_owned()), 11));
        assert_eq!(decided(error_rate(3.0)), (None, 19));
    }

    #[test]
    fn gates_that_look_at_anything_else_are_named() {
        let gates = [defaults(), vec![error_rate(1.0)]].concat();
        assert_eq!(RecordedGates::silent(&gates).collect::<Vec<_>>(), ["alarms"]);
        assert_eq!(RecordedGates::of(&gates).gates.len(), 2);
    }
}
