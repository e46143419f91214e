//! A release that is run, as people see it: while it bakes, when something fails, when it stands still, and at its end.

use std::{collections::BTreeSet, time::Duration};

use jiff::SignedDuration;
use ratatui::style::Modifier;

use super::{assert_screen, assert_screens, screen, text};
use crate::{
    app::{
        App,
        running::Running,
        view::{AbandonDialog, Overlay, TakeOverDialog},
    },
    release::{
        checklist::{Checklist, ItemSettings, Phase, Ticks},
        comparison::{Compared, Comparison, Figures, Span},
        gates::{self, GateResult, Level, Outcome, Unit, Why},
        plan::{Consent, Plan, Purpose, roll_back_row},
        stages::{Input, Mandate, Moved, News, OnFailure, Order, Run},
    },
    ui::{
        Theme,
        fixtures::{self, at, now, target},
    },
};

fn result(gate: &str, function: Option<&str>, unit: Unit, value: Option<f64>, limit: f64) -> GateResult {
    GateResult {
        target: function.map(target),
        value,
        threshold: Some(limit),
        data_to: Some(at("14:31:00")),
        ..GateResult::new(gate, unit)
    }
}

/// What the gates say: one function is well, the other is for the caller to say.
fn results(ocr_refine: Outcome) -> Vec<GateResult> {
    let mut results = vec![
        GateResult { data_to: Some(at("14:31:56")), ..GateResult::new("alarms", Unit::Count) },
        result("error rate", Some("receipt_crud"), Unit::Percent, Some(0.41), 5.0),
        result("error rate", Some("ocr_refine"), Unit::Percent, Some(8.1), 5.0),
        result("p99", Some("receipt_crud"), Unit::Milliseconds, Some(312.0), 2000.0),
        result("p99", Some("ocr_refine"), Unit::Milliseconds, None, 8000.0),
    ];
    results[2].outcome = ocr_refine;
    results[4].outcome = Outcome::Undecided { why: Why::TooFew { calls: 12.0, needed: 20.0 } };
    results[4].holds = false;
    results
}

const FAILS: Outcome = Outcome::Fail { level: Level::Critical, alike: false };

/// The vault at fifty percent, run here, after these inputs.
fn run(rollback: OnFailure, results: Vec<GateResult>, inputs: Vec<Input>) -> App {
    let mut app = fixtures::mid_release();
    app.course.rollback = rollback;
    for function in &mut app.deck.functions {
        if let Some(entry) = &mut function.memory.release {
            entry.owner.clone_from(&app.deck.place.owner);
        }
    }
    let mandate = Mandate::recorded(app.deck.in_release().map(|(_, entry)| entry));
    let run = Run::resumed(app.course.clone(), mandate, 50.0, at("14:28:55"));
    let mut running = Running::new(run, BTreeSet::new());
    let evidence = gates::evidence(&results, now().world);
    running.results = results;
    for input in std::iter::once(Input::Evidence(evidence)).chain(inputs) {
        let told = running.run.take(input, now().world - SignedDuration::from_secs(3));
        running.news.extend(told.into_iter().filter_map(|order| match order {
            Order::Announce(news) => Some((at("14:32:04"), news)),
            _ => None,
        }));
    }
    app.running = Some(running);
    app
}

#[test]
fn a_stage_that_bakes_counts_and_shows_the_gates() {
    assert_screens("baking", &run(OnFailure::Ask, results(Outcome::Pass), Vec::new()));
}

#[test]
fn a_countdown_cannot_be_missed() {
    assert_screens("countdown", &run(OnFailure::Auto, results(FAILS), Vec::new()));
}

#[test]
fn a_countdown_that_was_stopped_leaves_the_release_held() {
    let app = run(OnFailure::Auto, results(FAILS), vec![Input::Hold]);
    assert_screens("countdown_stopped", &app);
}

#[test]
fn failed_gates_are_named_with_value_and_limit() {
    assert_screens("gates_failed", &run(OnFailure::Ask, results(FAILS), Vec::new()));
}

#[test]
fn a_torn_stage_says_who_was_left_out() {
    let mut app = run(OnFailure::Ask, results(Outcome::Pass), Vec::new());
    // What leads there is tested with the machine; here it is only looked at.
    let mut torn = Run::new(app.course.clone());
    let rows =
        app.deck.in_release().map(|(f, entry)| roll_back_row(&f.target, f.alias.value(), entry.stable, entry.new));
    let plan = Plan { purpose: Purpose::Shift { percent: 50.0 }, rows: rows.collect() };
    let confirmed = plan.confirm(Consent::Yes).unwrap();
    torn.take(Input::Confirmed(Mandate::for_shift(&confirmed).unwrap()), now().world);
    let left = vec![target("ocr_refine")];
    torn.take(Input::Shifted(Moved::Some(left.clone())), now().world);
    let running = app.running.as_mut().unwrap();
    running.run = torn;
    running.news = vec![(now().world, News::Torn { percent: 50.0, left })];
    assert_screens("torn", &app);
}

