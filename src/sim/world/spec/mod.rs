//! What a scenario's `world.toml` may say: the written form of a world. It only describes; [`super::World`] brings it
//! to life. It must not know how requests arrive.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::function::VersionId;
use super::offset::Offset;

mod alarm;
mod check;
mod edge;
mod function;
mod service;

pub use edge::{
    ApiSpec, BalancerSpec, CodeDeploySpec, DeploymentSpec, EndpointSpec, GroupSpec, ListenerSpec, RuleSpec,
};
pub use function::{
    AliasSpec, Begins, FunctionSpec, LatencySpec, ProvisionedSpec, ShiftSpec, TroubleSpec, VersionSpec,
};
pub use service::{Kind, Level, LooseSpec, Names, PerCall, SeriesSpec, ServiceSpec, Shape, Time};

pub use alarm::{AlarmSpec, Comparison, CompositeSpec, MetricSpec, TreatMissing, WatchSpec};

/// A whole world, as written in a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// One line that says what this world shows.
    pub title: String,
    /// The same seed gives the same traffic, minute by minute after the opening.
    pub seed: u64,
    /// How much past exists when the world opens.
    #[serde(default = "three_hours")]
    pub past: Offset,
    /// The twelve digits of the AWS account.
    pub account: String,
    /// The AWS region, for example `eu-west-1`.
    pub region: String,
    /// The ARN that STS answers for whoever calls.
    pub caller: String,
    /// When the metrics carry the dimension `ExecutedVersion`.
    #[serde(default)]
    pub executed_version: ExecutedVersion,
    /// The functions, in the order in which AWS lists them.
    #[serde(default)]
    pub functions: Vec<FunctionSpec>,
    /// How many more functions there are that nobody calls: an account in which one has to search.
    #[serde(default)]
    pub bystanders: u32,
    /// Regions that are switched off for this account.
    #[serde(default)]
    pub regions_off: Vec<String>,
    /// Actions that IAM denies to the caller, such as `lambda:UpdateAlias`; `*` stands for any letters.
    #[serde(default)]
    pub denied: Vec<String>,
    /// How far the clock of this AWS is ahead of the world's time.
    #[serde(default)]
    pub clock_ahead: Offset,
    /// Load balancers.
    #[serde(default)]
    pub balancers: Vec<BalancerSpec>,
    /// Health endpoints.
    #[serde(default)]
    pub endpoints: Vec<EndpointSpec>,
    /// What CodeDeploy knows.
    #[serde(default)]
    pub codedeploy: Vec<CodeDeploySpec>,
    /// APIs in front of the functions.
    #[serde(default)]
    pub apis: Vec<ApiSpec>,
    /// Metrics that follow from the calls of functions.
    #[serde(default)]
    pub metrics: Vec<DerivedMetricSpec>,
    /// Services with the metrics of their kind.
    #[serde(default)]
    pub services: Vec<ServiceSpec>,
    /// Metrics that belong to no kind of service.
    #[serde(default)]
    pub series: Vec<LooseSpec>,
    /// Metric alarms.
    #[serde(default)]
    pub alarms: Vec<AlarmSpec>,
    /// Composite alarms.
    #[serde(default)]
    pub composites: Vec<CompositeSpec>,
    /// Monthly cost budgets.
    #[serde(default)]
    pub budgets: Vec<BudgetSpec>,
    /// Faults of the services themselves, at given times.
    #[serde(default)]
    pub disturbances: Vec<DisturbanceSpec>,
}

/// When per-version metrics exist. The documents of AWS leave it open, so readers must manage with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExecutedVersion {
    /// Only in minutes in which the alias splits its traffic.
    #[default]
    Split,
    /// In every minute.
    Always,
}

/// A metric that counts something about the calls of functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedMetricSpec {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// The functions whose calls are counted.
    pub from: Vec<String>,
    /// Which calls count.
    #[serde(default)]
    pub of: Counted,
    /// How many there are for each such call.
    #[serde(default = "one")]
    pub per_call: f64,
}

/// Which calls a derived metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// All that ran.
    Calls,
    /// Those that went well.
    #[default]
    Successes,
    /// Those that failed.
    Errors,
}

/// A monthly cost budget.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetSpec {
    /// Its name.
    pub name: String,
    /// Its limit, USD a month.
    pub limit: f64,
    /// What had been spent this month when the world opened, USD.
    pub actual: f64,
    /// What AWS expects for the whole month, USD.
    pub forecast: Option<f64>,
    /// What everything but the calls costs, USD a day.
    #[serde(default)]
    pub per_day: f64,
}

/// A fault of a service, at a given time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisturbanceSpec {
    /// The operation, such as `UpdateAlias`; `*` stands for any letters.
    pub operation: String,
    /// From when on, relative to the opening.
    pub at: Offset,
    /// How long; without it, for ever.
    pub lasts: Option<Offset>,
    /// How many requests at most; without it, all.
    pub times: Option<u32>,
    /// What they get instead of an answer.
    pub answer: super::disturbance::Disturbance,
}

impl WorldSpec {
    /// The same with an alarm for each thing that one speaks of, and with the bystanders among the functions. Every
    /// third of them has an alias, as in a real account.
    pub(super) fn unfolded(&self) -> Self {
        let teams = ["billing", "search", "mailer", "reports", "ingest"];
        let bystander = |number: u32| {
            let team = teams[number as usize % teams.len()];
            let aliases = if number.is_multiple_of(3) { vec![AliasSpec::called("live", 1, 0.0)] } else { Vec::new() };
            FunctionSpec {
                name: format!("{team}-job-{number:03}"),
                tags: BTreeMap::from([("team".to_owned(), team.to_owned())]),
                versions: vec![VersionSpec::quiet()],
                aliases,
                ..FunctionSpec::quiet()
            }
        };
        let mut spec = self.clone();
        spec.functions.extend((1..=self.bystanders).map(bystander));
        spec.bystanders = 0;
        spec.alarms = self.alarms.iter().flat_map(AlarmSpec::unfolded).collect();
        spec
    }
}

/// The traffic of all rules of a load balancer, each told as that of a function.
pub(super) fn rules_as_functions(balancer: &BalancerSpec) -> Vec<FunctionSpec> {
    let rules = balancer.listeners.iter().flat_map(|listener| &listener.rules);
    rules.map(|rule| rule.as_function(&balancer.groups)).collect()
}

/// Weights as a world keeps them.
pub(super) fn weights(written: &BTreeMap<String, f64>) -> BTreeMap<VersionId, f64> {
    written.iter().filter_map(|(id, weight)| Some((id.parse().ok()?, *weight))).collect()
}

fn three_hours() -> Offset {
    Offset::hours(3)
}

fn one() -> f64 {
    1.0
}
