//! What was asked of an embedded AWS: a bounded log, so that tests and drills can look at the requests of a client.

use std::collections::VecDeque;

use super::wire::{self, AskedSeries, Call, Operation, Value};
use crate::clock::Now;

/// So many requests are remembered at most.
const MAX_REQUESTS: usize = 4_000;

/// So many series are remembered at most, over all requests: they are what takes memory.
const MAX_SERIES: usize = 5_000;

/// A request that arrived and was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Counts all requests from 1.
    pub number: u64,
    /// What was asked for.
    pub operation: Operation,
    /// The function, alarm or account that the request names, as the request writes it.
    pub subject: Option<String>,
    /// The series that a GetMetricData asks for.
    pub series: Vec<AskedSeries>,
    /// When it arrived; the wall time counts from the making of this world's clock.
    pub at: Now,
}

/// The newest requests; the oldest are forgotten first.
#[derive(Debug, Default)]
pub(super) struct SeenLog {
    seen: VecDeque<Seen>,
    series: usize,
}

impl Seen {
    pub(super) fn new(number: u64, call: &Call, at: Now) -> Self {
        let named = ["FunctionName", "Resource", "AlarmName", "AccountId"];
        let subject = named.into_iter().find_map(|name| match call.input.get(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        });
        let series = match call.operation {
            Operation::GetMetricData => wire::series_of(&call.input),
            _ => Vec::new(),
        };
        Self { number, operation: call.operation, subject, series, at }
    }
}

impl SeenLog {
    pub(super) fn add(&mut self, seen: Seen) {
        self.series += seen.series.len();
        self.seen.push_back(seen);
        while self.seen.len() > MAX_REQUESTS || (self.series > MAX_SERIES && self.seen.len() > 1) {
            self.series -= self.seen.pop_front().map_or(0, |oldest| oldest.series.len());
        }
    }

    /// Oldest first.
    pub(super) fn all(&self) -> Vec<Seen> {
        self.seen.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::sim::world::MetricId;

    fn seen(number: u64, series: usize) -> Seen {
        let asked = AskedSeries {
            metric: MetricId::new("AWS/Lambda", "Errors", &[]),
            stat: "Sum".to_owned(),
            period: Duration::from_mins(1),
            start: Timestamp::UNIX_EPOCH,
            end: Timestamp::UNIX_EPOCH,
        };
        let at = Now { world: Timestamp::UNIX_EPOCH, wall: Duration::ZERO };
        Seen { number, operation: Operation::GetMetricData, subject: None, series: vec![asked; series], at }
    }

    fn numbers(log: &SeenLog) -> (u64, u64) {
        let all = log.all();
        (all[0].number, all[all.len() - 1].number)
    }

    #[test]
    fn the_oldest_requests_are_forgotten() {
        let mut log = SeenLog::default();
        (1..=4_010).for_each(|number| log.add(seen(number, 1)));
        assert_eq!(numbers(&log), (11, 4_010));
    }

    #[test]
    fn many_series_push_old_requests_out_sooner() {
        let mut log = SeenLog::default();
        (1..=20).for_each(|number| log.add(seen(number, 500)));
        assert_eq!(numbers(&log), (11, 20));
        log.add(seen(21, 6_000));
        assert_eq!(numbers(&log), (21, 21));
    }
}
