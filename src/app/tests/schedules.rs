//! What is read when: periods, backing off, lost answers, and the price of watching.

use super::*;
use crate::config::{AlarmMatch, AlarmRule};
use crate::release::facts::Severity;

fn watching() -> Bench {
    let mut bench = Bench::with(|environment| {
        environment.budgets = vec![crate::config::BudgetSettings::named("monthly")];
        let matches = AlarmMatch::Prefix("shop-".into());
        environment.alarms = vec![AlarmRule::new(matches, Severity::High)];
    });
    bench.pass(Duration::from_mins(2));
    bench.take_log();
    bench
}

fn count(log: &[String], what: &str) -> usize {
    log.iter().filter(|line| line.starts_with(what)).count()
}

#[test]
fn every_reader_has_its_own_period() {
    let mut bench = watching();
    bench.pass(Duration::from_mins(10));
    let log = bench.take_log();
    for (what, low, high) in [
        ("read Alias pay", 19, 21),
        ("read Alarms", 39, 41),
        ("read Budgets", 0, 0),
        ("read Versions pay", 1, 3),
        ("read Caller", 1, 2),
        ("read Recall", 0, 0),
    ] {
        let times = count(&log, what);
        assert!((low..=high).contains(&times), "{what}: {times} times in ten minutes");
    }
    bench.pass(Duration::from_hours(1));
    assert_eq!(count(&bench.take_log(), "read Budgets"), 1);
}

#[test]
fn aliases_in_release_are_read_every_five_seconds() {
    let mut bench = Bench::mid_release();
    bench.pass(Duration::from_mins(1));
    let times = count(&bench.take_log(), "read Alias pay");
    assert!((11..=13).contains(&times), "{times} times in a minute");
    bench.check("R esc <31s>");
    bench.take_log();
    bench.pass(Duration::from_mins(1));
    assert_eq!(count(&bench.take_log(), "read Alias pay"), 2);
}

#[test]
fn each_series_is_asked_for_at_most_once_a_minute() {
    let mut bench = Bench::mid_release();
    let mut asked: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let start = bench.now.world;
    for second in 0..600 {
        if second % 7 == 0 {
            bench.event(Event::Key(if second % 2 == 0 { "down" } else { "up" }.parse().unwrap()));
        }
        bench.now.wall += Duration::from_secs(1);
        bench.now.world += SignedDuration::from_secs(1);
        bench.event(Event::Tick);
        for effect in &bench.effects {
            if let Effect::Read(_, Read::Metrics(question)) = effect {
                for series in &question.series {
                    let at = seconds_since(start, bench.now.world);
                    asked.entry(format!("{series:?} {:?}", question.period)).or_default().push(at);
                }
            }
        }
        bench.answer_all();
    }
    assert!(asked.len() > 10, "{}", asked.len());
    for (series, times) in asked {
        let minute = |at: &i64| (start + SignedDuration::from_secs(*at)).as_second() / 60;
        let minutes: BTreeSet<i64> = times.iter().map(minute).collect();
        assert_eq!(minutes.len(), times.len(), "{series} at {times:?}");
    }
}

#[test]
fn throttling_slows_down_that_reader_alone() {
    let mut bench = watching();
    bench.hold(Hold::Reads);
    let (mut alarms, mut aliases) = (0, 0);
    for _ in 0..600 {
        bench.pass(Duration::from_secs(1));
        for effect in std::mem::take(&mut bench.effects) {
            match effect {
                Effect::Read(ticket, Read::Alarms) => {
                    alarms += 1;
                    let reply = Reply::Alarms(Err(trouble(Trouble::Throttled)));
                    bench.event(Event::Reply(ticket, Box::new(reply)));
                }
                Effect::Read(ticket, read) => {
                    aliases +=
                        usize::from(matches!(&read, Read::Alias(target, _) if target.function.as_str() == "pay"));
                    let reply = bench.read(read);
                    bench.event(Event::Reply(ticket, Box::new(reply)));
                }
                _ => {}
            }
        }
    }
    assert!((6..=9).contains(&alarms), "15, 30, 60, 120, 120 … seconds apart: {alarms}");
    assert!((19..=21).contains(&aliases), "{aliases}");
    assert!(bench.app.deck.alarms.value().is_some() && bench.app.deck.alarms.is_stale(bench.now.world));
}

#[test]
fn late_and_lost_answers() {
    let mut bench = watching();
    bench.hold(Hold::Reads);
    bench.pass(Duration::from_secs(16));
    let asked = bench.effects.iter().filter(|effect| matches!(effect, Effect::Read(_, Read::Alarms))).count();
    assert_eq!(asked, 1);
    bench.pass(Duration::from_mins(1));
    let asked: Vec<Effect> = bench.effects.drain(..).collect();
    let alarms = asked.iter().filter(|effect| matches!(effect, Effect::Read(_, Read::Alarms))).count();
    assert_eq!(alarms, 1, "nothing is asked twice at once");
    for effect in asked {
        if let Effect::Read(ticket, _) = effect {
            bench.event(Event::Lost(ticket, "it panicked".into()));
        }
    }
    let again = bench.effects.iter().filter(|effect| matches!(effect, Effect::Read(..))).count();
    assert!(again <= 1, "a task that dies is not started again at full speed: {:?}", bench.effects);
    assert!(bench.app.deck.alarms.trouble().is_some());
    bench.holds.clear();
    bench.take_log();
    bench.pass(Duration::from_secs(125));
    let log = bench.take_log();
    assert!(count(&log, "read Alarms") > 0 && count(&log, "read Metrics") > 0, "everything goes on: {log:?}");
    assert!(bench.app.deck.alarms.trouble().is_none());
}

#[test]
fn a_reply_to_a_question_that_nobody_asked_changes_nothing() {
    let mut bench = Bench::new();
    let reply = Reply::Alias(target("pay"), Ok(Alias { routing: routing("41"), ..bench.alias(&target("pay")) }));
    for ticket in [1, 99_999] {
        bench.event(Event::Reply(Ticket(ticket), Box::new(reply.clone())));
    }
    assert_eq!(bench.app.deck.function(&target("pay")).unwrap().alias.value().unwrap().routing, routing("42"));
}

#[test]
fn credentials_that_are_renewed_are_noticed_soon() {
    let mut bench = watching();
    bench.hold(Hold::Reads);
    bench.hold(Hold::Caller);
    bench.check("ctrl-r <2s>");
    for effect in std::mem::take(&mut bench.effects) {
        let Effect::Read(ticket, read) = effect else { continue };
        let expired = trouble(Trouble::CredentialsExpired);
        let reply = match read {
            Read::Caller => Reply::Caller(Err(expired)),
            Read::Budgets(_) => Reply::Budgets(Err(expired)),
            other => bench.read(other),
        };
        bench.event(Event::Reply(ticket, Box::new(reply)));
    }
    assert!(
        bench.app.deck.caller.trouble().is_some() && bench.app.deck.caller.value().is_some(),
        "the last data stays"
    );
    bench.holds.clear();
    bench.check("<16s>");
    assert!(bench.app.deck.caller.trouble().is_none() && bench.app.deck.budgets.trouble().is_none());
}

#[test]
fn only_what_a_rollback_needs_is_read_for_it() {
    let mut bench = Bench::new();
    bench.app.scope = Scope::RollBack;
    bench.pass(Duration::from_secs(700));
    let log = bench.take_log();
    assert!(count(&log, "read Alias") > 0);
    let others: Vec<_> = log.iter().filter(|l| !l.starts_with("read Alias") && !l.starts_with("read Caller")).collect();
    assert_eq!(others.len(), 0, "{others:?}");
}
