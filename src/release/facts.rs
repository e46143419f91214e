//! What AWS told us, in our words. Plain data; texts in it are already free of control characters.

use std::{borrow::Cow, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    error::CloudError,
    names::{AliasName, RevisionId, Version},
    routing::Routing,
};

/// Who is calling, from STS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The 12-digit account.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

impl Caller {
    /// The short name for the top line: the role or user, without path and session.
    pub fn short(&self) -> &str {
        short_name(&self.arn)
    }
}

/// The role or user in an ARN, without path and session.
pub fn short_name(arn: &str) -> &str {
    let resource = arn.rsplit(':').next().unwrap_or(arn);
    let mut parts = resource.split('/');
    match (parts.next(), parts.next()) {
        (Some("assumed-role"), Some(role)) => role,
        _ => resource.rsplit('/').next().unwrap_or(resource),
    }
}

/// An alias as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// Where the traffic goes.
    pub routing: Routing,
    /// Makes the next write conditional.
    pub revision: RevisionId,
    /// What a person wrote there; may hold a release record.
    pub description: String,
    /// The account in the alias' ARN, where it has one.
    pub account: Option<String>,
    /// What else was read with it.
    pub setting: Setting,
}

/// What is read with a target beside where its traffic goes, and matters before that is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Setting {
    /// An alias has nothing of the kind.
    #[default]
    Alias,
    /// A listener's rule.
    Rule(RuleSetting),
    /// A stage of a REST API.
    Stage(StageSetting),
}

/// A listener's rule beside its weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetting {
    /// All target groups that it names, in its order, whatever their weight.
    pub groups: Vec<Version>,
    /// What it does, such as `forward` or `redirect`.
    pub action: String,
    /// Whether clients stay with the target group that answered them first.
    pub sticky: bool,
    /// Why the tag could not be read in which a release record would stand, where that is so and none is known.
    pub untold: Option<Box<CloudError>>,
}

/// A stage beside its deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageSetting {
    /// The share in percent that a canary of API Gateway's own gets, while it gets any.
    pub canary_percent: Option<String>,
    /// The `CloudFormation` stack that made it.
    pub stack: Option<String>,
}

/// What AWS answers to a write that it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The alias as it is now.
    pub alias: Alias,
    /// AWS's id of the request, for its support and its audit trail.
    pub request_id: Option<String>,
    /// Why the release record could not be written with it. The traffic goes where it was wanted all the same.
    pub unrecorded: Option<CloudError>,
}

/// What `ListVersionsByFunction` or `GetFunction` says of a version.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionInfo {
    /// Which version.
    pub version: Version,
    /// What was written when it was published.
    pub description: String,
    /// When the code was last changed.
    pub modified: Option<Timestamp>,
    /// Such as `python3.12`; empty for container images.
    pub runtime: String,
    /// Base64 SHA-256 of the code.
    pub code_sha256: String,
    /// The execution role's ARN: both sides of a split must have the same one.
    pub role: String,
    /// The dead-letter queue's ARN: both sides of a split must have the same one, or none.
    pub dead_letter: Option<String>,
    /// The function's time limit.
    pub timeout: Duration,
    /// `None` where the list did not say; `GetFunction` does.
    pub state: Option<VersionState>,
    /// Why it is in that state.
    pub state_reason: Option<String>,
    /// What stands in the way of moving traffic to it, or is worth knowing before.
    pub marks: Vec<Mark>,
}

impl VersionInfo {
    /// A version of which nothing is known but its name: target groups and deployments have little of what functions
    /// have.
    pub fn bare(version: Version) -> Self {
        Self {
            version,
            description: String::new(),
            modified: None,
            runtime: String::new(),
            code_sha256: String::new(),
            role: String::new(),
            dead_letter: None,
            timeout: Duration::ZERO,
            state: None,
            state_reason: None,
            marks: Vec::new(),
        }
    }
}

/// Something about a target group or the rule around it that matters before traffic moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Clients stay with the target of this group that answered them first.
    Sticky(Version),
    /// Another tool moves this traffic.
    OwnedBy {
        /// Whose it is, such as `Amazon ECS`.
        owner: String,
        /// The tag that says so.
        tag: String,
    },
    /// A `CloudFormation` stack made it.
    Stack(String),
}

/// A version's state. AWS adds states, so others are kept by their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionState {
    /// It can be called.
    Active,
    /// Being made ready; a `SnapStart` version takes minutes.
    Pending,
    /// It cannot be called.
    Failed,
    /// Reclaimed by AWS for lack of use; the next call wakes it.
    Inactive,
    /// A state that this program does not know.
    Other(String),
}

