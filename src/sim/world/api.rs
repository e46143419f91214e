//! APIs of API Gateway: their deployments, where their stages point, and what callers of them meet. The calls are those
//! of the functions behind them; a bad deployment spoils some of them on the way.

use jiff::Timestamp;

use super::World;
use super::fault::Fault;
use super::metric::{MetricId, Observation};
use super::random;
use super::spec::{ApiSpec, DeploymentSpec, WorldSpec};
use super::traffic::{Cell, Door};

const NAMESPACE: &str = "AWS/ApiGateway";

/// An API with one stage.
#[derive(Debug, Clone)]
pub struct Api {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its deployments, oldest first.
    pub deployments: Vec<Deployment>,
    /// When its stage last changed.
    pub updated: Timestamp,
    /// What the stage says of itself.
    pub description: String,
    /// Where the stage pointed from when on, by the place of the deployment; the oldest first, never empty.
    history: Vec<(Timestamp, usize)>,
}

/// A deployment of an API.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// Its description.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
}

/// What shall be different at a stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct StageChange<'a> {
    /// The deployment to point at.
    pub deployment: Option<&'a str>,
    /// What it shall say of itself.
    pub description: Option<&'a str>,
}

/// What a metric of API Gateway measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiMeasure {
    Count,
    Latency,
    IntegrationLatency,
    ClientErrors,
    ServerErrors,
}

impl Api {
    /// The API that a scenario describes.
    pub(super) fn new(spec: &ApiSpec, world: &WorldSpec, opening: Timestamp) -> Self {
        let made = || random::uuid(&[world.seed, random::word(&spec.name)]).replace('-', "")[..10].to_owned();
        let deployment = |spec: &DeploymentSpec| Deployment {
            id: spec.id.clone(),
            description: spec.description.clone(),
            created: spec.created.from(opening),
        };
        let begins = world.past.before(opening);
        let mut deployments: Vec<Deployment> = spec.deployments.iter().map(deployment).collect();
        if deployments.is_empty() && !spec.http {
            let id = random::uuid(&[world.seed, random::word(&spec.name), 1]).replace('-', "")[..6].to_owned();
            deployments.push(Deployment { id, description: String::new(), created: begins });
        }
        let named = spec.deployment.as_ref().and_then(|id| deployments.iter().position(|known| known.id == *id));
        let at = named.unwrap_or(deployments.len().saturating_sub(1));
        let id = spec.id.clone().unwrap_or_else(made);
        Self {
            id,
            created: begins,
            updated: begins,
            description: String::new(),
            history: vec![(begins, at)],
            deployments,
        }
    }

    /// The deployment that the stage points at; an HTTP API shows none.
    pub fn deployment(&self) -> Option<&Deployment> {
        self.deployments.get(self.deployment_at(Timestamp::MAX))
    }

    fn deployment_at(&self, moment: Timestamp) -> usize {
        let after = self.history.partition_point(|(from, _)| *from <= moment);
        self.history[after.saturating_sub(1)].1
    }
}

impl World {
    /// The APIs with what the scenario says of them.
    pub fn apis(&self) -> impl Iterator<Item = (&Api, &ApiSpec)> {
        self.apis.iter().zip(&self.spec.apis)
    }

    /// Changes the stage of an API: where it points, and what it says of itself. All of it, or nothing.
    pub fn change_stage(&mut self, api: &str, change: StageChange<'_>) -> Result<(), Fault> {
        let now = self.now;
        let api = self.apis.iter_mut().find(|known| known.id == api).ok_or_else(|| Fault::no_api_resource("API"))?;
        if let Some(deployment) = change.deployment {
            let at = api.deployments.iter().position(|known| known.id == deployment);
            api.history.push((now, at.ok_or_else(|| Fault::bad_api_request("Deployment id does not exist"))?));
        }
        if let Some(description) = change.description {
            description.clone_into(&mut api.description);
        }
        api.updated = now;
        Ok(())
    }

    /// The names of all metrics of an API.
    pub(super) fn api_ids(&self, index: usize) -> Vec<MetricId> {
        let (api, spec) = (&self.apis[index], &self.spec.apis[index]);
        let named = if spec.http { ("ApiId", api.id.as_str()) } else { ("ApiName", spec.name.as_str()) };
        let stage = ("Stage", spec.stage.as_str());
        let mut ids = Vec::new();
        for measure in ApiMeasure::ALL {
            let name = measure.name(spec.http);
            ids.push(MetricId::new(NAMESPACE, name, &[named]));
            ids.push(MetricId::new(NAMESPACE, name, &[named, stage]));
            for route in &spec.routes {
                let (method, resource) = route.split_once(' ').unwrap_or(("ANY", route));
                let of_route = [named, stage, ("Method", method), ("Resource", resource)];
                ids.push(MetricId::new(NAMESPACE, name, &of_route));
            }
        }
        ids
    }

