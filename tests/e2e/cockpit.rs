//! The cockpit in a terminal: what stands on its screen, what its keys do to ministack as boto3 sees it, and how it
//! leaves.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;

use crate::{
    Vault, config,
    lab::{
        eventually,
        home::Home,
        impostor::{Answer, Impostor, forwarded, is_update},
        terminal::Terminal,
    },
};

const WIDE: (u16, u16) = (160, 45);
const CTRL_C: &str = "\x03";
const ESC: &str = "\x1b";

/// The demo, once it has read everything.
fn demo(home: &Home) -> Terminal {
    let terminal = Terminal::start(home, &["demo"], WIDE);
    terminal.wait_for("the release of the demo", |screen| {
        screen.contains("R ROLLBACK → 42,17") && screen.contains("rv-ocr-errors") && screen.contains("$50")
    });
    terminal
}

/// The cockpit on an emulator, once it has read its functions.
fn cockpit(vault: &Vault) -> Terminal {
    let terminal = Terminal::start(&vault.person, &[], WIDE);
    terminal.wait_for("both functions with their candidates", |screen| screen.matches("2 → 3").count() >= 2);
    terminal
}

/// Presses the first stage's key, and waits until the plan can be confirmed.
fn plan(terminal: &mut Terminal) {
    terminal.type_keys("1");
    terminal.wait_for_text("y confirms ·");
}

fn shifted(vault: &Vault, terminal: &mut Terminal) {
    plan(terminal);
    terminal.type_keys("y");
    terminal.wait_for_text("shifted 2 of 2 functions to 10%");
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
}

#[test]
fn the_demo_shows_its_panels_at_every_size_and_rolls_back_at_the_smallest() {
    let home = Home::new();
    let mut terminal = demo(&home);
    terminal.wait_for("every panel with its figures", |screen| {
        let panels = ["EMBEDDED", "Functions", "Alarms", "Budgets", "Timeline", "error rate", "p50 p95 p99"];
        panels.iter().chain(&["1 10%", "3 100%"]).all(|word| screen.contains(word))
    });
    for (columns, rows, word) in [(120, 40, "Functions 10"), (80, 24, "Charts"), (40, 10, "10%"), (200, 60, "Budgets")]
    {
        terminal.resize(columns, rows);
        terminal.wait_for("the screen at another size", |screen| {
            let lines: Vec<&str> = screen.lines().collect();
            let last = lines.last().unwrap_or(&"");
            lines.len() == usize::from(rows) && last.contains("R ROLLBACK") && screen.contains(word)
        });
    }
    terminal.resize(30, 5);
    terminal.wait_for_text("needs 40x10");
    terminal.type_keys("R");
    terminal.resize(160, 45);
    terminal.wait_for_text("rolled back 2 of 2 functions");

    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.expect_restored();
}

#[test]
fn a_window_that_changes_loses_no_key_and_no_cell() {
    let home = Home::new();
    let mut terminal = demo(&home);
    for (key, is_help_there) in [("?", true), (ESC, false)].repeat(6) {
        // What comes between two looks at the terminal comes as both at once: a key, and another size. The last size
        // is the first again, and what stood beyond the smaller ones is gone from the window.
        for columns in 100..=120 {
            terminal.resize(columns, 30);
            if columns == 110 {
                terminal.type_keys(key);
            }
        }
        terminal.wait_for("the help, there or gone, on a whole screen", |screen| {
            let mut edges = screen.lines().filter(|line| line.starts_with(['╭', '╰']));
            screen.contains("╭ KEYS") == is_help_there && edges.all(|edge| edge.ends_with(['╮', '╯']))
        });
    }
}

#[test]
fn a_stage_key_plans_enter_does_nothing_y_moves_and_r_takes_it_back() {
    let vault = Vault::bare();
    let mut terminal = cockpit(&vault);
    plan(&mut terminal);
    // Keys are taken in their order: when Esc has closed the plan, Enter has had its chance.
    terminal.type_keys("\r");
    terminal.type_keys(ESC);
    terminal.wait_for("no plan", |screen| !screen.contains("PLAN"));
    assert_eq!(vault.routing(), ["2", "2"]);

    shifted(&vault, &mut terminal);
    terminal.type_keys("R");
    eventually("R alone has rolled everything back", || (vault.routing() == ["2", "2"]).then_some(()));
    terminal.wait_for_text("rolled back 2 of 2 functions");
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.expect_restored();
}

