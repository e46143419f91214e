//! What is remembered: entries, withdrawn versions, candidates, marks, and what others do meanwhile.

use super::*;
use crate::release::memory::{Entry, RolledBack, ShiftMark};

fn candidate(bench: &Bench, name: &str) -> Result<Version, String> {
    bench.app.deck.function(&target(name)).unwrap().candidate()
}

fn entry(bench: &Bench, name: &str) -> Entry {
    bench.app.deck.function(&target(name)).unwrap().entry().expect("an entry").clone()
}

#[test]
fn a_release_fixes_functions_and_versions_at_its_first_shift() {
    let mut bench = Bench::mid_release();
    let first = entry(&bench, "pay");
    assert_eq!(
        (first.stable, first.new, first.before, first.by.as_str()),
        (version(42), version(43), routing("42"), "oncall")
    );
    assert_eq!(first.id, entry(&bench, "ship").id);
    assert_eq!(bench.journal[&target("pay")].release, Some(first.clone()));
    assert_eq!(first.shifts.iter().map(|mark| mark.percent).collect::<Vec<_>>(), [10.0]);

    bench.versions.push(info(44));
    bench.check("<301s>");
    assert_eq!(bench.app.deck.function(&target("pay")).unwrap().newer_exists(), Some(version(44)));
    bench.check("2 <300ms> y");
    assert_eq!(bench.live("pay"), "42 50% + 43 50%", "44 needs a release of its own");
    assert_eq!(entry(&bench, "pay").shifts.len(), 2);
}

#[test]
fn what_is_on_disk_is_what_is_in_memory() {
    let mut bench = Bench::new();
    bench.hold(Hold::Records);
    bench.check("1 <300ms> y <5s>");
    bench.hold(Hold::Writes);
    bench.release(Hold::Records);
    assert_eq!(bench.journal[&target("pay")], *bench.memory("pay"), "the same id and the same time");
    assert_eq!(
        bench.journal[&target("pay")].release.as_ref().unwrap().id,
        bench.journal[&target("ship")].release.as_ref().unwrap().id
    );
}

#[test]
fn functions_that_join_later_share_the_release() {
    let mut bench = Bench::new();
    bench.check("space 1 <300ms> y <61s> down space 1 <300ms> y");
    assert_eq!(entry(&bench, "pay").id, entry(&bench, "ship").id);
    assert_ne!(entry(&bench, "pay").since, entry(&bench, "ship").since);
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 100%", "42 100%"));
}

#[test]
fn another_run_of_the_program_knows_the_release() {
    let mut bench = Bench::mid_release();
    bench.restart();
    assert_eq!(entry(&bench, "pay").stable, version(42));
    bench.check("R");
    assert_eq!(bench.live("pay"), "42 100%");
    bench.restart();
    assert_eq!(bench.memory("pay").withdrawn, [version(43)]);
    assert!(candidate(&bench, "pay").unwrap_err().contains("43 was rolled back"));
}

#[test]
fn a_withdrawn_version_leaves_no_candidate_until_one_is_picked() {
    let mut bench = Bench::new();
    bench.versions.push(info(44));
    bench.check("ctrl-r");
    bench.settle();
    bench.check("1 <300ms> y R esc");
    assert!(candidate(&bench, "pay").is_err(), "not 43, which is in between");
    bench.check("1");
    let why = "All that is newer was rolled back here; ⏎, then v takes it along: pay 44, ship 44.";
    assert!(bench.said().contains(why), "{}", bench.said());
    bench.versions.push(info(45));
    bench.check("ctrl-r");
    bench.settle();
    assert_eq!(candidate(&bench, "pay"), Ok(version(45)), "a newer one is a candidate");

    bench.check("enter down v esc 1 <300ms> y");
    assert!(bench.live("pay").contains("44 10%"), "withdrawn, and picked again by hand: {}", bench.live("pay"));
    assert!(bench.memory("pay").withdrawn.is_empty());
}

#[test]
fn a_plan_names_what_it_leaves_out_because_it_was_rolled_back() {
    let mut bench = Bench::new();
    bench.check("space 1 <300ms> y R esc");
    bench.app.view.marked.clear();
    bench.check("1");
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("no plan: {}", bench.said()) };
    let rows = &dialog.plan.as_ref().expect("a plan that is drawn").rows;
    assert_eq!(rows.iter().map(|row| row.target.name()).collect::<Vec<_>>(), ["ship"]);
    let notice = dialog.notice.clone().unwrap_or_default();
    let why =
        "pay was rolled back from 43 here and stays at 42; name it to take it along (--function pay:live=43, or v";
    assert!(notice.contains(why), "{notice}");
    bench.check("esc space 1");
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("no plan: {}", bench.said()) };
    assert_eq!(dialog.notice, None, "whoever chooses rows leaves the others out on purpose");
}

#[test]
fn a_withdrawn_version_stays_so_until_a_shift_to_it_went_through() {
    let mut bench = Bench::mid_release();
    bench.check("R esc");
    bench.app.pick_version(&target("pay"), version(43)).unwrap();
    bench.trouble_for("pay", &[(Trouble::Refused, false)]);
    bench.check("space 1 <300ms> y");
    assert_eq!((bench.live("pay").as_str(), bench.memory("pay").withdrawn.len()), ("42 100%", 1));
}

