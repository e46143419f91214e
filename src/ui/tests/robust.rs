//! No size and no state makes the screen panic.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{plans::plan_dialog, *};

/// Every state that the other tests show, and some that nobody should ever see.
static STATES: LazyLock<Vec<App>> = LazyLock::new(|| {
    let overlays = || {
        vec![
            Overlay::Help(7),
            Overlay::Help(usize::MAX),
            Overlay::Detail(Detail { target: target("receipt_crud"), row: 99 }),
            Overlay::Detail(Detail { target: target("gone"), row: 0 }),
            Overlay::Plan(plan_dialog()),
            Overlay::Plan(PlanDialog { plan: None, row: 9, ..plan_dialog() }),
            Overlay::Candidates(Candidates {
                target: target("ocr_refine"),
                versions: (1..60).map(v).collect(),
                row: Some(58),
                recorded: None,
                shown_at: now().wall,
            }),
            Overlay::Done(DoneDialog { functions: vec![(target("receipt_crud"), v(43))], shown_at: now().wall }),
            Overlay::History(crate::app::view::HistoryDialog { row: 99, scroll: Some(usize::MAX) }),
            Overlay::Quit,
            Overlay::ConsoleUrl("https://example.org/".repeat(30)),
            Overlay::Progress,
        ]
    };
    let mut states =
        vec![fixtures::first_start(), fixtures::at_rest(), fixtures::mid_release(), fixtures::rolled_back()];
    states.extend((0..=4).map(rolling_back));
    for overlay in overlays() {
        let mut app = fixtures::mid_release();
        app.view.overlay = Some(overlay);
        states.push(app);
    }
    for panel in Panel::ALL {
        let mut app = fixtures::mid_release();
        app.view.panel = panel;
        app.view.scroll = [usize::MAX / 2; Panel::ALL.len()];
        app.view.row = 1_000;
        states.push(app);
    }
    let mut wide = fixtures::mid_release();
    wide.timeline.add(at("14:31:00"), "名前", "長い長い長い行 ".repeat(40), crate::app::timeline::Tone::Bad);
    wide.view.filter = "検索".into();
    wide.deck.place.region = "極東".repeat(20);
    states.push(wide);
    states
});

#[test]
fn every_state_at_awkward_sizes() {
    for app in STATES.iter() {
        for size in [
            (0, 0),
            (1, 1),
            (2, 50),
            (300, 1),
            (40, 10),
            (41, 11),
            (79, 23),
            (110, 32),
            (149, 36),
            (150, 36),
            (300, 100),
        ] {
            screen(app, &Theme::default(), size);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_size(columns in 0u16..300, rows in 0u16..100, which in 0usize..26) {
        let app = &STATES[which % STATES.len()];
        let shown = text(&screen(app, &Theme::default(), (columns, rows)));
        for line in shown.lines() {
            prop_assert!(unicode_width::UnicodeWidthStr::width(line) <= usize::from(columns));
        }
    }
}
