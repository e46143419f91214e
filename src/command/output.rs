//! What a command wrote, as much of it as is worth keeping: how it began and how it ended.

use std::collections::VecDeque;

use crate::text::clean;

/// So much is kept of the beginning, and as much of the end, in bytes.
const KEPT_BYTES: usize = 8 * 1024;

/// The beginning and the end of an output of any length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    first: Vec<u8>,
    last: VecDeque<u8>,
    left_out: u64,
}

impl Output {
    /// This text, and nothing else.
    pub(super) fn of_text(text: &str) -> Self {
        let mut output = Self::default();
        output.push(text.as_bytes());
        output
    }

    /// Takes in what was written next.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let (to_first, to_last) = bytes.split_at(bytes.len().min(KEPT_BYTES - self.first.len()));
        self.first.extend_from_slice(to_first);
        self.last.extend(to_last);
        let too_many = self.last.len().saturating_sub(KEPT_BYTES);
        self.last.drain(..too_many);
        self.left_out += too_many as u64;
    }

    /// The lines, safe to print. Where something was left out a line says how much.
    pub fn lines(&self) -> Vec<String> {
        let last: Vec<u8> = self.last.iter().copied().collect();
        if self.left_out == 0 {
            return lines(&[self.first.as_slice(), &last].concat());
        }
        let mut kept = lines(&self.first);
        kept.push(format!("… {} bytes are left out here …", self.left_out));
        kept.extend(lines(&last));
        kept
    }

    /// The last line that is not empty: what a command says before it ends is usually why.
    pub fn last_line(&self) -> Option<String> {
        self.lines().into_iter().rev().map(|line| line.trim().to_owned()).find(|line| !line.is_empty())
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&[u8]]) -> Output {
        let mut output = Output::default();
        for piece in pieces {
            output.push(piece);
        }
        output
    }

    #[test]
    fn a_short_output_is_kept_whole() {
        assert_eq!(written(&[b"one\ntw", b"o\r\n\nthree"]).lines(), ["one", "two", "", "three"]);
        assert_eq!(written(&[b"it\n", b"broke\n  \n"]).last_line().as_deref(), Some("broke"));
        assert_eq!(written(&[]).last_line(), None);
    }

    #[test]
    fn nothing_is_lost_up_to_twice_the_measure() {
        let letters: Vec<u8> = (b'a'..=b'z').cycle().take(2 * KEPT_BYTES).collect();
        let output = written(&letters.chunks(1000).collect::<Vec<_>>());
        assert_eq!(output.lines().concat().into_bytes(), letters);
    }

    #[test]
    fn of_a_long_output_both_ends_are_kept() {
        let middle = vec![b'.'; 100_000];
        let output = written(&[b"begin\n", &middle, b"\nthe end"]);
        let lines = output.lines();
        assert_eq!((lines.first().unwrap().as_str(), lines.last().unwrap().as_str()), ("begin", "the end"));
        let left_out = 6 + 100_000 + 8 - 2 * KEPT_BYTES;
        assert!(lines.contains(&format!("… {left_out} bytes are left out here …")), "{left_out}");
        assert!(output.first.len() + output.last.len() <= 2 * KEPT_BYTES);
    }

    #[test]
    fn an_output_can_steer_no_terminal() {
        let lines = written(&[b"\x1b[2Jred\x07\xff\n\tx"]).lines();
        assert_eq!(lines, ["[2Jred\u{fffd}", " x"]);
    }
}
