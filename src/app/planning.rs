//! Puts a plan together: reads what it must be built on, freshly, and draws it. Nothing is written here; a plan on
//! screen only becomes writes when it is confirmed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    App, Errand,
    event::{Effect, Pace, Read, Reply},
    owning::Stranger,
    view::{Overlay, PlanDialog, Reason},
};
use crate::{
    clock::Now,
    release::{
        error::{CloudError, Trouble},
        facts::{Alias, VersionInfo},
        memory::Entry,
        names::{Mover, ReleaseId, Target, Version},
        plan::{Known, Plan, PlanRow, Purpose, roll_back_row, shift_row},
        routing::Routing,
    },
};

/// How long a plan must have been on screen before it can be confirmed, so that a key held down confirms nothing.
pub const READING_TIME: Duration = Duration::from_millis(250);

const NOTHING_TO_PLAN: &str = "Nothing here has a newer version to release: nothing to plan.";

/// A plan that is being put together.
#[derive(Debug, Clone)]
pub struct Gathering {
    purpose: Purpose,
    targets: Vec<Target>,
    /// Questions still out, by target.
    pub(super) waiting: BTreeMap<Target, usize>,
    /// Why a target could not be read.
    pub(super) errors: BTreeMap<Target, String>,
    /// The new versions with their state.
    pub(super) versions: BTreeMap<Target, VersionInfo>,
    /// The other aliases that are moved first, by the function that they come before.
    before: BTreeMap<Target, Alias>,
    /// Targets whose new version has been asked for.
    asked_version: Vec<Target>,
    /// What nobody named and nobody had read: it is in the plan only where a newer version turns out to be there.
    pub(super) tentative: BTreeSet<Target>,
    /// Where a scheduled question for the versions is on its way: its answer serves the plan, too.
    pub(super) scheduled: BTreeSet<Target>,
    notice: Option<String>,
}

impl App {
    /// Starts a plan for these functions and opens its dialog. What it rests on is read first.
    pub fn propose(&mut self, purpose: Purpose, targets: Vec<Target>, notice: Option<String>, now: Now) -> Vec<Effect> {
        self.gather(purpose, targets, BTreeSet::new(), notice, now)
    }

