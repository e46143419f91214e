//! Several environments: the list, what needs a person elsewhere, and whose rollback it is.

use super::{assert_screens, screen, text};
use crate::{
    app::{
        App,
        neighbours::{Neighbour, Standing},
        view::Overlay,
    },
    config::Environment,
    keys::Action,
    ui::{
        Theme,
        fixtures::{self, now},
    },
};

fn vault() -> App {
    let mut app = fixtures::mid_release();
    let staging = Environment {
        region: Some("eu-west-1".into()),
        role_arn: Some("arn:aws:iam::123456789012:role/release".into()),
        ..Environment::named("staging")
    };
    let dev = Environment { profile: Some("sandbox".into()), ..Environment::named("dev") };
    let here = Neighbour {
        is_shown: true,
        account: Some("210987650193".into()),
        standing: Some(app.standing()),
        ..Neighbour::of(&app.deck.environment, false)
    };
    let trouble = Standing {
        release: Some("r-20261120-0900 at 50%".into()),
        share: Some("50%".into()),
        trouble: Some("GATES FAILED".into()),
        outcome: None,
    };
    let staging =
        Neighbour { standing: Some(trouble), account: Some("123456789012".into()), ..Neighbour::of(&staging, false) };
    app.neighbours = vec![Neighbour::of(&dev, true), here, staging];
    app
}

#[test]
fn the_list_says_where_each_is_and_how_it_stands() {
    let mut app = vault();
    app.act(Action::Environments, now());
    assert_eq!(app.view.overlay, Some(Overlay::Environments(2)), "at the one that needs a person");
    assert_screens("environments", &app);
}

#[test]
fn a_rollback_says_whose_it_is() {
    let mut app = vault();
    app.act(Action::RollBack, now());
    assert_screens("rolling_back_among_others", &app);
}

/// Somebody sees that another environment is in trouble and presses R: it is said which one that takes back.
#[test]
fn r_names_its_environment_and_what_it_leaves_alone() {
    let mut app = fixtures::at_rest();
    app.neighbours = vault().neighbours;
    app.view.row = 1;
    app.offer_candidates(now());
    for size in [(160, 45), (80, 24)] {
        let shown = text(&screen(&app, &Theme::default(), size));
        assert!(shown.contains("ROLL BACK ocr_refine:live in PRODUCTION"), "{shown}");
        assert!(shown.contains("The release in staging (at 50%, GATES FAILED) is not touched"), "{shown}");
    }
    app.neighbours.clear();
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    assert!(shown.contains("ROLL BACK ocr_refine:live in PRODUCTION"), "always: {shown}");
}

#[test]
fn a_release_that_is_well_elsewhere_is_in_the_top_line() {
    let mut app = vault();
    for neighbour in &mut app.neighbours {
        neighbour.standing.as_mut().map(|standing| standing.trouble.take());
    }
    for size in [(160, 45), (120, 40), (80, 24)] {
        let shown = text(&screen(&app, &Theme::default(), size));
        let top = shown.lines().next().unwrap();
        assert!(top.contains("◉ E staging at 50%"), "{top}");
    }
}
