//! Recorded releases as a table: a line for each minute of a release, comma-separated, with a header. The same format
//! is written of real releases and read to judge them once more. It judges nothing itself.

mod of_past;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use jiff::Timestamp;

use super::{
    judge::counts::{Counts, MinuteCounts},
    metrics::minute::Minute,
};

pub use of_past::recordings;

/// The columns, in the order in which they are written. They may be read in any.
pub const COLUMNS: [&str; 9] =
    ["release", "minute", "weight", "base_calls", "base_errors", "base_slow", "new_calls", "new_errors", "new_slow"];

/// A recorded release.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Its name in the file.
    pub release: String,
    /// Its minutes in order. Each is whole: shifts are made between minutes.
    pub minutes: Vec<MinuteCounts>,
}

/// Why a file is not of this format. Lines count from 1, the header included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// There is no line at all.
    #[error("the file is empty; its first line names the columns: {}", COLUMNS.join(","))]
    Empty,
    /// A column is missing.
    #[error("line 1: no column {column}; the columns are {}", COLUMNS.join(","))]
    NoColumn {
        /// Its name.
        column: &'static str,
    },
    /// A column is none of the format's, or is there twice.
    #[error("line 1: column {position}, {column:?}, {problem}; the columns are {}", COLUMNS.join(","))]
    OddColumn {
        /// Counted from 1.
        position: usize,
        /// As it stands in the file.
        column: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A line ends too soon.
    #[error("line {line}, column {column}: the line ends after {found} of {} cells", COLUMNS.len())]
    Short {
        /// The line.
        line: usize,
        /// The first column that it lacks, as the file's header names it.
        column: &'static str,
        /// Its cells.
        found: usize,
    },
    /// A line goes on after its last column.
    #[error("line {line}, column {}: {found} cells, not {}", COLUMNS.len() + 1, COLUMNS.len())]
    Long {
        /// The line.
        line: usize,
        /// Its cells.
        found: usize,
    },
    /// A cell cannot be read.
    #[error("line {line}, column {column}: {text:?} is not {wanted}")]
    Cell {
        /// The line.
        line: usize,
        /// The column's name.
        column: &'static str,
        /// As it stands in the file.
        text: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// A minute of a release is there twice.
    #[error("line {line}, column minute: minute {minute} of release {release} is there twice")]
    Twice {
        /// The later line.
        line: usize,
        /// The release.
        release: String,
        /// The minute.
        minute: i64,
    },
}

/// The number of a minute in a recording: 0 begins the release, earlier ones are negative.
pub fn number(minute: Minute) -> i64 {
    minute.start().as_second().div_euclid(60)
}

/// The minute with this number.
pub fn minute(number: i64) -> Minute {
    Minute::of(Timestamp::UNIX_EPOCH).plus(number)
}

/// Writes recordings as a file.
pub fn write(recordings: &[Recording]) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    for recording in recordings {
        let name = recording.release.replace([',', '\n', '\r'], " ");
        for MinuteCounts { at, weight, stable, new, .. } in &recording.minutes {
            let counts = |of: &Counts| {
                let slow = of.slow.map(|slow| slow.to_string()).unwrap_or_default();
                format!("{},{},{slow}", of.calls, of.errors)
            };
            let (stable, new) = (counts(stable), counts(new));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name},{},{weight},{stable},{new}", number(*at));
        }
    }
    text
}

