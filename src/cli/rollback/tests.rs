//! A rollback of which one function cannot be reached: what is said meanwhile, and that it comes to its end.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use super::*;
use crate::{
    app::deck::Whereabouts,
    cli::args::WriteArgs,
    config::{Config, Environment},
    keys::Keymap,
    release::{
        error::{CloudError, Trouble},
        facts::{Alias, Setting},
        names::RevisionId,
        operation::{Operation, Order},
        plan::{Consent, Purpose, roll_back_row},
        routing::{Routing, SplitStyle},
    },
};

const STABLE: Version = Version::Number(42);
const NEW: Version = Version::Number(43);
/// How long a call takes that nobody answers, in seconds.
const TIMEOUT: u64 = 4;

fn target(name: &str) -> Target {
    Target::new(name, "live")
}

fn alias(routing: Routing) -> Alias {
    Alias {
        routing,
        revision: RevisionId::new("r"),
        description: String::new(),
        account: None,
        setting: Setting::Alias,
    }
}

fn away() -> CloudError {
    CloudError {
        kind: Trouble::Unreachable,
        operation: "GetAlias",
        message: "nobody answers".into(),
        request_id: None,
        retry_after: None,
    }
}

/// Both at ten percent, and a rollback has just been confirmed.
fn rolling_back() -> (App, Vec<Order>) {
    let split = alias(Routing::at_percent(STABLE, NEW, 10.0, SplitStyle::WeightNew));
    let row = |name| roll_back_row(&target(name), Some(&split), STABLE, NEW);
    let plan = Plan { purpose: Purpose::RollBack, rows: vec![row("pay"), row("ship")] };
    let (operation, orders) = Operation::start(&plan.confirm(Consent::Yes).unwrap(), Duration::ZERO);
    let place = Whereabouts {
        region: "eu-west-1".into(),
        endpoint: None,
        embedded: None,
        read_only: false,
        speed: 1.0,
        program: "flightdeck".into(),
        os_user: "ada".into(),
        owner: "ada@here/1".into(),
    };
    let environment = Environment::named("shop");
    let mut app = App::new(&Config::default(), environment, place, Scope::RollBack, Keymap::default());
    app.operation = Some(operation);
    (app, orders)
}

/// `pay` answers at once; calls to `ship` end after a timeout, until it comes back.
struct World {
    under_way: VecDeque<(u64, Order)>,
    comes_back: u64,
}

impl World {
    fn send(&mut self, orders: Vec<Order>, second: u64) {
        for order in orders {
            let takes = if is_for(&order, "ship") && second < self.comes_back { TIMEOUT } else { 0 };
            self.under_way.push_back((second + takes, order));
        }
    }

    /// Answers what is due, and sends what follows.
    fn go_on(&mut self, operation: &mut Operation, second: u64) {
        let now = Duration::from_secs(second);
        self.send(operation.due(now), second);
        while let Some(at) = self.under_way.iter().position(|(due, _)| *due <= second) {
            let (_, order) = self.under_way.remove(at).unwrap();
            let is_away = is_for(&order, "ship") && second < self.comes_back + TIMEOUT;
            let reply = if is_away { Err(away()) } else { Ok(alias(Routing::only(STABLE))) };
            let next = match &order {
                Order::Write(write) => operation.written(write.target(), reply, now),
                Order::Read(target) => operation.read(target, reply, now),
            };
            self.send(next.into_iter().collect(), second);
        }
    }
}

fn is_for(order: &Order, name: &str) -> bool {
    match order {
        Order::Write(write) => *write.target() == target(name),
        Order::Read(read) => *read == target(name),
    }
}

fn args() -> RollbackArgs {
    let write = WriteArgs { yes: true, reason: None, json: true };
    RollbackArgs { functions: Vec::new(), to: None, write }
}

#[test]
fn a_rollback_that_does_not_reach_a_function_ends_after_five_minutes() {
    let (mut app, orders) = rolling_back();
    let mut world = World { under_way: VecDeque::new(), comes_back: u64::MAX / 2 };
    world.send(orders, 0);
    let args = args();
    let mut script = RollBack { has_begun: true, ..RollBack::new(&args, Vec::new()) };
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    let left = (0..1_000).find_map(|second| {
        world.go_on(app.operation.as_mut().unwrap(), second);
        let now = Now { world: start + Duration::from_secs(second), wall: Duration::from_secs(second) };
        match script.step(&mut app, now) {
            Turn::Leave(code) => Some((second, code)),
            Turn::Wait | Turn::Do(_) => None,
        }
    });
    let (second, code) = left.expect("it ends");
    assert!((300..=300 + TIMEOUT + 1).contains(&second), "after {second} s");
    assert_eq!(code, exit::FAILED);
}

#[test]
fn what_is_back_is_told_once_and_what_is_not_is_never_called_back() {
    let (mut app, orders) = rolling_back();
    let operation = app.operation.as_mut().unwrap();
    let mut world = World { under_way: VecDeque::new(), comes_back: 22 };
    world.send(orders, 0);
    let mut progress = Progress::default();
    let mut told = Vec::new();
    for second in 0..40 {
        world.go_on(operation, second);
        if !operation.is_finished() {
            told.extend(progress.news(operation, Duration::from_secs(second)));
        }
    }
    assert!(operation.is_finished());
    assert_eq!(told.first().map(String::as_str), Some("pay:live is back at 42"));
    assert_eq!(told.iter().filter(|words| words.contains("pay:live is back")).count(), 1);
    assert!(told[1].starts_with("after 5 s 1 of 2 are back; still trying: ship:live"), "{told:?}");
    assert!(told[2].starts_with("after 20 s 1 of 2 are back"), "{told:?}");
    assert!(!told.iter().any(|words| words.contains("rolled back")), "{told:?}");
}
