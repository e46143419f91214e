//! What a scenario may say about alarms.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::sim::world::offset::Offset;

/// A metric alarm.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmSpec {
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// What it looks at.
    pub watches: WatchSpec,
    /// `Sum`, `Average`, `SampleCount`, `Minimum`, `Maximum` or `p99`. A percentage is one of sums unless it says
    /// `SampleCount`.
    pub statistic: Option<String>,
    /// The length of a datapoint.
    pub period: Offset,
    /// How many datapoints are looked at (N).
    pub evaluation_periods: u32,
    /// How many of them must breach (M). Left out: all.
    pub datapoints_to_alarm: Option<u32>,
    /// How a value is compared with the threshold.
    #[serde(default)]
    pub comparison: Comparison,
    /// The threshold, in the unit of the metric.
    pub threshold: f64,
    /// What a missing datapoint counts as.
    #[serde(default)]
    pub treat_missing: TreatMissing,
    /// Since when it has been in the state in which the world's past begins.
    #[serde(default = "nine_days_ago")]
    pub since: Offset,
    /// The SNS topics it notifies.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Its region, where that is not the world's.
    pub region: Option<String>,
    /// There is such an alarm for each of these, which stands for `{each}` in its name and its dimensions.
    #[serde(default)]
    pub each: Vec<String>,
}

/// What a metric alarm looks at.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchSpec {
    /// One metric.
    Metric(MetricSpec),
    /// `100 * part / whole`, of the same statistic over the period.
    Percent {
        /// What is counted.
        part: MetricSpec,
        /// Out of what.
        whole: MetricSpec,
    },
}

/// The name of a metric.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
}

/// How an alarm compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Comparison {
    /// Above the threshold.
    #[default]
    GreaterThanThreshold,
    /// At the threshold or above.
    GreaterThanOrEqualToThreshold,
    /// Below the threshold.
    LessThanThreshold,
    /// At the threshold or below.
    LessThanOrEqualToThreshold,
}

/// What an alarm makes of a missing datapoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TreatMissing {
    /// Unknown: with nothing else to look at, `INSUFFICIENT_DATA`.
    #[default]
    Missing,
    /// The state stays as it is.
    Ignore,
    /// As a breach.
    Breaching,
    /// As fine.
    NotBreaching,
}

/// A composite alarm.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeSpec {
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// Its rule, for example `ALARM("a") OR ALARM("b")`.
    pub rule: String,
    /// Since when it has been in the state in which the world's past begins.
    #[serde(default = "nine_days_ago")]
    pub since: Offset,
    /// The SNS topics it notifies.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Its region, where that is not the world's.
    pub region: Option<String>,
    /// There is such an alarm for each of these, which stands for `{each}` in its name and its dimensions.
    #[serde(default)]
    pub each: Vec<String>,
}

impl AlarmSpec {
    /// One alarm for each thing that it speaks of.
    pub(super) fn unfolded(&self) -> Vec<Self> {
        if self.each.is_empty() {
            return vec![self.clone()];
        }
        let of = |each: &String| {
            let named = |text: &String| text.replace("{each}", each);
            let metric = |metric: &MetricSpec| MetricSpec {
                name: named(&metric.name),
                dimensions: metric.dimensions.iter().map(|(key, value)| (key.clone(), named(value))).collect(),
                ..metric.clone()
            };
            let watches = match &self.watches {
                WatchSpec::Metric(one) => WatchSpec::Metric(metric(one)),
                WatchSpec::Percent { part, whole } => WatchSpec::Percent { part: metric(part), whole: metric(whole) },
            };
            Self { name: named(&self.name), watches, each: Vec::new(), ..self.clone() }
        };
        self.each.iter().map(of).collect()
    }
}

fn nine_days_ago() -> Offset {
    Offset::hours(-9 * 24)
}
