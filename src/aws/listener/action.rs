//! The forward action of a rule: read as a routing between two target groups, and written back with other weights. It
//! sends nothing.

use std::fmt::Write as _;

use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple};

use super::super::clean;
use crate::release::{
    facts::{RuleSetting, Setting},
    names::{RevisionId, Version},
    routing::Routing,
};

/// Where actions send traffic, a text that changes whenever that does, and what else matters before they are moved.
///
/// An action that does not forward has no target groups: its name, such as `redirect`, stands in a version's place.
pub(super) fn read(actions: &[Action]) -> Result<(Routing, RevisionId, Setting), String> {
    let last = actions.last().ok_or("a rule without an action")?;
    let kind = last.r#type().map_or_else(|| "unknown".to_owned(), |kind| clean(kind.as_str()));
    let sticky = last.forward_config().and_then(|config| config.target_group_stickiness_config());
    let sticky = sticky.and_then(|config| config.enabled).unwrap_or(false);
    let shares = shares(last)?;
    let routing = if shares.is_empty() {
        Routing::only(Version::named(&kind).map_err(|error| error.to_string())?)
    } else {
        routing(&shares)
    };
    let mut revision = kind.clone();
    for (group, weight) in &shares {
        write!(revision, " {}={weight}", group.in_record()).map_err(|error| error.to_string())?;
    }
    revision.push_str(if sticky { " sticky" } else { "" });
    let groups = shares.into_iter().map(|(group, _)| group).collect();
    Ok((routing, RevisionId::new(revision), Setting::Rule(RuleSetting { groups, action: kind, sticky, untold: None })))
}

/// The target groups of an action with their weights, in its order; empty where it does not forward.
fn shares(action: &Action) -> Result<Vec<(Version, u32)>, String> {
    if action.r#type() != Some(&ActionTypeEnum::Forward) {
        return Ok(Vec::new());
    }
    let groups = action.forward_config().map(ForwardActionConfig::target_groups).unwrap_or_default();
    if groups.is_empty() {
        let arn = action.target_group_arn().ok_or("a forward action without a target group")?;
        return Ok(vec![(group(arn)?, 1)]);
    }
    let share = |tuple: &TargetGroupTuple| {
        let arn = tuple.target_group_arn().ok_or("a target group without an ARN")?;
        // AWS takes a weight that is left out for 1.
        let weight = u32::try_from(tuple.weight().unwrap_or(1)).map_err(|_| "a weight below 0")?;
        Ok((group(arn)?, weight))
    };
    groups.iter().map(share).collect()
}

/// `blue/6d0ecf831eec9f09` of `arn:aws:elasticloadbalancing:…:targetgroup/blue/6d0ecf831eec9f09`.
fn group(arn: &str) -> Result<Version, String> {
    let name = arn.split_once(":targetgroup/").map(|(_, name)| name);
    let version = name.and_then(|name| Version::named(&clean(name)).ok());
    version.ok_or_else(|| format!("“{}” as the ARN of a target group", clean(arn)))
}

/// The heaviest group is primary, the next one is weighted; a group with weight 0 gets nothing. Of more than two the
/// others are left out here: the plan refuses such a rule.
fn routing(shares: &[(Version, u32)]) -> Routing {
    let mut heaviest: Vec<(Version, u32)> = shares.to_vec();
    heaviest.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let total: u32 = heaviest.iter().map(|(_, weight)| weight).sum();
    let primary = heaviest.first().map_or(Version::Latest, |(group, _)| *group);
    let weighted = heaviest.get(1).filter(|(_, weight)| *weight > 0);
    let share = |weight: u32| (f64::from(weight) / f64::from(total) * 1e6).round() / 1e6;
    Routing { primary, weighted: weighted.map(|(group, weight)| (*group, share(*weight))) }
}

