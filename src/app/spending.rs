//! What is spent, seen against the sums at which somebody is told: several budgets of a group, or the tiers of one, are
//! marks on one gauge. No figure is good news without the time it is of.

use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::{
    config::{BudgetSettings, Tier},
    release::facts::Budget,
};

/// AWS recomputes budgets two or three times a day: figures older than this were missed more than once.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// One gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// The budget, its label, or the group.
    pub name: String,
    /// Such as `USD`.
    pub unit: String,
    /// Spent so far in `unit`; `None` where AWS has not computed it yet.
    pub actual: Option<f64>,
    /// Expected by AWS for the end of the period, in `unit`.
    pub forecast: Option<f64>,
    /// The sums at which something happens, rising; the limit is one of them.
    pub tiers: Vec<Tier>,
    /// What it usually costs, in `unit`.
    pub expected: Option<f64>,
    /// Of when the figures are; the oldest of a group.
    pub as_of: Option<Timestamp>,
    /// Why the figures may be old.
    pub unhealthy: Option<String>,
}

impl Gauge {
    /// The first tier that is not reached.
    pub fn next_tier(&self) -> Option<&Tier> {
        let actual = self.actual.unwrap_or(0.0);
        self.tiers.iter().find(|tier| tier.at > actual)
    }

    /// The last tier that is reached.
    pub fn passed(&self) -> Option<&Tier> {
        let actual = self.actual?;
        self.tiers.iter().rev().find(|tier| tier.at <= actual)
    }

    /// The last tier that the forecast passes and the spending has not.
    pub fn forecast_tier(&self) -> Option<&Tier> {
        let (forecast, actual) = (self.forecast?, self.actual.unwrap_or(0.0));
        self.tiers.iter().rev().find(|tier| tier.at <= forecast && tier.at > actual)
    }

    /// Whether the figures are too old to rest on, or nobody knows of when they are.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.as_of.is_none_or(|as_of| now.duration_since(as_of) > OLD)
    }

    /// Where the gauge ends, in `unit`: at its last tier, or beyond it where more is spent or expected.
    pub fn end(&self) -> f64 {
        let amounts = [self.actual, self.forecast, self.expected];
        let tiers = self.tiers.iter().map(|tier| tier.at);
        amounts.into_iter().flatten().chain(tiers).fold(0.0, f64::max)
    }

    fn of(settings: &BudgetSettings, budget: &Budget) -> Self {
        // A budget that AWS has not computed yet says 0: that is no figure.
        let is_computed = budget.as_of.is_some() || budget.actual.is_some_and(|actual| actual > 0.0);
        let mut tiers = settings.tiers.clone();
        if let Some(limit) = budget.limit.filter(|limit| !tiers.iter().any(|tier| is_same(tier.at, *limit))) {
            let means = settings.group.is_some().then(|| settings.label.clone()).flatten();
            tiers.push(Tier { at: limit, means });
        }
        let label = settings.label.as_ref().filter(|_| settings.group.is_none());
        let mut gauge = Self {
            name: settings.group.as_ref().or(label).unwrap_or(&settings.name).clone(),
            unit: budget.unit.clone(),
            actual: budget.actual.filter(|_| is_computed),
            forecast: budget.forecast.filter(|_| is_computed),
            tiers,
            expected: settings.expected,
            as_of: budget.as_of,
            unhealthy: budget.unhealthy.clone(),
        };
        gauge.sort();
        gauge
    }

    /// Takes another budget of the group in: what is worse counts, and what is older.
    fn join(&mut self, other: Self) {
        let greater = |one: Option<f64>, other: Option<f64>| one.into_iter().chain(other).reduce(f64::max);
        self.actual = greater(self.actual, other.actual);
        self.forecast = greater(self.forecast, other.forecast);
        self.expected = self.expected.or(other.expected);
        self.as_of = self.as_of.zip(other.as_of).map(|(one, other)| one.min(other));
        self.unhealthy = self.unhealthy.take().or(other.unhealthy);
        self.tiers.extend(other.tiers);
        self.sort();
    }

    fn sort(&mut self) {
        self.tiers.sort_by(|one, other| one.at.total_cmp(&other.at));
        self.tiers.dedup_by(|later, kept| {
            let is_one = is_same(later.at, kept.at);
            if is_one && kept.means.is_none() {
                kept.means = later.means.take();
            }
            is_one
        });
    }
}

fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.005
}

