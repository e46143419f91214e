//! The screen as people see it: snapshots at three sizes, what colour must say, and that no size and no state can
//! make it panic.

mod alarms;
mod budgets;
mod environments;
mod first_shift;
mod history;
mod panels;
mod plans;
mod regions;
mod robust;
mod runbook;
mod running;
mod styles;
mod too_small;
mod unread;
mod unsure;

use std::time::Duration;

use jiff::SignedDuration;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

use super::{
    Theme, draw,
    fixtures::{self, at, error, fail, function_mut, now, target, v},
};
use crate::{
    app::{
        App,
        event::Ticket,
        reading::Reading,
        view::{Candidates, Detail, DoneDialog, Overlay, Panel, PlanDialog, Toast},
    },
    config::{AlarmMatch, AlarmRule},
    release::{
        error::Trouble,
        facts::{ProvisionedConcurrency, Severity},
        operation::Operation,
        plan::{Consent, Plan, PlanRow, Purpose, roll_back_row},
        routing::Routing,
    },
};

const SIZES: [(u16, u16); 3] = [(160, 45), (120, 40), (80, 24)];

/// The screen of an app at a size.
fn screen(app: &App, theme: &Theme, (columns, rows): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(frame, app, theme, &app.keymap, now())).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as lines of text.
fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in 0..area.height {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Holds the screen at every size to its snapshot.
fn assert_screens(name: &str, app: &App) {
    for size in SIZES {
        assert_screen(name, app, size);
    }
}

fn assert_screen(name: &str, app: &App, size: (u16, u16)) {
    let shown = text(&screen(app, &Theme::default(), size));
    insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
}

#[test]
fn the_judge_speaks_in_the_middle_of_a_release() {
    let mut app = fixtures::mid_release();
    app.judge_minutes(now());
    assert_screens("judged", &app);
    app.view.overlay = Some(Overlay::Detail(Detail { target: target("ocr_refine"), row: 0 }));
    for size in SIZES {
        app.view.size = size;
        assert_screen("judged_detail", &app, size);
    }
}

#[test]
fn mid_release() {
    assert_screens("mid_release", &fixtures::mid_release());
}

#[test]
fn first_start() {
    let mut app = fixtures::first_start();
    for function in &mut app.deck.functions {
        function.alias.ask(crate::app::event::Ticket(1));
    }
    assert_screens("first_start", &app);
}

/// What nobody has read must not look like good news.
#[test]
fn what_is_unread_looks_unread() {
    let mut app = fixtures::at_rest();
    let unread = || Reading::every(SignedDuration::from_mins(5));
    function_mut(&mut app, "receipt_crud").versions = unread();
    function_mut(&mut app, "export_handler").versions = unread();
    let mut denied = unread();
    denied.ask(Ticket(1));
    denied.answer(Ticket(1), Err(error(Trouble::Denied, "ListVersionsByFunction", "not allowed")), now().world);
    function_mut(&mut app, "user_deletion").versions = denied;
    assert_screen("unread_versions", &app, (120, 40));
    for (count, words) in [(1, "nobody knows yet what has a newer version"), (2, "2 of 10 read, none of them has")] {
        let mut app = fixtures::at_rest();
        for name in app.deck.functions.iter().map(|f| f.target.clone()).skip(count).collect::<Vec<_>>() {
            app.deck.function_mut(&name).unwrap().versions = unread();
        }
        let newest = app.deck.functions[0].versions.value_mut().unwrap();
        newest.clear();
        if count == 1 {
            app.deck.functions[0].versions = unread();
        } else {
            app.deck.functions[1].versions.value_mut().unwrap().clear();
        }
        let shown = text(&screen(&app, &Theme::default(), (80, 24)));
        assert!(shown.contains(words), "{shown}");
    }
}

#[test]
fn at_rest() {
    let mut app = fixtures::at_rest();
    app.view.row = 3;
    app.view.marked.insert(target("thumbnail_generator"));
    assert_screens("at_rest", &app);
}

#[test]
fn after_a_rollback() {
    let mut app = fixtures::rolled_back();
    app.view.row = 1;
    let text = "rolled back 2 of 2 functions (acknowledged within 84 ms, read back)".to_owned();
    app.view.toast = Some(Toast { text, bad: false, until: now().wall + Duration::from_secs(3) });
    assert_screens("after_a_rollback", &app);
}

#[test]
fn trouble_everywhere() {
    let mut app = fixtures::mid_release();
    app.deck.place.endpoint = Some("http://127.0.0.1:5000".into());
    app.deck.place.read_only = true;
    let missing = error(
        Trouble::NotFound,
        "GetAlias",
        "Cannot find alias arn: arn:aws:lambda:eu-west-1:210987650193:function:export_handler:live",
    );
    let export = function_mut(&mut app, "export_handler");
    export.alias = crate::app::reading::Reading::every(jiff::SignedDuration::from_secs(30));
    fail(&mut export.alias, missing, "14:29:00");
    let sync = function_mut(&mut app, "sync_handler");
    let value = sync.alias.value().unwrap().clone();
    sync.alias.set(value, at("14:20:00"));
    fail(&mut sync.alias, error(Trouble::Throttled, "GetAlias", "Rate exceeded"), "14:31:30");
    let alarms = app.deck.alarms.value().unwrap().clone();
    app.deck.alarms.set(alarms, at("14:25:00"));
    fail(
        &mut app.deck.alarms,
        error(
            Trouble::Denied,
            "DescribeAlarms",
            "User oncall-admin is not authorized to perform cloudwatch:DescribeAlarms",
        ),
        "14:26:00",
    );
    app.deck.budgets = crate::app::reading::Reading::every(jiff::SignedDuration::from_hours(1));
    fail(&mut app.deck.budgets, error(Trouble::Timeout, "DescribeBudgets", "no reply within 10 s"), "14:30:00");
    let named = AlarmMatch::Name("rv-crud-erors".into());
    app.deck.environment.alarms.insert(0, AlarmRule::new(named, Severity::Critical));
    app.view.panel = Panel::Alarms;
    app.view.scroll[Panel::Alarms.index()] = 3;
    assert_screens("trouble_everywhere", &app);
}

#[test]
fn wrong_account_and_expired_credentials() {
    let mut app = fixtures::at_rest();
    app.deck.environment.account = Some("111122223333".into());
    for function in &mut app.deck.functions {
        let value = function.alias.value().unwrap().clone();
        function.alias.set(value, at("14:25:00"));
        let why = "the SSO session has expired; run: aws sso login --profile vault";
        fail(&mut function.alias, error(Trouble::CredentialsExpired, "GetAlias", why), "14:25:30");
    }
    assert_screens("wrong_account_and_expired_credentials", &app);
}

#[test]
fn an_embedded_world_and_a_filter() {
    let mut app = fixtures::mid_release();
    app.deck.environment.protected = false;
    app.deck.place.embedded = Some("demo".into());
    app.deck.place.speed = 30.0;
    app.view.filter = "ha".into();
    app.view.filtering = true;
    app.view.row = 1;
    assert_screens("an_embedded_world_and_a_filter", &app);
}

/// What is typed are letters, R too: wherever that is so the bottom line says how to get to it.
#[test]
fn the_way_to_a_rollback_is_said_while_a_filter_is_typed() {
    let mut app = fixtures::mid_release();
    app.view.filtering = true;
    let bottom = |app: &App, size| text(&screen(app, &Theme::default(), size)).lines().last().unwrap().to_owned();
    for typed in ["", "ha", &"h".repeat(200)] {
        app.view.filter = typed.to_owned();
        for (columns, rows) in [(160, 45), (80, 24), (60, 20)] {
            let bottom = bottom(&app, (columns, rows));
            assert!(bottom.contains(" Esc, then R: ROLLBACK → 42,17"), "{bottom}");
        }
    }
    let mut calm = fixtures::at_rest();
    calm.view.filtering = true;
    assert!(!bottom(&calm, (160, 45)).contains("ROLLBACK"), "there is nothing to take back");
}

/// One panel at a time on the smallest screen.
#[test]
fn every_tab_at_80x24() {
    for panel in [Panel::Charts, Panel::Alarms, Panel::Budgets, Panel::Metrics, Panel::Timeline] {
        let mut app = fixtures::mid_release();
        app.view.panel = panel;
        assert_screen(&format!("tab_{}", panel.title().to_lowercase()), &app, (80, 24));
    }
}

#[test]
fn other_sizes() {
    let app = fixtures::mid_release();
    for size in [(220, 60), (60, 18), (40, 10), (39, 10)] {
        assert_screen("mid_release", &app, size);
    }
}

/// A rollback of both functions with so many of its replies in.
fn rolling_back(replies: usize) -> App {
    let mut app = fixtures::mid_release();
    let started = Duration::from_secs(599);
    let rows = [("receipt_crud", 42, 43), ("ocr_refine", 17, 18)].map(|(name, stable, new)| {
        roll_back_row(&target(name), app.deck.function(&target(name)).unwrap().alias.value(), v(stable), v(new))
    });
    let plan = Plan { purpose: Purpose::RollBack, rows: rows.into() };
    let (mut operation, _) = Operation::start(&plan.confirm(Consent::Yes).unwrap(), started);
    let back = |stable: u64| fixtures::alias(Routing::only(v(stable)), 99);
    let (crud, ocr) = (target("receipt_crud"), target("ocr_refine"));
    let throttled = error(Trouble::Throttled, "UpdateAlias", "Rate exceeded");
    let later = |milliseconds| started + Duration::from_millis(milliseconds);
    if replies > 0 {
        operation.written(&crud, Ok(back(42)), later(84));
    }
    if replies > 1 {
        operation.read(&crud, Ok(back(42)), later(120));
    }
    if replies > 2 {
        operation.written(&ocr, Err(throttled), later(980));
    }
    if replies > 3 {
        let why = "User oncall-admin is not authorized to perform lambda:UpdateAlias";
        operation.due(later(2_000));
        operation.written(&ocr, Err(error(Trouble::Denied, "UpdateAlias", why)), later(2_100));
    }
    app.operation = Some(operation);
    app.view.overlay = Some(Overlay::Progress);
    app
}

#[test]
fn rollback_under_way() {
    assert_screens("rollback_under_way", &rolling_back(3));
}

#[test]
fn rollback_that_failed_in_part() {
    assert_screens("rollback_that_failed_in_part", &rolling_back(4));
}

#[test]
fn detail_of_a_function() {
    let mut app = fixtures::mid_release();
    app.view.overlay = Some(Overlay::Detail(Detail { target: target("receipt_crud"), row: 1 }));
    assert_screens("detail_of_a_function", &app);
    let mut app = fixtures::rolled_back();
    let pc = ProvisionedConcurrency { status: "READY".into(), requested: 5 };
    function_mut(&mut app, "ocr_refine").provisioned.set(Some(pc), now().world);
    app.view.overlay = Some(Overlay::Detail(Detail { target: target("ocr_refine"), row: 0 }));
    assert_screen("detail_after_a_rollback", &app, (120, 40));
}

#[test]
fn candidates_to_go_back_to() {
    let mut app = fixtures::at_rest();
    let versions = vec![v(18), v(16), v(15), v(14)];
    let list = Candidates {
        target: target("ocr_refine"),
        versions,
        row: Some(1),
        recorded: Some(v(16)),
        shown_at: now().wall,
    };
    app.view.overlay = Some(Overlay::Candidates(list));
    assert_screens("candidates_to_go_back_to", &app);
}

#[test]
fn small_dialogs() {
    let mut app = fixtures::mid_release();
    for (name, new) in [("receipt_crud", 43), ("ocr_refine", 18)] {
        let function = function_mut(&mut app, name);
        function.alias.set(fixtures::alias(Routing::only(v(new)), 1), now().world);
    }
    let functions = vec![(target("receipt_crud"), v(43)), (target("ocr_refine"), v(18))];
    let address = format!(
        "https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/{}",
        "receipt_crud/aliases/live?tab=monitoring"
    );
    for (name, overlay) in [
        ("done", Overlay::Done(DoneDialog { functions, shown_at: now().wall })),
        ("quit", Overlay::Quit),
        ("console_url", Overlay::ConsoleUrl(address)),
        ("help", Overlay::Help(0)),
    ] {
        app.view.overlay = Some(overlay);
        assert_screens(name, &app);
    }
    app.view.overlay = Some(Overlay::Help(20));
    assert_screen("help_further_down", &app, (80, 24));
}
