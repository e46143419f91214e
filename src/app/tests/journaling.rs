//! What the journal is told of moves, releases and happenings, in which order, and what a journal that fails keeps
//! from happening: nothing.

use super::*;
use crate::release::{
    page::Entry,
    plan::Purpose,
    record::{ActionResult, Ended, Intent, IntentId, Kind, Line, Outcome, Who},
};

/// Everything that was written, a line each.
fn written(bench: &Bench) -> Vec<String> {
    let entries = bench.pages.iter().flat_map(|page| &page.entries);
    entries.flat_map(in_words).collect()
}

fn in_words(entry: &Entry) -> Vec<String> {
    match entry {
        Entry::Lines(lines) => lines.iter().map(line_in_words).collect(),
        Entry::Intend(deeds) => {
            let words = |deed: u64, intent: &Intent| {
                let by = if intent.automatic { "itself" } else { intent.who.short() };
                format!("intend {deed} {} {} → {} by {by}", intent.target.function, intent.before, intent.after)
            };
            deeds.iter().map(|(deed, intent)| words(deed.0, intent)).collect()
        }
        Entry::Settle(deed, outcome) => vec![format!("settle {} {}", deed.0, outcome_in_words(outcome))],
        Entry::Infer(id, outcome) => vec![format!("infer {} {}", id.0, outcome_in_words(outcome))],
    }
}

fn outcome_in_words(outcome: &Outcome) -> String {
    format!("{:?} {} {}", outcome.result, outcome.request_id.as_deref().unwrap_or("-"), outcome.message)
}

fn line_in_words(line: &Line) -> String {
    match line {
        Line::Began(began) => {
            let names: Vec<_> = began.parts.iter().map(|part| part.target.function.to_string()).collect();
            format!("began {} by {}", names.join(" "), began.who.short())
        }
        Line::FoundEnded(_, ended) => format!("found {:?} {}", ended.ending, ended.note),
        Line::Ended(_, ended) => format!("ended {:?} {}", ended.ending, ended.note),
        Line::Happened(happening) => format!("{}: {}", happening.who, happening.text),
        Line::Minutes(_, minutes) => format!("{} minutes", minutes.len()),
        Line::Watched(_, metrics) => format!("{metrics} metrics"),
    }
}

impl Bench {
    /// The last end of a release that was written down.
    pub(super) fn end_in_pages(&self) -> Ended {
        let entries = self.pages.iter().flat_map(|page| &page.entries);
        let lines = entries.filter_map(|entry| if let Entry::Lines(lines) = entry { Some(lines) } else { None });
        let mut ends =
            lines.flatten().filter_map(|line| if let Line::Ended(_, ended) = line { Some(ended) } else { None });
        ends.next_back().expect("an end").clone()
    }
}

fn moves(bench: &Bench) -> Vec<String> {
    let is_move = |line: &String| ["began", "intend", "settle", "infer", "ended"].iter().any(|w| line.starts_with(w));
    written(bench).into_iter().filter(is_move).collect()
}

/// What was sent, recorded and journaled, in its order.
fn order(bench: &mut Bench) -> Vec<String> {
    let kind = |line: String| line.split(' ').next().unwrap_or_default().to_owned();
    bench.take_log().into_iter().map(kind).filter(|kind| kind != "read").collect()
}

#[test]
fn a_shift_is_written_down_before_it_leaves_and_settled_after() {
    let mut bench = Bench::new();
    bench.check("1 <300ms> y");
    assert_eq!(order(&mut bench)[..4], ["page", "record", "write", "write"]);
    assert_eq!(
        moves(&bench),
        [
            "began pay ship by oncall",
            "intend 1 pay 42 100% → 42 90% + 43 10% by oncall",
            "intend 2 ship 42 100% → 42 90% + 43 10% by oncall",
            "settle 1 Acknowledged req-1 ",
            "settle 2 Acknowledged req-1 ",
        ]
    );
    assert_eq!(bench.pages[0].site, Site { account: ACCOUNT.into(), environment: "shop".into() });
}

