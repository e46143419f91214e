//! Requests read and refused, and answers in pages, without a world.

use super::*;
use crate::sim::wire::json;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_763_000_040 + minute * 60).unwrap()
}

fn request(queries: &str, rest: &str) -> Result<Request, String> {
    let body = format!(r#"{{"MetricDataQueries":[{queries}],"StartTime":1763000075,"EndTime":1763000995{rest}}}"#);
    let input = json::decode(body.as_bytes()).unwrap();
    Request::read(&input).map_err(|fault| fault.message)
}

fn metric(id: &str, stat: &str, period: u32) -> String {
    format!(
        r#"{{"Id":"{id}","MetricStat":{{"Metric":{{"Namespace":"AWS/Lambda","MetricName":"Errors","Dimensions":
        [{{"Name":"FunctionName","Value":"pay"}}]}},"Period":{period},"Stat":"{stat}"}}}}"#
    )
}

fn math(id: &str, expression: &str) -> String {
    format!(r#"{{"Id":"{id}","Expression":"{expression}"}}"#)
}

#[test]
fn a_request_is_read_with_whole_minutes_and_defaults() {
    let request = request(&metric("e", "TC(:300)", 300), "").unwrap();
    assert_eq!((request.start, request.end), (at(0), at(15)));
    assert!(request.newest_first);
    assert_eq!(request.limit, 100_800);
    let Source::Metric(stat) = &request.queries[0].source else { panic!("a metric was asked for") };
    assert_eq!(stat.metric, MetricId::new("AWS/Lambda", "Errors", &[("FunctionName", "pay")]));
    assert_eq!((stat.period, stat.stat.as_str()), (Duration::from_mins(5), "TC(:300)"));
}

#[test]
fn what_aws_refuses_is_refused_in_its_words() {
    let two = |first: &str, second: &str| format!("{first},{second}");
    let metric_of = |id| metric(id, "Sum", 60);
    for (queries, rest, expected) in [
        (
            metric_of("Errors"),
            "",
            "The value Errors for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.\n",
        ),
        (
            two(&metric_of("e"), &metric_of("e")),
            "",
            "The value e for parameter MetricDataQueries.member.2.Id is not unique.\n",
        ),
        (
            metric("e", "mean", 60),
            "",
            "The value for parameter MetricDataQueries.member.1.MetricStat.Stat is not a valid statistic.\n",
        ),
        (
            metric("e", "Sum", 90),
            "",
            "The parameter MetricDataQueries.member.1.MetricStat.Period must be 1, 5, 10, 30 or a multiple of 60.\n",
        ),
        (r#"{"Id":"e"}"#.to_owned(), "", "The parameter MetricDataQueries.member.1.MetricStat is required.\n"),
        (String::new(), "", "The parameter MetricDataQueries is required.\n"),
        (math("x", "100*e"), "", "Error in expression 'x': Unknown metric id 'e'"),
        (math("x", "100*"), "", "Error in expression 'x': Invalid syntax: it ends where a value should follow"),
        (two(&math("x", "y+1"), &math("y", "x+1")), "", "Error in expression 'x': Circular reference"),
        (math("x", "1+1"), "", "Error in expression 'x': The expression must return a time series"),
        (metric_of("e"), r#","MaxDatapoints":0"#, "The parameter MaxDatapoints must be between 1 and 100800.\n"),
    ] {
        assert_eq!(request(&queries, rest).unwrap_err(), expected, "{queries}");
    }
}

#[test]
fn more_than_500_queries_are_refused() {
    let queries = |count: usize| (0..count).map(|n| metric(&format!("q{n}"), "Sum", 60)).collect::<Vec<_>>().join(",");
    assert!(request(&queries(500), "").is_ok());
    assert!(request(&queries(501), "").unwrap_err().contains("must not have a size greater than 500"));
}

#[test]
fn expressions_may_refer_to_what_comes_later() {
    let queries = [math("x", "y*2"), math("y", "100*e"), metric("e", "Sum", 60)].join(",");
    assert_eq!(request(&queries, "").unwrap().queries.len(), 3);
}

#[test]
fn the_window_must_run_forward() {
    let window = |start: i64, end: i64| {
        let body =
            format!(r#"{{"MetricDataQueries":[{}],"StartTime":{start},"EndTime":{end}}}"#, metric("e", "Sum", 60));
        Request::read(&json::decode(body.as_bytes()).unwrap()).map(drop).map_err(|fault| fault.message)
    };
    assert_eq!(window(1_763_000_000, 1_763_000_060), Ok(()));
    assert_eq!(
        window(1_763_000_000, 1_763_000_000).unwrap_err(),
        "The parameter StartTime must not equal parameter EndTime.\n"
    );
    assert_eq!(
        window(1_763_000_060, 1_763_000_000).unwrap_err(),
        "The parameter EndTime must be greater than StartTime.\n"
    );
}

#[test]
fn the_last_period_is_whole() {
    let request = request(&metric("e", "Sum", 60), "").unwrap();
    assert_eq!(end_of_last_period(&request, Duration::from_mins(1)), at(15));
    assert_eq!(end_of_last_period(&request, Duration::from_mins(10)), at(20));
    assert_eq!(end_of_last_period(&request, Duration::from_mins(15)), at(15));
}

/// What a page says of each series: id, how many points, status; and where it goes on.
fn told(page: &Value) -> (Vec<(String, usize, String)>, Option<String>) {
    let text = |value: &Value, name: &str| value.text(name).unwrap().unwrap().to_owned();
    let results = page.list("MetricDataResults").unwrap().iter();
    let results = results.map(|one| (text(one, "Id"), one.list("Values").unwrap().len(), text(one, "StatusCode")));
    (results.collect(), page.text("NextToken").unwrap().map(str::to_owned))
}

#[test]
fn pages_run_through_all_series_and_say_what_is_not_complete() {
    let answer =
        |id, count: i64| Answer { id, label: id, points: (0..count).map(|minute| (at(minute), 1.0)).collect() };
    let answers = [answer("a", 3), answer("empty", 0), answer("b", 2)];
    let request = request(&metric("a", "Sum", 60), r#","MaxDatapoints":2"#).unwrap();
    let row = |id: &str, count, status: &str| (id.to_owned(), count, status.to_owned());

    let (results, next) = told(&page(&answers, &request, 0));
    assert_eq!(results, [row("a", 2, "PartialData")]);
    assert_eq!(next.as_deref(), Some("datapoints.2"));
    let (results, next) = told(&page(&answers, &request, 2));
    assert_eq!(results, [row("a", 1, "Complete"), row("empty", 0, "Complete"), row("b", 1, "PartialData")]);
    assert_eq!(next.as_deref(), Some("datapoints.4"));
    let (results, next) = told(&page(&answers, &request, 4));
    assert_eq!(results, [row("b", 1, "Complete")]);
    assert_eq!(next, None);
}

#[test]
fn series_without_data_are_complete_and_on_the_first_page() {
    let answers = [Answer { id: "empty", label: "empty", points: Vec::new() }];
    let request = request(&metric("empty", "Sum", 60), "").unwrap();
    let (results, next) = told(&page(&answers, &request, 0));
    assert_eq!(results, [("empty".to_owned(), 0, "Complete".to_owned())]);
    assert_eq!(next, None);
}

#[test]
fn the_series_asked_for_can_be_listed() {
    let body = format!(
        r#"{{"MetricDataQueries":[{},{}],"StartTime":1763000040,"EndTime":1763000100}}"#,
        metric("e", "p99", 60),
        math("x", "e")
    );
    let asked = series_of(&json::decode(body.as_bytes()).unwrap());
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].stat.as_str(), asked[0].start, asked[0].end), ("p99", at(0), at(1)));
}
