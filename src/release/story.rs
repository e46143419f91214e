//! What happened in one release, told from the journal's rows: stages with their times, what was done, gates, verdicts
//! and alarms, the checklist, what the watching cost, and how it came out. Pure; it knows neither files nor formats.

pub mod lines;
mod moves;
mod runbook;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use runbook::Step;

use moves::{begun_here, rolled_back_within, shifts, taken_back_at, why_rolled_back};

use super::{
    memory::ShiftMark,
    names::{ReleaseId, Target, Version},
    record::{Course, Ended, Ending, GateResult, Happening, Kind, Past, Place, Site, Who},
    routing::trim_percent,
};

/// What CloudWatch takes for one metric in `GetMetricData`, in US dollars: <https://aws.amazon.com/cloudwatch/pricing/>.
const DOLLARS_A_METRIC: f64 = 0.01 / 1000.0;

/// A release, told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// Its id.
    pub id: ReleaseId,
    /// What people call it.
    pub title: Option<String>,
    /// Endpoint and region.
    pub place: Place,
    /// Account and environment.
    pub site: Site,
    /// Who began it.
    pub who: Who,
    /// Why, as it was typed.
    pub why: Option<String>,
    /// When it was confirmed, UTC.
    pub began: Timestamp,
    /// When it came out, UTC; missing while it is under way.
    pub ended: Option<Timestamp>,
    /// How it came out.
    pub end: End,
    /// A sentence from its end.
    pub note: Option<String>,
    /// Whether its rollback left something of it where it was; the note says what.
    pub is_in_part: bool,
    /// Whether no release was on record, and a person named what to go back to.
    pub is_by_hand: bool,
    /// Whether its first shift was made on this machine: of another machine's only a later share may be known.
    pub begun_here: bool,
    /// How it was meant to run.
    pub course: Course,
    /// Its functions.
    pub functions: Vec<Function>,
    /// The stages that it reached, in their order.
    pub stages: Vec<Stage>,
    /// The gates, each as it stood last.
    pub gates: Vec<Gate>,
    /// The checklist, each item as it stood last.
    pub checklist: Vec<Item>,
    /// What was done of the runbook, in its order.
    pub runbook: Vec<Step>,
    /// When it first looked bad: a critical gate, a verdict, an alarm. UTC.
    pub first_bad_sign: Option<Timestamp>,
    /// Why it was taken back: what somebody typed, or which gates failed.
    pub rolled_back_why: Option<String>,
    /// From the moment a rollback was decided to AWS's last acknowledgement of it.
    pub rolled_back_within: Option<SignedDuration>,
    /// Metrics requested for it, as CloudWatch bills them.
    pub metrics_asked: u64,
    /// What that cost in US dollars.
    pub dollars: f64,
}

/// How a release came out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum End {
    /// Watched to its end, or declared all clear.
    AllClear,
    /// The stable version has all the traffic again.
    RolledBack {
        /// The new version's greatest share when it was taken back, in percent 0–100.
        percent: f64,
        /// From the first shift to the last acknowledgement; missing where one of them is not known here.
        after: Option<SignedDuration>,
    },
    /// Left where it was.
    Abandoned {
        /// The new version's share then, in percent 0–100.
        percent: f64,
    },
    /// Watched only, and the watch found it failing; nothing was moved.
    Failed,
    /// Not over.
    UnderWay {
        /// The new version's share now, in percent 0–100.
        percent: f64,
    },
}

/// One function's way through the release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Function {
    /// The function and alias.
    pub target: Target,
    /// What a rollback puts back.
    pub stable: Version,
    /// What was released.
    pub new: Version,
    /// What was written when it was published.
    pub about: String,
    /// When the change was committed, UTC.
    pub committed: Option<Timestamp>,
    /// Every change of its traffic that AWS acknowledged; a rollback is a change to 0.
    pub shifts: Vec<ShiftMark>,
}

/// A share of the traffic that the release reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// The new version's share, in percent 0–100.
    pub percent: f64,
    /// When the first function was there, UTC.
    pub from: Timestamp,
    /// When the first one left again, UTC; missing where nothing left.
    pub to: Option<Timestamp>,
    /// How many functions got there.
    pub reached: usize,
    /// Of how many in the release.
    pub of: usize,
}

/// A gate as it stood last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// How it stood last.
    pub result: GateResult,
    /// How often it failed.
    pub failed: usize,
    /// The value that it stood at last, or at its last failure if it ever failed.
    pub value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
    /// The unit of both as it stands behind a number.
    pub unit: String,
    /// The time of that value, UTC.
    pub as_of: Option<Timestamp>,
    /// What it said beside that, in words.
    pub note: String,
}

