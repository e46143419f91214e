//! Two programs in front of one AWS: who runs a release, who watches it, and what each sees of the other.

use super::*;
use crate::{
    config::{Notify, Receiver},
    release::{
        carried,
        notice::Occasion,
        stages::{Hold as Held, State},
    },
    web::SecretSource,
};

const BOB: &str = "bob@there/2";

fn state(bench: &Bench) -> State {
    bench.app.running.as_ref().expect("a release that is run or watched").run.state()
}

fn owns(bench: &Bench) -> bool {
    bench.app.running.as_ref().is_some_and(|running| running.run.is_owner())
}

fn named_in_alias(bench: &Bench, name: &str) -> Option<String> {
    carried::read(&bench.aliases.borrow()[&target(name)].description).1.map(|record| record.owner)
}

/// Lets time pass for both of them.
fn pass(ada: &mut Bench, bob: &mut Bench, seconds: usize) {
    for _ in 0..seconds {
        ada.check("<1s>");
        bob.check("<1s>");
    }
}

/// Ada has shifted to ten percent, and Bob looks on.
fn both() -> (Bench, Bench) {
    let ada = Bench::mid_release();
    let bob = ada.neighbour(BOB);
    (ada, bob)
}

#[test]
fn who_finds_a_release_of_another_program_watches_it() {
    let (ada, bob) = both();
    assert_eq!(named_in_alias(&ada, "pay").as_deref(), Some("ada@here/1"));
    assert!(owns(&ada) && !owns(&bob));
    let stranger = bob.app.stranger().unwrap();
    assert_eq!((stranger.name.as_str(), stranger.percent, stranger.is_in_alias), ("ada@here/1", 10.0, true));
    assert_eq!(ada.app.stranger(), None);
}

#[test]
fn who_looks_on_knows_since_when_a_stage_bakes() {
    let mut ada = Bench::new();
    let mut bob = ada.neighbour(BOB);
    ada.check("1 <300ms> y");
    let since = |bench: &Bench| bench.app.running.as_ref().unwrap().run.stay().unwrap().since;
    pass(&mut ada, &mut bob, 31);
    assert_eq!(since(&ada).duration_since(since(&bob)).as_secs(), 0, "not since he saw it");
    assert_eq!(bob.memory("pay").release.as_ref().unwrap().shifts.len(), 1);
    ada.check("2 <300ms> y");
    pass(&mut ada, &mut bob, 6);
    assert_eq!(since(&ada).duration_since(since(&bob)).as_secs(), 0);
    assert_eq!(bob.memory("pay").release.as_ref().unwrap().shifts.len(), 2);
}

#[test]
fn taking_over_names_the_new_owner_and_the_old_one_watches_from_then_on() {
    let (mut ada, mut bob) = both();
    bob.check("T y <300ms>");
    assert_eq!(bob.take_writes(), [""; 0], "the dialog has to be read for 250 ms");
    bob.check("y");
    let expected = ["pay", "ship"].map(|name| format!("write {name} 42 90% + 43 10% @r2"));
    assert_eq!(bob.take_writes(), expected, "the weights are as they were");
    assert_eq!(named_in_alias(&bob, "ship").as_deref(), Some(BOB));
    assert_eq!(bob.journal[&target("pay")].release.as_ref().unwrap().owner, BOB, "and it is written down");
    assert!(owns(&bob));

    pass(&mut ada, &mut bob, 6);
    assert!(!owns(&ada), "she has read the alias and found another name");
    assert!(ada.timeline().contains("another cockpit runs this release"), "{}", ada.timeline());
    ada.check("T <300ms> y");
    pass(&mut ada, &mut bob, 6);
    assert!(owns(&ada) && !owns(&bob), "and she may take it back");
}

#[test]
fn an_alias_that_changes_meanwhile_is_not_taken_over() {
    let (ada, mut bob) = both();
    bob.check("T <300ms>");
    ada.set(&target("pay"), routing("42/43@50"), None);
    bob.check("y");
    assert_eq!((bob.live("pay").as_str(), owns(&bob)), ("42 50% + 43 50%", false));
    assert_eq!(named_in_alias(&ada, "pay").as_deref(), Some("ada@here/1"));
    assert!(bob.said().contains("took over 1 of 2 functions"), "{}", bob.said());
    assert!(bob.timeline().contains("pay:live was changed elsewhere"), "{}", bob.timeline());
}

