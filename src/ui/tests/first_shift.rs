//! The plan of a first shift with something in its way.

use jiff::{
    civil::{Weekday, time},
    tz::TimeZone,
};

use super::{plans::plan_dialog, *};
use crate::{
    app::view::Reason,
    release::{
        checklist::{Checklist, ItemSettings, Phase, Ticks},
        gates::command::{CommandResult, End, Moment},
        hours::AllowedHours,
    },
};

fn app() -> App {
    let mut app = fixtures::at_rest();
    app.deck.environment.protected = false;
    let (from, to) = (time(9, 0, 0, 0), time(16, 0, 0, 0));
    let hours = AllowedHours { days: vec![Weekday::Monday], from, to, zone: TimeZone::UTC };
    app.deck.environment.allowed_hours = Some(vec![hours]);
    let name = "support has been told".to_owned();
    let (section, role, other_than) = (None, None, None);
    let item =
        ItemSettings { name, section, phase: Phase::Before, required: true, role, other_than, ticks: Ticks::Person };
    app.checks.checklist = Checklist::new(&[item]);
    app.deck.environment.commands = vec![crate::config::CommandSettings {
        command: crate::command::Command {
            name: "snapshot".into(),
            argv: vec!["snapshot-age".into()],
            timeout: Duration::from_mins(1),
            cwd: None,
            env: std::collections::BTreeMap::new(),
        },
        when: Moment::Before,
    }];
    let words = "exit code 1: the snapshot is 3 hours old".to_owned();
    app.checks.commands.insert("snapshot".into(), CommandResult { at: now().world, end: End::Failed, words });
    let reason = Some(Reason { text: "the payment fix".into(), is_given: false });
    let mut dialog = PlanDialog { reason, ..plan_dialog() };
    dialog.plan.as_mut().unwrap().rows.truncate(2);
    app.view.overlay = Some(Overlay::Plan(dialog));
    app
}

#[test]
fn what_is_in_the_way_stands_in_the_plan() {
    assert_screens("plan_with_something_in_its_way", &app());
}
