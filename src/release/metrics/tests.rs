//! Scenarios: a table of minutes as a world would have them, what CloudWatch says of it in each of its two possible
//! ways, and what the lens reads from that.

mod random;

use super::{
    Answer, ChartMeasure, Line, Measure, Question, Series, SeriesAnswer, Summary,
    lens::Lens,
    minute::Minute,
    store::{MetricStore, ONE_MINUTE},
};
use crate::release::{
    memory::{Entry, RolledBack, ShiftMark},
    names::{ReleaseId, Target, Version},
    routing::Routing,
};
use jiff::Timestamp;

const STABLE: Version = Version::Number(42);
const NEW: Version = Version::Number(43);

/// Calls and errors of each version in a minute.
#[derive(Debug, Clone, Copy, Default)]
struct Lived {
    stable: (f64, f64),
    new: (f64, f64),
    /// Whether the alias had weights in it.
    weights: bool,
}

fn alone(calls: f64, errors: f64) -> Lived {
    Lived { stable: (calls, errors), ..Lived::default() }
}

fn new_alone(calls: f64, errors: f64) -> Lived {
    Lived { new: (calls, errors), ..Lived::default() }
}

fn split(stable: (f64, f64), new: (f64, f64)) -> Lived {
    Lived { stable, new, weights: true }
}

/// When the triple exists: AWS leaves it open.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Triples {
    WhileWeighted,
    Always,
}

const BOTH: [Triples; 2] = [Triples::WhileWeighted, Triples::Always];

/// The n-th minute after 14:00.
fn minute(index: usize) -> Minute {
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    Minute::of(start).plus(i64::try_from(index).unwrap())
}

fn mark(index: usize, second: i64, percent: f64) -> ShiftMark {
    ShiftMark { at: minute(index).start() + jiff::SignedDuration::from_secs(second), percent }
}

fn target() -> Target {
    Target::new("pay", "live")
}

/// Points as CloudWatch gives them: nothing where nothing happened.
fn points(lived: &[Lived], value: impl Fn(&Lived) -> f64) -> Vec<(Timestamp, f64)> {
    let point = |(index, lived)| (minute(index).start(), value(lived));
    lived.iter().enumerate().map(point).filter(|(_, value)| *value > 0.0).collect()
}

fn take(store: &mut MetricStore, lived: &[Lived], series: Series, points: Vec<(Timestamp, f64)>, doubt: Option<&str>) {
    let question = Question {
        series: vec![series.clone()],
        from: minute(0).start(),
        to: minute(lived.len()).start(),
        period: ONE_MINUTE,
    };
    store.take(&question, &Answer { series: vec![SeriesAnswer { series, points, doubt: doubt.map(str::to_owned) }] });
}

/// The 99th percentile over the first fifteen minutes.
fn take_p99(store: &mut MetricStore, version: Option<Version>, value: f64) {
    let (series, from, to) = (series(version, Measure::P99), minute(0).start(), minute(15).start());
    let question = Question { series: vec![series.clone()], from, to, period: ONE_MINUTE * 15 };
    store.take(&question, &Answer { series: vec![SeriesAnswer { series, points: vec![(from, value)], doubt: None }] });
}

fn series(version: Option<Version>, measure: Measure) -> Series {
    Series::lambda(&target(), version, measure)
}

fn read(lived: &[Lived], triples: Triples) -> MetricStore {
    let mut store = MetricStore::default();
    let apart = |lived: &Lived| if lived.weights || triples == Triples::Always { 1.0 } else { 0.0 };
    let all = |one: (f64, f64), two: (f64, f64)| (one.0 + two.0, one.1 + two.1);
    let mut both = |version, value: &dyn Fn(&Lived) -> (f64, f64)| {
        take(&mut store, lived, series(version, Measure::Invocations), points(lived, |l| value(l).0), None);
        take(&mut store, lived, series(version, Measure::Errors), points(lived, |l| value(l).1), None);
    };
    both(None, &|l| all(l.stable, l.new));
    both(Some(STABLE), &|l| (l.stable.0 * apart(l), l.stable.1 * apart(l)));
    both(Some(NEW), &|l| (l.new.0 * apart(l), l.new.1 * apart(l)));
    take(&mut store, lived, series(None, Measure::Throttles), vec![], None);
    store
}

