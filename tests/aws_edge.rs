//! The edge that knows AWS, over the real wire protocols against the embedded AWS: every read, the one write, and every
//! kind of trouble. Time is tokio's and paused, so that limits and retries take no time.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should fail where it stands")]

#[path = "aws_edge/health.rs"]
mod health;
#[path = "aws_edge/movers.rs"]
mod movers;
#[path = "aws_edge/regions.rs"]
mod regions;

use std::{fmt::Write as _, sync::Arc, time::Duration};

use flightdeck::{
    aws::{Cloud, Place, Transport, Urgency},
    clock::Clock,
    config::{AlarmMatch, AlarmRule},
    release::{
        error::{CloudError, Trouble},
        facts::{AlarmState, Severity, VersionState},
        metrics::{Measure, Question, Series},
        names::{RevisionId, Target, Version},
        routing::Routing,
    },
    sim::{
        Sim,
        wire::Operation,
        world::{Disturbance, WorldSpec},
    },
};
use jiff::Timestamp;

const REGION: &str = "eu-west-1";
const V42: Version = Version::Number(42);
const V43: Version = Version::Number(43);

/// A small world with more versions, alarms and budgets than fit a page.
fn world() -> WorldSpec {
    let mut text = include_str!("aws_edge/world.toml").to_owned();
    for number in 1..=120 {
        let _ = writeln!(
            text,
            "[[functions.versions]]\nnumber = {number}\npublished = \"-9d\"\nlatency = {{ p50_ms = 1.0, p99_ms = 2.0 }}"
        );
    }
    for number in 0..130 {
        let _ = writeln!(
            text,
            "[[alarms]]\nname = \"rv-{number:03}\"\nwatches = {{ metric = {{ namespace = \"AWS/Lambda\", name = \"Errors\", \
             dimensions = {{ FunctionName = \"pay\" }} }} }}\nstatistic = \"Sum\"\nperiod = \"60s\"\nevaluation_periods = 1\n\
             threshold = 1000000.0"
        );
        let _ = writeln!(text, "[[budgets]]\nname = \"budget-{number:03}\"\nlimit = 100.0\nactual = {number}.5");
    }
    text.push_str(include_str!("aws_edge/elsewhere.toml"));
    text.push_str("[[composites]]\nname = \"rv-any\"\nrule = 'ALARM(\"rv-000\") OR ALARM(\"rv-001\")'\n");
    toml::from_str(&text).unwrap()
}

struct Setup {
    sim: Arc<Sim>,
    cloud: Cloud,
}

async fn setup() -> Setup {
    open(false).await
}

async fn open(read_only: bool) -> Setup {
    let clock = Clock::starting_at("2026-11-20T12:00:00Z".parse().unwrap(), 1.0);
    let sim = Arc::new(Sim::new(&world(), clock));
    let place = Place { region: Some(REGION.into()), read_only, ..Place::default() };
    let cloud = Cloud::open(&place, Transport::Embedded(sim.http_client()), clock).await.unwrap();
    Setup { sim, cloud }
}

impl Setup {
    /// How many requests of this kind reached the other side.
    fn requests(&self, operation: Operation) -> usize {
        self.sim.requests().iter().filter(|seen| seen.operation == operation).count()
    }

    fn disturb(&self, operation: &str, disturbance: Disturbance) {
        self.sim.disturb(operation, disturbance, None);
    }
}

fn pay() -> Target {
    Target::new("pay", "live")
}

