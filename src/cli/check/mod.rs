//! `flightdeck check`: whether the configuration and the place it names fit together. Everything is asked once, nothing
//! is written, and every answer says what to do.

mod alarms;
mod around;
mod finding;
mod local;
mod metrics;
mod movers;
mod permissions;
mod sign;

use std::io::Write;

use futures_util::future::join_all;

use super::{Failure, args::CheckArgs, exit, resolve::Setting, services};
use crate::{
    app::asking::Scope,
    aws::{Cloud, Urgency},
    config::Environment,
    notify::unusable_secret,
    probe::probe,
    release::{
        count,
        error::{CloudError, Trouble},
        facts::{Alias, Caller},
        names::{Mover, Target, Version},
        no_alias,
    },
    runtime::Services,
};
use finding::{Finding, Verdict, tell};
use sign::Sign;

/// Asks everything and prints what it found. Only what failed makes exit code 1.
pub async fn run(setting: Setting, args: &CheckArgs) -> Result<u8, Failure> {
    let (_, services) = services::open(&setting, Scope::Status).await?;
    let environment = &setting.environment;
    let sign = Sign::of(&environment.name);
    sign.asks("who this is");
    let mut findings = vec![configuration(&setting)];
    let caller = services.cloud.caller().await;
    let is_nobody = caller.as_ref().is_err_and(|error| error.kind.is_about_credentials());
    findings.extend(identity(&services.cloud, environment, caller));
    let time_there = services.cloud.time_there().await;
    // Without credentials nothing was sent, and without a reply there is nothing to say of its time.
    if !is_nobody || time_there.is_some() {
        findings.push(local::clock(services.clock.now().world, time_there));
    }
    if is_nobody {
        // Every answer would be the same: it is said once.
        let words = "functions, alarms, budgets, metrics and permissions: that needs credentials";
        findings.push(Finding::new("not asked", Verdict::Unanswerable, words));
    } else {
        findings.extend(of_aws(&services, &setting, &sign).await);
    }
    sign.asks("probes and receivers");
    findings.extend(others(&services, environment).await);
    findings.extend(local::programs(environment));
    sign.end();
    tell(&findings, args.json);
    let has_failed = findings.iter().any(|finding| finding.verdict == Verdict::Failed);
    Ok(if has_failed { exit::FAILED } else { exit::DONE })
}

/// What only AWS can tell.
async fn of_aws(services: &Services, setting: &Setting, sign: &Sign<impl Write>) -> Vec<Finding> {
    let (cloud, environment) = (&services.cloud, &setting.environment);
    let all = environment.functions.len();
    let what = count::plural(environment.functions.iter().map(|settings| settings.target.kind)).to_lowercase();
    let functions = environment.functions.iter().map(|settings| async {
        let findings = function(cloud, &settings.target).await;
        sign.answered(all, &what);
        findings
    });
    let mut findings: Vec<Finding> = join_all(functions).await.into_iter().flatten().collect();
    sign.asks("CodeDeploy");
    findings.extend(around::deployments(cloud, environment).await);
    sign.asks("alarms");
    findings.extend(alarms::alarms(cloud, environment).await);
    sign.asks("budgets");
    findings.extend(budgets(cloud, environment).await);
    sign.asks("metrics");
    findings.extend(metrics::metrics(services, environment).await);
    sign.asks("permissions");
    findings.extend(permissions::permissions(cloud, environment, setting.read_only).await);
    findings
}

/// It was read, or the program would not have come this far.
fn configuration(setting: &Setting) -> Finding {
    let source = setting.source.as_ref().map(|path| path.display().to_string());
    let from = source.unwrap_or_else(|| "the scenario's own".to_owned());
    let count = setting.environment.functions.len();
    let finding = Finding::new("configuration", Verdict::Ok, from);
    if count == 0 { finding.but("the environment names no function: there is nothing to release") } else { finding }
}

fn identity(cloud: &Cloud, environment: &Environment, caller: Result<Caller, CloudError>) -> Vec<Finding> {
    let region = Finding::new("region", Verdict::Ok, cloud.region());
    let caller = match caller {
        Ok(caller) => caller,
        Err(error) => return vec![refused("credentials", &error), switched_off(region, &error)],
    };
    let who = Finding::new("credentials", Verdict::Ok, format!("{} in account {}", caller.short(), caller.account));
    let account = match &environment.account {
        Some(wanted) if *wanted != caller.account => Finding::new(
            "account",
            Verdict::Failed,
            format!("must be {wanted}, is {}: nothing would ever be written; choose another profile", caller.account),
        ),
        Some(wanted) => Finding::new("account", Verdict::Ok, wanted.clone()),
        None => Finding::new("account", Verdict::Warning, "not checked: write `account` into the environment"),
    };
    vec![who, account, region]
}

