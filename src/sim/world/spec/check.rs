//! Whether what a scenario says hangs together: whoever writes one learns here what is wrong, before a world opens
//! with a hole in it.

use std::collections::BTreeMap;

use super::{AlarmSpec, BalancerSpec, FunctionSpec, Kind, WatchSpec, WorldSpec};
use crate::sim::world::alarm::Rule;
use crate::sim::world::metric::Statistic;

impl WorldSpec {
    /// What does not hang together, a sentence each; nothing if all is well.
    pub fn problems(&self) -> Vec<String> {
        self.unfolded().problems_unfolded()
    }

    fn problems_unfolded(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.functions.iter().flat_map(function_problems).collect();
        let behind_apis = self.apis.iter().flat_map(|api| &api.functions);
        let behind_metrics = self.metrics.iter().flat_map(|metric| &metric.from);
        let behind_services = self.services.iter().flat_map(|service| &service.from);
        let behind_series = self.series.iter().flat_map(|series| &series.from);
        let rules = || self.balancers.iter().flat_map(|balancer| &balancer.listeners).flat_map(|each| &each.rules);
        for name in behind_apis.chain(behind_metrics).chain(behind_services).chain(behind_series) {
            let is_function = self.functions.iter().any(|function| function.name == *name);
            if !is_function && !rules().any(|rule| rule.name == *name) {
                problems.push(format!("there is no function {name:?}"));
            }
        }
        problems.extend(self.services.iter().filter_map(|service| Kind::find(&service.kind).err()));
        problems.extend(self.balancers.iter().flat_map(balancer_problems));
        problems.extend(self.alarms.iter().filter_map(alarm_problem));
        for composite in &self.composites {
            let Some(rule) = Rule::parse(&composite.rule) else {
                problems.push(format!("the rule of alarm {:?} cannot be read", composite.name));
                continue;
            };
            let unknown = rule.names().into_iter().find(|name| !self.has_alarm(name));
            problems.extend(
                unknown.map(|name| format!("alarm {:?} follows {name:?}, which does not exist", composite.name)),
            );
        }
        problems
    }

    fn has_alarm(&self, name: &str) -> bool {
        self.alarms.iter().any(|alarm| alarm.name == name) || self.composites.iter().any(|alarm| alarm.name == name)
    }
}

fn balancer_problems(balancer: &BalancerSpec) -> Vec<String> {
    let known = |name: &&String| balancer.groups.iter().any(|group| group.name == **name);
    let rules = balancer.listeners.iter().flat_map(|listener| &listener.rules);
    let unknown = rules.flat_map(|rule| rule.weights.keys().filter(|name| !known(name)).map(move |name| (rule, name)));
    unknown.map(|(rule, name)| format!("rule {:?} forwards to {name:?}, which does not exist", rule.name)).collect()
}

fn function_problems(function: &FunctionSpec) -> Vec<String> {
    let known = |number: u32| function.versions.iter().any(|version| version.number == number);
    let mut problems = Vec::new();
    for alias in &function.aliases {
        let routings = alias.shifts.iter().map(|shift| (shift.version, &shift.weights));
        for (version, weights) in routings.chain([(alias.version, &alias.weights)]) {
            if !known(version) || !weights_are_sound(weights, known) {
                problems.push(format!("{}:{} is routed to {version} {weights:?}", function.name, alias.name));
            }
        }
        if !alias.shifts.is_sorted_by_key(|shift| shift.at) {
            problems.push(format!("the shifts of {}:{} are not in order of time", function.name, alias.name));
        }
    }
    for version in &function.versions {
        let latency = version.latency;
        if latency.p50_ms <= 0.0 || latency.p99_ms < latency.p50_ms {
            problems.push(format!("{} {} has no possible latency: {latency:?}", function.name, version.number));
        }
    }
    problems
}

fn weights_are_sound(weights: &BTreeMap<String, f64>, known: impl Fn(u32) -> bool) -> bool {
    let sound = |(id, weight): (&String, &f64)| id.parse().is_ok_and(&known) && (0.0..=1.0).contains(weight);
    weights.len() <= 1 && weights.iter().all(sound)
}

fn alarm_problem(alarm: &AlarmSpec) -> Option<String> {
    let name = &alarm.name;
    let statistic = alarm.statistic.as_deref();
    match &alarm.watches {
        WatchSpec::Metric(_) if statistic.and_then(Statistic::parse).is_none() => {
            Some(format!("alarm {name:?} needs a statistic"))
        }
        WatchSpec::Percent { .. } if !matches!(statistic, None | Some("Sum" | "SampleCount")) => {
            Some(format!("alarm {name:?} is a percentage of Sum or SampleCount"))
        }
        _ if alarm.period.as_secs() < 60 || alarm.period.as_secs() % 60 != 0 => {
            Some(format!("the period of alarm {name:?} is not in whole minutes"))
        }
        _ if alarm.datapoints_to_alarm.is_some_and(|to_alarm| to_alarm == 0 || to_alarm > alarm.evaluation_periods) => {
            Some(format!("alarm {name:?} needs more datapoints than it looks at"))
        }
        WatchSpec::Metric(_) | WatchSpec::Percent { .. } => None,
    }
}