    /// Which API, measure and route a metric's name means.
    pub(super) fn api_series(&self, metric: &MetricId) -> Option<(usize, ApiMeasure, Option<usize>)> {
        let get = |key: &str| metric.dimensions.get(key).map(String::as_str);
        let is_api = |(api, spec): &(&Api, &ApiSpec)| {
            let named = if spec.http { get("ApiId") == Some(&api.id) } else { get("ApiName") == Some(&spec.name) };
            named && get("Stage").is_none_or(|stage| spec.stage == stage)
        };
        let index = self.apis().position(|pair| is_api(&pair))?;
        let spec = &self.spec.apis[index];
        let measure = ApiMeasure::ALL.into_iter().find(|measure| measure.name(spec.http) == metric.name)?;
        match (get("Method"), get("Resource"), metric.dimensions.len()) {
            (None, None, 1) => Some((index, measure, None)),
            (None, None, 2) if get("Stage").is_some() => Some((index, measure, None)),
            (Some(method), Some(resource), 4) => {
                let wanted = format!("{method} {resource}");
                let route = spec.routes.iter().position(|route| *route == wanted)?;
                Some((index, measure, Some(route)))
            }
            _ => None,
        }
    }

    /// Adds what a minute shows of an API, or of one of its routes: an even share of all calls.
    pub(super) fn gather_api(
        &self,
        index: usize,
        measure: ApiMeasure,
        route: Option<usize>,
        minute: i64,
        into: &mut Observation,
    ) {
        let (api, spec) = (&self.apis[index], &self.spec.apis[index]);
        let routes = u32::try_from(spec.routes.len()).unwrap_or(u32::MAX).max(1);
        let share = route.map_or(1.0, |_| 1.0 / f64::from(routes));
        let (mut hit, mut missed) = (0.0, 0.0);
        for flow in spec.functions.iter().filter_map(|name| self.flow_of(name)) {
            let drawn = self.traffic.minute(flow, minute, self.now);
            let through = |(_, (cell, _)): &(usize, (&Cell, _))| cell.door != Door::Unqualified;
            for (place, (cell, seen)) in self.cells(&drawn).enumerate().filter(through) {
                let deployment = spec.deployments.get(api.deployment_at(cell.at()));
                let part = |count: f64| if route.is_some() { cell.thinned_of(count, share) } else { count };
                let calls = part(f64::from(seen.calls));
                let of_calls = |percent: f64| cell.thinned_of(calls, percent / 100.0);
                match measure {
                    ApiMeasure::Count => hit += calls,
                    ApiMeasure::ServerErrors => {
                        let failed = part(f64::from(seen.errors));
                        let spoiled = of_calls(deployment.map_or(0.0, |deployment| deployment.error_percent));
                        hit += (failed + spoiled).min(calls);
                        missed += (calls - failed - spoiled).max(0.0);
                    }
                    ApiMeasure::ClientErrors => {
                        let wrong = of_calls(spec.client_error_percent);
                        hit += wrong;
                        missed += calls - wrong;
                    }
                    ApiMeasure::Latency | ApiMeasure::IntegrationLatency => {
                        let extra_ms = if measure == ApiMeasure::Latency { spec.overhead_ms } else { 0.0 };
                        let slower = deployment.map_or(1.0, |deployment| deployment.slower);
                        for (ms, count) in self.traffic.durations(flow, &drawn, place, seen) {
                            into.add(ms.mul_add(slower, extra_ms), part(f64::from(count)));
                        }
                    }
                }
            }
        }
        into.add(1.0, hit);
        into.add(0.0, missed);
    }
}

impl ApiMeasure {
    const ALL: [Self; 5] =
        [Self::Count, Self::Latency, Self::IntegrationLatency, Self::ServerErrors, Self::ClientErrors];

    /// REST APIs and HTTP APIs call their errors differently.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>
    const fn name(self, http: bool) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Latency => "Latency",
            Self::IntegrationLatency => "IntegrationLatency",
            Self::ServerErrors if http => "5xx",
            Self::ServerErrors => "5XXError",
            Self::ClientErrors if http => "4xx",
            Self::ClientErrors => "4XXError",
        }
    }
}
