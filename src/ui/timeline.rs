//! What happened, newest first.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    Scene,
    panel::{self, Condition},
    put, text,
};
use crate::app::{
    timeline::{Happening, Tone},
    view::Panel,
};

/// Columns of the time and of who it was.
const TIME: usize = 8;
const WHO: usize = 12;

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

/// One happening: its time, who, what; what does not fit goes on below.
fn lines(scene: &Scene<'_>, entry: &Happening, columns: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let (glyph, style) = match entry.tone {
        Tone::Plain => (" ", theme.text()),
        Tone::Good => ("✔", theme.good()),
        Tone::Warning => ("▲", theme.warning()),
        Tone::Bad => ("✖", theme.danger()),
    };
    let indent = 1 + TIME + 2 + WHO + 1 + 2;
    let words = text::wrap(&entry.what, columns.saturating_sub(indent + 1).max(10));
    let head = vec![
        Span::styled(format!(" {}  ", text::time_of_day(entry.at, scene.app.utc)), theme.muted()),
        Span::styled(format!("{} ", text::left(&entry.who, WHO)), theme.info()),
        Span::styled(format!("{glyph} "), style),
    ];
    let mut lines = Vec::new();
    for (index, part) in words.into_iter().enumerate() {
        let mut spans = if index == 0 { head.clone() } else { vec![Span::raw(" ".repeat(indent))] };
        spans.push(Span::styled(part, style));
        lines.push(Line::from(spans));
    }
    if lines.is_empty() {
        lines.push(Line::from(head));
    }
    lines
}
