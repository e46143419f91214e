//! The update loop alone, driven by key scripts: a bench plays the person, AWS, the journal and the clock.
//!
//! `check("1 <300ms> y")`: keys as the configuration writes them, `<300ms>` lets wall and world time pass, `~y` is a
//! key held down, `"text"` is pasted. After each step everything that was asked is answered, unless it is held.

mod alive;
mod around;
mod awaiting;
mod aws;
mod bad_luck;
mod bookkeeping;
mod checking;
mod elsewhere;
mod journaling;
mod leaving;
mod left_alone;
mod log;
mod neighbours;
mod outside;
mod owners;
mod past;
mod pre_staging;
mod regions;
mod rolling_back;
mod runbook;
mod schedules;
mod second_look;
mod shifting;
mod steering;
mod ticked;
mod typing;
mod unsure;
mod whole;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use log::read_name;

use aws::Standing;

use super::{
    App,
    asking::Scope,
    deck::Whereabouts,
    event::{Effect, Event, Read, Reply, Ticket},
    view::Overlay,
};
use outside::Outside;

use crate::{
    clock::Now,
    config::{Config, Environment, FunctionSettings},
    keys::Keymap,
    release::{
        error::{CloudError, Trouble},
        facts::{Alias, Caller, ProvisionedConcurrency, Receipt, Setting, StageSetting, VersionInfo, VersionState},
        memory::Memory,
        metrics::Answer,
        names::{Mover, RevisionId, Target, Version},
        notice::Delivery,
        page::Page,
        record::{Action, Past, Site},
        routing::{Routing, SplitStyle},
    },
};

const ACCOUNT: &str = "123456789012";

fn target(name: &str) -> Target {
    Target::new(name, "live")
}

fn version(number: u64) -> Version {
    Version::Number(number)
}

/// `42` is one version, `42/43@10` is 42 with ten percent to 43.
fn routing(text: &str) -> Routing {
    let Some((stable, rest)) = text.split_once('/') else {
        return Routing::only(text.parse().unwrap());
    };
    let (new, percent) = rest.split_once('@').unwrap();
    let (stable, new) = (stable.parse().unwrap(), new.parse().unwrap());
    Routing::at_percent(stable, new, percent.parse().unwrap(), SplitStyle::WeightNew)
}

fn trouble(kind: Trouble) -> CloudError {
    CloudError { kind, operation: "GetAlias", message: "said the bench".into(), request_id: None, retry_after: None }
}

/// What the bench keeps back until it is told to let it go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Writes,
    Records,
    Pages,
    Reads,
    Checks,
    Caller,
    Around,
}

/// A person, an AWS, a journal and a clock around an app.
struct Bench {
    app: App,
    now: Now,
    effects: VecDeque<Effect>,
    holds: BTreeSet<Hold>,
    /// Everything that was asked or sent, in order: `read Alias(pay)`, `write pay 42 90% + 43 10% @r1`, `record pay`.
    log: Vec<String>,
    /// Shared by all the benches that stand in front of one AWS.
    aliases: Rc<RefCell<BTreeMap<Target, Standing>>>,
    /// Aliases that somebody deleted.
    gone: BTreeSet<Target>,
    /// Aliases that nobody can read for now.
    unreadable: BTreeSet<Target>,
    versions: Vec<VersionInfo>,
    provisioned: Option<ProvisionedConcurrency>,
    account: String,
    journal: BTreeMap<Target, Memory>,
    /// What was written into the journal, in its order.
    pages: Vec<Page>,
    /// What the journal tells of the past.
    past: Vec<Past>,
    /// Writes of earlier runs that nobody settled.
    unsettled: Vec<(Site, Action)>,
    /// Why nothing can be written down.
    journal_fails: Option<String>,
    /// Troubles for the next writes of a function; the flag says whether the write took effect all the same.
    troubles: BTreeMap<Target, VecDeque<(Trouble, bool)>>,
    /// What AWS says of every record that is to be written, where it takes none.
    unrecorded: Option<CloudError>,
    has_quit: Option<Effect>,
    outside: Outside,
}

fn info(number: u64) -> VersionInfo {
    VersionInfo {
        runtime: "python3.12".into(),
        role: "role".into(),
        timeout: Duration::from_secs(10),
        state: Some(VersionState::Active),
        ..VersionInfo::bare(version(number))
    }
}

