//! What a scenario's `world.toml` may say: the written form of a world. It only describes; [`super::World`] brings it
//! to life. It must not know how requests arrive.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::function::{State, VersionId};
use super::offset::Offset;

mod alarm;
mod check;

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
    /// REST APIs in front of the functions.
    #[serde(default)]
    pub apis: Vec<ApiSpec>,
    /// Metrics that follow from the calls of functions.
    #[serde(default)]
    pub metrics: Vec<DerivedMetricSpec>,
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

/// A Lambda function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionSpec {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// The name of its execution role, without the ARN around it.
    pub role: String,
    /// Its runtime.
    #[serde(default = "python")]
    pub runtime: String,
    /// Its entry point.
    #[serde(default = "app_handler")]
    pub handler: String,
    /// Memory in MB.
    #[serde(default = "half_a_gigabyte")]
    pub memory_mb: u32,
    /// The longest a call may take.
    #[serde(default = "fifteen_seconds")]
    pub timeout: Offset,
    /// The name of the SQS queue that takes dead letters, if there is one.
    pub dead_letter: Option<String>,
    /// Tags of the function.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Numbered versions, oldest first. `$LATEST` exists anyway and is a copy of the highest.
    pub versions: Vec<VersionSpec>,
    /// Aliases with their traffic.
    pub aliases: Vec<AliasSpec>,
    /// Calls a minute that name no alias and so run `$LATEST`.
    #[serde(default)]
    pub unqualified_per_minute: f64,
    /// Provisioned concurrency, on an alias or a version.
    #[serde(default)]
    pub provisioned: Vec<ProvisionedSpec>,
    /// Troubles that all versions share, such as a dependency that fails.
    #[serde(default)]
    pub troubles: Vec<TroubleSpec>,
}

/// A numbered version of a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionSpec {
    /// Its number.
    pub number: u32,
    /// Its description, often a release tag.
    #[serde(default)]
    pub description: String,
    /// When it was published, relative to the opening. In the future: it appears then.
    pub published: Offset,
    /// Its state when it appears.
    #[serde(default = "active")]
    pub state: State,
    /// When it becomes Active, relative to the opening.
    pub active: Option<Offset>,
    /// Another execution role than the function's.
    pub role: Option<String>,
    /// Another dead-letter queue than the function's.
    pub dead_letter: Option<String>,
    /// Another runtime than the function's.
    pub runtime: Option<String>,
    /// The share of calls that fail, percent.
    #[serde(default)]
    pub error_percent: f64,
    /// How long a call takes.
    pub latency: LatencySpec,
    /// Troubles of this version alone.
    #[serde(default)]
    pub troubles: Vec<TroubleSpec>,
}

/// A latency distribution: lognormal, through these two percentiles.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencySpec {
    /// The median, ms.
    pub p50_ms: f64,
    /// The 99th percentile, ms.
    pub p99_ms: f64,
}

/// A time in which calls go worse than usual.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TroubleSpec {
    /// When it sets in.
    pub begins: Begins,
    /// How long it lasts; without it, for ever.
    pub lasts: Option<Offset>,
    /// How long it takes to reach its full strength.
    #[serde(default)]
    pub ramp: Offset,
    /// The share of calls that fail at full strength, percent.
    pub error_percent: Option<f64>,
    /// By what factor calls take longer at full strength.
    #[serde(default = "one")]
    pub slower: f64,
    /// The share of requests that are throttled, percent. Only for troubles of a whole function.
    #[serde(default)]
    pub throttled_percent: f64,
}

/// When a trouble sets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begins {
    /// At a time relative to the opening.
    At(Offset),
    /// That long after the version first got traffic, whenever that may be.
    AfterTraffic(Offset),
}

/// An alias and the traffic that calls it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasSpec {
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// The version it pointed at before any of the shifts.
    pub version: u32,
    /// The weights it had before any of the shifts: additional version to fraction.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
    /// Calls a minute, on average over the day.
    #[serde(default)]
    pub calls_per_minute: f64,
    /// Changes of the routing, past and to come, in order of time.
    #[serde(default)]
    pub shifts: Vec<ShiftSpec>,
}

/// A change of an alias that somebody made, or will make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftSpec {
    /// When, relative to the opening.
    pub at: Offset,
    /// The version it points at from then on.
    pub version: u32,
    /// The weights from then on: additional version to fraction.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
}

/// Provisioned concurrency on an alias or a version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvisionedSpec {
    /// The alias or version it belongs to.
    pub qualifier: String,
    /// How many execution environments.
    pub requested: u32,
}

/// A REST API of API Gateway in front of functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSpec {
    /// Its name, the dimension `ApiName`.
    pub name: String,
    /// Its stage, the dimension `Stage`.
    pub stage: String,
    /// The functions behind it.
    pub functions: Vec<String>,
    /// What the gateway adds to each call, ms.
    #[serde(default = "twelve")]
    pub overhead_ms: f64,
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

/// Weights as a world keeps them.
pub(super) fn weights(written: &BTreeMap<String, f64>) -> BTreeMap<VersionId, f64> {
    written.iter().filter_map(|(id, weight)| Some((id.parse().ok()?, *weight))).collect()
}

fn three_hours() -> Offset {
    Offset::hours(3)
}

fn fifteen_seconds() -> Offset {
    Offset::seconds(15)
}

fn python() -> String {
    "python3.12".to_owned()
}

fn app_handler() -> String {
    "app.handler".to_owned()
}

fn half_a_gigabyte() -> u32 {
    512
}

fn active() -> State {
    State::Active
}

fn one() -> f64 {
    1.0
}

fn twelve() -> f64 {
    12.0
}
