//! The functions seen through their metrics: which minutes are closed, and what the charts and tables read.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{App, deck::Function};
use crate::release::{
    gates::Need,
    memory::ShiftMark,
    metrics::{
        ask::{Audience, Rhythm, SeriesWindow, Wanted, Watched, cost_per_hour},
        lens::Lens,
        minute,
    },
    names::Version,
};

/// How long after a rollback the versions are still asked for apart: until its last minutes have settled.
const AFTERMATH: SignedDuration = SignedDuration::from_mins(20);

impl App {
    /// A function seen through the metrics that have been read.
    pub fn lens<'a>(&'a self, function: &'a Function, now: Timestamp) -> Lens<'a> {
        Lens {
            store: &self.metrics,
            target: &function.target,
            stable: function.live(),
            new: function.in_traffic(),
            percent: function.percent(),
            shifts: function.shifts(),
            rolled_back: function.memory.rolled_back.as_ref(),
            closed_until: self.closed_until(function, now),
        }
    }

    /// The end of the function's last closed minute, UTC. It does not run ahead of what has been read: while CloudWatch
    /// cannot be reached, the last numbers stay.
    pub fn closed_until(&self, function: &Function, now: Timestamp) -> Timestamp {
        let Some(as_of) = self.metrics.as_of() else {
            return minute::closed_until(now, function.timeout(), self.release.settle);
        };
        let read = self.metric_schedule.read_at.unwrap_or(as_of).min(now);
        minute::closed_until(read, function.timeout(), self.release.settle).min(as_of)
    }

    /// All metrics that somebody wants to see now. Panels that nobody sees go by a slower rhythm.
    pub fn wanted(&self, audience: Audience, now: Timestamp) -> Wanted {
        let mut extras = self.series_of_panels();
        let mut windows = self.windows_of_comparison(now);
        for need in self.needs_of_gates(now).into_iter().chain(self.needs_of_judge(now)) {
            match need {
                Need::Minutes { series, .. } => extras.push((series, Rhythm::Minute)),
                Need::Window { series, from, to } => windows.push(SeriesWindow { series, from, to }),
            }
        }
        Wanted {
            functions: self.deck.functions.iter().map(|function| function.watched(now)).collect(),
            audience,
            extras,
            windows,
            settle: self.release.settle,
        }
    }

    /// What an hour of asking for these costs, in US dollars.
    pub fn watch_cost_per_hour(&self, audience: Audience, now: Timestamp) -> f64 {
        cost_per_hour(self.wanted(audience, now).metrics_per_hour())
    }
}

impl Function {
    /// The stable version; before the alias was first read, the recorded one.
    fn live(&self) -> Option<Version> {
        self.stable().or_else(|| self.entry().map(|entry| entry.stable))
    }

    /// The version in traffic beside the stable one: not one that waits.
    pub fn in_traffic(&self) -> Option<Version> {
        self.split().map(|split| split.new).or_else(|| self.entry().map(|entry| entry.new))
    }

    /// The shifts of the release under way, oldest first.
    pub fn shifts(&self) -> &[ShiftMark] {
        self.entry().map_or(&[], |entry| &entry.shifts)
    }

    /// What its metrics questions depend on.
    fn watched(&self, now: Timestamp) -> Watched {
        let split = self.live().zip(self.in_traffic());
        let ended = self.memory.rolled_back.as_ref().filter(|back| now.duration_since(back.at) < AFTERMATH);
        let apart = split.or_else(|| ended.map(|back| (back.entry.stable, back.entry.new)));
        Watched { target: self.target.clone(), apart, live: self.live(), timeout: self.timeout() }
    }

