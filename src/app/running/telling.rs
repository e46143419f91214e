//! Tells what happens in a release: on the timeline, in a message, by the bell.

use super::{App, Running};
use crate::{
    app::{event::Effect, timeline::Tone, view::Overlay},
    clock::Now,
    release::{
        comparison::Comparison,
        count,
        gates::{self, GateResult, Outcome, Unit, command::Moment},
        names::{Target, named},
        routing::trim_percent,
        stages::{By, News, Obstacle},
    },
};

impl App {
    /// The critical gates that fail, in words; for the record of what was done about it.
    pub(super) fn failing_in_words(&self) -> String {
        let failing = gates_behind(&News::GatesFailed { alike: false }, self.running.as_ref());
        if !failing.is_empty() {
            return failing.join("; ");
        }
        let told_last = self.running.iter().flat_map(|running| running.news.iter().rev());
        let mut troubles = told_last.filter(|(_, news)| matches!(news, News::Torn { .. } | News::Undecided));
        let told = troubles.next().and_then(|(_, news)| told(news, self.running.as_ref()));
        told.map_or_else(|| "as the release was configured".to_owned(), |(text, _)| text)
    }

    /// Why the last rollback began by itself, in words; `None` where a person began it, or none did.
    pub fn why_rolled_back(&self) -> Option<String> {
        let running = self.running.as_ref()?;
        let last = running.news.iter().rev().find_map(|(_, news)| match news {
            News::RollingBack { by } => Some(*by),
            _ => None,
        });
        (last == Some(By::Itself)).then(|| self.failing_in_words())
    }

    /// What has been shifted, after the last of a stage was: `every function is at 10 %; 1 stage waits for 100%`.
    pub fn all_at(&self, percent: f64) -> String {
        let moved = self.deck.in_release().map(|(function, _)| function.target.kind);
        let waits = self.deck.of_release().filter(|(function, _)| function.entry().is_none());
        let waits = count::waiting(waits.map(|(function, _)| function.target.kind));
        let verb = format!("is at {} %", trim_percent(percent));
        format!("{} {verb}{waits}", count::every(moved))
    }

    pub(super) fn announce(&mut self, news: News, now: Now) -> Vec<Effect> {
        let is_release_over = self.deck.is_releasing() && self.is_whole();
        let line = match news {
            News::AllClear { .. } if !is_release_over => {
                Some(("all clear: the watch is over, and the traffic stays as it is".to_owned(), Tone::Good))
            }
            _ => told(&news, self.running.as_ref()),
        };
        self.journal_news(&news, line.as_ref().map(|(text, _)| text.as_str()), now);
        if let Some((text, tone)) = line {
            self.timeline.add(now.world, "flightdeck", text.clone(), tone);
            self.say(text, tone == Tone::Bad, now);
        }
        let mut effects = self.notify(&news, now);
        match news {
            News::Shifted { .. } => self.check_after_shift(),
            News::RolledBack => self.check_anew(|when| when == Moment::RollBack),
            _ => {}
        }
        // A watch that ends in the middle of a release ends nothing else: the record stays, and R with it.
        let is_all_clear = matches!(news, News::AllClear { .. }) && self.is_whole();
        let comparison = if is_all_clear { self.compare(now) } else { None };
        let is_bad = matches!(news, News::GatesFailed { .. } | News::Torn { .. } | News::Stuck { .. });
        if let Some(running) = &mut self.running {
            running.news.push((now.world, news));
        }
        if is_all_clear {
            self.keep_comparison(comparison);
            effects.extend(self.end_release(now));
        }
        if is_bad {
            effects.push(Effect::Bell);
        }
        effects
    }

    /// What the release came to stays on screen until somebody closes it; it never covers another dialog.
    fn keep_comparison(&mut self, comparison: Option<Comparison>) {
        let Some((running, comparison)) = self.running.as_mut().zip(comparison) else {
            return;
        };
        if self.view.overlay.is_none() {
            self.view.overlay = Some(Overlay::Comparison(comparison.clone()));
        }
        running.comparison = Some(comparison);
    }

    /// Whether every function of the release has all its traffic on the new version.
    fn is_whole(&self) -> bool {
        self.deck.in_release().all(|(function, _)| function.percent() >= 100.0)
    }

    fn check_after_shift(&mut self) {
        let stay =
            self.running.as_ref().filter(|running| running.run.is_owner()).and_then(|running| running.run.stay());
        let leg = stay.map(|stay| stay.leg);
        self.check_anew(|when| leg.is_some_and(|leg| when.follows(leg)));
    }
}

