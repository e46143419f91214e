//! Probes against servers on real sockets, healthy and not.

use serde_json::json;

use super::*;
use crate::{
    clock::Clock,
    web::tests::stage::{Line, Stage, answer, with_headers},
};

const TOKEN: &str = "Bearer s3cr3t-token";

fn health(url: &str) -> Probe {
    Probe {
        name: "health".into(),
        url: url.parse().unwrap(),
        method: Method::GET,
        headers_from_env: Vec::new(),
        expect_status: vec![200],
        latency_limit: None,
        conditions: Vec::new(),
        failures_in_a_row: 1,
        timeout: Duration::from_secs(10),
        version_path: "version".parse().unwrap(),
        sha_path: "git_sha".parse().unwrap(),
    }
}

fn healthy() -> JsonCondition {
    JsonCondition::Value { path: "data.status".parse().unwrap(), expected: Expected::Equal(json!("healthy")) }
}

fn variable(name: &str) -> Option<String> {
    (name == "HEALTH_TOKEN").then(|| TOKEN.to_owned())
}

async fn ask(asked: &Probe) -> ProbeReading {
    probe(asked, &Web::new(Clock::system()), variable).await
}

/// The reading of one answer, with the condition that it must say it is healthy.
async fn reading_of(line: Line) -> ProbeReading {
    let stage = Stage::play(vec![line]).await;
    ask(&Probe { conditions: vec![healthy()], timeout: Duration::from_millis(500), ..health(&stage.url) }).await
}

#[tokio::test]
async fn a_healthy_endpoint_tells_its_version_and_commit() {
    let body = r#"{"data": {"status": "healthy"}, "version": "2.14.0", "git_sha": "4f2a9c1"}"#;
    let reading = reading_of(answer("200 OK", body)).await;
    assert_eq!(reading.ok, Ok(()));
    assert_eq!((reading.asked, reading.status), (true, Some(200)));
    assert_eq!((reading.version.as_deref(), reading.sha.as_deref()), (Some("2.14.0"), Some("4f2a9c1")));
}

#[tokio::test]
async fn what_is_wrong_is_said_with_the_value() {
    let moved = with_headers("302 Found", "location: https://login.example/in?session=abc\r\n", b"");
    for (line, status, words) in [
        (
            answer("200 OK", r#"{"data": {"status": "sick"}}"#),
            Some(200),
            r#"data.status is "sick", expected "healthy""#,
        ),
        (answer("503 Busy", "{}"), Some(503), "status 503, expected 200"),
        (answer("200 OK", ""), Some(200), "the answer is empty, expected JSON"),
        (answer("200 OK", "<!doctype html><p>"), Some(200), "the answer is a page (HTML or XML), expected JSON"),
        (answer("200 OK", r#"{"data": {"status": "heal"#), Some(200), "the answer is not JSON: EOF while parsing"),
        (answer("200 OK", &"x".repeat(300_000)), Some(200), "the answer is larger than 256 KiB"),
        (
            Line::Bytes(with_headers("200 OK", "", b"{\"data\": \"\xff\"}")),
            Some(200),
            "the answer is not text: it is not UTF-8",
        ),
        (
            Line::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"data\":".to_vec()),
            Some(200),
            "the answer broke off: ",
        ),
        (Line::Hang(Vec::new()), None, "no complete answer within 0.5 s"),
        (
            Line::Bytes(moved),
            Some(302),
            "status 302, expected 200 (a redirect to https://login.example/in; redirects are not followed)",
        ),
    ] {
        let reading = reading_of(line).await;
        let why = reading.ok.expect_err(words);
        assert!(why.starts_with(words), "{why}, not {words}");
        assert_eq!(reading.status, status, "{words}");
    }
}

#[tokio::test]
async fn a_slow_answer_fails_on_its_latency() {
    let stage = Stage::play(vec![answer("200 OK", "fine")]).await;
    let quick = Probe { latency_limit: Some(Duration::from_secs(9)), ..health(&stage.url) };
    assert_eq!(ask(&quick).await.ok, Ok(()));
    let impossible = Probe { latency_limit: Some(Duration::ZERO), ..quick };
    let why = ask(&impossible).await.ok.unwrap_err();
    assert!(why.starts_with("took ") && why.ends_with(" ms, at most 0 ms"), "{why}");
}

#[tokio::test]
async fn headers_come_from_the_environment_and_are_shown_nowhere() {
    let echo = format!(r#"{{"version": "{TOKEN}", "git_sha": "{TOKEN}", "data": {{"status": "{TOKEN}"}}}}"#);
    let stage = Stage::play(vec![answer("200 OK", &echo)]).await;
    let header = (http::header::AUTHORIZATION, "HEALTH_TOKEN".to_owned());
    let probed = Probe {
        method: Method::POST,
        headers_from_env: vec![header],
        conditions: vec![healthy()],
        ..health(&stage.url)
    };
    let reading = ask(&probed).await;
    let request = stage.asked().remove(0);
    assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("authorization: {TOKEN}\r\n")), "{request}");
    assert!(request.to_lowercase().contains("content-length: 0\r\n"), "{request}");
    assert!(!format!("{reading:?} {probed:?}").contains("s3cr3t"), "{reading:?}");
    assert_eq!(reading.ok.unwrap_err(), r#"data.status is "…", expected "healthy""#);
}

#[tokio::test]
async fn without_its_variable_a_probe_does_not_ask() {
    let stage = Stage::play(vec![answer("200 OK", "fine")]).await;
    let header = (http::header::AUTHORIZATION, "NOT_SET".to_owned());
    let probed = Probe { headers_from_env: vec![header], ..health(&stage.url) };
    let reading = ask(&probed).await;
    assert!(!reading.asked && stage.asked().is_empty());
    let why = "not asked: the header authorization cannot be sent, because the variable NOT_SET is not set";
    assert_eq!(reading.ok, Err(why.to_owned()));
    assert_eq!(probed.unusable_variables(variable), [why]);
    assert!(probed.unusable_variables(|_| Some("ok".into())).is_empty());
}

#[tokio::test]
async fn what_an_endpoint_tells_can_steer_no_terminal() {
    let body =
        json!({"version": "\u{1b}[31m1.0\u{7}\u{202e}", "git_sha": "f".repeat(500), "data": {"status": "\u{9b}2J"}});
    let reading = reading_of(answer("200 OK", &body.to_string())).await;
    assert_eq!(reading.version.as_deref(), Some("[31m1.0"));
    assert_eq!(reading.sha.unwrap().chars().count(), LONGEST_VERSION + 1);
    assert!(!reading.ok.unwrap_err().chars().any(char::is_control));
    let numbers = reading_of(answer("200 OK", r#"{"version": 42, "git_sha": null}"#)).await;
    assert_eq!((numbers.version.as_deref(), numbers.sha), (Some("42"), None));
}

#[tokio::test]
async fn several_statuses_may_be_well() {
    let stage = Stage::play(vec![answer("204 No Content", "")]).await;
    let either = Probe { expect_status: vec![200, 204], ..health(&stage.url) };
    assert_eq!(ask(&either).await.ok, Ok(()));
    let neither = Probe { expect_status: vec![200, 202], ..either };
    assert_eq!(ask(&neither).await.ok.unwrap_err(), "status 204, expected 200 or 202");
}
