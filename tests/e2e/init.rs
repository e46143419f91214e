//! `flightdeck init`: from an account that nobody has told the program about to a configuration that fits it.

use std::{fs, time::Duration};

use flightdeck::clock::Clock;
use serde_json::json;

use crate::lab::{
    REGION,
    hand::Hand,
    home::{Home, Run},
    impostor::{Answer, Impostor, response},
    server::Server,
    terminal::Terminal,
};

/// Forty functions of a shop and one of somebody else without an alias.
fn shop() -> (Server, Hand) {
    let server = Server::ministack();
    let hand = Hand::on(&server.url);
    let names: Vec<String> = (1..=40).map(|number| format!("shop-part_{number:02}")).collect();
    hand.ask("seed", "many", json!({"names": names}));
    hand.ask("seed", "many", json!({"names": ["elsewhere"], "alias": "beta"}));
    for name in ["shop-part-01 5xx “all”", "shop_part_01\\errors", "shop-api"] {
        hand.ask("seed", "lonely_alarm", json!({"name": name}));
    }
    hand.ask("seed", "budget", json!({"name": "shop \"monthly\"", "limit": "50", "actual": "1", "forecast": "2"}));
    (server, hand)
}

fn init(home: &Home, url: &str, more: &[&str]) -> Run {
    home.run(&[&["init", "--endpoint-url", url, "--region", REGION], more].concat())
}

/// As somebody who has forty functions and no configuration: two commands, within the two minutes they are given.
#[test]
fn forty_functions_are_set_up_and_checked_within_two_minutes() {
    let (server, _hand) = shop();
    let home = Home::new();
    let clock = Clock::system();
    let run = init(&home, &server.url, &["--match", "shop-*", "--match", "else*", "--alias", "live"]).expect(0);
    for words in ["40 functions, 2 alarms, 1 budget.", "1 function stands there commented out", "flightdeck check"] {
        assert!(run.stdout.contains(words), "{words}: {run:?}");
    }
    let text = fs::read_to_string(home.config()).unwrap();
    for words in ["# elsewhere has no alias live", "It has: beta.", "account = \"123456789012\"", "as root"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let check = home.run(&["check", "--json"]).expect(0);
    let found = check.json();
    let is_ok = |what: &str| found.as_array().unwrap().iter().any(|one| one["what"] == what && one["verdict"] == "ok");
    for what in ["shop-part_01:live", "shop-part_40:live", "alarm shop_part_01\\errors", "budget shop \"monthly\""] {
        assert!(is_ok(what), "{what}: {check:?}");
    }
    assert!(clock.now().wall < Duration::from_mins(2), "{:?}", clock.now().wall);

    let again = init(&home, &server.url, &["--all"]).expect(2);
    assert!(again.stderr.contains("is there already") && again.stderr.contains("--force"), "{again:?}");
    assert_eq!(fs::read_to_string(home.config()).unwrap(), text, "nothing is overwritten unasked");
    init(&home, &server.url, &["--match", "elsewhere", "--force"]).expect(0);
    let text = fs::read_to_string(home.config()).unwrap();
    assert!(text.contains("alias = \"beta\"") && !text.contains("shop-part"), "{text}");
    assert_eq!(fs::read_dir(home.config().parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_person_picks_from_a_list_and_may_leave_without_a_trace() {
    let (server, _hand) = shop();
    let home = Home::new();
    let args = ["init", "--endpoint-url", &server.url, "--region", REGION];
    let mut terminal = Terminal::start(&home, &args, (80, 24));
    terminal.wait_for_text("41 of 41 functions");
    terminal.type_keys("part 07");
    terminal.wait_for("the filter takes the letters, and the space is a mark", |screen| screen.contains("1 marked"));
    terminal.type_keys("\u{1b}");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.expect_restored();
    assert!(!home.config().exists());

    let mut terminal = Terminal::start(&home, &args, (80, 24));
    terminal.wait_for_text("41 of 41 functions");
    terminal.type_keys("prt_3\t");
    terminal.wait_for_text("13 marked");
    terminal.type_keys("\u{15}elsew ");
    terminal.wait_for_text("14 marked");
    terminal.type_keys("\r");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.expect_restored();
    let text = fs::read_to_string(home.config()).unwrap();
    assert_eq!(text.matches("[[environments.production.functions]]").count(), 14, "{text}");
}

#[test]
fn without_a_terminal_or_a_match_nothing_is_written() {
    let (server, _hand) = shop();
    let home = Home::new();
    for (more, words) in [(&[][..], "--all"), (&["--match", "nobody*"], "none of the 41 functions")] {
        let run = init(&home, &server.url, more).expect(2);
        assert!(run.stderr.contains(words), "{run:?}");
    }
    assert!(!home.config().exists());
    let run = init(&home, &server.url, &["--print", "--match", "elsewhere", "-e", "the \"lab\""]).expect(0);
    assert!(run.stdout.contains("[[environments.\"the \\\"lab\\\"\".functions]]"), "{run:?}");
    assert!(!home.config().exists());
}

#[test]
fn an_embedded_world_can_be_set_up_too() {
    let home = Home::new();
    let run = home.run(&["--embedded", "demo", "init", "--all"]).expect(2);
    assert!(run.stderr.contains("--output"), "{run:?}");
    let file = home.folder().join("demo.toml").display().to_string();
    let run = home.run(&["--embedded", "demo", "init", "--all", "--output", &file]).expect(0);
    assert!(run.stdout.contains(&format!("--embedded demo -c {file} check")), "{run:?}");
    home.run(&["--embedded", "demo", "-c", &file, "check"]).expect(0);
}

/// An account with three thousand functions, in pages of fifty, that allows nothing but listing them.
#[test]
fn functions_by_the_thousand_are_listed_and_what_is_denied_is_said() {
    const ALL: usize = 3000;
    let impostor = Impostor::new(|request| {
        let line = String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
        let denied = r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#;
        let header = "x-amzn-ErrorType: AccessDeniedException\r\n";
        if !line.contains("/functions") || line.contains("/aliases") {
            return Answer::Bytes(response("403 Forbidden", header, denied));
        }
        let marker = line.split("Marker=").nth(1).and_then(|rest| rest.split(['&', ' ']).next());
        let first: usize = marker.and_then(|marker| marker.parse().ok()).unwrap_or(0);
        let names: Vec<_> = (first..first + 50).map(|at| json!({"FunctionName": format!("f-{at:04}")})).collect();
        let next = (first + 50 < ALL).then(|| (first + 50).to_string());
        let body = json!({"Functions": names, "NextMarker": next});
        Answer::Bytes(response("200 OK", "Content-Type: application/json\r\n", &body.to_string()))
    });
    let home = Home::new();
    let run = init(&home, &impostor.url, &["--match", "f-299?", "--print"]).expect(0);
    assert_eq!(run.stdout.matches("#name = \"f-299").count(), 10, "{run:?}");
    for words in ["The aliases of f-2990 could not be read", "The alarms could not be asked for", "STS did not say"] {
        assert!(run.stdout.contains(words), "{words}: {run:?}");
    }
}
