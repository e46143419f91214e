//! What a stage key means, also while not everything has been read: what was never looked at is read with the plan, by
//! the question that is on its way already if there is one, and drops out where nothing newer turns out to be there.

use std::collections::BTreeSet;

use super::{
    App,
    deck::Function,
    event::Effect,
    planning::{Gathering, cannot_be_read},
};
use crate::{
    clock::Now,
    release::{names::Target, plan::Purpose},
};

impl App {
    /// A stage key: the plan for that stage. What was never read is read with it, for it may have a newer version, too.
    pub(super) fn propose_stage(&mut self, percent: f64, now: Now) -> Vec<Effect> {
        let (known, unread) = (self.to_be_shifted(), self.unread_candidates());
        let is_meant = |target: &&Target| known.contains(target) || unread.contains(*target);
        let targets = self.deck.functions.iter().map(|function| &function.target).filter(is_meant).cloned().collect();
        self.gather(Purpose::Shift { percent }, targets, unread, None, now)
    }

    /// The functions that a stage key moves: the marked ones, else those in the release, else all with a candidate.
    pub fn to_be_shifted(&self) -> Vec<Target> {
        if !self.view.marked.is_empty() {
            return self.view.marked.iter().cloned().collect();
        }
        let in_release: Vec<Target> = self.deck.of_release().map(|(function, _)| function.target.clone()).collect();
        if !in_release.is_empty() {
            return in_release;
        }
        let has_candidate = self.deck.functions.iter().filter(|function| function.candidate().is_ok());
        has_candidate.map(|function| function.target.clone()).collect()
    }

    /// What may have a newer version and was never read, where a stage key means all that have one.
    fn unread_candidates(&self) -> BTreeSet<Target> {
        if !self.view.marked.is_empty() || self.deck.of_release().next().is_some() {
            return BTreeSet::new();
        }
        let is_open = |function: &&Function| {
            !function.versions.is_answered() && function.alias.trouble().is_none() && function.picked.is_none()
        };
        self.deck.functions.iter().filter(is_open).map(|function| function.target.clone()).collect()
    }

    /// The plan waits for a scheduled question rather than ask a second time: what reads at a pace reads everything once.
    pub(super) fn wait_for_scheduled(&mut self, target: &Target) {
        if let Some(gathering) = &mut self.gathering {
            *gathering.waiting.entry(target.clone()).or_default() += 1;
            gathering.scheduled.insert(target.clone());
        }
    }

    /// Looks whether scheduled questions that a plan waits for have come to their end, well or badly.
    pub(super) fn hear_scheduled(&mut self, now: Now) -> Vec<Effect> {
        let is_over = |target: &&Target| self.deck.function(target).is_none_or(|f| !f.versions.is_asked());
        let scheduled = self.gathering.iter().flat_map(|gathering| &gathering.scheduled);
        let over: Vec<Target> = scheduled.filter(is_over).cloned().collect();
        let mut effects = Vec::new();
        for target in over {
            if let Some(gathering) = &mut self.gathering {
                gathering.scheduled.remove(&target);
            }
            let versions = self.deck.function(&target).map(|function| &function.versions);
            let trouble =
                versions.filter(|versions| versions.value().is_none()).and_then(|versions| versions.trouble());
            let error = trouble.map(|(why, _)| cannot_be_read(why));
            effects.extend(self.heard_for_plan(&target, error, false, now));
        }
        effects
    }

    /// What a plan reads right now, so that nothing else asks for it.
    pub(super) fn is_read_for_plan(&self, target: &Target) -> bool {
        self.gathering.as_ref().is_some_and(|gathering| gathering.waiting.contains_key(target))
    }

    /// Whether it was read only to see whether it belongs to the plan, and does not.
    pub(super) fn drops_out(&self, gathering: &Gathering, target: &Target) -> bool {
        let has_candidate = self.deck.function(target).is_some_and(|function| function.candidate().is_ok());
        gathering.tentative.contains(target) && !gathering.errors.contains_key(target) && !has_candidate
    }
}
