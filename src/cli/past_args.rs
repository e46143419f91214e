//! What the commands about the past take: which releases, told in what form. Says nothing of what happens then.

use std::{fmt::Write as _, path::PathBuf};

use clap::Args as ClapArgs;
use jiff::SignedDuration;

use crate::release::dora;

/// What `history` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct HistoryArgs {
    /// Only releases that began within so long, such as 12h, 90d or 8w [default: all]
    #[arg(long, value_name = "TIME", value_parser = time_back)]
    pub since: Option<SignedDuration>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print JSON: an array with an object per release
    #[arg(long)]
    pub json: bool,
}

/// What `report` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct ReportArgs {
    /// The release's id, as `flightdeck history` lists it [default: the newest]
    pub release: Option<String>,
    /// Write this release minute by minute, as `flightdeck replay` reads it
    #[arg(long, value_name = "RELEASE", conflicts_with_all = ["release", "format"])]
    pub export_trace: Option<String>,
    /// How to write it [default: by the ending of FILE, else md]
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// Write to this file, not to the terminal
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// Markdown, for a chat, a ticket or a wiki
    Md,
    /// One HTML file with charts, to send or to print
    Html,
    /// JSON, for a program
    Json,
}

/// What `dora` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct DoraArgs {
    /// Count the releases within so long, such as 12h, 90d or 8w
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = time_back)]
    pub since: SignedDuration,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// How far to look back, with days of 24 hours.
fn time_back(text: &str) -> Result<SignedDuration, String> {
    let span = text.parse::<jiff::Span>().ok();
    let length = span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    length.filter(SignedDuration::is_positive).ok_or_else(|| "not a length of time such as 12h, 90d or 8w".to_owned())
}

/// What the figures of `dora` mean, and where their targets come from.
pub fn dora_help() -> String {
    let mut help = "What is counted:\n".to_owned();
    for (name, definition) in dora::DEFINITIONS {
        let _ = writeln!(help, "  {name}: {definition}");
    }
    help.push_str("\nTargets stand under [dora] in the configuration; without one the figures stand alone.");
    help
}
