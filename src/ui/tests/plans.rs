//! The dialog of a plan: what it refuses, the name it wants typed, and the moments before it can be confirmed.

use super::*;
use crate::release::plan::Overwrites;

/// The plan for 50 percent, with a row that AWS would refuse.
fn plan() -> Plan {
    let row = |name: &str, stable: u64, new: u64| PlanRow {
        target: target(name),
        stable: v(stable),
        new: v(new),
        from: Routing { primary: v(stable), weighted: Some((v(new), 0.1)) },
        to: Routing { primary: v(stable), weighted: Some((v(new), 0.5)) },
        revision: None,
        refusal: None,
        description: None,
        remarks: Vec::new(),
        dropped: false,
        waits: false,
        overwrites: Overwrites::Whatever,
    };
    let newer = vec!["newer version 44 exists; it needs a release of its own".to_owned()];
    let refused = PlanRow {
        from: Routing::only(v(9)),
        refusal: Some("version 10 is Pending: The function is being created.".into()),
        ..row("thumbnail_generator", 9, 10)
    };
    Plan {
        purpose: Purpose::Shift { percent: 50.0 },
        rows: vec![PlanRow { remarks: newer, ..row("receipt_crud", 42, 43) }, row("ocr_refine", 17, 18), refused],
    }
}

pub(super) fn plan_dialog() -> PlanDialog {
    PlanDialog {
        reading: Vec::new(),
        plan: Some(plan()),
        shown_at: Some(Duration::from_secs(2)),
        typed: String::new(),
        row: 0,
        notice: None,
        reason: None,
    }
}

#[test]
fn plan_with_a_refused_row() {
    let mut app = fixtures::mid_release();
    let notice = "ocr_refine:live changed since the plan was drawn. Nothing was overwritten. This is how it is now:";
    app.view.overlay = Some(Overlay::Plan(PlanDialog { notice: Some(notice.into()), ..plan_dialog() }));
    assert_screens("plan_with_a_refused_row", &app);
}

#[test]
fn plan_that_wants_the_name() {
    let mut app = fixtures::mid_release();
    let mut dialog = PlanDialog { typed: "produ".into(), ..plan_dialog() };
    dialog.plan.as_mut().unwrap().rows[2].dropped = true;
    app.view.overlay = Some(Overlay::Plan(dialog));
    assert_screens("plan_that_wants_the_name", &app);
    let shown = |app: &App| text(&screen(app, &Theme::default(), (80, 24)));
    assert!(!shown(&app).contains("that is not its name"));
    if let Some(Overlay::Plan(dialog)) = &mut app.view.overlay {
        dialog.typed = "yproduction".into();
    }
    assert!(shown(&app).contains("✖ that is not its name"), "{}", shown(&app));
}

#[test]
fn plan_being_read_and_plan_just_drawn() {
    let mut app = fixtures::at_rest();
    app.deck.environment.protected = false;
    let reading = vec![target("receipt_crud"), target("ocr_refine")];
    app.view.overlay = Some(Overlay::Plan(PlanDialog { reading, plan: None, shown_at: None, ..plan_dialog() }));
    assert_screen("plan_being_read", &app, (80, 24));
    let mut dialog = PlanDialog { shown_at: Some(now().wall), ..plan_dialog() };
    dialog.plan.as_mut().unwrap().rows.truncate(2);
    app.view.overlay = Some(Overlay::Plan(dialog));
    assert_screen("plan_just_drawn", &app, (80, 24));
}
