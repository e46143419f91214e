//! The figures, counted by hand and held against what must always be true of them.

use proptest::prelude::*;

use super::*;
use crate::release::story::{
    tell,
    tests::{at, begun, good, moved, sick},
};

fn value(dora: &Dora, name: &str) -> Option<f64> {
    dora.figures.iter().find(|figure| figure.name == name).unwrap().value
}

fn weeks(count: i64) -> (Timestamp, Timestamp) {
    (at(-86_400), at(-86_400 + count * 7 * 86_400))
}

#[test]
fn the_figures_of_a_good_and_a_sick_release() {
    let never = begun(&["idle"]);
    let mut open = begun(&["pay"]);
    moved(&mut open, "pay", 60, 10.0);
    let stories = [good(), sick(), never, open].map(|past| tell(&past));
    let (from, to) = weeks(2);
    let targets = Targets {
        deployments_per_week: Some(2.0),
        lead_time: Some(SignedDuration::from_hours(4)),
        change_failure_rate: Some(5.0),
        rollback_time: Some(SignedDuration::from_mins(5)),
        success_rate: Some(95.0),
        ..Targets::default()
    };
    let dora = count(&stories, from, to, &targets);
    assert_eq!((dora.deployments, dora.over, dora.rolled_back), (3, 2, 1));
    assert_eq!(value(&dora, "deployment frequency"), Some(1.5));
    assert_eq!(value(&dora, "lead time"), Some(7200.0 + 662.0));
    assert_eq!(value(&dora, "change failure rate"), Some(50.0));
    assert_eq!(value(&dora, "time to recovery"), Some(62.0), "from the gate's failure to the acknowledgement");
    assert_eq!(value(&dora, "rollback time"), Some(2.0));
    assert_eq!(value(&dora, "duration"), Some(600.0));
    assert_eq!(value(&dora, "success rate"), Some(50.0));
    assert_eq!(value(&dora, "zero downtime"), Some(50.0), "the sick one failed its gate");
    let met: Vec<_> = dora.figures.iter().map(|figure| figure.met).collect();
    assert_eq!(met, [Some(false), Some(true), Some(false), None, Some(true), None, Some(false), None]);
}

#[test]
fn without_releases_nothing_is_claimed() {
    let (from, to) = weeks(1);
    let dora = count(&[], from, to, &Targets { change_failure_rate: Some(5.0), ..Targets::default() });
    assert_eq!(value(&dora, "deployment frequency"), Some(0.0));
    assert!(dora.figures.iter().skip(1).all(|figure| figure.value.is_none() && figure.met.is_none()));
}

#[test]
fn a_commit_time_is_found_where_people_write_it() {
    let time: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    for text in [
        "committed=2026-11-20T10:00:00Z",
        "v1.4 (commit 1f3ab2c, 2026-11-20T12:00:00+02:00)",
        "Built from main; commit_time: 2026-11-20T10:00:00Z, by CI",
        "commit-time:2026-11-20T10:00:00Z",
        " 2026-11-20T10:00:00Z ",
    ] {
        assert_eq!(commit_time(text), Some(time), "{text}");
    }
    for text in ["", "v1.4", "commit 1f3ab2c", "built 2026-11-20T10:00:00Z", "committed yesterday"] {
        assert_eq!(commit_time(text), None, "{text}");
    }
}

#[test]
fn the_median_is_in_the_middle() {
    let of = |seconds: &[i64]| median(&seconds.iter().map(|s| SignedDuration::from_secs(*s)).collect::<Vec<_>>());
    assert_eq!((of(&[]), of(&[3]), of(&[9, 1, 5]), of(&[1, 9, 3, 5])), (None, Some(3.0), Some(5.0), Some(4.0)));
}

proptest! {
    #[test]
    fn whatever_happened_the_figures_hang_together(kinds in proptest::collection::vec(0u8..4, 0..30)) {
        let stories: Vec<Story> = kinds.iter().map(|kind| match kind {
            0 => tell(&good()),
            1 => tell(&sick()),
            2 => tell(&begun(&["idle"])),
            _ => {
                let mut open = begun(&["pay"]);
                moved(&mut open, "pay", 60, 10.0);
                tell(&open)
            }
        }).collect();
        let (from, to) = weeks(1);
        let dora = count(&stories, from, to, &Targets::default());
        prop_assert!(dora.rolled_back <= dora.over && dora.over <= dora.deployments && dora.deployments <= kinds.len());
        let failures = value(&dora, "change failure rate");
        prop_assert_eq!(failures.is_some(), dora.over > 0);
        prop_assert!(failures.is_none_or(|rate| (0.0..=100.0).contains(&rate)));
        prop_assert!(dora.figures.iter().all(|figure| figure.value.is_none_or(|value| value >= 0.0)));
        let later = count(&stories, to, at(1_000_000_000), &Targets::default());
        prop_assert_eq!(later.deployments, 0, "what lies before is not counted");
    }

    #[test]
    fn no_text_breaks_the_search_for_a_commit_time(text in "\\PC{0,40}(commit)?\\PC{0,40}") {
        let _ = commit_time(&text);
    }
}
