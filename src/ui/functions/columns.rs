//! How wide each column of the functions table is. Where room runs out the columns go in a fixed order, and names,
//! versions, the set share, the error rate and the state stay.

use ratatui::text::{Line, Span};

use super::super::{Scene, text};
use crate::{app::deck::Function, release::count};

/// The width of each column in cells; 0 leaves a column out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Columns {
    /// What stands over the names.
    pub heading: &'static str,
    pub name: usize,
    pub versions: usize,
    pub bar: usize,
    pub set: usize,
    pub seen: usize,
    pub errors: usize,
    /// The stable version's error rate beside the new one's.
    pub was: usize,
    pub p99: usize,
    pub throttles: usize,
    pub word: usize,
}

/// Names are shortened to this before a column is left out.
const SHORT_NAME: usize = 14;

impl Columns {
    /// The columns for so many cells and these functions.
    pub fn of(room: usize, functions: &[&Function]) -> Self {
        let longest = functions.iter().map(|function| text::width(&function.target.name())).max().unwrap_or(0);
        let versions = functions.iter().map(|function| versions_width(function)).max().unwrap_or(0).clamp(10, 24);
        let mut columns = Self {
            heading: count::heading(functions.iter().map(|function| function.target.kind)),
            name: 0,
            versions,
            bar: 10,
            set: 5,
            seen: 4,
            errors: 5,
            was: 6,
            p99: 5,
            throttles: 4,
            word: 9,
        };
        let shrink: [fn(&mut Self); 9] = [
            |columns| columns.was = 0,
            |columns| columns.bar = 8,
            |columns| columns.bar = 6,
            |columns| columns.bar = 5,
            |columns| columns.throttles = 0,
            |columns| columns.bar = 0,
            |columns| columns.word = 0,
            |columns| columns.seen = 0,
            |columns| columns.p99 = 0,
        ];
        let wanted = longest.min(SHORT_NAME).max(columns.heading.len());
        for step in shrink {
            if room >= columns.taken() + wanted {
                break;
            }
            step(&mut columns);
        }
        let left = room.saturating_sub(columns.taken());
        // What is to spare goes to the name up to its full length, then to the bar.
        columns.name = left.min(longest.max(columns.heading.len()));
        if columns.bar > 0 {
            columns.bar += (left - columns.name).min(10);
        }
        columns
    }

    /// The heading over the columns.
    pub fn heading(&self, scene: &Scene<'_>) -> Line<'static> {
        let mut text =
            format!("   {} {} ", text::left(self.heading, self.name), text::left("live → new", self.versions));
        if self.bar > 0 {
            text.push_str(&text::left(if self.bar < 7 { "split" } else { "traffic" }, self.bar));
            text.push(' ');
        }
        text.push_str(&text::right("set", self.set));
        text.push(' ');
        for (name, columns) in [("seen", self.seen), ("err%", self.errors)] {
            if columns > 0 {
                text.push_str(&text::right(name, columns));
                text.push_str(if name == "seen" { " " } else { "" });
            }
        }
        for (name, columns) in [("stable", self.was), ("p99ms", self.p99), ("thr", self.throttles)] {
            if columns > 0 {
                text.push(' ');
                text.push_str(&text::right(name, columns));
            }
        }
        if self.word > 0 {
            text.push_str("  state");
        }
        Line::from(Span::styled(text, scene.theme.muted()))
    }

    /// Everything but the name, with the gaps between.
    fn taken(&self) -> usize {
        let gap = |columns: usize| if columns > 0 { columns + 1 } else { 0 };
        let state = 2 + 1 + self.word;
        3 + 1
            + gap(self.versions)
            + gap(self.bar)
            + gap(self.set)
            + gap(self.seen)
            + self.errors
            + gap(self.was)
            + gap(self.p99)
            + gap(self.throttles)
            + state
    }
}

/// The stable version, and the new one in traffic or waiting; `…` where nobody has looked for one yet.
pub(super) fn versions(function: &Function) -> (String, Option<String>) {
    let stable = function.stable().map_or_else(|| text::NO_DATA.to_owned(), |version| version.to_string());
    let new = function.new_version().map(|version| version.to_string());
    (stable, new.or_else(|| unread(function).map(str::to_owned)))
}

/// What stands for a newer version that may be there and was not read: `…` is on its way, `—` cannot be read.
pub(super) fn unread(function: &Function) -> Option<&'static str> {
    match (function.versions.value(), function.versions.trouble()) {
        (Some(_), _) => None,
        (None, None) => Some("…"),
        (None, Some(_)) => Some(text::NO_DATA),
    }
}

/// ` ↑44`, where a newer version exists than the one in the release.
pub(super) fn newer(function: &Function) -> Option<String> {
    function.newer_exists().map(|newer| format!(" ↑{newer}"))
}

fn versions_width(function: &Function) -> usize {
    let (stable, new) = versions(function);
    let newer = newer(function).map_or(0, |newer| text::width(&newer));
    text::width(&stable) + new.map_or(0, |new| 3 + text::width(&new)) + newer
}

/// How many cells of a bar are full. A share above zero shows at least one cell, one below all never every cell.
pub(in crate::ui) fn filled(percent: f64, cells: usize) -> usize {
    let share = percent.clamp(0.0, 100.0) / 100.0;
    let full = (0..cells).filter(|cell| half_full(*cell, cells) <= share).count();
    let least = usize::from(share > 0.0).min(cells);
    let most = if share < 1.0 { cells.saturating_sub(1) } else { cells };
    full.clamp(least.min(most), most)
}

/// The share at which a cell counts as full.
fn half_full(cell: usize, cells: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (number(cell) + 0.5) / number(cells.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_never_lies_about_none_and_all() {
        assert_eq!([0.0, 0.1, 10.0, 50.0, 99.9, 100.0].map(|percent| filled(percent, 10)), [0, 1, 1, 5, 9, 10]);
        assert_eq!([0.0, 50.0, 100.0].map(|percent| filled(percent, 0)), [0, 0, 0]);
        assert_eq!(filled(50.0, 1), 0, "one cell cannot show a half");
    }

    #[test]
    fn columns_fill_the_room_and_never_more() {
        for room in 30..200 {
            let columns = Columns::of(room, &[]);
            assert!(columns.taken() + columns.name <= room.max(34), "{room}: {columns:?}");
        }
    }
}
