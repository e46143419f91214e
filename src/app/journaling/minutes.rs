//! The closed minutes of a release, version by version: what a report's charts are drawn from, and what the release is
//! compared with at its end.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{App, Now};
use crate::{
    app::deck::Function,
    release::{
        metrics::{ChartMeasure, Line as ChartLine, lens::Lens, minute::Minute},
        names::Version,
        record::{Line, MinuteCount},
        routing::trim_percent,
    },
};

/// So much of the time before the release is kept with it: a replay judges by it.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
/// What a release is compared with at its end.
const BASELINE: SignedDuration = SignedDuration::from_hours(1);

impl App {
    /// Writes the minutes down that have closed since the last time, and what reading them cost.
    pub(super) fn count_minutes(&mut self, now: Now) {
        let Some(open) = &self.journaling.open else { return };
        let (id, from) = (open.id.clone(), Minute::from_on(open.since - BEFORE).start());
        let mut minutes = Vec::new();
        let mut counted = Vec::new();
        for function in self.deck.functions.iter().filter(|function| open.parts.contains(&function.target)) {
            let closed = self.closed_until(function, now.world);
            let from = self.journaling.counted.get(&function.target).copied().unwrap_or(from);
            if closed <= from || self.metrics.as_of().is_none() {
                continue;
            }
            minutes.extend(closed_minutes(function, &self.lens(function, now.world), from, closed));
            counted.push((function.target.clone(), closed));
        }
        self.journaling.counted.extend(counted);
        if !minutes.is_empty() {
            self.journaling.line(Line::Minutes(id.clone(), minutes));
            let more = self.deck.metrics_asked.saturating_sub(self.journaling.metrics);
            self.journaling.metrics = self.deck.metrics_asked;
            self.journaling.line(Line::Watched(id, more));
        }
    }

    /// The release against the hour before it, in a sentence: errors of all calls through its aliases.
    pub fn comparison(&self, now: Now) -> Option<String> {
        let open = self.journaling.open.as_ref()?;
        let stay = self.running.as_ref()?.run.stay()?;
        let rate = |from: Timestamp, to: Timestamp| {
            let functions = self.deck.functions.iter().filter(|function| open.parts.contains(&function.target));
            let counts = functions.flat_map(|function| {
                let lens = self.lens(function, now.world);
                let to = to.min(lens.closed_until);
                Minute::from_on(from).until(Minute::of(to)).filter_map(move |minute| lens.counted(None, minute))
            });
            let (calls, errors) = counts.fold((0.0, 0.0), |(calls, errors), counted| {
                (calls + counted.calls, errors + counted.errors.unwrap_or_default())
            });
            (calls > 0.0).then(|| trim_percent((10_000.0 * errors / calls).round() / 100.0))
        };
        let (before, after) = (rate(open.since - BASELINE, open.since)?, rate(stay.since, now.world)?);
        Some(format!("{after} % of the calls failed in the watch, {before} % in the hour before the release"))
    }
}

/// The minutes of one function, by version. A minute in which a version had no calls has no line.
fn closed_minutes(function: &Function, lens: &Lens<'_>, from: Timestamp, to: Timestamp) -> Vec<MinuteCount> {
    let versions = [lens.stable, lens.new].into_iter().flatten();
    let of_version = |version: Version| {
        let line = ChartLine { version: Some(version), measure: ChartMeasure::P99 };
        let p99: BTreeMap<Timestamp, f64> =
            lens.chart(line, from, to).into_iter().map(|point| (point.at, point.value)).collect();
        Minute::from_on(from).until(Minute::from_on(to)).filter_map(move |minute| {
            let counted = lens.counted(Some(version), minute)?;
            Some(MinuteCount {
                target: function.target.clone(),
                version,
                at: minute.start(),
                calls: counted.calls,
                errors: counted.errors,
                p99_ms: p99.get(&minute.start()).copied(),
            })
        })
    };
    let mut versions: Vec<Version> = versions.collect();
    versions.dedup();
    versions.into_iter().flat_map(of_version).collect()
}
