//! The few special functions that the tests need, in natural logarithms throughout: evidence over a long release leaves
//! the range of a float long before it leaves the range of its logarithm.

use std::f64::consts::PI;

/// `ln(e^a + e^b)`, exact where one of them is minus infinity.
pub fn log_add(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small == f64::NEG_INFINITY { large } else { large + (small - large).exp().ln_1p() }
}

/// `ln Σ e^v`; minus infinity for nothing.
pub fn log_sum(values: impl IntoIterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().into_iter().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + values.into_iter().map(|value| (value - largest).exp()).sum::<f64>().ln()
}

/// `ln Γ(x)` for x > 0, by Stirling's series, shifted to where seven terms are exact to a float's last digits.
pub fn ln_gamma(x: f64) -> f64 {
    const SERIES: [f64; 7] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    const FAR: f64 = 12.0;
    let mut shifted = x;
    let mut product = 1.0;
    while shifted < FAR {
        product *= shifted;
        shifted += 1.0;
    }
    let inverse = shifted.recip();
    let square = inverse * inverse;
    let tail = SERIES.iter().rev().fold(0.0, |sum, term| sum * square + term) * inverse;
    (shifted - 0.5) * shifted.ln() - shifted + 0.5 * (2.0 * PI).ln() + tail - product.ln()
}

/// `ln B(a, b)`.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// `ln(1 − I_x(a, b))`, the logarithm of a beta distribution's mass above `x`.
pub fn ln_beta_above(x: f64, a: f64, b: f64) -> f64 {
    // The fraction converges fast on the far side of the mean; the near side is its complement.
    if 1.0 - x < (b + 1.0) / (a + b + 2.0) {
        return ln_beta_tail(1.0 - x, b, a);
    }
    (-ln_beta_tail(x, a, b).exp()).ln_1p()
}

/// `ln I_x(a, b)` for `x` below the mean, by Lentz's continued fraction (NIST DLMF 8.17.22).
fn ln_beta_tail(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut upper = 1.0;
    let mut lower = away(1.0 - (a + b) * x / (a + 1.0)).recip();
    let mut fraction = lower;
    for step in 1..500 {
        let at = f64::from(step);
        let even = at * (b - at) * x / ((a + 2.0 * at - 1.0) * (a + 2.0 * at));
        let odd = -(a + at) * (a + b + at) * x / ((a + 2.0 * at) * (a + 2.0 * at + 1.0));
        let before = fraction;
        for term in [even, odd] {
            lower = away(1.0 + term * lower).recip();
            upper = away(1.0 + term / upper);
            fraction *= upper * lower;
        }
        if (fraction / before - 1.0).abs() < 1e-15 {
            break;
        }
    }
    a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b) - a.ln() + fraction.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-11 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    #[test]
    fn sums_of_exponentials() {
        close(log_add(1.0_f64.ln(), 2.0_f64.ln()), 3.0_f64.ln());
        close(log_add(-2000.0, -2000.0), -2000.0 + 2.0_f64.ln());
        close(log_add(f64::NEG_INFINITY, 5.0), 5.0);
        assert!(log_add(f64::NEG_INFINITY, f64::NEG_INFINITY).is_infinite());
        close(log_sum([800.0, 800.0, 800.0]), 800.0 + 3.0_f64.ln());
        assert!(log_sum([]).is_infinite());
    }

    #[test]
    fn the_gamma_function() {
        close(ln_gamma(1.0), 0.0);
        close(ln_gamma(0.5), PI.sqrt().ln());
        close(ln_gamma(11.0), 3_628_800.0_f64.ln());
        close(ln_gamma(1e-3), 6.907_178_885_383_853);
        close(ln_gamma(10_000.0), 82_099.717_496_442_38);
        close(ln_beta(2.0, 3.0), (1.0_f64 / 12.0).ln());
    }

    #[test]
    fn the_upper_part_of_a_beta_distribution() {
        // Of a uniform, of a symmetric one, and from its finite sum: 1 − I_x(2, 3) = 1 − 6x² + 8x³ − 3x⁴.
        close(ln_beta_above(0.3, 1.0, 1.0), 0.7_f64.ln());
        close(ln_beta_above(0.5, 40.0, 40.0), 0.5_f64.ln());
        for x in [0.05_f64, 0.3, 0.7, 0.95] {
            let exact = 1.0 - 6.0 * x.powi(2) + 8.0 * x.powi(3) - 3.0 * x.powi(4);
            assert!((ln_beta_above(x, 2.0, 3.0).exp() - exact).abs() < 1e-13);
        }
    }
}