#[test]
fn a_takeover_without_an_answer_is_read_before_it_counts() {
    let (_ada, mut bob) = both();
    bob.trouble_for("pay", &[(Trouble::Timeout, true)]);
    bob.trouble_for("ship", &[(Trouble::Timeout, false)]);
    bob.check("T <300ms> y <3s>");
    assert!(owns(&bob), "{}", bob.said());
    assert_eq!(named_in_alias(&bob, "pay").as_deref(), Some(BOB));
    assert_eq!(named_in_alias(&bob, "ship").as_deref(), Some(BOB), "it had not happened, and was sent again");
}

#[test]
fn without_a_record_in_the_alias_the_dialog_says_so() {
    let mut ada = Bench::mid_release();
    for name in ["pay", "ship"] {
        ada.set(&target(name), routing("42/43@10"), Some("by hand"));
    }
    // Another program on the same machine knows it from the journal.
    let journal = ada.journal.clone();
    let mut bob = ada.neighbour(BOB);
    bob.journal = journal;
    bob.app.deck.recalled = None;
    bob.settle();
    assert!(!bob.app.stranger().unwrap().is_in_alias);
    bob.take_writes();
    bob.check("T <300ms> y");
    assert_eq!((bob.take_writes().len(), owns(&bob)), (0, true));
    assert_eq!(bob.journal[&target("pay")].release.as_ref().unwrap().owner, BOB);
    ada.check("<1s>");
}

#[test]
fn who_shifts_takes_over_and_the_plan_says_so() {
    let (mut ada, mut bob) = both();
    bob.check("2");
    let Some(Overlay::Plan(dialog)) = &bob.app.view.overlay else { panic!("{}", bob.said()) };
    assert!(dialog.notice.as_ref().unwrap().contains("ada@here/1 runs this release"), "{:?}", dialog.notice);
    bob.check("<300ms> y");
    assert_eq!((bob.live("pay").as_str(), owns(&bob)), ("42 50% + 43 50%", true));
    pass(&mut ada, &mut bob, 6);
    assert!(!owns(&ada));
    assert_eq!((state(&ada), ada.app.running.as_ref().unwrap().run.percent()), (State::Observing, Some(50.0)));
}

#[test]
fn who_watches_goes_along_with_the_owner_and_hears_of_the_end() {
    let (mut ada, mut bob) = both();
    ada.check("2 <300ms> y");
    pass(&mut ada, &mut bob, 6);
    assert_eq!((state(&bob), bob.app.running.as_ref().unwrap().run.percent()), (State::Observing, Some(50.0)));
    ada.check("3 <300ms> y");
    pass(&mut ada, &mut bob, 6);
    ada.check("d <300ms> y");
    pass(&mut ada, &mut bob, 6);
    assert_eq!(state(&bob), State::AllClear);
    assert_eq!((bob.memory("pay").release.clone(), bob.take_writes().len()), (None, 0), "and writes nothing");
}

#[test]
fn a_rollback_by_somebody_else_is_seen_as_one() {
    let (mut ada, mut bob) = both();
    bob.check("R");
    assert_eq!(bob.live("pay"), "42 100%", "R works from anywhere");
    pass(&mut ada, &mut bob, 6);
    assert_eq!(state(&ada), State::RolledBack, "{}", ada.timeline());
    assert_eq!((ada.memory("pay").release.clone(), ada.memory("pay").withdrawn.clone()), (None, vec![version(43)]));
    assert!(ada.said().contains("somebody else rolled the release back"), "{}", ada.said());
    assert!(!ada.timeline().contains("held"), "half of it is on its way, not a disturbance: {}", ada.timeline());
    assert_eq!(ada.take_writes().len(), 0);
}

#[test]
fn one_function_taken_back_elsewhere_holds_the_release() {
    let mut ada = Bench::mid_release();
    ada.somebody_sets("pay", "42");
    ada.check("<12s>");
    assert_eq!(state(&ada), State::Held(Held::Disturbed), "{}", ada.timeline());
    ada.somebody_sets("ship", "42");
    ada.check("<6s>");
    assert_eq!(state(&ada), State::RolledBack);
}

#[test]
fn an_alias_that_ci_moves_or_deletes_holds_the_release() {
    for disturb in [
        |bench: &mut Bench| bench.somebody_sets("pay", "42/43@30"),
        |bench: &mut Bench| bench.somebody_sets("pay", "41"),
        |bench: &mut Bench| bench.gone.extend([target("pay")]),
    ] {
        let mut ada = Bench::mid_release();
        disturb(&mut ada);
        ada.check("<6s>");
        assert_eq!(state(&ada), State::Held(Held::Disturbed), "{}", ada.timeline());
        ada.check("p <6s>");
        assert_eq!(state(&ada), State::Observing, "a person lets it go on");
    }
}

