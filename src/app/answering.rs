//! Takes replies in: each finds what it answers, or is dropped because nobody waits for it any more.

use super::{
    App, Errand,
    event::{Effect, Reply, Ticket},
    timeline::Tone,
};
use crate::{
    clock::Now,
    release::{
        carried,
        error::{CloudError, Trouble},
        facts::{Alarm, AlarmState, Alias},
        memory::ShiftMark,
        names::Target,
        notice::Delivery,
        record::Kind,
    },
};

/// How close two shares must be to count as the same, in percent.
const SAME: f64 = 0.005;

impl App {
    /// Takes a reply in.
    pub(super) fn answer(&mut self, ticket: Ticket, reply: Reply, now: Now) -> Vec<Effect> {
        let Some(errand) = self.errands.remove(&ticket) else {
            return Vec::new();
        };
        match errand {
            Errand::Reading => {
                if let Reply::Version(_, _, answer) = reply {
                    return self.answer_side(ticket, &answer, now);
                }
                self.answer_reading(ticket, reply, now)
            }
            Errand::Metrics => {
                self.answer_metrics(reply, now);
                Vec::new()
            }
            Errand::Recall => {
                self.answer_recall(reply, now);
                Vec::new()
            }
            Errand::Probe(_) | Errand::Command(_) => {
                self.answer_check(reply, now);
                Vec::new()
            }
            Errand::Step(title) => {
                self.answer_step(&title, reply, now);
                Vec::new()
            }
            Errand::Journal => {
                self.answer_journal(reply, now);
                Vec::new()
            }
            Errand::History => {
                self.answer_history(reply);
                Vec::new()
            }
            Errand::Ticks(release) => {
                self.answer_ticks(&release, reply);
                Vec::new()
            }
            Errand::Unsettled => {
                self.answer_unsettled(reply);
                Vec::new()
            }
            Errand::Unsure => {
                self.answer_unsure(reply, now);
                Vec::new()
            }
            Errand::Process(name) => self.answer_process(&name, &reply, now),
            Errand::Around => {
                self.answer_around(reply);
                Vec::new()
            }
            Errand::Planning(target) => self.answer_planning(&target, reply, now),
            Errand::Moving(target) => self.answer_moving(&target, reply, now),
            Errand::Record(confirmed, notes) => self.answer_record(&confirmed, notes, reply, now),
            Errand::Telling(..) => {
                self.answer_telling(reply, now);
                Vec::new()
            }
            Errand::Note => {
                if let Reply::Remembered(Err(why)) = reply {
                    self.say(format!("Could not write the record: {why}"), true, now);
                }
                Vec::new()
            }
        }
    }

    /// A task died. Whatever it was for goes on as if the call had failed.
    pub(super) fn lose(&mut self, ticket: Ticket, why: &str, now: Now) -> Vec<Effect> {
        let Some(errand) = self.errands.remove(&ticket) else {
            return Vec::new();
        };
        let error = CloudError {
            kind: Trouble::Timeout,
            operation: "flightdeck",
            message: format!("a call ended without a reply ({why})"),
            request_id: None,
            retry_after: None,
        };
        match errand {
            Errand::Moving(target) => {
                let reply = if self.is_writing(&target) {
                    Reply::Written(target.clone(), Err(error))
                } else {
                    Reply::Alias(target.clone(), Err(error))
                };
                self.answer_moving(&target, reply, now)
            }
            Errand::Planning(target) => self.answer_planning(&target, Reply::Alias(target.clone(), Err(error)), now),
            Errand::Record(confirmed, notes) => {
                self.answer_record(&confirmed, notes, Reply::Remembered(Err(error.message)), now)
            }
            Errand::Recall => {
                self.deck.recalled = Some(Err(error.message));
                Vec::new()
            }
            Errand::Reading => {
                self.fail_reading(ticket, &error, now);
                self.hear_scheduled(now)
            }
            Errand::Probe(name) => {
                self.lose_probe(&name, &error.message, now);
                Vec::new()
            }
            Errand::Command(name) => {
                self.lose_command(&name, &error.message, now);
                Vec::new()
            }
            Errand::Step(title) => {
                self.lose_step(&title, &error.message, now);
                Vec::new()
            }
            Errand::Telling(to, occasion) => {
                let outcome = Err(error.message);
                self.answer_telling(Reply::Told(Delivery { to, occasion, outcome }), now);
                Vec::new()
            }
            Errand::Metrics => {
                self.lose_metrics(error, now);
                Vec::new()
            }
            Errand::Note => {
                self.say(format!("Could not write the record: {}", error.message), true, now);
                Vec::new()
            }
            Errand::Journal => {
                self.journal_failed(Vec::new(), error.message, now);
                Vec::new()
            }
            Errand::History => {
                self.past = Some(Err(error.message));
                Vec::new()
            }
            // What is not known around a function stops nothing, and ticks that are not known can be given again.
            Errand::Unsettled | Errand::Unsure | Errand::Process(_) | Errand::Around | Errand::Ticks(_) => Vec::new(),
        }
    }

