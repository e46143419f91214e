//! Slower or not, when slow calls cannot be counted: of the minutes in which both versions were busy, in how many was
//! the new one slower?
//!
//! After k slower minutes of n, with a uniform prior on the probability above ½:
//! `E = B(1+k, 1+n−k) · P(Beta(1+k, 1+n−k) > ½) / ½ · 2^n`.
//! *Assumption*: with equal versions a minute is as likely to be slower as faster, which holds by symmetry for equal
//! counts and errs on the safe side for a high percentile of fewer calls; so it is fed with p90 of minutes with at
//! least [`LEAST_CALLS`] calls each. *Guarantee*: E reaches 1/α with probability at most α. At α = 0.01 it takes nine
//! unanimous minutes.

use std::f64::consts::LN_2;

use super::math::{ln_beta, ln_beta_above};

/// A percentile of fewer calls than this says too little.
pub const LEAST_CALLS: u64 = 30;
/// How much slower counts as slower, as a fraction.
const NOTICEABLE: f64 = 0.05;

/// The minutes compared so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signs {
    /// Minutes in which the new version was slower.
    pub slower: u32,
    /// Minutes compared, ties left out.
    pub compared: u32,
}

impl Signs {
    /// Compares a minute's p90 of both versions in ms.
    pub fn take(&mut self, new: f64, stable: f64) {
        let limit = stable * (1.0 + NOTICEABLE);
        if !(new.is_finite() && stable.is_finite()) || (new - limit).abs() < f64::EPSILON {
            return;
        }
        self.compared += 1;
        self.slower += u32::from(new > limit);
    }

    /// After how many minutes, all of them slower, the log evidence reaches a threshold.
    pub fn minutes_to_tell(threshold: f64) -> u32 {
        const MANY: u32 = 100;
        let unanimous = |minutes: &u32| Self { slower: *minutes, compared: *minutes }.log_evidence() >= threshold;
        (1..MANY).find(unanimous).unwrap_or(MANY)
    }

    /// The log evidence that the new version is slower.
    pub fn log_evidence(&self) -> f64 {
        let (slower, compared) = (f64::from(self.slower), f64::from(self.compared));
        let (a, b) = (1.0 + slower, 1.0 + compared - slower);
        ln_beta(a, b) + ln_beta_above(0.5, a, b) + LN_2 + compared * LN_2
    }
}
