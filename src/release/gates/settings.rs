//! What a gate is: its measure, its limits and when it is asked. Plain data, filled by the configuration.

use std::time::Duration;

use crate::release::{
    facts::Severity,
    metrics::{
        Series,
        formula::{Formula, Missing, Operand},
        unit::Unit,
    },
    stages::Leg,
};

/// Something that must hold for a release to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Its name on the screen and in reports.
    pub name: String,
    /// When it is asked.
    pub when: When,
    /// What it asks.
    pub check: Check,
}

/// When a gate is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// In every stage and in the watch.
    #[default]
    Always,
    /// Only while a stage bakes.
    Stages,
    /// Only in the watch: for windows longer than a bake.
    Watch,
}

impl When {
    /// Whether it is asked on this leg. Before the first shift the gates of the stages are, as far as they can answer.
    pub fn applies(self, leg: Option<Leg>) -> bool {
        match self {
            Self::Always => true,
            Self::Stages => leg != Some(Leg::Watch),
            Self::Watch => leg == Some(Leg::Watch),
        }
    }
}

/// What a gate asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// A measure against limits.
    Threshold(Threshold),
    /// Chosen alarms are not in ALARM.
    Alarms(AlarmCheck),
    /// A health probe answers as it should.
    Probe(ProbeCheck),
    /// A command ends with exit code 0.
    Command {
        /// The command's name.
        command: String,
        /// What its failure is.
        level: Level,
    },
}

impl Check {
    /// Whether its failure can stop a release; of what only warns, the lack of an answer must not do more.
    pub fn can_stop(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.critical.is_some(),
            Self::Alarms(AlarmCheck { level, .. })
            | Self::Probe(ProbeCheck { level, .. })
            | Self::Command { level, .. } => *level == Level::Critical,
        }
    }
}

/// How bad a failure is. Ordered: critical is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Said, but nothing stops.
    Warning,
    /// The release stops, and `rollback` decides what then.
    #[default]
    Critical,
}

/// A measure against limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// What is measured.
    pub signal: Signal,
    /// Which side of the limits is bad.
    pub side: Side,
    /// The limit of a warning, in the signal's unit; for drops and rises in percent of the hour before.
    pub warning: Option<f64>,
    /// The limit of a failure, likewise.
    pub critical: Option<f64>,
    /// The window, in minutes.
    pub over: i64,
    /// For how many closed minutes in a row it must be bad to fail: at least two, so that no single minute decides.
    pub sustained: i64,
    /// With fewer calls than this in the window it says nothing.
    pub minimum: f64,
    /// Whether the window may begin before the last shift.
    pub reach_back: bool,
}

/// What a threshold looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// A measure of each function of the release.
    Function {
        /// What is measured.
        measure: FunctionMeasure,
        /// Of which calls.
        of: Of,
    },
    /// A metric of the configuration.
    Metric(Box<MetricSignal>),
}

/// What gates measure of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionMeasure {
    /// Errors of calls in percent 0–100.
    ErrorRate,
    /// Calls that failed, in the window.
    Errors,
    /// Calls that were turned away, in the window. AWS does not tell them apart by version.
    Throttles,
    /// Calls that ran, in the window.
    Invocations,
    /// A percentile of the duration in ms, as CloudWatch names it: `p99`.
    Duration(String),
}

/// Of which calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Of {
    /// Those that the new version answered.
    #[default]
    New,
    /// All calls through the alias.
    All,
}

/// A metric that is no function's.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSignal {
    /// How its value is worked out.
    pub formula: Formula,
    /// What the value is counted in.
    pub unit: Unit,
}

