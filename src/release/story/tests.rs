//! Stories of releases that went well, badly, half-way, and that nobody finished writing down.

use proptest::prelude::*;

use super::*;
use crate::release::plan::Purpose;
use crate::release::{
    record::{Action, ActionResult, Began, Ended, Evidence, Intent, IntentId, MinuteCount, Outcome, Part},
    routing::{Routing, SplitStyle},
};

const OLD: Version = Version::Number(17);
const NEW: Version = Version::Number(18);

pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T14:32:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub fn begun(functions: &[&str]) -> Past {
    let part = |name: &&str| Part {
        target: Target::new(*name, "live"),
        stable: OLD,
        new: NEW,
        about: "faster parsing committed=2026-11-20T12:32:00Z".into(),
        committed: Some(at(-7200)),
    };
    Past {
        place: Place { endpoint: None, region: "eu-west-1".into() },
        site: Site { account: "210987650193".into(), environment: "production".into() },
        began: Began {
            id: ReleaseId::new("r-20261120-143200"),
            title: Some("v1.4.0".into()),
            who: Who {
                caller: "arn:aws:sts::210987650193:assumed-role/oncall-admin/ada".into(),
                os_user: "ada".into(),
            },
            why: Some("receipts with tax".into()),
            at: at(0),
            course: Course {
                stages: vec![10.0, 50.0, 100.0],
                bake: SignedDuration::from_mins(5),
                watch: SignedDuration::from_mins(30),
                error_rate: Some(1.0),
                p99_ms: Some(800.0),
            },
            parts: functions.iter().map(part).collect(),
        },
        ended: None,
        metrics_asked: 360,
        actions: Vec::new(),
        happenings: Vec::new(),
        minutes: Vec::new(),
    }
}

/// One function is written to at `second`; AWS's acknowledgement follows two seconds later.
pub fn moved<'a>(past: &'a mut Past, function: &str, second: i64, percent: f64) -> &'a mut Action {
    let target = Target::new(function, "live");
    let before = past.actions.iter().rev().find(|action| action.intent.target == target);
    let before = before.map_or(Routing::only(OLD), |action| action.intent.after);
    let after = Routing::at_percent(OLD, NEW, percent, SplitStyle::WeightNew);
    let intent = Intent {
        release: past.began.id.clone(),
        target,
        purpose: if percent > 0.0 { Purpose::Shift { percent } } else { Purpose::RollBack },
        automatic: percent <= 0.0,
        who: past.began.who.clone(),
        why: (percent <= 0.0).then(|| "errors over 1 %".to_owned()),
        stable: OLD,
        new: NEW,
        before,
        after,
        evidence: vec![Evidence {
            what: "errors".into(),
            value: Some(9.4),
            threshold: Some(1.0),
            unit: " %".into(),
            as_of: Some(at(second)),
        }],
        at: at(second),
    };
    let outcome = Outcome {
        result: ActionResult::Acknowledged,
        request_id: Some("c0ffee".into()),
        message: String::new(),
        found: Some(after),
        at: at(second + 2),
        inferred: false,
    };
    past.actions.push(Action {
        id: IntentId(i64::try_from(past.actions.len()).unwrap()),
        intent,
        outcome: Some(outcome),
    });
    past.actions.last_mut().unwrap()
}

pub fn happened(past: &mut Past, second: i64, text: &str, kind: Kind) {
    past.happenings.push(Happening {
        release: Some(past.began.id.clone()),
        at: at(second),
        target: None,
        who: "flightdeck".into(),
        text: text.into(),
        kind,
    });
}

fn gate(result: GateResult, value: f64) -> Kind {
    let (threshold, as_of) = (Some(1.0), Some(at(180)));
    Kind::Gate {
        name: "errors".into(),
        result,
        critical: true,
        value: Some(value),
        threshold,
        unit: " %".into(),
        as_of,
        note: String::new(),
    }
}

/// Two functions at 10 percent; one of them is sick, and both are taken back after five minutes.
pub fn sick() -> Past {
    let mut past = begun(&["ocr_refine", "receipt_crud"]);
    for function in ["ocr_refine", "receipt_crud"] {
        moved(&mut past, function, 60, 10.0);
    }
    let tick = |done| Kind::Tick { item: "dashboard ready".into(), phase: "before".into(), done, required: true };
    happened(&mut past, 10, "dashboard ready", tick(true));
    happened(&mut past, 120, "errors pass", gate(GateResult::Pass, 0.4));
    happened(&mut past, 300, "errors fail: 9.4 % (limit 1 %)", gate(GateResult::Fail, 9.4));
    happened(
        &mut past,
        310,
        "ocr-errors: OK → ALARM",
        Kind::Alarm { name: "ocr-errors".into(), state: "ALARM".into() },
    );
    for function in ["ocr_refine", "receipt_crud"] {
        moved(&mut past, function, 360, 0.0);
    }
    past.ended = Some(Ended { at: at(370), ending: Ending::RolledBack, note: "errors over 1 %".into() });
    for minute in -10..6 {
        for (version, errors) in [(OLD, 1.0), (NEW, 11.0)] {
            if version == NEW && minute < 1 {
                continue;
            }
            past.minutes.push(MinuteCount {
                target: Target::new("ocr_refine", "live"),
                version,
                at: at(minute * 60),
                calls: if version == OLD { 900.0 } else { 100.0 },
                errors: Some(errors),
                p99_ms: Some(if version == OLD { 420.0 } else { 910.0 }),
            });
        }
    }
    past
}

