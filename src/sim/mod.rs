//! An embedded AWS for the demo, for drills and for tests: the real wire protocols over a world that lives in memory.
//! [`world`] is pure and knows no protocol, [`wire`] speaks them, [`client`] and [`server`] carry the bytes. It stands
//! for the other side of the wire, so it uses nothing of this program but its clock.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod client;
pub mod scenario;
pub mod server;
pub mod wire;
pub mod world;

use crate::clock::{Clock, Now};
use scenario::ScenarioError;
use wire::{AskedSeries, Call, Operation, Reply, Value, WireRequest, WireResponse};
use world::{Disturbance, EndpointAnswer, World, WorldSpec};

/// So many requests are remembered; the oldest go first.
const REMEMBERED: usize = 20_000;
/// Fewer where they asked for more series than this, for series weigh most: about a kibibyte each.
const REMEMBERED_SERIES: usize = 2_000;

/// An embedded AWS: a world, the clock that moves it, and a memory of who asked what.
pub struct Sim {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    world: World,
    seen: VecDeque<Seen>,
    /// How many series the requests in `seen` asked for.
    seen_series: usize,
    requests: u64,
}

/// A request that arrived and was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Counts all requests from 1.
    pub number: u64,
    /// What was asked for.
    pub operation: Operation,
    /// The function, alarm or account that the request names, as the request writes it.
    pub subject: Option<String>,
    /// The series that a GetMetricData asks for.
    pub series: Vec<AskedSeries>,
    /// When it arrived; the wall time counts from the making of this world's clock.
    pub at: Now,
}

impl Sim {
    /// Opens a fresh world: its past ends at the clock's present.
    pub fn new(spec: &WorldSpec, clock: Clock) -> Self {
        let world = World::new(spec, clock.now().world);
        Self { clock, state: Mutex::new(State { world, seen: VecDeque::new(), seen_series: 0, requests: 0 }) }
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
        if let Some(answer) = state.ask_endpoint(request) {
            return Reply::After(answer.took, WireResponse::of_endpoint(answer)).dated(state.world.clock());
        }
        let id = request_id(state.requests);
        let reply = match Call::read(request, &id) {
            Err(refusal) => Reply::After(std::time::Duration::ZERO, refusal),
            Ok(call) => {
                state.remember(&call, now);
                call.answer(&mut state.world, &id)
            }
        };
        reply.dated(state.world.clock())
    }

    /// The requests understood so far, oldest first; only the newest, up to 20,000 or 2,000 series.
    pub fn requests(&self) -> Vec<Seen> {
        self.state().seen.iter().cloned().collect()
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

impl State {
    /// A health endpoint behind the same socket as all services: by the header `Host`, or as `/endpoints/HOST/PATH`.
    fn ask_endpoint(&mut self, request: &WireRequest) -> Option<EndpointAnswer> {
        let by_path = request.path.strip_prefix("/endpoints/").map(|rest| rest.split_once('/').unwrap_or((rest, "")));
        let (host, path) = by_path.or(request.header("host").map(|host| (host, request.path.as_str())))?;
        self.world.ask_endpoint(&request.method, host, path)
    }

    fn remember(&mut self, call: &Call, at: Now) {
        let subject = ["FunctionName", "Resource", "AlarmName", "AccountId"];
        let subject = subject.into_iter().find_map(|name| match call.input.get(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        });
        let series = match call.operation {
            Operation::GetMetricData => wire::series_of(&call.input),
            _ => Vec::new(),
        };
        self.seen_series += series.len();
        while self.seen.len() == REMEMBERED || self.seen_series > REMEMBERED_SERIES {
            let Some(oldest) = self.seen.pop_front() else { break };
            self.seen_series -= oldest.series.len();
        }
        self.seen.push_back(Seen { number: self.requests, operation: call.operation, subject, series, at });
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
