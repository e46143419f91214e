//! A release that another machine began: what its records tell, and what R puts back from here.

use super::*;
use crate::release::carried;

const BOB: &str = "bob@there/2";

fn stage() -> Target {
    Target::stage("api", "a1b2", "prod")
}

/// Two functions and a stage of a REST API, and Ada in front of them.
fn ada() -> Bench {
    Bench::with(|environment| {
        let settings = FunctionSettings { target: stage(), ..environment.functions[0].clone() };
        environment.functions.push(settings);
    })
}

fn places(bench: &Bench) -> [String; 3] {
    let stage = bench.aliases.borrow()[&stage()].routing.to_string();
    [bench.live("pay"), bench.live("ship"), stage]
}

fn description(bench: &Bench, target: &Target) -> String {
    bench.aliases.borrow()[target].description.clone()
}

#[test]
fn a_stage_goes_back_with_the_rest_and_keeps_what_a_person_wrote() {
    let mut ada = ada();
    ada.set(&stage(), routing("42"), Some("the public API"));
    ada.check("ctrl-r 1 <300ms> y");
    assert_eq!(description(&ada, &stage()), "the public API", "a stage that waits is not written to");
    ada.check("2 <300ms> y 3 <300ms> y");
    let text = description(&ada, &stage());
    let (human, record) = carried::read(&text);
    assert_eq!((human, record.map(|record| record.stable)), ("the public API", Some(version(42))), "{text}");

    let mut bob = ada.neighbour(BOB);
    assert_eq!(bob.app.deck.in_release().count(), 3);
    bob.check("R");
    bob.settle();
    assert_eq!(places(&bob), ["42 100%", "42 100%", "42 100%"]);
    assert_eq!(description(&bob, &stage()), "the public API");
    assert!(!bob.timeline().contains("stays at"), "{}", bob.timeline());
}

#[test]
fn the_end_takes_the_record_out_of_a_stage() {
    let mut ada = ada();
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y d <300ms> y");
    ada.settle();
    assert_eq!(description(&ada, &stage()), "");
    assert_eq!(places(&ada), ["43 100%", "43 100%", "43 100%"]);
}

#[test]
fn a_stage_whose_record_is_gone_cannot_be_told() {
    let mut ada = ada();
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y");
    ada.set(&stage(), routing("43"), Some("by hand"));
    let mut bob = ada.neighbour(BOB);
    let left = bob.app.left_alone(&bob.app.roll_back_plan(&[], None));
    assert!(left.len() == 1 && left[0].is_unknown, "{left:?}");
    bob.check("R");
    assert!(bob.timeline().contains("api:prod stays at 43 100%"), "{}", bob.timeline());
    assert_eq!(places(&bob), ["42 100%", "42 100%", "43 100%"]);
}

#[test]
fn a_stage_that_waits_elsewhere_has_not_been_moved() {
    let mut ada = ada();
    ada.check("1 <300ms> y");
    let bob = ada.neighbour(BOB);
    let left = bob.app.left_alone(&bob.app.roll_back_plan(&[], None));
    assert!(left.len() == 1 && !left[0].is_unknown, "{left:?}");
}

#[test]
fn who_takes_over_takes_the_stage_too() {
    let mut ada = ada();
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y");
    let mut bob = ada.neighbour(BOB);
    bob.check("T <300ms> y");
    bob.settle();
    let owner = carried::read(&description(&bob, &stage())).1.map(|record| record.owner);
    assert_eq!((owner.as_deref(), places(&bob)[2].as_str()), (Some(BOB), "43 100%"));
}
