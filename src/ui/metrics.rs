//! The metrics that the configuration adds: what the product itself counts, each with its last value and its past.

use jiff::SignedDuration;
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
use crate::{app::view::Panel, config::ExtraMetric, release::metrics::Series};

/// Two borders.
pub(super) const LINES_AROUND: u16 = 2;
/// Eighths of a cell, lowest first.
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Cells of the last value.
const VALUE: usize = 7;

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let metrics = &scene.app.deck.environment.metrics;
    let title = vec![panel::heading(scene, Panel::Metrics, "Metrics"), Span::styled(" a minute", scene.theme.muted())];
    // Before the first answer every line says that it has no data, which is true.
    let condition = Condition { is_empty: false, ..Condition::of_metrics(scene) };
    let inner = panel::frame(scene, Panel::Metrics, title, &condition, area, buffer);
    if metrics.is_empty() {
        let words = format!(" none configured: [[environments.{}.metrics]] adds some", scene.app.deck.environment.name);
        return put(buffer, inner, 0, Line::styled(words, scene.theme.muted()));
    }
    let from =
        scene.app.view.scroll[Panel::Metrics.index()].min(metrics.len().saturating_sub(usize::from(inner.height)));
    let names = metrics.iter().map(|metric| text::width(&metric.title)).max().unwrap_or(0);
    for (row, metric) in (0..inner.height).zip(metrics.iter().skip(from)) {
        put(buffer, inner, row, line(scene, metric, usize::from(inner.width), names));
    }
    panel::dim_if_stale(scene, &condition, inner, buffer);
}

fn line(scene: &Scene<'_>, metric: &ExtraMetric, columns: usize, names: usize) -> Line<'static> {
    let theme = scene.theme;
    let track = scene.app.metrics.track(&series(metric));
    let name = names.min(columns / 2);
    let age = columns.saturating_sub(name + VALUE + 4);
    // The newest minutes of a count are still incomplete, so each cell is a minute and the last ones may yet grow.
    let to = scene.now.world;
    let minutes = i64::try_from(age).unwrap_or(0);
    let points: Vec<_> = track.points(to - SignedDuration::from_mins(minutes), to).collect();
    let highest = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let spark: String = (0..minutes)
        .map(|minute| {
            let from = to - SignedDuration::from_mins(minutes - minute);
            let until = from + SignedDuration::from_mins(1);
            let point = points.iter().find(|(at, _)| (from..until).contains(at));
            point.map_or(' ', |(_, value)| step(*value, highest))
        })
        .collect();
    let value = track.latest().map_or_else(|| text::NO_DATA.to_owned(), |(_, value)| text::figure(value));
    let style = if track.doubt().is_some() { theme.warning() } else { theme.strong() };
    Line::from(vec![
        Span::styled(format!(" {} ", text::left(&metric.title, name)), theme.text()),
        Span::styled(text::right(&value, VALUE), style),
        Span::raw(" "),
        Span::styled(spark, theme.faint()),
    ])
}

/// The series of an extra metric.
fn series(metric: &ExtraMetric) -> Series {
    Series {
        namespace: metric.namespace.clone(),
        metric: metric.metric.clone(),
        dimensions: metric.dimensions.clone(),
        statistic: metric.stat.clone(),
        region: None,
    }
}

fn step(value: f64, highest: f64) -> char {
    let share = if highest > 0.0 { (value / highest).clamp(0.0, 1.0) } else { 0.0 };
    let above = STEPS.iter().enumerate().skip(1).filter(|(index, _)| {
        let index = f64::from(u8::try_from(*index).unwrap_or(0));
        share >= (index + 0.5) / 8.0
    });
    STEPS[above.count()]
}
