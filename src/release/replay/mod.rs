//! A recorded release judged once more, minute by minute, as live code would have seen it: what comes later in the
//! recording is not looked at until its minute is taken. It neither reads files nor prints.

mod gated;

use super::{
    gates::Gate,
    judge::{
        Judge, Settings,
        counts::{History, LeftOut, MinuteCounts},
        verdict::Verdict,
    },
    metrics::minute::Minute,
    trace::Recording,
};

pub use gated::RecordedGates;

/// Who decides on a recorded release.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deciders<'a> {
    /// What the judge may assume and risk.
    pub settings: Settings,
    /// The gates that are asked besides the judge.
    pub gates: &'a [Gate],
}

/// A recording under replay. An iterator over its minutes that ends with the one that decides.
#[derive(Debug, Clone)]
pub struct Replay<'a> {
    judge: Judge,
    gates: RecordedGates,
    rest: std::slice::Iter<'a, MinuteCounts>,
    decided: bool,
}

/// One minute of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What was taken.
    pub minute: MinuteCounts,
    /// Why it was not judged, if so.
    pub left_out: Option<LeftOut>,
    /// What the judge says after it.
    pub verdict: Verdict,
    /// The gate that would have the release taken back after it.
    pub gate: Option<String>,
}

impl Step {
    /// Whether the release should be taken back.
    pub fn is_against(&self) -> bool {
        self.verdict.is_against() || self.gate.is_some()
    }
}

/// How a replay ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What the judge said last.
    pub verdict: Verdict,
    /// The gate that would have had the release taken back.
    pub gate: Option<String>,
    /// The last minute that was seen. `None` of an empty recording.
    pub at: Option<Minute>,
    /// Minutes whose counts could not be judged.
    pub left_out: Vec<(Minute, LeftOut)>,
}

impl Decision {
    /// Whether the release should have been taken back.
    pub fn is_against(&self) -> bool {
        self.verdict.is_against() || self.gate.is_some()
    }

    /// What decided so: `errors ratio` of the judge, `gate NAME` of a configuration. `None` if nothing did.
    pub fn rule(&self) -> Option<String> {
        let judged = self.verdict.finding().map(|finding| format!("{} {}", finding.metric, finding.rule));
        judged.or_else(|| self.gate.as_ref().map(|gate| format!("gate {gate}")))
    }
}

impl<'a> Replay<'a> {
    /// The minutes before the new version had any traffic are the history; the rest is still to come.
    pub fn of(recording: &'a Recording, deciders: Deciders<'_>) -> Self {
        let begins = recording.minutes.iter().position(|minute| minute.weight > 0.0);
        let (before, release) = recording.minutes.split_at(begins.unwrap_or(recording.minutes.len()));
        let history: History = before.iter().map(|minute| minute.stable).collect();
        let mut gates = RecordedGates::of(deciders.gates);
        for minute in before.iter().filter(|minute| minute.check().is_ok()) {
            gates.take(minute);
        }
        Self { judge: Judge::new(deciders.settings, &history), gates, rest: release.iter(), decided: false }
    }

    /// The judge, as it is now.
    pub fn judge(&self) -> &Judge {
        &self.judge
    }
}

impl Iterator for Replay<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.decided {
            return None;
        }
        let minute = *self.rest.next()?;
        let left_out = self.judge.take(&minute).err();
        let gate = if minute.check().is_ok() { self.gates.take(&minute) } else { None };
        let step = Step { minute, left_out, verdict: self.judge.verdict(), gate };
        self.decided = step.is_against();
        Some(step)
    }
}

/// Replays a whole recording.
pub fn decide(recording: &Recording, deciders: Deciders<'_>) -> Decision {
    let begins = recording.minutes.iter().take_while(|minute| minute.weight == 0.0);
    let odd = begins.filter_map(|minute| Some((minute.at, minute.stable.check().err()?)));
    let mut decision = Decision {
        verdict: Verdict::of_group([]),
        gate: None,
        at: recording.minutes.last().map(|minute| minute.at),
        left_out: odd.collect(),
    };
    for step in Replay::of(recording, deciders) {
        decision.verdict = step.verdict;
        decision.gate = step.gate;
        decision.at = Some(step.minute.at);
        let odd = step.left_out.filter(|reason| *reason != LeftOut::NotShifted);
        decision.left_out.extend(odd.map(|reason| (step.minute.at, reason)));
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::trace::{self, read};

    /// A history of one error in a thousand, then rows of (minute, weight, stable errors of 900, new errors of 100).
    fn recording(rows: &[(i64, f64, u64, u64)]) -> Recording {
        let mut lines = vec![trace::COLUMNS.join(",")];
        lines.extend((-60..0).map(|minute| format!("r,{minute},0,1000,1,10,0,0,0")));
        let row = |(minute, weight, stable, new)| format!("r,{minute},{weight},900,{stable},9,100,{new},1");
        lines.extend(rows.iter().copied().map(row));
        read(&lines.join("\n")).unwrap().remove(0)
    }

    #[test]
    fn a_replay_ends_with_the_minute_that_decides() {
        let sick = recording(&[(0, 0.1, 1, 0), (1, 0.1, 1, 25), (2, 0.1, 1, 25), (3, 0.1, 1, 25)]);
        let steps: Vec<_> = Replay::of(&sick, Deciders::default()).collect();
        assert_eq!(steps.len(), 2);
        let decision = decide(&sick, Deciders::default());
        assert!(matches!(decision.verdict, Verdict::Regression(_)));
        assert_eq!(decision.at, Some(trace::minute(1)));
    }

    #[test]
    fn what_comes_later_changes_nothing_before() {
        let rows = [(0, 0.1, 1, 1), (1, 0.1, 2, 0), (2, 0.1, 1, 2), (3, 0.1, 0, 40)];
        let whole: Vec<_> = Replay::of(&recording(&rows), Deciders::default()).collect();
        for end in 1..rows.len() {
            let part: Vec<_> = Replay::of(&recording(&rows[..end]), Deciders::default()).collect();
            assert_eq!(part, whole[..end]);
        }
    }

    #[test]
    fn minutes_that_cannot_be_are_told() {
        let mut odd = recording(&[(0, 0.1, 1, 0), (1, 0.1, 1, 101), (2, 0.0, 1, 0), (3, 0.1, 1, 0)]);
        odd.minutes[5].stable.errors = 5000;
        let decision = decide(&odd, Deciders::default());
        let minutes: Vec<_> = decision.left_out.iter().map(|(at, _)| trace::number(*at)).collect();
        assert_eq!(minutes, [-55, 1], "that the weight is 0 for a while is not odd");
        assert_eq!(decision.at, Some(trace::minute(3)));
    }

    #[test]
    fn a_recording_without_a_release_decides_nothing() {
        let nothing = decide(&recording(&[]), Deciders::default());
        assert!(matches!(nothing.verdict, Verdict::Insufficient(_)));
        assert_eq!(nothing.at, Some(trace::minute(-1)));
    }
}
