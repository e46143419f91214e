//! GetMetricData: statistics and metric math over the world's samples, in pages.
//!
//! Periods are counted from StartTime, rounded down to the minute, as AWS counts them
//! (<https://github.com/boto/boto3/issues/3457>): a window of one period gives one datapoint wherever it starts.
//! The last period is whole even if it reaches beyond EndTime, as far as there is data.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use self::math::{Outcome, Series};
use self::request::{MetricStat, Request, Source};
use super::fault;
use super::paging;
use super::value::{Members, Value};
use crate::sim::world::{Fault, MetricId, World};

mod math;
mod request;
mod statistic;
#[cfg(test)]
mod tests;

pub(super) use request::read_dimensions;

/// A series that a GetMetricData call asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedSeries {
    /// The metric.
    pub metric: MetricId,
    /// The statistic, as it was asked for.
    pub stat: String,
    /// The length of a period.
    pub period: Duration,
    /// The first moment asked for, UTC.
    pub start: Timestamp,
    /// The moment before which the window ends, UTC.
    pub end: Timestamp,
}

/// The series that an input asks for; none if the input is refused.
pub fn series_of(input: &Value) -> Vec<AskedSeries> {
    let Ok(Request { queries, start, end, .. }) = Request::read(input) else { return Vec::new() };
    let asked = |source| match source {
        Source::Metric(MetricStat { metric, period, stat, .. }) => {
            Some(AskedSeries { metric, stat, period, start, end })
        }
        Source::Math(_) => None,
    };
    queries.into_iter().filter_map(|query| asked(query.source)).collect()
}

/// GetMetricData.
pub(super) fn get_metric_data(world: &World, input: &Value) -> Result<Value, Fault> {
    let request = Request::read(input)?;
    let token = request.token.as_deref();
    let Some(first) = paging::start("datapoints", token) else {
        return Err(fault::invalid_next_token());
    };
    let answers = answers(world, &request);
    Ok(page(&answers, &request, first))
}

/// One series of the answer, in the order asked for.
struct Answer<'a> {
    id: &'a str,
    label: &'a str,
    points: Vec<(Timestamp, f64)>,
}

/// Every series that is to be returned, whole.
fn answers<'a>(world: &World, request: &'a Request) -> Vec<Answer<'a>> {
    let series = all_series(world, request);
    let returned = request.queries.iter().filter(|query| query.return_data);
    let answer = |query: &'a request::Query| {
        let points = series.get(query.id.as_str()).into_iter().flatten().map(|(at, value)| (*at, *value));
        let points = if request.newest_first { points.rev().collect() } else { points.collect() };
        let default_label = match &query.source {
            Source::Metric(stat) => stat.metric.name.as_str(),
            Source::Math(_) => query.id.as_str(),
        };
        Answer { id: &query.id, label: query.label.as_deref().unwrap_or(default_label), points }
    };
    returned.map(answer).collect()
}

/// The series of every query, by id. The request was checked: each expression's ids exist and go in no circle.
fn all_series<'a>(world: &World, request: &'a Request) -> HashMap<&'a str, Series> {
    let mut series: HashMap<&str, Series> = HashMap::new();
    let mut open = Vec::new();
    for query in &request.queries {
        match &query.source {
            Source::Metric(stat) => drop(series.insert(&query.id, observe(world, stat, request))),
            Source::Math(expression) => open.push((query.id.as_str(), expression)),
        }
    }
    while !open.is_empty() {
        let before = open.len();
        open.retain(|(id, expression)| {
            if !expression.ids().iter().all(|id| series.contains_key(id)) {
                return true;
            }
            if let Outcome::Series(outcome) = expression.evaluate(&|id| series.get(id)) {
                series.insert(id, outcome);
            }
            false
        });
        if open.len() == before {
            break;
        }
    }
    series
}

fn observe(world: &World, asked: &MetricStat, request: &Request) -> Series {
    // CloudWatch returns nothing for a unit in which a metric was never recorded.
    if asked.unit.as_deref().is_some_and(|unit| unit != world.unit(&asked.metric)) {
        return Series::new();
    }
    let end = end_of_last_period(request, asked.period);
    let observed = world.observe(&asked.metric, request.start, end, asked.period);
    observed.into_iter().filter_map(|(at, seen)| Some((at, asked.statistic.of(&seen)?))).collect()
}

fn end_of_last_period(request: &Request, period: Duration) -> Timestamp {
    let window = request.end.duration_since(request.start).as_secs();
    let period = i64::try_from(period.as_secs()).unwrap_or(i64::MAX).max(1);
    let periods = (window + period - 1) / period;
    let seconds = jiff::SignedDuration::from_secs(periods.saturating_mul(period));
    request.start.saturating_add(seconds).unwrap_or(request.end)
}

/// The datapoints from `first` on, counted through all series, as many as the request allows.
fn page(answers: &[Answer<'_>], request: &Request, first: usize) -> Value {
    let last = first.saturating_add(request.limit);
    let mut results = Vec::new();
    let mut passed = 0;
    for answer in answers {
        let (start, end) = (passed, passed + answer.points.len());
        passed = end;
        let is_here = if start == end { (first..last).contains(&start) } else { start < last && end > first };
        if is_here {
            let points = &answer.points[first.clamp(start, end) - start..last.clamp(start, end) - start];
            results.push(result(answer, points, end <= last));
        }
    }
    let next = (last < passed).then(|| paging::token("datapoints", last));
    let members = Members::new().with("MetricDataResults", results).with("Messages", Value::List(Vec::new()));
    members.with_some("NextToken", next).into()
}

fn result(answer: &Answer<'_>, points: &[(Timestamp, f64)], is_complete: bool) -> Members {
    Members::new()
        .with("Id", answer.id)
        .with("Label", answer.label)
        .with("Timestamps", points.iter().map(|(at, _)| *at).collect::<Value>())
        .with("Values", points.iter().map(|(_, value)| *value).collect::<Value>())
        .with("StatusCode", if is_complete { "Complete" } else { "PartialData" })
}
