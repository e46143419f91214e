//! What a GetMetricData request asks, read from its input and checked as AWS checks it: every problem at once, each
//! on a line of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::math::Expression;
use super::statistic::Statistic;
use crate::sim::wire::fault;
use crate::sim::wire::value::Value;
use crate::sim::world::{Fault, MetricId};

/// AWS takes at most this many queries in one call.
const MAX_QUERIES: usize = 500;

/// AWS returns at most this many datapoints in one call.
const MAX_DATAPOINTS: i64 = 100_800;

/// A checked request.
#[derive(Debug, PartialEq)]
pub struct Request {
    /// In the order in which they were asked.
    pub queries: Vec<Query>,
    /// Inclusive, on a whole minute, UTC. Periods are counted from here.
    pub start: Timestamp,
    /// Exclusive, on a whole minute, UTC.
    pub end: Timestamp,
    /// AWS's default is newest first.
    pub newest_first: bool,
    /// How many datapoints a page may hold.
    pub limit: usize,
    /// Where to go on.
    pub token: Option<String>,
}

/// One series asked for.
#[derive(Debug, PartialEq)]
pub struct Query {
    /// A lower case letter, then letters, digits and underscores.
    pub id: String,
    /// What the asker wants to call it.
    pub label: Option<String>,
    /// Whether it is part of the answer, or only of expressions.
    pub return_data: bool,
    /// Where its values come from.
    pub source: Source,
}

/// Where a query's values come from.
#[derive(Debug, PartialEq)]
pub enum Source {
    /// A statistic of a metric.
    Metric(MetricStat),
    /// Metric math over other queries.
    Math(Expression),
}

/// A statistic of a metric.
#[derive(Debug, PartialEq)]
pub struct MetricStat {
    /// The metric.
    pub metric: MetricId,
    /// How long a period is; a whole number of minutes.
    pub period: Duration,
    /// The statistic as it was asked for.
    pub stat: String,
    /// The same, understood.
    pub statistic: Statistic,
    /// Only datapoints of this unit, if given.
    pub unit: Option<String>,
}

impl Request {
    /// Reads and checks the input.
    pub fn read(input: &Value) -> Result<Self, Fault> {
        let mut problems = Problems::default();
        let queries = read_queries(input, &mut problems)?;
        let (start, end) = read_window(input, &mut problems)?;
        let newest_first = match input.text("ScanBy")? {
            None | Some("TimestampDescending") => true,
            Some("TimestampAscending") => false,
            Some(other) => {
                let rule = "Member must satisfy enum value set: [TimestampDescending, TimestampAscending]";
                return Err(fault::constraint("ValidationError", other, "scanBy", rule));
            }
        };
        let limit = input.int("MaxDatapoints")?.unwrap_or(MAX_DATAPOINTS);
        if !(1..=MAX_DATAPOINTS).contains(&limit) {
            problems.add(&format!("The parameter MaxDatapoints must be between 1 and {MAX_DATAPOINTS}."));
        }
        problems.none()?;
        check_expressions(&queries)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Self { queries, start, end, newest_first, limit, token: input.text("NextToken")?.map(str::to_owned) })
    }
}

/// AWS looks at the hour and the minute alone, and counts periods from the start that was asked for.
fn read_window(input: &Value, problems: &mut Problems) -> Result<(Timestamp, Timestamp), Fault> {
    let (start, end) = (input.time("StartTime")?, input.time("EndTime")?);
    for (name, moment) in [("StartTime", start), ("EndTime", end)] {
        if moment.is_none() {
            problems.required(name);
        }
    }
    let (start, end) = (start.unwrap_or_default(), end.unwrap_or(Timestamp::MAX));
    if start == end {
        problems.add("The parameter StartTime must not equal parameter EndTime.");
    } else if start > end {
        problems.add("The parameter EndTime must be greater than StartTime.");
    }
    Ok((whole_minute(start), whole_minute(end)))
}

fn whole_minute(time: Timestamp) -> Timestamp {
    let into_minute = time.as_millisecond().rem_euclid(60_000);
    time.saturating_sub(SignedDuration::from_millis(into_minute)).unwrap_or(time)
}

fn read_queries(input: &Value, problems: &mut Problems) -> Result<Vec<Query>, Fault> {
    let list = input.list("MetricDataQueries")?;
    if list.is_empty() {
        problems.required("MetricDataQueries");
    }
    if list.len() > MAX_QUERIES {
        let rule = format!("The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}.");
        problems.add(&rule);
    }
    let mut ids = BTreeSet::new();
    let mut queries = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let path = format!("MetricDataQueries.member.{}", index + 1);
        let Some(query) = read_query(item, &path, problems)? else { continue };
        if !ids.insert(query.id.clone()) {
            problems.add(&format!("The value {} for parameter {path}.Id is not unique.", query.id));
        }
        queries.push(query);
    }
    Ok(queries)
}