/// An item of the checklist as it stood last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its words.
    pub item: String,
    /// Before, during or after.
    pub phase: String,
    /// Whether it was ticked.
    pub done: bool,
    /// Whether the release needed it.
    pub required: bool,
    /// By whom.
    pub who: String,
    /// When, UTC.
    pub at: Timestamp,
}

/// Tells a release from its rows.
pub fn tell(past: &Past) -> Story {
    let functions = functions(past);
    let (end, ended) = come_out(past, &functions);
    Story {
        id: past.began.id.clone(),
        title: past.began.title.clone(),
        place: past.place.clone(),
        site: past.site.clone(),
        who: past.began.who.clone(),
        why: past.began.why.clone(),
        began: past.began.at,
        ended,
        end,
        note: past.ended.as_ref().map(|ended| ended.note.clone()).filter(|note| !note.is_empty()),
        is_in_part: past.ended.as_ref().is_some_and(Ended::is_in_part),
        is_by_hand: past.ended.as_ref().is_some_and(Ended::is_by_hand),
        begun_here: begun_here(past),
        course: past.began.course.clone(),
        stages: stages(&functions, ended),
        gates: gates(&past.happenings),
        checklist: checklist(&past.happenings),
        runbook: runbook::steps(&past.happenings),
        first_bad_sign: past.happenings.iter().filter(|happening| happening.is_bad_sign()).map(|bad| bad.at).min(),
        rolled_back_within: rolled_back_within(past),
        rolled_back_why: why_rolled_back(past),
        functions,
        metrics_asked: past.metrics_asked,
        dollars: dollars(past.metrics_asked),
    }
}

/// What CloudWatch takes for so many metrics, in US dollars.
#[expect(clippy::cast_precision_loss, reason = "the price of more metrics than f64 counts is of no interest")]
pub fn dollars(metrics: u64) -> f64 {
    metrics as f64 * DOLLARS_A_METRIC
}

impl Story {
    /// How it came out, in words.
    pub fn outcome(&self) -> String {
        let rest = match (self.is_in_part, self.is_by_hand) {
            (true, _) => ", NOT all of it",
            (false, true) => ", no release was on record",
            (false, false) => "",
        };
        format!("{}{rest}", self.end)
    }

    /// When AWS acknowledged the first shift, UTC.
    pub fn first_shift(&self) -> Option<Timestamp> {
        self.stages.first().map(|stage| stage.from)
    }

    /// When every function had all its traffic on the new version, UTC.
    pub fn complete_at(&self) -> Option<Timestamp> {
        let whole =
            |function: &Function| function.shifts.iter().find(|shift| shift.percent >= 100.0).map(|shift| shift.at);
        let each: Option<Vec<Timestamp>> = self.functions.iter().map(whole).collect();
        each?.into_iter().max()
    }

    /// How long it took as a whole, where that is known.
    pub fn took(&self) -> Option<SignedDuration> {
        let ended = self.ended.filter(|_| !matches!(self.end, End::RolledBack { after: None, .. }))?;
        Some(ended.duration_since(self.began))
    }

    /// From the first shift to all the traffic: what a release takes without its watch.
    pub fn without_watch(&self) -> Option<SignedDuration> {
        if !self.begun_here {
            return None;
        }
        Some(self.complete_at()?.duration_since(self.first_shift()?))
    }
}

/// A length of time as people say it, to two units: `4 min 12 s`, `1 h 30 min`, `850 ms`.
pub fn lasting(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let two = |great: i64, unit: &str, small: i64, unit_of_small: &str| match small {
        0 => format!("{great} {unit}"),
        _ => format!("{great} {unit} {small} {unit_of_small}"),
    };
    match seconds {
        ..0 => format!("−{}", lasting(length.abs())),
        0 => format!("{} ms", length.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AllClear => f.write_str("all clear"),
            Self::RolledBack { percent, after } => {
                write!(f, "rolled back at {} %", trim_percent(*percent))?;
                after.map_or(Ok(()), |after| write!(f, " after {}", lasting(after)))
            }
            Self::Abandoned { percent } if *percent <= 0.0 => f.write_str("left as it was; nothing was moved"),
            Self::Abandoned { percent } => write!(f, "abandoned at {} %", trim_percent(*percent)),
            Self::Failed => f.write_str("failed in the watch; nothing was moved"),
            Self::UnderWay { percent } => write!(f, "under way at {} %", trim_percent(*percent)),
        }
    }
}

