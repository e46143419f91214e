//! Alarms, probes, commands, and what all gates say together.

use super::*;
use crate::release::{
    facts::{Alarm, AlarmState, Severity},
    gates::{
        alarms::{AlarmReading, Insufficient, ringing},
        command::{CommandResult, End},
        probe::ProbeResult,
        settings::{AlarmCheck, ProbeCheck},
    },
};

fn alarm(name: &str, state: AlarmState, since: &str) -> Alarm {
    Alarm { since: Some(at(since)), ..Alarm::named(name, state) }
}

fn critical_ones() -> AlarmCheck {
    AlarmCheck {
        severities: vec![Severity::Critical],
        names: vec!["named".to_owned()],
        prefixes: vec!["api-".to_owned()],
        level: Level::Critical,
    }
}

fn ask_alarms(alarms: &[Alarm], insufficient: Insufficient, read: Option<&str>) -> GateResult {
    let severity = |name: &str| if name.starts_with("low") { Severity::Low } else { Severity::Critical };
    let reading = |alarm| AlarmReading { alarm, severity: None, means: None, insufficient, from_before: false };
    let alarms: Vec<_> =
        alarms.iter().map(|alarm| AlarmReading { severity: Some(severity(&alarm.name)), ..reading(alarm) }).collect();
    let gates = [gate(Check::Alarms(critical_ones()))];
    Bench::closed_until("14:05").with(|readings| {
        let readings = Readings { alarms: &alarms, alarms_read: read.map(at), ..*readings };
        evaluate(&gates, &readings).remove(0)
    })
}

#[test]
fn alarms_act_at_once_but_not_those_that_rang_before() {
    use AlarmState::{Alarm as Rings, InsufficientData, Ok};
    let named = || alarm("named", Ok, "09:00");
    for (others, outcome, word) in [
        (vec![alarm("ocr", Rings, "14:03")], fail(Level::Critical), "ocr is in ALARM"),
        (vec![alarm("ocr", Rings, "13:40")], fail(Level::Warning), "since before the release"),
        (vec![alarm("low-disk", Rings, "14:03")], Outcome::Pass, "1 alarm"),
        (vec![alarm("api-5xx", InsufficientData, "14:03")], undecided(Why::AlarmInsufficient), "api-5xx"),
        (vec![alarm("a", InsufficientData, "14:03"), alarm("b", Rings, "14:04")], fail(Level::Critical), "b is"),
    ] {
        let all: Vec<_> = std::iter::once(named()).chain(others).collect();
        let result = ask_alarms(&all, Insufficient::Undecided, Some("14:06"));
        assert_eq!(result.outcome, outcome, "{all:?}");
        assert!(result.note.contains(word), "{}", result.note);
    }
    let quiet = [named(), alarm("api-5xx", InsufficientData, "14:03")];
    assert_eq!(ask_alarms(&quiet, Insufficient::Ok, Some("14:06")).outcome, Outcome::Pass);
    let mut doubtful = named();
    doubtful.doubt = Some("PARTIAL_DATA".to_owned());
    assert_eq!(ask_alarms(&[doubtful], Insufficient::Ok, Some("14:06")).outcome, undecided(Why::AlarmDoubtful));
}

#[test]
fn an_alarm_that_is_missing_or_was_not_read_is_not_fine() {
    assert_eq!(ask_alarms(&[], Insufficient::Ok, Some("14:06")).outcome, undecided(Why::AlarmMissing));
    let named = [alarm("named", AlarmState::Ok, "09:00")];
    for read in [None, Some("14:01")] {
        assert_eq!(ask_alarms(&named, Insufficient::Ok, read).outcome, undecided(Why::NotRead));
    }
    let gates = [gate(Check::Alarms(critical_ones()))];
    let failing = Bench::closed_until("14:05")
        .with(|readings| evaluate(&gates, &Readings { alarms_trouble: Some("denied"), ..*readings }).remove(0));
    assert_eq!((failing.outcome, failing.note.as_str()), (undecided(Why::AlarmsFail), "denied"));
}

#[test]
fn what_rings_before_a_release_is_named() {
    let alarms = [alarm("named", AlarmState::Alarm, "09:00"), alarm("other", AlarmState::Alarm, "09:00")];
    let insufficient = Insufficient::Ok;
    let reading = |alarm| AlarmReading { alarm, severity: None, means: Some("page"), insufficient, from_before: false };
    let readings: Vec<_> = alarms.iter().map(reading).collect();
    assert_eq!(ringing(&critical_ones(), &readings), ["named"]);
}

