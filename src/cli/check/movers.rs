//! Rules of load balancers and stages of REST APIs: whether they could be moved, and taken back, as they stand now.

use super::{
    finding::{Finding, Verdict},
    refused,
};
use crate::{
    aws::Cloud,
    release::{
        candidates,
        facts::{Alias, VersionState},
        names::{Mover, Target},
        plan::{Known, PlanRow, shift_row},
        routing::SplitStyle,
    },
};

/// What is found of a rule or a stage that has been read.
pub(super) async fn mover(cloud: &Cloud, target: &Target, alias: &Alias) -> Vec<Finding> {
    let what = target.to_string();
    let mut findings = vec![Finding::new(&what, Verdict::Ok, alias.routing.to_string())];
    let versions = match cloud.versions(target).await {
        Ok(versions) => versions,
        Err(error) => return vec![findings.remove(0), refused(&what, &error)],
    };
    let next = candidates::next(target.kind, &versions, &alias.routing, &[]);
    let known = Known {
        target,
        alias,
        entry: None,
        candidate: next.as_ref().ok().copied(),
        no_candidate: next.as_ref().err().map_or("", String::as_str),
        versions: &versions,
        provisioned: None,
    };
    let row = shift_row(known, 100.0, SplitStyle::default());
    findings.push(planned(&what, target, &row, next.is_ok()));
    if target.kind == Mover::Rule {
        findings.extend(versions.iter().map(|info| {
            let is_well = info.state == Some(VersionState::Active);
            let verdict = if is_well { Verdict::Ok } else { Verdict::Warning };
            Finding::new(format!("{what}: {}", info.version), verdict, info.description.clone())
        }));
    } else {
        findings.extend(measured(cloud, target).await);
    }
    findings
}

/// What a plan would say. That there is nothing new to release yet is no trouble of a stage.
fn planned(what: &str, target: &Target, row: &PlanRow, has_next: bool) -> Finding {
    match &row.refusal {
        None => Finding::new(what, Verdict::Ok, format!("could go to {}", row.to)),
        Some(why) if target.kind == Mover::Stage && !has_next => Finding::new(what, Verdict::Ok, why.clone()),
        Some(why) => Finding::new(what, Verdict::Warning, format!("a release would be refused: {why}")),
    }
}

/// CloudWatch counts by the API's name, so the configuration must use that one.
async fn measured(cloud: &Cloud, target: &Target) -> Option<Finding> {
    let what = format!("{target}: metrics");
    Some(match cloud.api_name(target).await {
        Ok(name) if name == target.function.as_str() => Finding::new(what, Verdict::Ok, format!("ApiName {name}")),
        Ok(name) => Finding::new(
            what,
            Verdict::Warning,
            format!("the API is called {name}, and CloudWatch counts by that: write `name = \"{name}\"`"),
        ),
        Err(error) => refused(&what, &error),
    })
}
