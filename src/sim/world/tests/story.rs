//! The story that the demo tells, whatever the time of day at which it is opened.

use super::*;
use crate::sim::world::{AlarmEventKind, AlarmState};

const TIMES: [&str; 8] = [
    "2026-11-20T14:32:07Z",
    "2026-11-20T02:00:00Z",
    "2026-11-20T09:15:59Z",
    "2026-11-20T19:45:30Z",
    "2026-12-31T23:59:45Z",
    "2026-11-20T06:07:20Z",
    "2027-02-28T12:30:12Z",
    "2026-11-20T16:20:52Z",
];

fn state(world: &World, name: &str) -> AlarmState {
    world.alarms().iter().find(|alarm| alarm.name == name).unwrap().state
}

fn error_percent(world: &World, function: &str, version: &str, from: Timestamp, to: Timestamp) -> f64 {
    let resource = format!("{function}:live");
    let triple = [("FunctionName", function), ("Resource", &resource), ("ExecutedVersion", version)];
    100.0 * sum(world, &lambda("Errors", &triple), from, to) / sum(world, &lambda("Invocations", &triple), from, to)
}

/// The seconds after the opening at which an alarm is first in this state.
fn wait(world: &mut World, name: &str, wanted: AlarmState) -> i64 {
    let from = world.now();
    while state(world, name) != wanted {
        advance(world, 5);
        assert!(world.now().duration_since(from).as_mins() < 15, "{name} never came to {wanted:?}");
    }
    world.now().duration_since(from).as_secs()
}

#[test]
fn the_alarm_fires_soon_and_clears_after_the_rollback() {
    for time in TIMES {
        let opening: Timestamp = time.parse().unwrap();
        let mut world = demo(opening);
        world.advance(opening);
        for alarm in world.alarms() {
            assert_eq!(alarm.state, AlarmState::Ok, "{time}: {} {}", alarm.name, alarm.reason);
        }
        let past_changes = world.alarm_history().iter().filter(|event| event.kind == AlarmEventKind::StateUpdate);
        assert_eq!(past_changes.count(), 0, "{time}");

        let fired = wait(&mut world, "rv-ocr-errors", AlarmState::Alarm);
        assert!((120..=300).contains(&fired), "{time}: fired after {fired} s");
        assert_eq!(state(&world, "rv-service-health"), AlarmState::Alarm);
        let others = world.alarms().iter().filter(|alarm| alarm.state != AlarmState::Ok).count();
        assert_eq!(others, 2, "{time}");

        for _ in 0..6 {
            advance(&mut world, 10);
        }
        for (function, stable) in [("receipt_crud", "42"), ("ocr_refine", "17")] {
            world.update_alias(function, "live", &to(stable, &[])).unwrap();
        }
        let cleared = wait(&mut world, "rv-ocr-errors", AlarmState::Ok);
        assert!(cleared <= 300, "{time}: cleared after {cleared} s");
        assert_eq!(state(&world, "rv-service-health"), AlarmState::Ok);
    }
}

#[test]
fn one_canary_is_healthy_and_one_is_sick() {
    let opening = super::opening();
    let mut world = demo(opening);
    advance(&mut world, 12 * 60);
    let (from, to) = (opening, opening + SignedDuration::from_mins(10));
    let ocr =
        [error_percent(&world, "ocr_refine", "17", from, to), error_percent(&world, "ocr_refine", "18", from, to)];
    let crud =
        [error_percent(&world, "receipt_crud", "42", from, to), error_percent(&world, "receipt_crud", "43", from, to)];
    assert!(ocr[0] < 0.6 && ocr[1] > 9.0, "{ocr:?}");
    assert!(crud[0] < 0.8 && crud[1] < 1.2, "{crud:?}");
}

#[test]
fn the_demo_shows_ten_functions_twelve_alarms_and_three_budgets() {
    let mut world = demo(opening());
    world.advance(opening());
    assert_eq!(world.functions().count(), 10);
    for function in world.functions() {
        assert!((4..=7).contains(&function.versions.len()), "{}: 3 to 6 and $LATEST", function.name);
        assert!(function.version(function.aliases[0].function_version).is_ok());
    }
    assert_eq!(world.alarms().len(), 12);
    assert!(world.alarms().iter().all(|alarm| alarm.name.starts_with("rv-")));
    let budgets = world.budgets();
    assert_eq!(budgets.iter().map(|budget| budget.limit).collect::<Vec<_>>(), [10.0, 50.0, 100.0]);
    assert!(budgets.iter().all(|budget| budget.actual > 6.0 && budget.forecast.unwrap() > 10.0));
    assert!(world.caller_id().starts_with("AROA") && world.caller_id().ends_with(":ada"));
}

#[test]
fn the_record_says_what_the_aliases_say() {
    let world = demo(opening());
    let record: toml::Table = scenario::find("demo").unwrap().release.unwrap().parse().unwrap();
    let functions = record["functions"].as_array().unwrap();
    assert_eq!(functions.len(), 2);
    for entry in functions {
        let text = |key: &str| entry[key].as_str().unwrap();
        let alias = world.alias(text("name"), text("alias")).unwrap();
        assert_eq!(alias.function_version.to_string(), text("stable"));
        let (new, weight) = alias.weights.iter().next().unwrap();
        assert_eq!(new.to_string(), text("new"));
        let percent = entry["shifts"].as_array().unwrap().last().unwrap()["percent"].as_integer().unwrap();
        assert!((weight * 100.0 - 10.0).abs() < 1e-9 && percent == 10);
    }
}

#[test]
fn every_scenario_can_be_read() {
    assert!(scenario::names().contains(&"demo".to_owned()));
    for name in scenario::names() {
        let scenario = scenario::find(&name).unwrap();
        assert!(!scenario.title.is_empty());
        World::new(&scenario.world, opening()).advance(opening());
    }
    let unknown = scenario::find("nope").unwrap_err().to_string();
    assert!(unknown.starts_with("there is no scenario \"nope\"; there are: "), "{unknown}");
}
