//! Releases whose truth is known, drawn from fixed seeds: the traffic, the failures and the fault are chosen here, so
//! that a decision can be scored. It knows nothing of how anybody decides.

use flightdeck::release::{
    judge::counts::{Counts, MinuteCounts},
    trace,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rand_distr::{Beta, Binomial, Distribution as _, Exp1, LogNormal, Poisson};

/// Minutes before the release, with the stable version alone.
pub const HISTORY: i64 = 60;
/// From which minute on the new version has which share.
pub const STAGES: [(i64, f64); 3] = [(0, 0.1), (10, 0.5), (20, 1.0)];
/// Minutes from the first shift to the end.
pub const LENGTH: i64 = 50;

/// What is true of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The new version is as good as the stable one.
    Good,
    /// It fails more often, from the first minute.
    Errors,
    /// It fails more often, from a later minute on.
    Late,
    /// It is slow more often.
    Slow,
    /// A dependency makes both versions fail for some minutes.
    Shared,
}

/// A kind of place that releases are made in.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// Its name in the table.
    pub name: &'static str,
    /// Calls a minute: the least and the most.
    pub traffic: (f64, f64),
    /// How the traffic goes up and down.
    pub shape: Shape,
    /// How failures cluster.
    pub bursts: Bursts,
}

/// How the traffic goes up and down.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Even but for noise.
    Even,
    /// A morning's climb or an evening's fall, by up to a factor of three, with spikes, and rates that drift with it.
    Daily,
}

/// How failures, and slow calls, cluster.
#[derive(Debug, Clone, Copy)]
pub enum Bursts {
    /// Each call fails by itself.
    None,
    /// Clusters of a fixed size, such as one broken environment's calls of a minute.
    Clusters(f64),
    /// Clusters of any size with this mean.
    Uneven(f64),
    /// Each version's rate swings from minute to minute; in a third of the functions hardly, in some a lot.
    Swings,
}

/// A release and its truth.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its kind.
    pub kind: Kind,
    /// The minute from which on the fault is there.
    pub onset: i64,
    /// The stable version's rate of errors, a fraction.
    pub errors: f64,
    /// The stable version's rate of slow calls, a fraction.
    pub slow: f64,
    /// Its minutes, history included.
    pub minutes: Vec<MinuteCounts>,
}

impl Release {
    /// The number of a minute: 0 is the first with the new version.
    pub fn number(minute: &MinuteCounts) -> i64 {
        trace::number(minute.at)
    }

    /// Whether it should be taken back.
    pub fn is_bad(&self) -> bool {
        matches!(self.kind, Kind::Errors | Kind::Late | Kind::Slow)
    }

