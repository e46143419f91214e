//! Parts of the release under way that somebody took back since: the rest does not go on as if they were still in it.

use super::{App, deck::Function};
use crate::release::memory::Entry;

impl App {
    /// The functions of the release under way that had been moved, and whose new version gets nothing any more.
    pub fn gone_back(&self) -> impl Iterator<Item = &Function> {
        self.deck.functions.iter().filter(|function| function.entry().is_none() && self.was_moved_in_release(function))
    }

    /// What a plan for the rest of the release has to say of those, if there are any.
    pub fn gone_back_in_words(&self) -> Option<String> {
        let place = |function: &Function| {
            let routing = function.alias.value().map(|alias| alias.routing)?;
            Some(format!("{} at {routing}", function.target))
        };
        let places: Vec<String> = self.gone_back().filter_map(place).collect();
        let (_, entry) = self.deck.in_release().next().filter(|_| !places.is_empty())?;
        Some(format!("part of release {} was rolled back ({})", entry.id, places.join(", ")))
    }

    /// Whether it was shifted in the release that others of its group are still in, as far as this machine knows.
    fn was_moved_in_release(&self, function: &Function) -> bool {
        let memory = &function.memory;
        let under_way = memory.release.as_ref();
        let taken_back = memory.rolled_back.as_ref().map(|undone| &undone.entry);
        let is_in_it = |entry: &Entry| self.deck.in_release().any(|(_, other)| other.id == entry.id);
        under_way.or(taken_back).is_some_and(|entry| !entry.shifts.is_empty() && is_in_it(entry))
    }
}
