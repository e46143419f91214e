//! The five systems of `examples/` on the embedded AWS: each can be looked at, checked, and released to all clear; with
//! a bad version each is rolled back. boto3 and a plain HTTP client see the same worlds.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::lab::{
    hand::Hand,
    home::{Home, Run, finish_within},
    server::Server,
};

/// Each system with how many things it moves and how many endpoints it asks.
const SYSTEMS: [(&str, usize, usize); 5] = [
    ("receipt-vault", 11, 0),
    ("finally", 1, 2),
    ("product-api", 4, 2),
    ("flask-platform", 1, 1),
    ("calculator", 3, 2),
];
/// A whole release takes some 20 seconds on an idle machine: the watch of half an hour is another test's.
const LONGEST: Duration = Duration::from_mins(5);

fn run(scenario: &str) -> Run {
    let place = ["--embedded", scenario, "--speed", "60"];
    let args = [&place[..], &["release", "--watch", "5m", "--auto-rollback", "--yes", "--json"]].concat();
    finish_within(LONGEST, &mut Home::new().command(&args))
}

fn release(scenario: &str) -> (Run, Vec<Value>) {
    let run = run(scenario);
    let events = run.stdout.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    (run, events)
}

fn goes_well(scenario: &str) {
    let (run, events) = release(scenario);
    let run = run.expect(0);
    assert_eq!(events.last().unwrap()["event"], "all_clear", "{run:?}");
    let shares: Vec<f64> = events.iter().filter(|event| event["event"] == "shifted").filter_map(percent).collect();
    assert_eq!(shares, [10.0, 50.0, 100.0], "{run:?}");
}

fn goes_back(scenario: &str) {
    let (run, events) = release(scenario);
    let run = run.expect(3);
    let last = events.iter().rev().find(|event| event["event"] == "rolled_back");
    assert!(last.is_some(), "{run:?}");
}

fn percent(event: &Value) -> Option<f64> {
    event["percent"].as_f64()
}

#[test]
fn the_receipt_vault_is_released() {
    goes_well("receipt-vault");
}

#[test]
fn the_receipt_vault_is_rolled_back_with_its_stage() {
    goes_back("receipt-vault-sick");
}

#[test]
fn finally_is_released_after_its_staging_alias() {
    goes_well("finally");
}

#[test]
fn finally_is_rolled_back() {
    goes_back("finally-sick");
}

#[test]
fn the_product_api_is_released_with_its_stage() {
    goes_well("product-api");
}

#[test]
fn the_product_api_is_rolled_back() {
    goes_back("product-api-sick");
}

#[test]
fn the_product_api_is_rolled_back_when_its_deployment_is_bad() {
    goes_back("product-api-stage");
}

#[test]
fn the_flask_platform_moves_from_blue_to_green() {
    goes_well("flask-platform");
}

#[test]
fn the_flask_platform_moves_back_to_blue() {
    goes_back("flask-platform-sick");
}

#[test]
fn the_calculator_is_released() {
    goes_well("calculator");
}

#[test]
fn the_calculator_is_rolled_back() {
    goes_back("calculator-sick");
}

#[test]
fn stickiness_keeps_a_release_from_beginning() {
    let run = run("flask-platform-sticky").expect(2);
    assert!(run.stderr.contains("stickiness"), "{run:?}");
}

#[test]
fn every_system_tells_its_status() {
    for (name, targets, probes) in SYSTEMS {
        let run = Home::new().run(&["--embedded", name, "status", "--json"]).expect(0);
        let status = run.json();
        let moved = status["targets"].as_array().unwrap();
        assert_eq!(moved.len(), targets, "{name}");
        assert!(moved.iter().all(|one| !one["stable"].is_null() && !one["new"].is_null()), "{name}: {status}");
        let asked = status["probes"].as_array().map_or(0, Vec::len);
        assert_eq!(asked, probes, "{name}: {status}");
    }
}

/// Development has one target group, so nothing to move there: what is looked at is told all the same.
#[test]
fn an_environment_with_nothing_to_release_tells_its_metrics() {
    let status = Home::new().run(&["--embedded", "flask-platform", "-e", "dev", "status", "--json"]).expect(0).json();
    assert_eq!(status["targets"], json!([]), "{status}");
    let panels = status["metrics"].as_array().unwrap();
    assert!(panels.len() == 5 && panels.iter().all(|panel| panel["value"].is_number()), "{status}");
    assert_eq!(status["probes"][0]["status"], 200, "{status}");
}

#[test]
fn a_check_of_every_system_has_no_failure() {
    for (name, ..) in SYSTEMS {
        let run = Home::new().run(&["--embedded", name, "check", "--json"]).expect(0);
        let findings = run.json();
        assert!(findings.as_array().unwrap().len() > 8, "{name}: {findings}");
    }
    let run = Home::new().run(&["--embedded", "calculator-unaliased", "check"]).expect(1);
    assert!(run.stdout.contains("cannot be rolled back by alias"), "{run:?}");
}

