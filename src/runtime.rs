//! The loop: takes events in, hands them to the app, does what it says. The only spawner of tasks. It decides
//! nothing; the cockpit and the headless commands are two faces of it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::task::{Id, JoinError, JoinSet};

use crate::{
    app::{
        App,
        event::{Effect, Event, Pace, Read, Reply, Ticket},
    },
    aws::{Cloud, Urgency},
    clock::{Clock, Now},
    config::AlarmRule,
    journal::Journal,
};

/// How long writes to the journal may take when the program leaves.
const LAST_NOTES: Duration = Duration::from_secs(5);
/// The pace of ticks in wall time: at most this slow…
const SLOWEST_TICK: Duration = Duration::from_secs(1);
/// …and at least this slow, however fast an embedded world runs.
const FASTEST_TICK: Duration = Duration::from_millis(100);

/// What the loop works with.
#[derive(Debug, Clone)]
pub struct Services {
    /// AWS, or what stands in its place.
    pub cloud: Cloud,
    /// What outlives the program.
    pub journal: Arc<Journal>,
    /// The time.
    pub clock: Clock,
    /// Which alarms to read.
    pub alarms: Vec<AlarmRule>,
    /// Which budgets to read.
    pub budgets: Vec<String>,
}

/// What a face wants after it has seen the state.
#[derive(Debug)]
pub enum Turn {
    /// Wait for the next event.
    Wait,
    /// Do this first.
    Do(Vec<Effect>),
    /// Leave with this exit code.
    Leave(u8),
}

/// One side of the program that a person or a pipeline sees.
pub trait Face {
    /// The next key or other input. It must be safe to drop half-way. A face without input never answers.
    fn input(&mut self) -> impl Future<Output = Event>;

    /// Shows the state, and says how to go on. Called whenever the state may have changed and nothing else is ready.
    ///
    /// # Errors
    /// When the terminal cannot be written to any more.
    fn turn(&mut self, app: &mut App, now: Now) -> std::io::Result<Turn>;

    /// Rings the bell.
    fn ring(&mut self) {}
}

/// Runs the app behind a face until it leaves. Returns the exit code.
///
/// # Errors
/// When the face cannot show anything any more. Writes under way are awaited all the same.
pub async fn run(app: &mut App, services: &Services, face: &mut impl Face) -> std::io::Result<u8> {
    let mut tasks = Tasks::new(services.clone());
    let outcome = turns(app, &mut tasks, face).await;
    tasks.finish(matches!(outcome, Ok(Left::Abandoned))).await;
    match outcome? {
        Left::Abandoned => Ok(130),
        Left::With(code) => Ok(code),
    }
}

/// How the loop ended.
enum Left {
    With(u8),
    Abandoned,
}

async fn turns(app: &mut App, tasks: &mut Tasks, face: &mut impl Face) -> std::io::Result<Left> {
    let clock = tasks.services.clock;
    let mut stop = Stop::listen()?;
    let mut effects = app.update(Event::Tick, clock.now());
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Bell => face.ring(),
                Effect::Quit => return Ok(Left::With(0)),
                Effect::Abandon => return Ok(Left::Abandoned),
                Effect::Read(ticket, read) => tasks.read(ticket, read),
                Effect::Write(ticket, write) => tasks.write(ticket, write),
                Effect::Remember(ticket, account, notes) => tasks.remember(ticket, account, notes),
            }
        }
        match face.turn(app, clock.now())? {
            Turn::Wait => {}
            Turn::Do(wanted) => {
                effects = wanted;
                continue;
            }
            Turn::Leave(code) => return Ok(Left::With(code)),
        }
        let pause = next_tick(app, clock);
        // A key comes before everything else: R must not wait behind a pile of replies.
        let event = tokio::select! {
            biased;
            event = face.input() => event,
            event = tasks.next() => event,
            () = stop.asked() => Event::Terminate,
            () = tokio::time::sleep(pause) => Event::Tick,
        };
        effects = app.update(event, clock.now());
        while let Some(event) = tasks.ready() {
            effects.extend(app.update(event, clock.now()));
        }
    }
}

/// How long to wait for the next tick: a world second, within bounds, or less where a retry is due.
fn next_tick(app: &App, clock: Clock) -> Duration {
    let tick = Duration::from_secs_f64(1.0 / clock.speed()).clamp(FASTEST_TICK, SLOWEST_TICK);
    let retry = app.operation.as_ref().and_then(|operation| operation.next_due());
    retry.map_or(tick, |due| due.saturating_sub(clock.now().wall).min(tick))
}

/// Calls under way. Reads are aborted when the program leaves, writes are awaited.
struct Tasks {
    services: Services,
    reads: JoinSet<(Ticket, Reply)>,
    writes: JoinSet<(Ticket, Reply)>,
    tickets: HashMap<Id, Ticket>,
}

