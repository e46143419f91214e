//! The comparison that needs no weight: two versions by their own counts, minute by minute. It is the fallback when the
//! calls were not split as the weight says, at some cost in power.
//!
//! For each closed minute and each alternative (`θ_new > θ_stable`), both fixed beforehand, a factor of each version with
//! n calls and e errors, `(θ/θ₀)^e · ((1−θ)/(1−θ₀))^(n−e)`, where θ₀ is the common rate that the calls of the minute
//! would have, `(n_new·θ_new + n_stable·θ_stable) / (n_new + n_stable)`. Minutes multiply per alternative, and
//! alternatives are averaged (Turner, Ly and Grünwald, *Generic E-variables for exact sequential k-sample tests*, arXiv
//! 2106.02693). *Assumption*: calls fail independently within a minute, or in clusters of φ, by which the evidence is
//! then divided; the common rate may change from minute to minute. *Guarantee*: E is at most 1 in expectation while the
//! new version's rate is at most the stable one's, whatever the split.

use super::{math::log_sum, ratio::ln_count};

const STABLE_RATES: [f64; 8] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
const RATIOS: [f64; 5] = [1.5, 2.0, 3.0, 5.0, 8.0];
const ALTERNATIVES: usize = STABLE_RATES.len() * RATIOS.len();

/// One minute's calls and errors of both versions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Calls of the new version.
    pub new_calls: f64,
    /// Those that failed.
    pub new_errors: f64,
    /// Calls of the stable version.
    pub stable_calls: f64,
    /// Those that failed.
    pub stable_errors: f64,
}

impl Block {
    /// The log factor of one alternative. A minute that one version sat out says nothing.
    pub fn log_factor(&self, new: f64, stable: f64) -> f64 {
        let calls = self.new_calls + self.stable_calls;
        if self.new_calls == 0.0 || self.stable_calls == 0.0 {
            return 0.0;
        }
        let common = (self.new_calls * new + self.stable_calls * stable) / calls;
        let side = |calls: f64, errors: f64, rate: f64| {
            errors * (rate / common).ln() + (calls - errors) * ((-rate).ln_1p() - (-common).ln_1p())
        };
        side(self.new_calls, self.new_errors, new) + side(self.stable_calls, self.stable_errors, stable)
    }
}

/// The evidence of the blocks so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    log_factors: [f64; ALTERNATIVES],
}

impl Default for Blocks {
    fn default() -> Self {
        Self { log_factors: [0.0; ALTERNATIVES] }
    }
}

impl Blocks {
    /// Takes one more minute, in which so many errors (`burst`) count as one.
    pub fn take(&mut self, block: &Block, burst: f64) {
        let by_rate = |stable: &'static f64| RATIOS.iter().map(move |ratio| (stable * ratio, *stable));
        let alternatives = STABLE_RATES.iter().flat_map(by_rate);
        for (sum, (new, stable)) in self.log_factors.iter_mut().zip(alternatives) {
            *sum += block.log_factor(new, stable) / burst;
        }
    }

    /// The log evidence that the new version fails more often.
    pub fn log_evidence(&self) -> f64 {
        log_sum(self.log_factors) - ln_count(ALTERNATIVES)
    }
}
