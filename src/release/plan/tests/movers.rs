//! Plans for what cannot be split, for rules of load balancers and for stages of REST APIs.

use jiff::Timestamp;

use super::*;
use crate::release::{
    candidates,
    facts::{Mark, RuleSetting, Setting, StageSetting},
};

fn named(name: &str) -> Version {
    Version::named(name).unwrap()
}

fn blue() -> Version {
    named("blue/1")
}

fn green() -> Version {
    named("green/2")
}

fn dated(id: &str, second: i64) -> VersionInfo {
    VersionInfo { state: None, modified: Timestamp::from_second(second).ok(), ..info(named(id)) }
}

/// A rule with all traffic at blue, or a stage at its first deployment of two.
struct Place {
    target: Target,
    alias: Alias,
    versions: Vec<VersionInfo>,
    entry: Option<Entry>,
}

impl Place {
    fn new(target: Target, routing: Routing, setting: Setting, versions: Vec<VersionInfo>) -> Self {
        let revision = RevisionId::new("as read");
        let alias = Alias { routing, revision, description: String::new(), account: None, setting };
        Self { target, alias, versions, entry: None }
    }

    fn rule() -> Self {
        let setting =
            RuleSetting { groups: vec![blue(), green()], action: "forward".into(), sticky: false, untold: None };
        let versions = vec![info(blue()), info(green())];
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/3";
        Self::new(Target::rule("web", arn), Routing::only(blue()), Setting::Rule(setting), versions)
    }

    fn stage() -> Self {
        let setting = Setting::Stage(StageSetting { canary_percent: None, stack: None });
        let versions = vec![dated("one", 1), dated("two", 2)];
        Self::new(Target::stage("api", "a1b2", "prod"), Routing::only(named("one")), setting, versions)
    }

    fn setting(&mut self) -> &mut RuleSetting {
        match &mut self.alias.setting {
            Setting::Rule(setting) => setting,
            other => panic!("{other:?}"),
        }
    }

    fn row(&self, percent: f64) -> PlanRow {
        let next = candidates::next(self.target.kind, &self.versions, &self.alias.routing, &[]);
        let known = Known {
            target: &self.target,
            alias: &self.alias,
            entry: self.entry.as_ref(),
            candidate: next.as_ref().ok().copied(),
            no_candidate: next.as_ref().err().map_or("", String::as_str),
            versions: &self.versions,
            provisioned: None,
        };
        shift_row(known, percent, SplitStyle::WeightNew)
    }
}

#[test]
fn a_rule_is_split_like_an_alias() {
    let row = Place::rule().row(10.0);
    assert_eq!((row.refusal, row.waits), (None, false));
    assert_eq!(row.to.to_string(), "blue 90% + green 10%");
    assert_eq!(row.remarks, [COMPARED]);
}

#[test]
fn every_refusal_of_a_rule_says_what_to_do() {
    type Change = fn(&mut Place);
    let cases: &[(Change, &str)] = &[
        (|p| p.setting().action = "redirect".into(), "its action is redirect: name a rule that forwards"),
        (|p| p.setting().groups.truncate(1), "add the second target group to its action with weight 0"),
        (|p| p.setting().groups.push(named("red/3")), "the rule names 3 target groups"),
        (|p| p.setting().sticky = true, "group stickiness is on in the rule's action"),
        (|p| p.versions[0].marks.push(Mark::Sticky(blue())), "Set its attribute stickiness.enabled to false"),
        (
            |p| p.versions[1].marks.push(Mark::OwnedBy { owner: "Amazon ECS".into(), tag: "AmazonECSManaged".into() }),
            "its traffic is moved by Amazon ECS (tag AmazonECSManaged)",
        ),
        (
            |p| {
                p.versions[1].state = Some(VersionState::Failed);
                p.versions[1].state_reason = Some("0 of 3 healthy".into());
            },
            "target group green has no healthy targets (0 of 3 healthy)",
        ),
        (
            |p| p.alias.routing = Routing::at_percent(blue(), green(), 30.0, SplitStyle::WeightNew),
            "somebody else split the traffic (blue 70% + green 30%)",
        ),
    ];
    for (change, words) in cases {
        let mut place = Place::rule();
        change(&mut place);
        let why = place.row(10.0).refusal.unwrap_or_else(|| panic!("not refused: {words}"));
        assert!(why.contains(words), "{why:?} has not {words:?}");
    }
}

