//! Formulas on minutes written out by hand.

use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::release::metrics::{Answer, Question, SeriesAnswer, store::ONE_MINUTE};

fn minute(minutes: i64) -> Minute {
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    Minute::of(start).plus(minutes)
}

fn series(metric: &str, statistic: &str) -> Series {
    Series { metric: metric.to_owned(), statistic: statistic.to_owned(), ..Series::default() }
}

fn sum(metric: &str) -> Series {
    series(metric, "Sum")
}

fn operand(series: &[Series], missing: Missing) -> Operand {
    Operand { series: series.to_vec(), missing }
}

fn zero_beside(companion: &str) -> Missing {
    Missing::Zero { companions: vec![sum(companion)] }
}

fn formula(text: &str, operands: &[(&str, Operand)]) -> Formula {
    let operands = operands.iter().map(|(name, operand)| ((*name).to_owned(), operand.clone())).collect();
    Formula { expression: Expression::parse(text).unwrap(), operands, scale: 1.0 }
}

/// A store with these minutes from 14:00 on; `None` is a minute without a point.
fn store(tracks: &[(Series, &[Option<f64>])]) -> MetricStore {
    let mut store = MetricStore::default();
    for (series, values) in tracks {
        let to = minute(i64::try_from(values.len()).unwrap());
        let points = minute(0).until(to).zip(*values).filter_map(|(at, value)| Some((at.start(), (*value)?)));
        let answer = SeriesAnswer { series: series.clone(), points: points.collect(), doubt: None };
        let question =
            Question { series: vec![series.clone()], from: minute(0).start(), to: to.start(), period: ONE_MINUTE };
        store.take(&question, &Answer { series: vec![answer] });
    }
    store
}

fn value(known: Known) -> Option<f64> {
    match known {
        Known::Value { value, .. } => Some(value),
        Known::Nothing | Known::Unread => None,
    }
}

#[test]
fn a_rate_is_one_of_sums_and_not_a_mean_of_rates() {
    let store = store(&[(sum("failed"), &[Some(5.0), None]), (sum("all"), &[Some(10.0), Some(90.0)])]);
    let rate = formula(
        "100 * failed / all",
        &[("failed", operand(&[sum("failed")], zero_beside("all"))), ("all", operand(&[sum("all")], Missing::Unknown))],
    );
    let known = rate.over(&store, minute(0), minute(2));
    assert_eq!(known, Known::Value { value: 5.0, pace: 5.0, calls: Some(100.0) }, "the mean of rates would be 25");
}

#[test]
fn a_minute_counts_only_where_every_operand_is_known() {
    let tracks = [(sum("failed"), &[Some(5.0), Some(9.0)][..]), (sum("all"), &[Some(10.0), None])];
    let rate = formula(
        "100 * failed / all",
        &[("failed", operand(&[sum("failed")], Missing::Unknown)), ("all", operand(&[sum("all")], Missing::Unknown))],
    );
    assert_eq!(value(rate.over(&store(&tracks), minute(0), minute(2))), Some(50.0));
    assert_eq!(rate.over(&store(&tracks), minute(1), minute(2)), Known::Nothing);
    assert_eq!(rate.over(&store(&tracks), minute(0), minute(3)), Known::Unread, "the third was never read");
}

#[test]
fn several_series_add_up_and_events_that_did_not_happen_are_zero_beside_a_companion() {
    let tracks = [
        (sum("reads"), &[Some(2.0), None, None][..]),
        (sum("index"), &[None, Some(3.0), None]),
        (sum("used"), &[Some(1.0), Some(1.0), None]),
    ];
    let throttled = Formula::plain(operand(&[sum("reads"), sum("index")], zero_beside("used")));
    let at = |from, to| value(throttled.over(&store(&tracks), minute(from), minute(to)));
    assert_eq!((at(0, 1), at(1, 2), at(2, 3)), (Some(2.0), Some(3.0), None));
    assert_eq!(at(0, 3), Some(5.0), "two of three minutes are enough");
    assert_eq!(at(1, 3), Some(3.0));
}

#[test]
fn what_is_left_out_needs_another_that_is_there() {
    let tracks = [(sum("one"), &[Some(2.0), None][..]), (sum("other"), &[None, None])];
    let size = Formula::plain(operand(&[sum("one"), sum("other")], Missing::LeftOut));
    assert_eq!(value(size.over(&store(&tracks), minute(0), minute(1))), Some(2.0));
    assert_eq!(size.over(&store(&tracks), minute(1), minute(2)), Known::Nothing);
}

#[test]
fn a_table_without_indexes_has_nothing_throttled_in_them() {
    let both = formula(
        "table + indexes",
        &[("table", operand(&[sum("table")], Missing::Unknown)), ("indexes", operand(&[], Missing::Unknown))],
    );
    let store = store(&[(sum("table"), &[Some(4.0)])]);
    assert_eq!(value(both.over(&store, minute(0), minute(1))), Some(4.0));
}

#[test]
fn extremes_are_extremes_and_counts_have_a_pace() {
    let values = [Some(4.0), Some(9.0), Some(2.0)];
    let tracks =
        [(series("c", "Maximum"), &values[..]), (series("c", "Minimum"), &values[..]), (sum("c"), &values[..])];
    let store = store(&tracks);
    let of = |statistic| Formula::of(series("c", statistic)).over(&store, minute(0), minute(3));
    assert_eq!(of("Maximum"), Known::whole(9.0, None));
    assert_eq!(of("Minimum"), Known::whole(2.0, None));
    assert_eq!(of("Sum"), Known::Value { value: 15.0, pace: 5.0, calls: None });
}

#[test]
fn percentiles_are_cloudwatch_s_own_for_the_window_and_come_into_their_unit() {
    let slow = series("TargetResponseTime", "p95");
    let in_ms = Formula { scale: 1_000.0, ..Formula::of(slow.clone()) };
    let mut store = store(&[(slow.clone(), &[Some(0.1), Some(0.2)])]);
    assert_eq!(value(in_ms.over(&store, minute(0), minute(1))), Some(100.0), "one minute is a window too");
    assert_eq!(in_ms.over(&store, minute(0), minute(2)), Known::Unread);
    let question = Question {
        series: vec![slow.clone()],
        from: minute(0).start(),
        to: minute(2).start(),
        period: Duration::from_mins(2),
    };
    let points = vec![(minute(0).start(), 0.18)];
    store.take(&question, &Answer { series: vec![SeriesAnswer { series: slow, points, doubt: None }] });
    assert_eq!(value(in_ms.over(&store, minute(0), minute(2))), Some(180.0));
}

#[test]
fn what_fill_stands_in_for_holds_no_minute_back() {
    let tracks = [(sum("failed"), &[None, None][..]), (sum("all"), &[Some(10.0), Some(10.0)])];
    let rate = formula(
        "100 * fill(failed, 0) / all",
        &[("failed", operand(&[sum("failed")], Missing::Unknown)), ("all", operand(&[sum("all")], Missing::Unknown))],
    );
    assert_eq!(value(rate.over(&store(&tracks), minute(0), minute(2))), Some(0.0));
}

#[test]
fn companions_are_asked_for_too_and_nothing_twice() {
    let both = formula(
        "a + b",
        &[
            ("a", operand(&[sum("x")], zero_beside("used"))),
            ("b", operand(&[sum("y"), sum("used")], zero_beside("used"))),
        ],
    );
    let names: Vec<_> = both.series().into_iter().map(|series| series.metric.as_str()).collect();
    assert_eq!(names, ["used", "x", "y"]);
}
