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
    assert!(left.len() == 1 && left[0].is_unknown(), "{left:?}");
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
    assert_eq!(left, [], "at 10 % nothing that cannot be split has moved");
}

/// Bob's cockpit after a release of Ada's in which the alias of `ship` lost its record.
fn bob_beside_an_alias_without(percent: u32, description: &str) -> Bench {
    let mut ada = Bench::mid_release();
    if percent == 100 {
        ada.check("3 <300ms> y");
    }
    let routing = ada.alias(&target("ship")).routing;
    ada.set(&target("ship"), routing, Some(description));
    ada.neighbour(BOB)
}

#[test]
fn an_alias_that_is_split_and_lost_its_record_is_said_not_to_be_back() {
    let mut bob = bob_beside_an_alias_without(10, "by hand");
    bob.check("R");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "42 90% + 43 10%"]);
    assert!(
        bob.timeline().contains("ship:live stays at 42 90% + 43 10%, and it carries no record"),
        "{}",
        bob.timeline()
    );
    assert!(bob.said().contains("NOT ship:live") && bob.app.view.toast.as_ref().unwrap().bad, "{}", bob.said());
    assert!(bob.timeline().contains("rollback --function ship --to OLD --yes"), "{}", bob.timeline());
}

#[test]
fn an_alias_at_one_version_without_a_record_is_named_quietly_and_a_cut_record_is_not() {
    let mut bob = bob_beside_an_alias_without(100, "by hand");
    bob.versions.pop();
    let quiet = bob.app.left_alone(&bob.app.roll_back_plan(&[], None));
    assert_eq!(quiet.len(), 1, "{quiet:?}");
    assert!(!quiet[0].is_unknown() && quiet[0].words.starts_with("ship:live carries no record"), "{quiet:?}");
    bob.check("R");
    assert!(!bob.said().contains("NOT"), "{}", bob.said());

    let mut bob = bob_beside_an_alias_without(100, "by hand [flightdeck r-20261120-1432 42>43 100% 2026-1");
    bob.check("R");
    assert!(bob.said().contains("NOT ship:live"), "{}", bob.said());
}

/// Another machine that has just started and is told nothing of one of the two.
fn bob_who_cannot_read_ship(ada: &Bench) -> Bench {
    let mut bob = ada.neighbour(BOB);
    bob.unreadable.insert(target("ship"));
    bob.restart();
    bob
}

#[test]
fn what_could_not_be_read_is_no_success() {
    let mut ada = Bench::mid_release();
    ada.check("3 <300ms> y");
    let mut bob = bob_who_cannot_read_ship(&ada);
    bob.check("R");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "43 100%"]);
    assert!(bob.said().contains("NOT ship:live: not read, may still have the new version"), "{}", bob.said());
    assert!(bob.app.view.toast.as_ref().unwrap().bad);
    bob.unreadable.clear();
    bob.check("ctrl-r <1s>");
    bob.settle();
    assert_eq!(bob.live("ship"), "42 100%", "R meant it, too: it follows with its first reading");
    assert!(bob.app.maybe_left_behind().is_empty() && !bob.said().contains("NOT"), "{}", bob.said());
    let rows = bob.app.operation.iter().flat_map(|operation| &operation.rows);
    assert_eq!(rows.count(), 2, "the dialog tells all that this R took back");
}

#[test]
fn what_was_read_too_late_is_not_taken_back_behind_anybody_s_back() {
    let mut ada = Bench::mid_release();
    ada.check("3 <300ms> y");
    let mut bob = bob_who_cannot_read_ship(&ada);
    bob.check("R <11m>");
    bob.unreadable.clear();
    bob.check("ctrl-r <1s>");
    bob.settle();
    assert_eq!(bob.live("ship"), "43 100%", "{}", bob.timeline());
    bob.check("R");
    bob.settle();
    assert_eq!(bob.live("ship"), "42 100%");
}

#[test]
fn what_belongs_to_no_release_is_read_late_and_left_alone() {
    let ada = Bench::mid_release();
    ada.set(&target("ship"), routing("43"), Some("by hand"));
    let mut bob = bob_who_cannot_read_ship(&ada);
    bob.check("R");
    assert_eq!(bob.take_writes().len(), 1, "pay alone");
    bob.unreadable.clear();
    bob.check("ctrl-r <1m>");
    assert_eq!(bob.take_writes(), Vec::<String>::new());
}

#[test]
fn a_record_without_room_is_said_once() {
    let mut ada = Bench::new();
    ada.set(&target("ship"), routing("42"), Some(&"word ".repeat(50)));
    ada.check("ctrl-r <1s> 1 <300ms> y 2 <300ms> y");
    let said = ada.timeline().matches("finds no room").count();
    assert_eq!((said, ada.app.unrecorded.len()), (1, 1), "{}", ada.timeline());
    assert!(ada.app.unrecorded[&target("ship")].contains("only this machine knows what R puts back there"));
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
fn of_a_split_that_no_tag_explains_nobody_says_which_group_is_stable() {
    let bob = bob_at_the_rule("");
    let rule = &bob.app.deck.functions[0];
    let words = rule.split_of_nobody().unwrap();
    assert!(rule.is_guessed() && words.contains("(blue 20% + green 80%)"), "{words}");
    let ada = Bench::mid_release();
    assert!(ada.app.deck.functions.iter().all(|function| function.split_of_nobody().is_none()));
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