#[test]
fn a_shift_that_meets_somebody_else_s_change_holds_the_release() {
    let mut ada = Bench::mid_release();
    ada.check("2");
    for name in ["pay", "ship"] {
        ada.somebody_sets(name, "42/43@30");
    }
    ada.check("<300ms> y");
    assert_eq!((ada.live("pay").as_str(), state(&ada)), ("42 70% + 43 30%", State::Held(Held::Disturbed)));

    let mut ada = Bench::mid_release();
    ada.check("2");
    for name in ["pay", "ship"] {
        ada.somebody_sets(name, "42");
    }
    ada.check("<300ms> y");
    assert_eq!((ada.live("pay").as_str(), state(&ada)), ("42 100%", State::RolledBack));

    let (mut ada, mut bob) = both();
    ada.check("2 <300ms>");
    bob.check("T <300ms> y");
    ada.check("y");
    assert_eq!((ada.live("pay").as_str(), owns(&ada)), ("42 90% + 43 10%", false), "she learns it from the conflict");
}

#[test]
fn the_owner_tells_and_who_watches_does_not() {
    let slack = Receiver::Slack { url: SecretSource::Variable("HOOK".into()) };
    let told = || vec![Notify { name: "#releases".into(), to: slack.clone(), events: Occasion::ALL.into() }];
    let tellings = |bench: &mut Bench| -> Vec<String> {
        bench.take_log().into_iter().filter(|line| line.starts_with("tell")).collect()
    };
    let (mut ada, mut bob) = both();
    ada.app.deck.environment.notify = told();
    bob.app.deck.environment.notify = told();
    ada.take_log();
    ada.check("2 <300ms> y");
    pass(&mut ada, &mut bob, 6);
    assert_eq!(tellings(&mut ada), ["tell #releases shift: 50 % of the traffic goes to the new version"]);
    assert_eq!(tellings(&mut bob), [""; 0]);
    bob.check("T <300ms> y");
    pass(&mut ada, &mut bob, 6);
    assert_eq!(tellings(&mut bob), ["tell #releases taken_over: bob@there/2 runs the release now"]);
    ada.check("R");
    pass(&mut ada, &mut bob, 6);
    assert_eq!(tellings(&mut ada), ["tell #releases rollback: the stable version is back everywhere"]);
    assert_eq!(tellings(&mut bob), [""; 0], "who did it tells of it");
    assert!(ada.timeline().contains("told #releases of the rollback"), "{}", ada.timeline());
}

#[test]
fn who_was_slower_at_the_first_shift_looks_on_at_the_other() {
    let mut ada = Bench::new();
    let mut bob = ada.neighbour(BOB);
    bob.check("1 <300ms>");
    ada.check("1 <300ms> y");
    bob.check("y");
    assert_eq!((state(&ada), owns(&ada)), (State::Observing, true));
    bob.check("esc");
    pass(&mut ada, &mut bob, 40);
    assert_eq!((state(&bob), owns(&bob)), (State::Observing, false), "{}", bob.timeline());
    assert_eq!(bob.app.stranger().unwrap().name, "ada@here/1");
}

#[test]
fn who_looks_on_holds_and_extends_nothing() {
    let (_ada, mut bob) = both();
    for key in ["p", "e", "a", "A"] {
        bob.check(key);
        assert!(bob.said().starts_with("ada@here/1 runs this release: T takes it over"), "{key}: {}", bob.said());
        assert_eq!((state(&bob), &bob.app.view.overlay), (State::Observing, &None), "{key}");
    }
}

#[test]
fn a_function_that_somebody_took_back_is_named_as_left_behind() {
    let mut ada = Bench::mid_release();
    let ship = target("ship");
    if let Some(alias) = ada.aliases.borrow_mut().get_mut(&ship) {
        alias.routing = routing("42");
        alias.revision += 1;
    }
    ada.check("<2m>");
    assert_eq!(state(&ada), State::Held(Held::Disturbed), "{}", ada.timeline());
    ada.check("n <300ms>");
    let Some(Overlay::Plan(dialog)) = &ada.app.view.overlay else { panic!("no plan: {}", ada.said()) };
    assert_eq!(dialog.notice.as_deref(), Some("Changed elsewhere, and not in this plan: ship:live."));
}
