//! What a world does, seen from outside: the rules of aliases, the sums of metrics, and the stories of scenarios.

mod alarms;
mod aliases;
mod metrics;
mod specs;
mod story;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{AliasChange, MetricId, World, WorldSpec};
use crate::sim::scenario;

const MINUTE: Duration = Duration::from_mins(1);

/// A function `pay` whose alias `live` sends 600 calls a minute to version 1 of 3.
const SMALL: &str = r#"
title = "small"
seed = 7
past = "30m"
account = "123456789012"
region = "eu-west-1"
caller = "arn:aws:sts::123456789012:assumed-role/dev/ada"

[[functions]]
name = "pay"
role = "pay"
versions = [
    { number = 1, published = "-3d", error_percent = 1, latency = { p50_ms = 50, p99_ms = 400 } },
    { number = 2, published = "-2d", error_percent = 5, latency = { p50_ms = 80, p99_ms = 900 } },
    { number = 3, published = "-1d", latency = { p50_ms = 80, p99_ms = 900 }, state = "Pending", active = "2m" },
    { number = 4, published = "-1d", latency = { p50_ms = 80, p99_ms = 900 }, role = "other" },
    { number = 5, published = "-1d", latency = { p50_ms = 80, p99_ms = 900 }, dead_letter = "dead" },
    { number = 6, published = "-1d", latency = { p50_ms = 80, p99_ms = 900 }, state = "Failed" },
    { number = 7, published = "5m", latency = { p50_ms = 80, p99_ms = 900 } },
]
aliases = [
    { name = "live", version = 1, calls_per_minute = 600 },
    { name = "ready", version = 1 },
]
provisioned = [{ qualifier = "ready", requested = 5 }]
"#;

fn opening() -> Timestamp {
    "2026-11-20T14:32:07Z".parse().unwrap()
}

fn small_spec() -> WorldSpec {
    toml::from_str(SMALL).unwrap()
}

fn small() -> World {
    World::new(&small_spec(), opening())
}

fn demo(at: Timestamp) -> World {
    World::new(&scenario::find("demo").unwrap().world, at)
}

fn advance(world: &mut World, seconds: i64) {
    world.advance(world.now() + SignedDuration::from_secs(seconds));
}

/// To version `primary`, with these weights.
fn to(primary: &str, weights: &[(&str, f64)]) -> AliasChange {
    AliasChange {
        function_version: Some(primary.to_owned()),
        routing: Some(weights.iter().map(|(id, weight)| ((*id).to_owned(), *weight)).collect()),
        ..AliasChange::default()
    }
}

fn lambda(name: &str, dimensions: &[(&str, &str)]) -> MetricId {
    MetricId::new("AWS/Lambda", name, dimensions)
}

/// The sum of a metric over the minutes from `from` to before `to`.
fn sum(world: &World, metric: &MetricId, from: Timestamp, to: Timestamp) -> f64 {
    world.observe(metric, from, to, MINUTE).iter().map(|(_, seen)| seen.sum()).sum()
}
