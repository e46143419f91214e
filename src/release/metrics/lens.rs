//! One function seen through the store: its summary, its versions apart, and the lines of its charts. Rates come from
//! sums over one window and percentiles from CloudWatch's own value for the window, never from averages.

use jiff::{SignedDuration, Timestamp};

use super::{
    ChartMeasure, ChartPoint, Counted, Line, Measure, Observed, Series, Summary,
    minute::{Minute, WINDOW, window},
    serving::{Counts, Record, Share, Source},
    store::{Datum, MetricStore, Track},
};
use crate::release::{
    memory::{RolledBack, ShiftMark},
    names::{Mover, Target, Version},
};

/// A percentile whose window shares less than this with the summary's is too old to show.
const LEAST_OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// One function seen through the store.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    /// The answers so far.
    pub store: &'a MetricStore,
    /// The function and alias.
    pub target: &'a Target,
    /// The version that has the traffic, or keeps it if the release is rolled back.
    pub stable: Option<Version>,
    /// The version beside it: only while both get traffic or a release is on record.
    pub new: Option<Version>,
    /// The new version's share as the alias has it now, in percent 0–100.
    pub percent: f64,
    /// The shifts of the release, oldest first.
    pub shifts: &'a [ShiftMark],
    /// The last rollback: it tells which minutes before it were the withdrawn version's.
    pub rolled_back: Option<&'a RolledBack>,
    /// The end of the last closed minute, UTC.
    pub closed_until: Timestamp,
}

/// How much of a time has been read. What was never read is not what was read and found empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not a minute.
    Nothing,
    /// Some minutes are missing.
    Part,
    /// Every closed minute.
    All,
}

impl<'a> Lens<'a> {
    /// The last 15 closed minutes of all calls through the alias.
    pub fn total(&self) -> Summary {
        let all = self.all();
        let throttles = self.throttles();
        let sums: Sums = self.closed_minutes().filter_map(|minute| all.at(minute)).collect();
        Summary {
            throttles: sum(self.closed_minutes().filter_map(|minute| throttles.at(minute))),
            ..sums.summary(|measure| self.percentile(None, measure))
        }
    }

    /// The last 15 closed minutes of the calls that one version answered.
    ///
    /// Its percentiles come from the triple where any of these minutes is told apart by version; else from the pair,
    /// if no other version had calls in the window.
    pub fn of(&self, version: Version) -> Summary {
        let share = self.share(version);
        let all = self.all();
        let sums: Sums = self.closed_minutes().filter_map(|minute| share.at(minute)).collect();
        let busy: Vec<_> = self.closed_minutes().filter(|minute| all.at(*minute).is_some()).collect();
        let by_triple = busy.iter().any(|minute| share.source(*minute) == Some(Source::Triple));
        let alone = busy.iter().all(|minute| share.source(*minute) == Some(Source::Pair));
        sums.summary(|measure| match (by_triple, alone) {
            (true, _) => self.percentile(Some(version), measure),
            (false, true) => self.percentile(None, measure),
            (false, false) => None,
        })
    }

    /// The new version's share of the calls over the closed minutes since the last shift, at most 15.
    pub fn observed_percent(&self, new: Version) -> Option<Observed> {
        let since = self.record().last_change().map(Minute::from_on);
        let minutes = || self.closed_minutes().filter(|minute| since.is_none_or(|since| *minute >= since));
        let calls = |version| {
            let share = self.share(version);
            minutes().filter_map(|minute| share.at(minute)).map(|counted| counted.calls).sum::<f64>()
        };
        let other = self.stable.filter(|stable| *stable != new);
        let mine = calls(new);
        let all = mine + other.map_or(0.0, calls);
        (all > 0.0).then(|| Observed { percent: 100.0 * mine / all, calls: all })
    }

    /// Calls and errors of one minute, of all calls or of those that one version answered. `None` is no calls, or
    /// nothing known: [`Self::is_read`] says which.
    pub fn counted(&self, version: Option<Version>, minute: Minute) -> Option<Counted> {
        self.counts(version)(minute)
    }

    /// Calls that were turned away in one minute. They have no executed version.
    pub fn throttled(&self, minute: Minute) -> Option<f64> {
        self.throttles().at(minute)
    }

