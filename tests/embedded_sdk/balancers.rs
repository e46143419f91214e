//! Load balancers, as the SDK for Rust meets them: rules, target groups, tags, and requests that follow the weights.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2 as elb;
use elb::types::{Action, ActionTypeEnum, ForwardActionConfig, TargetGroupStickinessConfig, TargetGroupTuple};

use flightdeck::sim::world::{Forward, MetricId};

use super::{
    edge::{config, sim},
    told,
};

pub const PLACE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
pub const RULE: &str = "listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee";

fn tuple(group: &str, weight: i32) -> TargetGroupTuple {
    TargetGroupTuple::builder().target_group_arn(format!("{PLACE}:targetgroup/{group}")).weight(weight).build()
}

fn forward(groups: &[(&str, i32)]) -> Action {
    let groups = groups.iter().map(|(group, weight)| tuple(group, *weight)).collect();
    let sticky = TargetGroupStickinessConfig::builder().enabled(false).build();
    let config = ForwardActionConfig::builder().set_target_groups(Some(groups));
    let config = config.target_group_stickiness_config(sticky).build();
    Action::builder().r#type(ActionTypeEnum::Forward).forward_config(config).build()
}

fn weights(action: &Action) -> Vec<(String, i32)> {
    let groups = action.forward_config().unwrap().target_groups().iter();
    let name = |arn: &str| arn.split('/').nth(1).unwrap().to_owned();
    groups.map(|group| (name(group.target_group_arn().unwrap()), group.weight().unwrap())).collect()
}

pub const BLUE: &str = "blue/6d0ecf831eec9f09";
pub const GREEN: &str = "green/73e2d6bc24d8a067";

