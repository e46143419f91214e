//! The checklist in the journal: what is ticked off, when and by whom, whoever or whatever ticks it.

use super::{App, Journaling, Now};
use crate::release::{
    checklist::{Item, ItemState, Phase},
    record::Kind,
};

impl App {
    /// Writes down which items stand otherwise than before. Before a release begins they wait for it.
    pub(super) fn note_items(&mut self, now: Now) {
        let changed: Vec<Item> =
            self.checks.checklist.items().iter().filter(|item| self.is_news(item)).cloned().collect();
        for Item { settings, state } in changed {
            let (who, what, at) = match &state {
                ItemState::Ticked { by, at } => (by.clone(), "ticked", *at),
                ItemState::Failing { at } => (None, "does not hold", *at),
                ItemState::Open => (None, "open again", now.world),
            };
            let kind = Kind::Tick {
                item: settings.name.clone(),
                phase: in_words(settings.phase).to_owned(),
                done: matches!(state, ItemState::Ticked { .. }),
                required: settings.required,
            };
            let who = who.unwrap_or_else(|| "flightdeck".to_owned());
            self.note_at(at, kind, who, None, format!("{what}: {}", settings.name), now);
            self.journaling.items.insert(settings.name, state);
        }
    }

    /// Whether an item has become ticked, has failed, or has lost the tick of a person. One that a gate ticks is open
    /// again for a while after every shift: that is no news.
    fn is_news(&self, item: &Item) -> bool {
        let known = self.journaling.items.get(&item.settings.name);
        match (&item.state, known) {
            (ItemState::Open, Some(ItemState::Ticked { by: Some(_), .. })) => true,
            (ItemState::Open, _)
            | (ItemState::Ticked { .. }, Some(ItemState::Ticked { .. }))
            | (ItemState::Failing { .. }, Some(ItemState::Failing { .. })) => false,
            (ItemState::Ticked { .. } | ItemState::Failing { .. }, _) => true,
        }
    }
}

impl Journaling {
    /// The journal has it already that an item stands like this.
    pub(in crate::app) fn knows_item(&mut self, item: String, state: ItemState) {
        self.items.insert(item, state);
    }
}

fn in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Before => "before",
        Phase::During => "during",
        Phase::After => "after",
    }
}