type Joined = Result<(Id, (Ticket, Reply)), JoinError>;

impl Tasks {
    fn new(services: Services) -> Self {
        Self { services, reads: JoinSet::new(), writes: JoinSet::new(), tickets: HashMap::new() }
    }

    fn read(&mut self, ticket: Ticket, read: Read) {
        let services = self.services.clone();
        let handle = match read {
            Read::Recall(account, targets) => self.reads.spawn_blocking(move || {
                let recalled = services.journal.recall(&account, &targets);
                (ticket, Reply::Recalled(recalled))
            }),
            other => self.reads.spawn(async move { (ticket, answer(&services, other).await) }),
        };
        self.tickets.insert(handle.id(), ticket);
    }

    fn write(&mut self, ticket: Ticket, write: crate::release::operation::AliasWrite) {
        let cloud = self.services.cloud.clone();
        let handle = self.writes.spawn(async move {
            let outcome = cloud.update_alias(write.target(), write.routing(), write.revision(), None).await;
            (ticket, Reply::Written(write.target().clone(), outcome))
        });
        self.tickets.insert(handle.id(), ticket);
    }

    fn remember(
        &mut self,
        ticket: Ticket,
        account: String,
        notes: Vec<(crate::release::names::Target, crate::release::memory::Memory)>,
    ) {
        let journal = Arc::clone(&self.services.journal);
        let handle =
            self.writes.spawn_blocking(move || (ticket, Reply::Remembered(journal.remember(&account, &notes))));
        self.tickets.insert(handle.id(), ticket);
    }

    /// The next reply. Safe to drop half-way: a reply stays in its set until it is taken.
    async fn next(&mut self) -> Event {
        let joined = tokio::select! {
            biased;
            Some(joined) = self.writes.join_next_with_id() => joined,
            Some(joined) = self.reads.join_next_with_id() => joined,
            else => std::future::pending().await,
        };
        self.event(joined)
    }

    /// A reply that is there already.
    fn ready(&mut self) -> Option<Event> {
        let joined = self.writes.try_join_next_with_id().or_else(|| self.reads.try_join_next_with_id())?;
        Some(self.event(joined))
    }

    fn event(&mut self, joined: Joined) -> Event {
        match joined {
            Ok((id, (ticket, reply))) => {
                self.tickets.remove(&id);
                Event::Reply(ticket, Box::new(reply))
            }
            Err(error) => match self.tickets.remove(&error.id()) {
                Some(ticket) => {
                    tracing::error!(%error, ?ticket, "a task died");
                    Event::Lost(ticket, error.to_string())
                }
                None => Event::Tick,
            },
        }
    }

    /// Leaves: reads are dropped, writes are awaited unless the person left a second time.
    async fn finish(mut self, abandoned: bool) {
        self.reads.abort_all();
        if abandoned {
            self.writes.abort_all();
            return;
        }
        let all = async { while self.writes.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_NOTES, all).await.is_err() {
            tracing::error!("left before every write was answered");
        }
    }
}

/// Asks AWS.
async fn answer(services: &Services, read: Read) -> Reply {
    let cloud = &services.cloud;
    tracing::debug!(?read, "asks");
    match read {
        Read::Caller => Reply::Caller(cloud.caller().await),
        Read::Alias(target, pace) => {
            let urgency = match pace {
                Pace::Routine => Urgency::Routine,
                Pace::Urgent => Urgency::Urgent,
            };
            let alias = cloud.alias(&target, urgency).await;
            Reply::Alias(target, alias)
        }
        Read::Versions(function) => {
            let versions = cloud.versions(&function).await;
            Reply::Versions(function, versions)
        }
        Read::Version(function, version) => {
            let info = cloud.version(&function, version).await;
            Reply::Version(function, version, info)
        }
        Read::Aliases(function) => {
            let aliases = cloud.aliases(&function).await;
            Reply::Aliases(function, aliases)
        }
        Read::Provisioned(target) => {
            let provisioned = cloud.provisioned_concurrency(&target).await;
            Reply::Provisioned(target, provisioned)
        }
        Read::Metrics(question) => {
            let answer = cloud.metric_data(&question).await;
            Reply::Metrics(question, answer, cloud.metrics_asked())
        }
        Read::Alarms => Reply::Alarms(cloud.alarms(&services.alarms).await),
        Read::Budgets(account) => Reply::Budgets(cloud.budgets(&account, &services.budgets).await),
        Read::Recall(..) => Reply::Recalled(Err("the journal is read elsewhere".to_owned())),
    }
}

/// The signals that ask a program to stop.
struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Stop {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals =
            [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?];
        Ok(Self { signals })
    }

    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn asked(&mut self) {
        let [terminate, hang_up, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
