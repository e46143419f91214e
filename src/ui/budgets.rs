//! The budgets: what is spent, the limit, what AWS expects by the end of the period, and how old these figures are.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    Scene,
    alarms::absent,
    functions::columns::filled,
    panel::{self, Condition},
    put, text,
};
use crate::{app::view::Panel, release::facts::Budget};

/// Where people set their notices, in percent of the limit: ticks on the gauge.
const TIERS: [f64; 2] = [50.0, 80.0];
/// From this share of the limit on a budget is worth a look, in percent.
const NEARLY: f64 = 80.0;
/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let reading = &scene.app.deck.budgets;
    let condition = Condition::of(reading, scene.now.world);
    let inner = panel::frame(scene, Panel::Budgets, title(scene), &condition, area, buffer);
    let Some(budgets) = reading.value() else { return };
    let inner = absent(scene, "budget ", inner, buffer);
    if scene.app.deck.environment.budgets.is_empty() {
        return put(buffer, inner, 0, Line::styled(" no budget is configured", scene.theme.muted()));
    }
    let room = usize::from(inner.height) / 2;
    let from = scene.app.view.scroll[Panel::Budgets.index()].min(budgets.len().saturating_sub(room.max(1)));
    let lines = budgets.iter().skip(from).flat_map(|budget| lines(scene, budget, usize::from(inner.width)));
    for (row, line) in (0..inner.height).zip(lines) {
        put(buffer, inner, row, line);
    }
    panel::dim_if_stale(scene, &condition, inner, buffer);
}

/// AWS recomputes budgets two or three times a day, so the title says of when the oldest figures are.
fn title(scene: &Scene<'_>) -> Vec<Span<'static>> {
    let mut title = vec![panel::heading(scene, Panel::Budgets, "Budgets")];
    let budgets = scene.app.deck.budgets.value().into_iter().flatten();
    if let Some(oldest) = budgets.filter_map(|budget| budget.as_of).min() {
        let words = format!(" as of {} ago", text::ago(oldest, scene.now.world));
        title.push(Span::styled(words, scene.theme.muted()));
    }
    title
}

/// A budget: what is spent of the limit, and below it the gauge and the forecast.
fn lines(scene: &Scene<'_>, budget: &Budget, columns: usize) -> [Line<'static>; 2] {
    let theme = scene.theme;
    let money =
        |amount: Option<f64>| amount.map_or_else(|| text::NO_DATA.to_owned(), |it| text::money(it, &budget.unit));
    let figures = format!("{} of {}", money(budget.actual), money(budget.limit));
    let room = columns.saturating_sub(text::width(&figures) + 3);
    let first = Line::from(vec![
        Span::styled(format!(" {} ", text::left_by_ends(&budget.name, room)), theme.text()),
        Span::styled(figures, mood(scene, budget)),
    ]);
    let forecast = forecast(scene, budget);
    let cells = columns.saturating_sub(6 + Line::from(forecast.clone()).width()).clamp(4, 40);
    let mut second = vec![Span::raw(" ")];
    second.extend(gauge(scene, budget, cells));
    second.push(Span::raw(" "));
    second.extend(forecast);
    [first, Line::from(second)]
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

/// What AWS expects, or what is worse than that.
fn forecast(scene: &Scene<'_>, budget: &Budget) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let (words, style) = match (budget.actual, budget.forecast, budget.limit) {
        (Some(actual), _, Some(limit)) if actual > limit => ("▲ over the limit".to_owned(), theme.danger()),
        (_, Some(forecast), limit) => {
            let words = format!("forecast {}", text::money(forecast, &budget.unit));
            let is_over = limit.is_some_and(|limit| forecast > limit);
            if is_over { (format!("{words} ▲"), theme.warning()) } else { (format!("{words}  "), theme.muted()) }
        }
        (_, None, _) => (format!("forecast {}  ", text::NO_DATA), theme.muted()),
    };
    let mut spans = vec![Span::styled(words, style)];
    if let Some(remark) = &budget.unhealthy {
        spans.push(Span::styled(format!(" … {}", text::clean(remark)), theme.warning()));
    }
    spans
}
