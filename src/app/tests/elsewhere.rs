//! A release that another machine began: what its records tell, and what R puts back from here.

use super::{
    whole::{self, places, stage},
    *,
};
use crate::release::{
    carried,
    names::ReleaseId,
    plan::{Purpose, roll_back_row},
};

const BOB: &str = "bob@there/2";

fn description(bench: &Bench, target: &Target) -> String {
    bench.aliases.borrow()[target].description.clone()
}

#[test]
fn a_stage_goes_back_with_the_rest_and_keeps_what_a_person_wrote() {
    let mut ada = whole::bench();
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
    let mut ada = whole::bench();
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y d <300ms> y");
    ada.settle();
    assert_eq!(description(&ada, &stage()), "");
    assert_eq!(places(&ada), ["43 100%", "43 100%", "43 100%"]);
}

#[test]
fn a_stage_whose_record_is_gone_cannot_be_told() {
    let mut ada = whole::bench();
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y");
    ada.set(&stage(), routing("43"), Some("by hand"));
    let mut bob = ada.neighbour(BOB);
    let left = bob.app.left_alone(&bob.app.roll_back_plan(&[], None));
    assert!(left.len() == 1 && left[0].is_unknown, "{left:?}");
    bob.check("R");
    assert!(bob.timeline().contains("api:prod stays at 43 100%"), "{}", bob.timeline());
    assert!(bob.said().contains("NOT api:prod"), "a success must not hide it: {}", bob.said());
    assert_eq!(places(&bob), ["42 100%", "42 100%", "43 100%"]);
}

#[test]
fn a_stage_that_waits_elsewhere_has_not_been_moved() {
    let mut ada = whole::bench();
    ada.check("1 <300ms> y");
    let bob = ada.neighbour(BOB);
    let left = bob.app.left_alone(&bob.app.roll_back_plan(&[], None));
    assert!(left.len() == 1 && !left[0].is_unknown, "{left:?}");
}

/// A rule between two groups, alone.
fn web() -> Target {
    Target::rule("web", "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/a/b/c/d")
}

fn group(name: &str) -> Version {
    Version::named(&format!("{name}/6d0ecf831eec9f09")).unwrap()
}

/// A rule at 20 to 80, split by a release of Ada's; `text` is what its tag says.
fn bob_at_the_rule(text: &str) -> Bench {
    let mut bob = Bench::with(|environment| {
        let settings = FunctionSettings { target: web(), ..environment.functions[0].clone() };
        environment.functions = vec![settings];
    });
    let routing = Routing::at_percent(group("blue"), group("green"), 80.0, SplitStyle::WeightNew);
    bob.set(&web(), routing, Some(text));
    bob.check("ctrl-r <1s>");
    bob
}

#[test]
fn a_rule_goes_back_to_the_group_that_its_tag_names() {
    let record = carried::Carried {
        id: ReleaseId::new("r-20261120-1432"),
        stable: group("blue"),
        new: group("green"),
        percent: 80.0,
        since: "2026-11-20T14:32:07Z".parse().unwrap(),
        owner: "ada@here/1".into(),
        before: None,
    };
    let mut bob = bob_at_the_rule(&carried::write("", &record).unwrap());
    bob.check("R");
    assert_eq!(bob.take_writes(), ["write web blue 100% @r2"]);
    assert_eq!(description(&bob, &web()), "", "and the tag is taken off");
}

#[test]
fn names_that_no_tag_holds_stay_on_this_machine() {
    let long = |first: char| Version::named(&format!("{}/6d0ecf831eec9f09", first.to_string().repeat(32))).unwrap();
    let row = |stable, new| roll_back_row(&web(), None, stable, new);
    let shift = Purpose::Shift { percent: 10.0 };
    let fits = |owner: &str, stable, new| {
        let mut bob = bob_at_the_rule("");
        owner.clone_into(&mut bob.app.deck.place.owner);
        bob.app.description_for(&row(stable, new), shift, bob.now)
    };
    assert!(fits("ada@here/1", long('b'), long('g')).is_some(), "AWS's longest names fit");
    assert_eq!(fits("ada~@here/1", group("blue"), group("green")), None);
}

#[test]
fn a_record_that_could_not_be_written_is_said_once_and_stops_nothing() {
    let mut ada = whole::bench();
    ada.unrecorded = Some(trouble(Trouble::Denied));
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y");
    assert_eq!(places(&ada), ["43 100%", "43 100%", "43 100%"]);
    let timeline = ada.timeline();
    let said = timeline.matches("the release record of api:prod could not be written").count();
    assert_eq!(said, 1, "{timeline}");
}

#[test]
fn who_takes_over_takes_the_stage_too() {
    let mut ada = whole::bench();
    ada.check("1 <300ms> y 2 <300ms> y 3 <300ms> y");
    let mut bob = ada.neighbour(BOB);
    bob.check("T <300ms> y");
    bob.settle();
    let owner = carried::read(&description(&bob, &stage())).1.map(|record| record.owner);
    assert_eq!((owner.as_deref(), places(&bob)[2].as_str()), (Some(BOB), "43 100%"));
}
