//! CloudWatch over CBOR: metric data, metrics, alarms.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmType, Dimension, DimensionFilter, HistoryItemType, Metric, MetricDataQuery, MetricStat, ScanBy, StateValue,
    StatusCode,
};

use crate::{cloudwatch, opening, sim, told};

/// An hour before the opening, on a whole minute that is no multiple of five.
fn hour_ago() -> i64 {
    opening().as_second().div_euclid(60) * 60 - 3600
}

fn stat(id: &str, metric: &str, stat: &str, period: i32, dimensions: &[(&str, &str)]) -> MetricDataQuery {
    let dimensions = dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
    let metric =
        Metric::builder().namespace("AWS/Lambda").metric_name(metric).set_dimensions(Some(dimensions.collect()));
    let stat = MetricStat::builder().metric(metric.build()).period(period).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

fn pay(id: &str, metric: &str, statistic: &str, period: i32) -> MetricDataQuery {
    stat(id, metric, statistic, period, &[("FunctionName", "pay")])
}

fn math(id: &str, expression: &str) -> MetricDataQuery {
    MetricDataQuery::builder().id(id).expression(expression).build()
}

/// The first 50 minutes of the hour before the opening, long settled.
async fn ask(client: &Client, queries: Vec<MetricDataQuery>) -> GetMetricDataOutput {
    let (start, end) = (DateTime::from_secs(hour_ago()), DateTime::from_secs(hour_ago() + 3000));
    let request = client.get_metric_data().start_time(start).end_time(end).set_metric_data_queries(Some(queries));
    request.scan_by(ScanBy::TimestampAscending).send().await.unwrap()
}

fn values<'a>(output: &'a GetMetricDataOutput, id: &str) -> &'a [f64] {
    output.metric_data_results().iter().find(|result| result.id() == Some(id)).expect(id).values()
}

#[tokio::test(start_paused = true)]
async fn sums_rates_and_counts_agree_with_each_other() {
    let client = cloudwatch(&sim()).await;
    let queries = vec![
        pay("i", "Invocations", "Sum", 60),
        pay("e", "Errors", "Sum", 60),
        pay("n", "Duration", "SampleCount", 60),
        pay("fast", "Duration", "TC(:200)", 60),
        pay("slow", "Duration", "TC(200:)", 60),
        pay("share", "Duration", "PR(:200)", 60),
        math("rate", "100*e/i"),
    ];
    let output = ask(&client, queries).await;
    let of = |id| values(&output, id);
    assert_eq!(of("i").len(), 50);
    for minute in 0..50 {
        assert!((of("i")[minute] - of("n")[minute]).abs() < 1e-9);
        assert!((of("fast")[minute] + of("slow")[minute] - of("n")[minute]).abs() < 1e-9);
        assert!((of("share")[minute] - 100.0 * of("fast")[minute] / of("n")[minute]).abs() < 1e-9);
        assert!((of("rate")[minute] - 100.0 * of("e")[minute] / of("i")[minute]).abs() < 1e-9);
    }
    assert!(of("e").iter().sum::<f64>() > 0.0);
}

#[tokio::test(start_paused = true)]
async fn the_triples_of_a_split_add_up_to_the_alias() {
    let client = cloudwatch(&sim()).await;
    let alias = [("FunctionName", "pay"), ("Resource", "pay:live")];
    let executed = |version| [alias[0], alias[1], ("ExecutedVersion", version)];
    let queries = vec![
        stat("all", "Invocations", "Sum", 1200, &alias),
        stat("old", "Invocations", "Sum", 1200, &executed("6")),
        stat("new", "Invocations", "Sum", 1200, &executed("7")),
    ];
    let start = hour_ago() + 35 * 60;
    let request =
        client.get_metric_data().start_time(DateTime::from_secs(start)).end_time(DateTime::from_secs(start + 1200));
    let output = request.set_metric_data_queries(Some(queries)).send().await.unwrap();
    let (all, old, new) = (values(&output, "all")[0], values(&output, "old")[0], values(&output, "new")[0]);
    assert!((all - old - new).abs() < 1e-9, "{all} {old} {new}");
    assert!((0.2..0.3).contains(&(new / all)), "a quarter goes to the new version: {new} of {all}");
}

