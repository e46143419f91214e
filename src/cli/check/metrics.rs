//! The metrics that a configuration names: whether CloudWatch has ever heard of each, and what it was meant to be.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;

use super::{
    finding::{Finding, Verdict},
    refused,
};
use crate::{
    app::lens::extra_series,
    config::{Environment, ExtraMetric, suggestion},
    release::{
        error::CloudError,
        metrics::{Question, Series, minute::Minute},
    },
    runtime::Services,
};

/// How far back a metric is looked for: CloudWatch lists what had data in the last two weeks.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(14 * 24);
/// One value for each so long.
const PERIOD: Duration = Duration::from_hours(1);

/// Whether each metric of the configuration has had data, and if not, what is called nearly so.
pub(super) async fn metrics(services: &Services, environment: &Environment) -> Vec<Finding> {
    let series: Vec<Series> = environment.metrics.iter().map(extra_series).collect();
    if series.is_empty() {
        return Vec::new();
    }
    let to = Minute::of(services.clock.now().world).start();
    let question = Question { series, from: to - LOOK_BACK, to, period: PERIOD };
    let answer = match services.cloud.metric_data(&question).await {
        Ok(answer) => answer,
        Err(error) => return vec![refused("metrics", &error)],
    };
    let mut known: BTreeMap<&str, Result<Vec<String>, CloudError>> = BTreeMap::new();
    let mut findings = Vec::new();
    for (metric, found) in environment.metrics.iter().zip(&answer.series) {
        let what = format!("metric {}", metric.title);
        if !found.points.is_empty() {
            findings.push(Finding::new(what, Verdict::Ok, "has data"));
            continue;
        }
        if !known.contains_key(metric.namespace.as_str()) {
            known.insert(&metric.namespace, services.cloud.metric_names(&metric.namespace, None).await);
        }
        findings.push(Finding::new(what, Verdict::Warning, silence(metric, known.get(metric.namespace.as_str()))));
    }
    findings
}

/// Why a metric may be silent.
fn silence(metric: &ExtraMetric, known: Option<&Result<Vec<String>, CloudError>>) -> String {
    let ExtraMetric { namespace, metric: name, .. } = metric;
    let no_data = format!("no data of {namespace} {name} in two weeks");
    match known {
        Some(Ok(names)) if names.is_empty() => format!("{no_data}; nothing else is in {namespace} either"),
        Some(Ok(names)) if names.contains(name) => {
            format!("{no_data} with these dimensions; {namespace} has it with others: compare them")
        }
        Some(Ok(names)) => format!("{no_data}{}", suggestion(name, names)),
        Some(Err(_)) | None => no_data,
    }
}
