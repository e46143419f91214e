//! What is sent to each receiver, and what becomes of it when receivers misbehave, over real sockets.

use std::sync::Arc;

use super::*;
use crate::{
    aws::{Place, Transport},
    clock::Clock,
    release::names::{ReleaseId, Target, Version},
    sim::{Sim, world::WorldSpec},
    web::tests::stage::{Line, Stage, answer, with_headers},
};

const EMPTY_WORLD: &str = r#"
title = "nothing at all"
seed = 1
account = "123456789012"
region = "eu-west-1"
caller = "arn:aws:sts::123456789012:assumed-role/oncall/ada"
"#;
const PATH: &str = "/services/T0/s3cr3t";
const KEY: &str = "0123456789abcdef0123456789abcdef";

fn notice(occasion: Occasion) -> Notice {
    Notice {
        occasion,
        at: "2026-11-20T14:32:00Z".parse().unwrap(),
        release: ReleaseId::new("r-20261120-1422"),
        environment: "production".into(),
        account: Some("123456789012".into()),
        region: "eu-west-1".into(),
        changes: vec![
            Change {
                target: Target::new("receipt_crud", "live"),
                stable: Some(Version::Number(41)),
                new: Some(Version::Number(42)),
            },
            Change { target: Target::new("export", "live"), stable: None, new: Some(Version::Number(7)) },
        ],
        percent: Some(10),
        summary: "error rate 7.2 %, at most 5 %".into(),
        evidence: vec!["errors <on> receipt_crud & 42: 36 of 500".into(), "alarm rv-errors in ALARM".into()],
        who: "ada".into(),
        reason: None,
    }
}

/// A way to tell with short pauses, and an AWS that knows of no topics.
async fn post() -> Post {
    let clock = Clock::system();
    let place = Place { region: Some("eu-west-1".into()), ..Place::default() };
    let sim = Arc::new(Sim::new(&toml::from_str::<WorldSpec>(EMPTY_WORLD).unwrap(), clock));
    let cloud = Cloud::open(&place, Transport::Embedded(sim.http_client()), clock).await.unwrap();
    let tries = Tries {
        limit: Duration::from_millis(500),
        pauses: [Duration::from_millis(1); 2],
        longest_pause: Duration::from_millis(300),
    };
    Post { web: Web::new(clock), cloud, tries }
}

fn slack() -> Notify {
    let to = Receiver::Slack { url: SecretSource::Variable("HOOK".into()) };
    Notify { name: "#releases".into(), to, events: Occasion::ALL.into() }
}