/// Reads a file's releases, in the order in which they first appear.
pub fn read(text: &str) -> Result<Vec<Recording>, TraceError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let (header, _) = lines.next().ok_or(TraceError::Empty)?;
    let columns = Columns::read(header)?;
    let mut order: HashMap<&str, usize> = HashMap::new();
    let mut releases: Vec<(&str, BTreeMap<Minute, MinuteCounts>)> = Vec::new();
    for (text, line) in lines {
        let row = Row { cells: columns.cells(text, line)?, line };
        let release = row.cells[0];
        if release.is_empty() {
            return Err(row.error(0, "a release's name"));
        }
        let counts = row.minute()?;
        let index = *order.entry(release).or_insert(releases.len());
        if index == releases.len() {
            releases.push((release, BTreeMap::new()));
        }
        if releases[index].1.insert(counts.at, counts).is_some() {
            return Err(TraceError::Twice { line, release: release.to_owned(), minute: number(counts.at) });
        }
    }
    let recording = |(release, minutes): (&str, BTreeMap<_, _>)| Recording {
        release: release.to_owned(),
        minutes: minutes.into_values().collect(),
    };
    Ok(releases.into_iter().map(recording).collect())
}

/// Where each of [`COLUMNS`] stands in the file.
struct Columns([usize; COLUMNS.len()]);

impl Columns {
    fn read(header: &str) -> Result<Self, TraceError> {
        let names: Vec<_> = header.split(',').map(str::trim).collect();
        for (index, name) in names.iter().enumerate() {
            let odd = |problem| TraceError::OddColumn { position: index + 1, column: (*name).to_owned(), problem };
            if !COLUMNS.contains(name) {
                return Err(odd("is not known"));
            }
            if names[..index].contains(name) {
                return Err(odd("is there twice"));
            }
        }
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = names.iter().position(|name| *name == column).ok_or(TraceError::NoColumn { column })?;
        }
        Ok(Self(places))
    }

    /// A line's cells in the order of [`COLUMNS`].
    fn cells<'a>(&self, text: &'a str, line: usize) -> Result<[&'a str; COLUMNS.len()], TraceError> {
        let mut cells = [""; COLUMNS.len()];
        let mut found = 0;
        for cell in text.split(',') {
            if let Some(slot) = cells.get_mut(found) {
                *slot = cell.trim();
            }
            found += 1;
        }
        let lacking = COLUMNS.iter().zip(self.0).find(|(_, place)| *place == found);
        match lacking {
            Some((column, _)) => Err(TraceError::Short { line, column, found }),
            None if found > COLUMNS.len() => Err(TraceError::Long { line, found }),
            None => Ok(self.0.map(|place| cells[place])),
        }
    }
}

struct Row<'a> {
    cells: [&'a str; COLUMNS.len()],
    line: usize,
}

