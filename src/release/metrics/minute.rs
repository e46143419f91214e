//! Minutes, the grain of Lambda's metrics: where they begin, and when they are closed. It knows no metric.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How many closed minutes a summary looks at.
pub const WINDOW_MINUTES: i64 = 15;
/// The same as a period of CloudWatch's.
pub const WINDOW: Duration = Duration::from_mins(WINDOW_MINUTES.unsigned_abs());
/// The least and the most that a running call may take before its minute can close, whatever the function's limit. The
/// least is no longer than the settling: who says that points appear at once need not wait for them.
const SHORTEST_CALL: Duration = Duration::from_mins(1);
const LONGEST_CALL: Duration = Duration::from_mins(5);

/// How far into a minute still counts as its start.
pub const START: SignedDuration = SignedDuration::from_secs(5);

/// A minute of the world's time, counted from the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(i64);

impl Minute {
    /// The minute that a moment lies in.
    pub fn of(moment: Timestamp) -> Self {
        Self(moment.as_second().div_euclid(60))
    }

    /// The first minute that begins at this moment or later.
    pub fn from_on(moment: Timestamp) -> Self {
        let minute = Self::of(moment);
        if minute.start() == moment { minute } else { minute.plus(1) }
    }

    /// The first minute that belongs to a change at this moment: the minute itself where it had only just begun, for
    /// then hardly a call in it was of before, else the next.
    pub fn after_change(moment: Timestamp) -> Self {
        let minute = Self::of(moment);
        if moment.duration_since(minute.start()) <= START { minute } else { minute.plus(1) }
    }

    /// Its first moment, UTC.
    pub fn start(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(60)).unwrap_or(Timestamp::MAX)
    }

    /// The first minute of its day, UTC.
    #[must_use]
    pub fn day(self) -> Self {
        const MINUTES: i64 = 24 * 60;
        Self(self.0.div_euclid(MINUTES).saturating_mul(MINUTES))
    }

    /// The moment after its last, UTC.
    pub fn end(self) -> Timestamp {
        self.plus(1).start()
    }

    /// So many minutes later, or earlier where negative.
    #[must_use]
    pub fn plus(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes))
    }

    /// How many minutes later another one is; negative where it is earlier.
    pub fn minutes_to(self, other: Self) -> i64 {
        other.0.saturating_sub(self.0)
    }

    /// The minutes from this one on, before `end`.
    pub fn until(self, end: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0..end.0).map(Self)
    }
}

/// How long after its end a minute closes. A datapoint is stamped with the start of its call and appears after the
/// call has ended, so a minute is complete only once the longest call that began in it is over and CloudWatch has
/// settled: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html>.
pub fn closing_delay(timeout: Duration, settle: Duration) -> Duration {
    timeout.clamp(SHORTEST_CALL.min(settle), LONGEST_CALL).saturating_add(settle)
}

/// The end of the last minute that is closed at `now`, for a function with this time limit.
pub fn closed_until(now: Timestamp, timeout: Duration, settle: Duration) -> Timestamp {
    let delay = SignedDuration::try_from(closing_delay(timeout, settle)).unwrap_or(SignedDuration::MAX);
    let last = now.checked_sub(delay).unwrap_or(Timestamp::MIN);
    Minute::of(last).start()
}

/// The summary's window that ends at `closed`: the last fifteen closed minutes, as from and to.
pub fn window(closed: Timestamp) -> (Timestamp, Timestamp) {
    let end = Minute::of(closed);
    (end.plus(-WINDOW_MINUTES).start(), end.start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}Z").parse().unwrap()
    }

    #[test]
    fn a_minute_closes_after_the_longest_call_and_the_settling() {
        let settle = Duration::from_mins(1);
        for (now, timeout, closed) in [
            ("14:32:00", 3, "14:30:00"),
            ("14:31:59", 3, "14:29:00"),
            ("14:32:59", 60, "14:30:00"),
            ("14:32:29", 90, "14:29:00"),
            ("14:32:30", 90, "14:30:00"),
            ("14:32:00", 300, "14:26:00"),
            ("14:32:00", 900, "14:26:00"),
        ] {
            let found = closed_until(at(now), Duration::from_secs(timeout), settle);
            assert_eq!(found, at(closed), "at {now} with a limit of {timeout} s");
        }
    }

    #[test]
    fn a_longer_settling_closes_later() {
        let closed = |settle| closed_until(at("14:32:00"), Duration::from_secs(3), Duration::from_secs(settle));
        assert_eq!(closed(0), at("14:31:00"), "three seconds for the calls that began at its end");
        assert_eq!(closed(20), at("14:31:00"));
        assert_eq!(closed(600), at("14:21:00"));
    }

    #[test]
    fn the_window_is_fifteen_whole_minutes() {
        assert_eq!(window(at("14:30:00")), (at("14:15:00"), at("14:30:00")));
    }

    #[test]
    fn the_next_whole_minute_after_a_moment() {
        assert_eq!(Minute::from_on(at("14:30:00")).start(), at("14:30:00"));
        assert_eq!(Minute::from_on(at("14:30:01")).start(), at("14:31:00"));
        assert_eq!(Minute::from_on(at("14:30:00.5")).start(), at("14:31:00"));
    }

    #[test]
    fn a_change_at_the_start_of_a_minute_leaves_it_whole() {
        assert_eq!(Minute::after_change(at("14:30:00.6")).start(), at("14:30:00"));
        assert_eq!(Minute::after_change(at("14:30:06")).start(), at("14:31:00"));
    }
}
