//! What a rollback leaves as it is although the configuration names it: that must not look like having been put back.
//! Where a release was begun on another machine, what carries no record, or was not read, may have been moved all the
//! same.

use super::{App, deck::Function, timeline::Tone};
use crate::{
    clock::Now,
    release::{
        carried,
        error::Trouble,
        names::{Mover, Target, named},
        plan::{Plan, PlanRow},
        routing::Routing,
    },
};

/// Something that a rollback does not touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAlone {
    /// What it is; several where there is nothing to be said of each.
    pub targets: Vec<Target>,
    /// How it stays, in a sentence.
    pub words: String,
    /// Whether the release may have moved it, as far as can be told from here.
    pub doubt: Doubt,
}

/// Whether something that was left alone may have been moved by the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing says so.
    None,
    /// It carries no record, and how it stands tells of a move: a person must look at it.
    Unrecorded,
    /// It could not be read: it may still have the new version.
    Unread,
}

impl LeftAlone {
    /// Whether a person must look at it.
    pub fn is_unknown(&self) -> bool {
        self.doubt != Doubt::None
    }

    fn one(target: &Target, doubt: Doubt, words: String) -> Self {
        Self { targets: vec![target.clone()], words, doubt }
    }
}

impl App {
    /// What this rollback leaves alone and no record counts to the release.
    pub fn left_alone(&self, plan: &Plan) -> Vec<LeftAlone> {
        let is_moved = |target: &Target| plan.rows.iter().any(|row| row.target == *target);
        let functions = || self.deck.functions.iter();
        let others = || functions().filter(|other| !is_moved(&other.target) && !self.is_known_to_be_back(other));
        let told = self.told_share(plan);
        let mut left: Vec<LeftAlone> = match told {
            Some(share) => others().filter_map(|function| self.left_by_records(function, share)).collect(),
            None => others().filter(|_| !plan.rows.is_empty()).filter_map(left_here).collect(),
        };
        let firsts = functions().filter_map(|function| {
            let (first, _) = self.pre_stage_of(&function.target).filter(|(first, _)| !is_moved(first))?;
            let row = plan.rows.iter().find(|row| row.target == function.target);
            row.map_or_else(|| left_marked(function, &first), |row| self.left_pre_stage(row, &first))
        });
        left.extend(firsts);
        if told.is_some_and(|share| share >= 100.0) {
            left.extend(left_without_a_sign(others().filter(|function| is_silent(function))));
        }
        left
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

    /// The same in a line: a success must not hide it.
    pub(super) fn left_behind_in_words(&self) -> Option<String> {
        let of = |doubt: Doubt, words: &str| {
            let meant = self.left_behind.iter().filter(|left| left.doubt == doubt);
            let names: Vec<Target> = meant.flat_map(|left| left.targets.clone()).collect();
            (!names.is_empty()).then(|| format!("NOT {}: {words}", named(&names)))
        };
        let unread = of(Doubt::Unread, "not read, may still have the new version; R again when it can be read");
        let unrecorded = of(Doubt::Unrecorded, "whether the release moved it cannot be told from here");
        let lines: Vec<String> = [unread, unrecorded].into_iter().flatten().collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    /// Whether a newer deployment turned out to wait for a stage: then no release has moved it.
    pub fn has_not_been_moved(&self, left: &LeftAlone) -> bool {
        let is_waiting = |target: &Target| self.deck.function(target).is_some_and(is_waiting_stage);
        left.targets.iter().all(is_waiting)
    }

    /// How far a release that another machine began went by its records: 0–100 %. `None` where this machine knows the
    /// release itself, and so everything that it moved.
    fn told_share(&self, plan: &Plan) -> Option<f64> {
        let share = |row: &PlanRow| {
            let entry = self.deck.function(&row.target).and_then(Function::entry);
            entry.filter(|entry| entry.told).map(|_| row.from.percent_of(row.new))
        };
        // A pre-stage that tells of a release whose own alias carries no record any more.
        let is_widowed = |function: &Function| {
            let first = function.memory.pre_stage.as_ref().map(|moved| &moved.target);
            let is_planned = first.is_some_and(|first| plan.rows.iter().any(|row| row.target == *first));
            is_planned && function.entry().is_none() && function.split().is_some()
        };
        let widowed = self.deck.functions.iter().any(is_widowed).then_some(0.0);
        plan.rows.iter().filter_map(share).chain(widowed).reduce(f64::max)
    }

    /// Whether this machine knows that it is where it was: it has not been moved yet, or was taken back.
    fn is_known_to_be_back(&self, function: &Function) -> bool {
        let Some(alias) = function.alias.value() else { return false };
        let is_withdrawn = |version| alias.routing.reaches(version);
        let is_at_last_stable = || function.memory.last_stable.map(Routing::only) == Some(alias.routing);
        self.deck.waiting(function).is_some()
            || is_at_last_stable()
            || function.memory.rolled_back.as_ref().is_some_and(|undone| !is_withdrawn(undone.entry.new))
    }

    /// Of a release that another machine began, only records tell what belongs to it; `share` is how far they say that
    /// it went. Below 100 % what it moved is split, and at 100 % everything of it is at one place.
    fn left_by_records(&self, function: &Function, share: f64) -> Option<LeftAlone> {
        let target = &function.target;
        let Some(alias) = function.alias.value() else { return left_unread(function) };
        let is_cut = carried::is_cut(&alias.description);
        let may_be_there = share >= 100.0 && target.kind != Mover::Alias && !is_waiting_stage(function);
        if function.split().is_none() && !is_cut && !may_be_there {
            return None;
        }
        let record = if is_cut { "its record cannot be read any more" } else { "it carries no record" };
        let words = format!(
            "{target} stays at {}, and {record}: whether the release moved it cannot be told from here. Look at it; \
             `{}` takes it back",
            alias.routing,
            self.take_back_by_hand(target)
        );
        Some(LeftAlone::one(target, Doubt::Unrecorded, words))
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
            return Some(LeftAlone::one(first, Doubt::None, words));
        }
        let (doubt, place) = match now {
            Some(routing) => (Doubt::Unrecorded, format!("stays at {routing}")),
            None => (Doubt::Unread, "could not be read".to_owned()),
        };
        let words = format!(
            "{first}, the pre-stage of {}, {place} and carries no record: whether the release moved it cannot be told \
             from here. Look at it, and move it back by hand if it did",
            row.target
        );
        Some(LeftAlone::one(first, doubt, words))
    }
}

/// A stage for which a newer deployment waits has not been moved.
fn is_waiting_stage(function: &Function) -> bool {
    function.target.kind == Mover::Stage && function.candidate().is_ok()
}

/// An alias at one version that carries nothing: it may be that the release moved it to there.
fn is_silent(function: &Function) -> bool {
    let Some(alias) = function.alias.value() else { return false };
    function.target.kind == Mover::Alias
        && function.split().is_none()
        && function.candidate().is_err()
        && !carried::is_cut(&alias.description)
        && carried::own(&alias.description).is_none()
}

/// What could not be read may be anywhere, unless AWS says that there is no such thing.
fn left_unread(function: &Function) -> Option<LeftAlone> {
    let why = function.alias.trouble().map(|(error, _)| error);
    let is_gone = why.is_some_and(|error| error.kind == Trouble::NotFound);
    let why = why.map(|error| format!(" ({})", error.kind)).unwrap_or_default();
    let target = &function.target;
    let words = format!("not read{why}: {target} may still have the new version; roll back again when it can be read");
    (!is_gone).then(|| LeftAlone::one(target, Doubt::Unread, words))
}

/// All of them together, in a sentence: nobody can tell, and most of them were not moved.
fn left_without_a_sign<'a>(silent: impl Iterator<Item = &'a Function>) -> Option<LeftAlone> {
    let targets: Vec<Target> = silent.map(|function| function.target.clone()).collect();
    let (carry, them) = match targets.len() {
        0 => return None,
        1 => ("carries no record and stays as it is", "it"),
        _ => ("carry no record and stay as they are", "them"),
    };
    let words = format!("{} {carry}: whether the release moved {them} cannot be told from here", named(&targets));
    Some(LeftAlone { targets, words, doubt: Doubt::None })
}

