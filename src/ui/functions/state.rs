//! How a function is doing, as one glyph, one word and one sentence. It sums up what is on the screen anyway; it
//! judges no release.

use jiff::SignedDuration;
use ratatui::style::Style;

use super::super::{Scene, text};
use crate::{
    app::{deck::Function, metric_schedule::Unread},
    release::{
        error::Trouble,
        facts::{Alarm, AlarmState},
        metrics::{Summary, lens::Reach},
        no_alias,
        plan::Purpose,
    },
};

/// For how long metrics may fail before their last figures say nothing any more.
const UNSEEN: SignedDuration = SignedDuration::from_mins(2);
/// The word for a function with an alarm in ALARM.
pub(in crate::ui) const ALARM: &str = "alarm";

/// The word for a function of which something is read for the first time.
pub(in crate::ui) const READING: &str = "reading";
/// The word for a function whose metrics cannot be read.
pub(in crate::ui) const UNREAD: &str = "not read";

/// How a function is doing. The worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ui) enum Mood {
    /// Something is wrong.
    Bad,
    /// Traffic is being moved.
    Moving,
    /// It cannot be told.
    Unknown,
    /// All well.
    Good,
}

/// The state of a function for the table and the health line.
pub(in crate::ui) struct State {
    pub mood: Mood,
    /// For the table.
    pub word: &'static str,
    /// For the health line.
    pub why: String,
    is_failure: bool,
}

impl State {
    fn new(mood: Mood, word: &'static str, why: impl Into<String>) -> Self {
        Self { mood, word, why: why.into(), is_failure: false }
    }

    /// The glyph: colour alone never says it.
    pub fn glyph(&self) -> &'static str {
        match self.mood {
            Mood::Bad if self.is_failure => "✖",
            Mood::Bad => "▲",
            Mood::Moving => "⟳",
            Mood::Unknown => "…",
            Mood::Good => "✔",
        }
    }

    /// The colour that goes with it.
    pub fn style(&self, scene: &Scene<'_>) -> Style {
        match self.mood {
            Mood::Bad => scene.theme.danger(),
            Mood::Moving => scene.theme.warning(),
            Mood::Unknown => scene.theme.muted(),
            Mood::Good => scene.theme.good(),
        }
    }
}

/// The numbers of a function over the last closed minutes: all calls, and each version while two are in traffic.
pub(in crate::ui) struct Numbers {
    pub total: Summary,
    pub stable: Option<Summary>,
    pub new: Option<Summary>,
}

impl Numbers {
    /// Reads them.
    pub fn of(scene: &Scene<'_>, function: &Function) -> Self {
        let lens = scene.app.lens(function, scene.now.world);
        let split = lens.new.is_some();
        Self {
            total: lens.total(),
            stable: lens.stable.filter(|_| split).map(|version| lens.of(version)),
            new: lens.new.map(|version| lens.of(version)),
        }
    }

    /// What to show first: the new version while it is in traffic, else all calls.
    pub fn shown(&self) -> &Summary {
        self.new.as_ref().unwrap_or(&self.total)
    }
}

/// The alarms that watch a metric of this function, in its region.
pub(in crate::ui) fn alarms<'a>(scene: &Scene<'a>, function: &Function) -> impl Iterator<Item = &'a Alarm> {
    let name = function.target.function.as_str().to_owned();
    let alarms = scene.app.deck.alarms.value().into_iter().flatten();
    let region = function.target.region.clone();
    alarms.filter(move |alarm| alarm.region == region).filter(move |alarm| {
        let dimensions = alarm.watches.iter().flat_map(|watched| &watched.dimensions);
        dimensions.into_iter().any(|(key, value)| key == "FunctionName" && *value == name)
    })
}

/// The state of a function.
pub(in crate::ui) fn of(scene: &Scene<'_>, function: &Function) -> State {
    with_numbers(scene, function, &Numbers::of(scene, function))
}

/// The state of a function whose numbers have been read already.
pub(in crate::ui) fn with_numbers(scene: &Scene<'_>, function: &Function, numbers: &Numbers) -> State {
    moving(scene, function)
        .or_else(|| unsure(scene, function))
        .or_else(|| unread(function))
        .or_else(|| broken(function))
        .or_else(|| alarmed(scene, function))
        .or_else(|| over_limit(scene, numbers))
        .or_else(|| out_of_sight(scene, function))
        .unwrap_or_else(|| quiet_or_well(scene, function, numbers))
}

fn moving(scene: &Scene<'_>, function: &Function) -> Option<State> {
    let operation = scene.app.operation.as_ref()?;
    let row = operation.row(&function.target)?;
    let word = match operation.purpose {
        Purpose::RollBack => "back",
        Purpose::Shift { .. } | Purpose::PreStage | Purpose::Undo => "shifting",
        Purpose::TakeOver => "taking over",
        Purpose::Finish => "ending",
    };
    (!row.step.is_final()).then(|| State::new(Mood::Moving, word, "traffic is being moved"))
}

