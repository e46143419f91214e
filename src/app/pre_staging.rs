//! Tries a version on another alias before its first shift: moves that alias, waits for the probe, and only then lets
//! the confirmed plan go. Nothing of it moves before its record is on disk, and R takes it back with the rest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    App, Errand,
    event::{Effect, Pace, Read},
    timeline::Tone,
};
use crate::{
    clock::Now,
    config::PreStage,
    release::{
        facts::Alias,
        memory::Memory,
        names::{ReleaseId, Target},
        operation::Row,
        plan::{Confirmed, Consent, Plan, PlanRow, Purpose, roll_back_row},
        pre_stage::{self, PreStaged, verdict},
        record::{Ending, Kind},
    },
};

/// What is known of pre-stages in this run.
#[derive(Debug, Default)]
pub struct PreStages {
    /// The rows of the plan that was drawn last, by the function that they come before.
    planned: BTreeMap<Target, PlanRow>,
    /// The release that one is under way for.
    id: Option<ReleaseId>,
    under_way: Option<UnderWay>,
    /// Why the last one ended badly.
    trouble: Option<String>,
}

/// A confirmed plan whose pre-stage comes first.
#[derive(Debug)]
struct UnderWay {
    held: Confirmed,
    probes: BTreeSet<String>,
    /// World time at which all of it was moved; `None` while the writes are on their way.
    moved: Option<Timestamp>,
}

impl App {
    /// Whether an alias is being tried before a first shift.
    pub fn is_pre_staging(&self) -> bool {
        self.pre_stages.under_way.is_some()
    }

    /// Why the last pre-stage stopped the release.
    pub fn pre_stage_trouble(&self) -> Option<&str> {
        self.pre_stages.trouble.as_deref()
    }

    /// The release that a pre-stage belongs to, before any function of it is on record.
    pub(super) fn id_of_pre_stage(&self) -> Option<&ReleaseId> {
        self.pre_stages.id.as_ref()
    }

    /// The pre-stage of a function, where the configuration names one.
    pub(super) fn pre_stage_of(&self, target: &Target) -> Option<(Target, &PreStage)> {
        let settings = self.deck.environment.functions.iter().find(|settings| settings.target == *target)?;
        let pre_stage = settings.pre_stage.as_ref()?;
        Some((target.with_alias(&pre_stage.alias), pre_stage))
    }

    /// What the plan of a first shift must know of the function's pre-stage.
    pub(super) fn question_about_pre_stage(&mut self, purpose: Purpose, target: &Target) -> Option<Read> {
        self.pre_stages.planned.remove(target);
        let (other, _) = self.pre_stage_of(target).filter(|_| self.is_first_shift(purpose))?;
        Some(Read::Alias(other, Pace::Urgent))
    }

    /// Puts the pre-stage into a function's row: what will happen, or why nothing can.
    pub(super) fn add_pre_stage(&mut self, row: &mut PlanRow, alias: Option<&Alias>, now: Now) {
        let Some((other, settings)) = self.pre_stage_of(&row.target).map(|(other, settings)| (other, settings.clone()))
        else {
            return;
        };
        let planned = alias.map(|alias| pre_stage::row(row, &other, alias));
        if let (Some(function), Some(alias)) = (self.deck.function_mut(&row.target), alias) {
            function.first.set(alias.clone(), now.world);
        }
        if row.refusal.is_some() {
            return;
        }
        match planned {
            Some(Ok(before)) => {
                row.remarks.insert(0, pre_stage::in_words(&before, &settings.probe));
                self.pre_stages.planned.insert(row.target.clone(), before);
            }
            Some(Err(why)) => row.refusal = Some(why),
            None => row.refusal = Some(format!("its pre-stage {} could not be read", other.alias)),
        }
    }

    /// Whether something must be tried before this plan goes out.
    pub(super) fn wants_pre_stage(&self, confirmed: &Confirmed) -> bool {
        let rows = &confirmed.plan().rows;
        self.is_first_shift(confirmed.plan().purpose)
            && rows.iter().any(|row| self.pre_stages.planned.contains_key(&row.target))
    }

    /// Moves the other aliases. The plan that was confirmed showed them; it is held until they are well.
    pub(super) fn begin_pre_stage(&mut self, confirmed: Confirmed, now: Now) -> Vec<Effect> {
        let mut rows: Vec<PlanRow> = Vec::new();
        let mut notes: Vec<(Target, Memory)> = Vec::new();
        let mut probes = BTreeSet::new();
        for main in &confirmed.plan().rows {
            let Some(row) = self.pre_stages.planned.remove(&main.target) else { continue };
            probes.extend(self.pre_stage_of(&main.target).map(|(_, settings)| settings.probe.clone()));
            if let Some(function) = self.deck.function(&main.target).filter(|_| !row.is_nothing_to_do()) {
                let moved = PreStaged { target: row.target.clone(), stable: row.stable, new: row.new };
                notes.push((main.target.clone(), Memory { pre_stage: Some(moved), ..function.memory.clone() }));
            }
            rows.push(row);
        }
        let plan = Plan { purpose: Purpose::PreStage, rows };
        let mut before = match plan.confirm(Consent::Yes) {
            Ok(before) => before,
            Err(why) => {
                self.say(format!("The pre-stage could not go out: {why}. Nothing was sent."), true, now);
                return Vec::new();
            }
        };
        self.pre_stages.trouble = None;
        let id = self.release_id(now);
        self.pre_stages.id = Some(id.clone());
        self.write_record_into(&mut before, now);
        self.note_without_room(before.plan(), now);
        let parts: Vec<Row> = confirmed.plan().rows.iter().map(Row::planned).collect();
        self.pre_stages.under_way = Some(UnderWay { held: confirmed, probes, moved: None });
        if notes.is_empty() {
            return self.start(&before, now);
        }
        let account = self.deck.account().unwrap_or_default().to_owned();
        let mut effects: Vec<Effect> = self.intend_before(before.plan(), &parts, &id, now).into_iter().collect();
        let ticket = self.ticket(Errand::Record(before, notes.clone()));
        effects.push(Effect::Remember(ticket, account, notes));
        effects
    }

