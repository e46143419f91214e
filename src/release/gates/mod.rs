//! Gates: what must hold for a release to go on. Each is asked anew for every closed minute and answers pass, fail or
//! undecided, with its value, its limit and the time of its data. Pure: a gate is fed by [`Readings`], whoever made
//! them (the live program, a replay, a test), and says itself which series it needs ([`needs`]).

pub mod alarms;
pub mod command;
mod need;
pub mod probe;
pub mod settings;
#[cfg(test)]
mod tests;
mod threshold;
mod verdict;
mod window;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    metrics::{lens::Lens, store::MetricStore},
    stages::Leg,
};

pub use super::metrics::unit::Unit;
pub use need::{Need, needs};
pub use settings::{Check, Gate, Level};
pub use verdict::{GateResult, Judgement, Outcome, Standing, Tally, Why, evidence, standing, tally};

/// All that gates look at, at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Readings<'a> {
    /// World time.
    pub now: Timestamp,
    /// What the release is doing; `None` before its first shift.
    pub leg: Option<Leg>,
    /// When its first shift was acknowledged: the hour before it is what drops and rises are measured against.
    pub began: Option<Timestamp>,
    /// When its last shift was acknowledged: windows begin there unless they may reach back.
    pub shifted: Option<Timestamp>,
    /// The functions of the release.
    pub functions: &'a [FunctionReading<'a>],
    /// The answers of CloudWatch so far.
    pub store: &'a MetricStore,
    /// Why CloudWatch cannot be asked for metrics, while it cannot.
    pub metrics_trouble: Option<&'a str>,
    /// The end of the last closed minute of metrics that are no function's, UTC.
    pub closed_until: Timestamp,
    /// The alarms that the configuration names.
    pub alarms: &'a [alarms::AlarmReading<'a>],
    /// When the alarms were last read.
    pub alarms_read: Option<Timestamp>,
    /// Why CloudWatch cannot be asked for alarms, while it cannot.
    pub alarms_trouble: Option<&'a str>,
    /// The probes' answers by probe, oldest first.
    pub probes: &'a BTreeMap<String, Vec<probe::ProbeResult>>,
    /// The last run of each command.
    pub commands: &'a BTreeMap<String, command::CommandResult>,
    /// What the comparison of the versions says, where there is one.
    pub judge: Option<&'a Judgement>,
}

/// One function, as far as gates see it.
#[derive(Debug, Clone, Copy)]
pub struct FunctionReading<'a> {
    /// Its metrics, up to the last minute that is closed *and* read.
    pub lens: Lens<'a>,
    /// The end of the last minute that should be closed and read by now, UTC.
    pub due_until: Timestamp,
    /// Whether silence is worth a remark. A weekly job never holds the group.
    pub expect_traffic: bool,
}

/// How far the reading may lag behind before its answers count as missing: a poll and its retries.
const LATE: SignedDuration = SignedDuration::from_mins(2);

impl FunctionReading<'_> {
    /// Whether the minutes that are due have been read.
    fn is_up_to_date(&self) -> bool {
        self.due_until.duration_since(self.lens.closed_until) <= LATE
    }
}

/// Every gate that is asked at this point of the release, in the order of the configuration, with one result a function
/// where it looks at functions. A gate that can only warn holds nothing up, not even for lack of an answer.
pub fn evaluate(gates: &[Gate], readings: &Readings<'_>) -> Vec<GateResult> {
    let mut results = Vec::new();
    for gate in gates.iter().filter(|gate| gate.when.applies(readings.leg)) {
        let before = results.len();
        match &gate.check {
            Check::Threshold(check) => results.extend(threshold::evaluate(gate, check, readings)),
            Check::Alarms(check) => results.push(alarms::evaluate(gate, check, readings)),
            Check::Probe(check) => results.push(probe::evaluate(gate, check, readings)),
            Check::Command { command, level } => results.push(command::evaluate(gate, command, *level, readings)),
        }
        if !gate.check.can_stop() {
            results[before..].iter_mut().for_each(|result: &mut GateResult| result.holds = false);
        }
    }
    results.extend(readings.judge.filter(|_| readings.leg.is_some()).map(|judge| judge.result(readings)));
    results
}
