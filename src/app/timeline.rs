//! What happened, as lines a person can read.

use jiff::Timestamp;

pub use crate::release::story::lines::{Line, Tone};

/// How many lines are kept.
const KEPT: usize = 500;

/// What happened, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    entries: Vec<Line>,
}

impl Timeline {
    /// Adds a line.
    pub fn add(&mut self, at: Timestamp, who: impl Into<String>, what: impl Into<String>, tone: Tone) {
        if self.entries.len() == KEPT {
            self.entries.remove(0);
        }
        self.entries.push(Line { at, who: who.into(), what: what.into(), tone });
    }

    /// All lines, oldest first.
    pub fn entries(&self) -> &[Line] {
        &self.entries
    }
}
