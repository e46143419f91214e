//! The configuration: what the file says, checked, with every default filled in.

mod alarms;
mod budgets;
mod commands;
mod document;
mod error;
mod file;
mod gates;
mod metrics;
mod movers;
mod notify;
mod pre_stage;
mod presets;
mod probes;
mod procedure;
mod read;
mod resources;
mod runbook;
mod targets;
#[cfg(test)]
mod tests;
pub mod words;

use std::{collections::BTreeMap, time::Duration};

use crate::release::{
    checklist::ItemSettings,
    dora::Targets,
    facts::{Alarm, Severity},
    gates::{Gate, settings::defaults as gate_defaults},
    hours::AllowedHours,
    metrics::panel::MetricPanel,
    names::Target,
    routing::SplitStyle,
    stages::{OnFailure, OnUndecided},
};

pub use alarms::{AlarmArn, AlarmMatch, AlarmRule};
pub use budgets::{BudgetSettings, Tier};
pub use commands::CommandSettings;
pub use error::{ConfigError, Problem};
pub(crate) use error::{listed, quoted, suggestion};
pub use file::{VARIABLE, find, folders};
pub use notify::{Notify, Receiver};
pub use pre_stage::PreStage;
pub use probes::ProbeSettings;
pub use runbook::{RunbookStep, StepMoment, Way};

/// A whole configuration. Environments keep the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Used when the command line names no environment. Optional when there is only one.
    pub default_environment: Option<String>,
    /// A theme's name: the user's folder first, then the built-in ones.
    pub theme: String,
    /// Whether times on screen are UTC rather than local.
    pub utc: bool,
    /// Refuse every write, in the program and at the edge.
    pub read_only: bool,
    /// How releases are run.
    pub release: ReleaseSettings,
    /// What `flightdeck dora` holds the figures against.
    pub dora: Targets,
    /// Changed key bindings: action name to keys, as written.
    pub keys: BTreeMap<String, Vec<String>>,
    /// What there is to watch, by environment name.
    pub environments: BTreeMap<String, Environment>,
}

/// How releases are run.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseSettings {
    /// The stages in percent of traffic, rising, 1–100. Key n is the n-th.
    pub stages: Vec<u8>,
    /// How long a stage is held before the next.
    pub bake: Duration,
    /// How long the release is watched after 100 percent.
    pub watch: Duration,
    /// What a bake does that ends without an answer, even after its extension.
    pub on_undecided: OnUndecided,
    /// When a release may begin without a reason; empty for always.
    pub allowed_hours: Vec<AllowedHours>,
    /// How a split is written.
    pub split: SplitStyle,
    /// Whether the release record also travels with what is moved, for other machines to see.
    pub record_in_alias: bool,
    /// How long after its end, beyond the function's own time limit, a minute of metrics counts as closed.
    pub settle: Duration,
}

/// One place to release to: an account, a region, and the functions there.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// Its name in the configuration.
    pub name: String,
    /// The AWS region; `None` leaves it to the SDK's own chain.
    pub region: Option<String>,
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// A role to assume with those credentials.
    pub role_arn: Option<String>,
    /// The account this environment must be: if STS names another, nothing is ever written.
    pub account: Option<String>,
    /// An endpoint for all services that is not AWS.
    pub endpoint_url: Option<String>,
    /// Endpoints by service: lambda, cloudwatch, budgets, sts, sns, elbv2, apigateway, codedeploy, iam.
    pub endpoint_urls: BTreeMap<String, String>,
    /// Shown with the danger frame; a shift wants the environment's name typed.
    pub protected: bool,
    /// Refuse every write in this environment.
    pub read_only: bool,
    /// The functions, listeners and stages, in this order and each in the file's.
    pub functions: Vec<FunctionSettings>,
    /// Which alarms to show, and how bad they are. The first rule that matches decides.
    pub alarms: Vec<AlarmRule>,
    /// Budgets to show, and what their sums mean.
    pub budgets: Vec<BudgetSettings>,
    /// The panels of metrics: a person's own, then those of the resources.
    pub metrics: Vec<MetricPanel>,
    /// Lines on the charts, and what counts as bad in the table.
    pub thresholds: Thresholds,
    /// What a failed critical gate does.
    pub rollback: OnFailure,
    /// When a release may begin here without a reason, in place of what holds everywhere.
    pub allowed_hours: Option<Vec<AllowedHours>>,
    /// What must hold for a release to go on.
    pub gates: Vec<Gate>,
    /// Health endpoints.
    pub probes: Vec<ProbeSettings>,
    /// Programs that run around a release.
    pub commands: Vec<CommandSettings>,
    /// What is ticked off before, during and after a release.
    pub checklist: Vec<ItemSettings>,
    /// What cannot be undone from here, as steps for people, by moment.
    pub runbook: Vec<RunbookStep>,
    /// Who is told of what happens to a release.
    pub notify: Vec<Notify>,
}

