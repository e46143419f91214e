//! Names of things in AWS, as types that cannot be mixed up.

mod region;
mod target;
mod version;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use region::with_short_region;
pub use target::{Mover, Target, named};
pub use version::{Name, NameTooLong, NotAVersion, Version};

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
