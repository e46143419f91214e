//! Evidence that may begin at any minute. A fault that sets in late would have to work off all the evidence for health
//! gathered before it; so the evidence is mixed over the minute of its onset as well as over how bad it is. A mixture
//! with weights fixed beforehand of processes that are each at most 1 in expectation is one itself, so nothing is
//! lost of the guarantee. What is counted is not known here.

use std::f64::consts::LN_2;

use super::{
    math::{log_add, log_sum},
    ratio::ln_count,
};

/// The prior probability that a fault was there from the first minute.
const FROM_THE_START: f64 = 0.5;
/// After how many minutes half of the rest is expected to have begun: about the length of a release.
const HORIZON: f64 = 60.0;

/// How far the prior over the minute of the onset has been walked through.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Onset {
    minutes: u32,
}

impl Onset {
    /// The log prior probability that the fault begins with the next minute. The minutes add up to 1 in eternity.
    pub fn begins(&mut self) -> f64 {
        let minute = f64::from(self.minutes);
        self.minutes = self.minutes.saturating_add(1);
        if minute == 0.0 {
            return FROM_THE_START.ln();
        }
        ((1.0 - FROM_THE_START) * HORIZON / ((HORIZON + minute - 1.0) * (HORIZON + minute))).ln()
    }

    /// The log prior probability that it has not begun yet.
    pub fn waiting(self) -> f64 {
        let Some(last) = self.minutes.checked_sub(1) else { return 0.0 };
        ((1.0 - FROM_THE_START) * HORIZON / (HORIZON + f64::from(last))).ln()
    }
}

/// A mixture over N alternatives, each over the onset: `A ← (A + prior of beginning now) · factor`, in logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture<const N: usize> {
    log_masses: [f64; N],
}

impl<const N: usize> Mixture<N> {
    /// A mixture in which nothing has begun.
    pub fn waiting() -> Self {
        Self { log_masses: [f64::NEG_INFINITY; N] }
    }

    /// The average of two mixtures of the same alternatives.
    pub fn average([one, two]: &[Self; 2]) -> Self {
        let mut average = *one;
        for (mass, other) in average.log_masses.iter_mut().zip(two.log_masses) {
            *mass = log_add(*mass, other) - LN_2;
        }
        average
    }

    /// A mixture in which everything begins at once.
    pub fn begun() -> Self {
        Self { log_masses: [-ln_count(N); N] }
    }

    /// Takes a minute: the log prior of an onset now, and each alternative's log factor.
    pub fn take(&mut self, begins: f64, log_factors: [f64; N]) {
        let begins = begins - ln_count(N);
        for (mass, factor) in self.log_masses.iter_mut().zip(log_factors) {
            *mass = log_add(*mass, begins) + factor;
        }
    }

    /// The log evidence, with `waiting` the log prior of what has not begun.
    pub fn log_evidence(&self, waiting: f64) -> f64 {
        log_add(log_sum(self.log_masses), waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_priors_of_beginning_and_waiting_are_one() {
        let mut onset = Onset::default();
        let mut begun = 0.0;
        for minute in 0..500 {
            assert!((begun + onset.waiting().exp() - 1.0).abs() < 1e-12, "before minute {minute}");
            begun += onset.begins().exp();
        }
        assert!(begun > 0.9 && begun < 1.0);
    }

    #[test]
    fn a_late_fault_is_seen_in_spite_of_a_long_healthy_time() {
        let mut onset = Onset::default();
        let mut late = Mixture::<2>::waiting();
        let mut at_once = Mixture::<2>::begun();
        for minute in 0..100 {
            let factors = if minute < 90 { [-3.0, -5.0] } else { [1.0, 2.0] };
            late.take(onset.begins(), factors);
            at_once.take(f64::NEG_INFINITY, factors);
        }
        assert!(late.log_evidence(onset.waiting()) > 9.0);
        assert!(at_once.log_evidence(f64::NEG_INFINITY) < -200.0);
    }

    #[test]
    fn nothing_taken_is_no_evidence() {
        assert!(Mixture::<9>::waiting().log_evidence(Onset::default().waiting()).abs() < 1e-15);
        assert!(Mixture::<6>::begun().log_evidence(f64::NEG_INFINITY).abs() < 1e-12);
    }
}
