//! A small chart on a grid of cells: lines in braille dots over a ground of dashed levels and upright markers.
//! It knows points in time and values, not what they mean.

use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

use super::{put, text};
use crate::release::metrics::ChartPoint;

/// The braille dots of a cell, by column and row.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// Points further apart than this are not joined: a gap is a gap.
const GAP_SECONDS: i64 = 90;

/// The time that a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    /// Where a moment lies, from 0 at the start to 1 at the end.
    pub fn share(&self, at: Timestamp) -> f64 {
        let whole = self.to.duration_since(self.from).as_secs_f64().max(1.0);
        at.duration_since(self.from).as_secs_f64() / whole
    }
}

/// A scale from zero to a round number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// The value at the top.
    pub top: f64,
    /// The distance of the labels.
    pub step: f64,
}

impl Scale {
    /// The scale on which `highest` just fits, with about `labels` round labels above zero.
    pub fn up_to(highest: f64, labels: u8) -> Self {
        let highest = if highest.is_finite() && highest > 0.0 { highest } else { 1.0 };
        let rough = highest / f64::from(labels.max(1));
        let magnitude = 10_f64.powf(rough.log10().floor());
        let factor = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|factor| factor * magnitude >= rough * 0.999);
        let step = factor.unwrap_or(10.0) * magnitude;
        Self { top: (highest / step * 0.999).ceil().max(1.0) * step, step }
    }
}

/// The grid while it is being drawn on.
pub(super) struct Plot {
    columns: usize,
    rows: usize,
    window: Window,
    scale: Scale,
    dots: Vec<(u8, Style)>,
    ground: Vec<Option<(char, Style)>>,
    /// Over everything else, so that it can be read.
    words: Vec<Option<(char, Style)>>,
}

impl Plot {
    /// An empty grid of so many cells.
    pub fn new(area: Rect, window: Window, scale: Scale) -> Self {
        let (columns, rows) = (usize::from(area.width), usize::from(area.height));
        let cells = columns * rows;
        Self {
            columns,
            rows,
            window,
            scale,
            dots: vec![(0, Style::new()); cells],
            ground: vec![None; cells],
            words: vec![None; cells],
        }
    }

    /// A dashed line at a value.
    pub fn level(&mut self, value: f64, style: Style) {
        let Some(row) = self.row_of(value) else { return };
        for column in 0..self.columns {
            self.set_ground(column, row, '┈', style);
        }
    }

    /// An upright line at a moment, with words beside its top.
    pub fn marker(&mut self, at: Timestamp, words: &str, style: Style) {
        let Some(column) = self.column_of(at) else { return };
        for row in 0..self.rows {
            self.set_ground(column, row, '│', style);
        }
        let width = text::width(words);
        let first = if column >= width { column - width } else { column + 1 };
        self.words(first, 0, words, style);
    }

    /// Words over everything else, such as a level's name.
    pub fn words(&mut self, column: usize, row: usize, words: &str, style: Style) {
        for (column, character) in (column..self.columns).zip(words.chars()) {
            if let Some(cell) = self.words.get_mut(row * self.columns + column) {
                *cell = Some((character, style));
            }
        }
    }

    /// A line through points, oldest first. Minutes that are still settling are dotted in their own style.
    pub fn line(&mut self, points: &[ChartPoint], settled: Style, settling: Style) {
        for point in points {
            if let Some((x, y)) = self.dot_of(point) {
                self.set_dot(x, y, if point.closed { settled } else { settling });
            }
        }
        for pair in points.windows(2) {
            let (one, other) = (&pair[0], &pair[1]);
            if other.at.duration_since(one.at).as_secs() > GAP_SECONDS {
                continue;
            }
            if let (Some(from), Some(to)) = (self.dot_of(one), self.dot_of(other)) {
                let closed = one.closed && other.closed;
                self.join(from, to, if closed { 1 } else { 3 }, if closed { settled } else { settling });
            }
        }
    }

    /// The row of cells in which a value lies, if it is on the scale.
    pub fn row_of(&self, value: f64) -> Option<usize> {
        (self.rows > 0 && (0.0..=self.scale.top).contains(&value))
            .then(|| index((1.0 - value / self.scale.top) * last(self.rows)))
    }

