//! Measures against limits.

use super::*;
use crate::release::gates::settings::MetricSignal;

#[test]
fn a_rate_is_made_of_sums() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(NEW, &[(10.0, 5.0), (1000.0, 0.0), (990.0, 15.0), (0.0, 0.0), (0.0, 0.0)]);
    let result = bench.ask(error_rate(5.0));
    assert_eq!((result.outcome, result.value, result.threshold), (Outcome::Pass, Some(1.0), Some(5.0)));
    assert_eq!((result.data_to, result.unit), (Some(at("14:05")), Unit::Percent));
}

#[test]
fn one_bad_minute_decides_nothing_two_do() {
    let one_minute = || Threshold { over: 1, ..error_rate(5.0) };
    let mut bench = Bench::closed_until("14:03");
    bench.calls(NEW, &[(100.0, 0.0), (100.0, 0.0), (100.0, 20.0)]);
    assert_eq!(bench.outcome(one_minute()), undecided(Why::NotLong { bad: 1, needed: 2 }));
    bench.closed = at("14:04");
    bench.due = bench.closed;
    bench.calls(NEW, &[(100.0, 0.0), (100.0, 0.0), (100.0, 20.0), (100.0, 20.0)]);
    assert_eq!(bench.outcome(one_minute()), fail(Level::Critical));
    assert_eq!(
        bench.outcome(Threshold { sustained: 3, ..one_minute() }),
        undecided(Why::NotLong { bad: 2, needed: 3 })
    );
    bench.calls(NEW, &[(100.0, 0.0), (100.0, 20.0), (100.0, 0.0), (100.0, 20.0)]);
    assert_eq!(bench.outcome(one_minute()), undecided(Why::NotLong { bad: 1, needed: 2 }), "in a row");
}

#[test]
fn a_warning_is_a_failure_of_its_own_level() {
    let mut bench = Bench::closed_until("14:05");
    let two = || Threshold { warning: Some(1.0), ..error_rate(5.0) };
    bench.calls(NEW, &[(100.0, 2.0); 5]);
    let result = bench.ask(two());
    assert_eq!((result.outcome, result.threshold), (fail(Level::Warning), Some(1.0)));
    assert_eq!(standing(&[result]), Standing::Pass, "said, but nothing stops");
    bench.calls(NEW, &[(100.0, 9.0); 5]);
    assert_eq!(bench.outcome(two()), fail(Level::Critical));
}

#[test]
fn a_gate_that_only_warns_holds_nothing_up_while_it_is_undecided() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(NEW, &[(3.0, 0.0); 5]);
    let few = undecided(Why::TooFew { calls: 15.0, needed: 20.0 });
    let warning = bench.ask(Threshold { warning: Some(1.0), critical: None, ..error_rate(5.0) });
    assert_eq!((warning.outcome, standing(&[warning])), (few, Standing::Pass));
    let critical = bench.ask(error_rate(5.0));
    assert_eq!((critical.outcome, standing(&[critical])), (few, Standing::Undecided));

    let command = |level| gate(Check::Command { command: "load test".to_owned(), level });
    let ask = |level| bench.with(|readings| evaluate(&[command(level)], readings));
    assert_eq!(standing(&ask(Level::Warning)), Standing::Pass);
    assert_eq!(standing(&ask(Level::Critical)), Standing::Undecided);
}

#[test]
fn a_window_begins_at_the_shift_unless_it_may_reach_back() {
    let mut bench = Bench::closed_until("14:05");
    bench.shifts.push(ShiftMark { at: at("14:03"), percent: 50.0 });
    bench.calls(NEW, &[(100.0, 50.0), (100.0, 50.0), (100.0, 50.0), (100.0, 1.0), (100.0, 1.0)]);
    assert_eq!(bench.ask(error_rate(5.0)).value, Some(1.0));
    let result = bench.ask(Threshold { reach_back: true, ..error_rate(5.0) });
    assert_eq!(result.value, Some(30.4), "all five minutes");
}

#[test]
fn two_minutes_must_close_after_a_shift() {
    let mut bench = Bench::closed_until("14:01");
    bench.calls(NEW, &[(100.0, 100.0)]);
    assert_eq!(bench.outcome(error_rate(5.0)), undecided(Why::TooEarly));
    bench.shifts[0].at = at("14:00") - Duration::from_secs(30);
    assert_eq!(bench.outcome(error_rate(5.0)), undecided(Why::TooEarly), "14:00 is the first whole minute");
}

