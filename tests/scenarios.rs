//! The scenarios that come with the program fit together: what their configuration names exists in their world.

use flightdeck::clock::Clock;
use flightdeck::config::Config;
use flightdeck::release::metrics::Series;
use flightdeck::release::names::Mover;
use flightdeck::sim::scenario;
use flightdeck::sim::world::{MetricId, World};

#[test]
fn configurations_name_what_their_worlds_have() {
    for name in scenario::names() {
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
        let metrics = world.metrics();
        for metric in &environment.metrics {
            for series in metric.formula.series() {
                let Series { namespace, metric: name_of, dimensions, .. } = series.clone();
                let id = MetricId { namespace, name: name_of, dimensions };
                assert!(metrics.contains(&id), "{name}: {id:?}");
            }
        }
    }
}
