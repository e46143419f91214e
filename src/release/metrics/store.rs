//! What CloudWatch has answered so far, by series. A later answer replaces an earlier one for the time it covers, so
//! late changes are taken over and nothing is ever added twice. It does not know what the series mean.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::{Answer, Measure, Question, Series, SeriesAnswer, minute::Minute};
use crate::release::names::{Target, Version};

/// How long minutes are kept, counted back from the newest answer.
const KEPT_MINUTES: i64 = 4 * 60;
/// The period of series by the minute; a longer one asks for a value over a window.
pub const ONE_MINUTE: Duration = Duration::from_mins(1);

/// The answers so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricStore {
    tracks: BTreeMap<Series, Track>,
    /// By series and period: what was answered for the window that ends there; `None` where there is no point.
    windows: BTreeMap<(Series, Duration), BTreeMap<Timestamp, Option<WindowValue>>>,
    as_of: Option<Timestamp>,
}

/// One series by the minute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Track {
    /// Minutes that were read; `None` where CloudWatch has no point.
    minutes: BTreeMap<Minute, Option<f64>>,
    read_to: Option<Timestamp>,
    doubt: Option<String>,
}

/// What is known of one minute of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Datum {
    /// Not read, or not read completely: a missing point means nothing.
    Unknown,
    /// Read completely, and there is no point.
    Missing,
    /// The point's value.
    Value(f64),
}

/// A value over a window longer than a minute, such as a percentile over fifteen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowValue {
    /// The window's start as CloudWatch chose it, UTC.
    pub from: Timestamp,
    /// The window's end, exclusive, UTC.
    pub to: Timestamp,
    /// The value in the series' unit.
    pub value: f64,
}

/// What a series that was never asked looks like.
static NEVER_READ: Track = Track { minutes: BTreeMap::new(), read_to: None, doubt: None };

impl MetricStore {
    /// Takes the answer to a question. Taking it again changes nothing.
    pub fn take(&mut self, question: &Question, answer: &Answer) {
        if question.period > ONE_MINUTE {
            for series in &answer.series {
                self.take_window(question, series);
            }
            return;
        }
        for series in &answer.series {
            self.tracks.entry(series.series.clone()).or_default().take(question, series);
        }
        // What CloudWatch could not tell has not been read, however promptly it said so.
        let is_told = |series: &SeriesAnswer| series.doubt.is_none() || !series.points.is_empty();
        if answer.series.iter().any(is_told) {
            self.as_of = self.as_of.max(Some(question.to));
            self.prune();
        }
    }

    /// A series by the minute. One that was never asked is empty.
    pub fn track(&self, series: &Series) -> &Track {
        self.tracks.get(series).unwrap_or(&NEVER_READ)
    }

    /// A measure of a target by the minute; empty where CloudWatch does not count it.
    pub fn measured(&self, target: &Target, version: Option<Version>, measure: Measure) -> &Track {
        Series::of(target, version, measure).map_or(&NEVER_READ, |series| self.track(&series))
    }

    /// The latest value of a series over windows of this length.
    pub fn window_value(&self, series: &Series, period: Duration) -> Option<WindowValue> {
        *self.windows.get(&(series.clone(), period))?.values().next_back()?
    }

    /// Whether any window of this length has been answered, with a value or without.
    pub fn is_window_read(&self, series: &Series, period: Duration) -> bool {
        self.windows.contains_key(&(series.clone(), period))
    }

    /// What was answered for exactly this window. A value that CloudWatch counted over another one stands for it as
    /// long as the two share half of their time.
    pub fn window(&self, series: &Series, from: Timestamp, to: Timestamp) -> Datum {
        let period = Duration::try_from(to.duration_since(from)).unwrap_or_default();
        match self.windows.get(&(series.clone(), period)).and_then(|windows| windows.get(&to)) {
            None => Datum::Unknown,
            Some(Some(found)) if found.overlap(from, to) * 2 >= to.duration_since(from).as_secs() => {
                Datum::Value(found.value)
            }
            Some(_) => Datum::Missing,
        }
    }

    /// Up to when the minutes have been read, UTC: the end of the newest question that was answered.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// CloudWatch may count such a long period from the question's start or from the epoch: of the values that it
    /// gives, the one whose window overlaps the question's most is the answer, and its own window is remembered.
    fn take_window(&mut self, question: &Question, answer: &SeriesAnswer) {
        let window = |&(from, value): &(Timestamp, f64)| WindowValue { from, to: from + question.period, value };
        let best = answer.points.iter().map(window).max_by_key(|window| window.overlap(question.from, question.to));
        if answer.doubt.is_some() || self.tracks.contains_key(&answer.series) {
            self.tracks.entry(answer.series.clone()).or_default().doubt.clone_from(&answer.doubt);
        }
        if best.is_some() || answer.doubt.is_none() {
            let windows = self.windows.entry((answer.series.clone(), question.period)).or_default();
            windows.insert(question.to, best);
        }
    }

