//! A sign of life while a check asks: one line on stderr that counts, and is gone before anything is printed. A pipe or a
//! file never sees it.

use std::{
    cell::Cell,
    io::{IsTerminal, Write},
};

/// Takes the cursor to the line's beginning and empties the line.
const ANEW: &str = "\r\x1b[K";

/// The line.
pub(super) struct Sign<W> {
    /// `None` where nobody looks.
    to: Option<std::cell::RefCell<W>>,
    environment: String,
    done: Cell<usize>,
}

impl Sign<std::io::Stderr> {
    /// On stderr, if that is a terminal.
    pub(super) fn of(environment: &str) -> Self {
        let stderr = std::io::stderr();
        let to = stderr.is_terminal().then_some(stderr);
        Self::on(to, environment)
    }
}

impl<W: Write> Sign<W> {
    fn on(to: Option<W>, environment: &str) -> Self {
        Self { to: to.map(std::cell::RefCell::new), environment: environment.to_owned(), done: Cell::new(0) }
    }

    /// Something else is asked about now.
    pub(super) fn asks(&self, what: &str) {
        self.write(&format!("flightdeck: asks about {}: {what} …", self.environment));
    }

    /// One more of so many has answered. Lambda is asked five things a second at most: many functions take their time.
    pub(super) fn answered(&self, all: usize, what: &str) {
        self.done.set(self.done.get() + 1);
        self.asks(&format!("{} of {all} {what}", self.done.get()));
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.write("");
    }

    fn write(&self, words: &str) {
        let Some(to) = &self.to else { return };
        let mut to = to.borrow_mut();
        // A sign that cannot be given stops no check.
        let _ = write!(to, "{ANEW}{words}").and_then(|()| to.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_on_one_line_and_leaves_nothing() {
        let sign = Sign::on(Some(Vec::new()), "production");
        sign.answered(2, "functions");
        sign.answered(2, "functions");
        sign.end();
        let written = String::from_utf8(sign.to.unwrap().into_inner()).unwrap();
        let lines: Vec<&str> = written.split(ANEW).collect();
        let counted = |count| format!("flightdeck: asks about production: {count} of 2 functions …");
        assert_eq!(lines, ["", &counted(1), &counted(2), ""]);
    }

    #[test]
    fn nobody_looks_at_a_pipe() {
        let sign: Sign<Vec<u8>> = Sign::on(None, "production");
        sign.asks("alarms");
        sign.end();
        assert!(sign.to.is_none());
    }
}
