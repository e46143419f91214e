//! What happened, newest first.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{
    Scene,
    panel::{self, Condition},
    put, text,
};
use crate::app::{
    timeline::{self, Tone},
    view::Panel,
};

/// Columns of who it was, where there is room for it.
const WHO: usize = 12;
const ROOMY: usize = 60;

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let title = vec![panel::heading(scene, Panel::Timeline, "Timeline")];
    let inner = panel::frame(scene, Panel::Timeline, title, &Condition::fine(), area, buffer);
    let entries = scene.app.timeline.entries();
    if entries.is_empty() {
        put(buffer, inner, 0, Line::styled(" nothing has happened since the start", scene.theme.muted()));
        return;
    }
    let columns = usize::from(inner.width);
    let lines: Vec<Line<'static>> = entries.iter().rev().flat_map(|entry| lines(scene, entry, columns)).collect();
    let last_screen = lines.len().saturating_sub(usize::from(inner.height));
    let from = scene.app.view.scroll[Panel::Timeline.index()].min(last_screen);
    for (row, line) in (0..inner.height).zip(lines.into_iter().skip(from)) {
        put(buffer, inner, row, line);
    }
}

/// One happening: its time, who, what; what does not fit goes on below. Where room is short, who it was stands in
/// the sentence.
fn lines(scene: &Scene<'_>, entry: &timeline::Line, columns: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mark = match entry.tone {
        Tone::Plain => theme.text(),
        Tone::Good => theme.good(),
        Tone::Warning => theme.warning(),
        Tone::Bad => theme.danger(),
    };
    // Only bad news colours its whole sentence, or the panel would shout.
    let style = if entry.tone == Tone::Bad { mark.remove_modifier(Modifier::BOLD) } else { theme.text() };
    let mut head = vec![Span::styled(format!(" {} ", text::time_of_day(entry.at, scene.app.utc)), theme.muted())];
    let words = if columns >= ROOMY {
        head.push(Span::styled(format!(" {} ", text::left(&entry.who, WHO)), theme.info()));
        text::without_arns(&entry.what)
    } else {
        format!("{}: {}", entry.who, text::without_arns(&entry.what))
    };
    head.push(Span::styled(format!("{} ", entry.tone.mark()), mark));
    let indent: usize = head.iter().map(Span::width).sum();
    let mut parts = text::wrap(&words, columns.saturating_sub(indent + 1).max(10)).into_iter();
    head.push(Span::styled(parts.next().unwrap_or_default(), style));
    let rest = parts.map(|part| Line::from(vec![Span::raw(" ".repeat(indent)), Span::styled(part, style)]));
    std::iter::once(Line::from(head)).chain(rest).collect()
}
