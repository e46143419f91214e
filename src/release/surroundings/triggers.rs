//! Calls that go past the alias: a release moves the traffic of an alias, and what calls the bare function gets
//! `$LATEST` whatever the weights are.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::release::names::Target;

/// A queue or stream that Lambda reads and calls a function with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The queue, stream or broker, by its ARN; empty for self-managed ones.
    pub source: String,
    /// What behind the function's name is called: an alias, a version, or nothing, which is `$LATEST`.
    pub qualifier: Option<String>,
}

/// Somebody who may call a function, from its resource policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Such as `s3.amazonaws.com`, an account, or `*`.
    pub principal: String,
    /// What it calls for, by ARN, where the policy says.
    pub source: Option<String>,
}

/// The part behind the function's name in an ARN such as `arn:aws:lambda:eu-west-1:123456789012:function:pay:live`.
pub fn qualifier_of(arn: &str) -> Option<String> {
    arn.split(':').nth(7).filter(|qualifier| !qualifier.is_empty()).map(str::to_owned)
}

/// The grants in a resource policy, as Lambda's `GetPolicy` writes it. What is not understood is left out.
pub fn grants(policy: &str) -> Vec<Grant> {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return Vec::new() };
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => Vec::new(),
    };
    let is_allowed = |statement: &&Value| statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    let grants: BTreeSet<Grant> = statements.iter().filter(is_allowed).filter_map(grant).collect();
    grants.into_iter().collect()
}

fn grant(statement: &Value) -> Option<Grant> {
    let principal = match statement.get("Principal")? {
        Value::String(anybody) => anybody.clone(),
        Value::Object(kinds) => kinds.values().next()?.as_str()?.to_owned(),
        _ => return None,
    };
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let keys = conditions.into_iter().flat_map(|conditions| conditions.values()).filter_map(Value::as_object).flatten();
    let source = keys.filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn")).find_map(|(_, arn)| arn.as_str());
    Some(Grant { principal, source: source.map(str::to_owned) })
}

/// Queues and streams that call something else than the alias.
pub fn past_alias(target: &Target, mappings: &[Mapping]) -> Option<String> {
    let alias = target.alias.as_str();
    let past: BTreeSet<String> = mappings
        .iter()
        .filter(|mapping| mapping.qualifier.is_none())
        .map(|mapping| source_in_words(&mapping.source))
        .collect();
    let goes = list(past)?;
    Some(format!(
        "{goes}: an event source mapping calls $LATEST with it, so this traffic does not go through {alias} and no \
         release moves it; point the mapping at the alias"
    ))
}

/// Services that may call the bare function and not the alias.
pub fn granted_past_alias(target: &Target, on_function: &[Grant], on_alias: &[Grant]) -> Option<String> {
    let alias = target.alias.as_str();
    let is_service = |grant: &&Grant| grant.principal == "*" || grant.principal.contains(".amazonaws.com");
    let past = on_function.iter().filter(is_service).filter(|grant| !on_alias.contains(grant));
    let callers = list(past.map(grant_in_words).collect())?;
    Some(format!(
        "{callers} may call the function without an alias, and not {alias}: its traffic does not go through {alias} and \
         no release moves it; let it call {}:{alias}, and give it leave for that",
        target.function
    ))
}

/// A few of them by name, and how many more there are.
fn list(names: BTreeSet<String>) -> Option<String> {
    const NAMED: usize = 3;
    let more = names.len().saturating_sub(NAMED);
    let first: Vec<String> = names.into_iter().take(NAMED).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!first.is_empty()).then(|| format!("{}{more}", first.join(", ")))
}

fn grant_in_words(grant: &Grant) -> String {
    let service = grant.principal.split('.').next().unwrap_or(&grant.principal);
    let name = match service {
        "*" => "a function URL or anybody",
        "apigateway" => "API Gateway",
        "s3" => "S3",
        "events" => "EventBridge",
        "scheduler" => "EventBridge Scheduler",
        "sns" => "SNS",
        "logs" => "CloudWatch Logs",
        "elasticloadbalancing" => "a load balancer",
        "cognito-idp" => "Cognito",
        other => other,
    };
    match &grant.source {
        Some(source) => format!("{name} ({})", name_in(source)),
        None => name.to_owned(),
    }
}

fn source_in_words(arn: &str) -> String {
    let service = arn.split(':').nth(2).unwrap_or_default();
    let kind = match service {
        "sqs" => "the queue",
        "dynamodb" => "the table's stream",
        "kinesis" => "the stream",
        "kafka" => "the topic of",
        "mq" => "the broker",
        _ => return if arn.is_empty() { "a self-managed source".to_owned() } else { name_in(arn) },
    };
    format!("{kind} {}", name_in(arn))
}

/// What a person calls it: the table of a stream, the queue, the API's id and route.
fn name_in(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let resource = resource.strip_prefix("table/").and_then(|rest| rest.split('/').next()).unwrap_or(resource);
    resource.to_owned()
}
