//! Commands as gates: smoke tests and the like, judged by their exit code. Whoever runs them knows processes; here a
//! command is a list of arguments, never a line for a shell, and its run is plain data.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    GateResult, Outcome, Readings, Unit, Why,
    settings::{Gate, Level},
};
use crate::release::stages::Leg;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// The program and its arguments. Never empty.
    pub run: Vec<String>,
    /// Variables of the environment that it gets besides ours.
    pub env: Vec<(String, String)>,
    /// The folder to run it in; `None` for ours.
    pub folder: Option<String>,
    /// When it is ended.
    pub limit: Duration,
    /// When it runs.
    pub when: Moment,
}

/// When a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Moment {
    /// Before the first shift.
    Before,
    /// After each shift, the last one too.
    #[default]
    Stage,
    /// After the last stage's shift.
    Watch,
    /// After a rollback.
    RollBack,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Exit(i32),
    /// By a signal that was not ours.
    Killed,
    /// It took too long and was ended.
    TimedOut,
    /// It could not be started, which says nothing about the release.
    NotStarted(String),
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandResult {
    /// When it was started, world time.
    pub started: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub end: End,
}

impl Moment {
    /// Whether it runs after a shift on this leg.
    pub fn follows(self, leg: Leg) -> bool {
        match self {
            Self::Stage => true,
            Self::Watch => leg == Leg::Watch,
            Self::Before | Self::RollBack => false,
        }
    }
}

impl CommandResult {
    /// Whether it says that all is well.
    pub fn is_good(&self) -> bool {
        self.end == End::Exit(0)
    }
}

/// A run before the last shift says nothing about what is live now.
pub(super) fn evaluate(gate: &Gate, name: &str, level: Level, readings: &Readings<'_>) -> GateResult {
    let result = GateResult::new(&gate.name, Unit::Count);
    let is_of_now = |run: &&CommandResult| readings.shifted.is_none_or(|shifted| run.started >= shifted);
    let Some(run) = readings.commands.get(name).filter(is_of_now) else {
        return GateResult { outcome: Outcome::Undecided { why: Why::NotRun }, ..result };
    };
    let failed = Outcome::Fail { level, alike: false };
    let (outcome, note) = match &run.end {
        End::Exit(0) => (Outcome::Pass, String::new()),
        End::Exit(code) => (failed, format!("exit code {code}")),
        End::Killed => (failed, "ended by a signal".to_owned()),
        End::TimedOut => (failed, format!("not done after {} s", run.took.as_secs())),
        End::NotStarted(why) => (Outcome::Undecided { why: Why::NotRun }, format!("could not be started: {why}")),
    };
    let value = match run.end {
        End::Exit(code) => Some(f64::from(code)),
        End::Killed | End::TimedOut | End::NotStarted(_) => None,
    };
    GateResult { outcome, note, value, data_to: Some(run.started), ..result }
}
