//! What the caller may do, asked of IAM's policy simulator: nothing is called but the simulation.

use std::collections::BTreeMap;

use aws_sdk_iam::types;

use super::{Cloud, clean, endpoints::Service, paging::Pages};
use crate::release::{
    error::{CloudError, Trouble},
    surroundings::permissions::{Call, Decision, Permission, Principal},
};

/// So many resources are simulated in a call.
const MOST_RESOURCES: usize = 20;

impl Cloud {
    /// What would become of these calls by this principal.
    pub async fn permissions(&self, principal: &Principal, calls: &[Call]) -> Result<Vec<Permission>, CloudError> {
        let mut arn = principal.arn.clone();
        let mut permissions = Vec::new();
        for (resources, actions) in by_resources(calls) {
            for resources in resources.chunks(MOST_RESOURCES) {
                let simulated = match self.simulate(&arn, &actions, resources).await {
                    // A session does not tell the path of its role; IAM does.
                    Err(error) if error.kind == Trouble::NotFound && arn == principal.arn => {
                        let Some(role) = &principal.role else { return Err(error) };
                        arn = self.role_arn(role).await?;
                        self.simulate(&arn, &actions, resources).await?
                    }
                    other => other?,
                };
                permissions.extend(simulated);
            }
        }
        Ok(permissions)
    }

    async fn simulate(
        &self,
        principal: &str,
        actions: &[String],
        resources: &[String],
    ) -> Result<Vec<Permission>, CloudError> {
        const OPERATION: &str = "SimulatePrincipalPolicy";
        let mut permissions = Vec::new();
        let mut pages = Pages::new();
        loop {
            let request = self.0.iam.simulate_principal_policy().policy_source_arn(principal);
            let request = request.set_action_names(Some(actions.to_vec())).set_resource_arns(Some(resources.to_vec()));
            let reply = self.check(OPERATION, Service::Iam, request.set_marker(pages.token()).send().await)?;
            for result in reply.evaluation_results() {
                permissions.extend(read(result));
            }
            if !self.turn_page(&mut pages, OPERATION, Service::Iam, reply.marker)? {
                return Ok(permissions);
            }
        }
    }

    async fn role_arn(&self, role: &str) -> Result<String, CloudError> {
        let reply = self.0.iam.get_role().role_name(role).send().await;
        let reply = self.check("GetRole", Service::Iam, reply)?;
        Ok(reply.role().map(|role| role.arn().to_owned()).unwrap_or_default())
    }
}

/// Calls with the same resources go into one simulation.
fn by_resources(calls: &[Call]) -> Vec<(Vec<String>, Vec<String>)> {
    let mut of_action: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for call in calls {
        of_action.entry(&call.action).or_default().push(call.resource.clone());
    }
    let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (action, mut resources) in of_action {
        resources.sort();
        resources.dedup();
        groups.entry(resources).or_default().push(action.to_owned());
    }
    groups.into_iter().collect()
}

/// With several resources each has a result of its own behind the one for the action.
fn read(result: &types::EvaluationResult) -> Vec<Permission> {
    let action = clean(result.eval_action_name());
    let permission = |resource: &str, decision: &types::PolicyEvaluationDecisionType| Permission {
        call: Call { action: action.clone(), resource: clean(resource) },
        decision: read_decision(decision),
    };
    let each = result.resource_specific_results();
    if each.is_empty() {
        return vec![permission(result.eval_resource_name().unwrap_or("*"), result.eval_decision())];
    }
    each.iter().map(|one| permission(one.eval_resource_name(), one.eval_resource_decision())).collect()
}

/// A decision that is new to us is no leave.
fn read_decision(decision: &types::PolicyEvaluationDecisionType) -> Decision {
    match decision {
        types::PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
        types::PolicyEvaluationDecisionType::ExplicitDeny => Decision::Forbidden,
        _ => Decision::NotAllowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_on_the_same_resources_are_simulated_together() {
        let call = |action: &str, resource: &str| Call { action: action.to_owned(), resource: resource.to_owned() };
        let calls = [call("a", "y"), call("b", "x"), call("a", "x"), call("c", "y"), call("c", "x")];
        let groups = by_resources(&calls);
        let text = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(groups, [(text(&["x"]), text(&["b"])), (text(&["x", "y"]), text(&["a", "c"]))]);
    }

    #[test]
    fn each_resource_has_a_decision_of_its_own() {
        let one = types::EvaluationResult::builder()
            .eval_action_name("lambda:UpdateAlias")
            .eval_resource_name("*")
            .eval_decision(types::PolicyEvaluationDecisionType::ImplicitDeny);
        let read_one = read(&one.clone().build().unwrap());
        assert_eq!(read_one.len(), 1);
        assert_eq!(read_one[0].decision, Decision::NotAllowed);
        let specific = types::ResourceSpecificResult::builder()
            .eval_resource_name("arn:pay")
            .eval_resource_decision(types::PolicyEvaluationDecisionType::Allowed)
            .build()
            .unwrap();
        let both = read(&one.resource_specific_results(specific).build().unwrap());
        assert_eq!(both.len(), 1);
        assert_eq!((both[0].call.resource.as_str(), both[0].decision), ("arn:pay", Decision::Allowed));
    }
}
