//! When to ask CloudWatch, and what.

use super::{App, event::Reply};
use crate::{clock::Now, release::metrics::Question};

/// When metrics were asked for, and what is on its way.
#[derive(Debug, Default)]
pub struct MetricSchedule {}

impl App {
    pub(super) fn due_metrics(&mut self, _now: Now) -> Vec<Question> {
        Vec::new()
    }

    pub(super) fn are_metrics_read_once(&self) -> bool {
        true
    }

    /// x
    pub fn metrics_trouble(&self) -> Option<(&crate::release::error::CloudError, jiff::Timestamp)> {
        None
    }

    pub(super) fn answer_metrics(&mut self, _reply: Reply, _now: Now) {}
}