/// Of a release of this machine everything is on record, so what is not was not moved by it.
fn left_here(function: &Function) -> Option<LeftAlone> {
    let (target, now) = (&function.target, function.alias.value()?.routing);
    let is_remarkable = target.kind != Mover::Alias || function.split().is_some();
    let words = format!("{target} is not in the release on record here and stays at {now}");
    (is_remarkable && !is_waiting_stage(function)).then(|| LeftAlone::one(target, Doubt::None, words))
}

/// A pre-stage whose record says that a release moved it, before an alias that carries none and is at one version:
/// that release may be over, or under way.
fn left_marked(function: &Function, first: &Target) -> Option<LeftAlone> {
    let (main, alias) = (function.alias.value()?, function.first.value()?);
    let record = carried::read(&alias.description).1?;
    let is_ours = record.before.as_ref() == Some(&function.target.alias)
        && function.memory.ended.as_ref() != Some(&record.id)
        && alias.routing.reaches(record.new)
        && main.routing.reaches(record.new);
    let words = format!(
        "{first}, the pre-stage of {}, stays at {}: its record tells of a release that {} carries none of. Look at \
         both, and move them back by hand if it is not over",
        function.target, alias.routing, function.target
    );
    is_ours.then(|| LeftAlone::one(first, Doubt::Unrecorded, words))
}
