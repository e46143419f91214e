//! Do both versions fail alike? Each is watched against the frozen baseline with a cumulative sum that forgets good
//! times at once (Page, *Continuous inspection schemes*, 1954), and that is capped, so that it falls as soon as the
//! trouble is over. If both are up while they run side by side, a dependency is failing and not the release.

use super::{
    baseline::{Baseline, log_likelihood},
    math::log_sum,
    ratio::{WORSE, ln_count},
};

/// How sure it must be that the new version is in trouble, too, which has fewer calls to show it; and below which the
/// stable version's trouble counts as over. A log likelihood ratio.
const IN_TROUBLE: f64 = 2.3;

/// The two sums, as log likelihood ratios.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Alike {
    stable: f64,
    new: f64,
    is_stable_troubled: bool,
    active: bool,
}

impl Alike {
    /// Whether both versions fail alike now.
    pub fn is_active(self) -> bool {
        self.active
    }

    /// Takes a minute that both versions shared: calls and errors of each.
    pub fn take_shared(&mut self, baseline: &Baseline, stable: (f64, f64), new: (f64, f64), threshold: f64) {
        self.stable = step(self.stable, baseline, stable, threshold);
        self.new = step(self.new, baseline, new, threshold);
        // One quiet minute amid failures does not end them.
        self.is_stable_troubled = self.stable >= if self.is_stable_troubled { IN_TROUBLE } else { threshold };
        self.active = self.is_stable_troubled && self.new >= IN_TROUBLE;
    }

    /// Takes a minute of the new version alone. Trouble that the stable version had when it was last seen goes on until
    /// it ends; none begins.
    pub fn take_alone(&mut self, baseline: &Baseline, new: (f64, f64), threshold: f64) {
        if self.is_stable_troubled {
            (self.new, self.active) = (self.new.max(self.stable), true);
        }
        self.is_stable_troubled = false;
        self.new = step(self.new, baseline, new, threshold);
        self.active &= self.new >= IN_TROUBLE;
    }
}

fn step(sum: f64, baseline: &Baseline, (calls, errors): (f64, f64), cap: f64) -> f64 {
    let mean = calls * baseline.high_rate();
    if mean == 0.0 {
        return sum;
    }
    let usual = log_likelihood(errors, mean, baseline.burst);
    let factors = WORSE.map(|times| log_likelihood(errors, mean * times, baseline.burst) - usual);
    (sum + log_sum(factors) - ln_count(WORSE.len())).clamp(0.0, cap)
}
