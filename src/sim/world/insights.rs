//! What Lambda Insights measures where it is on: memory and cold starts, by function and by version.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-metrics.html>

use super::World;
use super::function::VersionId;
use super::metric::{MetricId, Observation};

const NAMESPACE: &str = "LambdaInsights";

/// What a metric of Lambda Insights measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InsightsMeasure {
    /// The share of its memory that a call used, percent.
    MemoryUtilization,
    /// The memory that a call used, MB.
    UsedMemory,
    /// How long a cold start took, ms; there is a value for each cold start alone.
    InitDuration,
}

impl World {
    /// The names of what is measured of a function; nothing where Insights is off.
    pub(super) fn insights_ids(&self, index: usize) -> Vec<MetricId> {
        if !self.spec.functions.get(index).is_some_and(|spec| spec.insights) {
            return Vec::new();
        }
        let function = &self.functions[index];
        let name = ("function_name", function.name.as_str());
        let reached =
            |version: VersionId| (0..function.aliases.len()).any(|alias| self.traffic.reached(index, alias, version));
        let mut ids = Vec::new();
        for measure in InsightsMeasure::ALL {
            ids.push(MetricId::new(NAMESPACE, measure.name(), &[name]));
            for version in function.versions.iter().filter(|version| reached(version.id)) {
                let id = version.id.to_string();
                ids.push(MetricId::new(NAMESPACE, measure.name(), &[name, ("version", &id)]));
            }
        }
        ids
    }

    /// Which function, version and measure a metric's name means.
    pub(super) fn insights_series(
        &self,
        region: &str,
        metric: &MetricId,
    ) -> Option<(usize, Option<VersionId>, InsightsMeasure)> {
        let get = |key: &str| metric.dimensions.get(key).map(String::as_str);
        let measure = InsightsMeasure::ALL.into_iter().find(|measure| measure.name() == metric.name)?;
        let function = self.index_in(region, get("function_name")?)?;
        if !self.spec.functions.get(function).is_some_and(|spec| spec.insights) {
            return None;
        }
        match (get("version"), metric.dimensions.len()) {
            (None, 1) => Some((function, None, measure)),
            (Some(version), 2) => Some((function, Some(version.parse().ok()?), measure)),
            _ => None,
        }
    }

    /// Adds what a minute shows of it.
    pub(super) fn gather_insights(
        &self,
        function: usize,
        version: Option<VersionId>,
        measure: InsightsMeasure,
        minute: i64,
        into: &mut Observation,
    ) {
        let spec = &self.spec.functions[function];
        let drawn = self.traffic.minute(function, minute, self.now);
        for (cell, seen) in self.cells(&drawn) {
            if version.is_some_and(|version| cell.version != version) {
                continue;
            }
            let described = spec.versions.iter().find(|known| VersionId::Number(known.number) == cell.version);
            let Some(described) = described.or(spec.versions.last()) else { continue };
            let varied = |usual: f64, width: f64| usual * (1.0 + width * (cell.fortune() - 0.5));
            let calls = f64::from(seen.calls);
            let percent = varied(described.memory_percent, 0.12).min(100.0);
            match measure {
                InsightsMeasure::MemoryUtilization => into.add(percent, calls),
                InsightsMeasure::UsedMemory => {
                    into.add((percent / 100.0 * f64::from(spec.memory_mb)).round(), calls);
                }
                InsightsMeasure::InitDuration => {
                    let cold = cell.thinned_of(calls, described.cold_percent / 100.0);
                    into.add(varied(410.0, 0.5), cold);
                }
            }
        }
    }
}

impl InsightsMeasure {
    const ALL: [Self; 3] = [Self::MemoryUtilization, Self::UsedMemory, Self::InitDuration];

    const fn name(self) -> &'static str {
        match self {
            Self::MemoryUtilization => "memory_utilization",
            Self::UsedMemory => "used_memory_max",
            Self::InitDuration => "init_duration",
        }
    }
}
