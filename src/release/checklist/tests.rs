//! What a checklist takes and refuses.

use super::*;
use crate::release::gates::{Outcome, Unit, Why, command::End};

fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time}:00Z").parse().unwrap()
}

fn item(name: &str, phase: Phase, ticks: Ticks) -> ItemSettings {
    ItemSettings { name: name.to_owned(), section: None, phase, required: false, role: None, other_than: None, ticks }
}

fn by_hand(name: &str) -> ItemSettings {
    item(name, Phase::Before, Ticks::Person)
}

fn by_gate(phase: Phase) -> Checklist {
    Checklist::new(&[item("error rate < 1 %", phase, Ticks::Gate("errors".to_owned()))])
}

fn results(outcomes: &[Outcome]) -> Vec<GateResult> {
    outcomes
        .iter()
        .map(|outcome| GateResult { outcome: *outcome, ..GateResult::new("errors", Unit::Percent) })
        .collect()
}

#[test]
fn items_stand_by_phase_and_in_each_as_they_were_written() {
    let of_phase = |name, phase| item(name, phase, Ticks::Person);
    let list = Checklist::new(&[
        of_phase("after", Phase::After),
        of_phase("one", Phase::Before),
        of_phase("during", Phase::During),
        of_phase("two", Phase::Before),
    ]);
    let names: Vec<_> = list.items().iter().map(|item| item.settings.name.as_str()).collect();
    assert_eq!(names, ["one", "two", "during", "after"]);
}

#[test]
fn a_person_ticks_and_unticks_with_name_and_time() {
    let mut list = Checklist::new(&[by_hand("migrations tested")]);
    list.tick("migrations tested", "ada", at("13:50")).unwrap();
    let ticked = ItemState::Ticked { by: Some("ada".to_owned()), at: at("13:50") };
    assert_eq!((&list.items()[0].state, list.progress()), (&ticked, (1, 1)));
    list.untick("migrations tested").unwrap();
    assert_eq!(list.progress(), (0, 1));
    assert_eq!(
        list.tick("migration tested", "ada", at("13:51")).unwrap_err().to_string(),
        "the checklist has no item “migration tested”"
    );
}

#[test]
fn two_items_can_demand_two_people_whichever_is_ticked_first() {
    let second = ItemSettings { other_than: Some("approved by DevOps".to_owned()), ..by_hand("approved by PM") };
    let mut list = Checklist::new(&[by_hand("approved by DevOps"), second]);
    list.tick("approved by DevOps", "ada", at("13:50")).unwrap();
    let refused = list.tick("approved by PM", "ada", at("13:51")).unwrap_err();
    assert!(refused.to_string().contains("two different people, and ada ticked the other one"), "{refused}");
    list.tick("approved by PM", "grace", at("13:52")).unwrap();
    list.untick("approved by DevOps").unwrap();
    assert!(list.tick("approved by DevOps", "grace", at("13:53")).is_err());
}

#[test]
fn required_items_before_the_release_stand_in_its_way() {
    let required = |settings| ItemSettings { required: true, ..settings };
    let after = item("notes logged", Phase::After, Ticks::Person);
    let mut list = Checklist::new(&[required(by_hand("snapshot")), by_hand("coffee"), required(after)]);
    assert_eq!(list.obstacles(), [Obstacle::Required { item: "snapshot".to_owned() }]);
    list.tick("snapshot", "ada", at("13:50")).unwrap();
    assert_eq!(list.obstacles(), []);
}

#[test]
fn an_answer_that_nobody_waits_for_ticks_nothing() {
    let silent = |outcome| GateResult { holds: false, outcome, ..GateResult::new("errors", Unit::Percent) };
    let silence = Outcome::Undecided { why: Why::NoData };
    let state = |results: &[GateResult]| {
        let mut list = by_gate(Phase::During);
        list.observe(Some(Leg::Bake), results, at("14:05"));
        list.items()[0].is_ticked()
    };
    assert!(!state(&[silent(silence)]), "no data is never good news");
    assert!(state(&[silent(silence), silent(Outcome::Pass)]), "a function that nobody calls beside one that is well");
}

#[test]
fn a_gate_ticks_its_item_only_in_its_phase_and_only_when_it_passes_everywhere() {
    let undecided = Outcome::Undecided { why: Why::NoData };
    let failing = Outcome::Fail { level: Level::Warning, alike: false };
    let state = |leg, outcomes: &[Outcome]| {
        let mut list = by_gate(Phase::During);
        list.observe(leg, &results(outcomes), at("14:05"));
        list.items()[0].state.clone()
    };
    let bake = Some(Leg::Bake);
    assert_eq!(state(bake, &[Outcome::Pass, Outcome::Pass]), ItemState::Ticked { by: None, at: at("14:05") });
    assert_eq!(state(bake, &[Outcome::Pass, undecided]), ItemState::Open);
    assert_eq!(state(bake, &[undecided, failing]), ItemState::Failing { at: at("14:05") });
    assert_eq!(state(None, &[Outcome::Pass]), ItemState::Open);
    assert_eq!(state(bake, &[]), ItemState::Open);
}

#[test]
fn an_item_of_the_end_waits_for_the_watch_and_keeps_its_first_time() {
    let mut list = by_gate(Phase::After);
    list.observe(Some(Leg::Bake), &results(&[Outcome::Pass]), at("14:05"));
    assert_eq!(list.progress(), (0, 1));
    for time in ["14:12", "14:13"] {
        list.observe(Some(Leg::Watch), &results(&[Outcome::Pass]), at(time));
    }
    assert_eq!(list.items()[0].state, ItemState::Ticked { by: None, at: at("14:12") });
    let refused = list.tick("error rate < 1 %", "ada", at("14:20")).unwrap_err();
    assert!(refused.to_string().contains("is ticked by the gate “errors”"), "{refused}");
}

#[test]
fn a_command_ticks_its_item_with_exit_code_0() {
    let snapshot = item("snapshot younger than an hour", Phase::Before, Ticks::Command("snapshot age".to_owned()));
    let mut list = Checklist::new(&[snapshot]);
    let run = |end| CommandResult { at: at("13:50"), end, words: String::new() };
    list.ran("snapshot age", &run(End::Failed));
    assert_eq!(list.items()[0].state, ItemState::Failing { at: at("13:50") });
    list.ran("something else", &run(End::Passed));
    list.ran("snapshot age", &run(End::Passed));
    assert_eq!(list.progress(), (1, 1));
}
