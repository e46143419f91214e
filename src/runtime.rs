//! The loop: takes events in, hands them to the app, does what it says. The only spawner of tasks. It decides
//! nothing; the cockpit and the headless commands are two faces of it.

mod fleet;
mod letters;
mod outside;
mod signals;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::oneshot,
    task::{AbortHandle, Id, JoinError, JoinSet},
};

use crate::{
    app::{
        App,
        event::{Effect, Event, Read, Reply, Ticket},
        neighbours::Neighbour,
    },
    aws::Cloud,
    clock::{Clock, Now},
    config::AlarmRule,
    journal::Journal,
    notify::Tries,
    web::Web,
};
pub use fleet::Opener;
use fleet::{Alone, Fleet};
use letters::Letters;
use signals::{Signal, Stop};

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
    /// How persistent to be with those who are told.
    pub tries: Tries,
    /// What outlives the program.
    pub journal: Arc<Journal>,
    /// The time.
    pub clock: Clock,
    /// Health endpoints.
    pub web: Web,
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

    /// The app left by itself, because it was asked to: the exit code.
    fn farewell(&mut self, _app: &mut App, _now: Now) -> u8 {
        0
    }

    /// The program was told to stop. Effects are carried out and it goes on; `None` leaves as usual.
    fn interrupted(&mut self, _app: &mut App, _now: Now) -> Option<Vec<Effect>> {
        None
    }

    /// It is asked for no input any more, and gives back what it reads from.
    fn hang_up(&mut self) {}

    /// Rings the bell.
    fn ring(&mut self) {}
}

/// Runs the app behind a face until it leaves. Returns the exit code.
///
/// # Errors
/// When the face cannot show anything any more. A rollback under way comes to its end all the same.
pub async fn run(app: &mut App, services: &Services, face: &mut impl Face) -> std::io::Result<u8> {
    let (code, _) = run_fleet(app, services, Vec::new(), &mut Alone, face).await;
    code
}

/// Runs an app and, once they are shown, the other environments of its configuration behind one face. Returns the exit
/// code and the apps that were opened beside the first.
pub async fn run_fleet(
    app: &mut App,
    services: &Services,
    neighbours: Vec<Neighbour>,
    opener: &mut impl Opener,
    face: &mut impl Face,
) -> (std::io::Result<u8>, Vec<App>) {
    let mut fleet = Fleet::new(app, services, neighbours, opener);
    let outcome = turns(&mut fleet, face).await;
    let apps = fleet.finish(matches!(outcome, Ok(Left::Abandoned)), face).await;
    let code = outcome.map(|left| match left {
        Left::Abandoned => 130,
        Left::With(code) => code,
    });
    (code, apps)
}

/// How the loop ended.
enum Left {
    With(u8),
    Abandoned,
}

/// How the app asks to leave.
enum Wish {
    Quit,
    Abandon,
}

