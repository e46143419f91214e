//! What the journal writes down of a release, in the brain's own words: what began, what was done and on what
//! evidence, what happened, how it ended. Plain rows; it knows neither files nor how a story is told from them.

mod happening;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    facts::short_name,
    names::{ReleaseId, Target, Version},
    plan::Purpose,
    routing::Routing,
};

pub use happening::{GATES, GateResult, Happening, Kind, StepOutcome};

/// Which of the user's places something happened in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Site {
    /// The 12-digit account; empty where STS did not say.
    pub account: String,
    /// The environment's name in the configuration.
    pub environment: String,
}

/// Where a site is: one endpoint and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The endpoint where it is not AWS.
    pub endpoint: Option<String>,
    /// The AWS region.
    pub region: String,
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The caller's ARN, from STS; empty where it is not known.
    pub caller: String,
    /// The operating system's name of the person.
    pub os_user: String,
}

impl Who {
    /// The name for a line of text: the role or user of the ARN, else the person's name on this machine.
    pub fn short(&self) -> &str {
        if self.caller.is_empty() { &self.os_user } else { short_name(&self.caller) }
    }

    /// The same with the person's name on their machine: `oncall-admin (ada)`.
    pub fn in_full(&self) -> String {
        match (self.short(), self.os_user.as_str()) {
            (short, user) if user.is_empty() || short == user => short.to_owned(),
            (short, user) => format!("{short} ({user})"),
        }
    }
}

/// A release as it begins. Said again with more functions, it grows; said again after its end, it is open again.
#[derive(Debug, Clone, PartialEq)]
pub struct Began {
    /// Its id, unique within a site.
    pub id: ReleaseId,
    /// What people call it, such as `v1.4.0`.
    pub title: Option<String>,
    /// Who confirmed it.
    pub who: Who,
    /// Why, as it was typed.
    pub why: Option<String>,
    /// When it was confirmed, UTC.
    pub at: Timestamp,
    /// How it was meant to run.
    pub course: Course,
    /// Its functions.
    pub parts: Vec<Part>,
}

/// How the id of a watch begins that no release stands behind.
const WATCH: &str = "watch-";

impl Began {
    /// The id of a watch that begins now.
    pub fn watch_id(now: Timestamp) -> ReleaseId {
        ReleaseId::new(format!("{WATCH}{}", now.strftime("%Y%m%d-%H%M%S")))
    }

    /// Whether nothing is moved: somebody watches what is live, whoever put it there.
    pub fn is_watch(&self) -> bool {
        self.id.as_str().starts_with(WATCH)
    }
}

/// How a release is meant to run, and the limits it is held to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Course {
    /// The stages in percent 0–100, rising.
    pub stages: Vec<f64>,
    /// How long a stage bakes.
    pub bake: SignedDuration,
    /// How long the release is watched at 100 percent.
    pub watch: SignedDuration,
    /// The limit of the error rate in percent 0–100, a line on the charts.
    pub error_rate: Option<f64>,
    /// The limit of the 99th percentile in ms, a line on the charts.
    pub p99_ms: Option<f64>,
}

/// One function's part in a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The function and alias.
    pub target: Target,
    /// What a rollback puts back.
    pub stable: Version,
    /// What is released.
    pub new: Version,
    /// What was written when the new version was published.
    pub about: String,
    /// When the change was committed, UTC, where the description or a tag says so.
    pub committed: Option<Timestamp>,
}

/// How a release ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// When, UTC.
    pub at: Timestamp,
    /// In what way.
    pub ending: Ending,
    /// A sentence for people, such as the comparison with the hour before.
    pub note: String,
}

/// The note of a release that a later run finds back at stable: somebody else took it back, nobody here saw when.
const FOUND_BACK: &str = "found taken back elsewhere";
/// What the note of a rollback begins with that left something of the release where it was.
const IN_PART: &str = "not all of it: ";
/// What the note of a rollback begins with that took back what no release was known to have put there.
const BY_HAND: &str = "no release was on record; withdrawn: ";

impl Ended {
    /// The end of a release that is found to have been taken back elsewhere, at a moment that nobody here knows.
    pub fn found_back(at: Timestamp) -> Self {
        Self { at, ending: Ending::RolledBack, note: FOUND_BACK.to_owned() }
    }

    /// The note of a rollback that left something where it was; `left` says what and why.
    pub fn note_in_part(left: &str) -> String {
        format!("{IN_PART}{left}")
    }

    /// The note of a rollback that a person asked for where no release was on record.
    pub fn note_by_hand(withdrawn: &str) -> String {
        format!("{BY_HAND}{withdrawn}")
    }

