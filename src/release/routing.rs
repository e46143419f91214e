//! How an alias divides its traffic, and how that is read as stable and new.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::Version;

/// The routing of an alias: a primary version and at most one weighted beside it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Routing {
    /// `FunctionVersion`: gets what the weighted version leaves.
    pub primary: Version,
    /// The one entry of `AdditionalVersionWeights`: the version and its share as a fraction 0–1.
    /// A weight of 0 is dropped when an alias is read: it sends nothing and is nobody's split.
    pub weighted: Option<(Version, f64)>,
}

/// Which version carries the weight while traffic is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitStyle {
    /// The stable version stays primary, the new one is weighted: AWS's own pattern.
    #[default]
    WeightNew,
    /// The new version is made primary at once, the old one is weighted.
    WeightOld,
}

/// An alias' routing in the words of a release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The version that was live before, and stays if the release is rolled back.
    pub stable: Version,
    /// The version that is being released.
    pub new: Version,
    /// The new version's share of the traffic in percent, 0–100.
    pub percent: f64,
}

impl Routing {
    /// All traffic to one version.
    pub fn only(version: Version) -> Self {
        Self { primary: version, weighted: None }
    }

    /// `percent` (0–100) of the traffic to `new`, the rest to `stable`, written in the given style.
    /// At 0 and at 100 percent there is nothing to weigh: the map is empty.
    pub fn at_percent(stable: Version, new: Version, percent: f64, style: SplitStyle) -> Self {
        if percent <= 0.0 || stable == new {
            return Self::only(stable);
        }
        if percent >= 100.0 {
            return Self::only(new);
        }
        let share = round_weight(percent / 100.0);
        match style {
            SplitStyle::WeightNew => Self { primary: stable, weighted: Some((new, share)) },
            SplitStyle::WeightOld => Self { primary: new, weighted: Some((stable, round_weight(1.0 - share))) },
        }
    }

    /// Whether two versions share the traffic.
    pub fn is_split(&self) -> bool {
        self.weighted.is_some()
    }

    /// The share of the traffic that a version gets, in percent 0–100.
    pub fn percent_of(&self, version: Version) -> f64 {
        let weighted = self.weighted.map_or(0.0, |(_, weight)| weight);
        let mut share = 0.0;
        if self.primary == version {
            share += 1.0 - weighted;
        }
        if let Some((other, weight)) = self.weighted
            && other == version
        {
            share += weight;
        }
        round_weight(share) * 100.0
    }

    /// Whether a version gets any traffic.
    pub fn reaches(&self, version: Version) -> bool {
        self.percent_of(version) > 0.0
    }

    /// The split as a release sees it. `recorded` names (stable, new) where a release is on record; without one the
    /// higher number is the new version, and of target groups the one with less. `None` where a single version has all the traffic and no record says more.
    pub fn read(&self, recorded: Option<(Version, Version)>) -> Option<Split> {
        if let Some((stable, new)) = recorded
            && self.reaches(new)
            && self.versions().all(|version| version == stable || version == new)
        {
            return Some(Split { stable, new, percent: self.percent_of(new) });
        }
        let (other, _) = self.weighted?;
        let is_ordered = other.has_order() && self.primary.has_order();
        let is_other_new = if is_ordered { other > self.primary } else { self.percent_of(other) <= 50.0 };
        let (stable, new) = if is_other_new { (self.primary, other) } else { (other, self.primary) };
        Some(Split { stable, new, percent: self.percent_of(new) })
    }

    /// The versions that the alias names.
    pub fn versions(&self) -> impl Iterator<Item = Version> + use<> {
        std::iter::once(self.primary).chain(self.weighted.map(|(version, _)| version))
    }

    /// Whether two routings send the same traffic to the same versions, however they are written.
    pub fn same_traffic(&self, other: &Self) -> bool {
        self.versions().chain(other.versions()).all(|version| {
            let difference = self.percent_of(version) - other.percent_of(version);
            difference.abs() < 0.001
        })
    }
}

/// `42 90% + 43 10%`, or `42` alone.
impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.weighted {
            None => write!(f, "{} 100%", self.primary),
            Some((other, _)) => write!(
                f,
                "{} {}% + {} {}%",
                self.primary,
                trim_percent(self.percent_of(self.primary)),
                other,
                trim_percent(self.percent_of(other))
            ),
        }
    }
}

/// A percentage with at most two decimals and no trailing zeros: `10`, `2.5`, `33.33`.
pub fn trim_percent(percent: f64) -> String {
    let text = format!("{percent:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Weights are kept to six decimals, so that 1 − 0.1 is 0.9 on the wire too.
fn round_weight(weight: f64) -> f64 {
    (weight * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: Version = Version::Number(42);
    const NEW: Version = Version::Number(43);

    #[test]
    fn ten_percent_in_both_styles() {
        let weight_new = Routing::at_percent(OLD, NEW, 10.0, SplitStyle::WeightNew);
        assert_eq!(weight_new, Routing { primary: OLD, weighted: Some((NEW, 0.1)) });
        let weight_old = Routing::at_percent(OLD, NEW, 10.0, SplitStyle::WeightOld);
        assert_eq!(weight_old, Routing { primary: NEW, weighted: Some((OLD, 0.9)) });
        assert!(weight_new.same_traffic(&weight_old));
    }

    #[test]
    fn a_hundred_percent_is_the_new_version_and_an_empty_map() {
        for style in [SplitStyle::WeightNew, SplitStyle::WeightOld] {
            assert_eq!(Routing::at_percent(OLD, NEW, 100.0, style), Routing::only(NEW));
        }
    }

    #[test]
    fn the_record_says_which_version_is_new_even_when_it_has_the_lower_number() {
        let routing = Routing { primary: NEW, weighted: Some((OLD, 0.25)) };
        assert_eq!(routing.read(None), Some(Split { stable: OLD, new: NEW, percent: 75.0 }));
        assert_eq!(routing.read(Some((NEW, OLD))), Some(Split { stable: NEW, new: OLD, percent: 25.0 }));
    }

    #[test]
    fn a_record_counts_only_while_its_new_version_gets_traffic() {
        assert_eq!(Routing::only(OLD).read(Some((OLD, NEW))), None);
        assert_eq!(Routing::only(NEW).read(Some((OLD, NEW))), Some(Split { stable: OLD, new: NEW, percent: 100.0 }));
        let third = Routing { primary: OLD, weighted: Some((Version::Number(50), 0.5)) };
        assert_eq!(third.read(Some((OLD, NEW))).map(|split| split.new), Some(Version::Number(50)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(percent in 1u8..=99, old in 1u64..1000, step in 1u64..10, inverted: bool) {
            let (stable, new) = (Version::Number(old), Version::Number(old + step));
            let style = if inverted { SplitStyle::WeightOld } else { SplitStyle::WeightNew };
            let routing = Routing::at_percent(stable, new, f64::from(percent), style);
            let split = routing.read(None).unwrap();
            prop_assert_eq!((split.stable, split.new), (stable, new));
            prop_assert!((split.percent - f64::from(percent)).abs() < 1e-6);
            prop_assert!((routing.percent_of(stable) + routing.percent_of(new) - 100.0).abs() < 1e-6);
        }
    }
}
