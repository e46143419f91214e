//! CloudWatch alarms: what they watch, their state, and the record of their changes. Here is what they are;
//! [`watch`] evaluates them. They know neither traffic nor wire.

mod judge;
mod reason;
mod rule;
mod watch;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::metric::{MetricId, Statistic};
pub use super::spec::{Comparison, TreatMissing};
pub(super) use rule::Rule;
pub(super) use watch::Alarms;

/// An alarm, metric or composite.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its region.
    pub region: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its description.
    pub description: String,
    /// What makes it fire.
    pub kind: AlarmKind,
    /// The SNS topics it notifies when it fires.
    pub actions: Vec<String>,
    /// When it was made.
    pub configured: Timestamp,
    /// Its state.
    pub state: AlarmState,
    /// Why, in words.
    pub reason: String,
    /// Why, in JSON; empty when a person set the state without it.
    pub reason_data: String,
    /// When the state was last set, even to what it was.
    pub state_updated: Timestamp,
    /// When the state last changed.
    pub state_transitioned: Timestamp,
}

/// What makes an alarm fire.
#[derive(Debug, Clone)]
pub enum AlarmKind {
    /// Values of metrics.
    Metric(MetricAlarm),
    /// The states of other alarms.
    Composite {
        /// The rule as it was written.
        rule: String,
    },
}

/// The settings of a metric alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricAlarm {
    /// What it looks at.
    pub source: AlarmSource,
    /// The length of a datapoint, seconds.
    pub period_s: u32,
    /// How many datapoints it looks at (N).
    pub evaluation_periods: u32,
    /// How many of them must breach (M), if that was said.
    pub datapoints_to_alarm: Option<u32>,
    /// How a value is compared with the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// What a missing datapoint counts as.
    pub treat_missing: TreatMissing,
}

/// What a metric alarm looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum AlarmSource {
    /// A statistic of one metric.
    Metric {
        /// The metric.
        metric: MetricId,
        /// What is made of it.
        statistic: Statistic,
        /// The statistic as AWS writes it.
        statistic_name: String,
    },
    /// `100 * part / whole`, of one statistic over the period: metric math, with the ids `part` and `whole`.
    Percent {
        /// What is made of both.
        statistic: Statistic,
        /// The statistic as AWS writes it.
        statistic_name: String,
        /// What is counted.
        part: MetricId,
        /// Out of what.
        whole: MetricId,
    },
}

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// All is well.
    Ok,
    /// It fires.
    Alarm,
    /// Nobody knows.
    InsufficientData,
}

/// An entry of the alarms' history.
#[derive(Debug, Clone)]
pub struct AlarmEvent {
    /// The alarm's name.
    pub alarm: String,
    /// Whether it is a composite alarm.
    pub composite: bool,
    /// When it happened.
    pub at: Timestamp,
    /// What kind of thing happened.
    pub kind: AlarmEventKind,
    /// What happened, in words.
    pub summary: String,
    /// What happened, in JSON.
    pub data: String,
}

/// The kind of an entry of the alarms' history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmEventKind {
    /// The alarm was made or changed.
    ConfigurationUpdate,
    /// Its state changed.
    StateUpdate,
    /// It told somebody.
    Action,
}

impl AlarmState {
    /// As AWS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// Reads what AWS writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.as_str() == text)
    }
}
