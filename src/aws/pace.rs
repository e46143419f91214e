//! A pace for routine reads: a token bucket in world time, so that watching never uses up the few control-plane calls
//! that a region allows (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>: 15 a second for
//! all of them together, 100 for `GetFunction`). It knows nothing of AWS's calls themselves.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::clock::Clock;

/// Lets callers through one after the other, in the order in which they came.
#[derive(Debug)]
pub(super) struct Pace {
    bucket: Mutex<Bucket>,
    clock: Clock,
}

impl Pace {
    /// `rate` calls a world second in the long run, `burst` at once after a rest.
    pub(super) fn new(rate: f64, burst: f64, clock: Clock) -> Self {
        let bucket = Bucket { rate, burst, tokens: burst, at: clock.now().world };
        Self { bucket: Mutex::new(bucket), clock }
    }

    /// Waits until it is this caller's turn.
    pub(super) async fn turn(&self) {
        let wait = self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(self.clock.now().world);
        if wait > 0.0 {
            tokio::time::sleep(Duration::from_secs_f64(wait / self.clock.speed())).await;
        }
    }
}

/// The arithmetic of a token bucket. A caller that must wait has taken its token already: `tokens` is negative then,
/// and its depth is the length of the queue.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Tokens that come in a world second.
    rate: f64,
    /// Tokens that it holds when it is full.
    burst: f64,
    tokens: f64,
    at: Timestamp,
}

impl Bucket {
    /// Takes a token and says how many world seconds its taker must wait. A clock that was set back fills nothing.
    fn take(&mut self, now: Timestamp) -> f64 {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.at = now;
        self.tokens = (self.tokens + passed * self.rate).min(self.burst) - 1.0;
        (-self.tokens / self.rate).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }

    fn five_a_second() -> Bucket {
        Bucket { rate: 5.0, burst: 10.0, tokens: 10.0, at: at(100.0) }
    }

    #[test]
    fn a_burst_passes_and_then_callers_queue_up() {
        let mut bucket = five_a_second();
        let waits: Vec<f64> = (0..13).map(|_| bucket.take(at(100.0))).collect();
        assert!(waits[..10].iter().all(|wait| *wait == 0.0), "{waits:?}");
        for (wait, expected) in waits[10..].iter().zip([0.2, 0.4, 0.6]) {
            assert!((wait - expected).abs() < 1e-9, "{waits:?}");
        }
    }

    #[test]
    fn it_fills_up_with_time_and_no_further_than_its_burst() {
        let mut bucket = five_a_second();
        for _ in 0..10 {
            bucket.take(at(100.0));
        }
        assert!(bucket.take(at(100.4)) == 0.0, "two tokens came in 0.4 s");
        let mut rested = five_a_second();
        let free = (0..100).filter(|_| rested.take(at(9_999.0)) == 0.0).count();
        assert_eq!(free, 10);
    }

    #[test]
    fn a_clock_set_back_neither_fills_nor_blocks() {
        let mut bucket = five_a_second();
        assert!(bucket.take(at(50.0)) == 0.0);
        assert!((bucket.tokens - 9.0).abs() < 1e-9);
        assert!(bucket.take(at(51.0)) == 0.0);
        assert!((bucket.tokens - 9.0).abs() < 1e-9, "five tokens fill it, one is taken");
    }

    #[tokio::test(start_paused = true)]
    async fn a_world_that_runs_faster_waits_less_on_the_wall() {
        let clock = Clock::starting_at(at(1_000.0), 60.0);
        let pace = Pace::new(5.0, 1.0, clock);
        let before = clock.now().wall;
        for _ in 0..301 {
            pace.turn().await;
        }
        let wall = clock.now().wall.saturating_sub(before).as_secs_f64();
        // 300 waits of 0.2 world seconds are one wall second; tokio rounds every sleep up to a millisecond.
        assert!((0.9..1.5).contains(&wall), "{wall}");
    }
}
