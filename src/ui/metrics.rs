//! The metrics panel: what the product itself counts and what its services report, each with its newest value, how that
//! stands against its limits, and its past. A panel that has nothing to show says why.

use jiff::{SignedDuration, Timestamp};
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
    app::{panels::MetricLine, view::Panel},
    release::metrics::{
        minute::Minute,
        panel::{MetricPanel, PanelReading, PanelState},
        unit::Unit,
    },
};

/// Two borders.
pub(super) const LINES_AROUND: u16 = 2;
/// Eighths of a cell, lowest first.
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Cells of the last value, at least.
const VALUE: usize = 7;
/// Cells of the longest word for how a value stands.
const WORD: usize = 8;

/// The widths of the columns, the same for every line.
struct Columns {
    name: usize,
    value: usize,
    /// Nothing has limits: then nothing needs a glyph or a word.
    has_limits: bool,
    /// What is left for the past.
    past: usize,
}

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let metrics = &scene.app.deck.environment.metrics;
    let is_by_minute = metrics.iter().all(|panel| panel.resource.is_empty());
    let per = if is_by_minute { " a minute" } else { "" };
    let title = vec![panel::heading(scene, Panel::Metrics, "Metrics"), Span::styled(per, scene.theme.muted())];
    // Before the first answer every line says that it has not been read, which is true.
    let condition = Condition { is_empty: false, ..Condition::of_metrics(scene) };
    let inner = panel::frame(scene, Panel::Metrics, title, &condition, area, buffer);
    if metrics.is_empty() {
        let words = format!(" none configured: [[environments.{}.metrics]] adds some", scene.app.deck.environment.name);
        return put(buffer, inner, 0, Line::styled(words, scene.theme.muted()));
    }
    let lines = scene.app.metric_lines();
    let from = scene.app.view.scroll[Panel::Metrics.index()].min(lines.len().saturating_sub(usize::from(inner.height)));
    let columns = Columns::of(metrics, usize::from(inner.width));
    let is_focused = scene.app.view.panel == Panel::Metrics;
    let cursor = scene.app.view.scroll[Panel::Metrics.index()].min(lines.len().saturating_sub(1));
    for (row, line) in (0..inner.height).zip(lines.iter().skip(from)) {
        let line = match line {
            MetricLine::Heading(name) => Line::styled(format!(" {name}"), scene.theme.strong()),
            MetricLine::Panel(panel) => drawn(scene, panel, &columns),
        };
        put(buffer, inner, row, line);
        if is_focused && from + usize::from(row) == cursor {
            buffer.set_style(Rect { y: inner.y + row, height: 1, ..inner }, scene.theme.selection());
        }
    }
    panel::dim_if_stale(scene, &condition, inner, buffer);
}

impl Columns {
    fn of(metrics: &[MetricPanel], width: usize) -> Self {
        let names = metrics.iter().map(|panel| text::width(panel.label()) + indent(panel)).max().unwrap_or(0);
        let has_units = metrics.iter().any(|panel| !matches!(panel.unit, Unit::Plain | Unit::Count));
        let has_limits = metrics.iter().any(|panel| panel.limits.warning.or(panel.limits.critical).is_some());
        let (name, value) = (names.min(width / 2), if has_units { VALUE + 3 } else { VALUE });
        let standing = if has_limits { 2 } else { 0 };
        Self { name, value, has_limits, past: width.saturating_sub(name + value + 4 + standing) }
    }
}

/// Under a heading a line begins a little further in.
fn indent(panel: &MetricPanel) -> usize {
    if panel.resource.is_empty() { 0 } else { 2 }
}

