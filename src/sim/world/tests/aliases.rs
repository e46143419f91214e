//! UpdateAlias refuses what AWS refuses, in its words, and does the rest.

use super::*;
use crate::sim::world::VersionId::Number;

fn refusal(change: &AliasChange) -> (u16, &'static str, String) {
    let mut world = small();
    let before = world.alias("pay", "live").unwrap().clone();
    let fault = world.update_alias("pay", "live", change).unwrap_err();
    assert_eq!(*world.alias("pay", "live").unwrap(), before, "a refused update changes nothing");
    (fault.status, fault.code, fault.message)
}

fn refused(change: &AliasChange, status: u16, code: &str, message: &str) {
    assert_eq!(refusal(change), (status, refusal(change).1, message.to_owned()));
    assert_eq!(refusal(change).1, code);
}

#[test]
fn missing_versions_are_not_found() {
    let missing = "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:pay:99";
    refused(&to("99", &[]), 404, "ResourceNotFoundException", missing);
    refused(&to("1", &[("99", 0.1)]), 404, "ResourceNotFoundException", missing);
    let huge = "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:pay:99999999999";
    refused(&to("99999999999", &[]), 404, "ResourceNotFoundException", huge);
}

#[test]
fn weights_follow_the_rules_of_aws() {
    let invalid = "InvalidParameterValueException";
    refused(
        &to("1", &[("2", 0.1), ("4", 0.1)]),
        400,
        invalid,
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    );
    refused(
        &to("2", &[("2", 0.1)]),
        400,
        invalid,
        "Invalid function version 2. Function version 2 is already included in routing configuration.",
    );
    refused(
        &to("$LATEST", &[("2", 0.1)]),
        400,
        invalid,
        "$LATEST is not supported for an alias pointing to more than 1 version",
    );
    refused(
        &to("1", &[("4", 0.1)]),
        400,
        invalid,
        "Specified versions must be associated with the same execution role",
    );
    refused(
        &to("1", &[("5", 0.1)]),
        400,
        invalid,
        "Specified versions must be associated with the same dead letter queue configuration",
    );
}

#[test]
fn weights_keep_to_their_range_and_form() {
    for weight in [-0.1, 1.5, f64::NAN] {
        let (status, code, message) = refusal(&to("1", &[("2", weight)]));
        assert_eq!((status, code), (400, "ValidationException"));
        assert!(message.starts_with(&format!("1 validation error detected: Value '{{2={weight:?}}}'")), "{message}");
    }
    assert!(refusal(&to("1", &[("$LATEST", 0.1)])).2.contains("regular expression pattern: [0-9]+"));
    assert!(refusal(&to("live", &[])).2.contains(r"(\$LATEST|[0-9]+)"));
    for weight in [0.0, 1.0] {
        let mut world = small();
        let alias = world.update_alias("pay", "live", &to("1", &[("2", weight)])).unwrap();
        assert_eq!(alias.weights.get(&Number(2)), Some(&weight));
    }
}

#[test]
fn versions_must_be_ready() {
    let pending = "The operation cannot be performed at this time. \
                   The function is currently in the following state: Pending";
    refused(&to("3", &[]), 409, "ResourceConflictException", pending);
    refused(&to("1", &[("3", 0.1)]), 409, "ResourceConflictException", pending);
    assert!(refusal(&to("6", &[])).2.ends_with("state: Failed"));
    let mut world = small();
    advance(&mut world, 121);
    assert!(world.update_alias("pay", "live", &to("3", &[])).is_ok(), "it became Active after two minutes");
}

#[test]
fn a_version_appears_when_it_is_published() {
    let mut world = small();
    assert_eq!(world.version("pay", Some("7")).unwrap_err().status, 404);
    advance(&mut world, 301);
    assert_eq!(world.version("pay", Some("7")).unwrap().id, Number(7));
}

