//! The runbook beside a rollback: in the cockpit, where a command of it runs after a plan, and without a screen, where
//! it is only told.

use crate::{
    Vault, config,
    lab::{eventually, terminal::Terminal},
};

const STEPS: &str = r#"
[[environments.production.runbook]]
title = "Take the migration back"
when = "rollback"
text = "Every migration has a down script."
run = ["sh", "-c", "echo went down in $STAGE >> went-down; cat went-down; exit 3"]
env = { STAGE = "production" }
folder = "HOME"
[[environments.production.runbook]]
title = "Status page"
when = "rollback"
url = "https://status.example.com"
"#;

fn vault() -> Vault {
    let vault = Vault::bare();
    let steps = STEPS.replace("HOME", &vault.person.folder().display().to_string());
    vault.person.write_config(&format!("{}{steps}", config(&vault.server.url, "")));
    vault
}

#[test]
fn a_command_runs_after_its_plan_and_stands_in_the_report() {
    let vault = vault();
    vault.run(&["shift", "10", "--yes"]).expect(0);
    let mut terminal = Terminal::start(&vault.person, &[], (80, 24));
    terminal.wait_for_text("R ROLLBACK");
    terminal.type_keys("R");
    terminal.wait_for("the steps beside the rollback", |screen| {
        screen.contains("Not put back by this") && screen.contains("☐ Status page")
    });
    eventually("both are back", || (vault.routing() == ["2", "2"]).then_some(()));
    terminal.type_keys("x");
    terminal.wait_for_text("RUNBOOK 0/2");
    terminal.type_keys("\r");
    terminal.wait_for("the plan of the command", |screen| {
        ["PLAN: run", "variables", "STAGE", "y runs it ·"].iter().all(|word| screen.contains(word))
    });
    terminal.type_keys("y");
    terminal.wait_for("it ran", |screen| screen.contains("exit code 3") && screen.contains("went down in production"));
    terminal.type_keys("\x1b");
    terminal.wait_for_text("RUNBOOK 0/2");
    terminal.type_keys("j ");
    terminal.wait_for_text("☑ Status page");
    terminal.type_keys("\x1b");
    terminal.wait_for("the list gone", |screen| !screen.contains("RUNBOOK 1/2"));
    terminal.type_keys("q");
    assert_eq!(terminal.wait_for_end(), 0);

    let report = vault.run(&["report", "--format", "json"]).expect(0).json();
    let steps = report["release"]["runbook"].as_array().expect("steps");
    assert_eq!((&steps[0]["title"], &steps[0]["outcome"]), (&"Take the migration back".into(), &"failed".into()));
    assert_eq!(steps[0]["output"][0], "went down in production");
    assert_eq!((&steps[1]["title"], &steps[1]["outcome"]), (&"Status page".into(), &"done".into()));
}

#[test]
fn without_a_screen_the_steps_are_told_and_none_is_run() {
    let vault = vault();
    vault.run(&["shift", "10", "--yes"]).expect(0);
    let run = vault.run(&["rollback", "--yes", "--json"]).expect(0);
    assert!(run.stderr.contains("1. Take the migration back") && run.stderr.contains("$ sh -c 'echo went down"));
    assert!(run.stderr.contains("https://status.example.com"), "{}", run.stderr);
    let told = run.json();
    let steps: Vec<_> = told.as_array().unwrap().iter().filter_map(|row| row["runbook"].as_str()).collect();
    assert_eq!(steps, ["Take the migration back", "Status page"]);
    assert!(!vault.person.folder().join("went-down").exists(), "nothing was run");
}
