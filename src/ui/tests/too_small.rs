//! Where nothing can be shown, R works, and what it did is said.

use super::{screen, text};
use crate::{
    app::{
        App,
        left_alone::{Doubt, LeftAlone},
    },
    release::{
        operation::{Operation, Step},
        plan::{Consent, Plan, Purpose, roll_back_row},
    },
    ui::{
        fixtures::{self, v},
        theme::Theme,
    },
};

fn shown(app: &App, size: (u16, u16)) -> String {
    text(&screen(app, &Theme::default(), size)).trim().to_owned()
}

/// A rollback of the two, as far as these steps.
fn rolling_back(steps: [Step; 2]) -> App {
    let under_way = steps.iter().any(|step| !step.is_good());
    let mut app = if under_way { fixtures::mid_release() } else { fixtures::rolled_back() };
    let row = |name: &str, stable, new| {
        let target = fixtures::target(name);
        let alias = app.deck.function(&target).and_then(|function| function.alias.value());
        roll_back_row(&target, alias, v(stable), v(new))
    };
    let rows = vec![row("receipt_crud", 42, 43), row("ocr_refine", 17, 18)];
    let confirmed = Plan { purpose: Purpose::RollBack, rows }.confirm(Consent::Yes).unwrap();
    let (mut operation, _) = Operation::start(&confirmed, fixtures::now().wall);
    for (row, step) in operation.rows.iter_mut().zip(steps) {
        row.step = step;
    }
    app.operation = Some(operation);
    app
}

#[test]
fn r_says_what_it_does_and_then_what_it_did() {
    assert_eq!(shown(&fixtures::mid_release(), (30, 5)), "R rolls back; needs 40x10");
    let running = rolling_back([Step::Done, Step::Writing]);
    assert_eq!(shown(&running, (20, 5)), "ROLLING BACK 1 of 2\nneeds 40x10");
    let mut done = rolling_back([Step::Done, Step::Done]);
    assert_eq!(shown(&done, (20, 5)), "ROLLED BACK 2\nneeds 40x10");
    assert_eq!(shown(&done, (20, 1)), "ROLLED BACK 2");
    assert!(!shown(&done, (1, 1)).is_empty());
    assert_eq!(shown(&rolling_back([Step::Done, Step::Stopped]), (30, 5)), "NOT ROLLED BACK 1 of 2\nneeds 40x10");
    let targets = vec![fixtures::target("sync_handler")];
    done.left_behind = vec![LeftAlone { targets, words: String::new(), doubt: Doubt::Unread }];
    assert_eq!(shown(&done, (30, 5)), "NOT ROLLED BACK 1 of 3\nneeds 40x10");
}
