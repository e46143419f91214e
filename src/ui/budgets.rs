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
use crate::{
    app::{App, spending::Gauge, view::Panel},
    config::Tier,
};

/// Where people set their notices on a budget of which only the limit is known, in percent of it.
const TICKS: [f64; 2] = [50.0, 80.0];
/// From this share of the last tier on a budget is worth a look, in percent.
const NEARLY: f64 = 80.0;
/// Lines of words under a gauge.
const WORDS: usize = 2;

/// How many rows the panel would like, with its frame; none where there is no budget.
pub(super) fn height(app: &App) -> u16 {
    let budgets = &app.deck.environment.budgets;
    let mut groups: Vec<&str> = budgets.iter().filter_map(|budget| budget.group.as_deref()).collect();
    groups.dedup();
    let alone = budgets.iter().filter(|budget| budget.group.is_none());
    let lines = groups.len() * (2 + WORDS)
        + alone.map(|budget| if budget.tiers.is_empty() { 2 } else { 2 + WORDS }).sum::<usize>();
    if lines == 0 { 0 } else { u16::try_from(lines + 2).unwrap_or(u16::MAX).min(10) }
}

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let reading = &scene.app.deck.budgets;
    let is_empty = scene.app.deck.environment.budgets.is_empty();
    let condition = if is_empty { Condition::fine() } else { Condition::of(reading, scene.now.world) };
    let inner = panel::frame(scene, Panel::Budgets, title(scene), &condition, area, buffer);
    if is_empty {
        return put(buffer, inner, 0, Line::styled(" no budget is configured", scene.theme.muted()));
    }
    if reading.value().is_none() {
        return;
    }
    let inner = absent(scene, "budget ", inner, buffer);
    let gauges = scene.app.gauges();
    let from = scene.app.view.scroll[Panel::Budgets.index()].min(gauges.len().saturating_sub(1));
    let blocks: Vec<Vec<Line<'_>>> = gauges.iter().map(|gauge| lines(scene, gauge, usize::from(inner.width))).collect();
    let height = usize::from(inner.height);
    // What fits is shown whole, however far somebody scrolls.
    let is_whole = |first: usize| blocks.iter().skip(first).map(Vec::len).sum::<usize>() <= height;
    let first = (0..=from).find(|first| is_whole(*first)).unwrap_or(from);
    for (row, line) in (0..inner.height).zip(blocks.into_iter().skip(first).flatten()) {
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

/// A gauge: what is spent and what comes next; the bar with its tiers; what AWS expects, and what is wrong with it.
fn lines(scene: &Scene<'_>, gauge: &Gauge, columns: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let money =
        |amount: Option<f64>| amount.map_or_else(|| text::NO_DATA.to_owned(), |it| text::money(it, &gauge.unit));
    let is_plain = is_plain(gauge);
    let figures = match gauge.next_tier().or(gauge.tiers.last()) {
        Some(tier) if is_plain => format!("{} of {}", money(gauge.actual), money(Some(tier.at))),
        Some(tier) => format!("{} → {}", money(gauge.actual), money(Some(tier.at))),
        None => money(gauge.actual),
    };
    let room = columns.saturating_sub(text::width(&figures) + 3);
    let first = Line::from(vec![
        Span::styled(format!(" {} ", text::left_by_ends(&gauge.name, room)), theme.text()),
        Span::styled(figures, mood(scene, gauge)),
    ]);
    let words = words(scene, gauge);
    let short = words.iter().map(|(words, _)| words.as_str()).collect::<Vec<_>>().join(" … ");
    if is_plain && text::width(&short) + 12 <= columns {
        let mut second = vec![Span::raw(" ")];
        second.extend(bar(scene, gauge, columns.saturating_sub(6 + text::width(&short)).clamp(4, 40)));
        second.push(Span::raw(" "));
        second.extend(words.into_iter().map(|(words, style)| Span::styled(words, style)));
        return vec![first, Line::from(second)];
    }
    let mut bar = bar(scene, gauge, columns.saturating_sub(3 + gauge.tiers.len()).clamp(4, 60));
    bar.insert(0, Span::raw(" "));
    let mut lines = vec![first, Line::from(bar)];
    for (words, style) in words {
        let wrapped = text::wrap(&words, columns.saturating_sub(2));
        lines.extend(wrapped.into_iter().take(WORDS).map(|line| Line::styled(format!(" {line}"), style)));
    }
    lines
}

/// Whether only a limit is known: then it is the end of the bar.
fn is_plain(gauge: &Gauge) -> bool {
    gauge.tiers.len() <= 1 && gauge.expected.is_none() && gauge.tiers.iter().all(|tier| tier.means.is_none())
}

/// A bar up to the last tier: what is spent is full, what is expected to come is drawn in the forecast's tone. A mark
/// for each tier, `◇` for what it usually costs.
fn bar(scene: &Scene<'_>, gauge: &Gauge, cells: usize) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let limit = gauge.tiers.last().filter(|_| is_plain(gauge)).map(|tier| tier.at);
    let end = limit.unwrap_or_else(|| gauge.end()).max(0.01);
    let cell_of = |amount: f64| filled(100.0 * amount / end, cells);
    let full = gauge.actual.map_or(0, cell_of);
    let expected = gauge.forecast.map_or(0, cell_of).max(full);
    let ticks = limit.map(|limit| TICKS.map(|percent| cell_of(limit * percent / 100.0)));
    let tiers = gauge.tiers.iter().map(|tier| cell_of(tier.at));
    let tiers: Vec<usize> = ticks.into_iter().flatten().chain(tiers).collect();
    let usual = gauge.expected.map(cell_of);
    let mut spans = Vec::new();
    for cell in 0..cells {
        if tiers.contains(&cell) {
            let is_tier = limit.is_none() && cell < full;
            spans.push(Span::styled(if is_tier { "┃" } else { "╎" }, theme.faint()));
        }
        let (glyph, style) = match cell {
            _ if usual == Some(cell) => ("◇", theme.info()),
            full_one if full_one < full => ("▰", mood(scene, gauge)),
            coming if coming < expected => ("▱", theme.warning()),
            _ => ("▱", theme.faint()),
        };
        spans.push(Span::styled(glyph, style));
    }
    spans.push(Span::styled(if tiers.contains(&cells) { "┃" } else { " " }, theme.muted()));
    spans
}

/// What is spent, seen against the tiers.
fn mood(scene: &Scene<'_>, gauge: &Gauge) -> Style {
    let (Some(actual), Some(last)) = (gauge.actual, gauge.tiers.last()) else { return scene.theme.muted() };
    match 100.0 * actual / last.at.max(0.01) {
        share if share > 100.0 => scene.theme.danger(),
        share if share >= NEARLY || gauge.passed().is_some() => scene.theme.warning(),
        _ => scene.theme.good(),
    }
}

/// What AWS expects and which tier that passes, what is passed already, and what is wrong with the figures.
fn words(scene: &Scene<'_>, gauge: &Gauge) -> Vec<(String, Style)> {
    let theme = scene.theme;
    let money = |amount: f64| text::money(amount, &gauge.unit);
    let tier = |tier: &Tier| {
        let means = tier.means.as_ref().map(|means| format!(" {}", text::clean(means))).unwrap_or_default();
        format!("{}{means}", money(tier.at))
    };
    let is_over = gauge.actual.zip(gauge.tiers.last()).is_some_and(|(actual, last)| actual > last.at);
    let mut words = Vec::new();
    match (gauge.passed(), gauge.forecast, gauge.forecast_tier()) {
        _ if gauge.actual.is_none() => words.push(("… no figures from AWS yet".to_owned(), theme.warning())),
        (Some(last), ..) if is_over && gauge.tiers.len() == 1 && last.means.is_none() => {
            words.push(("▲ over the limit".to_owned(), theme.danger()));
        }
        (Some(last), None, _) => words.push((format!("▲ past {}", tier(last)), theme.warning())),
        (Some(last), Some(forecast), None) => {
            let style = if is_over { theme.danger() } else { theme.warning() };
            words.push((format!("▲ past {}; forecast {}", tier(last), money(forecast)), style));
        }
        (_, Some(forecast), Some(passed)) if gauge.tiers.len() > 1 || passed.means.is_some() => {
            words.push((format!("▲ forecast {} passes {}", money(forecast), tier(passed)), theme.warning()));
        }
        (_, Some(forecast), Some(_)) => words.push((format!("forecast {} ▲", money(forecast)), theme.warning())),
        (_, Some(forecast), None) => words.push((format!("forecast {}  ", money(forecast)), theme.muted())),
        (None, None, _) => words.push((format!("forecast {}  ", text::NO_DATA), theme.muted())),
    }
    if let Some(remark) = &gauge.unhealthy {
        words.push((format!("▲ UNHEALTHY: {}", text::clean(remark)), theme.warning()));
    }
    if gauge.actual.is_some() && gauge.is_stale(scene.now.world) {
        let age = gauge.as_of.map_or_else(|| "an unknown time".to_owned(), |at| text::ago(at, scene.now.world));
        words.push((format!("▲ STALE: as of {age} ago"), theme.warning()));
    }
    words
}
