//! The judge tested: its formulas against reference values, its verdicts against what is fed to it, its bound by
//! simulation.

mod bad_input;
mod behaviour;
mod bound;
mod vectors;

use super::{
    Judge, Settings,
    counts::{Counts, History, MinuteCounts},
    verdict::Verdict,
};
use crate::release::trace;

/// Calls, errors and slow calls.
type Row = (u64, u64, u64);

fn counts((calls, errors, slow): Row) -> Counts {
    Counts { calls, errors, slow: Some(slow), p90_ms: None }
}

/// An hour of the stable version, the same every minute.
fn an_hour_of(row: Row) -> History {
    std::iter::repeat_n(counts(row), 60).collect()
}

fn minute(number: i64, weight: f64, stable: Row, new: Row) -> MinuteCounts {
    MinuteCounts { at: trace::minute(number), weight, stable: counts(stable), new: counts(new), whole: true }
}

/// A judge that has seen so many equal minutes at a weight, after those before.
struct Course {
    judge: Judge,
    next: i64,
}

impl Course {
    fn after(history: &History) -> Self {
        Self { judge: Judge::new(Settings::default(), history), next: 0 }
    }

    fn then(mut self, minutes: i64, weight: f64, stable: Row, new: Row) -> Self {
        for _ in 0..minutes {
            self.judge.take(&minute(self.next, weight, stable, new)).unwrap();
            self.next += 1;
        }
        self
    }

    fn verdict(&self) -> Verdict {
        self.judge.verdict()
    }
}
