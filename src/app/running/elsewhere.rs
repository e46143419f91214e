//! What others do to the release that is run or watched here, as it shows when an alias is read: it is rolled back, an
//! alias is moved or deleted, its owner goes on, or ends it.

use super::App;
use crate::{
    app::{Errand, event::Effect, timeline::Tone},
    clock::Now,
    release::{
        carried::{self, Carried},
        memory::Memory,
        names::Target,
        record::Ending,
        routing::Routing,
        stages::{Input, Mandate, MandateRow, Moved, News, Run},
    },
};

/// How close two shares must be to count as the same, in percent.
const SAME: f64 = 0.005;

/// Where the traffic of a function goes, as the release sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// All of it to the stable version.
    Back,
    /// Some or all of it to the new version.
    Forward,
    /// Neither: somebody put something else there, or the alias is gone.
    Strange,
}

impl App {
    /// An alias was read. `before` is where its traffic went when it was last read, and `was` the record that it
    /// carried then.
    pub(in crate::app) fn hear_of_alias(
        &mut self,
        target: &Target,
        before: Option<Routing>,
        was: Option<&Carried>,
        now: Now,
    ) -> Vec<Effect> {
        if !self.is_part_of_run(target) || self.is_moving() {
            return Vec::new();
        }
        let mut effects = self.heed_owner(now);
        let after = self.deck.function(target).and_then(|function| function.alias.value()).map(|alias| alias.routing);
        let is_moved = before.zip(after).is_some_and(|(before, after)| !before.same_traffic(&after));
        if is_moved {
            effects.extend(self.judge_change(target, now));
        } else if self.is_left_half_way() {
            effects.extend(self.inform(Input::Disturbed, now));
        } else if was.is_some_and(|was| self.is_ended_elsewhere(target, was)) {
            effects.extend(self.inform(Input::Finish, now));
        }
        effects
    }

    /// An alias of the release cannot be read any more because it is gone.
    pub(in crate::app) fn hear_of_loss(&mut self, target: &Target, now: Now) -> Vec<Effect> {
        if !self.is_part_of_run(target) || self.is_moving() {
            return Vec::new();
        }
        self.inform(Input::Disturbed, now)
    }

    /// A shift met aliases that somebody changed since they were read: whoever it was, and whatever they did.
    pub(super) fn hear_of_conflicts(&mut self, conflicts: &[Target], now: Now) -> Vec<Effect> {
        for target in conflicts {
            self.adopt(target);
        }
        let mut effects = self.heed_owner(now);
        let rows = self.rows_of_run();
        if conflicts.is_empty() || rows.is_empty() {
            return effects;
        }
        let is_back = rows.iter().all(|row| self.place(row) == Place::Back);
        let has_moved = self.running.as_ref().is_some_and(|running| running.run.stay().is_some());
        let told =
            if is_back && has_moved { self.rolled_back_elsewhere(now) } else { self.inform(Input::Disturbed, now) };
        effects.extend(told);
        effects
    }

    fn is_part_of_run(&self, target: &Target) -> bool {
        self.is_run_here() && self.rows_of_run().iter().any(|row| row.target == *target)
    }

    /// The functions of the release that is run here.
    fn rows_of_run(&self) -> &[MandateRow] {
        let running = self.running.as_ref().filter(|running| !running.run.state().is_final());
        running.and_then(|running| running.run.mandate()).map(Mandate::rows).unwrap_or_default()
    }

    fn place(&self, row: &MandateRow) -> Place {
        match self.deck.function(&row.target).and_then(|function| function.alias.value()).map(|alias| alias.routing) {
            Some(routing) if routing.same_traffic(&Routing::only(row.stable)) => Place::Back,
            Some(routing) if routing.reaches(row.new) => Place::Forward,
            _ => Place::Strange,
        }
    }