/// Tells Slack of a failure, at this address.
async fn tell_at(url: &str) -> String {
    let variable = |name: &str| (name == "HOOK").then(|| format!("{url}{PATH}"));
    let delivery = tell(&slack(), &notice(Occasion::Failure), &post().await, variable).await;
    let shown = format!("{delivery} {delivery:?}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    delivery.to_string()
}

/// What becomes of a message to a receiver that plays this script, and how often it was asked.
async fn told_by(script: Vec<Line>) -> (String, usize) {
    let stage = Stage::play(script).await;
    (tell_at(&stage.url).await, stage.asked().len())
}

fn sent_json(request: &str) -> Value {
    assert!(request.contains("content-type: application/json\r\n"), "{request}");
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn slack_is_told_in_text() {
    let stage = Stage::play(vec![answer("200 OK", "ok")]).await;
    assert_eq!(tell_at(&stage.url).await, "#releases: sent");
    let request = stage.asked().remove(0);
    assert!(request.starts_with(&format!("POST {PATH} HTTP/1.1\r\n")), "{request}");
    insta::assert_snapshot!("slack", sent_json(&request)["text"].as_str().unwrap());
}

#[test]
fn programs_are_told_everything() {
    insta::assert_snapshot!("json", format!("{:#}", message::json(&notice(Occasion::Shift))));
}

#[test]
fn a_topic_is_told_by_mail() {
    let (subject, text) = message::mail(&Notice { reason: Some("hotfix".into()), ..notice(Occasion::Rollback) });
    insta::assert_snapshot!("mail", format!("{subject}\n---\n{text}"));
}

#[test]
fn a_pager_is_told_to_trigger_and_to_resolve() {
    let key = Secret::new("the-key");
    let trigger = message::page(&notice(Occasion::Rollback), &key).unwrap();
    let payload = &trigger["payload"];
    let told: Vec<String> = ["summary", "source", "severity", "timestamp", "group", "class"]
        .iter()
        .map(|field| format!("{field}: {}", payload[field].as_str().unwrap()))
        .collect();
    insta::assert_snapshot!("page", told.join("\n"));
    assert_eq!((&trigger["event_action"], &trigger["routing_key"]), (&"trigger".into(), &"the-key".into()));
    let resolve = message::page(&notice(Occasion::AllClear), &key).unwrap();
    insta::assert_snapshot!("page_resolved", resolve.to_string());
    assert_eq!(trigger["dedup_key"], resolve["dedup_key"]);
    for quiet in [Occasion::Shift, Occasion::Held, Occasion::TakenOver] {
        assert_eq!(message::page(&notice(quiet), &key), None);
    }
    let endless = message::page(&Notice { summary: "x".repeat(5000), ..notice(Occasion::Failure) }, &key).unwrap();
    assert_eq!(endless["payload"]["summary"].as_str().unwrap().chars().count(), 1024);
}

#[tokio::test]
async fn a_receiver_that_stumbles_is_tried_again() {
    let ok = answer("200 OK", "ok");
    for stumble in [
        answer("500 Oops", "sorry"),
        answer("503 Busy", ""),
        Line::Bytes(with_headers("429 Slow", "retry-after: 3600\r\n", b"")),
        Line::Bytes(Vec::new()),
        Line::Hang(Vec::new()),
    ] {
        assert_eq!(told_by(vec![stumble.clone(), stumble, ok.clone()]).await, ("#releases: sent".into(), 3));
    }
}

#[tokio::test]
async fn a_receiver_that_stays_down_is_left_alone() {
    for (script, words) in [
        (
            answer("500 Oops", &format!("cannot POST {PATH}")),
            "#releases: failed: status 500 (cannot POST …) (tried 3 times)",
        ),
        (answer("502 Bad", "<html><p>nginx"), "#releases: failed: status 502 (tried 3 times)"),
        (Line::Hang(Vec::new()), "#releases: failed: no complete answer within 0.5 s (tried 3 times)"),
    ] {
        assert_eq!(told_by(vec![script]).await, (words.to_owned(), 3));
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = tell_at(&format!("http://{free}")).await;
    assert!(
        refused.starts_with("#releases: failed: cannot connect: ") && refused.ends_with(" (tried 3 times)"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_receiver_that_refuses_is_asked_once() {
    let moved = with_headers("302 Found", "location: http://127.0.0.1:1/\r\n", b"");
    for (script, words) in [
        (answer("404 Gone", "no_service\u{1b}[31m"), "#releases: failed: status 404 (no_service[31m)"),
        (answer("400 Bad", &"x".repeat(500)), &*format!("#releases: failed: status 400 ({}…)", "x".repeat(120))),
        (Line::Bytes(moved), "#releases: failed: status 302"),
    ] {
        assert_eq!(told_by(vec![script]).await, (words.to_owned(), 1));
    }
    let stage = Stage::play(vec![answer("200 OK", "ok")]).await;
    let untrusted = tell_at(&stage.url.replace("http:", "https:")).await;
    assert!(untrusted.starts_with("#releases: failed: no secure connection: "), "{untrusted}");
}

#[tokio::test]
async fn a_large_answer_to_a_message_that_arrived_is_no_failure() {
    assert_eq!(told_by(vec![answer("200 OK", &"x".repeat(100_000))]).await, ("#releases: sent".into(), 1));
}

#[tokio::test]
async fn a_pager_gets_its_key_and_nobody_else_sees_it() {
    let stage = Stage::play(vec![answer("400 Bad", &format!("bad key {KEY}"))]).await;
    let routing_key = SecretSource::Variable("KEY".into());
    let to = Receiver::PagerDuty { routing_key, events_url: format!("{}/v2/enqueue", stage.url) };
    let pager = Notify { name: "on call".into(), to, events: vec![Occasion::Failure] };
    let delivery = tell(&pager, &notice(Occasion::Failure), &post().await, |_| Some(KEY.into())).await;
    assert_eq!(sent_json(&stage.asked()[0])["routing_key"], KEY);
    assert_eq!(delivery.to_string(), "on call: failed: status 400 (bad key …)");
    assert!(!format!("{delivery:?} {pager:?}").contains(KEY));
}

#[tokio::test]
async fn without_its_secret_nothing_is_sent() {
    let post = post().await;
    for (value, words) in [
        (None, "#releases: failed: the variable HOOK is not set"),
        (
            Some("hooks.example/s3cr3t"),
            "#releases: failed: the variable HOOK holds no address that begins with https://",
        ),
        (Some("ftp://x/s3cr3t"), "#releases: failed: the variable HOOK holds no address"),
    ] {
        let told = tell(&slack(), &notice(Occasion::Held), &post, |_| value.map(ToOwned::to_owned)).await.to_string();
        assert!(told.starts_with(words) && !told.contains("s3cr3t"), "{told}");
    }
}

#[tokio::test]
async fn a_topic_that_aws_does_not_know_is_a_failure_in_words() {
    let to = Receiver::Sns { topic_arn: "arn:aws:sns:eu-west-1:123456789012:notice".into() };
    let topic = Notify { name: "mail".into(), to, events: Occasion::ALL.into() };
    let told = tell(&topic, &notice(Occasion::AllClear), &post().await, |_| None).await.to_string();
    assert!(told.starts_with("mail: failed: Publish: "), "{told}");
}

#[test]
fn everybody_hears_only_what_they_want() {
    let quiet = Notify { name: "quiet".into(), events: vec![Occasion::Rollback], ..slack() };
    let receivers = [slack(), quiet];
    let told = |occasion| concerned(&receivers, occasion).map(|receiver| receiver.name.as_str()).collect::<Vec<_>>();
    assert_eq!(told(Occasion::Shift), ["#releases"]);
    assert_eq!(told(Occasion::Rollback), ["#releases", "quiet"]);
}
