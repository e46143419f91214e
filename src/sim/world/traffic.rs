//! The calls that reach the functions. Every slot of five seconds draws its own calls, splits them by the alias weights
//! in force when it begins, and lets each version fail and take its time as the scenario says. A slot is a pure
//! function of the seed, its place in time and the routing, so the past can be drawn whenever somebody asks for it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::f64::consts::TAU;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::conduct::{Conduct, Troubles};
use super::function::VersionId;
use super::random::{Stream, word};
use super::routing::{Routing, RoutingHistory};
use super::spec::{AliasSpec, FunctionSpec};

/// The length of a slot, seconds. A change of an alias takes effect at the next one, as on AWS it takes a moment.
const SLOT: i64 = 5;
const SLOTS_A_MINUTE: i64 = 60 / SLOT;
/// The length of a slot as a share of a minute.
const SLOT_MINUTES: f64 = 1.0 / 12.0;
/// The most durations drawn for one version in one slot; each then stands for several calls.
const MOST_SAMPLES: u32 = 12;
/// How long after a slot its first calls show in the metrics, and its last, seconds.
const FIRST_ARRIVAL: f64 = 10.0;
/// See [`FIRST_ARRIVAL`]: a minute is complete that long after its end.
pub(super) const LAST_ARRIVAL: i64 = 75;
/// Minutes that stay in memory: an hour more than any chart shows. Older ones are drawn anew when they are asked for.
const REMEMBERED_MINUTES: i64 = 240;

/// All calls of a world.
#[derive(Debug)]
pub(super) struct Traffic {
    seed: u64,
    opening: Timestamp,
    first_minute: i64,
    /// So many of the flows are functions; they come first.
    functions: usize,
    flows: Vec<Flow>,
    minutes: RefCell<HashMap<(usize, i64), Arc<Minute>>>,
}

/// The calls of one function: who calls it, and how its versions behave.
#[derive(Debug)]
struct Flow {
    name: u64,
    spec: FunctionSpec,
    /// One for each alias, in their order.
    routing: Vec<RoutingHistory>,
}

/// What a function's callers called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// An alias, by its place among the function's aliases.
    Alias(usize),
    /// The function itself, which runs `$LATEST`.
    Unqualified,
}

/// The calls of one function in one minute.
#[derive(Debug)]
pub(super) struct Minute {
    pub(super) cells: Vec<Cell>,
    durations: OnceLock<Vec<Durations>>,
}

/// The durations of a cell's calls, in the order in which they arrive, and how many calls each stands for. There are so
/// many that they are kept small.
type Durations = Box<[(Hundredths, u32)]>;

/// A duration in hundredths of a millisecond, as exactly as Lambda reports it.
#[derive(Debug, Clone, Copy)]
struct Hundredths(u32);

impl Hundredths {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no call takes more than 15 minutes")]
    fn of_ms(ms: f64) -> Self {
        Self((ms * 100.0).round() as u32)
    }

    fn ms(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// The calls of one version through one door in one slot.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) door: Door,
    pub(super) version: VersionId,
    /// Whether the door splits its calls in this minute.
    pub(super) split: bool,
    /// The mean number of calls that ran at the same time.
    pub(super) concurrency: f64,
    begins: i64,
    conduct: Conduct,
    calls: u32,
    errors: u32,
    throttled: u32,
    /// From 0 to 1: rounds this cell's arrivals its own way, so that small numbers do not all arrive at once.
    rounding: f64,
}

/// What the metrics show of a cell so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) calls: u32,
    pub(super) errors: u32,
    pub(super) throttled: u32,
}

impl Traffic {
    /// The traffic of these functions, which begins at `from`, and after them of `others` that are drawn like functions.
    /// Routing starts as the specs say.
    pub(super) fn new(
        seed: u64,
        opening: Timestamp,
        from: Timestamp,
        functions: &[FunctionSpec],
        others: &[FunctionSpec],
    ) -> Self {
        let flows = functions.iter().chain(others).map(|spec| Flow {
            name: word(&spec.name),
            spec: spec.clone(),
            routing: spec.aliases.iter().map(|alias| history(alias, opening, from)).collect(),
        });
        Self {
            seed,
            opening,
            first_minute: from.as_second().div_euclid(60),
            functions: functions.len(),
            flows: flows.collect(),
            minutes: RefCell::default(),
        }
    }

    /// From `at` on, an alias sends its calls elsewhere.
    pub(super) fn route(&mut self, function: usize, alias: usize, at: Timestamp, routing: Routing) {
        self.flows[function].routing[alias].push(at, routing);
    }

