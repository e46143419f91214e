//! Where a write of a program that was killed may still arrive after a rollback. The journal has its intent and no
//! outcome, so nobody knows: it is said, looked at again and again, and taken back where it does arrive. Whoever pressed
//! R meant that, too.

use jiff::{SignedDuration, Timestamp};

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    owed::GOOD_FOR,
    timeline::Tone,
    view::Overlay,
};
use crate::{
    clock::Now,
    release::{
        carried,
        names::{ReleaseId, Target, Version, named},
        plan::{PlanRow, roll_back_row},
        record::Intent,
        routing::Routing,
    },
};

/// A write younger than this may still be under way: the request of a program that was killed outlives it.
pub(super) const MAY_BE_UNDER_WAY: SignedDuration = SignedDuration::from_secs(10);

/// What the last rollback cannot be sure of.
#[derive(Debug, Default)]
pub(super) struct Unsure {
    /// What it was for; none named: everything.
    meant: Vec<Target>,
    since: Timestamp,
    writes: Vec<Late>,
}

/// A write forward that was sent a moment ago, and of which nobody knows what came.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Late {
    pub target: Target,
    release: ReleaseId,
    stable: Version,
    new: Version,
    after: Routing,
    sent: Timestamp,
}

/// What became of such a write.
enum Fate {
    /// It may still arrive.
    Open,
    /// It has arrived.
    Arrived,
    /// Nothing that this rollback has to do with: it came to nothing, was taken back, or somebody else moves there now.
    Over,
}

impl Late {
    pub(super) fn of(intent: &Intent) -> Self {
        Self {
            target: intent.target.clone(),
            release: intent.release.clone(),
            stable: intent.stable,
            new: intent.new,
            after: intent.after,
            sent: intent.at,
        }
    }
}

impl App {
    /// A rollback of these begins, or of everything where none is named: remembers where a write of an earlier run may
    /// still arrive, and has the journal asked whether it knows of more by now.
    pub fn doubt(&mut self, targets: &[Target], now: Now) -> Option<Effect> {
        (self.unsure.meant, self.unsure.since) = (targets.to_vec(), now.world);
        let late = self.may_still_arrive(now);
        self.add_doubts(late);
        let account = self.account_of_record().filter(|_| self.is_run_here())?;
        Some(Effect::Read(self.ticket(Errand::Unsure), Read::Unsettled(account)))
    }

    /// The journal's answer. A program beside this one may have been killed since this one began.
    pub(super) fn answer_unsure(&mut self, reply: Reply, now: Now) {
        let Reply::Unsettled(Ok(actions)) = reply else { return };
        let environment = &self.deck.environment.name;
        let here = actions.into_iter().filter(|(site, _)| site.environment == *environment);
        let foreign = here.map(|(_, action)| action.intent).filter(|intent| !self.is_intent_of_this_run(intent));
        let late = foreign.filter(|intent| is_late(intent, now)).map(|intent| Late::of(&intent)).collect();
        let before = self.unsure().len();
        self.add_doubts(late);
        // A rollback that is under way says it at its end.
        if self.unsure().len() == before || self.is_rolling_back() {
            return;
        }
        if matches!(self.view.overlay, Some(Overlay::Candidates(_))) {
            self.view.overlay = None;
        }
        self.say_unsure(now);
    }

    fn add_doubts(&mut self, late: Vec<Late>) {
        let is_meant = |late: &Late| self.unsure.meant.is_empty() || self.unsure.meant.contains(&late.target);
        let is_here = |late: &Late| self.deck.function(&late.target).is_some();
        let is_new = |late: &Late| !self.unsure.writes.iter().any(|known| is_same(known, late));
        let new: Vec<Late> = late.into_iter().filter(|late| is_meant(late) && is_here(late) && is_new(late)).collect();
        if new.is_empty() {
            return;
        }
        self.unsure.writes.extend(new);
        let names: Vec<Target> = self.unsure.writes.iter().map(|late| late.target.clone()).collect();
        for function in self.deck.functions.iter_mut().filter(|function| names.contains(&function.target)) {
            function.alias.hurry();
        }
    }

