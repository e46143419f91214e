//! Has the gates evaluated whenever there is something new to look at, and tells the run what they say: evidence while
//! a release is under way, obstacles before its first shift.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::App;
use crate::{
    app::{asking::Scope, deck::Function, event::Effect},
    clock::Now,
    release::{
        facts::AlarmState,
        gates::{self, FunctionReading, GateResult, Need, Readings, Standing, alarms::AlarmReading, command::Moment},
        hours::AllowedHours,
        metrics::minute,
        preflight::{self, Findings},
        stages::{Input, Leg, Obstacle},
    },
};

/// What an evaluation looked at. As long as it is the same, the gates say the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::app) struct Sight {
    leg: Option<Leg>,
    closed_until: Timestamp,
    due_until: Timestamp,
    alarms_read: Option<Timestamp>,
    metrics: u64,
    checks: u64,
    /// Since when metrics and alarms cannot be read.
    troubles: [Option<Timestamp>; 2],
}

impl App {
    pub(super) fn weigh(&mut self, now: Now) -> Vec<Effect> {
        self.forget_silent_alarms();
        if self.running.as_ref().is_some_and(|running| running.run.state().is_moving()) {
            return Vec::new();
        }
        self.judge_minutes(now);
        let Some((sight, results)) = self.look(now) else {
            return Vec::new();
        };
        self.sight = Some(sight);
        self.checks.checklist.observe(sight.leg, &results, now.world);
        let is_baking = sight.leg.is_some();
        let mut evidence = gates::evidence(&results, now.world);
        // A minute that is due and on its way may still tell: nobody decides that it cannot be told before that.
        evidence.is_complete &= evidence.standing != Standing::Undecided || sight.closed_until >= sight.due_until;
        match &mut self.running {
            Some(running) if is_baking => running.results = results,
            _ => self.preflight = results,
        }
        if is_baking {
            self.note_gates(now);
            return self.inform(Input::Evidence(evidence), now);
        }
        let obstacles = self.obstacles(now);
        self.inform(Input::Obstacles(obstacles), now)
    }

    /// What all gates say, unless nothing has changed since they were last asked.
    fn look(&self, now: Now) -> Option<(Sight, Vec<GateResult>)> {
        let functions = self.function_readings(now.world);
        let sight = Sight {
            leg: self.leg(),
            closed_until: functions.iter().map(|function| function.lens.closed_until).min()?,
            due_until: functions.iter().map(|function| function.due_until).max()?,
            alarms_read: self.deck.alarms.read_at(),
            metrics: self.metric_schedule.answers,
            checks: self.checks.changes,
            troubles: [self.metrics_trouble(), self.deck.alarms.trouble()].map(|trouble| Some(trouble?.1)),
        };
        if self.sight == Some(sight) {
            return None;
        }
        let alarms = self.alarm_readings();
        let troubles = self.troubles_of_cloudwatch();
        let readings = self.readings(&functions, &alarms, &troubles, now.world);
        Some((sight, gates::evaluate(&self.gates, &readings)))
    }

    /// What the release is doing; `None` while there is none.
    fn leg(&self) -> Option<Leg> {
        let running = self.running.as_ref().filter(|running| !running.run.state().is_final())?;
        running.run.stay().map(|stay| stay.leg)
    }

