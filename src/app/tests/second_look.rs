//! R in a cockpit that has not read yet what another program has begun.

use super::*;
use crate::release::operation::Step;

const BOB: &str = "bob@there/2";

/// Two cockpits on one AWS, with everything at rest.
fn ada_and_bob() -> (Bench, Bench) {
    let ada = Bench::new();
    let bob = ada.neighbour(BOB);
    (ada, bob)
}

fn catch_up(bench: &mut Bench, with: &Bench) {
    bench.now = with.now;
}

#[test]
fn r_takes_back_what_was_begun_since_the_last_reading() {
    let (mut ada, mut bob) = ada_and_bob();
    ada.check("1 <300ms> y");
    catch_up(&mut bob, &ada);
    assert_eq!(bob.app.deck.in_release().count(), 0, "nobody has read it yet");
    bob.check("R");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "42 100%"]);
    assert!(bob.said().contains("rolled back 2 of 2 functions"), "{}", bob.said());
}

#[test]
fn what_was_begun_after_r_had_read_the_rest_follows() {
    let (mut ada, mut bob) = ada_and_bob();
    ada.check("space 1 <300ms> y");
    catch_up(&mut bob, &ada);
    bob.check("<31s>");
    assert_eq!(bob.app.deck.in_release().count(), 1);
    catch_up(&mut ada, &bob);
    ada.check("esc space j space 1 <300ms> y");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 90% + 43 10%", "42 90% + 43 10%"]);
    catch_up(&mut bob, &ada);
    bob.check("R <1s>");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "42 100%"]);
}

#[test]
fn nothing_is_offered_before_everything_is_read() {
    let (mut ada, mut bob) = ada_and_bob();
    bob.hold(Hold::Reads);
    bob.check("R");
    assert_eq!(bob.app.view.overlay, None);
    assert!(bob.said().contains("Reading everything"), "{}", bob.said());
    ada.check("1 <300ms> y");
    bob.check("R R");
    bob.release(Hold::Reads);
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "42 100%"]);

    let mut bob = Bench::new();
    bob.check("R");
    assert!(matches!(bob.app.view.overlay, Some(Overlay::Candidates(_))), "{}", bob.said());
    assert_eq!(bob.app.view.toast, None, "the look is over");
}

#[test]
fn what_was_opened_meanwhile_is_not_covered_by_the_offer() {
    let mut bench = Bench::new();
    bench.hold(Hold::Reads);
    bench.check("? R");
    assert_eq!(bench.app.view.overlay, None, "R closes what it was pressed over");
    bench.check("?");
    bench.release(Hold::Reads);
    bench.check("<6s>");
    assert!(matches!(bench.app.view.overlay, Some(Overlay::Help(_))), "{:?}", bench.app.view.overlay);
}

#[test]
fn esc_calls_the_look_off() {
    let (mut ada, mut bob) = ada_and_bob();
    bob.hold(Hold::Reads);
    bob.check("R esc");
    ada.check("1 <300ms> y");
    bob.release(Hold::Reads);
    bob.check("<10s>");
    assert_eq!((bob.live("pay").as_str(), bob.take_writes()), ("42 90% + 43 10%", vec![]));
}

#[test]
fn what_does_not_answer_holds_up_neither_the_rollback_nor_the_offer_and_follows() {
    let (mut ada, mut bob) = ada_and_bob();
    bob.unreadable.insert(target("ship"));
    ada.check("1 <300ms> y");
    catch_up(&mut bob, &ada);
    bob.check("R <2s>");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "42 90% + 43 10%"]);
    assert!(bob.said().contains("NOT ship:live"), "a success must not hide it: {}", bob.said());
    assert_eq!(bob.app.maybe_left_behind().len(), 1);
    bob.unreadable.clear();
    bob.check("<2m>");
    assert_eq!((bob.live("ship").as_str(), bob.app.maybe_left_behind().len()), ("42 100%", 0));

    let mut bench = Bench::new();
    bench.unreadable.insert(target("ship"));
    bench.check("R <6s>");
    assert!(matches!(bench.app.view.overlay, Some(Overlay::Candidates(_))), "{}", bench.said());
}

#[test]
fn the_version_that_was_picked_is_not_put_over_what_somebody_began_meanwhile() {
    let (mut ada, mut bob) = ada_and_bob();
    bob.check("R");
    ada.check("1 <300ms> y");
    bob.hold(Hold::Reads);
    bob.check("<300ms> y");
    bob.release(Hold::Reads);
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 90% + 43 10%", "42 90% + 43 10%"], "{}", bob.timeline());
    let operation = bob.app.operation.as_ref().unwrap();
    assert!(operation.rows.iter().all(|row| matches!(row.step, Step::Conflict(_))), "{operation:?}");
    bob.check("esc <6s> R");
    assert_eq!([bob.live("pay"), bob.live("ship")], ["42 100%", "42 100%"]);
}