#[test]
fn few_calls_make_no_rate_and_none_make_no_hold_where_none_are_expected() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(NEW, &[(3.0, 3.0); 5]);
    assert_eq!(bench.outcome(error_rate(5.0)), undecided(Why::TooFew { calls: 15.0, needed: 20.0 }));
    let mut bench = Bench::closed_until("14:05");
    for (version, measure) in
        [(None, Measure::Invocations), (Some(NEW), Measure::Invocations), (Some(NEW), Measure::Errors)]
    {
        let series = bench.series(version, measure);
        bench.minutes(&series, "14:00", &[None; 5]);
    }
    let silent = bench.ask(error_rate(5.0));
    assert_eq!((silent.outcome, silent.is_open()), (undecided(Why::NoData), true));
    bench.expect_traffic = false;
    let silent = bench.ask(error_rate(5.0));
    assert_eq!((silent.outcome, silent.is_open()), (undecided(Why::NoData), false));
    assert_eq!(standing(&[silent]), Standing::Pass);
}

#[test]
fn a_release_whose_new_version_is_not_known_does_not_pass() {
    let bench = Bench::closed_until("14:05");
    let gates = [gate(Check::Threshold(error_rate(5.0)))];
    let mut function = bench.function();
    function.lens.new = None;
    let ask = |leg, functions: &[FunctionReading<'_>]| {
        bench.with(|readings| standing(&evaluate(&gates, &Readings { leg, functions, ..*readings })))
    };
    assert_eq!(ask(Some(Leg::Bake), &[function]), Standing::Undecided);
    assert_eq!(ask(Some(Leg::Bake), &[]), Standing::Undecided);
    assert_eq!(ask(None, &[function]), Standing::Pass, "before the first shift there is no new version");
}

#[test]
fn what_was_not_read_is_neither_good_nor_nothing() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(NEW, &[(100.0, 0.0); 4]);
    let result = bench.ask(error_rate(5.0));
    assert_eq!(result.outcome, undecided(Why::NotRead));
    assert!(!evidence(&[result], at("14:07")).is_complete);
    bench.calls(NEW, &[(100.0, 0.0); 5]);
    assert_eq!(bench.outcome(error_rate(5.0)), Outcome::Pass);
    bench.due = at("14:08");
    assert_eq!(bench.outcome(error_rate(5.0)), undecided(Why::NotRead), "CloudWatch has not answered for minutes");
}

#[test]
fn what_was_never_read_is_said_to_be_so_with_the_reason_and_no_time_of_data() {
    let bench = Bench::closed_until("14:01");
    let gates = [gate(Check::Threshold(error_rate(5.0))), gate(Check::Threshold(on_metric(None, None)))];
    let judge = Judgement { outcome: undecided(Why::TooEarly), data_to: None, note: String::new() };
    let ask = |trouble| {
        bench
            .with(|readings| evaluate(&gates, &Readings { metrics_trouble: trouble, judge: Some(&judge), ..*readings }))
    };
    for result in ask(None) {
        assert_eq!((result.outcome, result.data_to), (undecided(Why::NotRead), None), "{}", result.gate);
    }
    let failing = ask(Some("GetMetricData: not an AWS reply"));
    assert_eq!(failing.len(), 3);
    for result in &failing {
        assert_eq!((result.outcome, result.data_to), (undecided(Why::MetricsFail), None), "{}", result.gate);
        assert_eq!(result.note, "GetMetricData: not an AWS reply");
    }
    assert!(!evidence(&failing, at("14:07")).is_complete);
    let mut read = Bench::closed_until("14:01");
    read.calls(NEW, &[(100.0, 0.0)]);
    assert_eq!(read.outcome(error_rate(5.0)), undecided(Why::TooEarly), "a minute of it was read");
}

#[test]
fn a_gate_whose_data_stopped_coming_gives_the_time_of_the_last() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(NEW, &[(100.0, 0.0); 4]);
    let result = bench.ask(error_rate(5.0));
    assert_eq!((result.outcome, result.data_to), (undecided(Why::NotRead), Some(at("14:04"))));
}