fn lens<'a>(store: &'a MetricStore, target: &'a Target, shifts: &'a [ShiftMark], closed: usize) -> Lens<'a> {
    Lens {
        store,
        target,
        stable: Some(STABLE),
        new: Some(NEW),
        percent: shifts.last().map_or(0.0, |mark| mark.percent),
        shifts,
        rolled_back: None,
        closed_until: minute(closed).start(),
    }
}

fn counts(summary: Summary) -> (Option<f64>, Option<f64>) {
    (summary.invocations, summary.errors)
}

#[test]
fn a_canary_is_told_apart_whether_or_not_the_triple_always_exists() {
    let mut lived = vec![alone(100.0, 1.0); 5];
    lived.extend([split((90.0, 1.0), (10.0, 5.0)); 5]);
    let shifts = [mark(5, 0, 10.0)];
    for triples in BOTH {
        let (store, target) = (read(&lived, triples), target());
        let lens = lens(&store, &target, &shifts, 10);
        assert_eq!(counts(lens.of(STABLE)), (Some(950.0), Some(10.0)), "{triples:?}");
        assert_eq!(counts(lens.of(NEW)), (Some(50.0), Some(25.0)), "{triples:?}");
        assert_eq!(lens.of(NEW).error_rate, Some(50.0));
        assert_eq!(counts(lens.total()), (Some(1000.0), Some(35.0)), "{triples:?}");
        let observed = lens.observed_percent(NEW).unwrap();
        assert_eq!((observed.percent, observed.calls), (10.0, 500.0), "{triples:?}");
    }
}

#[test]
fn after_a_hundred_percent_the_pair_is_the_new_version() {
    let mut lived = vec![split((50.0, 0.0), (50.0, 1.0)); 4];
    lived.extend([new_alone(100.0, 2.0); 4]);
    let shifts = [mark(0, 0, 50.0), mark(4, 0, 100.0)];
    for triples in BOTH {
        let (store, target) = (read(&lived, triples), target());
        let lens = lens(&store, &target, &shifts, 8);
        assert_eq!(counts(lens.of(NEW)), (Some(600.0), Some(12.0)), "{triples:?}");
        assert_eq!(counts(lens.of(STABLE)), (Some(200.0), Some(0.0)), "{triples:?}");
        assert_eq!(
            lens.observed_percent(NEW).map(|seen| seen.percent),
            Some(100.0),
            "only what came after the last shift"
        );
    }
}

#[test]
fn a_minute_in_which_the_weights_changed_counts_by_its_triples_or_not_at_all() {
    // 0 to 100 % in one step half way through minute 1: where the triple is missing, nobody can tell whose calls it had.
    let lived =
        [alone(100.0, 0.0), Lived { stable: (50.0, 0.0), new: (50.0, 20.0), weights: false }, new_alone(100.0, 40.0)];
    let shifts = [mark(1, 30, 100.0)];
    let target = target();
    let store = read(&lived, Triples::WhileWeighted);
    let lens_ = lens(&store, &target, &shifts, 3);
    assert_eq!(counts(lens_.of(STABLE)), (Some(100.0), Some(0.0)));
    assert_eq!(counts(lens_.of(NEW)), (Some(100.0), Some(40.0)));
    assert_eq!(counts(lens_.total()), (Some(300.0), Some(60.0)), "the total has it");
    let store = read(&lived, Triples::Always);
    let lens_ = lens(&store, &target, &shifts, 3);
    assert_eq!(counts(lens_.of(STABLE)), (Some(150.0), Some(0.0)));
    assert_eq!(counts(lens_.of(NEW)), (Some(150.0), Some(60.0)));
}

#[test]
fn a_canary_without_calls_has_no_data_rather_than_zero() {
    let lived = [split((5.0, 1.0), (0.0, 0.0)); 6];
    for triples in BOTH {
        let (store, target) = (read(&lived, triples), target());
        let shifts = [mark(0, 0, 1.0)];
        let lens = lens(&store, &target, &shifts, 6);
        assert_eq!(lens.of(NEW), Summary::default());
        assert_eq!(counts(lens.of(STABLE)), (Some(30.0), Some(6.0)));
        let observed = lens.observed_percent(NEW).unwrap();
        assert_eq!((observed.percent, observed.calls), (0.0, 30.0));
    }
}

