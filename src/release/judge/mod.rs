//! The judge: is it the new version's fault? It is fed closed minutes of both versions and may be asked at any time;
//! its false alarms stay under a bound that does not depend on how often it is asked. Pure statistics: it knows neither
//! CloudWatch nor the screen. In reading order: [`ratio`] is the idea, [`mixture`] lets a fault begin late, [`burst`]
//! guards against clusters, [`baseline`] is what remains at 100 %, [`comparison`] puts them together.
//!
//! *In*: a [`History`] of the stable version's closed minutes before the release, frozen when the judge is made; then
//! [`Judge::take`] once for each closed minute of the release, in order, with the weight that was set and, of each
//! version, calls, errors, slow calls where they can be counted (else p90). Minutes in which the weight changed, or that
//! nobody read, are left out: nothing is made up. One judge a function; [`Settings::functions`] says how many share α.
//!
//! *Out*: [`Judge::verdict`] on the function ([`Verdict::of_group`] on several), [`Judge::evidence`] for each metric with
//! its evidence minute by minute, counts, ratio and what is missing, and [`Judge::smallest_ratio`] that a stage can show.

pub mod alike;
pub mod baseline;
pub mod blocks;
pub mod burst;
pub mod comparison;
pub mod counts;
pub mod limit;
pub mod math;
pub mod mixture;
pub mod planning;
pub mod ratio;
pub mod sign;
pub mod split;
#[cfg(test)]
mod tests;
pub mod verdict;

use self::{
    comparison::{Comparison, Evidence},
    counts::{History, LeftOut, Metric, MinuteCounts, number},
    split::SplitCheck,
    verdict::{Rule, Verdict},
};
use crate::release::metrics::minute::Minute;

/// What the judge may assume and risk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The probability of ever calling a release that is no worse a REGRESSION, over all its functions and metrics.
    pub alpha: f64,
    /// The probability of declaring a BASELINE BREACH of a release that is no worse, over all its functions and
    /// metrics, while the world is as it was in the hour before.
    pub breach_alpha: f64,
    /// The probability of ever calling a release PASS that is [`Self::tolerable_ratio`] times worse.
    pub beta: f64,
    /// How many functions are released together and share alpha.
    pub functions: u32,
    /// A version that fails up to so many times as often is nobody's reason to roll back.
    pub ignored_ratio: f64,
    /// PASS proves that the new version fails less than so many times as often as the stable one.
    pub tolerable_ratio: f64,
    /// INSUFFICIENT until a version that fails so many times as often would have been noticed, …
    pub noticed_ratio: f64,
    /// … or one that fails this fraction of its calls, where that is more.
    pub noticed_rate: f64,
    /// The greatest fraction of calls that may fail, whatever the stable version does; if less are proven to fail, or to
    /// be slow, that is good enough where the ratio is hard to tell.
    pub error_limit: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            alpha: 0.01,
            breach_alpha: 0.02,
            beta: 0.05,
            functions: 1,
            ignored_ratio: 1.05,
            tolerable_ratio: 2.0,
            noticed_ratio: 5.0,
            noticed_rate: 0.2,
            error_limit: Some(0.01),
        }
    }
}

impl Settings {
    /// Alpha is split evenly over functions and metrics (Bonferroni), so that the bound holds for the release.
    pub fn alpha_of_test(&self) -> f64 {
        self.alpha / self.tests()
    }

    /// The log evidence at which the new version is called worse than the stable one beside it.
    pub fn threshold(&self) -> f64 {
        -self.alpha_of_test().ln()
    }

    /// The log evidence at which a test speaks against the release.
    pub fn threshold_of(&self, rule: Rule) -> f64 {
        match rule {
            Rule::Ratio | Rule::Blocks | Rule::Sign => self.threshold(),
            Rule::Baseline | Rule::Limit => -(self.breach_alpha / self.tests()).ln(),
        }
    }

    fn tests(&self) -> f64 {
        let metrics = 2.0;
        metrics * f64::from(self.functions.max(1))
    }

    /// How many times as bad as a stable version of this rate (a fraction) one must be that would have been noticed.
    pub fn noticed(&self, rate: f64) -> f64 {
        self.noticed_ratio.max(self.noticed_rate / rate).min(rate.recip())
    }

    /// The log evidence at which it is called good.
    pub fn proof(&self) -> f64 {
        -self.beta.ln()
    }
}

/// The judge of one function's release.
#[derive(Debug, Clone)]
pub struct Judge {
    comparisons: [Comparison; 2],
    split: SplitCheck,
    last: Option<Minute>,
}

impl Judge {
    /// A judge with the stable version's minutes before the release, which are frozen now.
    pub fn new(settings: Settings, history: &History) -> Self {
        let comparisons = Metric::ALL.map(|metric| Comparison::new(metric, settings, history));
        Self { comparisons, split: SplitCheck::default(), last: None }
    }

    /// Takes a closed minute, later than those before. Minutes that are missing are not made up: nothing is assumed of
    /// them. A minute that cannot be judged is left out, with the reason.
    pub fn take(&mut self, minute: &MinuteCounts) -> Result<(), LeftOut> {
        minute.check()?;
        if self.last.is_some_and(|last| minute.at <= last) {
            return Err(LeftOut::CountedBefore);
        }
        if !minute.whole {
            return Err(LeftOut::Mixed);
        }
        if minute.weight == 0.0 {
            return Err(LeftOut::NotShifted);
        }
        self.last = Some(minute.at);
        if minute.weight < 1.0 {
            self.split.take(minute.weight, number(minute.new.calls), number(minute.stable.calls));
        }
        for comparison in &mut self.comparisons {
            comparison.take(minute, !self.split.mistrusted());
        }
        Ok(())
    }

    /// What is to be said now. What was found against a release stays found.
    pub fn verdict(&self) -> Verdict {
        let [errors, slow] = &self.comparisons;
        let findings = self.comparisons.iter().filter_map(Comparison::finding);
        if let Some(worst) = findings.reduce(|one, other| Verdict::of_group([one, other])) {
            return worst;
        }
        if let Some(metric) = Metric::ALL.into_iter().zip(&self.comparisons).find(|(_, found)| found.fails_alike()) {
            return Verdict::FailAlike(metric.0);
        }
        let slow_missing = slow.missing().filter(|_| slow.is_counted());
        if errors.is_proven() && slow_missing.is_none() {
            return Verdict::Pass;
        }
        // Slow calls are a second opinion: that they cannot be told yet is said with their evidence.
        errors.missing().map_or(Verdict::KeepGoing, Verdict::Insufficient)
    }

    /// The smallest ratio of failure rates that a stage can show at a weight, with so many calls of both versions in
    /// its bake. `None` where not even a version that always fails would be noticed.
    pub fn smallest_ratio(&self, weight: f64, calls: f64) -> Option<f64> {
        self.comparisons[0].smallest_ratio(weight, calls)
    }

    /// Whether calls were not split as the weight says, so that versions are compared by their own counts.
    pub fn split_mistrusted(&self) -> bool {
        self.split.mistrusted()
    }

    /// What is known of each metric that was counted.
    pub fn evidence(&self) -> impl Iterator<Item = Evidence<'_>> {
        self.comparisons.iter().filter(|comparison| comparison.is_counted()).map(Comparison::evidence)
    }
}
