//! Rules of load balancers and stages of REST APIs through the edge: read, compared before the write, written, and left
//! alone where somebody else was faster; and the aliases that cannot be split either.

use flightdeck::release::{
    carried::{self, Carried},
    error::Trouble,
    facts::{Alias, Mark, Setting, VersionState},
    names::ReleaseId,
    routing::SplitStyle,
};

use super::*;

const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/\
                    f2f7dc8efc522ab2/9683b2d02a6cabee";

async fn shop(read_only: bool) -> Setup {
    let clock = Clock::starting_at("2026-11-20T12:00:00Z".parse().unwrap(), 1.0);
    let spec: WorldSpec = toml::from_str(include_str!("../embedded_sdk/edge.toml")).unwrap();
    let sim = Arc::new(Sim::new(&spec, clock));
    let place = Place { region: Some(REGION.into()), read_only, ..Place::default() };
    let cloud = Cloud::open(&place, Transport::Embedded(sim.http_client()), clock).await.unwrap();
    Setup { sim, cloud }
}

fn web() -> Target {
    Target::rule("web", RULE)
}

fn stage() -> Target {
    Target::stage("shop", "abcdef1234", "prod")
}

fn named(name: &str) -> Version {
    Version::named(name).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_rule_is_compared_before_its_weights_are_written() {
    let setup = shop(false).await;
    let (blue, green) = (named("blue/6d0ecf831eec9f09"), named("green/73e2d6bc24d8a067"));
    let before = setup.cloud.alias(&web(), Urgency::Urgent).await.unwrap();
    assert_eq!(before.routing, Routing::only(blue));
    assert_eq!(before.account.as_deref(), Some("123456789012"));

    let split = Routing::at_percent(blue, green, 10.0, SplitStyle::WeightNew);
    let receipt = setup.cloud.update_alias(&web(), &split, Some(&before.revision), None).await.unwrap();
    assert_eq!(receipt.alias.routing, split);
    assert_eq!(setup.cloud.alias(&web(), Urgency::Urgent).await.unwrap(), receipt.alias, "read back");

    let late = setup.cloud.update_alias(&web(), &Routing::only(green), Some(&before.revision), None).await.unwrap_err();
    assert_eq!(late.kind, Trouble::Stale);
    assert!(late.message.contains("it is now blue 90% + green 10%"), "{late}");
    assert_eq!(setup.cloud.alias(&web(), Urgency::Urgent).await.unwrap().routing, split, "nothing was overwritten");

    let back = setup.cloud.update_alias(&web(), &Routing::only(blue), None, None).await.unwrap();
    assert_eq!(back.alias.routing, Routing::only(blue), "a rollback needs no revision");
}

#[tokio::test(start_paused = true)]
async fn target_groups_come_with_their_health_and_what_stands_in_the_way() {
    let setup = shop(false).await;
    let groups = setup.cloud.versions(&web()).await.unwrap();
    let names: Vec<String> = groups.iter().map(|info| info.version.to_string()).collect();
    assert_eq!(names, ["blue", "green"]);
    assert!(groups.iter().all(|info| info.state == Some(VersionState::Active)), "{groups:?}");
    assert!(groups[1].description.ends_with("healthy"), "{groups:?}");
    assert_eq!(groups[0].marks, [Mark::Sticky(groups[0].version)]);
    let gone = setup.cloud.version(&web(), named("red/0000000000000000")).await.unwrap_err();
    assert_eq!(gone.kind, Trouble::NotFound, "{gone}");
}

#[tokio::test(start_paused = true)]
async fn a_stage_goes_from_deployment_to_deployment() {
    let setup = shop(false).await;
    let (first, second) = (named("dep001"), named("dep002"));
    let before = setup.cloud.alias(&stage(), Urgency::Urgent).await.unwrap();
    assert_eq!(before.routing, Routing::only(first));
    let deployments = setup.cloud.versions(&stage()).await.unwrap();
    assert_eq!(deployments.len(), 2);
    assert!(deployments.iter().all(|info| info.modified.is_some()), "{deployments:?}");

    let moved = setup.cloud.update_alias(&stage(), &Routing::only(second), Some(&before.revision), None).await.unwrap();
    assert_eq!(moved.alias.routing, Routing::only(second));
    let late =
        setup.cloud.update_alias(&stage(), &Routing::only(second), Some(&before.revision), None).await.unwrap_err();
    assert_eq!(late.kind, Trouble::Stale);
    let back = setup.cloud.update_alias(&stage(), &Routing::only(first), None, None).await.unwrap();
    assert_eq!(back.alias.routing, Routing::only(first));
    let gone = setup.cloud.version(&stage(), named("dep009")).await.unwrap_err();
    assert_eq!(gone.kind, Trouble::NotFound, "{gone}");
    assert_eq!(setup.cloud.api_name(&stage()).await.unwrap(), "shop");
}

#[tokio::test(start_paused = true)]
async fn a_stage_is_moved_and_described_in_one_request() {
    let setup = shop(false).await;
    let second = Routing::only(named("dep002"));
    let before = setup.cloud.alias(&stage(), Urgency::Urgent).await.unwrap();
    let text = "the shop [flightdeck …]";
    let moved = setup.cloud.update_alias(&stage(), &second, Some(&before.revision), Some(text)).await.unwrap();
    assert_eq!((moved.alias.description.as_str(), moved.unrecorded), (text, None));
    let read = setup.cloud.alias(&stage(), Urgency::Urgent).await.unwrap();
    assert_eq!((read.description.as_str(), read.routing), (text, second));
    let missing = Routing::only(named("dep009"));
    setup.cloud.update_alias(&stage(), &missing, Some(&read.revision), Some("lost")).await.unwrap_err();
    assert_eq!(setup.cloud.alias(&stage(), Urgency::Urgent).await.unwrap(), read, "both or neither");
    let bare = setup.cloud.update_alias(&stage(), &second, Some(&read.revision), Some("")).await.unwrap();
    assert_eq!(bare.alias.description, "");
    let kept = setup.cloud.update_alias(&stage(), &second, None, None).await.unwrap();
    assert_eq!(kept.alias.description, "");
}

/// What a release of the two groups writes beside its weights.
fn record() -> String {
    let carried = Carried {
        id: ReleaseId::new("r-20261120-1432"),
        stable: named("blue/6d0ecf831eec9f09"),
        new: named("green/73e2d6bc24d8a067"),
        percent: 10.0,
        since: "2026-11-20T14:32:07Z".parse().unwrap(),
        owner: "ada@laptop/4711".into(),
        before: None,
    };
    carried::write("", &carried).unwrap()
}

fn tag(setup: &Setup, arn: &str) -> Option<String> {
    setup.sim.with_world(|world| world.balancer_tags(arn).unwrap().get("flightdeck").cloned())
}

#[tokio::test(start_paused = true)]
async fn a_rule_and_a_listener_carry_their_record_in_a_tag() {
    let listener = RULE.replace("listener-rule", "listener").replace("/9683b2d02a6cabee", "");
    for (arn, is_rule) in [(RULE, true), (listener.as_str(), false)] {
        let setup = shop(false).await;
        let (target, record) = (Target::rule("web", arn), record());
        let before = setup.cloud.alias(&target, Urgency::Routine).await.unwrap();
        assert_eq!(before.description, "");
        let (from, to) = (before.routing.primary, named("green/73e2d6bc24d8a067"));
        let split = Routing::at_percent(from, to, 10.0, SplitStyle::WeightNew);
        // The listener of this world forwards to one group alone, so its record travels without any weights.
        let to = if is_rule { split } else { before.routing };
        setup.cloud.update_alias(&target, &to, Some(&before.revision), Some(&record)).await.unwrap();
        let expected = "r-20261120-1432 @blue/6d0ecf831eec9f09=@green/73e2d6bc24d8a067 10 2026-11-20T14:32:07Z \
                        ada@laptop/4711";
        assert_eq!(tag(&setup, arn).as_deref(), Some(expected));
        let read = setup.cloud.alias(&target, Urgency::Routine).await.unwrap();
        assert_eq!(read.description, record);
        let back = setup.cloud.update_alias(&target, &before.routing, None, Some("")).await.unwrap();
        assert_eq!((back.alias.routing, back.alias.description.as_str()), (before.routing, ""));
        assert_eq!(tag(&setup, arn), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_fails_no_move_and_holds_up_no_way_back() {
    let setup = shop(false).await;
    let (blue, green) = (named("blue/6d0ecf831eec9f09"), named("green/73e2d6bc24d8a067"));
    let split = Routing::at_percent(blue, green, 10.0, SplitStyle::WeightNew);
    setup.sim.disturb("AddTags", Disturbance::AccessDenied, Some(1));
    let moved = setup.cloud.update_alias(&web(), &split, None, Some(&record())).await.unwrap();
    assert_eq!((moved.alias.routing, moved.alias.description.as_str()), (split, ""));
    assert_eq!(moved.unrecorded.map(|error| (error.kind, error.operation)), Some((Trouble::Denied, "AddTags")));

    let half = Routing::at_percent(blue, green, 50.0, SplitStyle::WeightNew);
    let moved = setup.cloud.update_alias(&web(), &half, None, Some(&record())).await.unwrap();
    assert_eq!((moved.unrecorded, tag(&setup, RULE).is_some()), (None, true));
    setup.sim.disturb("DescribeTags", Disturbance::AccessDenied, Some(1));
    let read = setup.cloud.alias(&web(), Urgency::Urgent).await.unwrap();
    assert_eq!(read.description, record(), "what was known stays known");

    setup.sim.disturb("RemoveTags", Disturbance::Hang, None);
    let only = Routing::only(blue);
    let web = web();
    let back = setup.cloud.update_alias(&web, &only, None, Some(""));
    let back = tokio::time::timeout(Duration::from_millis(1_100), back).await.unwrap().unwrap();
    assert_eq!((back.alias.routing, back.unrecorded.is_some()), (only, true));
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_cannot_be_read_is_said_and_keeps_nobody_waiting() {
    let untold = |alias: &Alias| match &alias.setting {
        Setting::Rule(rule) => rule.untold.clone(),
        Setting::Alias | Setting::Stage(_) => panic!("{alias:?}"),
    };
    let setup = shop(false).await;
    let web = web();
    assert_eq!(untold(&setup.cloud.alias(&web, Urgency::Routine).await.unwrap()), None);
    setup.sim.disturb("DescribeTags", Disturbance::AccessDenied, Some(1));
    let why = untold(&setup.cloud.alias(&web, Urgency::Routine).await.unwrap()).unwrap();
    assert_eq!(why.operation, "DescribeTags");
    setup.sim.disturb("DescribeTags", Disturbance::Hang, None);
    let read = setup.cloud.alias(&web, Urgency::Routine);
    let read = tokio::time::timeout(Duration::from_millis(2_500), read).await.unwrap().unwrap();
    assert!(untold(&read).is_some());
}

#[tokio::test(start_paused = true)]
async fn weights_that_are_refused_leave_no_record_of_them() {
    let setup = shop(false).await;
    let (blue, green) = (named("blue/6d0ecf831eec9f09"), named("green/73e2d6bc24d8a067"));
    let split = Routing::at_percent(blue, green, 10.0, SplitStyle::WeightNew);
    setup.sim.disturb("ModifyRule", Disturbance::AccessDenied, Some(1));
    let error = setup.cloud.update_alias(&web(), &split, None, Some(&record())).await.unwrap_err();
    assert_eq!((error.kind, tag(&setup, RULE)), (Trouble::Denied, None));
    // Who takes a release over writes nothing but the record, and must know that it stands there.
    setup.sim.disturb("AddTags", Disturbance::AccessDenied, Some(1));
    let error = setup.cloud.update_alias(&web(), &Routing::only(blue), None, Some(&record())).await.unwrap_err();
    assert_eq!(error.operation, "AddTags");
}

#[tokio::test(start_paused = true)]
async fn read_only_sends_neither_write() {
    let setup = shop(true).await;
    for (target, to) in [(web(), named("green/73e2d6bc24d8a067")), (stage(), named("dep002"))] {
        let error = setup.cloud.update_alias(&target, &Routing::only(to), None, None).await.unwrap_err();
        assert_eq!(error.kind, Trouble::ReadOnly, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn provisioned_concurrency_is_there_or_none() {
    let cloud = setup().await.cloud;
    let found = cloud.provisioned_concurrency(&Target::new("bulk", "live")).await.unwrap().unwrap();
    assert_eq!((found.status.as_str(), found.requested), ("READY", 5));
    assert_eq!(cloud.provisioned_concurrency(&pay()).await.unwrap(), None);
    let missing = cloud.provisioned_concurrency(&Target::new("nobody", "live")).await.unwrap_err();
    assert_eq!(missing.kind, Trouble::NotFound);
}
