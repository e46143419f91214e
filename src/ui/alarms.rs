//! The alarms: those that ring first, then by severity. Each says its state in a glyph and a word, for how long, and
//! why; the one under the cursor says everything.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    Scene,
    panel::{self, Condition},
    put, text,
};
use crate::{
    app::view::Panel,
    release::facts::{Alarm, AlarmState, Severity},
};

/// Lines of reason for an alarm that is not under the cursor.
const SHORT_REASON: usize = 2;

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let readings = &scene.app.deck.alarms;
    let condition = Condition::of(readings, scene.now.world);
    let alarms = scene.app.sorted_alarms();
    let inner = panel::frame(scene, Panel::Alarms, title(scene, &alarms), &condition, area, buffer);
    let inner = absent(scene, "alarm ", inner, buffer);
    if readings.value().is_some_and(Vec::is_empty) {
        let words = if scene.app.deck.environment.alarms.is_empty() {
            "no alarm rule is configured"
        } else {
            "no alarm matches the rules"
        };
        return put(buffer, inner, 0, Line::styled(format!(" {words}"), scene.theme.muted()));
    }
    let is_focused = scene.app.view.panel == Panel::Alarms;
    let cursor = scene.app.view.scroll[Panel::Alarms.index()].min(alarms.len().saturating_sub(1));
    let columns = usize::from(inner.width);
    let blocks: Vec<Vec<Line<'static>>> = alarms
        .iter()
        .enumerate()
        .map(|(index, alarm)| lines(scene, alarm, columns, is_focused && index == cursor))
        .collect();
    let first = if is_focused { first_block(&blocks, cursor, usize::from(inner.height)) } else { 0 };
    let mut row = 0;
    for (index, block) in blocks.into_iter().enumerate().skip(first) {
        let height = u16::try_from(block.len()).unwrap_or(u16::MAX).min(inner.height.saturating_sub(row));
        let place = Rect { y: inner.y + row, height, ..inner };
        for (offset, line) in (0..height).zip(block) {
            put(buffer, place, offset, line);
        }
        if is_focused && index == cursor {
            buffer.set_style(place, scene.theme.selection());
        }
        row += height;
    }
    panel::dim_if_stale(scene, &condition, inner, buffer);
}

/// Names what the configuration asks for and AWS does not have, and gives the room below.
pub(super) fn absent(scene: &Scene<'_>, kind: &str, inner: Rect, buffer: &mut Buffer) -> Rect {
    let missing = scene.app.deck.missing();
    let mut used = 0;
    for name in missing.iter().filter_map(|missing| missing.strip_prefix(kind)).take(usize::from(inner.height)) {
        let line = Line::styled(format!(" ✖ {} does not exist", text::clean(name)), scene.theme.danger());
        put(buffer, inner, used, line);
        used += 1;
    }
    Rect { y: inner.y + used, height: inner.height - used, ..inner }
}

/// The first alarm on screen, so that the one under the cursor is whole.
fn first_block(blocks: &[Vec<Line<'_>>], cursor: usize, height: usize) -> usize {
    let needed = |first: usize| blocks.iter().take(cursor + 1).skip(first).map(Vec::len).sum::<usize>();
    (0..=cursor).find(|first| needed(*first) <= height).unwrap_or(cursor)
}

/// `Alarms  1▲ 2… 9✔`.
fn title(scene: &Scene<'_>, alarms: &[&Alarm]) -> Vec<Span<'static>> {
    let mut title = vec![panel::heading(scene, Panel::Alarms, "Alarms")];
    for state in [AlarmState::Alarm, AlarmState::InsufficientData, AlarmState::Ok] {
        let count = alarms.iter().filter(|alarm| alarm.state == state).count();
        if count > 0 {
            let (glyph, style) = look(scene, state);
            title.push(Span::styled(format!(" {count}{glyph}"), style));
        }
    }
    title
}

/// The glyph of a state, and its style.
pub(super) fn look(scene: &Scene<'_>, state: AlarmState) -> (&'static str, Style) {
    match state {
        AlarmState::Alarm => ("▲", scene.theme.danger()),
        AlarmState::InsufficientData => ("…", scene.theme.muted()),
        AlarmState::Ok => ("✔", scene.theme.good()),
    }
}

fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "CRIT",
        Some(Severity::High) => "HIGH",
        Some(Severity::Medium) => "MED ",
        Some(Severity::Low) => "LOW ",
        None => "    ",
    }
}

/// An alarm: one line, and below it why, where it rings, cannot be told, or is under the cursor.
fn lines(scene: &Scene<'_>, alarm: &Alarm, columns: usize, is_selected: bool) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let (glyph, style) = look(scene, alarm.state);
    let is_loud = alarm.state == AlarmState::Alarm;
    let age = alarm.since.map_or_else(|| text::NO_DATA.to_owned(), |since| text::ago(since, scene.now.world));
    let fixed = 1 + 1 + 1 + 4 + 1 + 1 + text::width(&age) + 1;
    let name = text::left_by_ends(&alarm.label(), columns.saturating_sub(fixed));
    let words = severity(scene.app.deck.environment.severity_of(alarm));
    let quiet = if is_loud { style } else { theme.muted() };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {glyph} "), style),
        Span::styled(format!("{words} "), quiet),
        Span::styled(name, if is_loud { theme.strong() } else { theme.text() }),
        Span::styled(format!(" {age} "), theme.muted()),
    ])];
    let room = columns.saturating_sub(4);
    let mut add = |words: &str, most: usize, style: Style| {
        let wrapped = text::wrap(words, room);
        let is_cut = wrapped.len() > most;
        for (index, line) in wrapped.into_iter().take(most).enumerate() {
            let line = if is_cut && index + 1 == most { text::cut(&format!("{line} …"), room) } else { line };
            lines.push(Line::styled(format!("   {line}"), style));
        }
    };
    if is_selected {
        add(alarm.state.as_str(), 1, style);
    }
    let means = scene.app.deck.environment.rule_for(alarm).and_then(|rule| rule.means.as_deref());
    if let Some(means) = means.filter(|_| is_selected || is_loud) {
        add(&text::clean(&format!("→ {means}")), 1, style);
    }
    if let Some(doubt) = &alarm.doubt {
        add(&format!("do not trust this: {doubt}"), 2, theme.warning());
    }
    if let Some(rule) = &alarm.rule
        && (is_selected || alarm.state == AlarmState::Alarm)
    {
        add(&format!("composite: {rule}"), if is_selected { 8 } else { 2 }, theme.info());
    }
    if is_selected || alarm.state != AlarmState::Ok {
        let reason = text::without_arns(&alarm.reason);
        // The glyph has said the first words already.
        let reason = if is_selected { reason.as_str() } else { reason.trim_start_matches("Insufficient Data: ") };
        let most = if alarm.state == AlarmState::Alarm { SHORT_REASON } else { 1 };
        add(reason, if is_selected { 8 } else { most }, theme.muted());
    }
    lines
}
