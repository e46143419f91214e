//! Elastic Load Balancing, version 2: load balancers, listeners, rules and target groups, as its query API shows them.
//! See <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html>.

use super::paging;
use super::value::{Members, Value};
use crate::sim::world::{Balancer, Fault, Forward, Group, Listener, Rule, World};

/// The largest page, and the usual one.
const PAGE: usize = 400;

/// DescribeLoadBalancers.
pub fn describe_load_balancers(world: &World, input: &Value) -> Result<Value, Fault> {
    let (arns, names) = (input.texts("LoadBalancerArns")?, input.texts("Names")?);
    let asked = |balancer: &&Balancer| named(&arns, &balancer.arn) && named(&names, &balancer.spec.name);
    let found: Vec<Value> = here(world).filter(asked).map(|balancer| load_balancer(world, balancer)).collect();
    if found.is_empty() && !(arns.is_empty() && names.is_empty()) {
        return Err(Fault::query("LoadBalancerNotFound", "One or more load balancers not found"));
    }
    list(input, "LoadBalancers", &found)
}

/// DescribeListeners.
pub fn describe_listeners(world: &World, input: &Value) -> Result<Value, Fault> {
    let (balancer, arns) = (input.text("LoadBalancerArn")?, input.texts("ListenerArns")?);
    let all = here(world).flat_map(|balancer| balancer.listeners.iter().map(move |listener| (balancer, listener)));
    let asked = |(of, listener): &(&Balancer, &Listener)| {
        balancer.is_none_or(|arn| arn == of.arn) && named(&arns, &listener.arn)
    };
    let found: Vec<Value> = all.filter(asked).map(|(of, listener)| show_listener(of, listener)).collect();
    if found.is_empty() {
        let missing_balancer = Fault::query("LoadBalancerNotFound", "One or more load balancers not found");
        let missing = Fault::query("ListenerNotFound", "One or more listeners not found");
        return Err(if balancer.is_some() { missing_balancer } else { missing });
    }
    list(input, "Listeners", &found)
}

/// DescribeRules: of a listener, or some by their ARNs.
pub fn describe_rules(world: &World, input: &Value) -> Result<Value, Fault> {
    let (listener, arns) = (input.text("ListenerArn")?, input.texts("RuleArns")?);
    let listeners =
        || here(world).flat_map(|balancer| balancer.listeners.iter().map(move |listener| (balancer, listener)));
    if listener.is_some_and(|arn| !listeners().any(|(_, known)| known.arn == arn)) {
        return Err(Fault::query("ListenerNotFound", "One or more listeners not found"));
    }
    let of_listener = listeners().filter(|(_, known)| listener.is_none_or(|arn| arn == known.arn));
    let rules = of_listener.flat_map(|(balancer, listener)| listener.rules.iter().map(move |rule| (balancer, rule)));
    let found: Vec<Value> =
        rules.filter(|(_, rule)| named(&arns, &rule.arn)).map(|(balancer, rule)| show_rule(balancer, rule)).collect();
    if found.len() < arns.len() {
        return Err(Fault::query("RuleNotFound", "One or more rules not found"));
    }
    list(input, "Rules", &found)
}

/// DescribeTargetGroups.
pub fn describe_target_groups(world: &World, input: &Value) -> Result<Value, Fault> {
    let (arns, names) = (input.texts("TargetGroupArns")?, input.texts("Names")?);
    let balancer = input.text("LoadBalancerArn")?;
    let groups = here(world)
        .filter(|of| balancer.is_none_or(|arn| arn == of.arn))
        .flat_map(|of| of.groups.iter().map(move |group| (of, group)));
    let asked = |(_, group): &(&Balancer, &Group)| named(&arns, &group.arn) && named(&names, &group.spec.name);
    let found: Vec<Value> = groups.filter(asked).map(|(of, group)| target_group(of, group)).collect();
    if found.len() < arns.len().max(names.len()) {
        return Err(Fault::query("TargetGroupNotFound", "One or more target groups not found"));
    }
    list(input, "TargetGroups", &found)
}

/// DescribeTargetHealth.
pub fn describe_target_health(world: &World, input: &Value) -> Result<Value, Fault> {
    let group = &group(world, input)?.spec;
    let health = |number: u32| {
        let is_well = number < group.healthy;
        let target = Members::new().with("Id", format!("10.0.1.{}", 10 + number % 200)).with("Port", 5000_i64);
        let state = Members::new().with("State", if is_well { "healthy" } else { "unhealthy" });
        let state = state.with_some("Reason", (!is_well).then_some("Target.ResponseCodeMismatch"));
        let why = (!is_well).then_some("Health checks failed with these codes: [503]");
        Members::new()
            .with("Target", target)
            .with("HealthCheckPort", "5000")
            .with("TargetHealth", state.with_some("Description", why))
    };
    let all = (0..group.healthy + group.unhealthy).map(health).collect::<Value>();
    Ok(Members::new().with("TargetHealthDescriptions", all).into())
}

