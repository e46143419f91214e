//! What a target can send its traffic to: a published version of a function, a target group, a deployment of an API.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A version of a function, or what stands in its place. Published versions are ordered by their number, `$LATEST`
/// comes before them all; the order of names means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `$LATEST`, the unpublished code. An alias that splits traffic may not name it.
    Latest,
    /// A published version.
    Number(u64),
    /// A target group as `name/id`, or the id of an API's deployment.
    Named(Name),
}

impl Version {
    /// A target group or a deployment.
    ///
    /// # Errors
    /// When the text is empty or too long to be one.
    pub fn named(text: &str) -> Result<Self, NameTooLong> {
        Name::new(text).map(Self::Named)
    }

    /// How it stands beside figures: `v43`, and a name by itself.
    pub fn label(self) -> String {
        match self {
            Self::Number(number) => format!("v{number}"),
            Self::Latest | Self::Named(_) => self.to_string(),
        }
    }

    /// The text that records keep: what is shown of a name is not all of it.
    pub fn in_record(&self) -> String {
        match self {
            Self::Latest | Self::Number(_) => self.to_string(),
            Self::Named(name) => format!("{MARK}{name}"),
        }
    }

    /// The name of a target group or a deployment.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Named(name) => Some(name),
            Self::Latest | Self::Number(_) => None,
        }
    }

    /// Whether an order of versions says which one is the newer.
    pub fn has_order(&self) -> bool {
        !matches!(self, Self::Named(_))
    }
}

/// In records a name stands behind this sign: a deployment's id may be all digits.
const MARK: char = '@';

/// `42`, `$LATEST`; of a target group its name without the id.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.pad("$LATEST"),
            Self::Number(number) => f.pad(&number.to_string()),
            Self::Named(name) => f.pad(name.short()),
        }
    }
}

/// A text that names no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a version: expected a number such as 42, or $LATEST")]
pub struct NotAVersion(String);

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        if text == "$LATEST" {
            return Ok(Self::Latest);
        }
        if let Some(name) = text.strip_prefix(MARK) {
            return Self::named(name).map_err(|_| NotAVersion(text.to_owned()));
        }
        text.parse().map(Self::Number).map_err(|_| NotAVersion(text.to_owned()))
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.in_record())
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A name of 1 to 64 bytes, kept where it stands so that a version can be copied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Bytes behind the name are 0, so that names are compared as texts are.
    bytes: [u8; Self::LONGEST],
    length: u8,
}

/// A text that cannot be a [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a name of 1 to 64 bytes")]
pub struct NameTooLong(String);

impl Name {
    /// The most bytes that a name has. A target group's name has 32 characters and its id 16.
    pub const LONGEST: usize = 64;

    /// Takes the name as it stands.
    ///
    /// # Errors
    /// When the text is empty or longer than 64 bytes.
    pub fn new(text: &str) -> Result<Self, NameTooLong> {
        let wrong = || NameTooLong(text.to_owned());
        let mut bytes = [0; Self::LONGEST];
        bytes.get_mut(..text.len()).ok_or_else(wrong)?.copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).ok().filter(|length| *length > 0).ok_or_else(wrong)?;
        Ok(Self { bytes, length })
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The part before the first slash: what people call a target group.
    pub fn short(&self) -> &str {
        self.as_str().split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_not_by_text() {
        assert!(Version::Number(9) < Version::Number(10));
        assert!(Version::Latest < Version::Number(1));
    }

    #[test]
    fn a_version_is_read_as_it_is_written() {
        for version in [Version::Latest, Version::Number(1), Version::Number(u64::MAX)] {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        assert!("live".parse::<Version>().is_err());
        assert!("-1".parse::<Version>().is_err());
    }

    #[test]
    fn a_name_is_kept_whole_and_shown_short() {
        let blue = Version::named("blue/6d0ecf831eec9f09").unwrap();
        assert_eq!(blue.to_string(), "blue");
        for version in [blue, Version::named("0012345678").unwrap(), Version::Number(12)] {
            assert_eq!(version.in_record().parse(), Ok(version));
            let json = serde_json::to_string(&version).unwrap();
            assert_eq!(serde_json::from_str::<Version>(&json).unwrap(), version);
        }
    }

    #[test]
    fn a_name_has_its_limits() {
        assert!(Name::new("").is_err());
        assert!(Name::new(&"x".repeat(65)).is_err());
        assert_eq!(Name::new(&"x".repeat(64)).unwrap().as_str().len(), 64);
        assert!(Name::new("b").unwrap() > Name::new("aa").unwrap());
    }
}
