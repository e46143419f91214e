//! The budgets: what is spent, the limit, what AWS expects by the end of the period, and how old these figures are.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    Scene,
    functions::columns::filled,
    panel::{self, Condition},
    put, text,
};
use crate::{app::view::Panel, release::facts::Budget};

/// Where people set their notices, in percent of the limit: ticks on the gauge.
const TIERS: [f64; 2] = [50.0, 80.0];
/// From this share of the limit on a budget is worth a look, in percent.
const NEARLY: f64 = 80.0;
/// Columns from which everything stands on one line.
const ONE_LINE: u16 = 44;

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let reading = &scene.app.deck.budgets;
    let condition = Condition::of(reading, scene.now.world);
    let title = vec![panel::heading(scene, Panel::Budgets, "Budgets")];
    let inner = panel::frame(scene, Panel::Budgets, title, &condition, area, buffer);
    let Some(budgets) = reading.value() else { return };
    if budgets.is_empty() {
        return put(buffer, inner, 0, Line::styled(" no budget is configured", scene.theme.muted()));
    }
    let each = if inner.width >= ONE_LINE { 1 } else { 2 };
    let room = usize::from(inner.height) / each;
    let from = scene.app.view.scroll[Panel::Budgets.index()].min(budgets.len().saturating_sub(room.max(1)));
    let names = budgets.iter().map(|budget| text::width(&budget.name)).max().unwrap_or(0);
    let lines = budgets.iter().skip(from).flat_map(|budget| lines(scene, budget, usize::from(inner.width), names));
    for (row, line) in (0..inner.height).zip(lines) {
        put(buffer, inner, row, line);
    }
    panel::dim_if_stale(scene, &condition, inner, buffer);
}

fn lines(scene: &Scene<'_>, budget: &Budget, columns: usize, names: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let money =
        |amount: Option<f64>| amount.map_or_else(|| text::NO_DATA.to_owned(), |it| text::money(it, &budget.unit));
    let figures = format!("{}/{}", money(budget.actual), money(budget.limit));
    let as_of = budget.as_of.map(|at| format!("as of {} ago", text::ago(at, scene.now.world)));
    if columns < usize::from(ONE_LINE) {
        let gauge = gauge(scene, budget, 8);
        let fixed = 1 + 1 + 11 + 1 + text::width(&figures) + 1;
        let mut first = vec![Span::styled(
            format!(" {} ", text::left(&budget.name, columns.saturating_sub(fixed).clamp(4, names.max(4)))),
            theme.text(),
        )];
        first.extend(gauge);
        let used: usize = first.iter().map(Span::width).sum();
        let room = columns.saturating_sub(used + 1);
        first.push(Span::styled(text::right(&figures, room), mood(scene, budget)));
        let mut second = vec![Span::raw("  ")];
        second.extend(forecast(scene, budget));
        second.extend(remark(scene, budget));
        if let Some(as_of) = as_of {
            second.push(Span::styled(format!("  {}", as_of.trim_end_matches(" ago")), theme.muted()));
        }
        return vec![Line::from(first), Line::from(second)];
    }
    let mut spans = vec![Span::styled(format!(" {} ", text::left(&budget.name, names.min(columns / 3))), theme.text())];
    spans.extend(gauge(scene, budget, if columns >= 60 { 20 } else { 8 }));
    spans.push(Span::styled(format!(" {}", text::left(&figures, 9)), mood(scene, budget)));
    spans.push(Span::raw(" "));
    spans.extend(forecast(scene, budget));
    spans.extend(remark(scene, budget));
    if let Some(as_of) = as_of {
        spans.push(Span::styled(format!("  {as_of}"), theme.muted()));
    }
    vec![Line::from(spans)]
}

/// A bar of the limit with its tiers: what is spent is full, what is expected to come is drawn in the forecast's tone.
fn gauge(scene: &Scene<'_>, budget: &Budget, cells: usize) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let share = |amount: Option<f64>| match (amount, budget.limit) {
        (Some(amount), Some(limit)) if limit > 0.0 => 100.0 * amount / limit,
        _ => 0.0,
    };
    let full = filled(share(budget.actual), cells);
    let expected = filled(share(budget.forecast), cells).max(full);
    let tiers = TIERS.map(|tier| filled(tier, cells));
    let mut spans = Vec::new();
    for cell in 0..cells {
        if tiers.contains(&cell) {
            spans.push(Span::styled("╎", theme.faint()));
        }
        let (glyph, style) = if cell < full {
            ("▰", mood(scene, budget))
        } else if cell < expected {
            ("▱", theme.warning())
        } else {
            ("▱", theme.faint())
        };
        spans.push(Span::styled(glyph, style));
    }
    spans.push(Span::styled("┃", theme.muted()));
    spans
}

/// What is spent, seen against the limit.
fn mood(scene: &Scene<'_>, budget: &Budget) -> Style {
    match budget.actual.zip(budget.limit).map(|(actual, limit)| 100.0 * actual / limit.max(0.01)) {
        Some(share) if share > 100.0 => scene.theme.danger(),
        Some(share) if share >= NEARLY => scene.theme.warning(),
        Some(_) => scene.theme.good(),
        None => scene.theme.muted(),
    }
}

fn forecast(scene: &Scene<'_>, budget: &Budget) -> Vec<Span<'static>> {
    let theme = scene.theme;
    if let Some((actual, limit)) = budget.actual.zip(budget.limit)
        && actual > limit
    {
        return vec![Span::styled("▲ over the limit", theme.danger())];
    }
    let Some(forecast) = budget.forecast else {
        return vec![Span::styled(format!("forecast {}", text::NO_DATA), theme.muted())];
    };
    let words = format!("forecast {}", text::money(forecast, &budget.unit));
    if budget.limit.is_some_and(|limit| forecast > limit) {
        return vec![Span::styled(format!("{words} ▲"), theme.warning())];
    }
    vec![Span::styled(words, theme.muted())]
}

fn remark(scene: &Scene<'_>, budget: &Budget) -> Option<Span<'static>> {
    let words = budget.unhealthy.as_ref()?;
    Some(Span::styled(format!("  … {}", text::clean(words)), scene.theme.warning()))
}
