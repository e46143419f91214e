//! Two machines and one release, against moto: one begins it, the other has the same configuration and nothing else, and
//! takes everything back, as boto3 sees it.

use serde_json::{Value, json};

use crate::{
    Vault,
    lab::home::{Home, Run},
    movers::Shop,
};

/// The same configuration in another person's home, whose journal is empty.
fn elsewhere(shop: &Shop) -> Home {
    let text = std::fs::read_to_string(shop.vault.person.config()).unwrap();
    Home::with_config(&text)
}

fn tags(shop: &Shop) -> Value {
    let found = shop.hand().ask("elbv2", "describe_tags", json!({"ResourceArns": [shop.rule]}));
    found["TagDescriptions"][0]["Tags"].clone()
}

fn description(shop: &Shop) -> String {
    let stage = json!({"restApiId": shop.stage["api"], "stageName": "prod"});
    let found = shop.hand().ask("apigateway", "get_stage", stage);
    found["description"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_function_a_rule_and_a_stage_come_back_from_another_machine() {
    let shop = Shop::new();
    shop.vault.run(&["shift", "10", "--yes"]).expect(0);
    let tag = tags(&shop);
    assert_eq!(tag[0]["Key"], "flightdeck", "{tag}");
    let away = elsewhere(&shop);
    let status = away.run(&["status", "--json"]).json();
    let seen = |index: usize| ["stable", "new", "percent"].map(|name| status["targets"][index][name].clone());
    assert_eq!(seen(1), [json!("blue"), json!("green"), json!(10.0)]);

    shop.vault.run(&["shift", "50", "--yes"]).expect(0);
    shop.vault.run(&["shift", "100", "--yes"]).expect(0);
    assert_eq!(shop.places(), ("3".to_owned(), [0, 100], "second"));
    assert!(description(&shop).contains("[flightdeck r-"), "{}", description(&shop));

    let run = away.run(&["rollback", "--yes"]).expect(0);
    assert!(!run.stderr.contains("stays at"), "{run:?}");
    assert_eq!(shop.places(), ("2".to_owned(), [100, 0], "first"));
    assert_eq!((tags(&shop), description(&shop)), (json!([]), String::new()));
}

#[test]
fn what_cannot_be_told_is_said_last_and_is_no_success() {
    let shop = Shop::new();
    for percent in ["10", "100"] {
        shop.vault.run(&["shift", percent, "--yes"]).expect(0);
    }
    // Somebody tidied up: neither the rule nor the stage says any more that a release moved it.
    shop.hand().ask("elbv2", "remove_tags", json!({"ResourceArns": [shop.rule], "TagKeys": ["flightdeck"]}));
    let patch = json!([{"op": "replace", "path": "/description", "value": ""}]);
    let stage = json!({"restApiId": shop.stage["api"], "stageName": "prod", "patchOperations": patch});
    shop.hand().ask("apigateway", "update_stage", stage);
    let run = elsewhere(&shop).run(&["rollback", "--yes"]).expect(1);
    assert_eq!(shop.places(), ("2".to_owned(), [0, 100], "second"), "what is known goes back: {run:?}");
    let last: Vec<&str> = run.stderr.lines().rev().take(2).collect();
    assert!(last.iter().all(|line| line.starts_with("flightdeck: NOT ROLLED BACK: ")), "{run:?}");
    // The machine that began it knows; here a person may say it.
    let away = elsewhere(&shop);
    let back = |name: &str, to: &str| away.run(&["rollback", "--yes", "--function", name, "--to", to]);
    for (name, to, words) in [
        ("web", "bleu", "“bleu” is no target group of it; it forwards to blue, green; did you mean `blue`?"),
        ("web", "$LATEST", "is no target group of it"),
        ("vault-api", "nothing", "is no deployment of it; its newest are "),
        ("receipt_crud", "blue", "is not a version"),
    ] {
        let refused = back(name, to).expect(2);
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    assert_eq!(shop.places(), ("2".to_owned(), [0, 100], "second"));
    back("web", "blue").expect(0);
    away.run(&told_command(&run, shop.stage["first"].as_str().unwrap())).expect(0);
    assert_eq!(shop.places(), ("2".to_owned(), [100, 0], "first"));
}

/// What the last line tells a person to run, with the version to go back to in its place.
fn told_command<'a>(run: &'a Run, to: &'a str) -> Vec<&'a str> {
    let last = run.stderr.lines().next_back().unwrap_or_default();
    let command = last.split('`').nth(1).and_then(|command| command.split_once(" rollback ")).unwrap_or_default().1;
    std::iter::once("rollback").chain(command.split(' ').map(|word| if word == "OLD" { to } else { word })).collect()
}

#[test]
fn a_function_that_lost_its_record_is_not_said_to_be_back_and_nobody_guesses_for_it() {
    let vault = Vault::bare();
    let away = Home::with_config(&std::fs::read_to_string(vault.person.config()).unwrap());
    vault.run(&["shift", "10", "--yes"]).expect(0);
    let edited = json!({"FunctionName": "ocr_refine", "Name": "live", "Description": "by hand"});
    vault.other.ask("lambda", "update_alias", edited);
    let run = away.run(&["rollback", "--yes"]).expect(1);
    assert_eq!(vault.routing(), ["2", "2 + 3: 0.1"], "{run:?}");
    let left = "flightdeck: NOT ROLLED BACK: ocr_refine:live stays at 2 90% + 3 10%, and it carries no record";
    assert!(run.stderr.lines().next_back().unwrap().starts_with(left), "{run:?}");

    let again = away.run(&["rollback", "--yes"]).expect(2);
    assert!(again.stderr.contains("which version is stable is not known: name it with --to"), "{again:?}");
    assert_eq!(vault.routing(), ["2", "2 + 3: 0.1"]);
    away.run(&told_command(&run, "2")).expect(0);
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn a_record_without_room_is_said_to_whoever_shifts() {
    let vault = Vault::bare();
    let full = json!({"FunctionName": "ocr_refine", "Name": "live", "Description": "word ".repeat(50)});
    vault.other.ask("lambda", "update_alias", full);
    let run = vault.run(&["shift", "10", "--yes"]).expect(0);
    let said = "the release record of ocr_refine:live finds no room in its description: only this machine knows";
    assert_eq!(run.stderr.matches(said).count(), 1, "{run:?}");
}

#[test]
fn a_split_that_no_record_explains_is_nobody_s_here() {
    let shop = Shop::new();
    shop.vault.run(&["shift", "10", "--yes"]).expect(0);
    shop.hand().ask("elbv2", "remove_tags", json!({"ResourceArns": [shop.rule], "TagKeys": ["flightdeck"]}));
    let away = elsewhere(&shop);
    let status = away.run(&["status", "--json"]).json();
    let seen = |index: usize| ["stable", "new", "percent"].map(|name| status["targets"][index][name].clone());
    assert_eq!(seen(1), [Value::Null, Value::Null, Value::Null], "{status}");
    let table = away.run(&["status"]).stdout;
    let words = "web: somebody else split the traffic (blue 90% + green 10%) and no release is on record here: which \
                 target group is stable is not known";
    assert!(table.contains(words), "{table}");
    let run = away.run(&["rollback", "--json", "--yes"]);
    let regions: Vec<_> = run.json().as_array().unwrap().iter().map(|row| row["region"].clone()).collect();
    assert!(regions.iter().all(|region| region == "eu-west-1"), "{run:?}");
}