    fn prune(&mut self) {
        let Some(as_of) = self.as_of else { return };
        let oldest = Minute::of(as_of).plus(-KEPT_MINUTES);
        for track in self.tracks.values_mut() {
            track.minutes = track.minutes.split_off(&oldest);
        }
        self.tracks.retain(|_, track| !track.minutes.is_empty() || track.doubt.is_some());
        self.windows.retain(|_, windows| {
            *windows = windows.split_off(&oldest.start());
            !windows.is_empty()
        });
    }
}

impl Track {
    /// What is known of a minute.
    pub fn at(&self, minute: Minute) -> Datum {
        match self.minutes.get(&minute) {
            None => Datum::Unknown,
            Some(None) => Datum::Missing,
            Some(Some(value)) => Datum::Value(*value),
        }
    }

    /// The points of a time, oldest first: start of the minute and value.
    pub fn points(&self, from: Timestamp, to: Timestamp) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> {
        let range = Minute::from_on(from)..Minute::from_on(to).max(Minute::from_on(from));
        self.minutes.range(range).filter_map(|(minute, value)| Some((minute.start(), (*value)?)))
    }

    /// The newest point: start of the minute and value.
    pub fn latest(&self) -> Option<(Timestamp, f64)> {
        self.minutes.iter().rev().find_map(|(minute, value)| Some((minute.start(), (*value)?)))
    }

    /// Up to when the series has been read completely, UTC.
    pub fn read_to(&self) -> Option<Timestamp> {
        self.read_to
    }

    /// Why the last answer was not complete, in CloudWatch's words, such as `PartialData`.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    /// A complete answer says of every minute in it what there is; a doubtful one only of the points that it gives.
    fn take(&mut self, question: &Question, answer: &SeriesAnswer) {
        self.doubt.clone_from(&answer.doubt);
        if answer.doubt.is_none() {
            let asked = Minute::of(question.from).until(Minute::from_on(question.to));
            self.minutes.extend(asked.map(|minute| (minute, None)));
            self.read_to = self.read_to.max(Some(question.to));
        }
        self.minutes.extend(answer.points.iter().map(|(at, value)| (Minute::of(*at), Some(*value))));
    }
}

impl Datum {
    /// The value, if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown | Self::Missing => None,
        }
    }

    /// The value of something that is only reported when it happens: no point is zero, but not knowing is not.
    pub fn or_zero(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing => Some(0.0),
            Self::Unknown => None,
        }
    }
}

