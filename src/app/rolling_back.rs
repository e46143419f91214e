//! R: what is taken back, to where, and what can be undone. It waits for no poll, no record and no other move.

use jiff::SignedDuration;

use super::{
    App,
    deck::Function,
    event::Effect,
    left_alone::astray,
    view::{Candidates, Overlay},
};
use crate::{
    clock::Now,
    release::{
        candidates,
        facts::VersionInfo,
        memory::Entry,
        names::{Mover, Target, Version},
        operation::{Operation, Row},
        plan::{Overwrites, Plan, PlanRow, Purpose, roll_back_row},
        routing::Routing,
    },
};

/// How long `u` offers to undo a rollback, in world time.
pub const UNDO_TIME: SignedDuration = SignedDuration::from_mins(10);

impl App {
    /// R. Rolls the whole release back at once; outside a release it offers the versions to go back to.
    pub fn roll_back(&mut self, now: Now) -> Vec<Effect> {
        let is_called_off = self.call_off(now);
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
            return Vec::new();
        }
        let asked = self.doubt(&[], now);
        let mut effects: Vec<Effect> = asked.into_iter().collect();
        let mut rows: Vec<PlanRow> =
            self.to_be_rolled_back().iter().filter_map(|target| self.release_row(target)).collect();
        rows.extend(self.pre_stage_rows(|_| true));
        if !rows.is_empty() {
            let plan = Plan { purpose: Purpose::RollBack, rows };
            self.owe_the_unread(&plan, now);
            effects.splice(0..0, self.carry_out(&plan, "", now));
            return effects;
        }
        if self.is_rolling_back() {
            self.view.overlay = Some(Overlay::Progress);
        } else if is_called_off {
            self.say("The shift was called off before anything was sent. Traffic is as it was.", false, now);
        } else {
            effects.extend(self.look_again(now));
            self.say_unsure(now);
        }
        effects
    }

    /// The plan that takes these functions back, to `version` or else to their stable versions. None named: the whole
    /// release; where no release is on record, what is split is refused by name: stable is recorded, never guessed.
    pub fn roll_back_plan(&self, targets: &[Target], version: Option<Version>) -> Plan {
        let named = |function: &&Function| targets.contains(&function.target);
        let functions = self.deck.functions.iter().filter(|function| targets.is_empty() || named(function));
        let rows = functions.filter_map(|function| {
            if targets.is_empty() && function.entry().is_none() && self.deck.is_releasing() {
                return None;
            }
            let row = self.take_back_row(function, version);
            row.or_else(|| named(&function).then(|| nowhere_to_go(function)))
        });
        let mut rows: Vec<PlanRow> = rows.collect();
        if version.is_none() {
            rows.extend(self.pre_stage_rows(|target| targets.is_empty() || targets.contains(target)));
        }
        Plan { purpose: Purpose::RollBack, rows }
    }

    fn take_back_row(&self, function: &Function, version: Option<Version>) -> Option<PlanRow> {
        let alias = function.alias.value();
        match (version, function.entry(), function.split()) {
            (None, Some(_), _) => self.release_row(&function.target),
            (None, None, Some(_)) => Some(match undone_again(function) {
                Some(entry) => roll_back_row(&function.target, alias, entry.stable, entry.new),
                None => split_by_nobody(function),
            }),
            (None, None, None) => None,
            (Some(version), _, split) => {
                let routing = alias?.routing;
                // Who names one of the two that have traffic withdraws the other, whichever is the newer one.
                let other = || routing.versions().find(|other| *other != version).unwrap_or(routing.primary);
                let withdrawn = split.map_or(routing.primary, |split| split.new);
                let withdrawn = if withdrawn == version { other() } else { withdrawn };
                let mut row = roll_back_row(&function.target, alias, version, withdrawn);
                row.overwrites = if function.entry().is_none() { Overwrites::AsSeen } else { Overwrites::Whatever };
                if version == Version::Latest {
                    row.refusal = Some("$LATEST is not published: name a version".to_owned());
                }
                Some(row)
            }
        }
    }

    /// The functions that R takes back: those of the release, and those whose first shift is on its way, or had no
    /// answer.
    pub fn to_be_rolled_back(&self) -> Vec<Target> {
        let is_meant = |function: &&Function| {
            function.entry().is_some()
                || function.memory.release.is_some() && self.forward_under_way(&function.target).is_some()
        };
        self.deck.functions.iter().filter(is_meant).map(|function| function.target.clone()).collect()
    }

    /// The forward move of a function that may take effect, or may have taken it without anybody having read that.
    pub(super) fn forward_under_way(&self, target: &Target) -> Option<&Row> {
        let operation = self.operation.as_ref().filter(|operation| operation.purpose.is_forward())?;
        operation.row(target).filter(|row| row.may_have_taken_effect())
    }

    pub(super) fn release_row(&self, target: &Target) -> Option<PlanRow> {
        let function = self.deck.function(target)?;
        let entry = function.memory.release.as_ref()?;
        let mut row = roll_back_row(target, function.alias.value(), entry.stable, entry.new);
        // The rollback does not wait for a forward write, and carries the same revision: whichever AWS takes second
        // meets a changed revision, and the rollback then reads and goes on.
        if let Some(moving) = self.forward_under_way(target) {
            row.from = moving.to;
            row.revision = moving.revision().cloned();
        }
        Some(row)
    }

    /// Outside a release R asks which version to go back to, for the function under the cursor.
    pub(crate) fn offer_candidates(&mut self, now: Now) {
        let Some(target) = self.selected().map(|function| function.target.clone()) else {
            return;
        };
        self.offer_candidates_of(&target, now);
    }

    /// Opens the list of versions that a function could go back to.
    pub(super) fn offer_candidates_of(&mut self, target: &Target, now: Now) {
        let Some(function) = self.deck.function(target) else {
            return;
        };
        if function.has_no_alias() {
            let words = format!("Nothing to go back by: {} has no alias {}. ", target.function, target.alias);
            return self.say(words + "⏎ tells more.", true, now);
        }
        let (Some(alias), Some(versions)) = (function.alias.value(), function.versions.value()) else {
            self.say(
                format!("No release is on record, and {target} has not been read yet: nothing to go back to."),
                true,
                now,
            );
            return;
        };
        // Where somebody split the traffic, either side may be the stable one.
        let is_split = function.split().is_some() && function.entry().is_none();
        let live = Routing::only(function.split().map_or(alias.routing.primary, |split| split.new));
        let in_traffic = |version: Version| is_split && alias.routing.reaches(version);
        let is_other = |info: &&VersionInfo| {
            info.version != Version::Latest && (in_traffic(info.version) || !live.reaches(info.version))
        };
        let mut infos: Vec<&VersionInfo> = versions.iter().filter(is_other).collect();
        infos.sort_by(|one, other| candidates::by_age(other, one));
        let present = function.version_info(live.primary);
        let is_older = |info: &&VersionInfo| match present {
            // Of two target groups none is older.
            _ if target.kind == Mover::Rule => false,
            Some(present) => candidates::by_age(info, present).is_lt(),
            None => info.version.has_order() && info.version < live.primary,
        };
        // Back is what came before, or what was stable on record: forward there are stages, with all that they ask.
        infos.retain(|info| {
            is_older(info) || function.memory.last_stable == Some(info.version) || in_traffic(info.version)
        });
        let others: Vec<Version> = infos.iter().map(|info| info.version).collect();
        let recorded = function.memory.last_stable.filter(|stable| others.contains(stable));
        let place = recorded.and_then(|stable| others.iter().position(|version| *version == stable));
        let row = (!is_split).then(|| place.unwrap_or(0));
        if others.is_empty() {
            let noun = candidates::noun(target.kind);
            self.say(format!("No release is on record, and {target} has no older {noun} to go back to."), true, now);
            return;
        }
        let target = target.clone();
        self.view.overlay =
            Some(Overlay::Candidates(Candidates { target, versions: others, row, recorded, shown_at: now.wall }));
    }

    /// Takes a function back to a version of the person's choice.
    pub fn roll_back_to(&mut self, target: &Target, version: Version, now: Now) -> Vec<Effect> {
        let plan = self.roll_back_plan(std::slice::from_ref(target), Some(version));
        self.carry_out(&plan, "", now)
    }

    /// The functions whose rollback can still be undone.
    pub fn undoable(&self, now: Now) -> Vec<Target> {
        let functions = self.deck.functions.iter().filter(|function| function.entry().is_none());
        let recent = functions.filter(|function| {
            let undone = function.memory.rolled_back.as_ref();
            undone.is_some_and(|undone| now.world.duration_since(undone.at) <= UNDO_TIME)
        });
        recent.map(|function| function.target.clone()).collect()
    }

    /// Whether a rollback is under way.
    pub fn is_rolling_back(&self) -> bool {
        self.operation.as_ref().is_some_and(Operation::is_rolling_back)
    }
}

