//! Text from outside is data: what could steer a terminal is taken out of it at the edges, where AWS, a health
//! endpoint, a command or a receiver of notices speaks.

/// A text that is safe to print on one line. Line breaks and tabs become spaces; the other C0 and C1 controls (which
/// begin escape sequences) and the marks that reverse the direction of writing are left out.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(keep).collect()
}

/// An optional text, clean; empty where there is none.
pub(crate) fn clean_or_empty(text: Option<&str>) -> String {
    text.map(clean).unwrap_or_default()
}

/// A text of at most `most` characters, with `…` where something was cut off.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The character as it may be shown, or `None` where it may not.
fn keep(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Bidirectional marks, overrides and isolates can make “42” read as “24”. A byte order mark shows as nothing and
        // breaks comparisons.
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
        other if other.is_control() => None,
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_lose_what_makes_them_work() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\u{7}"), "[31mred[0m");
        assert_eq!(clean("a\u{9b}2Jb\u{7f}"), "a2Jb");
    }

    #[test]
    fn line_breaks_become_spaces() {
        assert_eq!(clean("one\ntwo\tthree\u{2028}four"), "one two three four");
    }

    #[test]
    fn nothing_reverses_the_direction() {
        assert_eq!(clean("pay\u{202e}24\u{202c}\u{2066}!\u{2069}"), "pay24!");
    }

    #[test]
    fn words_of_people_stay_as_they_are() {
        assert_eq!(clean("Größe 5 – „naïve“ 支払い 🚀"), "Größe 5 – „naïve“ 支払い 🚀");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("größer", 3), "grö…");
        assert_eq!(shortened("groß", 4), "groß");
    }

    proptest! {
        #[test]
        fn a_clean_text_has_no_controls_and_stays_clean(text in any::<String>()) {
            let once = clean(&text);
            prop_assert!(!once.chars().any(char::is_control));
            prop_assert_eq!(clean(&once), once);
        }
    }
}
