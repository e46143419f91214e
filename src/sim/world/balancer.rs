//! Application Load Balancers: listeners, rules and target groups, and the metrics of the requests that the weights
//! spread over the groups. A rule's requests are drawn like calls of a function whose versions are the groups.

use std::collections::BTreeMap;

use super::World;
use super::fault::Fault;
use super::function::VersionId;
use super::metric::{MetricId, Observation};
use super::routing::Routing;
use super::spec::{BalancerSpec, GroupSpec, ListenerSpec, RuleSpec, WorldSpec};

const NAMESPACE: &str = "AWS/ApplicationELB";

/// A load balancer.
#[derive(Debug, Clone)]
pub struct Balancer {
    /// Its ARN.
    pub arn: String,
    /// `app/NAME/ID`, as metrics call it.
    pub dimension: String,
    /// What the scenario says of it.
    pub spec: BalancerSpec,
    /// Its target groups, in the order of the scenario.
    pub groups: Vec<Group>,
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// The tags of itself, its listeners, rules and groups, by ARN.
    tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// A target group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// `targetgroup/NAME/ID`, as metrics call it.
    pub dimension: String,
    /// What the scenario says of it.
    pub spec: GroupSpec,
}

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u32,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule that forwards.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// What the scenario says of it; its weights are those of the opening.
    pub spec: RuleSpec,
    /// The groups by their places, with their weights from 0 to 999.
    pub weights: Vec<(usize, u32)>,
    /// For how many seconds a client stays with its group; `None` is not at all.
    pub sticky_s: Option<i64>,
    /// The place of its requests among all traffic.
    pub(super) flow: usize,
}

/// Where a rule's requests shall go: the ARNs of groups with their weights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forward {
    /// Group and weight.
    pub weights: Vec<(String, u32)>,
    /// For how many seconds a client stays with its group.
    pub sticky_s: Option<i64>,
}

/// What a metric of a load balancer measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BalancerMeasure {
    Requests,
    Successes,
    TargetErrors,
    OwnErrors,
    ResponseTime,
    Healthy,
    Unhealthy,
}

impl Balancer {
    /// The load balancer that a scenario describes; its first rule's requests are at the place `flow`.
    pub(super) fn new(spec: &BalancerSpec, world: &WorldSpec, flow: &mut usize) -> Self {
        let place = format!("arn:aws:elasticloadbalancing:{}:{}", world.region, world.account);
        let name = format!("app/{}/{}", spec.name, spec.id);
        let group = |group: &GroupSpec| {
            let dimension = format!("targetgroup/{}/{}", group.name, group.id);
            Group { arn: format!("{place}:{dimension}"), dimension, spec: group.clone() }
        };
        let mut rule = |listener: &ListenerSpec, rule: &RuleSpec| {
            *flow += 1;
            let at = |name: &String| spec.groups.iter().position(|group| group.name == *name);
            let weights = rule.weights.iter().filter_map(|(name, weight)| Some((at(name)?, *weight)));
            Rule {
                arn: format!("{place}:listener-rule/{name}/{}/{}", listener.id, rule.id),
                weights: weights.collect(),
                sticky_s: rule.sticky.map(super::Offset::as_secs),
                flow: *flow - 1,
                spec: rule.clone(),
            }
        };
        let listeners = spec.listeners.iter().map(|listener| Listener {
            arn: format!("{place}:listener/{name}/{}", listener.id),
            port: listener.port,
            rules: listener.rules.iter().map(|spec| rule(listener, spec)).collect(),
        });
        let mut balancer = Self {
            listeners: listeners.collect(),
            arn: format!("{place}:loadbalancer/{name}"),
            groups: spec.groups.iter().map(group).collect(),
            spec: spec.clone(),
            dimension: name,
            tags: BTreeMap::new(),
        };
        balancer.tags = balancer.first_tags();
        balancer
    }

    /// All rules of all its listeners.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.listeners.iter().flat_map(|listener| &listener.rules)
    }

    fn first_tags(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let groups = self.groups.iter().map(|group| (&group.arn, &group.spec.tags));
        let rules = self.rules().map(|rule| (&rule.arn, &rule.spec.tags));
        let listeners = self.listeners.iter().map(|listener| (&listener.arn, &self.spec.tags));
        let all = groups.chain(rules).chain(listeners).chain([(&self.arn, &self.spec.tags)]);
        all.map(|(arn, tags)| (arn.clone(), tags.clone())).collect()
    }
}

impl Rule {
    /// Where its requests go: by the two weightiest groups, which are all that a sound rule has.
    pub(super) fn routing(&self) -> Routing {
        let total: u32 = self.weights.iter().map(|(_, weight)| weight).sum();
        let id = |group: usize| VersionId::Number(u32::try_from(group + 1).unwrap_or(u32::MAX));
        let share = |weight: u32| f64::from(weight) / f64::from(total.max(1));
        match self.weights.as_slice() {
            [] => Routing { primary: VersionId::Latest, additional: None },
            [(only, _)] => Routing { primary: id(*only), additional: None },
            [(first, _), (second, weight), ..] => {
                Routing { primary: id(*first), additional: Some((id(*second), share(*weight))) }
            }
        }
    }
}

impl World {
    /// All load balancers.
    pub fn balancers(&self) -> &[Balancer] {
        &self.balancers
    }

    /// The tags of a load balancer, a listener, a rule or a target group, by ARN.
    pub fn balancer_tags(&self, arn: &str) -> Option<&BTreeMap<String, String>> {
        self.balancers.iter().find_map(|balancer| balancer.tags.get(arn))
    }