#[test]
fn a_rollback_leaves_first_and_is_written_down_in_the_same_turn() {
    let mut bench = Bench::mid_release();
    bench.hold(Hold::Writes);
    bench.hold(Hold::Pages);
    bench.take_log();
    bench.check("R");
    let kinds: Vec<&str> = bench
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Write(..) => Some("write"),
            Effect::Journal(..) => Some("page"),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["write", "write", "page"]);
    bench.release(Hold::Writes);
    assert_eq!(bench.live("pay"), "42 100%", "the journal hangs, and the rollback is done");
    bench.release(Hold::Pages);
    bench.settle();
    let moves = moves(&bench);
    assert_eq!(moves[5], "intend 3 pay 42 90% + 43 10% → 42 100% by oncall");
    assert_eq!(moves[7], "settle 3 Acknowledged req-1 ");
    assert_eq!(moves.last().map(String::as_str), Some("ended RolledBack "));
}

#[test]
fn why_and_on_what_evidence_stands_with_every_write() {
    let mut bench = Bench::new();
    bench.app.reason = Some("the new receipts".into());
    bench.check("1 <300ms> y");
    let Some(Entry::Intend(deeds)) = bench.pages[0].entries.get(1) else { panic!("{:?}", bench.pages[0]) };
    let intent = &deeds[0].1;
    assert_eq!((intent.why.as_deref(), intent.purpose), (Some("the new receipts"), Purpose::Shift { percent: 10.0 }));
    assert_eq!(
        intent.who,
        Who { caller: format!("arn:aws:sts::{ACCOUNT}:assumed-role/oncall/ada"), os_user: "ada".into() }
    );
}

#[test]
fn a_write_without_an_answer_is_unknown_until_the_alias_was_read() {
    let mut bench = Bench::new();
    bench.trouble_for("pay", &[(Trouble::Timeout, true)]);
    bench.check("1 <300ms> y <5s>");
    assert!(moves(&bench).contains(&"settle 1 Acknowledged - ".to_owned()), "{:#?}", moves(&bench));
}

#[test]
fn a_write_that_aws_refuses_has_failed_and_says_why() {
    let mut bench = Bench::new();
    bench.trouble_for("pay", &[(Trouble::Denied, false)]);
    bench.check("1 <300ms> y <5s>");
    assert!(moves(&bench).contains(&"settle 1 Failed - GetAlias: said the bench".to_owned()), "{:#?}", moves(&bench));
}

#[test]
fn somebody_else_s_change_is_a_failed_write() {
    let mut bench = Bench::new();
    bench.check("1 <300ms>");
    bench.somebody_sets("pay", "41");
    bench.check("y");
    let moves = moves(&bench);
    let settled = moves.iter().find(|line| line.starts_with("settle 1")).unwrap();
    assert!(settled.contains("Failed") && settled.contains("changed elsewhere to 41 100%"), "{settled}");
}

#[test]
fn a_shift_that_is_called_off_is_settled_as_unsent() {
    let mut bench = Bench::new();
    bench.hold(Hold::Records);
    bench.check("1 <300ms> y R");
    bench.settle();
    assert_eq!(bench.take_writes(), Vec::<String>::new());
    assert!(moves(&bench).contains(&"settle 1 Failed - called off before anything was sent".to_owned()));
    bench.check("<61s>");
    assert_eq!(moves(&bench).last().map(String::as_str), Some("ended Abandoned nothing was moved"));
}

#[test]
fn a_rollback_that_overtakes_a_shift_leaves_it_unknown() {
    let mut bench = Bench::new();
    bench.hold(Hold::Writes);
    bench.check("1 <300ms> y R");
    bench.release(Hold::Writes);
    bench.check("<5s>");
    let moves = moves(&bench);
    let at =
        |words: &str| moves.iter().position(|line| line.starts_with(words)).unwrap_or_else(|| panic!("{moves:#?}"));
    assert!(at("settle 1 Unknown - another move went out") < at("intend 3 pay"));
    assert!(at("settle 3 Acknowledged") > at("intend 3 pay"));
    assert_eq!(bench.live("pay"), "42 100%");
}

