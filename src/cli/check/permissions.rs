//! Each permission that the policy of `flightdeck iam-policy` gives, asked of IAM's simulator for whoever asks.

use std::collections::BTreeMap;

use super::{
    finding::{Finding, Verdict},
    missing_action,
};
use crate::{
    aws::{Cloud, policy},
    config::Environment,
    release::{
        error::Trouble,
        surroundings::permissions::{Decision, Permission, principal},
    },
};

/// How many resources a finding names.
const NAMED: usize = 3;

/// A finding for every action, or one that says why none can be had.
pub(super) async fn permissions(cloud: &Cloud, environment: &Environment, is_read_only: bool) -> Vec<Finding> {
    // That nobody knows who asks was said before.
    let Ok(caller) = cloud.caller().await else { return Vec::new() };
    // The simulator compares ARNs letter by letter, so they name what is asked.
    let mut here = environment.clone();
    here.region.get_or_insert_with(|| cloud.region().to_owned());
    here.account = Some(caller.account);
    let calls = policy::calls(&here, is_read_only);
    let Some(principal) = principal(&caller.arn) else {
        let who = if caller.arn.ends_with(":root") {
            "the account's root, which may do everything"
        } else {
            "a caller that IAM does not simulate"
        };
        return vec![unanswered(&format!("this is {who}"))];
    };
    match cloud.permissions(&principal, &calls).await {
        Ok(permissions) => by_action(&permissions),
        Err(error) if error.kind == Trouble::Denied => {
            vec![unanswered(&format!("asking is not allowed: {} is missing", missing_action(error.operation)))]
        }
        Err(error) => vec![unanswered(&error.message)],
    }
}

/// What shows only when traffic is moved.
fn unanswered(why: &str) -> Finding {
    let words = format!("whether each call is allowed cannot be asked ({why}); compare with `flightdeck iam-policy`");
    Finding::new("permissions", Verdict::Unanswerable, words)
}

fn by_action(permissions: &[Permission]) -> Vec<Finding> {
    let mut actions: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for permission in permissions {
        let (asked, refused) = actions.entry(&permission.call.action).or_default();
        *asked += 1;
        if permission.decision != Decision::Allowed {
            let resource = permission.call.resource.splitn(6, ':').nth(5).unwrap_or(&permission.call.resource);
            let how = if permission.decision == Decision::Forbidden { " (a policy forbids it)" } else { "" };
            refused.push(format!("{resource}{how}"));
        }
    }
    let finding = |(action, (asked, refused)): (&str, (usize, Vec<String>))| {
        let what = format!("may {action}");
        if refused.is_empty() {
            return Finding::new(
                what,
                Verdict::Ok,
                if asked == 1 { "yes".to_owned() } else { format!("yes, on all {asked}") },
            );
        }
        let named = refused.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if refused.len() > NAMED { format!(" and {} more", refused.len() - NAMED) } else { String::new() };
        let words = format!("not on {named}{more}; `flightdeck iam-policy` prints what to allow");
        Finding::new(what, if is_optional(action) { Verdict::Warning } else { Verdict::Failed }, words)
    };
    actions.into_iter().map(finding).collect()
}

/// Without these a release runs as well: less is known before it, or on other machines.
fn is_optional(action: &str) -> bool {
    let prefixes = [
        "codedeploy:",
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:RemoveTags",
        "iam:",
        "lambda:GetPolicy",
        "lambda:ListEventSourceMappings",
        "lambda:ListTags",
    ];
    prefixes.iter().any(|prefix| action.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::surroundings::permissions::Call;

    #[test]
    fn each_action_has_one_verdict_and_names_what_is_refused() {
        let permission = |action: &str, name: &str, decision| Permission {
            call: Call { action: action.to_owned(), resource: format!("arn:aws:lambda:eu-west-1:1:function:{name}") },
            decision,
        };
        let findings = by_action(&[
            permission("lambda:GetAlias", "pay", Decision::Allowed),
            permission("lambda:GetAlias", "ship", Decision::Allowed),
            permission("lambda:UpdateAlias", "pay", Decision::Allowed),
            permission("lambda:UpdateAlias", "ship", Decision::Forbidden),
            permission("lambda:GetPolicy", "pay", Decision::NotAllowed),
        ]);
        let told: Vec<_> = findings.iter().map(|one| (one.what.as_str(), one.verdict)).collect();
        let expected = [
            ("may lambda:GetAlias", Verdict::Ok),
            ("may lambda:GetPolicy", Verdict::Warning),
            ("may lambda:UpdateAlias", Verdict::Failed),
        ];
        assert_eq!(told, expected);
        assert!(findings[2].words.contains("not on function:ship (a policy forbids it)"), "{}", findings[2].words);
    }
}
