//! What people who do not look at the screen are told of a release, and whether it reached them. Words only: how a
//! notice is written for each receiver and how it gets there is for `notify` to know.

use jiff::Timestamp;

use super::names::{ReleaseId, Target, Version};

/// What happened, for people who are not looking at the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of notice it is.
    pub occasion: Occasion,
    /// When it happened, world time.
    pub at: Timestamp,
    /// The release. Incidents are told apart by it.
    pub release: ReleaseId,
    /// The environment's name.
    pub environment: String,
    /// The AWS account, where it is known.
    pub account: Option<String>,
    /// The AWS region.
    pub region: String,
    /// What the release is about.
    pub changes: Vec<Change>,
    /// The new version's share of the traffic now, in percent 0–100.
    pub percent: Option<u8>,
    /// One sentence or less, such as `10 % → 50 %` or `error rate 7.2 %, at most 5 %`.
    pub summary: String,
    /// What it rests on, a fact each.
    pub evidence: Vec<String>,
    /// Who did it, or on whose behalf it was done.
    pub who: String,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
}

/// A function that a release moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The function and its alias.
    pub target: Target,
    /// The version before the release.
    pub stable: Option<Version>,
    /// The version that is released.
    pub new: Option<Version>,
}

/// What somebody may be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// Traffic was moved forward.
    Shift,
    /// A gate failed.
    Failure,
    /// Traffic was taken back.
    Rollback,
    /// The release is over and well.
    AllClear,
    /// The release stands still until somebody decides.
    Held,
    /// Somebody else runs the release now.
    TakenOver,
}

impl Occasion {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 6] =
        [Self::Shift, Self::Failure, Self::Rollback, Self::AllClear, Self::Held, Self::TakenOver];

    /// The word for it in the configuration and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Failure => "failure",
            Self::Rollback => "rollback",
            Self::AllClear => "all_clear",
            Self::Held => "held",
            Self::TakenOver => "taken_over",
        }
    }

    /// Whether an incident is opened or resolved for it. The others wake nobody.
    pub fn pages(self) -> bool {
        match self {
            Self::Failure | Self::Rollback | Self::AllClear => true,
            Self::Shift | Self::Held | Self::TakenOver => false,
        }
    }
}

/// Whether somebody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Who, by the name in the configuration.
    pub to: String,
    /// Of what.
    pub occasion: Occasion,
    /// Sent, or why not. Without secrets and control characters.
    pub outcome: Result<(), String>,
}

/// `#releases: sent`, `#releases: failed: status 404 (no_service)`.
impl std::fmt::Display for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.outcome {
            Ok(()) => write!(f, "{}: sent", self.to),
            Err(why) => write!(f, "{}: failed: {why}", self.to),
        }
    }
}
