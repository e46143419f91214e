//! The gate on a measure: a value over a window against a warning and a critical limit, bad only when it is bad for
//! several closed minutes in a row, or against the hour before the release.

use super::{
    FunctionReading, GateResult, Outcome, Readings, Unit, Why,
    settings::{FunctionMeasure, Gate, Level, Of, Side, Signal, Threshold},
    window::{Source, hour_before},
};
use crate::release::{
    metrics::{formula::Known, minute::Minute},
    stages::Leg,
};

/// A version that is at most this much worse than the other fails alike, not alone.
const ALIKE: f64 = 2.0;
/// So many minutes must have closed since the last shift before a measure says anything.
const LEAST_MINUTES: i64 = 2;

pub(super) fn evaluate(gate: &Gate, check: &Threshold, readings: &Readings<'_>) -> Vec<GateResult> {
    match &check.signal {
        Signal::Function { measure, of } => {
            let result = |function| of_function(gate, check, (measure, *of), function, readings);
            let results: Vec<GateResult> = readings.functions.iter().filter_map(result).collect();
            match readings.leg {
                Some(_) if results.is_empty() => vec![unread(gate, unit_of(measure), readings.metrics_trouble)],
                _ => results,
            }
        }
        Signal::Metric(signal) => {
            let source = Source::Metric { store: readings.store, signal };
            let trial = Trial::new(check, source, readings, Minute::of(readings.closed_until));
            let mut result = trial.result(gate, signal.unit);
            let tracks: Vec<_> = signal.formula.series().into_iter().map(|it| readings.store.track(it)).collect();
            let trouble = tracks.iter().find_map(|track| track.doubt()).or(readings.metrics_trouble);
            match result.outcome {
                Outcome::Undecided { why: Why::NotRead } => {
                    result.be_honest(tracks.iter().map(|track| track.read_to()).min().flatten(), trouble);
                }
                Outcome::Undecided { why: Why::TooEarly } if readings.store.as_of().is_none() => {
                    result.be_honest(None, trouble);
                }
                Outcome::Pass | Outcome::Fail { .. } | Outcome::Undecided { .. } => {}
            }
            vec![result]
        }
    }
}

/// One function's result. Before the first shift nothing is known of a new version.
fn of_function(
    gate: &Gate,
    check: &Threshold,
    (measure, of): (&FunctionMeasure, Of),
    function: &FunctionReading<'_>,
    readings: &Readings<'_>,
) -> Option<GateResult> {
    let of = if check.is_apart() { of } else { Of::All };
    let version = match (of, function.lens.new, readings.leg) {
        (Of::All, ..) => None,
        (Of::New, Some(new), _) => Some(new),
        (Of::New, None, None) => return None,
        // Where what is live is watched without a release, all calls are the new version's.
        (Of::New, None, Some(Leg::Watch)) if function.lens.stable.is_some() => None,
        (Of::New, None, Some(_)) => {
            let target = Some(function.lens.target.clone());
            return Some(GateResult {
                target,
                is_apart: true,
                ..unread(gate, unit_of(measure), readings.metrics_trouble)
            });
        }
    };
    let closed = Minute::of(function.lens.closed_until);
    let trial = |version| {
        let source = Source::Function { function, measure, version };
        Trial::new(check, source, readings, closed)
    };
    let mut result = trial(version).result(gate, unit_of(measure));
    result.target = Some(function.lens.target.clone());
    result.is_apart = version.is_some();
    if !function.is_up_to_date() {
        result.outcome = Outcome::Undecided { why: Why::NotRead };
    }
    result.be_honest(function.lens.read_to(), function.lens.doubt().or(readings.metrics_trouble));
    if let Outcome::Undecided { why: Why::NoData | Why::TooFew { .. } | Why::NoBaseline } = result.outcome {
        result.holds = function.expect_traffic;
    }
    let is_split = function.lens.percent > 0.0 && function.lens.percent < 100.0;
    if let (Outcome::Fail { alike, .. }, Some(stable), true) =
        (&mut result.outcome, function.lens.stable, is_split && of == Of::New)
    {
        *alike = trial(version).is_shared_with(&trial(Some(stable)));
    }
    Some(result)
}

/// What is said where nobody has read what must be known.
fn unread(gate: &Gate, unit: Unit, trouble: Option<&str>) -> GateResult {
    let mut result = GateResult::new(&gate.name, unit);
    result.be_honest(None, trouble);
    result
}

fn unit_of(measure: &FunctionMeasure) -> Unit {
    match measure {
        FunctionMeasure::ErrorRate => Unit::Percent,
        FunctionMeasure::Duration(_) => Unit::Milliseconds,
        FunctionMeasure::Errors | FunctionMeasure::Throttles | FunctionMeasure::Invocations => Unit::Count,
    }
}

/// A threshold on trial: what it says of one source.
struct Trial<'a> {
    check: &'a Threshold,
    source: Source<'a>,
    /// The last closed minute's end, as a minute.
    closed: Minute,
    /// The first whole minute since the last shift.
    since: Option<Minute>,
    /// The hour before the release.
    hour: Option<(Minute, Minute)>,
}

/// A value as the limits understand it.
#[derive(Clone, Copy)]
enum Held {
    Value(f64),
    Not(Why),
}

