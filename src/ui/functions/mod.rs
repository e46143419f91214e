//! The functions table: which versions have the traffic, the share that is set and the share that is observed, and
//! how each function is doing.

pub(super) mod columns;
pub(super) mod state;

use jiff::Timestamp;
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
use crate::{
    app::{deck::Function, view::Panel},
    release::{count, routing::trim_percent},
};
use columns::Columns;
use state::Numbers;

/// Two borders and the heading.
pub(super) const LINES_AROUND: usize = 3;

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let app = scene.app;
    let inner = panel::frame(scene, Panel::Functions, title(scene), &condition(scene), area, buffer);
    let functions: Vec<&Function> = app.visible_functions().collect();
    if functions.is_empty() {
        let words = if app.deck.functions.is_empty() {
            format!(" nothing to release is configured for {}", app.deck.environment.name)
        } else {
            format!(" nothing matches “{}”; Esc clears the filter", app.view.filter)
        };
        return put(buffer, inner, 1, Line::styled(words, scene.theme.muted()));
    }
    let columns = Columns::of(usize::from(inner.width), &functions);
    put(buffer, inner, 0, columns.heading(scene));
    let body = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let first = first_row(app.view.row, functions.len(), usize::from(body.height));
    for (row, (index, function)) in (0..body.height).zip(functions.into_iter().enumerate().skip(first)) {
        let line_area = Rect { y: body.y + row, height: 1, ..body };
        put(buffer, line_area, 0, line(scene, function, &columns, index == app.view.row));
        if index == app.view.row {
            buffer.set_style(line_area, scene.theme.selection());
        }
        if function.alias.value().is_some() && function.alias.is_stale(scene.now.world) {
            panel::dim(scene, line_area, buffer);
        }
    }
}

/// The first row on screen, so that the cursor is always on it.
pub(super) fn first_row(cursor: usize, rows: usize, height: usize) -> usize {
    let last_screen = rows.saturating_sub(height);
    (cursor + 1).saturating_sub(height).min(last_screen)
}

fn title(scene: &Scene<'_>) -> Vec<Span<'static>> {
    let (app, theme) = (scene.app, scene.theme);
    let all = app.deck.functions.len();
    let mut title = Vec::new();
    if app.view.filter.is_empty() {
        for (index, (name, count)) in count::titles(app.deck.kinds()).into_iter().enumerate() {
            title.push(Span::styled(if index > 0 { " · " } else { "" }, theme.faint()));
            title.push(panel::heading(scene, Panel::Functions, format!("{name} ")));
            title.push(Span::styled(count.to_string(), theme.muted()));
        }
    } else {
        title.push(panel::heading(scene, Panel::Functions, format!("{} ", count::plural(app.deck.kinds()))));
        let shown = app.visible_functions().count();
        title.push(Span::styled(format!("{shown} of {all} "), theme.muted()));
        title.push(Span::styled(format!("/{}", text::clean(&app.view.filter)), theme.warning()));
    }
    let marked = app.view.marked.len();
    if marked > 0 {
        title.push(Span::styled(format!("  ● {marked} marked"), theme.new_version()));
    }
    title
}

/// The panel as a whole is in trouble only where no alias can be read for the same reason; else each row says its own.
fn condition<'a>(scene: &Scene<'a>) -> Condition<'a> {
    let functions = &scene.app.deck.functions;
    let oldest = functions.iter().map(|function| &function.alias).min_by_key(|alias| alias.read_at());
    let shared: Option<(&'a _, Timestamp)> =
        functions.first().and_then(|first| first.alias.trouble()).filter(|(error, _)| {
            functions.len() > 1
                // That an alias is not there is said by its row, in shorter words.
                && !functions.iter().all(Function::has_no_alias)
                && functions
                    .iter()
                    .all(|function| function.alias.trouble().is_some_and(|(other, _)| other.kind == error.kind))
        });
    Condition {
        is_empty: false,
        stale: oldest
            .filter(|alias| alias.value().is_some() && alias.is_stale(scene.now.world))
            .and_then(|alias| alias.age(scene.now.world)),
        is_asked: functions.iter().any(|function| function.alias.is_asked()),
        trouble: shared,
    }
}

