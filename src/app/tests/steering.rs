//! What a person does to a release that is run: stop a countdown, try again, extend, leave it, tick, compare.

use super::{outside::ringing, *};
use crate::{
    config::{AlarmMatch, AlarmRule},
    release::{
        checklist::{ItemSettings, Phase, Ticks},
        facts::Severity,
        stages::{Hold as Held, OnFailure, State},
    },
};

fn state(bench: &Bench) -> State {
    bench.app.state().unwrap()
}

/// Ten seconds before a rollback that begins by itself.
fn counting_down() -> Bench {
    let mut bench = Bench::with(|environment| {
        environment.rollback = OnFailure::Auto;
        let matches = AlarmMatch::Prefix("api".into());
        environment.alarms.push(AlarmRule::new(matches, Severity::Critical));
    });
    bench.check("1 <300ms> y <1m>");
    bench.take_log();
    bench.outside.alarms = vec![ringing("api-5xx")];
    while !bench.app.is_counting_down() {
        bench.check("<1s>");
    }
    bench
}

#[test]
fn nothing_but_esc_and_p_stops_a_countdown_and_r_does_it_at_once() {
    let navigating = "2 n w u d y a e A T v r j k g G tab [ / esc";
    let mut bench = counting_down();
    for key in navigating.split(' ').filter(|key| *key != "esc") {
        bench.check(key);
        assert!(bench.app.is_counting_down(), "{key}: {:?}", state(&bench));
        assert_eq!(bench.take_writes(), [""; 0], "{key}");
    }
    let mut bench = counting_down();
    bench.check("? ? i i c c ? i c");
    assert!(bench.app.is_counting_down());
    bench.check("esc");
    assert_eq!(state(&bench), State::Held(Held::CountdownStopped), "whatever is open, Esc stops it first");
    assert_eq!(bench.live("pay"), "42 90% + 43 10%");
    bench.check("<2m>");
    assert_eq!((state(&bench), bench.take_writes().len()), (State::Held(Held::CountdownStopped), 0), "and it stays so");

    let mut bench = counting_down();
    bench.check("p");
    assert_eq!(state(&bench), State::Held(Held::CountdownStopped));
    assert!(bench.timeline().contains("held, still at 10%"), "{}", bench.timeline());

    let mut bench = counting_down();
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), state(&bench)), ("42 100%", State::RolledBack));

    let mut bench = counting_down();
    bench.check("<9s>");
    assert_eq!(bench.live("pay"), "42 90% + 43 10%");
    bench.check("<2s>");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 100%", "42 100%"), "by itself");
}

#[test]
fn a_torn_stage_is_tried_again_with_a_key() {
    let mut bench = Bench::new();
    bench.trouble_for("pay", &[(Trouble::Refused, false)]);
    bench.check("1 <300ms> y");
    assert_eq!(state(&bench), State::Torn { percent: 10.0 });
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 100%", "42 90% + 43 10%"));
    bench.take_log();
    bench.check("esc a");
    assert_eq!(bench.take_writes(), ["write pay 42 90% + 43 10% @r1"], "what is there already is not written again");
    assert_eq!(state(&bench), State::Observing);
    bench.check("a");
    assert!(bench.said().contains("nothing to try again"), "{}", bench.said());
}

#[test]
fn a_stage_is_given_more_time() {
    let mut bench = Bench::mid_release();
    let until = |bench: &Bench| bench.app.running.as_ref().unwrap().run.stay().unwrap().until;
    let before = until(&bench);
    bench.check("p e");
    assert_eq!((until(&bench).duration_since(before).as_mins(), state(&bench)), (5, State::Observing));
    let mut bench = Bench::new();
    bench.check("e");
    assert!(bench.said().contains("nothing to extend"), "{}", bench.said());
}

#[test]
fn a_release_that_was_abandoned_is_run_by_nobody_and_r_takes_it_back() {
    let mut bench = Bench::mid_release();
    bench.check("A y");
    assert_eq!(state(&bench), State::Observing, "the question has to be read");
    bench.check("<300ms> y <1m>");
    assert_eq!((state(&bench), bench.take_writes().len()), (State::Abandoned, 0));
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), state(&bench)), ("42 100%", State::RolledBack));
    let mut bench = Bench::mid_release();
    bench.check("A <300ms> y 2 <300ms> y");
    assert_eq!(
        (bench.live("pay").as_str(), state(&bench)),
        ("42 50% + 43 50%", State::Observing),
        "or goes on with it"
    );
}

