//! A pre-stage: another alias goes first and whole, the probe decides, and R takes it back with the rest.

use super::*;
use crate::{config::PreStage, release::plan::Plan};

pub(super) fn staging() -> Target {
    Target::new("pay", "staging")
}

/// `pay` is tried on `staging`, which is at 41, and asked by the probe `health`.
pub(super) fn bench() -> Bench {
    with_pre_stage(Bench::new())
}

pub(super) fn with_pre_stage(mut bench: Bench) -> Bench {
    let environment = &mut bench.app.deck.environment;
    environment.probes.push(outside::health());
    let pre_stage = PreStage { alias: "staging".to_owned(), probe: "health".to_owned() };
    environment.functions[0].pre_stage = Some(pre_stage);
    bench.aliases.borrow_mut().insert(staging(), Standing::new("41"));
    bench
}

fn at(bench: &Bench, target: &Target) -> String {
    bench.aliases.borrow()[target].routing.to_string().trim_end_matches(" 100%").to_owned()
}

fn live(bench: &Bench, name: &str) -> String {
    at(bench, &target(name))
}

fn plan(bench: &Bench) -> Plan {
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("no plan: {:?}", bench.app.view) };
    dialog.plan.clone().unwrap()
}

#[test]
fn the_plan_shows_it_and_production_follows_when_the_probe_is_well() {
    let mut bench = bench();
    bench.check("1");
    let shown = plan(&bench);
    assert!(shown.rows[0].remarks[0].contains("staging goes from 41 to 43 whole"), "{shown:?}");
    assert!(shown.rows[1].remarks.is_empty(), "ship has none");
    bench.log.clear();
    bench.hold(Hold::Checks);
    bench.check("<300ms> y");
    assert_eq!([at(&bench, &staging()), live(&bench, "pay")], ["43".to_owned(), "42".to_owned()]);
    assert!(bench.app.is_pre_staging());
    let writes: Vec<&String> = bench.log.iter().filter(|line| line.starts_with("write")).collect();
    assert_eq!(writes, ["write pay 43 100% @r1"], "{:?}", bench.log);
    let record = bench.log.iter().position(|line| line.starts_with("record pay")).unwrap();
    let write = bench.log.iter().position(|line| line.starts_with("write")).unwrap();
    assert!(record < write, "what R needs is on disk before anything leaves: {:?}", bench.log);
    bench.release(Hold::Checks);
    bench.check("<1s>");
    assert!(!bench.app.is_pre_staging());
    assert_eq!([live(&bench, "pay"), live(&bench, "ship")], ["42 90% + 43 10%", "42 90% + 43 10%"]);

    bench.check("R <1s>");
    assert_eq!([at(&bench, &staging()), live(&bench, "pay"), live(&bench, "ship")], ["41", "42", "42"]);
    assert_eq!(bench.memory("pay").pre_stage, None);
}

fn description(bench: &Bench) -> String {
    bench.aliases.borrow()[&staging()].description.clone()
}

/// The same AWS from another machine.
fn bob(ada: &Bench) -> Bench {
    ada.neighbour("bob@there/2")
}

#[test]
fn another_machine_puts_the_pre_stage_back_with_the_rest() {
    let mut ada = bench();
    ada.set(&staging(), routing("41"), Some("what testers call"));
    ada.check("1 <300ms> y <1s>");
    assert_eq!([at(&ada, &staging()), live(&ada, "pay")], ["43".to_owned(), "42 90% + 43 10%".to_owned()]);
    let text = description(&ada);
    assert!(text.starts_with("what testers call [flightdeck r-") && text.ends_with(" before:live]"), "{text}");

    let mut bob = bob(&ada);
    assert!(bob.memory("pay").pre_stage.is_some());
    bob.check("R <1s>");
    assert_eq!([at(&bob, &staging()), live(&bob, "pay"), live(&bob, "ship")], ["41", "42", "42"]);
    assert_eq!(description(&bob), "what testers call");
    assert!(!bob.timeline().contains("stays"), "{}", bob.timeline());
}

