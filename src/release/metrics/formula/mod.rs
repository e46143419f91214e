//! What a panel or a gate works out of several series: an expression over operands, each the sum of one or more series.
//! Over a window, sums are taken first and the expression is worked out of them, so that a rate is one of sums and
//! never a mean of minutes. It knows what is missing from what is zero, and nothing of limits.

use std::collections::BTreeMap;

use super::{
    Series,
    expression::Expression,
    minute::Minute,
    store::{Datum, MetricStore},
};

#[cfg(test)]
mod tests;

/// An expression over series.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// Over the names of the operands.
    pub expression: Expression,
    /// What each name is.
    pub operands: BTreeMap<String, Operand>,
    /// What the result is multiplied with to come into its unit: 1,000 for seconds that are shown in ms.
    pub scale: f64,
}

/// One or more series with the same statistic, added up.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// Which. None at all is a sum of zero, such as that over the indexes of a table without any.
    pub series: Vec<Series>,
    /// What a point that is missing means.
    pub missing: Missing,
}

/// What it means that a series was read and has no point.
#[derive(Debug, Clone, PartialEq)]
pub enum Missing {
    /// Nothing is known.
    Unknown,
    /// Nothing happened, where one of these has a point at the same time.
    Zero {
        /// What has a point whenever anything happens at all.
        companions: Vec<Series>,
    },
    /// The series is not in use, and the others of the operand are the sum.
    LeftOut,
}

/// What a formula, or a gate's signal, says over a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    /// A value.
    Value {
        /// In its unit.
        value: f64,
        /// A sum by the minute, where windows of different lengths are compared; else the value itself.
        pace: f64,
        /// Of how many calls, or of how many of what it is divided by.
        calls: Option<f64>,
    },
    /// Read, and nothing there.
    Nothing,
    /// Not read completely.
    Unread,
}

impl Known {
    /// A value that is the same for every length of window.
    pub fn whole(value: f64, calls: Option<f64>) -> Self {
        Self::Value { value, pace: value, calls }
    }
}

/// Whether the value of a window follows from those of its minutes. A percentile's and an average's does not.
pub fn is_by_minute(statistic: &str) -> bool {
    matches!(statistic, "Sum" | "SampleCount" | "Maximum" | "Minimum")
}

fn is_counted(statistic: &str) -> bool {
    matches!(statistic, "Sum" | "SampleCount")
}

/// CloudWatch's own value for the window.
pub fn windowed(store: &MetricStore, series: &Series, from: Minute, to: Minute) -> Datum {
    let is_one_minute = from.minutes_to(to) == 1;
    if is_one_minute { store.track(series).at(from) } else { store.window(series, from.start(), to.start()) }
}

impl Formula {
    /// One series as it is.
    pub fn of(series: Series) -> Self {
        Self::plain(Operand { series: vec![series], missing: Missing::Unknown })
    }

    /// One operand as it is.
    pub fn plain(operand: Operand) -> Self {
        const VALUE: &str = "value";
        let operands = BTreeMap::from([(VALUE.to_owned(), operand)]);
        Self { expression: Expression::name(VALUE), operands, scale: 1.0 }
    }

    /// The sum of one operand as percent of the sum of another.
    pub fn share(part: Operand, whole: Operand) -> Self {
        let operands = BTreeMap::from([("part".to_owned(), part), ("whole".to_owned(), whole)]);
        let expression = Expression::parse("100 * part / whole").unwrap_or_else(|_| Expression::name("part"));
        Self { expression, operands, scale: 1.0 }
    }

    /// The operand of a formula that is no more than one.
    pub fn as_plain(&self) -> Option<&Operand> {
        self.operands.get(&self.expression.to_string())
    }

    /// The series of a formula that is no more than one, as it is reported.
    pub fn as_single(&self) -> Option<&Series> {
        match self.as_plain()? {
            Operand { series, missing: Missing::Unknown } if series.len() == 1 => series.first(),
            _ => None,
        }
    }