#[test]
fn a_rollback_that_is_stuck_says_where_the_new_version_still_is() {
    let left = vec![target("ocr_refine")];
    let stuck = vec![Input::RollBack, Input::RolledBack(Moved::Some(left))];
    assert_screens("stuck", &run(OnFailure::Ask, results(FAILS), stuck));
}

#[test]
fn who_watches_sees_whose_it_is_and_may_take_it_over() {
    let mut app = run(OnFailure::Ask, results(Outcome::Pass), vec![Input::Owner(false)]);
    for function in &mut app.deck.functions {
        if let Some(entry) = &mut function.memory.release {
            entry.owner = "grace@desk/99".into();
        }
    }
    assert_screens("watching_another", &app);
    let mut stranger = app.stranger().unwrap();
    stranger.is_in_alias = true;
    app.view.overlay = Some(Overlay::TakeOver(TakeOverDialog { stranger, shown_at: Duration::ZERO }));
    assert_screen("take_over", &app, (80, 24));
    app.view.overlay = Some(Overlay::Abandon(AbandonDialog { shown_at: Duration::ZERO }));
    assert_screen("abandon", &app, (80, 24));
}

#[test]
fn every_gate_says_what_it_rests_on() {
    let mut app = run(OnFailure::Ask, results(FAILS), Vec::new());
    app.view.overlay = Some(Overlay::Gates(2));
    assert_screens("gates", &app);
}

#[test]
fn the_comparison_shows_what_nobody_knows_as_a_dash() {
    let mut app = run(OnFailure::Ask, results(Outcome::Pass), Vec::new());
    let span = |from, to| Span { from: at(from), to: at(to) };
    let figures =
        |calls: f64, error_rate, p95_ms| Figures { calls_per_minute: Some(calls), error_rate, p95_ms, p99_ms: None };
    let row = |name: Option<&str>, before, watch| Compared { target: name.map(target), before, watch };
    let comparison = Comparison {
        before: span("13:02:00", "14:02:00"),
        watch: span("14:02:00", "14:32:00"),
        rows: vec![
            row(None, figures(431.2, Some(0.4), None), figures(420.0, Some(1.6), None)),
            row(Some("receipt_crud"), figures(401.0, Some(0.38), Some(212.4)), figures(392.5, Some(0.41), Some(230.0))),
            row(Some("ocr_refine"), Figures::default(), figures(27.5, Some(2.1), Some(4100.0))),
        ],
    };
    app.view.overlay = Some(Overlay::Comparison(comparison));
    assert_screens("comparison", &app);
}

#[test]
fn the_checklist_says_who_ticked_what_and_when() {
    let mut app = run(OnFailure::Ask, results(Outcome::Pass), Vec::new());
    let item = |name: &str, phase, required, ticks| ItemSettings {
        name: name.to_owned(),
        section: (phase == Phase::Before).then(|| "Database".to_owned()),
        phase,
        required,
        role: required.then(|| "DevOps".to_owned()),
        other_than: None,
        ticks,
    };
    let mut checklist = Checklist::new(&[
        item("Migrations tested in staging", Phase::Before, true, Ticks::Person),
        item("Rollback plan read by two people", Phase::Before, true, Ticks::Person),
        item("Snapshot younger than an hour", Phase::Before, false, Ticks::Command("snapshot age".into())),
        item("Dashboards open", Phase::During, false, Ticks::Person),
        item("Errors below 5 %", Phase::After, false, Ticks::Gate("error rate".into())),
    ]);
    checklist.tick("Migrations tested in staging", "ada (oncall/ada)", at("14:03:10")).unwrap();
    app.checks.checklist = checklist;
    app.view.overlay = Some(Overlay::Checklist(1));
    assert_screens("checklist", &app);
}

#[test]
fn a_countdown_fills_its_whole_width_with_danger() {
    let app = run(OnFailure::Auto, results(FAILS), Vec::new());
    for size in super::SIZES {
        let buffer = screen(&app, &Theme::default(), size);
        for y in 2..7 {
            for x in 0..size.0 {
                assert!(buffer[(x, y)].modifier.contains(Modifier::REVERSED), "{x},{y} of {size:?}");
            }
        }
        assert!(text(&buffer).contains("ROLLS BACK IN 7 s"));
    }
}

/// Somebody set 70 % by hand between two stages: what the release never was at is not ticked, and what is there is
/// shown as it is.
#[test]
fn a_stage_that_was_never_reached_is_not_ticked() {
    let mut app = fixtures::mid_release();
    for function in &mut app.deck.functions {
        let Some(entry) = &mut function.memory.release else { continue };
        entry.shifts = vec![crate::release::memory::ShiftMark { at: at("14:31:00"), percent: 70.0 }];
        let split = crate::release::routing::Routing { primary: entry.stable, weighted: Some((entry.new, 0.7)) };
        function.alias.set(fixtures::alias(split, 70), now().world);
    }
    let shown = text(&screen(&app, &Theme::default(), (160, 45)));
    let line = shown.lines().nth(1).unwrap();
    assert!(line.contains("· 10% ──── · 50% ──── ◉ 70% ──── ○ 100%"), "{line}");
}
