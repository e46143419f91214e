//! Moving forward: plans, consent, conflicts, and what stops a shift.

use super::*;

#[test]
fn a_digit_plans_its_stage_and_y_confirms() {
    for (key, weights) in [("1", "42 90% + 43 10%"), ("2", "42 50% + 43 50%"), ("3", "43 100%")] {
        let mut bench = Bench::new();
        bench.check(key);
        assert!(matches!(&bench.app.view.overlay, Some(Overlay::Plan(dialog)) if dialog.plan.is_some()));
        assert_eq!(bench.take_writes(), [""; 0], "a plan writes nothing");
        bench.check("<250ms> y");
        let expected = ["pay", "ship"].map(|name| format!("write {name} {weights} @r1"));
        assert_eq!(bench.take_writes(), expected);
        assert_eq!((bench.live("pay").as_str(), &bench.app.view.overlay), (weights, &None));
    }
    let mut bench = Bench::new();
    bench.check("4 <300ms> y");
    assert!(bench.said().contains("no stage 4") || bench.take_writes().is_empty());
    assert_eq!(bench.app.view.overlay, None);
}

#[test]
fn what_does_not_confirm_a_plan() {
    for script in
        ["1 y", "1 <249ms> y", "1 <300ms> enter", "1 <300ms> ~y", "1 <300ms> esc y", "1 <300ms> \"y\"", "1 <300ms> 1 y"]
    {
        let mut bench = Bench::new();
        bench.check(script);
        assert_eq!(bench.take_log().iter().filter(|line| !line.starts_with("read")).count(), 0, "{script}");
        assert_eq!(bench.live("pay"), "42 100%", "{script}");
    }
}

#[test]
fn a_protected_environment_wants_its_name_typed_and_then_y() {
    let protected = || Bench::with(|environment| environment.protected = true);
    for (script, is_sent) in [
        ("1 <300ms> y", false),
        ("1 <300ms> s h o y", false),
        ("1 <300ms> s h o p", false),
        ("1 <300ms> s h o p y", true),
        ("1 <300ms> \"shop\" y", true),
        ("1 <300ms> s h o x backspace p y", true),
        ("1 <300ms> s h o p backspace y", false),
        ("1 <300ms> s h o p enter", false),
    ] {
        let mut bench = protected();
        bench.check(script);
        assert_eq!(!bench.take_writes().is_empty(), is_sent, "{script}");
    }
    let mut bench = protected();
    bench.check("1 <300ms> s h o p y <1s> R");
    assert_eq!(bench.live("pay"), "42 100%", "a rollback wants no name");
}

#[test]
fn the_record_is_on_disk_before_anything_is_sent() {
    let mut bench = Bench::new();
    bench.hold(Hold::Records);
    bench.check("1 <300ms> y <5s>");
    assert_eq!(bench.take_writes(), [""; 0]);
    bench.take_log();
    bench.release(Hold::Records);
    let log = bench.take_log();
    let at = |what: &str| log.iter().position(|line| line.starts_with(what)).unwrap();
    assert_eq!(log[at("record")], "record pay ship", "one note for the whole release: {log:?}");
    assert!(at("record") < at("write pay"), "{log:?}");
}

#[test]
fn nothing_is_sent_if_the_record_cannot_be_written() {
    let mut bench = Bench::new();
    bench.journal_fails = Some("the disk is full".into());
    bench.check("1 <300ms> y <5s>");
    assert_eq!(bench.take_writes(), [""; 0]);
    assert!(bench.said().contains("the disk is full") && bench.said().contains("Nothing was sent"), "{}", bench.said());
    assert!(bench.memory("pay").release.is_none() && !bench.app.is_moving());
}

#[test]
fn an_alias_that_changed_meanwhile_is_never_overwritten_and_planned_anew() {
    let mut bench = Bench::new();
    bench.check("1");
    bench.somebody_sets("pay", "41");
    bench.check("<300ms> y");
    assert_eq!(bench.live("pay"), "41 100%");
    assert_eq!(bench.live("ship"), "42 90% + 43 10%", "the others went through");
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("{}", bench.said()) };
    assert!(dialog.notice.as_ref().unwrap().contains("pay:live changed"));
    assert_eq!(dialog.plan.as_ref().unwrap().rows.len(), 1);
    bench.take_log();
    bench.check("y");
    assert_eq!(bench.take_writes(), [""; 0], "it has to be read for 250 ms again");
    bench.check("<300ms> y");
    assert_eq!(bench.take_writes(), ["write pay 41 90% + 43 10% @r2"]);
}

#[test]
fn a_plan_that_is_drawn_anew_does_not_come_up_over_something_else() {
    let mut bench = Bench::new();
    bench.check("1");
    bench.somebody_sets("pay", "41");
    bench.hold(Hold::Writes);
    bench.check("<300ms> y ?");
    bench.release(Hold::Writes);
    assert!(matches!(bench.app.view.overlay, Some(Overlay::Help(_))), "{:?}", bench.app.view.overlay);
    assert!(bench.timeline().contains("pay:live was changed elsewhere: it is now 41 100%"), "{}", bench.timeline());
}

#[test]
fn the_picked_version_is_still_meant_when_a_plan_is_drawn_anew() {
    let mut bench = Bench::new();
    bench.versions.push(info(44));
    bench.check("ctrl-r");
    bench.settle();
    bench.app.pick_version(&target("pay"), version(43)).unwrap();
    bench.check("space 1");
    bench.somebody_sets("pay", "41");
    bench.check("<300ms> y <300ms> y");
    assert_eq!(bench.live("pay"), "41 90% + 43 10%", "not 44, which nobody chose");
}

