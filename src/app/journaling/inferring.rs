//! Writes of earlier runs of which no outcome is in the journal: the program ended between the two, or AWS never
//! answered. The alias tells what came of them, and that is written down as what it is, a conclusion.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{App, Now};
use crate::{
    app::{
        Errand,
        deck::Function,
        event::{Effect, Read, Reply},
        timeline::Tone,
        unsure::{Late, MAY_BE_UNDER_WAY, is_late},
    },
    release::{
        facts::Alias,
        memory,
        names::ReleaseId,
        page::Entry,
        plan::Purpose,
        record::{Action, ActionResult, Ended, Ending, Intent, Line, Outcome},
        routing::{Routing, trim_percent},
    },
};

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

    /// Whether the journal has not said yet which writes nobody settled.
    pub(in crate::app) fn asks_for_unsettled(&self) -> bool {
        self.errands.values().any(|errand| matches!(errand, Errand::Unsettled))
    }

    /// Where a write forward of an earlier run may still arrive, and what it would put there: it was sent a moment ago,
    /// and nobody knows what came of it.
    pub(in crate::app) fn may_still_arrive(&self, now: Now) -> Vec<Late> {
        let intents = self.journaling.unsettled.iter().map(|action| &action.intent);
        intents.filter(|intent| is_late(intent, now)).map(Late::of).collect()
    }

    /// Concludes from the aliases what came of those writes.
    pub(super) fn infer_outcomes(&mut self, now: Now) {
        if self.journaling.unsettled.is_empty() || self.is_moving() {
            return;
        }
        let (told, open): (Vec<Action>, Vec<Action>) = std::mem::take(&mut self.journaling.unsettled)
            .into_iter()
            .partition(|action| self.routing_after(action).is_some());
        // A function that is not in the configuration any more is read by nobody.
        self.journaling.unsettled =
            open.into_iter().filter(|action| self.deck.function(&action.intent.target).is_some()).collect();
        let (mut unmoved, mut moved) = (BTreeSet::new(), BTreeSet::new());
        for action in told {
            let Some(routing) = self.routing_after(&action) else { continue };
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

    /// Releases on record here that are back at stable although nobody here took them back: a later run says so, for
    /// nothing else would end them in the journal. What is remembered of them stays, for it counts no more.
    pub(super) fn conclude_taken_back(&mut self, now: Now) {
        if self.is_moving() || self.deck.recalled != Some(Ok(())) || self.deck.account().is_none() {
            return;
        }
        let found: BTreeSet<ReleaseId> = self.on_record().filter(OnRecord::is_back).map(|part| part.id()).collect();
        for id in found {
            let is_open = self.journaling.open.as_ref().is_some_and(|open| open.id == id);
            let is_left = self.on_record().any(|part| part.id() == id && !part.is_out());
            if !is_open && !is_left && self.journaling.concluded.insert(id.clone()) {
                self.journaling.line(Line::FoundEnded(id, Ended::found_back(now.world)));
            }
        }
    }

    fn on_record(&self) -> impl Iterator<Item = OnRecord<'_>> {
        self.deck.functions.iter().filter_map(|function| {
            let entry = function.memory.release.as_ref()?;
            Some(OnRecord { function, entry })
        })
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

    /// Where the alias of a write points now, once it was read long enough after the write; where a rollback found the
    /// write there and took it back, that is what came of it.
    fn routing_after(&self, action: &Action) -> Option<Routing> {
        let intent = &action.intent;
        if self.is_met_by_rollback(&intent.target, &intent.after) {
            return Some(intent.after);
        }
        let alias = &self.deck.function(&intent.target)?.alias;
        let is_over = alias.read_at()?.duration_since(intent.at) >= MAY_BE_UNDER_WAY;
        alias.value().filter(|_| is_over).map(|alias| alias.routing)
    }
}

/// A function's part in a release, as it is remembered.
struct OnRecord<'a> {
    function: &'a Function,
    entry: &'a memory::Entry,
}

impl OnRecord<'_> {
    fn id(&self) -> ReleaseId {
        self.entry.id.clone()
    }

    /// Whether its new version is known to get nothing.
    fn is_out(&self) -> bool {
        self.function.alias.value().is_some_and(|alias| !alias.routing.reaches(self.entry.new))
    }

    /// Whether it was moved, and was read at stable long enough after that.
    fn is_back(&self) -> bool {
        let (alias, last) = (&self.function.alias, self.entry.shifts.last());
        let is_stable = |alias: &Alias| alias.routing.same_traffic(&Routing::only(self.entry.stable));
        let times = alias.read_at().zip(last.map(|last| last.at));
        alias.value().is_some_and(is_stable)
            && times.is_some_and(|(read, moved)| read.duration_since(moved) > MAY_BE_UNDER_WAY)
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
