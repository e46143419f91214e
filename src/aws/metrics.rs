//! Metrics, as few requests as can be: many series in one `GetMetricData`, their points merged and in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

use aws_sdk_cloudwatch::types;
use jiff::Timestamp;

use super::{
    Cloud, clean,
    endpoints::Service,
    paging::Pages,
    time::{date_time, timestamp},
};
use crate::release::{
    error::CloudError,
    metrics::{Answer, Question, Series, SeriesAnswer},
};

const OPERATION: &str = "GetMetricData";
/// AWS takes so many queries in a call.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
const MOST_QUERIES: usize = 500;

impl Cloud {
    /// Asks for every series of a question; several calls where one does not hold them all. A series of another region
    /// that gives no answer is a doubt of that series alone.
    pub async fn metric_data(&self, question: &Question) -> Result<Answer, CloudError> {
        let mut by_region: BTreeMap<Option<&str>, Vec<Series>> = BTreeMap::new();
        for series in &question.series {
            by_region.entry(self.region_of(series)).or_default().push(series.clone());
        }
        let mut answers: BTreeMap<Option<&str>, std::vec::IntoIter<SeriesAnswer>> = BTreeMap::new();
        for (region, series) in by_region {
            answers.insert(region, self.metric_region(question, region, &series).await?.into_iter());
        }
        let in_order = |series| answers.get_mut(&self.region_of(series)).and_then(Iterator::next);
        Ok(Answer { series: question.series.iter().filter_map(in_order).collect() })
    }

    /// The names of the metrics in a namespace that had data lately, each once, in alphabetical order. `None` is the
    /// environment's own region.
    pub async fn metric_names(&self, namespace: &str, region: Option<&str>) -> Result<Vec<String>, CloudError> {
        const OPERATION: &str = "ListMetrics";
        let there = self.in_region(region);
        let mut names = BTreeSet::new();
        let mut pages = Pages::new();
        loop {
            let request = there.0.cloudwatch.list_metrics().namespace(namespace).set_next_token(pages.token());
            let reply = there.check(OPERATION, Service::CloudWatch, request.send().await)?;
            names.extend(reply.metrics().iter().filter_map(types::Metric::metric_name).map(clean));
            if !self.turn_page(&mut pages, OPERATION, Service::CloudWatch, reply.next_token)? {
                return Ok(names.into_iter().collect());
            }
        }
    }

    /// How many metrics were asked for since the start: AWS takes $0.01 for 1,000 of them.
    pub fn metrics_asked(&self) -> u64 {
        self.0.metrics_asked.load(Ordering::Relaxed)
    }

    /// The other region that a series is measured in.
    fn region_of<'a>(&self, series: &'a Series) -> Option<&'a str> {
        series.region.as_deref().filter(|region| self.is_abroad(region))
    }

    async fn metric_region(
        &self,
        question: &Question,
        region: Option<&str>,
        series: &[Series],
    ) -> Result<Vec<SeriesAnswer>, CloudError> {
        let mut answers = Vec::with_capacity(series.len());
        for part in series.chunks(MOST_QUERIES) {
            match (self.metric_part(question, region, part).await, region) {
                (Ok(part), _) => answers.extend(part),
                (Err(error), None) => return Err(error),
                (Err(error), Some(_)) => answers.extend(part.iter().map(|series| SeriesAnswer {
                    series: series.clone(),
                    points: Vec::new(),
                    doubt: Some(error.message.clone()),
                })),
            }
        }
        Ok(answers)
    }

    async fn metric_part(
        &self,
        question: &Question,
        region: Option<&str>,
        part: &[Series],
    ) -> Result<Vec<SeriesAnswer>, CloudError> {
        let there = self.in_region(region);
        let period = i32::try_from(question.period.as_secs()).unwrap_or(60);
        let queries: Vec<_> = part.iter().enumerate().map(|(index, series)| query(index, series, period)).collect();
        let mut found: Vec<Found> = part.iter().map(|_| Found::default()).collect();
        let mut pages = Pages::new();
        loop {
            self.0.metrics_asked.fetch_add(part.len() as u64, Ordering::Relaxed);
            let request = there.0.cloudwatch.get_metric_data().set_metric_data_queries(Some(queries.clone()));
            let request = request.start_time(date_time(question.from)).end_time(date_time(question.to));
            let request = request.scan_by(types::ScanBy::TimestampAscending).set_next_token(pages.token());
            let reply = there.check(OPERATION, Service::CloudWatch, request.send().await)?;
            for result in reply.metric_data_results() {
                if let Some(found) = result.id().and_then(index_of).and_then(|index| found.get_mut(index)) {
                    found.add(result);
                }
            }
            if !self.turn_page(&mut pages, OPERATION, Service::CloudWatch, reply.next_token)? {
                break;
            }
        }
        Ok(part.iter().zip(found).map(|(series, found)| found.answer(series.clone())).collect())
    }
}

