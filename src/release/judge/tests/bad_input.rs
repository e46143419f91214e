//! What cannot be, and what is hardly there: defined, and never a panic.

use proptest::prelude::*;

use super::{Course, an_hour_of, counts, minute};
use crate::release::judge::{
    Judge, Settings,
    counts::{Counts, History, LeftOut, Metric, MinuteCounts},
    verdict::{Rule, Verdict},
};

#[test]
fn counts_that_cannot_be_are_left_out() {
    let history = an_hour_of((1000, 1, 10));
    let mut judge = Judge::new(Settings::default(), &history);
    let found = judge.take(&minute(0, 0.1, (900, 1, 9), (100, 101, 1)));
    assert_eq!(found, Err(LeftOut::MoreThanCalls { metric: Metric::Errors, count: 101, calls: 100 }));
    let found = judge.take(&minute(0, 0.1, (900, 1, 901), (100, 1, 1)));
    assert_eq!(found, Err(LeftOut::MoreThanCalls { metric: Metric::Slow, count: 901, calls: 900 }));
    assert_eq!(judge.evidence().count(), 0);
    assert!(History::default().take(counts((1, 2, 0))).is_err());
    assert_eq!(History::from_iter([counts((1, 2, 0)), counts((5, 1, 0))]).of(Metric::Errors).count(), 1);
}

#[test]
fn a_minute_counts_once_and_does_not_shrink() {
    let course = Course::after(&an_hour_of((1000, 1, 10))).then(1, 0.1, (900, 1, 9), (100, 20, 1));
    let mut judge = course.judge;
    let found = judge.verdict();
    assert_eq!(judge.take(&minute(0, 0.1, (900, 1, 9), (100, 0, 1))), Err(LeftOut::CountedBefore));
    assert_eq!(judge.take(&minute(-1, 0.1, (900, 1, 9), (100, 0, 1))), Err(LeftOut::CountedBefore));
    assert_eq!(judge.verdict(), found);
}

#[test]
fn minutes_without_a_known_weight_are_left_out() {
    let mut judge = Judge::new(Settings::default(), &History::default());
    let usual = minute(0, 0.1, (900, 1, 9), (100, 20, 1));
    for weight in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let found = judge.take(&MinuteCounts { weight, ..usual });
        assert!(matches!(found, Err(LeftOut::NoWeight { .. })), "{weight}");
    }
    assert_eq!(judge.take(&MinuteCounts { whole: false, ..usual }), Err(LeftOut::Mixed));
    assert_eq!(judge.take(&MinuteCounts { weight: 0.0, ..usual }), Err(LeftOut::NotShifted));
    assert!(matches!(judge.verdict(), Verdict::Insufficient(_)));
    judge.take(&usual).unwrap();
    assert!(judge.verdict().is_against(), "a minute that was left out may come again");
}

#[test]
fn missing_minutes_are_not_made_up() {
    let worse = |numbers: [i64; 3]| {
        let mut judge = Judge::new(Settings::default(), &an_hour_of((1000, 1, 10)));
        for number in numbers {
            judge.take(&minute(number, 0.1, (900, 1, 9), (100, 1, 1))).unwrap();
        }
        let evidence = judge.evidence().next().unwrap();
        evidence.points.last().unwrap().worse
    };
    assert!((worse([0, 1, 2]) - worse([0, 5, 40])).abs() < 1e-12);
}

#[test]
fn a_wrong_split_is_noticed_and_not_taken_for_errors() {
    // Half of the calls reach the new version where a tenth should: it has half of the errors, and is as good.
    let wrong = Course::after(&an_hour_of((1000, 10, 10))).then(20, 0.1, (500, 5, 5), (500, 5, 5));
    assert!(wrong.judge.split_mistrusted());
    let evidence = wrong.judge.evidence().next().unwrap();
    assert_eq!(evidence.points.last().unwrap().rule, Rule::Blocks);
    assert!(!wrong.verdict().is_against(), "{:?}", wrong.verdict());
    let sick = wrong.then(3, 0.1, (500, 5, 5), (500, 60, 5));
    let Verdict::Regression(found) = sick.verdict() else { panic!("{:?}", sick.verdict()) };
    assert_eq!(found.rule, Rule::Blocks);
    let right = Course::after(&an_hour_of((1000, 10, 10))).then(20, 0.1, (900, 9, 9), (100, 1, 1));
    assert!(!right.judge.split_mistrusted());
}

