//! The metrics of the services around the functions: levels that swing with the day, amounts that follow from calls,
//! events that may not happen. Each value is a pure function of the seed, the metric and the minute. What AWS calls
//! them is data; see [`super::spec::Kind`].

use std::collections::{BTreeMap, HashMap};
use std::f64::consts::TAU;

use jiff::Timestamp;
use rand_distr::{Distribution, LogNormal};

use super::World;
use super::metric::{MetricId, Observation};
use super::random::{Stream, word};
use super::spec::{Counted, Kind, Level, Names, SeriesSpec, Shape, Time, WorldSpec};

/// A minute's level shows that long after the minute's end, seconds.
const LEVEL_ARRIVES: i64 = 45;
/// The most values drawn for what calls do in a minute; each then stands for several.
const MOST_SAMPLES: u32 = 24;
/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_9;

/// All such metrics of a world.
#[derive(Debug, Default)]
pub(super) struct Modelled {
    all: Vec<Metric>,
    by_name: HashMap<MetricId, Vec<usize>>,
}

/// A metric with what it is made of.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) id: MetricId,
    pub(super) region: String,
    pub(super) unit: String,
    shape: Shape,
    /// The names of the functions and rules whose calls it follows.
    from: Vec<String>,
    /// Names its random numbers.
    word: u64,
}

impl Modelled {
    /// The metrics of this world's services. A kind that does not exist has none; reading the scenario has said so.
    pub(super) fn new(spec: &WorldSpec) -> Self {
        let mut modelled = Self::default();
        let mut kinds: HashMap<&str, Kind> = HashMap::new();
        for service in &spec.services {
            if !kinds.contains_key(service.kind.as_str())
                && let Ok(kind) = Kind::find(&service.kind)
            {
                kinds.insert(&service.kind, kind);
            }
            let Some(kind) = kinds.get(service.kind.as_str()) else { continue };
            let region = service.region.as_ref().or(kind.region.as_ref()).unwrap_or(&spec.region);
            let mut words = kind.with.clone();
            words.extend(service.with.clone());
            words.insert("name".to_owned(), Names::One(service.name.clone()));
            for series in &kind.series {
                let namespace = series.namespace.as_ref().unwrap_or(&kind.namespace);
                for dimensions in all_dimensions(&series.dimensions, &words) {
                    modelled.add(series, namespace, &dimensions, region, &service.from, &service.levels);
                }
            }
        }
        for loose in &spec.series {
            let namespace = loose.series.namespace.clone().unwrap_or_default();
            let region = loose.region.as_ref().unwrap_or(&spec.region);
            modelled.add(&loose.series, &namespace, &loose.series.dimensions, region, &loose.from, &BTreeMap::new());
        }
        modelled
    }

    fn add(
        &mut self,
        series: &SeriesSpec,
        namespace: &str,
        dimensions: &BTreeMap<String, String>,
        region: &str,
        from: &[String],
        levels: &BTreeMap<String, f64>,
    ) {
        for name in &series.metrics {
            let id = MetricId { namespace: namespace.to_owned(), name: name.clone(), dimensions: dimensions.clone() };
            let shape = levels.get(name).map_or(series.shape, |level| at_level(series.shape, *level));
            let word = id.dimensions.values().fold(word(name), |sum, value| sum.rotate_left(7) ^ word(value));
            self.by_name.entry(id.clone()).or_default().push(self.all.len());
            let (region, from) = (region.to_owned(), from.to_vec());
            self.all.push(Metric { id, region, unit: series.unit.clone(), shape, from, word });
        }
    }

    /// All of a region.
    pub(super) fn of_region(&self, region: &str) -> impl Iterator<Item = &Metric> {
        self.all.iter().filter(move |metric| metric.region == region)
    }

    /// The metric of that name in that region.
    pub(super) fn find(&self, id: &MetricId, region: &str) -> Option<usize> {
        self.by_name.get(id)?.iter().copied().find(|index| self.all[*index].region == region)
    }

    /// The metric at a place that [`Self::find`] found.
    pub(super) fn get(&self, index: usize) -> &Metric {
        &self.all[index]
    }
}

impl Metric {
    /// How far the points lie apart, in minutes.
    pub(super) fn minutes_apart(&self) -> i64 {
        match self.shape {
            Shape::Seldom { every, .. } => (every.as_secs() / 60).max(1),
            Shape::Level(_) | Shape::PerCall(_) | Shape::Time(_) | Shape::Events { .. } => 1,
        }
    }
}