#[test]
fn a_journal_that_fails_is_said_once_and_keeps_nothing_from_happening() {
    let mut bench = Bench::mid_release();
    bench.journal_fails = Some("the disk is full".into());
    bench.check("R <5s>");
    assert_eq!(bench.live("pay"), "42 100%");
    assert_eq!(bench.timeline().matches("The journal cannot be written: the disk is full").count(), 1);
    assert!(bench.timeline().contains("R work"), "what is still true");
    bench.check("<30s>");
    assert_eq!(bench.timeline().matches("The journal cannot be written").count(), 1, "once");
    bench.journal_fails = None;
    bench.check("<30s>");
    assert!(bench.timeline().contains("the journal is written again"));
    let moves = moves(&bench);
    assert_eq!(moves.iter().filter(|line| line.starts_with("intend")).count(), 4, "nothing was lost: {moves:#?}");
    assert_eq!(moves.last().map(String::as_str), Some("ended RolledBack "));
}

#[test]
fn what_is_ticked_before_the_release_goes_in_with_it() {
    let mut bench = Bench::new();
    let tick = Kind::Tick { item: "dashboards".into(), phase: "before".into(), done: true, required: true };
    bench.app.note(tick, "ada", "dashboards are open", bench.now);
    bench.app.note(Kind::Note, "ada", "of no release", bench.now);
    bench.settle();
    assert!(bench.pages.is_empty(), "there is no release to write it down for");
    bench.check("1 <300ms> y");
    assert_eq!(written(&bench)[..2], ["began pay ship by oncall", "ada: dashboards are open"]);
    bench.app.note(Kind::Note, "ada", "a remark", bench.now);
    bench.settle();
    assert!(written(&bench).contains(&"ada: a remark".to_owned()));
    assert!(!written(&bench).contains(&"ada: of no release".to_owned()));
}

#[test]
fn a_release_that_an_earlier_run_began_goes_on_under_its_id() {
    let mut bench = Bench::mid_release();
    let id = bench.memory("pay").release.as_ref().unwrap().id.clone();
    bench.pages.clear();
    bench.restart();
    bench.check("2 <300ms> y");
    let Some(Entry::Lines(lines)) = bench.pages[0].entries.first() else { panic!("{:?}", bench.pages[0]) };
    let Some(Line::Began(began)) = lines.first() else { panic!("{lines:?}") };
    assert_eq!((&began.id, began.who.short()), (&id, "oncall"));
}

#[test]
fn a_watch_of_what_is_live_is_a_release_too_and_ends_with_its_watcher() {
    let mut bench = Bench::new();
    bench.check("w");
    bench.settle();
    assert_eq!(written(&bench)[0], "began pay ship by oncall");
    let last = bench.app.last_words(bench.now);
    bench.effects.extend(last);
    bench.answer_all();
    assert_eq!(moves(&bench).last().map(String::as_str), Some("ended Abandoned the watch was left before its end"));
}

#[test]
fn somebody_else_s_rollback_ends_the_release() {
    let mut bench = Bench::mid_release();
    for name in ["pay", "ship"] {
        bench.somebody_sets(name, "42");
    }
    bench.check("<40s>");
    assert_eq!(moves(&bench).last().map(String::as_str), Some("ended RolledBack taken back elsewhere"));
}

