//! Several environments in one cockpit: `E` shows another, each keeps its own, and R acts on the one on screen.

use crate::{
    Vault, config,
    lab::{eventually, terminal::Terminal},
};

const OTHER: &str = r#"
[environments.staging]
region = "eu-west-1"
endpoint_url = "URL"
protected = true
[[environments.staging.functions]]
name = "ocr_refine"
"#;

#[test]
fn another_environment_is_shown_by_key_and_the_first_stays_as_it_was() {
    let vault = Vault::bare();
    let first = config(&vault.server.url, "default_environment = \"production\"\n");
    vault.person.write_config(&format!("{first}{}", OTHER.replace("URL", &vault.server.url)));
    let mut terminal = Terminal::start(&vault.person, &[], (160, 45));
    terminal.wait_for("both functions with their candidates", |screen| screen.matches("2 → 3").count() >= 2);
    terminal.type_keys("E");
    terminal.wait_for("the list", |screen| {
        screen.contains("ENVIRONMENTS") && screen.contains("PROTECTED") && screen.contains("not opened yet")
    });
    terminal.type_keys("j\r");
    let screen = terminal.wait_for("the other one with its function", |screen| {
        screen.contains("STAGING") && screen.matches("2 → 3").count() == 1 && !screen.contains("receipt_crud")
    });
    assert!(!screen.contains("ENVIRONMENTS"), "{screen}");

    // A release that is run in the first goes on while the other is on screen.
    terminal.type_keys("E");
    terminal.wait_for_text("ENVIRONMENTS");
    terminal.type_keys("k\r");
    terminal.wait_for("the first again", |screen| screen.contains("receipt_crud"));
    terminal.type_keys("1");
    terminal.wait_for_text("y confirms ·");
    terminal.type_keys("y");
    terminal.wait_for_text("shifted 2 of 2 functions to 10%");
    terminal.type_keys("E");
    terminal.wait_for_text("ENVIRONMENTS");
    terminal.type_keys("j\r");
    terminal.wait_for_text("STAGING");
    terminal.type_keys("E");
    terminal.wait_for("what goes on in the first", |screen| screen.contains("at 10%") && screen.contains("on screen"));
    terminal.type_keys("k\r");
    terminal.wait_for_text("R ROLLBACK production →");
    terminal.type_keys("R");
    eventually("both are back", || (vault.routing() == ["2", "2"]).then_some(()));
    assert!(terminal.wait_for_text("ROLLED BACK 2 functions in production").contains("production"));
    assert_eq!(terminal.type_until_end("q"), 0);
    terminal.expect_restored();
}