impl WindowValue {
    /// How many seconds of it lie between two moments.
    pub fn overlap(&self, from: Timestamp, to: Timestamp) -> i64 {
        let shared = self.to.min(to).duration_since(self.from.max(from));
        shared.as_secs().max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}:00Z").parse().unwrap()
    }

    fn series() -> Series {
        Series::lambda(&Target::new("pay", "live"), None, Measure::Invocations)
    }

    fn question(from: &str, to: &str, minutes: u32) -> Question {
        Question { series: vec![series()], from: at(from), to: at(to), period: ONE_MINUTE * minutes }
    }

    fn answer(points: &[(&str, f64)], doubt: Option<&str>) -> Answer {
        let points = points.iter().map(|(time, value)| (at(time), *value)).collect();
        Answer { series: vec![SeriesAnswer { series: series(), points, doubt: doubt.map(str::to_owned) }] }
    }

    fn minutes(store: &MetricStore, times: &[&str]) -> Vec<Datum> {
        times.iter().map(|time| store.track(&series()).at(Minute::of(at(time)))).collect()
    }

    #[test]
    fn a_late_change_replaces_and_nothing_is_added_twice() {
        let mut store = MetricStore::default();
        store.take(&question("14:00", "14:03", 1), &answer(&[("14:00", 10.0), ("14:01", 4.0)], None));
        let late = (question("14:01", "14:04", 1), answer(&[("14:01", 9.0), ("14:03", 2.0)], None));
        store.take(&late.0, &late.1);
        let expected = [Datum::Value(10.0), Datum::Value(9.0), Datum::Missing, Datum::Value(2.0), Datum::Unknown];
        assert_eq!(minutes(&store, &["14:00", "14:01", "14:02", "14:03", "14:04"]), expected);
        let once = store.clone();
        store.take(&late.0, &late.1);
        assert_eq!(store, once);
    }

    #[test]
    fn a_doubtful_answer_says_nothing_of_missing_points() {
        let mut store = MetricStore::default();
        store.take(&question("14:00", "14:02", 1), &answer(&[("14:00", 10.0)], None));
        store.take(&question("14:00", "14:03", 1), &answer(&[("14:01", 3.0)], Some("PartialData")));
        let expected = [Datum::Value(10.0), Datum::Value(3.0), Datum::Unknown];
        assert_eq!(minutes(&store, &["14:00", "14:01", "14:02"]), expected);
        let track = store.track(&series());
        assert_eq!((track.doubt(), track.read_to()), (Some("PartialData"), Some(at("14:02"))));
        assert_eq!(store.as_of(), Some(at("14:03")));
    }

    #[test]
    fn nothing_has_been_read_where_every_series_is_doubtful() {
        let mut store = MetricStore::default();
        store.take(&question("14:00", "14:03", 1), &answer(&[], Some("not an AWS reply")));
        assert_eq!((store.as_of(), store.track(&series()).read_to()), (None, None));
        store.take(&question("14:00", "14:03", 1), &answer(&[("14:00", 10.0)], Some("PartialData")));
        assert_eq!(store.as_of(), Some(at("14:03")));
    }

    #[test]
    fn of_two_windows_the_one_that_overlaps_most_is_kept_and_remembered() {
        let mut store = MetricStore::default();
        let asked = question("14:10", "14:25", 15);
        store.take(&asked, &answer(&[("14:00", 100.0), ("14:15", 200.0)], None));
        let latest = |store: &MetricStore| store.window_value(&series(), ONE_MINUTE * 15);
        let value = latest(&store).unwrap();
        assert_eq!(value, WindowValue { from: at("14:15"), to: at("14:30"), value: 200.0 });
        let asked = question("14:11", "14:26", 15);
        store.take(&asked, &answer(&[("14:00", 100.0), ("14:15", 250.0)], None));
        assert_eq!(latest(&store).map(|window| (window.from, window.value)), Some((at("14:15"), 250.0)));
        store.take(&asked, &answer(&[("14:11", 150.0)], None));
        assert_eq!(latest(&store).map(|window| window.value), Some(150.0));
        store.take(&asked, &answer(&[], Some("InternalError")));
        assert!(latest(&store).is_some(), "a doubtful answer takes nothing away");
        store.take(&asked, &answer(&[], None));
        assert_eq!(latest(&store), None);
        assert_eq!(store.as_of(), None, "a window says nothing about single minutes");
    }

    #[test]
    fn a_window_answers_for_itself_alone() {
        let mut store = MetricStore::default();
        store.take(&question("14:10", "14:25", 15), &answer(&[("14:10", 100.0)], None));
        store.take(&question("14:20", "14:25", 5), &answer(&[("14:20", 70.0)], None));
        store.take(&question("14:21", "14:26", 5), &answer(&[], None));
        store.take(&question("14:18", "14:23", 5), &answer(&[("14:15", 30.0)], None));
        let window = |from, to| store.window(&series(), at(from), at(to));
        assert_eq!(window("14:10", "14:25"), Datum::Value(100.0));
        assert_eq!(window("14:20", "14:25"), Datum::Value(70.0));
        assert_eq!(window("14:21", "14:26"), Datum::Missing);
        assert_eq!(window("14:18", "14:23"), Datum::Missing, "two of five minutes are not the window");
        assert_eq!(window("14:19", "14:24"), Datum::Unknown);
        assert_eq!(store.window_value(&series(), ONE_MINUTE * 15).map(|window| window.value), Some(100.0));
    }

    #[test]
    fn four_hours_are_kept() {
        let mut store = MetricStore::default();
        store.take(&question("09:00", "10:00", 1), &answer(&[("09:59", 1.0)], None));
        store.take(&question("13:55", "14:00", 1), &answer(&[("13:59", 2.0)], None));
        let points: Vec<_> = store.track(&series()).points(at("00:00"), at("23:00")).collect();
        assert_eq!(points, [(at("13:59"), 2.0)]);
        assert_eq!(store.track(&series()).latest(), Some((at("13:59"), 2.0)));
    }

    #[test]
    fn points_of_an_empty_or_turned_time_are_none() {
        let mut store = MetricStore::default();
        store.take(&question("14:00", "14:03", 1), &answer(&[("14:00", 10.0)], None));
        assert_eq!(store.track(&series()).points(at("14:02"), at("14:00")).count(), 0);
    }
}