/// Puts the weights of a routing, whole percents, into the forward action. Everything else stays as it was read; a
/// sign-in keeps its secret, which AWS does not show.
pub(super) fn weigh(actions: &mut [Action], routing: &Routing) -> Result<(), String> {
    for action in actions.iter_mut() {
        if let Some(oidc) = &mut action.authenticate_oidc_config {
            oidc.use_existing_client_secret = Some(true);
            oidc.client_secret = None;
        }
    }
    let last = actions.last_mut().ok_or("a rule without an action")?;
    let known = shares(last)?;
    if let Some(stranger) = routing.versions().find(|version| known.iter().all(|(group, _)| group != version)) {
        return Err(format!("the rule does not name the target group {stranger}"));
    }
    let Some(config) = &mut last.forward_config else {
        // A plain action has one group, and it has all the traffic already.
        return Ok(());
    };
    last.target_group_arn = None;
    for (tuple, (group, _)) in config.target_groups.iter_mut().flatten().zip(known) {
        tuple.weight = Some(percent(routing, group));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html>: 0 to 999.
fn percent(routing: &Routing, group: Version) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a share is within 0 to 100 percent")]
    let percent = routing.percent_of(group).round() as i32;
    percent
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{
        AuthenticateOidcActionConfig, RedirectActionConfig, RedirectActionStatusCodeEnum, TargetGroupStickinessConfig,
    };

    use super::*;
    use crate::release::routing::SplitStyle;

    fn arn(name: &str) -> String {
        format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/6d0ecf831eec9f09")
    }

    fn version(name: &str) -> Version {
        Version::named(&format!("{name}/6d0ecf831eec9f09")).unwrap()
    }

    fn forward(groups: &[(&str, Option<i32>)], sticky: Option<bool>) -> Action {
        let tuple = |(name, weight): &(&str, Option<i32>)| {
            TargetGroupTuple::builder().target_group_arn(arn(name)).set_weight(*weight).build()
        };
        let stickiness = sticky.map(|on| TargetGroupStickinessConfig::builder().enabled(on).build());
        let config = ForwardActionConfig::builder()
            .set_target_groups(Some(groups.iter().map(tuple).collect()))
            .set_target_group_stickiness_config(stickiness)
            .build();
        Action::builder().r#type(ActionTypeEnum::Forward).forward_config(config).order(2).build()
    }

    fn oidc() -> Action {
        let config = AuthenticateOidcActionConfig::builder().issuer("https://id.example").client_id("c").build();
        Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).authenticate_oidc_config(config).order(1).build()
    }

    fn routing_of(actions: &[Action]) -> Routing {
        read(actions).unwrap().0
    }

    #[test]
    fn any_integers_are_shares() {
        let at = |blue, green| routing_of(&[forward(&[("blue", Some(blue)), ("green", Some(green))], None)]);
        let split = |percent| Routing::at_percent(version("blue"), version("green"), percent, SplitStyle::WeightNew);
        assert_eq!(at(90, 10), split(10.0));
        assert_eq!(at(999, 0), Routing::only(version("blue")));
        assert!(at(3, 1).same_traffic(&split(25.0)));
        assert!(at(1, 3).same_traffic(&split(75.0)), "the heavier one is primary");
        assert_eq!(at(0, 0), Routing::only(version("blue")));
        let plain = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(arn("blue")).build();
        assert_eq!(routing_of(&[plain]), Routing::only(version("blue")));
        let left_out = forward(&[("blue", None), ("green", None)], None);
        assert!(routing_of(&[left_out]).same_traffic(&split(50.0)));
    }

    #[test]
    fn weights_change_and_all_else_stays() {
        let mut actions = vec![oidc(), forward(&[("blue", Some(1)), ("green", Some(0))], Some(false))];
        let before = actions.clone();
        let split = Routing::at_percent(version("blue"), version("green"), 10.0, SplitStyle::WeightNew);
        weigh(&mut actions, &split).unwrap();
        assert_eq!(routing_of(&actions), split);
        let config = actions[1].forward_config().unwrap();
        assert_eq!(
            config.target_groups().iter().map(TargetGroupTuple::weight).collect::<Vec<_>>(),
            [Some(90), Some(10)]
        );
        assert_eq!(
            config.target_group_stickiness_config(),
            before[1].forward_config().unwrap().target_group_stickiness_config()
        );
        let secret = actions[0].authenticate_oidc_config().unwrap();
        assert_eq!((secret.issuer(), secret.use_existing_client_secret()), (Some("https://id.example"), Some(true)));
    }

    #[test]
    fn a_third_group_gets_nothing_on_the_way_back() {
        let mut actions = vec![forward(&[("blue", Some(1)), ("green", Some(8)), ("red", Some(4))], None)];
        weigh(&mut actions, &Routing::only(version("blue"))).unwrap();
        assert_eq!(routing_of(&actions), Routing::only(version("blue")));
        let why = weigh(&mut actions, &Routing::only(version("pink"))).unwrap_err();
        assert!(why.contains("pink"), "{why}");
    }

    #[test]
    fn the_revision_changes_with_weights_groups_and_stickiness() {
        let revision = |action: Action| read(&[action]).unwrap().1;
        let one = revision(forward(&[("blue", Some(90)), ("green", Some(10))], Some(false)));
        assert_eq!(one, revision(forward(&[("blue", Some(90)), ("green", Some(10))], None)));
        for other in [
            forward(&[("blue", Some(80)), ("green", Some(20))], None),
            forward(&[("blue", Some(90)), ("red", Some(10))], None),
            forward(&[("blue", Some(90)), ("green", Some(10))], Some(true)),
        ] {
            assert_ne!(one, revision(other));
        }
    }

    #[test]
    fn a_redirect_says_so() {
        let config = RedirectActionConfig::builder().status_code(RedirectActionStatusCodeEnum::Http301).build();
        let action = Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(config).build();
        let (routing, _, setting) = read(&[action]).unwrap();
        assert_eq!(routing.to_string(), "redirect 100%");
        assert_eq!(
            setting,
            Setting::Rule(RuleSetting { groups: Vec::new(), action: "redirect".into(), sticky: false, untold: None })
        );
        assert!(read(&[]).is_err());
    }
}
