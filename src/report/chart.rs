//! Line charts as SVG, drawn for paper and screen: two versions, the moments of the shifts, the limit. Colours are
//! named by class, so that the page decides them.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{html::escape, number, time};
use crate::release::{memory::ShiftMark, routing::trim_percent};

/// The size of a chart in its own units, and the room around its lines.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 34.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 20.0;
/// A point more than so many seconds after the one before does not belong to the same stroke: a gap is a gap.
const LONGEST_STROKE: i64 = 90;
/// A shift so many seconds before or after the minutes is still shown.
const NEAR: i64 = 300;

/// One chart.
pub struct Chart<'a> {
    /// What it shows, with the unit.
    pub title: &'a str,
    /// One line a version.
    pub lines: Vec<Series>,
    /// The limit, drawn across.
    pub limit: Option<f64>,
    /// The shifts, drawn upright.
    pub shifts: &'a [ShiftMark],
}

/// One line of a chart.
pub struct Series {
    /// How it looks: `stable` or `new`.
    pub class: &'static str,
    /// What stands at its end.
    pub label: String,
    /// Its points, oldest first.
    pub points: Vec<(Timestamp, f64)>,
}

/// The part of time and value that a chart shows.
struct Frame {
    from: i64,
    to: i64,
    top: f64,
}

impl Chart<'_> {
    /// The chart as an `<svg>`, or a line of text where there is nothing to draw.
    pub fn svg(&self) -> String {
        let Some(frame) = self.frame() else {
            return format!("<p class=\"none\">{}: no minutes on record</p>", escape(self.title));
        };
        let title = escape(self.title);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><text class=\"title\" x=\"0\" \
             y=\"11\">{title}</text>"
        );
        axes(&mut svg, &frame);
        self.marks(&mut svg, &frame);
        for series in &self.lines {
            stroke(&mut svg, &frame, series);
        }
        svg.push_str("</svg>");
        svg
    }

    fn frame(&self) -> Option<Frame> {
        let points = || self.lines.iter().flat_map(|series| &series.points);
        let first = points().map(|(at, _)| at.as_second()).min()?;
        let last = points().map(|(at, _)| at.as_second()).max()?;
        // A shift close behind the last minute, such as the rollback that ended it all, belongs into the picture.
        let shifts = || self.shifts.iter().map(|shift| shift.at.as_second());
        let near = shifts().filter(|second| (first - NEAR..=last + NEAR).contains(second));
        let (from, to) = near.fold((first, last.max(first + 60)), |(from, to), at| (from.min(at), to.max(at)));
        let highest = points().map(|(_, value)| *value).chain(self.limit).fold(0.0, f64::max);
        Some(Frame { from, to, top: nice(highest * 1.05) })
    }

    /// The limit, and the shifts with their percent.
    fn marks(&self, svg: &mut String, frame: &Frame) {
        if let Some(limit) = self.limit {
            let (y, right, label) = (frame.y(limit), WIDTH - RIGHT, number(limit));
            put(
                svg,
                format_args!(
                    "<line class=\"limit\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
                     <text class=\"limit\" x=\"{}\" y=\"{:.1}\">limit {label}</text>",
                    LEFT + 3.0,
                    y - 3.0
                ),
            );
        }
        for shift in self.shifts {
            let second = shift.at.as_second();
            if !(frame.from..=frame.to).contains(&second) {
                continue;
            }
            let (x, bottom, percent) = (frame.x(second), HEIGHT - BOTTOM, trim_percent(shift.percent));
            let class = if shift.percent > 0.0 { "shift" } else { "back" };
            put(
                svg,
                format_args!(
                    "<g class=\"{class}\"><title>{percent} % at {}</title>\
                     <line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
                     <text x=\"{:.1}\" y=\"{:.1}\">{percent}%</text></g>",
                    time(shift.at),
                    x + 2.0,
                    TOP + 7.0
                ),
            );
        }
    }
}

/// The grid with its values, and the first and last minute.
fn axes(svg: &mut String, frame: &Frame) {
    for part in [0.0, 0.5, 1.0] {
        let y = frame.y(frame.top * part);
        let label = number(frame.top * part);
        let right = WIDTH - RIGHT;
        put(svg, format_args!("<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>"));
        let (x, y) = (LEFT - 5.0, y + 3.5);
        put(svg, format_args!("<text class=\"axis\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{label}</text>"));
    }
    for (second, anchor) in [(frame.from, "start"), (frame.to, "end")] {
        let Ok(at) = Timestamp::from_second(second) else { continue };
        let (x, y, label) = (frame.x(second), HEIGHT - 5.0, at.strftime("%H:%MZ"));
        put(svg, format_args!("<text class=\"axis\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>"));
    }
}

impl Frame {
    #[expect(clippy::cast_precision_loss, reason = "seconds of some hours are small numbers")]
    fn x(&self, second: i64) -> f64 {
        let part = (second - self.from) as f64 / (self.to - self.from) as f64;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (value / self.top).clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    }
}

/// A version's line with its name at the end; a minute that stands alone is a dot.
fn stroke(svg: &mut String, frame: &Frame, series: &Series) {
    let Series { class, label, points } = series;
    let strokes = points.chunk_by(|(one, _), (next, _)| next.as_second() - one.as_second() <= LONGEST_STROKE);
    for points in strokes {
        let place = |(at, value): &(Timestamp, f64)| format!("{:.1},{:.1}", frame.x(at.as_second()), frame.y(*value));
        match points {
            [(at, value)] => {
                let (x, y) = (frame.x(at.as_second()), frame.y(*value));
                put(svg, format_args!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.8\"/>"));
            }
            points => {
                let points = points.iter().map(place).collect::<Vec<_>>().join(" ");
                put(svg, format_args!("<polyline class=\"{class}\" points=\"{points}\"/>"));
            }
        }
    }
    if let Some((at, value)) = points.last() {
        let (x, y, label) = (frame.x(at.as_second()) + 4.0, frame.y(*value) + 3.5, escape(label));
        put(svg, format_args!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>"));
    }
}

/// The next number above that reads well: 1, 2, 2.5 or 5 times a power of ten.
fn nice(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= value).unwrap_or(value)
}

/// Writing to a text cannot fail.
fn put(svg: &mut String, piece: std::fmt::Arguments<'_>) {
    let _ = svg.write_fmt(piece);
}