impl MetricSignal {
    /// A metric, or its sums as percent of another's. Where the companion, or what it is a share of, has a point and
    /// the metric has none, nothing happened: the metric is 0 there. Else a missing point means nothing.
    pub fn of(series: Series, per: Option<Series>, companion: Option<Series>) -> Self {
        let missing = match companion.or_else(|| per.clone()) {
            Some(companion) => Missing::Zero { companions: vec![companion] },
            None => Missing::Unknown,
        };
        let part = Operand { series: vec![series], missing };
        match per {
            Some(whole) => {
                let whole = Operand { series: vec![whole], missing: Missing::Unknown };
                Self { formula: Formula::share(part, whole), unit: Unit::Percent }
            }
            None => Self { formula: Formula::plain(part), unit: Unit::Plain },
        }
    }
}

/// Which side of a limit is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// More than the limit.
    #[default]
    Above,
    /// Less than the limit.
    Below,
    /// So many percent less than in the hour before the release.
    Drop,
    /// So many percent more than in the hour before the release.
    Rise,
}

/// A health probe that must answer well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeCheck {
    /// The probe's name.
    pub probe: String,
    /// So many bad answers in a row are a failure; 1 or more.
    pub failures: u32,
    /// A probe that has been silent for longer says nothing any more. World time.
    pub stale_after: Duration,
    /// What its failure is.
    pub level: Level,
}

/// Alarms that must not ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmCheck {
    /// Those of these severities, …
    pub severities: Vec<Severity>,
    /// … those of these names, …
    pub names: Vec<String>,
    /// … and those whose names begin so.
    pub prefixes: Vec<String>,
    /// What a ringing alarm is.
    pub level: Level,
}

impl AlarmCheck {
    /// Whether it looks at an alarm.
    pub fn picks(&self, name: &str, severity: Option<Severity>) -> bool {
        severity.is_some_and(|severity| self.severities.contains(&severity))
            || self.names.iter().any(|picked| picked == name)
            || self.prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
    }
}

/// The gates of a configuration that says nothing of gates.
pub fn defaults() -> Vec<Gate> {
    let alarms = AlarmCheck {
        severities: vec![Severity::Critical, Severity::High],
        names: Vec::new(),
        prefixes: Vec::new(),
        level: Level::Critical,
    };
    let errors = Threshold {
        warning: Some(1.0),
        critical: Some(5.0),
        ..Threshold::of(Signal::Function { measure: FunctionMeasure::ErrorRate, of: Of::New })
    };
    vec![
        Gate { name: "alarms".to_owned(), when: When::Always, check: Check::Alarms(alarms) },
        Gate { name: "error rate".to_owned(), when: When::Always, check: Check::Threshold(errors) },
    ]
}

/// Fewer calls than this make no rate and no percentile.
const FEW_CALLS: f64 = 20.0;

impl Threshold {
    /// A threshold with every default and no limits yet.
    pub fn of(signal: Signal) -> Self {
        let minimum = match &signal {
            Signal::Function { measure: FunctionMeasure::ErrorRate | FunctionMeasure::Duration(_), .. } => FEW_CALLS,
            Signal::Function { .. } | Signal::Metric(_) => 0.0,
        };
        Self {
            signal,
            side: Side::Above,
            warning: None,
            critical: None,
            over: 5,
            sustained: 2,
            minimum,
            reach_back: false,
        }
    }

    /// Whether two versions are told apart by it.
    pub fn is_apart(&self) -> bool {
        match &self.signal {
            Signal::Function { measure: FunctionMeasure::Throttles, .. } | Signal::Metric(_) => false,
            Signal::Function { of, .. } => *of == Of::New,
        }
    }

    /// The worst level that a value reaches; `None` where it is good.
    pub(super) fn level(&self, value: f64) -> Option<Level> {
        let is_beyond = |limit: &Option<f64>| {
            limit.is_some_and(|limit| match self.side {
                Side::Above | Side::Drop | Side::Rise => value > limit,
                Side::Below => value < limit,
            })
        };
        match (is_beyond(&self.critical), is_beyond(&self.warning)) {
            (true, _) => Some(Level::Critical),
            (false, true) => Some(Level::Warning),
            (false, false) => None,
        }
    }
}