fn functions(past: &Past) -> Vec<Function> {
    let of_part = |part: &super::record::Part| Function {
        target: part.target.clone(),
        stable: part.stable,
        new: part.new,
        about: part.about.clone(),
        committed: part.committed,
        shifts: shifts(past, &part.target),
    };
    past.began.parts.iter().map(of_part).collect()
}

/// How the release came out, and when. What AWS acknowledged counts for more than what was written down at the end:
/// a program that dies between the two has rolled back all the same.
fn come_out(past: &Past, functions: &[Function]) -> (End, Option<Timestamp>) {
    let moved = || functions.iter().filter_map(|function| function.shifts.last());
    let percent = moved().map(|shift| shift.percent).fold(0.0, f64::max);
    let is_back = moved().count() > 0 && percent <= 0.0;
    let (ending, at) = past.ended.as_ref().map(|ended| (ended.ending, ended.at)).unzip();
    match ending {
        Some(Ending::AllClear) if !is_back => (End::AllClear, at),
        Some(Ending::Failed) if !is_back => (End::Failed, at),
        Some(Ending::Abandoned) if !is_back => (End::Abandoned { percent }, at),
        None if !is_back => (End::UnderWay { percent }, None),
        Some(_) | None => {
            let last = moved().map(|shift| shift.at).max();
            let back = last.filter(|_| is_back).or(at).or(last).unwrap_or(past.began.at);
            let is_seen = is_back || !past.ended.as_ref().is_some_and(Ended::is_found_later);
            let first = forward(functions).filter(|_| is_seen);
            let after = first.map(|first| back.duration_since(first));
            (End::RolledBack { percent: taken_back_at(past), after }, Some(back))
        }
    }
}

/// When a function first got a share, as far as that is known.
fn forward(functions: &[Function]) -> Option<Timestamp> {
    let shifts = functions.iter().flat_map(|function| &function.shifts);
    shifts.filter(|shift| shift.percent > 0.0).map(|shift| shift.at).min()
}

/// The stages: whenever a function gets a share that the release is not at, a stage begins, and the one before ends.
fn stages(functions: &[Function], ended: Option<Timestamp>) -> Vec<Stage> {
    let mut shifts: Vec<ShiftMark> = functions.iter().flat_map(|function| function.shifts.iter().copied()).collect();
    shifts.sort_by_key(|shift| shift.at);
    let mut stages: Vec<Stage> = Vec::new();
    for shift in shifts {
        let open = stages.last_mut().filter(|stage| stage.to.is_none());
        match open {
            Some(stage) if same(stage.percent, shift.percent) => {
                stage.reached = (stage.reached + 1).min(stage.of);
                continue;
            }
            Some(stage) => stage.to = Some(shift.at),
            // What still comes back belongs to the same rollback.
            None => {}
        }
        if shift.percent > 0.0 {
            let (percent, from) = (shift.percent, shift.at);
            stages.push(Stage { percent, from, to: None, reached: 1, of: functions.len() });
        }
    }
    if let Some(stage) = stages.last_mut() {
        stage.to = stage.to.or(ended);
    }
    stages
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.001
}

fn gates(happenings: &[Happening]) -> Vec<Gate> {
    let mut gates: BTreeMap<&str, Gate> = BTreeMap::new();
    for happening in happenings {
        let Kind::Gate { name, result, value, threshold, unit, as_of, note, .. } = &happening.kind else { continue };
        let (value, threshold, as_of) = (*value, *threshold, *as_of);
        let (unit, note) = (unit.clone(), note.clone());
        let new = || Gate {
            name: name.clone(),
            result: *result,
            failed: 0,
            value,
            threshold,
            unit,
            as_of,
            note: note.clone(),
        };
        let gate = gates.entry(name).or_insert_with(new);
        gate.result = *result;
        gate.failed += usize::from(*result == GateResult::Fail);
        if *result == GateResult::Fail || gate.failed == 0 {
            (gate.value, gate.threshold, gate.as_of, gate.note) = (value, threshold, as_of, note);
        }
    }
    gates.into_values().collect()
}

fn checklist(happenings: &[Happening]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for happening in happenings {
        let Kind::Tick { item, phase, done, required } = &happening.kind else { continue };
        items.retain(|known| (&known.item, &known.phase) != (item, phase));
        items.push(Item {
            item: item.clone(),
            phase: phase.clone(),
            done: *done,
            required: *required,
            who: happening.who.clone(),
            at: happening.at,
        });
    }
    items
}

#[cfg(test)]
pub(crate) mod tests;
