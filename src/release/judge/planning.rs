//! How much data a judgement takes: what a stage can show in the time it is given, and what is still missing. From the
//! information that each error carries; nothing here looks at the errors themselves.

use super::ratio::{WORSE, ln_count};

/// What is assumed of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// The new version's share of the calls, a fraction; 1 is judged against the frozen baseline.
    pub weight: f64,
    /// The stable version's rate of errors (or slow calls), a fraction.
    pub rate: f64,
    /// How many errors count as one.
    pub burst: f64,
    /// The probability of a false alarm that this one test may use.
    pub alpha: f64,
}

impl Stage {
    /// How many errors of both versions together show a ratio of `ratio`: the threshold over the information that an
    /// error carries, the Kullback–Leibler divergence of θ(ratio) from the weight.
    pub fn errors(&self, ratio: f64) -> f64 {
        let threshold = self.alpha.recip().ln() + ln_count(WORSE.len());
        let information = if self.weight < 1.0 {
            let theta = self.weight * ratio / (self.weight * ratio + 1.0 - self.weight);
            theta * (theta / self.weight).ln() + (1.0 - theta) * ((1.0 - theta) / (1.0 - self.weight)).ln()
        } else {
            // Poisson counts against a known rate, by error of the new version.
            ratio.ln() - 1.0 + ratio.recip()
        };
        threshold * self.burst / information
    }

    /// How many calls of both versions together it takes to show a ratio of `ratio`.
    pub fn calls(&self, ratio: f64) -> f64 {
        self.errors(ratio) / (self.rate * (self.weight * ratio + 1.0 - self.weight)).min(1.0)
    }

    /// The smallest ratio that so many calls show. `None` where not even a version that always fails would.
    pub fn smallest_ratio(&self, calls: f64) -> Option<f64> {
        let worst = self.rate.recip();
        let (mut shown, mut hidden) = (worst, 1.0);
        if !(worst > 1.0 && self.calls(worst) <= calls) {
            return None;
        }
        for _ in 0..60 {
            let middle = f64::midpoint(shown, hidden);
            if self.calls(middle) <= calls {
                shown = middle;
            } else {
                hidden = middle;
            }
        }
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(weight: f64) -> Stage {
        Stage { weight, rate: 0.005, burst: 1.0, alpha: 0.01 }
    }

    #[test]
    fn errors_needed_by_weight_and_ratio() {
        for (weight, expected) in [
            (0.1, [745.0, 222.0, 74.0, 29.0, 12.0]),
            (0.5, [338.0, 121.0, 53.0, 29.0, 18.0]),
            (0.05, [1368.0, 395.0, 125.0, 45.0, 17.0]),
        ] {
            for (ratio, errors) in [1.5, 2.0, 3.0, 5.0, 10.0].into_iter().zip(expected) {
                let found = stage(weight).errors(ratio);
                assert!((found - errors).abs() < 1.0, "weight {weight}, ratio {ratio}: {found}, not {errors}");
            }
        }
    }

    #[test]
    fn bursts_need_more_data_and_a_stable_that_never_fails_needs_most() {
        let bursty = Stage { burst: 3.0, ..stage(0.1) };
        assert!((bursty.calls(3.0) / stage(0.1).calls(3.0) - 3.0).abs() < 1e-9);
        assert!(Stage { rate: 1e-9, ..stage(0.1) }.calls(3.0) > 1e9);
    }

    #[test]
    fn the_smallest_ratio_shrinks_with_calls() {
        let by = |calls| stage(0.1).smallest_ratio(calls);
        assert_eq!(by(1.0), None);
        let (few, many) = (by(1_000.0).unwrap(), by(100_000.0).unwrap());
        assert!(few > 5.0 && many < 2.0, "{few} {many}");
        assert!((stage(0.1).calls(many) - 100_000.0).abs() < 1.0);
        assert!(stage(1.0).smallest_ratio(100_000.0).unwrap() < many);
    }
}
