//! Takes replies in: each finds what it answers, or is dropped because nobody waits for it any more.

use super::{
    App, Errand,
    event::{Effect, Reply, Ticket},
    timeline::Tone,
};
use crate::{
    clock::Now,
    release::{
        error::CloudError,
        facts::{Alarm, AlarmState, Alias},
        memory::ShiftMark,
        names::Target,
    },
};

impl App {
    /// Takes a reply in.
    pub(super) fn answer(&mut self, ticket: Ticket, reply: Reply, now: Now) -> Vec<Effect> {
        let Some(errand) = self.errands.remove(&ticket) else {
            return Vec::new();
        };
        match errand {
            Errand::Reading => {
                self.answer_reading(ticket, reply, now);
                Vec::new()
            }
            Errand::Metrics => {
                self.answer_metrics(reply, now);
                Vec::new()
            }
            Errand::Recall => {
                self.answer_recall(reply, now);
                Vec::new()
            }
            Errand::Planning(target) => self.answer_planning(&target, reply, now),
            Errand::Moving(target) => self.answer_moving(&target, reply, now),
            Errand::Record(confirmed) => self.answer_record(&confirmed, reply, now),
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
            kind: crate::release::error::Trouble::Timeout,
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
            Errand::Record(confirmed) => self.answer_record(&confirmed, Reply::Remembered(Err(error.message)), now),
            Errand::Recall => {
                self.deck.recalled = Some(Err(error.message));
                Vec::new()
            }
            Errand::Reading | Errand::Metrics | Errand::Note => {
                self.forget(ticket);
                Vec::new()
            }
        }
    }

    fn answer_reading(&mut self, ticket: Ticket, reply: Reply, now: Now) {
        let deck = &mut self.deck;
        match reply {
            Reply::Caller(answer) => {
                deck.caller.answer(ticket, answer, now.world);
            }
            Reply::Alias(target, answer) => self.answer_alias(ticket, &target, answer, now),
            Reply::Versions(name, answer) => {
                // Two aliases of one function may be watched: the versions are the same, each asks for itself.
                let mut functions = deck.functions.iter_mut().filter(|function| function.target.function == name);
                if let Some(function) = functions.find(|function| function.versions.waits_for(ticket)) {
                    function.versions.answer(ticket, answer, now.world);
                }
            }
            Reply::Aliases(name, answer) => {
                let mut functions = deck.functions.iter_mut().filter(|function| function.target.function == name);
                if let Some(function) = functions.find(|function| function.aliases.waits_for(ticket)) {
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
            | Reply::Metrics(..)
            | Reply::Recalled(_)
            | Reply::Remembered(_)
            | Reply::Written(..) => {}
        }
    }

    /// A scheduled look at an alias. A change that this program did not make is worth a line in the timeline.
    fn answer_alias(&mut self, ticket: Ticket, target: &Target, answer: Result<Alias, CloudError>, now: Now) {
        let is_ours = self.is_moving();
        let Some(function) = self.deck.function_mut(target) else {
            return;
        };
        let before = function.alias.value().cloned();
        if !function.alias.answer(ticket, answer, now.world) || is_ours {
            return;
        }
        if let (Some(before), Some(after)) = (before, function.alias.value())
            && !before.routing.same_traffic(&after.routing)
        {
            let what = format!("{target} was changed elsewhere: {} → {}", before.routing, after.routing);
            // The charts and the counts by version need to know that from here on the split is another one.
            let percent = function.percent();
            if let Some(entry) = &mut function.memory.release {
                entry.shifts.push(ShiftMark { at: now.world, percent });
            }
            self.timeline.add(now.world, "AWS", what, Tone::Warning);
        }
    }

    fn answer_alarms(&mut self, ticket: Ticket, answer: Result<Vec<Alarm>, CloudError>, now: Now) {
        let before = self.deck.alarms.value().cloned();
        if !self.deck.alarms.answer(ticket, answer, now.world) {
            return;
        }
        let (Some(before), Some(after)) = (before, self.deck.alarms.value()) else {
            return;
        };
        for alarm in after {
            let Some(was) = before.iter().find(|was| was.name == alarm.name).filter(|was| was.state != alarm.state)
            else {
                continue;
            };
            let tone = match alarm.state {
                AlarmState::Alarm => Tone::Bad,
                AlarmState::Ok => Tone::Good,
                AlarmState::InsufficientData => Tone::Warning,
            };
            let what = format!("{} {} → {}  {}", alarm.name, was.state.as_str(), alarm.state.as_str(), alarm.reason);
            self.timeline.add(alarm.since.unwrap_or(now.world), "CloudWatch", what, tone);
        }
    }

    fn answer_recall(&mut self, reply: Reply, now: Now) {
        let Reply::Recalled(answer) = reply else {
            return;
        };
        match answer {
            Ok(memories) => {
                for (target, memory) in memories {
                    if let Some(function) = self.deck.function_mut(&target) {
                        function.memory = memory;
                        function.alias.hurry();
                    }
                }
                self.deck.recalled = Some(Ok(()));
            }
            Err(why) => {
                let text = format!(
                    "The release record cannot be read: {why}. R still works: it asks which version to go back to."
                );
                self.say(text, true, now);
                self.deck.recalled = Some(Err(why));
            }
        }
    }

    fn forget(&mut self, ticket: Ticket) {
        let deck = &mut self.deck;
        deck.caller.forget(ticket);
        deck.alarms.forget(ticket);
        deck.budgets.forget(ticket);
        for function in &mut deck.functions {
            function.alias.forget(ticket);
            function.versions.forget(ticket);
            function.aliases.forget(ticket);
            function.provisioned.forget(ticket);
        }
    }
}
