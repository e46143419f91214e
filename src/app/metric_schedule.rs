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

    pub(super) fn answer_metrics(&mut self, _reply: Reply, _now: Now) {}
}