/// All three stages, then the watch.
pub fn good() -> Past {
    let mut past = begun(&["pay"]);
    for (second, percent) in [(60, 10.0), (360, 50.0), (660, 100.0)] {
        moved(&mut past, "pay", second, percent);
    }
    past.ended = Some(Ended { at: at(2500), ending: Ending::AllClear, note: String::new() });
    past
}

#[test]
fn a_sick_release_is_told() {
    let story = tell(&sick());
    assert_eq!(story.end.to_string(), "rolled back at 10 % after 5 min");
    assert_eq!(story.ended, Some(at(362)), "when AWS had acknowledged it, not when it was written down");
    assert_eq!(story.stages, [Stage { percent: 10.0, from: at(62), to: Some(at(362)), reached: 2, of: 2 }]);
    assert_eq!(story.first_bad_sign, Some(at(300)));
    assert_eq!(story.rolled_back_within, Some(SignedDuration::from_secs(2)));
    let [gate] = &story.gates[..] else { panic!("one gate") };
    assert_eq!((gate.result, gate.failed, gate.value), (GateResult::Fail, 1, Some(9.4)));
    assert!(story.checklist[0].done && story.checklist[0].required);
    assert_eq!((story.complete_at(), story.without_watch()), (None, None));
    assert!((story.dollars - 0.0036).abs() < 1e-9);
}

#[test]
fn a_good_release_is_told() {
    let story = tell(&good());
    assert_eq!((story.end, story.ended), (End::AllClear, Some(at(2500))));
    let stages: Vec<_> = story.stages.iter().map(|stage| (stage.percent, stage.from, stage.to)).collect();
    let (first, second, third) = (at(62), at(362), at(662));
    assert_eq!(stages, [(10.0, first, Some(second)), (50.0, second, Some(third)), (100.0, third, Some(at(2500)))]);
    assert_eq!(story.without_watch(), Some(SignedDuration::from_mins(10)));
    assert_eq!(story.rolled_back_within, None);
}

#[test]
fn a_rollback_that_nobody_wrote_the_end_of_is_a_rollback() {
    let mut past = sick();
    past.ended = None;
    assert_eq!(tell(&past).end.to_string(), "rolled back at 10 % after 5 min");
    past.ended = Some(Ended { at: at(400), ending: Ending::Abandoned, note: String::new() });
    assert_eq!(tell(&past).end.to_string(), "rolled back at 10 % after 5 min");
}

#[test]
fn half_a_rollback_is_none() {
    let mut past = sick();
    (past.ended, past.actions.last_mut().unwrap().outcome) = (None, None);
    let story = tell(&past);
    assert_eq!((story.end, story.ended), (End::UnderWay { percent: 10.0 }, None));
}

#[test]
fn an_undone_rollback_goes_on() {
    let mut past = begun(&["pay"]);
    moved(&mut past, "pay", 60, 50.0);
    moved(&mut past, "pay", 100, 0.0);
    moved(&mut past, "pay", 160, 50.0).intent.purpose = Purpose::Undo;
    assert_eq!(tell(&past).end, End::UnderWay { percent: 50.0 });
    moved(&mut past, "pay", 200, 0.0);
    let story = tell(&past);
    assert_eq!(story.end.to_string(), "rolled back at 50 % after 2 min 20 s");
    assert_eq!(story.rolled_back_within, Some(SignedDuration::from_secs(2)), "the second rollback alone counts");
    let stages: Vec<_> = story.stages.iter().map(|stage| (stage.from, stage.to)).collect();
    assert_eq!(stages, [(at(62), Some(at(102))), (at(162), Some(at(202)))]);
}

#[test]
fn a_torn_stage_shows() {
    let mut past = begun(&["ocr", "pay"]);
    moved(&mut past, "ocr", 60, 10.0);
    moved(&mut past, "pay", 60, 10.0).outcome.as_mut().unwrap().result = ActionResult::Failed;
    assert_eq!((tell(&past).stages[0].reached, tell(&past).stages[0].of), (1, 2));
}

#[test]
fn lengths_of_time_are_said_as_people_say_them() {
    for (seconds, said) in
        [(5, "5 s"), (252, "4 min 12 s"), (300, "5 min"), (5400, "1 h 30 min"), (90_000, "1 d 1 h"), (-60, "−1 min")]
    {
        assert_eq!(lasting(SignedDuration::from_secs(seconds)), said);
    }
    assert_eq!(lasting(SignedDuration::from_millis(850)), "850 ms");
}

