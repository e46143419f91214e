//! Which of a function's aliases a release would move: the one that was asked for, or the one whose name says that
//! callers use it.

use crate::release::{facts::AliasPointer, names::Version};

/// The alias of a function where nobody named one, and the one to create where there is none.
pub const USUAL: &str = "live";

/// Names that people give to the alias that their callers use, the likeliest first.
const LIKELY: [&str; 7] = [USUAL, "production", "prod", "main", "current", "stable", "release"];

/// What a release of a function would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aliased {
    /// The traffic of this alias.
    By {
        /// Its name.
        alias: String,
        /// The function's other aliases.
        others: Vec<String>,
        /// Whether it points at `$LATEST`, which takes no part in a split.
        is_latest: bool,
    },
    /// Nothing, for it has no such alias.
    Missing {
        /// The alias that was looked for.
        wanted: String,
        /// The aliases it has.
        others: Vec<String>,
    },
    /// Its aliases could not be read, and why.
    Unread(String),
}

/// The alias to move: the `wanted` one, or without a wish the likeliest, or the only one, or the first by name.
pub fn choose(aliases: &[AliasPointer], wanted: Option<&str>) -> Aliased {
    let mut names: Vec<&str> = aliases.iter().map(|pointer| pointer.alias.as_str()).collect();
    names.sort_unstable();
    let likely = || LIKELY.iter().find_map(|likely| names.iter().find(|name| name.eq_ignore_ascii_case(likely)));
    let chosen = match wanted {
        Some(wanted) => names.iter().find(|name| **name == wanted),
        None => likely().or(names.first()),
    };
    let others = |but: Option<&str>| names.iter().filter(|name| Some(**name) != but).map(ToString::to_string).collect();
    let Some(alias) = chosen.copied() else {
        return Aliased::Missing { wanted: wanted.unwrap_or(USUAL).to_owned(), others: others(None) };
    };
    let is_latest =
        |pointer: &AliasPointer| pointer.alias.as_str() == alias && pointer.routing.primary == Version::Latest;
    Aliased::By { alias: alias.to_owned(), others: others(Some(alias)), is_latest: aliases.iter().any(is_latest) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{names::AliasName, routing::Routing};

    fn pointers(names: &[&str]) -> Vec<AliasPointer> {
        let pointer = |name: &&str| AliasPointer {
            alias: AliasName::new(*name),
            routing: Routing::only(if *name == "dev" { Version::Latest } else { Version::Number(3) }),
        };
        names.iter().map(pointer).collect()
    }

    fn by(alias: &str, others: &[&str]) -> Aliased {
        let others = others.iter().map(ToString::to_string).collect();
        Aliased::By { alias: alias.to_owned(), others, is_latest: alias == "dev" }
    }

    #[test]
    fn the_likeliest_alias_is_chosen_and_the_others_are_kept() {
        assert_eq!(choose(&pointers(&["staging", "production"]), None), by("production", &["staging"]));
        assert_eq!(choose(&pointers(&["prod", "live", "beta"]), None), by("live", &["beta", "prod"]));
        assert_eq!(choose(&pointers(&["PROD"]), None), by("PROD", &[]));
        assert_eq!(choose(&pointers(&["zeta", "beta"]), None), by("beta", &["zeta"]));
        assert_eq!(choose(&pointers(&["dev"]), None), by("dev", &[]), "and where it points is remembered");
    }

    #[test]
    fn a_wish_is_a_wish() {
        assert_eq!(choose(&pointers(&["live", "beta"]), Some("beta")), by("beta", &["live"]));
        let missing = Aliased::Missing { wanted: "beta".to_owned(), others: vec!["live".to_owned()] };
        assert_eq!(choose(&pointers(&["live"]), Some("beta")), missing);
        assert_eq!(choose(&[], None), Aliased::Missing { wanted: USUAL.to_owned(), others: Vec::new() });
    }
}