    /// Whether it is known how many calls there were in a minute, of all or of one version.
    pub fn is_read(&self, version: Option<Version>, minute: Minute) -> bool {
        let is_known = |version| self.track(version, Measure::Invocations).at(minute) != Datum::Unknown;
        match (self.target.kind, version) {
            (Mover::Alias, _) => is_known(None) && (version.is_none() || self.new.is_none() || is_known(version)),
            (Mover::Rule, Some(_)) => is_known(version),
            (Mover::Rule, None) => {
                self.stable.is_some() && [self.stable, self.new].into_iter().flatten().map(Some).all(is_known)
            }
            (Mover::Stage, _) => is_known(None),
        }
    }

    /// Up to when its calls have been read, UTC; `None` where they never were.
    pub fn read_to(&self) -> Option<Timestamp> {
        self.call_tracks().map(Track::read_to).min().flatten()
    }

    /// Why its calls could not be read, in CloudWatch's words.
    pub fn doubt(&self) -> Option<&'a str> {
        self.call_tracks().find_map(Track::doubt)
    }

    /// How many of these minutes have been read, as far as they are closed.
    pub fn reach(&self, from: Timestamp, to: Timestamp) -> Reach {
        let closed = Minute::from_on(from).until(Minute::of(to.min(self.closed_until)));
        let (mut read, mut all) = (0_usize, 0_usize);
        for minute in closed {
            all += 1;
            read += usize::from(self.is_read(None, minute));
        }
        match read {
            0 => Reach::Nothing,
            read if read == all => Reach::All,
            _ => Reach::Part,
        }
    }

    /// The reach of the last 15 closed minutes.
    pub fn reach_now(&self) -> Reach {
        let (from, to) = window(self.closed_until);
        self.reach(from, to)
    }

    /// What its calls are counted in.
    fn call_tracks(&self) -> impl Iterator<Item = &'a Track> {
        let versions = match self.target.kind {
            Mover::Rule => [self.stable, self.new].into_iter().flatten().map(Some).collect(),
            Mover::Alias | Mover::Stage => vec![None],
        };
        let lens = *self;
        versions.into_iter().map(move |version| lens.store.measured(lens.target, version, Measure::Invocations))
    }

    /// The points of a line, oldest first. A minute without data has no point: a gap is a gap.
    pub fn chart(&self, line: Line, from: Timestamp, to: Timestamp) -> Vec<ChartPoint> {
        let value = self.reader(line);
        Minute::from_on(from)
            .until(Minute::from_on(to))
            .filter_map(|minute| {
                let closed = minute.end() <= self.closed_until;
                Some(ChartPoint { at: minute.start(), value: value(minute)?, closed })
            })
            .collect()
    }

    /// How a line is read, minute by minute.
    fn reader(&self, line: Line) -> Box<dyn Fn(Minute) -> Option<f64> + 'a> {
        let counts = self.counts(line.version);
        match line.measure {
            ChartMeasure::Invocations => Box::new(move |minute| Some(counts(minute)?.calls)),
            ChartMeasure::ErrorRate => Box::new(move |minute| {
                let Counted { calls, errors } = counts(minute)?;
                rate(errors?, calls)
            }),
            ChartMeasure::Throttles if line.version.is_some() => Box::new(|_| None),
            ChartMeasure::Throttles => {
                let throttles = self.throttles();
                Box::new(move |minute| throttles.at(minute))
            }
            ChartMeasure::P50 => self.percentile_reader(line.version, Measure::P50),
            ChartMeasure::P95 => self.percentile_reader(line.version, Measure::P95),
            ChartMeasure::P99 => self.percentile_reader(line.version, Measure::P99),
        }
    }

    fn counts(&self, version: Option<Version>) -> Box<dyn Fn(Minute) -> Option<Counted> + 'a> {
        if let Some(version) = version {
            let share = self.share(version);
            return Box::new(move |minute| share.at(minute));
        }
        let all = self.all();
        Box::new(move |minute| all.at(minute))
    }

    fn percentile_reader(&self, version: Option<Version>, measure: Measure) -> Box<dyn Fn(Minute) -> Option<f64> + 'a> {
        let unit = self.target.duration_unit_ms();
        let in_ms = move |found: Datum| found.value().map(|value| value * unit);
        let pair = self.track(self.counted_alone(), measure);
        let Some(version) = version else {
            return Box::new(move |minute| in_ms(pair.at(minute)));
        };
        let triple = self.track(Some(version), measure);
        let share = self.share(version);
        Box::new(move |minute| match share.source(minute)? {
            Source::Pair => in_ms(pair.at(minute)),
            Source::Triple => in_ms(triple.at(minute)),
        })
    }

    /// CloudWatch's percentile over the window, unless it is too old.
    fn percentile(&self, version: Option<Version>, measure: Measure) -> Option<f64> {
        let series = Series::of(self.target, version.or_else(|| self.counted_alone()), measure)?;
        let found = self.store.window_value(&series, WINDOW)?;
        let (from, to) = window(self.closed_until);
        let value = found.value * self.target.duration_unit_ms();
        (found.overlap(from, to) >= LEAST_OVERLAP.as_secs()).then_some(value)
    }

    /// The version whose calls are all calls, where CloudWatch only counts by version: the group of a rule that has
    /// all the traffic. Percentiles of two groups cannot be put together.
    pub fn counted_alone(&self) -> Option<Version> {
        let is_alone = |percent: f64| percent <= 0.0 || percent >= 100.0;
        let version = if self.percent > 0.0 { self.new } else { self.stable };
        version.filter(|_| self.target.kind == Mover::Rule && is_alone(self.percent))
    }

    fn closed_minutes(&self) -> impl Iterator<Item = Minute> + use<> {
        let (from, to) = window(self.closed_until);
        Minute::of(from).until(Minute::of(to))
    }

    fn record(&self) -> Record<'a> {
        Record::of(self)
    }

    fn share(&self, version: Version) -> Share<'a> {
        Share::of(self, version)
    }

    fn all(&self) -> All<'a> {
        let record = self.record();
        let counts = |version| Counts::of(self.store, self.target, version);
        let by_version = [record.stable, record.new].map(|version| version.map(|version| counts(Some(version))));
        All { pair: counts(None), by_version }
    }

    fn throttles(&self) -> Throttles<'a> {
        Throttles { throttles: self.track(None, Measure::Throttles), calls: self.track(None, Measure::Invocations) }
    }

    fn track(&self, version: Option<Version>, measure: Measure) -> &'a Track {
        self.store.measured(self.target, version, measure)
    }
}

