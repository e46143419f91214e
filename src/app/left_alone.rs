//! What a rollback leaves alone: gathers what the deck knows of everything that the configuration names, and notes on
//! the timeline what follows from it. What does follow is decided elsewhere.

pub use crate::release::left_alone::{Doubt, LeftAlone};

use jiff::SignedDuration;

use super::{App, deck::Function, timeline::Tone};
use crate::{
    clock::Now,
    release::{
        left_alone::{self, Facts, Fate, PreStageFacts, Record, Release, Seen},
        names::{Mover, Target},
        plan::{Plan, PlanRow},
    },
};

impl App {
    /// What this rollback leaves alone and no record counts to the release.
    pub fn left_alone(&self, plan: &Plan) -> Vec<LeftAlone> {
        let functions = self.deck.functions.iter();
        let all: Vec<Facts<'_>> = functions.clone().map(|function| self.facts_of(function, plan)).collect();
        let pre_stages: Vec<PreStageFacts<'_>> =
            functions.filter_map(|function| self.facts_of_pre_stage(function, plan)).collect();
        left_alone::left_alone(self.known_of(plan), &all, &pre_stages)
    }

    /// A rollback begins: what it leaves alone is on the timeline, and what it may leave behind is known.
    pub(super) fn note_left_alone(&mut self, plan: &Plan, now: Now) {
        let left_alone = self.left_alone(plan);
        for left in &left_alone {
            let tone = if left.is_unknown() { Tone::Bad } else { Tone::Warning };
            self.timeline.add(now.world, "flightdeck", left.words.clone(), tone);
        }
        self.left_behind = left_alone.into_iter().filter(LeftAlone::is_unknown).collect();
    }

    /// What the last rollback may have left where the release put it, with what is to be done about it.
    pub fn maybe_left_behind(&self) -> &[LeftAlone] {
        &self.left_behind
    }

    /// Whether nothing is known that the last rollback may have left behind.
    pub fn has_all_back(&self) -> bool {
        self.left_behind.is_empty() && self.unsure().is_empty()
    }

    /// What it may have left, in a line: a success must not hide it.
    pub(super) fn not_sure_in_words(&self) -> Option<String> {
        let lines: Vec<String> =
            [left_alone::doubts_in_a_line(&self.left_behind), self.unsure_in_words()].into_iter().flatten().collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    /// Whether a newer deployment turned out to wait for a stage: then no release has moved it.
    pub fn has_not_been_moved(&self, left: &LeftAlone) -> bool {
        let is_waiting_stage = |target: &Target| {
            let function = self.deck.function(target).filter(|function| function.target.kind == Mover::Stage);
            function.is_some_and(|function| function.candidate().is_ok())
        };
        left.targets.iter().all(is_waiting_stage)
    }

    /// How much is known here of the release that goes back with this plan.
    fn known_of(&self, plan: &Plan) -> Release {
        let told_share = |row: &PlanRow| {
            let entry = self.deck.function(&row.target).and_then(Function::entry);
            entry.filter(|entry| entry.told).map(|_| row.from.percent_of(row.new))
        };
        // A pre-stage that tells of a release whose own alias carries no record any more.
        let is_widowed = |function: &Function| {
            let first = function.memory.pre_stage.as_ref();
            let is_planned = first.is_some_and(|first| plan.row_of(&first.target).is_some());
            is_planned && function.entry().is_none() && function.split().is_some()
        };
        let widowed = self.deck.functions.iter().any(is_widowed).then_some(0.0);
        match plan.rows.iter().filter_map(told_share).chain(widowed).reduce(f64::max) {
            Some(percent) => Release::Told { percent },
            None if plan.rows.is_empty() => Release::None,
            None => Release::OnRecord,
        }
    }

    fn facts_of<'a>(&self, function: &'a Function, plan: &Plan) -> Facts<'a> {
        let target = &function.target;
        let read = function.alias.value().filter(|_| !self.is_out_of_sight_since(function, plan));
        let seen = read.map(|alias| Seen {
            at: alias.routing,
            is_split: function.split().is_some(),
            record: Record::of(&alias.description),
            has_candidate: function.candidate().is_ok(),
            is_back: self.deck.waiting(function).is_some() || function.memory.knows_it_is_back(&alias.routing),
        });
        Facts {
            target,
            is_planned: plan.row_of(target).is_some(),
            seen: seen.ok_or_else(|| function.alias.trouble().map(|(error, _)| error.kind)),
            take_back: self.take_back_by_hand(target),
        }
    }

    /// Whether it cannot be read now and was read last before this release began: then it may be in it by now.
    fn is_out_of_sight_since(&self, function: &Function, plan: &Plan) -> bool {
        let entries = plan.rows.iter().filter_map(|row| self.deck.function(&row.target)?.entry());
        let (Some(began), Some(read_at)) = (entries.map(|entry| entry.since).min(), function.alias.read_at()) else {
            return false;
        };
        // Records tell whole seconds.
        function.alias.trouble().is_some() && read_at <= began + SignedDuration::from_secs(1)
    }

    fn facts_of_pre_stage<'a>(&self, function: &'a Function, plan: &Plan) -> Option<PreStageFacts<'a>> {
        let (target, _) = self.pre_stage_of(&function.target)?;
        let fate = match plan.row_of(&function.target) {
            Some(row) => Fate::GoesBack { from: row.new, is_told: function.entry().is_some_and(|entry| entry.told) },
            None => Fate::Stays {
                at: function.alias.value().map(|alias| alias.routing),
                recorded: function.record_in_pre_stage().map(|record| record.new),
            },
        };
        let is_planned = plan.row_of(&target).is_some();
        let at = function.first.value().map(|alias| alias.routing);
        Some(PreStageFacts { target, is_planned, at, main: &function.target, fate })
    }

    /// The command that takes one back to what a person names.
    fn take_back_by_hand(&self, target: &Target) -> String {
        let others = || self.deck.functions.iter().map(|function| &function.target);
        let is_twice = others().filter(|other| other.function == target.function).count() > 1;
        let name = if is_twice {
            let alias = if target.kind == Mover::Alias { format!(":{}", target.alias) } else { String::new() };
            format!("{}/{}{alias}", self.deck.region_of(target), target.function)
        } else {
            target.name().into_owned()
        };
        format!("{} rollback --function {name} --to OLD --yes", self.deck.place.program)
    }
}