    /// Every series, and those that say what a missing point means; each once.
    pub fn series(&self) -> Vec<&Series> {
        let mut all: Vec<&Series> = self.operands.values().flat_map(Operand::all_series).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether it is divided by what was measured: such a rate holds for however few minutes.
    pub fn is_ratio(&self) -> bool {
        !self.expression.divisors().is_empty()
    }

    /// Whether every operand's value over a window follows from its minutes.
    pub fn is_by_minute(&self) -> bool {
        self.operands.values().all(Operand::is_by_minute)
    }

    /// Its value at one point of time, with what each series has there.
    pub fn at(&self, of: impl Fn(&Series) -> Datum) -> Datum {
        let found: BTreeMap<&str, Datum> =
            self.operands.iter().map(|(name, operand)| (name.as_str(), operand.at(&of))).collect();
        if found.values().any(|datum| *datum == Datum::Unknown) {
            return Datum::Unknown;
        }
        self.value(|name| found.get(name)?.value()).map_or(Datum::Missing, Datum::Value)
    }

    /// Its value over the minutes from `from` on, before `to`.
    pub fn over(&self, store: &MetricStore, from: Minute, to: Minute) -> Known {
        let Some((minutes, mut values)) = self.by_minute(store, from, to) else { return Known::Unread };
        let whole = |operand: &Operand| operand.at(&|series: &Series| windowed(store, series, from, to));
        for (name, operand) in self.operands.iter().filter(|(_, operand)| !operand.is_by_minute()) {
            match whole(operand) {
                Datum::Unknown => return Known::Unread,
                Datum::Missing => {}
                Datum::Value(value) => drop(values.insert(name, value)),
            }
        }
        // A sum, or the worst of few minutes, says little of a window; a rate does.
        let is_too_little = minutes.is_some_and(|minutes| minutes * 2 < from.minutes_to(to));
        let value = self.value(|name| values.get(name).copied());
        let Some(value) = value.filter(|_| self.is_ratio() || !is_too_little) else { return Known::Nothing };
        match minutes {
            Some(minutes) if minutes > 0 && self.is_counted() => {
                let minutes = u32::try_from(minutes).map_or(f64::MAX, f64::from);
                Known::Value { value, pace: value / minutes, calls: None }
            }
            _ => Known::whole(value, self.counted_divisor(&values)),
        }
    }

    /// The operands whose window follows from their minutes, over those minutes in which all of them have a value, and
    /// how many these are, where there is such an operand at all. `None` where something has not been read.
    fn by_minute(&self, store: &MetricStore, from: Minute, to: Minute) -> Option<(Option<i64>, BTreeMap<&str, f64>)> {
        let filled = self.expression.filled();
        let operands: Vec<_> = self.operands.iter().filter(|(_, operand)| operand.is_by_minute()).collect();
        let mut minutes = 0;
        let mut values: BTreeMap<&str, f64> = BTreeMap::new();
        for minute in from.until(to) {
            let mut row = Vec::with_capacity(operands.len());
            let mut is_whole = true;
            for (name, operand) in &operands {
                match operand.at(&|series: &Series| store.track(series).at(minute)) {
                    Datum::Unknown => return None,
                    Datum::Missing => is_whole &= filled.contains(name.as_str()),
                    Datum::Value(value) => row.push((name.as_str(), operand, value)),
                }
            }
            if !is_whole {
                continue;
            }
            minutes += 1;
            for (name, operand, value) in row {
                values.entry(name).and_modify(|sum| *sum = operand.and(*sum, value)).or_insert(value);
            }
        }
        Some(((!operands.is_empty()).then_some(minutes), values))
    }

    fn value(&self, of: impl Fn(&str) -> Option<f64>) -> Option<f64> {
        Some(self.expression.evaluate(of)? * self.scale)
    }

    /// Whether it is a count that grows with the window.
    fn is_counted(&self) -> bool {
        !self.is_ratio() && self.operands.values().all(Operand::is_counted)
    }

    /// How many of what it is divided by, where that is a count.
    fn counted_divisor(&self, values: &BTreeMap<&str, f64>) -> Option<f64> {
        let divisors = self.expression.divisors();
        let is_counted = |name: &&str| self.operands.get(*name).is_some_and(Operand::is_counted);
        if divisors.is_empty() || !divisors.iter().all(is_counted) {
            return None;
        }
        divisors.iter().map(|name| values.get(name)).sum()
    }
}

impl Operand {
    /// The sum of its series at one point of time.
    fn at(&self, of: &impl Fn(&Series) -> Datum) -> Datum {
        let (mut sum, mut found, mut is_lacking) = (0.0, self.series.is_empty(), false);
        for series in &self.series {
            match (of(series), &self.missing) {
                (Datum::Value(value), _) => (sum, found) = (sum + value, true),
                (Datum::Unknown, _) => return Datum::Unknown,
                (Datum::Missing, Missing::LeftOut) => {}
                (Datum::Missing, Missing::Unknown) => is_lacking = true,
                (Datum::Missing, Missing::Zero { companions }) => match any(companions, of) {
                    Datum::Value(_) => found = true,
                    Datum::Unknown => return Datum::Unknown,
                    Datum::Missing => is_lacking = true,
                },
            }
        }
        if is_lacking || !found { Datum::Missing } else { Datum::Value(sum) }
    }

    /// Its series, and those that say what a missing point means.
    fn all_series(&self) -> impl Iterator<Item = &Series> {
        let companions: &[Series] = match &self.missing {
            Missing::Zero { companions } => companions,
            Missing::Unknown | Missing::LeftOut => &[],
        };
        self.series.iter().chain(companions)
    }

    /// The values of two minutes put together.
    fn and(&self, one: f64, other: f64) -> f64 {
        match self.statistic() {
            "Maximum" => one.max(other),
            "Minimum" => one.min(other),
            _ => one + other,
        }
    }

    fn is_by_minute(&self) -> bool {
        is_by_minute(self.statistic())
    }

    fn is_counted(&self) -> bool {
        is_counted(self.statistic())
    }

    /// Of all its series. An empty sum is one of counts.
    pub fn statistic(&self) -> &str {
        self.series.first().map_or("Sum", |series| &series.statistic)
    }
}

/// Whether any of these has a point.
fn any(companions: &[Series], of: &impl Fn(&Series) -> Datum) -> Datum {
    let mut found = Datum::Missing;
    for companion in companions {
        match of(companion) {
            Datum::Value(value) => return Datum::Value(value),
            Datum::Unknown => found = Datum::Unknown,
            Datum::Missing => {}
        }
    }
    found
}
