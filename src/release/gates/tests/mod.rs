//! Gates as an on-call engineer would put them, on minutes written out by hand.

mod others;
mod thresholds;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::{
    settings::{FunctionMeasure, Of, Side, Signal, Threshold, When},
    *,
};
use crate::release::{
    memory::ShiftMark,
    metrics::{Answer, Measure, Question, Series, SeriesAnswer, minute::Minute, store::ONE_MINUTE},
    names::{Target, Version},
};

const OLD: Version = Version::Number(42);
const NEW: Version = Version::Number(43);

fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time}:00Z").parse().unwrap()
}

/// A function in mid-release, and CloudWatch's answers about it.
struct Bench {
    store: MetricStore,
    target: Target,
    shifts: Vec<ShiftMark>,
    percent: f64,
    closed: Timestamp,
    due: Timestamp,
    expect_traffic: bool,
}

impl Bench {
    /// Shifted to 10 percent at 14:00; now the minutes up to this one are closed.
    fn closed_until(closed: &str) -> Self {
        Self {
            store: MetricStore::default(),
            target: Target::new("pay", "live"),
            shifts: vec![ShiftMark { at: at("14:00"), percent: 10.0 }],
            percent: 10.0,
            closed: at(closed),
            due: at(closed),
            expect_traffic: true,
        }
    }

    fn series(&self, version: Option<Version>, measure: Measure) -> Series {
        Series::lambda(&self.target, version, measure)
    }

    /// Minute by minute from a time on; `None` is a minute without a point.
    fn minutes(&mut self, series: &Series, from: &str, values: &[Option<f64>]) {
        let start = Minute::of(at(from));
        let end = start.plus(i64::try_from(values.len()).unwrap());
        let points =
            start.until(end).zip(values).filter_map(|(minute, value)| Some((minute.start(), (*value)?))).collect();
        let question =
            Question { series: vec![series.clone()], from: start.start(), to: end.start(), period: ONE_MINUTE };
        self.store
            .take(&question, &Answer { series: vec![SeriesAnswer { series: series.clone(), points, doubt: None }] });
    }

    /// Calls and errors of a version from 14:00 on; the alias has ten times the calls.
    fn calls(&mut self, version: Version, minutes: &[(f64, f64)]) {
        let column = |pick: fn(&(f64, f64)) -> f64| minutes.iter().map(|row| Some(pick(row))).collect::<Vec<_>>();
        let (calls, errors) = (column(|row| row.0), column(|row| row.1));
        self.minutes(&self.series(Some(version), Measure::Invocations), "14:00", &calls);
        self.minutes(&self.series(Some(version), Measure::Errors), "14:00", &errors);
        let all: Vec<_> = calls.iter().map(|calls| calls.map(|calls| calls * 10.0)).collect();
        self.minutes(&self.series(None, Measure::Invocations), "14:00", &all);
        self.minutes(&self.series(None, Measure::Errors), "14:00", &errors);
    }

    fn function(&self) -> FunctionReading<'_> {
        FunctionReading {
            lens: Lens {
                store: &self.store,
                target: &self.target,
                stable: Some(OLD),
                new: Some(NEW),
                percent: self.percent,
                shifts: &self.shifts,
                rolled_back: None,
                closed_until: self.closed,
            },
            due_until: self.due,
            expect_traffic: self.expect_traffic,
        }
    }

    /// Gives the readings to somebody.
    fn with<T>(&self, look: impl FnOnce(&Readings<'_>) -> T) -> T {
        let functions = [self.function()];
        look(&Readings {
            now: self.closed + Duration::from_secs(125),
            leg: Some(if self.percent < 100.0 { Leg::Bake } else { Leg::Watch }),
            began: self.shifts.first().map(|mark| mark.at),
            shifted: self.shifts.last().map(|mark| mark.at),
            functions: &functions,
            store: &self.store,
            closed_until: self.closed,
            alarms: &[],
            alarms_read: None,
            metrics_trouble: None,
            alarms_trouble: None,
            probes: &BTreeMap::new(),
            commands: &BTreeMap::new(),
            judge: None,
        })
    }

    fn ask(&self, check: Threshold) -> GateResult {
        let gates = [gate(Check::Threshold(check))];
        self.with(|readings| evaluate(&gates, readings)).remove(0)
    }

    fn outcome(&self, check: Threshold) -> Outcome {
        self.ask(check).outcome
    }

    /// Answers everything that a gate needs with this value.
    fn answer_needs(&mut self, check: &Threshold, value: f64) {
        let needs = self.with(|readings| needs(&[gate(Check::Threshold(check.clone()))], readings));
        for need in needs {
            let (series, from, to) = match need {
                Need::Minutes { series, from } => (series, from, self.closed),
                Need::Window { series, from, to } => (series, from, to),
            };
            let is_by_minute = !series.statistic.starts_with('p') || (to - from).get_seconds() <= 60;
            let period = if is_by_minute { ONE_MINUTE } else { Duration::try_from(to.duration_since(from)).unwrap() };
            let points = if is_by_minute {
                Minute::of(from).until(Minute::of(to)).map(|minute| (minute.start(), value)).collect()
            } else {
                vec![(from, value)]
            };
            let question = Question { series: vec![series.clone()], from, to, period };
            self.store.take(&question, &Answer { series: vec![SeriesAnswer { series, points, doubt: None }] });
        }
    }
}

fn gate(check: Check) -> Gate {
    Gate { name: "gate".to_owned(), when: When::Always, check }
}

fn threshold(measure: FunctionMeasure, critical: f64) -> Threshold {
    Threshold { critical: Some(critical), ..Threshold::of(Signal::Function { measure, of: Of::New }) }
}

fn error_rate(critical: f64) -> Threshold {
    threshold(FunctionMeasure::ErrorRate, critical)
}

fn fail(level: Level) -> Outcome {
    Outcome::Fail { level, alike: false }
}

fn undecided(why: Why) -> Outcome {
    Outcome::Undecided { why }
}
