//! One metric of one function, judged: which test speaks in which phase, and what they say together. It knows the tests
//! but no formula of theirs, and neither names nor words for the screen.

use super::{
    Settings,
    alike::Alike,
    baseline::{Alone, Baseline},
    blocks::{Block, Blocks},
    burst::Dispersion,
    counts::{Counts, History, Metric, MinuteCounts, number},
    limit,
    mixture::{Mixture, Onset},
    planning,
    ratio::{BETTER, Interval, Shared, WORSE, interval},
    sign::{LEAST_CALLS, Signs},
    verdict::{Finding, Missing, Rule, Verdict},
};
use crate::release::metrics::minute::Minute;

/// The evidence after a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The minute.
    pub at: Minute,
    /// The test that spoke.
    pub rule: Rule,
    /// The log evidence that the new version is worse. At the threshold it is against the release.
    pub worse: f64,
    /// The log evidence that it is not worse than tolerable. At its threshold it is proven.
    pub better: f64,
}

/// Calls and how many of them failed (or were slow) since the release began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// Calls.
    pub calls: f64,
    /// Those that failed, or were slow.
    pub errors: f64,
}

type Worse = Alone<{ WORSE.len() }>;
type Better = Alone<{ BETTER.len() }>;

/// One metric under judgement.
#[derive(Debug, Clone)]
pub struct Comparison {
    metric: Metric,
    settings: Settings,
    /// How many errors count as one.
    burst: f64,
    /// The frozen rate. `None` without history.
    baseline: Option<Baseline>,
    onset: Onset,
    /// The evidence of the stages, by both ways to read bursts.
    worse: [Mixture<{ WORSE.len() }>; 2],
    better: Mixture<{ BETTER.len() }>,
    alone: Option<(Worse, Better)>,
    blocks: Blocks,
    signs: Signs,
    alike: Alike,
    stages: Vec<Shared>,
    /// All minutes that show how errors cluster: the history, and the release while both versions served.
    usual: Vec<(f64, f64)>,
    stable: Tally,
    new: Tally,
    last: Option<MinuteCounts>,
    /// How much of the data that a regression needs to be noticed is there: 1 is all.
    informed: f64,
    points: Vec<Point>,
    finding: Option<Verdict>,
}

impl Comparison {
    pub(super) fn new(metric: Metric, settings: Settings, history: &History) -> Self {
        let of = |metric: Metric| Dispersion::of(history.of(metric));
        let own = of(metric);
        let other = Metric::ALL.into_iter().find(|other| *other != metric).map(of);
        let burst = own.burst(other.as_ref());
        let baseline = Baseline { calls: own.calls, errors: own.errors, burst };
        Self {
            metric,
            settings,
            burst,
            baseline: (own.calls > 0.0).then_some(baseline),
            onset: Onset::default(),
            worse: [Mixture::waiting(); 2],
            better: Mixture::begun(),
            alone: None,
            blocks: Blocks::default(),
            signs: Signs::default(),
            alike: Alike::default(),
            stages: Vec::new(),
            usual: history.of(metric).collect(),
            stable: Tally::default(),
            new: Tally::default(),
            last: None,
            informed: 0.0,
            points: Vec::new(),
            finding: None,
        }
    }

    /// Takes a whole minute with a weight above 0. `trusted` says whether calls are split as the weight says.
    pub(super) fn take(&mut self, minute: &MinuteCounts, trusted: bool) {
        if minute.weight < 1.0 {
            self.take_shared(minute, trusted);
        } else {
            self.take_alone(minute, trusted);
        }
        self.last = Some(*minute);
    }

    fn take_shared(&mut self, minute: &MinuteCounts, trusted: bool) {
        let (Some(stable), Some(new)) = (self.count(&minute.stable), self.count(&minute.new)) else {
            return self.take_sign(minute);
        };
        self.stable.add(stable);
        self.new.add(new);
        self.inform(minute);
        let usual = (new.calls + stable.calls) * self.rate();
        let (weight, burst) = (minute.weight, self.burst);
        let shared = Shared { weight, new: new.errors, stable: stable.errors, usual, burst };
        let (begins, ignored) = (self.onset.begins(), self.settings.ignored_ratio);
        for (worse, factors) in
            self.worse.iter_mut().zip([shared.divided(ignored, &WORSE), shared.clustered(ignored, &WORSE)])
        {
            worse.take(begins, factors);
        }
        self.better.take(f64::NEG_INFINITY, shared.divided(self.settings.tolerable_ratio, &BETTER));
        let block = Block {
            new_calls: new.calls,
            new_errors: new.errors,
            stable_calls: stable.calls,
            stable_errors: stable.errors,
        };
        self.blocks.take(&block, self.burst);
        self.add_to_stage(shared);
        if let Some(baseline) = &self.baseline {
            self.alike.take_shared(baseline, stable.pair(), new.pair(), self.settings.threshold());
        }
        if !self.alike.is_active() {
            self.usual.push((new.calls + stable.calls, new.errors + stable.errors));
        }
        let by_ratio = Mixture::average(&self.worse).log_evidence(self.onset.waiting());
        let worse = if trusted { by_ratio } else { self.blocks.log_evidence() };
        let better = if trusted { self.better.log_evidence(f64::NEG_INFINITY) } else { 0.0 };
        self.note(minute.at, if trusted { Rule::Ratio } else { Rule::Blocks }, worse, better);
    }

