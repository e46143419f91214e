//! Lambda's control plane.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::update_alias::UpdateAliasError;
use aws_sdk_lambda::types::{AliasRoutingConfiguration, State};

use crate::{lambda, sim, told};

const PAY: &str = "arn:aws:lambda:eu-west-1:123456789012:function:pay";

fn weights(weights: &[(&str, f64)]) -> AliasRoutingConfiguration {
    let weights: HashMap<String, f64> = weights.iter().map(|(id, weight)| ((*id).to_owned(), *weight)).collect();
    AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build()
}

async fn split(client: &Client, version: &str, routing: &[(&str, f64)]) -> Result<(), SdkError<UpdateAliasError>> {
    let update = client.update_alias().function_name("pay").name("live").function_version(version);
    update.routing_config(weights(routing)).send().await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn functions_are_listed_page_by_page() {
    let client = lambda(&sim()).await;
    let mut names = Vec::new();
    let mut pages = client.list_functions().into_paginator().page_size(1).send();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert_eq!(page.functions().len(), 1);
        names.push(page.functions()[0].function_name().unwrap().to_owned());
        assert_eq!(page.functions()[0].version(), Some("$LATEST"));
    }
    assert_eq!(names, ["pay", "ocr"]);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_found_by_name_and_by_arn_with_and_without_a_qualifier() {
    let client = lambda(&sim()).await;
    for (name, qualifier, version, arn) in [
        ("pay", None, "$LATEST", PAY.to_owned()),
        ("pay", Some("7"), "7", format!("{PAY}:7")),
        ("pay:live", None, "6", format!("{PAY}:6")),
        (PAY, Some("live"), "6", format!("{PAY}:6")),
        ("123456789012:function:pay", None, "$LATEST", PAY.to_owned()),
    ] {
        let found = client.get_function().function_name(name).set_qualifier(qualifier.map(str::to_owned)).send().await;
        let found = found.unwrap();
        let configuration = found.configuration().unwrap();
        assert_eq!(
            (configuration.version(), configuration.function_arn()),
            (Some(version), Some(arn.as_str())),
            "{name}"
        );
        assert_eq!(found.tags().unwrap()["team"], "vault");
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_shows_its_configuration() {
    let client = lambda(&sim()).await;
    let version = client.get_function_configuration().function_name("pay").qualifier("7").send().await.unwrap();
    assert_eq!(version.description(), Some("1.7.0"));
    assert_eq!(version.timeout(), Some(15));
    assert_eq!(version.role(), Some("arn:aws:iam::123456789012:role/pay"));
    let queue = version.dead_letter_config().unwrap().target_arn();
    assert_eq!(queue, Some("arn:aws:sqs:eu-west-1:123456789012:pay-dead"));
    assert_eq!(version.state(), Some(&State::Active));
    assert_eq!(version.last_modified(), Some("2026-11-20T12:32:07.000+0000"));
    assert_eq!(version.code_sha256().unwrap().len(), 44);
    let pending = client.get_function_configuration().function_name("pay").qualifier("9").send().await.unwrap();
    assert_eq!(pending.state(), Some(&State::Pending));
}

#[tokio::test(start_paused = true)]
async fn no_page_of_versions_has_more_than_50() {
    let client = lambda(&sim()).await;
    let first = client.list_versions_by_function().function_name("ocr").max_items(1000).send().await.unwrap();
    assert_eq!(first.versions().len(), 50);
    assert_eq!(first.versions()[0].version(), Some("$LATEST"));
    let marker = first.next_marker().map(str::to_owned);
    let rest = client.list_versions_by_function().function_name("ocr").set_marker(marker).send().await.unwrap();
    assert_eq!(rest.versions().len(), 9);
    assert_eq!(rest.versions()[8].version(), Some("60"));
    assert_eq!(rest.next_marker(), None);

    let error = client.list_versions_by_function().function_name("ocr").max_items(0).send().await.unwrap_err();
    assert_eq!(told(&error).0, "ValidationException");
    let error = client.list_versions_by_function().function_name("ocr").marker("bogus").send().await.unwrap_err();
    assert_eq!(told(&error).0, "InvalidParameterValueException");
}

#[tokio::test(start_paused = true)]
async fn aliases_are_listed_all_or_by_version() {
    let client = lambda(&sim()).await;
    let names = async |version: Option<&str>| {
        let list = client.list_aliases().function_name("pay").set_function_version(version.map(str::to_owned));
        let list = list.send().await.unwrap();
        list.aliases().iter().map(|alias| alias.name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(None).await, ["live", "warm"]);
    assert_eq!(names(Some("7")).await, ["live"]);
    assert!(names(Some("8")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_read_and_moved() {
    let client = lambda(&sim()).await;
    let get = async || client.get_alias().function_name("pay").name("live").send().await.unwrap();
    let before = get().await;
    assert_eq!((before.function_version(), before.description()), (Some("6"), Some("What customers call")));
    assert_eq!(before.alias_arn(), Some(format!("{PAY}:live").as_str()));
    assert_eq!(before.routing_config().unwrap().additional_version_weights().unwrap().get("7"), Some(&0.25));

    // Leaving the routing out keeps the weights; an empty map clears them.
    let kept = client.update_alias().function_name("pay").name("live").description("later").send().await.unwrap();
    assert_eq!(kept.routing_config(), before.routing_config());
    assert_ne!(kept.revision_id(), before.revision_id());
    split(&client, "7", &[]).await.unwrap();
    let after = get().await;
    assert_eq!((after.function_version(), after.routing_config()), (Some("7"), None));
    assert_eq!(after.description(), Some("later"));
}

#[tokio::test(start_paused = true)]
async fn a_stale_revision_is_refused_with_412_and_changes_nothing() {
    let client = lambda(&sim()).await;
    let seen = client.get_alias().function_name("pay").name("live").send().await.unwrap();
    let update = |version: &str| {
        let revision = seen.revision_id().map(str::to_owned);
        client
            .update_alias()
            .function_name("pay")
            .name("live")
            .function_version(version)
            .set_revision_id(revision)
            .send()
    };
    assert!(client.update_alias().function_name("pay").name("live").description("x").send().await.is_ok());
    let error = update("6").await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 412);
    assert!(error.as_service_error().unwrap().is_precondition_failed_exception());
    assert!(told(&error).1.starts_with("The Revision Id provided does not match the latest Revision Id."));
}

#[tokio::test(start_paused = true)]
async fn every_rule_for_weights_has_its_words() {
    let client = lambda(&sim()).await;
    for (version, routing, code, words) in [
        ("6", vec![("7", 0.1), ("8", 0.1)], "InvalidParameterValueException", "cannot be greater than 1"),
        ("6", vec![("6", 0.1)], "InvalidParameterValueException", "already included in routing configuration"),
        ("$LATEST", vec![("7", 0.1)], "InvalidParameterValueException", "$LATEST is not supported"),
        ("6", vec![("$LATEST", 0.1)], "ValidationException", "Map keys must satisfy"),
        ("6", vec![("7", 1.5)], "ValidationException", "failed to satisfy constraint"),
        ("6", vec![("7", -0.5)], "ValidationException", "failed to satisfy constraint"),
        ("6", vec![("99", 0.1)], "ResourceNotFoundException", "Function not found: arn:aws:lambda"),
        ("6", vec![("8", 0.1)], "InvalidParameterValueException", "same execution role"),
        ("6", vec![("9", 0.1)], "ResourceConflictException", "Pending"),
    ] {
        tokio::time::advance(Duration::from_secs(1)).await;
        let error = split(&client, version, &routing).await.unwrap_err();
        let (told_code, message) = told(&error);
        assert_eq!(told_code, code, "{version} {routing:?}");
        assert!(message.contains(words), "{version} {routing:?}: {message}");
    }
}

#[tokio::test(start_paused = true)]
async fn provisioned_concurrency_is_shown_and_forbids_weights() {
    let client = lambda(&sim()).await;
    let get =
        |qualifier: &str| client.get_provisioned_concurrency_config().function_name("pay").qualifier(qualifier).send();
    let warm = get("warm").await.unwrap();
    assert_eq!(warm.requested_provisioned_concurrent_executions(), Some(4));
    assert_eq!(warm.status().unwrap().as_str(), "READY");
    let error = get("live").await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_provisioned_concurrency_config_not_found_exception());

    let update = client.update_alias().function_name("pay").name("warm").function_version("6");
    let error = update.routing_config(weights(&[("7", 0.1)])).send().await.unwrap_err();
    assert!(told(&error).1.contains("Alias with weights can not be used with Provisioned Concurrency"));
}

#[tokio::test(start_paused = true)]
async fn tags_are_listed_by_arn() {
    let client = lambda(&sim()).await;
    let tags = client.list_tags().resource(PAY).send().await.unwrap();
    assert_eq!(tags.tags().unwrap()["aws:cloudformation:stack-name"], "vault");
    let error = client.list_tags().resource(format!("{PAY}:live")).send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_invalid_parameter_value_exception());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_named() {
    let client = lambda(&sim()).await;
    let error = client.get_function().function_name("nope").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_resource_not_found_exception());
    assert_eq!(told(&error).1, "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nope");
    let error = client.get_alias().function_name("pay").name("nope").send().await.unwrap_err();
    assert_eq!(told(&error).1, format!("Cannot find alias arn: {PAY}:nope"));
    let error = client.get_function().function_name(PAY.replace("eu-west-1", "us-east-1")).send().await.unwrap_err();
    assert_eq!(told(&error).1, "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')");
    let error = client.get_function().function_name(PAY.replace("1234567", "7654321")).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 403);
    assert_eq!(told(&error).0, "AccessDeniedException");
}

#[tokio::test(start_paused = true)]
async fn the_control_plane_takes_15_calls_a_second() {
    let client = lambda(&sim()).await;
    let no_retries = aws_sdk_lambda::config::retry::RetryConfig::disabled();
    let get = || {
        let once = aws_sdk_lambda::config::Builder::new().retry_config(no_retries.clone());
        client.get_alias().function_name("pay").name("live").customize().config_override(once).send()
    };
    for _ in 0..15 {
        get().await.unwrap();
    }
    let error = get().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 429);
    let error = error.into_service_error();
    let aws_sdk_lambda::operation::get_alias::GetAliasError::TooManyRequestsException(throttled) = error else {
        panic!("throttled: {error:?}");
    };
    assert_eq!(throttled.reason().unwrap().as_str(), "CallerRateLimitExceeded");

    // GetFunction has a limit of its own, and a second later the others are served again.
    client.get_function().function_name("pay").send().await.unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    get().await.unwrap();
}
