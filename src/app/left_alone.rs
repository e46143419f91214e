//! What a rollback leaves alone: gathers what the deck knows of everything that the configuration names, and notes on
//! the timeline what follows from it. What does follow is decided elsewhere.

pub use crate::release::left_alone::{Doubt, LeftAlone};

use jiff::SignedDuration;

use super::{App, deck::Function, timeline::Tone};
use crate::{
    clock::Now,
    release::{
        carried,
        left_alone::{self, Astray, Facts, Fate, PreStageFacts, Record, Release, Seen},
        names::{Mover, ReleaseId, Target},
        operation::Row,
        plan::{Plan, PlanRow},
        record::Ended,
        routing::{Routing, trim_percent},
    },
};

impl App {
    /// What this rollback leaves alone and no record counts to the release.
    pub fn left_alone(&self, plan: &Plan) -> Vec<LeftAlone> {
        let functions = self.deck.functions.iter();
        let ids = self.taken_back(plan);
        let all: Vec<Facts<'_>> = functions.clone().map(|function| self.facts_of(function, plan, &ids)).collect();
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

    /// What the journal says of a rollback that is over: what it left where it was. Of a stage whose deployments nobody
    /// knows yet nothing is said that may turn out to be wrong.
    pub(super) fn note_of_rollback(&self) -> String {
        let is_open = |target: &Target| {
            let stage = self.deck.function(target).filter(|_| target.kind == Mover::Stage);
            stage.is_some_and(|stage| stage.versions.value().is_none())
        };
        let may_turn_out = |left: &&LeftAlone| left.doubt == Doubt::Unrecorded && left.targets.iter().all(is_open);
        let is_left = |left: &&LeftAlone| !self.has_not_been_moved(left) && !may_turn_out(left);
        let left: Vec<LeftAlone> = self.left_behind.iter().filter(is_left).cloned().collect();
        match left_alone::doubts_in_a_line(&left) {
            Some(left) => Ended::note_in_part(&left),
            None => self.withdrawn_by_hand().map(|what| Ended::note_by_hand(&what)).unwrap_or_default(),
        }
    }

    /// What a rollback withdrew, where no release was on record of any of it.
    fn withdrawn_by_hand(&self) -> Option<String> {
        let rows = &self.operation.as_ref()?.rows;
        let of_row = |row: &Row| {
            let undone = self.deck.function(&row.target)?.memory.rolled_back.as_ref()?;
            let share = trim_percent(row.from.percent_of(row.new));
            undone.is_of_no_release().then(|| format!("{} {} at {share} %", row.target, row.new))
        };
        let withdrawn: Option<Vec<String>> = rows.iter().map(of_row).collect();
        withdrawn.filter(|withdrawn| !withdrawn.is_empty()).map(|withdrawn| withdrawn.join(", "))
    }

    /// The same for one that met what somebody else had done; `None` where nothing of the release was taken back here.
    pub(super) fn note_in_part(&self, id: &ReleaseId) -> Option<String> {
        let is_astray = |function: &&Function| astray(function, std::slice::from_ref(id)).is_some();
        let targets: Vec<Target> =
            self.deck.functions.iter().filter(is_astray).map(|function| function.target.clone()).collect();
        let mut undone = self.deck.functions.iter().filter_map(|function| function.memory.rolled_back.as_ref());
        let is_in_part = !targets.is_empty() && undone.any(|undone| undone.entry.id == *id);
        let left = LeftAlone { targets, words: String::new(), doubt: Doubt::Astray };
        left_alone::doubts_in_a_line(&[left]).filter(|_| is_in_part).map(|left| Ended::note_in_part(&left))
    }

    /// How a rollback came out, in a few words.
    pub fn rollback_in_words(&self) -> String {
        match self.not_sure_in_words() {
            Some(left) => format!("rolled back; {left}"),
            None => "the stable version is back everywhere".to_owned(),
        }
    }

    /// Whether a newer deployment turned out to wait for a stage: then no release has moved it. Where it is on record
    /// that one did, nothing turns out.
    pub fn has_not_been_moved(&self, left: &LeftAlone) -> bool {
        let is_waiting_stage = |target: &Target| {
            let function = self.deck.function(target).filter(|function| function.target.kind == Mover::Stage);
            function.is_some_and(|function| function.candidate().is_ok())
        };
        left.doubt != Doubt::Astray && left.targets.iter().all(is_waiting_stage)
    }

    /// What somebody else moved after the release under way had moved it, with where it is: it is in it no more.
    pub fn astray(&self) -> impl Iterator<Item = (&Target, Routing)> {
        let ids: Vec<ReleaseId> = self.deck.in_release().map(|(_, entry)| entry.id.clone()).collect();
        let is_astray = move |function: &&Function| !ids.is_empty() && astray(function, &ids).is_some();
        let functions = self.deck.functions.iter().filter(is_astray);
        functions.filter_map(|function| Some((&function.target, function.alias.value()?.routing)))
    }

    /// Whether what a rollback found moved away still is.
    pub fn is_astray(&self, left: &LeftAlone) -> bool {
        let is_so =
            |target: &Target| self.deck.function(target).is_some_and(|function| astray(function, &[]).is_some());
        left.targets.iter().any(is_so)
    }

    /// The releases of which this plan takes something back.
    fn taken_back(&self, plan: &Plan) -> Vec<ReleaseId> {
        let id = |row: &PlanRow| {
            let is_its_own = |function: &&Function| {
                function.memory.pre_stage.as_ref().is_some_and(|first| first.target == row.target)
            };
            let first = || self.deck.functions.iter().find(is_its_own);
            let memory = &self.deck.function(&row.target).or_else(first)?.memory;
            memory.release.as_ref().map(|entry| entry.id.clone())
        };
        plan.rows.iter().filter_map(id).collect()
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

    fn facts_of<'a>(&self, function: &'a Function, plan: &Plan, ids: &[ReleaseId]) -> Facts<'a> {
        let target = &function.target;
        let is_in_it = ids.is_empty() == plan.rows.is_empty();
        let astray = astray(function, ids).filter(|_| is_in_it);
        let old = astray.as_ref().map_or_else(|| "OLD".to_owned(), |was| was.stable.to_string());
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
            astray: astray.map(Box::new),
            take_back: self.take_back_by_hand(target, &old),
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
        let why = || function.first.trouble().map(|(error, _)| error.kind);
        let at = function.first.value().map(|alias| alias.routing).ok_or_else(why);
        Some(PreStageFacts { target, is_planned, at, main: &function.target, fate })
    }