#[test]
fn space_ticks_the_item_under_the_cursor() {
    let item = |name: &str, ticks| ItemSettings {
        name: name.into(),
        section: None,
        phase: Phase::Before,
        required: true,
        role: None,
        other_than: None,
        ticks,
    };
    let mut bench = Bench::with(|environment| {
        environment.checklist.push(item("support knows", Ticks::Person));
        environment.checklist.push(item("errors low", Ticks::Gate("error_rate".into())));
    });
    let ticked = |bench: &Bench| bench.app.checks.checklist.progress().0;
    bench.check("c space");
    assert_eq!(ticked(&bench), 1);
    bench.check("space");
    assert_eq!(ticked(&bench), 0, "and takes the tick back");
    bench.check("j space");
    assert_eq!(ticked(&bench), 0);
    assert!(bench.said().contains("is ticked by the gate"), "{}", bench.said());
    let mut bench = Bench::new();
    bench.check("c");
    assert!(bench.said().contains("no checklist") && bench.app.view.overlay.is_none(), "{}", bench.said());
}

#[test]
fn the_comparison_is_there_from_the_watch_on_and_at_the_all_clear() {
    let mut bench = Bench::mid_release();
    bench.check("b");
    assert!(bench.said().contains("Nothing has been watched yet"), "{}", bench.said());
    bench.check("3 <300ms> y <1m> b");
    let Some(Overlay::Comparison(comparison)) = &bench.app.view.overlay else { panic!("{}", bench.said()) };
    assert_eq!((comparison.rows.len(), comparison.rows[0].target.clone()), (3, None), "all together, then each");
    assert_eq!(comparison.before.to.duration_since(comparison.before.from).as_mins(), 60);
    bench.check("esc d <300ms> y");
    assert_eq!(state(&bench), State::AllClear);
    assert!(matches!(bench.app.view.overlay, Some(Overlay::Comparison(_))), "{:?}", bench.app.view.overlay);
    bench.check("esc <1m> b");
    assert!(matches!(bench.app.view.overlay, Some(Overlay::Comparison(_))), "it can be looked at again");
}

#[test]
fn a_release_that_is_watched_anyway_needs_no_watch_of_its_own() {
    let mut bench = Bench::mid_release();
    bench.check("w");
    assert!(bench.said().contains("watched after its last stage"), "{}", bench.said());
    assert_eq!((state(&bench), bench.app.deck.is_releasing()), (State::Observing, true));
    bench.check("3 <300ms> y w");
    assert!(bench.said().starts_with("It is being watched already, until "), "{}", bench.said());
}

#[test]
fn a_watch_that_ends_in_the_middle_of_a_release_leaves_its_record() {
    let mut bench = Bench::with(|environment| {
        environment.gates.clear();
        environment.functions.iter_mut().for_each(|function| function.expect_traffic = false);
    });
    bench.check("1 <300ms> y");
    bench.take_log();
    // As `flightdeck watch` does after `flightdeck shift 10`.
    bench.app.scope = super::super::asking::Scope::Release;
    let effects = bench.app.act(crate::keys::Action::Watch, bench.now);
    bench.effects.extend(effects);
    bench.check("<31m>");
    assert!(bench.timeline().contains("all clear"), "{}", bench.timeline());
    assert!(bench.app.deck.is_releasing(), "ten percent is not the end of a release");
    bench.app.scope = super::super::asking::Scope::Cockpit;
    bench.check("R");
    assert_eq!((bench.live("pay"), bench.live("ship")), ("42 100%".into(), "42 100%".into()));
}

#[test]
fn what_a_person_extends_is_not_said_to_be_undecided() {
    let mut bench = Bench::mid_release();
    bench.check("e");
    assert!(bench.said().starts_with("extended until "), "{}", bench.said());
}

#[test]
fn a_plan_for_the_rest_of_a_release_says_what_somebody_took_back() {
    let mut bench = Bench::mid_release();
    bench.set(&target("ship"), routing("42"), Some(""));
    bench.restart();
    bench.check("<40s> 2");
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("no plan: {}", bench.said()) };
    let notice = dialog.notice.as_deref().unwrap_or_default();
    assert!(notice.contains("was rolled back (ship:live at 42 100%)"), "{notice}");
}
