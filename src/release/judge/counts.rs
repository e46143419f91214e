//! What the judge is fed: closed minutes of both versions, counted. Where the counts come from is not known here; what
//! cannot be is turned away here, so that the tests need not doubt their numbers.

use std::fmt;

use crate::release::metrics::minute::Minute;

/// What is counted of one version's calls in a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Calls.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// Those slower than the limit that was fixed before the release. `None` where slow calls cannot be counted.
    pub slow: Option<u64>,
    /// The 90th percentile of the duration in ms; looked at only where slow calls cannot be counted.
    pub p90_ms: Option<f64>,
}

/// A closed minute of both versions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinuteCounts {
    /// Which minute.
    pub at: Minute,
    /// The new version's share of the calls as set, a fraction 0–1.
    pub weight: f64,
    /// The version that keeps the traffic if the release is rolled back.
    pub stable: Counts,
    /// The version being released.
    pub new: Counts,
    /// Whether the weight stood still for the whole minute.
    pub whole: bool,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Calls that failed.
    Errors,
    /// Calls slower than the limit.
    Slow,
}

impl Metric {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Errors, Self::Slow];

    /// This metric's count. `None` where it was not counted.
    pub fn of(self, counts: &Counts) -> Option<u64> {
        match self {
            Self::Errors => Some(counts.errors),
            Self::Slow => counts.slow,
        }
    }
}

/// `errors` or `slow calls`.
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Errors => "errors",
            Self::Slow => "slow calls",
        })
    }
}

/// Why a minute was left out of the judgement.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LeftOut {
    /// More failed or slow calls than calls.
    #[error("more {metric} ({count}) than calls ({calls})")]
    MoreThanCalls {
        /// Which count.
        metric: Metric,
        /// Its value.
        count: u64,
        /// The calls it is a part of.
        calls: u64,
    },
    /// The weight is not a fraction 0–1.
    #[error("the weight {weight} is not between 0 and 1")]
    NoWeight {
        /// The weight.
        weight: f64,
    },
    /// The minute, or a later one, was taken before. What a closed minute counted stays counted.
    #[error("this minute or a later one was counted before")]
    CountedBefore,
    /// The weight changed during the minute.
    #[error("the weight changed during the minute")]
    Mixed,
    /// The new version had no share of the traffic.
    #[error("the new version had no share of the traffic")]
    NotShifted,
}

impl Counts {
    /// Whether a part is more than the whole.
    pub fn check(&self) -> Result<(), LeftOut> {
        for metric in Metric::ALL {
            let count = metric.of(self).unwrap_or(0);
            if count > self.calls {
                return Err(LeftOut::MoreThanCalls { metric, count, calls: self.calls });
            }
        }
        Ok(())
    }
}

impl MinuteCounts {
    /// Whether the minute can be judged at all.
    pub fn check(&self) -> Result<(), LeftOut> {
        if !(0.0..=1.0).contains(&self.weight) {
            return Err(LeftOut::NoWeight { weight: self.weight });
        }
        self.stable.check()?;
        self.new.check()
    }
}

/// The stable version's closed minutes before the release: what it does when nobody releases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    minutes: Vec<Counts>,
}

impl History {
    /// Takes a minute. One whose counts cannot be is left out.
    pub fn take(&mut self, counts: Counts) -> Result<(), LeftOut> {
        counts.check()?;
        self.minutes.push(counts);
        Ok(())
    }

    /// Calls and this metric's count, by the minute.
    pub fn of(&self, metric: Metric) -> impl Iterator<Item = (f64, f64)> + Clone {
        let known = move |counts: &Counts| Some((number(counts.calls), number(metric.of(counts)?)));
        self.minutes.iter().filter_map(known)
    }
}

impl FromIterator<Counts> for History {
    fn from_iter<I: IntoIterator<Item = Counts>>(minutes: I) -> Self {
        Self { minutes: minutes.into_iter().filter(|counts| counts.check().is_ok()).collect() }
    }
}

/// A count as a number to calculate with. Beyond 2⁵³ calls a minute the last digits do not matter.
#[expect(clippy::cast_precision_loss, reason = "no function is called 2^53 times a minute")]
pub(in crate::release) fn number(count: u64) -> f64 {
    count as f64
}
