//! The errors of two versions that share the traffic: does the new one fail more often? Pure formulas over counts; who
//! counted, and when, is not known here.
//!
//! While both versions serve, each call is routed to the new one with the known probability w, whatever the load and
//! the dependencies do. So an error comes from the new version with probability
//! `θ(r) = w·r / (w·r + 1 − w)`, where r is the ratio of the two failure rates, and everything that hits both versions
//! alike cancels (Lindon and Malek, *Anytime-valid inference for multinomial count data*, 2022). The evidence
//! against "r is at most r₀" is a likelihood ratio mixed over a fixed grid of alternatives g·r₀:
//!
//! `ln E = ln Σ_g 1/G · Π [ g^E_new · ((w·r₀ + 1 − w) / (w·r₀·g + 1 − w))^(E_new + E_stable) ]`
//!
//! *Assumptions*: calls are routed independently with probability w, and one error does not bring on another.
//! *Guarantee*: each error's factor has expectation at most 1 for every r ≤ r₀, so E is a nonnegative supermartingale
//! and, by Ville's inequality, reaches 1/α with probability at most α, however often one looks and however long the
//! release takes.
//!
//! *Bursts* break the second assumption. Where φ errors count as one ([`super::burst`]), a minute's evidence is read in
//! two ways, which are averaged; neither is right for every kind of burst, and each is strong where the other is weak:
//!
//! - *divided*: the logarithm of each factor over φ. Exact for clusters of φ errors, conservative for smaller ones, and
//!   fast where one minute shows a great deal.
//! - *clustered*: clusters of φ errors on average, each with one version, make the new version's part of a minute's
//!   errors beta-binomial. The factor is the likelihood of a g times higher rate over the *highest* likelihood of equal
//!   rates: with these clusters, with larger and smaller ones, or with none. So it is at most 1 in expectation whichever
//!   of them is true, and many minutes with a little convince it sooner than one with a lot.

use super::math::{ln_gamma, log_sum};

/// How many times worse than tolerated the alternatives of the regression test are.
pub const WORSE: [f64; 9] = [1.25, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0];
/// How many times better than tolerable the alternatives of the test for PASS are.
pub const BETTER: [f64; 6] = [0.9, 0.75, 0.6, 0.5, 0.4, 0.25];

/// φ closer to 1 than this is 1.
const SINGLE: f64 = 0.02;
/// The null hypothesis includes clusters so many times as large as they are believed to be.
const CLUSTER_SIZES: [f64; 3] = [0.125, 1.0, 2.0];

/// Errors (or slow calls) of both versions while the weight stood still: of one minute, where they come in bursts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    /// The new version's share of the calls as set, a fraction between 0 and 1, both exclusive.
    pub weight: f64,
    /// Errors of the new version.
    pub new: f64,
    /// Errors of the stable version.
    pub stable: f64,
    /// How many errors of both versions are usual for so many calls.
    pub usual: f64,
    /// How many errors count as one (φ): 1 where each came by itself.
    pub burst: f64,
}

impl Shared {
    /// The log likelihood ratios of "the new version fails `ratio`·g times as often as the stable one" over "`ratio`
    /// times as often", for each g of a grid, divided by the burst.
    pub fn divided<const N: usize>(&self, ratio: f64, grid: &[f64; N]) -> [f64; N] {
        let null = self.log_single(ratio);
        grid.map(|times| (self.log_single(ratio * times) - null) / self.burst)
    }

    /// The same where errors come in clusters, over the likeliest kind of clusters.
    pub fn clustered<const N: usize>(&self, ratio: f64, grid: &[f64; N]) -> [f64; N] {
        let errors = self.new + self.stable;
        if self.burst - 1.0 < SINGLE || errors == 0.0 {
            return self.divided(ratio, grid);
        }
        let clusters = self.usual.max(errors) / (self.burst - 1.0);
        let of_size = |times: f64| self.log_clustered(ratio, clusters / times);
        let null = CLUSTER_SIZES.into_iter().map(of_size).fold(self.log_single(ratio), f64::max);
        grid.map(|times| self.log_clustered(ratio * times, clusters) - null)
    }

    /// The log likelihood of how the errors fell to the versions, each by itself.
    fn log_single(&self, ratio: f64) -> f64 {
        let odds = self.weight * ratio;
        let rest = 1.0 - self.weight;
        self.new * (odds / (odds + rest)).ln() + self.stable * (rest / (odds + rest)).ln()
    }

    /// The same where they come in clusters, so many where rates are equal: beta-binomial.
    fn log_clustered(&self, ratio: f64, clusters: f64) -> f64 {
        let (a, b) = (self.weight * ratio * clusters, (1.0 - self.weight) * clusters);
        ln_rising(a, self.new) + ln_rising(b, self.stable) - ln_rising(a + b, self.new + self.stable)
    }
}

/// `ln Γ(a + n) / Γ(a)`.
fn ln_rising(a: f64, n: f64) -> f64 {
    if n == 0.0 { 0.0 } else { ln_gamma(a + n) - ln_gamma(a) }
}

/// The log evidence that the ratio is above `tolerated`, over any number of stages.
pub fn log_worse(stages: &[Shared], tolerated: f64) -> f64 {
    log_evidence(stages, tolerated, &WORSE)
}

/// The log evidence that the ratio is below `tolerable`: the dual, which proves a release good rather than bad.
pub fn log_better(stages: &[Shared], tolerable: f64) -> f64 {
    log_evidence(stages, tolerable, &BETTER)
}

fn log_evidence<const N: usize>(stages: &[Shared], ratio: f64, grid: &[f64; N]) -> f64 {
    let mut totals = [0.0; N];
    for stage in stages {
        for (total, factor) in totals.iter_mut().zip(stage.divided(ratio, grid)) {
            *total += factor;
        }
    }
    log_sum(totals) - ln_count(N)
}

/// `ln n` of a grid's size.
pub(super) fn ln_count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, |count| f64::from(count).ln())
}

/// An interval for the ratio of the failure rates that holds at every look at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The ratio is above this; 0 where nothing says so.
    pub low: f64,
    /// The ratio is below this; infinite where nothing says so.
    pub high: f64,
}

/// The ratios that neither test rejects at `error` on its side: each bound is missed with probability at most `error`
/// over the whole release.
pub fn interval(stages: &[Shared], error: f64) -> Interval {
    const LOWEST: f64 = 1e-4;
    const HIGHEST: f64 = 1e4;
    let enough = error.recip().ln();
    let above = |ratio: f64| log_worse(stages, ratio) >= enough;
    let below = |ratio: f64| log_better(stages, ratio) >= enough;
    Interval {
        low: if above(LOWEST) { crossing(LOWEST, HIGHEST, above) } else { 0.0 },
        high: if below(HIGHEST) { crossing(HIGHEST, LOWEST, below) } else { f64::INFINITY },
    }
}

/// Where a condition that holds at `holds` and not at `fails` stops to hold, by halving on the log scale.
fn crossing(mut holds: f64, mut fails: f64, condition: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = (holds * fails).sqrt();
        if condition(middle) {
            holds = middle;
        } else {
            fails = middle;
        }
    }
    holds
}
