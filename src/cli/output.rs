//! Standard output, where it may be a pipe that nobody reads any more, or a full disk: neither ends the program half-way.

use std::{
    fmt::Display,
    io::{ErrorKind, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

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

/// Whether something could not be printed that somebody waits for.
pub(super) fn is_lost() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}