proptest! {
    /// Whatever was written to whichever function: the stages are in order, and the end agrees with the last shares.
    #[test]
    fn any_course_is_told(moves in proptest::collection::vec((0usize..3, 0u8..=4, any::<bool>()), 0..40)) {
        let names = ["a", "b", "c"];
        let mut past = begun(&names);
        let mut share = [0.0; 3];
        for (index, (function, step, acknowledged)) in moves.iter().enumerate() {
            let percent = [0.0, 10.0, 50.0, 100.0, 25.0][usize::from(*step)];
            let action = moved(&mut past, names[*function], i64::try_from(index).unwrap() * 10, percent);
            if *acknowledged {
                share[*function] = percent;
            } else {
                action.outcome = None;
            }
        }
        let story = tell(&past);
        let most = share.iter().copied().fold(0.0, f64::max);
        match story.end {
            End::UnderWay { percent } => prop_assert!((percent - most).abs() < 1e-9),
            End::RolledBack { percent, after } => {
                prop_assert!(most <= 0.0 && after.is_none_or(|after| !after.is_negative()));
                prop_assert!((0.0..=100.0).contains(&percent));
            }
            other => prop_assert!(false, "{other:?}"),
        }
        for stage in &story.stages {
            prop_assert!(stage.percent > 0.0 && stage.reached >= 1 && stage.reached <= stage.of);
            prop_assert!(stage.to.is_none_or(|to| to >= stage.from));
        }
        prop_assert!(story.stages.windows(2).all(|pair| pair[0].to.is_some_and(|to| to <= pair[1].from)));
    }
}

/// A function's share as somebody saw it who did not make the move.
fn seen(past: &mut Past, function: &str, second: i64, percent: f64) {
    happened(past, second, "moved", Kind::Moved { percent });
    past.happenings.last_mut().unwrap().target = Some(Target::new(function, "live"));
}

#[test]
fn what_another_machine_moved_is_part_of_the_story() {
    let mut past = begun(&["pay"]);
    seen(&mut past, "pay", 60, 10.0);
    // It is found anew by every run of the program.
    seen(&mut past, "pay", 60, 10.0);
    assert_eq!(tell(&past).end, End::UnderWay { percent: 10.0 });
    past.actions.clear();
    moved(&mut past, "pay", 660, 0.0).intent.before = Routing::at_percent(OLD, NEW, 10.0, SplitStyle::WeightNew);
    seen(&mut past, "pay", 664, 0.0);
    let story = tell(&past);
    assert_eq!(story.end, End::RolledBack { percent: 10.0, after: Some(SignedDuration::from_secs(602)) });
    assert_eq!(story.functions[0].shifts.len(), 2, "{:?}", story.functions[0].shifts);
    assert_eq!(story.stages.len(), 1);
    let lines = lines::lines(&past);
    assert_eq!(
        lines.iter().filter(|line| line.what.contains("moved")).count(),
        1,
        "its own move is told once: {lines:?}"
    );
}

#[test]
fn what_somebody_took_back_elsewhere_is_rolled_back() {
    let mut past = begun(&["pay"]);
    moved(&mut past, "pay", 0, 50.0);
    seen(&mut past, "pay", 300, 0.0);
    let (percent, after) = (50.0, Some(SignedDuration::from_secs(298)));
    assert_eq!(tell(&past).end, End::RolledBack { percent, after });
}

#[test]
fn what_several_runs_found_is_told_once() {
    let mut past = begun(&["ocr", "pay"]);
    for function in ["ocr", "pay", "ocr", "pay"] {
        seen(&mut past, function, 60, 100.0);
    }
    let lines = lines::lines(&past);
    assert_eq!(lines.iter().filter(|line| line.what.contains("moved")).count(), 2, "{lines:?}");
    let story = tell(&past);
    assert_eq!((story.begun_here, story.without_watch()), (false, None), "when it began is not known: {story:?}");
}

#[test]
fn a_release_that_is_found_taken_back_is_no_longer_under_way_and_nobody_knows_since_when() {
    let mut past = begun(&["pay"]);
    moved(&mut past, "pay", 60, 10.0);
    past.ended = Some(Ended::found_back(at(90_000)));
    let story = tell(&past);
    assert_eq!((story.end.to_string().as_str(), story.took()), ("rolled back at 10 %", None));
}

#[test]
fn a_pre_stage_says_nothing_of_the_share_that_was_taken_back() {
    let mut past = begun(&["pay"]);
    seen(&mut past, "pay", 60, 10.0);
    moved(&mut past, "pay", 120, 0.0).intent.before = Routing::at_percent(OLD, NEW, 10.0, SplitStyle::WeightNew);
    let first = moved(&mut past, "pay", 120, 0.0);
    (first.intent.target, first.intent.before) = (Target::new("pay", "staging"), Routing::only(NEW));
    assert_eq!(tell(&past).end.to_string(), "rolled back at 10 % after 1 min 2 s");
}