#[test]
fn a_version_released_again_goes_back_to_what_is_stable_now() {
    let mut bench = Bench::mid_release();
    bench.check("R esc");
    bench.somebody_sets("pay", "41");
    bench.check("<31s>");
    bench.app.pick_version(&target("pay"), version(43)).unwrap();
    bench.check("space 1 <300ms> y");
    assert_eq!(bench.live("pay"), "41 90% + 43 10%");
    assert_eq!((entry(&bench, "pay").stable, entry(&bench, "pay").shifts.len()), (version(41), 1));
    bench.check("R");
    assert_eq!(bench.live("pay"), "41 100%", "not 42, which was stable in the release before");
}

#[test]
fn a_picked_version_that_went_live_meanwhile_is_no_candidate() {
    let mut bench = Bench::new();
    bench.app.pick_version(&target("pay"), version(43)).unwrap();
    bench.somebody_sets("pay", "43");
    bench.check("<31s>");
    assert!(candidate(&bench, "pay").is_err());
    assert!(bench.app.pick_version(&target("pay"), version(43)).unwrap_err().contains("live already"));
    assert!(bench.app.pick_version(&target("pay"), Version::Latest).is_err());
}

#[test]
fn done_is_only_offered_at_a_hundred_percent() {
    let mut bench = Bench::mid_release();
    bench.check("d <300ms> y");
    assert!(bench.said().contains("is at 10 %"), "{}", bench.said());
    bench.check("3 <300ms> y d y");
    assert!(bench.app.deck.is_releasing(), "the question has to be read for 250 ms");
    bench.check("<300ms> y");
    assert!(!bench.app.deck.is_releasing());
    assert_eq!(
        (bench.memory("pay").last_stable, bench.journal[&target("pay")].release.clone()),
        (Some(version(42)), None)
    );
    bench.check("u <300ms> y");
    assert_eq!(bench.live("pay"), "43 100%", "there is nothing to undo");
}

#[test]
fn done_is_not_declared_on_what_changed_meanwhile() {
    let mut bench = Bench::mid_release();
    bench.check("3 <300ms> y d");
    bench.somebody_sets("pay", "42/43@50");
    bench.check("<6s> y");
    assert!(bench.app.deck.is_releasing());
}

#[test]
fn a_change_by_somebody_else_is_told_and_its_record_read() {
    let mut bench = Bench::new();
    bench.somebody_sets("pay", "42/43@10");
    let memory = Memory {
        release: Some(Entry {
            id: crate::release::names::ReleaseId::new("r-other"),
            target: target("pay"),
            stable: version(42),
            new: version(43),
            before: routing("42"),
            by: "ci".into(),
            owner: String::new(),
            since: bench.now.world,
            shifts: vec![ShiftMark { at: bench.now.world, percent: 10.0 }],
            whole: false,
            told: false,
        }),
        ..Memory::default()
    };
    bench.journal.insert(target("pay"), memory);
    bench.check("<32s>");
    assert!(
        bench.timeline().contains("pay:live was changed elsewhere: 42 100% → 42 90% + 43 10%"),
        "{}",
        bench.timeline()
    );
    bench.check("R");
    assert_eq!(bench.live("pay"), "42 100%", "R takes back what `flightdeck shift` beside it has begun");
}

#[test]
fn a_third_version_ends_the_entry_of_its_function_alone() {
    let mut bench = Bench::mid_release();
    bench.somebody_sets("pay", "42/41@10");
    bench.check("<6s>");
    assert!(bench.app.deck.function(&target("pay")).unwrap().entry().is_none());
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 90% + 41 10%", "42 100%"));
}

#[test]
fn weights_that_aws_sets_itself_are_nobody_s_split() {
    let mut bench = Bench::new();
    bench.provisioned = Some(ProvisionedConcurrency { status: "IN_PROGRESS".into(), requested: 5 });
    bench.somebody_sets("pay", "42/43@30");
    bench.check("ctrl-r");
    bench.settle();
    let pay = bench.app.deck.function(&target("pay")).unwrap();
    assert_eq!((pay.split(), pay.percent()), (None, 0.0));
    bench.check("space 3");
    assert!(bench.refusals()[0].contains("AWS is moving the alias' provisioned concurrency"), "{:?}", bench.refusals());
}

#[test]
fn a_rollback_is_remembered_with_where_it_started() {
    let mut bench = Bench::mid_release();
    bench.check("2 <300ms> y R");
    let Some(RolledBack { percent, entry, .. }) = bench.memory("pay").rolled_back.clone() else { panic!("remembered") };
    assert_eq!((percent, entry.new, entry.shifts.len()), (50.0, version(43), 2));
    assert_eq!(bench.memory("pay").last_stable, Some(version(42)));
    assert_eq!(bench.journal[&target("pay")], *bench.memory("pay"));
}

#[test]
fn one_damaged_record_does_not_hide_the_others() {
    let mut bench = Bench::mid_release();
    let found = bench.journal.clone();
    // Its own record would tell.
    bench.set(&target("pay"), routing("42/43@10"), Some("by hand"));
    bench.restart();
    for name in ["pay", "ship"] {
        bench.app.deck.function_mut(&target(name)).unwrap().memory = Memory::default();
    }
    let ticket = bench.app.ticket(crate::app::Errand::Recall);
    let ship = found.into_iter().filter(|(found, _)| *found == target("ship")).collect();
    bench.event(Event::Reply(ticket, Box::new(Reply::Recalled(ship, Some("pay.live.json is damaged".into())))));
    assert!(bench.said().contains("pay.live.json is damaged"));
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 90% + 43 10%", "42 100%"));
}
