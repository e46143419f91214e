//! The table of the machine, told as short stories.

use std::time::Duration;

use super::*;
use crate::release::{
    memory::Entry,
    names::{ReleaseId, RevisionId, Target, Version},
    plan::{Confirmed, Consent, Overwrites, Plan, PlanRow, Purpose},
    routing::{Routing, SplitStyle},
};

/// A moment of the morning: `"14:05:00"`.
pub(super) fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time}Z").parse().unwrap()
}

pub(super) const OLD: Version = Version::Number(42);
pub(super) const NEW: Version = Version::Number(43);

/// A plan for some functions that somebody said yes to.
pub(super) fn confirmed(functions: &[&str], stable: Version, purpose: Purpose) -> Confirmed {
    let row = |name: &&str| PlanRow {
        target: Target::new(*name, "live"),
        stable,
        new: NEW,
        from: Routing::only(stable),
        to: Routing::at_percent(stable, NEW, 10.0, SplitStyle::WeightNew),
        revision: Some(RevisionId::new("r")),
        refusal: None,
        remarks: Vec::new(),
        dropped: false,
        waits: false,
        overwrites: Overwrites::Whatever,
        description: None,
    };
    Plan { purpose, rows: functions.iter().map(row).collect() }.confirm(Consent::Yes).unwrap()
}

pub(super) fn course() -> Course {
    Course { advance: Advance::ByItself, rollback: OnFailure::Auto, ..Course::default() }
}

pub(super) fn whole(course: &Course) -> Input {
    let plan = confirmed(&["pay", "ship"], OLD, Purpose::Shift { percent: 10.0 });
    Input::Confirmed(Mandate::for_course(&plan, course).unwrap())
}

pub(super) fn one_shift(percent: f64) -> Input {
    Input::Confirmed(Mandate::for_shift(&confirmed(&["pay", "ship"], OLD, Purpose::Shift { percent })).unwrap())
}

fn evidence(time: &str, standing: Standing) -> Input {
    Input::Evidence(Evidence { at: at(time), standing, is_complete: true })
}

fn unread(time: &str) -> Input {
    Input::Evidence(Evidence { at: at(time), standing: Standing::Undecided, is_complete: false })
}

/// The moves and questions among the orders; the news are left out.
fn acts(orders: Vec<Order>) -> Vec<Order> {
    orders.into_iter().filter(|order| !matches!(order, Order::Announce(_))).collect()
}

/// A release that baked at 10 percent since 14:00:00.
fn baking(course: &Course) -> Run {
    let mut run = Run::new(course.clone());
    run.take(whole(course), at("13:59:30"));
    assert_eq!(acts(run.take(Input::Tick, at("14:00:00"))), [Order::Shift { percent: 10.0 }]);
    run.take(Input::Shifted(Moved::All), at("14:00:00"));
    assert_eq!(run.state(), State::Observing);
    run
}

/// The same, by hand.
fn by_hand(rollback: OnFailure) -> Run {
    let mut run = Run::new(Course { advance: Advance::ByHand, rollback, ..course() });
    assert_eq!(acts(run.take(one_shift(10.0), at("14:00:00"))), [Order::Shift { percent: 10.0 }]);
    run.take(Input::Shifted(Moved::All), at("14:00:00"));
    run
}

fn held(why: Hold) -> State {
    State::Held(why)
}

#[test]
fn a_good_release_goes_from_stage_to_stage_at_the_start_of_minutes() {
    let mut run = baking(&course());
    assert_eq!(acts(run.take(evidence("14:04:07", Standing::Pass), at("14:04:07"))), []);
    assert_eq!(acts(run.take(Input::Tick, at("14:04:59"))), []);
    assert_eq!(run.wakes_at(), Some(at("14:05:00")));
    assert_eq!(acts(run.take(Input::Tick, at("14:05:00"))), [Order::Shift { percent: 50.0 }]);
    run.take(Input::Shifted(Moved::All), at("14:05:07"));
    assert_eq!(run.percent(), Some(50.0));
    run.take(evidence("14:10:06", Standing::Pass), at("14:10:06"));
    run.take(Input::Tick, at("14:10:07"));
    assert_eq!(run.state(), State::Waiting { percent: 100.0, at: at("14:11:00") });
    assert_eq!(acts(run.take(Input::Tick, at("14:11:00"))), [Order::Shift { percent: 100.0 }]);
    run.take(Input::Shifted(Moved::All), at("14:11:00"));
    assert_eq!(run.stay().map(|stay| (stay.leg, stay.until)), Some((Leg::Watch, at("14:41:00"))));
    run.take(evidence("14:40:30", Standing::Pass), at("14:40:30"));
    let orders = run.take(Input::Tick, at("14:41:00"));
    assert_eq!(orders, [Order::Announce(News::AllClear { percent: 100.0 })]);
    assert_eq!(run.state(), State::AllClear);
}