#[test]
fn one_move_at_a_time() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.check("2 <300ms> y esc");
    for script in ["3", "enter r", "d", "u", "3 <300ms> y"] {
        bench.check(script);
        assert!(!matches!(bench.app.view.overlay, Some(Overlay::Plan(_) | Overlay::Done(_))), "{script}");
        bench.check("esc");
    }
    bench.holds.clear();
    bench.answer_all();
    assert_eq!(bench.take_writes().len(), 2, "only what was under way");
}

#[test]
fn what_was_confirmed_while_its_record_is_written_is_a_move_too() {
    let mut bench = Bench::new();
    bench.hold(Hold::Records);
    bench.check("1 <300ms> y 3 <300ms> y");
    bench.release(Hold::Records);
    assert_eq!(bench.live("pay"), "42 90% + 43 10%");
}

#[test]
fn nothing_moves_before_the_record_was_read() {
    let mut bench = Bench::new();
    bench.app.deck.recalled = Some(Err("pay.live.json is damaged".into()));
    bench.check("1 <300ms> y");
    assert_eq!(bench.take_writes(), [""; 0]);
    assert!(bench.said().contains("pay.live.json is damaged"), "{}", bench.said());
    bench.check("ctrl-r y");
    assert_eq!(bench.take_writes().len(), 2, "Ctrl-R reads it again");
}

#[test]
fn marks_choose_what_a_stage_moves() {
    let mut bench = Bench::new();
    bench.check("down space 1 <300ms> y");
    assert_eq!(bench.take_writes(), ["write ship 42 90% + 43 10% @r1"]);
    assert!(bench.app.view.marked.is_empty(), "marks are used up");
    bench.check("2 <300ms> y");
    assert_eq!(bench.take_writes(), ["write ship 42 50% + 43 50% @r2"], "unmarked: those in the release");
    bench.check("g space esc 2 <300ms> y");
    assert_eq!(bench.take_writes(), [""; 0], "Esc forgets the marks, and ship is at 50 % already");
}

#[test]
fn a_refused_row_stops_the_plan_until_it_is_taken_out() {
    let mut bench = Bench::new();
    bench.somebody_sets("pay", "42/43@30");
    bench.check("ctrl-r 1 <300ms> y");
    assert_eq!(bench.take_writes(), [""; 0]);
    assert!(bench.refusals()[0].starts_with("pay: somebody else split the traffic"), "{:?}", bench.refusals());
    bench.check("space y");
    assert_eq!(bench.take_writes(), ["write ship 42 90% + 43 10% @r1"]);
}

#[test]
fn provisioned_concurrency_goes_in_one_step() {
    let mut bench = Bench::new();
    bench.provisioned = Some(ProvisionedConcurrency { status: "READY".into(), requested: 5 });
    bench.check("ctrl-r");
    bench.settle();
    bench.check("1 <300ms> y");
    assert_eq!(bench.take_writes(), [""; 0]);
    assert!(bench.said().contains("goes from 0 to 100 % in one step"), "{}", bench.said());
    bench.check("esc 3 <300ms> y");
    assert_eq!(bench.live("pay"), "43 100%");
    bench.check("R");
    bench.settle();
    assert_eq!(bench.live("pay"), "42 100%");
}

#[test]
fn a_version_that_is_not_ready_is_refused() {
    let mut bench = Bench::new();
    let pending = VersionInfo { state: Some(VersionState::Pending), ..info(43) };
    bench.versions.retain(|info| info.version != version(43));
    bench.versions.push(pending);
    bench.check("1 <300ms> y");
    assert_eq!(bench.refusals().len(), 2);
    assert!(bench.refusals()[0].contains("version 43 is Pending"), "{:?}", bench.refusals());
}

#[test]
fn nothing_is_written_in_the_wrong_place_or_read_only() {
    let wrong = Bench::with(|environment| environment.account = Some("999999999999".into()));
    let read_only = Bench::with(|environment| environment.read_only = true);
    for (mut bench, why) in [(wrong, "wrong account"), (read_only, "read-only")] {
        bench.somebody_sets("pay", "42/43@30");
        bench.check("ctrl-r <31s>");
        for script in ["1 <300ms> y", "R <300ms> y", "u <300ms> y", "d <300ms> y", "enter r <300ms> y esc"] {
            bench.check(script);
            assert!(bench.said().contains(why), "{script}: {}", bench.said());
        }
        assert_eq!(bench.take_log().iter().filter(|line| !line.starts_with("read")).count(), 0);
    }
}

#[test]
fn while_sts_is_silent_an_alias_says_whose_it_is() {
    let mut bench = Bench::with(|environment| environment.account = Some(ACCOUNT.into()));
    bench.hold(Hold::Caller);
    bench.restart();
    assert_eq!(bench.app.deck.write_ban(), None);
}

#[test]
fn the_same_function_twice_is_one_row() {
    let mut bench = Bench::new();
    let purpose = crate::release::plan::Purpose::Shift { percent: 10.0 };
    let effects = bench.app.propose(purpose, vec![target("pay"), target("pay")], None, bench.now);
    bench.effects.extend(effects);
    bench.answer_all();
    bench.check("<300ms> y <10s>");
    assert_eq!(bench.take_writes().len(), 1);
    assert!(!bench.app.is_moving());
}
