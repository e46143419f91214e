//! What a scenario may say about what stands in front of the code: APIs with their deployments, load balancers with
//! their target groups, health endpoints, and deployments that CodeDeploy is carrying out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{FunctionSpec, LatencySpec, TroubleSpec, VersionSpec};
use crate::sim::world::offset::Offset;

/// An API of API Gateway in front of functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSpec {
    /// Its name, the dimension `ApiName` of a REST API.
    pub name: String,
    /// Its id, the dimension `ApiId` of an HTTP API. Left out: made from the seed.
    pub id: Option<String>,
    /// Whether it is an HTTP API; otherwise it is a REST API.
    #[serde(default)]
    pub http: bool,
    /// Its stage, the dimension `Stage`.
    pub stage: String,
    /// The functions and rules of load balancers behind it.
    pub functions: Vec<String>,
    /// Routes with metrics of their own, such as `GET /receipts`: detailed metrics are on where there are any.
    #[serde(default)]
    pub routes: Vec<String>,
    /// What the gateway adds to each call, ms.
    #[serde(default = "twelve")]
    pub overhead_ms: f64,
    /// The share of calls that the caller got wrong, percent.
    #[serde(default)]
    pub client_error_percent: f64,
    /// The deployments of a REST API, oldest first. Left out: one.
    #[serde(default)]
    pub deployments: Vec<DeploymentSpec>,
    /// The deployment that the stage points at. Left out: the last.
    pub deployment: Option<String>,
    /// Tags of the stage.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A deployment of a REST API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentSpec {
    /// Its id.
    pub id: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// When it was made, relative to the opening.
    pub created: Offset,
    /// The share of calls that fail in it, percent, on top of those that fail in the functions.
    #[serde(default)]
    pub error_percent: f64,
    /// By what factor calls through it take longer.
    #[serde(default = "one")]
    pub slower: f64,
}

/// An Application Load Balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalancerSpec {
    /// Its name.
    pub name: String,
    /// The sixteen hexadecimal digits at the end of its ARN.
    pub id: String,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Its target groups.
    pub groups: Vec<GroupSpec>,
    /// Its listeners.
    pub listeners: Vec<ListenerSpec>,
}

/// A target group, and how the code behind it behaves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// Its name.
    pub name: String,
    /// The sixteen hexadecimal digits at the end of its ARN.
    pub id: String,
    /// The release that runs there.
    #[serde(default)]
    pub description: String,
    /// The commit it was built from.
    #[serde(default)]
    pub git_sha: String,
    /// How many targets are healthy.
    #[serde(default = "three")]
    pub healthy: u32,
    /// How many are not.
    #[serde(default)]
    pub unhealthy: u32,
    /// Whether a client stays with the target it met first.
    #[serde(default)]
    pub sticky: bool,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The share of requests that fail, percent.
    #[serde(default)]
    pub error_percent: f64,
    /// How long a request takes.
    pub latency: LatencySpec,
    /// Troubles of this group alone.
    #[serde(default)]
    pub troubles: Vec<TroubleSpec>,
}

/// A listener of a load balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerSpec {
    /// The sixteen hexadecimal digits at the end of its ARN.
    pub id: String,
    /// Its port; 443 speaks HTTPS.
    #[serde(default = "https")]
    pub port: u32,
    /// Its rules. The one without conditions is its default action.
    pub rules: Vec<RuleSpec>,
}

/// A rule of a listener that forwards to target groups by weight.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// What this world calls it.
    pub name: String,
    /// The sixteen hexadecimal digits at the end of its ARN.
    pub id: String,
    /// Its priority; the default action has none.
    pub priority: Option<u32>,
    /// The hosts it is for.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The paths it is for.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The weights, 0 to 999, by the name of the group.
    pub weights: BTreeMap<String, u32>,
    /// How long a client stays with the group it met first; without it, not at all.
    pub sticky: Option<Offset>,
    /// Requests a minute, on average over the day.
    #[serde(default)]
    pub requests_per_minute: f64,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A health endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// Its address.
    pub url: String,
    /// The method it takes.
    #[serde(default = "get")]
    pub method: String,
    /// What serves it: a rule of a load balancer or a `function:alias`; without it, nothing that could be bad.
    pub of: Option<String>,
    /// What it answers when it is well: `{version}` and `{git_sha}` are those of what serves it.
    #[serde(default = "well")]
    pub body: String,
    /// What it answers, with status 503, when it is not.
    #[serde(default = "unwell")]
    pub sick_body: String,
    /// The status when it is well.
    #[serde(default = "two_hundred")]
    pub status: u16,
}

/// A deployment that CodeDeploy carries out on a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeDeploySpec {
    /// The application.
    pub application: String,
    /// The deployment group.
    pub group: String,
    /// `Lambda` or `ECS`.
    #[serde(default = "lambda")]
    pub platform: String,
    /// The id of its last deployment, if there was one.
    pub deployment: Option<String>,
    /// The status of that deployment.
    #[serde(default = "in_progress")]
    pub status: String,
    /// When it was begun, relative to the opening.
    #[serde(default)]
    pub created: Offset,
    /// The function and the alias that it moves.
    pub function: Option<String>,
    /// See `function`.
    pub alias: Option<String>,
    /// The listener that it moves, an ARN.
    pub listener: Option<String>,
}

impl RuleSpec {
    /// Its traffic, told as that of a function whose versions are the groups, counted from 1.
    pub(in crate::sim::world) fn as_function(&self, groups: &[GroupSpec]) -> FunctionSpec {
        let version = |(index, group): (usize, &GroupSpec)| VersionSpec {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            description: group.description.clone(),
            error_percent: group.error_percent,
            latency: group.latency,
            troubles: group.troubles.clone(),
            ..VersionSpec::quiet()
        };
        FunctionSpec {
            name: self.name.clone(),
            timeout: Offset::seconds(60),
            versions: groups.iter().enumerate().map(version).collect(),
            aliases: vec![super::AliasSpec::called("rule", 1, self.requests_per_minute)],
            ..FunctionSpec::quiet()
        }
    }
}

fn twelve() -> f64 {
    12.0
}

fn one() -> f64 {
    1.0
}

fn three() -> u32 {
    3
}

fn https() -> u32 {
    443
}

fn two_hundred() -> u16 {
    200
}

fn get() -> String {
    "GET".to_owned()
}

fn well() -> String {
    r#"{"status":"healthy"}"#.to_owned()
}

fn unwell() -> String {
    r#"{"status":"unhealthy"}"#.to_owned()
}

fn lambda() -> String {
    "Lambda".to_owned()
}

fn in_progress() -> String {
    "InProgress".to_owned()
}
