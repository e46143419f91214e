//! A release that spans regions: which function is where, at every size.

use super::{assert_screens, screen, text};
use crate::{
    app::{
        App,
        left_alone::{Doubt, LeftAlone},
    },
    release::{error::Trouble, facts::Alarm},
    ui::{
        fixtures::{self, now},
        theme::Theme,
    },
};

/// Four functions, two of which are in us-east-1 under the names of the others.
fn two_regions() -> App {
    let mut app = fixtures::at_rest();
    app.deck.functions.truncate(4);
    for at in [2, 3] {
        let name = app.deck.functions[at - 2].target.clone();
        app.deck.functions[at].target = name.in_region(Some("us-east-1".into()));
    }
    let alarms = app.deck.alarms.value().cloned().unwrap();
    let first = Alarm { region: Some("us-east-1".into()), ..alarms[0].clone() };
    app.deck.alarms.set(alarms.into_iter().take(2).chain([first]).collect(), now().world);
    let mut rules = app.deck.environment.alarms.clone();
    for rule in &mut rules {
        rule.region = Some("us-east-1".into());
    }
    app.deck.environment.alarms.extend(rules);
    app
}

#[test]
fn functions_and_alarms_of_another_region_say_where_they_are() {
    assert_screens("two_regions", &two_regions());
}

#[test]
fn what_a_rollback_may_have_left_stands_in_the_header_until_it_is_read() {
    let mut app = fixtures::rolled_back();
    let function = fixtures::function_mut(&mut app, "sync_handler");
    function.target = function.target.clone().in_region(Some("us-east-1".into()));
    let away = function.target.clone();
    let unreachable = fixtures::error(Trouble::Unreachable, "GetAlias", "region us-east-1 cannot be reached");
    fixtures::fail(&mut function.alias, unreachable, "14:31:00");
    app.left_behind = vec![LeftAlone { targets: vec![away.clone()], words: String::new(), doubt: Doubt::Unread }];
    let header = |app: &App| text(&screen(app, &Theme::default(), (160, 45)));
    assert!(header(&app).contains("ROLLED BACK 2 functions, NOT us-east-1/sync_handler:live"), "{}", header(&app));

    let function = app.deck.functions.iter_mut().find(|function| function.target == away).unwrap();
    let read = fixtures::alias(crate::release::routing::Routing::only(fixtures::v(88)), 88);
    function.alias.set(read, now().world);
    assert!(!header(&app).contains("NOT us-east-1"), "{}", header(&app));
}