fn environment() -> Environment {
    let functions = ["pay", "ship"].map(|name| FunctionSettings {
        target: target(name),
        expect_traffic: true,
        slow_ms: None,
        pre_stage: None,
    });
    Environment { functions: functions.to_vec(), ..Environment::named("shop") }
}

impl Bench {
    /// Two functions, `pay` and `ship`, on version 42 with 41 and 43 beside it. Everything has been read.
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Environment)) -> Self {
        let mut environment = environment();
        change(&mut environment);
        let read_only = environment.read_only;
        let targets: Vec<Target> = environment.functions.iter().map(|settings| settings.target.clone()).collect();
        let place = Whereabouts {
            region: "eu-west-1".into(),
            endpoint: None,
            embedded: None,
            read_only,
            speed: 1.0,
            program: "flightdeck -e production".into(),
            os_user: "ada".into(),
            owner: "ada@here/1".into(),
        };
        let mut bench = Self {
            app: App::new(&Config::default(), environment, place, Scope::Cockpit, Keymap::default()),
            now: Now { world: "2026-11-20T14:32:07Z".parse().unwrap(), wall: Duration::from_secs(1) },
            effects: VecDeque::new(),
            holds: BTreeSet::new(),
            log: Vec::new(),
            aliases: Rc::new(RefCell::new(targets.into_iter().map(|target| (target, Standing::new("42"))).collect())),
            gone: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            versions: [41, 42, 43].map(info).to_vec(),
            provisioned: None,
            account: ACCOUNT.into(),
            journal: BTreeMap::new(),
            pages: Vec::new(),
            past: Vec::new(),
            unsettled: Vec::new(),
            journal_fails: None,
            troubles: BTreeMap::new(),
            unrecorded: None,
            has_quit: None,
            outside: Outside::default(),
        };
        bench.settle();
        bench.log.clear();
        bench
    }

    /// A bench in the middle of a release: both functions at ten percent.
    fn mid_release() -> Self {
        let mut bench = Self::new();
        bench.check("1 <300ms> y");
        assert_eq!(bench.take_writes().len(), 2);
        bench
    }

    /// Starts the program anew on the same AWS and journal.
    fn restart(&mut self) {
        let deck = &self.app.deck;
        let (environment, place) = (deck.environment.clone(), deck.place.clone());
        self.app = App::new(&Config::default(), environment, place, Scope::Cockpit, Keymap::default());
        self.settle();
        self.log.clear();
    }

    fn event(&mut self, event: Event) {
        let effects = self.app.update(event, self.now);
        self.effects.extend(effects);
    }

    /// Plays a script.
    fn check(&mut self, script: &str) {
        for step in script.split_whitespace() {
            if let Some(time) = step.strip_prefix('<') {
                self.pass(time.trim_end_matches('>').parse::<SignedDuration>().unwrap().unsigned_abs());
            } else if let Some(key) = step.strip_prefix('~').filter(|key| !key.is_empty()) {
                self.event(Event::Repeat(key.parse().unwrap()));
            } else if step.len() > 1 && step.starts_with('"') {
                self.event(Event::Paste(step.trim_matches('"').to_owned()));
            } else {
                self.event(Event::Key(step.parse().unwrap()));
            }
            self.answer_all();
        }
    }

    /// Lets time pass, with ticks of at most a second.
    fn pass(&mut self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(Duration::from_secs(1));
            left -= step;
            self.now.wall += step;
            self.now.world += SignedDuration::try_from(step).unwrap();
            self.event(Event::Tick);
            self.answer_all();
        }
    }

    /// Ticks and answers until nothing is asked any more at this moment.
    fn settle(&mut self) {
        for _ in 0..10 {
            self.event(Event::Tick);
            self.answer_all();
        }
    }

    fn hold(&mut self, what: Hold) {
        self.holds.insert(what);
    }

    fn release(&mut self, what: Hold) {
        self.holds.remove(&what);
        self.answer_all();
    }

    fn answer_all(&mut self) {
        let mut kept = VecDeque::new();
        while let Some(effect) = self.effects.pop_front() {
            let hold = match &effect {
                Effect::Write(..) => Some(Hold::Writes),
                Effect::Remember(..) => Some(Hold::Records),
                Effect::Journal(..) => Some(Hold::Pages),
                Effect::Read(_, Read::Caller) => Some(Hold::Caller),
                Effect::Read(_, Read::Probe(_) | Read::Command(_)) => Some(Hold::Checks),
                Effect::Read(_, Read::Recall(..) | Read::Unsettled(_) | Read::History(..) | Read::Process(_))
                | Effect::Tell(..)
                | Effect::Show(_)
                | Effect::Bell
                | Effect::Drop(_)
                | Effect::Quit
                | Effect::Abandon => None,
                Effect::Read(_, Read::Around(..) | Read::Deployments(_)) => Some(Hold::Around),
                Effect::Read(..) => Some(Hold::Reads),
            };
            if hold.is_some_and(|hold| self.holds.contains(&hold)) {
                kept.push_back(effect);
                continue;
            }
            if let Some((ticket, reply)) = self.carry_out(effect) {
                self.event(Event::Reply(ticket, Box::new(reply)));
            }
        }
        self.effects = kept;
    }

    fn carry_out(&mut self, effect: Effect) -> Option<(Ticket, Reply)> {
        match effect {
            Effect::Read(ticket, read) => {
                self.log.push(format!("read {}", read_name(&read)));
                Some((ticket, self.read(read)))
            }
            Effect::Write(ticket, write) => {
                let revision = write.revision().map_or("-", RevisionId::as_str);
                self.log.push(format!("write {} {} @{revision}", write.target().function, write.routing()));
                let outcome = self.write(write.target(), *write.routing(), revision, write.description());
                Some((ticket, Reply::Written(write.target().clone(), outcome)))
            }
            Effect::Remember(ticket, account, notes) => {
                assert_eq!(account, self.account);
                let names = notes.iter().map(|(target, _)| target.function.to_string()).collect::<Vec<_>>();
                self.log.push(format!("record {}", names.join(" ")));
                let outcome = self.journal_fails.clone().map_or(Ok(()), Err);
                if outcome.is_ok() {
                    self.journal.extend(notes);
                }
                Some((ticket, Reply::Remembered(outcome)))
            }
            Effect::Tell(ticket, receiver, notice) => {
                self.log.push(format!("tell {} {}: {}", receiver.name, notice.occasion.key(), notice.summary));
                let delivery = Delivery { to: receiver.name, occasion: notice.occasion, outcome: Ok(()) };
                Some((ticket, Reply::Told(delivery)))
            }
            Effect::Journal(ticket, page) => {
                self.log.push("page".to_owned());
                if let Some(why) = self.journal_fails.clone() {
                    return Some((ticket, Reply::Journaled(Err((page.entries, why)))));
                }
                self.pages.push(page);
                Some((ticket, Reply::Journaled(Ok(()))))
            }
            Effect::Quit | Effect::Abandon => {
                self.has_quit.get_or_insert(effect);
                None
            }
            Effect::Show(name) => {
                self.log.push(format!("show {name}"));
                None
            }
            Effect::Bell | Effect::Drop(_) => None,
        }
    }

    /// The next writes of a function meet this; the flag says whether they take effect all the same.
    fn trouble_for(&mut self, name: &str, kinds: &[(Trouble, bool)]) {
        self.troubles.entry(target(name)).or_default().extend(kinds);
    }

    fn live(&self, name: &str) -> String {
        self.aliases.borrow()[&target(name)].routing.to_string()
    }

    fn memory(&self, name: &str) -> &Memory {
        &self.app.deck.function(&target(name)).unwrap().memory
    }

    /// What was sent to AWS or written down since the last look, without reads.
    fn take_writes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log).into_iter().filter(|line| line.starts_with("write")).collect()
    }

    fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    fn said(&self) -> &str {
        self.app.view.toast.as_ref().map_or("", |toast| toast.text.as_str())
    }

    fn timeline(&self) -> String {
        self.app.timeline.entries().iter().fold(String::new(), |text, line| text + &line.who + ": " + &line.what + "\n")
    }

    /// The refusals of the plan on screen, by function.
    fn refusals(&self) -> Vec<String> {
        let Some(Overlay::Plan(dialog)) = &self.app.view.overlay else { panic!("no plan on screen: {}", self.said()) };
        let rows = &dialog.plan.as_ref().expect("a plan that is drawn").rows;
        rows.iter()
            .filter_map(|row| row.refusal.as_ref().map(|why| format!("{}: {why}", row.target.function)))
            .collect()
    }
}

fn seconds_since(start: Timestamp, end: Timestamp) -> i64 {
    end.duration_since(start).as_secs()
}
