//! The gate on a health probe: so many bad answers in a row are a failure. How an answer is got and judged is the
//! business of whoever asks; here it is plain data.

use jiff::{SignedDuration, Timestamp};

use super::{
    GateResult, Outcome, Readings, Unit, Why,
    settings::{Gate, ProbeCheck},
};

/// One answer of a health endpoint, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeResult {
    /// When it was asked, world time.
    pub at: Timestamp,
    /// Whether it was asked at all. A header without its variable is no evidence about the release.
    pub asked: bool,
    /// Why the answer is bad; `None` for a good one.
    pub refusal: Option<String>,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// How long the exchange took in ms.
    pub ms: f64,
    /// The version that answered, where it says so.
    pub version: Option<String>,
}

impl ProbeResult {
    fn is_bad(&self) -> bool {
        self.asked && self.refusal.is_some()
    }
}

/// Answers from before the last shift came from other weights, and old ones from another time: neither counts.
pub(super) fn evaluate(gate: &Gate, check: &ProbeCheck, readings: &Readings<'_>) -> GateResult {
    let result = GateResult { data_to: None, ..GateResult::new(&gate.name, Unit::Milliseconds) };
    let not_run = Outcome::Undecided { why: Why::NotRun };
    let is_of_now = |answer: &&ProbeResult| readings.shifted.is_none_or(|shifted| answer.at >= shifted);
    let all = readings.probes.get(&check.probe).map(Vec::as_slice).unwrap_or_default();
    let answers: Vec<&ProbeResult> = all.iter().filter(is_of_now).collect();
    let stale_after = SignedDuration::try_from(check.stale_after).unwrap_or(SignedDuration::MAX);
    let Some(last) = answers.last().filter(|last| readings.now.duration_since(last.at) <= stale_after) else {
        return GateResult { outcome: not_run, ..result };
    };
    let bad = answers.iter().rev().take_while(|answer| answer.is_bad()).count();
    let outcome = match u32::try_from(bad).unwrap_or(u32::MAX) {
        0 if last.asked => Outcome::Pass,
        0 => not_run,
        bad if bad >= check.failures => Outcome::Fail { level: check.level, alike: false },
        bad => Outcome::Undecided { why: Why::NotLong { bad, needed: check.failures } },
    };
    GateResult {
        outcome,
        value: last.asked.then_some(last.ms),
        data_to: Some(last.at),
        note: last.refusal.clone().or_else(|| last.version.clone()).unwrap_or_default(),
        ..result
    }
}
