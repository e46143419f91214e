//! The words of a release that is run: where it stands, what can happen to it, what it wants done and what it has to
//! tell. Closed on purpose: every word has one answer in the machine. Times are world time, UTC.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::course::Mandate;
use crate::release::{gates::Standing, names::Target};

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing has been written yet.
    Preflight,
    /// Agreed: the shift goes out at this moment, the start of a minute.
    Waiting {
        /// The new version's share then, in percent 0–100.
        percent: f64,
        /// When it goes out.
        at: Timestamp,
    },
    /// The writes are on their way.
    Shifting {
        /// The share that they set, in percent 0–100.
        percent: f64,
        /// Somebody asked to hold meanwhile: it holds as soon as the writes are answered.
        then_hold: bool,
    },
    /// Some functions were shifted and some were not.
    Torn {
        /// The share that was wanted, in percent 0–100.
        percent: f64,
    },
    /// The stage bakes, or the release is watched: see [`Stay`].
    Observing,
    /// The bake is over and every gate passes; a person says when it goes on.
    Ready,
    /// It goes no further until a person answers.
    Asking(Question),
    /// A rollback begins at `until` unless somebody stops it.
    CountingDown {
        /// When it begins.
        until: Timestamp,
        /// Why.
        because: Cause,
    },
    /// Standing still because of this; nothing moves by itself.
    Held(Hold),
    /// The writes of a rollback are on their way.
    RollingBack,
    /// A rollback that did not reach every function.
    Stuck,
    /// Over: the new version stays.
    AllClear,
    /// Over: the stable version is back everywhere.
    RolledBack,
    /// Over: nobody runs it any more; the traffic is left as it was.
    Abandoned,
}

impl State {
    /// Whether the release is over.
    pub fn is_final(self) -> bool {
        matches!(self, Self::AllClear | Self::RolledBack | Self::Abandoned)
    }

    /// Whether writes are on their way.
    pub fn is_moving(self) -> bool {
        matches!(self, Self::Shifting { .. } | Self::RollingBack)
    }
}

/// The time that a release spends at one weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stay {
    /// What it is for.
    pub leg: Leg,
    /// The new version's share, in percent 0–100.
    pub percent: f64,
    /// When the weights were acknowledged.
    pub since: Timestamp,
    /// When it is over. An extension moves it.
    pub until: Timestamp,
    /// Whether it was extended for lack of data.
    pub extended: bool,
    /// When it was first seen to be over: late data are waited for from here.
    pub(super) over_since: Option<Timestamp>,
}

/// What a stay is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Time spent on a stage before the next.
    Bake,
    /// The time after the last stage.
    Watch,
}

/// What a person has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// The next stage needs a plan that somebody confirms.
    Plan {
        /// The share in that plan, in percent 0–100.
        percent: f64,
    },
    /// A gate failed: roll back, go on or hold?
    Failed,
    /// Both versions fail alike, so it may not be this release: roll back, go on or hold?
    Alike,
    /// There is too little data, even after an extension: roll back, go on or extend again?
    Undecided,
    /// Some functions were not shifted: retry or roll back?
    Torn,
    /// Some functions were not rolled back: try again?
    Stuck,
}

/// Why a rollback is counted down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A critical gate failed.
    Gates,
    /// A stay ended without an answer, twice, and the configuration says to roll back then.
    Undecided,
    /// Some functions were not shifted.
    Torn {
        /// The share that was wanted, in percent 0–100.
        percent: f64,
    },
}

/// Why it stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// A person said so.
    Person,
    /// A person stopped the countdown to a rollback.
    CountdownStopped,
    /// A critical gate failed and this environment is never rolled back by itself.
    Failed,
    /// A stay ended without an answer, twice, and the configuration says to hold then.
    Undecided,
    /// No function could be shifted; the weights are as they were.
    ShiftFailed,
    /// Somebody else moved or removed an alias.
    Disturbed,
    /// The program slept through the moment that was agreed on.
    Overslept,
}

/// How a group of writes ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// Every function is as it was wanted.
    All,
    /// These are not; others are.
    Some(Vec<Target>),
    /// No function is.
    None,
}

/// What the gates said, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// When they were evaluated.
    pub at: Timestamp,
    /// What they say together.
    pub standing: Standing,
    /// Whether every datum that was due by then had been read. Data missed in a sleep are waited for, not assumed.
    pub is_complete: bool,
}

/// What stands between a plan and its first shift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Obstacle {
    /// This alarm was in ALARM before the release and nobody has acknowledged it.
    AlarmRinging {
        /// The alarm's name.
        name: String,
    },
    /// A required item of the checklist is open.
    Required {
        /// The item.
        item: String,
    },
    /// It is outside the allowed hours and nobody gave a reason.
    OutsideHours {
        /// The allowed hours in words.
        allowed: String,
    },
    /// A gate fails already.
    Gate {
        /// The gate's name.
        name: String,
    },
    /// Something about a function that preflight found.
    Preflight {
        /// In a sentence.
        why: String,
    },
}

