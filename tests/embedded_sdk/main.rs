//! The embedded AWS as the SDK for Rust meets it: every operation it offers, and the errors it answers, over the real
//! wire formats.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on stops here")]

mod balancers;
mod cloudwatch;
mod edge;
mod lambda;
mod server;
mod weather;

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use flightdeck::clock::Clock;
use flightdeck::sim::Sim;
use flightdeck::sim::world::WorldSpec;
use jiff::Timestamp;

const OPENING: &str = "2026-11-20T14:32:07Z";

/// A world of its own for each test; its clock is tokio's, so paused tests stand still in it too.
fn sim() -> Arc<Sim> {
    let version = |number| {
        let latency = "{ p50_ms = 20.0, p99_ms = 80.0 }";
        format!("[[functions.versions]]\nnumber = {number}\npublished = \"-2d\"\nlatency = {latency}\n")
    };
    let many_versions: String = (3..=60).map(version).collect();
    let text = include_str!("world.toml").to_owned() + &many_versions;
    let spec: WorldSpec = toml::from_str(&text).unwrap();
    Arc::new(Sim::new(&spec, Clock::starting_at(opening(), 1.0)))
}

fn opening() -> Timestamp {
    OPENING.parse().unwrap()
}

async fn config(http: SharedHttpClient) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .http_client(http)
        .load()
        .await
}

async fn lambda(sim: &Arc<Sim>) -> aws_sdk_lambda::Client {
    aws_sdk_lambda::Client::new(&config(sim.http_client()).await)
}

async fn cloudwatch(sim: &Arc<Sim>) -> aws_sdk_cloudwatch::Client {
    aws_sdk_cloudwatch::Client::new(&config(sim.http_client()).await)
}

/// The code and the message of an error of a service.
fn told<E: aws_smithy_types::error::metadata::ProvideErrorMetadata, R>(
    error: &aws_smithy_runtime_api::client::result::SdkError<E, R>,
) -> (String, String) {
    let error = error.as_service_error().expect("an error of the service");
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn sts_says_who_is_calling() {
    let client = aws_sdk_sts::Client::new(&config(sim().http_client()).await);
    let identity = client.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("123456789012"));
    assert_eq!(identity.arn(), Some("arn:aws:sts::123456789012:assumed-role/oncall/ada & co"));
    assert!(identity.user_id().is_some_and(|id| id.starts_with("AROA")));
}

#[tokio::test(start_paused = true)]
async fn budgets_are_described_page_by_page() {
    let client = aws_sdk_budgets::Client::new(&config(sim().http_client()).await);
    let first = client.describe_budgets().account_id("123456789012").max_results(1).send().await.unwrap();
    let [budget] = first.budgets() else { panic!("one budget a page: {first:?}") };
    assert_eq!(budget.budget_name(), "vault-monthly");
    assert_eq!(budget.budget_limit().unwrap().amount(), "50.000");
    let spend = budget.calculated_spend().unwrap();
    assert_eq!(spend.actual_spend().unwrap().amount(), "12.500");
    assert_eq!(spend.forecasted_spend().unwrap().amount(), "31.000");
    assert_eq!(spend.actual_spend().unwrap().unit(), "USD");
    assert!(budget.last_updated_time().unwrap().secs() < opening().as_second());

    let rest = client.describe_budgets().account_id("123456789012").max_results(1);
    let rest = rest.set_next_token(first.next_token().map(str::to_owned)).send().await.unwrap();
    assert_eq!(rest.budgets()[0].budget_name(), "vault-daily");
    assert!(rest.budgets()[0].calculated_spend().unwrap().forecasted_spend().is_none());
    assert_eq!(rest.next_token(), None);
}

#[tokio::test(start_paused = true)]
async fn budgets_of_another_account_are_refused() {
    let client = aws_sdk_budgets::Client::new(&config(sim().http_client()).await);
    let error = client.describe_budgets().account_id("999999999999").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_access_denied_exception());
    let error = client.describe_budgets().account_id("123456789012").next_token("x").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_invalid_next_token_exception());
}

#[tokio::test(start_paused = true)]
async fn requests_are_remembered() {
    let sim = sim();
    let lambda = lambda(&sim).await;
    lambda.get_alias().function_name("pay").name("live").send().await.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(5)).await;
    lambda.list_functions().send().await.unwrap();
    let seen = sim.requests();
    let told: Vec<_> = seen.iter().map(|seen| (seen.number, seen.operation.name(), seen.subject.as_deref())).collect();
    assert_eq!(told, [(1, "GetAlias", Some("pay")), (2, "ListFunctions", None)]);
    assert_eq!(seen[1].at.wall.checked_sub(seen[0].at.wall), Some(std::time::Duration::from_secs(5)));
}
