//! What stands in front of the code, as the SDK for Rust meets it: load balancers, API stages, CodeDeploy, permissions,
//! and regions of their own.

use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_apigateway::types::{Op, PatchOperation};
use flightdeck::clock::Clock;
use flightdeck::sim::Sim;
use flightdeck::sim::wire::{Reply, WireRequest};
use flightdeck::sim::world::{Forward, MetricId, StageChange, WorldSpec};

use super::{
    OPENING,
    balancers::{GREEN, PLACE, RULE},
    opening, told,
};

pub fn sim() -> Arc<Sim> {
    let spec: WorldSpec = toml::from_str(include_str!("edge.toml")).unwrap();
    assert_eq!(spec.problems(), Vec::<String>::new());
    Arc::new(Sim::new(&spec, Clock::starting_at(opening(), 1.0)))
}

pub async fn config(sim: &Arc<Sim>, region: &'static str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .http_client(sim.http_client())
        .load()
        .await
}

#[tokio::test(start_paused = true)]
async fn a_stage_is_pointed_at_another_deployment() {
    let client = aws_sdk_apigateway::Client::new(&config(&sim(), "eu-west-1").await);
    let apis = client.get_rest_apis().send().await.unwrap();
    assert_eq!(apis.items().len(), 1, "an HTTP API is none of these");
    assert_eq!(apis.items()[0].name(), Some("shop"));
    let of = |patch: PatchOperation| {
        client.update_stage().rest_api_id("abcdef1234").stage_name("prod").patch_operations(patch).send()
    };
    let patch = |op, path: &str, value: &str| PatchOperation::builder().op(op).path(path).value(value).build();
    let stage = of(patch(Op::Replace, "/deploymentId", "dep002")).await.unwrap();
    assert_eq!(stage.deployment_id(), Some("dep002"));
    let stage = client.get_stage().rest_api_id("abcdef1234").stage_name("prod").send().await.unwrap();
    assert_eq!(
        (stage.deployment_id(), stage.last_updated_date().unwrap().secs()),
        (Some("dep002"), opening().as_second())
    );

    let error = of(patch(Op::Replace, "/deploymentId", "gone")).await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_bad_request_exception(), "{error:?}");
    let error = of(patch(Op::Replace, "/nowhere", "x")).await.unwrap_err();
    assert!(told(&error).1.contains("Invalid patch path '/nowhere'"), "{error:?}");
    let error = client.get_stage().rest_api_id("abcdef1234").stage_name("dev").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_not_found_exception(), "{error:?}");

    let first = client.get_deployments().rest_api_id("abcdef1234").limit(1).send().await.unwrap();
    assert_eq!(first.items()[0].id(), Some("dep002"));
    let rest = client.get_deployments().rest_api_id("abcdef1234").limit(1).position(first.position().unwrap());
    assert_eq!(rest.send().await.unwrap().items()[0].description(), Some("first"));
    let one = client.get_deployment().rest_api_id("abcdef1234").deployment_id("dep001").send().await.unwrap();
    assert_eq!(one.created_date().unwrap().secs(), opening().as_second() - 2 * 86_400);
}

#[tokio::test(start_paused = true)]
async fn codedeploy_is_denied_here_and_iam_has_said_so() {
    let sim = sim();
    let codedeploy = aws_sdk_codedeploy::Client::new(&config(&sim, "eu-west-1").await);
    let error = codedeploy.list_applications().send().await.unwrap_err();
    assert_eq!(told(&error).0, "AccessDeniedException");

    let iam = aws_sdk_iam::Client::new(&config(&sim, "us-east-1").await);
    let simulate = |arn: &str| {
        let simulate = iam.simulate_principal_policy().policy_source_arn(arn);
        simulate.action_names("codedeploy:ListApplications").action_names("lambda:UpdateAlias").send()
    };
    let results = simulate("arn:aws:iam::123456789012:role/oncall").await.unwrap();
    let decisions: Vec<(&str, &str)> = results
        .evaluation_results()
        .iter()
        .map(|result| (result.eval_action_name(), result.eval_decision().as_str()))
        .collect();
    assert_eq!(decisions, [("codedeploy:ListApplications", "implicitDeny"), ("lambda:UpdateAlias", "allowed")]);
    let role = iam.get_role().role_name("oncall").send().await.unwrap();
    assert_eq!(role.role().unwrap().arn(), "arn:aws:iam::123456789012:role/oncall");
    let error = simulate("arn:aws:sts::123456789012:assumed-role/oncall/ada").await.unwrap_err();
    assert_eq!(told(&error).0, "InvalidInput");
    let error = simulate("arn:aws:iam::123456789012:role/nobody").await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_no_such_entity_exception());
}

