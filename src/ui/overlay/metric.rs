//! One panel of the metrics in full: its value and limits, its past with the limits across it, what to do where it is
//! not measured, and every series that it is worked out of.

use jiff::SignedDuration;
use ratatui::text::{Line, Span};

use super::{Dialog, text};
use crate::{
    release::metrics::{
        formula::Missing,
        minute::Minute,
        panel::{MetricPanel, PanelState},
    },
    ui::{Scene, metrics},
};

/// Rows of the chart.
const ROWS: u8 = 6;
/// Minutes of the chart, at most.
const MINUTES: usize = 100;
/// Eighths of a cell, lowest first; nothing at all before them.
const STEPS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Cells of the chart's axis.
const AXIS: usize = 11;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, title: &str, room: usize) -> Dialog {
    let theme = scene.theme;
    let metrics = &scene.app.deck.environment.metrics;
    let Some(panel) = metrics.iter().find(|panel| panel.title == title) else {
        let mut dialog = Dialog::new(text::clean(title), theme.focus(), room.min(60));
        dialog.say("There is no such metric here.", theme.muted());
        return dialog;
    };
    let mut dialog = Dialog::new(text::clean(title), theme.focus(), room.min(MINUTES + AXIS));
    about(scene, panel, &mut dialog);
    if !panel.is_daily {
        let width = room.min(MINUTES + AXIS).saturating_sub(AXIS);
        let chart = chart(scene, panel, width);
        if !chart.is_empty() {
            dialog.gap();
            dialog.lines.extend(chart);
        }
    }
    dialog.gap();
    made_of(scene, panel, &mut dialog);
    dialog
}

fn about(scene: &Scene<'_>, panel: &MetricPanel, dialog: &mut Dialog) {
    let theme = scene.theme;
    let reading = scene.app.panel_reading(panel, scene.now.world);
    let of = reading.as_of.map(|as_of| {
        let up_to = || format!(", up to {}", text::hour_minute(as_of, scene.app.utc));
        if panel.is_daily { format!(", of {}", as_of.strftime("%Y-%m-%d")) } else { up_to() }
    });
    let value = reading.value.map_or_else(|| text::NO_DATA.to_owned(), |value| metrics::in_unit(value, panel.unit));
    let value = format!("{value}{}: {}", of.unwrap_or_default(), reading.state.word());
    dialog.fact(theme, "value", &value, metrics::style_of(scene, panel, &reading));
    let side = if panel.limits.is_below { "below" } else { "above" };
    let limits = [("warning", panel.limits.warning), ("critical", panel.limits.critical)];
    let limits = limits
        .into_iter()
        .filter_map(|(word, limit)| Some(format!("{word} {side} {}", metrics::in_unit(limit?, panel.unit))));
    let limits: Vec<String> = limits.collect();
    if !limits.is_empty() {
        dialog.fact(theme, "limits", &limits.join(", "), theme.text());
    }
    match (&reading.state, &panel.remedy) {
        (PanelState::Trouble(why), _) => dialog.fact(theme, "trouble", why, theme.warning()),
        (PanelState::NotMeasured, Some(remedy)) => dialog.fact(theme, "remedy", remedy, theme.warning()),
        _ => {}
    }
}

/// A column a minute, newest last; limits go across where nothing stands before them.
fn chart(scene: &Scene<'_>, panel: &MetricPanel, width: usize) -> Vec<Line<'static>> {
    let to = scene.now.world;
    let columns = i64::try_from(width.min(MINUTES)).unwrap_or(0);
    let at = |back: i64| panel.at(&scene.app.metrics, Minute::from_on(to - SignedDuration::from_mins(back)));
    let values: Vec<Option<f64>> = (1..=columns).rev().map(at).collect();
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    if highest <= 0.0 {
        return Vec::new();
    }
    // A limit far above all that happens would leave nothing to see of it.
    let limits = [panel.limits.warning, panel.limits.critical];
    let near = limits.into_iter().flatten().filter(|limit| *limit <= highest * 2.0);
    let top = near.fold(highest, f64::max);
    let step = top / f64::from(ROWS);
    let line = |row: u8| {
        let floor = step * f64::from(row);
        let has_limit = limits.into_iter().flatten().any(|limit| limit > floor && limit <= floor + step);
        let label = match row {
            0 => "0".to_owned(),
            _ if row + 1 == ROWS => metrics::in_unit(top, panel.unit),
            _ => String::new(),
        };
        let cells = values.iter().map(|value| cell(value.map_or(0.0, |value| (value - floor) / step), has_limit));
        Line::from(vec![
            Span::styled(text::right(&label, AXIS - 1), scene.theme.muted()),
            Span::raw(" "),
            Span::styled(cells.collect::<String>(), scene.theme.info()),
        ])
    };
    (0..ROWS).rev().map(line).collect()
}

/// The part of a column that lies in one row.
fn cell(share: f64, has_limit: bool) -> char {
    let filled =
        (1..STEPS.len()).filter(|eighth| u8::try_from(*eighth).is_ok_and(|eighth| share >= f64::from(eighth) / 8.0));
    match filled.count() {
        0 if has_limit => '┈',
        eighths => STEPS[eighths],
    }
}

fn made_of(scene: &Scene<'_>, panel: &MetricPanel, dialog: &mut Dialog) {
    let theme = scene.theme;
    let formula = &panel.formula;
    if formula.as_single().is_none() {
        dialog.fact(theme, "worked out", &formula.expression.to_string(), theme.text());
    }
    for (name, operand) in &formula.operands {
        for series in &operand.series {
            dialog.fact(theme, name, &text::clean(&series.to_string()), theme.muted());
        }
        if let Missing::Zero { companions } = &operand.missing {
            let beside: Vec<&str> = companions.iter().map(|series| series.metric.as_str()).collect();
            dialog.fact(theme, "", &format!("0 where missing beside {}", beside.join(", ")), theme.faint());
        }
    }
}