    /// Failed or slow calls beyond the stable version's rate that the new version served before minute `stop`.
    pub fn harm(&self, stop: i64) -> f64 {
        let served = self.minutes.iter().filter(|minute| (self.onset..stop).contains(&Self::number(minute)));
        let beyond = |minute: &MinuteCounts| match self.kind {
            Kind::Errors | Kind::Late => excess(minute.new.calls, minute.new.errors, self.errors),
            Kind::Slow => excess(minute.new.calls, minute.new.slow.unwrap_or(0), self.slow),
            Kind::Good | Kind::Shared => 0.0,
        };
        served.map(beyond).sum()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a minute's calls are far below 2^53")]
fn excess(calls: u64, count: u64, rate: f64) -> f64 {
    (count as f64 - calls as f64 * rate).max(0.0)
}

impl World {
    /// So many releases from a seed.
    pub fn releases(&self, seed: u64, count: usize) -> Vec<Release> {
        let mut random = StdRng::seed_from_u64(seed);
        (0..count).map(|_| self.release(&mut random)).collect()
    }

    /// One release: a third good, a sixth with a failing dependency, half bad.
    fn release(&self, random: &mut StdRng) -> Release {
        let kind = match random.random_range(0..60) {
            0..20 => Kind::Good,
            20..30 => Kind::Shared,
            30..46 => Kind::Errors,
            46..50 => Kind::Late,
            _ => Kind::Slow,
        };
        self.release_of(kind, random)
    }

    /// A release of a given kind.
    pub fn release_of(&self, kind: Kind, random: &mut StdRng) -> Release {
        let errors = log_uniform(random, 1e-4, 1e-2);
        let slow = log_uniform(random, 3e-3, 5e-2);
        let onset = if kind == Kind::Late { random.random_range(3..35) } else { 0 };
        let mut course = Course {
            world: *self,
            kind,
            onset,
            // A new version is never exactly as good; what is within a tenth is nobody's fault.
            errors: (errors, errors * random.random_range(0.85..1.1)),
            slow: (slow, slow * random.random_range(0.9..1.1)),
            traffic: log_uniform(random, self.traffic.0, self.traffic.1),
            climb: random.random_range(-1.1..1.1_f64),
            swing: if random.random_bool(0.35) { log_uniform(random, 1e-4, 3e-2) } else { 1e-9 },
            incident: (0, 0, 1.0),
        };
        match kind {
            Kind::Errors | Kind::Late => course.errors.1 = worse(random, errors),
            Kind::Slow => course.slow.1 = worse(random, slow),
            Kind::Shared => {
                let from = random.random_range(0..16);
                course.incident = (from, from + random.random_range(3..10), log_uniform(random, 5.0, 0.6 / errors));
            }
            Kind::Good => {}
        }
        let minutes = (-HISTORY..LENGTH).map(|minute| course.minute(minute, random)).collect();
        Release { kind, onset, errors, slow, minutes }
    }
}

/// A rate at least three times as high, and high enough to matter.
fn worse(random: &mut StdRng, rate: f64) -> f64 {
    log_uniform(random, (3.0 * rate).max(0.006), 0.95)
}

/// One release as it goes.
struct Course {
    world: World,
    kind: Kind,
    onset: i64,
    /// The stable and the new version's.
    errors: (f64, f64),
    slow: (f64, f64),
    traffic: f64,
    /// The logarithm of how much the traffic grows over the whole time.
    climb: f64,
    /// The intraclass correlation of calls in a minute, where rates swing.
    swing: f64,
    /// From, to, and how many times as many errors.
    incident: (i64, i64, f64),
}

impl Course {
    fn minute(&self, minute: i64, random: &mut StdRng) -> MinuteCounts {
        let weight = STAGES.iter().rev().find(|(from, _)| minute >= *from).map_or(0.0, |(_, weight)| *weight);
        let calls = self.calls(minute, random);
        let new = binomial(random, calls, weight);
        let sick = minute >= self.onset;
        let (from, to, times) = self.incident;
        let failing = if (from..to).contains(&minute) { times } else { 1.0 };
        let drift = self.drift(minute);
        let mut counts = |calls: u64, errors: f64, slow: f64| Counts {
            calls,
            errors: self.count(calls, errors * failing * drift, random),
            slow: Some(self.count(calls, slow * drift, random)),
            p90_ms: None,
        };
        let at = trace::minute(minute);
        let stable = counts(calls - new, self.errors.0, self.slow.0);
        let late = self.kind == Kind::Late && !sick;
        let new = counts(new, if late { self.errors.0 } else { self.errors.1 }, self.slow.1);
        MinuteCounts { at, weight, stable, new, whole: true }
    }

    fn calls(&self, minute: i64, random: &mut StdRng) -> u64 {
        let mut mean = self.traffic * LogNormal::new(0.0, 0.12).map_or(1.0, |noise| noise.sample(random));
        if let Shape::Daily = self.world.shape {
            mean *= (self.climb * progress(minute)).exp();
            if random.random_bool(0.03) {
                mean *= random.random_range(1.5..3.0);
            }
        }
        poisson(random, mean)
    }

    /// Where the rates drift, they move a little with the traffic, for both versions alike.
    fn drift(&self, minute: i64) -> f64 {
        match self.world.shape {
            Shape::Even => 1.0,
            Shape::Daily => (0.2 * self.climb * progress(minute)).exp(),
        }
    }

    /// How many of so many calls fail, at this rate.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    fn count(&self, calls: u64, rate: f64, random: &mut StdRng) -> u64 {
        let rate = rate.min(0.98);
        let expected = calls as f64 * rate;
        let count = match self.world.bursts {
            Bursts::None => binomial(random, calls, rate),
            Bursts::Clusters(size) => (size * poisson(random, expected / size) as f64).round() as u64,
            Bursts::Uneven(mean) => {
                let clusters = poisson(random, expected / mean);
                let size = |_| 1.0 + (mean - 1.0) * random.sample::<f64, _>(Exp1);
                (0..clusters).map(size).sum::<f64>().round() as u64
            }
            Bursts::Swings => {
                let strength = self.swing.recip() - 1.0;
                let rate = Beta::new(rate * strength, (1.0 - rate) * strength).map_or(rate, |beta| beta.sample(random));
                binomial(random, calls, rate)
            }
        };
        count.min(calls)
    }
}

/// How far the recording is, from −½ to ½.
#[expect(clippy::cast_precision_loss, reason = "minutes are few")]
fn progress(minute: i64) -> f64 {
    (minute + HISTORY) as f64 / (LENGTH + HISTORY) as f64 - 0.5
}

fn log_uniform(random: &mut StdRng, low: f64, high: f64) -> f64 {
    random.random_range(low.ln()..=high.ln().max(low.ln())).exp()
}

fn binomial(random: &mut StdRng, calls: u64, rate: f64) -> u64 {
    Binomial::new(calls, rate.clamp(0.0, 1.0)).map_or(0, |binomial| binomial.sample(random))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn poisson(random: &mut StdRng, mean: f64) -> u64 {
    Poisson::new(mean).map_or(0, |poisson| poisson.sample(random) as u64)
}
