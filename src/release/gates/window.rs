//! A signal over a window of closed minutes: one value, or why there is none. Rates come from sums over the window,
//! percentiles from CloudWatch's own value for it; nothing is averaged that must not be.

use jiff::Timestamp;

use super::{
    FunctionReading,
    settings::{FunctionMeasure, MetricSignal},
};
use crate::release::{
    metrics::{
        Measure, Series,
        minute::Minute,
        store::{Datum, MetricStore},
    },
    names::Version,
};

/// What a signal says over a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Known {
    /// A value.
    Value {
        /// In the signal's unit.
        value: f64,
        /// A sum by the minute, where windows of different lengths are compared; else the value itself.
        pace: f64,
        /// Of how many calls, or of what `per` counts.
        calls: Option<f64>,
    },
    /// Read, and nothing there.
    Nothing,
    /// Not read completely.
    Unread,
}

/// A signal, and where its data are.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// A measure of a function, of one version's calls or of all.
    Function { function: &'a FunctionReading<'a>, measure: &'a FunctionMeasure, version: Option<Version> },
    /// A metric of the configuration.
    Metric { store: &'a MetricStore, signal: &'a MetricSignal },
}

impl Source<'_> {
    /// The signal over the minutes from `from` on, before `to`.
    pub fn over(&self, from: Minute, to: Minute) -> Known {
        match *self {
            Self::Function { function, measure, version } => over_function(function, measure, version, from, to),
            Self::Metric { store, signal } => over_metric(store, signal, from, to),
        }
    }
}

fn over_function(
    function: &FunctionReading<'_>,
    measure: &FunctionMeasure,
    version: Option<Version>,
    from: Minute,
    to: Minute,
) -> Known {
    let lens = &function.lens;
    if !from.until(to).all(|minute| lens.is_read(version, minute)) {
        return Known::Unread;
    }
    if *measure == FunctionMeasure::Throttles {
        let throttles: Vec<f64> = from.until(to).filter_map(|minute| lens.throttled(minute)).collect();
        return sum_of(&throttles, from, to, None);
    }
    let counts: Vec<_> = from.until(to).filter_map(|minute| lens.counted(version, minute)).collect();
    let calls: f64 = counts.iter().map(|counted| counted.calls).sum();
    if calls <= 0.0 {
        return Known::Nothing;
    }
    let errors = counts.iter().map(|counted| counted.errors).sum::<Option<f64>>();
    match (measure, errors) {
        (FunctionMeasure::Invocations | FunctionMeasure::Throttles, _) => sum_of(&[calls], from, to, Some(calls)),
        (FunctionMeasure::Errors | FunctionMeasure::ErrorRate, None) => Known::Unread,
        (FunctionMeasure::Errors, Some(errors)) => sum_of(&[errors], from, to, Some(calls)),
        (FunctionMeasure::ErrorRate, Some(errors)) => Known::whole((100.0 * errors / calls).min(100.0), Some(calls)),
        (FunctionMeasure::Duration(percentile), _) => {
            let Some(series) = duration(function, version, percentile) else { return Known::Nothing };
            match windowed(lens.store, &series, from, to) {
                Known::Value { value, .. } => Known::whole(value * lens.target.duration_unit_ms(), Some(calls)),
                // There were calls, so there is a percentile: it has only not been read.
                Known::Nothing | Known::Unread => Known::Unread,
            }
        }
    }
}

/// The series of a percentile of the duration. Once the new version has all the traffic, all calls through the alias
/// are its calls, and whether AWS still tells versions apart does not matter. `None` where there is no such series.
pub(super) fn duration(function: &FunctionReading<'_>, version: Option<Version>, percentile: &str) -> Option<Series> {
    let lens = &function.lens;
    let is_split = lens.percent > 0.0 && lens.percent < 100.0;
    let version = version.and_then(|version| lens.target.told_apart(version, is_split));
    let series = Series::of(lens.target, version.or_else(|| lens.counted_alone()), Measure::P99)?;
    Some(Series { statistic: percentile.to_owned(), ..series })
}

fn over_metric(store: &MetricStore, signal: &MetricSignal, from: Minute, to: Minute) -> Known {
    if !is_by_minute(&signal.series.statistic) {
        return windowed(store, &signal.series, from, to);
    }
    let per = signal.per.as_ref().map(|per| store.track(per));
    let companion = signal.companion.as_ref().or(signal.per.as_ref()).map(|companion| store.track(companion));
    let track = store.track(&signal.series);
    let mut values = Vec::new();
    let mut whole = 0.0;
    for minute in from.until(to) {
        let companion_has_one = || companion.map_or(Datum::Missing, |companion| companion.at(minute));
        let value = match (track.at(minute), companion_has_one()) {
            (Datum::Unknown, _) | (Datum::Missing, Datum::Unknown) => return Known::Unread,
            (Datum::Value(value), _) => value,
            (Datum::Missing, Datum::Value(_)) => 0.0,
            (Datum::Missing, Datum::Missing) => continue,
        };
        match per.map(|per| per.at(minute)) {
            None => {}
            Some(Datum::Unknown) => return Known::Unread,
            Some(Datum::Missing) => continue,
            Some(Datum::Value(count)) => whole += count,
        }
        values.push(value);
    }
    if per.is_some() {
        let part: f64 = values.iter().sum();
        return if whole > 0.0 { Known::whole(100.0 * part / whole, Some(whole)) } else { Known::Nothing };
    }
    let enough = i64::try_from(values.len()).is_ok_and(|known| known * 2 >= from.minutes_to(to));
    if values.is_empty() || !enough {
        return Known::Nothing;
    }
    match signal.series.statistic.as_str() {
        "Maximum" => Known::whole(values.into_iter().fold(f64::NEG_INFINITY, f64::max), None),
        "Minimum" => Known::whole(values.into_iter().fold(f64::INFINITY, f64::min), None),
        _ => {
            let sum: f64 = values.iter().sum();
            Known::Value { value: sum, pace: sum / count(values.len()), calls: None }
        }
    }
}

/// Whether the value of a window follows from those of its minutes. A percentile's and an average's does not.
pub(super) fn is_by_minute(statistic: &str) -> bool {
    matches!(statistic, "Sum" | "SampleCount" | "Maximum" | "Minimum")
}

/// CloudWatch's own value for the window.
fn windowed(store: &MetricStore, series: &Series, from: Minute, to: Minute) -> Known {
    let is_one_minute = from.minutes_to(to) == 1;
    let found =
        if is_one_minute { store.track(series).at(from) } else { store.window(series, from.start(), to.start()) };
    match found {
        Datum::Value(value) => Known::whole(value, None),
        Datum::Missing => Known::Nothing,
        Datum::Unknown => Known::Unread,
    }
}

fn sum_of(values: &[f64], from: Minute, to: Minute, calls: Option<f64>) -> Known {
    if values.is_empty() {
        return Known::Nothing;
    }
    let value: f64 = values.iter().sum();
    let minutes = usize::try_from(from.minutes_to(to)).unwrap_or_default().max(1);
    Known::Value { value, pace: value / count(minutes), calls }
}

fn count(minutes: usize) -> f64 {
    u32::try_from(minutes).map_or(f64::MAX, f64::from)
}

impl Known {
    fn whole(value: f64, calls: Option<f64>) -> Self {
        Self::Value { value, pace: value, calls }
    }
}

/// The hour that ends where the release began.
pub(super) fn hour_before(began: Timestamp) -> (Minute, Minute) {
    let end = Minute::of(began);
    (end.plus(-60), end)
}
