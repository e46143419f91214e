//! The panels of a configuration: whether CloudWatch has ever heard of what each is worked out of, and where not, what
//! was probably meant or must be switched on.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;

use super::{
    finding::{Finding, Verdict},
    refused,
};
use crate::{
    config::{Environment, suggestion},
    release::{
        error::CloudError,
        metrics::{
            Question, Series, SeriesAnswer,
            formula::Missing,
            minute::Minute,
            panel::{MetricPanel, ONE_DAY},
            store::Datum,
        },
    },
    runtime::Services,
};

/// How far back a metric is looked for: CloudWatch lists what had data in the last two weeks.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(14 * 24);
/// One value for each so long, where the metric is not a daily one.
const PERIOD: Duration = Duration::from_hours(1);

/// What was found of each series.
type Found = BTreeMap<Series, SeriesAnswer>;

/// Whether each panel of the configuration has had data, and if not, why that may be.
pub(super) async fn metrics(services: &Services, environment: &Environment) -> Vec<Finding> {
    let found = match asked(services, &environment.metrics).await {
        Ok(found) => found,
        Err(error) => return vec![refused("metrics", &error)],
    };
    let mut names = Names { services, known: BTreeMap::new() };
    let mut findings = Vec::new();
    for panel in &environment.metrics {
        findings.push(finding(panel, &found, &mut names).await);
    }
    findings
}

/// Every series of every panel, each once: by the hour or by the day.
async fn asked(services: &Services, panels: &[MetricPanel]) -> Result<Found, CloudError> {
    let now = Minute::of(services.clock.now().world);
    let mut found = Found::new();
    for (is_daily, period, to) in [(false, PERIOD, now.start()), (true, ONE_DAY, now.day().start() + ONE_DAY)] {
        let panels = panels.iter().filter(|panel| panel.is_daily == is_daily);
        let mut series: Vec<Series> = panels.flat_map(|panel| panel.formula.series()).cloned().collect();
        series.sort_unstable();
        series.dedup();
        if series.is_empty() {
            continue;
        }
        let from = now.day().start() - LOOK_BACK;
        let answer = services.cloud.metric_data(&Question { series, from, to, period }).await?;
        found.extend(answer.series.into_iter().map(|answer| (answer.series.clone(), answer)));
    }
    Ok(found)
}

async fn finding(panel: &MetricPanel, found: &Found, names: &mut Names<'_>) -> Finding {
    let what = format!("metric {}", panel.title);
    let answers: Vec<&SeriesAnswer> =
        panel.formula.series().into_iter().filter_map(|series| found.get(series)).collect();
    let has_points = |series: &Series| found.get(series).is_some_and(|answer| !answer.points.is_empty());
    if let Some(doubt) = answers.iter().find_map(|answer| answer.doubt.as_ref()) {
        return Finding::new(what, Verdict::Failed, doubt.clone());
    }
    // What is only told of events may be silent; what is told of every call may not.
    let mut wanted = panel.formula.operands.values().flat_map(|operand| {
        let must_have = matches!(operand.missing, Missing::Unknown);
        operand.series.iter().filter(move |_| must_have)
    });
    if !answers.iter().any(|answer| !answer.points.is_empty()) {
        if let Some(remedy) = &panel.remedy {
            return Finding::new(what, Verdict::Warning, format!("not measured in two weeks: {remedy}"));
        }
        let silent = wanted.next().or_else(|| answers.first().map(|answer| &answer.series));
        return match silent {
            Some(series) => Finding::new(what, Verdict::Warning, names.silence(series).await),
            None => Finding::new(what, Verdict::Unanswerable, "is worked out of nothing that is asked"),
        };
    }
    if let Some(series) = wanted.find(|series| !has_points(series)) {
        return Finding::new(what, Verdict::Warning, names.silence(series).await);
    }
    match last(panel, found) {
        Some(value) => {
            // It is another time than the panel's minute, and a sum over it is another number.
            let over = if panel.is_daily { "day" } else { "hour" };
            let words = format!("has data; the last {over} with some: {}", panel.unit.written(value));
            Finding::new(what, Verdict::Ok, words)
        }
        None => Finding::new(what, Verdict::Unanswerable, "nothing of it has happened yet: it is only told of events"),
    }
}

/// The newest value of a panel.
fn last(panel: &MetricPanel, found: &Found) -> Option<f64> {
    let answers = panel.formula.series().into_iter().filter_map(|series| found.get(series));
    let mut times: Vec<_> = answers.flat_map(|answer| answer.points.iter().map(|(at, _)| *at)).collect();
    times.sort_unstable();
    times.dedup();
    times.into_iter().rev().find_map(|time| {
        let at = |series: &Series| {
            let point = found.get(series).and_then(|answer| answer.points.iter().find(|(at, _)| *at == time));
            point.map_or(Datum::Missing, |(_, value)| Datum::Value(*value))
        };
        panel.formula.at(at).value()
    })
}

/// The names of the metrics that there are, as far as they were asked for.
struct Names<'a> {
    services: &'a Services,
    known: BTreeMap<(String, Option<String>), Result<Vec<String>, CloudError>>,
}

impl Names<'_> {
    /// Why a series may be silent.
    async fn silence(&mut self, series: &Series) -> String {
        let Series { namespace, metric, region, .. } = series;
        let key = (namespace.clone(), region.clone());
        if !self.known.contains_key(&key) {
            let names = self.services.cloud.metric_names(namespace, region.as_deref()).await;
            self.known.insert(key.clone(), names);
        }
        let no_data = format!("no data of {namespace} {metric} in two weeks");
        match self.known.get(&key) {
            Some(Ok(names)) if names.is_empty() => format!("{no_data}; nothing else is in {namespace} either"),
            Some(Ok(names)) if names.contains(metric) => {
                format!("{no_data} with these dimensions; {namespace} has it with others: compare them ({series})")
            }
            Some(Ok(names)) => format!("{no_data}{}", suggestion(metric, names)),
            Some(Err(_)) | None => no_data,
        }
    }
}
