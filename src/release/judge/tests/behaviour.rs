//! What the judge says of releases that anybody could judge by looking at them.

use super::{Course, an_hour_of, minute};
use crate::release::{
    judge::{
        Judge, Settings,
        counts::{Counts, History, Metric},
        verdict::{Rule, Verdict},
    },
    trace,
};

#[test]
fn a_sick_version_is_found_in_its_first_minute() {
    let course = Course::after(&an_hour_of((1000, 1, 10))).then(1, 0.1, (900, 1, 9), (100, 20, 1));
    let Verdict::Regression(found) = course.verdict() else { panic!("{:?}", course.verdict()) };
    assert_eq!((found.metric, found.rule, trace::number(found.at)), (Metric::Errors, Rule::Ratio, 0));
}

#[test]
fn a_slow_version_is_found_by_its_slow_calls() {
    let course = Course::after(&an_hour_of((1000, 1, 10))).then(2, 0.1, (900, 1, 9), (100, 0, 30));
    let Verdict::Regression(found) = course.verdict() else { panic!("{:?}", course.verdict()) };
    assert_eq!((found.metric, found.rule), (Metric::Slow, Rule::Ratio));
}

#[test]
fn an_equal_version_goes_on_and_is_proven_good_in_the_end() {
    let course = Course::after(&an_hour_of((10_000, 50, 100))).then(4, 0.5, (5000, 25, 50), (5000, 25, 50));
    assert_eq!(course.verdict(), Verdict::Pass, "{:?}", course.judge.evidence().collect::<Vec<_>>());
    let course = course.then(30, 1.0, (0, 0, 0), (10_000, 50, 100));
    assert_eq!(course.verdict(), Verdict::Pass);
    let evidence = course.judge.evidence().next().unwrap();
    assert_eq!((evidence.points.len(), evidence.new.calls), (34, 320_000.0));
    let ratio = evidence.ratio();
    assert!(ratio.low < 1.0 && ratio.high > 1.0 && ratio.high < 2.0, "{ratio:?}");
}

#[test]
fn what_is_neither_proven_nor_refuted_goes_on() {
    // Twice as bad at 10 %: too little to convict, too much to acquit, and enough data to have noticed five times.
    let course = Course::after(&an_hour_of((10_000, 200, 100))).then(1, 0.1, (9000, 180, 90), (1000, 30, 10));
    assert_eq!(course.verdict(), Verdict::KeepGoing);
}

#[test]
fn a_quiet_function_says_what_it_lacks() {
    let course = Course::after(&an_hour_of((20, 0, 1))).then(3, 0.1, (18, 0, 1), (2, 0, 0));
    let Verdict::Insufficient(missing) = course.verdict() else { panic!("{:?}", course.verdict()) };
    assert!(missing.calls.unwrap() > 100.0 && missing.minutes.unwrap() > 5.0, "{missing}");
    let more = course.then(3, 0.1, (18, 0, 1), (2, 0, 0));
    let Verdict::Insufficient(less) = more.verdict() else { panic!("{:?}", more.verdict()) };
    assert!(less.calls < missing.calls, "{less} after {missing}");
}

#[test]
fn a_fault_that_begins_late_is_found_at_once() {
    let course = Course::after(&an_hour_of((1000, 5, 10))).then(30, 0.1, (900, 5, 9), (100, 0, 1));
    assert!(!course.verdict().is_against());
    let course = course.then(1, 0.1, (900, 5, 9), (100, 25, 1));
    assert!(matches!(course.verdict(), Verdict::Regression(_)), "{:?}", course.verdict());
}

#[test]
fn what_was_found_stays_found() {
    let course = Course::after(&an_hour_of((1000, 1, 10))).then(1, 0.1, (900, 1, 9), (100, 20, 1));
    let found = course.verdict();
    assert_eq!(course.then(60, 0.1, (900, 1, 9), (100, 0, 1)).verdict(), found);
}

#[test]
fn a_failing_dependency_is_not_the_release() {
    let course = Course::after(&an_hour_of((1000, 1, 10))).then(3, 0.1, (900, 1, 9), (100, 0, 1)).then(
        5,
        0.1,
        (900, 450, 9),
        (100, 50, 1),
    );
    assert_eq!(course.verdict(), Verdict::FailAlike(Metric::Errors));
    let goes_on = course.then(5, 1.0, (0, 0, 0), (1000, 500, 10));
    assert_eq!(goes_on.verdict(), Verdict::FailAlike(Metric::Errors), "the shift does not make it the release's fault");
    let over = goes_on.then(3, 1.0, (0, 0, 0), (1000, 1, 10));
    assert!(!matches!(over.verdict(), Verdict::FailAlike(_)) && !over.verdict().is_against(), "{:?}", over.verdict());
    let own = over.then(2, 1.0, (0, 0, 0), (1000, 300, 10));
    assert!(matches!(own.verdict(), Verdict::BaselineBreach(_)), "{:?}", own.verdict());
}

