//! What Lambda keeps around its functions: provisioned concurrency, permissions to invoke them, event sources, and the
//! account's limits.

use serde_json::json;

use super::fault;
use super::function_name::FunctionName;
use super::lambda::{list, unqualified};
use super::value::{Members, Value};
use crate::sim::world::{Fault, Function, ProvisionedConcurrency, VersionId, World};

/// GetProvisionedConcurrencyConfig.
pub fn get_provisioned_concurrency_config(world: &World, input: &Value) -> Result<Value, Fault> {
    let function = unqualified(world, input)?;
    let qualifier =
        input.text("Qualifier")?.ok_or_else(|| Fault::validation("null", "qualifier", "Member must not be null"))?;
    let config = world.provisioned_concurrency(&function.name, qualifier)?;
    Ok(provisioned_concurrency(world, config).into())
}

/// ListProvisionedConcurrencyConfigs.
pub fn list_provisioned_concurrency_configs(world: &World, input: &Value) -> Result<Value, Fault> {
    let function = unqualified(world, input)?;
    let config = |config: &ProvisionedConcurrency| {
        let arn = format!("{}:{}", function.arn, config.qualifier);
        provisioned_concurrency(world, config).with("FunctionArn", arn).into()
    };
    let configs: Vec<Value> = function.provisioned.iter().map(config).collect();
    list(input, "provisioned", "ProvisionedConcurrencyConfigs", &configs)
}

/// GetPolicy: of the function, or of one alias or version of it.
pub fn get_policy(world: &World, input: &Value) -> Result<Value, Fault> {
    let name = FunctionName::read(input.text("FunctionName")?.unwrap_or_default(), "functionName", world)?;
    let function = world.function(name.name)?;
    let qualifier = input.text("Qualifier")?.or(name.qualifier);
    let arn = qualifier.map_or_else(|| function.arn.clone(), |qualifier| format!("{}:{qualifier}", function.arn));
    let of_it = function.permissions.iter().enumerate().filter(|(_, (_, alias))| alias.as_deref() == qualifier);
    let statement = |(number, (principal, _)): (usize, &(String, Option<String>))| {
        json!({
            "Sid": format!("invoke-{}", number + 1), "Effect": "Allow", "Principal": {"Service": principal},
            "Action": "lambda:InvokeFunction", "Resource": arn,
        })
    };
    let statements: Vec<serde_json::Value> = of_it.map(statement).collect();
    if statements.is_empty() {
        let message = "The resource you requested does not exist.".to_owned();
        return Err(Fault { status: 404, ..fault::refusal("ResourceNotFoundException", message) });
    }
    let policy = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}).to_string();
    let revision = function.version(VersionId::Latest).map(|version| version.revision_id.clone())?;
    Ok(Members::new().with("Policy", policy).with("RevisionId", revision).into())
}

/// ListEventSourceMappings: all of them, of an event source, or of a function or one alias of it.
pub fn list_event_source_mappings(world: &World, input: &Value) -> Result<Value, Fault> {
    let wanted = match input.text("FunctionName")? {
        None => None,
        Some(text) => {
            let name = FunctionName::read(text, "functionName", world)?;
            let arn = &world.function(name.name)?.arn;
            Some(name.qualifier.map_or_else(|| arn.clone(), |qualifier| format!("{arn}:{qualifier}")))
        }
    };
    let source = input.text("EventSourceArn")?;
    let mappings = world.functions().flat_map(mappings_of);
    let asked = |(arn, event_source): &(String, &str)| {
        wanted.as_ref().is_none_or(|wanted| wanted == arn) && source.is_none_or(|source| source == *event_source)
    };
    let describe = |(number, (arn, event_source)): (usize, (String, &str))| {
        Members::new()
            .with("UUID", format!("0badc0de-0000-4000-8000-{number:012x}"))
            .with("EventSourceArn", event_source)
            .with("FunctionArn", arn)
            .with("BatchSize", 10_i64)
            .with("State", "Enabled")
            .into()
    };
    let mappings: Vec<Value> = mappings.enumerate().filter(|(_, mapping)| asked(mapping)).map(describe).collect();
    list(input, "mappings", "EventSourceMappings", &mappings)
}

/// GetAccountSettings.
pub fn get_account_settings(world: &World) -> Value {
    let size: u64 = world.functions().flat_map(|function| &function.versions).map(|each| each.code_size).sum();
    let limit = Members::new()
        .with("TotalCodeSize", 80_530_636_800_i64)
        .with("CodeSizeUnzipped", 262_144_000_i64)
        .with("CodeSizeZipped", 52_428_800_i64)
        .with("ConcurrentExecutions", 1_000_i64)
        .with("UnreservedConcurrentExecutions", 1_000_i64);
    let usage = Members::new()
        .with("TotalCodeSize", i64::try_from(size).unwrap_or(i64::MAX))
        .with("FunctionCount", i64::try_from(world.functions().count()).unwrap_or(i64::MAX));
    Members::new().with("AccountLimit", limit).with("AccountUsage", usage).into()
}

fn mappings_of(function: &Function) -> impl Iterator<Item = (String, &str)> {
    function.event_sources.iter().map(|(source, alias)| {
        let arn = alias.as_ref().map_or_else(|| function.arn.clone(), |alias| format!("{}:{alias}", function.arn));
        (arn, source.as_str())
    })
}

fn provisioned_concurrency(world: &World, config: &ProvisionedConcurrency) -> Members {
    let last_modified = config.last_modified.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
    let is_ready = world.now() >= config.ready;
    let allocated = if is_ready { config.requested } else { config.requested / 2 };
    Members::new()
        .with("RequestedProvisionedConcurrentExecutions", config.requested)
        .with("AvailableProvisionedConcurrentExecutions", allocated)
        .with("AllocatedProvisionedConcurrentExecutions", allocated)
        .with("Status", if is_ready { "READY" } else { "IN_PROGRESS" })
        .with("LastModified", last_modified)
}