    /// An alias has sent its calls there since the beginning.
    pub(super) fn begin(&mut self, function: usize, alias: usize, routing: Routing) {
        self.flows[function].routing[alias] = RoutingHistory::new(second(self.first_minute * 60), routing);
    }

    /// How calls of a version through an alias go at `moment`.
    pub(super) fn conduct(&self, function: usize, version: VersionId, moment: Timestamp) -> Conduct {
        let flow = &self.flows[function];
        let reached = flow.routing.iter().filter_map(|history| history.first_reached(version)).min();
        Troubles { opening: self.opening, at: moment }.conduct(&flow.spec, version, reached)
    }

    /// The version got calls at some time.
    pub(super) fn reached(&self, function: usize, alias: usize, version: VersionId) -> bool {
        self.flows[function].routing[alias].first_reached(version).is_some()
    }

    /// Calls a minute of all functions together, on average over the day.
    pub(super) fn calls_per_minute(&self) -> f64 {
        let of = |flow: &Flow| {
            let aliases: f64 = flow.spec.aliases.iter().map(|alias| alias.calls_per_minute).sum();
            aliases + flow.spec.unqualified_per_minute
        };
        self.flows[..self.functions].iter().map(of).sum()
    }

    /// The calls of a function in a minute (counted since 1970), as far as its slots have ended by `now`.
    pub(super) fn minute(&self, function: usize, minute: i64, now: Timestamp) -> Arc<Minute> {
        let complete = (minute + 1) * 60 <= now.as_second();
        if let Some(known) = self.minutes.borrow().get(&(function, minute)) {
            return Arc::clone(known);
        }
        let drawn = Arc::new(self.draw(function, minute, now));
        if complete && now.as_second() / 60 - minute < REMEMBERED_MINUTES {
            self.minutes.borrow_mut().insert((function, minute), Arc::clone(&drawn));
        }
        drawn
    }

    /// Forgets minutes that nobody asks for any more; they could be drawn again.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let oldest = now.as_second() / 60 - REMEMBERED_MINUTES;
        self.minutes.get_mut().retain(|(_, minute), _| *minute > oldest);
    }

    fn draw(&self, function: usize, minute: i64, now: Timestamp) -> Minute {
        let flow = &self.flows[function];
        let ended = (now.as_second() - minute * 60).div_euclid(SLOT).clamp(0, SLOTS_A_MINUTE);
        let slots = if minute < self.first_minute { 0 } else { ended };
        let mut cells = Vec::new();
        let starts = (0..slots).map(|slot| minute * 60 + slot * SLOT);
        for (index, alias) in flow.spec.aliases.iter().enumerate() {
            let routed: Vec<_> =
                starts.clone().map(|begins| (begins, flow.routing[index].at(second(begins)))).collect();
            let split = routed.iter().any(|(_, routing)| routing.splits());
            for (begins, routing) in routed {
                let door = Door::Alias(index);
                cells.extend(self.slot(flow, door, begins, routing, split, alias.calls_per_minute));
            }
        }
        if flow.spec.unqualified_per_minute > 0.0 {
            let routing = Routing { primary: VersionId::Latest, additional: None };
            let rate = flow.spec.unqualified_per_minute;
            cells.extend(starts.flat_map(|begins| self.slot(flow, Door::Unqualified, begins, routing, false, rate)));
        }
        Minute { cells, durations: OnceLock::new() }
    }

    /// The calls through one door in one slot: a cell for each version that may get some.
    fn slot(
        &self,
        flow: &Flow,
        door: Door,
        begins: i64,
        routing: Routing,
        split: bool,
        per_minute: f64,
    ) -> impl Iterator<Item = Cell> {
        let door_word = match door {
            Door::Alias(index) => index as u64,
            Door::Unqualified => u64::MAX,
        };
        let place = [self.seed, flow.name, door_word, self.place(begins)];
        let mut stream = Stream::named(&place);
        let mean = per_minute * SLOT_MINUTES * wave(flow.name, begins);
        let asked = stream.arrivals(mean);
        let troubles = Troubles { opening: self.opening, at: second(begins) };
        let throttled = stream.of(asked, troubles.throttled(&flow.spec));
        let calls = asked - throttled;
        let moved = routing.additional.map_or(0, |(_, weight)| stream.of(calls, weight));
        let primary = (routing.primary, calls - moved, throttled);
        let additional = routing.additional.map(|(version, _)| (version, moved, 0));
        [Some(primary), additional].into_iter().flatten().filter(|(_, calls, throttled)| calls + throttled > 0).map(
            move |(version, calls, throttled)| {
                let reached = flow.routing.iter().filter_map(|history| history.first_reached(version)).min();
                let conduct = troubles.conduct(&flow.spec, version, reached);
                let mut fate = Stream::named(&[place[0], place[1], place[2], place[3], version_word(version)]);
                Cell {
                    door,
                    version,
                    split,
                    concurrency: f64::from(calls) * conduct.mean_ms() / (60_000.0 * SLOT_MINUTES),
                    begins,
                    calls,
                    errors: fate.of(calls, conduct.errors),
                    throttled,
                    rounding: fate.fraction(),
                    conduct,
                }
            },
        )
    }

    /// Where a slot lies after the opening, minute by minute: the story is the same whenever a world is opened.
    fn place(&self, begins: i64) -> u64 {
        let opening_minute = self.opening.as_second().div_euclid(60) * 60;
        (begins - opening_minute).cast_unsigned()
    }

    /// The durations of the calls of a cell that the metrics show, with how many calls each stands for.
    pub(super) fn durations<'a>(
        &self,
        function: usize,
        minute: &'a Minute,
        cell: usize,
        seen: Seen,
    ) -> impl Iterator<Item = (f64, u32)> + use<'a> {
        let all = minute.durations.get_or_init(|| {
            let name = self.flows[function].name;
            minute.cells.iter().map(|cell| cell.draw_durations([self.seed, name, self.place(cell.begins)])).collect()
        });
        let mut left = seen.calls;
        all[cell].iter().map_while(move |(ms, count)| {
            let count = left.min(*count);
            left -= count;
            (count > 0).then_some((ms.ms(), count))
        })
    }
}

