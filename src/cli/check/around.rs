//! What stands around the functions: who made them, what calls them past their alias, and who else moves it.

use std::collections::BTreeSet;

use super::{
    finding::{Finding, Verdict},
    missing_action,
};
use crate::{
    aws::Cloud,
    config::Environment,
    release::{
        error::Trouble,
        names::{Mover, Target, Version},
        surroundings::{self, Found, Weight},
    },
};

/// What is found around one alias, beside the versions it points at.
pub(super) async fn around(cloud: &Cloud, target: &Target, stable: Version) -> Vec<Finding> {
    let around = Box::pin(cloud.surroundings(target, Some(stable), None)).await;
    surroundings::findings(target, stable, None, &around)
        .into_iter()
        .map(|found| told(&target.to_string(), found))
        .collect()
}

/// The deployments that run now, asked once for all functions.
pub(super) async fn deployments(cloud: &Cloud, environment: &Environment) -> Vec<Finding> {
    const WHAT: &str = "CodeDeploy";
    let aliases = environment.functions.iter().map(|settings| &settings.target);
    let aliases: Vec<&Target> = aliases.filter(|target| target.kind == Mover::Alias).collect();
    if aliases.is_empty() {
        return Vec::new();
    }
    let regions: BTreeSet<_> = aliases.iter().map(|target| target.region.clone()).collect();
    let deployments = match cloud.deployments_under_way(&regions.into_iter().collect::<Vec<_>>()).await {
        Ok(deployments) => deployments,
        Err(error) => {
            let remedy = match error.kind {
                Trouble::Denied => format!("; allow {}", missing_action(error.operation)),
                _ => String::new(),
            };
            let words = format!("whether it moves one of the aliases cannot be asked: {}{remedy}", error.message);
            return vec![Finding::new(WHAT, Verdict::Unanswerable, words)];
        }
    };
    let rivals = aliases.iter().flat_map(|target| {
        surroundings::rivals(target, &deployments).into_iter().map(|found| told(&target.to_string(), found))
    });
    let rivals: Vec<Finding> = rivals.collect();
    if rivals.is_empty() { vec![Finding::new(WHAT, Verdict::Ok, "moves none of these aliases now")] } else { rivals }
}

fn told(what: &str, found: Found) -> Finding {
    let verdict = match found.weight {
        Weight::Trouble | Weight::Remark => Verdict::Warning,
        Weight::Unanswered => Verdict::Unanswerable,
    };
    Finding::new(what, verdict, found.words)
}
