//! Which version served a minute. AWS counts calls by alias (the pair of dimensions `FunctionName` and `Resource`) and
//! by alias and version (the triple, with `ExecutedVersion`), and leaves open whether the triple exists while an alias
//! has no weights. So a minute is read by its triples where it has any, else by the pair, and never by both.

use jiff::Timestamp;

use super::{
    Measure,
    lens::Lens,
    minute::Minute,
    store::{Datum, MetricStore, Track},
};
use crate::release::{
    memory::{RolledBack, ShiftMark},
    names::{Mover, Target, Version},
};

/// Where a version's numbers of a minute stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The version served the whole minute alone: all calls through the alias are its calls.
    Pair,
    /// Calls are told apart by version.
    Triple,
}

/// Calls and errors of one set of dimensions.
#[derive(Clone, Copy)]
pub(super) struct Counts<'a> {
    calls: &'a Track,
    errors: &'a Track,
}

/// What was counted in a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// Calls.
    pub calls: f64,
    /// Calls that failed; `None` where the errors could not be read completely.
    pub errors: Option<f64>,
}

impl<'a> Counts<'a> {
    /// The counts of all calls through the alias, or of those that one version answered.
    pub fn of(store: &'a MetricStore, target: &Target, version: Option<Version>) -> Self {
        let track = |measure| store.measured(target, version, measure);
        Self { calls: track(Measure::Invocations), errors: track(Measure::Errors) }
    }

    /// A minute with calls and no point of errors had none; a minute with no point of calls says nothing.
    pub fn at(&self, minute: Minute) -> Option<Counted> {
        let calls = self.calls.at(minute).value()?;
        Some(Counted { calls, errors: self.errors.at(minute).or_zero() })
    }

    fn has_calls(&self, minute: Minute) -> bool {
        self.calls.at(minute).value().is_some_and(|calls| calls > 0.0)
    }

    fn is_unknown(&self, minute: Minute) -> bool {
        self.calls.at(minute) == Datum::Unknown
    }
}

impl Counted {
    /// Two versions' counts together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { calls: self.calls + other.calls, errors: self.errors.zip(other.errors).map(|(a, b)| a + b) }
    }
}

/// When which version was in force, as far as it is on record.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub stable: Option<Version>,
    pub new: Option<Version>,
    shifts: &'a [ShiftMark],
    back: Option<Timestamp>,
    /// The new version's share as the alias has it now, in percent 0–100.
    percent: f64,
}

impl<'a> Record<'a> {
    /// The release under way, or the one that was rolled back last if it was the same stable version's.
    pub fn of(lens: &Lens<'a>) -> Self {
        let Lens { stable, new, shifts, percent, .. } = *lens;
        match lens.rolled_back.filter(|back| new.is_none() && stable == Some(back.entry.stable)) {
            Some(RolledBack { entry, at, .. }) => {
                Self { stable, new: Some(entry.new), shifts: &entry.shifts, back: Some(*at), percent: 0.0 }
            }
            None => Self { stable, new, shifts, back: None, percent },
        }
    }

    /// The moment from which the present weights hold.
    pub fn last_change(&self) -> Option<Timestamp> {
        self.marks().map(|(at, _)| at).max()
    }

    /// The version that had the whole minute. `None` while traffic was split, and where the weights changed within or
    /// at a time that is not on record.
    fn alone(&self, minute: Minute) -> Option<Version> {
        let before = self.marks().filter(|(at, _)| *at <= minute.start()).max_by_key(|(at, _)| *at);
        let percent = before.map_or(0.0, |(_, percent)| percent);
        let is_other = |to: f64| (to - percent).abs() > 0.001;
        if self.marks().any(|(at, to)| at > minute.start() && at < minute.end() && is_other(to)) {
            return None;
        }
        let is_last = self.marks().all(|(at, _)| at <= minute.start());
        if is_last && self.percent >= 100.0 && is_other(self.percent) {
            return None;
        }
        if percent <= 0.0 {
            return self.stable;
        }
        self.new.filter(|_| percent >= 100.0)
    }

    fn marks(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        let shifts = self.shifts.iter().map(|mark| (mark.at, mark.percent));
        shifts.chain(self.back.map(|at| (at, 0.0)))
    }
}

/// What can be known of one version's minutes.
pub(super) struct Share<'a> {
    version: Version,
    record: Record<'a>,
    pair: Counts<'a>,
    own: Counts<'a>,
    stable: Option<Counts<'a>>,
    new: Option<Counts<'a>>,
    /// Whether the new version's triple is being asked for, so that not knowing it is a reason to say nothing.
    is_watched: bool,
}

impl<'a> Share<'a> {
    /// The share of one version.
    pub fn of(lens: &Lens<'a>, version: Version) -> Self {
        let triple = |version| Counts::of(lens.store, lens.target, Some(version));
        let record = Record::of(lens);
        Self {
            version,
            record,
            pair: Counts::of(lens.store, lens.target, None),
            own: triple(version),
            stable: record.stable.map(triple),
            new: record.new.map(triple),
            is_watched: lens.new.is_some() && lens.target.kind != Mover::Stage,
        }
    }

    /// Where the version's numbers of a minute stand; `None` where nothing can be said of it.
    pub fn source(&self, minute: Minute) -> Option<Source> {
        let told_apart = |counts: Option<Counts<'_>>| counts.is_some_and(|counts| counts.has_calls(minute));
        if self.own.has_calls(minute) || told_apart(self.stable) || told_apart(self.new) {
            return Some(Source::Triple);
        }
        if self.is_watched && self.new.is_some_and(|new| new.is_unknown(minute)) {
            return None;
        }
        (self.record.alone(minute) == Some(self.version)).then_some(Source::Pair)
    }

    /// The version's calls and errors of a minute.
    pub fn at(&self, minute: Minute) -> Option<Counted> {
        match self.source(minute)? {
            Source::Pair => self.pair.at(minute),
            Source::Triple => self.own.at(minute),
        }
    }
}
