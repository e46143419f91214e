//! The judge at work: every function of the release is on trial, fed from the metrics that have been read; what comes of
//! it goes to the gates, to the timeline and to the screen. How it is judged is not known here.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{App, deck::Function, timeline::Tone};
use crate::release::{
    gates::{Judgement, Need},
    judge::{Settings, verdict::Verdict},
    memory::Entry,
    names::Target,
    trial::{Trial, judgement, verdict_in_words},
};

/// The trials of a release, and what they say together.
#[derive(Debug, Default)]
pub struct Judging {
    /// By function. The last release's stay until the next one of the same function begins.
    pub trials: BTreeMap<Target, Trial>,
    /// What the gates are told; `None` while no release is under way.
    pub judgement: Option<Judgement>,
}

impl App {
    /// Judges every minute that has been closed and read since the last time.
    pub(crate) fn judge_minutes(&mut self, now: Timestamp) {
        let mut trials = std::mem::take(&mut self.judging.trials);
        let mut turned = Vec::new();
        let functions = u32::try_from(self.deck.in_release().count()).unwrap_or(u32::MAX);
        for (function, entry) in self.deck.in_release() {
            if !trials.get(&entry.target).is_some_and(|trial| is_about(trial, entry)) {
                trials.remove(&entry.target);
                let settings = Settings { functions, ..Settings::default() };
                trials.extend(
                    Trial::of(entry, settings, self.slow_ms(&entry.target)).map(|new| (entry.target.clone(), new)),
                );
            }
            let Some(trial) = trials.get_mut(&entry.target) else { continue };
            let before = trial.verdict();
            trial.follow(&self.lens(function, now));
            turned
                .extend(turn(before, trial).map(|(words, tone)| (format!("{}: {words}", entry.target.function), tone)));
        }
        let members = self.deck.in_release().filter_map(|(function, entry)| {
            Some((&function.target, trials.get(&entry.target)?, function.expect_traffic))
        });
        self.judging.judgement = judgement(members);
        self.judging.trials = trials;
        for (words, tone) in turned {
            self.timeline.add(now, "judge", words, tone);
        }
    }

    /// What the trials want to be asked of CloudWatch.
    pub(in crate::app) fn needs_of_judge(&self, now: Timestamp) -> Vec<Need> {
        let needs = |(function, entry): (&Function, &Entry)| {
            let trial = self.judging.trials.get(&function.target).filter(|trial| is_about(trial, entry))?;
            Some(trial.needs(&self.lens(function, now)))
        };
        self.deck.in_release().filter_map(needs).flatten().collect()
    }

    /// Above how many ms a call of the function is slow, where somebody said so.
    fn slow_ms(&self, target: &Target) -> Option<f64> {
        self.deck.environment.functions.iter().find(|settings| settings.target == *target)?.slow_ms
    }
}

fn is_about(trial: &Trial, entry: &Entry) -> bool {
    trial.release == entry.id && trial.versions == [entry.stable, entry.new]
}

/// The words for the timeline, where the verdict became another that people should hear of.
fn turn(before: Option<Verdict>, trial: &Trial) -> Option<(String, Tone)> {
    let verdict = trial.verdict()?;
    let is_other = before.is_none_or(|before| std::mem::discriminant(&before) != std::mem::discriminant(&verdict));
    let tone = match verdict {
        Verdict::Regression(_) | Verdict::BaselineBreach(_) => Tone::Bad,
        Verdict::FailAlike(_) => Tone::Warning,
        Verdict::Pass => Tone::Good,
        Verdict::Insufficient(_) | Verdict::KeepGoing => return None,
    };
    is_other.then(|| (verdict_in_words(verdict, trial), tone))
}