#[test]
fn nothing_moves_before_a_plan_is_confirmed_and_its_obstacles_are_gone() {
    let ringing = vec![Obstacle::AlarmRinging { name: "ocr-errors".into() }];
    let mut run = Run::new(course());
    for input in [Input::Tick, Input::GoOn, Input::RollBack, Input::Retry, Input::Resume, Input::Obstacles(vec![])] {
        assert_eq!(run.take(input, at("13:50:00")), []);
    }
    run.take(Input::Obstacles(ringing.clone()), at("13:50:00"));
    let orders = run.take(whole(&course()), at("13:51:10"));
    assert_eq!(orders, [Order::Announce(News::Blocked { obstacles: ringing.clone() })]);
    assert_eq!(run.take(Input::Tick, at("13:55:00")), []);
    run.take(Input::Obstacles(vec![]), at("13:56:10"));
    assert_eq!(run.state(), State::Waiting { percent: 10.0, at: at("13:57:00") });
    run.take(Input::Obstacles(ringing), at("13:56:20"));
    assert_eq!((run.state(), run.take(Input::Tick, at("13:57:00"))), (State::Preflight, vec![]));
}

#[test]
fn what_gates_found_only_warns_a_person() {
    let gate = vec![Obstacle::Gate { name: "error rate".into() }];
    let mut run = Run::new(Course { advance: Advance::ByHand, ..course() });
    run.take(Input::Obstacles(gate.clone()), at("14:00:00"));
    assert_eq!(acts(run.take(one_shift(10.0), at("14:00:10"))), [Order::Shift { percent: 10.0 }]);
    let mut run = Run::new(Course { advance: Advance::ByHand, ..course() });
    run.take(Input::Obstacles(vec![Obstacle::Required { item: "snapshot".into() }]), at("14:00:00"));
    assert_eq!(acts(run.take(one_shift(10.0), at("14:00:10"))), []);
    run.take(Input::Obstacles(vec![]), at("14:00:20"));
    assert_eq!(run.state(), State::Preflight, "a person's shift is confirmed again");
}

#[test]
fn a_failed_gate_does_what_the_environment_says() {
    let failing = || evidence("14:03:06", Standing::Failed);
    let mut run = baking(&course());
    run.take(failing(), at("14:03:06"));
    assert_eq!(run.state(), State::CountingDown { until: at("14:03:16"), because: Cause::Gates });
    assert_eq!(acts(run.take(evidence("14:03:10", Standing::Pass), at("14:03:10"))), []);
    assert_eq!(acts(run.take(Input::Tick, at("14:03:16"))), [Order::RollBack]);
    run.take(Input::RolledBack(Moved::All), at("14:03:17"));
    assert_eq!(run.state(), State::RolledBack);

    let mut run = baking(&Course { rollback: OnFailure::Ask, ..course() });
    assert_eq!(acts(run.take(failing(), at("14:03:06"))), [Order::Ask(Question::Failed)]);
    assert_eq!(acts(run.take(failing(), at("14:04:06"))), [], "asked once");

    let mut run = baking(&Course { rollback: OnFailure::Never, ..course() });
    assert_eq!(acts(run.take(failing(), at("14:03:06"))), []);
    assert_eq!(run.state(), held(Hold::Failed));
}

#[test]
fn without_a_countdown_the_rollback_leaves_with_the_evidence() {
    let mut run = baking(&Course { countdown: Duration::ZERO, ..course() });
    let orders = run.take(evidence("14:03:06", Standing::Failed), at("14:03:06"));
    assert_eq!(acts(orders), [Order::RollBack]);
}

