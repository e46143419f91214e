//! Metrics, alarms and budgets: from all pages, in order, each once.

use super::*;

#[tokio::test(start_paused = true)]
async fn metrics_come_oldest_first_in_the_order_of_the_question() {
    let setup = setup().await;
    let question = question(2, &setup);
    let answer = setup.cloud.metric_data(&question).await.unwrap();
    for (asked, found) in question.series.iter().zip(&answer.series) {
        assert_eq!((asked, &found.doubt), (&found.series, &None));
        assert_eq!(found.points.len(), 10, "{}", found.series);
        assert_eq!(found.points.first().map(|(at, _)| *at), Some(question.from));
        assert!(found.points.is_sorted_by_key(|(at, _)| *at));
        assert!(found.points.iter().all(|(_, value)| *value > 0.0));
    }
    assert_eq!(setup.cloud.metrics_asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn more_than_five_hundred_series_take_several_calls() {
    let setup = setup().await;
    let answer = setup.cloud.metric_data(&question(1_001, &setup)).await.unwrap();
    assert_eq!(answer.series.len(), 1_001);
    assert!(answer.series.iter().all(|found| found.points.len() == 10 && found.doubt.is_none()));
    assert_eq!(setup.requests(Operation::GetMetricData), 3);
    assert_eq!(setup.cloud.metrics_asked(), 1_001);
}

#[tokio::test(start_paused = true)]
async fn alarms_of_both_kinds_come_from_all_pages_once_each() {
    let setup = setup().await;
    let rules = [
        rule(AlarmMatch::Name("rv-any".into())),
        rule(AlarmMatch::Prefix("rv-".into())),
        rule(AlarmMatch::Name("nobody".into())),
    ];
    let alarms = setup.cloud.alarms(&rules).await.unwrap();
    assert_eq!(alarms.len(), 131);
    let composite = alarms.iter().find(|alarm| alarm.name == "rv-any").unwrap();
    assert!(composite.rule.as_deref().unwrap().contains("rv-001") && composite.watches.is_none());
    let metric = alarms.iter().find(|alarm| alarm.name == "rv-007").unwrap();
    let watches = metric.watches.as_ref().unwrap();
    assert_eq!((watches.metric.as_str(), watches.statistic.as_str()), ("Errors", "Sum"));
    assert_eq!(watches.dimensions, [("FunctionName".to_owned(), "pay".to_owned())]);
    assert_eq!((watches.threshold, watches.period), (1_000_000.0, Duration::from_mins(1)));
    assert!(metric.since.is_some() && metric.doubt.is_none() && metric.arn.contains(":alarm:rv-007"));
    assert_ne!(metric.state, AlarmState::Alarm);
    assert!(setup.cloud.alarms(&[]).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn alarms_are_found_by_tag_a_few_a_reading_and_by_arn_in_their_region() {
    let setup = setup().await;
    let tag = |value: &str| AlarmMatch::Tag { key: "team".into(), value: Some(value.into()) };
    let mut readings = 0;
    let found = loop {
        let found = setup.cloud.alarms(&[rule(tag("vault"))]).await.unwrap();
        readings += 1;
        if !found.is_empty() || readings == 10 {
            break found;
        }
    };
    let asked = || setup.requests(Operation::ListTagsForResource);
    assert!(readings > 1 && asked() <= 20 * readings, "{readings} readings, {} questions", asked());
    assert_eq!(found.iter().map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(), ["tagged"]);
    while setup.requests(Operation::ListTagsForResource) < 132 {
        setup.cloud.alarms(&[rule(tag("vault"))]).await.unwrap();
    }
    assert!(setup.cloud.alarms(&[rule(tag("nobody"))]).await.unwrap().is_empty());
    assert_eq!(asked(), 132, "known for a while");

    let arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cdn";
    let text = format!("[environments.a]\nalarms = [{{ arn = \"{arn}\", severity = \"low\" }}]");
    let rules = flightdeck::config::Config::parse(&text, "a").unwrap().environments["a"].alarms.clone();
    let abroad = setup.cloud.alarms(&rules).await.unwrap();
    assert_eq!((abroad[0].name.as_str(), abroad[0].region.as_deref()), ("cdn", Some("us-east-1")));
}

#[tokio::test(start_paused = true)]
async fn budgets_come_in_the_order_of_their_names() {
    let setup = setup().await;
    let names = ["budget-129".to_owned(), "nobody".to_owned(), "budget-003".to_owned()];
    let budgets = setup.cloud.budgets("123456789012", &names).await.unwrap();
    let found: Vec<_> =
        budgets.iter().map(|budget| (budget.name.as_str(), budget.limit, budget.unit.as_str())).collect();
    assert_eq!(found, [("budget-129", Some(100.0), "USD"), ("budget-003", Some(100.0), "USD")]);
    assert!(budgets[1].actual.unwrap() >= 3.5 && budgets[1].as_of.is_some() && budgets[1].unhealthy.is_none());
    assert_eq!(setup.requests(Operation::DescribeBudgets), 2);
    assert!(setup.cloud.budgets("123456789012", &[]).await.unwrap().is_empty());
}
