//! An alarm that is opened: what its state means, and the tree of a composite one.

use super::{assert_screens, screen, text};
use crate::{
    app::{
        App,
        view::{AlarmDialog, Overlay, Panel},
    },
    keys::Action,
    release::{
        facts::{Alarm, AlarmState},
        gates::alarms::Insufficient,
    },
    ui::{
        fixtures::{self, at, now},
        theme::Theme,
    },
};

fn vault() -> App {
    let mut app = fixtures::mid_release();
    app.view.panel = Panel::Alarms;
    let mut alarms = app.deck.alarms.value().cloned().unwrap();
    let rule = "(ALARM(\"rv-ocr-errors\") OR ALARM(\"child\")) AND NOT ALARM(\"rv-deploying\")";
    for alarm in alarms.iter_mut().filter(|alarm| alarm.rule.is_some()) {
        alarm.rule = Some(rule.to_owned());
        alarm.state = AlarmState::Alarm;
        alarm.since = Some(at("14:31:30"));
    }
    // No rule of the configuration speaks of this one.
    alarms.push(Alarm { since: Some(at("14:00:00")), ..Alarm::named("child", AlarmState::Ok) });
    app.deck.alarms.set(alarms, now().world);
    for rule in &mut app.deck.environment.alarms {
        rule.means = Some("page, e-mail".to_owned());
    }
    app
}

#[test]
fn a_composite_alarm_opens_into_its_children() {
    let mut app = vault();
    let name = app.sorted_alarms().iter().find(|alarm| alarm.rule.is_some()).unwrap().name.clone();
    app.view.overlay = Some(Overlay::Alarm(AlarmDialog { name, region: None, scroll: 0 }));
    assert_screens("alarm_tree", &app);
}

#[test]
fn what_no_rule_speaks_of_is_no_row_and_enter_opens_what_the_cursor_is_on() {
    let mut app = vault();
    assert!(app.sorted_alarms().iter().all(|alarm| alarm.name != "child"));
    app.act(Action::Open, now());
    let first = app.sorted_alarms()[0].name.clone();
    assert_eq!(app.view.overlay, Some(Overlay::Alarm(AlarmDialog { name: first, region: None, scroll: 0 })));
    app.view.overlay = None;
    assert_screens("alarms_with_words", &app);
}

#[test]
fn alarms_without_data_are_no_good_news_unless_they_may_rest() {
    let mut app = vault();
    let mut alarms = app.deck.alarms.value().cloned().unwrap();
    for alarm in alarms.iter_mut().filter(|alarm| alarm.state == AlarmState::Alarm) {
        alarm.state = AlarmState::Ok;
    }
    app.deck.alarms.set(alarms, now().world);
    let line = |app: &App| text(&screen(app, &Theme::default(), (160, 45))).lines().rev().nth(1).unwrap().to_owned();
    for (insufficient, words) in
        [(Insufficient::Undecided, "… none of 12 alarms, 2 without data"), (Insufficient::Ok, "✔ none of 12 alarms  ·")]
    {
        for rule in &mut app.deck.environment.alarms {
            rule.insufficient = insufficient;
        }
        assert!(line(&app).contains(words), "{}", line(&app));
    }
}

/// A rule says that having no data is as good as OK: such an alarm is no news, and stands below a critical one.
#[test]
fn an_alarm_whose_silence_is_fine_does_not_stand_on_top() {
    let mut app = fixtures::at_rest();
    let silent = |app: &App| {
        let sorted = app.sorted_alarms();
        let place = sorted.iter().position(|alarm| alarm.name == "rv-weekly-summary-errors").unwrap();
        (place, sorted.iter().filter(|alarm| alarm.state != AlarmState::Ok).count())
    };
    let (before, loud) = silent(&app);
    assert!(before < loud, "it stands among those that say something");
    for rule in &mut app.deck.environment.alarms {
        rule.insufficient = Insufficient::Ok;
    }
    assert!(silent(&app).0 >= loud, "{:?}", silent(&app));
}