/// A function, or what else a release moves, to watch and release.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionSettings {
    /// The function and its alias, a listener's rule, or an API's stage.
    pub target: Target,
    /// Whether having no calls is worth a remark. A weekly job sets it to false.
    pub expect_traffic: bool,
    /// Above how many ms a call counts as slow; `None` takes the p95 of the day before the release.
    pub slow_ms: Option<f64>,
    /// What a release moves and asks before it moves this function.
    pub pre_stage: Option<PreStage>,
}

/// Limits drawn on the charts; `None` draws none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// Error rate in percent 0–100.
    pub error_rate: Option<f64>,
    /// The 99th percentile of the duration in ms.
    pub p99_ms: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            default_environment: None,
            theme: "midnight".to_owned(),
            utc: false,
            read_only: false,
            release: ReleaseSettings::default(),
            dora: Targets::default(),
            keys: BTreeMap::new(),
            environments: BTreeMap::new(),
        }
    }
}

impl Default for ReleaseSettings {
    fn default() -> Self {
        Self {
            stages: vec![10, 50, 100],
            bake: Duration::from_mins(5),
            watch: Duration::from_mins(30),
            on_undecided: OnUndecided::default(),
            allowed_hours: Vec::new(),
            split: SplitStyle::default(),
            record_in_alias: true,
            settle: Duration::from_mins(1),
        }
    }
}

impl Environment {
    /// An environment of which the configuration says no more than its name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            region: None,
            profile: None,
            role_arn: None,
            account: None,
            endpoint_url: None,
            endpoint_urls: BTreeMap::new(),
            protected: false,
            read_only: false,
            functions: Vec::new(),
            alarms: Vec::new(),
            budgets: Vec::new(),
            metrics: Vec::new(),
            thresholds: Thresholds::default(),
            rollback: OnFailure::default(),
            allowed_hours: None,
            gates: gate_defaults(),
            probes: Vec::new(),
            commands: Vec::new(),
            checklist: Vec::new(),
            runbook: Vec::new(),
            notify: Vec::new(),
        }
    }

    /// The rule for an alarm, if any speaks of it.
    pub fn rule_for(&self, alarm: &Alarm) -> Option<&AlarmRule> {
        self.alarms.iter().find(|rule| rule.fits(alarm))
    }

    /// How bad an alarm is, if any rule speaks of it.
    pub fn severity_of(&self, alarm: &Alarm) -> Option<Severity> {
        self.rule_for(alarm).map(|rule| rule.severity)
    }

    /// What `--function` calls a target, where `home` is the environment's own region: with its region where the name
    /// alone would be another's, too.
    pub fn name_on_command_line(&self, target: &Target, home: &str) -> String {
        let others = self.functions.iter().filter(|other| other.target.function == target.function);
        match &target.region {
            None if others.count() > 1 && !home.is_empty() => {
                target.clone().in_region(Some(home.to_owned())).to_string()
            }
            Some(_) | None => target.to_string(),
        }
    }

    /// The names of the budgets to read.
    pub fn budget_names(&self) -> Vec<String> {
        self.budgets.iter().map(|budget| budget.name.clone()).collect()
    }

    /// Whether any service is read from somewhere that is not AWS.
    pub fn is_elsewhere(&self) -> bool {
        self.endpoint_url.is_some() || !self.endpoint_urls.is_empty()
    }
}