/// A line for the timeline, where the news are not told elsewhere already.
fn told(news: &News, running: Option<&Running>) -> Option<(String, Tone)> {
    let gates = || gates_behind(news, running).join("; ");
    Some(match news {
        News::Agreed { percent, at } => {
            (format!("{}% goes out at {}", trim_percent(*percent), at.strftime("%H:%M:%SZ")), Tone::Plain)
        }
        News::Blocked { obstacles } => (format!("not begun: {}", listed(obstacles)), Tone::Warning),
        News::BakeOver { percent } => {
            (format!("{}% has baked and every gate passes", trim_percent(*percent)), Tone::Good)
        }
        News::Extended { until, by: By::Person } => {
            (format!("extended until {}", until.strftime("%H:%M:%SZ")), Tone::Plain)
        }
        News::Extended { until, by: By::Itself } => {
            (format!("cannot tell yet ({}): extended until {}", gates(), until.strftime("%H:%M:%SZ")), Tone::Warning)
        }
        News::Undecided => (format!("cannot tell, even after an extension: {}", gates()), Tone::Warning),
        News::GatesFailed { alike: true } => {
            (format!("both versions fail alike, so it may not be this release: {}", gates()), Tone::Bad)
        }
        News::GatesFailed { alike: false } => (format!("gates failed: {}", gates()), Tone::Bad),
        News::CountingDown { until, .. } => {
            (format!("rolls back at {} unless Esc or p stops it", until.strftime("%H:%M:%SZ")), Tone::Bad)
        }
        News::Held { percent, .. } => {
            let at = percent.map(|percent| format!(", still at {}%", trim_percent(percent))).unwrap_or_default();
            (format!("held{at}"), Tone::Warning)
        }
        News::Resumed => ("goes on".to_owned(), Tone::Plain),
        News::Torn { percent, left } => {
            (format!("the stage {}% is torn: {} not shifted", trim_percent(*percent), named(left)), Tone::Bad)
        }
        News::Stuck { left } => (format!("the rollback did not reach {}", named(left)), Tone::Bad),
        News::AllClear { .. } => ("all clear: the release is over".to_owned(), Tone::Good),
        News::Abandoned { .. } => ("nobody runs this release any more".to_owned(), Tone::Warning),
        News::Owner { mine: false } => {
            ("another cockpit runs this release: this one watches".to_owned(), Tone::Warning)
        }
        News::Owner { mine: true } => ("this program runs the release from now on".to_owned(), Tone::Plain),
        News::Shifting { .. } | News::Shifted { .. } | News::RollingBack { .. } | News::RolledBack => return None,
    })
}

/// How many of what they are.
pub fn counted(targets: &[Target]) -> String {
    count::counted(targets.iter().map(|target| target.kind))
}

/// What stands in the way, in words.
pub fn listed(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The gates that made the news, in words: those that fail, or those that cannot say.
pub fn gates_behind(news: &News, running: Option<&Running>) -> Vec<String> {
    let results = running.map(|running| running.results.as_slice()).unwrap_or_default();
    let is_behind = |result: &&GateResult| match news {
        News::GatesFailed { .. } => result.fails(gates::Level::Critical),
        News::Extended { by: By::Itself, .. } | News::Undecided => result.is_open(),
        _ => false,
    };
    results.iter().filter(is_behind).map(gate_in_words).collect()
}

/// `error rate of sync_handler: 8.1 % against 5 %`.
pub fn gate_in_words(result: &GateResult) -> String {
    let whose = result.target.as_ref().map(|target| format!(" of {}", target.name())).unwrap_or_default();
    let numbers = match (result.value, result.threshold) {
        (Some(value), Some(threshold)) => {
            format!(": {} against {}", in_unit(value, result.unit), in_unit(threshold, result.unit))
        }
        _ => String::new(),
    };
    let numbers = match result.outcome {
        Outcome::Undecided { why } => format!(": {why}"),
        Outcome::Pass | Outcome::Fail { .. } => numbers,
    };
    let note = if result.note.is_empty() { String::new() } else { format!(" ({})", result.note) };
    format!("{}{whose}{numbers}{note}", result.gate)
}

/// `8.1 %`, `312 ms`, `7`.
pub fn in_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{} %", trim_percent(value)),
        Unit::Milliseconds => format!("{value:.0} ms"),
        Unit::Count | Unit::Plain => trim_percent(value),
        Unit::Bytes | Unit::Dollars => unit.written(value),
    }
}
