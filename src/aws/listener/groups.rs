//! The target groups of a rule: how many of their targets are healthy, whether clients stick to them, and whose they
//! are.

use aws_sdk_elasticloadbalancingv2::types::{Tag, TagDescription, TargetHealthDescription, TargetHealthStateEnum};

use super::super::{Cloud, Urgency, clean, endpoints::Service, text::clean_or_empty};
use crate::release::{
    error::CloudError,
    facts::{Mark, RuleSetting, Setting, VersionInfo, VersionState},
    names::{Target, Version},
};

impl Cloud {
    /// The target groups that a rule names, each with its health and with what stands in the way of moving traffic.
    pub(in crate::aws) async fn target_groups(&self, target: &Target) -> Result<Vec<VersionInfo>, CloudError> {
        let rule = self.rule(target, Urgency::Routine).await?;
        let Setting::Rule(RuleSetting { groups, .. }) = rule.setting else { return Ok(Vec::new()) };
        let marks = self.marks_of_rule(target, &groups).await?;
        let mut infos = Vec::with_capacity(groups.len());
        for group in groups {
            let mut info = self.target_group(target, group).await?;
            info.marks.clone_from(&marks);
            if self.is_sticky(target, group).await? {
                info.marks.push(Mark::Sticky(group));
            }
            infos.push(info);
        }
        Ok(infos)
    }

    /// One target group with its health alone.
    pub(in crate::aws) async fn target_group(
        &self,
        target: &Target,
        group: Version,
    ) -> Result<VersionInfo, CloudError> {
        const OPERATION: &str = "DescribeTargetHealth";
        self.0.balancers.turn().await;
        let reply = self.0.elbv2.describe_target_health().target_group_arn(arn_of(target, group)).send().await;
        let reply = self.check(OPERATION, Service::LoadBalancing, reply)?;
        Ok(read_health(group, reply.target_health_descriptions()))
    }

    async fn is_sticky(&self, target: &Target, group: Version) -> Result<bool, CloudError> {
        const OPERATION: &str = "DescribeTargetGroupAttributes";
        self.0.balancers.turn().await;
        let request = self.0.elbv2.describe_target_group_attributes().target_group_arn(arn_of(target, group));
        let reply = self.check(OPERATION, Service::LoadBalancing, request.send().await)?;
        let mut attributes = reply.attributes().iter();
        Ok(attributes.any(|one| one.key() == Some("stickiness.enabled") && one.value() == Some("true")))
    }

    /// Whose the rule is, by the tags of the rule, its listener, its load balancer and its groups.
    async fn marks_of_rule(&self, target: &Target, groups: &[Version]) -> Result<Vec<Mark>, CloudError> {
        const OPERATION: &str = "DescribeTags";
        self.0.balancers.turn().await;
        let mut arns = around(target.alias.as_str());
        arns.extend(groups.iter().map(|group| arn_of(target, *group)));
        let reply = self.0.elbv2.describe_tags().set_resource_arns(Some(arns)).send().await;
        let reply = self.check(OPERATION, Service::LoadBalancing, reply)?;
        let mut marks = Vec::new();
        for tag in reply.tag_descriptions().iter().flat_map(TagDescription::tags) {
            marks.extend(mark(tag).filter(|mark| !marks.contains(mark)));
        }
        Ok(marks)
    }
}

/// The ARN of a target group, which is in the account and region of the rule that names it.
fn arn_of(target: &Target, group: Version) -> String {
    let rule = target.alias.as_str();
    let place = rule.match_indices(':').nth(4).map_or(rule, |(end, _)| &rule[..end]);
    match group {
        Version::Named(name) => format!("{place}:targetgroup/{name}"),
        Version::Number(_) | Version::Latest => format!("{place}:targetgroup/{group}"),
    }
}

/// A rule's ARN, its listener's and its load balancer's.
fn around(arn: &str) -> Vec<String> {
    let Some((place, resource)) = arn.rsplit_once(':') else { return Vec::new() };
    let parts: Vec<&str> = resource.split('/').collect();
    let [_, kind, name, balancer, listener, ..] = parts[..] else { return Vec::new() };
    let listener = format!("{place}:listener/{kind}/{name}/{balancer}/{listener}");
    let balancer = format!("{place}:loadbalancer/{kind}/{name}/{balancer}");
    let mut arns = vec![arn.to_owned()];
    arns.extend((listener != arn).then_some(listener));
    arns.push(balancer);
    arns
}

