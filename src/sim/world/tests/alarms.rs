//! Alarms follow the metrics, wait for data to settle, and say why.

use super::*;
use crate::sim::world::{Alarm, AlarmEventKind, AlarmState, Disturbance};

/// Version 1 fails completely for four minutes, from a minute after the opening.
const ALARMED: &str = r#"
[[functions]]
name = "pay"
role = "pay"
troubles = [{ begins = { at = "53s" }, lasts = "4m", error_percent = 100, throttled_percent = 20 }]
versions = [{ number = 1, published = "-3d", latency = { p50_ms = 50, p99_ms = 400 } }]
aliases = [{ name = "live", version = 1, calls_per_minute = 600 }]

[[alarms]]
name = "errors"
period = "60s"
evaluation_periods = 3
datapoints_to_alarm = 2
threshold = 50
topics = ["page"]
watches.percent.part = { namespace = "AWS/Lambda", name = "Errors", dimensions = { FunctionName = "pay" } }
watches.percent.whole = { namespace = "AWS/Lambda", name = "Invocations", dimensions = { FunctionName = "pay" } }

[[alarms]]
name = "nothing"
statistic = "Sum"
period = "60s"
evaluation_periods = 2
threshold = 0
watches.metric = { namespace = "Nope", name = "Nope" }

[[composites]]
name = "health"
rule = 'ALARM("errors") AND NOT ALARM("nothing")'
"#;

fn alarmed() -> World {
    let head = SMALL.split("[[functions]]").next().unwrap();
    World::new(&toml::from_str(&format!("{head}{ALARMED}")).unwrap(), opening())
}

fn alarm<'a>(world: &'a World, name: &str) -> &'a Alarm {
    world.alarms().iter().find(|alarm| alarm.name == name).unwrap()
}

#[test]
fn states_at_the_opening_have_been_there_for_long() {
    let mut world = alarmed();
    world.advance(opening());
    for (name, state) in
        [("errors", AlarmState::Ok), ("nothing", AlarmState::InsufficientData), ("health", AlarmState::Ok)]
    {
        let alarm = alarm(&world, name);
        assert_eq!(alarm.state, state, "{name}");
        assert_eq!(opening().duration_since(alarm.state_transitioned).as_hours(), 9 * 24, "{name}");
    }
    assert_eq!(alarm(&world, "nothing").reason, "Insufficient Data: 2 datapoints were unknown.");
    assert!(world.alarm_history().iter().all(|event| event.kind == AlarmEventKind::ConfigurationUpdate));
}

#[test]
fn an_alarm_fires_says_why_and_clears() {
    let mut world = alarmed();
    let mut changes = Vec::new();
    let mut last = AlarmState::Ok;
    for _ in 0..700 {
        advance(&mut world, 1);
        let errors = alarm(&world, "errors");
        if errors.state != last {
            last = errors.state;
            changes.push((errors.state, errors.state_transitioned.to_string(), errors.reason.clone()));
            assert_eq!(alarm(&world, "health").state, last, "the composite follows");
        }
    }
    // 14:33 and 14:34 breach; 14:34 has settled 75 seconds after its end. The trouble ends at 14:37.
    assert_eq!(changes[0].0, AlarmState::Alarm);
    assert_eq!(changes[0].1, "2026-11-20T14:36:15Z");
    assert_eq!(
        changes[0].2,
        "Threshold Crossed: 2 out of the last 3 datapoints [100.0 (20/11/26 14:34:00), 100.0 (20/11/26 14:33:00)] \
         were greater than the threshold (50.0) (minimum 2 datapoints for OK -> ALARM transition)."
    );
    assert_eq!((changes[1].0, changes[1].1.as_str()), (AlarmState::Ok, "2026-11-20T14:40:15Z"));
    assert!(changes[1].2.ends_with("(minimum 2 datapoints for ALARM -> OK transition)."), "{}", changes[1].2);
    assert_eq!(changes.len(), 2);
    let health = alarm(&world, "health");
    assert_eq!(
        health.reason,
        "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors transitioned to OK \
         at Friday 20 November, 2026 14:40:15 UTC"
    );
    let told: Vec<_> = world.alarm_history().iter().filter(|event| event.kind == AlarmEventKind::Action).collect();
    assert_eq!(told.len(), 1);
    let updates = world.alarm_history().iter().filter(|event| event.kind == AlarmEventKind::StateUpdate);
    let summaries: Vec<_> = updates.map(|event| (event.alarm.as_str(), event.summary.as_str())).collect();
    assert_eq!(summaries[0], ("errors", "Alarm updated from OK to ALARM"));
    assert_eq!(summaries[1], ("health", "Alarm updated from OK to ALARM"));
}