#[test]
fn a_pre_stage_tells_of_a_release_whose_own_alias_lost_its_record() {
    let mut ada = bench();
    ada.check("1 <300ms> y <1s>");
    ada.set(&target("pay"), routing("42/43@10"), Some(""));
    ada.set(&target("ship"), routing("42"), Some(""));
    let mut bob = bob(&ada);
    bob.check("R <1s>");
    assert_eq!([at(&bob, &staging()), live(&bob, "pay")], ["41", "42 90% + 43 10%"]);
    assert!(bob.said().contains("NOT pay:live"), "{}", bob.said());

    // At 100 % it may be over as well.
    let mut ada = bench();
    ada.check("1 <300ms> y <1s> 3 <300ms> y");
    ada.set(&target("pay"), routing("43"), Some(""));
    let mut bob = self::bob(&ada);
    bob.check("R <1s>");
    assert_eq!([at(&bob, &staging()), live(&bob, "pay"), live(&bob, "ship")], ["43", "43", "42"]);
    assert!(bob.said().contains("NOT pay:staging"), "{}", bob.said());
}

#[test]
fn another_machine_puts_back_what_never_came_further() {
    let mut ada = bench();
    ada.outside.sickness = Some("status 503".to_owned());
    ada.check("1 <300ms> y <40s>");
    assert_eq!([at(&ada, &staging()), live(&ada, "pay")], ["43", "42"]);
    let mut bob = bob(&ada);
    bob.check("R <1s>");
    assert_eq!([at(&bob, &staging()), live(&bob, "pay"), description(&bob)], ["41", "42", ""]);
}

#[test]
fn at_the_end_the_record_goes_and_the_pre_stage_stays() {
    let mut ada = bench();
    ada.check("1 <300ms> y <1s> 3 <300ms> y d <300ms> y");
    ada.settle();
    assert_eq!([at(&ada, &staging()), live(&ada, "pay"), description(&ada)], ["43", "43", ""]);
    let mut bob = bob(&ada);
    assert_eq!(bob.memory("pay").pre_stage, None);
    bob.check("R <1s>");
    assert_eq!(at(&bob, &staging()), "43");
}

#[test]
fn who_releases_that_alias_does_not_take_it_for_a_release_of_their_own() {
    let mut ada = bench();
    let mut eve = Bench::with(|environment| {
        let settings = FunctionSettings { target: staging(), pre_stage: None, ..environment.functions[0].clone() };
        environment.functions = vec![settings];
    });
    eve.aliases = Rc::clone(&ada.aliases);
    eve.check("ctrl-r <1s>");
    ada.check("1 <300ms> y <1s>");
    eve.check("<31s>");
    assert_eq!((eve.app.deck.is_releasing(), eve.app.stranger()), (false, None));
    assert!(eve.timeline().contains("as the pre-stage of live (r-"), "{}", eve.timeline());
    // Her own next release takes the record's place, and Ada's is not hers to take back.
    eve.versions.push(info(44));
    eve.check("ctrl-r <1s> 1 <300ms> y");
    assert_eq!(at(&eve, &staging()), "43 90% + 44 10%");
    assert!(!description(&eve).contains("before:"), "{}", description(&eve));
    let bob = bob(&ada);
    let left = bob.app.left_alone(&bob.app.roll_back_plan(&[], None));
    assert!(left.iter().any(|left| left.is_unknown() && left.words.starts_with("pay:staging")), "{left:?}");
}

