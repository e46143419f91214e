//! What panels say of minutes and days written out by hand.

use super::*;
use crate::release::metrics::{Answer, Question, SeriesAnswer, store::ONE_MINUTE};

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}:00Z").parse().unwrap()
}

fn sum(metric: &str) -> Series {
    Series { metric: metric.to_owned(), statistic: "Sum".to_owned(), ..Series::default() }
}

fn take(store: &mut MetricStore, series: &Series, span: (Timestamp, Timestamp, Duration), points: &[(Timestamp, f64)]) {
    let (from, to, period) = span;
    let answer = SeriesAnswer { series: series.clone(), points: points.to_vec(), doubt: None };
    store.take(&Question { series: vec![series.clone()], from, to, period }, &Answer { series: vec![answer] });
}

/// Read from 12:00 to 15:00, with these points.
fn minutes(store: &mut MetricStore, metric: &str, points: &[(&str, f64)]) {
    let points: Vec<_> = points.iter().map(|(time, value)| (at(time), *value)).collect();
    take(store, &sum(metric), (at("12:00"), at("15:00"), ONE_MINUTE), &points);
}

fn rate() -> MetricPanel {
    let operand = |metric, missing| super::super::formula::Operand { series: vec![sum(metric)], missing };
    let companions = super::super::formula::Missing::Zero { companions: vec![sum("all")] };
    let formula =
        Formula::share(operand("failed", companions), operand("all", super::super::formula::Missing::Unknown));
    let limits = Limits { warning: Some(1.0), critical: Some(5.0), is_below: false };
    MetricPanel { formula, limits, unit: Unit::Percent, ..MetricPanel::of("api: 5xx rate", sum("all")) }
}

#[test]
fn a_rate_is_one_of_the_last_minutes_and_stands_against_its_limits() {
    let mut store = MetricStore::default();
    assert_eq!(rate().read(&store, at("15:00")).state, PanelState::Unread);
    minutes(&mut store, "failed", &[("14:58", 6.0)]);
    minutes(&mut store, "all", &[("14:55", 50.0), ("14:58", 50.0), ("14:59", 7.0)]);
    let reading = rate().read(&store, at("15:00"));
    assert_eq!((reading.value, reading.as_of), (Some(6.0), Some(at("14:59"))), "6 of 100, the newest minute left out");
    assert_eq!(reading.state, PanelState::Critical);
}

#[test]
fn no_calls_is_no_data_and_nothing_ever_is_not_measured() {
    let mut store = MetricStore::default();
    minutes(&mut store, "failed", &[]);
    minutes(&mut store, "all", &[("12:05", 9.0)]);
    assert_eq!(rate().read(&store, at("15:00")), PanelReading { value: None, as_of: None, state: PanelState::NoData });
    let memory = MetricPanel { remedy: Some("switch it on".into()), ..MetricPanel::of("fn: memory", sum("memory")) };
    assert_eq!(memory.read(&store, at("15:00")).state, PanelState::Unread);
    minutes(&mut store, "memory", &[]);
    assert_eq!(memory.read(&store, at("15:00")).state, PanelState::NotMeasured);
    minutes(&mut store, "memory", &[("14:59", 70.0)]);
    assert_eq!(memory.read(&store, at("15:00")).value, Some(70.0));
}

#[test]
fn an_old_value_is_shown_as_old_and_held_against_nothing() {
    let mut store = MetricStore::default();
    minutes(&mut store, "created", &[("13:00", 4.0)]);
    let limits = Limits { critical: Some(1.0), ..Limits::default() };
    let panel = MetricPanel { limits, ..MetricPanel::of("created", sum("created")) };
    let reading = panel.read(&store, at("15:00"));
    assert_eq!((reading.value, reading.as_of, reading.state), (Some(4.0), Some(at("13:01")), PanelState::Old));
}

#[test]
fn a_daily_one_has_a_date_and_adds_up_what_is_of_the_same_day() {
    let mut store = MetricStore::default();
    let day = |day: u8| format!("2026-11-{day}T00:00:00Z").parse::<Timestamp>().unwrap();
    let span = (day(17), day(21), ONE_DAY);
    take(&mut store, &sum("standard"), span, &[(day(18), 10.0), (day(19), 20.0)]);
    take(&mut store, &sum("rare"), span, &[(day(18), 5.0)]);
    take(&mut store, &sum("unused"), span, &[]);
    let series = vec![sum("standard"), sum("rare"), sum("unused")];
    let operand = super::super::formula::Operand { series, missing: super::super::formula::Missing::LeftOut };
    let size = MetricPanel {
        formula: Formula::plain(operand),
        is_daily: true,
        unit: Unit::Bytes,
        ..MetricPanel::of("bucket: size", sum("standard"))
    };
    let reading = size.read(&store, day(20));
    assert_eq!((reading.value, reading.as_of, reading.state), (Some(20.0), Some(day(19)), PanelState::Good));
}

#[test]
fn a_region_that_does_not_answer_is_told_by_its_panel() {
    let mut store = MetricStore::default();
    let abroad = Series { region: Some("ap-east-1".into()), ..sum("m") };
    for period in [ONE_MINUTE, ONE_DAY] {
        let question = Question { series: vec![abroad.clone()], from: at("12:00"), to: at("15:00"), period };
        let doubt = Some("region ap-east-1 is not enabled in this account".to_owned());
        store.take(&question, &Answer { series: vec![SeriesAnswer { series: abroad.clone(), points: vec![], doubt }] });
    }
    for is_daily in [false, true] {
        let panel = MetricPanel { is_daily, ..MetricPanel::of("m", abroad.clone()) };
        let PanelState::Trouble(why) = panel.read(&store, at("15:00")).state else { panic!("daily: {is_daily}") };
        assert!(why.contains("ap-east-1"), "{why}");
    }
}

#[test]
fn less_can_be_worse() {
    let limits = Limits { warning: Some(80.0), critical: Some(50.0), is_below: true };
    for (value, state) in [(80.0, PanelState::Good), (79.9, PanelState::Warning), (10.0, PanelState::Critical)] {
        assert_eq!(limits.state(value), state);
    }
}

#[test]
fn under_its_heading_a_panel_goes_by_its_own_name() {
    let panel =
        |resource: &str, title: &str| MetricPanel { resource: resource.into(), ..MetricPanel::of(title, sum("m")) };
    assert_eq!(panel("Vault", "Vault: throttled").label(), "throttled");
    assert_eq!(panel("", "Vault: throttled").label(), "Vault: throttled");
}

#[test]
fn a_title_that_says_percent_needs_none_behind_its_value() {
    let panel = |title: &str, unit: Unit| MetricPanel { unit, ..MetricPanel::of(title, sum("all")) };
    for (title, unit, told) in [
        ("Failed payments %", Unit::Percent, "0.50"),
        ("Failed payments", Unit::Percent, "0.50 %"),
        ("odd %", Unit::Milliseconds, "0.50 ms"),
    ] {
        assert_eq!(panel(title, unit).unit_beside_title().written(0.5), told);
    }
}