#[tokio::test(start_paused = true)]
async fn codedeploy_tells_what_is_under_way() {
    let mut spec: WorldSpec = toml::from_str(include_str!("edge.toml")).unwrap();
    spec.denied.clear();
    let sim = Arc::new(Sim::new(&spec, Clock::starting_at(opening(), 1.0)));
    let client = aws_sdk_codedeploy::Client::new(&config(&sim, "eu-west-1").await);
    assert_eq!(client.list_applications().send().await.unwrap().applications(), ["shop"]);
    let groups = client.list_deployment_groups().application_name("shop").send().await.unwrap();
    assert_eq!(groups.deployment_groups(), ["pay"]);
    let under_way = aws_sdk_codedeploy::types::DeploymentStatus::InProgress;
    let list = client.list_deployments().application_name("shop").deployment_group_name("pay");
    let ids = list.include_only_statuses(under_way.clone()).send().await.unwrap();
    assert_eq!(ids.deployments(), ["d-ABCDEF123"]);
    let infos = client.batch_get_deployments().deployment_ids("d-ABCDEF123").send().await.unwrap();
    let [info] = infos.deployments_info() else { panic!("one deployment: {infos:?}") };
    assert_eq!((info.status(), info.application_name()), (Some(&under_way), Some("shop")));
    let revision = info.revision().unwrap().app_spec_content().unwrap().content().unwrap();
    assert!(revision.contains(r#""Name":"pay","Alias":"live""#), "{revision}");
    let targets = client.list_deployment_targets().deployment_id("d-ABCDEF123").send().await.unwrap();
    let targets = client
        .batch_get_deployment_targets()
        .deployment_id("d-ABCDEF123")
        .set_target_ids(Some(targets.target_ids().to_vec()))
        .send()
        .await
        .unwrap();
    let target = targets.deployment_targets()[0].lambda_target().unwrap().lambda_function_info().unwrap();
    assert_eq!((target.function_name(), target.function_alias()), (Some("pay"), Some("live")));
    let error = client.list_deployment_groups().application_name("other").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_application_does_not_exist_exception());
}

#[tokio::test(start_paused = true)]
async fn lambda_tells_what_stands_around_its_functions() {
    let client = aws_sdk_lambda::Client::new(&config(&sim(), "eu-west-1").await);
    let mut pages = client.list_functions().into_paginator().items().send();
    let mut names = Vec::new();
    while let Some(function) = pages.next().await {
        names.push(function.unwrap().function_name().unwrap_or_default().to_owned());
    }
    assert_eq!(names.len(), 122);
    assert!(client.list_aliases().function_name("loose").send().await.unwrap().aliases().is_empty());

    let policy = client.get_policy().function_name("pay").qualifier("live").send().await.unwrap();
    assert!(policy.policy().unwrap().contains("function:pay:live"));
    let error = client.get_policy().function_name("pay").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_resource_not_found_exception());
    let mappings = client.list_event_source_mappings().function_name("pay").send().await.unwrap();
    let sources: Vec<_> =
        mappings.event_source_mappings().iter().map(|each| each.event_source_arn().unwrap()).collect();
    assert_eq!(sources, ["arn:aws:sqs:eu-west-1:123456789012:orders"]);
    assert_eq!(client.list_event_source_mappings().send().await.unwrap().event_source_mappings().len(), 2);

    let ready = client.list_provisioned_concurrency_configs().function_name("pay").send().await.unwrap();
    let states: Vec<&str> =
        ready.provisioned_concurrency_configs().iter().map(|each| each.status().unwrap().as_str()).collect();
    assert_eq!(states, ["READY", "IN_PROGRESS"]);
    let pending = client.get_function().function_name("pay").qualifier("3").send().await.unwrap();
    let pending = pending.configuration().unwrap();
    assert_eq!(pending.state().unwrap().as_str(), "Pending");
    assert_eq!(pending.snap_start().unwrap().apply_on().unwrap().as_str(), "PublishedVersions");
    let image = client.get_function().function_name("loose").qualifier("1").send().await.unwrap();
    assert!(image.code().unwrap().resolved_image_uri().unwrap().contains("/loose@sha256:"));
    let settings = client.get_account_settings().send().await.unwrap();
    assert_eq!(settings.account_limit().unwrap().concurrent_executions(), 1000);
}