#[test]
fn a_probe_that_stays_bad_stops_it_and_only_the_other_alias_is_left_to_take_back() {
    let mut bench = bench();
    bench.outside.sickness = Some("status 503".to_owned());
    bench.check("1 <300ms> y");
    assert!(bench.app.is_pre_staging(), "one bad answer is not enough");
    bench.check("<40s>");
    assert_eq!(bench.app.pre_stage_trouble(), Some("the probe “health” says: status 503 (3 answers in a row)"));
    assert_eq!([at(&bench, &staging()), live(&bench, "pay"), live(&bench, "ship")], ["43", "42", "42"]);
    assert!(!bench.app.is_moving());

    bench.check("R <1s>");
    assert_eq!([at(&bench, &staging()), live(&bench, "pay")], ["41", "42"]);
    assert_eq!(bench.memory("pay").pre_stage, None);
}

#[test]
fn r_while_the_probe_is_waited_for_gives_the_plan_up_and_puts_it_back() {
    let mut bench = bench();
    bench.hold(Hold::Checks);
    bench.check("1 <300ms> y <1s>");
    assert!(bench.app.is_pre_staging());
    bench.check("R <1s>");
    assert!(!bench.app.is_pre_staging() && !bench.app.is_moving());
    bench.release(Hold::Checks);
    bench.check("<5s>");
    assert_eq!([at(&bench, &staging()), live(&bench, "pay"), live(&bench, "ship")], ["41", "42", "42"]);
}

#[test]
fn r_finds_it_after_a_restart() {
    let mut bench = bench();
    bench.hold(Hold::Checks);
    bench.check("1 <300ms> y <1s>");
    assert_eq!(at(&bench, &staging()), "43");
    bench.holds.clear();
    bench.effects.clear();
    bench.restart();
    assert!(!bench.app.is_pre_staging(), "the plan that was held is gone with its program");
    bench.check("R <1s>");
    assert_eq!([at(&bench, &staging()), live(&bench, "pay")], ["41", "42"]);
}

#[test]
fn somebody_else_at_the_other_alias_stops_it_before_anything_else_moves() {
    let mut bench = bench();
    bench.check("1");
    bench.set(&staging(), routing("40"), None);
    bench.check("<300ms> y <1s>");
    assert!(bench.app.pre_stage_trouble().is_some());
    assert_eq!([at(&bench, &staging()), live(&bench, "pay"), live(&bench, "ship")], ["40", "42", "42"]);
}

#[test]
fn an_alias_that_is_there_already_is_only_asked() {
    let mut bench = bench();
    bench.set(&staging(), routing("43"), None);
    bench.check("1 <300ms> y <1s>");
    assert_eq!(live(&bench, "pay"), "42 90% + 43 10%");
    assert_eq!(bench.memory("pay").pre_stage, None, "it was not moved, so R leaves it");
    bench.check("R <1s>");
    assert_eq!([at(&bench, &staging()), live(&bench, "pay")], ["43", "42"]);
}

#[test]
fn a_pre_stage_that_cannot_be_read_refuses_the_row() {
    let mut bench = bench();
    bench.gone.insert(staging());
    bench.check("1");
    let refusal = plan(&bench).rows[0].refusal.clone();
    assert_eq!(refusal.as_deref(), Some("its pre-stage staging could not be read"));
}

#[test]
fn a_rollback_after_another_machine_s_invents_no_release() {
    let mut bench = bench();
    bench.check("1 <300ms> y <1s>");
    let id = bench.memory("pay").release.as_ref().unwrap().id.clone();
    for (target, version) in [(staging(), "41"), (target("pay"), "42"), (target("ship"), "42")] {
        bench.set(&target, routing(version), Some(""));
    }
    bench.restart();
    bench.pages.clear();
    bench.check("R <1s>");
    bench.settle();
    let lines = bench.pages.iter().flat_map(|page| &page.entries).filter_map(|entry| match entry {
        crate::release::page::Entry::Lines(lines) => Some(lines),
        _ => None,
    });
    let began = lines.flatten().filter_map(|line| match line {
        crate::release::record::Line::Began(began) => Some((&began.id, &began.parts)),
        _ => None,
    });
    for (begun, parts) in began {
        assert_eq!(*begun, id);
        assert!(parts.iter().all(|part| part.target != staging()), "a pre-stage is no part: {parts:?}");
    }
}