    /// The function's time limit; zero while its versions have not been read, which counts as the shortest.
    pub(super) fn timeout(&self) -> Duration {
        let timeout = |version| self.version_info(version).map(|info| info.timeout);
        let sides = [self.live(), self.in_traffic()];
        sides.into_iter().flatten().filter_map(timeout).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{deck::Function, event::Ticket, reading::Reading, sides::Sides},
        release::{
            facts::{Alias, Setting, VersionInfo},
            memory::{Entry, Memory, RolledBack},
            names::{ReleaseId, RevisionId, Target},
            routing::{Routing, SplitStyle},
        },
    };

    const OLD: Version = Version::Number(42);
    const NEW: Version = Version::Number(43);

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}:00Z").parse().unwrap()
    }

    fn read<T>(value: T) -> Reading<T> {
        let mut reading = Reading::every(SignedDuration::from_secs(5));
        reading.ask(Ticket(1));
        reading.answer(Ticket(1), Ok(value), at("14:00"));
        reading
    }

    fn unread<T>() -> Reading<T> {
        Reading::every(SignedDuration::from_secs(5))
    }

    fn info(version: Version, seconds: u64) -> VersionInfo {
        VersionInfo { timeout: Duration::from_secs(seconds), ..VersionInfo::bare(version) }
    }

    fn entry() -> Entry {
        Entry {
            id: ReleaseId::new("r-20261120-1400"),
            target: Target::new("pay", "live"),
            stable: OLD,
            new: NEW,
            before: Routing::only(OLD),
            by: "ada".into(),
            since: at("14:00"),
            owner: String::new(),
            shifts: vec![ShiftMark { at: at("14:00"), percent: 10.0 }],
            whole: false,
            told: false,
        }
    }

    fn function(percent: f64, memory: Memory) -> Function {
        let routing = Routing::at_percent(OLD, NEW, percent, SplitStyle::WeightNew);
        let alias = Alias {
            routing,
            revision: RevisionId::new("a"),
            description: String::new(),
            account: None,
            setting: Setting::Alias,
        };
        Function {
            target: Target::new("pay", "live"),
            expect_traffic: true,
            alias: read(alias),
            first: unread(),
            versions: read(vec![info(OLD, 10), info(NEW, 120)]),
            aliases: unread(),
            provisioned: unread(),
            sides: Sides::default(),
            memory,
            picked: None,
        }
    }

    #[test]
    fn a_version_that_waits_is_not_asked_for() {
        let waiting = function(0.0, Memory::default());
        assert_eq!(waiting.new_version(), Some(NEW));
        assert_eq!((waiting.in_traffic(), waiting.watched(at("14:05")).apart), (None, None));
        assert_eq!(waiting.timeout(), Duration::from_secs(10));
    }

    #[test]
    fn in_a_release_both_versions_are_asked_for_and_the_longer_limit_counts() {
        for percent in [10.0, 100.0] {
            let releasing = function(percent, Memory { release: Some(entry()), ..Memory::default() });
            let watched = releasing.watched(at("14:05"));
            assert_eq!((watched.apart, watched.timeout), (Some((OLD, NEW)), Duration::from_mins(2)), "{percent}");
            assert_eq!(releasing.shifts(), entry().shifts);
        }
    }

    #[test]
    fn before_the_alias_was_read_the_record_is_believed() {
        let mut unseen = function(0.0, Memory { release: Some(entry()), ..Memory::default() });
        unseen.alias = unread();
        unseen.versions = unread();
        assert_eq!(unseen.watched(at("14:05")).apart, Some((OLD, NEW)));
        assert_eq!(unseen.timeout(), Duration::ZERO);
    }

    #[test]
    fn after_a_rollback_its_last_minutes_are_read_until_they_settle() {
        let rolled_back = Some(RolledBack { entry: entry(), percent: 10.0, at: at("14:10") });
        let back = function(0.0, Memory { rolled_back, ..Memory::default() });
        assert_eq!(back.watched(at("14:29")).apart, Some((OLD, NEW)));
        assert_eq!(back.watched(at("14:30")).apart, None);
        assert_eq!(back.in_traffic(), None);
    }
}