#[test]
fn hold_stops_the_countdown_and_everything_else_with_it() {
    let mut run = baking(&course());
    run.take(evidence("14:03:06", Standing::Failed), at("14:03:06"));
    let orders = run.take(Input::Hold, at("14:03:12"));
    assert_eq!(orders, [Order::Announce(News::Held { why: Hold::CountdownStopped, percent: Some(10.0) })]);
    assert_eq!(acts(run.take(Input::Tick, at("14:03:30"))), []);
    assert_eq!(acts(run.take(evidence("14:04:06", Standing::Failed), at("14:04:06"))), []);
    assert_eq!(acts(run.take(Input::RollBack, at("14:04:10"))), [Order::RollBack]);
}

#[test]
fn during_a_countdown_other_keys_only_navigate_but_r_acts_at_once() {
    let mut run = baking(&course());
    run.take(evidence("14:03:06", Standing::Failed), at("14:03:06"));
    for input in [Input::GoOn, Input::Resume, Input::Extend, Input::Retry, one_shift(50.0), Input::Finish] {
        assert_eq!(run.take(input, at("14:03:08")), []);
    }
    assert!(matches!(run.state(), State::CountingDown { .. }));
    assert_eq!(acts(run.take(Input::RollBack, at("14:03:09"))), [Order::RollBack]);
}

#[test]
fn where_both_versions_fail_alike_it_asks_even_with_auto() {
    let mut run = baking(&course());
    let orders = acts(run.take(evidence("14:03:06", Standing::Alike), at("14:03:06")));
    assert_eq!((orders, run.state()), (vec![Order::Ask(Question::Alike)], State::Asking(Question::Alike)));
    run.take(evidence("14:04:06", Standing::Failed), at("14:04:06"));
    assert!(matches!(run.state(), State::CountingDown { .. }), "now it is the new version's own");
}

#[test]
fn an_undecided_bake_is_extended_once_and_then_does_what_the_configuration_says() {
    for (on_undecided, rollback, then) in [
        (OnUndecided::Ask, OnFailure::Auto, State::Asking(Question::Undecided)),
        (OnUndecided::Hold, OnFailure::Auto, held(Hold::Undecided)),
        (OnUndecided::RollBack, OnFailure::Never, held(Hold::Undecided)),
        (
            OnUndecided::RollBack,
            OnFailure::Ask,
            State::CountingDown { until: at("14:10:16"), because: Cause::Undecided },
        ),
    ] {
        let mut run = baking(&Course { rollback, on_undecided, ..course() });
        run.take(evidence("14:05:06", Standing::Undecided), at("14:05:06"));
        assert_eq!(run.stay().map(|stay| (stay.extended, stay.until)), Some((true, at("14:10:06"))));
        run.take(evidence("14:10:06", Standing::Undecided), at("14:10:06"));
        assert_eq!(run.state(), then, "{on_undecided:?}");
    }
}

#[test]
fn late_data_are_waited_for_and_not_assumed() {
    let mut run = baking(&Course { on_undecided: OnUndecided::RollBack, ..course() });
    // The laptop slept from 14:01 to 15:30.
    assert_eq!(run.take(Input::Tick, at("15:30:10")), []);
    assert_eq!(run.take(unread("15:30:11"), at("15:30:11")), []);
    run.take(evidence("15:31:06", Standing::Pass), at("15:31:06"));
    assert_eq!(run.state(), State::Waiting { percent: 50.0, at: at("15:32:00") });

    let mut run = baking(&course());
    run.take(Input::Tick, at("14:05:00"));
    run.take(unread("14:07:59"), at("14:07:59"));
    assert_eq!(run.stay().map(|stay| stay.extended), Some(false));
    run.take(Input::Tick, at("14:08:00"));
    assert_eq!(run.stay().map(|stay| stay.extended), Some(true), "patience is over");
}

