//! A line of the metrics panel: a formula with its title, unit and limits, and what it says now. The screen, the
//! planner of questions, `status`, `check` and the gates share it. Where it came from, a preset or a person, is all the
//! same here.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    Series,
    formula::{Formula, Known},
    minute::Minute,
    store::{Datum, MetricStore},
    unit::Unit,
};

#[cfg(test)]
mod tests;

/// What CloudWatch is told once a day of: S3's sizes, a month's charges.
pub const ONE_DAY: Duration = Duration::from_hours(24);
/// A rate on screen is one of so many minutes, so that a single failed call among few is not read as a catastrophe.
const RATE_MINUTES: i64 = 5;
/// A value that is older is no news any more, and is held against no limit.
const NEWS: SignedDuration = SignedDuration::from_mins(15);

/// A metric, or several put together, on a line of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPanel {
    /// The heading that it stands under, such as a table's name; empty for a metric of a person's own.
    pub resource: String,
    /// Its whole title, which gates call it by: `ReceiptVault: throttled requests`.
    pub title: String,
    /// What the value and the limits are counted in.
    pub unit: Unit,
    /// How the value is worked out.
    pub formula: Formula,
    /// Whether CloudWatch is told of it once a day. It then has a date and no chart.
    pub is_daily: bool,
    /// When it is bad.
    pub limits: Limits,
    /// How to have it measured, where that must be switched on.
    pub remedy: Option<String>,
}

/// When a value is bad, in its unit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// From here on it is worth a look.
    pub warning: Option<f64>,
    /// From here on it is bad.
    pub critical: Option<f64>,
    /// Whether less is worse, as with free storage.
    pub is_below: bool,
}

/// What a panel says now.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelReading {
    /// In the panel's unit; `None` is no data.
    pub value: Option<f64>,
    /// The end of what the value is of, UTC; of a daily one the day's beginning.
    pub as_of: Option<Timestamp>,
    /// How it stands.
    pub state: PanelState,
}

/// How a panel stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PanelState {
    /// Within its limits, or without any.
    Good,
    /// Beyond the limit of a warning.
    Warning,
    /// Beyond the critical limit.
    Critical,
    /// Nothing new for a while.
    Old,
    /// Read, and no data now.
    NoData,
    /// Read, and no data as far back as was read, of something that must be switched on.
    NotMeasured,
    /// It could not be read: why.
    Trouble(String),
    /// Not read yet.
    Unread,
}

impl MetricPanel {
    /// A metric of a person's own: one series without limits.
    pub fn of(title: impl Into<String>, series: Series) -> Self {
        Self {
            resource: String::new(),
            title: title.into(),
            unit: Unit::default(),
            formula: Formula::of(series),
            is_daily: false,
            limits: Limits::default(),
            remedy: None,
        }
    }

    /// Its title under its heading.
    pub fn label(&self) -> &str {
        let rest = self.title.strip_prefix(self.resource.as_str()).filter(|_| !self.resource.is_empty());
        rest.and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&self.title)
    }

    /// What its values are told in beside the title: one that ends in `%` says so already.
    pub fn unit_beside_title(&self) -> Unit {
        let is_told = self.unit == Unit::Percent && self.title.trim_end().ends_with('%');
        if is_told { Unit::Plain } else { self.unit }
    }

    /// What it says now: a rate over the last minutes, anything else with its newest point.
    pub fn read(&self, store: &MetricStore, now: Timestamp) -> PanelReading {
        let found = if self.is_daily { self.of_a_day(store) } else { self.newest(store) };
        let state = match found {
            Some((value, as_of)) if self.is_daily || now.duration_since(as_of) <= NEWS => self.limits.state(value),
            Some(_) => PanelState::Old,
            None => self.silence(store),
        };
        PanelReading { value: found.map(|(value, _)| value), as_of: found.map(|(_, as_of)| as_of), state }
    }

    /// Its value in one minute.
    pub fn at(&self, store: &MetricStore, minute: Minute) -> Option<f64> {
        self.formula.at(|series| store.track(series).at(minute)).value()
    }

    /// The newest value and the end of what it is of.
    fn newest(&self, store: &MetricStore) -> Option<(f64, Timestamp)> {
        let read_to = self.formula.series().into_iter().filter_map(|series| store.track(series).read_to()).min()?;
        let end = Minute::of(read_to);
        if self.formula.is_ratio() && self.formula.is_by_minute() {
            // What is counted above and below the line of the newest minute may not have come in together.
            return [end.plus(-1), end].into_iter().find_map(|end| {
                match self.formula.over(store, end.plus(-RATE_MINUTES), end) {
                    Known::Value { value, .. } => Some((value, end.start())),
                    Known::Nothing | Known::Unread => None,
                }
            });
        }
        if let Some(series) = self.formula.as_single() {
            let (at, value) = store.track(series).latest()?;
            return Some((value * self.formula.scale, Minute::of(at).end()));
        }
        let mut minutes = end.plus(-NEWS.as_mins()).until(end).rev();
        minutes.find_map(|minute| Some((self.at(store, minute)?, minute.end())))
    }

    /// The value of the newest day that any of its series has.
    fn of_a_day(&self, store: &MetricStore) -> Option<(f64, Timestamp)> {
        let days = self.formula.series().into_iter().filter_map(|series| store.window_value(series, ONE_DAY));
        let newest = days.map(|day| day.from).max()?;
        let of = |series: &Series| match store.window_value(series, ONE_DAY).filter(|day| day.from == newest) {
            Some(day) => Datum::Value(day.value),
            None => Datum::Missing,
        };
        Some((self.formula.at(of).value()?, newest))
    }

    fn silence(&self, store: &MetricStore) -> PanelState {
        let series = self.formula.series();
        if let Some(doubt) = series.iter().find_map(|series| store.track(series).doubt()) {
            return PanelState::Trouble(doubt.to_owned());
        }
        let is_read = |series: &&Series| {
            if self.is_daily { store.is_window_read(series, ONE_DAY) } else { store.track(series).read_to().is_some() }
        };
        if !series.iter().all(is_read) {
            return PanelState::Unread;
        }
        let has_points = |series: &&Series| store.track(series).latest().is_some();
        if self.remedy.is_some() && !series.iter().any(has_points) {
            return PanelState::NotMeasured;
        }
        PanelState::NoData
    }
}

impl Limits {
    /// How a value stands against them.
    pub fn state(&self, value: f64) -> PanelState {
        let is_beyond =
            |limit: Option<f64>| limit.is_some_and(|limit| if self.is_below { value < limit } else { value > limit });
        match (is_beyond(self.critical), is_beyond(self.warning)) {
            (true, _) => PanelState::Critical,
            (false, true) => PanelState::Warning,
            (false, false) => PanelState::Good,
        }
    }
}

impl PanelState {
    /// In a word, for people and for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Old => "old",
            Self::NoData => "no data",
            Self::NotMeasured => "not measured",
            Self::Trouble(_) => "not readable",
            Self::Unread => "not read",
        }
    }
}
