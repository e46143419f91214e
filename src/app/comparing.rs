//! What a release came to: the comparison with the hour before it, and the checklist on screen.

use jiff::{SignedDuration, Timestamp};

use super::{App, deck::Function, view::Overlay};
use crate::{
    clock::Now,
    release::{
        comparison::{self, Comparison, Span},
        metrics::{ask::SeriesWindow, store::Datum},
        stages::{Leg, Mandate, State, Stay},
    },
};

/// How long before its end the percentiles of a watch are asked for.
const TOWARDS_THE_END: SignedDuration = SignedDuration::from_mins(3);

impl App {
    /// `b`: the release against the hour before it, as it stands now or as it was at the all clear.
    pub(super) fn show_comparison(&mut self, now: Now) {
        match self.compare(now) {
            Some(comparison) => self.view.overlay = Some(Overlay::Comparison(comparison)),
            None => self.say("Nothing has been watched yet that could be compared.", false, now),
        }
    }

    /// The release against the hour before it: what was found at its end, else what is known now. `None` before the
    /// watch.
    pub fn compare(&self, now: Now) -> Option<Comparison> {
        let running = self.running.as_ref()?;
        if running.comparison.is_some() {
            return running.comparison.clone();
        }
        let (before, stay) = self.compared_times()?;
        let functions = self.compared();
        let lenses: Vec<_> = functions.iter().map(|function| self.lens(function, now.world)).collect();
        let closed = lenses.iter().map(|lens| lens.closed_until).min()?;
        Some(Comparison::of(&lenses, before, comparison::watch(stay.since, closed)))
    }

    /// The hour before the release, and its watch.
    fn compared_times(&self) -> Option<(Span, &Stay)> {
        let stay = self.running.as_ref()?.run.stay().filter(|stay| stay.leg == Leg::Watch)?;
        let marks = self.deck.in_release().flat_map(|(_, entry)| entry.shifts.iter().map(|mark| mark.at));
        Some((comparison::hour_before(marks.min().unwrap_or(stay.since)), stay))
    }

    /// The functions of the release; where only what is live is watched, all.
    fn compared(&self) -> Vec<&Function> {
        let rows = self.running.as_ref().and_then(|running| running.run.mandate()).map(Mandate::rows);
        let is_meant =
            |function: &&Function| rows.is_none_or(|rows| rows.iter().any(|row| row.target == function.target));
        self.deck.functions.iter().filter(is_meant).collect()
    }

    /// What the comparison wants of CloudWatch: the percentiles of the hour before once, those of the watch when it is
    /// about to end or somebody looks.
    pub(super) fn windows_of_comparison(&self, now: Timestamp) -> Vec<SeriesWindow> {
        let is_over = self.state().is_none_or(State::is_final);
        let Some((before, stay)) = self.compared_times().filter(|_| !is_over && self.is_run_here()) else {
            return Vec::new();
        };
        let is_looked_at = matches!(self.view.overlay, Some(Overlay::Comparison(_)));
        let is_near = stay.until.duration_since(now) < TOWARDS_THE_END;
        let mut windows = Vec::new();
        for function in self.compared() {
            let watch = comparison::watch(stay.since, self.closed_until(function, now));
            for series in comparison::percentiles(&function.target).into_iter().flatten() {
                if self.metrics.window(&series, before.from, before.to) == Datum::Unknown {
                    windows.push(SeriesWindow { series: series.clone(), from: before.from, to: before.to });
                }
                if (is_near || is_looked_at) && watch.from < watch.to {
                    windows.push(SeriesWindow { series, from: watch.from, to: watch.to });
                }
            }
        }
        windows
    }

    /// `c`: the checklist.
    pub(super) fn show_checklist(&mut self, now: Now) {
        if self.checks.checklist.items().is_empty() {
            return self.say("The configuration has no checklist.", false, now);
        }
        self.view.overlay = Some(Overlay::Checklist(0));
    }

    /// Space in the checklist: ticks the item under the cursor, or takes the tick back.
    pub(super) fn tick_row(&mut self, row: usize, now: Now) {
        let name = self.checks.checklist.items().get(row).map(|item| item.settings.name.clone());
        if let Some(Err(why)) = name.map(|name| self.tick(&name, now)) {
            self.say(format!("Not ticked: {why}."), true, now);
        }
    }
}