fn line(scene: &Scene<'_>, function: &Function, columns: &Columns, is_selected: bool) -> Line<'static> {
    let theme = scene.theme;
    let numbers = Numbers::of(scene, function);
    let state = state::with_numbers(scene, function, &numbers);
    let cursor = if is_selected { "▸" } else { " " };
    let mark = if scene.app.view.marked.contains(&function.target) { "●" } else { " " };
    let mut spans = vec![
        Span::styled(cursor, theme.focus()),
        Span::styled(format!("{mark} "), theme.new_version()),
        Span::styled(text::left_by_ends(&function.target.name(), columns.name), theme.text()),
        Span::raw(" "),
    ];
    if function.alias.value().is_none() {
        let words = if function.alias.trouble().is_some() { &state.why } else { "reading the alias …" };
        spans.push(Span::styled(format!("{} {words}", state.glyph()), state.style(scene)));
        return Line::from(spans);
    }
    spans.extend(versions(scene, function, columns));
    spans.extend(traffic(scene, function, columns));
    spans.extend(figures(scene, &numbers, columns));
    spans.push(Span::styled(state.glyph(), state.style(scene)));
    if columns.word > 0 {
        let word = text::left(state.word, columns.word.saturating_sub(1));
        spans.push(Span::styled(format!(" {word}"), state.style(scene)));
    }
    Line::from(spans)
}

/// `42 → 43`, with what waits dimmed, and `↑44` where an even newer version exists.
fn versions(scene: &Scene<'_>, function: &Function, columns: &Columns) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let (stable, new) = columns::versions(function);
    let new_style = if function.in_traffic().is_some() { theme.new_version() } else { theme.muted() };
    let mut spans = vec![Span::styled(stable.clone(), theme.stable())];
    let mut used = text::width(&stable);
    if let Some(new) = new {
        used += 3 + text::width(&new);
        spans.push(Span::styled(" → ", theme.faint()));
        spans.push(Span::styled(new, new_style));
    }
    if let Some(newer) = columns::newer(function) {
        used += text::width(&newer);
        spans.push(Span::styled(newer, theme.warning()));
    }
    let line = text::cut_line(Line::from(spans), columns.versions);
    let mut spans = line.spans;
    spans.push(Span::raw(" ".repeat(columns.versions.saturating_sub(used) + 1)));
    spans
}

/// The bar, the share that is set, and the share that is observed.
fn traffic(scene: &Scene<'_>, function: &Function, columns: &Columns) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let in_traffic = function.in_traffic();
    let percent = function.percent();
    let mut spans = Vec::new();
    if columns.bar > 0 {
        let full = if in_traffic.is_some() { columns::filled(percent, columns.bar) } else { 0 };
        let rest = if in_traffic.is_some() { theme.stable() } else { theme.faint() };
        spans.push(Span::styled("█".repeat(full), theme.new_version()));
        spans.push(Span::styled("─".repeat(columns.bar - full), rest));
        spans.push(Span::raw(" "));
    }
    let (set, style) = match (in_traffic, function.new_version()) {
        (Some(_), _) => (set_share(percent), theme.new_version()),
        (None, Some(_)) => ("waits".to_owned(), theme.muted()),
        (None, None) => match columns::unread(function) {
            Some(unread) => (unread.to_owned(), theme.muted()),
            None => ("live".to_owned(), theme.stable()),
        },
    };
    spans.push(Span::styled(text::right(&set, columns.set), style));
    spans.push(Span::raw(" "));
    if columns.seen > 0 {
        let seen = in_traffic.and_then(|new| scene.app.lens(function, scene.now.world).observed_percent(new));
        let words = match (in_traffic, seen) {
            (_, Some(seen)) => share(seen.percent),
            (Some(_), None) => text::NO_DATA.to_owned(),
            (None, None) => String::new(),
        };
        spans.push(Span::styled(text::right(&words, columns.seen), theme.text()));
        spans.push(Span::raw(" "));
    }
    spans
}

/// Error rate, 99th percentile and throttles; red where a limit of the configuration is crossed.
fn figures(scene: &Scene<'_>, numbers: &Numbers, columns: &Columns) -> Vec<Span<'static>> {
    let (theme, limits) = (scene.theme, &scene.app.deck.environment.thresholds);
    let shown = numbers.shown();
    let style = |value: Option<f64>, limit: Option<f64>| match (value, limit) {
        (None, _) => theme.muted(),
        (Some(value), Some(limit)) if value > limit => theme.danger(),
        (Some(_), _) => theme.text(),
    };
    let figure = |value: Option<f64>| value.map_or_else(|| text::NO_DATA.to_owned(), text::short);
    let mut spans = vec![Span::styled(
        text::right(&figure(shown.error_rate), columns.errors),
        style(shown.error_rate, limits.error_rate),
    )];
    if columns.was > 0 {
        let was = numbers.stable.as_ref().map(|stable| figure(stable.error_rate)).unwrap_or_default();
        spans.push(Span::styled(format!(" {}", text::right(&was, columns.was)), theme.stable()));
    }
    if columns.p99 > 0 {
        let p99 = text::right(&figure(shown.p99_ms), columns.p99);
        spans.push(Span::styled(format!(" {p99}"), style(shown.p99_ms, limits.p99_ms)));
    }
    if columns.throttles > 0 {
        let throttles = numbers.total.throttles;
        let words = text::right(&figure(throttles), columns.throttles);
        spans.push(Span::styled(format!(" {words}"), style(throttles, Some(0.0))));
    }
    spans.push(Span::raw("  "));
    spans
}

/// The share that is set, in five cells: `50%`, `2.5%`, `33.3%`.
fn set_share(percent: f64) -> String {
    let exact = format!("{}%", trim_percent(percent));
    if text::width(&exact) <= 5 { exact } else { format!("{percent:.1}%") }
}

/// A counted share: without decimals from ten percent on.
fn share(percent: f64) -> String {
    match percent {
        _ if percent <= 0.0 => "0%".to_owned(),
        _ if percent < 9.95 => format!("{percent:.1}%"),
        _ => format!("{percent:.0}%"),
    }
}
