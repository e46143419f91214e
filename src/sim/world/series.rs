//! Which metrics exist, and what the calls come to in each. It knows the dimensions that AWS gives them; the metrics of
//! APIs, load balancers and other services have files of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::World;
use super::api::ApiMeasure;
use super::balancer::BalancerMeasure;
use super::function::VersionId;
use super::insights::InsightsMeasure;
use super::metric::{MetricId, Observation};
use super::modelled;
use super::spec::ExecutedVersion;
use super::traffic::{Cell, Door, Minute, Seen};

const LAMBDA: &str = "AWS/Lambda";
/// A client that asks for longer gets no more than this many minutes.
const MOST_MINUTES: i64 = 15 * 24 * 60;

/// What a Lambda metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Invocations,
    Errors,
    Throttles,
    Duration,
    ConcurrentExecutions,
}

/// A metric, understood: which calls it looks at and what it takes from them.
#[derive(Debug, Clone, Copy)]
enum Series {
    Lambda { function: usize, alias: Option<usize>, version: Option<VersionId>, measure: Measure },
    Api { api: usize, measure: ApiMeasure, route: Option<usize> },
    Insights { function: usize, version: Option<VersionId>, measure: InsightsMeasure },
    Balancer { balancer: usize, group: Option<usize>, measure: BalancerMeasure },
    Derived(usize),
    Modelled(usize),
}

impl World {
    /// Every metric there is in the region that is asked, for `ListMetrics`.
    pub fn metrics(&self) -> Vec<MetricId> {
        let here = |index: &usize| self.functions[*index].region == self.here;
        let mut ids: Vec<MetricId> = Vec::new();
        ids.extend((0..self.functions.len()).filter(here).flat_map(|function| self.lambda_ids(function)));
        ids.extend((0..self.functions.len()).filter(here).flat_map(|function| self.insights_ids(function)));
        if self.is_home() {
            ids.extend((0..self.apis.len()).flat_map(|api| self.api_ids(api)));
            ids.extend((0..self.balancers.len()).flat_map(|balancer| self.balancer_ids(balancer)));
            ids.extend(self.derived.iter().cloned());
        }
        ids.extend(self.modelled.of_region(&self.here).map(|metric| metric.id.clone()));
        ids
    }

    /// The unit in which a metric is recorded, as CloudWatch writes it.
    pub fn unit(&self, metric: &MetricId) -> &str {
        let known = self.modelled.find(metric, &self.here);
        known.map_or_else(|| modelled::unit_of_calls(metric), |index| &self.modelled.get(index).unit)
    }

    fn lambda_ids(&self, index: usize) -> Vec<MetricId> {
        let function = &self.functions[index];
        let name = ("FunctionName", function.name.as_str());
        let mut ids = Vec::new();
        for measure in Measure::ALL {
            ids.push(MetricId::new(LAMBDA, measure.name(), &[name]));
            let called = |at: usize| self.spec.functions[index].aliases[at].calls_per_minute > 0.0;
            for (at, alias) in function.aliases.iter().enumerate().filter(|(at, _)| called(*at)) {
                let resource = format!("{}:{}", function.name, alias.name);
                let pair = [name, ("Resource", &resource)];
                ids.push(MetricId::new(LAMBDA, measure.name(), &pair));
                if !measure.knows_version() {
                    continue;
                }
                for version in function.versions.iter().filter(|version| self.traffic.reached(index, at, version.id)) {
                    let id = version.id.to_string();
                    let triple = [pair[0], pair[1], ("ExecutedVersion", &id)];
                    ids.push(MetricId::new(LAMBDA, measure.name(), &triple));
                }
            }
        }
        ids
    }

    /// What is visible by now of a metric of the region that is asked; see [`Self::observe_in`].
    pub fn observe(
        &self,
        metric: &MetricId,
        from: Timestamp,
        to: Timestamp,
        period: Duration,
    ) -> Vec<(Timestamp, Observation)> {
        self.observe_in(&self.here, metric, from, to, period)
    }

    /// What is visible by now of a metric from `from` (rounded down to the minute) to before `to`, in periods of
    /// whole minutes counted from `from`: oldest first, and only periods with something in them.
    pub(super) fn observe_in(
        &self,
        region: &str,
        metric: &MetricId,
        from: Timestamp,
        to: Timestamp,
        period: Duration,
    ) -> Vec<(Timestamp, Observation)> {
        let Some(series) = self.series(region, metric) else { return Vec::new() };
        let apart = self.minutes_apart(series);
        let from = from.as_second().div_euclid(60);
        let last = (to.min(self.now).as_second() - 1).div_euclid(60);
        // What is measured seldom was so long before our past; all else begins with it.
        let begins = if apart > 1 { last - MOST_MINUTES } else { self.first_minute() };
        let first = up_to(from.max(begins), apart);
        let width = i64::try_from(period.as_secs().div_ceil(60).max(1)).unwrap_or(i64::MAX);
        let mut buckets: BTreeMap<i64, Observation> = BTreeMap::new();
        for minute in (first..=last).step_by(usize::try_from(apart).unwrap_or(1)) {
            let bucket = from + (minute - from) / width * width;
            self.gather(series, minute, buckets.entry(bucket).or_default());
        }
        let stamped = buckets.into_iter().filter(|(_, seen)| !seen.samples.is_empty());
        stamped.filter_map(|(minute, seen)| Some((Timestamp::from_second(minute * 60).ok()?, seen))).collect()
    }

    fn minutes_apart(&self, series: Series) -> i64 {
        match series {
            Series::Modelled(index) => self.modelled.get(index).minutes_apart(),
            Series::Lambda { .. }
            | Series::Api { .. }
            | Series::Insights { .. }
            | Series::Balancer { .. }
            | Series::Derived(_) => 1,
        }
    }