#[test]
fn no_errors_where_calls_are_is_zero_and_no_calls_is_no_data() {
    let lived = [alone(10.0, 0.0), alone(0.0, 0.0), alone(10.0, 0.0)];
    let (store, target) = (read(&lived, Triples::WhileWeighted), target());
    let mut lens = lens(&store, &target, &[], 3);
    lens.new = None;
    let total = lens.total();
    assert_eq!((total.invocations, total.error_rate, total.throttles), (Some(20.0), Some(0.0), Some(0.0)));
    assert_eq!(counts(lens.of(STABLE)), (Some(20.0), Some(0.0)));
    let line = Line { measure: ChartMeasure::Throttles, version: None };
    let chart: Vec<_> = lens.chart(line, minute(0).start(), minute(3).start()).iter().map(|p| p.at).collect();
    assert_eq!(chart, [minute(0).start(), minute(2).start()], "a gap is a gap");
    lens.closed_until = minute(60).start();
    assert_eq!(lens.total(), Summary::default());
}

#[test]
fn missing_points_of_a_doubtful_answer_are_never_zero() {
    let lived = [alone(10.0, 0.0); 3];
    let target = target();
    let mut store = MetricStore::default();
    let calls = points(&lived, |l| l.stable.0);
    take(&mut store, &lived, series(None, Measure::Invocations), calls, None);
    let errors = vec![(minute(1).start(), 4.0)];
    take(&mut store, &lived, series(None, Measure::Errors), errors, Some("PartialData"));
    let mut lens = lens(&store, &target, &[], 3);
    lens.new = None;
    let total = lens.total();
    assert_eq!((total.invocations, total.errors), (Some(30.0), Some(4.0)));
    assert_eq!(total.error_rate, Some(40.0), "against the calls of the one minute whose errors are known");
    assert_eq!(total.throttles, None, "never asked");
}

#[test]
fn unread_triples_leave_a_split_untold() {
    let lived = [split((90.0, 0.0), (10.0, 9.0)); 3];
    let target = target();
    let mut store = MetricStore::default();
    take(&mut store, &lived, series(None, Measure::Invocations), points(&lived, |_| 100.0), None);
    take(&mut store, &lived, series(None, Measure::Errors), points(&lived, |_| 9.0), None);
    let lens = lens(&store, &target, &[], 3);
    assert_eq!(lens.of(STABLE), Summary::default(), "somebody else's split must not be read as stable's");
    assert_eq!(counts(lens.total()), (Some(300.0), Some(27.0)));
}

#[test]
fn after_a_rollback_the_withdrawn_version_s_minutes_are_not_the_stable_one_s() {
    let mut lived = vec![new_alone(100.0, 50.0); 4];
    lived.extend([alone(100.0, 1.0); 4]);
    let (store, target) = (read(&lived, Triples::WhileWeighted), target());
    let entry = Entry {
        id: ReleaseId::new("r-20261120-1400"),
        target: target.clone(),
        stable: STABLE,
        new: NEW,
        before: Routing::only(STABLE),
        by: "ada".into(),
        since: minute(0).start(),
        owner: String::new(),
        shifts: vec![mark(0, 0, 100.0)],
        whole: false,
        told: false,
    };
    let back = RolledBack { entry, percent: 100.0, at: mark(4, 0, 0.0).at };
    let mut lens = lens(&store, &target, &[], 8);
    lens.new = None;
    lens.rolled_back = Some(&back);
    assert_eq!(counts(lens.of(STABLE)), (Some(400.0), Some(4.0)));
    assert_eq!(counts(lens.total()), (Some(800.0), Some(204.0)));

    // A program started since then has never asked for the triples: the minutes after the rollback are stable's still.
    let mut fresh = MetricStore::default();
    take(&mut fresh, &lived, series(None, Measure::Invocations), points(&lived, |_| 100.0), None);
    lens.store = &fresh;
    assert_eq!(lens.of(STABLE).invocations, Some(400.0));
}

