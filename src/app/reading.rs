//! A value that is read again and again: what it was, when, and what is wrong with it now.

use jiff::{SignedDuration, Timestamp};

use super::event::Ticket;
use crate::release::error::{CloudError, Trouble};

/// The first pause after an error, in world time, for what is otherwise read less often.
const FIRST_BACKOFF: SignedDuration = SignedDuration::from_secs(30);
/// The longest pause after errors, in world time.
const LONGEST_BACKOFF: SignedDuration = SignedDuration::from_secs(120);
/// How soon credentials that were renewed are noticed, at the latest.
const AFTER_RENEWAL: SignedDuration = SignedDuration::from_secs(15);

/// A value from outside with its age and its trouble. An error never clears the value: it ages.
#[derive(Debug, Clone)]
pub struct Reading<T> {
    value: Option<T>,
    read_at: Option<Timestamp>,
    trouble: Option<(CloudError, Timestamp)>,
    failures: u32,
    asked: Option<Ticket>,
    due: Timestamp,
    period: SignedDuration,
}

impl<T> Reading<T> {
    /// A value never read, due at once and then once a period (world time).
    pub fn every(period: SignedDuration) -> Self {
        Self { value: None, read_at: None, trouble: None, failures: 0, asked: None, due: Timestamp::MIN, period }
    }

    /// The last value that was read, however old.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, to be corrected by what a write brought back.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// When the value was read, UTC.
    pub fn read_at(&self) -> Option<Timestamp> {
        self.read_at
    }

    /// How old the value is.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.read_at.map(|at| now.duration_since(at).max(SignedDuration::ZERO))
    }

    /// What went wrong with the last try, and since when it has been going wrong.
    pub fn trouble(&self) -> Option<(&CloudError, Timestamp)> {
        self.trouble.as_ref().map(|(error, since)| (error, *since))
    }

    /// Whether the value is missing or older than twice its period: it must be shown dimmed, with its age.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.age(now).is_none_or(|age| age > self.period * 2 + SignedDuration::from_secs(2))
    }

    /// Whether a question is on its way.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether there has been any answer, good or bad.
    pub fn is_answered(&self) -> bool {
        self.value.is_some() || self.trouble.is_some()
    }

    /// Whether it should be asked for now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.asked.is_none() && self.due <= now
    }

    /// Notes that a question went out.
    pub fn ask(&mut self, ticket: Ticket) {
        self.asked = Some(ticket);
    }

    /// Makes it due at once.
    pub fn hurry(&mut self) {
        self.due = Timestamp::MIN;
        self.failures = 0;
    }

    /// Changes how often it is read; a shorter period brings the next reading nearer.
    pub fn set_period(&mut self, period: SignedDuration, now: Timestamp) {
        self.period = period;
        if self.failures == 0 && self.due > now + period {
            self.due = now + period;
        }
    }

    /// Makes it due at a certain time.
    pub fn due_at(&mut self, at: Timestamp) {
        self.due = at;
    }

    /// Takes the answer to a question. An answer that nobody waits for is dropped: `false`.
    pub fn answer(&mut self, ticket: Ticket, answer: Result<T, CloudError>, now: Timestamp) -> bool {
        if self.asked != Some(ticket) {
            return false;
        }
        self.asked = None;
        match answer {
            Ok(value) => self.set(value, now),
            Err(error) => self.fail(error, now),
        }
        true
    }

    /// Sets the value from another source than the scheduled question, such as the reply to a write. A scheduled
    /// question that is on its way may have been answered before that write: its reply is not waited for any more.
    pub fn set(&mut self, value: T, now: Timestamp) {
        self.asked = None;
        self.value = Some(value);
        self.read_at = Some(now);
        self.trouble = None;
        self.failures = 0;
        self.due = now + self.period;
    }

    /// Whether this is the question that is on its way.
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        self.asked == Some(ticket)
    }

    /// Gives up waiting for the question that is on its way, if any. It is still due.
    pub fn give_up(&mut self) -> Option<Ticket> {
        self.asked.take()
    }

    /// Notes a failure and backs off: this reader alone, twice as long each time, or as long as AWS asks. Where
    /// credentials are the trouble the pace stays, so that the screen lives again soon after they were renewed.
    fn fail(&mut self, error: CloudError, now: Timestamp) {
        self.failures += 1;
        let pause = match error.kind {
            Trouble::CredentialsExpired | Trouble::NoCredentials => self.period.min(AFTER_RENEWAL),
            _ => {
                let doubled = self.period.min(FIRST_BACKOFF) * (1 << self.failures.saturating_sub(1).min(7));
                doubled.min(LONGEST_BACKOFF.max(self.period))
            }
        };
        let asked = error.retry_after.and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or_default();
        self.due = now + pause.max(asked.min(LONGEST_BACKOFF));
        let since = self.trouble.as_ref().map_or(now, |(_, since)| *since);
        self.trouble = Some((error, since));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttled() -> CloudError {
        CloudError {
            kind: Trouble::Throttled,
            operation: "GetAlias",
            message: "slow down".into(),
            request_id: None,
            retry_after: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn an_error_keeps_the_value_and_backs_off() {
        let mut reading = Reading::every(SignedDuration::from_secs(5));
        reading.ask(Ticket(1));
        assert!(reading.answer(Ticket(1), Ok(7), at(0)));
        reading.ask(Ticket(2));
        assert!(reading.answer(Ticket(2), Err(throttled()), at(5)));
        assert_eq!(reading.value(), Some(&7));
        assert!(!reading.is_due(at(9)));
        assert!(reading.is_due(at(10)));
        reading.ask(Ticket(3));
        reading.answer(Ticket(3), Err(throttled()), at(10));
        assert!(!reading.is_due(at(19)), "the second failure waits twice as long");
        assert_eq!(reading.trouble().map(|(_, since)| since), Some(at(5)), "it has been going wrong since the first");
    }

    #[test]
    fn an_answer_that_nobody_waits_for_is_dropped() {
        let mut reading = Reading::every(SignedDuration::from_secs(5));
        reading.ask(Ticket(2));
        assert!(!reading.answer(Ticket(1), Ok(1), at(0)));
        assert_eq!(reading.value(), None);
    }

    #[test]
    fn a_value_is_stale_after_twice_its_period() {
        let mut reading = Reading::every(SignedDuration::from_secs(60));
        assert!(reading.is_stale(at(0)));
        reading.set(1, at(0));
        assert!(!reading.is_stale(at(120)));
        assert!(reading.is_stale(at(123)));
    }
}
