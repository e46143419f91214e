//! What a pipeline hears of a rollback while it goes on, and when it has been tried for long enough. It prints nothing
//! itself: a program that is killed has told by then what is back.

use std::{collections::BTreeSet, time::Duration};

use crate::release::{
    names::Target,
    operation::{Operation, Row, Step},
};

/// What is over sooner is told at the end alone.
const SOON: Duration = Duration::from_secs(1);
/// So long after its beginning a rollback says that it is still trying, and again each time…
const FIRST_WORD: Duration = Duration::from_secs(5);
const EACH_WORD: Duration = Duration::from_secs(15);
/// …and so long, wall time, it tries: a pipeline must come to an end, and whoever reads it can run it again.
const PATIENCE: Duration = Duration::from_mins(5);

/// What has been said so far.
#[derive(Debug, Default)]
pub struct Progress {
    told: BTreeSet<Target>,
    words: u32,
}

impl Progress {
    /// What there is to say at this wall time of a rollback that goes on: each row once, as soon as it is back, and from
    /// time to time what is still being tried.
    pub fn news(&mut self, operation: &Operation, now: Duration) -> Vec<String> {
        let lasted = now.saturating_sub(operation.started);
        if lasted < SOON {
            return Vec::new();
        }
        let is_back = |row: &&Row| row.step.is_good() && !row.waits;
        let mut news = Vec::new();
        for row in operation.rows.iter().filter(is_back) {
            if self.told.insert(row.target.clone()) {
                let version = row.to.primary;
                news.push(format!("{} is back at {version}", row.target));
            }
        }
        if lasted >= FIRST_WORD + EACH_WORD * self.words {
            news.push(still_trying(operation, now));
            self.words = self.words.saturating_add(1);
        }
        news
    }
}

/// Where a rollback stands that has not come to its end.
pub fn still_trying(operation: &Operation, now: Duration) -> String {
    let (back, open): (Vec<&Row>, Vec<&Row>) = operation.rows.iter().partition(|row| row.step.is_good());
    let waiting = open.iter().map(|row| match row.step {
        Step::Waiting { because, .. } => format!("{} ({because})", row.target),
        _ => row.target.to_string(),
    });
    let waiting = waiting.collect::<Vec<_>>().join(", ");
    let seconds = now.saturating_sub(operation.started).as_secs();
    let (back, all) = (back.len(), operation.rows.len());
    format!("after {seconds} s {back} of {all} are back; still trying: {waiting}")
}

/// Whether it has been tried for so long that what would be tried again is not.
pub fn is_tried_enough(operation: &Operation, now: Duration) -> bool {
    let is_waiting = |row: &Row| matches!(row.step, Step::Waiting { .. });
    now >= operation.started + PATIENCE && operation.rows.iter().any(is_waiting)
}
