//! Services that misbehave: what reaches a client when the world is told to hang, throttle, fail or break off.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudwatch::error::SdkError;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use flightdeck::sim::Sim;
use flightdeck::sim::world::Disturbance;

use crate::{cloudwatch, lambda, sim, told};

/// GetAlias once, with at most two seconds for it.
async fn get_alias(sim: &Arc<Sim>) -> Result<String, SdkError<aws_sdk_lambda::operation::get_alias::GetAliasError>> {
    let client = lambda(sim).await;
    let impatient = TimeoutConfig::builder().operation_timeout(Duration::from_secs(2)).build();
    let once = Builder::new().retry_config(RetryConfig::disabled()).timeout_config(impatient);
    let alias = client.get_alias().function_name("pay").name("live").customize().config_override(once).send().await?;
    Ok(alias.function_version().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_is_cut_off_by_the_clients_own_limit() {
    let sim = sim();
    sim.disturb("Get*", Disturbance::Hang, Some(1));
    assert!(matches!(get_alias(&sim).await, Err(SdkError::TimeoutError(_))));
    assert_eq!(get_alias(&sim).await.unwrap(), "6");
}

#[tokio::test(start_paused = true)]
async fn a_write_may_be_done_though_its_answer_never_came() {
    let sim = sim();
    sim.disturb("UpdateAlias", Disturbance::HangAfterDoing, Some(1));
    let impatient = TimeoutConfig::builder().operation_timeout(Duration::from_secs(2)).build();
    let once = Builder::new().retry_config(RetryConfig::disabled()).timeout_config(impatient);
    let update = lambda(&sim).await.update_alias().function_name("pay").name("live").function_version("6");
    let empty = aws_sdk_lambda::types::AliasRoutingConfiguration::builder();
    let empty = empty.set_additional_version_weights(Some([].into())).build();
    let answer = update.routing_config(empty).customize().config_override(once).send().await;
    assert!(matches!(answer, Err(SdkError::TimeoutError(_))));
    assert!(sim.with_world(|world| world.alias("pay", "live").unwrap().weights.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_right_and_late() {
    let sim = sim();
    sim.disturb("GetAlias", Disturbance::SlowMs(1500), None);
    let before = sim.clock().now().wall;
    assert_eq!(get_alias(&sim).await.unwrap(), "6");
    assert!(sim.clock().now().wall >= before + Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn lambda_words_its_troubles() {
    let sim = sim();
    for (disturbance, status, code) in [
        (Disturbance::Throttled, 429, "TooManyRequestsException"),
        (Disturbance::ServerError, 500, "ServiceException"),
        (Disturbance::ExpiredToken, 403, "ExpiredTokenException"),
        (Disturbance::AccessDenied, 403, "AccessDeniedException"),
    ] {
        sim.disturb("GetAlias", disturbance, Some(1));
        let error = get_alias(&sim).await.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), status, "{disturbance:?}");
        assert_eq!(told(&error).0, code, "{disturbance:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn cloudwatch_words_its_troubles() {
    let sim = sim();
    let client = cloudwatch(&sim).await;
    for (disturbance, status, code) in [
        (Disturbance::Throttled, 400, "Throttling"),
        (Disturbance::ServerError, 500, "InternalServiceError"),
        (Disturbance::ExpiredToken, 403, "ExpiredToken"),
        (Disturbance::AccessDenied, 403, "AccessDenied"),
    ] {
        sim.disturb("DescribeAlarms", disturbance, Some(1));
        let once = aws_sdk_cloudwatch::config::Builder::new().retry_config(RetryConfig::disabled());
        let error = client.describe_alarms().customize().config_override(once).send().await.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), status, "{disturbance:?}");
        assert_eq!(told(&error).0, code, "{disturbance:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_retried_by_the_sdk() {
    let sim = sim();
    sim.disturb("*", Disturbance::Throttled, Some(2));
    cloudwatch(&sim).await.describe_alarms().send().await.unwrap();
    assert_eq!(sim.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn broken_answers_are_errors_without_a_code() {
    let sim = sim();
    sim.disturb("GetAlias", Disturbance::Html, Some(1));
    let error = get_alias(&sim).await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 502);
    sim.disturb("GetAlias", Disturbance::EmptyBadRequest, Some(1));
    let error = get_alias(&sim).await.unwrap_err();
    assert_eq!(told(&error), (String::new(), String::new()));
    sim.disturb("GetAlias", Disturbance::HalfAnAnswer, Some(1));
    assert!(matches!(get_alias(&sim).await, Err(SdkError::DispatchFailure(_))));
}
