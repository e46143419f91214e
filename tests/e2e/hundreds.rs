//! Accounts that have grown: alarms and functions by the hundred are all found, page by page.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use crate::{
    Vault,
    lab::{REGION, hand::Hand, home::Home, server::Server, terminal::Terminal},
};

/// More than two pages of a hundred.
const ALARMS: usize = 250;
/// More than two pages of fifty.
const FUNCTIONS: usize = 120;

fn names_of<'a>(rows: &'a Value, key: &str) -> BTreeSet<&'a str> {
    rows.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap()).collect()
}

#[test]
fn alarms_by_the_hundred_are_all_read() {
    let vault = Vault::bare();
    let names: Vec<String> = (0..ALARMS).map(|number| format!("rv-alarm-{number:03}")).collect();
    vault.other.ask("seed", "alarms", json!({"names": names}));
    let check = vault.run(&["check", "--json"]).json();
    let found = check.as_array().unwrap().iter().find(|finding| finding["what"] == "alarms rv-…").unwrap();
    assert_eq!([&found["verdict"], &found["words"]], ["ok", "250 found"], "{found}");
    let status = vault.run(&["status", "--json"]).expect(0).json();
    assert_eq!(names_of(&status["alarms"], "name"), names.iter().map(String::as_str).collect());

    let terminal = Terminal::start(&vault.person, &[], (160, 45));
    terminal.wait_for("how many there are, in their panel and in words", |screen| {
        screen.lines().any(|line| line.contains(" Alarms ") && line.contains("250")) && screen.contains("of 250 alarms")
    });
}

#[test]
fn functions_by_the_hundred_are_set_up_and_read() {
    let server = Server::ministack();
    let names: Vec<String> = (0..FUNCTIONS).map(|number| format!("shop-{number:03}")).collect();
    Hand::on(&server.url).ask("seed", "many", json!({"names": names}));
    let home = Home::new();
    let run = home.run(&["init", "--endpoint-url", &server.url, "--region", REGION, "--all"]).expect(0);
    assert!(run.stdout.contains("120 functions"), "{run:?}");
    let text = fs::read_to_string(home.config()).unwrap();
    assert_eq!(text.matches("\nname = \"shop-").count(), FUNCTIONS, "{text}");
    let status = home.run(&["status", "--json"]).expect(0).json();
    assert_eq!(names_of(&status["functions"], "name"), names.iter().map(String::as_str).collect());
    assert!(status["functions"].as_array().unwrap().iter().all(|function| function["stable"] == "1"), "{status}");
}