    /// The same tags, to be changed.
    pub fn balancer_tags_mut(&mut self, arn: &str) -> Option<&mut BTreeMap<String, String>> {
        self.balancers.iter_mut().find_map(|balancer| balancer.tags.get_mut(arn))
    }

    /// Sends the requests of a rule elsewhere. Those of a default action are changed through their listener.
    pub fn forward(&mut self, rule: &str, forward: &Forward) -> Result<(), Fault> {
        let now = self.now;
        let found = self.balancers.iter_mut().find(|balancer| balancer.rules().any(|known| known.arn == rule));
        let balancer = found.ok_or_else(|| Fault::query("RuleNotFound", "One or more rules not found"))?;
        let missing = || Fault::query("TargetGroupNotFound", "One or more target groups not found");
        let place = |arn: &String| balancer.groups.iter().position(|group| group.arn == *arn).ok_or_else(missing);
        let weights: Result<Vec<(usize, u32)>, Fault> =
            forward.weights.iter().map(|(arn, weight)| Ok((place(arn)?, *weight))).collect();
        let weights = weights?;
        let mut rules = balancer.listeners.iter_mut().flat_map(|listener| &mut listener.rules);
        let Some(rule) = rules.find(|known| known.arn == rule) else { return Ok(()) };
        (rule.weights, rule.sticky_s) = (weights, forward.sticky_s);
        let (flow, routing) = (rule.flow, rule.routing());
        self.traffic.route(flow, 0, now, routing);
        Ok(())
    }

    /// The names of all metrics of a load balancer.
    pub(super) fn balancer_ids(&self, index: usize) -> Vec<MetricId> {
        let balancer = &self.balancers[index];
        let whole = ("LoadBalancer", balancer.dimension.as_str());
        let mut ids = Vec::new();
        for measure in BalancerMeasure::ALL {
            if measure.is_whole() {
                ids.push(MetricId::new(NAMESPACE, measure.name(), &[whole]));
            }
            for group in balancer.groups.iter().filter(|_| measure != BalancerMeasure::OwnErrors) {
                ids.push(MetricId::new(NAMESPACE, measure.name(), &[whole, ("TargetGroup", &group.dimension)]));
            }
        }
        ids
    }

    /// Which load balancer, group and measure a metric's name means.
    pub(super) fn balancer_series(&self, metric: &MetricId) -> Option<(usize, Option<usize>, BalancerMeasure)> {
        let get = |key: &str| metric.dimensions.get(key).map(String::as_str);
        let measure = BalancerMeasure::ALL.into_iter().find(|measure| measure.name() == metric.name)?;
        let index = self.balancers.iter().position(|known| Some(known.dimension.as_str()) == get("LoadBalancer"))?;
        let groups = &self.balancers[index].groups;
        match (get("TargetGroup"), metric.dimensions.len()) {
            (None, 1) if measure.is_whole() => Some((index, None, measure)),
            (Some(group), 2) if measure != BalancerMeasure::OwnErrors => {
                Some((index, Some(groups.iter().position(|known| known.dimension == group)?), measure))
            }
            _ => None,
        }
    }

    /// Adds what a minute shows of a load balancer or one of its groups. Errors have no point where there are none.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>
    pub(super) fn gather_balancer(
        &self,
        index: usize,
        group: Option<usize>,
        measure: BalancerMeasure,
        minute: i64,
        into: &mut Observation,
    ) {
        let balancer = &self.balancers[index];
        let health = group.map(|group| &balancer.groups[group].spec);
        match (measure, health) {
            (BalancerMeasure::Healthy, Some(group)) => return into.add(f64::from(group.healthy), 1.0),
            (BalancerMeasure::Unhealthy, Some(group)) => return into.add(f64::from(group.unhealthy), 1.0),
            _ => {}
        }
        let version = group.and_then(|group| u32::try_from(group + 1).ok()).map(VersionId::Number);
        for rule in balancer.rules() {
            let drawn = self.traffic.minute(rule.flow, minute, self.now);
            for (place, (cell, seen)) in self.cells(&drawn).enumerate() {
                if version.is_some_and(|version| cell.version != version) {
                    continue;
                }
                match measure {
                    BalancerMeasure::Requests => into.add(1.0, f64::from(seen.calls)),
                    BalancerMeasure::Successes => into.add(1.0, f64::from(seen.calls - seen.errors)),
                    BalancerMeasure::TargetErrors => into.add(1.0, f64::from(seen.errors)),
                    BalancerMeasure::ResponseTime => {
                        for (ms, count) in self.traffic.durations(rule.flow, &drawn, place, seen) {
                            into.add(ms / 1_000.0, f64::from(count));
                        }
                    }
                    BalancerMeasure::OwnErrors | BalancerMeasure::Healthy | BalancerMeasure::Unhealthy => {}
                }
            }
        }
    }
}

impl BalancerMeasure {
    const ALL: [Self; 7] = [
        Self::Requests,
        Self::Successes,
        Self::TargetErrors,
        Self::OwnErrors,
        Self::ResponseTime,
        Self::Healthy,
        Self::Unhealthy,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Requests => "RequestCount",
            Self::Successes => "HTTPCode_Target_2XX_Count",
            Self::TargetErrors => "HTTPCode_Target_5XX_Count",
            Self::OwnErrors => "HTTPCode_ELB_5XX_Count",
            Self::ResponseTime => "TargetResponseTime",
            Self::Healthy => "HealthyHostCount",
            Self::Unhealthy => "UnHealthyHostCount",
        }
    }

    /// Whether it exists for the load balancer as a whole.
    const fn is_whole(self) -> bool {
        !matches!(self, Self::Healthy | Self::Unhealthy)
    }
}
