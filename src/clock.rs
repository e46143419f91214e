//! The one reader of clocks. Everything else gets [`Now`] as an argument.
//!
//! Two times run side by side. *World time* is the time of AWS: schedules, minutes and bakes follow it, and on an
//! embedded AWS it may run faster than real time. *Wall time* is what a person and a network feel: key timing,
//! time limits and retries follow it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A moment, in both times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// World time, UTC.
    pub world: Timestamp,
    /// Wall time since the program started. It never goes back.
    pub wall: Duration,
}

/// Reads world and wall time. Copies read the same clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
    world_origin: Origin,
    speed: f64,
}

/// Where world time comes from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// The system's clock: follows it when it is set, and over a laptop's sleep.
    System,
    /// A world that began at this moment and runs at the clock's speed.
    World(Timestamp),
}

impl Clock {
    /// The clock of the real world.
    pub fn system() -> Self {
        Self { origin: Self::instant(), world_origin: Origin::System, speed: 1.0 }
    }

    /// The clock of an embedded world that starts at the present time and runs `speed` times as fast.
    pub fn embedded(speed: f64) -> Self {
        Self::starting_at(Self::system().now().world, speed)
    }

    /// The clock of a world that starts at `start`, for tests that need to know the time of day.
    pub fn starting_at(start: Timestamp, speed: f64) -> Self {
        Self { origin: Self::instant(), world_origin: Origin::World(start), speed }
    }

    /// How many world seconds pass in a wall second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The present moment.
    pub fn now(&self) -> Now {
        let wall = Self::instant().duration_since(self.origin);
        let world = match self.world_origin {
            Origin::System => Self::system_time(),
            Origin::World(start) => {
                let passed = SignedDuration::from_secs_f64(wall.as_secs_f64() * self.speed);
                start.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
        };
        Now { world, wall }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clocks")]
    fn instant() -> Instant {
        Instant::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clocks")]
    fn system_time() -> Timestamp {
        Timestamp::now()
    }
}
