//! A plan whose version is still being made ready becomes sound by itself.

use super::*;
use crate::app::reading::Reading;
use crate::app::view::PlanDialog;

fn dialog(bench: &Bench) -> PlanDialog {
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("no plan: {:?}", bench.app.view) };
    dialog.clone()
}

fn set_state(bench: &mut Bench, state: VersionState) {
    let newest = bench.versions.iter_mut().find(|info| info.version == version(43)).unwrap();
    newest.state = Some(state);
}

fn reads_of_versions(bench: &Bench) -> usize {
    bench.log.iter().filter(|line| line.starts_with("read Version ")).count()
}

#[test]
fn it_is_read_again_until_it_is_ready_and_keeps_what_the_person_did() {
    let mut bench = Bench::new();
    set_state(&mut bench, VersionState::Pending);
    bench.check("1");
    assert!(!dialog(&bench).plan.unwrap().is_sound());
    assert_eq!(bench.app.awaits_versions(bench.now), Some(Duration::ZERO));
    bench.check("<1s> down space");
    assert!(dialog(&bench).plan.unwrap().rows[1].dropped);
    bench.log.clear();
    bench.check("<11s>");
    assert_eq!(reads_of_versions(&bench), 4, "both functions, twice: {:?}", bench.log);
    assert_eq!(bench.app.awaits_versions(bench.now), Some(Duration::from_secs(12)));
    bench.check("y");
    assert!(bench.take_writes().is_empty(), "it is not ready");

    set_state(&mut bench, VersionState::Active);
    bench.check("<6s>");
    let plan = dialog(&bench).plan.unwrap();
    assert!(plan.is_sound() && plan.rows[1].dropped, "{plan:?}");
    assert_eq!(bench.app.awaits_versions(bench.now), None);
    bench.log.clear();
    bench.check("<10s>");
    assert_eq!(reads_of_versions(&bench), 0, "there is nothing to wait for any more");
    bench.check("y");
    assert_eq!(bench.take_writes().len(), 1);
}

#[test]
fn a_plan_that_was_closed_waits_for_nothing() {
    let mut bench = Bench::new();
    set_state(&mut bench, VersionState::Pending);
    bench.check("1 <1s> esc");
    bench.log.clear();
    bench.check("<20s>");
    assert_eq!(reads_of_versions(&bench), 0, "{:?}", bench.log);
    assert_eq!(bench.app.awaits_versions(bench.now), None);
}

/// A bench on which nobody has read the versions of `ship` yet: the question is on its way and held back.
fn with_unread_ship(live: &str) -> Bench {
    let mut bench = Bench::new();
    bench.aliases.borrow_mut().insert(target("ship"), Standing::new(live));
    bench.check("ctrl-r <1s>");
    bench.hold(Hold::Reads);
    let ship = bench.app.deck.function_mut(&target("ship")).unwrap();
    ship.versions = Reading::every(SignedDuration::from_mins(5));
    bench.event(Event::Tick);
    bench.log.clear();
    bench
}

#[test]
fn a_stage_key_reads_what_nobody_has_read() {
    let mut bench = with_unread_ship("42");
    bench.check("1 <3s>");
    assert!(matches!(&bench.app.view.overlay, Some(Overlay::Plan(dialog)) if dialog.plan.is_none()), "it waits");
    bench.release(Hold::Reads);
    assert_eq!(planned(&bench), ["pay", "ship"]);
    let of_ship = bench.log.iter().filter(|line| line.starts_with("read Versions")).count();
    assert_eq!(of_ship, 1, "nothing is asked twice: {:?}", bench.log);
}

#[test]
fn what_turns_out_to_have_no_newer_version_is_not_in_the_plan() {
    let mut bench = with_unread_ship("43");
    bench.check("1");
    bench.release(Hold::Reads);
    assert_eq!(planned(&bench), ["pay"]);
    assert_eq!(bench.refusals(), Vec::<String>::new());
}

fn planned(bench: &Bench) -> Vec<String> {
    let Some(Overlay::Plan(dialog)) = &bench.app.view.overlay else { panic!("no plan: {}", bench.said()) };
    let rows = &dialog.plan.as_ref().expect("a plan that is drawn").rows;
    rows.iter().map(|row| row.target.function.to_string()).collect()
}
