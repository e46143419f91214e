//! What to ask of CloudWatch, and when: one plan a minute, and in between only what nobody has asked for in that
//! minute. It decides and counts; it sends nothing and knows no clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Measure, Question, Series,
    minute::{Minute, WINDOW, WINDOW_MINUTES, closed_until, closing_delay, window},
    store::{MetricStore, ONE_MINUTE},
};
use crate::release::names::{Mover, Target, Version};

/// How long after a minute's end it is asked for: its first datapoints need a moment to appear.
const LAG: SignedDuration = SignedDuration::from_secs(5);
/// How far back the charts go.
pub const CHART_MINUTES: i64 = 3 * 60;
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
    /// Metrics of the configuration, and what gates look at, by the minute.
    pub extras: Vec<Series>,
    /// What gates want one value of over a whole window.
    pub windows: Vec<SeriesWindow>,
    /// How long after its longest call a minute settles.
    pub settle: Duration,
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

/// What was asked in the running minute. Each series goes out at most once a minute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schedule {
    minute: Option<Minute>,
    asked: BTreeSet<(Series, Over)>,
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
        let mut questions: BTreeMap<(Option<String>, (Duration, Timestamp, Timestamp)), Vec<Series>> = BTreeMap::new();
        for item in wanted.items() {
            if self.asked.insert((item.series.clone(), item.over)) {
                let span = item.span(wanted, store, minute);
                questions.entry((item.series.region.clone(), span)).or_default().push(item.series);
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
struct Item {
    series: Series,
    timeout: Duration,
    over: Over,
}

/// Over which time a series is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Over {
    /// By the minute.
    Minutes,
    /// The last closed minutes of the table.
    Window,
    /// One value from then to then.
    Span(Timestamp, Timestamp),
}

impl Item {
    /// Its period, and from when to when it is asked.
    fn span(&self, wanted: &Wanted, store: &MetricStore, minute: Minute) -> (Duration, Timestamp, Timestamp) {
        let closed = closed_until(minute.start(), self.timeout, wanted.settle);
        match self.over {
            Over::Window => {
                let (from, to) = window(closed);
                (WINDOW, from, to)
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
    /// How many metrics a plan requests once every series is known.
    pub fn metrics_per_minute(&self) -> usize {
        let series: BTreeSet<_> = self.items().into_iter().map(|item| (item.series, item.over)).collect();
        series.len()
    }

    fn items(&self) -> Vec<Item> {
        let mut items: Vec<_> = self.functions.iter().flat_map(|function| self.items_of(function)).collect();
        let extra = |series: &Series| Item { series: series.clone(), timeout: Duration::ZERO, over: Over::Minutes };
        items.extend(self.extras.iter().map(extra));
        let window = |window: &SeriesWindow| Item {
            series: window.series.clone(),
            timeout: Duration::ZERO,
            over: Over::Span(window.from, window.to),
        };
        items.extend(self.windows.iter().map(window));
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
            items.extend(series.map(|series| Item { series, timeout: function.timeout, over }));
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

/// What so many metrics a minute cost in an hour, in US dollars.
pub fn cost_per_hour(metrics_per_minute: usize) -> f64 {
    let metrics = u32::try_from(metrics_per_minute).unwrap_or(u32::MAX);
    f64::from(metrics) * 60.0 * DOLLARS_PER_METRIC
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::metrics::{Answer, SeriesAnswer};

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}Z").parse().unwrap()
    }

    fn watched(index: usize) -> Watched {
        let apart = (index < 2).then_some((Version::Number(42), Version::Number(43)));
        Watched {
            target: Target::new(format!("fn{index}"), "live"),
            apart,
            live: None,
            timeout: Duration::from_secs(10),
        }
    }

    fn wanted() -> Wanted {
        Wanted {
            functions: (0..10).map(watched).collect(),
            audience: Audience::Cockpit { selected: Some(watched(0).target) },
            extras: vec![],
            windows: vec![],
            settle: Duration::from_mins(1),
        }
    }

    fn asked(questions: &[Question]) -> usize {
        questions.iter().map(|question| question.series.len()).sum()
    }

    /// The store after these questions were answered with no points.
    fn answered(mut store: MetricStore, questions: &[Question], doubt: Option<&str>) -> MetricStore {
        for question in questions {
            let series = |series: &Series| SeriesAnswer {
                series: series.clone(),
                points: vec![],
                doubt: doubt.map(str::to_owned),
            };
            store.take(question, &Answer { series: question.series.iter().map(series).collect() });
        }
        store
    }

    #[test]
    fn a_plan_is_due_once_a_minute_a_few_seconds_after_it() {
        let mut schedule = Schedule::default();
        assert!(schedule.due(at("14:32:40")), "the first one at once");
        schedule.next(&wanted(), &MetricStore::default(), at("14:32:40"));
        for (now, due) in [("14:32:41", false), ("14:33:00", false), ("14:33:04", false), ("14:33:05", true)] {
            assert_eq!(schedule.due(at(now)), due, "{now}");
        }
        assert!(!schedule.due(at("14:20:00")), "a clock that is set back asks nothing twice");
    }

    #[test]
    fn ten_functions_with_two_in_release_stay_well_below_a_hundred_metrics_a_minute() {
        let per_minute = wanted().metrics_per_minute();
        assert!(per_minute <= 80, "{per_minute}");
        let questions = Schedule::default().next(&wanted(), &MetricStore::default(), at("14:32:40"));
        assert_eq!(asked(&questions), per_minute);
        assert_eq!(questions.len(), 2, "one question by the minute, one over the window");
        assert!((cost_per_hour(100) - 0.06).abs() < 1e-9);
    }

    #[test]
    fn no_series_goes_out_twice_in_a_minute() {
        let (mut schedule, mut store) = (Schedule::default(), MetricStore::default());
        let first = schedule.next(&wanted(), &store, at("14:32:06"));
        store = answered(store, &first, None);
        assert_eq!(schedule.next(&wanted(), &store, at("14:32:30")), vec![]);

        let mut other = wanted();
        other.audience = Audience::Cockpit { selected: Some(watched(5).target) };
        let selected = schedule.next(&other, &store, at("14:33:02"));
        assert_eq!(asked(&selected), 5, "three percentiles by the minute, and the two over the window: {selected:?}");
        assert_eq!(selected[0].from, at("11:32:00"), "the charts of the newly selected function are asked whole");
        assert_eq!(selected[0].to, first[0].to);
        assert_eq!(schedule.next(&wanted(), &store, at("14:33:03")), vec![], "back to the first: nothing new");
    }

    #[test]
    fn the_whole_chart_is_asked_once_and_then_what_may_still_change() {
        let (mut schedule, mut store) = (Schedule::default(), MetricStore::default());
        let spans = |questions: &[Question]| questions.iter().map(|q| (q.from, q.to)).collect::<Vec<_>>();
        let first = schedule.next(&wanted(), &store, at("14:32:05"));
        let whole = (at("11:32:00"), at("14:32:00"));
        assert_eq!(spans(&first), [whole, (at("14:15:00"), at("14:30:00"))]);
        assert_eq!((first[0].period.as_secs(), first[1].period.as_secs()), (60, 900));

        store = answered(store, &first, Some("PartialData"));
        let second = schedule.next(&wanted(), &store, at("14:33:05"));
        assert_eq!(second[0].from, at("11:33:00"), "an incomplete answer is no answer");

        store = answered(store, &second, None);
        let third = schedule.next(&wanted(), &store, at("14:34:05"));
        assert_eq!(spans(&third), [(at("14:19:00"), at("14:34:00")), (at("14:17:00"), at("14:32:00"))]);

        store = answered(store, &third, None);
        let after_a_pause = schedule.next(&wanted(), &store, at("14:48:05"));
        assert_eq!(after_a_pause[0].from, at("11:48:00"), "minutes that were settling at the last answer were missed");
    }

    #[test]
    fn each_window_that_gates_want_is_asked_once() {
        let p99 = Series::lambda(&watched(0).target, None, Measure::P99);
        let window = |to: &str| SeriesWindow { series: p99.clone(), from: at("14:25:00"), to: at(to) };
        let mut gated = wanted();
        gated.windows = vec![window("14:29:00"), window("14:30:00"), window("14:30:00")];
        let (mut schedule, store) = (Schedule::default(), MetricStore::default());
        let questions = schedule.next(&gated, &store, at("14:32:05"));
        let spans =
            |length: u64| questions.iter().filter(|q| q.period == Duration::from_mins(length)).collect::<Vec<_>>();
        assert_eq!((spans(4).len(), spans(5).len()), (1, 1));
        assert_eq!((spans(5)[0].from, spans(5)[0].to, spans(5)[0].series.len()), (at("14:25:00"), at("14:30:00"), 1));
        assert_eq!(schedule.next(&gated, &store, at("14:32:30")), vec![]);
    }

    #[test]
    fn functions_with_other_time_limits_have_windows_of_their_own() {
        let mut slow = wanted();
        slow.functions[3].timeout = Duration::from_mins(5);
        let questions = Schedule::default().next(&slow, &MetricStore::default(), at("14:32:05"));
        let windows: Vec<_> = questions.iter().filter(|q| q.period.as_secs() == 900).map(|q| (q.from, q.to)).collect();
        assert_eq!(windows, [(at("14:11:00"), at("14:26:00")), (at("14:15:00"), at("14:30:00"))]);
    }

    #[test]
    fn a_long_settling_widens_what_is_asked_again() {
        let mut late = wanted();
        late.settle = Duration::from_mins(30);
        let (mut schedule, store) = (Schedule::default(), MetricStore::default());
        let first = schedule.next(&late, &store, at("14:32:05"));
        let store = answered(store, &first, None);
        let second = schedule.next(&late, &store, at("14:33:05"));
        let by_minute = second.iter().find(|question| question.period == ONE_MINUTE).unwrap();
        assert_eq!(by_minute.from, at("14:00:00"), "a minute is read once more before it closes");
    }

    #[test]
    fn a_status_asks_no_more_than_its_fifteen_closed_minutes_need() {
        let mut status = wanted();
        status.audience = Audience::Status;
        let questions = Schedule::default().next(&status, &MetricStore::default(), at("14:32:05"));
        assert_eq!((questions[0].from, questions[0].to), (at("14:15:00"), at("14:32:00")));
        let percentiles =
            questions[1].series.iter().filter(|series| !series.dimensions.contains_key("ExecutedVersion"));
        assert_eq!(percentiles.count(), 30, "all three of every function");
    }

    #[test]
    fn only_functions_in_release_are_asked_by_version() {
        let questions = Schedule::default().next(&wanted(), &MetricStore::default(), at("14:32:05"));
        for series in questions.iter().flat_map(|question| &question.series) {
            let in_release = ["fn0", "fn1"].contains(&series.dimensions["FunctionName"].as_str());
            assert!(in_release || !series.dimensions.contains_key("ExecutedVersion"), "{series}");
        }
    }
}
