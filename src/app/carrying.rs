//! The release record in the alias itself: written with the weights, read by any other machine, taken out at the end.

use super::{
    App,
    event::{Effect, Reply},
    timeline::Tone,
};
use crate::{
    clock::Now,
    release::{
        carried::{self, Carried},
        facts::Receipt,
        memory::{Entry, ShiftMark},
        names::{Mover, Target},
        plan::{Confirmed, Consent, Plan, PlanRow, Purpose, roll_back_row},
        routing::Routing,
    },
};

impl App {
    /// Has the record written with a forward move, and taken out again with a rollback or at the end.
    pub(super) fn write_record_into(&self, confirmed: &mut Confirmed, now: Now) {
        let purpose = confirmed.plan().purpose;
        confirmed.describe(|row| self.description_for(row, purpose, now));
    }

    /// The description to write with a row; `None` leaves it as it is.
    pub(super) fn description_for(&self, row: &PlanRow, purpose: Purpose, now: Now) -> Option<String> {
        let function = match self.deck.function(&row.target) {
            Some(function) if purpose != Purpose::PreStage => function,
            _ => return self.description_for_pre_stage(row, purpose, now),
        };
        let (human, standing) = carried::read(&function.alias.value()?.description);
        let owner = self.deck.place.owner.clone();
        let write = |record: &Carried| carried::write(human, record).filter(|text| fits(row.target.kind, text));
        if purpose == Purpose::TakeOver {
            return write(&Carried { owner, ..standing.filter(|record| record.before.is_none())? });
        }
        let without = standing.is_some().then(|| human.to_owned());
        if purpose.is_roll_back() {
            return without;
        }
        // Where nothing moves, nothing is written either.
        if row.is_nothing_to_do() {
            return None;
        }
        if !self.release.record_in_alias {
            return without;
        }
        let undone = function.memory.rolled_back.as_ref().filter(|_| purpose == Purpose::Undo);
        let entry = function.entry().or(undone.map(|undone| &undone.entry));
        let record = Carried {
            id: entry.map_or_else(|| self.release_id(now), |entry| entry.id.clone()),
            stable: row.stable,
            new: row.new,
            percent: row.to.percent_of(row.new),
            since: now.world,
            owner,
            before: None,
        };
        // Where AWS's 256 characters do not hold both, the record stays on this machine, and one that is out of date
        // is taken out.
        write(&record).or(without)
    }

    /// A forward move whose record finds no room where it is carried: that is said once, and stops nothing.
    pub(super) fn note_without_room(&mut self, plan: &Plan, now: Now) {
        if !self.release.record_in_alias || !plan.purpose.is_forward() {
            return;
        }
        let is_carried = |row: &PlanRow| row.description.as_ref().is_some_and(|text| carried::read(text).1.is_some());
        for row in plan.rows.iter().filter(|row| !row.is_nothing_to_do() && !is_carried(row)) {
            let target = &row.target;
            let place = if target.kind == Mover::Rule { "tag" } else { "description" };
            let words = format!(
                "the release record of {target} finds no room in its {place}: only this machine knows what R puts back \
                 there"
            );
            if !self.unrecorded.contains_key(target) {
                self.timeline.add(now.world, "flightdeck", words.clone(), Tone::Warning);
                self.unrecorded.insert(target.clone(), words);
            }
        }
    }

    /// A write was answered: the traffic goes where it was wanted, and the record could not be written with it, or not
    /// be taken out. That is said once, and stops nothing.
    pub(super) fn hear_of_record(&mut self, target: &Target, reply: &Reply, now: Now) {
        let Reply::Written(_, Ok(Receipt { unrecorded: Some(error), .. })) = reply else { return };
        if self.unrecorded.contains_key(target) {
            return;
        }
        let is_forward = self.operation.as_ref().is_some_and(|operation| operation.purpose.is_forward());
        let what = if is_forward {
            "could not be written: only this machine knows what R puts back there"
        } else {
            "could not be taken out; it counts no more"
        };
        let words = format!("the release record of {target} {what} ({}: {})", error.operation, error.message);
        self.timeline.add(now.world, "AWS", words.clone(), Tone::Warning);
        self.unrecorded.insert(target.clone(), words);
    }

    /// Learns of a release that another machine began: the alias carries its record, and this one knows of none.
    pub(super) fn adopt(&mut self, target: &Target) {
        self.adopt_release(target);
        self.adopt_pre_stage(target);
    }

    fn adopt_release(&mut self, target: &Target) {
        let Some(function) = self.deck.function_mut(target) else {
            return;
        };
        let Some((routing, Some(record))) =
            function.alias.value().map(|alias| (alias.routing, carried::own(&alias.description)))
        else {
            return;
        };
        if !routing.reaches(record.new) || record.stable == record.new {
            return;
        }
        if function.memory.ended.as_ref() == Some(&record.id) {
            return;
        }
        let is_active = function.memory.active(&routing).is_some();
        match &mut function.memory.release {
            Some(entry) if entry.id == record.id && entry.new == record.new => entry.owner = record.owner,
            Some(_) if is_active => {}
            _ => function.memory.release = Some(told(target, &record)),
        }
    }

    /// Takes the record out of these aliases, because the release is over. Best effort: an alias that somebody
    /// changes at this moment keeps what they wrote.
    pub(super) fn take_record_out(&mut self, targets: &[Target], now: Now) -> Vec<Effect> {
        let own = targets.iter().filter_map(|target| self.finish_row(target));
        let rows: Vec<PlanRow> = own.chain(targets.iter().filter_map(|target| self.finish_pre_stage(target))).collect();
        match (Plan { purpose: Purpose::Finish, rows }).confirm(Consent::Yes) {
            Ok(confirmed) => self.start(&confirmed, now),
            Err(_) => Vec::new(),
        }
    }

    fn finish_row(&self, target: &Target) -> Option<PlanRow> {
        let alias = self.deck.function(target)?.alias.value()?;
        let (human, record) = carried::read(&alias.description);
        let mut row = roll_back_row(target, Some(alias), record?.stable, alias.routing.primary);
        row.to = alias.routing;
        row.description = Some(human.to_owned());
        Some(row)
    }
}

/// Whether the record can be kept where it is carried: a rule has no description but a tag.
fn fits(kind: Mover, text: &str) -> bool {
    match kind {
        Mover::Alias | Mover::Stage => true,
        Mover::Rule => carried::in_tag(text).is_some(),
    }
}

/// The entry that a record in an alias tells of.
fn told(target: &Target, record: &Carried) -> Entry {
    Entry {
        id: record.id.clone(),
        target: target.clone(),
        stable: record.stable,
        new: record.new,
        before: Routing::only(record.stable),
        by: record.owner.clone(),
        owner: record.owner.clone(),
        since: record.since,
        shifts: vec![ShiftMark { at: record.since, percent: record.percent }],
        whole: false,
        told: true,
    }
}
