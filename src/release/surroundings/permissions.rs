//! What IAM says about calls that nobody has made yet, as its policy simulator answers. A simulation knows the caller's
//! own policies; what else may refuse a call, such as a policy of the organization, it knows only in part.

use super::Found;
use crate::release::names::{Mover, Target};

/// A call and what it acts on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Such as `lambda:UpdateAlias`.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
}

/// What the simulation said of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The call.
    pub call: Call,
    /// What would become of it.
    pub decision: Decision,
}

/// What would become of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// No policy allows it.
    NotAllowed,
    /// A policy forbids it.
    Forbidden,
}

/// Whether a rollback makes this call: it reads what it moves, and writes it.
pub fn is_for_rollback(action: &str) -> bool {
    const CALLS: [&str; 8] = [
        "lambda:GetAlias",
        "lambda:UpdateAlias",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:ModifyListener",
        "apigateway:GET",
        "apigateway:PATCH",
    ];
    CALLS.contains(&action)
}

/// The principal that IAM simulates for a caller: the role behind an assumed role's session. `None` where the caller is
/// none that can be simulated, such as the account's root, which may do everything, or a federated user.
pub fn principal(caller: &str) -> Option<Principal> {
    let parts: Vec<&str> = caller.splitn(6, ':').collect();
    let ["arn", partition, service, _, account, resource] = parts.as_slice() else { return None };
    match (*service, resource.split('/').collect::<Vec<_>>().as_slice()) {
        ("sts", ["assumed-role", role, _session]) => Some(Principal {
            arn: format!("arn:{partition}:iam::{account}:role/{role}"),
            role: Some((*role).to_owned()),
        }),
        ("iam", ["user" | "role", ..]) => Some(Principal { arn: caller.to_owned(), role: None }),
        _ => None,
    }
}

/// Whom IAM is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Its ARN. A session does not tell the path of its role, so this one may not exist.
    pub arn: String,
    /// The role's name, by which its whole ARN can be had.
    pub role: Option<String>,
}

/// Every call that a rollback of these targets makes, by the caller with this ARN. `region` is the environment's own.
pub fn of_rollback<'a>(caller: &str, region: &str, targets: impl Iterator<Item = &'a Target>) -> Vec<Call> {
    let mut parts = caller.split(':');
    let (partition, account) = (parts.nth(1).unwrap_or("aws"), parts.nth(2).unwrap_or_default());
    let call = |action: &str, resource: String| Call { action: action.to_owned(), resource };
    let calls = targets.flat_map(|target| {
        let region = target.region.as_deref().unwrap_or(region);
        match target.kind {
            Mover::Alias => {
                let function = format!("arn:{partition}:lambda:{region}:{account}:function:{}", target.function);
                vec![call("lambda:GetAlias", function.clone()), call("lambda:UpdateAlias", function)]
            }
            Mover::Rule => {
                let arn = target.alias.as_str();
                let what = if arn.contains(":listener-rule/") { "Rule" } else { "Listener" };
                vec![
                    call(&format!("elasticloadbalancing:Describe{what}s"), "*".to_owned()),
                    call(&format!("elasticloadbalancing:Modify{what}"), arn.to_owned()),
                ]
            }
            Mover::Stage => {
                let (api, stage) = target.api_and_stage().unwrap_or_default();
                let stage = format!("arn:{partition}:apigateway:{region}::/restapis/{api}/stages/{stage}");
                vec![call("apigateway:GET", stage.clone()), call("apigateway:PATCH", stage)]
            }
        }
    });
    calls.collect()
}

/// The calls of a rollback that would be refused, in one sentence.
pub fn missing_for_rollback(permissions: &[Permission]) -> Option<Found> {
    let refused =
        |permission: &&Permission| permission.decision != Decision::Allowed && is_for_rollback(&permission.call.action);
    let mut calls: Vec<String> = permissions.iter().filter(refused).map(Permission::in_words).collect();
    calls.sort();
    calls.dedup();
    let first = calls.first()?;
    let more = if calls.len() > 1 { format!(" and {} more", calls.len() - 1) } else { String::new() };
    Some(Found::trouble(format!(
        "a rollback would be refused: {first}{more}, IAM's simulation says; `flightdeck iam-policy` prints what to allow"
    )))
}

impl Permission {
    /// The call and what is wrong with it.
    pub fn in_words(&self) -> String {
        let how = match self.decision {
            Decision::Allowed => "is allowed",
            Decision::NotAllowed => "is not allowed",
            Decision::Forbidden => "is forbidden",
        };
        let name = self.call.resource.splitn(6, ':').nth(5).unwrap_or(&self.call.resource);
        format!("{} on {name} {how}", self.call.action)
    }
}
