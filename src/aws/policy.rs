//! What flightdeck must be allowed to do, as an IAM policy: every call that this edge makes, on the resources that an
//! environment names, and nothing else. Pure.

mod movers;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    config::{AlarmMatch, AlarmRule, Environment, Receiver},
    release::{
        names::{Mover, Target},
        surroundings::permissions::Call,
    },
};

/// Calls that read a function, its versions and its aliases.
const READS_OF_FUNCTIONS: [&str; 7] = [
    "lambda:GetAlias",
    "lambda:GetFunction",
    "lambda:GetPolicy",
    "lambda:GetProvisionedConcurrencyConfig",
    "lambda:ListAliases",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
];
/// Calls that find out whether `CodeDeploy` moves the same alias.
const READS_OF_DEPLOYMENTS: [&str; 4] = [
    "codedeploy:BatchGetDeployments",
    "codedeploy:BatchGetDeploymentTargets",
    "codedeploy:ListDeployments",
    "codedeploy:ListDeploymentTargets",
];
/// What stands for a region or an account that the configuration leaves open.
const ANY: &str = "*";

/// The least that an environment needs, as a policy document. A person who only looks needs no writes.
///
/// Which resources a call can be limited to:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html> and its neighbours for
/// CloudWatch, Budgets and SNS. `sts:GetCallerIdentity` needs no leave.
pub fn policy(environment: &Environment, is_read_only: bool) -> Value {
    let mut statements = Vec::new();
    let mut allow = |sid: &str, actions: &[&str], resources: &BTreeSet<String>| {
        if !resources.is_empty() {
            statements.push(json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources }));
        }
    };
    let functions = functions(environment);
    // A call that names a version or an alias is matched against the ARN with that name behind it.
    let qualified: BTreeSet<String> = functions.iter().flat_map(|arn| [arn.clone(), format!("{arn}:*")]).collect();
    let everything = BTreeSet::from([ANY.to_owned()]);
    let nothing = BTreeSet::new();
    allow("SeeFunctions", &READS_OF_FUNCTIONS, &qualified);
    if !is_read_only {
        allow("MoveTraffic", &["lambda:UpdateAlias"], &functions);
    }
    for (sid, actions, resources) in movers::statements(environment, is_read_only) {
        allow(sid, &actions, &resources);
    }
    // Which queues and streams call a function can be limited by a condition alone.
    let if_any = |resources: BTreeSet<String>| if functions.is_empty() { BTreeSet::new() } else { resources };
    allow("SeeTriggers", &["lambda:ListEventSourceMappings"], &if_any(everything.clone()));
    allow("SeeDeployments", &READS_OF_DEPLOYMENTS, &deployment_groups(environment));
    allow("AskWhatIsAllowed", &["iam:GetRole", "iam:SimulatePrincipalPolicy"], &if_any(principals(environment)));
    // Neither can be limited to resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    allow(
        "SeeMetrics",
        &["cloudwatch:GetMetricData"],
        if environment.functions.is_empty() { &nothing } else { &everything },
    );
    let has_alarms = !environment.alarms.is_empty();
    allow("SeeAlarms", &["cloudwatch:DescribeAlarms"], if has_alarms { &everything } else { &nothing });
    allow("SeeTagsOfAlarms", &["cloudwatch:ListTagsForResource"], &tagged_alarms(environment));
    allow("SeeBudgets", &["budgets:ViewBudget"], &budgets(environment));
    if !is_read_only {
        allow("TellPeople", &["sns:Publish"], &topics(environment));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Every call that the policy allows, one by one, as it would be made. Region and account should be named in the
/// environment: IAM compares ARNs letter by letter.
pub fn calls(environment: &Environment, is_read_only: bool) -> Vec<Call> {
    let policy = policy(environment, is_read_only);
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let calls = statements.iter().flat_map(|statement| {
        let (actions, resources) = (texts(&statement["Action"]), texts(&statement["Resource"]));
        actions.into_iter().flat_map(move |action| {
            // What stands for every version and alias of a function is covered by the function itself.
            let whole = resources.clone().into_iter().filter(|resource| !resource.ends_with(":*"));
            let resources: Vec<String> = whole.collect();
            let resources = if resources.is_empty() { vec![ANY.to_owned()] } else { resources };
            resources.into_iter().map(move |resource| Call { action: action.clone(), resource })
        })
    });
    calls.collect()
}

fn functions(environment: &Environment) -> BTreeSet<String> {
    let account = environment.account.as_deref().unwrap_or(ANY);
    let arn = |target: &Target| {
        format!("arn:aws:lambda:{}:{account}:function:{}", region_of(environment, target), target.function)
    };
    aliases(environment).map(arn).collect()
}

fn aliases(environment: &Environment) -> impl Iterator<Item = &Target> {
    let targets = environment.functions.iter().map(|settings| &settings.target);
    targets.filter(|target| target.kind == Mover::Alias)
}

/// The region of a target: its own, or the environment's.
fn region_of<'a>(environment: &'a Environment, target: &'a Target) -> &'a str {
    target.region.as_deref().or(environment.region.as_deref()).unwrap_or(ANY)
}

/// All of the functions' regions: which one moves a function only its deployments tell.
fn deployment_groups(environment: &Environment) -> BTreeSet<String> {
    let account = environment.account.as_deref().unwrap_or(ANY);
    let regions = aliases(environment).map(|target| region_of(environment, target));
    regions.map(|region| format!("arn:aws:codedeploy:{region}:{account}:deploymentgroup:*")).collect()
}

/// Whoever runs flightdeck asks about itself, and that is not known here.
fn principals(environment: &Environment) -> BTreeSet<String> {
    let account = environment.account.as_deref().unwrap_or(ANY);
    ["role", "user"].into_iter().map(|kind| format!("arn:aws:iam::{account}:{kind}/*")).collect()
}

/// Every alarm of the regions in which a rule asks for a tag.
fn tagged_alarms(environment: &Environment) -> BTreeSet<String> {
    let account = environment.account.as_deref().unwrap_or(ANY);
    let tagged = environment.alarms.iter().filter(|rule| matches!(rule.matches, AlarmMatch::Tag { .. }));
    let region = |rule: &AlarmRule| rule.region().or(environment.region.as_deref()).unwrap_or(ANY).to_owned();
    tagged.map(|rule| format!("arn:aws:cloudwatch:{}:{account}:alarm:*", region(rule))).collect()
}

/// `DescribeBudgets` lists, so it is matched against the budgets of the account as a whole.
fn budgets(environment: &Environment) -> BTreeSet<String> {
    let account = environment.account.as_deref().unwrap_or(ANY);
    let all = || format!("arn:aws:budgets::{account}:budget/*");
    if environment.budgets.is_empty() { BTreeSet::new() } else { BTreeSet::from([all()]) }
}

fn topics(environment: &Environment) -> BTreeSet<String> {
    let topic = |receiver: &Receiver| match receiver {
        Receiver::Sns { topic_arn } => Some(topic_arn.clone()),
        Receiver::Slack { .. } | Receiver::Json { .. } | Receiver::PagerDuty { .. } => None,
    };
    environment.notify.iter().filter_map(|notify| topic(&notify.to)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const TEXT: &str = r#"
[environments.production]
region = "eu-west-1"
account = "123456789012"
budgets = [{ name = "monthly" }]
[[environments.production.functions]]
name = "pay"
[[environments.production.functions]]
name = "ship"
[[environments.production.alarms]]
prefix = "api-"
severity = "critical"
[[environments.production.notify]]
name = "mail"
kind = "sns"
topic_arn = "arn:aws:sns:eu-west-1:123456789012:releases"
"#;

    fn environment(text: &str) -> Environment {
        let config = Config::parse(text, "config.toml").unwrap_or_else(|error| panic!("{error}"));
        config.environment(None).unwrap().clone()
    }

    fn actions(policy: &Value) -> Vec<String> {
        let statements = policy["Statement"].as_array().unwrap();
        let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
        actions.map(|action| action.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_resource_that_can_be_named_is_named() {
        let policy = policy(&environment(TEXT), false);
        let of = |sid: &str| {
            let statements = policy["Statement"].as_array().unwrap();
            statements.iter().find(|statement| statement["Sid"] == sid).unwrap()["Resource"].clone()
        };
        let arn = |name: &str| format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}");
        assert_eq!(of("MoveTraffic"), json!([arn("pay"), arn("ship")]));
        assert_eq!(of("SeeFunctions"), json!([arn("pay"), arn("pay:*"), arn("ship"), arn("ship:*")]));
        assert_eq!(of("SeeBudgets"), json!(["arn:aws:budgets::123456789012:budget/*"]));
        assert_eq!(of("TellPeople"), json!(["arn:aws:sns:eu-west-1:123456789012:releases"]));
    }

    #[test]
    fn a_function_of_another_region_is_named_in_its_region() {
        let away = "[[environments.production.functions]]\nname = \"pay\"\nregion = \"us-east-1\"\n";
        let policy = policy(&environment(&format!("{TEXT}{away}")), false).to_string();
        for arn in ["lambda:us-east-1:123456789012:function:pay", "lambda:eu-west-1:123456789012:function:pay"] {
            assert!(policy.contains(arn), "{policy}");
        }
        assert!(policy.contains("codedeploy:us-east-1:123456789012:deploymentgroup:*"), "{policy}");
    }

    #[test]
    fn who_only_looks_may_write_nothing() {
        let whole = actions(&policy(&environment(TEXT), false));
        let looking = actions(&policy(&environment(TEXT), true));
        assert!(whole.contains(&"lambda:UpdateAlias".to_owned()) && whole.contains(&"sns:Publish".to_owned()));
        let writes: Vec<_> = whole.iter().filter(|action| !looking.contains(action)).collect();
        assert_eq!(writes, ["lambda:UpdateAlias", "sns:Publish"]);
    }

    #[test]
    fn what_is_not_configured_is_not_asked_for() {
        let bare = "[environments.lab]\n[[environments.lab.functions]]\nname = \"pay\"\n";
        let policy = policy(&environment(bare), true);
        assert!(!actions(&policy).iter().any(|action| action.contains("Alarms") || action.contains("Budget")));
        assert!(policy.to_string().contains("arn:aws:lambda:*:*:function:pay"), "{policy}");
    }
}
