//! The release against the hour before it: at the all clear, and whenever somebody wants to know.

use ratatui::text::{Line, Span};

use super::{Dialog, text};
use crate::{
    release::{
        comparison::{Compared, Comparison, Span as Time},
        stages::State,
    },
    ui::Scene,
};

/// Columns of a figure and of the pair of them.
const FIGURE: usize = 7;
const PAIR: usize = 2 * FIGURE + 3;
/// How much more often calls may fail before it is worth a colour, in percent points.
const WORSE: f64 = 0.5;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, comparison: &Comparison, room: usize) -> Dialog {
    let theme = scene.theme;
    let is_over = scene.app.state() == Some(State::AllClear);
    let (title, style) = if is_over {
        ("✔ ALL CLEAR: the watch against the hour before", theme.good())
    } else {
        ("THE WATCH against the hour before the release", theme.focus())
    };
    let mut dialog = Dialog::new(title, style, room.min(104));
    let clock = |at| text::hour_minute(at, scene.app.utc);
    let time = |time: Time| format!("{}–{}", clock(time.from), clock(time.to));
    dialog.fact(theme, "before", &time(comparison.before), theme.stable());
    dialog.fact(theme, "watch", &time(comparison.watch), theme.new_version());
    dialog.gap();
    let columns = usize::from(dialog.width);
    let names = comparison.rows.iter().map(|row| text::width(&name(row))).max().unwrap_or(0).clamp(8, 24);
    let is_wide = columns >= names + 4 * (PAIR + 2);
    let heading = |titles: &[&str]| {
        let cells = titles.iter().map(|title| format!("  {}", text::right(title, PAIR)));
        Line::styled(format!("{}{}", text::left("", names), cells.collect::<String>()), theme.muted())
    };
    if is_wide {
        dialog.lines.push(heading(&["calls/min", "failed %", "p95 ms", "p99 ms"]));
        for row in &comparison.rows {
            dialog.lines.push(Line::from([vec![named(scene, row, names)], cells(scene, row)].concat()));
        }
        return dialog;
    }
    dialog.lines.push(heading(&["calls/min", "failed %"]));
    dialog.lines.push(heading(&["p95 ms", "p99 ms"]));
    for row in &comparison.rows {
        let mut cells = cells(scene, row);
        let below = cells.split_off(2);
        dialog.lines.push(Line::from([vec![named(scene, row, names)], cells].concat()));
        dialog.lines.push(Line::from([vec![Span::raw(" ".repeat(names))], below].concat()));
    }
    dialog
}

fn name(row: &Compared) -> String {
    row.target.as_ref().map_or_else(|| "together".to_owned(), |target| text::clean(&target.name()))
}

fn named(scene: &Scene<'_>, row: &Compared, columns: usize) -> Span<'static> {
    Span::styled(text::left(&name(row), columns), scene.theme.strong())
}

/// `  412 →   398` for each figure. What nobody knows is a dash.
fn cells(scene: &Scene<'_>, row: &Compared) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let shown = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), text::figure);
    let pair = |before: Option<f64>, watch: Option<f64>| {
        format!("  {} → {}", text::right(&shown(before), FIGURE), text::right(&shown(watch), FIGURE))
    };
    let (before, watch) = (&row.before, &row.watch);
    let is_worse = before.error_rate.zip(watch.error_rate).is_some_and(|(before, watch)| watch > before + WORSE);
    vec![
        Span::styled(pair(before.calls_per_minute, watch.calls_per_minute), theme.text()),
        Span::styled(pair(before.error_rate, watch.error_rate), if is_worse { theme.warning() } else { theme.text() }),
        Span::styled(pair(before.p95_ms, watch.p95_ms), theme.text()),
        Span::styled(pair(before.p99_ms, watch.p99_ms), theme.text()),
    ]
}
