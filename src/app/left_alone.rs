//! What a rollback leaves as it is although the configuration names it: that must not look like having been put back.
//! Where a release was begun on another machine, what carries no record may have been moved all the same.

use super::{App, deck::Function};
use crate::release::{
    names::{Mover, Target},
    plan::{Plan, PlanRow},
};

/// Something that a rollback does not touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAlone {
    /// What it is.
    pub target: Target,
    /// How it stays, in a sentence.
    pub words: String,
    /// Nobody can tell from here whether the release moved it: a person must look at it.
    pub is_unknown: bool,
}

impl App {
    /// What this rollback leaves alone and no record counts to the release.
    pub fn left_alone(&self, plan: &Plan) -> Vec<LeftAlone> {
        let is_moved = |target: &Target| plan.rows.iter().any(|row| row.target == *target);
        let others = self.deck.functions.iter().filter(|function| {
            function.target.kind != Mover::Alias && !is_moved(&function.target) && !self.is_known_to_be_back(function)
        });
        let others = others.filter_map(|function| self.left(function, &plan.rows));
        let firsts = plan.rows.iter().filter_map(|row| {
            let (first, _) = self.pre_stage_of(&row.target).filter(|(first, _)| !is_moved(first))?;
            self.left_pre_stage(row, &first)
        });
        others.chain(firsts).collect()
    }

    /// What the last rollback may have left where the release put it: a success must not hide that.
    pub(super) fn left_behind_in_words(&self) -> Option<String> {
        let names: Vec<String> = self.left_behind.iter().map(ToString::to_string).collect();
        let words = format!("NOT {}: whether the release moved it cannot be told from here", names.join(", "));
        (!names.is_empty()).then_some(words)
    }

    /// Whether this machine knows that it is where it was: it has not been moved yet, or was taken back.
    fn is_known_to_be_back(&self, function: &Function) -> bool {
        let Some(alias) = function.alias.value() else { return false };
        let is_withdrawn = |version| alias.routing.reaches(version);
        self.deck.waiting(function).is_some()
            || function.memory.rolled_back.as_ref().is_some_and(|undone| !is_withdrawn(undone.entry.new))
    }

    fn left(&self, function: &Function, rows: &[PlanRow]) -> Option<LeftAlone> {
        let (target, now) = (&function.target, function.alias.value()?.routing);
        if !self.may_have_been_moved(function, rows) {
            let words = format!("{target} is not in the release on record here and stays at {now}");
            return Some(LeftAlone { target: target.clone(), words, is_unknown: false });
        }
        let program = &self.deck.place.program;
        let words = format!(
            "{target} stays at {now}, and it carries no record: whether the release moved it cannot be told from here. \
             Look at it; `{program} rollback --function {} --to OLD --yes` takes it back",
            target.name()
        );
        Some(LeftAlone { target: target.clone(), words, is_unknown: true })
    }

    /// A pre-stage is where it was, or at the version that is withdrawn without anybody having moved it for this release
    /// as far as is known.
    fn left_pre_stage(&self, row: &PlanRow, first: &Target) -> Option<LeftAlone> {
        let function = self.deck.function(&row.target)?;
        let now = function.first.value().map(|alias| alias.routing);
        if now.is_some_and(|routing| !routing.reaches(row.new)) {
            return None;
        }
        if !function.entry().is_some_and(|entry| entry.told) {
            let words = format!("{first}, its pre-stage, is not on record here and stays as it is");
            return Some(LeftAlone { target: first.clone(), words, is_unknown: false });
        }
        let place = now.map_or_else(|| "could not be read".to_owned(), |routing| format!("stays at {routing}"));
        let words = format!(
            "{first}, the pre-stage of {}, {place} and carries no record: whether the release moved it cannot be told \
             from here. Look at it, and move it back by hand if it did",
            row.target
        );
        Some(LeftAlone { target: first.clone(), words, is_unknown: true })
    }

    /// Whether a release that another machine began may have moved this without a record: at 100 % everything of it is
    /// at one place, and a stage for which a newer deployment waits has not been moved.
    fn may_have_been_moved(&self, function: &Function, rows: &[PlanRow]) -> bool {
        let is_told = |row: &PlanRow| {
            let entry = self.deck.function(&row.target).and_then(Function::entry);
            entry.is_some_and(|entry| entry.told) && row.from.percent_of(row.new) >= 100.0
        };
        let is_waiting = function.target.kind == Mover::Stage && function.candidate().is_ok();
        rows.iter().any(is_told) && !is_waiting
    }
}