async fn turns<O: Opener>(fleet: &mut Fleet<'_, O>, face: &mut impl Face) -> std::io::Result<Left> {
    let mut stop = Stop::listen()?;
    // A face that is gone is asked nothing any more; what is under way still comes to its end behind it.
    let mut broken: Option<std::io::Error> = None;
    let mut is_deaf = false;
    fleet.tick();
    loop {
        match fleet.perform(face) {
            Some(Wish::Abandon) => return Ok(Left::Abandoned),
            Some(Wish::Quit) => {
                let now = fleet.now();
                return broken.map_or_else(|| Ok(Left::With(face.farewell(fleet.app(), now))), Err);
            }
            None => {}
        }
        if fleet.show_wanted().await {
            continue;
        }
        fleet.tell();
        let now = fleet.now();
        let turn = if broken.is_some() { Ok(Turn::Wait) } else { face.turn(fleet.app(), now) };
        match turn {
            Ok(Turn::Wait) => {}
            Ok(Turn::Do(wanted)) => {
                fleet.want(wanted);
                continue;
            }
            Ok(Turn::Leave(code)) => return Ok(Left::With(code)),
            Err(error) => {
                broken = Some(error);
                is_deaf = true;
                face.hang_up();
                fleet.stop(face);
                continue;
            }
        }
        let pause = fleet.pause();
        // A key comes before everything else: R must not wait behind a pile of replies.
        let event = tokio::select! {
            biased;
            event = face.input(), if !is_deaf => {
                is_deaf = matches!(event, Event::Terminate);
                if is_deaf { Happened::Stop } else { Happened::Here(event) }
            }
            reply = fleet.next() => Happened::Reply(reply),
            signal = stop.asked() => match signal {
                Signal::Stop => Happened::Here(Event::Terminate),
                Signal::HungUp => Happened::Stop,
            },
            () = tokio::time::sleep(pause) => Happened::Tick,
        };
        if is_deaf {
            face.hang_up();
        }
        match event {
            Happened::Here(Event::Terminate) if !fleet.app().leaving => fleet.stop(face),
            Happened::Here(event) => fleet.update(event),
            Happened::Reply(reply) => fleet.answer(reply),
            Happened::Tick => fleet.tick(),
            // Said in several ways, it is one wish to leave, never a second Ctrl-C.
            Happened::Stop => fleet.stop(face),
        }
        fleet.take_ready();
    }
}

/// What the loop waited for.
enum Happened {
    /// Something reaches the environment on screen.
    Here(Event),
    Reply((usize, Event)),
    Tick,
    /// The terminal is gone.
    Stop,
}

/// How long to wait for the next tick: a world second, within bounds, or less where a retry is due.
fn next_tick(app: &App, clock: Clock) -> Duration {
    let tick = Duration::from_secs_f64(1.0 / clock.speed()).clamp(FASTEST_TICK, SLOWEST_TICK);
    let retry = app.operation.as_ref().and_then(crate::release::operation::Operation::next_due);
    retry.map_or(tick, |due| due.saturating_sub(clock.now().wall).min(tick))
}

/// Calls under way. Reads are aborted when the program leaves, writes are awaited.
struct Tasks {
    services: Services,
    reads: JoinSet<(Ticket, Reply)>,
    writes: JoinSet<(Ticket, Reply)>,
    letters: Letters,
    tickets: HashMap<Id, Ticket>,
    /// Reads that can still be given up.
    under_way: HashMap<Ticket, AbortHandle>,
    /// Ends when the last note to the journal is on disk: notes are written one after the other, in their order.
    last_note: Option<oneshot::Receiver<()>>,
}

type Joined = Result<(Id, (Ticket, Reply)), JoinError>;

impl Tasks {
    fn new(services: Services) -> Self {
        Self {
            services,
            reads: JoinSet::new(),
            writes: JoinSet::new(),
            letters: Letters::default(),
            tickets: HashMap::new(),
            under_way: HashMap::new(),
            last_note: None,
        }
    }

    /// Does what the app says.
    fn perform(&mut self, effects: impl Iterator<Item = Effect>, face: &mut impl Face) -> Option<Wish> {
        let mut wish = None;
        for effect in effects {
            match effect {
                // Which one is shown is the fleet's to carry out.
                Effect::Show(_) => {}
                Effect::Bell => face.ring(),
                Effect::Quit => wish = wish.or(Some(Wish::Quit)),
                Effect::Abandon => wish = Some(Wish::Abandon),
                Effect::Read(ticket, read) => self.read(ticket, read),
                Effect::Write(ticket, write) => self.write(ticket, write),
                Effect::Tell(ticket, receiver, notice) => {
                    let id = self.letters.send(&self.services, ticket, receiver, *notice);
                    self.tickets.insert(id, ticket);
                }
                Effect::Remember(ticket, account, notes) => self.note(ticket, move |journal| {
                    Reply::Remembered(journal.remember(&account, &notes).map_err(|error| error.to_string()))
                }),
                Effect::Journal(ticket, page) => self.note(ticket, move |journal| {
                    let kept = journal.keep(page);
                    Reply::Journaled(kept.map_err(|unkept| (unkept.rest, unkept.error.to_string())))
                }),
                Effect::Drop(tickets) => {
                    tickets.iter().filter_map(|ticket| self.under_way.remove(ticket)).for_each(|read| read.abort());
                }
            }
        }
        wish
    }