#[test]
fn where_there_were_calls_and_no_throttles_there_were_none() {
    let throttles = || Threshold { sustained: 2, ..threshold(FunctionMeasure::Throttles, 0.0) };
    let mut bench = Bench::closed_until("14:05");
    let (calls, turned_away) = (bench.series(None, Measure::Invocations), bench.series(None, Measure::Throttles));
    bench.minutes(&calls, "14:00", &[Some(9.0), Some(9.0), None, Some(9.0), Some(9.0)]);
    bench.minutes(&turned_away, "14:00", &[None; 5]);
    let result = bench.ask(throttles());
    assert_eq!((result.outcome, result.value, result.is_apart), (Outcome::Pass, Some(0.0), false));
    bench.minutes(&turned_away, "14:03", &[Some(2.0), None]);
    assert_eq!(bench.outcome(throttles()), fail(Level::Critical));
    bench.minutes(&calls, "14:00", &[None; 5]);
    bench.minutes(&turned_away, "14:00", &[None; 5]);
    assert_eq!(bench.outcome(throttles()), undecided(Why::NoData));
}

#[test]
fn what_a_gate_needs_is_enough_for_an_answer() {
    let p99 = threshold(FunctionMeasure::Duration("p99".into()), 2000.0);
    let all = Threshold { signal: Signal::Function { measure: FunctionMeasure::Errors, of: Of::All }, ..p99.clone() };
    for check in [
        error_rate(5000.0),
        p99.clone(),
        Threshold { over: 1, ..p99.clone() },
        Threshold { over: 15, sustained: 5, reach_back: true, ..p99.clone() },
        Threshold { side: Side::Rise, ..p99.clone() },
        Threshold { side: Side::Drop, critical: Some(50.0), ..all },
        threshold(FunctionMeasure::Throttles, 1e6),
    ] {
        for percent in [10.0, 100.0] {
            let mut bench = Bench::closed_until("14:04");
            bench.percent = percent;
            bench.shifts[0].percent = percent;
            assert_eq!(bench.outcome(check.clone()), undecided(Why::NotRead), "{check:?}");
            bench.answer_needs(&check, 100.0);
            assert_eq!(bench.outcome(check.clone()), Outcome::Pass, "{check:?}");
        }
    }
}

#[test]
fn a_percentile_is_cloudwatchs_own_for_each_of_the_windows() {
    let p99 = threshold(FunctionMeasure::Duration("p99".into()), 2000.0);
    let mut bench = Bench::closed_until("14:04");
    bench.answer_needs(&p99, 3000.0);
    let result = bench.ask(p99.clone());
    assert_eq!((result.outcome, result.value), (Outcome::Fail { level: Level::Critical, alike: true }, Some(3000.0)));
    let gates = [gate(Check::Threshold(p99))];
    let windows = bench.with(|readings| needs(&gates, readings));
    let again: Vec<_> = windows.iter().filter(|need| matches!(need, Need::Window { .. })).collect();
    assert_eq!(again.len(), 2, "only the newest window of each version is asked again: {again:?}");
    assert!(again.iter().all(|need| need.series().dimensions.contains_key("ExecutedVersion")));
}

#[test]
fn at_a_hundred_percent_all_calls_are_the_new_versions() {
    let mut bench = Bench::closed_until("14:05");
    bench.percent = 100.0;
    bench.shifts[0].percent = 100.0;
    for (version, measure, value) in [
        (None, Measure::Invocations, Some(100.0)),
        (None, Measure::Errors, Some(30.0)),
        (Some(NEW), Measure::Invocations, None),
        (Some(NEW), Measure::Errors, None),
    ] {
        let series = bench.series(version, measure);
        bench.minutes(&series, "14:00", &[value; 5]);
    }
    let result = bench.ask(error_rate(5.0));
    assert_eq!((result.outcome, result.value), (fail(Level::Critical), Some(30.0)));
}

