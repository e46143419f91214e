//! Reference values of the formulas, computed independently with another library, to nine decimals.

use crate::release::judge::{
    blocks::{Block, Blocks},
    limit::{log_above, log_below},
    math::{ln_beta, ln_beta_above, log_sum},
    ratio::{Shared, WORSE, interval, log_better, log_worse},
    sign::Signs,
    split,
};

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found:.12} is not {expected:.9}");
}

fn stage(weight: f64, new: u32, stable: u32) -> Shared {
    Shared { weight, new: f64::from(new), stable: f64::from(stable), usual: 0.0, burst: 1.0 }
}

#[test]
fn worse_than_the_stable_version() {
    for (weight, new, stable, expected) in [
        (0.1, 0, 0, 0.0),
        (0.1, 1, 0, 1.387_949_768),
        (0.1, 2, 0, 3.072_805_854),
        (0.1, 3, 0, 4.909_224_274),
        (0.1, 4, 0, 6.819_346_917),
        (0.1, 1, 9, -0.982_081_030),
        (0.1, 10, 30, 2.292_123_845),
        (0.1, 20, 30, 13.782_589_935),
        (0.5, 8, 0, 4.385_514_052),
        (0.5, 12, 4, 1.176_993_891),
        (0.5, 10, 10, -1.547_419_053),
    ] {
        close(log_worse(&[stage(weight, new, stable)], 1.0), expected);
    }
    close(log_worse(&[stage(0.1, 20, 30)], 1.5), 8.086_340_327);
    close(log_worse(&[stage(0.1, 3, 10), stage(0.5, 12, 4)], 1.0), 1.806_944_824);
}

#[test]
fn not_worse_than_tolerable() {
    for (weight, new, stable, expected) in [
        (0.1, 1, 40, 3.469_143_548),
        (0.1, 4, 36, 0.762_476_631),
        (0.5, 20, 20, 1.771_671_682),
        (0.5, 40, 40, 3.860_918_822),
        (0.5, 5, 25, 12.120_699_091),
        (0.1, 0, 100, 12.918_737_598),
    ] {
        close(log_better(&[stage(weight, new, stable)], 2.0), expected);
    }
}

#[test]
fn the_interval_of_the_ratio() {
    for (weight, new, stable, low, high) in
        [(0.1, 20, 30, 2.4154, 13.044), (0.1, 10, 90, 0.3113, 2.245), (0.5, 40, 40, 0.5031, 1.8628)]
    {
        let found = interval(&[stage(weight, new, stable)], 0.05);
        assert!((found.low / low - 1.0).abs() < 2e-4, "{} is not {low}", found.low);
        assert!((found.high / high - 1.0).abs() < 2e-4, "{} is not {high}", found.high);
    }
    let nothing = interval(&[stage(0.1, 0, 0)], 0.05);
    assert_eq!((nothing.low, nothing.high), (0.0, f64::INFINITY));
}

#[test]
fn bursts_divide_the_evidence_of_each_alternative() {
    let clustered = Shared { burst: 2.0, ..stage(0.1, 40, 60) };
    close(log_worse(&[clustered], 1.0), 13.782_589_935);
}

#[test]
fn without_the_weight() {
    let block = |new_calls: u32, new_errors: u32, stable_calls: u32, stable_errors: u32| Block {
        new_calls: new_calls.into(),
        new_errors: new_errors.into(),
        stable_calls: stable_calls.into(),
        stable_errors: stable_errors.into(),
    };
    close(block(60, 3, 540, 3).log_factor(0.01, 0.005), 1.518_993_689);
    let mut blocks = Blocks::default();
    close(blocks.log_evidence(), 0.0);
    for (minute, expected) in [
        (block(60, 3, 540, 3), 2.196_359_192),
        (block(58, 2, 542, 2), 3.970_981_783),
        (block(61, 4, 539, 3), 8.209_570_035),
    ] {
        blocks.take(&minute, 1.0);
        close(blocks.log_evidence(), expected);
    }
    blocks.take(&block(0, 0, 500, 400), 1.0);
    blocks.take(&block(500, 500, 0, 0), 1.0);
    close(blocks.log_evidence(), 8.209_570_035);
}