fn rule(matches: AlarmMatch) -> AlarmRule {
    AlarmRule::new(matches, Severity::High)
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_named() {
    let caller = setup().await.cloud.caller().await.unwrap();
    assert_eq!((caller.account.as_str(), caller.short()), ("123456789012", "oncall"));
}

#[tokio::test(start_paused = true)]
async fn an_embedded_aws_says_that_it_is_not_aws() {
    let cloud = setup().await.cloud;
    assert_eq!(cloud.region(), REGION);
    assert_eq!(cloud.endpoint(), Some("embedded"));
    assert_eq!(cloud.endpoints().len(), 9);
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_read_with_its_account_and_a_clean_description() {
    let cloud = setup().await.cloud;
    let alias = cloud.alias(&pay(), Urgency::Routine).await.unwrap();
    assert_eq!(alias.routing, Routing { primary: V42, weighted: Some((V43, 0.1)) });
    assert_eq!(alias.description, "takes the payments");
    assert_eq!(alias.account.as_deref(), Some("123456789012"));
    assert!(!alias.revision.as_str().is_empty());
    let idle = cloud.alias(&Target::new("pay", "idle"), Urgency::Urgent).await.unwrap();
    assert_eq!(idle.routing, Routing::only(V42), "a weight of 0 is nobody's split");
}

#[tokio::test(start_paused = true)]
async fn versions_come_from_all_pages() {
    let setup = setup().await;
    let versions = setup.cloud.versions(&Target::new("bulk", "live")).await.unwrap();
    assert_eq!(versions.len(), 121, "120 and $LATEST");
    assert_eq!(setup.requests(Operation::ListVersionsByFunction), 3);
    let pay = setup.cloud.versions(&pay()).await.unwrap();
    let new = pay.iter().find(|info| info.version == V43).unwrap();
    assert_eq!(new.description, "new[31m");
    assert_eq!((new.runtime.as_str(), new.timeout), ("python3.12", Duration::from_secs(20)));
    assert!(new.role.ends_with("/pay-role") && new.dead_letter.as_deref().unwrap().ends_with("pay-dead"));
    assert_eq!(new.modified, Some("2026-11-20T11:00:00Z".parse().unwrap()));
    assert!(!new.code_sha256.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_version_is_read_with_its_state() {
    let cloud = setup().await.cloud;
    let pay = pay();
    assert_eq!(cloud.version(&pay, V42).await.unwrap().state, Some(VersionState::Active));
    assert_eq!(cloud.version(&pay, V43).await.unwrap().state, Some(VersionState::Pending));
    assert_eq!(cloud.version(&pay, Version::Latest).await.unwrap().version, Version::Latest);
    let missing = cloud.version(&pay, Version::Number(99)).await.unwrap_err();
    assert_eq!(missing.kind, Trouble::NotFound);
}

#[tokio::test(start_paused = true)]
async fn aliases_are_listed_with_where_they_point() {
    let aliases = setup().await.cloud.aliases(&pay()).await.unwrap();
    let mut names: Vec<_> = aliases.iter().map(|pointer| format!("{} {}", pointer.alias, pointer.routing)).collect();
    names.sort();
    assert_eq!(names, ["idle 42 100%", "live 42 90% + 43 10%"]);
}

#[tokio::test(start_paused = true)]
async fn a_write_sends_an_explicit_map_and_keeps_the_description() {
    let cloud = setup().await.cloud;
    let before = cloud.alias(&pay(), Urgency::Urgent).await.unwrap();
    let receipt = cloud.update_alias(&pay(), &Routing::only(V42), Some(&before.revision), None).await.unwrap();
    assert!(receipt.request_id.is_some_and(|id| id.len() > 8), "what AWS calls the request");
    let after = receipt.alias;
    assert_eq!(after.routing, Routing::only(V42), "without an explicit map the weight would have stayed");
    assert_eq!(after.description, before.description);
    assert_ne!(after.revision, before.revision);
    let described = cloud.update_alias(&pay(), &Routing::only(V42), None, Some("quiet")).await.unwrap().alias;
    assert_eq!(cloud.alias(&pay(), Urgency::Urgent).await.unwrap(), described);
    assert_eq!(described.description, "quiet");
}

#[tokio::test(start_paused = true)]
async fn a_write_with_an_old_revision_is_stale_and_changes_nothing() {
    let cloud = setup().await.cloud;
    let old = RevisionId::new("00000000-0000-4000-8000-000000000000");
    let error = cloud.update_alias(&pay(), &Routing::only(V42), Some(&old), None).await.unwrap_err();
    assert_eq!((error.kind, error.operation), (Trouble::Stale, "UpdateAlias"));
    assert!(error.request_id.is_some());
    assert!(cloud.alias(&pay(), Urgency::Urgent).await.unwrap().routing.is_split());
}

#[tokio::test(start_paused = true)]
async fn a_write_that_aws_refuses_keeps_its_words() {
    let cloud = setup().await.cloud;
    let routing = Routing { primary: V42, weighted: Some((V42, 0.1)) };
    let error = cloud.update_alias(&pay(), &routing, None, None).await.unwrap_err();
    assert_eq!(error.kind, Trouble::Refused);
    assert!(error.message.contains("already included in routing configuration"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_write_is_tried_once_and_gives_up_in_three_seconds() {
    for (disturbance, kind) in [
        (Disturbance::Throttled, Trouble::Throttled),
        (Disturbance::ServerError, Trouble::Server),
        (Disturbance::HangAfterDoing, Trouble::Timeout),
    ] {
        let setup = setup().await;
        setup.disturb("UpdateAlias", disturbance);
        let started = setup.sim.clock().now().wall;
        let error = setup.cloud.update_alias(&pay(), &Routing::only(V42), None, None).await.unwrap_err();
        let took = setup.sim.clock().now().wall.saturating_sub(started);
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(setup.requests(Operation::UpdateAlias), 1, "{disturbance:?}");
        assert!(took <= Duration::from_millis(3_100), "{disturbance:?} took {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn read_only_lets_reads_out_and_no_write() {
    let setup = open(true).await;
    setup.cloud.caller().await.unwrap();
    setup.cloud.alias(&pay(), Urgency::Routine).await.unwrap();
    setup.cloud.versions(&pay()).await.unwrap();
    setup.cloud.version(&pay(), V42).await.unwrap();
    setup.cloud.aliases(&pay()).await.unwrap();
    setup.cloud.provisioned_concurrency(&pay()).await.unwrap();
    setup.cloud.metric_data(&question(1, &setup)).await.unwrap();
    setup.cloud.alarms(&[rule(AlarmMatch::Name("rv-000".into()))]).await.unwrap();
    setup.cloud.budgets("123456789012", &["budget-000".into()]).await.unwrap();
    let error = setup.cloud.update_alias(&pay(), &Routing::only(V42), None, None).await.unwrap_err();
    assert_eq!(error.kind, Trouble::ReadOnly);
    assert!(error.message.contains("UpdateAlias") && error.message.contains("Nothing was sent"), "{error}");
    assert_eq!(setup.requests(Operation::UpdateAlias), 0);
}

#[tokio::test(start_paused = true)]
async fn every_disturbance_of_a_read_is_told_apart() {
    for (disturbance, kind, attempts) in [
        (Disturbance::Hang, Trouble::Timeout, 3),
        (Disturbance::Throttled, Trouble::Throttled, 5),
        (Disturbance::ServerError, Trouble::Server, 5),
        (Disturbance::ExpiredToken, Trouble::CredentialsExpired, 1),
        (Disturbance::AccessDenied, Trouble::Denied, 1),
        (Disturbance::Html, Trouble::NotAws, 5),
        (Disturbance::EmptyBadRequest, Trouble::NotAws, 1),
    ] {
        let setup = setup().await;
        setup.disturb("*", disturbance);
        let started = setup.sim.clock().now().wall;
        for (service, error) in one_read_of_each_service(&setup).await {
            assert_eq!(error.kind, kind, "{service}, {disturbance:?}: {error}");
            assert!(!error.message.contains(char::is_control) && error.message.len() > 10, "{error}");
            assert!(error.message.contains(service), "it names who was asked: {error}");
        }
        assert_eq!(setup.requests(Operation::GetAlias), attempts, "{disturbance:?}");
        let took = setup.sim.clock().now().wall.saturating_sub(started);
        assert!(took < Duration::from_secs(4 * 13), "{disturbance:?} took {took:?}");
    }
}

async fn one_read_of_each_service(setup: &Setup) -> [(&'static str, CloudError); 4] {
    let names = ["budget-000".to_owned()];
    [
        ("Lambda", setup.cloud.alias(&pay(), Urgency::Urgent).await.unwrap_err()),
        ("CloudWatch", setup.cloud.metric_data(&question(1, setup)).await.unwrap_err()),
        ("Budgets", setup.cloud.budgets("123456789012", &names).await.unwrap_err()),
        ("STS", setup.cloud.caller().await.unwrap_err()),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_reply_cut_in_half_is_an_error_and_leaves_the_write_unknown() {
    let setup = setup().await;
    setup.disturb("*Alias", Disturbance::HalfAnAnswer);
    let read = setup.cloud.alias(&pay(), Urgency::Urgent).await.unwrap_err();
    let write = setup.cloud.update_alias(&pay(), &Routing::only(V42), None, None).await.unwrap_err();
    for error in [read, write] {
        assert!(error.kind.leaves_unknown(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_bad_replies_are_forgiven() {
    let setup = setup().await;
    setup.sim.disturb("GetAlias", Disturbance::ServerError, Some(2));
    setup.cloud.alias(&pay(), Urgency::Urgent).await.unwrap();
    assert_eq!(setup.requests(Operation::GetAlias), 3);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_named() {
    let cloud = setup().await.cloud;
    for target in [Target::new("nobody", "live"), Target::new("pay", "nowhere")] {
        let error = cloud.alias(&target, Urgency::Urgent).await.unwrap_err();
        assert_eq!(error.kind, Trouble::NotFound);
        let name = if target.function.as_str() == "nobody" { "nobody" } else { "nowhere" };
        assert!(error.message.contains(name) && error.message.contains(REGION), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn routine_reads_keep_the_pace_and_urgent_ones_do_not_wait() {
    let setup = setup().await;
    let elapsed = || setup.sim.clock().now().wall;
    let started = elapsed();
    for _ in 0..20 {
        setup.cloud.alias(&pay(), Urgency::Routine).await.unwrap();
    }
    let routine = elapsed().saturating_sub(started);
    assert!((1_900..=2_200).contains(&routine.as_millis()), "ten at once, ten at five a second: {routine:?}");
    let started = elapsed();
    for _ in 0..5 {
        setup.cloud.alias(&pay(), Urgency::Urgent).await.unwrap();
    }
    assert_eq!(elapsed().saturating_sub(started), Duration::ZERO);
}

/// The last ten minutes of the calls of `pay:live`, under so many names.
fn question(series: usize, setup: &Setup) -> Question {
    let minute = setup.sim.clock().now().world.as_second() / 60 * 60;
    let at = |second: i64| Timestamp::from_second(second).unwrap();
    let measure = [Measure::Invocations, Measure::P99];
    let series = (0..series).map(|index| Series::lambda(&pay(), None, measure[index % 2])).collect();
    Question { series, from: at(minute - 660), to: at(minute - 60), period: Duration::from_mins(1) }
}

#[tokio::test]
async fn without_a_region_it_says_what_to_set() {
    let clock = Clock::system();
    let sim = Arc::new(Sim::new(&world(), clock));
    let error = Cloud::open(&Place::default(), Transport::Embedded(sim.http_client()), clock).await.unwrap_err();
    assert_eq!(error.kind, Trouble::Refused);
    assert!(error.message.contains("--region") && error.message.contains("AWS_REGION"), "{error}");
}
