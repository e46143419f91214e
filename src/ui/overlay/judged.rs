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
            &format!("v{new} {by_new}, v{stable} {by_stable}; {ratio}"),
            theme.text(),
        );
        dialog.fact(theme, "evidence", &chart(&known, room.saturating_sub(super::NAME + 24)), theme.text());
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

/// The evidence minute by minute, the newest on the right: `0.01× ▁▁▂▃▅█ 600×`. A full bar has reached the threshold.
fn chart(known: &Evidence<'_>, columns: usize) -> String {
    let newest = known.points.iter().skip(known.points.len().saturating_sub(columns.max(1)));
    let bars: String = newest.map(|point| bar(point, known.threshold)).collect();
    let last = known.points.last().map_or(0.0, |point| point.worse);
    format!("{bars}  {} of {}", in_odds(last), in_odds(known.threshold))
}

fn bar(point: &Point, threshold: f64) -> &'static str {
    let share = ((point.worse - LOWEST) / (threshold - LOWEST)).clamp(0.0, 1.0);
    let full = BARS.len() - 1;
    // Only what has reached the threshold is full.
    let reached = (1..full).take_while(|step| share >= fraction(*step, full)).count();
    if point.worse >= threshold { BARS[full] } else { BARS[reached.min(full - 1)] }
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
    fn only_what_has_reached_the_threshold_is_a_full_bar() {
        let at = Minute::of(Timestamp::UNIX_EPOCH);
        let shown = |worse: f64| bar(&Point { at, rule: Rule::Ratio, worse, better: 0.0 }, 6.0);
        assert_eq!([-9.0, -4.0, 0.0, 3.0, 5.999, 6.0, 80.0].map(shown), ["▁", "▁", "▄", "▆", "▇", "█", "█"]);
    }
}
