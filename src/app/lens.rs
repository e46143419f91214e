//! The functions seen through their metrics: which minutes are closed, and what the charts and tables read.

use std::time::Duration;

use jiff::Timestamp;

use super::{App, deck::Function};
use crate::release::{
    memory::ShiftMark,
    metrics::{lens::Lens, minute},
    names::Version,
};

impl App {
    /// A function seen through the metrics that have been read.
    pub fn lens<'a>(&'a self, function: &'a Function, now: Timestamp) -> Lens<'a> {
        Lens {
            store: &self.metrics,
            target: &function.target,
            stable: function.live(),
            new: function.in_traffic(),
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

    /// The function's time limit; zero while its versions have not been read, which counts as the shortest.
    fn timeout(&self) -> Duration {
        let timeout = |version| self.version_info(version).map(|info| info.timeout);
        let sides = [self.live(), self.in_traffic()];
        sides.into_iter().flatten().filter_map(timeout).max().unwrap_or_default()
    }
}
