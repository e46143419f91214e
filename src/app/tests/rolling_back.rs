//! R, from everywhere and at every moment.

use super::*;

#[test]
fn r_takes_the_whole_release_back_at_once_whatever_is_on_screen() {
    for before in ["", "?", "o", "q", "enter", "1", "1 <300ms>", "esc", "tab tab", "space", "down", "3 <300ms> y d"] {
        let mut bench = Bench::mid_release();
        bench.check(before);
        bench.take_log();
        let effects = bench.app.update(Event::Key("R".parse().unwrap()), bench.now);
        let writes = effects.iter().filter(|effect| matches!(effect, Effect::Write(..))).count();
        assert_eq!(writes, 2, "both at once, before anything is read: {before}");
        bench.effects.extend(effects);
        bench.answer_all();
        assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 100%", "42 100%"), "{before}");
        assert_eq!(bench.app.view.overlay, Some(Overlay::Progress), "{before}");
    }
}

#[test]
fn outside_a_release_r_asks_and_confirms() {
    let mut bench = Bench::new();
    bench.check("R y");
    let Some(Overlay::Candidates(list)) = &bench.app.view.overlay else { panic!("{:?}", bench.app.view.overlay) };
    assert!(list.versions.iter().all(|older| *older < version(42)), "back is no way forward: {:?}", list.versions);
    assert_eq!(bench.take_writes(), [""; 0]);
    bench.check("<300ms> enter R <300ms> y");
    assert_eq!(bench.take_writes(), ["write pay 41 100% @r1"], "the next lower version is preselected");
}

#[test]
fn the_last_recorded_stable_version_is_preselected() {
    let mut bench = Bench::mid_release();
    bench.check("3 <300ms> y d <300ms> y");
    assert!(bench.said().contains("All clear"), "{}", bench.said());
    bench.versions.push(info(40));
    bench.check("R <300ms> y");
    assert_eq!(bench.live("pay"), "42 100%");
}

#[test]
fn a_second_r_is_harmless() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.check("R R R");
    bench.release(Hold::Writes);
    assert_eq!(bench.take_writes().len(), 2);
    bench.check("R R y <300ms> y");
    assert_eq!((bench.take_writes(), bench.live("pay")), (vec![], "42 100%".into()));
}

#[test]
fn r_before_the_record_is_on_disk_calls_the_shift_off() {
    for script in ["R", "R R", "R <1s> y", "q"] {
        let mut bench = Bench::new();
        bench.hold(Hold::Records);
        bench.check("1 <300ms> y");
        bench.check(script);
        bench.release(Hold::Records);
        bench.check("<3s>");
        assert_eq!(bench.take_writes(), [""; 0], "{script}");
        assert!(bench.timeline().contains("called the shift off"), "{}", bench.timeline());
    }
}

#[test]
fn r_does_not_wait_for_a_forward_write_under_way() {
    for first in ["forward", "rollback"] {
        let mut bench = Bench::new();
        bench.hold(Hold::Writes);
        bench.check("1 <300ms> y R");
        let mut writes: Vec<Effect> = bench.effects.drain(..).collect();
        assert_eq!(writes.len(), 4, "two shifts and two rollbacks are on their way");
        if first == "rollback" {
            writes.rotate_left(2);
        }
        bench.holds.clear();
        bench.effects.extend(writes);
        bench.answer_all();
        assert_eq!((bench.live("pay"), bench.live("ship")), ("42 100%".into(), "42 100%".into()), "{first} first");
        assert!(!bench.app.is_moving() && bench.app.to_be_rolled_back().is_empty());
    }
}

#[test]
fn r_also_takes_back_what_had_no_answer() {
    for (reply, script) in [(Trouble::Timeout, "R"), (Trouble::Server, "R"), (Trouble::Timeout, "esc R")] {
        let mut bench = Bench::new();
        bench.trouble_for("pay", &[(reply, true)]);
        bench.check("1 <300ms> y");
        assert_eq!(bench.live("pay"), "42 90% + 43 10%");
        assert_eq!(bench.app.deck.function(&target("pay")).unwrap().entry(), None, "nobody has read that yet");
        bench.check(script);
        assert_eq!(bench.live("pay"), "42 100%", "{script}");
        assert_eq!(bench.live("ship"), "42 100%", "{script}");
    }
}

