//! CloudWatch's statistics over the weighted samples of one period.
//! The definitions follow
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>.

use crate::sim::world::{self, Observation};

/// What to compute of a period's samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// One that alarms use as well.
    Plain(world::Statistic),
    /// How many samples lie in the range: `TC(1000:)`.
    TrimmedCount(Range),
    /// Which percent (0–100) of the samples lies in the range: `PR(:300)`.
    PercentileRank(Range),
}

/// Values from above `low` to `high`: AWS leaves the lower bound out and takes the upper bound in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Exclusive; minus infinity where it is open.
    pub low: f64,
    /// Inclusive; infinity where it is open.
    pub high: f64,
}

impl Statistic {
    /// Reads a statistic as GetMetricData's `Stat` names it; none if the embedded AWS knows no such statistic.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(plain) = world::Statistic::parse(text) {
            return Some(Self::Plain(plain));
        }
        let (name, rest) = text.split_at_checked(2)?;
        let range = Range::parse(rest.strip_prefix('(')?.strip_suffix(')')?)?;
        match name {
            "TC" => Some(Self::TrimmedCount(range)),
            "PR" => Some(Self::PercentileRank(range)),
            _ => None,
        }
    }

    /// The statistic of what was seen; none if nothing was.
    pub fn of(self, seen: &Observation) -> Option<f64> {
        let count = seen.count();
        if count <= 0.0 {
            return None;
        }
        Some(match self {
            Self::Plain(plain) => plain.of(seen),
            Self::TrimmedCount(range) => range.count(&seen.samples),
            Self::PercentileRank(range) => 100.0 * range.count(&seen.samples) / count,
        })
    }
}

impl Range {
    /// `150:1000`, `:300`, `1000:`.
    fn parse(text: &str) -> Option<Self> {
        let (low, high) = text.split_once(':')?;
        let bound = |text: &str, open| if text.is_empty() { Some(open) } else { parse_number(text) };
        let range = Self { low: bound(low, f64::NEG_INFINITY)?, high: bound(high, f64::INFINITY)? };
        let is_open = low.is_empty() && high.is_empty();
        (!is_open && range.low < range.high).then_some(range)
    }

    fn count(self, samples: &[(f64, f64)]) -> f64 {
        samples.iter().filter(|(value, _)| *value > self.low && *value <= self.high).map(|(_, count)| count).sum()
    }
}

/// A plain decimal number: no sign, no exponent, no words such as "inf".
fn parse_number(text: &str) -> Option<f64> {
    let is_plain =
        text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(samples: &[(f64, f64)]) -> Observation {
        Observation { samples: samples.to_vec() }
    }

    fn of(stat: &str, samples: &[(f64, f64)]) -> Option<f64> {
        Statistic::parse(stat).expect(stat).of(&seen(samples))
    }

    fn assert_near(stat: &str, samples: &[(f64, f64)], expected: f64) {
        let got = of(stat, samples).unwrap();
        assert!((got - expected).abs() < 1e-9, "{stat} of {samples:?} is {got}, not {expected}");
    }

    #[test]
    fn plain_statistics_weigh_their_samples() {
        let samples = [(10.0, 1.0), (20.0, 2.0), (50.0, 1.0)];
        for (stat, expected) in
            [("SampleCount", 4.0), ("Sum", 100.0), ("Average", 25.0), ("Minimum", 10.0), ("Maximum", 50.0)]
        {
            assert_near(stat, &samples, expected);
        }
    }

    #[test]
    fn percentiles_interpolate() {
        let tens: Vec<(f64, f64)> = (0..10).map(|n| (f64::from(n) * 10.0 + 1.0, 1.0)).collect();
        assert_near("p99", &tens, 90.1);
        assert_near("p50", &tens, 46.0);
        assert_near("p0", &tens, 1.0);
        assert_near("p100", &tens, 91.0);
        assert_near("p99.9", &tens, 90.91);
    }

    #[test]
    fn ranges_leave_out_the_lower_bound_and_take_in_the_upper() {
        let samples = [(100.0, 1.0), (300.0, 2.0), (500.0, 1.0)];
        assert_near("TC(:300)", &samples, 3.0);
        assert_near("TC(300:)", &samples, 1.0);
        assert_near("TC(100:300)", &samples, 2.0);
        assert_near("PR(:300)", &samples, 75.0);
        assert_near("PR(1000:)", &samples, 0.0);
    }

    #[test]
    fn no_samples_have_no_statistic() {
        for stat in ["Sum", "SampleCount", "p50", "TC(:5)", "PR(5:)"] {
            assert_eq!(of(stat, &[]), None, "{stat}");
        }
    }

    #[test]
    fn what_is_no_statistic_is_refused() {
        for text in [
            "", "p", "p101", "p-1", "pinf", "sum", "TC", "TC()", "TC(:)", "TC(5:1)", "PR(a:b)", "TC(1:2", "é(1:2)",
            "tm90",
        ] {
            assert_eq!(Statistic::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*") {
            let _ = Statistic::parse(&text);
        }

        #[test]
        fn both_sides_of_a_threshold_make_the_whole(
            samples in proptest::collection::vec((0.0..2000.0_f64, 1..9_u8), 1..50), threshold in 1.0..2000.0_f64,
        ) {
            let samples = samples.into_iter().map(|(value, count)| (value, f64::from(count))).collect();
            let seen = Observation { samples };
            let (below, above) = (Range { low: f64::NEG_INFINITY, high: threshold }, Range { low: threshold, high: f64::INFINITY });
            let both = Statistic::TrimmedCount(below).of(&seen).unwrap() + Statistic::TrimmedCount(above).of(&seen).unwrap();
            prop_assert!((both - seen.count()).abs() < 1e-9);
        }
    }
}