/// The row of a function that was named but is not in a release: there is nothing to take back, or nobody knows what.
fn nowhere_to_go(function: &Function) -> PlanRow {
    let stable = function.stable().unwrap_or(Version::Latest);
    let mut row = roll_back_row(&function.target, function.alias.value(), stable, stable);
    let last = function.memory.rolled_back.as_ref().map(|last| last.entry.stable);
    if function.alias.value().is_none() {
        row.refusal = Some("its alias could not be read".to_owned());
    } else if let Some(was) = astray(function, &[]) {
        row.refusal = Some(format!(
            "it is at {}, which its release ({} → {}) did not put there: name the version to go back to with --to",
            row.from, was.stable, was.new
        ));
    } else if last != Some(stable) {
        row.refusal = Some("no release of it is on record: name the version to go back to with --to".to_owned());
    }
    row
}

/// What was rolled back here, where its new version gets traffic again beside the same stable one.
fn undone_again(function: &Function) -> Option<&Entry> {
    let routing = function.alias.value()?.routing;
    let entry = &function.memory.rolled_back.as_ref()?.entry;
    let is_same = routing.versions().all(|version| version == entry.stable || version == entry.new);
    Some(entry).filter(|_| is_same)
}

/// Without a record nobody can say which of two is the stable one: the lower version may be the hand-made canary, and of
/// two target groups none is older.
fn split_by_nobody(function: &Function) -> PlanRow {
    let mut row = nowhere_to_go(function);
    let (place, noun) = match function.target.kind {
        Mover::Rule => ("in a tag of the rule", "target group"),
        Mover::Alias | Mover::Stage => ("in its description", "version"),
    };
    let recorded = match function.untold() {
        Some(why) => format!("on this machine, and what stands {place} could not be read ({why})"),
        None => format!("neither on this machine nor {place}"),
    };
    row.refusal = Some(format!(
        "no release is on record, {recorded}, so which {noun} is stable is not known: name it with --to, or roll back \
         where the release was begun"
    ));
    row
}