#[tokio::test(start_paused = true)]
async fn a_rule_is_read_and_its_weights_are_moved() {
    let client = elb::Client::new(&config(&sim(), "eu-west-1").await);
    let arn = format!("{PLACE}:{RULE}");
    let rules = client.describe_rules().rule_arns(&arn).send().await.unwrap();
    let [rule] = rules.rules() else { panic!("one rule: {rules:?}") };
    assert_eq!((rule.priority(), rule.is_default()), (Some("10"), Some(false)));
    assert_eq!(weights(&rule.actions()[0]), [("blue".to_owned(), 100), ("green".to_owned(), 0)]);

    let moved = client.modify_rule().rule_arn(&arn).actions(forward(&[(BLUE, 90), (GREEN, 10)])).send().await.unwrap();
    assert_eq!(weights(&moved.rules()[0].actions()[0]), [("blue".to_owned(), 90), ("green".to_owned(), 10)]);
    let read = client.describe_rules().rule_arns(&arn).send().await.unwrap();
    assert_eq!(weights(&read.rules()[0].actions()[0])[1].1, 10);

    let of_listener = arn.replace("listener-rule", "listener").replace("/9683b2d02a6cabee", "");
    let rules = client.describe_rules().listener_arn(&of_listener).send().await.unwrap();
    assert_eq!(rules.rules().len(), 2);
    let default = rules.rules().iter().find(|rule| rule.is_default() == Some(true)).unwrap();
    let error = client.modify_rule().rule_arn(default.rule_arn().unwrap()).actions(forward(&[(BLUE, 1)])).send().await;
    assert_eq!(told(&error.unwrap_err()).0, "OperationNotPermitted");
    let actions = forward(&[(BLUE, 1), (GREEN, 1)]);
    let moved = client.modify_listener().listener_arn(&of_listener).default_actions(actions).send().await.unwrap();
    assert_eq!(weights(&moved.listeners()[0].default_actions()[0]).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_cannot_be_is_refused() {
    let client = elb::Client::new(&config(&sim(), "eu-west-1").await);
    let arn = format!("{PLACE}:{RULE}");
    for (rule, action, code) in [
        (&arn, forward(&[(BLUE, 1), ("red/73e2d6bc24d8a067", 1)]), "TargetGroupNotFound"),
        (&arn, forward(&[(BLUE, 1000)]), "ValidationError"),
        (&arn, forward(&[(BLUE, 1), (BLUE, 2)]), "ValidationError"),
        (&format!("{arn}x"), forward(&[(BLUE, 1)]), "RuleNotFound"),
    ] {
        let error = client.modify_rule().rule_arn(rule).actions(action).send().await.unwrap_err();
        assert_eq!(told(&error).0, code, "{rule}");
    }
    let read = client.describe_rules().rule_arns(&arn).send().await.unwrap();
    assert_eq!(weights(&read.rules()[0].actions()[0]), [("blue".to_owned(), 100), ("green".to_owned(), 0)]);
    let elsewhere = elb::Client::new(&config(&sim(), "eu-central-1").await);
    let error = elsewhere.describe_rules().rule_arns(&arn).send().await.unwrap_err();
    assert_eq!(told(&error).0, "RuleNotFound");
}

#[tokio::test(start_paused = true)]
async fn groups_show_their_health_stickiness_and_tags() {
    let client = elb::Client::new(&config(&sim(), "eu-west-1").await);
    let green = format!("{PLACE}:targetgroup/{GREEN}");
    let health = client.describe_target_health().target_group_arn(&green).send().await.unwrap();
    let states: Vec<&str> = health
        .target_health_descriptions()
        .iter()
        .map(|target| target.target_health().unwrap().state().unwrap().as_str())
        .collect();
    assert_eq!(states, ["healthy", "healthy", "healthy", "unhealthy"]);
    let blue = format!("{PLACE}:targetgroup/{BLUE}");
    let attributes = client.describe_target_group_attributes().target_group_arn(blue).send().await.unwrap();
    let sticky = attributes.attributes().iter().find(|each| each.key() == Some("stickiness.enabled")).unwrap();
    assert_eq!(sticky.value(), Some("true"));
    let groups = client.describe_target_groups().page_size(1).send().await.unwrap();
    assert_eq!(groups.target_groups()[0].target_group_name(), Some("blue"));
    let rest = client.describe_target_groups().marker(groups.next_marker().unwrap()).send().await.unwrap();
    assert_eq!(rest.target_groups()[0].target_group_arn(), Some(green.as_str()));
    let balancers = client.describe_load_balancers().names("shop").send().await.unwrap();
    let arn = balancers.load_balancers()[0].load_balancer_arn().unwrap();
    let tags = client.describe_tags().resource_arns(arn).send().await.unwrap();
    assert_eq!(tags.tag_descriptions()[0].tags()[0].value(), Some("shop"));
}

#[tokio::test(start_paused = true)]
async fn tags_are_put_on_rules_and_taken_off() {
    let client = elb::Client::new(&config(&sim(), "eu-west-1").await);
    let arn = format!("{PLACE}:{RULE}");
    let tag = |value: &str| elb::types::Tag::builder().key("flightdeck").value(value).build();
    let add = |value: String| client.add_tags().resource_arns(&arn).tags(tag(&value)).send();
    let read = async || {
        let tags = client.describe_tags().resource_arns(&arn).send().await.unwrap();
        tags.tag_descriptions()[0].tags().iter().find_map(|tag| tag.value().map(str::to_owned))
    };
    for value in ["r-1 @blue/6d=@green/7e 10", "another"] {
        add(value.to_owned()).await.unwrap();
        assert_eq!(read().await.as_deref(), Some(value));
    }
    for bad in ["10%".to_owned(), "[a>b]".to_owned(), "x".repeat(257)] {
        assert_eq!(told(&add(bad).await.unwrap_err()).0, "ValidationError");
    }
    for _ in 0..2 {
        client.remove_tags().resource_arns(&arn).tag_keys("flightdeck").send().await.unwrap();
        assert_eq!(read().await, None);
    }
    let missing = client.add_tags().resource_arns(format!("{arn}x")).tags(tag("a")).send().await.unwrap_err();
    assert!(missing.as_service_error().unwrap().is_rule_not_found_exception(), "{missing:?}");
}

#[tokio::test(start_paused = true)]
async fn requests_of_a_rule_follow_its_weights_into_the_metrics() {
    let sim = sim();
    let balancer = ("LoadBalancer", "app/shop/50dc6c495c0c9188");
    let group = |group: &'static str| [balancer, ("TargetGroup", group)];
    let (blue, green) = (group("targetgroup/blue/6d0ecf831eec9f09"), group("targetgroup/green/73e2d6bc24d8a067"));
    let sum = |name: &str, dimensions: &[(&str, &str)]| {
        let metric = MetricId::new("AWS/ApplicationELB", name, dimensions);
        sim.with_world(|world| {
            let now = world.now();
            let seen = world.observe(&metric, now - Duration::from_mins(8), now, Duration::from_mins(30));
            seen.iter().map(|(_, seen)| seen.sum()).sum::<f64>()
        })
    };
    assert!(sum("RequestCount", &green) < 0.5);
    assert!(sum("RequestCount", &blue) > 3_000.0);
    assert!(sum("HTTPCode_Target_5XX_Count", &[balancer]) < 0.5);
    let arn = format!("{PLACE}:{RULE}");
    let to = |group: &str, weight| (format!("{PLACE}:targetgroup/{group}"), weight);
    let forward = Forward { weights: vec![to(BLUE, 1), to(GREEN, 1)], sticky_s: None };
    sim.with_world(|world| world.forward(&arn, &forward)).unwrap();
    tokio::time::advance(Duration::from_mins(10)).await;
    let (calm, bad) = (sum("RequestCount", &blue), sum("RequestCount", &green));
    assert!((0.8..1.25).contains(&(calm / bad)), "{calm} and {bad}");
    let share = sum("HTTPCode_Target_5XX_Count", &green) / bad;
    assert!((0.25..0.35).contains(&share), "{share}");
    let whole = sum("RequestCount", &[balancer]);
    assert!((whole - calm - bad).abs() < 1.0, "{whole}");
}
