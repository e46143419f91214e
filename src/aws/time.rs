//! Times between AWS's types and ours.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// A time from AWS. `None` where it lies beyond what a calendar can hold.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// A time for AWS, to the second.
pub(super) fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_way_there_and_back() {
        let time: Timestamp = "2026-11-20T14:32:00Z".parse().unwrap();
        assert_eq!(timestamp(&date_time(time)), Some(time));
        assert_eq!(timestamp(&DateTime::from_secs(i64::MAX)), None);
        let half = DateTime::from_secs_and_nanos(1, 500_000_000);
        assert_eq!(timestamp(&half).map(Timestamp::as_millisecond), Some(1500));
    }
}
