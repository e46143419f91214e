//! Text for a grid of cells: widths as terminals count them, cutting with `…`, wrapping, and numbers and times as a
//! person reads them. It knows nothing of releases but how regions are shortened.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::release::names::with_short_region;

/// What stands where there is no data. Never a zero.
pub(super) const NO_DATA: &str = "—";

/// How many cells a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text without control characters. They are removed where texts come in; this is the second door.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// At most `columns` cells of a text; where something is lost it ends in `…`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let text = clean(text);
    if width(&text) <= columns {
        return text;
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        used += wide;
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// Exactly `columns` cells, filled up on the right.
pub(super) fn left(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let fill = columns.saturating_sub(width(&text));
    text + &" ".repeat(fill)
}

/// Exactly `columns` cells, cut in the middle where needed: for names that differ at their end. A region before the name
/// is shortened first, so that it is never cut.
pub(super) fn left_by_ends(text: &str, columns: usize) -> String {
    let text = clean(text);
    let short = with_short_region(&text).filter(|_| width(&text) > columns);
    let text = short.unwrap_or(text);
    if width(&text) <= columns || columns < 5 {
        return left(&text, columns);
    }
    let back: String = text.chars().rev().take(columns / 2).collect();
    let back: String = back.chars().rev().collect();
    let front = cut(&text, columns.saturating_sub(width(&back)));
    left(&(front + &back), columns)
}

/// A text with its ARNs cut down to the names at their ends: `pay:live`, `api-latency`.
pub(super) fn without_arns(text: &str) -> String {
    let short = |word| {
        let named = [":function:", ":alarm:"].iter().find_map(|kind| str::split_once(word, kind));
        named.filter(|_| word.starts_with("arn:")).map_or(word, |(_, name)| name)
    };
    clean(text).split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// Exactly `columns` cells, filled up on the left.
pub(super) fn right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    " ".repeat(columns.saturating_sub(width(&text))) + &text
}

/// A line of styled spans cut to `columns` cells, with `…` where something is lost.
pub(super) fn cut_line(line: Line<'_>, columns: usize) -> Line<'_> {
    if line.width() <= columns {
        return line;
    }
    let mut kept: Vec<Span<'_>> = Vec::new();
    let mut room = columns;
    for span in line.spans {
        let wide = span.width();
        if wide < room {
            room -= wide;
            kept.push(span);
            continue;
        }
        // One more cell than there is room for, so that the cut shows even where a span ends exactly here.
        let text = cut(&format!("{}  ", span.content), room);
        kept.push(Span::styled(text, span.style));
        break;
    }
    Line { spans: kept, style: line.style, alignment: line.alignment }
}

/// Lines of at most `columns` cells, broken between words where possible.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in clean(text).split_whitespace() {
        let needed = width(&line) + usize::from(!line.is_empty()) + width(word);
        if needed > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&cut(word, columns.max(1)));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Lines of exactly `columns` cells but for the last, broken anywhere: for addresses that must stay whole.
pub(super) fn chop(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for character in clean(text).chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide > columns && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push(character);
        }
    }
    lines
}

/// The first characters of a text, such as of a hash.
pub(super) fn head(text: &str, characters: usize) -> String {
    clean(text).chars().take(characters).collect()
}

/// A time of day with its zone: `14:32:07Z`, or `15:32:07 CET`.
pub(super) fn clock(at: Timestamp, utc: bool) -> String {
    if utc {
        return at.strftime("%H:%M:%SZ").to_string();
    }
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S %Z").to_string()
}

/// A time of day without seconds and zone, for axes: `14:32`.
pub(super) fn hour_minute(at: Timestamp, utc: bool) -> String {
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    at.to_zoned(zone).strftime("%H:%M").to_string()
}

/// A time of day with seconds, for lines under a clock that names the zone: `14:32:07`.
pub(super) fn time_of_day(at: Timestamp, utc: bool) -> String {
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    at.to_zoned(zone).strftime("%H:%M:%S").to_string()
}

/// How long something takes or is ago, in its largest unit: `41s`, `2m`, `9h`, `3d`.
pub(super) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// How long ago a moment was.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(at))
}

/// Minutes and seconds: `03:12`; from an hour on `1:03:12`.
pub(super) fn minutes(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds / 3_600 {
        0 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// A count with thousands apart, shortened from a hundred thousand on: `1,240`, `118k`, `2.4M`.
pub(super) fn count(value: f64) -> String {
    let value = value.max(0.0);
    if value < 99_999.5 {
        let digits = format!("{value:.0}");
        let split = digits.len().saturating_sub(3);
        let (thousands, rest) = digits.split_at(split);
        return if thousands.is_empty() { rest.to_owned() } else { format!("{thousands},{rest}") };
    }
    if value < 999_500.0 { format!("{:.0}k", value / 1e3) } else { format!("{:.1}M", value / 1e6) }
}

/// A number in at most about four figures: `0.41`, `2.1`, `312`, `4,100`.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    if size < 0.005 {
        "0".to_owned()
    } else if size < 0.995 {
        format!("{value:.2}")
    } else if size < 99.95 {
        trim_zero(&format!("{value:.1}"))
    } else if value > 0.0 {
        count(value)
    } else {
        format!("{value:.0}")
    }
}