    fn series(&self, region: &str, metric: &MetricId) -> Option<Series> {
        if let Some(index) = self.modelled.find(metric, region) {
            return Some(Series::Modelled(index));
        }
        match metric.namespace.as_str() {
            LAMBDA => return self.lambda_series(region, metric),
            "LambdaInsights" => {
                let (function, version, measure) = self.insights_series(region, metric)?;
                return Some(Series::Insights { function, version, measure });
            }
            _ if region != self.spec.region => return None,
            _ => {}
        }
        if let Some(index) = self.derived.iter().position(|id| id == metric) {
            return Some(Series::Derived(index));
        }
        match metric.namespace.as_str() {
            "AWS/ApiGateway" => {
                let (api, measure, route) = self.api_series(metric)?;
                Some(Series::Api { api, measure, route })
            }
            "AWS/ApplicationELB" => {
                let (balancer, group, measure) = self.balancer_series(metric)?;
                Some(Series::Balancer { balancer, group, measure })
            }
            _ => None,
        }
    }

    fn lambda_series(&self, region: &str, metric: &MetricId) -> Option<Series> {
        let measure = Measure::ALL.into_iter().find(|measure| measure.name() == metric.name)?;
        let get = |key: &str| metric.dimensions.get(key).map(String::as_str);
        let name = get("FunctionName")?;
        let function = self.index_in(region, name)?;
        let known = 1 + ["Resource", "ExecutedVersion"].into_iter().filter(|key| get(key).is_some()).count();
        let version_without_alias = get("ExecutedVersion").is_some() && get("Resource").is_none();
        if metric.dimensions.len() != known || version_without_alias {
            return None;
        }
        let alias = match get("Resource") {
            None => None,
            Some(resource) => {
                let alias = resource.strip_prefix(name)?.strip_prefix(':')?;
                Some(self.functions[function].aliases.iter().position(|known| known.name == alias)?)
            }
        };
        let version = match get("ExecutedVersion") {
            None => None,
            Some(_) if !measure.knows_version() => return None,
            Some(version) => Some(version.parse().ok()?),
        };
        Some(Series::Lambda { function, alias, version, measure })
    }

    /// Adds what a minute shows of a series.
    fn gather(&self, series: Series, minute: i64, into: &mut Observation) {
        match series {
            Series::Lambda { function, alias, version, measure } => {
                self.gather_lambda(function, minute, measure, into, |cell| {
                    let through = alias.is_none_or(|alias| cell.door == Door::Alias(alias));
                    let always = self.spec.executed_version == ExecutedVersion::Always;
                    through && version.is_none_or(|version| cell.version == version && (cell.split || always))
                });
            }
            Series::Api { api, measure, route } => self.gather_api(api, measure, route, minute, into),
            Series::Insights { function, version, measure } => {
                self.gather_insights(function, version, measure, minute, into);
            }
            Series::Balancer { balancer, group, measure } => {
                self.gather_balancer(balancer, group, measure, minute, into);
            }
            Series::Modelled(index) => self.gather_modelled(index, minute, into),
            Series::Derived(index) => {
                let spec = &self.spec.metrics[index];
                for function in spec.from.iter().filter_map(|name| self.flow_of(name)) {
                    for (cell, seen) in self.cells(&self.traffic.minute(function, minute, self.now)) {
                        into.add(1.0, cell.thinned(spec.of.count(&seen), spec.per_call));
                    }
                }
            }
        }
    }

    fn gather_lambda(
        &self,
        function: usize,
        minute: i64,
        measure: Measure,
        into: &mut Observation,
        takes: impl Fn(&Cell) -> bool,
    ) {
        let drawn = self.traffic.minute(function, minute, self.now);
        let (mut hit, mut missed) = (0.0, 0.0);
        for (index, (cell, seen)) in self.cells(&drawn).enumerate().filter(|(_, (cell, _))| takes(cell)) {
            let calls = f64::from(seen.calls);
            match measure {
                Measure::Invocations => hit += calls,
                Measure::Errors => {
                    hit += f64::from(seen.errors);
                    missed += calls - f64::from(seen.errors);
                }
                Measure::Throttles => {
                    hit += f64::from(seen.throttled);
                    missed += calls;
                }
                Measure::Duration => {
                    for (ms, count) in self.traffic.durations(function, &drawn, index, seen) {
                        into.add(ms, f64::from(count));
                    }
                }
                Measure::ConcurrentExecutions if seen.calls > 0 => into.add(cell.concurrency.ceil().max(1.0), 1.0),
                Measure::ConcurrentExecutions => {}
            }
        }
        into.add(1.0, hit);
        into.add(0.0, missed);
    }

    pub(super) fn cells<'a>(&self, minute: &'a Minute) -> impl Iterator<Item = (&'a Cell, Seen)> {
        let now = self.now;
        minute.cells.iter().map(move |cell| (cell, cell.seen(now)))
    }
}

impl Measure {
    const ALL: [Self; 5] =
        [Self::Invocations, Self::Errors, Self::Throttles, Self::Duration, Self::ConcurrentExecutions];

    const fn name(self) -> &'static str {
        match self {
            Self::Invocations => "Invocations",
            Self::Errors => "Errors",
            Self::Throttles => "Throttles",
            Self::Duration => "Duration",
            Self::ConcurrentExecutions => "ConcurrentExecutions",
        }
    }

    /// A throttled request never reached a version, and concurrency is counted for the whole.
    const fn knows_version(self) -> bool {
        !matches!(self, Self::Throttles | Self::ConcurrentExecutions)
    }
}

/// The next multiple of `step` that is not below `number`.
const fn up_to(number: i64, step: i64) -> i64 {
    -(-number).div_euclid(step) * step
}