    /// Starts a plan; what is `tentative` is only in it where a newer version turns out to be there.
    pub(super) fn gather(
        &mut self,
        purpose: Purpose,
        mut targets: Vec<Target>,
        tentative: BTreeSet<Target>,
        notice: Option<String>,
        now: Now,
    ) -> Vec<Effect> {
        if self.is_moving() {
            return self.still_moving(now);
        }
        let mut seen = BTreeSet::new();
        targets.retain(|target| seen.insert(target.clone()));
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
            return Vec::new();
        }
        if targets.is_empty() {
            self.say(self.nothing_to_plan(), false, now);
            return Vec::new();
        }
        let notice = notice.or_else(|| self.notice_before(purpose, &targets));
        self.view.overlay = Some(Overlay::Plan(PlanDialog {
            reading: targets.clone(),
            plan: None,
            shown_at: None,
            reason: None,
            typed: String::new(),
            row: 0,
            notice: notice.clone(),
        }));
        self.errands.retain(|_, errand| !matches!(errand, Errand::Planning(_)));
        self.gathering = Some(Gathering {
            purpose,
            targets: targets.clone(),
            waiting: BTreeMap::new(),
            errors: BTreeMap::new(),
            versions: BTreeMap::new(),
            before: BTreeMap::new(),
            asked_version: Vec::new(),
            tentative,
            scheduled: BTreeSet::new(),
            notice,
        });
        self.run_commands_before(purpose);
        self.questions_of_plan(purpose, targets)
    }

    /// What a person has to know before a forward plan is confirmed: whose the release is, and what is in it no more.
    fn notice_before(&self, purpose: Purpose, targets: &[Target]) -> Option<String> {
        if !purpose.is_forward() {
            return None;
        }
        let theirs =
            |stranger: Stranger| format!("{} runs this release. Confirming this takes it over.", stranger.name);
        let back = || self.gone_back_in_words().filter(|_| matches!(purpose, Purpose::Shift { .. }));
        let left = |words: String| format!("{words}. Confirming this moves the functions below alone.");
        let mut said: Vec<String> = self.stranger().map(theirs).into_iter().chain(back().map(left)).collect();
        if matches!(purpose, Purpose::Shift { .. }) {
            said.extend(self.left_out(targets).into_iter().map(|words| words + "."));
        }
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// Why there is nothing to plan: what was rolled back here waits to be named, or nothing is newer.
    fn nothing_to_plan(&self) -> String {
        self.all_left_out().unwrap_or_else(|| NOTHING_TO_PLAN.to_owned())
    }

    fn questions_of_plan(&mut self, purpose: Purpose, targets: Vec<Target>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for target in targets {
            effects.push(self.ask_for_plan(&target, Read::Alias(target.clone(), Pace::Urgent)));
            if let Some(read) = self.question_about_pre_stage(purpose, &target) {
                effects.push(self.ask_for_plan(&target, read));
            }
            let Some(function) = self.deck.function(&target) else { continue };
            let (needs_versions, needs_provisioned) =
                (function.versions.value().is_none(), function.provisioned.value().is_none());
            // Health, owners and deployments must be known as they are now, and no later question asks for them.
            let needs_fresh = target.kind != Mover::Alias && purpose.is_forward();
            if needs_versions && !needs_fresh && function.versions.is_asked() {
                self.wait_for_scheduled(&target);
            } else if needs_versions || needs_fresh {
                effects.push(self.ask_for_plan(&target, Read::Versions(target.clone())));
            }
            if needs_provisioned && matches!(purpose, Purpose::Shift { percent } if percent < 100.0) {
                effects.push(self.ask_for_plan(&target, Read::Provisioned(target.clone())));
            }
        }
        effects
    }

    pub(super) fn ask_for_plan(&mut self, target: &Target, read: Read) -> Effect {
        if let Some(gathering) = &mut self.gathering {
            *gathering.waiting.entry(target.clone()).or_default() += 1;
        }
        Effect::Read(self.ticket(Errand::Planning(target.clone())), read)
    }

    /// Takes something in that a plan waits for, and draws the plan once nothing is missing.
    pub(super) fn answer_planning(&mut self, target: &Target, reply: Reply, now: Now) -> Vec<Effect> {
        let mut error = None;
        let mut effects = Vec::new();
        let is_alias = matches!(reply, Reply::Alias(..));
        if let Some(function) = self.deck.function_mut(target) {
            match reply {
                // The row says that its pre-stage could not be read.
                Reply::Alias(other, answer) if other != *target => {
                    if let (Some(gathering), Ok(alias)) = (&mut self.gathering, answer) {
                        gathering.before.insert(target.clone(), alias);
                    }
                }
                Reply::Alias(_, Ok(alias)) => {
                    let before = function.alias.value().cloned();
                    function.alias.set(alias, now.world);
                    self.adopt(target);
                    effects = self.note_change(target, before.as_ref(), now);
                }
                Reply::Versions(_, Ok(versions)) => function.versions.set(versions, now.world),
                Reply::Version(_, version, Err(why)) if why.kind == Trouble::NotFound => {
                    if let Some(versions) = function.versions.value_mut() {
                        versions.retain(|info| info.version != version);
                    }
                }
                Reply::Provisioned(_, Ok(provisioned)) => function.provisioned.set(provisioned, now.world),
                Reply::Version(_, _, Ok(info)) => {
                    if let Some(gathering) = &mut self.gathering {
                        gathering.versions.insert(target.clone(), info);
                    }
                }
                Reply::Alias(_, Err(why)) | Reply::Versions(_, Err(why)) | Reply::Version(_, _, Err(why)) => {
                    error = Some(cannot_be_read(&why));
                }
                // Who may not read provisioned concurrency can still shift: AWS itself refuses a split there.
                Reply::Provisioned(_, Err(_)) => {}
                _ => return Vec::new(),
            }
        }
        effects.extend(self.heard_for_plan(target, error, is_alias, now));
        effects
    }

    /// One question less is open for a target of the plan.
    pub(super) fn heard_for_plan(
        &mut self,
        target: &Target,
        error: Option<String>,
        is_alias: bool,
        now: Now,
    ) -> Vec<Effect> {
        let Some(gathering) = &mut self.gathering else {
            return Vec::new();
        };
        if let Some(error) = error {
            let place = gathering.errors.entry(target.clone()).or_default();
            if place.is_empty() || is_alias {
                *place = error;
            }
        }
        if let Some(count) = gathering.waiting.get_mut(target) {
            *count -= 1;
        }
        gathering.waiting.retain(|_, count| *count > 0);
        if gathering.waiting.contains_key(target) {
            return Vec::new();
        }
        match self.ask_state_of_new_version(target) {
            Some(effect) => vec![effect],
            None => self.draw_plan_if_complete(now),
        }
    }

    /// Lambda's list of versions does not say whether one is ready; `GetFunction` does. Other lists say all.
    fn ask_state_of_new_version(&mut self, target: &Target) -> Option<Effect> {
        let gathering = self.gathering.as_mut()?;
        if gathering.asked_version.contains(target)
            || gathering.errors.contains_key(target)
            || gathering.purpose.is_roll_back()
            || target.kind != Mover::Alias
        {
            return None;
        }
        gathering.asked_version.push(target.clone());
        let purpose = gathering.purpose;
        let function = self.deck.function(target)?;
        let undone = || function.memory.rolled_back.as_ref().map(|undone| undone.entry.new);
        let version = match purpose {
            Purpose::Undo => undone(),
            Purpose::Shift { .. } | Purpose::PreStage | Purpose::RollBack | Purpose::TakeOver | Purpose::Finish => {
                self.deck.part(function).map(|entry| entry.new).or_else(|| function.new_version())
            }
        }?;
        Some(self.ask_for_plan(target, Read::Version(target.clone(), version)))
    }

    fn draw_plan_if_complete(&mut self, now: Now) -> Vec<Effect> {
        let Some(gathering) = self.gathering.take_if(|gathering| gathering.waiting.is_empty()) else {
            if let (Some(Overlay::Plan(dialog)), Some(gathering)) = (&mut self.view.overlay, &self.gathering) {
                dialog.reading = gathering.waiting.keys().cloned().collect();
            }
            return Vec::new();
        };
        let targets: Vec<Target> =
            gathering.targets.iter().filter(|target| !self.drops_out(&gathering, target)).cloned().collect();
        if targets.is_empty() {
            self.view.overlay = None;
            self.say(self.nothing_to_plan(), false, now);
            return Vec::new();
        }
        let mut rows: Vec<PlanRow> = targets.iter().map(|target| self.plan_row(&gathering, target)).collect();
        if self.is_first_shift(gathering.purpose) {
            for row in &mut rows {
                self.add_pre_stage(row, gathering.before.get(&row.target), now);
            }
        }
        self.await_versions_of(&gathering, now);
        // What stands around the functions is asked now: nothing of it may keep the plan from being drawn.
        let effects = self.ask_around(gathering.purpose, &targets, now);
        if gathering.purpose.is_forward() {
            for row in &mut rows {
                row.refusal = row.refusal.take().or_else(|| self.rival_of(&row.target));
            }
        }
        let plan = Plan { purpose: gathering.purpose, rows };
        let reason = self.wants_reason(plan.purpose, now).then(Reason::default);
        let Some(Overlay::Plan(dialog)) = &mut self.view.overlay else { return effects };
        if dialog.plan.is_some() {
            dialog.draw_again(plan, now.wall);
            return effects;
        }
        *dialog = PlanDialog {
            reading: Vec::new(),
            plan: Some(plan),
            shown_at: Some(now.wall),
            reason,
            typed: String::new(),
            row: 0,
            notice: gathering.notice,
        };
        effects
    }

    /// Whether a plan is being put together.
    pub(super) fn is_gathering(&self) -> bool {
        self.gathering.is_some()
    }

    /// Puts a plan together once more, with what is known of it but for these targets.
    pub(super) fn gather_again<'a>(&mut self, mut gathering: Gathering, targets: impl Iterator<Item = &'a Target>) {
        for target in targets {
            gathering.errors.remove(target);
        }
        self.gathering = Some(gathering);
    }

    fn plan_row(&self, gathering: &Gathering, target: &Target) -> PlanRow {
        let unknown = |why: &str| {
            let mut row = roll_back_row(target, None, Version::Latest, Version::Latest);
            row.refusal = Some(why.to_owned());
            row
        };
        if let Some(why) = gathering.errors.get(target) {
            return unknown(why);
        }
        let Some(function) = self.deck.function(target) else {
            return unknown("it is not in the configuration");
        };
        let Some(alias) = function.alias.value() else {
            return unknown(&format!("its {} could not be read", target.kind.noun()));
        };
        let undone = function.memory.rolled_back.as_ref();
        let (entry, percent) = match gathering.purpose {
            Purpose::Shift { percent } => (self.deck.part(function), percent),
            Purpose::Undo => match undone {
                Some(undone) if !alias.routing.same_traffic(&Routing::only(undone.entry.stable)) => {
                    return unknown(&format!("it was changed since the rollback: it is now {}", alias.routing));
                }
                Some(undone) => (Some(&undone.entry), undone.percent),
                None => return unknown("no rollback is on record"),
            },
            Purpose::PreStage | Purpose::RollBack | Purpose::TakeOver | Purpose::Finish => {
                return match function.entry() {
                    Some(entry) => roll_back_row(target, Some(alias), entry.stable, entry.new),
                    None => unknown("no release is on record here"),
                };
            }
        };
        let candidate = function.candidate();
        let mut versions = function.versions.value().cloned().unwrap_or_default();
        if let Some(fresh) = gathering.versions.get(target) {
            versions.retain(|info| info.version != fresh.version);
            versions.push(fresh.clone());
        }
        let known = Known {
            target,
            alias,
            entry,
            candidate: candidate.as_ref().ok().copied(),
            no_candidate: candidate.as_ref().err().map_or("", String::as_str),
            versions: &versions,
            provisioned: function.provisioned.value().and_then(Option::as_ref),
        };
        shift_row(known, percent, self.release.split)
    }

    /// The id of the release that a first shift joins or begins.
    pub(super) fn release_id(&self, now: Now) -> ReleaseId {
        match self.deck.in_release().next() {
            Some((_, entry)) => entry.id.clone(),
            None => self
                .id_of_pre_stage()
                .cloned()
                .unwrap_or_else(|| ReleaseId::new(format!("r-{}", now.world.strftime("%Y%m%d-%H%M%S")))),
        }
    }

    /// The entry that fixes a row's function and versions, made when its first shift is confirmed.
    pub(super) fn entry_for(&self, row: &PlanRow, id: ReleaseId, now: Now) -> Entry {
        Entry {
            id,
            target: row.target.clone(),
            stable: row.stable,
            new: row.new,
            before: row.from,
            by: self.deck.caller.value().map_or_else(|| self.deck.place.os_user.clone(), |c| c.short().to_owned()),
            owner: self.deck.place.owner.clone(),
            since: now.world,
            shifts: Vec::new(),
            whole: row.waits,
            told: false,
        }
    }
}

pub(super) fn cannot_be_read(why: &CloudError) -> String {
    format!("cannot be read: {} ({})", why.message, why.kind)
}
