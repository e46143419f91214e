//! Who is told of a rollback, over real sockets: three receivers that listen, and one that is down.

use super::*;
use crate::{
    config::Receiver,
    notify::{Notify, Occasion},
    web::{
        SecretSource,
        tests::stage::{Line, Stage as Receiving, answer},
    },
};

/// A file that holds a secret until it is dropped.
struct Kept(std::path::PathBuf);

impl Kept {
    fn of(name: &str, secret: &str) -> Self {
        let path = std::env::temp_dir().join(format!("flightdeck-notices-{}-{name}", std::process::id()));
        std::fs::write(&path, secret).unwrap();
        Self(path)
    }

    fn source(&self) -> SecretSource {
        SecretSource::File(self.0.clone())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn receiver(name: &str, to: Receiver) -> Notify {
    Notify { name: name.to_owned(), to, events: Occasion::ALL.to_vec() }
}

fn timeline(app: &App) -> Vec<String> {
    app.timeline.entries().iter().map(|line| line.what.clone()).collect()
}

fn body(asked: &[String]) -> serde_json::Value {
    let [request] = asked else { panic!("{asked:?}") };
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn everybody_hears_of_a_rollback_and_nobody_holds_it_up() {
    let [slack, json, pager] = [
        Receiving::play(vec![answer("200 OK", "ok")]).await,
        Receiving::play(vec![answer("204 No Content", "")]).await,
        Receiving::play(vec![answer("202 Accepted", "{}")]).await,
    ];
    let down = Receiving::play(vec![answer("503 Service Unavailable", "later /s3cr3t")]).await;
    let kept = [
        Kept::of("slack", &format!("{}/s3cr3t", slack.url)),
        Kept::of("json", &format!("{}/hook", json.url)),
        Kept::of("key", "0123456789abcdef"),
        Kept::of("down", &format!("{}/s3cr3t", down.url)),
    ];
    let mut stage = Stage::open().await;
    stage.services.tries = Tries { pauses: [Duration::from_millis(1); 2], ..Tries::default() };
    stage.app.deck.environment.notify = vec![
        receiver("#releases", Receiver::Slack { url: kept[0].source() }),
        receiver("programs", Receiver::Json { url: kept[1].source() }),
        receiver("pager", Receiver::PagerDuty { routing_key: kept[2].source(), events_url: pager.url.clone() }),
        receiver("broken", Receiver::Slack { url: kept[3].source() }),
    ];
    let code = stage.run(|app, now| match is_finished(app) {
        true if app.deliveries.len() == 4 => Deed::Leave(0),
        false if is_ready(app, now) && !app.is_moving() => Deed::Press("R"),
        _ => Deed::Nothing,
    });
    assert_eq!(code.await.unwrap(), 0);
    assert!(stage.are_all_stable());

    let text = body(&slack.asked())["text"].as_str().unwrap().to_owned();
    assert!(text.contains("ROLLBACK of r-20261120-1: the stable version is back everywhere"), "{text}");
    let told = body(&json.asked());
    assert_eq!((&told["event"], &told["percent"]), (&"rollback".into(), &0.into()), "{told:#}");
    assert_eq!(told["functions"].as_array().map(Vec::len), Some(10));
    let incident = body(&pager.asked());
    assert_eq!((&incident["event_action"], &incident["dedup_key"]), (&"trigger".into(), &"r-20261120-1".into()));
    assert_eq!(down.asked().len(), 3, "it was tried again, and given up");

    let lines = timeline(&stage.app);
    for line in ["told #releases of the rollback", "told programs of the rollback", "told pager of the rollback"] {
        assert!(lines.iter().any(|told| told == line), "{lines:#?}");
    }
    let failed = lines.iter().find(|line| line.starts_with("could not tell broken of the rollback")).unwrap();
    assert!(failed.contains("status 503") && failed.contains("tried 3 times"), "{failed}");
    assert!(!lines.concat().contains("s3cr3t"), "{lines:#?}");
}

#[tokio::test]
async fn the_end_waits_a_moment_for_notices() {
    let slack = Receiving::play(vec![answer("200 OK", "ok")]).await;
    let kept = Kept::of("last", &format!("{}/hook", slack.url));
    let mut stage = Stage::open().await;
    stage.app.deck.environment.notify = vec![receiver("#releases", Receiver::Slack { url: kept.source() })];
    let code = stage.run(|app, now| match is_finished(app) {
        true => Deed::Leave(0),
        false if is_ready(app, now) && !app.is_moving() => Deed::Press("R"),
        false => Deed::Nothing,
    });
    assert_eq!(code.await.unwrap(), 0);
    assert_eq!(slack.asked().len(), 1, "it arrived, although the program left as soon as the rollback was done");
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_says_nothing_is_not_waited_for_long() {
    let silent = Receiving::play(vec![Line::Hang(Vec::new())]).await;
    let kept = Kept::of("silent", &format!("{}/hook", silent.url));
    let mut stage = Stage::open().await;
    stage.app.deck.environment.notify = vec![receiver("#releases", Receiver::Slack { url: kept.source() })];
    let mut left = None;
    let code = stage.run(|app, now| match is_finished(app) {
        true => {
            left = Some(now.wall);
            Deed::Leave(0)
        }
        false if is_ready(app, now) && !app.is_moving() => Deed::Press("R"),
        false => Deed::Nothing,
    });
    assert_eq!(code.await.unwrap(), 0);
    let took = stage.services.clock.now().wall.saturating_sub(left.unwrap());
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert!(stage.are_all_stable());
}
