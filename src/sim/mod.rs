//! An embedded AWS for the demo, for drills and for tests: the real wire protocols over a world that lives in memory.
//! [`world`] is pure and knows no protocol, [`wire`] speaks them, [`client`] and [`server`] carry the bytes. It stands
//! for the other side of the wire, so it uses nothing of this program but its clock.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod client;
pub mod scenario;
mod seen;
pub mod server;
pub mod wire;
pub mod world;

pub use seen::Seen;

use crate::clock::Clock;
use scenario::ScenarioError;
use seen::SeenLog;
use wire::{Call, Reply, WireRequest};
use world::{Disturbance, World, WorldSpec};

/// An embedded AWS: a world, the clock that moves it, and a memory of who asked what.
pub struct Sim {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    world: World,
    seen: SeenLog,
    requests: u64,
}

impl Sim {
    /// Opens a fresh world: its past ends at the clock's present.
    pub fn new(spec: &WorldSpec, clock: Clock) -> Self {
        let world = World::new(spec, clock.now().world);
        Self { clock, state: Mutex::new(State { world, seen: SeenLog::default(), requests: 0 }) }
    }

    /// Opens a fresh world of the scenario of this name.
    pub fn open(scenario: &str, clock: Clock) -> Result<Self, ScenarioError> {
        Ok(Self::new(&scenario::find(scenario)?.world, clock))
    }

    /// Answers a request. Time passes in the world by as much as on its clock since the last one.
    pub fn handle(&self, request: &WireRequest) -> Reply {
        let now = self.clock.now();
        let mut state = self.state();
        state.requests += 1;
        state.world.advance(now.world);
        let id = request_id(state.requests);
        match Call::read(request, &id) {
            Err(refusal) => Reply::After(std::time::Duration::ZERO, refusal),
            Ok(call) => {
                let seen = Seen::new(state.requests, &call, now);
                state.seen.add(seen);
                call.answer(&mut state.world, &id)
            }
        }
    }

    /// The requests understood so far, oldest first; only the newest few thousand.
    pub fn requests(&self) -> Vec<Seen> {
        self.state().seen.all()
    }

    /// Makes operations misbehave: `operation` is a name in which `*` stands for any letters; `times` none is for ever.
    pub fn disturb(&self, operation: &str, disturbance: Disturbance, times: Option<u32>) {
        self.state().world.disturb(operation, disturbance, times);
    }

    /// Looks at the world, or changes it, as of now.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let now = self.clock.now();
        let mut state = self.state();
        state.world.advance(now.world);
        look(&mut state.world)
    }

    /// The clock that moves this world.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// A panic in one request must not end the world for all others.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Shaped like AWS's, and the same in every run.
fn request_id(number: u64) -> String {
    format!("{number:08x}-5eed-4000-8000-{number:012x}")
}