/// Regions that AWS opened since 2019 take no credentials before the account switches them on, and do not say so.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
fn switched_off(region: Finding, error: &CloudError) -> Finding {
    const FROM_THE_START: [&str; 17] = [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    let is_refusal = matches!(error.kind, Trouble::CredentialsExpired | Trouble::Denied);
    if !is_refusal || FROM_THE_START.contains(&region.words.as_str()) {
        return region;
    }
    region.but("AWS takes no credentials there before the account switches it on (Account → AWS Regions): is it on?")
}

async fn function(cloud: &Cloud, target: &Target) -> Vec<Finding> {
    let what = target.to_string();
    let alias = match cloud.alias(target, Urgency::Routine).await {
        Ok(alias) if target.kind != Mover::Alias => return movers::mover(cloud, target, &alias).await,
        Ok(alias) => alias,
        Err(error) if error.kind == Trouble::NotFound && target.kind == Mover::Alias => {
            return vec![missing_alias(cloud, target).await];
        }
        Err(error) => return vec![refused(&what, &error)],
    };
    let mut findings = vec![Finding::new(&what, Verdict::Ok, format!("{}", alias.routing))];
    findings.extend(split_before(&what, &alias));
    let reads = [
        cloud.versions(target).await.err(),
        cloud.version(target, alias.routing.primary).await.err(),
        cloud.aliases(target).await.err(),
        cloud.provisioned_concurrency(target).await.err(),
    ];
    findings.extend(reads.into_iter().flatten().map(|error| refused(&what, &error)));
    findings.extend(around::around(cloud, target, alias.routing.primary).await);
    findings
}

/// The function has other aliases, or it is not there at all.
async fn missing_alias(cloud: &Cloud, target: &Target) -> Finding {
    let words = match cloud.aliases(target).await {
        Ok(aliases) if aliases.is_empty() => {
            let versions = cloud.versions(target).await.unwrap_or_default();
            let [publish, create] = no_alias::commands(target, cloud.region(), &versions);
            format!("{}; create it with `{publish}` and `{create}`", no_alias::words(target))
        }
        Ok(aliases) => {
            let names: Vec<String> = aliases.iter().map(|alias| alias.alias.to_string()).collect();
            format!("{}; there is: {}", no_alias::words(target), names.join(", "))
        }
        Err(_) => format!(
            "there is no function {} in {}",
            target.function,
            target.region.as_deref().unwrap_or(cloud.region())
        ),
    };
    Finding::new(target.to_string(), Verdict::Failed, words)
}

fn split_before(what: &str, alias: &Alias) -> Vec<Finding> {
    let mut findings = Vec::new();
    if alias.routing.weighted.is_some() {
        let words = "its traffic is split already: a release is under way, or somebody left it so";
        findings.push(Finding::new(what, Verdict::Warning, words));
    }
    if alias.routing.primary == Version::Latest {
        let words = "points at $LATEST, which takes no part in a split: publish a version and point the alias at it";
        findings.push(Finding::new(what, Verdict::Failed, words));
    }
    findings
}

async fn budgets(cloud: &Cloud, environment: &Environment) -> Vec<Finding> {
    if environment.budgets.is_empty() {
        return Vec::new();
    }
    let Ok(caller) = cloud.caller().await else {
        let words = "needs the account, which nobody has told";
        return vec![Finding::new("budgets", Verdict::Unanswerable, words)];
    };
    match cloud.budgets(&caller.account, &environment.budget_names()).await {
        Err(error) => vec![refused("budgets", &error)],
        Ok(found) => {
            let is_there = |name: &String| found.iter().any(|budget| budget.name == *name);
            let of_name = |name: &String| {
                let (verdict, words) = if is_there(name) {
                    (Verdict::Ok, "found")
                } else {
                    (Verdict::Failed, "does not exist in this account")
                };
                Finding::new(format!("budget {name}"), verdict, words)
            };
            environment.budget_names().iter().map(of_name).collect()
        }
    }
}

/// Health endpoints are asked once; nobody is told anything, but their secrets are looked for; no command runs.
async fn others(services: &Services, environment: &Environment) -> Vec<Finding> {
    let variable = |name: &str| services.variable(name);
    let mut findings = Vec::new();
    for settings in &environment.probes {
        let reading = probe(&settings.probe, &services.web, variable).await;
        let what = format!("probe {}", settings.probe.name);
        findings.push(match reading.ok {
            Ok(()) => Finding::new(what, Verdict::Ok, format!("well in {} ms", reading.ms)),
            Err(why) => Finding::new(what, Verdict::Failed, why),
        });
    }
    for notify in &environment.notify {
        let what = format!("notify {}", notify.name);
        findings.push(match unusable_secret(notify, variable) {
            None => Finding::new(what, Verdict::Ok, "its secret is there; nothing was sent"),
            Some(why) => Finding::new(what, Verdict::Failed, why),
        });
    }
    findings
}

/// The permission behind an operation, where IAM calls it otherwise.
fn missing_action(operation: &str) -> String {
    let service = match operation {
        "DescribeBudgets" => return "budgets:ViewBudget".to_owned(),
        "DescribeAlarms" | "GetMetricData" | "ListMetrics" => "cloudwatch",
        "GetCallerIdentity" => "sts",
        "SimulatePrincipalPolicy" | "GetRole" => "iam",
        deployment if deployment.contains("Deployment") => "codedeploy",
        function if function.contains("Alias") || function.contains("Function") || function.contains("Provisioned") => {
            "lambda"
        }
        "GetPolicy" | "ListEventSourceMappings" | "ListTags" => "lambda",
        other => return other.to_owned(),
    };
    format!("{service}:{operation}")
}

/// What a call that failed means for what it asked.
fn refused(what: &str, error: &CloudError) -> Finding {
    let remedy = match error.kind {
        Trouble::Denied => {
            format!("; `flightdeck iam-policy` prints what to allow, {} among it", missing_action(error.operation))
        }
        Trouble::CredentialsExpired | Trouble::NoCredentials => "; sign in again".to_owned(),
        _ => String::new(),
    };
    let verdict = if error.kind.is_passing() { Verdict::Unanswerable } else { Verdict::Failed };
    Finding::new(what, verdict, format!("{}: {}{remedy}", error.kind, error.message))
}