#[tokio::test(start_paused = true)]
async fn regions_are_apart_and_one_is_off() {
    let sim = sim();
    let cloudwatch = async |region| aws_sdk_cloudwatch::Client::new(&config(&sim, region).await);
    let here = cloudwatch("eu-west-1").await;
    assert!(here.describe_alarms().send().await.unwrap().metric_alarms().is_empty());
    let there = cloudwatch("us-east-1").await;
    let alarms = there.describe_alarms().send().await.unwrap();
    let names: Vec<_> = alarms.metric_alarms().iter().map(|alarm| alarm.alarm_name().unwrap()).collect();
    assert_eq!(names, ["front-4xx", "front-5xx"]);
    let arn = alarms.metric_alarms()[0].alarm_arn().unwrap();
    let tags = there.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags()[0].key(), Some("team"));
    let listed = there.list_metrics().send().await.unwrap();
    assert!(listed.metrics().iter().all(|metric| metric.namespace() == Some("AWS/CloudFront")));

    let lambda = aws_sdk_lambda::Client::new(&config(&sim, "us-east-1").await);
    assert!(lambda.list_functions().send().await.unwrap().functions().is_empty());
    let off = aws_sdk_lambda::Client::new(&config(&sim, "ap-east-1").await);
    assert_eq!(told(&off.list_functions().send().await.unwrap_err()).0, "UnrecognizedClientException");
    let off = aws_sdk_sts::Client::new(&config(&sim, "ap-east-1").await);
    assert_eq!(told(&off.get_caller_identity().send().await.unwrap_err()).0, "InvalidClientTokenId");
    let off = cloudwatch("ap-east-1").await;
    assert_eq!(told(&off.describe_alarms().send().await.unwrap_err()).0, "InvalidClientTokenId");
}

#[tokio::test(start_paused = true)]
async fn services_have_the_metrics_that_aws_gives_them() {
    let sim = sim();
    let look = |metric: &MetricId, minutes: u64| {
        sim.with_world(|world| {
            let (now, period) = (world.now(), Duration::from_mins(minutes));
            let seen = world.observe(metric, now - period, now, period);
            (world.unit(metric).to_owned(), seen.first().map(|(_, seen)| seen.average()))
        })
    };
    let proxy = MetricId::new("AWS/RDS", "QueryDatabaseResponseLatency", &[("ProxyName", "shop-proxy")]);
    let (unit, latency) = look(&proxy, 30);
    assert_eq!(unit, "Microseconds");
    assert!((2_000.0..4_000.0).contains(&latency.unwrap()));
    let index = [("TableName", "Shop"), ("GlobalSecondaryIndexName", "ByDay")];
    assert!(look(&MetricId::new("AWS/DynamoDB", "ConsumedReadCapacityUnits", &index), 30).1.is_some());
    let throttles = MetricId::new("AWS/DynamoDB", "ReadThrottleEvents", &[("TableName", "Shop")]);
    assert_eq!(look(&throttles, 30).1, None, "what did not happen has no point");
    assert!(sim.with_world(|world| world.metrics().contains(&throttles)));
    let size = [("BucketName", "shop-images"), ("StorageType", "StandardStorage")];
    let size = MetricId::new("AWS/S3", "BucketSizeBytes", &size);
    assert_eq!(look(&size, 10).1, None, "a daily metric has a point at midnight alone");
    assert!(look(&size, 3 * 1_440).1.is_some());
    assert_eq!(look(&MetricId::new("Shop", "Queue", &[]), 30).1, Some(7.0));
    let memory = MetricId::new("LambdaInsights", "memory_utilization", &[("function_name", "pay"), ("version", "1")]);
    assert!((40.0..70.0).contains(&look(&memory, 30).1.unwrap()));
    let front = MetricId::new("AWS/ApiGateway", "Count", &[("ApiId", "ht7papi001"), ("Stage", "$default")]);
    assert!(look(&front, 30).1.is_some());
    let cdn = MetricId::new("AWS/CloudFront", "Requests", &[("DistributionId", "E1"), ("Region", "Global")]);
    assert_eq!(look(&cdn, 30).1, None, "those of the CDN are in another region");
}

