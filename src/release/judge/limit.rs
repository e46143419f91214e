//! One version against an absolute limit on its failure rate. For what the comparison cannot say: when nobody fails
//! the ratio is unknown, and where there is no history there is no baseline.
//!
//! With n calls of which e failed, mixed over a fixed grid of alternatives p = g·limit:
//! `ln E = ln Σ_g 1/G · (p/limit)^e · ((1−p)/(1−limit))^(n−e)`.
//! *Assumption*: calls fail independently (evidence is divided by φ where they do not). *Guarantee*: by Ville's
//! inequality E reaches 1/α with probability at most α while the rate is on the tested side of the limit.

use super::{math::log_sum, ratio::ln_count};

const BELOW: [f64; 5] = [0.0, 0.1, 0.25, 0.5, 0.75];
const ABOVE: [f64; 5] = [1.5, 2.0, 3.0, 5.0, 10.0];
/// No alternative claims that more than this fraction fails.
const HIGHEST: f64 = 0.95;

/// The log evidence that the failure rate is below `limit` (a fraction between 0 and 1).
pub fn log_below(calls: f64, errors: f64, limit: f64) -> f64 {
    log_evidence(calls, errors, limit, BELOW)
}

/// The log evidence that the failure rate is above `limit` (a fraction between 0 and 1).
pub fn log_above(calls: f64, errors: f64, limit: f64) -> f64 {
    log_evidence(calls, errors, limit, ABOVE)
}

fn log_evidence(calls: f64, errors: f64, limit: f64, grid: [f64; 5]) -> f64 {
    let terms = grid.map(|times| {
        let rate = (times * limit).min(HIGHEST);
        let good = (calls - errors) * ((-rate).ln_1p() - (-limit).ln_1p());
        // A version that is said never to fail is refuted by one error; without errors 0·ln 0 is 0.
        if errors > 0.0 { errors * (rate / limit).ln() + good } else { good }
    });
    log_sum(terms) - ln_count(grid.len())
}

/// How many calls without an error prove a rate below `limit` with an error of at most `beta`.
pub fn calls_to_prove(limit: f64, beta: f64) -> f64 {
    (beta.recip().ln() + ln_count(BELOW.len())) / -(-limit).ln_1p()
}
