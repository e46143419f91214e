//! Commands against ministack: what they print, and what they do to the aliases as boto3 sees it.

use serde_json::{Value, json};

use crate::{Vault, config, lab::home::Home};

#[test]
fn status_prints_everything_there_is() {
    let vault = Vault::complete();
    let reason = "Threshold Crossed: set by hand";
    let alarm = json!({"AlarmName": "rv-receipt_crud-errors", "StateValue": "ALARM", "StateReason": reason});
    vault.other.ask("cloudwatch", "set_alarm_state", alarm);
    vault.other.point("receipt_crud", "2", json!({"3": 0.1}));

    let run = vault.run(&["status", "--json"]).expect(0);
    assert_eq!(run.stderr, "");
    let status = run.json();
    assert_eq!(status["environment"], "production");
    assert_eq!(status["region"], "eu-west-1");
    assert_eq!(status["account"], "123456789012");
    assert_eq!(status["endpoint"], vault.server.url.as_str());

    let [receipt, ocr] = [&status["functions"][0], &status["functions"][1]];
    let facts = |function: &Value| ["name", "alias", "stable", "new", "weight"].map(|name| function[name].clone());
    assert_eq!(facts(receipt), [json!("receipt_crud"), json!("live"), json!("2"), json!("3"), json!(10.0)]);
    assert_eq!(facts(ocr), [json!("ocr_refine"), json!("live"), json!("2"), json!("3"), json!(0.0)]);
    let alias = vault.other.ask("lambda", "get_alias", json!({"FunctionName": "receipt_crud", "Name": "live"}));
    assert_eq!(receipt["revision_id"], alias["RevisionId"]);
    assert_eq!(receipt["versions"], json!(["3", "2", "1", "$LATEST"]));

    // Fifteen closed minutes of 180 and 20 calls, of which 2 and 4 fail.
    let of = |name: &str| ["invocations", "errors", "error_rate", "throttles"].map(|key| receipt[name][key].as_f64());
    assert_eq!(of("stable_metrics"), [Some(2700.0), Some(30.0), Some(1.1111), None]);
    assert_eq!(of("new_metrics"), [Some(300.0), Some(60.0), Some(20.0), None], "throttled calls reach no version");
    assert_eq!(of("metrics"), [Some(3000.0), Some(90.0), Some(3.0), Some(0.0)]);
    let p99 = |name: &str| receipt[name]["p99_ms"].as_f64().unwrap();
    assert!((190.0..=200.0).contains(&p99("stable_metrics")), "{receipt}");
    assert!((850.0..=900.0).contains(&p99("new_metrics")), "{receipt}");

    let alarms = status["alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 2);
    let first = &alarms[0];
    assert_eq!(first["name"], "rv-receipt_crud-errors", "the one that fires comes first");
    assert_eq!([&first["state"], &first["severity"], &first["reason"]], ["ALARM", "critical", reason]);
    assert!(first["since"].as_str().unwrap().ends_with('Z'), "{first}");
    let budget = &status["budgets"][0];
    assert_eq!([&budget["name"], &budget["unit"]], ["receipt-vault-monthly", "USD"]);
    assert_eq!(budget["limit"], 50.0);

    let table = vault.run(&["status"]).expect(0).stdout;
    for word in ["receipt_crud:live", "10%", "rv-receipt_crud-errors", "receipt-vault-monthly"] {
        assert!(table.contains(word), "{word} is missing:\n{table}");
    }
}

#[test]
fn a_release_goes_up_in_stages_and_back_at_once() {
    let vault = Vault::bare();
    let alias = json!({"FunctionName": "receipt_crud", "Name": "live"});
    let before = vault.other.ask("lambda", "get_alias", alias.clone());
    let plan = vault.run(&["shift", "10"]).expect(0);
    assert!(plan.stdout.contains("receipt_crud:live") && plan.stderr.contains("--yes"), "{plan:?}");
    assert_eq!(vault.other.ask("lambda", "get_alias", alias), before, "a plan changes nothing");
    assert_eq!(vault.run(&["rollback", "--yes", "--json"]).expect(0).json(), json!([]), "nor does it record anything");

    let outcome = vault.run(&["shift", "10", "--yes", "--json", "--reason", "build 103"]).expect(0).json();
    let facts = |row: &Value| ["name", "outcome"].map(|name| row[name].as_str().unwrap().to_owned());
    assert_eq!(facts(&outcome[0]), ["receipt_crud", "done"]);
    assert_eq!(facts(&outcome[1]), ["ocr_refine", "done"]);
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);

    vault.run(&["shift", "50", "--yes", "--function", "receipt_crud"]).expect(0);
    assert_eq!(vault.routing(), ["2 + 3: 0.5", "2 + 3: 0.1"], "one function alone");
    vault.run(&["shift", "100", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["3", "3"]);

    // From 100 percent only the record on disk knows what was stable.
    let plan = vault.run(&["rollback"]).expect(0);
    assert_eq!(vault.routing(), ["3", "3"], "a plan changes nothing: {plan:?}");
    let outcome = vault.run(&["rollback", "--yes", "--json"]).expect(0).json();
    assert_eq!(outcome.as_array().unwrap().len(), 2);
    assert_eq!(vault.routing(), ["2", "2"]);

    let again = vault.run(&["rollback", "--yes", "--json"]).expect(0);
    assert_eq!(again.json(), json!([]), "nothing is left to roll back");
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn a_version_that_was_rolled_back_is_no_candidate_until_it_is_named() {
    let vault = Vault::bare();
    vault.run(&["shift", "10", "--yes"]).expect(0);
    vault.run(&["rollback", "--yes"]).expect(0);

    let status = vault.run(&["status", "--json"]).json();
    assert_eq!(status["functions"][0]["new"], Value::Null);
    let refused = vault.run(&["shift", "10", "--yes"]).expect(2);
    assert_eq!(refused.stdout, "");
    assert_eq!(vault.routing(), ["2", "2"]);

    vault.run(&["shift", "10", "--yes", "--function", "receipt_crud=3"]).expect(0);
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2"]);
    vault.run(&["rollback", "--yes", "--function", "receipt_crud"]).expect(0);
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn a_version_published_during_a_release_waits_for_the_next() {
    let vault = Vault::bare();
    vault.run(&["shift", "10", "--yes"]).expect(0);
    let newer = vault.other.ask("seed", "publish", json!({"name": "receipt_crud", "number": 4}));
    assert_eq!(newer, "4");
    vault.run(&["shift", "50", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["2 + 3: 0.5", "2 + 3: 0.5"]);
}

#[test]
fn a_split_is_read_both_ways_and_written_as_configured() {
    let vault = Vault::bare();
    vault.other.point("receipt_crud", "3", json!({"2": 0.9}));
    let status = vault.run(&["status", "--json"]).json();
    let receipt = &status["functions"][0];
    assert_eq!([&receipt["stable"], &receipt["new"], &receipt["weight"]], [&json!("2"), &json!("3"), &json!(10.0)]);

    vault.person.write_config(&config(&vault.server.url, "[release]\nsplit = \"weight_old\""));
    vault.run(&["shift", "10", "--yes", "--function", "ocr_refine"]).expect(0);
    assert_eq!(vault.routing(), ["3 + 2: 0.9", "3 + 2: 0.9"]);
    vault.run(&["rollback", "--yes", "--function", "ocr_refine"]).expect(0);
    assert_eq!(vault.other.routing("ocr_refine"), "2");
}

#[test]
fn what_only_looks_writes_nothing() {
    let vault = Vault::bare();
    vault.run(&["shift", "10", "--yes"]).expect(0);
    for args in [["shift", "50", "--yes", "--read-only"], ["--readonly", "shift", "50", "--yes"]] {
        let run = vault.run(&args).expect(2);
        assert!(run.stderr.contains("read-only"), "{run:?}");
    }
    vault.run(&["rollback", "--yes", "--read-only"]).expect(2);
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
}

#[test]
fn a_protected_environment_wants_its_name_for_a_shift_and_none_for_a_rollback() {
    let vault = Vault::bare();
    let protected = config(&vault.server.url, "").replace("endpoint_url", "protected = true\nendpoint_url");
    vault.person.write_config(&protected);
    let run = vault.run(&["shift", "10", "--yes"]).expect(2);
    assert!(run.stderr.contains("--confirm production"), "{run:?}");
    vault.run(&["shift", "10", "--yes", "--confirm", "prod"]).expect(2);
    assert_eq!(vault.routing(), ["2", "2"]);
    vault.run(&["shift", "10", "--yes", "--confirm", "production"]).expect(0);
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
    vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn versions_of_different_roles_share_no_traffic() {
    let vault = Vault::bare();
    let role = "arn:aws:iam::123456789012:role/another";
    vault.other.ask("seed", "publish", json!({"name": "receipt_crud", "number": 4, "role": role}));
    let run = vault.run(&["shift", "10", "--yes"]).expect(2);
    assert!(run.stderr.contains("receipt_crud") && run.stderr.contains("role"), "{run:?}");
    assert_eq!(vault.routing(), ["2", "2"], "one refused row stops the whole plan");
}

#[test]
fn what_is_missing_is_named_and_the_rest_is_shown() {
    let vault = Vault::bare();
    let missing = "[[environments.production.functions]]\nname = \"receipt_crud\"\nalias = \"canary\"\n\
                   [[environments.production.functions]]\nname = \"nowhere\"\n";
    vault.person.write_config(&(config(&vault.server.url, "") + missing));
    let run = vault.run(&["status", "--json"]).expect(1);
    assert!(run.stderr.contains("receipt_crud:canary") && run.stderr.contains("nowhere:live"), "{run:?}");
    assert_eq!(run.json()["functions"][0]["stable"], "2");
}

#[test]
fn another_account_is_never_written_to() {
    let vault = Vault::bare();
    let elsewhere = config(&vault.server.url, "").replace("endpoint_url", "account = \"999988887777\"\nendpoint_url");
    vault.person.write_config(&elsewhere);
    for args in [["shift", "10", "--yes"].as_slice(), &["rollback", "--yes"]] {
        let run = vault.run(args).expect(2);
        assert!(run.stderr.contains("999988887777") && run.stderr.contains("123456789012"), "{run:?}");
    }
    assert_eq!(vault.routing(), ["2", "2"]);
}

/// The record of one endpoint says nothing about another, even where everything else is the same.
#[test]
fn a_record_on_this_machine_belongs_to_its_endpoint() {
    let vault = Vault::bare();
    let here_only = "[release]\nrecord_in_alias = false";
    vault.person.write_config(&config(&vault.server.url, here_only));
    vault.run(&["shift", "100", "--yes"]).expect(0);
    // The same emulator by another name is another place.
    let other_name = vault.server.url.replace("127.0.0.1", "localhost");
    let run = vault.run(&["rollback", "--yes", "--json", "--endpoint-url", &other_name]).expect(0);
    assert_eq!(run.json(), json!([]));
    assert_eq!(vault.routing(), ["3", "3"]);

    // Nor does it say anything to somebody who lives elsewhere.
    let stranger = Home::with_config(&config(&vault.server.url, here_only));
    assert_eq!(stranger.run(&["rollback", "--yes", "--json"]).expect(0).json(), json!([]));
    vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn another_machine_takes_a_release_back_and_leaves_no_trace_in_the_alias() {
    let vault = Vault::bare();
    let alias = json!({"FunctionName": "receipt_crud", "Name": "live"});
    let described = json!({"FunctionName": "receipt_crud", "Name": "live", "Description": "What the app calls"});
    vault.other.ask("lambda", "update_alias", described);
    vault.run(&["shift", "100", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["3", "3"]);

    let colleague = Home::with_config(&config(&vault.server.url, ""));
    colleague.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["2", "2"]);
    assert_eq!(vault.other.ask("lambda", "get_alias", alias)["Description"], "What the app calls");
}

#[test]
fn control_characters_in_what_aws_says_stay_there() {
    let vault = Vault::complete();
    let evil = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let alarm = json!({"AlarmName": "rv-receipt_crud-errors", "StateValue": "ALARM", "StateReason": evil});
    vault.other.ask("cloudwatch", "set_alarm_state", alarm);
    let alias = json!({"FunctionName": "receipt_crud", "Name": "live", "Description": evil});
    vault.other.ask("lambda", "update_alias", alias);
    vault.other.ask("lambda", "publish_version", json!({"FunctionName": "ocr_refine", "Description": evil}));
    for args in [["status", "--json"].as_slice(), &["status"], &["shift", "10"]] {
        let words = vault.run(args).expect(0).words();
        let found: Vec<char> = words.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(found.is_empty(), "{found:?} in the output of {args:?}");
    }
}