    /// Somebody moved an alias of the release.
    fn judge_change(&mut self, target: &Target, now: Now) -> Vec<Effect> {
        let places: Vec<(Target, Place)> =
            self.rows_of_run().iter().map(|row| (row.target.clone(), self.place(row))).collect();
        if places.iter().all(|(_, place)| *place == Place::Back) {
            return self.rolled_back_elsewhere(now);
        }
        let here = places.iter().find(|(one, _)| one == target).map_or(Place::Strange, |(_, place)| *place);
        let is_owner = self.running.as_ref().is_some_and(|running| running.run.is_owner());
        match here {
            // Others are probably on their way back, too: they are looked at before anything is said.
            Place::Back => {
                if let Some(running) = &mut self.running {
                    running.back_since.get_or_insert(now.world);
                }
                for (other, _) in places.iter().filter(|(_, place)| *place == Place::Forward) {
                    if let Some(function) = self.deck.function_mut(other) {
                        function.alias.hurry();
                    }
                }
                Vec::new()
            }
            Place::Forward if !is_owner => self.follow(now),
            Place::Forward | Place::Strange => self.inform(Input::Disturbed, now),
        }
    }

    /// Whether somebody took some functions back, and the others have been looked at since and are not.
    fn is_left_half_way(&mut self) -> bool {
        let Some(since) = self.running.as_ref().and_then(|running| running.back_since) else {
            return false;
        };
        let is_read = |row: &MandateRow| {
            self.deck.function(&row.target).and_then(|function| function.alias.read_at()).is_some_and(|at| at > since)
        };
        let is_known = self.rows_of_run().iter().all(is_read);
        if is_known && let Some(running) = &mut self.running {
            running.back_since = None;
        }
        is_known
    }

    /// Somebody else rolled the release back. It is over here, too.
    fn rolled_back_elsewhere(&mut self, now: Now) -> Vec<Effect> {
        self.end_in_journal(Ending::RolledBack, "taken back elsewhere", now);
        let rows = self.rows_of_run().to_vec();
        let account = self.deck.account().unwrap_or_default().to_owned();
        let mut notes = Vec::new();
        for row in rows {
            if let Some(function) = self.deck.function_mut(&row.target)
                && close(&mut function.memory, &row)
            {
                notes.push((row.target.clone(), function.memory.clone()));
            }
        }
        let text = "somebody else rolled the release back: the stable version is back everywhere";
        self.timeline.add(now.world, "AWS", text, Tone::Warning);
        self.say(text, true, now);
        let mut effects = vec![Effect::Bell];
        if !notes.is_empty() {
            self.forget_recall();
            effects.push(Effect::Remember(self.ticket(Errand::Note), account, notes));
        }
        effects.extend(self.inform(Input::RolledBack(Moved::All), now));
        effects
    }

    /// The owner moved the release on: who watches goes along.
    fn follow(&mut self, now: Now) -> Vec<Effect> {
        let (percent, since) = self.where_it_stands();
        if self.deck.in_release().any(|(function, _)| (function.percent() - percent).abs() > SAME) {
            return Vec::new();
        }
        let mandate = Mandate::recorded(self.deck.of_release().map(|(_, entry)| entry));
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let mut run = Run::resumed(running.run.course().clone(), mandate, percent, since);
        run.take(Input::Owner(false), now.world);
        running.run = run;
        running.results.clear();
        self.announce(News::Shifted { percent }, now)
    }

    /// Whether the owner has ended the release: its record is gone, and the new version has all the traffic.
    fn is_ended_elsewhere(&self, target: &Target, was: &Carried) -> bool {
        let Some(function) = self.deck.function(target) else { return false };
        let is_theirs = |owner: &str| !owner.is_empty() && owner != self.deck.place.owner;
        let record = function.alias.value().and_then(|alias| carried::own(&alias.description));
        record.is_none()
            && is_theirs(&was.owner)
            && function.entry().is_some_and(|entry| entry.id == was.id)
            && function.percent() >= 100.0
    }
}

/// Writes down that a function's release was rolled back. Whether there was anything to write.
fn close(memory: &mut Memory, row: &MandateRow) -> bool {
    let Some(entry) = memory.release.take_if(|entry| entry.new == row.new) else {
        return false;
    };
    memory.ended = Some(entry.id);
    memory.last_stable = Some(row.stable);
    if !memory.withdrawn.contains(&row.new) {
        memory.withdrawn.push(row.new);
    }
    true
}
