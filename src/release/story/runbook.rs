//! What was done of the runbook in a release: which steps, by whom, how they ended, and what their commands wrote.

use jiff::Timestamp;
use serde::Serialize;

use crate::release::record::{Happening, Kind, StepOutcome};

/// A step that somebody took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Its title.
    pub title: String,
    /// Before, rollback or after.
    pub moment: String,
    /// Who took it.
    pub who: String,
    /// When it was begun or ticked, UTC.
    pub at: Timestamp,
    /// When its command ended, UTC; missing where it was ticked, or nobody knows.
    pub ended: Option<Timestamp>,
    /// What became of it.
    pub outcome: StepOutcome,
    /// What its command wrote, by lines.
    pub output: Vec<String>,
}

impl Step {
    /// How it ended, in words.
    pub fn end(&self) -> &'static str {
        match self.outcome {
            StepOutcome::Begun => "begun, and no end is written down",
            StepOutcome::Passed => "passed",
            StepOutcome::Failed => "FAILED",
            StepOutcome::NotRun => "could not be run",
            StepOutcome::Done => "done",
            StepOutcome::Undone => "not done after all",
        }
    }

    /// Whether it was done.
    pub fn is_well(&self) -> bool {
        matches!(self.outcome, StepOutcome::Passed | StepOutcome::Done)
    }
}

/// The steps that were taken. A run and its end are one; a tick that was taken back is none.
pub(super) fn steps(happenings: &[Happening]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for happening in happenings {
        let Kind::Runbook { step, moment, outcome, output } = &happening.kind else { continue };
        let open = |steps: &[Step], wanted: StepOutcome| {
            steps.iter().rposition(|known| known.title == *step && known.outcome == wanted)
        };
        match outcome {
            StepOutcome::Passed | StepOutcome::Failed | StepOutcome::NotRun => {
                if let Some(run) = open(&steps, StepOutcome::Begun) {
                    let run = &mut steps[run];
                    run.outcome = *outcome;
                    run.ended = Some(happening.at);
                    run.output.clone_from(output);
                    continue;
                }
            }
            StepOutcome::Undone => {
                if let Some(tick) = open(&steps, StepOutcome::Done) {
                    steps.remove(tick);
                    continue;
                }
            }
            StepOutcome::Begun | StepOutcome::Done => {}
        }
        steps.push(Step {
            title: step.clone(),
            moment: moment.clone(),
            who: happening.who.clone(),
            at: happening.at,
            ended: None,
            outcome: *outcome,
            output: output.clone(),
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(at: i64, outcome: StepOutcome, output: &[&str]) -> Happening {
        let output = output.iter().map(|line| (*line).to_owned()).collect();
        let kind = Kind::Runbook { step: "down".into(), moment: "rollback".into(), outcome, output };
        let at = Timestamp::from_second(at).unwrap();
        Happening { release: None, at, target: None, who: "ada".into(), text: String::new(), kind }
    }

    #[test]
    fn a_run_and_its_end_are_one_step_and_every_run_counts() {
        let told = steps(&[
            happened(10, StepOutcome::Begun, &[]),
            happened(14, StepOutcome::Failed, &["no such table"]),
            happened(20, StepOutcome::Begun, &[]),
            happened(25, StepOutcome::Passed, &["ok"]),
            happened(30, StepOutcome::Begun, &[]),
        ]);
        let ends: Vec<_> = told.iter().map(|step| (step.end(), step.ended.map(Timestamp::as_second))).collect();
        let unknown = "begun, and no end is written down";
        assert_eq!(ends, [("FAILED", Some(14)), ("passed", Some(25)), (unknown, None)]);
        assert_eq!(told[0].output, ["no such table"]);
    }

    #[test]
    fn a_tick_that_was_taken_back_is_none() {
        assert_eq!(steps(&[happened(1, StepOutcome::Done, &[]), happened(2, StepOutcome::Undone, &[])]), []);
    }
}
