//! What happens in a release beside its writes, as the journal keeps it: a kind for programs and words for people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::release::names::{ReleaseId, Target};

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// The release that was under way.
    pub release: Option<ReleaseId>,
    /// When, UTC.
    pub at: Timestamp,
    /// The function it is about, where it is about one.
    pub target: Option<Target>,
    /// Who or what: a role's name, `CloudWatch`, `flightdeck`.
    pub who: String,
    /// What, in words.
    pub text: String,
    /// What kind of thing it is.
    pub kind: Kind,
}

/// Who says it where a gate does.
pub const GATES: &str = "gates";

/// What kinds of things happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Words alone.
    Note,
    /// A step on the way: a bake that is over, a shift that is done.
    Step,
    /// Something is wrong: a torn stage, gates that fail, a rollback that did not reach everything.
    Trouble,
    /// The release was held.
    Held,
    /// It went on.
    Resumed,
    /// A function's traffic moved by no write of this journal: an earlier run or another machine did it, or somebody
    /// by other means.
    Moved {
        /// The new version's share from then on, in percent 0–100.
        percent: f64,
    },
    /// The watch began.
    WatchBegan,
    /// Another machine took it over.
    TakenOver,
    /// A gate's result changed.
    Gate {
        /// The gate's name.
        name: String,
        /// How it stands.
        result: GateResult,
        /// Whether its critical level is meant, not the warning.
        critical: bool,
        /// What was measured.
        value: Option<f64>,
        /// What it is held against.
        threshold: Option<f64>,
        /// The unit of both as it stands behind a number: ` %`, ` ms` or nothing.
        #[serde(default)]
        unit: String,
        /// The time of the data, UTC.
        as_of: Option<Timestamp>,
        /// More, in words: which alarm, what the probe answered. May be empty.
        #[serde(default)]
        note: String,
    },
    /// The judge's verdict changed.
    Verdict {
        /// The verdict's words, such as REGRESSION.
        verdict: String,
        /// Whether it speaks against the new version.
        bad: bool,
    },
    /// An alarm changed.
    Alarm {
        /// The alarm's name.
        name: String,
        /// Its new state in AWS's spelling.
        state: String,
    },
    /// An item of the checklist was ticked, or unticked.
    Tick {
        /// The item.
        item: String,
        /// Before, during or after.
        phase: String,
        /// Whether it is ticked now.
        done: bool,
        /// Whether the release needs it.
        required: bool,
    },
    /// A step of the runbook was begun, or came to an end.
    Runbook {
        /// The step.
        step: String,
        /// Before, rollback or after.
        moment: String,
        /// What became of it.
        outcome: StepOutcome,
        /// What its command wrote, by lines.
        #[serde(default)]
        output: Vec<String>,
    },
    /// Somebody was told.
    Told {
        /// By which way, such as a webhook's name.
        channel: String,
        /// Whether it got through.
        sent: bool,
    },
}

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateResult {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// Nobody knows yet.
    Undecided,
}

/// What becomes of a step of the runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Its command was started.
    Begun,
    /// Its command ended well.
    Passed,
    /// Its command ended badly, or was ended.
    Failed,
    /// Its command could not be run.
    NotRun,
    /// Somebody says that it is done.
    Done,
    /// Somebody says that it is not, after all.
    Undone,
}

impl Happening {
    /// Whether this is a first sign that a release goes wrong: a critical gate that failed, a verdict against the new
    /// version, an alarm.
    pub fn is_bad_sign(&self) -> bool {
        match &self.kind {
            Kind::Gate { result, critical, .. } => *critical && *result == GateResult::Fail,
            Kind::Verdict { bad, .. } => *bad,
            Kind::Alarm { state, .. } => state == "ALARM",
            Kind::Note
            | Kind::Step
            | Kind::Trouble
            | Kind::Moved { .. }
            | Kind::Held
            | Kind::Resumed
            | Kind::WatchBegan
            | Kind::TakenOver
            | Kind::Tick { .. }
            | Kind::Runbook { .. }
            | Kind::Told { .. } => false,
        }
    }
}