#[tokio::test(start_paused = true)]
async fn a_bad_deployment_breaks_the_requests_of_its_api() {
    let sim = sim();
    sim.with_world(|world| {
        world.change_stage("abcdef1234", StageChange { deployment: Some("dep002"), ..StageChange::default() })
    })
    .unwrap();
    tokio::time::advance(Duration::from_mins(10)).await;
    let rate = |dimensions: &[(&str, &str)]| {
        let metric = MetricId::new("AWS/ApiGateway", "5XXError", dimensions);
        sim.with_world(|world| {
            let seen = world.observe(&metric, opening() + Duration::from_mins(1), world.now(), Duration::from_mins(30));
            seen[0].1.average()
        })
    };
    let stage = [("ApiName", "shop"), ("Stage", "prod")];
    assert!((0.4..0.6).contains(&rate(&stage)), "{}", rate(&stage));
    let route = [stage[0], stage[1], ("Method", "GET"), ("Resource", "/pay")];
    assert!((0.4..0.6).contains(&rate(&route)), "{}", rate(&route));
}

#[tokio::test(start_paused = true)]
async fn endpoints_answer_as_those_who_serve_them() {
    let sim = sim();
    let ask = |method: &str, host: &str| sim.with_world(|world| world.ask_endpoint(method, host, "/health"));
    let answer = ask("GET", "shop.example").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"ok":true,"version":"1.0","git_sha":"b1"}"#));
    let to = (format!("{PLACE}:targetgroup/{GREEN}"), 1);
    let forward = Forward { weights: vec![to], sticky_s: None };
    sim.with_world(|world| world.forward(&format!("{PLACE}:{RULE}"), &forward)).unwrap();
    let answers: Vec<_> = (0..100).filter_map(|_| ask("GET", "shop.example")).collect();
    let sick = answers.iter().filter(|answer| answer.status == 503).count();
    assert!((15..45).contains(&sick), "{sick}");
    assert!(answers.iter().any(|answer| answer.body.contains(r#""version":"1.1""#)));
    assert_eq!(ask("POST", "pay.example").unwrap().body, r#"{"version":"v2"}"#);
    assert_eq!(ask("GET", "pay.example").unwrap().status, 405);
    assert_eq!(ask("GET", "elsewhere.example"), None);
}

#[tokio::test(start_paused = true)]
async fn every_answer_tells_the_time_of_a_clock_that_may_be_wrong() {
    let request = WireRequest { method: "GET".to_owned(), path: "/restapis".to_owned(), ..WireRequest::default() };
    let Reply::After(_, response) = sim().handle(&request) else { panic!("an answer was expected") };
    let date = response.headers.iter().find(|(name, _)| *name == "date").map(|(_, date)| date.as_str());
    assert_eq!(date, Some("Fri, 20 Nov 2026 14:37:07 GMT"), "five minutes ahead of {OPENING}");
}
