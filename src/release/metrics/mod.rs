//! Metrics: what is asked of CloudWatch, what it answers, and what the answers say about a release. The vocabulary is
//! here; [`ask`] plans the questions, [`store`] keeps the answers, [`lens`] reads them for one function. Nothing here
//! knows AWS's SDK, the clock or the screen.

pub mod ask;
pub mod expression;
pub mod formula;
pub mod lens;
pub mod minute;
pub mod panel;
mod series;
mod serving;
pub mod store;
#[cfg(test)]
mod tests;
pub mod unit;

use std::{collections::BTreeMap, fmt, time::Duration};

use jiff::Timestamp;

use super::names::Version;

pub use serving::Counted;

/// One metric with one statistic: what CloudWatch bills as one metric requested.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// Where it is measured, where that is not the environment's own region: `us-east-1` for CloudFront.
    pub region: Option<String>,
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Such as `Duration`.
    pub metric: String,
    /// Dimension names and values.
    pub dimensions: BTreeMap<String, String>,
    /// Such as `Sum` or `p99`.
    pub statistic: String,
}

/// What is measured of a target's calls, by Lambda's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Calls that ran, a sum.
    Invocations,
    /// Calls that ended in an error, a sum.
    Errors,
    /// Calls that were turned away, a sum; they have no executed version.
    Throttles,
    /// The median duration in ms.
    P50,
    /// The 95th percentile of the duration in ms.
    P95,
    /// The 99th percentile of the duration in ms.
    P99,
}

impl Measure {
    /// CloudWatch's name of the metric, and the statistic.
    pub fn metric(self) -> (&'static str, &'static str) {
        match self {
            Self::Invocations => ("Invocations", "Sum"),
            Self::Errors => ("Errors", "Sum"),
            Self::Throttles => ("Throttles", "Sum"),
            Self::P50 => ("Duration", "p50"),
            Self::P95 => ("Duration", "p95"),
            Self::P99 => ("Duration", "p99"),
        }
    }
}

/// `AWS/Lambda Errors Sum {FunctionName=pay, Resource=pay:live}`, and ` in us-east-1` where it has its own region.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {{", self.namespace, self.metric, self.statistic)?;
        for (index, (name, value)) in self.dimensions.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name}={value}")?;
        }
        write!(f, "}}")?;
        self.region.as_ref().map_or(Ok(()), |region| write!(f, " in {region}"))
    }
}

/// One question to `GetMetricData`: every series over the same time at the same period.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What to read.
    pub series: Vec<Series>,
    /// From here, UTC, a whole minute.
    pub from: Timestamp,
    /// To here, exclusive, UTC, a whole minute.
    pub to: Timestamp,
    /// One value for each so long, a multiple of a minute.
    pub period: Duration,
}

/// What came back: for each series that was asked, its points oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// In the question's order. A series that CloudWatch could not read completely has a remark.
    pub series: Vec<SeriesAnswer>,
}

/// The points of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAnswer {
    /// Which series.
    pub series: Series,
    /// Start of the period and the value.
    pub points: Vec<(Timestamp, f64)>,
    /// `StatusCode` other than Complete, such as `PartialData`: missing points mean nothing.
    pub doubt: Option<String>,
}

/// A window of calls summed up. `None` is "no data", never zero.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    /// Calls.
    pub invocations: Option<f64>,
    /// Calls that failed.
    pub errors: Option<f64>,
    /// Errors of calls in percent 0–100.
    pub error_rate: Option<f64>,
    /// Median duration in ms.
    pub p50_ms: Option<f64>,
    /// 95th percentile in ms.
    pub p95_ms: Option<f64>,
    /// 99th percentile in ms.
    pub p99_ms: Option<f64>,
    /// Calls turned away. Not known by version.
    pub throttles: Option<f64>,
}

/// A new version's share of the calls, as counted rather than as set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// Its share of the calls in percent 0–100.
    pub percent: f64,
    /// Of how many calls: a share of few says little.
    pub calls: f64,
}

/// What a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChartMeasure {
    /// Errors of calls in percent 0–100.
    ErrorRate,
    /// The median duration in ms.
    P50,
    /// The 95th percentile of the duration in ms.
    P95,
    /// The 99th percentile of the duration in ms.
    P99,
    /// Calls a minute.
    Invocations,
    /// Calls turned away a minute. They have no executed version.
    Throttles,
}

/// One line of a chart: a measure of all calls through the alias, or of those that one version answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// What it shows.
    pub measure: ChartMeasure,
    /// Of which version; `None` is all calls.
    pub version: Option<Version>,
}

/// A point on a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChartPoint {
    /// Start of the minute, UTC.
    pub at: Timestamp,
    /// In the chart's unit.
    pub value: f64,
    /// Whether the minute is closed. A minute still settling is drawn apart and judged by nobody.
    pub closed: bool,
}
