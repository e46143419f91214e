//! Probes, commands, the checklist, alarms that ring already and allowed hours, around a first shift and after it.

use jiff::{civil::time, tz::TimeZone};

use super::{
    outside::{command, health, ringing},
    *,
};
use crate::{
    config::{AlarmMatch, AlarmRule},
    release::{
        checklist::{ItemSettings, ItemState, Phase, Ticks},
        facts::{AlarmState, Severity},
        gates::command::{End, Moment},
        hours::AllowedHours,
        stages::{Advance, Obstacle, State},
    },
};

fn item(name: &str, ticks: Ticks) -> ItemSettings {
    let phase = Phase::Before;
    ItemSettings { name: name.into(), section: None, phase, required: true, role: None, other_than: None, ticks }
}

#[test]
fn a_health_endpoint_is_asked_at_its_pace_and_at_once_after_a_shift_and_a_rollback() {
    let mut bench = Bench::with(|environment| environment.probes.push(health()));
    let asked = |bench: &mut Bench| bench.take_log().iter().filter(|line| *line == "read Probe health").count();
    assert_eq!(bench.app.checks.probes["health"].len(), 1, "at the start");
    bench.check("<29s>");
    assert_eq!(asked(&mut bench), 1, "every 15 seconds");
    bench.check("1 <300ms> y");
    assert_eq!(asked(&mut bench), 1, "after the shift");
    bench.outside.sickness = Some("status 503, expected 200".into());
    bench.check("R");
    assert_eq!(asked(&mut bench), 1, "after the rollback");
    let told = bench.timeline();
    assert!(told.contains("health: well in 85 ms, version 43 (9f3c2d1)"), "{told:?}");
    assert!(told.contains("health: status 503, expected 200"), "{told:?}");
}

