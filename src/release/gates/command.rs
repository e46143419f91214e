//! Commands as gates: smoke tests and the like, judged by their exit code. Whoever runs them knows processes; here a
//! run is plain data.

use jiff::Timestamp;

use super::{
    GateResult, Outcome, Readings, Unit, Why,
    settings::{Gate, Level},
};
use crate::release::stages::Leg;

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

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandResult {
    /// When it was started, world time.
    pub at: Timestamp,
    /// What its end means.
    pub end: End,
    /// How it ended, in words: `exit code 2`.
    pub words: String,
}

impl CommandResult {
    /// Yes, no, or nothing.
    pub fn says(&self) -> Option<bool> {
        match self.end {
            End::Passed => Some(true),
            End::Failed => Some(false),
            End::NotRun => None,
        }
    }
}

/// What the end of a command means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Exit code 0.
    Passed,
    /// Any other end, that of its time included.
    Failed,
    /// It could not be started, which says nothing about the release.
    NotRun,
}

/// A run before the last shift says nothing about what is live now.
pub(super) fn evaluate(gate: &Gate, name: &str, level: Level, readings: &Readings<'_>) -> GateResult {
    let result = GateResult::new(&gate.name, Unit::Count);
    let is_of_now = |run: &&CommandResult| readings.shifted.is_none_or(|shifted| run.at >= shifted);
    let Some(run) = readings.commands.get(name).filter(is_of_now) else {
        return GateResult { outcome: Outcome::Undecided { why: Why::NotRun }, ..result };
    };
    let outcome = match run.end {
        End::Passed => Outcome::Pass,
        End::Failed => Outcome::Fail { level, alike: false },
        End::NotRun => Outcome::Undecided { why: Why::NotRun },
    };
    GateResult { outcome, note: run.words.clone(), data_to: Some(run.at), ..result }
}
