//! Tags of alarms. AWS tells them one alarm a call, so few are asked for at a time and each is kept for a while: a
//! region with alarms by the hundred is known after some minutes, and whatever rings is known first.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{Cloud, endpoints::Service, pace::Pace, text::clean_or_empty};
use crate::{
    clock::Clock,
    release::{
        error::CloudError,
        facts::{Alarm, AlarmState},
    },
};

const OPERATION: &str = "ListTagsForResource";
/// How long tags are good for.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// So many are asked for in one reading of the alarms: some four seconds' worth at five a second.
const MOST_AT_ONCE: usize = 20;

/// Key and value pairs.
type Pairs = Vec<(String, String)>;

/// The tags that were read.
#[derive(Debug)]
pub(super) struct Tags {
    known: Mutex<HashMap<String, (Pairs, Timestamp)>>,
    pace: Pace,
    clock: Clock,
}

impl Tags {
    pub(super) fn new(clock: Clock) -> Self {
        Self { known: Mutex::default(), pace: Pace::new(5.0, 5.0, clock), clock }
    }

    fn of(&self, arn: &str) -> Option<(Pairs, Timestamp)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    fn keep(&self, arn: &str, tags: Pairs) {
        let now = self.clock.now().world;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned(), (tags, now));
    }

    /// The alarms whose tags are not known, or not any more: those that ring first, then those never asked for.
    fn unknown(&self, alarms: &[Alarm]) -> Vec<String> {
        let now = self.clock.now().world;
        let is_old = |at: Timestamp| now.duration_since(at) >= FRESH;
        let mut unknown: Vec<(bool, Option<Timestamp>, &str)> = alarms
            .iter()
            .map(|alarm| (alarm.state != AlarmState::Alarm, self.of(&alarm.arn).map(|(_, at)| at), alarm.arn.as_str()))
            .filter(|(_, at, arn)| !arn.is_empty() && at.is_none_or(is_old))
            .collect();
        unknown.sort_unstable();
        unknown.into_iter().take(MOST_AT_ONCE).map(|(.., arn)| arn.to_owned()).collect()
    }
}

impl Cloud {
    /// Writes the tags that are known to the alarms, after some of the others were asked for.
    pub(super) async fn fill_in_tags(&self, region: Option<&str>, alarms: &mut [Alarm]) -> Result<(), CloudError> {
        let (there, tags) = (self.in_region(region), &self.0.tags);
        for arn in tags.unknown(alarms) {
            tags.pace.turn().await;
            let reply = there.0.cloudwatch.list_tags_for_resource().resource_arn(&arn).send().await;
            let reply = there.check(OPERATION, Service::CloudWatch, reply)?;
            let pair = |tag: &aws_sdk_cloudwatch::types::Tag| (clean_or_empty(tag.key()), clean_or_empty(tag.value()));
            tags.keep(&arn, reply.tags().iter().map(pair).collect());
        }
        for alarm in alarms {
            alarm.tags = tags.of(&alarm.arn).map(|(tags, _)| tags).unwrap_or_default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(number: usize, state: AlarmState) -> Alarm {
        Alarm { arn: format!("arn:{number:03}"), ..Alarm::named(format!("a{number:03}"), state) }
    }

    #[tokio::test]
    async fn what_rings_is_asked_for_first_and_nothing_twice_in_a_while() {
        let tags = Tags::new(Clock::embedded(1.0));
        let mut alarms: Vec<Alarm> = (0..50).map(|number| alarm(number, AlarmState::Ok)).collect();
        alarms.push(alarm(999, AlarmState::Alarm));
        let first = tags.unknown(&alarms);
        assert_eq!((first.len(), first[0].as_str()), (MOST_AT_ONCE, "arn:999"));
        let read = |arns: &[String]| {
            for arn in arns {
                tags.keep(arn, Vec::new());
            }
        };
        read(&first);
        let second = tags.unknown(&alarms);
        assert!(second.iter().all(|arn| !first.contains(arn)), "{second:?}");
        read(&second);
        read(&tags.unknown(&alarms));
        assert_eq!(tags.unknown(&alarms), Vec::<String>::new());
    }
}
