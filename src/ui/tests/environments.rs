//! Several environments: the list, what needs a person elsewhere, and whose rollback it is.

use super::assert_screens;
use crate::{
    app::{
        App,
        neighbours::{Neighbour, Standing},
        view::Overlay,
    },
    config::Environment,
    keys::Action,
    ui::fixtures::{self, now},
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
