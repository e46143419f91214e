//! What a value is counted in, after CloudWatch's own units were brought to these few, and how it is written.

use serde::Serialize;

/// What a value is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Percent 0–100; for drops and rises of the hour before.
    Percent,
    /// Milliseconds.
    Milliseconds,
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// US dollars.
    Dollars,
    /// As the metric has it.
    #[default]
    Plain,
}

/// The words for units in files: what CloudWatch gives, what it is shown in, and the factor between them.
pub const WORDS: &[(&str, Unit, f64)] = &[
    ("count", Unit::Count, 1.0),
    ("percent", Unit::Percent, 1.0),
    ("fraction", Unit::Percent, 100.0),
    ("ms", Unit::Milliseconds, 1.0),
    ("seconds", Unit::Milliseconds, 1_000.0),
    ("microseconds", Unit::Milliseconds, 0.001),
    ("bytes", Unit::Bytes, 1.0),
    ("megabytes", Unit::Bytes, 1_048_576.0),
    ("dollars", Unit::Dollars, 1.0),
    ("plain", Unit::Plain, 1.0),
];

impl Unit {
    /// What stands behind a number, and how many of the unit it is: bytes are told in the largest measure that fits.
    fn scale_of(self, value: f64) -> (&'static str, f64) {
        const SIZES: [(&str, f64); 4] =
            [(" TiB", 1_099_511_627_776.0), (" GiB", 1_073_741_824.0), (" MiB", 1_048_576.0), (" KiB", 1_024.0)];
        match self {
            Self::Percent => (" %", 1.0),
            Self::Milliseconds => (" ms", 1.0),
            Self::Dollars => (" USD", 1.0),
            Self::Count | Self::Plain => ("", 1.0),
            Self::Bytes => SIZES.into_iter().find(|(_, size)| value.abs() >= *size).unwrap_or((" B", 1.0)),
        }
    }

    /// `8.12 %`, `312 ms`, `20 GiB`, `1250`: small numbers with decimals, large ones without.
    pub fn written(self, value: f64) -> String {
        let (name, size) = self.scale_of(value);
        let value = value / size;
        let decimals = match self {
            Self::Dollars => 2,
            _ if value == 0.0 || value.abs() >= 100.0 || (value.fract() == 0.0) => 0,
            _ if value.abs() >= 10.0 => 1,
            _ => 2,
        };
        format!("{value:.decimals$}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_they_are_read() {
        for (unit, value, expected) in [
            (Unit::Percent, 8.123, "8.12 %"),
            (Unit::Percent, 0.0, "0 %"),
            (Unit::Milliseconds, 312.4, "312 ms"),
            (Unit::Milliseconds, 4.25, "4.25 ms"),
            (Unit::Count, 1_250.0, "1250"),
            (Unit::Bytes, 21_474_836_480.0, "20 GiB"),
            (Unit::Bytes, 1_610_612_736.0, "1.50 GiB"),
            (Unit::Bytes, 512.0, "512 B"),
            (Unit::Dollars, 88.0, "88.00 USD"),
            (Unit::Plain, -12.34, "-12.3"),
        ] {
            assert_eq!(unit.written(value), expected);
        }
    }

    #[test]
    fn every_word_names_another_unit() {
        let words: std::collections::BTreeSet<_> = WORDS.iter().map(|(word, ..)| word).collect();
        assert_eq!(words.len(), WORDS.len());
    }
}