#[test]
fn commands_run_at_their_moments() {
    let mut bench = Bench::with(|environment| {
        environment.commands = [Moment::Before, Moment::Stage, Moment::Watch, Moment::RollBack]
            .map(|when| command(&format!("{when:?}"), when))
            .to_vec();
    });
    let ran = |bench: &mut Bench| {
        let log = bench.take_log();
        log.iter().filter_map(|line| line.strip_prefix("read Command ").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(ran(&mut bench), Vec::<String>::new(), "nothing runs by itself");
    bench.check("1 <300ms>");
    assert_eq!(ran(&mut bench), ["Before"], "the plan shows what it says");
    bench.check("y");
    assert_eq!(ran(&mut bench), ["Stage"]);
    bench.check("3 <300ms> y");
    assert_eq!(ran(&mut bench), ["Stage", "Watch"]);
    bench.check("R");
    assert_eq!(ran(&mut bench), ["RollBack"]);
    assert_eq!(bench.app.checks.commands["RollBack"].end, End::Passed);
}

#[test]
fn a_failed_command_stops_an_automatic_release_and_warns_a_person() {
    let with_command = || Bench::with(|environment| environment.commands.push(command("snapshot", Moment::Before)));
    let mut bench = with_command();
    bench.outside.exit_code = 2;
    bench.check("1 <300ms>");
    let why = Obstacle::Preflight { why: "the command snapshot: exit code 2".into() };
    assert_eq!(bench.app.obstacles(bench.now), std::slice::from_ref(&why));
    bench.check("y");
    assert_eq!(bench.take_writes().len(), 2, "a person's own shift goes out");

    let mut bench = with_command();
    bench.outside.exit_code = 2;
    bench.app.course.advance = Advance::ByItself;
    bench.check("1 <300ms> y <2m>");
    assert_eq!(bench.take_writes(), Vec::<String>::new());
    let running = bench.app.running.as_ref().unwrap();
    assert_eq!((running.run.state(), running.run.obstacles()), (State::Preflight, [why].as_slice()));
    assert!(bench.app.is_blocked(bench.now));
}

#[test]
fn an_automatic_release_begins_when_its_command_passes() {
    let mut bench = Bench::with(|environment| environment.commands.push(command("snapshot", Moment::Before)));
    bench.app.course.advance = Advance::ByItself;
    bench.check("1 <300ms> y <1m>");
    assert_eq!(bench.take_writes().len(), 2, "at the start of the next minute");
}

fn ringing_bench() -> Bench {
    let mut bench = Bench::with(|environment| {
        let matches = AlarmMatch::Prefix("api".into());
        environment.alarms.push(AlarmRule::new(matches, Severity::Critical));
    });
    bench.outside.alarms = vec![ringing("api-5xx")];
    bench.check("<15s>");
    bench
}

#[test]
fn an_alarm_that_rings_already_is_acknowledged_by_a_person_and_stops_an_automatic_release() {
    let mut bench = ringing_bench();
    bench.check("1 <300ms>");
    assert_eq!(bench.app.obstacles(bench.now), [Obstacle::AlarmRinging { name: "api-5xx".into() }]);
    bench.check("y <3m>");
    assert_eq!(bench.take_writes().len(), 2);
    assert_eq!(bench.app.running.as_ref().unwrap().run.state(), State::Observing, "it does not fail the gates");

    let mut bench = ringing_bench();
    bench.app.course.advance = Advance::ByItself;
    bench.check("1 <300ms> y <2m>");
    assert_eq!((bench.take_writes().len(), bench.app.is_blocked(bench.now)), (0, true));

    let mut bench = ringing_bench();
    bench.app.course.advance = Advance::ByItself;
    bench.app.acknowledged.insert("api-5xx".into());
    bench.check("1 <300ms> y <1m>");
    assert_eq!(bench.take_writes().len(), 2);
}

#[test]
fn an_alarm_that_recovers_and_rings_again_counts() {
    let mut bench = ringing_bench();
    bench.check("1 <300ms> y <1m>");
    bench.outside.alarms[0].state = AlarmState::Ok;
    bench.check("<1m>");
    bench.outside.alarms[0].state = AlarmState::Alarm;
    bench.check("<1m>");
    let state = bench.app.running.as_ref().unwrap().run.state();
    assert!(matches!(state, State::Asking(_)), "{state:?}");
}

#[test]
fn a_required_item_stops_the_first_shift_until_somebody_ticks_it() {
    let mut bench = Bench::with(|environment| environment.checklist.push(item("support knows", Ticks::Person)));
    bench.check("1 <300ms> y");
    assert_eq!(bench.take_writes().len(), 0);
    assert!(bench.said().contains("“support knows” is required and not ticked"), "{}", bench.said());
    bench.app.tick("support knows", bench.now).unwrap();
    bench.check("esc 1 <300ms> y");
    assert_eq!(bench.take_writes().len(), 2);
    let state = &bench.app.checks.checklist.items()[0].state;
    assert!(matches!(state, ItemState::Ticked { by: Some(by), .. } if by == "ada (oncall/ada)"), "{state:?}");
}

#[test]
fn outside_the_allowed_hours_the_plan_wants_a_reason() {
    use jiff::civil::Weekday::Monday;
    let mut bench = Bench::with(|environment| {
        let (from, to) = (time(9, 0, 0, 0), time(16, 0, 0, 0));
        environment.allowed_hours = Some(vec![AllowedHours { days: vec![Monday], from, to, zone: TimeZone::UTC }]);
    });
    bench.check("1 <300ms> y esc");
    assert_eq!((bench.take_writes().len(), &bench.app.view.overlay), (0, &None), "y is text there, and Esc cancels");
    bench.check("1 <300ms> enter space enter y backspace");
    assert_eq!(bench.take_writes().len(), 0, "nothing is no reason");
    bench.check("ctrl-u h o t f i x enter y");
    assert_eq!(bench.take_writes().len(), 2);
    assert!(bench.timeline().contains("shifted 2 of 2 functions to 10%"), "{}", bench.timeline());
    assert!(bench.timeline().contains(": hotfix"), "{}", bench.timeline());
    bench.check("2 <300ms> y");
    assert_eq!(bench.take_writes().len(), 2, "a release under way goes on at any hour");
}
