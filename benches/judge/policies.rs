//! Ways to decide on a release: the judge, and what people use today. Each sees minute after minute and names the last
//! one that it had seen when it stopped the release.

use flightdeck::release::{
    replay::{Deciders, decide},
    trace::{self, Recording},
};

use super::world::Release;

/// A way to decide.
#[derive(Clone, Copy)]
pub struct Policy {
    /// Its name in the table.
    pub name: &'static str,
    /// The minute in which it stops the release, if it does.
    pub decide: fn(&Release) -> Option<i64>,
}

/// Calls, errors and slow calls of one version in a minute.
#[derive(Clone, Copy, Default)]
struct Sums {
    calls: f64,
    errors: f64,
    slow: f64,
}

/// The judge, on a replay of the minutes.
pub fn judge(release: &Release) -> Option<i64> {
    let recording = Recording { release: String::new(), minutes: release.minutes.clone() };
    let decision = decide(&recording, Deciders::default());
    decision.verdict.finding().map(|finding| trace::number(finding.at))
}

/// Nobody can be faster: it sees the first minute of the fault.
pub fn limit(release: &Release) -> Option<i64> {
    release.is_bad().then_some(release.onset)
}

/// A CloudWatch alarm on all of the function's errors: above a rate in each of so many minutes.
pub fn alarm(release: &Release, rate: f64, minutes: usize) -> Option<i64> {
    in_a_row(release, minutes, |stable, new| stable.errors + new.errors > rate * (stable.calls + new.calls))
}

/// A threshold on the new version's errors, that acts at once.
pub fn one_check(release: &Release, rate: f64) -> Option<i64> {
    in_a_row(release, 1, |_, new| new.errors > rate * new.calls)
}

/// A threshold on the new version's errors that may be broken four times.
pub fn five_checks(release: &Release, rate: f64) -> Option<i64> {
    let mut broken = 0;
    sums(release).find_map(|(number, _, new)| {
        broken += usize::from(new.errors > rate * new.calls);
        (broken == 5).then_some(number)
    })
}

/// Rates of the minutes of both versions by rank, tested anew each minute at 1 %.
pub fn mann_whitney(release: &Release) -> Option<i64> {
    let mut rates: [[Vec<f64>; 2]; 2] = Default::default();
    sums(release).find_map(|(number, stable, new)| {
        for (version, counts) in [stable, new].into_iter().enumerate().filter(|(_, counts)| counts.calls > 0.0) {
            rates[0][version].push(counts.errors / counts.calls);
            rates[1][version].push(counts.slow / counts.calls);
        }
        rates.iter().any(|[stable, new]| is_higher_by_rank(new, stable)).then_some(number)
    })
}

/// One-sided, by the normal approximation without ties: z above the 99 % quantile, and a quarter higher on average.
fn is_higher_by_rank(new: &[f64], stable: &[f64]) -> bool {
    const QUANTILE: f64 = 2.326;
    if new.len() < 3 || stable.len() < 3 {
        return false;
    }
    let wins = |one: f64| stable.iter().map(move |other| if one > *other { 1.0 } else { 0.5 * same(one, *other) });
    let wins: f64 = new.iter().flat_map(|one| wins(*one)).sum();
    let (n, m) = (length(new), length(stable));
    let z = (wins - n * m / 2.0 - 0.5) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    z > QUANTILE && mean(new) > 1.25 * mean(stable)
}

fn same(one: f64, other: f64) -> f64 {
    if (one - other).abs() < f64::EPSILON { 1.0 } else { 0.0 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / length(values)
}

#[expect(clippy::cast_precision_loss, reason = "minutes are few")]
fn length(values: &[f64]) -> f64 {
    values.len() as f64
}

/// The minute that completes so many in a row for which something holds.
fn in_a_row(release: &Release, minutes: usize, holds: impl Fn(Sums, Sums) -> bool) -> Option<i64> {
    let mut row = 0;
    sums(release).find_map(|(number, stable, new)| {
        row = if holds(stable, new) { row + 1 } else { 0 };
        (row == minutes).then_some(number)
    })
}

/// The minutes of the release itself: number, stable and new version.
#[expect(clippy::cast_precision_loss, reason = "a minute's calls are far below 2^53")]
fn sums(release: &Release) -> impl Iterator<Item = (i64, Sums, Sums)> {
    let of = |counts: &flightdeck::release::judge::counts::Counts| Sums {
        calls: counts.calls as f64,
        errors: counts.errors as f64,
        slow: counts.slow.unwrap_or(0) as f64,
    };
    let minutes = release.minutes.iter().filter(|minute| minute.weight > 0.0);
    minutes.map(move |minute| (Release::number(minute), of(&minute.stable), of(&minute.new)))
}
