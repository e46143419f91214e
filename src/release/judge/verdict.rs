//! What the judge says, in words that a tired person understands at once. It holds no statistics.

use std::fmt;

use super::counts::Metric;
use crate::release::metrics::minute::Minute;

/// The judgement of a function, or of a group of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The new version fails, or is slow, more often than the stable one beside it.
    Regression(Finding),
    /// Alone with the traffic, the new version fails or is slow more often than the stable one did before the release.
    BaselineBreach(Finding),
    /// Both versions fail, or are slow, alike, and more than before the release: it is not this release.
    FailAlike(Metric),
    /// Too little was seen to tell.
    Insufficient(Missing),
    /// Nothing speaks against the release, and it is not yet proven good.
    KeepGoing,
    /// Proven: not worse than what is tolerated.
    Pass,
}

/// What was found, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// In which metric.
    pub metric: Metric,
    /// By which test.
    pub rule: Rule,
    /// The last minute that it had seen.
    pub at: Minute,
}

/// The test that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The comparison with the stable version beside it, by the weight.
    Ratio,
    /// The comparison by counts alone, because the split was not as set.
    Blocks,
    /// The sign test on p90, because slow calls cannot be counted.
    Sign,
    /// The frozen rate from before the release.
    Baseline,
    /// The absolute limit, because there is no history.
    Limit,
}

/// What is missing for a judgement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missing {
    /// About so many more calls of both versions together. `None` if no number of calls would do.
    pub calls: Option<f64>,
    /// About so many more minutes at the rate of the last ones. `None` without traffic.
    pub minutes: Option<f64>,
}

impl Verdict {
    /// Whether the release should be taken back.
    pub fn is_against(self) -> bool {
        matches!(self, Self::Regression(_) | Self::BaselineBreach(_))
    }

    /// Whether something is wrong, whoever's fault it is.
    pub fn is_bad(self) -> bool {
        self.is_against() || matches!(self, Self::FailAlike(_))
    }

    /// What stands against the release, if anything.
    pub fn finding(self) -> Option<Finding> {
        match self {
            Self::Regression(finding) | Self::BaselineBreach(finding) => Some(finding),
            Self::FailAlike(_) | Self::Insufficient(_) | Self::KeepGoing | Self::Pass => None,
        }
    }

    /// The verdict on a group: its worst member's. A group passes only if all of it does, and lacks what its slowest
    /// member lacks. An empty group has shown nothing.
    pub fn of_group(members: impl IntoIterator<Item = Self>) -> Self {
        members.into_iter().reduce(Self::worse).unwrap_or(Self::Insufficient(Missing { calls: None, minutes: None }))
    }

    fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Insufficient(one), Self::Insufficient(two)) => Self::Insufficient(one.more(two)),
            _ if other.gravity() > self.gravity() => other,
            _ => self,
        }
    }

    /// How bad it is; more is worse.
    pub fn gravity(self) -> u8 {
        match self {
            Self::Regression(_) => 5,
            Self::BaselineBreach(_) => 4,
            Self::FailAlike(_) => 3,
            Self::Insufficient(_) => 2,
            Self::KeepGoing => 1,
            Self::Pass => 0,
        }
    }
}

/// Log evidence as odds: `3.1×`.
pub fn in_odds(log: f64) -> String {
    match log.exp() {
        huge if huge >= 1e6 => "> 10⁶×".to_owned(),
        tiny if tiny < 0.01 => "< 0.01×".to_owned(),
        large if large >= 100.0 => format!("{large:.0}×"),
        small => format!("{small:.2}×"),
    }
}

/// The word for the screen: `REGRESSION`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Regression(_) => "REGRESSION",
            Self::BaselineBreach(_) => "BASELINE BREACH",
            Self::FailAlike(_) => "BOTH FAIL ALIKE",
            Self::Insufficient(_) => "INSUFFICIENT",
            Self::KeepGoing => "KEEP GOING",
            Self::Pass => "PASS",
        })
    }
}

/// The word for machines: `ratio`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ratio => "ratio",
            Self::Blocks => "blocks",
            Self::Sign => "sign",
            Self::Baseline => "baseline",
            Self::Limit => "limit",
        })
    }
}

impl Missing {
    fn more(self, other: Self) -> Self {
        let more = |one: Option<f64>, two: Option<f64>| Some(one?.max(two?));
        Self { calls: more(self.calls, other.calls), minutes: more(self.minutes, other.minutes) }
    }
}

/// `about 190 more calls, 4 min at this rate`.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TOO_MANY: f64 = 1e9;
        let Some(calls) = self.calls.filter(|calls| *calls < TOO_MANY) else {
            return write!(f, "no number of calls would tell");
        };
        write!(f, "about {} more calls", rounded(calls))?;
        match self.minutes {
            Some(minutes) if minutes < 100.0 => write!(f, ", {} min at this rate", minutes.ceil()),
            Some(minutes) => write!(f, ", {} h at this rate", (minutes / 60.0).ceil()),
            None => write!(f, ", and there are none"),
        }
    }
}

/// Two digits are honest for an estimate.
fn rounded(calls: f64) -> f64 {
    let unit = 10_f64.powf((calls.max(10.0).log10().floor() - 1.0).max(0.0));
    (calls / unit).ceil() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding { metric: Metric::Errors, rule: Rule::Ratio, at: Minute::of(jiff::Timestamp::UNIX_EPOCH) }
    }

    fn missing(calls: f64, minutes: f64) -> Verdict {
        Verdict::Insufficient(Missing { calls: Some(calls), minutes: Some(minutes) })
    }

    #[test]
    fn a_group_is_as_bad_as_its_worst_member() {
        let all = [
            Verdict::Regression(finding()),
            Verdict::BaselineBreach(finding()),
            Verdict::FailAlike(Metric::Slow),
            missing(10.0, 1.0),
            Verdict::KeepGoing,
            Verdict::Pass,
        ];
        for (index, worst) in all.iter().enumerate() {
            assert_eq!(Verdict::of_group(all[index..].iter().rev().copied()), *worst);
        }
        assert_eq!(Verdict::of_group([missing(10.0, 9.0), missing(500.0, 2.0)]), missing(500.0, 9.0));
        assert!(matches!(Verdict::of_group([]), Verdict::Insufficient(_)), "nothing seen is not good news");
    }

    #[test]
    fn evidence_in_odds() {
        for (log, words) in [(0.0, "1.00×"), (5.3, "200×"), (-9.0, "< 0.01×"), (900.0, "> 10⁶×")] {
            assert_eq!(in_odds(log), words);
        }
    }

    #[test]
    fn what_is_missing_in_words() {
        for (calls, minutes, words) in [
            (Some(186.3), Some(3.2), "about 190 more calls, 4 min at this rate"),
            (Some(3.0), Some(0.4), "about 3 more calls, 1 min at this rate"),
            (Some(41_234.0), Some(250.0), "about 42000 more calls, 5 h at this rate"),
            (Some(500.0), None, "about 500 more calls, and there are none"),
            (None, Some(3.0), "no number of calls would tell"),
        ] {
            assert_eq!(Missing { calls, minutes }.to_string(), words);
        }
    }
}