    /// Divided by the burst, minutes of one weight say the same together as each for itself.
    fn add_to_stage(&mut self, minute: Shared) {
        match self.stages.last_mut() {
            Some(stage) if (stage.weight - minute.weight).abs() < f64::EPSILON => {
                stage.new += minute.new;
                stage.stable += minute.stable;
                stage.usual += minute.usual;
            }
            _ => self.stages.push(minute),
        }
    }

    fn take_sign(&mut self, minute: &MinuteCounts) {
        let busy = minute.new.calls.min(minute.stable.calls) >= LEAST_CALLS;
        if let (Metric::Slow, true, Some(new), Some(stable)) =
            (self.metric, busy, minute.new.p90_ms, minute.stable.p90_ms)
        {
            self.signs.take(new, stable);
            self.informed += f64::from(Signs::minutes_to_tell(self.settings.threshold())).recip();
            self.note(minute.at, Rule::Sign, self.signs.log_evidence(), 0.0);
        }
    }

    fn take_alone(&mut self, minute: &MinuteCounts, trusted: bool) {
        let Some(new) = self.count(&minute.new) else { return };
        self.new.add(new);
        self.inform(minute);
        let Some(baseline) = self.baseline else { return self.take_limit(minute.at) };
        self.alike.take_alone(&baseline, new.pair(), self.settings.threshold());
        let mut alone = self.alone.take().unwrap_or_else(|| self.alone_from_now(baseline, trusted));
        // What a failing dependency does to the new version says nothing of it, before or after the shift.
        if !self.alike.is_active() {
            alone.0.take(new.calls, new.errors, self.onset.begins());
            alone.1.take(new.calls, new.errors, f64::NEG_INFINITY);
        }
        let (worse, better) = (alone.0.log_evidence(self.onset.waiting()), alone.1.log_evidence(f64::NEG_INFINITY));
        self.alone = Some(alone);
        self.note(minute.at, Rule::Baseline, worse, better);
    }

    /// The evidence of the stages goes on, if it can be trusted: a ratio is a ratio. How errors cluster is estimated
    /// again, from all minutes so far.
    fn alone_from_now(&self, mut baseline: Baseline, trusted: bool) -> (Worse, Better) {
        baseline.burst = baseline.burst.max(Dispersion::of(self.usual.iter().copied()).pearson.unwrap_or(1.0));
        let tolerable = self.settings.tolerable_ratio;
        let so_far = (Mixture::average(&self.worse), self.better);
        let (worse, better) = if trusted { so_far } else { (Mixture::waiting(), Mixture::begun()) };
        (Alone::new(&baseline, worse, 1.0, WORSE), Alone::new(&baseline, better, tolerable, BETTER))
    }

    /// Without a baseline there is only the absolute limit.
    fn take_limit(&mut self, at: Minute) {
        // How many calls may be slow is nobody's absolute.
        if let (Metric::Errors, Some(limit)) = (self.metric, self.settings.error_limit) {
            let (calls, errors) = (self.new.calls / self.burst, self.new.errors / self.burst);
            self.note(at, Rule::Limit, limit::log_above(calls, errors, limit), 0.0);
        }
    }

    fn note(&mut self, at: Minute, rule: Rule, worse: f64, better: f64) {
        self.points.push(Point { at, rule, worse, better });
        if self.finding.is_some() || worse < self.settings.threshold_of(rule) {
            return;
        }
        let finding = Finding { metric: self.metric, rule, at };
        self.finding = Some(match rule {
            Rule::Ratio | Rule::Blocks | Rule::Sign => Verdict::Regression(finding),
            Rule::Baseline | Rule::Limit => Verdict::BaselineBreach(finding),
        });
    }

    /// How much this minute adds to what a noticeable regression takes.
    fn inform(&mut self, minute: &MinuteCounts) {
        let needed = self.stage(minute.weight).calls(self.settings.noticed(self.rate()));
        self.informed += number(minute.new.calls + minute.stable.calls) / needed;
    }

    /// What can be planned with, at a weight.
    fn stage(&self, weight: f64) -> planning::Stage {
        planning::Stage { weight, rate: self.rate(), burst: self.burst, alpha: self.settings.alpha_of_test() }
    }

    /// The stable version's rate, as well as it is known.
    fn rate(&self) -> f64 {
        let seen = Baseline { calls: self.stable.calls, errors: self.stable.errors, burst: 1.0 };
        self.baseline.unwrap_or(seen).rate()
    }

