//! The bound by simulation: between versions that are equal, at most α of the releases are ever called a REGRESSION,
//! though the judge is asked after every one of 240 minutes.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rand_distr::{Binomial, Distribution as _, Poisson};

use super::{Judge, Settings, minute};
use crate::release::judge::counts::History;

const LOOKS: i64 = 240;

/// Failures of so many calls, in clusters of this size.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts in tests are small"
)]
fn failures(random: &mut StdRng, calls: u64, rate: f64, cluster: u64) -> u64 {
    let mean = calls as f64 * rate / cluster as f64;
    (Poisson::new(mean.max(1e-9)).unwrap().sample(random) as u64 * cluster).min(calls)
}

/// How many of so many releases of equal versions are ever called a REGRESSION.
fn false_alarms(releases: usize, cluster: u64, seed: u64) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let judged = (0..releases).filter(|_| is_called_regression(&mut random, cluster));
    judged.count()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts in tests are small"
)]
fn is_called_regression(random: &mut StdRng, cluster: u64) -> bool {
    let pace = random.random_range(3.0..7.0_f64).exp();
    let rate = random.random_range(-7.0..-3.0_f64).exp();
    let weight = [0.05, 0.1, 0.25, 0.5][random.random_range(0..4)];
    let mut row = |share: f64, common: f64| {
        let calls = Poisson::new(pace).unwrap().sample(random) as u64;
        let new = Binomial::new(calls, share).unwrap().sample(random);
        let mut counts = |calls| {
            let mut fail = || failures(random, calls, (rate * common).min(0.5), cluster);
            (calls, fail(), fail())
        };
        (counts(calls - new), counts(new))
    };
    let history: History = (0..60).map(|_| super::counts(row(0.0, 1.0).0)).collect();
    let mut judge = Judge::new(Settings::default(), &history);
    for number in 0..LOOKS {
        // The common rate goes up and down, and a dependency fails for a while: that must cancel.
        let common = if (100..110).contains(&number) { 10.0 } else { 1.0 + 0.5 * (number as f64 / 20.0).sin() };
        let (stable, new) = row(weight, common);
        judge.take(&minute(number, weight, stable, new)).unwrap();
        if judge.verdict().is_against() {
            return true;
        }
    }
    false
}

#[test]
fn equal_versions_are_hardly_ever_called_a_regression() {
    let releases = 500;
    let alarms = false_alarms(releases, 1, 20_261_120);
    assert!(alarms <= releases / 100, "{alarms} of {releases}, more than α = 1 %");
}

#[test]
fn clusters_of_failures_are_no_regression() {
    for cluster in [3, 5] {
        let releases = 300;
        let alarms = false_alarms(releases, cluster, 7);
        assert!(alarms <= releases / 100, "{alarms} of {releases} with clusters of {cluster}, more than α = 1 %");
    }
}

#[test]
#[ignore = "takes minutes unless it is optimised: cargo test --release --lib the_bound_at_length -- --ignored --nocapture"]
fn the_bound_at_length() {
    for cluster in [1, 3, 5, 10] {
        let releases = 1500;
        let alarms = false_alarms(releases, cluster, 7);
        println!("clusters of {cluster}: {alarms} of {releases} called a REGRESSION");
        assert!(alarms <= releases / 100, "{alarms} of {releases} with clusters of {cluster}, more than α = 1 %");
    }
}
