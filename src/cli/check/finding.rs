//! What a check found, and how it is printed.

use serde::Serialize;

use crate::{aws::clean, cli::output::print};

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub what: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, and what to do about it.
    pub words: String,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Ok,
    Warning,
    Failed,
    /// It cannot be answered from here.
    Unanswerable,
}

impl Finding {
    pub fn new(what: impl Into<String>, verdict: Verdict, words: impl Into<String>) -> Self {
        Self { what: what.into(), verdict, words: words.into() }
    }

    /// The same with a warning.
    pub fn but(mut self, words: &str) -> Self {
        self.verdict = Verdict::Warning;
        self.words = format!("{}; {words}", self.words);
        self
    }
}

/// Prints all findings and a line that counts them.
pub(super) fn tell(findings: &[Finding], as_json: bool) {
    if as_json {
        print(format_args!("{:#}", serde_json::json!(findings)));
        return;
    }
    let widest = findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or(0).min(40);
    for Finding { what, verdict, words } in findings {
        print(format_args!("{} {what:<widest$}  {}", verdict.glyph(), clean(words), what = clean(what)));
    }
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (warnings, failed, open) = (count(Verdict::Warning), count(Verdict::Failed), count(Verdict::Unanswerable));
    print(format_args!(
        "\n{} ok, {warnings} warnings, {failed} failed, {open} not answerable here",
        count(Verdict::Ok)
    ));
}

impl Verdict {
    fn glyph(self) -> &'static str {
        match self {
            Self::Ok => "✔",
            Self::Warning => "▲",
            Self::Failed => "✖",
            Self::Unanswerable => "…",
        }
    }
}