    /// The command that takes one back to `old`, or to what a person names in its place.
    fn take_back_by_hand(&self, target: &Target, old: &str) -> String {
        let others = || self.deck.functions.iter().map(|function| &function.target);
        let is_twice = others().filter(|other| other.function == target.function).count() > 1;
        let name = if is_twice {
            let alias = if target.kind == Mover::Alias { format!(":{}", target.alias) } else { String::new() };
            format!("{}/{}{alias}", self.deck.region_of(target), target.function)
        } else {
            target.name().into_owned()
        };
        format!("{} rollback --function {name} --to {old} --yes", self.deck.place.program)
    }
}

/// How one of these releases had moved what somebody else has moved since. Where none is named it is any that is on
/// record here; what another machine did in these is known as long as the record of it stands.
pub(super) fn astray(function: &Function, ids: &[ReleaseId]) -> Option<Astray> {
    let alias = function.alias.value()?;
    if let Some(entry) = function.memory.release.as_ref().filter(|entry| ids.is_empty() || ids.contains(&entry.id)) {
        let was_moved = function.memory.astray(&alias.routing).is_some();
        return was_moved.then_some(Astray { stable: entry.stable, new: entry.new });
    }
    let record = carried::own(&alias.description).filter(|record| ids.contains(&record.id))?;
    let is_over = function.memory.ended.as_ref() == Some(&record.id);
    let is_one_of_two = alias.routing.reaches(record.new) || alias.routing.same_traffic(&Routing::only(record.stable));
    (!is_over && !is_one_of_two).then_some(Astray { stable: record.stable, new: record.new })
}
