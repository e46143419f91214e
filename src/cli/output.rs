//! Standard output, where it may be a pipe that nobody reads any more, or a full disk: neither ends the program half-way.

use std::{
    fmt::Display,
    io::{ErrorKind, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::release::names::Target;

/// Tables of most environments look alike.
const LEAST_NAME: usize = 34;

static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Prints a line. A reader that went away has read enough; any other trouble is said once.
pub(super) fn print(text: impl Display) {
    let mut out = std::io::stdout().lock();
    let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) else {
        return;
    };
    if error.kind() != ErrorKind::BrokenPipe && !IS_LOST.swap(true, Ordering::Relaxed) {
        eprintln!("flightdeck: the output could not be written: {error}");
    }
}

/// How wide the column of names is that a table begins with, in cells.
pub(super) fn name_width<'a>(targets: impl IntoIterator<Item = &'a Target>) -> usize {
    targets.into_iter().map(|target| target.to_string().chars().count()).max().unwrap_or(0).max(LEAST_NAME)
}

/// Whether something could not be printed that somebody waits for.
pub(super) fn is_lost() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}
