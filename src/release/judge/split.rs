//! Were the calls split as the weight says? The comparison of errors rests on the weight, so the weight is checked
//! against the calls, which are many: a wrong split shows long before it could mislead.
//!
//! Two-sided, with a Beta prior of strength k around the weight w:
//! `E = B(k·w + n_new, k·(1−w) + n_stable) / B(k·w, k·(1−w)) · w^−n_new · (1−w)^−n_stable`.
//! *Assumption*: each call is routed by itself. *Guarantee*: with the split as set, E ever reaches 1/α with probability
//! at most α.

use super::math::ln_beta;

/// How strongly the prior believes that a wrong split is only slightly wrong.
pub const CALLS_PRIOR: f64 = 1000.0;
/// The probability of ever distrusting a split that is as set.
const ALPHA: f64 = 0.001;

/// The log evidence that `new` of `new + stable` events is not the fraction `weight`, with a prior of strength `prior`.
pub fn log_evidence(weight: f64, new: f64, stable: f64, prior: f64) -> f64 {
    let (a, b) = (prior * weight, prior * (1.0 - weight));
    ln_beta(a + new, b + stable) - ln_beta(a, b) - new * weight.ln() - stable * (1.0 - weight).ln()
}

/// Calls by stage: the evidence of the stages multiplies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SplitCheck {
    earlier: f64,
    weight: f64,
    new: f64,
    stable: f64,
    mistrusted: bool,
}

impl SplitCheck {
    /// Takes the calls of a whole minute at a weight between 0 and 1, both exclusive.
    pub fn take(&mut self, weight: f64, new: f64, stable: f64) {
        if (self.weight - weight).abs() > f64::EPSILON {
            self.earlier = self.log_evidence();
            (self.weight, self.new, self.stable) = (weight, 0.0, 0.0);
        }
        self.new += new;
        self.stable += stable;
        self.mistrusted |= self.log_evidence() >= ALPHA.recip().ln();
    }

    /// The log evidence against the split.
    pub fn log_evidence(&self) -> f64 {
        if self.new + self.stable == 0.0 {
            return self.earlier;
        }
        self.earlier + log_evidence(self.weight, self.new, self.stable, CALLS_PRIOR)
    }

    /// Whether the calls were ever not split as the weight says.
    pub fn mistrusted(&self) -> bool {
        self.mistrusted
    }
}
