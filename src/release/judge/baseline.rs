//! The new version alone, against the rate that was frozen before the release. At 100 % nobody serves beside it, so a
//! dependency's failure cannot be told from its own: this is a weaker statement under another name, BASELINE BREACH.
//!
//! The frozen rate is known only as well as its history is long: a Gamma posterior over it, cut into nodes. For each
//! node the evidence is that of the new version failing g times as often; minutes are negative binomial with the
//! history's dispersion φ, so that one burst, which NB makes likely, convinces nobody, while several minutes do. The
//! nodes are joined as `1/E = Σ_node P(node | history) · min(1, 1/E_node)`.
//! *Assumption*: the world after the release is like the hour before it, ups and downs by φ included. *Guarantee*: if
//! so, a breach is declared with probability at most α on average over what the history leaves open. There is none
//! against a change of the world.

use super::{
    math::{ln_gamma, log_sum},
    mixture::Mixture,
};

/// Nodes of the posterior: so many steps of half a standard deviation to each side of its mean.
const STEPS: i32 = 6;
/// Nodes less likely than this (log) are left out.
const NEGLIGIBLE: f64 = -12.0;
/// Rates go up and down with the load: the standard deviation of the logarithm of a rate from one hour to the next.
const DRIFT: f64 = 0.15;
/// φ closer to 1 than this is 1: the negative binomial becomes the Poisson distribution.
const SINGLE: f64 = 1e-3;

/// The rate of errors, or slow calls, frozen before the release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Calls of the stable version.
    pub calls: f64,
    /// Those that failed.
    pub errors: f64,
    /// φ of its minutes.
    pub burst: f64,
}

impl Baseline {
    /// The rate, a fraction. A version that was never seen to fail still may: half an error is added.
    pub fn rate(&self) -> f64 {
        (self.errors + 0.5) / (self.calls + 1.0)
    }

    /// A rate that the true one hardly exceeds.
    pub fn high_rate(&self) -> f64 {
        let errors = self.errors / self.burst;
        self.burst * (errors + 2.0 + 2.0 * errors.sqrt()) / self.calls
    }

    /// Rates that the history allows, with their log probability.
    fn nodes(&self) -> Vec<(f64, f64)> {
        let known = self.errors / self.burst + 0.5;
        let shape = (known.recip() + DRIFT * DRIFT).recip();
        let scale = self.calls / self.burst * shape / known;
        let deviation = shape.sqrt().recip();
        let density = |step: i32| {
            let log_rate = (shape / scale).ln() + 0.7 * f64::from(step) * deviation;
            (log_rate.exp(), shape * log_rate - scale * log_rate.exp())
        };
        let nodes: Vec<_> = (-STEPS..=STEPS).map(density).collect();
        let total = log_sum(nodes.iter().map(|(_, log)| *log));
        let kept = nodes.into_iter().map(|(rate, log)| (rate, log - total));
        kept.filter(|(_, log)| *log > NEGLIGIBLE).collect()
    }
}

/// The log likelihood of `errors` where `mean` are expected, in clusters of `burst`, but for a term of errors alone.
pub fn log_likelihood(errors: f64, mean: f64, burst: f64) -> f64 {
    if burst - 1.0 < SINGLE {
        return errors * mean.ln() - mean;
    }
    let clusters = mean / (burst - 1.0);
    let drawn = if errors == 0.0 { 0.0 } else { ln_gamma(errors + clusters) - ln_gamma(clusters) };
    drawn - clusters * burst.ln() + errors * (-burst.recip()).ln_1p()
}

/// Minutes of the new version alone, against the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Alone<const N: usize> {
    nodes: Vec<Node<N>>,
    burst: f64,
    tolerated: f64,
    grid: [f64; N],
}

#[derive(Debug, Clone, PartialEq)]
struct Node<const N: usize> {
    rate: f64,
    log_probability: f64,
    evidence: Mixture<N>,
}

impl<const N: usize> Alone<N> {
    /// Goes on from the evidence of the stages before: a ratio is a ratio. The alternatives are `grid` times
    /// `tolerated` times the baseline.
    pub fn new(baseline: &Baseline, evidence: Mixture<N>, tolerated: f64, grid: [f64; N]) -> Self {
        let node = |(rate, log_probability)| Node { rate, log_probability, evidence };
        Self { nodes: baseline.nodes().into_iter().map(node).collect(), burst: baseline.burst, tolerated, grid }
    }

    /// Takes a minute's calls and errors; `begins` is the log prior of an onset now.
    pub fn take(&mut self, calls: f64, errors: f64, begins: f64) {
        for node in &mut self.nodes {
            let mean = calls * node.rate * self.tolerated;
            let null = log_likelihood(errors, mean, self.burst);
            let factor = |times: f64| log_likelihood(errors, mean * times, self.burst) - null;
            let factors = if calls > 0.0 { self.grid.map(factor) } else { [0.0; N] };
            node.evidence.take(begins, factors);
        }
    }

    /// The log evidence.
    pub fn log_evidence(&self, waiting: f64) -> f64 {
        let doubt = |node: &Node<N>| node.log_probability - node.evidence.log_evidence(waiting).max(0.0);
        -log_sum(self.nodes.iter().map(doubt))
    }
}