#[test]
fn what_had_no_answer_is_nobody_s_once_it_was_read() {
    let mut bench = Bench::new();
    bench.trouble_for("pay", &[(Trouble::Timeout, false)]);
    bench.trouble_for("ship", &[(Trouble::Timeout, false)]);
    bench.check("1 <300ms> y esc");
    assert_eq!(bench.app.to_be_rolled_back().len(), 2);
    bench.somebody_sets("pay", "41");
    bench.check("<31s>");
    assert!(bench.app.to_be_rolled_back().is_empty());
    bench.check("R");
    assert_eq!(bench.live("pay"), "41 100%");
}

#[test]
fn r_never_takes_from_a_version_that_is_not_its_own() {
    let mut bench = Bench::mid_release();
    bench.somebody_sets("pay", "41");
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("41 100%", "42 100%"));
    assert!(bench.timeline().contains("pay:live was changed elsewhere: it is now 41 100%"), "{}", bench.timeline());
    assert!(bench.timeline().contains("rolled back 1 of 2 functions"));
}

#[test]
fn r_takes_back_what_somebody_moved_forward() {
    let mut bench = Bench::mid_release();
    bench.somebody_sets("pay", "43");
    bench.check("R");
    assert_eq!(bench.live("pay"), "42 100%");
}

#[test]
fn throttling_is_retried_until_esc() {
    let mut bench = Bench::mid_release();
    bench.trouble_for("pay", &[(Trouble::Throttled, false); 3]);
    bench.check("R");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 90% + 43 10%", "42 100%"));
    bench.check("<5s>");
    assert_eq!(bench.live("pay"), "42 100%");

    let mut bench = Bench::mid_release();
    bench.trouble_for("pay", &[(Trouble::Throttled, false); 50]);
    bench.check("R <2s> esc");
    bench.take_log();
    bench.check("<30s>");
    assert_eq!(bench.take_writes(), [""; 0], "Esc stops the retries");
    assert!(bench.timeline().contains("rolled back 1 of 2 functions"), "{}", bench.timeline());
    bench.troubles.clear();
    bench.check("R");
    assert_eq!(bench.live("pay"), "42 100%", "R starts again");
}

#[test]
fn esc_stops_what_is_still_on_its_way_too() {
    let mut bench = Bench::mid_release();
    bench.trouble_for("pay", &[(Trouble::Throttled, false)]);
    bench.hold(Hold::Writes);
    bench.check("R esc");
    bench.release(Hold::Writes);
    bench.check("<10s>");
    assert_eq!(bench.live("pay"), "42 90% + 43 10%", "its answer is awaited, and no other write follows");
    assert!(!bench.app.is_moving());
}

#[test]
fn r_again_starts_what_esc_stopped_while_the_rest_is_under_way() {
    let mut bench = Bench::mid_release();
    bench.trouble_for("pay", &[(Trouble::Throttled, false)]);
    bench.hold(Hold::Writes);
    bench.check("R");
    let ship = bench.effects.pop_back().unwrap();
    bench.release(Hold::Writes);
    bench.hold(Hold::Writes);
    bench.check("esc R");
    bench.effects.push_back(ship);
    bench.release(Hold::Writes);
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 100%", "42 100%"));
}

#[test]
fn r_adds_the_rest_to_the_rollback_of_one_function() {
    let mut bench = Bench::mid_release();
    bench.check("g enter r <300ms>");
    bench.hold(Hold::Writes);
    bench.check("y");
    assert_eq!(bench.effects.len(), 1, "one function alone: {}", bench.said());
    bench.check("R");
    bench.release(Hold::Writes);
    assert_eq!(bench.take_writes(), ["write pay 42 100% @r2", "write ship 42 100% @r2"]);
    assert!(!bench.app.is_moving());
}

