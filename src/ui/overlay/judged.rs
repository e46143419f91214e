//! The judge's part of a function's detail: the sentence, each version's counts, the ratio of their rates with its
//! interval, and the evidence over time on a log scale under its threshold.

use std::f64::consts::LN_10;

use super::{Dialog, text};
use crate::{
    release::{
        judge::{
            comparison::{Evidence, Point},
            counts::Metric,
            ratio::Interval,
            verdict::in_odds,
        },
        trial::{Trial, verdict_in_words},
    },
    ui::{
        Scene,
        verdict::{mark, of_metric, rate, slow_in_words},
    },
};

/// From this height on the evidence has rows of its own.
const TALL: u16 = 36;
/// Rows of the plot below its threshold.
const ROWS: usize = 3;
/// From nothing to the threshold.
const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The bottom of the scale: a hundredth of what is needed to tell, or less.
const LOWEST: f64 = -2.0 * LN_10;

/// Puts the facts into the dialog. `room` is the width in columns.
pub(super) fn about(scene: &Scene<'_>, trial: &Trial, room: usize, dialog: &mut Dialog) {
    let theme = scene.theme;
    let verdict = trial.verdict();
    let (glyph, style) = mark(scene, verdict);
    let words = verdict.map_or_else(
        || "no closed minute of the release has been judged yet".to_owned(),
        |verdict| format!("{glyph} {verdict}: {}", verdict_in_words(verdict, trial)),
    );
    dialog.fact(theme, "verdict", &words, style);
    for metric in Metric::ALL {
        let Some(known) = of_metric(trial, metric) else { continue };
        let [stable, new] = trial.versions;
        let (by_new, by_stable) = (rate(known.new), rate(known.stable));
        let ratio = in_words(known.ratio());
        dialog.fact(
            theme,
            &metric.to_string(),
            &format!("{} {by_new}, {} {by_stable}; {ratio}", new.label(), stable.label()),
            theme.text(),
        );
        let columns = room.saturating_sub(super::NAME + 24);
        let lines = if scene.app.view.size.1 >= TALL { plot(&known, columns) } else { vec![chart(&known, columns)] };
        for (index, line) in lines.iter().enumerate() {
            dialog.fact(theme, if index == 0 { "evidence" } else { "" }, line, theme.text());
        }
        if let Some(missing) = known.missing {
            dialog.fact(theme, "", &format!("too little to tell yet: {missing}"), theme.muted());
        }
    }
    let slow = slow_in_words(trial);
    if !slow.is_empty() {
        dialog.fact(theme, "", &slow, theme.muted());
    }
    if trial.hearing().is_some_and(|hearing| hearing.judge.split_mistrusted()) {
        let words = "calls were not split as the weight says: versions are compared by their own counts";
        dialog.fact(theme, "", words, theme.warning());
    }
}

/// The interval holds at every look at once.
fn in_words(ratio: Interval) -> String {
    let high = if ratio.high.is_finite() { text::figure(ratio.high) } else { "any".to_owned() };
    format!("between {} and {high} times as often", text::figure(ratio.low))
}

/// The evidence minute by minute, the newest on the right, on a log scale: the threshold is the line on top, and only
/// what has reached it touches the line.
fn plot(known: &Evidence<'_>, columns: usize) -> Vec<String> {
    let newest: Vec<&Point> = known.points.iter().skip(known.points.len().saturating_sub(columns.max(1))).collect();
    let last = known.points.last().map_or(0.0, |point| point.worse);
    let mut lines = vec![format!("{}  {} it takes", "┈".repeat(newest.len().max(8)), in_odds(known.threshold))];
    for row in (0..ROWS).rev() {
        let bars: String = newest.iter().map(|point| cell(point, known.threshold, row)).collect();
        let now = if row == 0 { format!("  {} now", in_odds(last)) } else { String::new() };
        lines.push(format!("{bars}{now}"));
    }
    lines
}

/// A point's part of a row; row 0 is the lowest.
fn cell(point: &Point, threshold: f64, row: usize) -> &'static str {
    let (steps, share) = (BARS.len() * ROWS, height(point, threshold));
    // Only what has reached the threshold is full.
    let most = if point.worse >= threshold { steps } else { steps - 1 };
    let reached = (1..=most).take_while(|step| share >= fraction(*step, steps)).count().max(1);
    match reached.saturating_sub(row * BARS.len()) {
        0 => " ",
        part => BARS[part.min(BARS.len()) - 1],
    }
}

/// The evidence minute by minute, the newest on the right: `0.01× ▁▁▂▃▅█ 600×`. A full bar has reached the threshold.
fn chart(known: &Evidence<'_>, columns: usize) -> String {
    let newest = known.points.iter().skip(known.points.len().saturating_sub(columns.max(1)));
    let bars: String = newest.map(|point| bar(point, known.threshold)).collect();
    let last = known.points.last().map_or(0.0, |point| point.worse);
    format!("{bars}  {} of {}", in_odds(last), in_odds(known.threshold))
}

fn bar(point: &Point, threshold: f64) -> &'static str {
    let share = height(point, threshold);
    let full = BARS.len() - 1;
    // Only what has reached the threshold is full.
    let reached = (1..full).take_while(|step| share >= fraction(*step, full)).count();
    if point.worse >= threshold { BARS[full] } else { BARS[reached.min(full - 1)] }
}

/// From nothing, 0, to the threshold, 1, on the log scale that evidence has.
fn height(point: &Point, threshold: f64) -> f64 {
    ((point.worse - LOWEST) / (threshold - LOWEST)).clamp(0.0, 1.0)
}

fn fraction(step: usize, of: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    number(step) / number(of)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::release::{judge::verdict::Rule, metrics::minute::Minute};

    #[test]
    fn in_the_plot_only_what_has_reached_the_threshold_touches_its_line() {
        let at = Minute::of(Timestamp::UNIX_EPOCH);
        let column = |worse: f64| {
            let point = Point { at, rule: Rule::Ratio, worse, better: 0.0 };
            (0..ROWS).rev().map(|row| cell(&point, 6.0, row)).collect::<String>()
        };
        assert_eq!([-9.0, 0.0, 5.999, 6.0, 80.0].map(column), ["  ▁", " ▂█", "▇██", "███", "███"]);
    }

    #[test]
    fn only_what_has_reached_the_threshold_is_a_full_bar() {
        let at = Minute::of(Timestamp::UNIX_EPOCH);
        let shown = |worse: f64| bar(&Point { at, rule: Rule::Ratio, worse, better: 0.0 }, 6.0);
        assert_eq!([-9.0, -4.0, 0.0, 3.0, 5.999, 6.0, 80.0].map(shown), ["▁", "▁", "▄", "▆", "▇", "█", "█"]);
    }
}
