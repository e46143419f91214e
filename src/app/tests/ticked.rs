//! What was ticked off before the program was started anew in the middle of a release.

use super::{runbook::by_hand, *};
use crate::{
    config::StepMoment,
    release::{
        checklist::{ItemSettings, ItemState, Phase, Ticks},
        names::ReleaseId,
        page::Entry,
        record::{Happening, Kind, Line, Past},
        story::tests::begun,
    },
};

fn item(name: &str, phase: Phase) -> ItemSettings {
    let (section, role, ticks) = (None, None, Ticks::Person);
    ItemSettings { name: name.into(), section, phase, required: false, role, other_than: None, ticks }
}

fn bench() -> Bench {
    Bench::with(|environment| {
        environment.checklist = vec![item("support knows", Phase::Before), item("looked", Phase::During)];
        environment.runbook = vec![by_hand("snapshot", StepMoment::Before), by_hand("page", StepMoment::Before)];
    })
}

fn ticked(bench: &Bench) -> Vec<(&str, Option<&str>)> {
    let items = bench.app.checks.checklist.items().iter();
    items
        .map(|item| match &item.state {
            ItemState::Ticked { by, .. } => (item.settings.name.as_str(), by.as_deref()),
            ItemState::Open | ItemState::Failing { .. } => (item.settings.name.as_str(), None),
        })
        .collect()
}

fn happenings(bench: &Bench) -> impl Iterator<Item = &Happening> {
    let lines = bench.pages.iter().flat_map(|page| &page.entries).filter_map(|entry| match entry {
        Entry::Lines(lines) => Some(lines),
        _ => None,
    });
    lines.flatten().filter_map(|line| match line {
        Line::Happened(happening) => Some(happening),
        _ => None,
    })
}

/// The release as the journal has it by now.
fn past(bench: &Bench, id: &ReleaseId) -> Past {
    let mut past = begun(&["pay", "ship"]);
    past.began.id = id.clone();
    past.happenings = happenings(bench).filter(|happening| happening.release.as_ref() == Some(id)).cloned().collect();
    past
}

/// In the middle of a release, with one of two items and one of two steps done.
fn half_done() -> (Bench, ReleaseId) {
    let mut bench = bench();
    bench.app.tick("support knows", bench.now).unwrap();
    bench.app.tick_step(0, bench.now);
    bench.check("1 <300ms> y <1m>");
    bench.app.tick("looked", bench.now).unwrap();
    bench.check("<5s>");
    bench.app.tick("looked", bench.now).unwrap();
    bench.check("<5s>");
    let id = bench.app.deck.in_release().next().map(|(_, entry)| entry.id.clone()).unwrap();
    (bench, id)
}

#[test]
fn ticks_come_back_with_the_release_and_are_written_once() {
    let (mut bench, id) = half_done();
    assert_eq!(ticked(&bench), [("support knows", Some("ada (oncall/ada)")), ("looked", None)]);
    bench.past = vec![past(&bench, &id)];
    bench.restart();
    bench.check("<1m>");
    assert_eq!(ticked(&bench), [("support knows", Some("ada (oncall/ada)")), ("looked", None)], "as it was");
    assert_eq!(bench.app.steps_before(), (2, 1));
    let ticks = happenings(&bench).filter(|happening| matches!(happening.kind, Kind::Tick { .. })).count();
    assert_eq!(ticks, 3, "ticked, ticked, open again; nothing of it twice");
}

#[test]
fn another_release_s_ticks_are_not_this_one_s() {
    let (mut bench, _) = half_done();
    bench.past = vec![past(&bench, &ReleaseId::new("r-20260101-9"))];
    bench.restart();
    assert_eq!((ticked(&bench)[0].1, bench.app.steps_before()), (None, (2, 2)));
}

#[test]
fn what_was_ticked_meanwhile_stays() {
    let (mut bench, id) = half_done();
    let before = past(&bench, &id);
    bench.restart();
    bench.app.tick("looked", bench.now).unwrap();
    let mut checklist = bench.app.checks.checklist.clone();
    let at = before.began.at;
    assert_eq!(checklist.restore("looked", "bob".into(), at), None);
    assert_eq!(checklist.restore("nothing of that name", "bob".into(), at), None);
    assert!(checklist.restore("support knows", "bob".into(), at).is_some());
}

#[test]
fn who_takes_a_release_over_gets_its_ticks_too() {
    let (bench, id) = half_done();
    let mut next = bench.neighbour("ada@here/2");
    next.past = vec![past(&bench, &id)];
    next.check("<6s>");
    assert_eq!((ticked(&next)[0].1, next.app.steps_before()), (None, (2, 2)), "it is another's");
    next.check("T <300ms> y <2s>");
    assert_eq!(ticked(&next), [("support knows", Some("ada (oncall/ada)")), ("looked", None)]);
    assert_eq!(next.app.steps_before(), (2, 1));
}
