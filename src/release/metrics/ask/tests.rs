//! What is asked, how often, and what it costs.

use super::*;
use crate::release::metrics::{Answer, SeriesAnswer};

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn watched(index: usize) -> Watched {
    let apart = (index < 2).then_some((Version::Number(42), Version::Number(43)));
    Watched { target: Target::new(format!("fn{index}"), "live"), apart, live: None, timeout: Duration::from_secs(10) }
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
        let series =
            |series: &Series| SeriesAnswer { series: series.clone(), points: vec![], doubt: doubt.map(str::to_owned) };
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
    let per_minute = wanted().metrics_per_hour() / 60;
    assert!(per_minute <= 80, "{per_minute}");
    let questions = Schedule::default().next(&wanted(), &MetricStore::default(), at("14:32:40"));
    assert_eq!(asked(&questions), per_minute);
    assert_eq!(questions.len(), 2, "one question by the minute, one over the window");
    assert!((cost_per_hour(6_000) - 0.06).abs() < 1e-9);
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
    let spans = |length: u64| questions.iter().filter(|q| q.period == Duration::from_mins(length)).collect::<Vec<_>>();
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
    let percentiles = questions[1].series.iter().filter(|series| !series.dimensions.contains_key("ExecutedVersion"));
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

/// A wish for nothing but these.
fn extras(series: &[(&str, Rhythm)]) -> Wanted {
    let named = |metric: &str| Series { metric: metric.to_owned(), ..Series::default() };
    let extras = series.iter().map(|(metric, rhythm)| (named(metric), *rhythm)).collect();
    Wanted { functions: vec![], extras, ..wanted() }
}

/// How often each metric goes out in so many minutes.
fn counted(wanted: &Wanted, minutes: i64) -> BTreeMap<String, usize> {
    let (mut schedule, store) = (Schedule::default(), MetricStore::default());
    let mut counts = BTreeMap::new();
    for minute in 0..minutes {
        let now = at("14:00:06") + SignedDuration::from_mins(minute);
        for series in schedule.next(wanted, &store, now).into_iter().flat_map(|question| question.series) {
            *counts.entry(series.metric).or_default() += 1;
        }
    }
    counts
}

#[test]
fn each_rhythm_has_its_own_hour_and_costs_what_it_asks() {
    let wanted = extras(&[("seen", Rhythm::Minute), ("unseen", Rhythm::FiveMinutes), ("daily", Rhythm::Day)]);
    let counts = counted(&wanted, 60);
    assert_eq!(counts, BTreeMap::from([("seen".into(), 60), ("unseen".into(), 12), ("daily".into(), 1)]));
    assert_eq!(wanted.metrics_per_hour(), counts.values().sum::<usize>());
}

#[test]
fn what_is_on_screen_and_off_it_goes_by_the_faster_rhythm() {
    for order in [[Rhythm::Minute, Rhythm::FiveMinutes], [Rhythm::FiveMinutes, Rhythm::Minute]] {
        let wanted = extras(&order.map(|rhythm| ("shared", rhythm)));
        assert_eq!(counted(&wanted, 10), BTreeMap::from([("shared".into(), 10)]));
        assert_eq!(wanted.metrics_per_hour(), 60);
    }
}

#[test]
fn what_comes_on_screen_is_asked_at_once() {
    let (mut schedule, store) = (Schedule::default(), MetricStore::default());
    let go = |schedule: &mut Schedule, rhythm, now| asked(&schedule.next(&extras(&[("m", rhythm)]), &store, at(now)));
    assert_eq!(go(&mut schedule, Rhythm::FiveMinutes, "14:00:06"), 1);
    assert_eq!(go(&mut schedule, Rhythm::FiveMinutes, "14:01:06"), 0);
    assert_eq!(go(&mut schedule, Rhythm::Minute, "14:01:09"), 1);
}

#[test]
fn days_are_asked_whole_and_every_region_for_itself() {
    let mut wanted = extras(&[("daily", Rhythm::Day), ("here", Rhythm::Minute), ("there", Rhythm::Minute)]);
    wanted.extras[2].0.region = Some("us-east-1".into());
    let questions = Schedule::default().next(&wanted, &MetricStore::default(), at("14:00:06"));
    assert_eq!(questions.len(), 3);
    let daily = questions.iter().find(|question| question.period == ONE_DAY).unwrap();
    let midnight = |day: &str| format!("2026-11-{day}T00:00:00Z").parse::<Timestamp>().unwrap();
    assert_eq!((daily.from, daily.to), (midnight("17"), midnight("21")));
}