#[test]
fn a_split_minute_whose_calls_all_fell_to_the_new_version_is_not_the_stable_one_s() {
    let lived = [alone(10.0, 0.0), split((0.0, 0.0), (3.0, 3.0))];
    for triples in BOTH {
        let (store, target) = (read(&lived, triples), target());
        let lens = lens(&store, &target, &[], 2);
        assert_eq!(counts(lens.of(STABLE)), (Some(10.0), Some(0.0)), "{triples:?}: nobody wrote down this split");
        assert_eq!(counts(lens.of(NEW)), (Some(3.0), Some(3.0)), "{triples:?}");
    }
}

#[test]
fn where_the_pair_is_missing_the_versions_make_the_total() {
    let lived = [split((9.0, 0.0), (1.0, 1.0)); 2];
    let (mut store, target) = (read(&lived, Triples::WhileWeighted), target());
    take(&mut store, &lived, series(None, Measure::Invocations), vec![], None);
    assert_eq!(counts(lens(&store, &target, &[], 2).total()), (Some(20.0), Some(2.0)));
}

#[test]
fn a_change_that_is_not_on_record_credits_nobody() {
    // The record was written, the write took effect, and the program died before it was acknowledged.
    let lived = [alone(100.0, 0.0), new_alone(100.0, 50.0)];
    let (store, target) = (read(&lived, Triples::WhileWeighted), target());
    let mut lens = lens(&store, &target, &[], 2);
    lens.percent = 100.0;
    assert_eq!((lens.of(STABLE), lens.of(NEW)), (Summary::default(), Summary::default()));
    let always = read(&lived, Triples::Always);
    lens.store = &always;
    assert_eq!(counts(lens.of(NEW)), (Some(100.0), Some(50.0)), "unless the triples tell");
}

#[test]
fn only_closed_minutes_count_and_settling_ones_are_drawn_as_such() {
    let lived = [alone(10.0, 1.0); 20];
    let (store, target) = (read(&lived, Triples::WhileWeighted), target());
    let mut lens = lens(&store, &target, &[], 18);
    lens.new = None;
    assert_eq!(lens.total().invocations, Some(150.0), "fifteen minutes, no more");
    let line = Line { measure: ChartMeasure::ErrorRate, version: Some(STABLE) };
    let chart = lens.chart(line, minute(16).start(), minute(30).start());
    let drawn: Vec<_> = chart.iter().map(|point| (point.value, point.closed)).collect();
    assert_eq!(drawn, [(10.0, true), (10.0, true), (10.0, false), (10.0, false)]);
}

#[test]
fn percentiles_come_from_the_window_and_an_old_one_is_not_shown() {
    let lived = [split((90.0, 0.0), (10.0, 0.0)); 15];
    let (mut store, target) = (read(&lived, Triples::WhileWeighted), target());
    for (version, value) in [(None, 300.0), (Some(STABLE), 290.0), (Some(NEW), 900.0)] {
        take_p99(&mut store, version, value);
    }
    let shifts = [mark(0, 0, 10.0)];
    let mut lens = lens(&store, &target, &shifts, 15);
    assert_eq!(lens.total().p99_ms, Some(300.0));
    assert_eq!((lens.of(STABLE).p99_ms, lens.of(NEW).p99_ms), (Some(290.0), Some(900.0)));
    assert_eq!(lens.total().p50_ms, None);
    lens.closed_until = minute(25).start();
    assert_eq!(lens.total().p99_ms, Some(300.0), "five of its minutes still count");
    lens.closed_until = minute(26).start();
    assert_eq!(lens.total().p99_ms, None);
}

#[test]
fn the_pair_s_percentile_is_a_version_s_only_while_no_other_had_calls() {
    let target = target();
    let p99 = |lived: &[Lived], shifts: &[ShiftMark]| {
        let mut store = read(lived, Triples::WhileWeighted);
        take_p99(&mut store, None, 300.0);
        let lens = lens(&store, &target, shifts, 15);
        (lens.of(STABLE).p99_ms, lens.of(NEW).p99_ms)
    };
    let mut lived = vec![alone(10.0, 0.0); 15];
    assert_eq!(p99(&lived, &[]), (Some(300.0), None));
    lived[14] = new_alone(10.0, 0.0);
    assert_eq!(p99(&lived, &[mark(14, 0, 100.0)]), (None, None), "both had calls, and nothing tells them apart");
}
