//! A length of time as scenarios write it: `"-12m"`, `"90s"`, `"3h"`, `"-9d"`. It knows nothing of the present.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// A signed length of time; as a moment, relative to the opening of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Offset(SignedDuration);

impl Offset {
    /// So many hours.
    pub const fn hours(hours: i64) -> Self {
        Self(SignedDuration::from_hours(hours))
    }

    /// So many seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(SignedDuration::from_secs(seconds))
    }

    /// Its length in whole seconds.
    pub const fn as_secs(self) -> i64 {
        self.0.as_secs()
    }

    /// The moment that lies this far before `end`.
    pub fn before(self, end: Timestamp) -> Timestamp {
        Self(-self.0).from(end)
    }

    /// The moment that lies this far from `start`.
    pub fn from(self, start: Timestamp) -> Timestamp {
        start.saturating_add(self.0).unwrap_or(start)
    }
}

/// Why a text is no length of time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is no length of time; write a whole number and s, m, h or d, such as \"90s\" or \"-12m\"")]
pub struct OffsetError(String);

impl FromStr for Offset {
    type Err = OffsetError;

    fn from_str(text: &str) -> Result<Self, OffsetError> {
        let refuse = || OffsetError(text.to_owned());
        let unit = text.chars().last().ok_or_else(refuse)?;
        let seconds_each = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(refuse()),
        };
        let number: i64 = text[..text.len() - 1].parse().map_err(|_| refuse())?;
        Ok(Self::seconds(number.checked_mul(seconds_each).ok_or_else(refuse)?))
    }
}

impl TryFrom<String> for Offset {
    type Error = OffsetError;

    fn try_from(text: String) -> Result<Self, OffsetError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_scenarios_write() {
        for (text, seconds) in [("90s", 90), ("-12m", -720), ("3h", 10_800), ("-9d", -777_600), ("+2m", 120)] {
            assert_eq!(text.parse(), Ok(Offset::seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "m", "12", "1.5h", "12 m", "12é", "9999999999999999d"] {
            assert!(text.parse::<Offset>().is_err(), "{text}");
        }
    }
}
