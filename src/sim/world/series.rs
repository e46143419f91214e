//! Which metrics exist, and what the calls come to in each. It knows the dimensions that AWS gives them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::World;
use super::function::VersionId;
use super::metric::{MetricId, Observation};
use super::spec::{Counted, ExecutedVersion};
use super::traffic::{Cell, Door, Minute, Seen};

const LAMBDA: &str = "AWS/Lambda";
const API_GATEWAY: &str = "AWS/ApiGateway";

/// What a Lambda metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Invocations,
    Errors,
    Throttles,
    Duration,
    ConcurrentExecutions,
}

/// What a metric of API Gateway measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ApiMeasure {
    Count,
    Latency,
    IntegrationLatency,
    ServerErrors,
}

/// A metric, understood: which calls it looks at and what it takes from them.
#[derive(Debug, Clone, Copy)]
enum Series {
    Lambda { function: usize, alias: Option<usize>, version: Option<VersionId>, measure: Measure },
    Api { api: usize, measure: ApiMeasure },
    Derived(usize),
}

impl World {
    /// Every metric there is, for `ListMetrics`.
    pub fn metrics(&self) -> Vec<MetricId> {
        let mut ids: Vec<MetricId> = (0..self.functions.len()).flat_map(|function| self.lambda_ids(function)).collect();
        for api in &self.spec.apis {
            for measure in ApiMeasure::ALL {
                ids.push(MetricId::new(API_GATEWAY, measure.name(), &[("ApiName", &api.name)]));
                let with_stage = [("ApiName", api.name.as_str()), ("Stage", &api.stage)];
                ids.push(MetricId::new(API_GATEWAY, measure.name(), &with_stage));
            }
        }
        ids.extend(self.derived.iter().cloned());
        ids
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

    /// What is visible by now of a metric from `from` (rounded down to the minute) to before `to`, in periods of
    /// whole minutes counted from `from`: oldest first, and only periods with something in them.
    pub fn observe(
        &self,
        metric: &MetricId,
        from: Timestamp,
        to: Timestamp,
        period: Duration,
    ) -> Vec<(Timestamp, Observation)> {
        let Some(series) = self.series(metric) else { return Vec::new() };
        let first = from.as_second().div_euclid(60).max(self.first_minute());
        let from = from.as_second().div_euclid(60);
        let last = (to.min(self.now).as_second() - 1).div_euclid(60);
        let width = i64::try_from(period.as_secs().div_ceil(60).max(1)).unwrap_or(i64::MAX);
        let mut buckets: BTreeMap<i64, Observation> = BTreeMap::new();
        for minute in first..=last {
            let bucket = from + (minute - from) / width * width;
            self.gather(series, minute, buckets.entry(bucket).or_default());
        }
        let stamped = buckets.into_iter().filter(|(_, seen)| !seen.samples.is_empty());
        stamped.filter_map(|(minute, seen)| Some((Timestamp::from_second(minute * 60).ok()?, seen))).collect()
    }

    fn series(&self, metric: &MetricId) -> Option<Series> {
        if let Some(index) = self.derived.iter().position(|id| id == metric) {
            return Some(Series::Derived(index));
        }
        let get = |key: &str| metric.dimensions.get(key).map(String::as_str);
        match metric.namespace.as_str() {
            LAMBDA => self.lambda_series(metric),
            API_GATEWAY => {
                let measure = ApiMeasure::ALL.into_iter().find(|measure| measure.name() == metric.name)?;
                let name = get("ApiName")?;
                let stage = get("Stage");
                let api = self
                    .spec
                    .apis
                    .iter()
                    .position(|api| api.name == name && stage.is_none_or(|stage| api.stage == stage))?;
                (metric.dimensions.len() == 1 + usize::from(stage.is_some())).then_some(Series::Api { api, measure })
            }
            _ => None,
        }
    }

    fn lambda_series(&self, metric: &MetricId) -> Option<Series> {
        let measure = Measure::ALL.into_iter().find(|measure| measure.name() == metric.name)?;
        let get = |key: &str| metric.dimensions.get(key).map(String::as_str);
        let name = get("FunctionName")?;
        let function = self.functions.iter().position(|function| function.name == name)?;
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
            Series::Api { api, measure } => {
                for name in &self.spec.apis[api].functions {
                    self.gather_api(name, minute, measure, self.spec.apis[api].overhead_ms, into);
                }
            }
            Series::Derived(index) => {
                let spec = &self.spec.metrics[index];
                for function in spec.from.iter().filter_map(|name| self.index_of(name)) {
                    for (cell, seen) in self.cells(&self.traffic.minute(function, minute, self.now)) {
                        let counted = match spec.of {
                            Counted::Calls => seen.calls,
                            Counted::Successes => seen.calls - seen.errors,
                            Counted::Errors => seen.errors,
                        };
                        into.add(1.0, cell.thinned(counted, spec.per_call));
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

    fn gather_api(&self, name: &str, minute: i64, measure: ApiMeasure, overhead_ms: f64, into: &mut Observation) {
        let Some(function) = self.index_of(name) else { return };
        let through = |cell: &Cell| cell.door != Door::Unqualified;
        let extra_ms = match measure {
            ApiMeasure::Count => return self.gather_lambda(function, minute, Measure::Invocations, into, through),
            ApiMeasure::ServerErrors => return self.gather_lambda(function, minute, Measure::Errors, into, through),
            ApiMeasure::Latency => overhead_ms,
            ApiMeasure::IntegrationLatency => 0.0,
        };
        let mut durations = Observation::default();
        self.gather_lambda(function, minute, Measure::Duration, &mut durations, through);
        for (ms, count) in durations.samples {
            into.add(ms + extra_ms, count);
        }
    }

    fn cells<'a>(&self, minute: &'a Minute) -> impl Iterator<Item = (&'a Cell, Seen)> {
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

impl ApiMeasure {
    const ALL: [Self; 4] = [Self::Count, Self::Latency, Self::IntegrationLatency, Self::ServerErrors];

    const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Latency => "Latency",
            Self::IntegrationLatency => "IntegrationLatency",
            Self::ServerErrors => "5XXError",
        }
    }
}