fn drawn(scene: &Scene<'_>, panel: &MetricPanel, columns: &Columns) -> Line<'static> {
    let theme = scene.theme;
    let reading = scene.app.panel_reading(panel, scene.now.world);
    let label = format!("{:indent$}{}", "", panel.label(), indent = indent(panel));
    let mut spans = vec![Span::styled(format!(" {} ", text::left(&label, columns.name)), theme.text())];
    if let Some(why) = why_nothing(panel, &reading) {
        spans.push(Span::styled(format!("… {why}"), theme.muted()));
        return Line::from(spans);
    }
    let style = style_of(scene, panel, &reading);
    let value =
        reading.value.map_or_else(|| text::NO_DATA.to_owned(), |value| in_unit(value, panel.unit_beside_title()));
    spans.push(Span::styled(text::right(&value, columns.value), style));
    if columns.has_limits {
        spans.push(Span::styled(format!(" {}", glyph(panel, &reading.state)), style));
    }
    spans.push(Span::raw(" "));
    let (words, left) = match word(&reading, scene.now.world) {
        Some(word) if columns.past > WORD * 3 => (text::left(&word, WORD + 1), columns.past - WORD - 1),
        Some(_) | None => (String::new(), columns.past),
    };
    spans.push(Span::styled(words, style));
    spans.push(match reading.as_of.filter(|_| panel.is_daily) {
        Some(day) => Span::styled(day.strftime("of %Y-%m-%d").to_string(), theme.faint()),
        None => Span::styled(past(scene, panel, left), theme.faint()),
    });
    Line::from(spans)
}

/// Why there is nothing to show and nothing to draw.
fn why_nothing(panel: &MetricPanel, reading: &PanelReading) -> Option<String> {
    match &reading.state {
        PanelState::NotMeasured => {
            Some(format!("not measured: {}", panel.remedy.as_deref().unwrap_or("it must be switched on")))
        }
        PanelState::Trouble(why) if reading.value.is_none() => Some(format!("not readable: {why}")),
        PanelState::Unread => Some("not read yet".to_owned()),
        _ => None,
    }
}

/// How a value is drawn.
pub(super) fn style_of(scene: &Scene<'_>, panel: &MetricPanel, reading: &PanelReading) -> Style {
    let is_doubtful = || panel.formula.series().iter().any(|series| scene.app.metrics.track(series).doubt().is_some());
    match reading.state {
        PanelState::Critical => scene.theme.danger(),
        PanelState::Warning => scene.theme.warning(),
        PanelState::Old => scene.theme.muted(),
        _ if is_doubtful() => scene.theme.warning(),
        _ => scene.theme.strong(),
    }
}

fn glyph(panel: &MetricPanel, state: &PanelState) -> &'static str {
    let has_limits = panel.limits.warning.or(panel.limits.critical).is_some();
    match state {
        PanelState::Critical => "✖",
        PanelState::Warning => "▲",
        PanelState::Good if has_limits => "✔",
        _ => " ",
    }
}

/// What is said of a value that is not good; glyph and colour alone are not enough.
fn word(reading: &PanelReading, now: Timestamp) -> Option<String> {
    match reading.state {
        PanelState::Critical | PanelState::Warning => Some(reading.state.word().to_owned()),
        PanelState::Old => reading.as_of.map(|as_of| format!("{} ago", text::ago(as_of, now))),
        _ => None,
    }
}

/// A value as it is read on screen.
pub(super) fn in_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count | Unit::Plain => text::figure(value),
        Unit::Percent => format!("{} %", text::figure(value)),
        Unit::Milliseconds => format!("{} ms", text::figure(value)),
        Unit::Bytes | Unit::Dollars => unit.written(value),
    }
}

/// A cell a minute. The newest minutes of a count are still incomplete, so the last cells may yet grow.
fn past(scene: &Scene<'_>, panel: &MetricPanel, cells: usize) -> String {
    let to = scene.now.world;
    let cells = i64::try_from(cells).unwrap_or(0);
    let at = |back: i64| panel.at(&scene.app.metrics, Minute::from_on(to - SignedDuration::from_mins(back)));
    let values: Vec<Option<f64>> = (1..=cells).rev().map(at).collect();
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    values.into_iter().map(|value| value.map_or(' ', |value| step(value, highest))).collect()
}

fn step(value: f64, highest: f64) -> char {
    let share = if highest > 0.0 { (value / highest).clamp(0.0, 1.0) } else { 0.0 };
    let above = STEPS.iter().enumerate().skip(1).filter(|(index, _)| {
        let index = f64::from(u8::try_from(*index).unwrap_or(0));
        share >= (index + 0.5) / 8.0
    });
    STEPS[above.count()]
}