/// All calls through the alias: the pair, or where it is missing the versions together. Never both in one minute.
struct All<'a> {
    pair: Counts<'a>,
    by_version: [Option<Counts<'a>>; 2],
}

impl All<'_> {
    fn at(&self, minute: Minute) -> Option<Counted> {
        let apart = || self.by_version.iter().flatten().filter_map(|counts| counts.at(minute)).reduce(Counted::and);
        self.pair.at(minute).or_else(apart)
    }
}

/// Calls that were turned away. Like errors they are reported when they happen: where there were calls and no point
/// there were none.
struct Throttles<'a> {
    throttles: &'a Track,
    calls: &'a Track,
}

impl Throttles<'_> {
    fn at(&self, minute: Minute) -> Option<f64> {
        let throttles = self.throttles.at(minute);
        throttles.value().or_else(|| self.calls.at(minute).value().and(throttles.or_zero()))
    }
}

/// Sums over a window. Errors are set against the calls of those minutes alone whose errors are known.
#[derive(Default)]
struct Sums {
    calls: Option<f64>,
    errors: Option<f64>,
    judged: f64,
}

impl FromIterator<Counted> for Sums {
    fn from_iter<I: IntoIterator<Item = Counted>>(minutes: I) -> Self {
        let mut sums = Self::default();
        for Counted { calls, errors } in minutes {
            sums.calls = Some(sums.calls.unwrap_or(0.0) + calls);
            if let Some(errors) = errors {
                sums.errors = Some(sums.errors.unwrap_or(0.0) + errors);
                sums.judged += calls;
            }
        }
        sums
    }
}

impl Sums {
    fn summary(&self, percentile: impl Fn(Measure) -> Option<f64>) -> Summary {
        Summary {
            invocations: self.calls,
            errors: self.errors,
            error_rate: self.errors.and_then(|errors| rate(errors, self.judged)),
            p50_ms: percentile(Measure::P50),
            p95_ms: percentile(Measure::P95),
            p99_ms: percentile(Measure::P99),
            throttles: None,
        }
    }
}

/// Errors of calls in percent 0–100. While a minute settles errors may be counted before their calls.
fn rate(errors: f64, calls: f64) -> Option<f64> {
    (calls > 0.0).then(|| (100.0 * errors / calls).min(100.0))
}

fn sum(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}
