//! What can be wrong with a configuration, worded for the person who has to put it right: file, line, column, key,
//! and the nearest thing that would have been understood. Texts from the file are shown without control characters.

use std::{fmt, path::PathBuf};

/// The configuration cannot be used. Nothing was read from AWS and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No file anywhere that one is looked for.
    #[error(
        "no configuration found. Looked at:\n{}\n\
         To look around without one: flightdeck demo\n\
         To begin one: put config.example.toml, which documents every key, at one of these places",
        lines(.looked)
    )]
    NotFound {
        /// Every place and what was found there.
        looked: Vec<String>,
    },
    /// The file is not there, or is nothing that can be read as a configuration.
    #[error("cannot read the configuration {}: {why}", printable(&.path.to_string_lossy()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file was read, but what it says cannot be used.
    #[error("{}", lines(.problems))]
    Invalid {
        /// Everything that is wrong, in the order of the file. Never empty.
        problems: Vec<Problem>,
    },
    /// An environment that the configuration does not have.
    #[error("the configuration has no environment {}{}; it has: {}", quoted(.name), suggestion(.name, .known), listed(.known))]
    UnknownEnvironment {
        /// As it was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Several environments, and nothing says which one is meant.
    #[error(
        "the configuration has several environments ({}): choose one with -e NAME, or set default_environment",
        listed(.known)
    )]
    NoDefault {
        /// Those that there are.
        known: Vec<String>,
    },
    /// A configuration without any environment.
    #[error(
        "the configuration has no environment: add [environments.NAME] with the functions to watch, or try flightdeck demo"
    )]
    NoEnvironment,
    /// A command-line flag or a variable whose value cannot be used here.
    #[error("{0}")]
    Flag(String),
}

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was named.
    pub file: String,
    /// Line and column, both from 1, the column in characters. `None` where the whole file is meant.
    pub at: Option<(usize, usize)>,
    /// The whole key, such as `release.stages`. Empty where the file is no TOML at that place.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// `flightdeck.toml:7:1: release.bake: “5 parsecs” is not a duration`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", printable(&self.file))?;
        if let Some((line, column)) = self.at {
            write!(f, "{line}:{column}:")?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", printable(&self.key))?;
        }
        write!(f, " {}", printable(&self.message))
    }
}

/// Each item on a line of its own, and how many more there are where they would fill the screen.
fn lines<T: fmt::Display>(items: &[T]) -> String {
    const MOST: usize = 20;
    let mut lines: Vec<String> = items.iter().take(MOST).map(ToString::to_string).collect();
    if items.len() > MOST {
        lines.push(format!("… and {} more", items.len() - MOST));
    }
    lines.join("\n")
}

/// `a, b, c`, or `none`.
pub(crate) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|name| printable(name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A text from outside in quotation marks, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("“{}”", printable(&shown))
}

/// `; did you mean `alias`?`, or nothing when no known word is near.
pub(crate) fn suggestion<T: AsRef<str>>(word: &str, known: &[T]) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The known word that was probably meant.
pub(crate) fn nearest<'a, T: AsRef<str>>(word: &str, known: &'a [T]) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&word, &known.as_ref().to_lowercase()), known.as_ref()))
        .filter(|(alike, _)| *alike >= ALIKE || (word.len() <= 5 && *alike >= 0.5))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// The text with everything that a terminal could act on written out as `\u{…}`.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters, and the invisible ones that reorder or hide text on screen.
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_that_was_meant() {
        let known = ["name", "alias", "expect_traffic"];
        assert_eq!(nearest("aliaz", &known), Some("alias"));
        assert_eq!(nearest("Nmae", &known), Some("name"));
        assert_eq!(nearest("expect-traffic", &known), Some("expect_traffic"));
        assert_eq!(nearest("colour", &known), None);
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_shown() {
        assert_eq!(quoted("a\u{1b}[31mb\u{202e}"), r"“a\u{1b}[31mb\u{202e}”");
        assert_eq!(quoted(&"é".repeat(81)).chars().count(), 83);
    }
}