#[test]
fn a_later_run_finds_what_another_machine_took_back() {
    let mut bench = Bench::mid_release();
    bench.somebody_sets("pay", "42");
    bench.pages.clear();
    bench.check("<20s>");
    bench.restart();
    assert!(!written(&bench).iter().any(|line| line.starts_with("found")), "a part of it is still out");
    bench.somebody_sets("ship", "42");
    bench.pages.clear();
    bench.restart();
    let found: Vec<String> = written(&bench).into_iter().filter(|line| line.starts_with("found")).collect();
    assert_eq!(found, ["found RolledBack found taken back elsewhere"]);
    bench.check("<2m>");
    assert_eq!(written(&bench).iter().filter(|line| line.starts_with("found")).count(), 1, "it is said once");
}

pub(super) fn unsettled(bench: &mut Bench, number: i64, name: &str, before: &str, after: &str, seconds_ago: i64) {
    let intent = Intent {
        release: crate::release::names::ReleaseId::new("r-1"),
        target: target(name),
        purpose: Purpose::Shift { percent: 10.0 },
        automatic: false,
        who: Who::default(),
        why: None,
        stable: version(42),
        new: version(43),
        before: routing(before),
        after: routing(after),
        evidence: Vec::new(),
        at: bench.now.world - SignedDuration::from_secs(seconds_ago),
    };
    let site = Site { account: ACCOUNT.into(), environment: "shop".into() };
    bench.unsettled.push((site, Action { id: IntentId(number), intent, outcome: None }));
}

#[test]
fn writes_that_nobody_settled_are_settled_by_what_the_alias_says() {
    let mut bench = Bench::new();
    unsettled(&mut bench, 1, "pay", "42", "42/43@10", 60);
    unsettled(&mut bench, 2, "ship", "42", "42/43@10", 60);
    unsettled(&mut bench, 3, "ship", "41", "41/42@10", 60);
    unsettled(&mut bench, 4, "gone", "41", "41/42@10", 60);
    bench.somebody_sets("pay", "42/43@10");
    bench.restart();
    let inferred: Vec<String> = moves(&bench).into_iter().filter(|line| line.starts_with("infer")).collect();
    assert_eq!(
        inferred,
        [
            "infer 1 Acknowledged - the alias is as it was wanted, 42 90% + 43 10%",
            "infer 2 Failed - it did not take effect: the alias is as it was before, 42 100%",
            "infer 3 Unknown - the alias is at 42 100% now: somebody moved it since",
        ]
    );
    assert!(bench.timeline().contains("what came of the shift of pay:live to 10 %: the alias is as it was wanted"));
    assert!(!moves(&bench).iter().any(|line| line.starts_with("ended")), "a part of it was moved");
    assert!(bench.pages.iter().flat_map(|page| &page.entries).all(|entry| match entry {
        Entry::Infer(_, outcome) =>
            outcome.inferred && outcome.result != ActionResult::Failed || outcome.found.is_some(),
        _ => true,
    }));
}

#[test]
fn a_release_of_which_nothing_was_moved_is_over() {
    let mut bench = Bench::new();
    unsettled(&mut bench, 1, "pay", "42", "42/43@10", 60);
    unsettled(&mut bench, 2, "ship", "42", "42/43@10", 60);
    bench.restart();
    let last = moves(&bench).pop();
    assert_eq!(last.as_deref(), Some("ended Abandoned the program that began it ended before anything moved"));
}

#[test]
fn a_write_that_another_run_may_still_be_making_is_left_alone_for_a_while() {
    let mut bench = Bench::new();
    unsettled(&mut bench, 1, "pay", "42", "42/43@10", 1);
    bench.restart();
    assert!(!moves(&bench).iter().any(|line| line.starts_with("infer")), "{:?}", moves(&bench));
    let open = |bench: &Bench| -> Vec<Target> {
        bench.app.may_still_arrive(bench.now).into_iter().map(|late| late.target).collect()
    };
    assert_eq!(open(&bench), [target("pay")], "a rollback at this moment may come too early");
    bench.check("<60s>");
    assert_eq!(open(&bench), []);
    assert!(moves(&bench).iter().any(|line| line.starts_with("infer 1 Failed")), "{:?}", moves(&bench));
}