/// DescribeTargetGroupAttributes.
pub fn describe_target_group_attributes(world: &World, input: &Value) -> Result<Value, Fault> {
    let group = &group(world, input)?.spec;
    let pairs = [
        ("stickiness.enabled", if group.sticky { "true" } else { "false" }),
        ("stickiness.type", "lb_cookie"),
        ("stickiness.lb_cookie.duration_seconds", "86400"),
        ("deregistration_delay.timeout_seconds", "300"),
        ("slow_start.duration_seconds", "0"),
        ("load_balancing.algorithm.type", "round_robin"),
    ];
    let attributes = pairs.map(|(key, value)| Members::new().with("Key", key).with("Value", value));
    Ok(Members::new().with("Attributes", attributes.into_iter().collect::<Value>()).into())
}

/// ModifyRule. What it does not name stays; a default action is changed through its listener.
pub fn modify_rule(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let arn = input.text("RuleArn")?.unwrap_or_default().to_owned();
    let find = |world: &World| {
        here(world).any(|balancer| balancer.rules().any(|rule| rule.arn == arn && rule.spec.priority.is_none()))
    };
    if find(world) {
        return Err(Fault::query("OperationNotPermitted", "Default rules cannot be modified"));
    }
    if let Some(forward) = forward(input.list("Actions")?)? {
        world.forward(&arn, &forward)?;
    }
    let all = here(world).flat_map(|balancer| balancer.rules().map(move |rule| (balancer, rule)));
    let rule: Vec<Members> =
        all.filter(|(_, rule)| rule.arn == arn).map(|(balancer, rule)| show_rule_members(balancer, rule)).collect();
    if rule.is_empty() {
        return Err(Fault::query("RuleNotFound", "One or more rules not found"));
    }
    Ok(Members::new().with("Rules", rule).into())
}

/// ModifyListener: here, of its default action alone.
pub fn modify_listener(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let arn = input.text("ListenerArn")?.unwrap_or_default();
    let missing = || Fault::query("ListenerNotFound", "One or more listeners not found");
    let listener = here(world).flat_map(|balancer| &balancer.listeners).find(|listener| listener.arn == arn);
    let rule = default_rule(listener.ok_or_else(missing)?).map(|rule| rule.arn.clone());
    if let (Some(rule), Some(forward)) = (rule, forward(input.list("DefaultActions")?)?) {
        world.forward(&rule, &forward)?;
    }
    let all = here(world).flat_map(|balancer| balancer.listeners.iter().map(move |listener| (balancer, listener)));
    let shown = all.filter(|(_, listener)| listener.arn == arn).map(|(of, listener)| show_listener(of, listener));
    Ok(Members::new().with("Listeners", shown.collect::<Value>()).into())
}

/// Where the one forwarding action of a request sends requests; none if it names no action.
fn forward(actions: &[Value]) -> Result<Option<Forward>, Fault> {
    let [action] = actions else {
        let message = "Only one action of type 'forward' is supported by the embedded AWS";
        return if actions.is_empty() { Ok(None) } else { Err(Fault::query("InvalidLoadBalancerAction", message)) };
    };
    if action.text("Type")? != Some("forward") {
        let message = "The embedded AWS only knows actions of type 'forward'";
        return Err(Fault::query("InvalidLoadBalancerAction", message));
    }
    let Some(config) = action.get("ForwardConfig") else {
        let only = action.text("TargetGroupArn")?.unwrap_or_default();
        return Ok(Some(Forward { weights: vec![(only.to_owned(), 1)], sticky_s: None }));
    };
    let weight = |group: &Value| {
        let arn = group.text("TargetGroupArn")?.unwrap_or_default().to_owned();
        let weight = group.text("Weight")?.map_or(Ok(1), str::parse).ok().filter(|weight| *weight <= 999);
        let refused = || Fault::query("ValidationError", format!("Weight of '{arn}' must be between 0 and 999"));
        Ok((arn.clone(), weight.ok_or_else(refused)?))
    };
    let weights: Result<Vec<(String, u32)>, Fault> = config.list("TargetGroups")?.iter().map(weight).collect();
    let weights = weights?;
    if !(1..=5).contains(&weights.len()) {
        let message = "A forward action must have between 1 and 5 target groups";
        return Err(Fault::query("InvalidLoadBalancerAction", message));
    }
    let names: std::collections::BTreeSet<&String> = weights.iter().map(|(arn, _)| arn).collect();
    if names.len() < weights.len() {
        return Err(Fault::query("ValidationError", "Target groups cannot be specified more than once"));
    }
    let sticky = config.get("TargetGroupStickinessConfig");
    let on = sticky.and_then(|sticky| sticky.text("Enabled").ok().flatten()) == Some("true");
    let seconds = sticky.and_then(|sticky| sticky.text("DurationSeconds").ok().flatten()?.parse().ok());
    Ok(Some(Forward { weights, sticky_s: on.then_some(seconds.unwrap_or(3_600)) }))
}

fn here(world: &World) -> impl Iterator<Item = &Balancer> {
    world.balancers().iter().filter(|_| world.is_home())
}

fn named(wanted: &[&str], name: &str) -> bool {
    wanted.is_empty() || wanted.contains(&name)
}