/// After a rollback: what may still arrive there is no news of health.
fn unsure(scene: &Scene<'_>, function: &Function) -> Option<State> {
    let is_unsure = scene.app.unsure().contains(&function.target);
    is_unsure.then(|| State::new(Mood::Bad, "not sure", "a write of an earlier run may still arrive"))
}

fn unread(function: &Function) -> Option<State> {
    match (function.alias.value(), function.alias.trouble()) {
        (None, None) => Some(State::new(Mood::Unknown, READING, "being read")),
        (None, Some(_)) if function.has_no_alias() => {
            let why = no_alias::words(&function.target);
            Some(State { is_failure: true, ..State::new(Mood::Bad, "no alias", why) })
        }
        (None, Some((error, _))) => {
            let word = if error.kind == Trouble::NotFound { "missing" } else { "unread" };
            Some(State { is_failure: true, ..State::new(Mood::Bad, word, text::without_arns(&error.message)) })
        }
        (Some(_), Some((error, _))) if error.kind == Trouble::NotFound => {
            Some(State { is_failure: true, ..State::new(Mood::Bad, "gone", text::without_arns(&error.message)) })
        }
        (Some(_), _) => None,
    }
}

/// A version of the release has failed or is gone.
fn broken(function: &Function) -> Option<State> {
    let why = function.trouble_of_sides()?;
    Some(State { is_failure: true, ..State::new(Mood::Bad, "version", text::without_arns(&why)) })
}

fn alarmed(scene: &Scene<'_>, function: &Function) -> Option<State> {
    let alarm = alarms(scene, function).find(|alarm| alarm.state == AlarmState::Alarm)?;
    Some(State::new(Mood::Bad, ALARM, format!("alarm {}", text::clean(&alarm.label()))))
}

fn over_limit(scene: &Scene<'_>, numbers: &Numbers) -> Option<State> {
    let limits = &scene.app.deck.environment.thresholds;
    let over = |value: Option<f64>, limit: Option<f64>| value.zip(limit).filter(|(value, limit)| value > limit);
    for summary in [Some(&numbers.total), numbers.new.as_ref()].into_iter().flatten() {
        if let Some((value, limit)) = over(summary.error_rate, limits.error_rate) {
            let why = format!("errors {} % over {} %", text::figure(value), text::figure(limit));
            return Some(State::new(Mood::Bad, "errors", why));
        }
        if let Some((value, limit)) = over(summary.p99_ms, limits.p99_ms) {
            let why = format!("p99 {} ms over {} ms", text::figure(value), text::figure(limit));
            return Some(State::new(Mood::Bad, "slow", why));
        }
    }
    numbers
        .total
        .throttles
        .filter(|throttles| *throttles > 0.0)
        .map(|throttles| State::new(Mood::Bad, "throttle", format!("{} calls turned away", text::count(throttles))))
}

/// What was well when it was last seen is not well now: it cannot be told.
fn out_of_sight(scene: &Scene<'_>, function: &Function) -> Option<State> {
    let now = scene.now.world;
    if let Some(age) = function.alias.age(now).filter(|_| function.alias.is_stale(now)) {
        return Some(State::new(Mood::Unknown, "stale", format!("not read for {}", text::minutes(age))));
    }
    let read_to = scene.app.lens(function, now).read_to()?;
    let (_, since) = scene.app.metrics_trouble().filter(|(_, since)| read_to <= *since)?;
    let age = now.duration_since(since);
    (age > UNSEEN).then(|| State::new(Mood::Unknown, "stale", format!("no metrics for {}", text::minutes(age))))
}

/// What was never read, what cannot be read, and what was read and is empty are three things.
fn quiet_or_well(scene: &Scene<'_>, function: &Function, numbers: &Numbers) -> State {
    if numbers.total.invocations.is_some_and(|calls| calls > 0.0) {
        return State::new(Mood::Good, "ok", "well");
    }
    let lens = scene.app.lens(function, scene.now.world);
    if lens.stable.is_some() && lens.reach_now() != Reach::All {
        return match scene.app.why_unread(&lens) {
            Unread::Yet => State::new(Mood::Unknown, READING, "metrics are being read"),
            Unread::Failing(why) => State::new(Mood::Unknown, UNREAD, format!("metrics cannot be read: {why}")),
        };
    }
    if function.expect_traffic {
        return State::new(Mood::Unknown, "no data", "no calls in the last closed minutes");
    }
    State::new(Mood::Good, "idle", "no calls, and none expected")
}