#[test]
fn against_an_absolute_limit() {
    for (calls, errors, expected) in [
        (300.0, 0.0, 2.337_603_134),
        (459.0, 0.0, 3.736_274_051),
        (1000.0, 2.0, 3.893_656_559),
        (5000.0, 20.0, 9.852_609_165),
    ] {
        close(log_below(calls, errors, 0.01), expected);
    }
    for (calls, errors, expected) in
        [(100.0, 5.0, 3.224_156_071), (1000.0, 25.0, 6.633_569_626), (1000.0, 10.0, -2.458_218_389)]
    {
        close(log_above(calls, errors, 0.01), expected);
    }
}

#[test]
fn the_split_of_the_calls() {
    for (new, stable, expected) in
        [(1043.0, 8957.0, -0.293_481_436), (1100.0, 8900.0, 3.682_262_683), (1300.0, 8700.0, 40.914_031_546)]
    {
        close(split::log_evidence(0.1, new, stable, split::CALLS_PRIOR), expected);
    }
    for (weight, new, stable, expected) in [
        (0.1, 1.0, 9.0, -0.048_420_395),
        (0.1, 5.0, 0.0, 0.777_935_764),
        (0.1, 10.0, 30.0, 0.952_343_041),
        (0.1, 20.0, 30.0, 6.164_529_920),
        (0.5, 12.0, 4.0, 0.203_923_875),
    ] {
        close(split::log_evidence(weight, new, stable, 100.0), expected);
    }
}

#[test]
fn more_slow_minutes_than_fast_ones() {
    for (slower, compared, expected) in [
        (5, 5, 2.351_375_257),
        (8, 8, 4.039_145_013),
        (9, 9, 4.627_909_673),
        (20, 30, 0.799_349_349),
        (22, 30, 2.465_772_086),
        (24, 30, 4.758_880_603),
        (15, 30, -1.499_265_369),
    ] {
        close(Signs { slower, compared }.log_evidence(), expected);
    }
    close(Signs::default().log_evidence(), 0.0);
}

#[test]
fn clusters_convince_less_than_single_errors_and_minutes_more_than_one_minute() {
    let worse = |burst: f64, minutes: &[(u32, u32)]| {
        let minute = |&(new, stable): &(u32, u32)| Shared { burst, ..stage(0.1, new, stable) }.clustered(1.0, &WORSE);
        let sum = |total: [f64; 9], factors: [f64; 9]| std::array::from_fn(|index| total[index] + factors[index]);
        log_sum(minutes.iter().map(minute).fold([0.0; 9], sum)) - 9.0_f64.ln()
    };
    close(worse(1.0, &[(20, 30)]), 13.782_589_935);
    assert!(worse(5.0, &[(20, 30)]) < 3.0, "{}", worse(5.0, &[(20, 30)]));
    assert!(worse(5.0, &[(5, 8); 4]) > worse(5.0, &[(20, 32)]) + 1.0);
    assert!(worse(5.0, &[(1, 9); 20]) < 0.0, "as many as its share");
}

/// The textbook's one-sided form, from the same beta function and tail as the tests above.
#[test]
fn a_truncated_beta_prior() {
    let log_evidence = |weight: f64, new: f64, stable: f64, prior: f64| {
        let (a, b) = (prior * weight, prior * (1.0 - weight));
        let mass = |a: f64, b: f64| ln_beta(a, b) + ln_beta_above(weight, a, b);
        mass(a + new, b + stable) - mass(a, b) - new * weight.ln() - stable * (1.0 - weight).ln()
    };
    close(log_evidence(0.1, 20.0, 30.0, 100.0), 6.931_215_672);
    close(log_evidence(0.1, 5.0, 0.0, 10.0), 4.857_793_004);
}
