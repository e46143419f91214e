//! What to ask of CloudWatch, and when: one plan a minute, and in between only what nobody has asked for in that
//! minute. It decides and counts; it sends nothing and knows no clock.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Measure, Question, Series,
    minute::{Minute, WINDOW, WINDOW_MINUTES, closed_until, closing_delay, window},
    panel::ONE_DAY,
    store::{MetricStore, ONE_MINUTE},
};
use crate::release::names::{Mover, Target, Version};

/// How long after a minute's end it is asked for: its first datapoints need a moment to appear.
const LAG: SignedDuration = SignedDuration::from_secs(5);
/// How far back the charts go.
pub const CHART_MINUTES: i64 = 3 * 60;
const DAY_MINUTES: i64 = 24 * 60;
/// What CloudWatch takes for a metric requested; each statistic counts as one.
/// <https://aws.amazon.com/cloudwatch/pricing/>
const DOLLARS_PER_METRIC: f64 = 0.01 / 1000.0;

/// Everything that somebody wants to see.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The functions.
    pub functions: Vec<Watched>,
    /// Who looks.
    pub audience: Audience,
    /// Metrics of the configuration, and what gates look at. One that is wanted twice goes by the faster rhythm.
    pub extras: Vec<(Series, Rhythm)>,
    /// What gates want one value of over a whole window.
    pub windows: Vec<SeriesWindow>,
    /// How long after its longest call a minute settles.
    pub settle: Duration,
}

/// How often something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rhythm {
    /// By the minute, once a minute: what is on screen, and what gates look at.
    Minute,
    /// By the minute, every five minutes: what is off screen.
    FiveMinutes,
    /// By the day, once an hour: what CloudWatch is told once a day.
    Day,
}

impl Rhythm {
    /// So many minutes lie between two questions.
    const fn minutes(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::FiveMinutes => 5,
            Self::Day => 60,
        }
    }
}

/// One value of a series over a window: CloudWatch's own, because percentiles cannot be put together from minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesWindow {
    /// Which.
    pub series: Series,
    /// Its start, UTC, a whole minute.
    pub from: Timestamp,
    /// Its end, exclusive, UTC, a whole minute.
    pub to: Timestamp,
}

/// Who looks, and so how much is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Audience {
    /// The screen, with the charts of the selected function.
    Cockpit {
        /// The function whose charts are shown.
        selected: Option<Target>,
    },
    /// A summary, read once: no charts.
    Status,
}

/// One function, as far as its questions depend on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// The function and alias.
    pub target: Target,
    /// Stable and new, while calls have to be told apart.
    pub apart: Option<(Version, Version)>,
    /// The version that has the traffic.
    pub live: Option<Version>,
    /// The function's time limit.
    pub timeout: Duration,
}

/// What was asked in the running minute, and what goes by a slower rhythm. Each series goes out at most once a minute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schedule {
    minute: Option<Minute>,
    asked: BTreeSet<(Series, Over)>,
    /// When each series of a slower rhythm was asked last.
    slowly: BTreeMap<(Series, Over), Minute>,
}

impl Schedule {
    /// Whether a new minute has begun, and with it a new plan.
    pub fn due(&self, now: Timestamp) -> bool {
        self.minute < Some(minute_to_ask(now))
    }

    /// The questions to send now, and a note that they were. In a new minute that is everything wanted, later in the
    /// same minute only what was not asked yet, such as the charts of a function that has just been selected.
    ///
    /// A series goes over the whole chart once, and again after a pause so long that minutes were missed; else over
    /// the time in which datapoints may still change.
    pub fn next(&mut self, wanted: &Wanted, store: &MetricStore, now: Timestamp) -> Vec<Question> {
        let minute = self.minute.max(Some(minute_to_ask(now))).unwrap_or_else(|| minute_to_ask(now));
        if self.minute.replace(minute) != Some(minute) {
            self.asked.clear();
        }
        // A region that does not answer must not keep the others waiting: each is a question of its own.
        let mut questions: BTreeMap<(Option<String>, Span), Vec<Series>> = BTreeMap::new();
        for (key, item) in wanted.items() {
            let is_slow = item.rhythm != Rhythm::Minute;
            let last = self.slowly.get(&key).filter(|_| is_slow);
            if last.is_some_and(|last| last.minutes_to(minute) < item.rhythm.minutes())
                || !self.asked.insert(key.clone())
            {
                continue;
            }
            let span = item.span(wanted, store, minute);
            questions.entry((item.series.region.clone(), span)).or_default().push(item.series);
            if is_slow {
                self.slowly.insert(key, minute);
            }
        }
        let question = |((_, (period, from, to)), series)| Question { series, from, to, period };
        questions.into_iter().map(question).collect()
    }
}

/// A plan made now asks up to the end of the last minute that ended at least [`LAG`] ago: the start of this one.
fn minute_to_ask(now: Timestamp) -> Minute {
    Minute::of(now.checked_sub(LAG).unwrap_or(Timestamp::MIN))
}

/// One series in a plan.
#[derive(Debug, Clone)]
struct Item {
    series: Series,
    timeout: Duration,
    over: Over,
    rhythm: Rhythm,
}

