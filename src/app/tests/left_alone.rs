//! What the deck knows when a rollback begins, and what is said of everything that it leaves alone.

use super::{
    pre_staging::{self, staging},
    whole::{self, stage},
    *,
};
use crate::{
    app::{
        left_alone::{Doubt, LeftAlone},
        timeline::Tone,
    },
    release::{
        names::ReleaseId,
        plan::{Plan, Purpose, roll_back_row},
    },
};

/// What a release of another machine writes into an alias.
fn record(percent: u32) -> String {
    format!("[flightdeck r-1 42>43 {percent}% 2026-11-20T14:32:07Z bob@there/2]")
}

/// `pay`, `ship` and a stage, of all of which 42 is the newest that AWS lists; a release of another machine has brought
/// `pay` to `percent`.
fn told(percent: u32) -> Bench {
    let mut bench = whole::bench();
    bench.versions.pop();
    let routing = if percent == 100 { routing("43") } else { routing(&format!("42/43@{percent}")) };
    bench.set(&target("pay"), routing, Some(&record(percent)));
    bench.check("ctrl-r <1s>");
    bench
}

/// What a rollback of the whole release leaves alone. What cannot be taken back is in no rollback.
fn left(bench: &Bench) -> Vec<LeftAlone> {
    let mut plan = bench.app.roll_back_plan(&[], None);
    plan.rows.retain(|row| row.refusal.is_none());
    bench.app.left_alone(&plan)
}

fn doubt_of(left: &[LeftAlone], target: &Target) -> Option<Doubt> {
    left.iter().find(|left| left.targets.contains(target)).map(|left| left.doubt)
}

#[test]
fn the_furthest_of_the_records_tells_how_far_a_release_went() {
    let mut bench = told(10);
    bench.set(&target("ship"), routing("42/43@10"), Some(&record(10)));
    bench.check("ctrl-r <1s>");
    assert_eq!(left(&bench), [], "at 10 % nothing that cannot be split has moved");
    bench.set(&target("pay"), routing("43"), Some(&record(100)));
    bench.check("ctrl-r <1s>");
    let left = left(&bench);
    assert_eq!((left.len(), doubt_of(&left, &stage())), (1, Some(Doubt::Unrecorded)), "{left:?}");
}

/// A release of the two functions and the stage, taken to this stage of it; then `moved` was moved by somebody else.
fn astray(keys: &str, moved: &Target) -> Bench {
    let mut bench = whole::bench();
    bench.check(keys);
    // A deployment tool writes no description, and so it leaves the record standing.
    bench.set(moved, routing("41"), None);
    bench
}

const TENTH: &str = "1 <300ms> y";
const ALL: &str = "1 <300ms> y 2 <300ms> y 3 <300ms> y";

#[test]
fn what_somebody_moved_to_a_third_version_is_no_success() {
    for (keys, moved) in [(TENTH, target("ship")), (ALL, target("ship")), (ALL, stage())] {
        let mut bench = astray(keys, &moved);
        bench.check("ctrl-r <1s>");
        assert_eq!(bench.app.astray().map(|(target, _)| target).collect::<Vec<_>>(), [&moved]);
        bench.check("R");
        bench.settle();
        let live = bench.aliases.borrow()[&moved].routing;
        assert_eq!((live, bench.live("pay")), (routing("41"), "42 100%".to_owned()), "at a third version it stops");
        let left = bench.app.maybe_left_behind();
        assert_eq!((left.len(), doubt_of(left, &moved)), (1, Some(Doubt::Astray)), "{left:?}");
        let words =
            format!("{moved} is at 41 100%, which this release did not put there: it had moved it from 42 to 43");
        assert!(bench.timeline().contains(&words), "{}", bench.timeline());
        assert!(bench.timeline().contains(" --to 42 --yes` takes it back to 42"), "{}", bench.timeline());
        assert!(bench.said().contains(&format!("NOT {moved}: somebody else moved it")), "{}", bench.said());
        assert!(bench.app.view.toast.as_ref().unwrap().bad);
        let end = bench.end_in_pages();
        assert!(end.is_in_part() && end.note.contains(&moved.to_string()), "{end:?}");
    }
}

#[test]
fn another_machine_names_it_as_long_as_the_record_of_it_stands() {
    for (keys, moved) in [(TENTH, target("ship")), (ALL, target("ship")), (ALL, stage())] {
        let bench = astray(keys, &moved);
        let mut bob = bench.neighbour("bob@there/2");
        assert_eq!(doubt_of(&left(&bob), &moved), Some(Doubt::Astray), "{:?}", left(&bob));
        bob.versions.push(info(44));
        bob.check("ctrl-r <1s>");
        let left = left(&bob);
        assert!(
            !left.iter().any(|left| bob.app.has_not_been_moved(left)),
            "what is on record does not turn out: {left:?}"
        );
    }
}