impl Row<'_> {
    fn minute(&self) -> Result<MinuteCounts, TraceError> {
        // A year to each side is more than any release takes, and keeps every minute a moment that can be named.
        const FARTHEST: i64 = 366 * 24 * 60;
        let number = self.cells[1].parse::<i64>().ok().filter(|minute| (-FARTHEST..=FARTHEST).contains(minute));
        let weight = self.cells[2].parse::<f64>().ok().filter(|weight| (0.0..=1.0).contains(weight));
        Ok(MinuteCounts {
            at: minute(number.ok_or_else(|| self.error(1, "a whole minute within a year"))?),
            weight: weight.ok_or_else(|| self.error(2, "a weight from 0 to 1"))?,
            stable: self.counts(3)?,
            new: self.counts(6)?,
            whole: true,
        })
    }

    /// The three counts from a column on. An empty cell of slow calls says that they were not counted.
    fn counts(&self, first: usize) -> Result<Counts, TraceError> {
        // More than a thousand million calls a minute are nobody's, and sums of them stay countable.
        const MOST: u64 = 1_000_000_000;
        let count = |column: usize| {
            let count = self.cells[column].parse::<u64>().ok().filter(|count| *count <= MOST);
            count.ok_or_else(|| self.error(column, "a count of calls"))
        };
        let slow = if self.cells[first + 2].is_empty() { None } else { Some(count(first + 2)?) };
        Ok(Counts { calls: count(first)?, errors: count(first + 1)?, slow, p90_ms: None })
    }

    fn error(&self, column: usize, wanted: &'static str) -> TraceError {
        TraceError::Cell { line: self.line, column: COLUMNS[column], text: self.cells[column].to_owned(), wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "release,minute,weight,base_calls,base_errors,base_slow,new_calls,new_errors,new_slow";

    fn refusal(lines: &[&str]) -> String {
        read(&lines.join("\n")).unwrap_err().to_string()
    }

    #[test]
    fn a_minute_of_a_release() {
        let read = read(&format!("{HEADER}\nr1,-1,0,100,1,2,0,0,0\r\nr1,0,0.1,90,1,,10,3,\n\n")).unwrap();
        assert_eq!((read.len(), read[0].release.as_str(), read[0].minutes.len()), (1, "r1", 2));
        let [before, first] = read[0].minutes[..] else { panic!("two minutes") };
        assert_eq!((number(before.at), before.stable.slow), (-1, Some(2)));
        assert_eq!((number(first.at), first.weight, first.whole), (0, 0.1, true));
        assert_eq!(first.new, Counts { calls: 10, errors: 3, slow: None, p90_ms: None });
    }

    #[test]
    fn what_was_written_is_read_again() {
        let text = format!("{HEADER}\nr1,-1,0,100,1,2,0,0,0\nr1,0,0.1,90,1,,10,3,\n");
        assert_eq!(write(&read(&text).unwrap()), text);
    }

    #[test]
    fn releases_may_be_mixed_and_columns_in_any_order() {
        let text = "\u{feff}minute,release,weight,new_calls,new_errors,new_slow,base_calls,base_errors,base_slow\n\
                    1,b,0.5,1,2,3,4,5,6\n0,a,0.5,1,0,0,4,0,0\n0,b,0.1,7,0,0,8,0,0\n";
        let read = read(text).unwrap();
        assert_eq!(read.iter().map(|found| found.release.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(read[0].minutes.iter().map(|found| number(found.at)).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((read[0].minutes[1].stable.calls, read[0].minutes[1].new.errors), (4, 2));
    }

    #[test]
    fn wrong_columns_are_named() {
        assert!(refusal(&[""]).contains("the file is empty"));
        assert!(refusal(&["release,minute,weight"]).contains("line 1: no column base_calls"));
        assert!(refusal(&["release,minute,wait"]).contains("column 3, \"wait\", is not known"));
        assert!(refusal(&["release,minute,minute"]).contains("column 3, \"minute\", is there twice"));
        assert_eq!(refusal(&[HEADER, "r,0,0.1"]), "line 2, column base_calls: the line ends after 3 of 9 cells");
        assert_eq!(refusal(&[HEADER, "r,0,0.1,1,1,1,1,1,1,1"]), "line 2, column 10: 10 cells, not 9");
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column() {
        let good = "r,0,0.1,9,0,0,1,0,0";
        for (line, words) in [
            (",0,0.1,9,0,0,1,0,0", "line 3, column release: \"\" is not a release's name"),
            ("r,x,0.1,9,0,0,1,0,0", "line 3, column minute: \"x\" is not a whole minute within a year"),
            ("r,99999999999,0.1,9,0,0,1,0,0", "column minute"),
            ("r,-9223372036854775808,0.1,9,0,0,1,0,0", "column minute"),
            ("r,1,0.1,18446744073709551615,0,0,1,0,0", "column base_calls"),
            ("r,1,1.5,9,0,0,1,0,0", "line 3, column weight: \"1.5\" is not a weight from 0 to 1"),
            ("r,1,NaN,9,0,0,1,0,0", "column weight"),
            ("r,1,0.1,-9,0,0,1,0,0", "line 3, column base_calls: \"-9\" is not a count of calls"),
            ("r,1,0.1,9,0,0,1,,0", "line 3, column new_errors: \"\" is not a count of calls"),
            ("r,1,0.1,9,0,0,1,0,0.5", "line 3, column new_slow"),
            ("r,0,0.1,9,0,0,1,0,0", "line 3, column minute: minute 0 of release r is there twice"),
        ] {
            let found = refusal(&[HEADER, good, line]);
            assert!(found.contains(words), "{found} does not say {words}");
        }
    }
}