impl World {
    /// Adds what a minute shows of such a metric.
    pub(super) fn gather_modelled(&self, index: usize, minute: i64, into: &mut Observation) {
        let metric = self.modelled.get(index);
        let settled = self.now.as_second() >= (minute + 1) * 60 + LEVEL_ARRIVES;
        let place = [self.spec.seed, metric.word, (minute - self.opening.as_second().div_euclid(60)).cast_unsigned()];
        let mut stream = Stream::named(&place);
        match metric.shape {
            Shape::Level(level) if settled => into.add(self.level(metric, &level, minute, &mut stream), 1.0),
            Shape::Events { per_hour } if settled => into.add(1.0, f64::from(stream.arrivals(per_hour / 60.0))),
            Shape::Level(_) | Shape::Events { .. } => {}
            Shape::Seldom { level, growth, every } => {
                if minute.rem_euclid((every.as_secs() / 60).max(1)) == 0 {
                    let at = Timestamp::from_second(minute * 60).unwrap_or(self.opening);
                    let days = at.duration_since(self.opening).as_secs_f64() / 86_400.0;
                    into.add((level * days.mul_add(growth, 1.0)).round(), 1.0);
                }
            }
            Shape::PerCall(per_call) => {
                let calls = self.reaching(metric, minute, per_call.of);
                let (whole, rest) = (per_call.each.floor(), per_call.each.fract());
                let more = (f64::from(calls) * rest).round();
                into.add(whole + 1.0, more);
                into.add(whole, if per_call.only_when && whole == 0.0 { 0.0 } else { f64::from(calls) - more });
            }
            Shape::Time(time) => {
                let calls = f64::from(self.reaching(metric, minute, Counted::Calls)) * time.per_call;
                add_times(&time, calls.round(), &mut stream, into);
            }
        }
    }

    fn level(&self, metric: &Metric, level: &Level, minute: i64, stream: &mut Stream) -> f64 {
        // Most is done in the early afternoon, UTC.
        let of_day = i32::try_from(minute.rem_euclid(1_440) - 867).unwrap_or_default();
        let by_day = (TAU * f64::from(of_day) / 1_440.0).cos();
        let stray = stream.fraction() + stream.fraction() + stream.fraction() - 1.5;
        let errors = if level.per_error > 0.0 { self.reaching(metric, minute, Counted::Errors) } else { 0 };
        let factor = level.noise.mul_add(stray, level.swing.mul_add(by_day, 1.0)).max(0.0);
        let mut value = f64::from(errors).mul_add(level.per_error, level.base * factor);
        if metric.unit == "Percent" {
            value = value.min(100.0);
        }
        if level.whole { value.round() } else { value }
    }

    /// How many calls of a minute reach a service, as far as they are known by now.
    fn reaching(&self, metric: &Metric, minute: i64, of: Counted) -> u32 {
        let flows = metric.from.iter().filter_map(|name| self.flow_of(name));
        let cells = flows.map(|flow| self.traffic.minute(flow, minute, self.now));
        cells.map(|minute| self.cells(&minute).map(|(_, seen)| of.count(&seen)).sum::<u32>()).sum()
    }
}

impl Counted {
    /// How many of these calls count.
    pub(super) fn count(self, seen: &super::traffic::Seen) -> u32 {
        match self {
            Self::Calls => seen.calls,
            Self::Successes => seen.calls - seen.errors,
            Self::Errors => seen.errors,
        }
    }
}

fn at_level(shape: Shape, level: f64) -> Shape {
    match shape {
        Shape::Level(usual) => Shape::Level(Level { base: level, ..usual }),
        Shape::PerCall(usual) => Shape::PerCall(super::spec::PerCall { each: level, ..usual }),
        Shape::Time(usual) => Shape::Time(Time { p50: level, p99: usual.p99 * level / usual.p50, ..usual }),
        Shape::Events { .. } => Shape::Events { per_hour: level },
        Shape::Seldom { growth, every, .. } => Shape::Seldom { level, growth, every },
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most MOST_SAMPLES")]
fn add_times(time: &Time, calls: f64, stream: &mut Stream, into: &mut Observation) {
    let Ok(law) = LogNormal::new(time.p50.ln(), (time.p99 / time.p50).ln() / Z99) else { return };
    let samples = calls.min(f64::from(MOST_SAMPLES)) as u32;
    for sample in 0..samples {
        let each = (calls / f64::from(samples)).floor();
        let extra = if f64::from(sample) < calls - each * f64::from(samples) { 1.0 } else { 0.0 };
        into.add(law.sample(stream), each + extra);
    }
}

/// The dimensions with every name in braces replaced: one set for each combination, none where a name is missing.
fn all_dimensions(
    written: &BTreeMap<String, String>,
    words: &BTreeMap<String, Names>,
) -> Vec<BTreeMap<String, String>> {
    let mut sets = vec![BTreeMap::new()];
    for (key, value) in written {
        let Some(name) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            for set in &mut sets {
                set.insert(key.clone(), value.clone());
            }
            continue;
        };
        let values = words.get(name).map(Names::all).unwrap_or_default();
        let with = |set: &BTreeMap<String, String>, value: &String| {
            let mut set = set.clone();
            set.insert(key.clone(), value.clone());
            set
        };
        sets = sets.iter().flat_map(|set| values.iter().map(|value| with(set, value))).collect();
    }
    sets
}

/// A metric's unit where it is one of those that follow from calls.
pub(super) fn unit_of_calls(metric: &MetricId) -> &'static str {
    match metric.name.as_str() {
        "Duration" | "Latency" | "IntegrationLatency" | "init_duration" => "Milliseconds",
        "TargetResponseTime" => "Seconds",
        "memory_utilization" => "Percent",
        "used_memory_max" => "Megabytes",
        _ => "Count",
    }
}