#[test]
fn old_evidence_neither_shifts_nor_rolls_back_after_a_sleep() {
    let mut run = baking(&course());
    run.take(evidence("14:05:06", Standing::Pass), at("14:05:06"));
    assert_eq!(run.state(), State::Waiting { percent: 50.0, at: at("14:06:00") });
    assert_eq!(acts(run.take(Input::Tick, at("16:00:30"))), []);
    assert_eq!(run.state(), State::Observing);

    let mut run = baking(&course());
    run.take(evidence("14:03:06", Standing::Failed), at("14:03:06"));
    assert_eq!(acts(run.take(Input::Tick, at("16:00:30"))), []);
    assert_eq!(run.state(), State::Observing);

    let mut run = Run::new(course());
    run.take(whole(&course()), at("13:59:30"));
    run.take(Input::Tick, at("22:00:30"));
    assert_eq!(run.state(), held(Hold::Overslept), "nobody starts a release in the night by opening a laptop");
}

#[test]
fn a_clock_that_is_set_back_begins_the_bake_again() {
    let mut run = baking(&course());
    run.take(Input::Tick, at("13:30:00"));
    assert_eq!(run.stay().map(|stay| (stay.since, stay.until)), Some((at("13:30:00"), at("13:35:00"))));
}

#[test]
fn a_torn_stage_is_retried_or_rolled_back_whole() {
    let torn = || Input::Shifted(Moved::Some(vec![Target::new("ship", "live")]));
    let mut run = Run::new(Course { rollback: OnFailure::Ask, ..course() });
    run.take(whole(&course()), at("14:00:00"));
    let orders = acts(run.take(torn(), at("14:00:01")));
    assert_eq!((orders, run.state()), (vec![Order::Ask(Question::Torn)], State::Torn { percent: 10.0 }));
    assert_eq!(acts(run.take(Input::GoOn, at("14:00:05"))), [], "never further on a torn stage");
    assert_eq!(acts(run.take(Input::Retry, at("14:00:10"))), [Order::Shift { percent: 10.0 }]);
    run.take(Input::Shifted(Moved::All), at("14:00:11"));
    assert_eq!(run.state(), State::Observing);

    let mut run = Run::new(course());
    run.take(whole(&course()), at("14:00:00"));
    run.take(torn(), at("14:00:01"));
    let because = Cause::Torn { percent: 10.0 };
    assert_eq!(run.state(), State::CountingDown { until: at("14:00:11"), because });
    run.take(Input::Hold, at("14:00:05"));
    assert_eq!(run.state(), State::Torn { percent: 10.0 }, "a stopped countdown leaves it torn, and said so");
    assert_eq!(acts(run.take(Input::RollBack, at("14:00:20"))), [Order::RollBack]);
}

#[test]
fn where_no_function_was_shifted_the_weights_of_before_stand() {
    let mut run = baking(&course());
    run.take(Input::GoOn, at("14:02:00"));
    run.take(Input::Shifted(Moved::None), at("14:02:05"));
    assert_eq!((run.state(), run.percent()), (held(Hold::ShiftFailed), Some(10.0)));
    run.take(Input::Resume, at("14:03:00"));
    assert_eq!(run.state(), State::Observing);
}

#[test]
fn a_rollback_that_is_stuck_is_tried_again() {
    let mut run = baking(&course());
    run.take(Input::RollBack, at("14:01:00"));
    let left = vec![Target::new("ship", "live")];
    let orders = run.take(Input::RolledBack(Moved::Some(left.clone())), at("14:01:05"));
    assert_eq!(orders, [Order::Announce(News::Stuck { left }), Order::Ask(Question::Stuck)]);
    assert_eq!(acts(run.take(Input::Retry, at("14:01:10"))), [Order::RollBack]);
}

#[test]
fn by_hand_each_stage_takes_a_plan() {
    let mut run = by_hand(OnFailure::Ask);
    let orders = acts(run.take(evidence("14:05:06", Standing::Pass), at("14:05:06")));
    assert_eq!((orders, run.state()), (vec![Order::Ask(Question::Plan { percent: 50.0 })], State::Ready));
    assert_eq!(acts(run.take(Input::GoOn, at("14:06:00"))), [Order::Ask(Question::Plan { percent: 50.0 })]);
    assert_eq!(acts(run.take(one_shift(50.0), at("14:06:10"))), [Order::Shift { percent: 50.0 }]);
    run.take(Input::Shifted(Moved::All), at("14:06:11"));
    assert_eq!(acts(run.take(one_shift(10.0), at("14:07:00"))), [Order::Shift { percent: 10.0 }], "back by hand too");
}