    fn answer_reading(&mut self, ticket: Ticket, reply: Reply, now: Now) -> Vec<Effect> {
        let deck = &mut self.deck;
        match reply {
            Reply::Caller(answer) => {
                deck.caller.answer(ticket, answer, now.world);
            }
            Reply::Alias(target, answer) => return self.answer_alias(ticket, &target, answer, now),
            Reply::Versions(target, answer) => {
                if let Some(function) = deck.function_mut(&target) {
                    function.versions.answer(ticket, answer, now.world);
                }
                return self.hear_scheduled(now);
            }
            Reply::Aliases(target, answer) => {
                if let Some(function) = deck.function_mut(&target) {
                    function.aliases.answer(ticket, answer, now.world);
                }
            }
            Reply::Provisioned(target, answer) => {
                if let Some(function) = deck.function_mut(&target) {
                    function.provisioned.answer(ticket, answer, now.world);
                }
            }
            Reply::Alarms(answer) => self.answer_alarms(ticket, answer, now),
            Reply::Budgets(answer) => {
                deck.budgets.answer(ticket, answer, now.world);
            }
            Reply::Version(..)
            | Reply::Around(..)
            | Reply::Deployments(_)
            | Reply::Permissions(_)
            | Reply::Metrics(..)
            | Reply::Recalled(..)
            | Reply::Remembered(_)
            | Reply::Probed(..)
            | Reply::Ran(..)
            | Reply::Told(_)
            | Reply::Journaled(_)
            | Reply::Unsettled(_)
            | Reply::History(_)
            | Reply::Process(_)
            | Reply::Written(..) => {}
        }
        Vec::new()
    }

    /// A scheduled look at an alias. A change that this program did not make is worth a line in the timeline.
    fn answer_alias(
        &mut self,
        ticket: Ticket,
        target: &Target,
        answer: Result<Alias, CloudError>,
        now: Now,
    ) -> Vec<Effect> {
        if self.answer_pre_stage(ticket, &answer, now) {
            return Vec::new();
        }
        let Some(function) = self.deck.function_mut(target) else {
            return Vec::new();
        };
        let before = function.alias.value().cloned();
        let was_gone = function.alias.trouble().is_some_and(|(error, _)| error.kind == Trouble::NotFound);
        let (is_read, is_gone) = (answer.is_ok(), answer.as_ref().is_err_and(|error| error.kind == Trouble::NotFound));
        if !function.alias.answer(ticket, answer, now.world) {
            return Vec::new();
        }
        if is_read {
            self.adopt(target);
            return self.note_change(target, before.as_ref(), now);
        }
        if is_gone && !was_gone { self.hear_of_loss(target, now) } else { Vec::new() }
    }

    /// An alias was read: notes a change that this program did not make. Whoever made it may have written a record
    /// on this machine, such as a `flightdeck shift` beside this cockpit: that is read again.
    pub(super) fn note_change(&mut self, target: &Target, before: Option<&Alias>, now: Now) -> Vec<Effect> {
        if let Some(operation) = &mut self.operation {
            if operation.row(target).is_some_and(|row| !row.step.is_final()) {
                return Vec::new();
            }
            operation.observed(target);
        }
        let Some(function) = self.deck.function_mut(target) else {
            return Vec::new();
        };
        if let (Some(before), Some(after)) =
            (before.map(|alias| alias.routing), function.alias.value().map(|alias| alias.routing))
            && !before.same_traffic(&after)
        {
            let why = function.alias.value().map(|alias| came_before(&alias.description)).unwrap_or_default();
            let what = format!("{target} was changed elsewhere: {before} → {after}{why}");
            // The charts and the counts by version need to know that from here on the split is another one.
            // Whoever writes a record says since when; the record of a release that is new here told it already.
            let percent = function.percent();
            let record = function.alias.value().and_then(|alias| carried::own(&alias.description));
            if let Some(entry) = &mut function.memory.release {
                let record = record.filter(|record| record.id == entry.id);
                let at = record.map_or(now.world, |record| record.since.min(now.world));
                if entry.shifts.last().is_none_or(|last| (last.percent - percent).abs() > SAME) {
                    entry.shifts.push(ShiftMark { at, percent });
                }
            }
            self.timeline.add(now.world, "AWS", what, Tone::Warning);
            self.deck.recalled = None;
            let what = format!("changed elsewhere: {before} → {after}");
            self.note_at(now.world, Kind::Moved { percent }, "AWS", Some(target.clone()), what, now);
        }
        let was = before.and_then(|alias| carried::own(&alias.description));
        self.hear_of_alias(target, before.map(|alias| alias.routing), was.as_ref(), now)
    }

