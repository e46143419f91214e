//! The delivery figures that are known as DORA's, counted from the stories of releases, each against a target. What
//! each one means is said here once, for the help and the output alike. Pure.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::story::{End, Story};

/// What is aimed at; `None` aims at nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Targets {
    /// At least so many deployments a week.
    pub deployments_per_week: Option<f64>,
    /// At most so long from commit to all the traffic.
    pub lead_time: Option<SignedDuration>,
    /// At most so many failed releases, in percent 0–100.
    pub change_failure_rate: Option<f64>,
    /// At most so long from the first bad sign to stable.
    pub recovery_time: Option<SignedDuration>,
    /// At most so long from the decision to stable.
    pub rollback_time: Option<SignedDuration>,
    /// At most so long from the first shift to all the traffic.
    pub duration: Option<SignedDuration>,
    /// At least so many releases that stayed, in percent 0–100.
    pub success_rate: Option<f64>,
    /// At least so many releases without a bad sign, in percent 0–100.
    pub zero_downtime: Option<f64>,
}

/// The figures of a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dora {
    /// From here, UTC.
    pub from: Timestamp,
    /// To here, UTC.
    pub to: Timestamp,
    /// Releases that moved traffic.
    pub deployments: usize,
    /// Of those, the ones that are over.
    pub over: usize,
    /// Of those, the ones that were rolled back.
    pub rolled_back: usize,
    /// The figures, in the order of their definitions.
    pub figures: Vec<Figure>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub definition: &'static str,
    /// The value; missing where nothing in this time tells.
    pub value: Option<f64>,
    /// What it is counted in.
    pub unit: Unit,
    /// From how many releases.
    pub of: usize,
    /// What is aimed at, in the same unit.
    pub target: Option<f64>,
    /// Whether the target is met; missing without a value or a target.
    pub met: Option<bool>,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Deployments a week: more is better.
    PerWeek,
    /// Percent 0–100: less is better.
    Percent,
    /// Percent 0–100: more is better.
    Share,
    /// Seconds: less is better.
    Seconds,
}

/// The figures' names and what they count.
pub const DEFINITIONS: [(&str, &str); 8] = [
    ("deployment frequency", "releases that moved traffic to a new version, for each week of the time looked at"),
    (
        "lead time",
        "median time from a change's commit to all the traffic on it, for each function whose new version carries a \
         commit time (committed=2026-11-20T14:00:00Z in its description, or in a tag)",
    ),
    ("change failure rate", "releases that were rolled back, of those that moved traffic and are over"),
    (
        "time to recovery",
        "median time from the first bad sign (a critical gate that fails, a verdict against the new version, an alarm) \
         to stable everywhere; where there was no sign, from the first shift",
    ),
    ("rollback time", "median time from the decision to roll back to the last acknowledgement by AWS"),
    ("duration", "median time from the first shift to all the traffic, the watch not counted"),
    ("success rate", "releases that stayed, of those that moved traffic and are over"),
    (
        "zero downtime",
        "releases in which no critical gate failed, health endpoints among them, no verdict spoke against the new version \
         and no alarm rang, of those that are over",
    ),
];

