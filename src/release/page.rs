//! What goes into the journal in one go: lines, intents before their writes leave, outcomes after. It knows neither
//! the file nor the numbers that intents get there.

use super::record::{Intent, IntentId, Line, Outcome, Site};

/// A write as this run of the program calls it, until its journal has given it a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deed(pub u64);

/// Entries of one site, in the order in which they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Account and environment.
    pub site: Site,
    /// What is written.
    pub entries: Vec<Entry>,
}

/// What is written together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Lines about a release.
    Lines(Vec<Line>),
    /// Writes that are about to leave.
    Intend(Vec<(Deed, Intent)>),
    /// What came of one of them.
    Settle(Deed, Outcome),
    /// What came of a write of an earlier run, as far as the alias tells.
    Infer(IntentId, Outcome),
}
