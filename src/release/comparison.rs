//! A release compared with the hour before it: all calls through its aliases, then and in the watch. What nobody knows
//! is `None`, never zero.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    metrics::{Measure, Series, lens::Lens, minute::Minute},
    names::{Mover, Target},
};

/// How long before the release is compared with it, in minutes.
const BEFORE: i64 = 60;
/// So many minutes a percentile of the watch may lag behind its last minute.
const LAG: i64 = 3;

/// The release against the hour before it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The hour before the first shift.
    pub before: Span,
    /// The watch, up to its last closed minute.
    pub watch: Span,
    /// All functions together, where there are several, and each by itself.
    pub rows: Vec<Compared>,
}

/// A time of whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Its start, UTC.
    pub from: Timestamp,
    /// Its end, exclusive, UTC.
    pub to: Timestamp,
}

/// One function, or all together, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// The function; `None` for all together.
    pub target: Option<Target>,
    /// In the hour before.
    pub before: Figures,
    /// In the watch.
    pub watch: Figures,
}

/// What is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Calls a minute.
    pub calls_per_minute: Option<f64>,
    /// Failed calls in percent 0–100.
    pub error_rate: Option<f64>,
    /// The 95th percentile of the duration in ms.
    pub p95_ms: Option<f64>,
    /// The 99th percentile of the duration in ms.
    pub p99_ms: Option<f64>,
}

/// Calls and errors over some minutes, as far as they are known.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    minutes: f64,
    calls: f64,
    /// Calls of the minutes whose errors are known.
    judged: f64,
    errors: f64,
}

/// The hour before a release that began then.
pub fn hour_before(began: Timestamp) -> Span {
    let end = Minute::of(began);
    Span { from: end.plus(-BEFORE).start(), to: end.start() }
}

/// The watch that began then, up to the end of the last closed minute.
pub fn watch(since: Timestamp, closed_until: Timestamp) -> Span {
    let from = Minute::from_on(since).start();
    Span { from, to: Minute::of(closed_until).start().max(from) }
}

/// The percentiles of a function that are compared. CloudWatch itself must say them over the whole time.
/// A rule is counted by its groups, of which one had the traffic before and another has it now: there are none.
pub fn percentiles(target: &Target) -> Option<[Series; 2]> {
    Some([Series::of(target, None, Measure::P95)?, Series::of(target, None, Measure::P99)?])
}

impl Comparison {
    /// Compares the functions that these lenses show.
    pub fn of(lenses: &[Lens<'_>], before: Span, watch: Span) -> Self {
        let counted: Vec<_> = lenses.iter().map(|lens| (lens, counts(lens, before), counts(lens, watch))).collect();
        let mut rows: Vec<Compared> = Vec::new();
        // A stage's calls are those of the functions behind it: together they would count twice.
        let is_counted = |lens: &Lens<'_>| lens.target.kind != Mover::Stage;
        let apart: Vec<_> = counted.iter().filter(|(lens, ..)| is_counted(lens)).collect();
        if apart.len() > 1 {
            let all = |side: fn(&(&Lens<'_>, Counts, Counts)) -> Counts| {
                apart.iter().copied().map(side).fold(Counts::default(), Counts::and).figures()
            };
            rows.push(Compared {
                target: None,
                before: all(|(_, before, _)| *before),
                watch: all(|(_, _, watch)| *watch),
            });
        }
        rows.extend(counted.iter().map(|(lens, then, now)| Compared {
            target: Some(lens.target.clone()),
            before: with_percentiles(lens, then.figures(), before),
            watch: with_percentiles(lens, now.figures(), watch),
        }));
        Self { before, watch, rows }
    }
}

fn counts(lens: &Lens<'_>, span: Span) -> Counts {
    let minutes = Minute::of(span.from).until(Minute::of(span.to)).filter(|minute| lens.is_read(None, *minute));
    minutes.fold(Counts::default(), |counts, minute| {
        let (calls, errors) = lens.counted(None, minute).map_or((0.0, Some(0.0)), |one| (one.calls, one.errors));
        Counts {
            minutes: counts.minutes + 1.0,
            calls: counts.calls + calls,
            judged: counts.judged + errors.map_or(0.0, |_| calls),
            errors: counts.errors + errors.unwrap_or_default(),
        }
    })
}

/// A percentile over the whole time, or over what of it was read last: CloudWatch's own, for they cannot be put
/// together from minutes.
fn with_percentiles(lens: &Lens<'_>, figures: Figures, span: Span) -> Figures {
    let over = |series: &Series| {
        let to = Minute::of(span.to);
        let mut ends = (0..=LAG).map(|back| to.plus(-back)).filter(|end| end.start() > span.from);
        ends.find_map(|end| lens.store.window(series, span.from, end.start()).value())
    };
    let Some([p95, p99]) = percentiles(lens.target) else { return figures };
    Figures { p95_ms: over(&p95), p99_ms: over(&p99), ..figures }
}

impl Counts {
    /// Together with another function in the same time.
    fn and(self, other: Self) -> Self {
        Self {
            minutes: self.minutes.max(other.minutes),
            calls: self.calls + other.calls,
            judged: self.judged + other.judged,
            errors: self.errors + other.errors,
        }
    }

    fn figures(self) -> Figures {
        Figures {
            calls_per_minute: (self.minutes > 0.0).then(|| self.calls / self.minutes),
            error_rate: (self.judged > 0.0).then(|| (100.0 * self.errors / self.judged).min(100.0)),
            ..Figures::default()
        }
    }
}
