//! What happened, as lines a person can read.

use jiff::Timestamp;

/// How many lines are kept.
const KEPT: usize = 500;

/// What happened, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    entries: Vec<Happening>,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// When, UTC.
    pub at: Timestamp,
    /// Who or what: a role's name, `CloudWatch`, `flightdeck`.
    pub who: String,
    /// What.
    pub what: String,
    /// How it should look.
    pub tone: Tone,
}

/// Whether a happening is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    Plain,
    /// Good.
    Good,
    /// Worth a look.
    Warning,
    /// Bad.
    Bad,
}

impl Timeline {
    /// Adds a line.
    pub fn add(&mut self, at: Timestamp, who: impl Into<String>, what: impl Into<String>, tone: Tone) {
        if self.entries.len() == KEPT {
            self.entries.remove(0);
        }
        self.entries.push(Happening { at, who: who.into(), what: what.into(), tone });
    }

    /// All lines, oldest first.
    pub fn entries(&self) -> &[Happening] {
        &self.entries
    }
}
