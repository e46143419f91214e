//! The runbook: beside a rollback, as a list, as the plan of a command, and with what the command wrote.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::{SIZES, assert_screen, assert_screens, screen, text};
use crate::{
    app::{
        App,
        event::{Effect, Event, Read, Reply},
        view::Overlay,
    },
    clock::Now,
    command::{Command, CommandReading, Ending, Output},
    config::{RunbookStep, StepMoment, Way},
    keys::Action,
    ui::{
        Theme,
        fixtures::{self, at, now},
    },
};

fn step(title: &str, when: StepMoment, words: Option<&str>, way: Way) -> RunbookStep {
    RunbookStep { title: title.into(), when, text: words.map(str::to_owned), way }
}

fn down() -> Way {
    Way::Run(Box::new(Command {
        name: "Take the migration back".into(),
        argv: ["sh", "scripts/down.sh", "003 add feature", ""].map(str::to_owned).to_vec(),
        timeout: Duration::from_mins(15),
        cwd: Some(PathBuf::from("database")),
        env: BTreeMap::from([("STAGE".into(), "production".into())]),
    }))
}

/// The vault in the middle of a release, with a runbook.
fn vault() -> App {
    let mut app = fixtures::mid_release();
    app.deck.environment.runbook = vec![
        step("Snapshot the database", StepMoment::Before, Some("The name must be new each time."), Way::ByHand),
        step("Take the migration back", StepMoment::RollBack, Some("Every migration has a down script."), down()),
        step("Restore a snapshot", StepMoment::RollBack, Some("Makes a new instance; then DATABASE_URL."), Way::ByHand),
        step("Status page", StepMoment::RollBack, None, Way::Page("https://status.example.com/#new".into())),
        step("Invalidate the CDN", StepMoment::RollBack, Some("aws cloudfront create-invalidation …"), Way::ByHand),
        step("Unexpected spend", StepMoment::After, Some("Hours late: look tomorrow."), Way::ByHand),
    ];
    app
}

fn later(seconds: u64) -> Now {
    Now { wall: now().wall + Duration::from_secs(seconds), ..now() }
}

/// The command of the step under the cursor is confirmed, and ends like this.
fn ran(app: &mut App, ending: Ending, written: &[u8]) {
    app.act(Action::Open, now());
    app.update(Event::Paste("production".into()), now());
    let effects = app.act(Action::Confirm, later(1));
    let Some(Effect::Read(ticket, Read::Command(command))) = effects.into_iter().next() else { panic!("nothing runs") };
    let mut output = Output::default();
    output.push(written);
    let reading = CommandReading { at: at("14:32:07"), took: Duration::from_secs(4), ending, output };
    app.update(Event::Reply(ticket, Box::new(Reply::Ran(command.name, reading))), later(5));
    app.view.toast = None;
}

#[test]
fn a_rollback_shows_what_it_does_not_put_back() {
    let mut app = vault();
    app.act(Action::RollBack, now());
    assert_eq!(app.view.overlay, Some(Overlay::Progress));
    for size in SIZES {
        app.view.size = size;
        assert_screen("rolling_back_with_runbook", &app, size);
    }
}

#[test]
fn the_steps_stand_by_moment_with_what_became_of_them() {
    let mut app = vault();
    app.act(Action::RollBack, now());
    app.act(Action::Runbook, now());
    ran(&mut app, Ending::Exited(2), b"no such table\n");
    app.act(Action::Back, later(6));
    app.act(Action::Down, later(6));
    app.act(Action::Mark, later(6));
    assert_screens("runbook", &app);
}

#[test]
fn a_command_is_planned_before_it_runs() {
    let mut app = vault();
    app.act(Action::RollBack, now());
    app.act(Action::Runbook, now());
    app.act(Action::Open, now());
    assert_screens("runbook_plan", &app);
}

#[test]
fn a_protected_environment_wants_its_name_typed() {
    let mut app = vault();
    assert!(app.deck.environment.protected);
    app.act(Action::RollBack, now());
    app.act(Action::Runbook, now());
    app.act(Action::Open, now());
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    assert!(shown.contains("is protected. Type production:") && shown.contains("Esc, then R: ROLLBACK"), "{shown}");
    app.act(Action::Confirm, later(1));
    assert!(app.running_steps().is_empty());
}

#[test]
fn what_a_command_wrote_can_be_read_and_steers_no_terminal() {
    let mut app = vault();
    app.act(Action::RollBack, now());
    app.act(Action::Runbook, now());
    let lines = (1..=40).fold(String::new(), |lines, line| lines + &format!("\x1b[31mline {line}\x07\n"));
    ran(&mut app, Ending::Exited(0), lines.as_bytes());
    assert_screens("runbook_output", &app);
    for _ in 0..40 {
        app.act(Action::Down, later(7));
    }
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    assert!(shown.contains("[31mline 40") && !shown.contains('\u{1b}'), "{shown}");
}
