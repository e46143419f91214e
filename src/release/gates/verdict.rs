//! What gates say: one result a gate (and function), and what all of them say together.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::Serialize;

use super::{Readings, Unit, settings::Level};
use crate::release::{names::Target, routing::trim_percent, stages::Evidence};

/// What one gate says of one function, or of the whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateResult {
    /// The gate's name.
    pub gate: String,
    /// The function; `None` where the gate looks at no single one.
    pub target: Option<Target>,
    /// Pass, fail or undecided.
    pub outcome: Outcome,
    /// What was measured, in `unit`.
    pub value: Option<f64>,
    /// The limit that it was held against, in `unit`.
    pub threshold: Option<f64>,
    /// The unit of both.
    pub unit: Unit,
    /// The end of the data, UTC: of the last minute, reading or run.
    pub data_to: Option<Timestamp>,
    /// More, in words: which alarm, what the probe answered. May be empty.
    pub note: String,
    /// Whether it keeps the release from going on while it is undecided. A function that nobody calls does not.
    pub holds: bool,
    /// Whether the gate tells the new version from the stable one.
    pub is_apart: bool,
}

/// Pass, fail or undecided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not.
    Fail {
        /// How bad that is.
        level: Level,
        /// Whether the stable version, running beside it, fails as well.
        alike: bool,
    },
    /// It cannot be said.
    Undecided {
        /// Why not.
        why: Why,
    },
}

/// Why a gate is undecided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// The minutes, alarms or answers that are due have not been read, or not completely.
    NotRead,
    /// CloudWatch cannot be asked for metrics; the note says why.
    MetricsFail,
    /// CloudWatch cannot be asked for alarms; the note says why.
    AlarmsFail,
    /// It was read, and there is nothing.
    NoData,
    /// Too few minutes have closed since the shift.
    TooEarly,
    /// Too few calls for a rate or a percentile.
    TooFew {
        /// The calls in the window.
        calls: f64,
        /// How many there must be.
        needed: f64,
    },
    /// Bad, but not for long enough: so many in a row of so many.
    NotLong {
        /// Closed minutes, or answers of a probe.
        bad: u32,
        /// How many it takes.
        needed: u32,
    },
    /// The hour before the release has no value to compare with.
    NoBaseline,
    /// An alarm has too little data.
    AlarmInsufficient,
    /// An alarm was evaluated on part of its data.
    AlarmDoubtful,
    /// An alarm that the gate names does not exist.
    AlarmMissing,
    /// The command has not run, or could not be started.
    NotRun,
    /// The comparison of the versions needs more calls.
    TooThin,
}

/// What all gates say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Every gate passes. Warnings pass.
    Pass,
    /// None fails, but not all can be said.
    Undecided,
    /// A critical gate fails.
    Failed,
    /// A critical gate fails, and the stable version fails it alike: it may not be this release.
    Alike,
}

/// How many gates say what, each counted by its worst result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Gates that pass.
    pub pass: usize,
    /// Gates with a warning.
    pub warning: usize,
    /// Gates that fail.
    pub fail: usize,
    /// Gates that cannot say.
    pub undecided: usize,
}

/// What the comparison of the two versions says.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Pass while the new version may go on, whether that is proven or only not refuted.
    pub outcome: Outcome,
    /// The end of its data, UTC.
    pub data_to: Option<Timestamp>,
    /// In words.
    pub note: String,
}

impl Judgement {
    /// Its gate. A judge that has not heard of any call because nothing was read is not early: it says why.
    pub(super) fn result(&self, readings: &Readings<'_>) -> GateResult {
        let mut result = GateResult {
            outcome: self.outcome,
            data_to: self.data_to,
            note: self.note.clone(),
            is_apart: true,
            ..GateResult::new("judge", Unit::Percent)
        };
        let unread = readings.functions.iter().map(|function| &function.lens).find(|lens| lens.read_to().is_none());
        if let (Outcome::Undecided { why: Why::TooEarly }, Some(lens)) = (self.outcome, unread) {
            result.be_honest(None, lens.doubt().or(readings.metrics_trouble));
        }
        result
    }
}

impl GateResult {
    /// A pass without a value, to be filled in.
    pub fn new(gate: &str, unit: Unit) -> Self {
        Self {
            gate: gate.to_owned(),
            target: None,
            outcome: Outcome::Pass,
            value: None,
            threshold: None,
            unit,
            data_to: None,
            note: String::new(),
            holds: true,
            is_apart: false,
        }
    }

