//! The loop against the embedded AWS, with a scripted face and a clock that stands still unless everybody waits.

mod fleet;
mod notices;

use std::collections::{BTreeMap, VecDeque};

use super::*;
use crate::{
    app::{asking::Scope, deck::Whereabouts, view::Overlay},
    aws::{Place, Transport},
    config::Config,
    keys::Keymap,
    notify::Tries,
    release::{
        memory::{Entry, Memory},
        names::{ReleaseId, Target, Version},
        routing::Routing,
    },
    sim::{
        Seen, Sim, scenario,
        wire::Operation as Called,
        world::{AliasChange, Disturbance},
    },
    web::Web,
};

/// What the person or the terminal does next.
enum Deed {
    Nothing,
    Press(&'static str),
    Break,
    Leave(u8),
}

/// A face that looks at the state and decides.
struct Hands<F> {
    decide: F,
    keys: VecDeque<Event>,
}

impl<F: FnMut(&App, Now) -> Deed> Face for Hands<F> {
    async fn input(&mut self) -> Event {
        match self.keys.pop_front() {
            Some(key) => key,
            None => std::future::pending().await,
        }
    }

    fn turn(&mut self, app: &mut App, now: Now) -> std::io::Result<Turn> {
        match (self.decide)(app, now) {
            Deed::Nothing => Ok(Turn::Wait),
            Deed::Press(keys) => {
                self.keys.extend(keys.split(' ').map(|key| Event::Key(key.parse().unwrap())));
                Ok(Turn::Wait)
            }
            Deed::Break => Err(std::io::ErrorKind::BrokenPipe.into()),
            Deed::Leave(code) => Ok(Turn::Leave(code)),
        }
    }
}

/// The demo's world, with all ten functions in a release that is at a hundred percent, and the app on it.
struct Stage {
    sim: Arc<Sim>,
    app: App,
    services: Services,
    stable: BTreeMap<String, String>,
    /// The world of another environment.
    other: Option<Arc<Sim>>,
}

impl Stage {
    async fn open() -> Self {
        let clock = Clock::starting_at("2026-11-20T14:32:07Z".parse().unwrap(), 1.0);
        let sim = Arc::new(Sim::open("demo", clock).unwrap());
        let config = Config::parse(scenario::find("demo").unwrap().config_toml, "config.toml").unwrap();
        let environment = config.environment(None).unwrap().clone();
        let mut memories = BTreeMap::new();
        let mut stable = BTreeMap::new();
        for function in &environment.functions {
            let (name, alias) = (function.target.function.as_str(), function.target.alias.as_str());
            let live: u64 =
                sim.with_world(|world| world.alias(name, alias).unwrap().function_version.to_string()).parse().unwrap();
            let change = AliasChange { routing: Some(BTreeMap::new()), ..AliasChange::default() };
            sim.with_world(|world| world.update_alias(name, alias, &change).map(|_| ())).unwrap();
            let release = Some(entry(&function.target, live - 1, live, clock.now()));
            memories.insert(function.target.clone(), Memory { release, ..Memory::default() });
            stable.insert(name.to_owned(), (live - 1).to_string());
        }
        let place = Place { region: Some("eu-west-1".into()), ..Place::default() };
        let cloud = Cloud::open(&place, Transport::Embedded(sim.http_client()), clock).await.unwrap();
        let whereabouts = Whereabouts {
            region: "eu-west-1".into(),
            endpoint: None,
            embedded: Some("demo".into()),
            read_only: false,
            speed: 1.0,
            program: "flightdeck -e production".into(),
            os_user: "ada".into(),
            owner: "ada@here/1".into(),
        };
        let services = Services {
            cloud,
            tries: Tries::default(),
            journal: Arc::new(Journal::in_process(memories)),
            clock,
            web: Web::new(clock),
            alarms: environment.alarms.clone(),
            budgets: environment.budget_names(),
        };
        let app = App::new(&config, environment, whereabouts, Scope::Cockpit, Keymap::default());
        Self { sim, app, services, stable, other: None }
    }

    async fn run(&mut self, decide: impl FnMut(&App, Now) -> Deed) -> std::io::Result<u8> {
        run(&mut self.app, &self.services, &mut Hands { decide, keys: VecDeque::new() }).await
    }