/// What the check may remark on: neither function has provisioned concurrency on its alias, and nobody has called green.
const WITHOUT_DATA: [&str; 3] = [": spillover", ": provisioned in use", ": flask-green: "];

#[test]
fn every_panel_that_an_example_names_has_data() {
    for (name, ..) in SYSTEMS {
        let findings = Home::new().run(&["--embedded", name, "check", "--json"]).expect(0).json();
        let panels = findings.as_array().unwrap().iter().filter(|finding| is_panel(finding));
        let (with, without): (Vec<_>, Vec<_>) = panels.partition(|finding| finding["verdict"] == "ok");
        assert!(with.len() > 25, "{name}: {with:?}");
        let is_known = |finding: &&Value| WITHOUT_DATA.iter().any(|part| subject(finding).contains(part));
        let surprises: Vec<_> = without.into_iter().filter(|finding| !is_known(finding)).collect();
        assert!(surprises.is_empty(), "{name}: {surprises:#?}");
    }
}

fn subject(finding: &Value) -> &str {
    finding["what"].as_str().unwrap()
}

fn is_panel(finding: &Value) -> bool {
    subject(finding).starts_with("metric ")
}

#[test]
fn boto3_moves_a_rule_and_a_stage() {
    let server = Server::scenario("flask-platform", "60");
    let hand = Hand::in_region(&server.url, "ap-south-1");
    let balancers = hand.ask("elbv2", "describe_load_balancers", json!({"Names": ["flask-prod"]}));
    let balancer = &balancers["LoadBalancers"][0]["LoadBalancerArn"];
    let listeners = hand.ask("elbv2", "describe_listeners", json!({"LoadBalancerArn": balancer}));
    let listener = &listeners["Listeners"][0]["ListenerArn"];
    let rules = hand.ask("elbv2", "describe_rules", json!({"ListenerArn": listener}));
    let rule = &rules["Rules"][0];
    let mut actions = rule["Actions"].clone();
    assert_eq!(actions[0]["ForwardConfig"]["TargetGroups"][0]["Weight"], 100);
    actions[0]["ForwardConfig"]["TargetGroups"][0]["Weight"] = json!(75);
    actions[0]["ForwardConfig"]["TargetGroups"][1]["Weight"] = json!(25);
    hand.ask("elbv2", "modify_rule", json!({"RuleArn": rule["RuleArn"], "Actions": actions}));
    let read = hand.ask("elbv2", "describe_rules", json!({"RuleArns": [rule["RuleArn"]]}));
    assert_eq!(read["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"][1]["Weight"], 25);
    let group = &actions[0]["ForwardConfig"]["TargetGroups"][1]["TargetGroupArn"];
    let health = hand.ask("elbv2", "describe_target_health", json!({"TargetGroupArn": group}));
    assert_eq!(health["TargetHealthDescriptions"].as_array().unwrap().len(), 3);
    let refusal = hand.refused("elbv2", "describe_rules", json!({"RuleArns": ["arn:aws:elasticloadbalancing:x"]}));
    assert_eq!((refusal.status, refusal.code.as_str()), (400, "RuleNotFound"));

    let server = Server::scenario("product-api", "60");
    let hand = Hand::in_region(&server.url, "us-east-1");
    let patch = |deployment: &str| {
        let patch = json!([{"op": "replace", "path": "/deploymentId", "value": deployment}]);
        json!({"restApiId": "pr0ductap1", "stageName": "prod", "patchOperations": patch})
    };
    let stage = hand.ask("apigateway", "update_stage", patch("d6p2zk"));
    assert_eq!(stage["deploymentId"], "d6p2zk");
    let refusal = hand.refused("apigateway", "update_stage", patch("nothing"));
    assert_eq!((refusal.status, refusal.code.as_str()), (400, "BadRequestException"));
    let deployments = hand.ask("apigateway", "get_deployments", json!({"restApiId": "pr0ductap1"}));
    assert_eq!(deployments["items"][0]["description"], "v3.2.0");
    assert_eq!(hand.ask("codedeploy", "list_deployments", json!({}))["deployments"], json!([]));
    let simulated = hand.ask(
        "iam",
        "simulate_principal_policy",
        json!({"PolicySourceArn": "arn:aws:iam::210987650193:role/oncall-admin", "ActionNames": ["lambda:UpdateAlias"]}),
    );
    assert_eq!(simulated["EvaluationResults"][0]["EvalDecision"], "allowed");
}

#[test]
fn health_endpoints_answer_behind_the_same_socket() {
    let server = Server::scenario("finally", "60");
    let ask = |path: &str, host: &str| {
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    for answer in [ask("/health", "api.finally.com"), ask("/endpoints/api.finally.com/health", "127.0.0.1")] {
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains(r#""status":"healthy","version":"v2.6.1""#), "{answer}");
        assert!(answer.to_lowercase().contains("\r\ndate: "), "{answer}");
    }
    assert!(ask("/health", "nobody.finally.com").starts_with("HTTP/1.1 404"));
}