#[test]
fn without_traffic_there_is_no_verdict() {
    let nobody = Course::after(&an_hour_of((1000, 10, 10))).then(20, 0.5, (0, 0, 0), (0, 0, 0));
    let Verdict::Insufficient(missing) = nobody.verdict() else { panic!("{:?}", nobody.verdict()) };
    assert_eq!(missing.minutes, None, "no rate, no time");
    assert!(missing.to_string().ends_with("and there are none"));

    let one_sided = Course::after(&an_hour_of((1000, 10, 10))).then(20, 0.5, (1000, 10, 10), (0, 0, 0));
    assert!(one_sided.judge.split_mistrusted());
    assert!(!one_sided.verdict().is_against());
    assert!(!matches!(one_sided.verdict(), Verdict::Pass), "who has no calls has proven nothing");
    let other = Course::after(&an_hour_of((1000, 10, 10))).then(20, 0.5, (0, 0, 0), (1000, 10, 10));
    assert!(other.judge.split_mistrusted() && !other.verdict().is_against(), "{:?}", other.verdict());
}

#[test]
fn a_stable_version_that_never_fails() {
    let history = an_hour_of((1000, 0, 0));
    let clean = Course::after(&history).then(30, 0.1, (900, 0, 0), (100, 0, 0));
    assert_eq!(clean.verdict(), Verdict::Pass, "proven by the absolute limit");
    let sick = clean.then(1, 0.1, (900, 0, 0), (100, 20, 0));
    assert!(matches!(sick.verdict(), Verdict::Regression(_)), "{:?}", sick.verdict());
    let alone = Course::after(&history).then(2, 1.0, (0, 0, 0), (1000, 30, 0));
    assert!(matches!(alone.verdict(), Verdict::BaselineBreach(_)), "{:?}", alone.verdict());
    let single = Course::after(&history).then(30, 1.0, (0, 0, 0), (1000, 0, 0)).then(1, 1.0, (0, 0, 0), (1000, 1, 0));
    assert!(!single.verdict().is_against(), "a single error is none");
}

#[test]
fn everything_fails() {
    let suddenly = Course::after(&an_hour_of((1000, 1, 10))).then(10, 0.5, (500, 500, 5), (500, 500, 5));
    assert_eq!(suddenly.verdict(), Verdict::FailAlike(Metric::Errors));
    let always = Course::after(&an_hour_of((1000, 1000, 1000))).then(10, 0.5, (500, 500, 500), (500, 500, 500)).then(
        10,
        1.0,
        (0, 0, 0),
        (1000, 1000, 1000),
    );
    assert!(!always.verdict().is_against(), "{:?}", always.verdict());
}

#[test]
fn without_history_there_is_only_the_limit() {
    let shared = Course::after(&History::default()).then(1, 0.1, (900, 1, 9), (100, 30, 1));
    assert!(matches!(shared.verdict(), Verdict::Regression(_)), "{:?}", shared.verdict());
    let Verdict::BaselineBreach(found) =
        Course::after(&History::default()).then(2, 1.0, (0, 0, 0), (1000, 100, 10)).verdict()
    else {
        panic!()
    };
    assert_eq!((found.metric, found.rule), (Metric::Errors, Rule::Limit));
    let fine = Course::after(&History::default()).then(30, 1.0, (0, 0, 0), (1000, 1, 10));
    assert!(!fine.verdict().is_against());
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts in tests are small"
)]
fn any_counts() -> impl Strategy<Value = Counts> {
    let large = prop_oneof![0..5_u64, 0..20_000_u64, Just(1 << 40)];
    (large, 0.0..=1.0_f64, 0.0..=1.0_f64, any::<bool>(), proptest::option::of(0.0..1e5_f64)).prop_map(
        |(calls, errors, slow, counted, p90_ms)| {
            let part = |share: f64| (calls as f64 * share.powi(4)) as u64;
            Counts { calls, errors: part(errors), slow: counted.then(|| part(slow)), p90_ms }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is fed to it: no panic, and evidence is always a number.
    #[test]
    fn any_counts_are_judged(
        history in proptest::collection::vec(any_counts(), 0..20),
        minutes in proptest::collection::vec((any_counts(), any_counts(), 0..5_usize), 1..30),
    ) {
        let mut judge = Judge::new(Settings::default(), &history.into_iter().collect());
        for (number, (stable, new, weight)) in (0..).zip(minutes) {
            let weight = [0.0, 1e-3, 0.1, 0.5, 1.0][weight];
            let usual = minute(number, weight, (0, 0, 0), (0, 0, 0));
            let _ = judge.take(&MinuteCounts { stable, new, ..usual });
            prop_assert!(!judge.verdict().to_string().is_empty());
        }
        for evidence in judge.evidence() {
            for point in evidence.points {
                prop_assert!(!point.worse.is_nan() && !point.better.is_nan(), "{point:?}");
            }
            let ratio = evidence.ratio();
            prop_assert!(ratio.low.is_finite() && !ratio.high.is_nan(), "{ratio:?}");
        }
    }
}