impl Obstacle {
    /// Whether it stops a person's own shift too. What gates and preflight found is a warning there.
    pub fn stops_a_person(&self) -> bool {
        match self {
            Self::AlarmRinging { .. } | Self::Required { .. } | Self::OutsideHours { .. } => true,
            Self::Gate { .. } | Self::Preflight { .. } => false,
        }
    }
}

/// A few words that fit after a colon.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlarmRinging { name } => write!(f, "the alarm {name} rings already and nobody has acknowledged it"),
            Self::Required { item } => write!(f, "“{item}” is required and not ticked on the checklist"),
            Self::OutsideHours { allowed } => write!(f, "it is outside the allowed hours ({allowed}) without a reason"),
            Self::Gate { name } => write!(f, "the gate “{name}” fails already"),
            Self::Preflight { why } => f.write_str(why),
        }
    }
}

/// What happens to a release.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Time passes. Once a second is enough; [`super::Run::wakes_at`] says when it matters.
    Tick,
    /// What stands in the way of the first shift now: all of it, each time.
    Obstacles(Vec<Obstacle>),
    /// Somebody confirmed a plan.
    Confirmed(Mandate),
    /// The gates were evaluated.
    Evidence(Evidence),
    /// The writes of a shift were answered.
    Shifted(Moved),
    /// The writes of a rollback were answered, or somebody else rolled back.
    RolledBack(Moved),
    /// Stand still. In a countdown: stop it.
    Hold,
    /// Go on counting.
    Resume,
    /// Give the present stay one more bake.
    Extend,
    /// Go on to the next stage now.
    GoOn,
    /// Try the functions again that a shift or a rollback did not reach.
    Retry,
    /// Back to stable, now.
    RollBack,
    /// A person says that it is over, at the last stage.
    Finish,
    /// Stop running it and leave the traffic as it is.
    Abandon,
    /// Somebody else moved or removed an alias of the release.
    Disturbed,
    /// Whether this program is the one that moves the release by itself.
    Owner(bool),
}

/// What the release wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Set this share, in percent 0–100, on every function of the mandate.
    Shift {
        /// The new version's share.
        percent: f64,
    },
    /// Put the stable version of the mandate back on every function.
    RollBack,
    /// Ask a person.
    Ask(Question),
    /// Tell everybody.
    Announce(News),
}

/// Who caused a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A key or a command.
    Person,
    /// The release itself.
    Itself,
}

/// What there is to tell: the timeline, the journal, notifications and the lines of headless commands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum News {
    /// A shift is agreed and goes out at this moment.
    Agreed {
        /// The share then, in percent 0–100.
        percent: f64,
        /// When.
        at: Timestamp,
    },
    /// These stand in the way of the first shift.
    Blocked {
        /// All of them.
        obstacles: Vec<Obstacle>,
    },
    /// A shift goes out.
    Shifting {
        /// The share that it sets, in percent 0–100.
        percent: f64,
        /// Who caused it.
        by: By,
    },
    /// Every function has this share now.
    Shifted {
        /// In percent 0–100.
        percent: f64,
    },
    /// Some functions have it and some have not.
    Torn {
        /// In percent 0–100.
        percent: f64,
        /// Those that have not.
        left: Vec<Target>,
    },
    /// The bake is over and the gates pass.
    BakeOver {
        /// The share that was baked, in percent 0–100.
        percent: f64,
    },
    /// The stay goes on until this moment.
    Extended {
        /// When it is over now.
        until: Timestamp,
        /// Who wanted it: the release itself, because it could not tell, or a person.
        by: By,
    },
    /// There was too little data, and no more extensions.
    Undecided,
    /// A critical gate fails.
    GatesFailed {
        /// Whether the stable version fails as well.
        alike: bool,
    },
    /// A rollback begins at this moment unless somebody stops it.
    CountingDown {
        /// When.
        until: Timestamp,
        /// Why.
        because: Cause,
    },
    /// It stands still.
    Held {
        /// Why.
        why: Hold,
        /// The share that it stands at, in percent 0–100; `None` before the first shift.
        percent: Option<f64>,
    },
    /// It goes on.
    Resumed,
    /// A rollback goes out.
    RollingBack {
        /// Who caused it.
        by: By,
    },
    /// The stable version is back everywhere.
    RolledBack,
    /// The rollback did not reach these.
    Stuck {
        /// `None` of them where it reached no function.
        left: Vec<Target>,
    },
    /// Over: the new version stays.
    AllClear {
        /// At this share, in percent 0–100.
        percent: f64,
    },
    /// Nobody runs it any more.
    Abandoned {
        /// The share that it was left at, in percent 0–100; `None` before the first shift.
        percent: Option<f64>,
    },
    /// Whether this program moves the release by itself has changed.
    Owner {
        /// Whether it does now.
        mine: bool,
    },
}