#[test]
fn both_versions_failing_alike_is_said_and_wins_over_what_cannot_tell_them_apart() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(OLD, &[(900.0, 300.0); 5]);
    bench.calls(NEW, &[(100.0, 40.0); 5]);
    let alike = bench.ask(error_rate(5.0));
    assert_eq!(alike.outcome, Outcome::Fail { level: Level::Critical, alike: true });
    let alarm = GateResult { outcome: fail(Level::Critical), ..GateResult::new("alarms", Unit::Count) };
    assert_eq!(standing(&[alarm.clone(), alike.clone()]), Standing::Alike);
    assert_eq!(standing(std::slice::from_ref(&alarm)), Standing::Failed);
    bench.calls(OLD, &[(900.0, 90.0); 5]);
    let alone = bench.ask(error_rate(5.0));
    assert_eq!(alone.outcome, fail(Level::Critical), "four times as bad is not alike");
    assert_eq!(standing(&[alarm, alike, alone]), Standing::Failed);
}

fn metric(name: &str) -> Series {
    Series { namespace: "Vault".into(), metric: name.into(), statistic: "Sum".into(), ..Series::default() }
}

fn on_metric(per: Option<&str>, companion: Option<&str>) -> Threshold {
    let signal = MetricSignal::of(metric("Failed"), per.map(metric), companion.map(metric));
    Threshold { critical: Some(10.0), ..Threshold::of(Signal::Metric(Box::new(signal))) }
}

#[test]
fn a_metric_that_is_only_reported_when_something_happens_has_a_companion() {
    let mut bench = Bench::closed_until("14:05");
    bench.minutes(&metric("Failed"), "14:00", &[None, None, None, Some(4.0), None]);
    bench.minutes(&metric("All"), "14:00", &[Some(20.0), Some(20.0), None, Some(20.0), Some(20.0)]);
    assert_eq!(bench.outcome(on_metric(None, None)), undecided(Why::NoData), "one point of five says too little");
    assert_eq!(bench.ask(on_metric(None, Some("All"))).value, Some(4.0));
    let share = bench.ask(on_metric(Some("All"), None));
    assert_eq!((share.value, share.unit, share.outcome), (Some(5.0), Unit::Percent, Outcome::Pass));
}

#[test]
fn a_drop_is_measured_against_the_hour_before_the_release() {
    let mut bench = Bench::closed_until("14:05");
    bench.minutes(&metric("Failed"), "13:00", &[Some(10.0); 60]);
    bench.minutes(&metric("Failed"), "14:00", &[Some(4.0); 5]);
    let drop = || Threshold { side: Side::Drop, critical: Some(50.0), ..on_metric(None, None) };
    let result = bench.ask(drop());
    assert_eq!((result.outcome, result.value), (fail(Level::Critical), Some(60.0)));
    assert_eq!(bench.outcome(Threshold { critical: Some(70.0), ..drop() }), Outcome::Pass);
    let rise = Threshold { side: Side::Rise, critical: Some(1.0), ..on_metric(None, None) };
    assert_eq!(bench.ask(rise).value, Some(-60.0));
    bench.minutes(&metric("Failed"), "13:00", &[None; 60]);
    assert_eq!(bench.outcome(drop()), undecided(Why::NoBaseline));
}

#[test]
fn fewer_calls_than_wanted_can_be_a_failure() {
    let mut bench = Bench::closed_until("14:05");
    bench.calls(NEW, &[(3.0, 0.0); 5]);
    let few = Threshold { side: Side::Below, ..threshold(FunctionMeasure::Invocations, 20.0) };
    assert_eq!(bench.outcome(few), fail(Level::Critical));
}

#[test]
fn where_no_release_is_on_record_a_watch_looks_at_all_calls() {
    let mut bench = Bench::closed_until("14:05");
    // The alias has ten times the calls of the version, and the same errors.
    bench.calls(NEW, &[(100.0, 90.0); 5]);
    let gates = [gate(Check::Threshold(Threshold { over: 1, ..error_rate(5.0) }))];
    let watched = |leg| {
        bench.with(|readings| {
            let lens = Lens { new: None, shifts: &[], percent: 0.0, ..bench.function().lens };
            let functions = [FunctionReading { lens, due_until: bench.due, expect_traffic: true }];
            evaluate(&gates, &Readings { functions: &functions, leg, began: None, shifted: None, ..*readings })
        })
    };
    let [watch] = <[GateResult; 1]>::try_from(watched(Some(Leg::Watch))).unwrap();
    assert_eq!((watch.outcome, watch.value, watch.is_apart), (fail(Level::Critical), Some(9.0), false));
    assert_eq!(watched(Some(Leg::Bake))[0].outcome, undecided(Why::NotRead), "in a bake there must be a new version");
}
