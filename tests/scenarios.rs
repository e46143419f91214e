//! The scenarios that come with the program fit together: what their configuration names exists in their world.

use flightdeck::clock::Clock;
use flightdeck::config::Config;
use flightdeck::release::metrics::Series;
use flightdeck::release::names::Mover;
use flightdeck::sim::scenario;
use flightdeck::sim::world::{MetricId, World};

#[test]
fn configurations_name_what_their_worlds_have() {
    // One variant is about functions that nobody gave an alias.
    for name in scenario::names().into_iter().filter(|name| name != "calculator-unaliased") {
        let scenario = scenario::find(&name).unwrap();
        let config =
            Config::parse(scenario.config_toml, "config.toml").unwrap_or_else(|error| panic!("{name}: {error}"));
        let environment = config.environment(None).unwrap();
        let mut world = World::new(&scenario.world, Clock::system().now().world);
        world.advance(world.now());
        assert!(!environment.is_elsewhere(), "{name}: an endpoint in a scenario would lead out of its world");
        assert_eq!(environment.region.as_deref(), Some(world.region()), "{name}");
        for function in environment.functions.iter().filter(|function| function.target.kind == Mover::Alias) {
            let found = world.alias(function.target.function.as_str(), function.target.alias.as_str());
            assert!(found.is_ok(), "{name}: {found:?}");
        }
        for alarm in world.alarms() {
            let is_watched = environment.alarms.iter().any(|rule| rule.matches.fits_name(&alarm.name));
            assert!(is_watched, "{name}: {} is not watched", alarm.name);
        }
        let budgets: Vec<_> = world.budgets().into_iter().map(|budget| budget.name).collect();
        for budget in &environment.budgets {
            assert!(budgets.contains(&budget.name), "{name}: {budget:?}");
        }
        let mut metrics = world.metrics();
        world.enter("us-east-1");
        metrics.extend(world.metrics());
        // Of several storage classes a bucket has some, and without provisioned concurrency nothing measures it.
        let id = |series: &Series| MetricId {
            namespace: series.namespace.clone(),
            name: series.metric.clone(),
            dimensions: series.dimensions.clone(),
        };
        for metric in &environment.metrics {
            let ids: Vec<MetricId> = metric.formula.series().into_iter().map(id).collect();
            let is_there = ids.iter().any(|id| metrics.contains(id) || id.name.starts_with("ProvisionedConcurrency"));
            assert!(is_there, "{name}: {ids:?}");
        }
    }
}
