//! The charts of the function under the cursor, one above the other on one time axis, so that a shift's marker runs
//! through all of them. Stable and new are apart in colour and by their labels.

mod subject;

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    Scene,
    panel::{self, Condition},
    plot::{Plot, Scale, Window},
    put, text,
};
use crate::{
    app::{deck::Function, view::Panel},
    release::routing::trim_percent,
};
use subject::{Chart, Level, Marker};

/// Cells of the numbers left of a chart, with the gap.
const AXIS: u16 = 5;
/// Cells right of a chart for the names of its lines, as a rule.
const USUAL_MARGIN: u16 = 7;
/// Levels up to so many times the highest point are drawn; others are named in the title.
const LEVEL_REACH: f64 = 4.0;
/// The times that fit a chart, in minutes.
const SPANS: [u16; 6] = [180, 120, 90, 60, 45, 30];

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Some(function) = scene.app.selected() else {
        let title = vec![panel::heading(scene, Panel::Charts, "Charts")];
        let inner = panel::frame(scene, Panel::Charts, title, &Condition::fine(), area, buffer);
        return put(buffer, inner, 0, Line::styled(" no function under the cursor", scene.theme.muted()));
    };
    let condition = Condition::of_metrics(scene);
    let inner = panel::frame(scene, Panel::Charts, title(scene, function), &condition, area, buffer);
    if condition.is_empty {
        return;
    }
    let columns = inner.width.saturating_sub(AXIS + USUAL_MARGIN);
    let minutes = SPANS.into_iter().find(|minutes| columns.saturating_mul(2) >= *minutes).unwrap_or(30);
    let to = scene.now.world;
    let window = Window { from: to - SignedDuration::from_mins(i64::from(minutes)), to };
    let charts = subject::charts(scene, function, window);
    let margin = u16::try_from(label_width(&charts)).unwrap_or(0);
    let rows = inner.height.saturating_sub(1);
    let shown: u16 = if rows >= 12 { 3 } else { u16::from(rows >= 7) + 1 };
    let markers = subject::markers(function);
    let mut top = inner.y;
    for (index, chart) in (0..shown).zip(&charts) {
        let height = rows / shown + u16::from(index < rows % shown);
        let place = Rect { y: top, height, ..inner };
        draw_chart(scene, chart, &markers, window, margin, place, index == 0, buffer);
        top += height;
    }
    let axis = Rect { y: inner.bottom().saturating_sub(1), height: inner.height.min(1), ..inner };
    draw_axis(scene, window, margin, axis, buffer);
    panel::dim_if_stale(scene, &condition, inner, buffer);
}

fn title(scene: &Scene<'_>, function: &Function) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let mut title = vec![panel::heading(scene, Panel::Charts, text::clean(&function.target.to_string()))];
    if let Some(split) = function.split() {
        title.push(Span::styled(format!("  {}", split.stable.label()), theme.stable()));
        title.push(Span::styled(" → ", theme.faint()));
        title
            .push(Span::styled(format!("{} {}%", split.new.label(), trim_percent(split.percent)), theme.new_version()));
    } else if let Some(stable) = function.stable() {
        title.push(Span::styled(format!("  {} live", stable.label()), theme.stable()));
    }
    title
}

/// The room right of the charts for the labels of their lines.
fn label_width(charts: &[Chart]) -> usize {
    let labels = charts.iter().flat_map(|chart| &chart.curves).map(|curve| text::width(&curve.label));
    labels.max().unwrap_or(0) + 1
}

#[expect(
    clippy::too_many_arguments,
    reason = "a place on the screen and what stands there; a struct would only rename it"
)]
fn draw_chart(
    scene: &Scene<'_>,
    chart: &Chart,
    markers: &[Marker],
    window: Window,
    margin: u16,
    area: Rect,
    is_first: bool,
    buffer: &mut Buffer,
) {
    let theme = scene.theme;
    let plot_area = Rect {
        x: area.x + AXIS.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(AXIS + margin),
        height: area.height.saturating_sub(1),
    };
    let highest = chart.curves.iter().flat_map(|curve| &curve.points).map(|point| point.value).fold(0.0, f64::max);
    let (near, far): (Vec<&Level>, Vec<&Level>) =
        chart.levels.iter().partition(|level| highest == 0.0 || level.value <= highest * LEVEL_REACH);
    let top = near.iter().map(|level| level.value).fold(highest, f64::max);
    let labels = if plot_area.height >= 9 { 4 } else { 2 };
    let scale = Scale::up_to(top, labels);
    put(buffer, area, 0, heading(scene, chart, &far, usize::from(area.width)));
    draw_scale(scene, scale, Rect { width: AXIS.min(area.width), ..Rect { x: area.x, ..plot_area } }, buffer);
    let mut plot = Plot::new(plot_area, window, scale);
    for level in near {
        plot.level(level.value, level.style);
        if let Some(row) = plot.row_of(level.value) {
            plot.words(1, row, &format!(" {} ", level.words), level.style);
        }
    }
    for marker in markers {
        plot.marker(marker.at, if is_first { &marker.words } else { "" }, theme.info());
    }
    for curve in &chart.curves {
        plot.line(&curve.points, curve.style, theme.muted());
    }
    plot.draw(plot_area, buffer);
    if chart.curves.iter().all(|curve| curve.points.is_empty()) && plot_area.height > 0 {
        let words = text::cut(&chart.silence, usize::from(plot_area.width));
        let column = usize::from(plot_area.width).saturating_sub(text::width(&words)) / 2;
        let line = Line::styled(format!("{}{words}", " ".repeat(column)), theme.muted());
        put(buffer, plot_area, plot_area.height / 2, line);
    }
    let label_area = Rect { x: plot_area.right(), width: margin.min(area.width), ..plot_area };
    draw_labels(chart, &plot, label_area.intersection(area), buffer);
}