#[test]
fn a_state_set_by_hand_stays_until_an_evaluation_differs() {
    let mut world = alarmed();
    world.advance(opening());
    world.set_alarm_state("errors", AlarmState::Alarm, "a drill", "").unwrap();
    assert_eq!(alarm(&world, "errors").reason, "a drill");
    assert_eq!(alarm(&world, "health").state, AlarmState::Alarm);
    advance(&mut world, 5);
    assert_eq!(alarm(&world, "errors").state, AlarmState::Alarm, "no minute has settled since");
    advance(&mut world, 60);
    assert_eq!(alarm(&world, "errors").state, AlarmState::Ok);
    assert_eq!(world.set_alarm_state("nope", AlarmState::Ok, "", "").unwrap_err().status, 404);
}

#[test]
fn a_shared_trouble_throttles_and_fails() {
    let mut world = alarmed();
    advance(&mut world, 600);
    let name = [("FunctionName", "pay")];
    let at = |minutes| opening() + SignedDuration::from_mins(minutes);
    let of = |metric: &str, from, to| sum(&world, &lambda(metric, &name), at(from), at(to));
    let (throttled, ran) = (of("Throttles", 1, 4), of("Invocations", 1, 4));
    assert!((throttled / (throttled + ran) - 0.2).abs() < 0.05, "{throttled} and {ran}");
    assert!(of("Throttles", -20, 0).abs() < f64::EPSILON);
    assert!((of("Errors", 1, 4) - ran).abs() < f64::EPSILON);
}

#[test]
fn disturbances_come_when_ordered() {
    let mut world = alarmed();
    world.disturb("Get*", Disturbance::Hang, Some(1));
    assert_eq!(world.next_fault("UpdateAlias"), None);
    assert_eq!(world.next_fault("GetAlias"), Some(Disturbance::Hang));
    assert_eq!(world.next_fault("GetAlias"), None);
    world.disturb("*", Disturbance::Throttled, None);
    assert_eq!(world.next_fault("UpdateAlias"), Some(Disturbance::Throttled));
    world.calm();
    assert_eq!(world.next_fault("UpdateAlias"), None);
}

#[test]
fn a_percentage_can_be_one_of_how_often() {
    let share = |of: &str, statistic: &str| {
        format!(
            "[[alarms]]\nname = \"{of} {statistic}\"\nstatistic = \"{statistic}\"\nperiod = \"60s\"\n\
             evaluation_periods = 2\nthreshold = 20\n\
             watches.percent.part = {{ namespace = \"LambdaInsights\", name = \"init_duration\", \
             dimensions = {{ function_name = \"{of}\" }} }}\n\
             watches.percent.whole = {{ namespace = \"LambdaInsights\", name = \"memory_utilization\", \
             dimensions = {{ function_name = \"{of}\" }} }}\n"
        )
    };
    let function = |name: &str, cold: u8| {
        format!(
            "[[functions]]\nname = \"{name}\"\nrole = \"pay\"\ninsights = true\n\
             versions = [{{ number = 1, published = \"-3d\", cold_percent = {cold}, latency = {{ p50_ms = 50, p99_ms = 400 }} }}]\n\
             aliases = [{{ name = \"live\", version = 1, calls_per_minute = 600 }}]\n"
        )
    };
    let head = SMALL.split("[[functions]]").next().unwrap();
    let text = [function("cold", 40), function("warm", 4), share("cold", "SampleCount"), share("warm", "SampleCount")];
    let mut world = World::new(&toml::from_str(&format!("{head}{}", text.concat())).unwrap(), opening());
    world.advance(opening());
    assert_eq!(alarm(&world, "cold SampleCount").state, AlarmState::Alarm);
    // Milliseconds of cold starts for percent of memory would be far above 20.
    assert_eq!(alarm(&world, "warm SampleCount").state, AlarmState::Ok);
}
