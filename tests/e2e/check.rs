//! `flightdeck check` and `flightdeck iam-policy`: what a new user runs before anything else.

use serde_json::{Value, json};

use crate::{
    Vault,
    lab::home::{Home, Run},
};

/// The verdict of each thing that was looked at.
fn verdicts(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    run.json().as_array().unwrap().iter().map(|one| (text(&one["what"]), text(&one["verdict"]))).collect()
}

fn verdict_of(run: &Run, what: &str) -> String {
    let all = verdicts(run);
    let found = all.iter().find(|(name, _)| name == what);
    found.unwrap_or_else(|| panic!("{what} was not looked at: {all:?}")).1.clone()
}

#[test]
fn a_service_that_fits_its_configuration_has_no_failure() {
    let vault = Vault::complete();
    let run = vault.run(&["check", "--json"]).expect(0);
    for what in ["credentials", "receipt_crud:live", "ocr_refine:live", "alarms rv-…", "budget receipt-vault-monthly"]
    {
        assert_eq!(verdict_of(&run, what), "ok", "{what}: {run:?}");
    }
    assert_eq!(verdict_of(&run, "account"), "warning", "nothing says which account it must be");
    assert_eq!(verdict_of(&run, "permissions"), "unanswerable", "nobody simulates the root");
    assert_eq!(verdict_of(&run, "clock"), "ok");
    assert_eq!(vault.routing(), ["2", "2"], "nothing is written");
}

/// What goes past the alias and who made the function is said by `check`, and by the plan of a first shift.
#[test]
fn what_stands_around_a_function_is_said_before_it_is_moved() {
    let vault = Vault::bare();
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:receipt_crud";
    vault.other.ask("lambda", "tag_resource", json!({"Resource": arn, "Tags": {"ManagedBy": "terraform"}}));
    let permission = json!({
        "FunctionName": "receipt_crud", "StatementId": "bucket", "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::receipts",
    });
    vault.other.ask("lambda", "add_permission", permission);
    // The budget that the configuration names is not there, which is another matter.
    let check = vault.run(&["check"]).expect(1);
    let plan = vault.run(&["shift", "10"]).expect(0);
    for words in ["Terraform made it", "S3 (receipts) may call the function without an alias"] {
        assert!(check.stdout.contains(words), "{words}: {check:?}");
        assert!(plan.stdout.contains(words), "{words}: {plan:?}");
    }
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn the_wrong_account_and_a_secret_that_is_not_there_are_failures() {
    let vault = Vault::bare();
    let text = crate::config(&vault.server.url, "").replace("region =", "account = \"999999999999\"\nregion =");
    let notify =
        "[[environments.production.notify]]\nname = \"team\"\nkind = \"slack\"\nurl_env = \"NO_SUCH_VARIABLE\"\n";
    vault.person.write_config(&(text + notify));
    let run = vault.run(&["check"]).expect(1);
    for words in ["must be 999999999999, is 123456789012", "NO_SUCH_VARIABLE"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
}

#[test]
fn everything_that_does_not_fit_is_named_with_what_was_probably_meant() {
    let home = Home::with_config(
        r#"
[environments.production]
region = "eu-west-1"
budgets = [{ name = "receipt-vault-mothly" }]
[[environments.production.functions]]
name = "receipt_crud"
alias = "prod"
[[environments.production.functions]]
name = "nobody"
[[environments.production.alarms]]
prefix = "rv-"
severity = "critical"
[[environments.production.alarms]]
name = "rv-sync-error"
severity = "high"
[[environments.production.metrics]]
title = "Errors"
namespace = "AWS/Lambda"
metric = "Erors"
stat = "Sum"
"#,
    );
    let config = home.config().display().to_string();
    let args = ["--embedded", "good", "-c", &config, "check"];
    let run = home.run(&args).expect(1);
    for words in [
        "no alias prod: cannot be rolled back by alias; there is: live",
        "there is no function nobody in eu-west-1",
        "did you mean `rv-sync-errors`?",
        "did you mean `Errors`?",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let run = home.run(&[&args[..], &["--json"]].concat()).expect(1);
    for what in ["receipt_crud:prod", "nobody:live", "alarm rv-sync-error", "budget receipt-vault-mothly"] {
        assert_eq!(verdict_of(&run, what), "failed", "{what}: {run:?}");
    }
    assert_eq!(verdict_of(&run, "alarms rv-…"), "ok");
}

#[test]
fn the_policy_of_somebody_who_only_looks_allows_no_write() {
    let home = Home::new();
    let whole = home.run(&["--embedded", "good", "iam-policy"]).expect(0);
    let looking = home.run(&["--embedded", "good", "iam-policy", "--read-only"]).expect(0);
    assert!(whole.json().to_string().contains("lambda:UpdateAlias"), "{whole:?}");
    assert!(!looking.json().to_string().contains("lambda:UpdateAlias"), "{looking:?}");
}