/// The chart's name, its numbers over the last closed minutes, and the levels that lie far above.
fn heading(scene: &Scene<'_>, chart: &Chart, far: &[&Level], columns: usize) -> Line<'static> {
    let mut spans = vec![Span::styled(format!(" {}", chart.title), scene.theme.muted())];
    let numbers: usize = chart.legend.iter().map(|(words, _)| text::width(words) + 2).sum();
    let far = far.iter().fold(String::new(), |words, level| words + "  " + &level.words + " ↑");
    let used = text::width(chart.title) + 1;
    let far = if used + numbers + text::width(&far) < columns { far } else { String::new() };
    let fill = columns.saturating_sub(used + numbers + text::width(&far) + 1);
    spans.push(Span::styled(far, scene.theme.faint()));
    spans.push(Span::raw(" ".repeat(fill)));
    for (words, style) in &chart.legend {
        spans.push(Span::styled(format!("  {words}"), *style));
    }
    Line::from(spans)
}

/// The round numbers left of a chart.
fn draw_scale(scene: &Scene<'_>, scale: Scale, area: Rect, buffer: &mut Buffer) {
    let Some(bottom) = area.height.checked_sub(1) else { return };
    let mut value = 0.0;
    while value <= scale.top * 1.001 {
        let up = value / scale.top * f64::from(bottom);
        let row = (0..=bottom).min_by(|one, other| {
            let distance = |row: u16| (f64::from(bottom - row) - up).abs();
            distance(*one).total_cmp(&distance(*other))
        });
        let text = format!("{} ", text::right(&text::axis(value), usize::from(AXIS) - 1));
        put(buffer, area, row.unwrap_or(0), Line::styled(text, scene.theme.muted()));
        value += scale.step;
    }
}

/// The name of each line at its end. Names that would lie on each other move apart.
fn draw_labels(chart: &Chart, plot: &Plot, area: Rect, buffer: &mut Buffer) {
    let end = |points: &[crate::release::metrics::ChartPoint]| points.last().map(|point| point.value);
    let mut labels: Vec<(usize, &subject::Curve)> = chart
        .curves
        .iter()
        .filter(|curve| !curve.label.is_empty())
        .filter_map(|curve| Some((plot.row_of(end(&curve.points)?)?, curve)))
        .collect();
    let rows = usize::from(area.height);
    labels.sort_by_key(|(_, curve)| curve.rank);
    labels.truncate(rows);
    labels.sort_by_key(|(row, _)| *row);
    let mut free = 0;
    let count = labels.len();
    for (index, (row, curve)) in labels.into_iter().enumerate() {
        // There must be a row left for each label that follows.
        let row = row.max(free).min((rows + index).saturating_sub(count));
        free = row + 1;
        put(
            buffer,
            area,
            u16::try_from(row).unwrap_or(u16::MAX),
            Line::styled(format!(" {}", curve.label), curve.style),
        );
    }
}

/// The times under the charts: round ones, and `now` at the end.
fn draw_axis(scene: &Scene<'_>, window: Window, margin: u16, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(AXIS + margin));
    let minutes = window.to.duration_since(window.from).as_mins();
    let step = [5, 10, 15, 30, 60].into_iter().find(|step| minutes / step <= 4).unwrap_or(60);
    let mut line = vec![' '; width];
    let now = "now";
    let mut write = |column: usize, words: &str| {
        for (offset, character) in words.chars().enumerate() {
            if let Some(cell) = line.get_mut(column + offset) {
                *cell = character;
            }
        }
    };
    let plot = Plot::new(Rect::new(0, 0, u16::try_from(width).unwrap_or(0), 1), window, Scale { top: 1.0, step: 1.0 });
    let first = window.from.as_second().div_euclid(step * 60) + 1;
    for tick in first..first + 6 {
        let Ok(at) = Timestamp::from_second(tick * step * 60) else { break };
        let words = text::hour_minute(at, scene.app.utc);
        if let Some(column) = plot.column_of(at).map(|column| column.saturating_sub(words.len() / 2))
            && column + words.len() + now.len() + 1 < width
        {
            write(column, &words);
        }
    }
    write(width.saturating_sub(now.len()), now);
    let text: String = " ".repeat(usize::from(AXIS)) + &line.into_iter().collect::<String>();
    put(buffer, area, 0, Line::styled(text, scene.theme.muted()));
}
