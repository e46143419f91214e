//! What a scenario may say about the services behind the functions: one table for a whole service. Which metrics a kind
//! of service has is data too, a file each in `kinds`; here both are read, and nothing is computed.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::Counted;
use crate::sim::world::offset::Offset;

static KINDS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/sim/kinds");

/// A service with the metrics of its kind, such as a DynamoDB table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    /// Which kind of service it is: the name of a file in `kinds`.
    pub kind: String,
    /// Its name, `{name}` in the dimensions.
    pub name: String,
    /// Its region, where that is not the world's.
    pub region: Option<String>,
    /// The functions and rules of load balancers whose calls reach it.
    #[serde(default)]
    pub from: Vec<String>,
    /// What else its dimensions name, such as `indexes`.
    #[serde(default)]
    pub with: BTreeMap<String, Names>,
    /// Other levels than the usual ones, by metric name, in the metric's unit.
    #[serde(default)]
    pub levels: BTreeMap<String, f64>,
}

/// One name or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// One.
    One(String),
    /// Several: there is a series for each.
    Many(Vec<String>),
}

/// A kind of service: the metrics that AWS has for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// The namespace of its metrics.
    pub namespace: String,
    /// Where all of its kind have their metrics, whichever region they serve: `us-east-1` for `CloudFront`.
    pub region: Option<String>,
    /// Names that stand in the dimensions unless a service says otherwise.
    #[serde(default)]
    pub with: BTreeMap<String, Names>,
    /// Its series.
    pub series: Vec<SeriesSpec>,
}

/// Metrics that behave alike and belong to no kind of service, such as a program's own.
#[derive(Debug, Clone, Deserialize)]
pub struct LooseSpec {
    /// Their region, where that is not the world's.
    pub region: Option<String>,
    /// The functions and rules of load balancers whose calls reach them.
    #[serde(default)]
    pub from: Vec<String>,
    /// The metrics.
    #[serde(flatten)]
    pub series: SeriesSpec,
}

/// Metrics that behave alike.
#[derive(Debug, Clone, Deserialize)]
pub struct SeriesSpec {
    /// Another namespace than the kind's.
    pub namespace: Option<String>,
    /// The names of the metrics.
    pub metrics: Vec<String>,
    /// Their dimensions. A name in braces is replaced by what the service says; where it says nothing, the series is
    /// not there.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Their unit, as CloudWatch writes it.
    pub unit: String,
    /// How they behave.
    #[serde(flatten)]
    pub shape: Shape,
}

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A level that is measured once a minute.
    Level(Level),
    /// So much for each call.
    PerCall(PerCall),
    /// How long something takes that calls do, in the metric's own unit.
    Time(Time),
    /// Events that have nothing to do with calls; a minute without one has no point.
    Events {
        /// How many there are in an hour, on average.
        per_hour: f64,
    },
    /// A level that is measured once every so many hours, such as the size of a bucket.
    Seldom {
        /// The level when the world opens.
        level: f64,
        /// By how much it grows in a day, as a fraction.
        growth: f64,
        /// How far the points lie apart.
        every: Offset,
    },
}

/// A level that is measured once a minute.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// What it is on average.
    pub base: f64,
    /// How much more it is by day, as a fraction.
    #[serde(default)]
    pub swing: f64,
    /// How far it strays from minute to minute, as a fraction.
    #[serde(default)]
    pub noise: f64,
    /// Whether it only has whole numbers.
    #[serde(default)]
    pub whole: bool,
    /// By how much it rises with each failed call of a minute.
    #[serde(default)]
    pub per_error: f64,
}

/// So much for each call.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerCall {
    /// How much, on average.
    pub each: f64,
    /// Which calls count.
    #[serde(default = "calls")]
    pub of: Counted,
    /// Whether a minute in which there was nothing has no point.
    #[serde(default)]
    pub only_when: bool,
}

/// How long something takes that calls do.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// The median.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// How often it is done in a call.
    #[serde(default = "one")]
    pub per_call: f64,
}

impl Kind {
    /// The kind of this name, or what is wrong with it.
    pub fn find(name: &str) -> Result<Self, String> {
        let file = KINDS.get_file(format!("{name}.toml")).and_then(include_dir::File::contents_utf8);
        let text = file.ok_or_else(|| format!("there is no kind of service {name:?}; there are: {}", names()))?;
        toml::from_str(text).map_err(|error| format!("the kind of service {name:?} cannot be read: {error}"))
    }
}

impl Names {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

fn names() -> String {
    let mut names: Vec<&str> = KINDS.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
    names.sort_unstable();
    names.join(", ")
}

fn calls() -> Counted {
    Counted::Calls
}

fn one() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_read() {
        let all = names();
        assert!(all.contains("dynamodb, ") && all.contains("rds_proxy"), "{all}");
        for name in all.split(", ") {
            let kind = Kind::find(name).unwrap();
            assert!(!kind.series.is_empty(), "{name}");
        }
    }

    #[test]
    fn an_unknown_kind_names_those_there_are() {
        assert!(Kind::find("oracle").unwrap_err().contains("rds"));
    }
}
