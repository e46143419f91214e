//! What must be asked of CloudWatch so that gates can answer: which series by the minute from when, and which windows
//! for which CloudWatch itself must say the value.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    FunctionReading, Gate, Readings,
    settings::{Check, FunctionMeasure, MetricSignal, Of, Side, Signal, Threshold},
    window::{duration, hour_before},
};
use crate::release::{
    metrics::{Measure, Series, formula::is_by_minute, minute::Minute, store::Datum},
    names::Mover,
};

/// One thing to ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A series by the minute.
    Minutes {
        /// Which.
        series: Series,
        /// From this minute's start on, UTC.
        from: Timestamp,
    },
    /// One value of a series over a window: a question whose period is the window.
    Window {
        /// Which.
        series: Series,
        /// The window's start, UTC, a whole minute.
        from: Timestamp,
        /// Its end, exclusive, UTC, a whole minute.
        to: Timestamp,
    },
}

impl Need {
    /// The series that is asked for.
    pub fn series(&self) -> &Series {
        match self {
            Self::Minutes { series, .. } | Self::Window { series, .. } => series,
        }
    }
}

/// What all gates need now, each once. Windows that the store has already are asked again only at their newest end,
/// where late data still change them.
pub fn needs(gates: &[Gate], readings: &Readings<'_>) -> BTreeSet<Need> {
    let mut needs = BTreeSet::new();
    for gate in gates.iter().filter(|gate| gate.when.applies(readings.leg)) {
        let Check::Threshold(check) = &gate.check else { continue };
        match &check.signal {
            Signal::Metric(signal) => needs.extend(of_metric(check, signal, readings)),
            Signal::Function { measure, of } => {
                let of_one = |function| of_function(check, measure, *of, function, readings);
                needs.extend(readings.functions.iter().flat_map(of_one));
            }
        }
    }
    needs
}

fn of_metric(check: &Threshold, signal: &MetricSignal, readings: &Readings<'_>) -> Vec<Need> {
    let closed = Minute::of(readings.closed_until);
    let of_one = |series: &Series| {
        let ask = if is_by_minute(&series.statistic) { minutes } else { windows };
        ask(check, series, closed, readings)
    };
    signal.formula.series().into_iter().flat_map(of_one).collect()
}

fn of_function(
    check: &Threshold,
    measure: &FunctionMeasure,
    of: Of,
    function: &FunctionReading<'_>,
    readings: &Readings<'_>,
) -> Vec<Need> {
    let lens = &function.lens;
    let closed = Minute::of(lens.closed_until);
    // The stable version beside the new one says whether both fail alike.
    let apart = [lens.new, lens.stable.filter(|_| lens.new.is_some())].into_iter().flatten().map(Some);
    let is_apart = check.is_apart() && of == Of::New;
    let versions: Vec<_> = match lens.target.kind {
        // The total of a rule is the sum of its groups.
        Mover::Rule => [lens.new, lens.stable].into_iter().flatten().map(Some).collect(),
        Mover::Alias | Mover::Stage => std::iter::once(None).chain(apart.filter(|_| is_apart)).collect(),
    };
    let counts = |measure| {
        let series = versions.iter().filter_map(move |version| Series::of(lens.target, *version, measure));
        series.flat_map(|series| minutes(check, &series, closed, readings)).collect::<Vec<_>>()
    };
    let mut needs = counts(Measure::Invocations);
    match measure {
        FunctionMeasure::Invocations => {}
        FunctionMeasure::Errors | FunctionMeasure::ErrorRate => needs.extend(counts(Measure::Errors)),
        FunctionMeasure::Throttles => {
            let throttles = Series::of(lens.target, None, Measure::Throttles);
            needs.extend(throttles.iter().flat_map(|series| minutes(check, series, closed, readings)));
        }
        FunctionMeasure::Duration(percentile) => {
            let series: BTreeSet<_> = match of {
                Of::New => {
                    let apart = versions.iter().filter(|version| version.is_some());
                    apart.filter_map(|version| duration(function, *version, percentile)).collect()
                }
                Of::All => duration(function, None, percentile).into_iter().collect(),
            };
            needs.extend(series.iter().flat_map(|series| windows(check, series, closed, readings)));
            if let Some((from, to)) = baseline(check, readings) {
                let before = duration(function, None, percentile);
                needs.extend(before.map(|series| Need::Window { series, from: from.start(), to: to.start() }));
            }
        }
    }
    needs
}

/// A series by the minute, as far back as the longest window reaches, or to the hour before the release.
fn minutes(check: &Threshold, series: &Series, closed: Minute, readings: &Readings<'_>) -> Vec<Need> {
    let reach = closed.plus(-(check.over + check.sustained.max(2)));
    let from = baseline(check, readings).map_or(reach, |(hour, _)| reach.min(hour));
    vec![Need::Minutes { series: series.clone(), from: from.start() }]
}

/// The windows that end in the minutes that count, and the hour before where it is compared with.
fn windows(check: &Threshold, series: &Series, closed: Minute, readings: &Readings<'_>) -> Vec<Need> {
    let since = readings.shifted.map(Minute::after_change).filter(|_| !check.reach_back);
    let is_read = |from: Minute, to: Minute| readings.store.window(series, from.start(), to.start()) != Datum::Unknown;
    let mut needs = Vec::new();
    for back in 0..check.sustained.max(2) {
        let to = closed.plus(-back);
        let from = to.plus(-check.over).max(since.unwrap_or(to.plus(-check.over)));
        match from.minutes_to(to) {
            ..=0 => break,
            1 => needs.push(Need::Minutes { series: series.clone(), from: from.start() }),
            _ if back > 0 && is_read(from, to) => {}
            _ => needs.push(Need::Window { series: series.clone(), from: from.start(), to: to.start() }),
        }
    }
    if let Some((from, to)) = baseline(check, readings)
        && !is_read(from, to)
    {
        needs.push(Need::Window { series: series.clone(), from: from.start(), to: to.start() });
    }
    needs
}

fn baseline(check: &Threshold, readings: &Readings<'_>) -> Option<(Minute, Minute)> {
    let compared = matches!(check.side, Side::Drop | Side::Rise);
    readings.began.filter(|_| compared).map(hour_before)
}