    fn read(&mut self, ticket: Ticket, read: Read) {
        let services = self.services.clone();
        let handle = self.reads.spawn(async move { (ticket, outside::answer(&services, read).await) });
        self.tickets.insert(handle.id(), ticket);
        self.under_way.insert(ticket, handle);
    }

    fn write(&mut self, ticket: Ticket, write: crate::release::operation::AliasWrite) {
        let cloud = self.services.cloud.clone();
        let handle = self.writes.spawn(async move {
            let outcome =
                cloud.update_alias(write.target(), write.routing(), write.revision(), write.description()).await;
            (ticket, Reply::Written(write.target().clone(), outcome))
        });
        self.tickets.insert(handle.id(), ticket);
    }

    /// Has something written down, after everything that was to be written down before.
    fn note(&mut self, ticket: Ticket, work: impl FnOnce(&Journal) -> Reply + Send + 'static) {
        let journal = Arc::clone(&self.services.journal);
        let (written, is_written) = oneshot::channel();
        let previous = self.last_note.replace(is_written);
        let handle = self.writes.spawn(async move {
            if let Some(previous) = previous {
                // An error is an end too: the note before this one died.
                let _ = previous.await;
            }
            let reply = blocking(journal, work).await;
            drop(written);
            (ticket, reply)
        });
        self.tickets.insert(handle.id(), ticket);
    }

    /// The next reply. Safe to drop half-way: a reply stays in its set until it is taken.
    async fn next(&mut self) -> Event {
        let joined = tokio::select! {
            biased;
            Some(joined) = self.writes.join_next_with_id() => joined,
            Some(joined) = self.reads.join_next_with_id() => joined,
            Some(joined) = self.letters.next() => joined,
            else => std::future::pending().await,
        };
        self.event(joined)
    }

    /// A reply that is there already.
    fn ready(&mut self) -> Option<Event> {
        let joined = self.writes.try_join_next_with_id().or_else(|| self.reads.try_join_next_with_id());
        joined.or_else(|| self.letters.ready()).map(|joined| self.event(joined))
    }

    fn event(&mut self, joined: Joined) -> Event {
        match joined {
            Ok((id, (ticket, reply))) => {
                self.tickets.remove(&id);
                self.under_way.remove(&ticket);
                Event::Reply(ticket, Box::new(reply))
            }
            Err(error) => match self.tickets.remove(&error.id()) {
                Some(ticket) if error.is_cancelled() => Event::Lost(ticket, "given up".to_owned()),
                Some(ticket) => {
                    tracing::error!(%error, ?ticket, "a task died");
                    self.under_way.remove(&ticket);
                    Event::Lost(ticket, error.to_string())
                }
                None => Event::Tick,
            },
        }
    }

    /// Leaves: reads are dropped, writes and notices are awaited unless the person left a second time.
    async fn finish(mut self, abandoned: bool) {
        self.reads.abort_all();
        if abandoned {
            self.writes.abort_all();
            return;
        }
        let all = async { while self.writes.join_next().await.is_some() {} };
        let (writes, ()) = tokio::join!(tokio::time::timeout(LAST_NOTES, all), self.letters.finish());
        if writes.is_err() {
            tracing::error!("left before every write was answered");
        }
    }
}

/// Does something with the journal that blocks. A panic in it is a panic here: the loop tells the app of it.
async fn blocking<T: Send + 'static>(journal: Arc<Journal>, work: impl FnOnce(&Journal) -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(move || work(&journal)).await {
        Ok(done) => done,
        Err(died) => std::panic::resume_unwind(died.into_panic()),
    }
}

#[cfg(test)]
mod tests;