    /// Whether no release was on record that was rolled back.
    pub fn is_by_hand(&self) -> bool {
        self.ending == Ending::RolledBack && self.note.starts_with(BY_HAND)
    }

    /// Whether a rollback left something of the release where it was.
    pub fn is_in_part(&self) -> bool {
        self.ending == Ending::RolledBack && self.note.starts_with(IN_PART)
    }

    /// Whether the end was found only later, so that its time tells nothing.
    pub fn is_found_later(&self) -> bool {
        self.note == FOUND_BACK
    }
}

/// The ways in which a release ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Watched to its end, or declared all clear.
    AllClear,
    /// The stable version has all the traffic again.
    RolledBack,
    /// Left where it was.
    Abandoned,
    /// Watched only, and the watch found it failing.
    Failed,
}

/// The number of an intent in its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct IntentId(pub i64);

/// A write that is about to leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The release it belongs to.
    pub release: ReleaseId,
    /// The function and alias.
    pub target: Target,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether the program moves by itself; else a person said so.
    pub automatic: bool,
    /// Who.
    pub who: Who,
    /// Why, as typed, or which gate failed.
    pub why: Option<String>,
    /// What keeps or gets back the traffic.
    pub stable: Version,
    /// What is released or withdrawn.
    pub new: Version,
    /// Where the traffic went.
    pub before: Routing,
    /// Where it shall go.
    pub after: Routing,
    /// What was known when it was decided.
    pub evidence: Vec<Evidence>,
    /// When it was decided, UTC.
    pub at: Timestamp,
}

/// One thing that was known when a move was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at and how it stood, such as `gate errors: fail`.
    pub what: String,
    /// The value.
    pub value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
    /// The unit of both as it stands behind a number: ` %`, ` ms` or nothing.
    #[serde(default)]
    pub unit: String,
    /// The time of the data, UTC.
    pub as_of: Option<Timestamp>,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// How it went.
    pub result: ActionResult,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// Why it failed, or what is not known; empty where there is nothing to say.
    pub message: String,
    /// Where the traffic goes, as it was read back.
    pub found: Option<Routing>,
    /// When it was known, UTC.
    pub at: Timestamp,
    /// Whether it was read off the alias later, because the program ended between intent and outcome.
    pub inferred: bool,
}

/// How a write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionResult {
    /// AWS took it.
    Acknowledged,
    /// It did not happen.
    Failed,
    /// It may or may not have happened: the alias tells.
    Unknown,
}

/// An intent and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its number.
    pub id: IntentId,
    /// What was to be done.
    pub intent: Intent,
    /// What came of it. Missing, the program ended between the two: only the alias tells.
    pub outcome: Option<Outcome>,
}

impl Action {
    /// When AWS took it, if it did.
    pub fn acknowledged(&self) -> Option<Timestamp> {
        self.outcome.as_ref().filter(|outcome| outcome.result == ActionResult::Acknowledged).map(|outcome| outcome.at)
    }

    /// The new version's share that was wanted, in percent 0–100.
    pub fn percent(&self) -> f64 {
        self.intent.after.percent_of(self.intent.new)
    }
}

/// One closed minute of the calls that one version answered: what a report's charts are drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct MinuteCount {
    /// The function and alias.
    pub target: Target,
    /// Which version answered.
    pub version: Version,
    /// The start of the minute, UTC.
    pub at: Timestamp,
    /// Calls.
    pub calls: f64,
    /// Calls that failed.
    pub errors: Option<f64>,
    /// The 99th percentile of the duration in ms.
    pub p99_ms: Option<f64>,
}

/// One thing to write into the journal. Several go in together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A release began, or grew.
    Began(Began),
    /// It ended.
    Ended(ReleaseId, Ended),
    /// It is found to have ended. What whoever ended it wrote down stays.
    FoundEnded(ReleaseId, Ended),
    /// Something happened.
    Happened(Happening),
    /// Minutes closed. A minute that is there already is replaced.
    Minutes(ReleaseId, Vec<MinuteCount>),
    /// How many more metrics the release has had CloudWatch bill.
    Watched(ReleaseId, u64),
}

/// All that the journal holds of one release.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Endpoint and region.
    pub place: Place,
    /// Account and environment.
    pub site: Site,
    /// How it began.
    pub began: Began,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
    /// Metrics requested for it, as CloudWatch bills them.
    pub metrics_asked: u64,
    /// What was done, in the order it was decided.
    pub actions: Vec<Action>,
    /// What happened, oldest first.
    pub happenings: Vec<Happening>,
    /// Its minutes, oldest first.
    pub minutes: Vec<MinuteCount>,
}