#[test]
fn what_is_back_or_never_was_moved_did_not_go_astray() {
    let mut back = astray(TENTH, &target("ship"));
    back.set(&target("ship"), routing("42"), None);
    back.check("ctrl-r <1s>");
    assert_eq!(left(&back), []);
    let mut waits = astray(TENTH, &stage());
    waits.check("ctrl-r <1s>");
    assert_eq!(doubt_of(&left(&waits), &stage()), None, "this release had not moved it: {:?}", left(&waits));
}

#[test]
fn a_part_of_an_earlier_release_is_no_part_of_this_one() {
    let mut bench = astray(TENTH, &target("ship"));
    bench.set(&target("ship"), routing("41"), Some("by hand"));
    bench.check("ctrl-r <1s>");
    let memory = &mut bench.app.deck.function_mut(&target("ship")).unwrap().memory;
    memory.release.as_mut().unwrap().id = ReleaseId::new("r-0");
    assert_eq!(left(&bench), []);
    assert_eq!(bench.app.astray().count(), 0);
}

#[test]
fn what_was_moved_while_the_rollback_was_sent_ends_it_in_part() {
    let mut bench = astray(TENTH, &target("ship"));
    bench.check("R <1m>");
    assert_eq!((bench.live("pay"), bench.live("ship")), ("42 100%".to_owned(), "41 100%".to_owned()));
    let end = bench.end_in_pages();
    assert!(end.is_in_part() && end.note.contains("NOT ship:live"), "{end:?}");
}

#[test]
fn it_is_named_where_nothing_is_left_to_take_back() {
    let mut bench = astray(TENTH, &target("ship"));
    bench.check("ctrl-r <1s> R");
    bench.settle();
    let nothing = bench.app.roll_back_plan(&[], None);
    let left = bench.app.left_alone(&nothing);
    assert_eq!((nothing.rows.len(), doubt_of(&left, &target("ship"))), (0, Some(Doubt::Astray)), "{left:?}");
    let named = bench.app.roll_back_plan(&[target("ship")], None);
    let refusal = named.rows[0].refusal.clone().unwrap_or_default();
    assert!(refusal.starts_with("it is at 41 100%, which its release (42 → 43) did not put there"), "{refusal}");
}

#[test]
fn where_nothing_goes_back_nothing_is_left() {
    let mut bench = whole::bench();
    bench.versions.pop();
    bench.check("ctrl-r <1s>");
    assert_eq!(left(&bench), []);
}

#[test]
fn weights_of_provisioned_concurrency_are_no_sign_of_a_move() {
    let mut bench = told(10);
    bench.set(&target("ship"), routing("42/43@50"), None);
    bench.check("ctrl-r <1s>");
    assert_eq!(doubt_of(&left(&bench), &target("ship")), Some(Doubt::Unrecorded));
    let moving = ProvisionedConcurrency { status: "IN_PROGRESS".into(), requested: 5 };
    bench.app.deck.function_mut(&target("ship")).unwrap().provisioned.set(Some(moving), bench.now.world);
    assert_eq!(left(&bench), []);
}

#[test]
fn a_stage_that_waits_in_the_release_has_not_been_moved() {
    let mut bench = whole::bench();
    bench.check("1 <300ms> y");
    bench.versions.pop();
    bench.check("ctrl-r <1s>");
    assert_eq!(left(&bench), [], "its entry says so, whatever deployments AWS lists");
}

#[test]
fn what_memory_knows_to_be_back_is_not_named() {
    let mut bench = told(100);
    assert_eq!(doubt_of(&left(&bench), &target("ship")), Some(Doubt::None), "it stays without a sign");
    bench.app.deck.function_mut(&target("ship")).unwrap().memory.last_stable = Some(version(42));
    assert_eq!(doubt_of(&left(&bench), &target("ship")), None);
}

#[test]
fn why_it_was_not_read_is_said_and_what_does_not_exist_is_not_named() {
    let mut bench = told(10);
    bench.unreadable.insert(target("ship"));
    bench.restart();
    let words = left(&bench).iter().map(|left| left.words.clone()).collect::<Vec<_>>();
    assert!(words.len() == 1 && words[0].starts_with("not read (no permission): ship:live may still"), "{words:?}");
    bench.unreadable.clear();
    bench.aliases.borrow_mut().remove(&target("ship"));
    bench.restart();
    assert_eq!(left(&bench), []);
}

