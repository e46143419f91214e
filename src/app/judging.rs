//! The judge at work: every function of the release is on trial, fed from the metrics that have been read; what comes of
//! it goes to the gates, to the timeline and to the screen. How it is judged is not known here.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{App, deck::Function, timeline::Tone};
use crate::{
    clock::Now,
    release::{
        gates::{Judgement, Need},
        judge::{Settings, verdict::Verdict},
        memory::Entry,
        names::{Mover, Target},
        record::Kind,
        routing::trim_percent,
        trial::{Trial, foresight, judgement, slowness::Counting, verdict_in_words},
    },
};

/// Who says it.
const JUDGE: &str = "judge";

/// The trials of a release, and what they say together.
#[derive(Debug, Default)]
pub struct Judging {
    /// By function. The last release's stay until the next one of the same function begins.
    pub trials: BTreeMap<Target, Trial>,
    /// What the gates are told; `None` while no release is under way.
    pub judgement: Option<Judgement>,
    /// The statistic that has been proven to count slow calls in this account.
    counting: Option<Counting>,
    /// Every verdict that became another, oldest first; times are world time.
    pub turns: Vec<(Timestamp, Turn)>,
}

/// A verdict that became another.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Of which function.
    pub target: Target,
    /// What is said now.
    pub verdict: Verdict,
    /// In a sentence.
    pub words: String,
}

impl App {
    /// Judges every minute that has been closed and read since the last time.
    pub(crate) fn judge_minutes(&mut self, now: Now) {
        let mut trials = std::mem::take(&mut self.judging.trials);
        let mut turned = Vec::new();
        let mut counting = self.judging.counting;
        let functions = u32::try_from(self.deck.in_release().count()).unwrap_or(u32::MAX);
        for (function, entry) in self.deck.in_release() {
            // CloudWatch counts a stage as a whole: there is nothing to compare with.
            if entry.target.kind == Mover::Stage {
                continue;
            }
            if !trials.get(&entry.target).is_some_and(|trial| is_about(trial, entry)) {
                trials.remove(&entry.target);
                let settings = Settings { functions, ..Settings::default() };
                let new = Trial::of(entry, settings, self.slow_ms(&entry.target));
                trials.extend(new.map(|new| (entry.target.clone(), new)));
            }
            let Some(trial) = trials.get_mut(&entry.target) else { continue };
            let before = trial.verdict();
            trial.follow(&self.lens(function, now.world), self.judging.counting);
            counting = counting.or(trial.counting());
            turned.extend(Turn::of(&entry.target, before, trial));
        }
        let members = self.deck.in_release().filter_map(|(function, entry)| {
            Some((&function.target, trials.get(&entry.target)?, function.expect_traffic))
        });
        self.judging.judgement = judgement(members);
        self.judging.trials = trials;
        self.judging.counting = counting;
        for turn in turned {
            self.tell_turn(&turn, now);
            self.judging.turns.push((now.world, turn));
        }
    }

    /// A verdict that changed goes into the journal, and onto the timeline where it matters.
    fn tell_turn(&mut self, turn: &Turn, now: Now) {
        if let Some(tone) = turn.tone() {
            self.timeline.add(
                now.world,
                JUDGE,
                format!("{}: {}, {}", turn.target.name(), turn.verdict, turn.words),
                tone,
            );
        }
        let kind = Kind::Verdict { verdict: turn.verdict.to_string(), bad: turn.verdict.is_against() };
        if !self.is_kept_by_its_owner() {
            let words = format!("{}, {}", turn.verdict, turn.words);
            self.note_at(now.world, kind, JUDGE, Some(turn.target.clone()), words, now);
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

    /// What a bake at this share (percent 0–100) can show of some functions, in a sentence; `None` where nothing is
    /// known of their traffic.
    pub fn foresight(&self, targets: &[Target], percent: f64, now: Timestamp) -> Option<String> {
        // What goes from one version to the other in one step is never judged.
        let judged: Vec<&Target> = targets.iter().filter(|target| target.can_split()).collect();
        let settings = Settings { functions: u32::try_from(judged.len()).unwrap_or(u32::MAX), ..Settings::default() };
        let length = if percent < 100.0 { self.release.bake } else { self.release.watch };
        let minutes = i64::try_from(length.as_secs() / 60).unwrap_or(i64::MAX);
        let of_function = |target: &&Target| {
            let lens = self.lens(self.deck.function(target)?, now);
            let seen = foresight(&lens, settings, percent, minutes)?;
            Some(format!("{seen} in {}", target.name()))
        };
        let seen: Vec<String> = judged.iter().filter_map(of_function).collect();
        let share = trim_percent(percent);
        (!seen.is_empty()).then(|| format!("{minutes} min at {share}% can show: errors {}", seen.join(", ")))
    }

    /// Above how many ms a call of the function is slow, where somebody said so.
    fn slow_ms(&self, target: &Target) -> Option<f64> {
        self.deck.environment.functions.iter().find(|settings| settings.target == *target)?.slow_ms
    }
}

fn is_about(trial: &Trial, entry: &Entry) -> bool {
    trial.release == entry.id && trial.versions == [entry.stable, entry.new]
}

impl Turn {
    fn of(target: &Target, before: Option<Verdict>, trial: &Trial) -> Option<Self> {
        let verdict = trial.verdict()?;
        let is_same = |before| std::mem::discriminant(&before) == std::mem::discriminant(&verdict);
        let words = || verdict_in_words(verdict, trial);
        (!before.is_some_and(is_same)).then(|| Self { target: target.clone(), verdict, words: words() })
    }

    /// How it looks on the timeline, where people should hear of it at once.
    fn tone(&self) -> Option<Tone> {
        match self.verdict {
            Verdict::Regression(_) | Verdict::BaselineBreach(_) => Some(Tone::Bad),
            Verdict::FailAlike(_) => Some(Tone::Warning),
            Verdict::Pass => Some(Tone::Good),
            Verdict::Insufficient(_) | Verdict::KeepGoing => None,
        }
    }
}
