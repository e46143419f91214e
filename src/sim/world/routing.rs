//! Who an alias sent its calls to, at every moment there was. It knows neither the rules for changing that nor how many
//! calls there were.

use jiff::Timestamp;

use super::function::{Alias, VersionId};
use super::spec::AliasSpec;

/// Where calls go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Routing {
    /// Gets what the additional version leaves.
    pub(super) primary: VersionId,
    /// The other version and its share, a fraction.
    pub(super) additional: Option<(VersionId, f64)>,
}

impl Routing {
    /// Where this alias sends its calls.
    pub(super) fn of(alias: &Alias) -> Self {
        let additional = alias.weights.iter().next().map(|(id, weight)| (*id, *weight));
        Self { primary: alias.function_version, additional }
    }

    /// Where a scenario says that an alias sent its calls at first.
    pub(super) fn written(alias: &AliasSpec) -> Self {
        let additional = alias.weights.iter().find_map(|(id, weight)| Some((id.parse().ok()?, *weight)));
        Self { primary: VersionId::Number(alias.version), additional }
    }

    /// Whether two versions share the calls.
    pub(super) fn splits(&self) -> bool {
        self.additional.is_some_and(|(_, weight)| weight > 0.0)
    }

    fn reaches(&self, id: VersionId) -> bool {
        let by_weight = self.additional.is_some_and(|(additional, weight)| additional == id && weight > 0.0);
        let primary_share = self.additional.map_or(1.0, |(_, weight)| 1.0 - weight);
        by_weight || (self.primary == id && primary_share > 0.0)
    }
}

/// The routings of one alias, oldest first.
#[derive(Debug, Clone)]
pub(super) struct RoutingHistory(Vec<(Timestamp, Routing)>);

impl RoutingHistory {
    /// It has been routed like this since `since`.
    pub(super) fn new(since: Timestamp, routing: Routing) -> Self {
        Self(vec![(since, routing)])
    }

    /// From `at` on it is routed like this.
    pub(super) fn push(&mut self, at: Timestamp, routing: Routing) {
        self.0.push((at, routing));
    }

    /// The routing in force at `moment`; before all of them, the first.
    pub(super) fn at(&self, moment: Timestamp) -> Routing {
        let after = self.0.partition_point(|(from, _)| *from <= moment);
        self.0[after.saturating_sub(1)].1
    }

    /// When `id` first got calls.
    pub(super) fn first_reached(&self, id: VersionId) -> Option<Timestamp> {
        self.0.iter().find(|(_, routing)| routing.reaches(id)).map(|(from, _)| *from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use VersionId::Number;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn remembers_who_got_the_calls() {
        let mut history = RoutingHistory::new(at(0), Routing { primary: Number(1), additional: None });
        history.push(at(60), Routing { primary: Number(1), additional: Some((Number(2), 0.1)) });
        history.push(at(120), Routing { primary: Number(2), additional: None });
        assert!(!history.at(at(59)).splits());
        assert!(history.at(at(60)).splits());
        assert_eq!(history.at(at(500)).primary, Number(2));
        assert_eq!(history.at(at(-5)).primary, Number(1));
        assert_eq!(history.first_reached(Number(2)), Some(at(60)));
        assert_eq!(history.first_reached(Number(3)), None);
    }

    #[test]
    fn a_weight_of_nothing_reaches_nobody() {
        let routing = Routing { primary: Number(1), additional: Some((Number(2), 0.0)) };
        let history = RoutingHistory::new(at(0), routing);
        assert!(!history.at(at(0)).splits());
        assert_eq!(history.first_reached(Number(2)), None);
    }
}
