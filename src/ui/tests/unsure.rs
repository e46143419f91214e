//! After a program was killed in the middle of a shift: no line may look like success, nor as if somebody ran it.

use super::{screen, text};
use crate::{
    app::{
        App,
        event::{Effect, Event, Read, Reply},
    },
    keys::Key,
    release::{
        facts::Receipt,
        plan::Purpose,
        record::{Action, Intent, IntentId, Site, Who},
        routing::Routing,
    },
    ui::{
        fixtures::{self, now, v},
        theme::Theme,
    },
};

/// The write that may still be on its way to a function at rest.
fn late(app: &App, name: &str) -> Reply {
    let intent = Intent {
        release: crate::release::names::ReleaseId::new("r-1"),
        target: fixtures::target(name),
        purpose: Purpose::Shift { percent: 10.0 },
        automatic: false,
        who: Who::default(),
        why: None,
        stable: v(88),
        new: v(89),
        before: Routing::only(v(88)),
        after: Routing { primary: v(88), weighted: Some((v(89), 0.1)) },
        evidence: Vec::new(),
        at: now().world,
    };
    let site = Site { account: "210987650193".into(), environment: app.deck.environment.name.clone() };
    Reply::Unsettled(Ok(vec![(site, Action { id: IntentId(1), intent, outcome: None })]))
}

/// R, with everything well that it asks for.
fn press_r(app: &mut App) {
    let key: Key = "R".parse().unwrap();
    let mut effects = app.update(Event::Key(key), now());
    while let Some(effect) = effects.pop() {
        let (ticket, reply) = match effect {
            Effect::Write(ticket, write) => {
                let alias = fixtures::alias(*write.routing(), 99);
                (
                    ticket,
                    Reply::Written(write.target().clone(), Ok(Receipt { alias, request_id: None, unrecorded: None })),
                )
            }
            Effect::Read(ticket, Read::Unsettled(_)) => (ticket, late(app, "sync_handler")),
            Effect::Read(ticket, Read::Alias(target, _)) => {
                let function = app.deck.function(&target).unwrap();
                (ticket, Reply::Alias(target.clone(), Ok(function.alias.value().unwrap().clone())))
            }
            _ => continue,
        };
        effects.extend(app.update(Event::Reply(ticket, Box::new(reply)), now()));
    }
}

#[test]
fn no_line_looks_like_success_while_a_killed_write_may_arrive() {
    let mut app = fixtures::mid_release();
    app.view.size = (160, 45);
    press_r(&mut app);
    let shown = text(&screen(&app, &Theme::default(), (160, 45)));
    assert!(shown.contains("▲ ROLLED BACK 2 functions in"), "{shown}");
    assert!(shown.contains("▲ NOT SURE OF sync_handler:live: an earlier run sent a write there"), "{shown}");
    assert!(!shown.contains("✔ ROLLED BACK"), "{shown}");
    app.view.overlay = None;
    app.view.toast = None;
    let shown = text(&screen(&app, &Theme::default(), (160, 45)));
    assert!(shown.contains("ROLLED BACK 2 functions, NOT SURE OF sync_handler:live"), "{shown}");
    assert!(shown.contains("▲ sync_handler: a write of an earlier run may still arrive"), "{shown}");
}

#[test]
fn nor_where_nothing_was_found_to_roll_back() {
    let mut app = fixtures::at_rest();
    app.view.size = (160, 45);
    press_r(&mut app);
    let shown = text(&screen(&app, &Theme::default(), (160, 45)));
    assert!(shown.contains("▲ NOT SURE OF sync_handler:live: a write of an earlier run may still arrive"), "{shown}");
}

#[test]
fn that_the_program_of_a_release_is_gone_stands_in_the_stage_line() {
    let mut app = fixtures::mid_release();
    app.deck.place.owner = "ada@laptop/2".into();
    let asked = app.update(Event::Tick, now());
    let ticket = asked.iter().find_map(|effect| match effect {
        Effect::Read(ticket, Read::Process(4711)) => Some(*ticket),
        _ => None,
    });
    app.update(Event::Reply(ticket.unwrap(), Box::new(Reply::Process(Some(false)))), now());
    app.view.toast = None;
    for size in [(160, 45), (80, 24)] {
        let shown = text(&screen(&app, &Theme::default(), size));
        assert!(shown.contains("its program (ada@laptop/4711) is gone · T takes over"), "{shown}");
    }
    app.update(Event::Key("T".parse().unwrap()), now());
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    assert!(shown.contains("it is gone: no such process"), "{shown}");
}