    /// Says of what was never read that it was not, whatever else would be waited for, and why; and gives no time of
    /// data where there are none.
    pub(super) fn be_honest(&mut self, read_to: Option<Timestamp>, trouble: Option<&str>) {
        self.data_to = read_to.map(|read_to| self.data_to.map_or(read_to, |data_to| data_to.min(read_to)));
        if read_to.is_none() {
            self.outcome = Outcome::Undecided { why: Why::NotRead };
        }
        let is_unread = self.outcome == Outcome::Undecided { why: Why::NotRead };
        if let Some(trouble) = trouble.filter(|_| is_unread) {
            self.outcome = Outcome::Undecided { why: Why::MetricsFail };
            trouble.clone_into(&mut self.note);
        }
    }

    /// Whether it is a failure of this level or worse.
    pub fn fails(&self, at_least: Level) -> bool {
        matches!(self.outcome, Outcome::Fail { level, .. } if level >= at_least)
    }

    fn is_alike(&self) -> bool {
        matches!(self.outcome, Outcome::Fail { level: Level::Critical, alike: true })
    }

    /// Whether it keeps the release from going on for lack of an answer.
    pub fn is_open(&self) -> bool {
        self.holds && matches!(self.outcome, Outcome::Undecided { .. })
    }

    fn is_unread(&self) -> bool {
        self.holds && matches!(self.outcome, Outcome::Undecided { why } if why.is_unread())
    }

    fn badness(&self) -> u8 {
        match self.outcome {
            Outcome::Fail { level: Level::Critical, .. } => 3,
            Outcome::Undecided { .. } if self.holds => 2,
            Outcome::Fail { level: Level::Warning, .. } => 1,
            Outcome::Undecided { .. } | Outcome::Pass => 0,
        }
    }
}

/// What all gates say together. A failure of the new version alone counts first. Then, where both versions fail alike,
/// whatever else fails (an alarm on the whole, a table's throttles) has the same cause, so it may not be the release.
pub fn standing(results: &[GateResult]) -> Standing {
    let mut critical = results.iter().filter(|result| result.fails(Level::Critical));
    if critical.clone().any(|result| result.is_apart && !result.is_alike()) {
        return Standing::Failed;
    }
    if critical.clone().any(GateResult::is_alike) {
        return Standing::Alike;
    }
    if critical.next().is_some() {
        return Standing::Failed;
    }
    if results.iter().any(GateResult::is_open) { Standing::Undecided } else { Standing::Pass }
}

/// The results as evidence for the stages.
pub fn evidence(results: &[GateResult], now: Timestamp) -> Evidence {
    let is_complete = !results.iter().any(GateResult::is_unread);
    Evidence { at: now, standing: standing(results), is_complete }
}

/// Counts the gates.
pub fn tally(results: &[GateResult]) -> Tally {
    let mut worst: BTreeMap<&str, u8> = BTreeMap::new();
    for result in results {
        let known = worst.entry(&result.gate).or_default();
        *known = (*known).max(result.badness());
    }
    let count = |badness| worst.values().filter(|worst| **worst == badness).count();
    Tally { pass: count(0), warning: count(1), undecided: count(2), fail: count(3) }
}

impl Why {
    /// Whether what is due has not been read, for whatever reason.
    pub fn is_unread(self) -> bool {
        matches!(self, Self::NotRead | Self::MetricsFail | Self::AlarmsFail)
    }
}

/// A few words for a line on the screen.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRead => f.write_str("not read yet"),
            Self::MetricsFail => f.write_str("metrics cannot be read"),
            Self::AlarmsFail => f.write_str("alarms cannot be read"),
            Self::NoData => f.write_str("no data"),
            Self::TooEarly => f.write_str("two minutes must close first"),
            Self::TooFew { calls, needed } => {
                write!(f, "{} calls, {} needed", trim_percent(*calls), trim_percent(*needed))
            }
            Self::NotLong { bad, needed } => write!(f, "bad for {bad} of {needed} in a row"),
            Self::NoBaseline => f.write_str("the hour before has nothing to compare with"),
            Self::AlarmInsufficient => f.write_str("an alarm has too little data"),
            Self::AlarmDoubtful => f.write_str("an alarm was evaluated on part of its data"),
            Self::AlarmMissing => f.write_str("an alarm does not exist"),
            Self::NotRun => f.write_str("not run yet"),
            Self::TooThin => f.write_str("too few calls to tell the versions apart"),
        }
    }
}
