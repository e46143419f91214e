//! boto3 against the embedded AWS: a client that nobody here wrote must find every operation answering as AWS
//! documents, over each protocol that it speaks.

use serde_json::{Value, json};

use crate::lab::{hand::Hand, server::Server};

fn open(speed: &str) -> (Server, Hand) {
    let server = Server::embedded(speed);
    let hand = Hand::on(&server.url);
    (server, hand)
}

fn names(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

/// All items of a list that comes in pages of this size.
fn paged(hand: &Hand, service: &str, call: &str, input: &Value, size: u32, list: &str) -> Vec<Value> {
    let request = json!({"service": service, "call": call, "input": input, "pages": size});
    let pages = hand.request(&request).unwrap();
    let pages: Vec<&Vec<Value>> = pages.as_array().unwrap().iter().map(|page| page[list].as_array().unwrap()).collect();
    let full = pages.iter().rev().skip(1);
    assert!(full.into_iter().all(|page| page.len() == size as usize), "{call}: only the last page is short");
    pages.into_iter().flatten().cloned().collect()
}

#[test]
fn lambda_reads_are_answered() {
    let (_server, hand) = open("60");
    let ask = |call: &str, input: Value| hand.ask("lambda", call, input);
    let functions = paged(&hand, "lambda", "list_functions", &json!({}), 4, "Functions");
    assert_eq!(functions.len(), 10);
    assert!(functions.iter().all(|function| function["Version"] == "$LATEST"));

    let versions =
        paged(&hand, "lambda", "list_versions_by_function", &json!({"FunctionName": "receipt_crud"}), 2, "Versions");
    assert_eq!(names(&json!(versions), "Version"), ["$LATEST", "40", "41", "42", "43"]);

    let function = ask("get_function", json!({"FunctionName": "receipt_crud", "Qualifier": "43"}));
    let configuration = ask("get_function_configuration", json!({"FunctionName": "receipt_crud", "Qualifier": "43"}));
    assert_eq!(function["Configuration"], configuration);
    for (name, value) in [("State", "Active"), ("Version", "43"), ("Description", "v1.4.0"), ("PackageType", "Zip")] {
        assert_eq!(configuration[name], value, "{configuration}");
    }
    assert_eq!(configuration["CodeSha256"].as_str().unwrap().len(), 44);

    let aliases = ask("list_aliases", json!({"FunctionName": "receipt_crud"}));
    let alias = ask("get_alias", json!({"FunctionName": "receipt_crud", "Name": "live"}));
    assert_eq!(aliases["Aliases"][0], alias);
    assert_eq!(alias["RoutingConfig"]["AdditionalVersionWeights"], json!({"43": 0.1}));

    let arn = functions[0]["FunctionArn"].clone();
    assert_eq!(ask("list_tags", json!({"Resource": arn}))["Tags"]["service"], "receipt-vault");
    let provisioned = json!({"FunctionName": "receipt_crud", "Qualifier": "live"});
    let refusal = hand.refused("lambda", "get_provisioned_concurrency_config", provisioned);
    assert_eq!((refusal.status, refusal.code.as_str()), (404, "ProvisionedConcurrencyConfigNotFoundException"));
    let refusal = hand.refused("lambda", "get_alias", json!({"FunctionName": "nowhere", "Name": "live"}));
    assert_eq!((refusal.status, refusal.code.as_str()), (404, "ResourceNotFoundException"));
    assert!(refusal.message.contains("function:nowhere"), "{refusal:?}");
}

#[test]
fn update_alias_keeps_every_rule() {
    let (_server, hand) = open("60");
    let update = |version: &str, more: Value| {
        let mut input = json!({"FunctionName": "receipt_crud", "Name": "live", "FunctionVersion": version});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let weights = |weights: Value| json!({"RoutingConfig": {"AdditionalVersionWeights": weights}});
    for (version, more, status, code, words) in [
        (
            "42",
            json!({"RevisionId": "00000000-0000-4000-8000-000000000000"}),
            412,
            "PreconditionFailedException",
            "GetAlias",
        ),
        ("42", weights(json!({"42": 0.1})), 400, "InvalidParameterValueException", "already included"),
        ("42", weights(json!({"40": 0.1, "41": 0.1})), 400, "InvalidParameterValueException", "greater than 1"),
        ("$LATEST", weights(json!({"43": 0.1})), 400, "InvalidParameterValueException", "$LATEST"),
        ("42", weights(json!({"43": 1.5})), 400, "ValidationException", "additionalVersionWeights"),
        ("42", weights(json!({"$LATEST": 0.1})), 400, "ValidationException", "additionalVersionWeights"),
        ("42", weights(json!({"99": 0.1})), 404, "ResourceNotFoundException", "receipt_crud:99"),
        ("99", json!({}), 404, "ResourceNotFoundException", "receipt_crud:99"),
    ] {
        let refusal = hand.refused("lambda", "update_alias", update(version, more));
        assert_eq!((refusal.status, refusal.code.as_str()), (status, code), "{refusal:?}");
        assert!(refusal.message.contains(words), "{refusal:?}");
    }
    assert_eq!(hand.routing("receipt_crud"), "42 + 43: 0.1", "a refusal changes nothing");

    let before = hand.ask("lambda", "get_alias", json!({"FunctionName": "receipt_crud", "Name": "live"}));
    let latest =
        json!({"RevisionId": before["RevisionId"], "RoutingConfig": {"AdditionalVersionWeights": {"43": 0.5}}});
    let after = hand.ask("lambda", "update_alias", update("42", latest));
    assert_ne!(after["RevisionId"], before["RevisionId"]);
    hand.ask("lambda", "update_alias", update("41", json!({})));
    assert_eq!(hand.routing("receipt_crud"), "41 + 43: 0.5", "left out, the weights stay");
    hand.ask("lambda", "update_alias", update("43", weights(json!({}))));
    assert_eq!(hand.routing("receipt_crud"), "43", "an empty map clears them");
}

#[test]
fn the_control_plane_is_limited() {
    let (_server, hand) = open("0.1");
    let call =
        json!({"service": "lambda", "call": "get_alias", "input": {"FunctionName": "receipt_crud", "Name": "live"}});
    let refusal = (0..200).find_map(|_| hand.request(&call).err()).expect("200 calls in a world second are too many");
    assert_eq!((refusal.status, refusal.code.as_str()), (429, "TooManyRequestsException"));
}

#[test]
fn cloudwatch_answers_the_same_over_json_and_cbor() {
    let (_server, hand) = open("1");
    let now = jiff_now();
    let dimensions = json!([{"Name": "FunctionName", "Value": "receipt_crud"}]);
    let stat = |id: &str, metric: &str, stat: &str, shown: bool| {
        let metric = json!({"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions});
        json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}, "ReturnData": shown})
    };
    let queries = json!([
        stat("calls", "Invocations", "Sum", true),
        stat("errors", "Errors", "Sum", false),
        stat("p99", "Duration", "p99", true),
        stat("slow", "Duration", "TC(300:)", true),
        stat("rank", "Duration", "PR(:300)", true),
        stat("most", "Duration", "Maximum", true),
        {"Id": "rate", "Expression": "100 * errors / calls", "Label": "errors in percent"},
    ]);
    let input = json!({
        "MetricDataQueries": queries, "ScanBy": "TimestampAscending",
        "StartTime": (now - jiff::SignedDuration::from_mins(70)).to_string(),
        "EndTime": (now - jiff::SignedDuration::from_mins(10)).to_string(),
    });
    let answers = ["json", "smithy-rpc-v2-cbor"].map(|protocol| {
        let request = json!({"service": "cloudwatch", "call": "get_metric_data", "input": input, "protocol": protocol});
        hand.request(&request).unwrap()
    });
    assert_eq!(answers[0]["MetricDataResults"], answers[1]["MetricDataResults"]);
    let results = answers[0]["MetricDataResults"].as_array().unwrap();
    let ids: Vec<&str> = results.iter().map(|result| result["Id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["calls", "p99", "slow", "rank", "most", "rate"]);
    let values = |id: &str| -> Vec<f64> {
        let result = results.iter().find(|result| result["Id"] == id).unwrap();
        assert_eq!(result["StatusCode"], "Complete");
        result["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    for id in ids {
        assert!(values(id).len() >= 59, "{id} has a value for every minute");
    }
    assert!(values("calls").iter().all(|calls| (400.0..900.0).contains(calls)));
    assert!(values("rate").iter().all(|rate| (0.0..=100.0).contains(rate)));
    assert!(values("p99").iter().zip(values("most")).all(|(p99, most)| *p99 <= most));
    assert!(values("slow").iter().zip(values("calls")).all(|(slow, calls)| *slow < calls));
    assert!(values("rank").iter().all(|rank| (50.0..=100.0).contains(rank)));
}

#[test]
fn alarms_and_metrics_are_listed_page_by_page() {
    let (_server, hand) = open("1");
    let everything = json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    let described = hand.ask("cloudwatch", "describe_alarms", everything);
    let metric = names(&described["MetricAlarms"], "AlarmName");
    assert!(metric.contains(&"rv-api-5xx".to_owned()) && !described["CompositeAlarms"].as_array().unwrap().is_empty());
    let alone = hand.ask("cloudwatch", "describe_alarms", json!({}));
    assert_eq!(alone["CompositeAlarms"], json!([]), "composite alarms come only where they are asked for");
    assert_eq!(
        names(&json!(paged(&hand, "cloudwatch", "describe_alarms", &json!({}), 1, "MetricAlarms")), "AlarmName"),
        metric
    );

    let set = json!({"AlarmName": metric[0], "StateValue": "ALARM", "StateReason": "a drill"});
    hand.ask("cloudwatch", "set_alarm_state", set);
    let history = json!({"AlarmName": metric[0], "HistoryItemType": "StateUpdate", "MaxRecords": 1});
    let history = hand.ask("cloudwatch", "describe_alarm_history", history);
    let summary = history["AlarmHistoryItems"][0]["HistorySummary"].as_str().unwrap();
    assert!(summary.contains("to ALARM"), "{summary}");
    let unknown = json!({"AlarmName": "nothing", "StateValue": "OK", "StateReason": "none"});
    let refusal = hand.refused("cloudwatch", "set_alarm_state", unknown);
    assert_eq!(refusal.code, "ResourceNotFound", "{refusal:?}");

    let filter = json!({"Namespace": "AWS/Lambda", "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "receipt_crud"}]});
    let listed = hand.ask("cloudwatch", "list_metrics", filter);
    let sets: Vec<usize> = listed["Metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| metric["Dimensions"].as_array().unwrap().len())
        .collect();
    for size in [1, 2, 3] {
        assert!(sets.contains(&size), "a set of {size} dimensions: {listed}");
    }
}

#[test]
fn budgets_and_the_caller_are_told() {
    let (_server, hand) = open("1");
    let caller = hand.ask("sts", "get_caller_identity", json!({}));
    assert_eq!(caller["Account"], "210987650193");
    assert!(caller["Arn"].as_str().unwrap().ends_with("assumed-role/oncall-admin/ada"), "{caller}");
    let budgets = paged(&hand, "budgets", "describe_budgets", &json!({"AccountId": "210987650193"}), 2, "Budgets");
    assert_eq!(budgets.len(), 3);
    for budget in &budgets {
        let amount = |of: &Value| of["Amount"].as_str().unwrap().parse::<f64>().unwrap();
        let (limit, spent) = (amount(&budget["BudgetLimit"]), &budget["CalculatedSpend"]);
        let (actual, forecast) = (amount(&spent["ActualSpend"]), amount(&spent["ForecastedSpend"]));
        assert!(0.0 < actual && actual <= forecast && limit > 0.0, "{budget}");
    }
    let refusal = hand.refused("budgets", "describe_budgets", json!({"AccountId": "123456789012"}));
    assert_eq!(refusal.status, 400, "{refusal:?}");
}

fn jiff_now() -> jiff::Timestamp {
    flightdeck::clock::Clock::system().now().world
}