#[tokio::test(start_paused = true)]
async fn a_period_as_long_as_the_window_gives_one_datapoint_wherever_it_starts() {
    let client = cloudwatch(&sim()).await;
    let start = hour_ago() + 7 * 60;
    let ask = |queries| {
        let end = DateTime::from_secs(start + 900);
        client
            .get_metric_data()
            .start_time(DateTime::from_secs(start))
            .end_time(end)
            .set_metric_data_queries(Some(queries))
    };
    let queries =
        vec![pay("p", "Duration", "p99", 900), pay("i", "Invocations", "Sum", 900), pay("m", "Invocations", "Sum", 60)];
    let output = ask(queries).send().await.unwrap();
    assert_eq!(output.metric_data_results()[0].timestamps(), [DateTime::from_secs(start)]);
    assert!((100.0..2000.0).contains(&values(&output, "p")[0]));
    assert!((values(&output, "i")[0] - values(&output, "m").iter().sum::<f64>()).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn the_newest_come_first_unless_asked_otherwise() {
    let client = cloudwatch(&sim()).await;
    let request = client.get_metric_data().metric_data_queries(pay("i", "Invocations", "Sum", 60));
    let (start, end) = (DateTime::from_secs(hour_ago()), DateTime::from_secs(hour_ago() + 600));
    let output = request.start_time(start).end_time(end).send().await.unwrap();
    let result = &output.metric_data_results()[0];
    assert_eq!((result.timestamps()[0], result.timestamps()[9]), (DateTime::from_secs(hour_ago() + 540), start));
    assert_eq!((result.label(), result.status_code()), (Some("Invocations"), Some(&StatusCode::Complete)));
}

#[tokio::test(start_paused = true)]
async fn many_datapoints_come_in_pages() {
    let client = cloudwatch(&sim()).await;
    let (start, end) = (DateTime::from_secs(hour_ago()), DateTime::from_secs(hour_ago() + 1800));
    let request = client.get_metric_data().start_time(start).end_time(end).max_datapoints(25);
    let request = request.metric_data_queries(pay("i", "Invocations", "Sum", 60));
    let request = request.metric_data_queries(pay("e", "Errors", "Sum", 60));
    let mut pages = request.into_paginator().send();
    let (mut counts, mut points): (Vec<usize>, BTreeMap<String, usize>) = (Vec::new(), BTreeMap::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        counts.push(page.metric_data_results().iter().map(|result| result.values().len()).sum());
        for result in page.metric_data_results() {
            *points.entry(result.id().unwrap().to_owned()).or_default() += result.values().len();
        }
    }
    assert_eq!(counts, [25, 25, 10]);
    assert_eq!(points, BTreeMap::from([("e".to_owned(), 30), ("i".to_owned(), 30)]));
}

#[tokio::test(start_paused = true)]
async fn what_is_only_for_expressions_is_not_returned() {
    let client = cloudwatch(&sim()).await;
    let hidden = MetricDataQuery::builder().id("i").return_data(false);
    let hidden = hidden.set_metric_stat(pay("i", "Invocations", "Sum", 60).metric_stat).build();
    let output = ask(&client, vec![hidden, math("twice", "2 * i")]).await;
    let ids: Vec<_> = output.metric_data_results().iter().filter_map(|result| result.id()).collect();
    assert_eq!(ids, ["twice"]);
    assert_eq!(values(&output, "twice").len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_query_is_a_validation_error() {
    let client = cloudwatch(&sim()).await;
    let (start, end) = (DateTime::from_secs(hour_ago()), DateTime::from_secs(hour_ago() + 600));
    let request = client.get_metric_data().start_time(start).end_time(end);
    let error = request.clone().metric_data_queries(pay("Upper", "Errors", "Sum", 60)).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    let (code, message) = told(&error);
    assert_eq!(code, "ValidationError");
    assert!(message.contains("^[a-z][a-zA-Z0-9_]*$"), "{message}");
    let request = request.metric_data_queries(pay("e", "Errors", "Sum", 60)).next_token("bogus");
    assert!(request.send().await.unwrap_err().as_service_error().unwrap().is_invalid_next_token());
}

#[tokio::test(start_paused = true)]
async fn the_series_asked_for_are_remembered() {
    let sim = sim();
    ask(&cloudwatch(&sim).await, vec![pay("e", "Errors", "Sum", 60), math("x", "e")]).await;
    let seen = sim.requests();
    let [asked] = seen[0].series.as_slice() else { panic!("one metric was asked for: {seen:?}") };
    assert_eq!(
        (asked.metric.name.as_str(), asked.stat.as_str(), asked.period),
        ("Errors", "Sum", Duration::from_mins(1))
    );
    assert_eq!(asked.start.as_second(), hour_ago());
}

#[tokio::test(start_paused = true)]
async fn metrics_are_listed_by_name_and_dimension() {
    let client = cloudwatch(&sim()).await;
    let filter = DimensionFilter::builder().name("ExecutedVersion").build();
    let list = client.list_metrics().namespace("AWS/Lambda").metric_name("Errors").dimensions(filter);
    let list = list.send().await.unwrap();
    assert!(!list.metrics().is_empty());
    for metric in list.metrics() {
        assert_eq!((metric.metric_name(), metric.dimensions().len()), (Some("Errors"), 3));
    }
    let list = client.list_metrics().namespace("Vault").send().await.unwrap();
    assert_eq!(list.metrics()[0].metric_name(), Some("Paid"));
}

#[tokio::test(start_paused = true)]
async fn alarms_are_described_by_type_name_and_state() {
    let client = cloudwatch(&sim()).await;
    let only_metric = client.describe_alarms().send().await.unwrap();
    assert!(only_metric.composite_alarms().is_empty());
    let names: Vec<_> = only_metric.metric_alarms().iter().filter_map(|alarm| alarm.alarm_name()).collect();
    assert_eq!(names, ["other-error-rate", "rv-pay-errors", "rv-pay-latency"]);

    let both = client.describe_alarms().alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
    let both = both.alarm_name_prefix("rv-").send().await.unwrap();
    assert_eq!((both.metric_alarms().len(), both.composite_alarms().len()), (2, 1));
    assert!(both.composite_alarms()[0].alarm_rule().unwrap().contains("ALARM(\"rv-pay-errors\")"));

    let errors = &both.metric_alarms()[0];
    assert_eq!(
        (errors.metric_name(), errors.period(), errors.datapoints_to_alarm()),
        (Some("Errors"), Some(60), Some(2))
    );
    assert_eq!(errors.comparison_operator().unwrap().as_str(), "GreaterThanThreshold");
    assert_eq!(errors.alarm_actions(), ["arn:aws:sns:eu-west-1:123456789012:oncall"]);
    assert!(errors.state_transitioned_timestamp().is_some());
    assert_eq!(both.metric_alarms()[1].extended_statistic(), Some("p99"));
    assert_eq!(only_metric.metric_alarms()[0].metrics().len(), 3);

    let firing = client.describe_alarms().state_value(StateValue::Alarm).send().await.unwrap();
    assert!(firing.metric_alarms().is_empty());
}

#[tokio::test(start_paused = true)]
async fn alarms_come_in_pages() {
    let client = cloudwatch(&sim()).await;
    let request = client.describe_alarms().alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
    let mut pages = request.max_records(3).into_paginator().send();
    let mut counts = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        counts.push(page.metric_alarms().len() + page.composite_alarms().len());
    }
    assert_eq!(counts, [3, 1]);
    let error = client.describe_alarms().max_records(101).send().await.unwrap_err();
    assert_eq!(told(&error).0, "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn an_alarm_set_by_hand_is_shown_and_remembered() {
    let client = cloudwatch(&sim()).await;
    let set = client.set_alarm_state().alarm_name("rv-pay-errors").state_value(StateValue::Alarm);
    set.state_reason("a drill").send().await.unwrap();
    let described = client.describe_alarms().alarm_names("rv-pay-errors").send().await.unwrap();
    let alarm = &described.metric_alarms()[0];
    assert_eq!((alarm.state_value(), alarm.state_reason()), (Some(&StateValue::Alarm), Some("a drill")));

    let history =
        client.describe_alarm_history().alarm_name("rv-pay-errors").history_item_type(HistoryItemType::StateUpdate);
    let history = history.send().await.unwrap();
    let newest = &history.alarm_history_items()[0];
    assert!(newest.history_summary().unwrap().contains("to ALARM"), "{newest:?}");
    assert_eq!(newest.alarm_type(), Some(&AlarmType::MetricAlarm));

    let set = client.set_alarm_state().alarm_name("nope").state_value(StateValue::Ok).state_reason("x");
    assert!(set.send().await.unwrap_err().as_service_error().unwrap().is_resource_not_found());
    let set = client.set_alarm_state().alarm_name("rv-pay-errors").state_value(StateValue::Ok).state_reason("x");
    let error = set.state_reason_data("{").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_invalid_format_fault());
}
