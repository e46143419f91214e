//! What rules of load balancers and stages of REST APIs need of a policy. Pure.

use std::collections::BTreeSet;

use super::{ANY, region_of};
use crate::{
    config::Environment,
    release::names::{Mover, Target},
};

/// A statement of the policy: its id, its actions, its resources.
pub(super) type Statement = (&'static str, Vec<&'static str>, BTreeSet<String>);

/// Calls that read a rule and what stands around it; none of them can be limited to resources.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html>
const READS_OF_RULES: [&str; 5] = [
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetHealth",
];

/// Calls that put the release record on a rule and take it off. Without them a release runs as well, and only the machine
/// that began it knows what was stable.
const TAGS_OF_RULES: [&str; 2] = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"];

/// All of them, without the writes for whoever only looks.
pub(super) fn statements(environment: &Environment, is_read_only: bool) -> Vec<Statement> {
    let of = |kind: Mover| {
        let targets = environment.functions.iter().map(|settings| &settings.target);
        targets.filter(move |target| target.kind == kind).collect::<Vec<_>>()
    };
    let (rules, stages) = (of(Mover::Rule), of(Mover::Stage));
    let mut statements = Vec::new();
    if !rules.is_empty() {
        statements.push(("SeeListeners", READS_OF_RULES.to_vec(), BTreeSet::from([ANY.to_owned()])));
    }
    let arns = |is_rule: bool| {
        let arns = rules.iter().map(|rule| rule.alias.to_string());
        arns.filter(|arn| arn.contains(":listener-rule/") == is_rule).collect::<BTreeSet<_>>()
    };
    let writes = [
        ("MoveRules", "elasticloadbalancing:ModifyRule", arns(true)),
        ("MoveListeners", "elasticloadbalancing:ModifyListener", arns(false)),
        ("MoveStages", "apigateway:PATCH", stages.iter().map(|stage| stage_arn(environment, stage)).collect()),
    ];
    let seen: BTreeSet<String> = stages.iter().flat_map(|stage| seen_of_stage(environment, stage)).collect();
    if !seen.is_empty() {
        statements.push(("SeeStages", vec!["apigateway:GET"], seen));
    }
    let tagged: BTreeSet<String> = rules.iter().map(|rule| rule.alias.to_string()).collect();
    if !is_read_only && !tagged.is_empty() {
        statements.push(("CarryRecords", TAGS_OF_RULES.to_vec(), tagged));
    }
    if !is_read_only {
        let named = writes.into_iter().filter(|(_, _, resources)| !resources.is_empty());
        statements.extend(named.map(|(sid, action, resources)| (sid, vec![action], resources)));
    }
    statements
}

/// `arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5`, without an account.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html>
fn api_arn(environment: &Environment, stage: &Target) -> String {
    let region = region_of(environment, stage);
    let api = stage.api_and_stage().map_or(ANY, |(api, _)| api);
    format!("arn:aws:apigateway:{region}::/restapis/{api}")
}

fn stage_arn(environment: &Environment, stage: &Target) -> String {
    let name = stage.api_and_stage().map_or(ANY, |(_, name)| name);
    format!("{}/stages/{name}", api_arn(environment, stage))
}

fn seen_of_stage(environment: &Environment, stage: &Target) -> [String; 4] {
    let api = api_arn(environment, stage);
    [stage_arn(environment, stage), format!("{api}/deployments"), format!("{api}/deployments/*"), api]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::policy;
    use crate::config::Config;

    const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/50dc/f2f7/9683";

    fn statements(is_read_only: bool) -> Vec<Value> {
        let text = format!(
            "[environments.e]\nregion = \"eu-west-1\"\nlisteners = [{{ name = \"web\", rule = \"{RULE}\" }}]\n\
             stages = [{{ name = \"api\", api = \"a1b2\", stage = \"prod\" }}]\n"
        );
        let config = Config::parse(&text, "c.toml").unwrap_or_else(|error| panic!("{error}"));
        let policy = policy(config.environment(None).unwrap(), is_read_only);
        policy["Statement"].as_array().unwrap().clone()
    }

    fn resources(sid: &str) -> Value {
        let all = statements(false);
        all.iter().find(|statement| statement["Sid"] == sid).unwrap_or_else(|| panic!("{sid}"))["Resource"].clone()
    }

    #[test]
    fn writes_are_limited_to_the_rule_and_the_stage() {
        assert_eq!(resources("MoveRules"), json!([RULE]));
        assert_eq!(resources("CarryRecords"), json!([RULE]));
        assert_eq!(resources("MoveStages"), json!(["arn:aws:apigateway:eu-west-1::/restapis/a1b2/stages/prod"]));
        assert_eq!(resources("SeeListeners"), json!(["*"]));
        assert!(resources("SeeStages").to_string().contains("/restapis/a1b2/deployments"));
    }

    #[test]
    fn whoever_only_looks_may_move_nothing_and_no_function_is_named() {
        let looking = statements(true);
        let text = Value::from(looking).to_string();
        assert!(
            !text.contains("Modify")
                && !text.contains("PATCH")
                && !text.contains("AddTags")
                && !text.contains("function:"),
            "{text}"
        );
        assert!(text.contains("cloudwatch:GetMetricData"), "{text}");
    }
}