fn group<'a>(world: &'a World, input: &Value) -> Result<&'a Group, Fault> {
    let arn = input.text("TargetGroupArn")?.unwrap_or_default();
    let found = here(world).flat_map(|balancer| &balancer.groups).find(|group| group.arn == arn);
    found.ok_or_else(|| Fault::query("TargetGroupNotFound", "One or more target groups not found"))
}

fn default_rule(listener: &Listener) -> Option<&Rule> {
    listener.rules.iter().find(|rule| rule.spec.priority.is_none())
}

fn list(input: &Value, member: &str, items: &[Value]) -> Result<Value, Fault> {
    let refused = || Fault::query("ValidationError", "The specified marker or page size is not valid");
    let limit = input.text("PageSize")?.map_or(Ok(PAGE), str::parse).map_err(|_| refused())?;
    let page = paging::page(member, items, input.text("Marker")?, limit.min(PAGE)).ok_or_else(refused)?;
    let members = Members::new().with(member, page.items.to_vec());
    Ok(members.with_some("NextMarker", page.next).into())
}

fn load_balancer(world: &World, balancer: &Balancer) -> Value {
    let region = world.region();
    Members::new()
        .with("LoadBalancerArn", &balancer.arn)
        .with("DNSName", format!("{}-1234567890.{region}.elb.amazonaws.com", balancer.spec.name))
        .with("LoadBalancerName", &balancer.spec.name)
        .with("Scheme", "internet-facing")
        .with("VpcId", "vpc-0a1b2c3d4e5f60718")
        .with("State", Members::new().with("Code", "active"))
        .with("Type", "application")
        .with("IpAddressType", "ipv4")
        .into()
}

fn show_listener(balancer: &Balancer, listener: &Listener) -> Value {
    let actions = default_rule(listener).map_or_else(nothing_there, |rule| action(balancer, rule));
    Members::new()
        .with("ListenerArn", &listener.arn)
        .with("LoadBalancerArn", &balancer.arn)
        .with("Port", listener.port)
        .with("Protocol", if listener.port == 443 { "HTTPS" } else { "HTTP" })
        .with("DefaultActions", vec![actions])
        .into()
}

/// The default action of a listener for which the scenario names none.
fn nothing_there() -> Members {
    let response = Members::new().with("StatusCode", "404").with("ContentType", "text/plain");
    Members::new().with("Type", "fixed-response").with("FixedResponseConfig", response)
}

fn show_rule(balancer: &Balancer, rule: &Rule) -> Value {
    show_rule_members(balancer, rule).into()
}

fn show_rule_members(balancer: &Balancer, rule: &Rule) -> Members {
    let condition = |field: &str, config: &str, values: &[String]| {
        let values = || values.iter().collect::<Value>();
        Members::new()
            .with("Field", field)
            .with("Values", values())
            .with(config, Members::new().with("Values", values()))
    };
    let mut conditions = Vec::new();
    if !rule.spec.hosts.is_empty() {
        conditions.push(condition("host-header", "HostHeaderConfig", &rule.spec.hosts));
    }
    if !rule.spec.paths.is_empty() {
        conditions.push(condition("path-pattern", "PathPatternConfig", &rule.spec.paths));
    }
    let priority = rule.spec.priority.map_or_else(|| "default".to_owned(), |priority| priority.to_string());
    Members::new()
        .with("RuleArn", &rule.arn)
        .with("Priority", priority)
        .with("Conditions", conditions)
        .with("Actions", vec![action(balancer, rule)])
        .with("IsDefault", rule.spec.priority.is_none())
}

fn action(balancer: &Balancer, rule: &Rule) -> Members {
    let arn = |group: usize| balancer.groups.get(group).map_or("", |group| group.arn.as_str());
    let groups = rule
        .weights
        .iter()
        .map(|(group, weight)| Members::new().with("TargetGroupArn", arn(*group)).with("Weight", *weight));
    let sticky = Members::new().with("Enabled", rule.sticky_s.is_some());
    let config = Members::new()
        .with("TargetGroups", groups.collect::<Value>())
        .with("TargetGroupStickinessConfig", sticky.with_some("DurationSeconds", rule.sticky_s));
    // AWS repeats the group outside of the configuration where there is but one.
    let only = rule.weights.first().filter(|_| rule.weights.len() == 1).map(|(group, _)| arn(*group));
    let members = Members::new().with("Type", "forward").with_some("TargetGroupArn", only);
    members.with("Order", 1_i64).with("ForwardConfig", config)
}

fn target_group(balancer: &Balancer, group: &Group) -> Value {
    Members::new()
        .with("TargetGroupArn", &group.arn)
        .with("TargetGroupName", &group.spec.name)
        .with("Protocol", "HTTP")
        .with("Port", 5000_i64)
        .with("VpcId", "vpc-0a1b2c3d4e5f60718")
        .with("HealthCheckPath", "/healthz")
        .with("HealthCheckEnabled", true)
        .with("LoadBalancerArns", vec![balancer.arn.as_str()])
        .with("TargetType", "ip")
        .into()
}
