//! What happens around a release that nobody planned: versions that vanish or fail, a laptop that sleeps.

use super::{
    outside::{command, health},
    *,
};
use crate::release::{
    gates::command::Moment,
    stages::{Hold as Held, State},
};

fn state(bench: &Bench) -> State {
    bench.app.running.as_ref().unwrap().run.state()
}

#[test]
fn a_stable_version_that_is_deleted_is_said_before_it_is_needed() {
    let mut bench = Bench::mid_release();
    bench.check("<2m>");
    assert_eq!(state(&bench), State::Observing);
    bench.versions.retain(|info| info.version != version(42));
    bench.check("<1m>");
    assert!(bench.said().contains("the stable version 42 is deleted: R cannot go back to it"), "{}", bench.said());
    assert_eq!(state(&bench), State::Held(Held::Disturbed));
    let lines = bench.timeline().matches("pay:live: the stable version 42 is deleted").count();
    bench.check("<10m>");
    assert_eq!((lines, bench.timeline().matches("pay:live: the stable version 42 is deleted").count()), (1, 1), "once");
}

#[test]
fn a_new_version_that_fails_holds_the_release() {
    let mut bench = Bench::mid_release();
    for info in bench.versions.iter_mut().filter(|info| info.version == version(43)) {
        info.state = Some(VersionState::Failed);
        info.state_reason = Some("the layer is gone".into());
    }
    bench.check("<2m>");
    let told = bench.timeline();
    assert!(told.contains("the new version 43 has failed: the layer is gone"), "{told}");
    assert_eq!(state(&bench), State::Held(Held::Disturbed));
    bench.check("R");
    assert_eq!((bench.live("pay"), bench.live("ship")), ("42 100%".into(), "42 100%".into()));
}

#[test]
fn outside_a_release_no_version_is_looked_at_by_itself() {
    let mut bench = Bench::new();
    bench.check("<5m>");
    let log = bench.take_log();
    assert!(!log.iter().any(|line| line.starts_with("read Version ")), "{log:?}");
}

#[test]
fn a_laptop_that_slept_through_a_bake_decides_nothing_on_old_data() {
    let mut bench = Bench::mid_release();
    bench.check("<1m>");
    bench.take_log();
    bench.now.world += SignedDuration::from_hours(3);
    bench.event(Event::Tick);
    assert_eq!(state(&bench), State::Observing, "what was missed is read first");
    bench.answer_all();
    let log = bench.take_log();
    assert!(log.iter().any(|line| line.starts_with("read Metrics")), "{log:?}");
    assert_eq!(bench.take_writes(), Vec::<String>::new());
}

#[test]
fn a_probe_or_a_command_that_hangs_holds_nothing_up_but_what_waits_for_it() {
    let mut bench = Bench::with(|environment| {
        environment.probes.push(health());
        environment.commands.push(command("smoke", Moment::Stage));
    });
    bench.holds.insert(Hold::Checks);
    bench.check("1 <300ms> y <5m>");
    assert_eq!(bench.take_writes().len(), 2);
    bench.check("R");
    assert_eq!((bench.live("pay"), bench.live("ship")), ("42 100%".into(), "42 100%".into()));
}
