//! What trials say to gates and people: one judgement on the group, and a sentence a function.

use std::fmt;

use super::{Foresight, Trial};
use crate::release::{
    gates::{Judgement, Level, Outcome, Why},
    judge::{
        comparison::Tally,
        counts::Metric,
        verdict::{Finding, Rule, Verdict},
    },
    names::Target,
};

/// What the gates are told of the whole release: its worst function's verdict. `expect_traffic` says whether a
/// function's silence holds the release up; what speaks against the release always counts.
pub fn judgement<'a>(trials: impl Iterator<Item = (&'a Target, &'a Trial, bool)>) -> Option<Judgement> {
    let mut said: Vec<(Verdict, String)> = Vec::new();
    let (mut is_early, mut data_to) = (false, None);
    for (target, trial, expect_traffic) in trials {
        let Some(verdict) = trial.verdict() else {
            is_early |= expect_traffic;
            continue;
        };
        data_to = data_to.max(trial.judged_to());
        if expect_traffic || !matches!(verdict, Verdict::Insufficient(_)) {
            said.push((verdict, format!("{}: {verdict}, {}", target.name(), verdict_in_words(verdict, trial))));
        }
    }
    let is_worse = |one: Verdict, other: Verdict| Verdict::of_group([one, other]) != one;
    let worst = said.into_iter().reduce(|one, other| if is_worse(one.0, other.0) { other } else { one });
    match worst {
        Some((verdict, note)) if verdict.is_bad() || !is_early => {
            Some(Judgement { outcome: outcome_of(verdict), data_to, note })
        }
        _ if is_early => {
            Some(Judgement { outcome: Outcome::Undecided { why: Why::TooEarly }, data_to, note: String::new() })
        }
        _ => None,
    }
}

fn outcome_of(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Regression(_) | Verdict::BaselineBreach(_) => Outcome::Fail { level: Level::Critical, alike: false },
        Verdict::FailAlike(_) => Outcome::Fail { level: Level::Critical, alike: true },
        Verdict::Insufficient(_) => Outcome::Undecided { why: Why::TooThin },
        Verdict::KeepGoing | Verdict::Pass => Outcome::Pass,
    }
}

/// `×3.1`, or that nothing would show.
impl fmt::Display for Foresight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ratio {
            Some(ratio) if ratio < 9.95 => write!(f, "×{ratio:.1}"),
            Some(ratio) => write!(f, "×{ratio:.0}"),
            None => f.write_str("too quiet"),
        }
    }
}

/// A sentence for a tired person, to stand behind the verdict: on what it is said.
pub fn verdict_in_words(verdict: Verdict, trial: &Trial) -> String {
    match verdict {
        Verdict::Regression(found) => found_in_words(&found, trial, "beside it"),
        Verdict::BaselineBreach(found) => found_in_words(&found, trial, "before"),
        Verdict::FailAlike(Metric::Errors) => "both versions fail alike: not this release".to_owned(),
        Verdict::FailAlike(Metric::Slow) => "both versions are slow alike: not this release".to_owned(),
        Verdict::Insufficient(missing) => format!("too little to tell, {missing}"),
        Verdict::KeepGoing => "nothing proves it worse so far".to_owned(),
        Verdict::Pass => "proven not to be much worse".to_owned(),
    }
}

/// `errors 2.10 % of 480 calls, 0.90 % of 4310 beside it`.
fn found_in_words(found: &Finding, trial: &Trial, stable_is: &str) -> String {
    let evidence = trial
        .hearing()
        .into_iter()
        .flat_map(|hearing| hearing.judge.evidence())
        .find(|known| known.metric == found.metric);
    let Some(evidence) = evidence else { return found.metric.to_string() };
    let new = of_calls(evidence.new);
    let stable = match found.rule {
        Rule::Baseline | Rule::Limit => percent(evidence.baseline),
        Rule::Ratio | Rule::Blocks | Rule::Sign => of_calls(evidence.stable),
    };
    format!("{} {new}, {stable} {stable_is}", found.metric)
}

fn of_calls(tally: Tally) -> String {
    format!("{} of {} calls", percent(tally.rate()), tally.calls)
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or("—".to_owned(), |rate| format!("{:.2} %", 100.0 * rate))
}
