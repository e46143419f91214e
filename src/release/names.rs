//! Names of things in AWS, as types that cannot be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Makes a newtype over `String` for a name that AWS gave.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the name as it stands.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name! {
    /// A Lambda function's name (not its ARN).
    FunctionName
}
name! {
    /// The name of an alias of a function.
    AliasName
}
name! {
    /// The revision of an alias. It changes with every update; sending it makes a write conditional.
    RevisionId
}
name! {
    /// The id of a release, such as `r-20261120-1432`.
    ReleaseId
}

/// A function and the alias whose traffic a release moves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The function.
    pub function: FunctionName,
    /// Its alias.
    pub alias: AliasName,
}

impl Target {
    /// A target from two names.
    pub fn new(function: impl Into<String>, alias: impl Into<String>) -> Self {
        Self { function: FunctionName::new(function), alias: AliasName::new(alias) }
    }
}

/// `receipt_crud:live`, which is also the value of CloudWatch's `Resource` dimension.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}:{}", self.function, self.alias))
    }
}

/// A version of a function. Published versions are ordered by their number, `$LATEST` comes before them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `$LATEST`, the unpublished code. An alias that splits traffic may not name it.
    Latest,
    /// A published version.
    Number(u64),
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.pad("$LATEST"),
            Self::Number(number) => f.pad(&number.to_string()),
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
        text.parse().map(Self::Number).map_err(|_| NotAVersion(text.to_owned()))
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
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
}
