//! Where CloudWatch counts what reaches a target: the names and dimensions of Lambda, of load balancers and of REST
//! APIs. Who asks gets a series or the answer that there is none.

use std::collections::BTreeMap;

use super::{Measure, Series};
use crate::release::names::{Mover, Target, Version};

impl Series {
    /// A measure of all calls that reach a target, or of those that one version answered. `None` where CloudWatch
    /// counts no such thing: the total of a rule is the sum of its groups (its load balancer may serve others), a stage
    /// is only counted as a whole, and nothing but functions turns calls away.
    pub fn of(target: &Target, version: Option<Version>, measure: Measure) -> Option<Self> {
        let here = match (target.kind, version) {
            (Mover::Alias, version) => Some(Self::lambda(target, version, measure)),
            (Mover::Rule, Some(group)) => Self::target_group(target, group, measure),
            (Mover::Stage, None) => Self::rest_stage(target, measure),
            (Mover::Rule, None) | (Mover::Stage, Some(_)) => None,
        };
        here.map(|series| Self { region: target.region.clone(), ..series })
    }

    /// A measure of all calls through an alias, or of those that one version answered, in the alias' region.
    ///
    /// Dimensions: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
    pub fn lambda(target: &Target, version: Option<Version>, measure: Measure) -> Self {
        let (metric, statistic) = measure.metric();
        let resource = ("Resource", format!("{}:{}", target.function, target.alias));
        let executed = version.map(|version| ("ExecutedVersion", version.to_string()));
        let dimensions = [("FunctionName", target.function.to_string()), resource].into_iter().chain(executed);
        Self::new("AWS/Lambda", metric, statistic, dimensions)
    }

    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>
    fn target_group(target: &Target, group: Version, measure: Measure) -> Option<Self> {
        let metric = match measure {
            Measure::Invocations => "RequestCount",
            Measure::Errors => "HTTPCode_Target_5XX_Count",
            Measure::P50 | Measure::P95 | Measure::P99 => "TargetResponseTime",
            Measure::Throttles => return None,
        };
        let Version::Named(group) = group else { return None };
        // `app/web/50dc6c495c0c9188` of `…:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`.
        let (_, path) = target.alias.as_str().split_once('/')?;
        let balancer: Vec<&str> = path.splitn(4, '/').take(3).collect();
        let dimensions = [("LoadBalancer", balancer.join("/")), ("TargetGroup", format!("targetgroup/{group}"))];
        Some(Self::new("AWS/ApplicationELB", metric, measure.metric().1, dimensions))
    }

    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>
    fn rest_stage(target: &Target, measure: Measure) -> Option<Self> {
        let metric = match measure {
            Measure::Invocations => "Count",
            Measure::Errors => "5XXError",
            Measure::P50 | Measure::P95 | Measure::P99 => "Latency",
            Measure::Throttles => return None,
        };
        let (_, stage) = target.api_and_stage()?;
        let dimensions = [("ApiName", target.function.to_string()), ("Stage", stage.to_owned())];
        Some(Self::new("AWS/ApiGateway", metric, measure.metric().1, dimensions))
    }

    fn new<'a>(
        namespace: &str,
        metric: &str,
        statistic: &str,
        dimensions: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        let dimensions: BTreeMap<_, _> = dimensions.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self {
            namespace: namespace.to_owned(),
            metric: metric.to_owned(),
            dimensions,
            statistic: statistic.to_owned(),
            ..Self::default()
        }
    }
}

impl Target {
    /// The version by which calls are to be asked for that one version answered. Of an alias they are told apart while
    /// it is split, else all calls are its calls; of a rule always, and of a stage never.
    pub fn told_apart(&self, version: Version, is_split: bool) -> Option<Version> {
        match self.kind {
            Mover::Alias => is_split.then_some(version),
            Mover::Rule => Some(version),
            Mover::Stage => None,
        }
    }

    /// How many ms are in the unit in which CloudWatch has its durations: load balancers count seconds.
    pub fn duration_unit_ms(&self) -> f64 {
        match self.kind {
            Mover::Rule => 1000.0,
            Mover::Alias | Mover::Stage => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/50dc/f2f7/9683";

    fn asked(target: &Target, version: Option<&str>, measure: Measure) -> Option<String> {
        let version = version.map(|name| Version::named(name).unwrap());
        Series::of(target, version, measure).map(|series| series.to_string())
    }

    #[test]
    fn a_rule_is_counted_by_its_groups_alone() {
        let rule = Target::rule("web", RULE);
        let of = |measure| asked(&rule, Some("blue/6d0e"), measure).unwrap_or_default();
        let place = "{LoadBalancer=app/web/50dc, TargetGroup=targetgroup/blue/6d0e}";
        assert_eq!(of(Measure::Invocations), format!("AWS/ApplicationELB RequestCount Sum {place}"));
        assert_eq!(of(Measure::Errors), format!("AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum {place}"));
        assert_eq!(of(Measure::P99), format!("AWS/ApplicationELB TargetResponseTime p99 {place}"));
        assert_eq!(asked(&rule, None, Measure::Invocations), None);
        assert_eq!(asked(&rule, Some("blue/6d0e"), Measure::Throttles), None);
        let listener = Target::rule("web", RULE.replace("listener-rule", "listener").trim_end_matches("/9683"));
        assert_eq!(asked(&listener, Some("blue/6d0e"), Measure::P99), Some(of(Measure::P99)));
    }

    #[test]
    fn a_stage_is_counted_as_a_whole() {
        let stage = Target::stage("vault-api", "a1b2", "prod");
        let of = |measure| asked(&stage, None, measure).unwrap_or_default();
        assert_eq!(of(Measure::Invocations), "AWS/ApiGateway Count Sum {ApiName=vault-api, Stage=prod}");
        assert_eq!(of(Measure::Errors), "AWS/ApiGateway 5XXError Sum {ApiName=vault-api, Stage=prod}");
        assert_eq!(of(Measure::P50), "AWS/ApiGateway Latency p50 {ApiName=vault-api, Stage=prod}");
        assert_eq!(asked(&stage, Some("abc"), Measure::Invocations), None);
    }
}