#[test]
fn one_function_alone_from_its_detail() {
    let mut bench = Bench::mid_release();
    bench.check("down enter r y");
    assert_eq!(bench.take_writes(), [""; 0], "a plan comes first");
    bench.check("<300ms> y");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 90% + 43 10%", "42 100%"));
}

#[test]
fn other_lambda_reads_wait_while_a_rollback_runs() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Reads);
    bench.check("<6s> ctrl-r");
    let mut asked = bench.effects.iter().filter_map(|effect| match effect {
        Effect::Read(ticket, Read::Alias(..) | Read::Versions(_) | Read::Provisioned(_)) => Some(*ticket),
        _ => None,
    });
    let asked: Vec<Ticket> = asked.by_ref().collect();
    assert!(!asked.is_empty());
    bench.holds.clear();
    bench.hold(Hold::Writes);
    bench.effects.clear();
    let effects = bench.app.update(Event::Key("R".parse().unwrap()), bench.now);
    let Some(Effect::Drop(dropped)) = effects.iter().find(|effect| matches!(effect, Effect::Drop(_))) else {
        panic!("the reads that were under way are given up: {effects:?}");
    };
    assert!(asked.iter().all(|ticket| dropped.contains(ticket)));
    bench.effects.extend(effects);
    bench.take_log();
    bench.check("<60s> ctrl-r <60s>");
    let lambda = |log: Vec<String>| {
        log.into_iter().filter(|l| l.contains("Alias") || l.contains("Version") || l.contains("Prov")).count()
    };
    assert_eq!(lambda(bench.take_log()), 0);
    bench.release(Hold::Writes);
    bench.check("<2s>");
    assert!(lambda(bench.take_log()) > 2, "afterwards they go on");
}

#[test]
fn an_answer_from_before_a_write_is_not_believed_after_it() {
    let mut bench = Bench::new();
    bench.check("<31s>");
    bench.hold(Hold::Reads);
    bench.check("ctrl-r");
    let asked: Vec<Effect> = bench.effects.drain(..).collect();
    let old: Vec<(Ticket, Reply)> = asked
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Read(ticket, read @ Read::Alias(..)) => Some((ticket, bench.read(read))),
            _ => None,
        })
        .collect();
    assert_eq!(old.len(), 2);
    bench.holds.clear();
    bench.check("1 <300ms> y");
    for (ticket, reply) in old {
        bench.event(Event::Reply(ticket, Box::new(reply)));
    }
    assert_eq!(bench.app.to_be_rolled_back().len(), 2, "R must not miss a function because an old answer came late");
}

#[test]
fn a_task_that_dies_counts_as_no_answer() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.check("R");
    let Some(Effect::Write(ticket, _)) = bench.effects.pop_front() else { panic!("a write") };
    bench.event(Event::Lost(ticket, "it panicked".into()));
    bench.release(Hold::Writes);
    bench.check("<5s>");
    assert_eq!((bench.live("pay").as_str(), bench.live("ship").as_str()), ("42 100%", "42 100%"));
}

#[test]
fn undo_is_offered_for_ten_minutes_and_wants_a_plan() {
    let mut bench = Bench::mid_release();
    bench.check("R u");
    assert_eq!(bench.live("pay"), "42 100%");
    bench.check("<300ms> y");
    assert_eq!(bench.live("pay"), "42 90% + 43 10%");
    bench.check("u <300ms> y");
    assert!(bench.said().contains("no rollback of the last 10 minutes"), "{}", bench.said());
    bench.check("R <601s> u <300ms> y");
    assert_eq!(bench.live("pay"), "42 100%");
}

#[test]
fn undo_does_not_write_over_what_came_after_the_rollback() {
    let mut bench = Bench::mid_release();
    bench.check("R");
    bench.somebody_sets("pay", "41");
    bench.check("u <300ms>");
    assert_eq!(bench.refusals(), ["pay: it was changed since the rollback: it is now 41 100%"]);
    bench.check("y");
    assert_eq!(bench.live("pay"), "41 100%");
}