    fn count(&self, counts: &Counts) -> Option<Tally> {
        Some(Tally { calls: number(counts.calls), errors: number(self.metric.of(counts)?) })
    }

    /// What stands against the release.
    pub(super) fn finding(&self) -> Option<Verdict> {
        self.finding
    }

    /// Whether both versions fail alike now.
    pub(super) fn fails_alike(&self) -> bool {
        self.alike.is_active()
    }

    /// Whether the new version is proven not to be worse than tolerable: by its ratio, or by the absolute limit where it
    /// hardly ever fails.
    pub(super) fn is_proven(&self) -> bool {
        let by_ratio = self.points.last().is_some_and(|point| point.better >= self.settings.proof());
        by_ratio || self.settings.error_limit.is_some_and(|limit| self.is_below(limit))
    }

    fn is_below(&self, limit: f64) -> bool {
        let (calls, errors) = (self.new.calls / self.burst, self.new.errors / self.burst);
        let proven = limit::log_below(calls, errors, limit) >= self.settings.proof();
        proven && self.new.errors <= self.settings.tolerable_ratio * self.rate() * self.new.calls
    }

    /// Whether anything was counted.
    pub(super) fn is_counted(&self) -> bool {
        !self.points.is_empty()
    }

    /// What is missing to notice a regression; `None` if enough is there.
    pub(super) fn missing(&self) -> Option<Missing> {
        if self.informed >= 1.0 || self.is_proven() {
            return None;
        }
        let Some(last) = self.last else { return Some(Missing { calls: None, minutes: None }) };
        if self.signs.compared > 0 {
            let minutes = (1.0 - self.informed) * f64::from(Signs::minutes_to_tell(self.settings.threshold()));
            let calls = minutes * number(last.new.calls + last.stable.calls);
            return Some(Missing { calls: Some(calls), minutes: Some(minutes) });
        }
        let calls = self.calls_by_limit(&last).min(self.calls_by_ratio(&last));
        let minutes = f64::from(u32::try_from(self.points.len()).unwrap_or(u32::MAX));
        let pace = (self.new.calls + self.stable.calls) / minutes.max(1.0);
        Some(Missing { calls: Some(calls), minutes: (pace > 0.0).then(|| calls / pace) })
    }

    /// How many more calls would show a noticeable regression.
    fn calls_by_ratio(&self, last: &MinuteCounts) -> f64 {
        (1.0 - self.informed) * self.stage(last.weight).calls(self.settings.noticed(self.rate()))
    }

    /// How many more calls, if none failed, would prove the new version good; infinite without a limit.
    fn calls_by_limit(&self, last: &MinuteCounts) -> f64 {
        let Some(limit) = self.settings.error_limit else { return f64::INFINITY };
        let needed = limit::calls_to_prove(limit, self.settings.beta) * self.burst;
        (needed - self.new.calls).max(1.0) / last.weight
    }

    /// The smallest ratio that so many calls of both versions show at a weight; `None` where none would.
    pub(super) fn smallest_ratio(&self, weight: f64, calls: f64) -> Option<f64> {
        self.stage(weight).smallest_ratio(calls)
    }

    /// Everything that the screen shows of this metric.
    pub(super) fn evidence(&self) -> Evidence<'_> {
        Evidence {
            metric: self.metric,
            points: &self.points,
            threshold: self.settings.threshold_of(self.points.last().map_or(Rule::Ratio, |last| last.rule)),
            proof: self.settings.proof(),
            stable: self.stable,
            new: self.new,
            burst: self.burst,
            baseline: self.baseline.map(|baseline| baseline.rate()),
            missing: self.missing(),
            shared: &self.stages,
        }
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.errors += other.errors;
    }

    fn pair(self) -> (f64, f64) {
        (self.calls, self.errors)
    }

    /// The rate, a fraction. `None` without calls.
    pub fn rate(&self) -> Option<f64> {
        (self.calls > 0.0).then(|| self.errors / self.calls)
    }
}

/// What is known of one metric, for the screen and for reports. Evidence is in natural logarithms.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence<'a> {
    /// The metric.
    pub metric: Metric,
    /// The evidence minute by minute, oldest first.
    pub points: &'a [Point],
    /// At this log evidence the release is worse.
    pub threshold: f64,
    /// At this log evidence it is proven not to be.
    pub proof: f64,
    /// The stable version while both served.
    pub stable: Tally,
    /// The new version.
    pub new: Tally,
    /// How many errors count as one.
    pub burst: f64,
    /// The rate frozen before the release, a fraction. `None` without history.
    pub baseline: Option<f64>,
    /// What is missing to notice a regression in it; `None` if enough is there.
    pub missing: Option<Missing>,
    /// What both served, by stage.
    shared: &'a [Shared],
}

impl Evidence<'_> {
    /// Anytime bounds for the ratio of the rates while both served, each at the error β.
    pub fn ratio(&self) -> Interval {
        interval(self.shared, (-self.proof).exp())
    }
}