#[test]
fn going_on_early_is_a_persons_right() {
    let mut run = baking(&course());
    assert_eq!(acts(run.take(Input::GoOn, at("14:01:30"))), [Order::Shift { percent: 50.0 }]);
    run.take(Input::Hold, at("14:01:31"));
    run.take(Input::Shifted(Moved::All), at("14:01:32"));
    assert_eq!((run.state(), run.percent()), (held(Hold::Person), Some(50.0)), "held once the writes were answered");
}

#[test]
fn who_is_no_owner_watches_asks_and_may_still_press_r() {
    let mut run = baking(&course());
    run.take(Input::Owner(false), at("14:01:00"));
    run.take(evidence("14:05:06", Standing::Pass), at("14:05:06"));
    assert_eq!((run.state(), run.take(Input::Tick, at("14:06:00"))), (State::Ready, vec![]));
    let orders = acts(run.take(evidence("14:06:06", Standing::Failed), at("14:06:06")));
    assert_eq!(orders, [Order::Ask(Question::Failed)]);
    assert_eq!(acts(run.take(Input::RollBack, at("14:06:10"))), [Order::RollBack]);

    let mut run = baking(&course());
    run.take(evidence("14:03:06", Standing::Failed), at("14:03:06"));
    run.take(Input::Owner(false), at("14:03:08"));
    assert_eq!(run.state(), State::Asking(Question::Failed), "a countdown ends with the ownership");
}

#[test]
fn what_somebody_else_does_is_followed() {
    let mut run = baking(&course());
    run.take(Input::Disturbed, at("14:02:00"));
    assert_eq!(run.state(), held(Hold::Disturbed));
    run.take(Input::RolledBack(Moved::All), at("14:02:30"));
    assert_eq!(run.state(), State::RolledBack);
}

#[test]
fn a_release_found_under_way_goes_on_counting_and_forward_only_with_a_new_plan() {
    let mandate = Mandate::recorded(&[recorded("pay")]);
    let watched = Run::resumed(course(), mandate.clone(), 100.0, at("14:00:00"));
    assert_eq!(watched.stay().map(|stay| (stay.leg, stay.until)), Some((Leg::Watch, at("14:30:00"))));
    let mut run = Run::resumed(course(), mandate, 10.0, at("14:00:00"));
    run.take(evidence("14:05:06", Standing::Pass), at("14:05:06"));
    assert_eq!(run.state(), State::Ready);
    assert_eq!(acts(run.take(Input::GoOn, at("14:05:30"))), [Order::Ask(Question::Plan { percent: 50.0 })]);
    run.take(whole(&course()), at("14:06:00"));
    assert_eq!(acts(run.take(Input::GoOn, at("14:06:01"))), [Order::Shift { percent: 50.0 }]);
}

/// What a release leaves on record of one function.
fn recorded(name: &str) -> Entry {
    Entry {
        id: ReleaseId::new("r-20261120-1359"),
        target: Target::new(name, "live"),
        stable: OLD,
        new: NEW,
        before: Routing::only(OLD),
        by: "ada".to_owned(),
        owner: "ada@laptop/4711".to_owned(),
        since: at("13:59:30"),
        shifts: Vec::new(),
        whole: false,
        told: false,
    }
}

#[test]
fn a_bare_watch_ends_in_all_clear_and_cannot_move_anything() {
    let mut run = Run::watching(course(), None, at("14:00:00"));
    let orders = acts(run.take(evidence("14:03:06", Standing::Failed), at("14:03:06")));
    assert_eq!(orders, [Order::Ask(Question::Failed)]);
    assert_eq!(run.take(Input::RollBack, at("14:03:10")), []);
    run.take(Input::Resume, at("14:04:00"));
    run.take(evidence("14:30:06", Standing::Pass), at("14:30:06"));
    assert_eq!(run.state(), State::AllClear);
}