impl Cell {
    /// What the metrics show of it at `now`. Calls are stamped when they begin and show up late, a few at a time.
    pub(super) fn seen(&self, now: Timestamp) -> Seen {
        let Self { calls, errors, throttled, .. } = *self;
        if now.as_second() - (self.begins + SLOT) >= LAST_ARRIVAL {
            return Seen { calls, errors, throttled };
        }
        let age = now.duration_since(second(self.begins + SLOT)).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "some seconds")]
        let progress = ((age - FIRST_ARRIVAL) / (LAST_ARRIVAL as f64 - FIRST_ARRIVAL)).clamp(0.0, 1.0);
        let share = progress * progress * 2.0_f64.mul_add(-progress, 3.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let arrived = |count: u32| f64::from(count).mul_add(share, self.rounding).floor() as u32;
        Seen { calls: arrived(calls), errors: arrived(errors), throttled: arrived(throttled) }
    }

    /// How many of these arrived things count once in `per_call` calls; never fewer when more have arrived.
    pub(super) fn thinned(&self, count: u32, per_call: f64) -> f64 {
        self.thinned_of(f64::from(count), per_call)
    }

    /// See [`Self::thinned`], of a whole number.
    pub(super) fn thinned_of(&self, count: f64, per_call: f64) -> f64 {
        count.mul_add(per_call, self.rounding).floor()
    }

    /// A number from 0 to 1 that is this cell's own.
    pub(super) const fn fortune(&self) -> f64 {
        self.rounding
    }

    /// When its calls begin.
    pub(super) fn at(&self) -> Timestamp {
        second(self.begins)
    }

    fn draw_durations(&self, place: [u64; 3]) -> Durations {
        let samples = self.calls.min(MOST_SAMPLES);
        if samples == 0 {
            return Durations::default();
        }
        let door = if self.door == Door::Unqualified { u64::MAX } else { 0 };
        let mut stream = Stream::named(&[place[0], place[1], place[2], version_word(self.version), door, 77]);
        let (each, extra) = (self.calls / samples, self.calls % samples);
        let duration = |stream: &mut Stream| Hundredths::of_ms(self.conduct.duration_ms(stream));
        (0..samples).map(|at| (duration(&mut stream), each + u32::from(at < extra))).collect()
    }
}

/// The routing before all shifts, some of which may be older than the traffic we show.
fn history(alias: &AliasSpec, opening: Timestamp, from: Timestamp) -> RoutingHistory {
    let first_shift = alias.shifts.iter().map(|shift| shift.at.from(opening)).min();
    RoutingHistory::new(first_shift.map_or(from, |shift| shift.min(from)), Routing::written(alias))
}

fn version_word(version: VersionId) -> u64 {
    match version {
        VersionId::Latest => 0,
        VersionId::Number(number) => u64::from(number),
    }
}

/// How much more or less than average is called at this time: more by day, and a gentle swell of some minutes.
#[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
fn wave(name: u64, begins: i64) -> f64 {
    let of_day = (begins.rem_euclid(86_400) - 52_000) as f64 / 86_400.0;
    let swell_s = 900.0 + (name % 600) as f64;
    let of_swell = begins as f64 / swell_s;
    1.0 + 0.12 * (TAU * of_day).cos() + 0.05 * (TAU * of_swell).sin()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
