//! Metrics as CloudWatch keeps them: a name with dimensions, and per period the values that were seen with how often.
//! It does not know where the values come from.

use std::collections::BTreeMap;

use super::spec::MetricSpec;

/// The name of a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId {
    /// Its namespace, for example `AWS/Lambda`.
    pub namespace: String,
    /// Its name, for example `Errors`.
    pub name: String,
    /// Its dimensions; a metric with fewer or more of them is another metric.
    pub dimensions: BTreeMap<String, String>,
}

impl MetricId {
    /// A metric by its parts.
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        }
    }
}

impl From<&MetricSpec> for MetricId {
    fn from(spec: &MetricSpec) -> Self {
        Self { namespace: spec.namespace.clone(), name: spec.name.clone(), dimensions: spec.dimensions.clone() }
    }
}

/// What was seen of a metric in a period: values and how often each. It is never empty where it is handed out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observation {
    /// Value and count. The counts are whole numbers.
    pub samples: Vec<(f64, f64)>,
}

impl Observation {
    /// Adds a value that was seen `count` times; a count of zero adds nothing.
    pub fn add(&mut self, value: f64, count: f64) {
        if count <= 0.0 {
            return;
        }
        match self.samples.last_mut() {
            #[expect(clippy::float_cmp, reason = "the same value again, bit for bit")]
            Some((last, times)) if *last == value => *times += count,
            _ => self.samples.push((value, count)),
        }
    }

    /// How many values.
    pub fn count(&self) -> f64 {
        self.samples.iter().map(|(_, count)| count).sum()
    }

    /// The sum of all values.
    pub fn sum(&self) -> f64 {
        self.samples.iter().map(|(value, count)| value * count).sum()
    }

    /// The mean of all values.
    pub fn average(&self) -> f64 {
        self.sum() / self.count()
    }

    /// The smallest value.
    pub fn minimum(&self) -> f64 {
        self.samples.iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min)
    }

    /// The largest value.
    pub fn maximum(&self) -> f64 {
        self.samples.iter().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The percentile `percent` (0 to 100), interpolated between the two values around its rank.
    pub fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.samples.clone();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let rank = percent.clamp(0.0, 100.0) / 100.0 * (self.count() - 1.0).max(0.0);
        let below = value_at(&sorted, rank.floor());
        let above = value_at(&sorted, rank.ceil());
        (above - below).mul_add(rank.fract(), below)
    }
}

/// The value at a whole-numbered rank, from 0, in a sorted list of values and counts.
fn value_at(sorted: &[(f64, f64)], rank: f64) -> f64 {
    let mut seen = 0.0;
    for (value, count) in sorted {
        seen += count;
        if seen > rank {
            return *value;
        }
    }
    sorted.last().map_or(f64::NAN, |(value, _)| *value)
}

/// What is made of an observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// The sum of the values.
    Sum,
    /// Their mean.
    Average,
    /// How many there are.
    SampleCount,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// A percentile, 0 to 100.
    Percentile(f64),
}

impl Statistic {
    /// Reads `Sum`, `Average`, `SampleCount`, `Minimum`, `Maximum` or `p99.9`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Sum" => Some(Self::Sum),
            "Average" => Some(Self::Average),
            "SampleCount" => Some(Self::SampleCount),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            _ => {
                let percent: f64 = text.strip_prefix('p')?.parse().ok()?;
                (0.0..=100.0).contains(&percent).then_some(Self::Percentile(percent))
            }
        }
    }

    /// Its value for this observation.
    pub fn of(self, observation: &Observation) -> f64 {
        match self {
            Self::Sum => observation.sum(),
            Self::Average => observation.average(),
            Self::SampleCount => observation.count(),
            Self::Minimum => observation.minimum(),
            Self::Maximum => observation.maximum(),
            Self::Percentile(percent) => observation.percentile(percent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate_between_ranks() {
        let values = [91.0, 1.0, 11.0, 21.0, 31.0, 41.0, 51.0, 61.0, 71.0, 81.0];
        let observation = Observation { samples: values.map(|value| (value, 1.0)).to_vec() };
        assert!((observation.percentile(99.0) - 90.1).abs() < 1e-9);
        assert!((observation.percentile(50.0) - 46.0).abs() < 1e-9);
        assert!((observation.percentile(100.0) - 91.0).abs() < 1e-9);
    }

    #[test]
    fn a_count_stands_for_that_many_values() {
        let weighted = Observation { samples: vec![(3.0, 2.0), (1.0, 3.0)] };
        let single = Observation { samples: [1.0, 1.0, 1.0, 3.0, 3.0].map(|value| (value, 1.0)).to_vec() };
        for percent in [0.0, 25.0, 60.0, 75.0, 99.0] {
            assert!((weighted.percentile(percent) - single.percentile(percent)).abs() < 1e-9, "p{percent}");
        }
        assert!((weighted.average() - 1.8).abs() < 1e-9);
    }

    #[test]
    fn statistics_are_read_as_aws_writes_them() {
        assert_eq!(Statistic::parse("p99.9"), Some(Statistic::Percentile(99.9)));
        assert_eq!(Statistic::parse("sum"), None);
        assert_eq!(Statistic::parse("p101"), None);
    }
}
