//! The metrics panel: its lines, which of them are on screen, and what is asked for them. What a panel says is the
//! brain's; how it looks is the screen's.

use jiff::Timestamp;

use super::{App, asking::Scope, view::Panel};
use crate::release::metrics::{
    Series,
    ask::Rhythm,
    panel::{MetricPanel, PanelReading, PanelState},
};

/// A line of the metrics panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricLine<'a> {
    /// A resource's name above its panels.
    Heading(&'a str),
    /// A panel.
    Panel(&'a MetricPanel),
}

impl App {
    /// The lines of the metrics panel: a person's own metrics, then each resource under its heading.
    pub fn metric_lines(&self) -> Vec<MetricLine<'_>> {
        let mut lines = Vec::new();
        let mut heading = "";
        for panel in &self.deck.environment.metrics {
            if panel.resource != heading {
                heading = &panel.resource;
                lines.push(MetricLine::Heading(heading));
            }
            lines.push(MetricLine::Panel(panel));
        }
        lines
    }

    /// The panel under the cursor; under a heading stands its first.
    pub fn selected_panel(&self) -> Option<&MetricPanel> {
        let lines = self.metric_lines();
        let cursor = self.view.scroll[Panel::Metrics.index()].min(lines.len().saturating_sub(1));
        lines.into_iter().skip(cursor).find_map(|line| match line {
            MetricLine::Panel(panel) => Some(panel),
            MetricLine::Heading(_) => None,
        })
    }

    /// What a panel says now.
    pub fn panel_reading(&self, panel: &MetricPanel, now: Timestamp) -> PanelReading {
        let mut reading = panel.read(&self.metrics, now);
        if let (PanelState::Unread, Some((error, _))) = (&reading.state, self.metrics_trouble()) {
            reading.state = PanelState::Trouble(error.to_string());
        }
        reading
    }

    /// The series of all panels, each by the rhythm that its panel needs: those on screen once a minute, the others
    /// every five. A status reads all of them once; without a screen only the gates' own are read, which are not here.
    pub(super) fn series_of_panels(&self) -> Vec<(Series, Rhythm)> {
        let is_seen: Box<dyn Fn(usize) -> bool> = match self.scope {
            Scope::Status => Box::new(|_| true),
            Scope::Cockpit => {
                // The screen scrolls no further than to its last line: near the end it shows lines above the cursor.
                let (cursor, rows) = (self.view.scroll[Panel::Metrics.index()], self.view.most_metric_lines());
                let is_near_the_end = cursor + rows > self.metric_lines().len();
                let from = if is_near_the_end { cursor.saturating_sub(rows) } else { cursor };
                Box::new(move |line| (from..cursor + rows).contains(&line))
            }
            Scope::Release | Scope::Shift | Scope::RollBack => return Vec::new(),
        };
        let lines = self.metric_lines();
        let panels = lines.iter().enumerate().filter_map(|(at, line)| match line {
            MetricLine::Heading(_) => None,
            MetricLine::Panel(panel) => Some((at, *panel)),
        });
        let rhythm = |at: usize, panel: &MetricPanel| match (panel.is_daily, is_seen(at)) {
            (true, _) => Rhythm::Day,
            (false, true) => Rhythm::Minute,
            (false, false) => Rhythm::FiveMinutes,
        };
        panels
            .flat_map(|(at, panel)| panel.formula.series().into_iter().map(move |series| (series.clone(), at, panel)))
            .map(|(series, at, panel)| (series, rhythm(at, panel)))
            .collect()
    }
}
