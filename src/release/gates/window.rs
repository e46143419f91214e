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
        formula::{Known, windowed},
        minute::Minute,
        store::MetricStore,
    },
    names::Version,
};

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
            Self::Metric { store, signal } => signal.formula.over(store, from, to),
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
            // There were calls, so there is a percentile: where it is missing it has only not been read.
            let found = windowed(lens.store, &series, from, to).value();
            let in_ms = |value| Known::whole(value * lens.target.duration_unit_ms(), Some(calls));
            found.map_or(Known::Unread, in_ms)
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

/// The hour that ends where the release began.
pub(super) fn hour_before(began: Timestamp) -> (Minute, Minute) {
    let end = Minute::of(began);
    (end.plus(-60), end)
}