    /// Where a write of an earlier run may still arrive after this rollback.
    pub fn unsure(&self) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        for late in self.unsure.writes.iter().filter(|late| !self.has_met(late)) {
            if !targets.contains(&late.target) {
                targets.push(late.target.clone());
            }
        }
        targets
    }

    /// The same in a sentence, with what follows.
    pub fn unsure_in_words(&self) -> Option<String> {
        let targets = self.unsure();
        let next = if self.is_run_here() {
            "the alias is read again and again, and what arrives is taken back"
        } else {
            "run this again in half a minute"
        };
        (!targets.is_empty()).then(|| {
            format!(
                "NOT SURE OF {}: an earlier run sent a write there a few seconds ago, and nobody knows what came of it: \
                 it may still arrive; {next}",
                named(&targets)
            )
        })
    }

    pub(super) fn say_unsure(&mut self, now: Now) {
        if let Some(words) = self.unsure_in_words() {
            self.say(words.clone(), true, now);
            self.timeline.add(now.world, "flightdeck", words, Tone::Bad);
        }
    }

    /// A person moves forward: what a rollback before that was unsure of is not its matter any more.
    pub(super) fn forget_doubts(&mut self) {
        self.unsure = Unsure::default();
    }

    /// After every event: looks what became of those writes, and takes back what arrived.
    pub(super) fn settle_unsure(&mut self, now: Now) -> Vec<Effect> {
        if self.unsure.writes.is_empty() || self.is_moving() || self.leaving || !self.is_run_here() {
            return Vec::new();
        }
        let mut arrived: Vec<PlanRow> = Vec::new();
        let mut open = Vec::new();
        for late in std::mem::take(&mut self.unsure.writes) {
            match self.fate(&late) {
                Fate::Open => open.push(late),
                Fate::Arrived => arrived.extend(self.take_back_late(&late)),
                Fate::Over => {}
            }
        }
        self.unsure.writes = open;
        if !arrived.is_empty() && now.world.duration_since(self.unsure.since) <= GOOD_FOR {
            return self.follow_up(arrived, now);
        }
        if self.unsure.writes.is_empty() && arrived.is_empty() {
            let words = "Nothing of what an earlier run had sent can arrive any more: sure again.";
            self.say(words, false, now);
        }
        Vec::new()
    }

    fn fate(&self, late: &Late) -> Fate {
        let alias = self.deck.function(&late.target).map(|function| &function.alias);
        let Some((alias, read_at)) = alias.and_then(|alias| alias.value().zip(alias.read_at())) else {
            return Fate::Open;
        };
        if self.has_met(late) {
            return Fate::Over;
        }
        if alias.routing.reaches(late.new) {
            let record = carried::own(&alias.description);
            let is_it = record.map_or(alias.routing.same_traffic(&late.after), |record| record.id == late.release);
            return if is_it { Fate::Arrived } else { Fate::Over };
        }
        let is_too_late = read_at.duration_since(late.sent) >= MAY_BE_UNDER_WAY;
        if is_too_late { Fate::Over } else { Fate::Open }
    }

    fn take_back_late(&self, late: &Late) -> Option<PlanRow> {
        let alias = self.deck.function(&late.target)?.alias.value()?;
        Some(roll_back_row(&late.target, Some(alias), late.stable, late.new))
    }

    /// Whether the rollback found that the write had arrived, and took it back.
    fn has_met(&self, late: &Late) -> bool {
        self.is_met_by_rollback(&late.target, &late.after)
    }

    /// Whether a rollback found an alias there.
    pub(super) fn is_met_by_rollback(&self, target: &Target, after: &Routing) -> bool {
        let rollback = self.operation.as_ref().filter(|operation| operation.purpose.is_roll_back());
        let row = rollback.and_then(|operation| operation.row(target));
        row.is_some_and(|row| row.from.same_traffic(after) && (row.step.is_good() || !row.step.is_final()))
    }
}

/// Whether it may still be under way.
pub(super) fn is_late(intent: &Intent, now: Now) -> bool {
    intent.purpose.is_forward() && now.world.duration_since(intent.at) < MAY_BE_UNDER_WAY
}

/// The journal keeps milliseconds.
fn is_same(one: &Late, other: &Late) -> bool {
    one.target == other.target && one.sent.as_millisecond() == other.sent.as_millisecond()
}