impl App {
    /// The gauges, in the order of the configuration. Empty while the budgets have not been read.
    pub fn gauges(&self) -> Vec<Gauge> {
        let found = self.deck.budgets.value();
        let mut gauges: Vec<(Option<&str>, Gauge)> = Vec::new();
        for settings in &self.deck.environment.budgets {
            let budget = found.and_then(|found| found.iter().find(|budget| budget.name == settings.name));
            let Some(gauge) = budget.map(|budget| Gauge::of(settings, budget)) else { continue };
            let group = settings.group.as_deref();
            match gauges
                .iter_mut()
                .find(|(known, shown)| group.is_some() && *known == group && shown.unit == gauge.unit)
            {
                Some((_, shared)) => shared.join(gauge),
                None => gauges.push((group, gauge)),
            }
        }
        gauges.into_iter().map(|(_, gauge)| gauge).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(name: &str, limit: f64, actual: f64, forecast: Option<f64>) -> Budget {
        Budget {
            name: name.into(),
            limit: Some(limit),
            actual: Some(actual),
            forecast,
            unit: "USD".into(),
            as_of: Some("2026-11-20T06:00:00Z".parse().unwrap()),
            unhealthy: None,
        }
    }

    fn grouped(name: &str, label: &str) -> BudgetSettings {
        BudgetSettings { group: Some("monthly".into()), label: Some(label.into()), ..BudgetSettings::named(name) }
    }

    fn group() -> Gauge {
        let mut gauge = Gauge::of(&grouped("b50", "e-mail, urgent"), &budget("b50", 50.0, 6.12, Some(62.0)));
        gauge.join(Gauge::of(&grouped("b10", "e-mail"), &budget("b10", 10.0, 6.12, Some(11.0))));
        gauge.join(Gauge::of(&grouped("b100", "escalation"), &budget("b100", 100.0, 6.0, None)));
        gauge
    }

    fn at(tier: Option<&Tier>) -> Option<(f64, Option<&str>)> {
        tier.map(|tier| (tier.at, tier.means.as_deref()))
    }

    #[test]
    fn budgets_of_a_group_are_tiers_of_one_gauge() {
        let gauge = group();
        assert_eq!(gauge.name, "monthly");
        assert_eq!(gauge.tiers.iter().map(|tier| tier.at).collect::<Vec<_>>(), [10.0, 50.0, 100.0]);
        assert_eq!(at(gauge.next_tier()), Some((10.0, Some("e-mail"))));
        assert_eq!(at(gauge.forecast_tier()), Some((50.0, Some("e-mail, urgent"))), "the furthest that is passed");
        assert_eq!(gauge.passed(), None);
        let spent = Gauge { actual: Some(55.0), ..gauge };
        assert_eq!((at(spent.passed()).unwrap().0, at(spent.next_tier()).unwrap().0), (50.0, 100.0));
        assert_eq!(spent.forecast_tier(), None, "what is spent already is no forecast");
    }

    #[test]
    fn the_limit_is_a_tier_unless_it_is_one_already() {
        let tiers = vec![Tier { at: 100.0, means: None }, Tier { at: 500.0, means: Some("budget".into()) }];
        let settings = BudgetSettings { tiers, ..BudgetSettings::named("m") };
        let gauge = Gauge::of(&settings, &budget("m", 500.0, 1.0, None));
        assert_eq!(gauge.tiers.len(), 2);
        assert_eq!(at(gauge.tiers.last()), Some((500.0, Some("budget"))));
        assert_eq!(Gauge::of(&settings, &budget("m", 800.0, 1.0, None)).tiers.len(), 3);
    }

    #[test]
    fn nothing_spent_at_no_time_is_no_figure() {
        let never = Budget { as_of: None, ..budget("m", 50.0, 0.0, Some(0.0)) };
        let gauge = Gauge::of(&BudgetSettings::named("m"), &never);
        assert_eq!((gauge.actual, gauge.forecast), (None, None));
        assert!(gauge.is_stale("2026-11-20T06:00:00Z".parse().unwrap()));
        let fresh = Gauge::of(&BudgetSettings::named("m"), &budget("m", 50.0, 0.0, None));
        assert_eq!(fresh.actual, Some(0.0));
        assert!(!fresh.is_stale("2026-11-20T18:00:00Z".parse().unwrap()));
        assert!(fresh.is_stale("2026-11-22T18:00:00Z".parse().unwrap()));
    }
}