impl VersionState {
    /// The state's name in AWS's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "Active",
            Self::Pending => "Pending",
            Self::Failed => "Failed",
            Self::Inactive => "Inactive",
            Self::Other(name) => name,
        }
    }
}

/// Another alias of a function, for the detail view.
#[derive(Debug, Clone, PartialEq)]
pub struct AliasPointer {
    /// The alias.
    pub alias: AliasName,
    /// Where it points.
    pub routing: Routing,
}

/// Provisioned concurrency of an alias. AWS refuses weights on such an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionedConcurrency {
    /// `READY`, `IN_PROGRESS` or `FAILED`.
    pub status: String,
    /// How many environments were asked for.
    pub requested: u32,
}

/// How bad an alarm is, from the configuration. Ordered: critical first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Wakes somebody up.
    Critical,
    /// Within the hour.
    High,
    /// Within the day.
    Medium,
    /// When there is time.
    Low,
}

impl Severity {
    /// The word in the configuration and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// An alarm, metric or composite.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: AlarmState,
    /// `StateTransitionedTimestamp`, else `StateUpdatedTimestamp`.
    pub since: Option<Timestamp>,
    /// AWS's reason for the state.
    pub reason: String,
    /// A composite alarm's rule.
    pub rule: Option<String>,
    /// What a metric alarm looks at.
    pub watches: Option<AlarmMetric>,
    /// `EvaluationState` other than none, such as `PARTIAL_DATA`: do not trust the state.
    pub doubt: Option<String>,
    /// The region it was read from, where that is not the environment's own.
    pub region: Option<String>,
    /// Its tags, where a rule asks for one: keys and values.
    pub tags: Vec<(String, String)>,
}

impl Alarm {
    /// An alarm of which nothing is known but its name and state.
    pub fn named(name: impl Into<String>, state: AlarmState) -> Self {
        Self {
            name: name.into(),
            arn: String::new(),
            state,
            since: None,
            reason: String::new(),
            rule: None,
            watches: None,
            doubt: None,
            region: None,
            tags: Vec::new(),
        }
    }

    /// What people call it: its name, with the region before it where that is not the environment's own. Regions often
    /// have alarms of the same name.
    pub fn label(&self) -> Cow<'_, str> {
        match &self.region {
            Some(region) => Cow::Owned(format!("{region}/{}", self.name)),
            None => Cow::Borrowed(&self.name),
        }
    }

    /// The region in its ARN, where it has one.
    pub fn region_of_arn(&self) -> Option<&str> {
        self.arn.split(':').nth(3).filter(|region| !region.is_empty())
    }

    /// Whether it has a tag; without a value any is meant.
    pub fn has_tag(&self, key: &str, value: Option<&str>) -> bool {
        self.tags.iter().any(|(its, held)| its == key && value.is_none_or(|value| value == held))
    }
}

/// What a simple metric alarm looks at, so that a chart can draw its threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmMetric {
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Such as `Errors`; for a metric-math alarm its expression.
    pub metric: String,
    /// Such as `Sum` or `p99`.
    pub statistic: String,
    /// Name and value pairs.
    pub dimensions: Vec<(String, String)>,
    /// In the metric's unit.
    pub threshold: f64,
    /// How long one evaluated period is.
    pub period: Duration,
}

/// The states of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmState {
    /// The threshold is crossed.
    Alarm,
    /// Not enough data to tell.
    InsufficientData,
    /// All well.
    Ok,
}

impl AlarmState {
    /// The state in AWS's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// A budget. AWS recomputes it two or three times a day: always show `as_of`.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// The limit in `unit`.
    pub limit: Option<f64>,
    /// Spent so far in `unit`.
    pub actual: Option<f64>,
    /// Expected by the end of the period in `unit`.
    pub forecast: Option<f64>,
    /// Such as `USD`.
    pub unit: String,
    /// When AWS last changed it.
    pub as_of: Option<Timestamp>,
    /// `HealthStatus` other than healthy: why the figures may be old.
    pub unhealthy: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_name_of_a_caller_is_its_role_or_user() {
        let short = |arn: &str| Caller { account: String::new(), arn: arn.into() }.short().to_owned();
        assert_eq!(short("arn:aws:sts::210987650193:assumed-role/oncall-admin/ada"), "oncall-admin");
        assert_eq!(short("arn:aws:iam::210987650193:user/ops/ada"), "ada");
        assert_eq!(short("arn:aws:iam::210987650193:root"), "root");
    }
}
