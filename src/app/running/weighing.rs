//! Has the gates evaluated on every closed minute, and tells the run what they say.

use jiff::Timestamp;

use super::{App, Running};
use crate::{
    app::{deck::Function, event::Effect},
    clock::Now,
    release::{
        gates::{self, FunctionReading, GateResult, Readings, alarms::AlarmReading},
        metrics::minute,
        stages::Input,
    },
};

impl App {
    /// Has the gates evaluated where there is something new to look at.
    pub(super) fn weigh(&mut self, now: Now) -> Vec<Effect> {
        let Some(running) = self.running.as_ref().filter(|running| running.run.stay().is_some()) else {
            return Vec::new();
        };
        if running.run.state().is_moving() {
            return Vec::new();
        }
        let functions: Vec<FunctionReading<'_>> = self.deck.in_release().map(|(f, _)| self.reading(f, now)).collect();
        let closed = functions.iter().map(|function| function.lens.closed_until).min();
        let due = functions.iter().map(|function| function.due_until).max();
        let (Some(closed), Some(due)) = (closed, due) else {
            return Vec::new();
        };
        let seen = (closed, due, self.deck.alarms.read_at());
        if running.seen == Some(seen) {
            return Vec::new();
        }
        let results = self.evaluate(running, &functions, closed, now);
        let evidence = gates::evidence(&results, now.world);
        if let Some(running) = &mut self.running {
            running.results = results;
            running.seen = Some(seen);
        }
        self.inform(Input::Evidence(evidence), now)
    }

    fn reading<'a>(&'a self, function: &'a Function, now: Now) -> FunctionReading<'a> {
        FunctionReading {
            lens: self.lens(function, now.world),
            due_until: minute::closed_until(now.world, function.timeout(), self.release.settle),
            expect_traffic: function.expect_traffic,
        }
    }

    fn evaluate(
        &self,
        running: &Running,
        functions: &[FunctionReading<'_>],
        closed_until: Timestamp,
        now: Now,
    ) -> Vec<GateResult> {
        let marks = || self.deck.in_release().flat_map(|(_, entry)| entry.shifts.iter().map(|mark| mark.at));
        let alarms: Vec<AlarmReading<'_>> = self
            .deck
            .alarms
            .value()
            .into_iter()
            .flatten()
            .map(|alarm| AlarmReading {
                alarm,
                severity: self.deck.environment.severity_of(&alarm.name),
                insufficient: gates::alarms::Insufficient::default(),
                from_before: running.ringing_before.contains(&alarm.name),
            })
            .collect();
        let readings = Readings {
            now: now.world,
            leg: running.run.stay().map(|stay| stay.leg),
            began: marks().min(),
            shifted: marks().max(),
            functions,
            store: &self.metrics,
            closed_until,
            alarms: &alarms,
            alarms_read: self.deck.alarms.read_at(),
            probes: &std::collections::BTreeMap::new(),
            commands: &std::collections::BTreeMap::new(),
            judge: None,
        };
        gates::evaluate(&self.gates, &readings)
    }
}
