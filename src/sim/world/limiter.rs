//! The request limits of Lambda's control plane: so many calls a second, in world time, for the whole account and
//! region. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use jiff::Timestamp;

use super::fault::Fault;

/// A bucket that holds a second's worth of calls and fills evenly.
#[derive(Debug, Clone)]
pub(super) struct Limiter {
    per_second: f64,
    left: f64,
    at: Timestamp,
}

impl Limiter {
    /// A full bucket.
    pub(super) fn new(per_second: f64, now: Timestamp) -> Self {
        Self { per_second, left: per_second, at: now }
    }

    /// Takes one call out of it, or refuses.
    pub(super) fn take(&mut self, now: Timestamp) -> Result<(), Fault> {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.left = passed.mul_add(self.per_second, self.left).min(self.per_second);
        self.at = now;
        if self.left < 1.0 {
            return Err(Fault::too_many_requests());
        }
        self.left -= 1.0;
        Ok(())
    }
}

/// What Lambda's control plane allows to one region.
#[derive(Debug)]
pub(super) struct Limits {
    /// For all calls but `GetFunction`.
    pub(super) control_plane: Limiter,
    /// For `GetFunction`.
    pub(super) get_function: Limiter,
}

impl Limits {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { control_plane: Limiter::new(15.0, now), get_function: Limiter::new(100.0, now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_second_holds_fifteen_calls() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut limiter = Limiter::new(15.0, now);
        assert_eq!((0..20).filter(|_| limiter.take(now).is_ok()).count(), 15);
        assert_eq!(limiter.take(now).unwrap_err().status, 429);
        now += SignedDuration::from_millis(210);
        assert_eq!((0..20).filter(|_| limiter.take(now).is_ok()).count(), 3);
        now += SignedDuration::from_hours(1);
        assert_eq!((0..20).filter(|_| limiter.take(now).is_ok()).count(), 15);
    }
}