#[test]
fn an_undo_that_met_a_change_can_be_tried_again() {
    let mut bench = Bench::mid_release();
    bench.check("R u");
    bench.trouble_for("pay", &[(Trouble::Throttled, false); 9]);
    bench.trouble_for("ship", &[(Trouble::Throttled, false); 9]);
    bench.check("<300ms> y <20s>");
    assert!(bench.timeline().contains("undid the rollback of 0 of 2"), "{}", bench.timeline());
    bench.troubles.clear();
    bench.check("u <300ms> y");
    assert_eq!(bench.live("pay"), "42 90% + 43 10%");
}

#[test]
fn r_where_there_is_no_alias_says_what_is_missing() {
    let mut bench = Bench::new();
    bench.gone.extend([target("pay"), target("ship")]);
    bench.restart();
    bench.check("R");
    assert_eq!(bench.said(), "Nothing to go back by: pay has no alias live. ⏎ tells more.");
}

#[test]
fn of_two_versions_without_a_record_none_is_taken_for_the_stable_one() {
    let mut bench = Bench::new();
    bench.somebody_sets("pay", "42/41@10");
    bench.check("<31s>");
    let plan = bench.app.roll_back_plan(&[], None);
    let refusal = plan.rows[0].refusal.clone().unwrap_or_default();
    assert!(
        plan.rows.len() == 1 && refusal.contains("which version is stable is not known: name it with --to"),
        "{plan:?}"
    );
    bench.check("R <300ms> y");
    assert_eq!(bench.take_writes(), [""; 0], "R opens the list, and nothing in it is chosen");
    assert!(bench.said().contains("Nothing is chosen yet"), "{}", bench.said());
    let Some(Overlay::Candidates(list)) = &bench.app.view.overlay else { panic!("{:?}", bench.app.view.overlay) };
    assert_eq!((list.row, &list.versions[..]), (None, &[version(42), version(41)][..]));
    bench.check("down y");
    assert_eq!(bench.live("pay"), "42 100%");

    bench.somebody_sets("pay", "42/41@10");
    bench.check("<31s>");
    let named = bench.app.roll_back_plan(&[target("pay")], Some(version(41)));
    assert!(named.is_sound() && named.rows[0].to == routing("41"), "a person may say it: {named:?}");
}

#[test]
fn where_nobody_has_read_it_nobody_says_where_the_traffic_was() {
    let mut bench = Bench::mid_release();
    bench.unreadable.extend([target("pay")]);
    bench.restart();
    bench.check("R");
    let row = bench.app.operation.as_ref().and_then(|operation| operation.row(&target("pay"))).unwrap();
    assert!(row.is_unread(), "{row:?}");
    bench.unreadable.clear();
    bench.check("R");
    let row = bench.app.operation.as_ref().and_then(|operation| operation.row(&target("pay"))).unwrap();
    assert!(!row.is_unread() && row.from == routing("42/43@10"), "{row:?}");
    assert_eq!(bench.live("pay"), "42 100%");
}

#[test]
fn of_two_that_have_traffic_the_one_that_is_not_named_is_withdrawn() {
    let mut bench = Bench::new();
    // Somebody's canary of an older build.
    bench.somebody_sets("pay", "43/42@10");
    bench.check("ctrl-r <1s>");
    let effects = bench.app.roll_back_to(&target("pay"), version(43), bench.now);
    bench.effects.extend(effects);
    bench.settle();
    assert_eq!(bench.live("pay"), "43 100%");
    let undone = bench.memory("pay").rolled_back.clone().unwrap();
    assert_eq!((undone.entry.stable, undone.entry.new, undone.percent.round()), (version(43), version(42), 10.0));
    let end = bench.end_in_pages();
    let note = "no release was on record; withdrawn: pay:live 42 at 10 %";
    assert_eq!((end.is_by_hand(), end.note.as_str()), (true, note));
}
