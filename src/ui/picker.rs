//! The list from which the functions of a new configuration are chosen: a filter, the names that it leaves with the
//! letters that it found, and the keys.

use ratatui::{
    Frame,
    text::{Line, Span},
};

use super::{Theme, put, text};
use crate::init::picker::{Arriving, Picker, Shown};

/// Lines that are not the list: where, the filter, what is marked, the keys.
const AROUND: u16 = 4;

/// How many names fit on a screen of this height.
pub fn rows(height: u16) -> usize {
    usize::from(height.saturating_sub(AROUND)).max(1)
}

/// Draws the list.
///
/// ```text
///  flightdeck init   123456789012 · eu-west-1 · oncall
///  filter: ocr▏                                  2 of 1240 functions · reading on …
///  ▸ ● receipt-ocr-refine
///    ○ receipt-ocr-scan
///  1 marked
///  type filter  Space mark  Tab mark all shown  Enter take 1  Esc leave, nothing is written
/// ```
pub fn draw(frame: &mut Frame<'_>, picker: &Picker, place: &str, theme: &Theme) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.base());
    let columns = usize::from(area.width);
    let title =
        vec![Span::styled(" flightdeck init  ", theme.focus()), Span::styled(text::clean(place), theme.muted())];
    put(buffer, area, 0, Line::from(title));
    put(buffer, area, 1, filter(picker, columns, theme));
    let rows = rows(area.height);
    let first = (picker.cursor() + 1).saturating_sub(rows);
    for (row, shown) in picker.shown().iter().enumerate().skip(first).take(rows) {
        let line = entry(picker, shown, row == picker.cursor(), columns, theme);
        put(buffer, area, u16::try_from(row - first + 2).unwrap_or(u16::MAX), line);
    }
    put(buffer, area, area.height.saturating_sub(2), status(picker, theme));
    put(buffer, area, area.height.saturating_sub(1), keys(picker, columns, theme));
}

fn filter(picker: &Picker, columns: usize, theme: &Theme) -> Line<'static> {
    let count = format!("{} of {} functions ", picker.shown().len(), picker.count());
    let (condition, style) = match picker.arriving() {
        Arriving::More => ("· reading on … ".to_owned(), theme.info()),
        Arriving::Complete => (String::new(), theme.muted()),
        Arriving::Broken(why) => (format!("· not all: {} ", text::clean(why)), theme.warning()),
    };
    let typed = format!(" filter: {}▏", text::clean(picker.query()));
    let room = columns.saturating_sub(text::width(&count) + text::width(&condition));
    Line::from(vec![
        Span::styled(text::left(&typed, room.max(text::width(&typed) + 1)), theme.strong()),
        Span::styled(count, theme.muted()),
        Span::styled(condition, style),
    ])
}

fn entry(picker: &Picker, shown: &Shown, is_selected: bool, columns: usize, theme: &Theme) -> Line<'static> {
    let is_marked = picker.is_marked(&shown.name);
    let mut spans = vec![
        Span::styled(if is_selected { " ▸ " } else { "   " }, theme.focus()),
        Span::styled(if is_marked { "● " } else { "○ " }, if is_marked { theme.good() } else { theme.faint() }),
    ];
    let plain = if is_marked { theme.strong() } else { theme.text() };
    for (at, letter) in shown.name.chars().enumerate() {
        let is_found = shown.fit.at.binary_search(&at).is_ok();
        spans.push(Span::styled(text::clean(&letter.to_string()), if is_found { theme.focus() } else { plain }));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(" ".repeat(columns.saturating_sub(used))));
    let line = Line::from(spans);
    if is_selected { line.style(theme.selection()) } else { line }
}

fn status(picker: &Picker, theme: &Theme) -> Line<'static> {
    if picker.marks() > 0 {
        return Line::styled(format!(" {} marked", picker.marks()), theme.good());
    }
    let nothing = match (picker.shown().is_empty(), picker.arriving()) {
        (false, _) => "",
        (true, Arriving::More) => " none yet",
        (true, Arriving::Complete | Arriving::Broken(_)) if picker.count() == 0 => " there is no function here",
        (true, Arriving::Complete | Arriving::Broken(_)) => " no name fits; Backspace widens the filter",
    };
    Line::styled(nothing, theme.muted())
}

/// The keys, without those at the end that do not fit; how to leave is always among them.
fn keys(picker: &Picker, columns: usize, theme: &Theme) -> Line<'static> {
    let take = match (picker.marks(), picker.to_be_taken().first()) {
        (0, Some(name)) => format!("take {name}"),
        (0, None) => "take".to_owned(),
        (count, _) => format!("take {count}"),
    };
    let all = [
        ("Enter", take),
        ("Esc", "leave, write nothing".to_owned()),
        ("Space", "mark".to_owned()),
        ("Tab", "mark all shown".to_owned()),
        ("↑↓", "move".to_owned()),
        ("type", "filter".to_owned()),
    ];
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, words) in all {
        let wide = text::width(key) + text::width(&words) + 4;
        if used + wide > columns {
            break;
        }
        used += wide;
        spans.push(Span::styled(format!(" {key} "), theme.focus()));
        spans.push(Span::styled(format!("{} ", text::clean(&words)), theme.muted()));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::keys::Key;

    fn screen(picker: &Picker, (columns, rows): (u16, u16)) -> String {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(frame, picker, "123456789012 · eu-west-1", &Theme::default())).unwrap();
        terminal.backend().to_string()
    }

    fn picker(count: usize) -> Picker {
        let mut picker = Picker::new();
        picker.add((0..count).map(|number| format!("receipt-{number:04}")));
        picker
    }

    #[test]
    fn the_list_shows_what_the_filter_leaves_what_is_marked_and_the_keys() {
        let mut picker = picker(3000);
        for letter in "2999 ".chars() {
            picker.press(Key::char(letter), rows(24));
        }
        let text = screen(&picker, (80, 24));
        for words in ["filter: 2999▏", "1 of 3000 functions", "reading on", "● receipt-2999", "1 marked", "Esc leave"]
        {
            assert!(text.contains(words), "{words}:\n{text}");
        }
        assert!(text.lines().all(|line| !line.contains("receipt-0001")), "{text}");
    }

    #[test]
    fn the_cursor_is_always_on_screen_and_no_size_is_too_small() {
        let mut picker = picker(500);
        for size in [(80, 24), (20, 5), (1, 1), (200, 60)] {
            picker.press(Key::plain(crate::keys::KeyCode::End), rows(size.1));
            let text = screen(&picker, size);
            assert!(size.0 < 80 || text.contains("▸ ○ receipt-0499"), "{text}");
        }
    }

    #[test]
    fn a_list_that_broke_off_says_so() {
        let mut picker = picker(2);
        picker.close(Some("not allowed to list more".to_owned()));
        assert!(screen(&picker, (120, 24)).contains("not all: not allowed to list more"));
        let mut nothing = Picker::new();
        nothing.close(None);
        assert!(screen(&nothing, (80, 24)).contains("there is no function here"));
    }
}
