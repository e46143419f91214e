//! The functions seen through their metrics: which minutes are closed, and what the charts and tables read.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{App, deck::Function};
use crate::{
    config::ExtraMetric,
    release::{
        memory::ShiftMark,
        metrics::{
            Series,
            ask::{Audience, Wanted, Watched, cost_per_hour},
            lens::Lens,
            minute,
        },
        names::Version,
    },
};

/// How long after a rollback the versions are still asked for apart: until its last minutes have settled.
const AFTERMATH: SignedDuration = SignedDuration::from_mins(20);

impl App {
    /// A function seen through the metrics that have been read.
    pub fn lens<'a>(&'a self, function: &'a Function, now: Timestamp) -> Lens<'a> {
        Lens {
            store: &self.metrics,
            target: &function.target,
            stable: function.live(),
            new: function.in_traffic(),
            percent: function.percent(),
            shifts: function.shifts(),
            rolled_back: function.memory.rolled_back.as_ref(),
            closed_until: self.closed_until(function, now),
        }
    }

    /// The end of the function's last closed minute, UTC. It does not run ahead of what has been read: while CloudWatch
    /// cannot be reached, the last numbers stay.
    pub fn closed_until(&self, function: &Function, now: Timestamp) -> Timestamp {
        let read = self.metrics.as_of().map_or(now, |as_of| as_of.min(now));
        minute::closed_until(read, function.timeout(), self.release.settle)
    }

    /// All metrics that somebody wants to see now. A status shows no extra metrics.
    pub fn wanted(&self, audience: Audience, now: Timestamp) -> Wanted {
        let extras = match &audience {
            Audience::Cockpit { .. } => self.deck.environment.metrics.iter().map(extra_series).collect(),
            Audience::Status => Vec::new(),
        };
        Wanted {
            functions: self.deck.functions.iter().map(|function| function.watched(now)).collect(),
            audience,
            extras,
            settle: self.release.settle,
        }
    }

    /// What an hour of asking for these costs, in US dollars.
    pub fn watch_cost_per_hour(&self, audience: Audience, now: Timestamp) -> f64 {
        cost_per_hour(self.wanted(audience, now).metrics_per_minute())
    }
}

/// The series behind a metric of the configuration; the store has its points by the minute.
pub fn extra_series(extra: &ExtraMetric) -> Series {
    Series {
        namespace: extra.namespace.clone(),
        metric: extra.metric.clone(),
        dimensions: extra.dimensions.clone(),
        statistic: extra.stat.clone(),
    }
}

impl Function {
    /// The stable version; before the alias was first read, the recorded one.
    fn live(&self) -> Option<Version> {
        self.stable().or_else(|| self.entry().map(|entry| entry.stable))
    }

    /// The version in traffic beside the stable one: not one that waits.
    pub fn in_traffic(&self) -> Option<Version> {
        self.split().map(|split| split.new).or_else(|| self.entry().map(|entry| entry.new))
    }

    /// The shifts of the release under way, oldest first.
    pub fn shifts(&self) -> &[ShiftMark] {
        self.entry().map_or(&[], |entry| &entry.shifts)
    }

    /// What its metrics questions depend on.
    fn watched(&self, now: Timestamp) -> Watched {
        let split = self.live().zip(self.in_traffic());
        let ended = self.memory.rolled_back.as_ref().filter(|back| now.duration_since(back.at) < AFTERMATH);
        let apart = split.or_else(|| ended.map(|back| (back.entry.stable, back.entry.new)));
        Watched { target: self.target.clone(), apart, timeout: self.timeout() }
    }

    /// The function's time limit; zero while its versions have not been read, which counts as the shortest.
    fn timeout(&self) -> Duration {
        let timeout = |version| self.version_info(version).map(|info| info.timeout);
        let sides = [self.live(), self.in_traffic()];
        sides.into_iter().flatten().filter_map(timeout).max().unwrap_or_default()
    }
}
