//! The metrics of the calls: they add up over their dimensions, follow the weights, and come in late.
#![expect(clippy::float_cmp, reason = "counts of calls are whole numbers")]

use proptest::prelude::*;

use super::*;

const NAME: [(&str, &str); 1] = [("FunctionName", "pay")];
const PAIR: [(&str, &str); 2] = [("FunctionName", "pay"), ("Resource", "pay:live")];

fn triple(version: &'static str) -> [(&'static str, &'static str); 3] {
    [PAIR[0], PAIR[1], ("ExecutedVersion", version)]
}

/// The small world at ten minutes after its alias was split at some second after the opening.
fn split_world(weight: f64, seconds: i64, seed: u64) -> World {
    let mut world = World::new(&WorldSpec { seed, ..small_spec() }, opening());
    advance(&mut world, seconds);
    world.update_alias("pay", "live", &to("1", &[("2", weight)])).unwrap();
    advance(&mut world, 600);
    world
}

fn minutes_ago(world: &World, minutes: i64) -> Timestamp {
    Timestamp::from_second((world.now().as_second() / 60 - minutes) * 60).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn calls_follow_the_weights(weight in 0.01..0.99_f64, seed in any::<u64>()) {
        let world = split_world(weight, 0, seed);
        let (from, to) = (minutes_ago(&world, 8), minutes_ago(&world, 2));
        let all = sum(&world, &lambda("Invocations", &PAIR), from, to);
        let new = sum(&world, &lambda("Invocations", &triple("2")), from, to);
        let sigma = (all * weight * (1.0 - weight)).sqrt();
        prop_assert!((new - all * weight).abs() < 5.0 * sigma, "{new} of {all} at {weight}");
        prop_assert!((2_700.0..4_800.0).contains(&all), "{all}");
    }

    #[test]
    fn dimensions_add_up(weight in 0.0..=1.0_f64, seconds in 0..300_i64, seed in any::<u64>()) {
        let world = split_world(weight, seconds, seed);
        for name in ["Invocations", "Errors", "Duration", "Throttles", "ConcurrentExecutions"] {
            let whole = world.observe(&lambda(name, &NAME), minutes_ago(&world, 40), world.now(), MINUTE);
            let pair = world.observe(&lambda(name, &PAIR), minutes_ago(&world, 40), world.now(), MINUTE);
            prop_assert_eq!(&whole, &pair, "{}: all calls come through the alias", name);
        }
        for name in ["Invocations", "Errors", "Duration"] {
            let observe = |dimensions: &[(&str, &str)]| {
                world.observe(&lambda(name, dimensions), minutes_ago(&world, 40), world.now(), MINUTE)
            };
            let (old, new) = (observe(&triple("1")), observe(&triple("2")));
            let at = |series: &[(Timestamp, super::super::Observation)], minute| {
                let found = series.iter().find(|(at, _)| *at == minute);
                found.map_or((0.0, 0.0), |(_, seen)| (seen.count(), seen.sum()))
            };
            for (minute, seen) in observe(&PAIR) {
                let (count, total) = (at(&old, minute).0 + at(&new, minute).0, at(&old, minute).1 + at(&new, minute).1);
                let split = weight > 0.0 && minute.as_second() + 60 > opening().as_second() + seconds + 5;
                if split {
                    prop_assert_eq!(count, seen.count(), "{} at {}", name, minute);
                    prop_assert!((total - seen.sum()).abs() < 1e-6);
                } else if minute.as_second() + 60 <= opening().as_second() + seconds || weight == 0.0 {
                    prop_assert_eq!(count, 0.0, "no versions without weights, {} at {}", name, minute);
                }
            }
        }
    }

    #[test]
    fn data_comes_late_and_never_goes(weight in 0.0..1.0_f64, step in 1..20_i64, seed in any::<u64>()) {
        let mut world = split_world(weight, 0, seed);
        let minute = minutes_ago(&world, 0);
        let end = minute + SignedDuration::from_secs(60);
        let shown = |world: &World| {
            let of = |name: &str| sum(world, &lambda(name, &PAIR), minute, end);
            [of("Invocations"), of("Errors"), of("Duration"), sum(world, &lambda("Invocations", &triple("2")), minute, end)]
        };
        let mut last = shown(&world);
        let mut at_end_of_minute = None;
        while world.now() < end + SignedDuration::from_secs(90) {
            advance(&mut world, step);
            let now = shown(&world);
            prop_assert!(last.iter().zip(&now).all(|(before, after)| before <= after), "{last:?} then {now:?}");
            if world.now() >= end && at_end_of_minute.is_none() {
                at_end_of_minute = Some(now);
            }
            last = now;
        }
        let at_end = at_end_of_minute.unwrap()[0];
        prop_assert!(at_end > 0.0 && at_end < 0.8 * last[0], "{at_end} of {}", last[0]);
        advance(&mut world, 600);
        prop_assert_eq!(shown(&world), last, "a settled minute stays as it is");
    }

    #[test]
    fn a_period_holds_what_its_minutes_hold(minutes in 1..9_u64, seed in any::<u64>()) {
        let world = split_world(0.5, 30, seed);
        let from = minutes_ago(&world, 23);
        for name in ["Invocations", "Duration"] {
            let metric = lambda(name, &PAIR);
            let single = world.observe(&metric, from, world.now(), MINUTE);
            let wide = world.observe(&metric, from, world.now(), MINUTE * u32::try_from(minutes).unwrap());
            let total = |series: &[(Timestamp, super::super::Observation)]| -> f64 {
                series.iter().map(|(_, seen)| seen.count()).sum()
            };
            prop_assert_eq!(total(&single), total(&wide));
            for (at, _) in &wide {
                let offset = at.as_second() - from.as_second();
                prop_assert_eq!(offset.rem_euclid(60 * i64::try_from(minutes).unwrap()), 0);
            }
        }
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let metric = lambda("Duration", &PAIR);
    let story = |weight: f64, seed| {
        let world = split_world(weight, 0, seed);
        world.observe(&metric, minutes_ago(&world, 40), world.now(), MINUTE)
    };
    assert_eq!(story(0.3, 1), story(0.3, 1));
    assert_ne!(story(0.3, 1), story(0.3, 2));
    assert_ne!(story(0.3, 1), story(0.4, 1));
}

#[test]
fn looking_early_changes_nothing() {
    let (mut eager, mut late) = (small(), small());
    let change = to("1", &[("2", 0.25)]);
    for second in 0..400 {
        if second == 133 {
            eager.update_alias("pay", "live", &change).unwrap();
            late.advance(eager.now());
            late.update_alias("pay", "live", &change).unwrap();
        }
        advance(&mut eager, 1);
        eager.observe(&lambda("Duration", &NAME), opening(), eager.now(), MINUTE);
    }
    late.advance(eager.now());
    for name in ["Invocations", "Errors", "Duration"] {
        let all = |world: &World| world.observe(&lambda(name, &NAME), minutes_ago(world, 60), world.now(), MINUTE);
        assert_eq!(all(&eager), all(&late), "{name}");
    }
}

#[test]
fn the_past_begins_where_the_scenario_says() {
    let world = small();
    let seen = world.observe(&lambda("Invocations", &NAME), minutes_ago(&world, 500), world.now(), MINUTE);
    assert!((29..=31).contains(&seen.len()), "{}", seen.len());
}

#[test]
fn only_known_metrics_have_data() {
    let world = split_world(0.5, 0, 7);
    for metric in world.metrics() {
        assert!(!world.observe(&metric, minutes_ago(&world, 9), world.now(), MINUTE).is_empty(), "{metric:?}");
    }
    let versions = world.metrics().iter().filter(|metric| metric.dimensions.contains_key("ExecutedVersion")).count();
    assert_eq!(versions, 6, "three metrics for each of two versions");
    let strange = [
        lambda("Invocations", &[("FunctionName", "nope")]),
        lambda("Invocations", &[("FunctionName", "pay"), ("Resource", "pay:nope")]),
        lambda("Invocations", &[("FunctionName", "pay"), ("Region", "x")]),
        lambda("Invocations", &[("FunctionName", "pay"), ("ExecutedVersion", "1")]),
        lambda("Throttles", &triple("1")),
        lambda("Nope", &NAME),
        MetricId::new("AWS/Nope", "Invocations", &NAME),
    ];
    for metric in strange {
        assert!(world.observe(&metric, minutes_ago(&world, 9), world.now(), MINUTE).is_empty(), "{metric:?}");
    }
}

#[test]
fn versions_can_show_in_every_minute() {
    let always = crate::sim::world::spec::ExecutedVersion::Always;
    let world = World::new(&WorldSpec { executed_version: always, ..small_spec() }, opening());
    let (from, to) = (minutes_ago(&world, 20), minutes_ago(&world, 2));
    let version = sum(&world, &lambda("Invocations", &triple("1")), from, to);
    assert!(version > 0.0);
    assert!((version - sum(&world, &lambda("Invocations", &PAIR), from, to)).abs() < f64::EPSILON);
}

#[test]
fn versions_behave_as_the_scenario_says() {
    let mut world = small();
    world.update_alias("pay", "live", &to("1", &[("2", 0.5)])).unwrap();
    advance(&mut world, 40 * 60);
    let (from, to) = (minutes_ago(&world, 38), minutes_ago(&world, 2));
    for (version, errors, p50, p99) in [("1", 0.01, 50.0, 400.0), ("2", 0.05, 80.0, 900.0)] {
        let calls = sum(&world, &lambda("Invocations", &triple(version)), from, to);
        let rate = sum(&world, &lambda("Errors", &triple(version)), from, to) / calls;
        assert!((rate / errors - 1.0).abs() < 0.25, "v{version}: {rate}");
        let all = world.observe(&lambda("Duration", &triple(version)), from, to, MINUTE * 36);
        let (median, tail) = (all[0].1.percentile(50.0), all[0].1.percentile(99.0));
        assert!((median / p50 - 1.0).abs() < 0.1 && (tail / p99 - 1.0).abs() < 0.2, "v{version}: {median} {tail}");
        assert!((all[0].1.count() - calls).abs() < f64::EPSILON, "a duration for every call");
    }
}