/// One query. Its id is its place in the call: AWS wants ids that begin with a small letter.
fn query(index: usize, series: &Series, period: i32) -> types::MetricDataQuery {
    let dimension = |(name, value): (&String, &String)| types::Dimension::builder().name(name).value(value).build();
    let metric = types::Metric::builder()
        .namespace(&series.namespace)
        .metric_name(&series.metric)
        .set_dimensions(Some(series.dimensions.iter().map(dimension).collect()))
        .build();
    let stat = types::MetricStat::builder().metric(metric).period(period).stat(&series.statistic).build();
    types::MetricDataQuery::builder().id(format!("m{index}")).metric_stat(stat).return_data(true).build()
}

fn index_of(id: &str) -> Option<usize> {
    id.strip_prefix('m')?.parse().ok()
}

/// What was found of one series, over all pages.
#[derive(Debug, Default)]
struct Found {
    points: BTreeMap<Timestamp, f64>,
    /// The last status: `PartialData` is also what stands on every page but the last.
    status: Option<types::StatusCode>,
    remark: Option<String>,
}

impl Found {
    fn add(&mut self, result: &types::MetricDataResult) {
        let times = result.timestamps().iter().filter_map(timestamp);
        self.points.extend(times.zip(result.values().iter().copied()));
        self.status = result.status_code().cloned();
        self.remark = result.messages().iter().find_map(types::MessageData::value).map(clean);
    }

    fn answer(self, series: Series) -> SeriesAnswer {
        let doubt = match self.status {
            Some(types::StatusCode::Complete) => None,
            Some(status) => Some(match self.remark {
                Some(remark) => format!("{}: {remark}", clean(status.as_str())),
                None => clean(status.as_str()),
            }),
            None => Some("not answered".to_owned()),
        };
        SeriesAnswer { series, points: self.points.into_iter().collect(), doubt }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_smithy_types::DateTime;

    use super::*;

    fn result(status: &str, points: &[(i64, f64)]) -> types::MetricDataResult {
        types::MetricDataResult::builder()
            .id("m0")
            .status_code(status.into())
            .set_timestamps(Some(points.iter().map(|(at, _)| DateTime::from_secs(*at)).collect()))
            .set_values(Some(points.iter().map(|(_, value)| *value).collect()))
            .build()
    }

    fn answer(pages: &[types::MetricDataResult]) -> SeriesAnswer {
        let mut found = Found::default();
        for page in pages {
            found.add(page);
        }
        let series = Series {
            namespace: "AWS/Lambda".into(),
            metric: "Errors".into(),
            dimensions: BTreeMap::new(),
            statistic: "Sum".into(),
            region: None,
        };
        found.answer(series)
    }

    #[test]
    fn pages_are_merged_oldest_first_and_the_last_status_counts() {
        let answer = answer(&[result("PartialData", &[(180, 3.0), (120, 2.0)]), result("Complete", &[(60, 1.0)])]);
        let seconds: Vec<_> = answer.points.iter().map(|(at, value)| (at.as_second(), *value)).collect();
        assert_eq!(seconds, [(60, 1.0), (120, 2.0), (180, 3.0)]);
        assert_eq!(answer.doubt, None);
    }

    #[test]
    fn anything_but_complete_is_a_doubt() {
        assert_eq!(answer(&[result("InternalError", &[])]).doubt.as_deref(), Some("InternalError"));
        assert_eq!(answer(&[]).doubt.as_deref(), Some("not answered"));
        assert_eq!(answer(&[result("Complete", &[])]).doubt, None);
    }
}