/// A period, and from when to when it is asked.
type Span = (Duration, Timestamp, Timestamp);

/// Over which time a series is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Over {
    /// By the minute.
    Minutes,
    /// The last closed minutes of the table.
    Window,
    /// By the day, the last few of them.
    Days,
    /// One value from then to then.
    Span(Timestamp, Timestamp),
}

impl Item {
    /// A series that is no function's.
    fn new(series: &Series, over: Over, rhythm: Rhythm) -> Self {
        Self { series: series.clone(), timeout: Duration::ZERO, over, rhythm }
    }

    fn span(&self, wanted: &Wanted, store: &MetricStore, minute: Minute) -> Span {
        let closed = closed_until(minute.start(), self.timeout, wanted.settle);
        match self.over {
            Over::Window => {
                let (from, to) = window(closed);
                (WINDOW, from, to)
            }
            Over::Days => {
                // What is told of a day may come two days later. Today is whole in the question, so it counts as newest.
                let today = minute.day();
                (ONE_DAY, today.plus(-3 * DAY_MINUTES).start(), today.plus(DAY_MINUTES).start())
            }
            Over::Minutes => (ONE_MINUTE, self.first_minute(wanted, store, minute, closed).start(), minute.start()),
            Over::Span(from, to) => (Duration::try_from(to.duration_since(from)).unwrap_or(ONE_MINUTE), from, to),
        }
    }

    fn first_minute(&self, wanted: &Wanted, store: &MetricStore, minute: Minute, closed: Timestamp) -> Minute {
        let settling = i64::try_from(closing_delay(self.timeout, wanted.settle).as_secs().div_ceil(60)).unwrap_or(0);
        let recent = minute.plus(-WINDOW_MINUTES.max(settling + 2));
        let read_to = store.track(&self.series).read_to().map(Minute::of);
        if read_to.is_some_and(|read_to| read_to.plus(-settling) >= recent) {
            return recent;
        }
        match wanted.audience {
            Audience::Cockpit { .. } => minute.plus(-CHART_MINUTES),
            Audience::Status => Minute::of(window(closed).0).min(recent),
        }
    }
}

impl Wanted {
    /// How many metrics an hour's plans request once every series is known.
    pub fn metrics_per_hour(&self) -> usize {
        self.items().values().map(|item| usize::try_from(60 / item.rhythm.minutes()).unwrap_or(1)).sum()
    }

    /// What is wanted, each once; what is wanted twice goes by the faster rhythm.
    fn items(&self) -> BTreeMap<(Series, Over), Item> {
        let of_functions = self.functions.iter().flat_map(|function| self.items_of(function));
        let extras = self.extras.iter().map(|(series, rhythm)| {
            Item::new(series, if *rhythm == Rhythm::Day { Over::Days } else { Over::Minutes }, *rhythm)
        });
        let windows = self
            .windows
            .iter()
            .map(|window| Item::new(&window.series, Over::Span(window.from, window.to), Rhythm::Minute));
        let mut items: BTreeMap<(Series, Over), Item> = BTreeMap::new();
        for item in of_functions.chain(extras).chain(windows) {
            let known = items.entry((item.series.clone(), item.over)).or_insert_with(|| item.clone());
            known.rhythm = known.rhythm.min(item.rhythm);
        }
        items
    }

    fn items_of(&self, function: &Watched) -> Vec<Item> {
        use Measure::{Errors, Invocations, P50, P95, P99, Throttles};
        let (charted, full) = match &self.audience {
            Audience::Cockpit { selected } => {
                let charted = selected.as_ref() == Some(&function.target);
                (charted, charted || function.apart.is_some())
            }
            Audience::Status => (false, true),
        };
        let mut items = Vec::new();
        let mut ask = |version: Option<Version>, over: Over, measures: &[Measure]| {
            let series = measures.iter().filter_map(|measure| Series::of(&function.target, version, *measure));
            let rhythm = Rhythm::Minute;
            items.extend(series.map(|series| Item { series, timeout: function.timeout, over, rhythm }));
        };
        ask(None, Over::Minutes, &[Invocations, Errors, Throttles]);
        ask(None, Over::Window, if full { &[P50, P95, P99] } else { &[P99] });
        if charted {
            ask(None, Over::Minutes, &[P50, P95, P99]);
        }
        // A rule is only counted by its groups, so that the one in traffic is asked for at rest, too.
        let at_rest = function.live.filter(|_| function.apart.is_none() && function.target.kind == Mover::Rule);
        for version in function.apart.into_iter().flat_map(|(stable, new)| [stable, new]).chain(at_rest) {
            ask(Some(version), Over::Minutes, &[Invocations, Errors]);
            ask(Some(version), Over::Window, &[P50, P95, P99]);
            if charted {
                ask(Some(version), Over::Minutes, &[P50, P95, P99]);
            }
        }
        items
    }
}

/// What so many metrics an hour cost, in US dollars.
pub fn cost_per_hour(metrics: usize) -> f64 {
    f64::from(u32::try_from(metrics).unwrap_or(u32::MAX)) * DOLLARS_PER_METRIC
}
