//! Yes to a plan: what must hold for it, at the last moment before anything leaves. Drawing the plan is another room's.

use super::{App, event::Effect, view::Overlay};
use crate::{
    clock::Now,
    release::plan::{Consent, Plan},
};

impl App {
    /// `y` in the plan: confirms it, if it can be confirmed.
    pub(super) fn confirm_plan(&mut self, now: Now) -> Vec<Effect> {
        let Some(Overlay::Plan(dialog)) = &self.view.overlay else {
            return Vec::new();
        };
        let Some(plan) = &dialog.plan else {
            return Vec::new();
        };
        let plan = plan.clone();
        if self.is_asking_for_rivals(&plan, now) {
            let words = "Nobody knows yet whether CodeDeploy moves these aliases, too: it is being asked. Try again in a moment.";
            self.say(words, false, now);
            return Vec::new();
        }
        let typed = dialog.typed.clone();
        if let Some(reason) = dialog.reason.as_ref().filter(|reason| reason.is_given) {
            self.reason = Some(reason.text.trim().to_owned());
        }
        self.carry_out(&plan, &typed, now)
    }

    /// Confirms a plan with what was typed of a protected environment's name, and starts it.
    pub fn carry_out(&mut self, plan: &Plan, typed: &str, now: Now) -> Vec<Effect> {
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
            return Vec::new();
        }
        if !plan.purpose.is_roll_back() {
            if self.is_moving() {
                return self.still_moving(now);
            }
            if let Some(why) = self.no_record().or_else(|| self.stops_first_shift(plan.purpose, now)) {
                self.say(why, true, now);
                return Vec::new();
            }
        }
        let environment = &self.deck.environment;
        let consent =
            if environment.protected { Consent::Typed { wanted: &environment.name, typed } } else { Consent::Yes };
        match plan.confirm(consent) {
            Ok(confirmed) => {
                self.view.overlay = None;
                self.begin(confirmed, now)
            }
            Err(why) => {
                self.say(why.to_string(), true, now);
                Vec::new()
            }
        }
    }

    /// Why nothing can be recorded: the record that is there must be known before anything is written over it.
    fn no_record(&self) -> Option<String> {
        match &self.deck.recalled {
            Some(Ok(())) => None,
            Some(Err(why)) => {
                Some(format!("{why}. Nothing moves forward without the release record; Ctrl-R reads it again."))
            }
            None => Some("The release record has not been read yet. Try again in a moment.".to_owned()),
        }
    }
}