    /// The functions of the release; before it those that have something to release.
    fn function_readings(&self, now: Timestamp) -> Vec<FunctionReading<'_>> {
        let is_meant = |function: &&Function| {
            if self.deck.is_releasing() {
                function.entry().is_some()
            } else {
                self.leg().is_some() || function.candidate().is_ok()
            }
        };
        let reading = |function| FunctionReading {
            lens: self.lens(function, now),
            due_until: minute::closed_until(now, function.timeout(), self.release.settle),
            expect_traffic: function.expect_traffic,
        };
        self.deck.functions.iter().filter(is_meant).map(reading).collect()
    }

    fn alarm_readings(&self) -> Vec<AlarmReading<'_>> {
        let environment = &self.deck.environment;
        let before = self.running.as_ref().map(|running| &running.ringing_before);
        let alarms = self.deck.alarms.value().into_iter().flatten();
        // What no rule speaks of is only there as the child of a composite alarm, and stops nothing.
        let with_rule = alarms.filter_map(|alarm| Some((alarm, environment.rule_for(alarm)?)));
        let reading = with_rule.map(|(alarm, rule)| AlarmReading {
            alarm,
            severity: Some(rule.severity),
            means: rule.means.as_deref(),
            insufficient: rule.insufficient,
            from_before: before.is_some_and(|before| before.contains(&*alarm.label())),
        });
        reading.collect()
    }

    fn readings<'a>(
        &'a self,
        functions: &'a [FunctionReading<'a>],
        alarms: &'a [AlarmReading<'a>],
        [metrics_trouble, alarms_trouble]: &'a [Option<String>; 2],
        now: Timestamp,
    ) -> Readings<'a> {
        let marks = || self.deck.in_release().flat_map(|(_, entry)| entry.shifts.iter().map(|mark| mark.at));
        let leg = self.leg();
        Readings {
            now,
            leg,
            began: marks().min().filter(|_| leg.is_some()),
            shifted: marks().max().filter(|_| leg.is_some()),
            functions,
            store: &self.metrics,
            closed_until: functions.iter().map(|function| function.lens.closed_until).min().unwrap_or(now),
            alarms,
            metrics_trouble: metrics_trouble.as_deref(),
            alarms_read: self.deck.alarms.read_at(),
            alarms_trouble: alarms_trouble.as_deref(),
            probes: &self.checks.probes,
            commands: &self.checks.commands,
            judge: self.judging.judgement.as_ref(),
        }
    }

    /// What the gates want to be asked of CloudWatch: nothing while no release is run here.
    pub(in crate::app) fn needs_of_gates(&self, now: Timestamp) -> BTreeSet<Need> {
        if !self.is_run_here() || self.leg().is_none() && self.scope != Scope::Release {
            return BTreeSet::new();
        }
        let functions = self.function_readings(now);
        let alarms = self.alarm_readings();
        gates::needs(&self.gates, &self.readings(&functions, &alarms, &[None, None], now))
    }

    /// Why metrics and alarms cannot be read now.
    fn troubles_of_cloudwatch(&self) -> [Option<String>; 2] {
        [self.metrics_trouble(), self.deck.alarms.trouble()].map(|trouble| Some(trouble?.0.to_string()))
    }

    /// What stands in the way of a first shift now.
    pub fn obstacles(&self, now: Now) -> Vec<Obstacle> {
        let alarms = self.alarm_readings();
        let troubles = [self.troubles_before(), self.rivals_around(), self.troubles_around()].concat();
        let findings = Findings {
            gates: &self.gates,
            results: &self.preflight,
            alarms: &alarms,
            acknowledged: &self.acknowledged,
            checklist: &self.checks.checklist,
            hours: self.allowed_hours(),
            reason: self.reason.as_deref(),
            troubles: &troubles,
        };
        preflight::obstacles(&findings, now.world)
    }

    /// When a release may begin here without a reason.
    pub fn allowed_hours(&self) -> &[AllowedHours] {
        self.deck.environment.allowed_hours.as_ref().unwrap_or(&self.release.allowed_hours)
    }

    /// The commands that must pass before the first shift and have not, each in a sentence.
    fn troubles_before(&self) -> Vec<String> {
        let before = self.deck.environment.commands.iter().filter(|settings| settings.when == Moment::Before);
        let trouble = |name: &str| match self.checks.commands.get(name) {
            _ if self.checks.is_running(name) => Some(format!("the command {name} has not ended yet")),
            Some(run) if run.says() == Some(true) => None,
            Some(run) => Some(format!("the command {name}: {}", run.words)),
            None => Some(format!("the command {name} has not run")),
        };
        before.filter_map(|settings| trouble(&settings.command.name)).collect()
    }

    /// The names of the alarms that are in ALARM now. They are on screen with the plan, so confirming it acknowledges
    /// them; they trigger nothing by themselves later.
    pub fn ringing(&self) -> BTreeSet<String> {
        let alarms = self.deck.alarms.value().into_iter().flatten();
        alarms.filter(|alarm| alarm.state == AlarmState::Alarm).map(|alarm| alarm.label().into_owned()).collect()
    }

    /// An alarm that rang before the release, recovered and rings again counts like any other.
    fn forget_silent_alarms(&mut self) {
        let ringing = self.ringing();
        if let Some(running) = &mut self.running
            && self.deck.alarms.is_answered()
        {
            running.ringing_before.retain(|name| ringing.contains(name));
        }
    }
}