    /// How often each function's traffic is all on its stable version, with no weights left.
    fn are_all_stable(&self) -> bool {
        self.stable.iter().all(|(name, version)| {
            self.sim.with_world(|world| {
                let alias = world.alias(name, "live").unwrap();
                alias.function_version.to_string() == *version && alias.weights.is_empty()
            })
        })
    }

    fn calls(&self, operation: Called) -> Vec<Seen> {
        self.sim.requests().into_iter().filter(|seen| seen.operation == operation).collect()
    }
}

fn entry(target: &Target, stable: u64, new: u64, now: Now) -> Entry {
    Entry {
        id: ReleaseId::new("r-20261120-1"),
        target: target.clone(),
        stable: Version::Number(stable),
        new: Version::Number(new),
        before: Routing::only(Version::Number(stable)),
        by: "ada".into(),
        owner: String::new(),
        since: now.world,
        shifts: Vec::new(),
        whole: false,
        told: false,
    }
}

/// Whether everything has been read, and a second has passed since: AWS takes 15 calls a second from everybody.
fn is_ready(app: &App, now: Now) -> bool {
    let is_long_ago = |at| now.world.duration_since(at) > jiff::SignedDuration::from_secs(1);
    app.to_be_rolled_back().len() == 10
        && app.deck.functions.iter().all(|function| function.provisioned.read_at().is_some_and(is_long_ago))
}

fn is_finished(app: &App) -> bool {
    app.operation.as_ref().is_some_and(crate::release::operation::Operation::is_finished)
}

#[tokio::test(start_paused = true)]
async fn r_puts_ten_writes_on_the_wire_at_once_and_reads_them_back() {
    let mut stage = Stage::open().await;
    let sim = Arc::clone(&stage.sim);
    let mut pressed = None;
    let code = stage.run(|app, now| match pressed {
        None if is_ready(app, now) => {
            // Somebody changes one alias after it was read: its revision is not the one that the rollback sends.
            sim.with_world(|world| {
                let change = AliasChange { description: Some("mine".into()), ..AliasChange::default() };
                world.update_alias("receipt_crud", "live", &change).map(|_| ()).unwrap();
            });
            pressed = Some(now.wall);
            Deed::Press("R")
        }
        Some(_) if is_finished(app) => Deed::Leave(7),
        _ => Deed::Nothing,
    });
    assert_eq!(code.await.unwrap(), 7);
    let pressed = pressed.unwrap();
    assert!(stage.are_all_stable(), "an explicit empty map leaves no weights");
    let writes = stage.calls(Called::UpdateAlias);
    let first: Vec<_> = writes.iter().take(10).collect();
    assert!(first.iter().all(|seen| seen.at.wall <= pressed + Duration::from_millis(20)), "{first:?}");
    let names: std::collections::BTreeSet<_> = first.iter().map(|seen| seen.subject.clone()).collect();
    assert_eq!(names.len(), 10);
    let crud = writes.iter().filter(|seen| seen.subject.as_deref() == Some("receipt_crud")).count();
    assert!(crud >= 2, "the first one was refused, because it carried the revision that had been read");
    for name in stage.stable.keys() {
        let is_it = |seen: &&Seen| seen.subject.as_deref() == Some(name);
        let last_write = writes.iter().filter(is_it).map(|seen| seen.number).max().unwrap();
        let last_read = stage.calls(Called::GetAlias).iter().filter(is_it).map(|seen| seen.number).max().unwrap();
        assert!(last_read > last_write, "{name} is read back");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_answer_while_every_call_hangs() {
    let mut stage = Stage::open().await;
    stage.sim.disturb("*", Disturbance::Hang, None);
    let mut seen = Vec::new();
    let code = stage.run(|app, now| {
        match (&app.view.overlay, seen.len()) {
            (None, 0) => seen.push(now.wall),
            (Some(Overlay::Help(_)), 1) => {
                seen.push(now.wall);
                return Deed::Press("esc q");
            }
            _ => return Deed::Nothing,
        }
        Deed::Press("?")
    });
    assert_eq!(code.await.unwrap(), 0);
    assert_eq!(seen[0], seen[1], "not even a tick passes between a key and what it does");
    assert_eq!(stage.services.clock.now().wall, seen[1], "and nothing is waited for at the end");
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_is_read_before_it_is_tried_again() {
    let mut stage = Stage::open().await;
    stage.sim.disturb("UpdateAlias", Disturbance::HangAfterDoing, Some(3));
    let code = stage.run(|app, now| match (is_finished(app), app.is_moving()) {
        (true, _) => Deed::Leave(0),
        (false, false) if is_ready(app, now) => Deed::Press("R"),
        _ => Deed::Nothing,
    });
    code.await.unwrap();
    assert!(stage.are_all_stable());
    assert_eq!(stage.calls(Called::UpdateAlias).len(), 10, "what was done is not done twice");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_comes_to_its_end_though_the_terminal_is_gone() {
    let mut stage = Stage::open().await;
    stage.sim.disturb("UpdateAlias", Disturbance::Throttled, Some(25));
    let code = stage.run(|app, now| match app.is_moving() {
        true => Deed::Break,
        false if is_ready(app, now) => Deed::Press("R"),
        false => Deed::Nothing,
    });
    assert_eq!(code.await.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    assert!(stage.are_all_stable());
}

#[tokio::test(start_paused = true)]
async fn leaving_waits_for_what_is_on_its_way() {
    let mut stage = Stage::open().await;
    stage.sim.disturb("UpdateAlias", Disturbance::SlowMs(2_000), None);
    let mut has_pressed = false;
    let code = stage.run(|app, now| {
        if app.is_moving() && !has_pressed {
            has_pressed = true;
            return Deed::Press("q y");
        }
        if is_ready(app, now) && !app.is_moving() { Deed::Press("R") } else { Deed::Nothing }
    });
    assert_eq!(code.await.unwrap(), 0);
    assert!(stage.are_all_stable());
}

#[tokio::test(start_paused = true)]
async fn a_second_ctrl_c_leaves_at_once() {
    let mut stage = Stage::open().await;
    stage.sim.disturb("UpdateAlias", Disturbance::Hang, None);
    let mut asked = None;
    let code = stage.run(|app, now| match asked {
        None if app.is_moving() => {
            asked = Some(now.wall);
            Deed::Press("q y")
        }
        None if is_ready(app, now) => Deed::Press("R"),
        Some(since) if now.wall > since + Duration::from_secs(1) => Deed::Press("ctrl-c"),
        _ => Deed::Nothing,
    });
    assert_eq!(code.await.unwrap(), 130);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_becomes_an_event() {
    let mut tasks = Tasks::new(Stage::open().await.services);
    let handle = tasks.reads.spawn(async { panic!("on purpose") });
    tasks.tickets.insert(handle.id(), Ticket(7));
    assert!(matches!(tasks.next().await, Event::Lost(Ticket(7), _)));
}

#[tokio::test(start_paused = true)]
async fn reads_that_are_given_up_are_not_waited_for() {
    let stage = Stage::open().await;
    stage.sim.disturb("*", Disturbance::Hang, None);
    let mut tasks = Tasks::new(stage.services.clone());
    tasks.read(Ticket(1), Read::Caller);
    let mut face = Hands { decide: |_: &App, _| Deed::Nothing, keys: VecDeque::new() };
    tasks.perform([Effect::Drop(vec![Ticket(1), Ticket(2)])].into_iter(), &mut face);
    assert!(matches!(tasks.next().await, Event::Lost(Ticket(1), _)));
    assert_eq!(stage.services.clock.now().wall, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn notes_are_written_in_their_order() {
    let stage = Stage::open().await;
    let pay = Target::new("pay", "live");
    let mut face = Hands { decide: |_: &App, _| Deed::Nothing, keys: VecDeque::new() };
    for _ in 0..20 {
        let mut tasks = Tasks::new(stage.services.clone());
        for stable in 1..=8 {
            let memory = Memory { last_stable: Some(Version::Number(stable)), ..Memory::default() };
            let note = Effect::Remember(Ticket(stable), "1".into(), vec![(pay.clone(), memory)]);
            tasks.perform([note].into_iter(), &mut face);
        }
        tasks.finish(false).await;
        let (found, _) = stage.services.journal.recall("1", std::slice::from_ref(&pay));
        assert_eq!(found[&pay].last_stable, Some(Version::Number(8)));
    }
}