impl<'a> Trial<'a> {
    fn new(check: &'a Threshold, source: Source<'a>, readings: &Readings<'_>, closed: Minute) -> Self {
        let since = readings.shifted.map(Minute::after_change);
        Self { check, source, closed, since, hour: readings.began.map(hour_before) }
    }

    fn result(&self, gate: &Gate, unit: Unit) -> GateResult {
        let held = self.at(self.closed);
        let (value, outcome) = match held {
            Held::Value(value) => (Some(value), self.outcome(value)),
            Held::Not(why) => (None, Outcome::Undecided { why }),
        };
        let outcome = match self.minutes_since_shift() {
            Some(minutes) if minutes < LEAST_MINUTES => Outcome::Undecided { why: Why::TooEarly },
            _ => outcome,
        };
        let unit = if matches!(self.check.side, Side::Drop | Side::Rise) { Unit::Percent } else { unit };
        let data_to = Some(self.closed.start());
        let threshold = match outcome {
            Outcome::Fail { level: Level::Warning, .. } => self.check.warning,
            Outcome::Fail { level: Level::Critical, .. } | Outcome::Pass | Outcome::Undecided { .. } => {
                self.check.critical.or(self.check.warning)
            }
        };
        GateResult { outcome, value, threshold, data_to, ..GateResult::new(&gate.name, unit) }
    }

    /// What the latest value and those of the minutes before it say together.
    fn outcome(&self, latest: f64) -> Outcome {
        let Some(reached) = self.check.level(latest) else { return Outcome::Pass };
        let critical = self.bad_in_a_row(Level::Critical);
        let warning = self.bad_in_a_row(Level::Warning);
        let needed = self.check.sustained.max(LEAST_MINUTES);
        match reached {
            _ if critical >= needed => Outcome::Fail { level: Level::Critical, alike: false },
            Level::Critical => Outcome::Undecided { why: not_long(critical, needed) },
            Level::Warning if warning >= needed => Outcome::Fail { level: Level::Warning, alike: false },
            Level::Warning => Outcome::Pass,
        }
    }

    /// For how many closed minutes in a row, the latest first, it has been at least so bad. It looks no further back
    /// than it must.
    fn bad_in_a_row(&self, level: Level) -> i64 {
        let needed = self.check.sustained.max(LEAST_MINUTES);
        let is_bad = |back: &i64| match self.at(self.closed.plus(-back)) {
            Held::Value(value) => self.check.level(value).is_some_and(|reached| reached >= level),
            Held::Not(_) => false,
        };
        i64::try_from((0..needed).take_while(is_bad).count()).unwrap_or(i64::MAX)
    }

    /// The value of the window that ends at `end`.
    fn at(&self, end: Minute) -> Held {
        let Some(from) = self.from(end) else { return Held::Not(Why::TooEarly) };
        let (value, pace) = match self.source.over(from, end) {
            Known::Unread => return Held::Not(Why::NotRead),
            Known::Nothing => return Held::Not(Why::NoData),
            Known::Value { calls: Some(calls), .. } if calls < self.check.minimum => {
                return Held::Not(Why::TooFew { calls, needed: self.check.minimum });
            }
            Known::Value { value, pace, .. } => (value, pace),
        };
        match self.check.side {
            Side::Above | Side::Below => Held::Value(value),
            Side::Drop => self.against_the_hour_before(|before| 100.0 * (before - pace) / before),
            Side::Rise => self.against_the_hour_before(|before| 100.0 * (pace - before) / before),
        }
    }

    /// Where the window that ends at `end` begins; `None` where nothing of it lies behind the last shift.
    fn from(&self, end: Minute) -> Option<Minute> {
        let from = end.plus(-self.check.over);
        match self.since {
            Some(since) if !self.check.reach_back => (since < end).then_some(from.max(since)),
            _ => Some(from),
        }
    }

    fn against_the_hour_before(&self, change: impl Fn(f64) -> f64) -> Held {
        let Some((from, to)) = self.hour else { return Held::Not(Why::NoBaseline) };
        match self.before().over(from, to) {
            Known::Unread => Held::Not(Why::NotRead),
            Known::Value { pace, .. } if pace > 0.0 => Held::Value(change(pace)),
            Known::Value { .. } | Known::Nothing => Held::Not(Why::NoBaseline),
        }
    }

    /// The source as it was before the release, when all calls were the stable version's.
    fn before(&self) -> Source<'a> {
        match self.source {
            Source::Function { function, measure, .. } => Source::Function { function, measure, version: None },
            Source::Metric { .. } => self.source,
        }
    }

    fn minutes_since_shift(&self) -> Option<i64> {
        self.since.map(|since| since.minutes_to(self.closed))
    }

    /// Whether the stable version is bad as well, and this one not much worse.
    fn is_shared_with(&self, stable: &Self) -> bool {
        match (self.at(self.closed), stable.at(self.closed)) {
            (Held::Value(new), Held::Value(stable)) => {
                let not_much_worse = match self.check.side {
                    Side::Above | Side::Rise | Side::Drop => new <= stable * ALIKE,
                    Side::Below => new * ALIKE >= stable,
                };
                self.check.level(stable) >= self.check.level(new) && not_much_worse
            }
            _ => false,
        }
    }
}

fn not_long(bad: i64, needed: i64) -> Why {
    let small = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Why::NotLong { bad: small(bad), needed: small(needed) }
}