    /// The writes were answered: all is moved, or it ends here.
    pub(super) fn pre_stage_moved(&mut self, is_whole: bool, now: Now) {
        let Some(under_way) = &mut self.pre_stages.under_way else { return };
        if !is_whole {
            self.fail_pre_stage("not every alias of it could be moved".to_owned(), now);
            return;
        }
        under_way.moved = Some(now.world);
        self.check_anew(|_| false);
    }

    /// Waits for the probes, and lets the held plan go once all of them are well.
    pub(super) fn pre_stage_on(&mut self, now: Now) -> Vec<Effect> {
        let Some(under_way) = &self.pre_stages.under_way else { return Vec::new() };
        let Some(since) = under_way.moved else { return Vec::new() };
        let mut is_waiting = false;
        for probe in &under_way.probes {
            let settings = self.deck.environment.probes.iter().find(|settings| settings.probe.name == *probe);
            let failures = settings.map_or(1, |settings| settings.probe.failures_in_a_row);
            let answers = self.checks.probes.get(probe).map(Vec::as_slice).unwrap_or_default();
            match verdict(answers, since, failures.try_into().unwrap_or(usize::MAX)) {
                Some(Ok(())) => {}
                Some(Err(why)) => {
                    let why = format!("the probe “{probe}” says: {why}");
                    self.fail_pre_stage(why, now);
                    return Vec::new();
                }
                None => is_waiting = true,
            }
        }
        if is_waiting {
            if self.view.toast.is_none() {
                let names: Vec<&str> = under_way.probes.iter().map(String::as_str).collect();
                self.say(format!("The pre-stage is moved; waiting for the probe {}.", names.join(", ")), false, now);
            }
            return self.ask_probes(now);
        }
        let Some(under_way) = self.pre_stages.under_way.take() else { return Vec::new() };
        let text = "the pre-stage answers well; the first shift goes out";
        self.note(Kind::Step, "flightdeck", text, now);
        self.timeline.add(now.world, "flightdeck", text, Tone::Good);
        self.begin(under_way.held, now)
    }

    /// It ends here, in words. What was moved stays until somebody looks at it, or R puts it back.
    pub(super) fn fail_pre_stage(&mut self, why: String, now: Now) {
        if self.pre_stages.under_way.take().is_none() {
            return;
        }
        let text = format!("the pre-stage stopped the release: {why}. The release's own traffic is as it was");
        self.note(Kind::Trouble, "flightdeck", text.clone(), now);
        self.timeline.add(now.world, "flightdeck", text, Tone::Bad);
        self.say(
            format!("The pre-stage stopped it: {why}. Traffic is as it was; R puts the pre-stage back."),
            true,
            now,
        );
        self.end_in_journal(Ending::Abandoned, "the pre-stage stopped it", now);
        self.pre_stages.id = None;
        self.pre_stages.trouble = Some(why);
    }

    /// Gives the held plan up: nothing follows the pre-stage any more.
    pub(super) fn forget_held_plan(&mut self) -> bool {
        self.pre_stages.id = None;
        self.pre_stages.under_way.take().is_some()
    }

    /// What R puts back beside the functions themselves: the aliases that were moved before them.
    pub(super) fn pre_stage_rows(&self, is_meant: impl Fn(&Target) -> bool) -> Vec<PlanRow> {
        let functions = self.deck.functions.iter().filter(|function| is_meant(&function.target));
        let moved = functions.filter_map(|function| function.memory.pre_stage.as_ref());
        let row = |moved: &PreStaged| {
            let mut row = roll_back_row(&moved.target, None, moved.stable, moved.new);
            // As with the functions themselves: it does not wait for a forward write, and carries the same revision.
            if let Some(moving) = self.forward_under_way(&moved.target) {
                row.from = moving.to;
                row.revision = moving.revision().cloned();
            }
            row
        };
        moved.map(row).collect()
    }

    /// A pre-stage was put back: that is remembered with the function it belongs to.
    pub(super) fn forget_pre_stage(&mut self, target: &Target) -> Option<Effect> {
        let account = self.deck.account().unwrap_or_default().to_owned();
        let is_owner = |memory: &Memory| memory.pre_stage.as_ref().is_some_and(|moved| moved.target == *target);
        let function = self.deck.functions.iter_mut().find(|function| is_owner(&function.memory))?;
        function.memory.pre_stage = None;
        let note = vec![(function.target.clone(), function.memory.clone())];
        Some(Effect::Remember(self.ticket(Errand::Note), account, note))
    }
}