/// A number in at most five cells, for narrow columns: `0.41`, `312`, `4,100`, `12.4k`, `2.4M`.
pub(super) fn short(value: f64) -> String {
    match value {
        9_999.5..99_950.0 => trim_zero(&format!("{:.1}", value / 1e3)) + "k",
        99_950.0..999_500.0 => format!("{:.0}k", value / 1e3),
        _ => figure(value),
    }
}

/// A number for the axis of a chart, without zeros that say nothing: `0.5`, `20`, `2k`, `7.5k`.
pub(super) fn axis(value: f64) -> String {
    let (value, unit) = match value {
        1e6.. => (value / 1e6, "M"),
        1e3.. => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned() + unit
}

/// An amount of money with its unit: `$6.12`, `6.12 EUR`.
pub(super) fn money(amount: f64, unit: &str) -> String {
    let figure = if amount.abs() >= 1_000.0 { count(amount) } else { trim_cents(amount) };
    if unit == "USD" { format!("${figure}") } else { format!("{figure} {}", clean(unit)) }
}

/// Two decimals, or none where they are zero.
fn trim_cents(amount: f64) -> String {
    if (amount - amount.round()).abs() < 0.005 { format!("{amount:.0}") } else { format!("{amount:.2}") }
}

fn trim_zero(text: &str) -> String {
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("receipt_crud", 12), "receipt_crud");
        assert_eq!(cut("receipt_crud", 8), "receipt…");
        assert_eq!(cut("日本語", 4), "日…", "a wide character is never cut in half");
        assert_eq!(cut("x\u{1b}[31m", 9), "x [31m", "no escape sequence gets through");
        let line = Line::from(vec![Span::raw("abc"), Span::raw("def")]);
        assert_eq!(cut_line(line.clone(), 6).to_string(), "abcdef");
        assert_eq!(cut_line(line.clone(), 5).to_string(), "abcd…");
        assert_eq!(cut_line(line, 3).to_string(), "ab…");
    }

    #[test]
    fn names_keep_the_ends_that_tell_them_apart() {
        assert_eq!(left_by_ends("receipt-vault-tier-10", 14), "receip…tier-10");
        assert_eq!(left_by_ends("tier-10", 9), "tier-10  ");
        assert_eq!(left_by_ends("us-east-1/checkout", 15), "use1/checkout  ");
        assert_eq!(left_by_ends("us-east-2/receipt_crud", 15), "use2/re…pt_crud");
        let arn = "Cannot find alias arn: arn:aws:lambda:eu-west-1:210987650193:function:pay:live";
        assert_eq!(without_arns(arn), "Cannot find alias arn: pay:live");
    }

    #[test]
    fn numbers_are_short_and_honest() {
        assert_eq!(
            [0.0, 0.41, 2.1, 12.0, 312.4, 4100.0, 1_240_000.0].map(figure),
            ["0", "0.41", "2.1", "12", "312", "4,100", "1.2M"]
        );
        assert_eq!([7.0, 1_240.0, 99_999.0, 118_000.0, 999_900.0].map(count), ["7", "1,240", "99,999", "118k", "1.0M"]);
        assert_eq!([0.0, 9_998.0, 9_999.6, 12_440.0, 99_960.0].map(short), ["0", "9,998", "10k", "12.4k", "100k"]);
        assert_eq!(
            [0.0, 0.25, 0.5, 1.5, 20.0, 1_000.0, 7_500.0].map(axis),
            ["0", "0.25", "0.5", "1.5", "20", "1k", "7.5k"]
        );
        assert_eq!([6.12, 10.0, 1_500.0].map(|amount| money(amount, "USD")), ["$6.12", "$10", "$1,500"]);
    }

    #[test]
    fn spans_of_time_have_one_unit() {
        let texts = [0, 59, 60, 3_599, 3_600, 172_799, 172_800].map(|second| span(SignedDuration::from_secs(second)));
        assert_eq!(texts, ["0s", "59s", "1m", "59m", "1h", "47h", "2d"]);
        assert_eq!(minutes(SignedDuration::from_secs(192)), "03:12");
        assert_eq!(minutes(SignedDuration::from_secs(3_792)), "1:03:12");
    }

    proptest! {
        #[test]
        fn texts_keep_to_their_columns(text in "\\PC{0,40}", columns in 0usize..30) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
            prop_assert_eq!(width(&left(&text, columns)), columns);
            prop_assert_eq!(width(&right(&text, columns)), columns);
            prop_assert_eq!(width(&left_by_ends(&text, columns)), columns);
            prop_assert!(cut_line(Line::from(text.clone()), columns).width() <= columns);
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns.max(1));
            }
        }
    }
}