fn read_query(item: &Value, path: &str, problems: &mut Problems) -> Result<Option<Query>, Fault> {
    let id = item.text("Id")?.unwrap_or_default().to_owned();
    if id.is_empty() {
        problems.required(&format!("{path}.Id"));
    } else if !is_id(&id) {
        let rule = "is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.";
        problems.add(&format!("The value {id} for parameter {path}.Id {rule}"));
    }
    let source = match (item.get("MetricStat"), item.text("Expression")?) {
        (Some(stat), None) => read_metric_stat(stat, &format!("{path}.MetricStat"), problems)?.map(Source::Metric),
        (None, Some(text)) => match Expression::parse(text) {
            Ok(expression) => Some(Source::Math(expression)),
            Err(problem) => return Err(fault::validation(format!("Error in expression '{id}': {problem}"))),
        },
        (Some(_), Some(_)) => {
            problems.add(&format!("The parameters {path}.MetricStat and {path}.Expression exclude each other."));
            None
        }
        (None, None) => {
            problems.required(&format!("{path}.MetricStat"));
            None
        }
    };
    let return_data = item.bool("ReturnData")?.unwrap_or(true);
    let label = item.text("Label")?.map(str::to_owned);
    Ok(source.map(|source| Query { id, label, return_data, source }))
}

fn read_metric_stat(item: &Value, path: &str, problems: &mut Problems) -> Result<Option<MetricStat>, Fault> {
    let metric = item.get("Metric").unwrap_or(&Value::Null);
    let mut needed = |value: Option<&str>, name: &str| {
        if value.is_none() {
            problems.required(&format!("{path}.{name}"));
        }
        value.unwrap_or_default().to_owned()
    };
    let namespace = needed(metric.text("Namespace")?, "Metric.Namespace");
    let name = needed(metric.text("MetricName")?, "Metric.MetricName");
    let stat = needed(item.text("Stat")?, "Stat");
    let dimensions = read_dimensions(metric)?;
    let statistic = Statistic::parse(&stat);
    if statistic.is_none() && !stat.is_empty() {
        problems.add(&format!("The value for parameter {path}.Stat is not a valid statistic."));
    }
    let Some(seconds) = item.int("Period")? else {
        problems.required(&format!("{path}.Period"));
        return Ok(None);
    };
    if !is_period(seconds) {
        problems.add(&format!("The parameter {path}.Period must be 1, 5, 10, 30 or a multiple of 60."));
    }
    // What AWS itself measures has no finer grain than a minute, whatever is asked.
    let period = Duration::from_secs(u64::try_from(seconds).unwrap_or(60).max(60));
    let metric = MetricId { namespace, name, dimensions: dimensions.into_iter().collect() };
    let unit = item.text("Unit")?.map(str::to_owned);
    Ok(statistic.map(|statistic| MetricStat { metric, period, stat, statistic, unit }))
}

/// The dimensions of a metric, or of a filter over metrics.
pub fn read_dimensions(metric: &Value) -> Result<Vec<(String, String)>, Fault> {
    let pair = |item: &Value| {
        let (name, value) = (item.text("Name")?.unwrap_or_default(), item.text("Value")?.unwrap_or_default());
        Ok((name.to_owned(), value.to_owned()))
    };
    metric.list("Dimensions")?.iter().map(pair).collect()
}

fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A day is the longest period that CloudWatch documents for alarms and graphs; GetMetricData allows any multiple.
fn is_period(seconds: i64) -> bool {
    matches!(seconds, 1 | 5 | 10 | 30) || (seconds > 0 && seconds % 60 == 0 && seconds <= 86_400 * 30)
}

/// Expressions may look forward and backward, but only at ids that exist, and not in a circle.
fn check_expressions(queries: &[Query]) -> Result<(), Fault> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<(&Query, Vec<&str>)> = Vec::new();
    for query in queries {
        match &query.source {
            Source::Metric(_) => drop(known.insert(&query.id)),
            Source::Math(expression) => open.push((query, expression.ids())),
        }
    }
    for (query, ids) in &open {
        let missing = ids.iter().find(|id| !queries.iter().any(|other| other.id == **id));
        if let Some(id) = missing {
            return Err(fault::validation(format!("Error in expression '{}': Unknown metric id '{id}'", query.id)));
        }
        if ids.is_empty() && query.return_data {
            let problem = format!("Error in expression '{}': The expression must return a time series", query.id);
            return Err(fault::validation(problem));
        }
    }
    while !open.is_empty() {
        let before = open.len();
        open.retain(|(query, ids)| {
            let is_settled = ids.iter().all(|id| known.contains(id));
            if is_settled {
                known.insert(&query.id);
            }
            !is_settled
        });
        if open.len() == before {
            return Err(fault::validation(format!("Error in expression '{}': Circular reference", open[0].0.id)));
        }
    }
    Ok(())
}

/// The problems found so far; AWS reports them together.
#[derive(Default)]
struct Problems(String);

impl Problems {
    fn add(&mut self, problem: &str) {
        self.0 += problem;
        self.0.push('\n');
    }

    fn required(&mut self, parameter: &str) {
        self.add(&format!("The parameter {parameter} is required."));
    }

    fn none(self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(fault::validation(self.0)) }
    }
}
