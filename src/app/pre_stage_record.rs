//! The record of a release in the description of its pre-stage: it says whose release the other alias came before, so that
//! another machine puts it back with the rest, and whoever releases that alias itself does not take it for their own.

use super::{App, deck::Function, event::Ticket};
use crate::{
    clock::Now,
    release::{
        carried::{self, Carried},
        error::CloudError,
        facts::Alias,
        names::Target,
        plan::{PlanRow, Purpose, roll_back_row},
        pre_stage::PreStaged,
        routing::Routing,
    },
};

impl App {
    /// The pre-stage of a function, where this run looks at it.
    pub(super) fn read_first(&self, target: &Target) -> Option<Target> {
        let (other, _) = self.pre_stage_of(target).filter(|_| self.scope.pre_stages())?;
        Some(other)
    }

    /// A scheduled look at a pre-stage. Whether it was one.
    pub(super) fn answer_pre_stage(&mut self, ticket: Ticket, answer: &Result<Alias, CloudError>, now: Now) -> bool {
        let Some(function) = self.deck.functions.iter_mut().find(|function| function.first.waits_for(ticket)) else {
            return false;
        };
        function.first.answer(ticket, answer.clone(), now.world);
        let target = function.target.clone();
        self.adopt_pre_stage(&target);
        true
    }

    /// A write or a read of the operation under way told how a pre-stage is now.
    pub(super) fn know_pre_stage(&mut self, other: &Target, alias: Alias, now: Now) {
        let main = self.comes_before(other);
        if let Some(function) = main.and_then(|main| self.deck.function_mut(&main)) {
            function.first.set(alias, now.world);
        }
    }

    /// The function whose pre-stage this is.
    fn comes_before(&self, other: &Target) -> Option<Target> {
        let mut functions = self.deck.functions.iter().map(|function| &function.target);
        functions.find(|target| self.pre_stage_of(target).is_some_and(|(first, _)| first == *other)).cloned()
    }

    /// The description to write with a pre-stage; `None` leaves it as it is.
    pub(super) fn description_for_pre_stage(&self, row: &PlanRow, purpose: Purpose, now: Now) -> Option<String> {
        let main = self.comes_before(&row.target)?;
        let (human, standing) = carried::read(&self.deck.function(&main)?.first.value()?.description);
        let without = standing.is_some().then(|| human.to_owned());
        match purpose {
            Purpose::PreStage if row.is_nothing_to_do() => None,
            Purpose::PreStage if self.release.record_in_alias => {
                let record = Carried {
                    id: self.release_id(now),
                    stable: row.stable,
                    new: row.new,
                    percent: 100.0,
                    since: now.world,
                    owner: self.deck.place.owner.clone(),
                    before: Some(main.alias),
                };
                carried::write(human, &record).or(without)
            }
            Purpose::PreStage | Purpose::RollBack | Purpose::Finish => without,
            Purpose::Shift { .. } | Purpose::Undo | Purpose::TakeOver => None,
        }
    }

    /// Learns of a pre-stage that another machine moved: for a release that is under way, also where only the pre-stage
    /// still tells of it, or that never came further. A release that is over left its pre-stage where it is.
    pub(super) fn adopt_pre_stage(&mut self, target: &Target) {
        let Some((other, _)) = self.pre_stage_of(target) else { return };
        let Some(function) = self.deck.function_mut(target) else { return };
        let (Some(alias), Some(first)) = (function.alias.value(), function.first.value()) else { return };
        let Some(record) = function.record_in_pre_stage() else { return };
        let is_there = first.routing.same_traffic(&Routing::only(record.new));
        let is_part = match function.entry() {
            Some(entry) => entry.id == record.id,
            // Its own record is gone, and split traffic is no release that is over.
            None => alias.routing.is_split(),
        };
        let is_known = function.memory.pre_stage.is_some();
        if is_there && !is_known && (is_part || !alias.routing.reaches(record.new)) {
            function.memory.pre_stage = Some(PreStaged { target: other, stable: record.stable, new: record.new });
        }
    }

    /// The row that takes the record out of a function's pre-stage, because the release is over. It stays where it is.
    pub(super) fn finish_pre_stage(&self, target: &Target) -> Option<PlanRow> {
        let (other, _) = self.pre_stage_of(target)?;
        let alias = self.deck.function(target)?.first.value()?;
        let (human, record) = carried::read(&alias.description);
        let record = record.filter(|record| record.before.as_ref() == Some(&target.alias))?;
        let mut row = roll_back_row(&other, Some(alias), record.stable, record.new);
        row.to = alias.routing;
        row.description = Some(human.to_owned());
        Some(row)
    }
}

impl Function {
    /// The record in its pre-stage that tells of a release of this function, unless that is known to be over.
    pub(super) fn record_in_pre_stage(&self) -> Option<Carried> {
        let record = carried::read(&self.first.value()?.description).1?;
        let is_over = self.memory.ended.as_ref() == Some(&record.id);
        (record.before.as_ref() == Some(&self.target.alias) && !is_over).then_some(record)
    }
}
