//! What a scenario may say about Lambda functions: their versions, how calls of these go, their aliases and the traffic
//! through them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::sim::world::function::State;
use crate::sim::world::offset::Offset;

/// A Lambda function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionSpec {
    /// Its name.
    pub name: String,
    /// Its region, where that is not the world's.
    pub region: Option<String>,
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
    /// Whether Lambda Insights measures memory and cold starts.
    #[serde(default)]
    pub insights: bool,
    /// The repository of its container image, where it is one.
    pub image: Option<String>,
    /// Event sources that invoke it: the ARN of each, and after a space the alias if it goes through one.
    #[serde(default)]
    pub event_sources: Vec<String>,
    /// Who may invoke it: a principal such as `apigateway.amazonaws.com`, and after a space the alias if the permission
    /// is one for it.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Numbered versions, oldest first. `$LATEST` exists anyway and is a copy of the highest.
    pub versions: Vec<VersionSpec>,
    /// Aliases with their traffic.
    #[serde(default)]
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
    /// The commit it was built from.
    #[serde(default)]
    pub git_sha: String,
    /// Whether it is made ready as a snapshot (`SnapStart`).
    #[serde(default)]
    pub snap_start: bool,
    /// The share of its memory that a call uses, percent.
    #[serde(default = "fifty_five")]
    pub memory_percent: f64,
    /// The share of calls that start cold, percent.
    #[serde(default = "half")]
    pub cold_percent: f64,
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
    /// When they are there, relative to the opening. Left out: long since.
    pub ready: Option<Offset>,
}

impl FunctionSpec {
    /// A function that nobody calls.
    pub(super) fn quiet() -> Self {
        Self {
            name: String::new(),
            region: None,
            description: String::new(),
            role: "service-role".to_owned(),
            runtime: python(),
            handler: app_handler(),
            memory_mb: half_a_gigabyte(),
            timeout: fifteen_seconds(),
            dead_letter: None,
            tags: BTreeMap::new(),
            insights: false,
            image: None,
            event_sources: Vec::new(),
            permissions: Vec::new(),
            versions: Vec::new(),
            aliases: Vec::new(),
            unqualified_per_minute: 0.0,
            provisioned: Vec::new(),
            troubles: Vec::new(),
        }
    }
}

impl VersionSpec {
    /// A version without anything special.
    pub(super) fn quiet() -> Self {
        Self {
            number: 1,
            description: String::new(),
            published: Offset::hours(-24 * 30),
            state: State::Active,
            active: None,
            role: None,
            dead_letter: None,
            runtime: None,
            error_percent: 0.0,
            latency: LatencySpec { p50_ms: 20.0, p99_ms: 80.0 },
            git_sha: String::new(),
            snap_start: false,
            memory_percent: fifty_five(),
            cold_percent: half(),
            troubles: Vec::new(),
        }
    }
}

impl AliasSpec {
    /// An alias at a version that is called so often a minute.
    pub(super) fn called(name: &str, version: u32, calls_per_minute: f64) -> Self {
        let (description, weights, shifts) = (String::new(), BTreeMap::new(), Vec::new());
        Self { name: name.to_owned(), description, version, weights, calls_per_minute, shifts }
    }
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

fn half() -> f64 {
    0.4
}

fn fifty_five() -> f64 {
    55.0
}