/// What a tag says of who else moves this traffic.
fn mark(tag: &Tag) -> Option<Mark> {
    let (key, value) = (clean_or_empty(tag.key()), clean_or_empty(tag.value()));
    let owner = match key.as_str() {
        "aws:cloudformation:stack-name" => return Some(Mark::Stack(value)),
        "elasticbeanstalk:environment-name" => format!("Elastic Beanstalk's environment {value}"),
        ecs if ecs.starts_with("aws:ecs:") || ecs == "AmazonECSManaged" => "Amazon ECS".to_owned(),
        other if other.to_ascii_lowercase().contains("codedeploy") => "CodeDeploy".to_owned(),
        _ => return None,
    };
    Some(Mark::OwnedBy { owner, tag: key })
}

/// A target group can take traffic while at least one of its targets is healthy.
fn read_health(group: Version, targets: &[TargetHealthDescription]) -> VersionInfo {
    let state_of = |target: &TargetHealthDescription| target.target_health().and_then(|health| health.state().cloned());
    let healthy = targets.iter().filter(|target| state_of(target) == Some(TargetHealthStateEnum::Healthy)).count();
    let is_starting = targets.iter().any(|target| state_of(target) == Some(TargetHealthStateEnum::Initial));
    let description = if targets.is_empty() {
        "no targets are registered".to_owned()
    } else {
        format!("{healthy} of {} healthy", targets.len())
    };
    let state = match (healthy, is_starting) {
        (0, true) => VersionState::Pending,
        (0, false) => VersionState::Failed,
        _ => VersionState::Active,
    };
    let why = targets.iter().filter_map(|target| target.target_health()).find_map(|health| health.description());
    let why = why.filter(|why| !why.is_empty()).map(|why| format!("{description}: {}", clean(why)));
    let state_reason = (state != VersionState::Active).then(|| why.unwrap_or_else(|| description.clone()));
    VersionInfo { description, state: Some(state), state_reason, ..VersionInfo::bare(group) }
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::TargetHealth;

    use super::*;

    const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/11/22/33";

    fn health(states: &[TargetHealthStateEnum]) -> VersionInfo {
        let target = |state: &TargetHealthStateEnum| {
            let health = TargetHealth::builder().state(state.clone()).description("Health checks failed").build();
            TargetHealthDescription::builder().target_health(health).build()
        };
        let targets: Vec<_> = states.iter().map(target).collect();
        read_health(Version::named("green/1").unwrap(), &targets)
    }

    #[test]
    fn one_healthy_target_is_enough() {
        use TargetHealthStateEnum::{Healthy, Initial, Unhealthy};
        let of = |states: &[TargetHealthStateEnum]| (health(states).state.unwrap(), health(states).description);
        assert_eq!(of(&[Healthy, Unhealthy]), (VersionState::Active, "1 of 2 healthy".into()));
        assert_eq!(of(&[Initial, Unhealthy]), (VersionState::Pending, "0 of 2 healthy".into()));
        assert_eq!(of(&[Unhealthy]), (VersionState::Failed, "0 of 1 healthy".into()));
        assert_eq!(of(&[]), (VersionState::Failed, "no targets are registered".into()));
        assert_eq!(health(&[Unhealthy]).state_reason.as_deref(), Some("0 of 1 healthy: Health checks failed"));
        assert_eq!(health(&[Healthy]).state_reason, None);
    }

    #[test]
    fn what_stands_around_a_rule_is_known_by_its_arn() {
        let base = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
        let expected =
            [RULE.to_owned(), format!("{base}:listener/app/web/11/22"), format!("{base}:loadbalancer/app/web/11")];
        assert_eq!(around(RULE), expected);
        assert_eq!(around(&expected[1]), expected[1..]);
        let group = Version::named("green/6d0e").unwrap();
        assert_eq!(arn_of(&Target::rule("web", RULE), group), format!("{base}:targetgroup/green/6d0e"));
    }

    #[test]
    fn tags_tell_who_else_moves_the_traffic() {
        let of = |key: &str| mark(&Tag::builder().key(key).value("shop").build());
        let owner = |key: &str| match of(key) {
            Some(Mark::OwnedBy { owner, .. }) => owner,
            other => format!("{other:?}"),
        };
        assert_eq!(of("aws:cloudformation:stack-name"), Some(Mark::Stack("shop".into())));
        assert_eq!(owner("elasticbeanstalk:environment-name"), "Elastic Beanstalk's environment shop");
        assert_eq!(owner("aws:ecs:serviceName"), "Amazon ECS");
        assert_eq!(owner("AmazonECSManaged"), "Amazon ECS");
        assert_eq!(of("Name"), None);
    }
}