/// Counts the figures of the releases between two moments.
pub fn count(stories: &[Story], from: Timestamp, to: Timestamp, targets: &Targets) -> Dora {
    let deployed: Vec<&Story> =
        stories.iter().filter(|story| story.first_shift().is_some_and(|at| from <= at && at <= to)).collect();
    let over: Vec<&Story> =
        deployed.iter().copied().filter(|story| !matches!(story.end, End::UnderWay { .. })).collect();
    let back: Vec<&Story> = over.iter().copied().filter(|story| matches!(story.end, End::RolledBack { .. })).collect();
    let weeks = to.duration_since(from).as_secs_f64() / (7.0 * 86_400.0);
    let frequency = (weeks > 0.0).then(|| number(deployed.len()) / weeks);
    let share = |count: usize| (!over.is_empty()).then(|| 100.0 * number(count) / number(over.len()));
    let calm = over.iter().filter(|story| story.first_bad_sign.is_none()).count();
    let [
        named_frequency,
        named_lead,
        named_failures,
        named_recovery,
        named_rollback,
        named_duration,
        named_success,
        named_calm,
    ] = DEFINITIONS;
    let times = |named, target, lengths: Vec<SignedDuration>| {
        let target = Option::map(target, |target: SignedDuration| target.as_secs_f64());
        figure(named, median(&lengths), Unit::Seconds, lengths.len(), target)
    };
    let figures = vec![
        figure(named_frequency, frequency, Unit::PerWeek, deployed.len(), targets.deployments_per_week),
        times(named_lead, targets.lead_time, over.iter().flat_map(|story| lead_times(story)).collect()),
        figure(named_failures, share(back.len()), Unit::Percent, over.len(), targets.change_failure_rate),
        times(named_recovery, targets.recovery_time, back.iter().filter_map(|story| recovery(story)).collect()),
        times(
            named_rollback,
            targets.rollback_time,
            back.iter().filter_map(|story| story.rolled_back_within).collect(),
        ),
        times(named_duration, targets.duration, deployed.iter().filter_map(|story| story.without_watch()).collect()),
        figure(named_success, share(over.len() - back.len()), Unit::Share, over.len(), targets.success_rate),
        figure(named_calm, share(calm), Unit::Share, over.len(), targets.zero_downtime),
    ];
    Dora { from, to, deployments: deployed.len(), over: over.len(), rolled_back: back.len(), figures }
}

/// The commit time in a version's description or a tag's value: the first RFC 3339 time behind a word that begins with
/// `commit`, or the time alone.
pub fn commit_time(text: &str) -> Option<Timestamp> {
    let time = |text: &str| text.trim_matches(|c: char| !c.is_ascii_alphanumeric()).parse().ok();
    let behind = text.match_indices("commit").find_map(|(at, _)| {
        let words = text.get(at..)?.split(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | ';' | '(' | ')'));
        words.take(4).find_map(|word| time(word).or_else(|| time(word.split_once(':')?.1)))
    });
    behind.or_else(|| time(text.trim()))
}

fn figure(
    (name, definition): (&'static str, &'static str),
    value: Option<f64>,
    unit: Unit,
    of: usize,
    target: Option<f64>,
) -> Figure {
    let met = value.zip(target).map(|(value, target)| match unit {
        Unit::PerWeek | Unit::Share => value >= target,
        Unit::Percent | Unit::Seconds => value <= target,
    });
    Figure { name, definition, value, unit, of, target, met }
}

/// From commit to all the traffic, for the functions of a release that stayed.
fn lead_times(story: &Story) -> Vec<SignedDuration> {
    if !matches!(story.end, End::AllClear) {
        return Vec::new();
    }
    let lead = |function: &super::story::Function| {
        let whole = function.shifts.iter().find(|shift| shift.percent >= 100.0)?;
        Some(whole.at.duration_since(function.committed?)).filter(|lead| !lead.is_negative())
    };
    story.functions.iter().filter_map(lead).collect()
}

/// From the first bad sign to stable everywhere, where it is known when that was.
fn recovery(story: &Story) -> Option<SignedDuration> {
    let End::RolledBack { after: Some(_), .. } = story.end else { return None };
    let back = story.ended?;
    let sign = story.first_bad_sign.filter(|sign| *sign <= back).or_else(|| story.first_shift())?;
    Some(back.duration_since(sign))
}

/// The median in seconds; of an even number the middle of the two in the middle.
fn median(lengths: &[SignedDuration]) -> Option<f64> {
    let mut seconds: Vec<f64> = lengths.iter().map(SignedDuration::as_secs_f64).collect();
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.len() / 2;
    let upper = *seconds.get(middle)?;
    if seconds.len() % 2 == 1 {
        return Some(upper);
    }
    seconds.get(middle.checked_sub(1)?).map(|lower| f64::midpoint(*lower, upper))
}

#[expect(clippy::cast_precision_loss, reason = "nobody has made more releases than f64 counts")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
