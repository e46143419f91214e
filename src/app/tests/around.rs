//! What stands around the functions: asked with the first plan, shown beside it, and never in anybody's way.

use super::*;
use crate::release::{
    plan::Purpose,
    stages::Obstacle,
    surroundings::{Deployment, Surroundings, permissions::Decision, triggers::Mapping},
};

fn with_queue() -> Surroundings {
    let mapping = Mapping { source: "arn:aws:sqs:eu-west-1:123456789012:orders".to_owned(), qualifier: None };
    Surroundings { mappings: Ok(vec![mapping]), ..Surroundings::nothing() }
}

fn preflight(bench: &Bench) -> Vec<String> {
    let obstacles = bench.app.obstacles(bench.now).into_iter();
    obstacles.filter_map(|obstacle| if let Obstacle::Preflight { why } = obstacle { Some(why) } else { None }).collect()
}

fn asked(bench: &Bench) -> usize {
    bench
        .log
        .iter()
        .filter(|line| ["Around", "Deployments", "Permissions"].iter().any(|name| line.contains(name)))
        .count()
}

#[test]
fn the_first_plan_asks_and_shows_what_it_found() {
    let mut bench = Bench::new();
    bench.outside.around = Some(with_queue());
    bench.check("1");
    assert!(bench.app.remarks_around(&target("pay"))[0].contains("the queue orders"));
    assert_eq!(bench.app.unanswered_around(), None);
    assert_eq!(preflight(&bench), Vec::<String>::new());
    assert_eq!(asked(&bench), 4, "two functions, the deployments, the permissions: {:?}", bench.log);
    bench.check("esc <1s> 1");
    assert_eq!(asked(&bench), 4, "it is still fresh");
    bench.check("<300ms> y <2m> 2");
    assert_eq!(asked(&bench), 5, "a later shift asks for deployments alone: {:?}", bench.log);
}

fn deployment() -> Deployment {
    let moves = vec![("pay".to_owned(), "live".to_owned())];
    Deployment { id: "d-1".to_owned(), region: None, group: "shop/live".to_owned(), moves }
}

#[test]
fn a_forbidden_rollback_warns_a_person() {
    let mut bench = Bench::new();
    bench.outside.decision = Some(Decision::Forbidden);
    bench.check("1");
    let found = preflight(&bench);
    assert!(found.iter().any(|why| why.starts_with("a rollback would be refused: lambda:")), "{found:?}");
    bench.check("<300ms> y");
    assert!(bench.app.is_moving() || bench.app.deck.is_releasing(), "a person may know better");
}

#[test]
fn what_a_deployment_moves_is_not_shifted_beside_it() {
    let mut bench = Bench::new();
    bench.outside.deployments = vec![deployment()];
    bench.check("1");
    let [refusal] = &bench.refusals()[..] else { panic!("one row is refused: {:?}", bench.refusals()) };
    assert!(refusal.starts_with("pay: CodeDeploy moves it right now (d-1 of shop/live)"), "{refusal}");
    assert!(refusal.contains("aws deploy stop-deployment --deployment-id d-1"), "{refusal}");
    bench.check("<300ms> y");
    assert_eq!(bench.take_writes(), Vec::<String>::new());

    bench.check("space <300ms> y");
    assert_eq!(bench.take_writes(), ["write ship 42 90% + 43 10% @r1"], "what it does not move can go");

    bench.outside.deployments.clear();
    bench.check("esc <1s> 1");
    assert_eq!(bench.refusals(), Vec::<String>::new(), "it is asked again, for the deployment may have ended");
}

#[test]
fn a_deployment_that_began_meanwhile_stops_the_next_stage_and_never_a_rollback() {
    let mut bench = Bench::mid_release();
    bench.outside.deployments = vec![deployment()];
    bench.check("<2m> 2");
    assert!(bench.refusals()[0].starts_with("pay: CodeDeploy moves it right now"), "{:?}", bench.refusals());
    bench.check("<300ms> y");
    assert_eq!(bench.take_writes(), Vec::<String>::new());
    bench.check("esc R");
    assert_eq!(bench.take_writes().len(), 2, "{}", bench.timeline());
}

#[test]
fn yes_waits_a_moment_for_whoever_else_moves_it() {
    let mut bench = Bench::new();
    bench.check("1 <300ms> esc");
    bench.hold(Hold::Around);
    bench.check("<2m> 1 <300ms> y");
    assert!(bench.said().contains("whether CodeDeploy moves these aliases"), "{}", bench.said());
    assert_eq!(bench.take_writes(), Vec::<String>::new());
    bench.check("<3s> y");
    assert_eq!(bench.take_writes().len(), 2, "but not for ever");
}

#[test]
fn a_stable_version_that_somebody_deleted_is_said() {
    let mut bench = Bench::mid_release();
    assert_eq!(bench.app.remarks_around(&target("pay")), Vec::<String>::new());
    bench.versions.retain(|info| info.version != version(42));
    bench.check("ctrl-r <1s> 2");
    assert!(bench.app.remarks_around(&target("pay"))[0].contains("version 42 does not exist any more"));
}

#[test]
fn a_plan_does_not_wait_for_it_and_a_rollback_drops_it() {
    let mut bench = Bench::new();
    bench.check("1 <300ms> y <2m>");
    assert!(bench.app.deck.is_releasing());
    bench.log.clear();
    bench.check("R");
    assert_eq!(asked(&bench), 0, "{:?}", bench.log);

    let mut bench = Bench::new();
    bench.holds.insert(Hold::Reads);
    let effects = bench.app.propose(Purpose::Shift { percent: 10.0 }, vec![target("pay")], None, bench.now);
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::Read(_, Read::Around(..)))),
        "the plan's own come first"
    );
    bench.holds.clear();
    bench.log.clear();
    bench.effects.extend(effects);
    bench.answer_all();
    let drawn = bench.log.iter().position(|line| line.starts_with("read Version")).unwrap();
    assert!(bench.log[drawn + 1].starts_with("read Around"), "once the plan can be drawn: {:?}", bench.log);
    assert_eq!(asked(&bench), 3, "{:?}", bench.log);
}
