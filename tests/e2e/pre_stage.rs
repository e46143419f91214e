//! A pre-stage against ministack: another alias of the function first, its probe, and the way back of both.

use serde_json::json;

use crate::{
    Vault, config,
    lab::{
        home::Home,
        impostor::{Impostor, response},
    },
};

/// `receipt_crud` has an alias `staging` at its first version, which `health` asks.
fn vault(health: &Impostor) -> Vault {
    let vault = Vault::bare();
    let staging = json!({"FunctionName": "receipt_crud", "Name": "staging", "FunctionVersion": "1"});
    vault.other.ask("lambda", "create_alias", staging);
    let text = config(&vault.server.url, "").replacen(
        "name = \"receipt_crud\"",
        "name = \"receipt_crud\"\npre_stage = { alias = \"staging\", probe = \"staging health\" }",
        1,
    );
    let probe = format!(
        "[[environments.production.probes]]\nname = \"staging health\"\nurl = \"{}/health\"\nevery = \"1s\"\nfailures = 2\n",
        health.url
    );
    vault.person.write_config(&(text + &probe));
    vault
}

fn staging(vault: &Vault) -> String {
    told(vault, "FunctionVersion")
}

fn description(vault: &Vault) -> String {
    told(vault, "Description")
}

fn told(vault: &Vault, member: &str) -> String {
    let asked = json!({"FunctionName": "receipt_crud", "Name": "staging"});
    vault.other.ask("lambda", "get_alias", asked)[member].as_str().unwrap_or_default().to_owned()
}

#[test]
fn staging_goes_first_and_comes_back_with_the_rest() {
    let vault = vault(&Impostor::saying(response("200 OK", "", "{}")));
    let plan = vault.run(&["shift", "10"]).expect(0);
    assert!(plan.stdout.contains("before it: staging goes from 1 to 3 whole"), "{plan:?}");
    assert_eq!(staging(&vault), "1", "a plan changes nothing");
    vault.run(&["shift", "10", "--yes"]).expect(0);
    assert_eq!(staging(&vault), "3");
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
    vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(staging(&vault), "1");
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn another_machine_puts_staging_back_too() {
    let vault = vault(&Impostor::saying(response("200 OK", "", "{}")));
    let away = Home::with_config(&std::fs::read_to_string(vault.person.config()).unwrap());
    vault.run(&["shift", "10", "--yes"]).expect(0);
    assert_eq!(staging(&vault), "3");
    assert!(description(&vault).ends_with(" before:live]"), "{}", description(&vault));
    let run = away.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(staging(&vault), "1", "{run:?}");
    assert_eq!(vault.routing(), ["2", "2"]);
    assert_eq!(description(&vault), "");
}

#[test]
fn another_machine_says_what_it_cannot_tell_of_staging() {
    let vault = vault(&Impostor::saying(response("200 OK", "", "{}")));
    let away = Home::with_config(&std::fs::read_to_string(vault.person.config()).unwrap());
    vault.run(&["shift", "10", "--yes"]).expect(0);
    let tidied = json!({"FunctionName": "receipt_crud", "Name": "staging", "Description": ""});
    vault.other.ask("lambda", "update_alias", tidied);
    let run = away.run(&["rollback", "--yes"]).expect(1);
    assert_eq!([staging(&vault), vault.routing().join(" ")], ["3".to_owned(), "2 2".to_owned()]);
    let last = run.stderr.lines().next_back().unwrap_or_default();
    assert!(last.starts_with("flightdeck: NOT ROLLED BACK: receipt_crud:staging"), "{run:?}");
}

#[test]
fn a_sick_staging_stops_it_before_production_is_touched() {
    let vault = vault(&Impostor::saying(response("503 Service Unavailable", "", "down")));
    let run = vault.run(&["shift", "10", "--yes"]).expect(3);
    assert!(run.stderr.contains("the pre-stage stopped it") && run.stderr.contains("503"), "{run:?}");
    assert_eq!([staging(&vault), vault.routing().join(" ")], ["3".to_owned(), "2 2".to_owned()]);
    vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(staging(&vault), "1", "another program puts it back");
    assert_eq!(description(&vault), "");
}
