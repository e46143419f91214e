//! R right after a program was killed in the middle of a shift: what it had sent may still arrive.

use super::{journaling::unsettled, *};
use crate::release::page::Entry;

/// Both are on record at ten percent; the write of `ship` has not arrived when its program is killed, three seconds ago.
fn killed() -> Bench {
    let mut bench = Bench::mid_release();
    for (name, to) in [("pay", "42/43@10"), ("ship", "42")] {
        bench.set(&target(name), routing(to), Some(""));
    }
    unsettled(&mut bench, 1, "pay", "42", "42/43@10", 3);
    unsettled(&mut bench, 2, "ship", "42", "42/43@10", 3);
    bench.restart();
    bench
}

fn rows(bench: &Bench) -> Vec<&str> {
    bench.app.operation.iter().flat_map(|operation| &operation.rows).map(|row| row.target.function.as_str()).collect()
}

#[test]
fn a_rollback_says_where_a_killed_write_may_arrive_and_takes_it_back() {
    let mut bench = killed();
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), rows(&bench)), ("42 100%", vec!["pay"]));
    assert_eq!(bench.app.unsure(), [target("ship")], "what the rollback met is known");
    assert!(bench.said().contains("NOT SURE OF ship:live"), "{}", bench.said());
    assert!(!bench.app.has_all_back() && bench.timeline().contains("NOT SURE OF ship:live"), "{}", bench.timeline());
    bench.take_log();
    bench.check("<3s>");
    let looks = bench.take_log().iter().filter(|line| line.contains("Alias ship Urgent")).count();
    assert!(looks >= 3, "it is looked at each second: {looks}");

    bench.somebody_sets("ship", "42/43@10");
    bench.check("<2s>");
    assert_eq!((bench.live("ship").as_str(), rows(&bench)), ("42 100%", vec!["pay", "ship"]), "{}", bench.timeline());
    assert!(bench.app.has_all_back() && !bench.said().contains("NOT"), "{}", bench.said());
    bench.take_writes();
    bench.check("<1m>");
    assert_eq!((bench.take_writes(), bench.app.deck.is_releasing()), (Vec::new(), false));
}

#[test]
fn a_write_that_does_not_arrive_is_said_to_be_over() {
    let mut bench = killed();
    bench.check("R <5s>");
    assert!(!bench.app.has_all_back());
    bench.check("<4s>");
    assert!(bench.app.has_all_back());
    assert!(bench.said().contains("sure again"), "{}", bench.said());
    let inferred = |id| {
        let entries = bench.pages.iter().flat_map(|page| &page.entries);
        entries.filter_map(move |entry| match entry {
            Entry::Infer(number, outcome) if number.0 == id => Some(outcome.message.clone()),
            _ => None,
        })
    };
    assert!(inferred(1).all(|said| said.contains("as it was wanted")), "it was there when R took it back");
    assert!(inferred(2).all(|said| said.contains("did not take effect")) && inferred(2).count() == 1);
}

#[test]
fn where_nothing_has_arrived_yet_r_offers_no_other_version() {
    let mut bench = killed();
    bench.set(&target("pay"), routing("42"), None);
    bench.restart();
    bench.check("R");
    assert_eq!(bench.app.view.overlay, None);
    assert!(bench.said().contains("NOT SURE OF pay:live, ship:live"), "{}", bench.said());
    bench.somebody_sets("ship", "42/43@10");
    bench.check("<2s>");
    assert_eq!((bench.live("ship").as_str(), bench.app.unsure()), ("42 100%", vec![target("pay")]));
}

#[test]
fn a_program_that_was_killed_beside_an_open_cockpit_is_known_of_too() {
    let mut bench = Bench::new();
    bench.check("<20s>");
    unsettled(&mut bench, 1, "ship", "42", "42/43@10", 2);
    bench.check("R");
    assert_eq!((bench.app.unsure(), &bench.app.view.overlay), (vec![target("ship")], &None), "{}", bench.said());
    bench.somebody_sets("ship", "42/43@10");
    bench.check("<2s>");
    assert_eq!(bench.live("ship"), "42 100%", "{}", bench.timeline());
}

#[test]
fn this_run_s_own_writes_are_no_matter_of_doubt() {
    let mut bench = Bench::new();
    bench.hold(Hold::Writes);
    bench.check("1 <300ms> y");
    let intents = bench.pages.iter().flat_map(|page| &page.entries).filter_map(|entry| match entry {
        Entry::Intend(intents) => Some(intents.clone()),
        _ => None,
    });
    let intents: Vec<_> = intents.flatten().map(|(_, intent)| intent).collect();
    assert_eq!(intents.len(), 2);
    for intent in intents {
        unsettled(&mut bench, 7, intent.target.function.as_str(), "42", "42/43@10", 0);
        bench.unsettled.last_mut().unwrap().1.intent.at = intent.at;
    }
    bench.check("R");
    assert_eq!(bench.app.unsure(), []);
}

#[test]
fn what_arrives_after_ten_minutes_is_not_taken_back_behind_anybody_s_back() {
    let mut bench = killed();
    bench.unreadable.insert(target("ship"));
    bench.check("R <11m>");
    assert_eq!(bench.app.unsure(), [target("ship")], "nobody could look");
    bench.somebody_sets("ship", "42/43@10");
    bench.unreadable.clear();
    bench.check("ctrl-r <2s>");
    bench.settle();
    assert_eq!(bench.live("ship"), "42 90% + 43 10%");
    bench.check("R");
    assert_eq!(bench.live("ship"), "42 100%");
}

#[test]
fn another_release_that_somebody_begins_there_is_left_alone() {
    let mut bench = killed();
    bench.check("R");
    let mut bob = bench.neighbour("bob@there/2");
    // The id of a release is the second in which it was begun.
    bob.check("<2s> j 1 <300ms> y");
    bench.check("<2s>");
    assert!(bench.live("ship").contains("43 10%"), "{}", bench.timeline());
    assert_eq!(bench.app.unsure(), []);
}
