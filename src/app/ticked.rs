//! What people ticked off before this program started: after a restart in the middle of a release the journal tells it,
//! once. What gates and commands tick comes back by itself, with their next word.

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    runbook::StepState,
};
use crate::release::{
    checklist::Ticks,
    names::ReleaseId,
    story::{self, Step, Story},
};

/// The release that is picked up is one of the newest.
const LOOKED_THROUGH: u32 = 10;

impl App {
    /// A release of ours is picked up, or one is taken over: asks the journal what was ticked off in it, if there is anything to tick.
    pub(super) fn recall_ticks(&mut self) -> Option<Effect> {
        let environment = &self.deck.environment;
        let is_by_hand = environment.checklist.iter().any(|item| item.ticks == Ticks::Person);
        if !is_by_hand && environment.runbook.is_empty() {
            return None;
        }
        let read = Read::History(environment.name.clone(), LOOKED_THROUGH);
        let release = self.deck.in_release().next().map(|(_, entry)| entry.id.clone())?;
        Some(Effect::Read(self.ticket(Errand::Ticks(release)), read))
    }

    /// The journal's answer. A journal that cannot be read leaves everything open: to tick twice does no harm.
    pub(super) fn answer_ticks(&mut self, release: &ReleaseId, reply: Reply) {
        let Reply::History(Ok(past)) = reply else { return };
        let Some(past) = past.iter().find(|past| past.began.id == *release) else { return };
        let Story { checklist, runbook, .. } = story::tell(past);
        for item in checklist.into_iter().filter(|item| item.done) {
            if let Some(state) = self.checks.checklist.restore(&item.item, item.who, item.at) {
                self.journaling.knows_item(item.item, state);
                self.checks.changes += 1;
            }
        }
        for step in runbook.into_iter().filter(Step::is_well) {
            self.runbook.restore(step.title, StepState::Done { at: step.at, by: step.who });
        }
    }
}
