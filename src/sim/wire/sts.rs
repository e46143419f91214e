//! STS and IAM: who is calling, and what they may do.

use super::fault;
use super::value::{Members, Value};
use crate::sim::world::{Fault, World};

/// GetCallerIdentity.
pub fn get_caller_identity(world: &World) -> Value {
    let members = Members::new().with("Arn", world.caller_arn()).with("UserId", world.caller_id());
    members.with("Account", world.account()).into()
}

/// GetRole, of the role that the caller has taken on.
pub fn get_role(world: &World, input: &Value) -> Result<Value, Fault> {
    let name = input.text("RoleName")?.unwrap_or_default();
    if name != own_role(world) {
        return Err(no_such_role(name));
    }
    let role = Members::new()
        .with("Path", "/")
        .with("RoleName", name)
        .with("RoleId", world.caller_id().split(':').next().unwrap_or_default())
        .with("Arn", format!("arn:aws:iam::{}:role/{name}", world.account()))
        .with("CreateDate", world.opening());
    Ok(Members::new().with("Role", role).into())
}

/// SimulatePrincipalPolicy: one answer for each action, and behind it, where there are several, one for each resource.
/// It wants a user or a role, not a session of one.
pub fn simulate_principal_policy(world: &World, input: &Value) -> Result<Value, Fault> {
    let source = input.text("PolicySourceArn")?.unwrap_or_default();
    let (place, name) = source.split_once('/').unwrap_or((source, ""));
    let is_principal = place.ends_with(":role") || place.ends_with(":user") || place.ends_with(":group");
    if !is_principal || name.is_empty() {
        let message = format!("Invalid Entity Arn: {source} does not clearly define entity type and name.");
        return Err(fault::refusal("InvalidInput", message));
    }
    if name.rsplit('/').next() != Some(own_role(world)) || !place.contains(world.account()) {
        return Err(no_such_role(name));
    }
    let resources = input.texts("ResourceArns")?;
    let result = |action: &str| {
        let decision = if world.denies(action) { "implicitDeny" } else { "allowed" };
        let of_resource = |resource: &&str| {
            let members = Members::new().with("EvalResourceName", *resource);
            members.with("EvalResourceDecision", decision).with("MatchedStatements", Value::List(Vec::new()))
        };
        let each = (resources.len() > 1).then(|| resources.iter().map(of_resource).collect::<Value>());
        Members::new()
            .with("EvalActionName", action)
            .with("EvalResourceName", if let [only] = resources.as_slice() { only } else { "*" })
            .with("EvalDecision", decision)
            .with("MatchedStatements", Value::List(Vec::new()))
            .with("MissingContextValues", Value::List(Vec::new()))
            .with_some("ResourceSpecificResults", each)
    };
    let results: Value = input.texts("ActionNames")?.into_iter().map(result).collect();
    Ok(Members::new().with("EvaluationResults", results).with("IsTruncated", false).into())
}

/// The name of the role whose session the caller is.
fn own_role(world: &World) -> &str {
    world.caller_arn().split('/').nth(1).unwrap_or_default()
}

fn no_such_role(name: &str) -> Fault {
    let message = format!("The role with name {name} cannot be found.");
    Fault { status: 404, ..fault::refusal("NoSuchEntity", message) }
}
