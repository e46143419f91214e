//! Writes of earlier runs of which no outcome is in the journal: the program ended between the two, or AWS never
//! answered. The alias tells what came of them, and that is written down as what it is, a conclusion.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{App, Now};
use crate::{
    app::{
        Errand,
        event::{Effect, Read, Reply},
        timeline::Tone,
    },
    release::{
        names::ReleaseId,
        page::Entry,
        plan::Purpose,
        record::{Action, ActionResult, Ended, Ending, Intent, Line, Outcome},
        routing::{Routing, trim_percent},
    },
};

/// A write younger than this may still be under way in another run of the program.
const MAY_BE_UNDER_WAY: SignedDuration = SignedDuration::from_secs(10);

impl App {
    /// Asks once, when it is known whose journal it is, for writes that nobody settled.
    pub(in crate::app) fn ask_for_unsettled(&mut self, account: &str, now: Now) -> Option<Effect> {
        if self.journaling.asked.is_some() {
            return None;
        }
        self.journaling.asked = Some(now.world);
        let ticket = self.ticket(Errand::Unsettled);
        Some(Effect::Read(ticket, Read::Unsettled(account.to_owned())))
    }

    /// The writes that nobody settled. Those of this environment's functions that are older than this run are looked
    /// into; whoever made a younger one is still at it.
    pub(in crate::app) fn answer_unsettled(&mut self, reply: Reply) {
        let Reply::Unsettled(Ok(actions)) = reply else {
            return;
        };
        let Some(asked) = self.journaling.asked else { return };
        let is_settled = |action: &Action| action.outcome.as_ref().is_some_and(|outcome| outcome.inferred);
        let is_old = |action: &Action| asked.duration_since(action.intent.at) >= SignedDuration::ZERO;
        let environment = &self.deck.environment.name;
        let ours = actions.into_iter().filter(|(site, _)| site.environment == *environment).map(|(_, action)| action);
        self.journaling.unsettled = ours.filter(|action| !is_settled(action) && is_old(action)).collect();
    }

    /// Concludes from the aliases what came of those writes.
    pub(super) fn infer_outcomes(&mut self, now: Now) {
        if self.journaling.unsettled.is_empty() || self.is_moving() {
            return;
        }
        let (told, open): (Vec<Action>, Vec<Action>) = std::mem::take(&mut self.journaling.unsettled)
            .into_iter()
            .partition(|action| self.routing_after(action, now.world).is_some());
        // A function that is not in the configuration any more is read by nobody.
        self.journaling.unsettled =
            open.into_iter().filter(|action| self.deck.function(&action.intent.target).is_some()).collect();
        let (mut unmoved, mut moved) = (BTreeSet::new(), BTreeSet::new());
        for action in told {
            let Some(routing) = self.routing_after(&action, now.world) else { continue };
            let outcome = conclusion(&action.intent, routing, now.world);
            let text = format!(
                "an earlier run ended before it knew what came of {}: {}",
                deed(&action.intent),
                outcome.message
            );
            self.timeline.add(now.world, "journal", text, Tone::Warning);
            let has_failed = outcome.result == ActionResult::Failed && action.intent.purpose.is_forward();
            let releases = if has_failed { &mut unmoved } else { &mut moved };
            releases.insert(action.intent.release.clone());
            self.journaling.waiting.push(Entry::Infer(action.id, outcome));
        }
        self.end_unmoved(unmoved.difference(&moved), now);
    }

    /// A release whose last shift came to nothing, and of which no alias sends traffic to a new version, is over.
    fn end_unmoved<'a>(&mut self, releases: impl Iterator<Item = &'a ReleaseId>, now: Now) {
        let is_live = |id: &ReleaseId| self.deck.in_release().any(|(_, entry)| entry.id == *id);
        let over: Vec<ReleaseId> = releases.filter(|id| !is_live(id)).cloned().collect();
        for id in over {
            let note = "the program that began it ended before anything moved".to_owned();
            self.journaling.line(Line::Ended(id, Ended { at: now.world, ending: Ending::Abandoned, note }));
        }
    }

    /// Where the alias of a write points now, once it was read long enough after the write.
    fn routing_after(&self, action: &Action, now: Timestamp) -> Option<Routing> {
        let alias = &self.deck.function(&action.intent.target)?.alias;
        let is_read_after = alias.read_at()?.duration_since(action.intent.at) > SignedDuration::ZERO;
        let is_over = now.duration_since(action.intent.at) >= MAY_BE_UNDER_WAY;
        alias.value().filter(|_| is_read_after && is_over).map(|alias| alias.routing)
    }
}

/// What the alias says of a write that nobody saw the end of.
fn conclusion(intent: &Intent, routing: Routing, now: Timestamp) -> Outcome {
    let (result, message) = if routing.same_traffic(&intent.after) {
        (ActionResult::Acknowledged, format!("the alias is as it was wanted, {routing}"))
    } else if routing.same_traffic(&intent.before) {
        (ActionResult::Failed, format!("it did not take effect: the alias is as it was before, {routing}"))
    } else {
        (ActionResult::Unknown, format!("the alias is at {routing} now: somebody moved it since"))
    };
    Outcome { result, request_id: None, message, found: Some(routing), at: now, inferred: true }
}

fn deed(intent: &Intent) -> String {
    let target = &intent.target;
    match intent.purpose {
        Purpose::Shift { percent } => format!("the shift of {target} to {} %", trim_percent(percent)),
        Purpose::PreStage => format!("the move of the pre-stage {target} to {}", intent.new),
        Purpose::RollBack => format!("the rollback of {target} to {}", intent.stable),
        Purpose::Undo => format!("the undoing of a rollback of {target}"),
        Purpose::TakeOver => format!("naming the new owner in the record of {target}"),
        Purpose::Finish => format!("taking the record out of {target}"),
    }
}
