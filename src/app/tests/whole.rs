//! What cannot be split in a release with others: it waits until 100 %, is nobody's torn stage meanwhile, and goes back
//! with the rest.

use super::*;
use crate::release::stages::State;

pub(super) fn stage() -> Target {
    Target::stage("api", "a1b2", "prod")
}

/// The two functions and a stage of a REST API.
pub(super) fn bench() -> Bench {
    Bench::with(|environment| {
        let settings = FunctionSettings { target: stage(), ..environment.functions[0].clone() };
        environment.functions.push(settings);
    })
}

pub(super) fn places(bench: &Bench) -> [String; 3] {
    let stage = bench.aliases.borrow()[&stage()].routing.to_string();
    [bench.live("pay"), bench.live("ship"), stage]
}

#[test]
fn it_waits_and_the_others_go_on() {
    let mut bench = bench();
    bench.check("1 <300ms> y");
    assert_eq!(places(&bench), ["42 90% + 43 10%", "42 90% + 43 10%", "42 100%"]);
    assert_eq!(bench.app.state(), Some(State::Observing), "{}", bench.timeline());
    let told = "shifted 2 of 2 functions to 10%; 1 stage waits for 100%";
    assert!(bench.timeline().contains(told), "{}", bench.timeline());
    assert_eq!(bench.app.all_at(10.0), "every function is at 10 %; 1 stage waits for 100%");
    let entry = bench.journal[&stage()].release.clone().unwrap();
    assert!(entry.whole && entry.stable == version(42), "R must know what was stable before it was moved: {entry:?}");
    let stage = bench.app.deck.function(&stage()).unwrap();
    assert!(bench.app.deck.waiting(stage).is_some() && stage.entry().is_none());

    bench.check("<1m> <1m>");
    assert_eq!(bench.app.state(), Some(State::Observing), "nobody takes it for moved elsewhere: {}", bench.timeline());
    bench.check("2 <300ms> y 3 <300ms> y");
    assert_eq!(places(&bench), ["43 100%", "43 100%", "43 100%"]);
    assert_eq!(bench.app.deck.in_release().count(), 3);
    bench.check("R");
    bench.settle();
    assert_eq!(places(&bench), ["42 100%", "42 100%", "42 100%"]);
    assert_eq!(bench.app.state(), Some(State::RolledBack));
}

#[test]
fn a_rollback_before_its_turn_writes_nothing_there() {
    let mut bench = bench();
    bench.check("1 <300ms> y");
    bench.take_writes();
    bench.check("R");
    bench.settle();
    assert_eq!(bench.take_writes().len(), 2, "the stage was never moved");
    assert_eq!(places(&bench), ["42 100%", "42 100%", "42 100%"]);
    assert_eq!(bench.app.deck.of_release().count(), 0);
}

#[test]
fn another_run_knows_that_it_waits() {
    let mut bench = bench();
    bench.check("1 <300ms> y");
    bench.restart();
    assert_eq!(bench.app.deck.of_release().count(), 3);
    bench.check("n <300ms> y n <300ms> y");
    assert_eq!(places(&bench), ["43 100%", "43 100%", "43 100%"]);
}

#[test]
fn a_release_is_not_over_while_something_waits() {
    let mut bench = bench();
    bench.check("1 <300ms> y space");
    // The two functions alone, which leaves the stage behind.
    bench.check("esc space j space 3 <300ms> y");
    bench.settle();
    assert_eq!(places(&bench), ["43 100%", "43 100%", "42 100%"]);
    bench.check("d");
    assert!(bench.said().contains("api:prod still waits for 100 %"), "{}", bench.said());
}

#[test]
fn a_stage_that_no_record_here_knows_was_not_moved() {
    let mut bench = bench();
    bench.check("1 <300ms> y");
    bench.app.deck.function_mut(&stage()).unwrap().memory = Memory::default();
    assert_eq!(bench.app.left_alone(&bench.app.roll_back_plan(&[], None)), [], "a newer deployment waits for it");
    bench.versions.pop();
    bench.check("ctrl-r <1s>");
    let plan = bench.app.roll_back_plan(&[], None);
    assert_eq!(plan.rows.len(), 2);
    let left = bench.app.left_alone(&plan);
    assert_eq!(left, [], "it is this machine's release, and all that it moved is on record");
    bench.check("R");
    assert!(!bench.timeline().contains("api:prod"), "{}", bench.timeline());
}

#[test]
fn of_two_groups_without_a_record_none_is_taken_for_the_stable_one() {
    let web = Target::rule("web", "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/a/b/c/d");
    let mut bench = Bench::with(|environment| {
        let settings = FunctionSettings { target: web.clone(), ..environment.functions[0].clone() };
        environment.functions = vec![settings];
    });
    bench.aliases.borrow_mut().insert(web, Standing::new("42/43@80"));
    bench.check("ctrl-r <1s>");
    let plan = bench.app.roll_back_plan(&[], None);
    let refusal = plan.rows[0].refusal.clone().unwrap_or_default();
    assert!(refusal.contains("which target group is stable is not known"), "{plan:?}");
    bench.check("R <300ms> y");
    assert_eq!(bench.take_writes(), [""; 0]);
}