#[test]
fn a_probe_fails_its_gate_after_so_many_bad_answers_in_a_row() {
    let refusal = || Some("status 503, expected 200".to_owned());
    let ask = |answers: &[(&str, &str)]| {
        let result = |(time, answer): &(&str, &str)| ProbeResult {
            at: at(time),
            asked: *answer != "not asked",
            refusal: if *answer == "good" { None } else { refusal() },
            status: None,
            ms: 84.0,
            version: Some("1.4.0".to_owned()),
        };
        let probes = BTreeMap::from([("health".to_owned(), answers.iter().map(result).collect())]);
        let check = ProbeCheck {
            probe: "health".to_owned(),
            failures: 3,
            stale_after: Duration::from_mins(2),
            level: Level::Critical,
        };
        Bench::closed_until("14:05").with(|readings| {
            evaluate(&[gate(Check::Probe(check))], &Readings { probes: &probes, ..*readings }).remove(0)
        })
    };
    assert_eq!(ask(&[]).outcome, undecided(Why::NotRun));
    assert_eq!(ask(&[("13:59", "good")]).outcome, undecided(Why::NotRun), "before the shift");
    assert_eq!(ask(&[("14:02", "good")]).outcome, undecided(Why::NotRun), "too long ago");
    assert_eq!(ask(&[("14:06", "bad"), ("14:07", "not asked")]).outcome, undecided(Why::NotRun));
    let good = ask(&[("14:06", "bad"), ("14:07", "good")]);
    assert_eq!((good.outcome, good.value, good.note.as_str()), (Outcome::Pass, Some(84.0), "1.4.0"));
    let twice = ask(&[("14:06", "bad"), ("14:07", "bad")]);
    assert_eq!(twice.outcome, undecided(Why::NotLong { bad: 2, needed: 3 }));
    let thrice = ask(&[("14:05", "bad"), ("14:06", "bad"), ("14:07", "bad")]);
    assert_eq!((thrice.outcome, thrice.note), (fail(Level::Critical), "status 503, expected 200".to_owned()));
}

#[test]
fn a_command_counts_from_its_exit_code_and_only_since_the_shift() {
    let ask = |runs: &[(&str, End)]| {
        let run =
            |(time, end): &(&str, End)| CommandResult { at: at(time), end: *end, words: "exit code 2".to_owned() };
        let commands = runs.iter().map(|one| ("smoke".to_owned(), run(one))).collect();
        let gates = [gate(Check::Command { command: "smoke".to_owned(), level: Level::Critical })];
        Bench::closed_until("14:05")
            .with(|readings| evaluate(&gates, &Readings { commands: &commands, ..*readings }).remove(0))
    };
    assert_eq!(ask(&[]).outcome, undecided(Why::NotRun));
    assert_eq!(ask(&[("13:58", End::Passed)]).outcome, undecided(Why::NotRun));
    assert_eq!(ask(&[("14:01", End::Passed)]).outcome, Outcome::Pass);
    let failed = ask(&[("14:01", End::Failed)]);
    assert_eq!((failed.outcome, failed.note.as_str()), (fail(Level::Critical), "exit code 2"));
    assert_eq!(ask(&[("14:01", End::NotRun)]).outcome, undecided(Why::NotRun));
}

#[test]
fn the_judge_speaks_last_and_counts_as_telling_the_versions_apart() {
    let judge = Judgement { outcome: fail(Level::Critical), data_to: Some(at("14:04")), note: "3.1 times".into() };
    let results =
        Bench::closed_until("14:05").with(|readings| evaluate(&[], &Readings { judge: Some(&judge), ..*readings }));
    assert_eq!((results.len(), results[0].gate.as_str(), results[0].is_apart), (1, "judge", true));
    assert_eq!(standing(&results), Standing::Failed);
}

#[test]
fn gates_are_asked_on_their_leg_and_counted_by_their_worst_result() {
    let watch = Gate { when: When::Watch, ..gate(Check::Alarms(critical_ones())) };
    let bench = Bench::closed_until("14:05");
    assert!(bench.with(|readings| evaluate(std::slice::from_ref(&watch), readings)).is_empty());
    let result = |gate: &str, outcome| GateResult { outcome, ..GateResult::new(gate, Unit::Count) };
    let results = [
        result("a", Outcome::Pass),
        result("a", fail(Level::Critical)),
        result("b", undecided(Why::NoData)),
        result("c", fail(Level::Warning)),
        result("d", Outcome::Pass),
        result("d", Outcome::Pass),
    ];
    assert_eq!(tally(&results), Tally { pass: 1, warning: 1, fail: 1, undecided: 1 });
    assert_eq!(standing(&results[2..]), Standing::Undecided);
    assert_eq!(standing(&results[3..]), Standing::Pass);
}
