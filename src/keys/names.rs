//! How keys are written: `ctrl-r` in the configuration, `^R` on screen. Both from one table, so that whatever the
//! configuration accepts can also be shown.

use std::{fmt, str::FromStr};

use super::{Key, KeyCode};

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a key; write one such as \"R\", \"ctrl-r\", \"space\", \"shift-tab\", \"pgup\" or \"f5\"", crate::config::quoted(.0))]
pub struct NotAKey(String);

/// Keys with names: the key, how it is shown, and every way to write it.
const NAMED: &[(KeyCode, &str, &[&str])] = &[
    (KeyCode::Enter, "⏎", &["enter", "return"]),
    (KeyCode::Esc, "Esc", &["esc", "escape"]),
    (KeyCode::Char(' '), "Space", &["space"]),
    (KeyCode::Tab, "Tab", &["tab"]),
    (KeyCode::BackTab, "⇧Tab", &["shift-tab", "backtab"]),
    (KeyCode::Backspace, "⌫", &["backspace"]),
    (KeyCode::Delete, "Del", &["delete", "del"]),
    (KeyCode::Up, "↑", &["up"]),
    (KeyCode::Down, "↓", &["down"]),
    (KeyCode::Left, "←", &["left"]),
    (KeyCode::Right, "→", &["right"]),
    (KeyCode::PageUp, "PgUp", &["pgup", "pageup"]),
    (KeyCode::PageDown, "PgDn", &["pgdn", "pgdown", "pagedown"]),
    (KeyCode::Home, "Home", &["home"]),
    (KeyCode::End, "End", &["end"]),
];

/// As short as it can be read: `R`, `⏎`, `^R`, `F5`, `Alt-x`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alt = if self.alt { "Alt-" } else { "" };
        let named = NAMED.iter().find(|(code, ..)| *code == self.code).map(|(_, shown, _)| (*shown).to_owned());
        let shown = match (named, self.code) {
            (Some(shown), _) if self.ctrl => format!("^{shown}"),
            (Some(shown), _) => shown,
            (None, KeyCode::Char(character)) if self.ctrl => format!("^{}", character.to_ascii_uppercase()),
            (None, KeyCode::Char(character)) => character.to_string(),
            (None, KeyCode::F(number)) if self.ctrl => format!("^F{number}"),
            (None, KeyCode::F(number)) => format!("F{number}"),
            (None, other) => format!("{other:?}"),
        };
        f.pad(&format!("{alt}{shown}"))
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let (mut ctrl, mut alt) = (false, false);
        let mut rest = text;
        loop {
            if let Some(behind) = without(rest, "ctrl-") {
                (ctrl, rest) = (true, behind);
            } else if let Some(behind) = without(rest, "alt-") {
                (alt, rest) = (true, behind);
            } else {
                break;
            }
        }
        let code = code(rest).ok_or_else(|| NotAKey(text.to_owned()))?;
        let code = match code {
            // A terminal sends the same byte for Ctrl with either case.
            KeyCode::Char(letter) if ctrl => KeyCode::Char(letter.to_ascii_lowercase()),
            other => other,
        };
        Ok(Self { code, ctrl, alt })
    }
}

/// The text behind a prefix, whatever its case.
fn without<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

fn code(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        let typed = !character.is_control() && !character.is_whitespace();
        return typed.then_some(KeyCode::Char(character));
    }
    let lower = text.to_ascii_lowercase();
    if let Some((code, ..)) = NAMED.iter().find(|(.., names)| names.contains(&lower.as_str())) {
        return Some(*code);
    }
    (1..=12).find(|number| lower == format!("f{number}")).map(KeyCode::F)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them_and_shown_short() {
        for (written, shown) in [
            ("R", "R"),
            ("r", "r"),
            ("-", "-"),
            ("space", "Space"),
            ("Enter", "⏎"),
            ("ctrl-r", "^R"),
            ("CTRL-R", "^R"),
            ("ctrl--", "^-"),
            ("alt-x", "Alt-x"),
            ("ctrl-alt-x", "Alt-^X"),
            ("shift-tab", "⇧Tab"),
            ("pgup", "PgUp"),
            ("PageDown", "PgDn"),
            ("f5", "F5"),
            ("F12", "F12"),
        ] {
            assert_eq!(written.parse::<Key>().map(|key| key.to_string()).as_deref(), Ok(shown), "{written}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", " ", "ctrl-", "rr", "f0", "f13", "f+5", "hyper-x", "\u{1b}", "\t"] {
            let message = text.parse::<Key>().expect_err(text).to_string();
            assert!(message.contains("is not a key") && !message.contains('\u{1b}'), "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_key_or_an_error(text in "(ctrl-|alt-|f)?\\PC{0,4}") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert!(!key.to_string().is_empty());
            }
        }
    }
}
