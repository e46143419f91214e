//! STS and IAM: who is calling, and what they may do.

use super::fault;
use super::value::{Members, Value};
use crate::sim::world::{Fault, World};

/// GetCallerIdentity.
pub fn get_caller_identity(world: &World) -> Value {
    let members = Members::new().with("Arn", world.caller_arn()).with("UserId", world.caller_id());
    members.with("Account", world.account()).into()
}

/// SimulatePrincipalPolicy: one answer for each action and resource. It wants a user or a role, not a session of one.
pub fn simulate_principal_policy(world: &World, input: &Value) -> Result<Value, Fault> {
    let source = input.text("PolicySourceArn")?.unwrap_or_default();
    let (place, name) = source.split_once('/').unwrap_or((source, ""));
    let is_principal = place.ends_with(":role") || place.ends_with(":user") || place.ends_with(":group");
    if !is_principal || name.is_empty() {
        let message = format!("Invalid Entity Arn: {source} does not clearly define entity type and name.");
        return Err(fault::refusal("InvalidInput", message));
    }
    let own = world.caller_arn().split('/').nth(1).unwrap_or_default();
    if name.rsplit('/').next() != Some(own) || !place.contains(world.account()) {
        let message = format!("The role with name {name} cannot be found.");
        return Err(Fault { status: 404, ..fault::refusal("NoSuchEntity", message) });
    }
    let resources = input.texts("ResourceArns")?;
    let resources = if resources.is_empty() { vec!["*"] } else { resources };
    let actions = input.texts("ActionNames")?;
    let result = |action: &str, resource: &str| {
        let decision = if world.denies(action) { "implicitDeny" } else { "allowed" };
        Members::new()
            .with("EvalActionName", action)
            .with("EvalResourceName", resource)
            .with("EvalDecision", decision)
            .with("MatchedStatements", Value::List(Vec::new()))
            .with("MissingContextValues", Value::List(Vec::new()))
    };
    let results: Value =
        actions.iter().flat_map(|action| resources.iter().map(|resource| result(action, resource))).collect();
    Ok(Members::new().with("EvaluationResults", results).with("IsTruncated", false).into())
}