#[test]
fn leaving_a_release_is_asked_once_and_the_commands_can_go_on_with_it() {
    let vault = Vault::bare();
    let mut terminal = cockpit(&vault);
    shifted(&vault, &mut terminal);
    terminal.type_keys("q");
    terminal.wait_for_text("LEAVE DURING A RELEASE?");
    terminal.type_keys(ESC);
    terminal.wait_for("the dialog gone", |screen| !screen.contains("LEAVE DURING"));
    terminal.type_keys("q");
    terminal.wait_for_text("LEAVE DURING A RELEASE?");
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.expect_restored();
    let left = terminal.text();
    assert!(left.contains("receipt_crud:live: version 3 still has 10 %"), "{left}");

    vault.run(&["shift", "100", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["3", "3"]);
    // A cockpit that starts now knows what was stable from the record alone.
    let mut terminal = Terminal::start(&vault.person, &[], WIDE);
    terminal.wait_for_text("R ROLLBACK");
    terminal.type_keys("R");
    eventually("both are back", || (vault.routing() == ["2", "2"]).then_some(()));
}

#[test]
fn what_is_pasted_is_no_key() {
    let home = Home::new();
    let mut terminal = demo(&home);
    terminal.paste("R");
    terminal.paste("2y\r\nq");
    // In a text field it is text.
    terminal.type_keys("/");
    terminal.paste("ocr\n");
    terminal.wait_for("only what fits the filter", |screen| {
        screen.contains("ocr_refine") && !screen.contains("weekly_summary")
    });
    terminal.type_keys(ESC);
    let screen = terminal.wait_for_text("weekly_summary");
    assert!(screen.contains("R ROLLBACK → 42,17") && !screen.contains("PLAN"), "{screen}");
    assert!(!screen.contains("rolled back"), "{screen}");
}

#[test]
fn the_second_ctrl_c_leaves_a_release() {
    let home = Home::new();
    let mut terminal = demo(&home);
    terminal.type_keys(CTRL_C);
    terminal.wait_for_text("LEAVE DURING A RELEASE?");
    terminal.type_keys(CTRL_C);
    terminal.wait_for_end();
    terminal.expect_restored();
}

#[test]
fn leaving_waits_for_a_rollback_unless_told_again() {
    let vault = Vault::bare();
    let to = vault.server.addr();
    let is_deaf = Arc::new(AtomicBool::new(false));
    let deaf = Arc::clone(&is_deaf);
    let between = Impostor::new(move |request| {
        let is_lost = is_update(request) && deaf.load(Ordering::SeqCst);
        if is_lost { Answer::Silence } else { Answer::Bytes(forwarded(request, to)) }
    });
    vault.person.write_config(&config(&between.url, ""));
    let mut terminal = cockpit(&vault);
    shifted(&vault, &mut terminal);
    is_deaf.store(true, Ordering::SeqCst);
    terminal.type_keys("R");
    terminal.wait_for_text("ROLLING BACK");
    terminal.type_keys(CTRL_C);
    terminal.wait_for_text("LEAVE DURING A RELEASE?");
    terminal.type_keys(CTRL_C);
    terminal.wait_for_text("leaving as soon as the writes under way are done");
    assert_eq!(terminal.type_until_end(CTRL_C), 130);
    terminal.expect_restored();
}

#[test]
fn a_program_that_is_asked_to_end_gives_the_terminal_back() {
    let home = Home::new();
    let mut terminal = demo(&home);
    terminal.terminate();
    terminal.wait_for_end();
    terminal.expect_restored();
}

#[test]
fn a_change_by_somebody_else_draws_the_plan_anew() {
    let vault = Vault::bare();
    let mut terminal = cockpit(&vault);
    plan(&mut terminal);
    vault.other.point("receipt_crud", "1", json!({}));
    terminal.type_keys("y");
    terminal.wait_for_text("changed since the plan was drawn");
    assert_eq!(vault.other.routing("receipt_crud"), "1", "nothing is overwritten");
}

#[test]
fn a_protected_environment_wants_its_name_typed() {
    let vault = Vault::bare();
    let protected = config(&vault.server.url, "").replace("endpoint_url", "protected = true\nendpoint_url");
    vault.person.write_config(&protected);
    let mut terminal = cockpit(&vault);
    terminal.type_keys("1");
    terminal.wait_for_text("is protected. Type");
    // The y in here is a letter, and so is the R.
    terminal.type_keys("yR");
    terminal.wait_for_text("yR▏");
    terminal.type_keys("\x7f\x7fproduction");
    terminal.wait_for_text("y confirms");
    assert_eq!(vault.routing(), ["2", "2"]);
    eventually("y confirms once the plan could be read", || {
        terminal.type_keys("y");
        (vault.routing() == ["2 + 3: 0.1", "2 + 3: 0.1"]).then_some(())
    });
    terminal.type_keys("R");
    eventually("R wants no name", || (vault.routing() == ["2", "2"]).then_some(()));
}

#[test]
fn what_an_emulator_knows_is_on_screen_and_its_control_characters_are_not() {
    let vault = Vault::complete();
    let evil = "\u{1b}]0;owned\u{7}Threshold \u{9b}31mcrossed\u{202e}";
    let alarm = json!({"AlarmName": "rv-receipt_crud-errors", "StateValue": "ALARM", "StateReason": evil});
    vault.other.ask("cloudwatch", "set_alarm_state", alarm);
    vault.other.ask("lambda", "publish_version", json!({"FunctionName": "ocr_refine", "Description": evil}));
    let mut terminal = Terminal::start(&vault.person, &[], WIDE);
    terminal.wait_for("functions, their alarm, the budget, and figures", |screen| {
        let words = ["receipt_crud", "ocr_refine", "CRIT rv-rece", "receipt", "$50", "····9012", "ENDPOINT 127.0.0.1"];
        words.iter().all(|word| screen.contains(word)) && screen.contains("p99")
    });
    // The reason stands in the alarm's detail, the description in the function's.
    terminal.type_keys("\r");
    terminal.wait_for_text("build 103");
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    for sequence in ["\x1b]0;owned", "\u{9b}", "\u{202e}"] {
        assert!(!raw.contains(sequence), "{sequence:?} reached the terminal");
    }
}

#[test]
fn without_an_answer_the_screen_says_why_and_keys_work() {
    let home = Home::with_config(&config("http://127.0.0.1:9", ""));
    let mut terminal = Terminal::start(&home, &[], WIDE);
    terminal.wait_for_text("cannot reach");
    terminal.type_keys("?");
    terminal.wait_for_text("roll the whole release back at once");
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.expect_restored();
}
