//! The history screen: past releases as the journal tells them, and one of them in full. It is read when somebody
//! asks for it; nothing here is about the release under way.

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    view::{HistoryDialog, Overlay},
};
use crate::release::{record::Past, story::lines};

/// So many releases are listed.
const LISTED: u32 = 50;
/// Lines of a story beside its timeline, at most.
const HEAD: usize = 40;

impl App {
    /// `H`: the releases of this environment. What waits to be written is written first.
    pub(super) fn show_history(&mut self) -> Vec<Effect> {
        self.view.overlay = Some(Overlay::History(HistoryDialog::default()));
        let mut effects: Vec<Effect> = self.write_journal().into_iter().collect();
        let ticket = self.ticket(Errand::History);
        effects.push(Effect::Read(ticket, Read::History(self.deck.environment.name.clone(), LISTED)));
        effects
    }

    /// The journal's answer. Nobody may look any more; then it waits for the next look.
    pub(super) fn answer_history(&mut self, reply: Reply) {
        if let Reply::History(past) = reply {
            self.past = Some(past);
        }
    }

    /// The releases that have been read, newest first.
    pub fn past_releases(&self) -> &[Past] {
        self.past.as_ref().and_then(|past| past.as_ref().ok()).map(Vec::as_slice).unwrap_or_default()
    }

    /// How far the cursor of the history screen may go: a row a release, or the lines of the one that is open.
    pub(super) fn history_rows(&self) -> usize {
        match &self.view.overlay {
            Some(Overlay::History(HistoryDialog { row, scroll: Some(_) })) => {
                self.past_releases().get(*row).map_or(0, |past| lines::lines(past).len() + HEAD)
            }
            _ => self.past_releases().len(),
        }
    }
}
