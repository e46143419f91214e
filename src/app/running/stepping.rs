//! Carries out what a release orders: the plans of its stages, and how their writes ended.

use super::App;
use crate::{
    app::event::Effect,
    clock::Now,
    release::{
        names::Target,
        operation::{Row, Step},
        plan::{Confirmed, Consent, Known, Plan, PlanRow, Purpose, shift_row},
        stages::{Input, Moved},
    },
};

impl App {
    pub(super) fn shift_as_ordered(&mut self, percent: f64, now: Now) -> Vec<Effect> {
        let waiting = self.running.as_mut().and_then(|running| running.confirmed.take());
        let is_meant = |confirmed: &Confirmed| confirmed.plan().purpose == Purpose::Shift { percent };
        let confirmed = match waiting.filter(is_meant) {
            Some(confirmed) => return self.record_and_start(confirmed, now),
            None => match self.plan_of_mandate(percent).map(|plan| plan.confirm(Consent::Yes)) {
                Some(Ok(confirmed)) => confirmed,
                refused => {
                    let why = refused.and_then(Result::err).map_or("no plan".to_owned(), |why| why.to_string());
                    self.say(format!("The shift to {percent} % could not go out: {why}."), true, now);
                    return self.inform(Input::Shifted(Moved::None), now);
                }
            },
        };
        let why = "the stage before has baked and every gate passes".to_owned();
        self.by_itself(why, |app| app.record_and_start(confirmed, now))
    }

    /// The plan for a stage of what was confirmed as a whole, built on the aliases as they were last read.
    fn plan_of_mandate(&self, percent: f64) -> Option<Plan> {
        let mandate = self.running.as_ref()?.run.mandate()?;
        let rows: Vec<PlanRow> =
            mandate.rows().iter().filter_map(|row| self.row_of_mandate(&row.target, percent)).collect();
        (rows.len() == mandate.rows().len()).then_some(Plan { purpose: Purpose::Shift { percent }, rows })
    }

    fn row_of_mandate(&self, target: &Target, percent: f64) -> Option<PlanRow> {
        let function = self.deck.function(target)?;
        let known = Known {
            target,
            alias: function.alias.value()?,
            entry: self.deck.part(function),
            candidate: function.candidate().ok(),
            no_candidate: "it is not in the release any more",
            versions: function.versions.value()?,
            provisioned: function.provisioned.value().and_then(Option::as_ref),
        };
        Some(shift_row(known, percent, self.release.split))
    }

    /// Tells the run how a move of traffic ended.
    pub(in crate::app) fn report_move(&mut self, purpose: Purpose, now: Now) -> Vec<Effect> {
        let Some(operation) = &self.operation else {
            return Vec::new();
        };
        let left: Vec<Target> =
            operation.rows.iter().filter(|row| !row.step.is_good()).map(|row| row.target.clone()).collect();
        let moved = match left.len() {
            0 => Moved::All,
            count if count == operation.rows.len() => Moved::None,
            _ => Moved::Some(left),
        };
        let is_conflict = |row: &&Row| matches!(row.step, Step::Conflict(_));
        let conflicts: Vec<Target> = operation.rows.iter().filter(is_conflict).map(|row| row.target.clone()).collect();
        match purpose {
            Purpose::Shift { .. } => {
                let mut effects = self.inform(Input::Shifted(moved), now);
                effects.extend(self.hear_of_conflicts(&conflicts, now));
                effects
            }
            Purpose::RollBack if moved != Moved::All || !self.deck.is_releasing() => {
                self.inform(Input::RolledBack(moved), now)
            }
            Purpose::PreStage => {
                self.pre_stage_moved(moved == Moved::All, now);
                Vec::new()
            }
            Purpose::RollBack | Purpose::Undo | Purpose::TakeOver | Purpose::Finish => Vec::new(),
        }
    }
}
