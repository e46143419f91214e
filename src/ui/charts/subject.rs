//! What the charts of a function show: which lines, which levels, which markers. How they are drawn is no matter here.

use jiff::Timestamp;
use ratatui::style::Style;

use super::super::{Scene, functions::state, plot::Window, text};
use crate::{
    app::{deck::Function, metric_schedule::Unread},
    release::{
        memory::ShiftMark,
        metrics::{
            ChartMeasure, ChartPoint, Line, Summary,
            lens::{Lens, Reach},
        },
        names::Version,
        routing::trim_percent,
    },
};

/// One chart.
pub(super) struct Chart {
    pub title: &'static str,
    pub curves: Vec<Curve>,
    pub levels: Vec<Level>,
    /// The numbers over the last closed minutes, beside the title.
    pub legend: Vec<(String, Style)>,
    /// What stands in its place where it has no points: that there were no calls, or that nobody knows.
    pub silence: String,
}

/// One line of a chart.
pub(super) struct Curve {
    pub label: String,
    /// Labels of a high rank are left out first where room is short.
    pub rank: u8,
    pub points: Vec<ChartPoint>,
    pub style: Style,
}

/// A limit or an alarm's threshold.
pub(super) struct Level {
    pub value: f64,
    pub words: String,
    pub style: Style,
}

/// An upright marker: the weights changed.
pub(super) struct Marker {
    pub at: Timestamp,
    pub words: String,
}

/// The charts of a function in this time: error rate, durations, calls.
pub(super) fn charts(scene: &Scene<'_>, function: &Function, window: Window) -> [Chart; 3] {
    let lens = scene.app.lens(function, scene.now.world);
    let sides = sides(scene, &lens);
    let subject = Subject { scene, function, lens, sides, window };
    [subject.errors(), subject.durations(), subject.calls()]
}

/// Every change of the weights that is on record, also those of a release that was rolled back.
pub(super) fn markers(function: &Function) -> Vec<Marker> {
    let marker = |shift: &ShiftMark| Marker { at: shift.at, words: format!("{}%", trim_percent(shift.percent)) };
    if function.entry().is_some() {
        return function.shifts().iter().map(marker).collect();
    }
    let Some(back) = &function.memory.rolled_back else { return Vec::new() };
    let mut markers: Vec<Marker> = back.entry.shifts.iter().map(marker).collect();
    markers.push(Marker { at: back.at, words: "back".to_owned() });
    markers
}

/// What is drawn apart: the two versions of a split, or all calls as one.
#[derive(Clone, Copy)]
struct Side {
    version: Option<Version>,
    style: Style,
}

fn sides(scene: &Scene<'_>, lens: &Lens<'_>) -> Vec<Side> {
    let theme = scene.theme;
    match (lens.stable, lens.new) {
        (Some(stable), Some(new)) if stable != new => vec![
            Side { version: Some(stable), style: theme.stable() },
            Side { version: Some(new), style: theme.new_version() },
        ],
        _ => vec![Side { version: None, style: theme.stable() }],
    }
}

struct Subject<'a> {
    scene: &'a Scene<'a>,
    function: &'a Function,
    lens: Lens<'a>,
    sides: Vec<Side>,
    window: Window,
}

impl Subject<'_> {
    fn errors(&self) -> Chart {
        let limits = &self.scene.app.deck.environment.thresholds;
        let mut levels = self.limit(limits.error_rate);
        levels.extend(self.alarms(|metric, _| metric.contains('/') && metric.to_lowercase().contains("err")));
        Chart {
            title: "error rate %",
            curves: self.curves(&[("", ChartMeasure::ErrorRate)]),
            levels,
            legend: self.legend(|summary| summary.error_rate),
            silence: self.silence(),
        }
    }

    fn durations(&self) -> Chart {
        let limits = &self.scene.app.deck.environment.thresholds;
        let mut levels = self.limit(limits.p99_ms);
        levels.extend(self.alarms(|metric, _| metric == "Duration"));
        Chart {
            title: "p50 p95 p99 ms",
            curves: self.curves(&[("p50", ChartMeasure::P50), ("p95", ChartMeasure::P95), ("p99", ChartMeasure::P99)]),
            levels,
            legend: self.legend(|summary| summary.p99_ms),
            silence: self.silence(),
        }
    }

    fn calls(&self) -> Chart {
        Chart {
            title: "calls a minute",
            curves: self.curves(&[("", ChartMeasure::Invocations)]),
            levels: self.alarms(|metric, period| metric == "Invocations" && period == 60),
            legend: self.legend(|summary| summary.invocations.map(|calls| calls / 15.0)),
            silence: self.silence(),
        }
    }

    /// Why there is nothing to draw: never read, not readable, and read and empty are three things.
    fn silence(&self) -> String {
        let reach = self.lens.reach(self.window.from, self.window.to);
        let unread = match self.scene.app.why_unread(&self.lens) {
            Unread::Yet => "not read yet".to_owned(),
            Unread::Failing(why) => format!("not read: {}", text::clean(&why)),
        };
        let line = Line { measure: ChartMeasure::Invocations, version: None };
        let has_calls = !self.lens.chart(line, self.window.from, self.window.to).is_empty();
        match reach {
            Reach::Nothing => unread,
            _ if has_calls => "nothing reported in this time".to_owned(),
            Reach::All => "no calls in this time".to_owned(),
            Reach::Part => "no calls in what was read of this time".to_owned(),
        }
    }

    fn curves(&self, measures: &[(&str, ChartMeasure)]) -> Vec<Curve> {
        let mut curves = Vec::new();
        for side in &self.sides {
            for (name, measure) in measures {
                let rank = match measure {
                    ChartMeasure::P95 => 2,
                    ChartMeasure::P50 => 1,
                    _ => 0,
                };
                let line = Line { measure: *measure, version: side.version };
                let label = match (side.version, name.is_empty()) {
                    (Some(version), true) => version.label(),
                    (Some(version), false) => format!("{version} {name}"),
                    (None, true) => String::new(),
                    (None, false) => (*name).to_owned(),
                };
                let points = self.lens.chart(line, self.window.from, self.window.to);
                curves.push(Curve { label, rank, points, style: side.style });
            }
        }
        curves
    }

    fn legend(&self, number: impl Fn(&Summary) -> Option<f64>) -> Vec<(String, Style)> {
        let text = |summary: &Summary| number(summary).map_or_else(|| text::NO_DATA.to_owned(), text::short);
        let side = |side: &Side| match side.version {
            Some(version) => (format!("{} {}", version.label(), text(&self.lens.of(version))), side.style),
            None => (text(&self.lens.total()), side.style),
        };
        self.sides.iter().map(side).collect()
    }

    fn limit(&self, limit: Option<f64>) -> Vec<Level> {
        let style = self.scene.theme.warning();
        limit.map(|value| Level { value, words: format!("limit {}", text::figure(value)), style }).into_iter().collect()
    }

    /// The thresholds of the alarms that watch this function and such a metric; its period is in seconds.
    fn alarms(&self, fits: impl Fn(&str, u64) -> bool) -> Vec<Level> {
        let style = self.scene.theme.danger();
        let watched = state::alarms(self.scene, self.function).filter_map(|alarm| alarm.watches.as_ref());
        let mut levels: Vec<Level> = watched
            .filter(|watched| fits(&watched.metric, watched.period.as_secs()))
            .map(|watched| Level {
                value: watched.threshold,
                words: format!("alarm {}", text::figure(watched.threshold)),
                style,
            })
            .collect();
        levels.dedup_by(|one, other| one.words == other.words);
        levels
    }
}