#[test]
fn aliases_of_one_function_are_told_apart_in_the_command() {
    let second = target("pay").with_alias("second");
    let mut bench = Bench::with(|environment| {
        let settings = FunctionSettings { target: second.clone(), ..environment.functions[0].clone() };
        environment.functions.push(settings);
    });
    bench.set(&target("ship"), routing("42/43@10"), Some(&record(10)));
    bench.set(&second, routing("42/43@10"), None);
    bench.check("ctrl-r <1s>");
    let words = &left(&bench)[0].words;
    assert!(words.contains("rollback --function eu-west-1/pay:second --to OLD --yes"), "{words}");
}

#[test]
fn only_a_stage_with_a_newer_deployment_turns_out_not_to_be_moved() {
    let mut bench = whole::bench();
    let left = |target: Target| LeftAlone { targets: vec![target], words: String::new(), doubt: Doubt::Unrecorded };
    assert!(bench.app.has_not_been_moved(&left(stage())));
    assert!(!bench.app.has_not_been_moved(&left(target("ship"))), "an alias at any version may have been moved");
    bench.versions.pop();
    bench.check("ctrl-r <1s>");
    assert!(!bench.app.has_not_been_moved(&left(stage())));
}

#[test]
fn only_what_is_in_doubt_is_bad_news() {
    let mut bench = told(100);
    bench.check("R");
    let lines = bench.app.timeline.entries().iter();
    let said: Vec<(&str, Tone)> = lines
        .filter(|line| line.what.contains("cannot be told from here"))
        .map(|line| (line.what.split(' ').next().unwrap(), line.tone))
        .collect();
    assert_eq!(said, [("api:prod", Tone::Bad), ("ship:live", Tone::Warning)]);
    assert_eq!(bench.app.maybe_left_behind().len(), 1);
}

/// `pay` was tried on `staging` for a release of another machine; `ship` is split, and nothing says by whom. There is a
/// stage, too, with nothing that waits for it.
fn tried(pay: &str, before: &str) -> Bench {
    let mut bench = pre_staging::with_pre_stage(whole::bench());
    bench.versions.pop();
    let text = format!("[flightdeck r-1 41>43 100% 2026-11-20T14:32:07Z bob@there/2 before:{before}]");
    bench.set(&staging(), routing("43"), Some(&text));
    bench.set(&target("pay"), routing(pay), None);
    bench.set(&target("ship"), routing("42/43@10"), None);
    bench.check("ctrl-r <1s>");
    bench
}

#[test]
fn a_pre_stage_alone_tells_of_a_release_that_split_its_function() {
    let widowed = tried("42/43@10", "live");
    let doubts = [target("pay"), target("ship"), stage()].map(|target| doubt_of(&left(&widowed), &target));
    let in_doubt = Some(Doubt::Unrecorded);
    assert_eq!(doubts, [in_doubt, in_doubt, None], "how far it went is not told: {:?}", left(&widowed));

    let never_further = tried("42", "live");
    assert_eq!(doubt_of(&left(&never_further), &target("ship")), Some(Doubt::None), "{:?}", left(&never_further));

    let of_ship = roll_back_row(&target("ship"), None, version(42), version(43));
    let left = widowed.app.left_alone(&Plan { purpose: Purpose::RollBack, rows: vec![of_ship] });
    assert_eq!(doubt_of(&left, &target("pay")), Some(Doubt::None), "the pre-stage does not go back: {left:?}");
}

#[test]
fn of_a_release_of_this_machine_no_pre_stage_makes_a_doubt() {
    let mut bench = pre_staging::bench();
    bench.check("1 <300ms> y <1s>");
    bench.app.deck.function_mut(&target("ship")).unwrap().memory = Memory::default();
    assert_eq!(doubt_of(&left(&bench), &target("ship")), Some(Doubt::None), "{:?}", left(&bench));
    bench.app.deck.function_mut(&target("pay")).unwrap().memory.pre_stage = None;
    assert_eq!(doubt_of(&left(&bench), &staging()), Some(Doubt::None), "{:?}", left(&bench));
}

#[test]
fn a_pre_stage_is_ahead_of_its_function_only_in_a_release_of_it_that_is_not_over() {
    let mut ahead = tried("43", "live");
    assert_eq!(doubt_of(&left(&ahead), &staging()), Some(Doubt::Unrecorded));
    ahead.app.deck.function_mut(&target("pay")).unwrap().memory.ended = Some(ReleaseId::new("r-1"));
    assert_eq!(doubt_of(&left(&ahead), &staging()), None, "that release is over");
    let of_another = tried("43", "other");
    assert_eq!(doubt_of(&left(&of_another), &staging()), None, "it came before another alias");
}
