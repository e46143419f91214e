//! A release that spans regions: which function is where, at every size.

use super::assert_screens;
use crate::{
    app::App,
    release::facts::Alarm,
    ui::fixtures::{self, now},
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