#[test]
fn a_stack_is_only_worth_a_remark() {
    let mut place = Place::rule();
    place.versions[0].marks.push(Mark::Stack("shop".into()));
    let row = place.row(10.0);
    assert_eq!(row.refusal, None);
    assert!(row.remarks.iter().any(|remark| remark.contains("stack shop")), "{:?}", row.remarks);
}

#[test]
fn a_stage_waits_until_a_hundred_percent() {
    let place = Place::stage();
    for percent in [10.0, 50.0] {
        let row = place.row(percent);
        assert_eq!((row.refusal.clone(), row.waits, row.to), (None, true, row.from));
        assert_eq!((row.stable, row.new), (named("one"), named("two")));
        let plan = Plan { purpose: Purpose::Shift { percent }, rows: vec![row] };
        assert!(!plan.is_sound());
        assert_eq!(plan.confirm(Consent::Yes), Err(NotConfirmed::Whole));
    }
    let row = place.row(100.0);
    assert_eq!((row.refusal.clone(), row.waits, row.to), (None, false, Routing::only(named("two"))));
    assert!(Plan { purpose: Purpose::Shift { percent: 100.0 }, rows: vec![row] }.confirm(Consent::Yes).is_ok());
}

#[test]
fn what_waits_goes_along_with_what_can_be_split() {
    let rows = vec![Place::rule().row(10.0), Place::stage().row(10.0)];
    let plan = Plan { purpose: Purpose::Shift { percent: 10.0 }, rows };
    assert_eq!(plan.confirm(Consent::Yes).unwrap().plan().rows.len(), 2);
}

#[test]
fn every_refusal_of_a_stage_says_what_to_do() {
    type Change = fn(&mut Place);
    let kept: fn(&Place) -> Entry = |place| Entry {
        target: place.target.clone(),
        stable: named("one"),
        new: named("two"),
        before: Routing::only(named("one")),
        whole: true,
        ..entry()
    };
    let cases: &[(Change, &str)] = &[
        (|p| p.versions.truncate(1), "no deployment is newer than one"),
        (|p| p.versions.clear(), "is not among those of its API"),
        (
            |p| p.alias.setting = Setting::Stage(StageSetting { canary_percent: Some("10".into()), stack: None }),
            "promote it or delete it first",
        ),
    ];
    for percent in [10.0, 100.0] {
        for (change, words) in cases {
            let mut place = Place::stage();
            change(&mut place);
            let why = place.row(percent).refusal.unwrap_or_else(|| panic!("not refused: {words}"));
            assert!(why.contains(words), "{why:?} has not {words:?}");
        }
        for gone in ["one", "two"] {
            let mut place = Place::stage();
            place.entry = Some(kept(&place));
            place.versions.retain(|info| info.version != named(gone));
            let why = place.row(percent).refusal.unwrap();
            assert!(why.contains(&format!("the deployment {gone}")) && why.contains("retainDeployments"), "{why}");
        }
    }
}

#[test]
fn provisioned_concurrency_waits_too_and_says_what_goes_along() {
    let mut facts = Facts::usual();
    facts.provisioned = Some(ProvisionedConcurrency { status: "READY".into(), requested: 5 });
    let row = facts.row();
    assert_eq!((row.refusal, row.waits, row.to), (None, true, Routing::only(STABLE)));
    assert!(row.remarks[0].contains("its provisioned concurrency of 5 goes along"), "{:?}", row.remarks);
    facts.percent = 100.0;
    assert_eq!((facts.row().waits, facts.row().to), (false, Routing::only(NEW)));
    facts.versions[1].state = Some(VersionState::Failed);
    assert!(facts.row().refusal.is_some());
}
