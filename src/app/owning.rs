//! Whose release it is. The record in the alias names the one program that runs it; every other program watches, and
//! may take it over when a person confirms that. Whoever it belongs to, R works from everywhere.

use jiff::Timestamp;

use super::{
    App, Errand,
    event::Effect,
    timeline::Tone,
    view::{Overlay, TakeOverDialog},
};
use crate::{
    clock::Now,
    release::{
        carried, count,
        names::Target,
        plan::{Consent, Plan, PlanRow, Purpose, roll_back_row},
        stages::Input,
    },
};

/// Another program that runs the release seen here.
#[derive(Debug, Clone, PartialEq)]
pub struct Stranger {
    /// Its name, such as `ada@laptop/4711`.
    pub name: String,
    /// When it last wrote to an alias, UTC, as far as is known here.
    pub last_sign: Timestamp,
    /// The share that every function has, in percent 0–100.
    pub percent: f64,
    /// The functions that it runs.
    pub functions: Vec<Target>,
    /// Whether the aliases say so. If not, it cannot see that somebody else took over.
    pub is_in_alias: bool,
}

impl Stranger {
    /// Whether it is a program that runs, or was: who shifts by hand leaves a name without a process.
    pub fn is_program(&self) -> bool {
        self.name.contains('/')
    }
}

impl App {
    /// The other program that runs the release, if another does.
    pub fn stranger(&self) -> Option<Stranger> {
        let ours = &self.deck.place.owner;
        let is_theirs = |owner: &str| !owner.is_empty() && owner != ours;
        let theirs = || self.deck.in_release().filter(|(_, entry)| is_theirs(&entry.owner));
        let (_, first) = theirs().next()?;
        Some(Stranger {
            name: first.owner.clone(),
            last_sign: theirs().map(|(_, entry)| entry.shifts.last().map_or(entry.since, |mark| mark.at)).max()?,
            percent: theirs().map(|(function, _)| function.percent()).fold(100.0, f64::min),
            functions: theirs().map(|(function, _)| function.target.clone()).collect(),
            is_in_alias: theirs().all(|(function, _)| self.has_record(&function.target)),
        })
    }

    /// Tells the run whose the release is, where that has changed: an alias was read that names another program.
    pub(super) fn heed_owner(&mut self, now: Now) -> Vec<Effect> {
        let is_known = self.running.as_ref().is_some_and(|running| !running.run.state().is_final());
        if !is_known || self.is_moving() || !self.deck.is_releasing() {
            return Vec::new();
        }
        self.inform(Input::Owner(self.stranger().is_none()), now)
    }

    /// `T`: asks whether to take the release over.
    pub(super) fn offer_take_over(&mut self, now: Now) {
        if let Some(ban) = self.deck.write_ban() {
            return self.say(ban, true, now);
        }
        if self.is_moving() {
            self.still_moving(now);
            return;
        }
        match self.stranger() {
            Some(stranger) => {
                self.view.overlay = Some(Overlay::TakeOver(TakeOverDialog { stranger, shown_at: now.wall }));
            }
            None if self.deck.is_releasing() => self.say("This program runs the release already.", false, now),
            None => self.say("No release is under way.", false, now),
        }
    }

    /// `y` in that dialog.
    pub(super) fn confirm_take_over(&mut self, dialog: &TakeOverDialog, now: Now) -> Vec<Effect> {
        self.view.overlay = None;
        let shown = &dialog.stranger;
        let is_as_shown = |now: Stranger| now.name == shown.name && now.functions == shown.functions;
        if !self.stranger().is_some_and(is_as_shown) {
            self.say("It has changed since you were asked: look again before you take it over.", true, now);
            return Vec::new();
        }
        self.take_over(now)
    }

    /// Has the aliases name this program. No weight changes, and an alias that somebody changed meanwhile keeps what
    /// they wrote.
    pub fn take_over(&mut self, now: Now) -> Vec<Effect> {
        if let Some(ban) = self.deck.write_ban() {
            self.say(ban, true, now);
            return Vec::new();
        }
        let targets = self.stranger().map(|stranger| stranger.functions).unwrap_or_default();
        let (recorded, others): (Vec<_>, Vec<_>) = targets.into_iter().partition(|target| self.has_record(target));
        let mut effects = self.take_over_here(&others, now);
        let rows: Vec<PlanRow> = recorded.iter().filter_map(|target| self.take_over_row(target, now)).collect();
        if rows.is_empty() {
            return effects;
        }
        match (Plan { purpose: Purpose::TakeOver, rows }).confirm(Consent::Yes) {
            Ok(confirmed) => effects.extend(self.begin(confirmed, now)),
            Err(why) => self.say(format!("The release was not taken over: {why}."), true, now),
        }
        effects
    }

    /// Whether the alias carries the record of a release.
    fn has_record(&self, target: &Target) -> bool {
        let alias = self.deck.function(target).and_then(|function| function.alias.value());
        alias.is_some_and(|alias| carried::own(&alias.description).is_some())
    }

    /// Where no alias says whose the release is, it is written down on this machine alone.
    fn take_over_here(&mut self, targets: &[Target], now: Now) -> Vec<Effect> {
        let owner = self.deck.place.owner.clone();
        let mut notes = Vec::new();
        for target in targets {
            if let Some(function) = self.deck.function_mut(target)
                && let Some(entry) = &mut function.memory.release
            {
                entry.owner.clone_from(&owner);
                notes.push((target.clone(), function.memory.clone()));
            }
        }
        if notes.is_empty() {
            return Vec::new();
        }
        let count = count::counted(notes.iter().map(|(target, _)| target.kind));
        let text = format!("took over {count}; only this machine knows, for the aliases carry no record");
        self.say(text.clone(), false, now);
        self.timeline.add(now.world, "flightdeck", text, Tone::Warning);
        let account = self.deck.account().unwrap_or_default().to_owned();
        vec![Effect::Remember(self.ticket(Errand::Note), account, notes)]
    }

    fn take_over_row(&self, target: &Target, now: Now) -> Option<PlanRow> {
        let function = self.deck.function(target)?;
        let (entry, alias) = (function.entry()?, function.alias.value()?);
        let mut row = roll_back_row(target, Some(alias), entry.stable, entry.new);
        row.to = alias.routing;
        if self.description_for(&row, Purpose::TakeOver, now).is_none() {
            row.refusal = Some("its description has no room for this program's name".to_owned());
        }
        Some(row)
    }
}