#[test]
fn a_dependency_that_fails_in_quiet_traffic_is_not_held_against_the_new_version_after_the_shift() {
    let course = Course::after(&an_hour_of((20, 0, 0))).then(10, 0.5, (10, 0, 0), (10, 0, 0)).then(
        4,
        0.5,
        (10, 4, 0),
        (10, 3, 0),
    );
    // One quiet minute, and one in which the new version was lucky, do not end it.
    let course = course.then(1, 0.5, (10, 0, 0), (3, 0, 0)).then(5, 1.0, (0, 0, 0), (20, 8, 0));
    assert_eq!(course.verdict(), Verdict::FailAlike(Metric::Errors));
    let alone = Course::after(&an_hour_of((20, 0, 0))).then(10, 0.5, (10, 0, 0), (10, 0, 0)).then(
        5,
        1.0,
        (0, 0, 0),
        (20, 8, 0),
    );
    assert!(matches!(alone.verdict(), Verdict::BaselineBreach(_)), "{:?}", alone.verdict());
}

#[test]
fn a_sick_version_is_found_while_a_dependency_fails() {
    let course = Course::after(&an_hour_of((1000, 1, 10))).then(3, 0.5, (500, 50, 5), (500, 300, 5));
    assert!(matches!(course.verdict(), Verdict::Regression(_)), "{:?}", course.verdict());
}

#[test]
fn alone_it_is_held_against_the_hour_before() {
    let course = Course::after(&an_hour_of((1000, 2, 10))).then(5, 1.0, (0, 0, 0), (1000, 2, 10));
    assert!(!course.verdict().is_against());
    let Verdict::BaselineBreach(found) = course.then(3, 1.0, (0, 0, 0), (1000, 30, 10)).verdict() else { panic!() };
    assert_eq!((found.metric, found.rule, trace::number(found.at)), (Metric::Errors, Rule::Baseline, 5));
}

#[test]
fn the_ups_and_downs_of_load_are_no_breach() {
    // Three times the traffic, and a rate a fifth higher, as load makes it.
    let course = Course::after(&an_hour_of((10_000, 50, 100))).then(30, 1.0, (0, 0, 0), (30_000, 180, 360));
    assert!(!course.verdict().is_against(), "{:?}", course.verdict());
    // One burst in a function whose history has bursts.
    let mut history: Vec<_> = vec![Counts { calls: 1000, errors: 0, slow: Some(0), p90_ms: None }; 60];
    for minute in [3, 17, 31, 45, 58] {
        history[minute].errors = 40;
    }
    let history: History = history.into_iter().collect();
    let course = Course::after(&history).then(10, 1.0, (0, 0, 0), (1000, 0, 0)).then(1, 1.0, (0, 0, 0), (1000, 40, 0));
    assert!(!course.verdict().is_against(), "{:?}", course.verdict());
}

#[test]
fn evidence_of_the_stages_counts_at_full_traffic_too() {
    let history = an_hour_of((200, 1, 2));
    let alone = Course::after(&history).then(3, 1.0, (0, 0, 0), (200, 4, 2));
    let staged = Course::after(&history).then(8, 0.5, (100, 0, 1), (100, 1, 1)).then(3, 1.0, (0, 0, 0), (200, 4, 2));
    let worse = |course: &Course| course.judge.evidence().next().unwrap().points.last().unwrap().worse;
    assert!(worse(&staged) > worse(&alone) + 1.0, "{} after {}", worse(&staged), worse(&alone));
}

#[test]
fn without_counts_of_slow_calls_the_percentile_decides() {
    let version = |p90| Counts { calls: 100, errors: 0, slow: None, p90_ms: Some(p90) };
    let mut judge = Judge::new(Settings::default(), &History::default());
    for number in 0..10 {
        let minute = super::MinuteCounts {
            stable: version(100.0),
            new: version(150.0),
            ..minute(number, 0.5, (0, 0, 0), (0, 0, 0))
        };
        judge.take(&minute).unwrap();
        assert!(!judge.verdict().is_against(), "after {number} minutes");
    }
    let minute =
        super::MinuteCounts { stable: version(100.0), new: version(150.0), ..minute(10, 0.5, (0, 0, 0), (0, 0, 0)) };
    judge.take(&minute).unwrap();
    let Verdict::Regression(found) = judge.verdict() else { panic!("{:?}", judge.verdict()) };
    assert_eq!((found.metric, found.rule), (Metric::Slow, Rule::Sign));
}

#[test]
fn a_stage_says_beforehand_what_it_can_show() {
    let judge = Judge::new(Settings::default(), &an_hour_of((1000, 5, 10)));
    let at_ten = judge.smallest_ratio(0.1, 5_000.0).unwrap();
    let at_fifty = judge.smallest_ratio(0.5, 5_000.0).unwrap();
    assert!(at_fifty < at_ten && at_fifty > 1.5 && at_ten < 10.0, "{at_fifty} and {at_ten}");
    assert_eq!(judge.smallest_ratio(0.1, 5.0), None);
}

#[test]
fn more_functions_share_the_same_bound() {
    let one = Settings::default();
    let ten = Settings { functions: 10, ..one };
    assert!((one.threshold() - 200.0_f64.ln()).abs() < 1e-12);
    assert!((ten.threshold() - 2000.0_f64.ln()).abs() < 1e-12);
    assert!(one.threshold_of(Rule::Baseline) < one.threshold());
    assert!((Settings { functions: 0, ..one }.threshold() - one.threshold()).abs() < 1e-12);
}
