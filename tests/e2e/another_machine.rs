//! Two machines and one release, against moto: one begins it, the other has the same configuration and nothing else, and
//! takes everything back, as boto3 sees it.

use serde_json::{Value, json};

use crate::{lab::home::Home, movers::Shop};

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
    back("vault-api", shop.stage["first"].as_str().unwrap()).expect(0);
    assert_eq!(shop.places(), ("2".to_owned(), [100, 0], "first"));
}