    fn answer_alarms(&mut self, ticket: Ticket, answer: Result<Vec<Alarm>, CloudError>, now: Now) {
        let before = self.deck.alarms.value().cloned();
        if !self.deck.alarms.answer(ticket, answer, now.world) {
            return;
        }
        let (Some(before), Some(after)) = (before, self.deck.alarms.value()) else {
            return;
        };
        let mut changes = Vec::new();
        for alarm in after {
            let Some(was) = before
                .iter()
                .find(|was| (&was.name, &was.region) == (&alarm.name, &alarm.region))
                .filter(|was| was.state != alarm.state)
            else {
                continue;
            };
            let tone = match alarm.state {
                AlarmState::Alarm => Tone::Bad,
                AlarmState::Ok => Tone::Good,
                AlarmState::InsufficientData => Tone::Warning,
            };
            // A child of a composite alarm that no rule speaks of is nobody's news.
            let Some(rule) = self.deck.environment.rule_for(alarm) else { continue };
            let means = rule.means.as_ref().map(|means| format!(" ({means})")).unwrap_or_default();
            let (from, to) = (was.state.as_str(), alarm.state.as_str());
            let what = format!("{} {from} → {to}{means}  {}", alarm.label(), alarm.reason);
            let (at, state) = (alarm.since.unwrap_or(now.world), alarm.state.as_str().to_owned());
            changes.push((at, Kind::Alarm { name: alarm.label().into_owned(), state }, what.clone()));
            self.timeline.add(at, "CloudWatch", what, tone);
        }
        for (at, kind, what) in changes {
            self.note_at(at, kind, "CloudWatch", None, what, now);
        }
    }

    /// What is on its way from the journal is older than what is about to be written down: it is read again.
    pub(super) fn forget_recall(&mut self) {
        let before = self.errands.len();
        self.errands.retain(|_, errand| !matches!(errand, Errand::Recall));
        if self.errands.len() < before {
            self.deck.recalled = None;
        }
    }

    fn answer_recall(&mut self, reply: Reply, now: Now) {
        let Reply::Recalled(memories, trouble) = reply else {
            return;
        };
        // A move that began meanwhile knows more than what was on disk before it.
        if self.is_moving() {
            self.deck.recalled = None;
            return;
        }
        for (target, memory) in memories {
            if let Some(function) = self.deck.function_mut(&target)
                && !function.memory.knows_more_than(&memory)
            {
                function.memory = memory;
                function.alias.hurry();
            }
            self.adopt(&target);
        }
        if let Some(why) = &trouble {
            let text = format!(
                "Part of the release record cannot be read: {why}. R rolls back what is on record; elsewhere it asks \
                 which version to go back to."
            );
            self.say(text, true, now);
        }
        self.deck.recalled = Some(trouble.map_or(Ok(()), Err));
    }

    fn fail_reading(&mut self, ticket: Ticket, error: &CloudError, now: Now) {
        let deck = &mut self.deck;
        deck.caller.answer(ticket, Err(error.clone()), now.world);
        deck.alarms.answer(ticket, Err(error.clone()), now.world);
        deck.budgets.answer(ticket, Err(error.clone()), now.world);
        for function in &mut deck.functions {
            function.alias.answer(ticket, Err(error.clone()), now.world);
            function.first.answer(ticket, Err(error.clone()), now.world);
            function.versions.answer(ticket, Err(error.clone()), now.world);
            function.aliases.answer(ticket, Err(error.clone()), now.world);
            function.provisioned.answer(ticket, Err(error.clone()), now.world);
            function.sides.answer(ticket, &Err(error.clone()), now.world);
        }
    }
}

/// That an alias was changed as the pre-stage of another one's release: no release of its own.
fn came_before(description: &str) -> String {
    let record = carried::read(description).1;
    let first = record.and_then(|record| Some((record.before?, record.id, record.owner)));
    first.map(|(alias, id, owner)| format!(", as the pre-stage of {alias} ({id}, {owner})")).unwrap_or_default()
}