    /// Puts everything on the screen.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        for row in 0..self.rows {
            let cells = (0..self.columns).map(|column| {
                let at = row * self.columns + column;
                match (self.words[at], self.dots[at], self.ground[at]) {
                    (Some((character, style)), _, _) | (None, (0, _), Some((character, style))) => {
                        Span::styled(character.to_string(), style)
                    }
                    (None, (0, _), None) => Span::raw(" "),
                    (None, (dots, style), _) => Span::styled(braille(dots).to_string(), style),
                }
            });
            let line: Vec<Span<'static>> = cells.collect();
            put(buffer, area, u16::try_from(row).unwrap_or(u16::MAX), ratatui::text::Line::from(line));
        }
    }

    /// The cell column of a moment, if it is in the window.
    pub fn column_of(&self, at: Timestamp) -> Option<usize> {
        let share = self.window.share(at);
        (self.columns > 0 && (0.0..=1.0).contains(&share)).then(|| index(share * last(self.columns)))
    }

    fn dot_of(&self, point: &ChartPoint) -> Option<(usize, usize)> {
        let share = self.window.share(point.at);
        if self.dots.is_empty() || !(0.0..=1.0).contains(&share) || !point.value.is_finite() {
            return None;
        }
        let height = (point.value / self.scale.top).clamp(0.0, 1.0);
        Some((index(share * last(self.columns * 2)), index((1.0 - height) * last(self.rows * 4))))
    }

    fn set_dot(&mut self, x: usize, y: usize, style: Style) {
        if let Some((dots, ink)) = self.dots.get_mut(y / 4 * self.columns + x / 2) {
            *dots |= DOTS[x % 2][y % 4];
            *ink = style;
        }
    }

    fn set_ground(&mut self, column: usize, row: usize, character: char, style: Style) {
        if column < self.columns
            && let Some(cell) = self.ground.get_mut(row * self.columns + column)
        {
            *cell = Some((character, style));
        }
    }

    /// Every `stride`-th dot on the straight way between two dots.
    fn join(&mut self, from: (usize, usize), to: (usize, usize), stride: usize, style: Style) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1));
        for step in (0..=steps).step_by(stride) {
            let share = if steps == 0 { 0.0 } else { number(step) / number(steps) };
            let between = |one: usize, other: usize| index(number(one) + (number(other) - number(one)) * share);
            self.set_dot(between(from.0, to.0), between(from.1, to.1), style);
        }
    }
}

fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn last(count: usize) -> f64 {
    number(count.saturating_sub(1))
}

/// The nearest index. Values are positions on a screen: small and never negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to what a screen has"
)]
fn index(value: f64) -> usize {
    value.round().clamp(0.0, f64::from(u16::MAX)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scales_end_on_round_numbers() {
        let top = |highest: f64| Scale::up_to(highest, 2).top.to_string();
        let tops = [0.0, 0.7, 1.0, 2.1, 5.0, 42.0, 312.0, 4_100.0].map(top);
        assert_eq!(tops, ["1", "1", "1", "4", "5", "50", "400", "5000"]);
        assert_eq!([f64::NAN, f64::INFINITY, -3.0].map(top), ["1", "1", "1"]);
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_040 + minute * 60).unwrap()
    }

    fn rendered(plot: &Plot, area: Rect) -> Vec<String> {
        let mut buffer = Buffer::empty(area);
        plot.draw(area, &mut buffer);
        (0..area.height).map(|y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect()).collect()
    }

    #[test]
    fn a_missing_minute_leaves_a_gap() {
        let area = Rect::new(0, 0, 10, 1);
        let window = Window { from: at(0), to: at(19) };
        let point = |minute| ChartPoint { at: at(minute), value: 0.0, closed: true };
        let mut plot = Plot::new(area, window, Scale { top: 1.0, step: 1.0 });
        plot.line(&[point(0), point(1), point(2), point(3), point(12), point(13)], Style::new(), Style::new());
        assert_eq!(rendered(&plot, area), ["⣀⣀    ⣀   "]);
    }

    #[test]
    fn lines_lie_over_levels_and_markers() {
        let area = Rect::new(0, 0, 8, 2);
        let window = Window { from: at(0), to: at(15) };
        let point = |minute| ChartPoint { at: at(minute), value: 0.0, closed: true };
        let mut plot = Plot::new(area, window, Scale { top: 1.0, step: 1.0 });
        plot.level(1.0, Style::new());
        plot.marker(at(8), "50%", Style::new());
        plot.line(&[point(8), point(9)], Style::new(), Style::new());
        assert_eq!(rendered(&plot, area), ["┈50%│┈┈┈", "    ⣀   "]);
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside(
            columns in 0u16..40,
            rows in 0u16..12,
            values in proptest::collection::vec((-100i64..300, -10.0f64..1e9, any::<bool>()), 0..30),
            highest in 0.0f64..1e9,
        ) {
            let area = Rect::new(0, 0, columns, rows);
            let window = Window { from: at(0), to: at(180) };
            let mut points: Vec<ChartPoint> =
                values.iter().map(|(minute, value, closed)| ChartPoint { at: at(*minute), value: *value, closed: *closed }).collect();
            points.sort_by_key(|point| point.at);
            let mut plot = Plot::new(area, window, Scale::up_to(highest, 3));
            plot.level(highest / 2.0, Style::new());
            for point in &points {
                plot.marker(point.at, "33.3%", Style::new());
            }
            plot.line(&points, Style::new(), Style::new());
            plot.draw(area, &mut Buffer::empty(area));
        }
    }
}