#[test]
fn a_stale_revision_is_refused() {
    let mut world = small();
    let first = world.alias("pay", "live").unwrap().revision_id.clone();
    let with = |revision: &str, change: AliasChange| AliasChange { revision_id: Some(revision.to_owned()), ..change };
    let second = world.update_alias("pay", "live", &with(&first, to("1", &[("2", 0.1)]))).unwrap().revision_id.clone();
    assert_ne!(first, second);
    let fault = world.update_alias("pay", "live", &with(&first, to("1", &[]))).unwrap_err();
    assert_eq!((fault.status, fault.code), (412, "PreconditionFailedException"));
    assert!(world.update_alias("pay", "live", &with(&second, to("1", &[]))).is_ok());
}

#[test]
fn leaving_the_routing_out_keeps_the_weights() {
    let mut world = small();
    world.update_alias("pay", "live", &to("1", &[("2", 0.1)])).unwrap();
    let described = AliasChange { description: Some("mine".to_owned()), ..AliasChange::default() };
    let alias = world.update_alias("pay", "live", &described).unwrap();
    assert_eq!((alias.description.as_str(), alias.weights.len()), ("mine", 1));
    let primary_only = AliasChange { function_version: Some("2".to_owned()), ..AliasChange::default() };
    let fault = world.update_alias("pay", "live", &primary_only).unwrap_err();
    assert!(fault.message.contains("already included in routing configuration"), "{}", fault.message);
    let alias = world.update_alias("pay", "live", &to("2", &[])).unwrap();
    assert!(alias.weights.is_empty() && alias.function_version == Number(2));
}

#[test]
fn descriptions_have_an_end() {
    let described = |length| AliasChange { description: Some("é".repeat(length)), ..AliasChange::default() };
    assert!(small().update_alias("pay", "live", &described(256)).is_ok());
    assert!(refusal(&described(257)).2.ends_with("Member must have length less than or equal to 256"));
}

#[test]
fn provisioned_concurrency_excludes_weights() {
    let mut world = small();
    let fault = world.update_alias("pay", "ready", &to("1", &[("2", 0.1)])).unwrap_err();
    assert_eq!(fault.message, "Alias with weights can not be used with Provisioned Concurrency");
    assert!(world.update_alias("pay", "ready", &to("2", &[])).is_ok());
    assert_eq!(world.provisioned_concurrency("pay", "ready").unwrap().requested, 5);
    let none = world.provisioned_concurrency("pay", "live").unwrap_err();
    assert_eq!((none.status, none.code), (404, "ProvisionedConcurrencyConfigNotFoundException"));
}

#[test]
fn functions_are_found_by_name_and_arn() {
    let world = small();
    let arn = world.function("pay").unwrap().arn.clone();
    for name in [arn.as_str(), "123456789012:function:pay", "pay:live", &format!("{arn}:live")] {
        assert_eq!(world.function(name).unwrap().name, "pay", "{name}");
    }
    assert_eq!(world.version(&format!("{arn}:live"), None).unwrap().id, Number(1));
    assert_eq!(world.version("pay", None).unwrap().id.to_string(), "$LATEST");
    let elsewhere = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    assert_eq!(world.function(elsewhere).unwrap_err().message, format!("Function not found: {elsewhere}"));
    let fault = world.alias("pay", "nope").unwrap_err();
    assert_eq!(fault.message, format!("Cannot find alias arn: {arn}:nope"));
    assert_eq!(
        world.function("nope").unwrap_err().message,
        format!("Function not found: {}", arn.replace("pay", "nope"))
    );
}

#[test]
fn the_control_plane_takes_fifteen_calls_a_second() {
    let mut world = small();
    assert_eq!((0..30).filter(|_| world.control_plane_call().is_ok()).count(), 15);
    assert_eq!((0..120).filter(|_| world.get_function_call().is_ok()).count(), 100);
    let fault = world.control_plane_call().unwrap_err();
    assert_eq!((fault.status, fault.reason), (429, Some("CallerRateLimitExceeded")));
    advance(&mut world, 1);
    assert!(world.control_plane_call().is_ok());
}
