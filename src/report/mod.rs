//! A release as something to send: Markdown, HTML in one file, JSON. It draws from the journal's rows and the story
//! told from them; it reads no file and no clock. Text from AWS and from people is data here and is always escaped.

mod chart;
mod html;
mod json;
mod markdown;
#[cfg(test)]
mod tests;

pub use html::html;
pub use json::json;
pub use markdown::markdown;

use jiff::Timestamp;

use crate::release::story::{Story, lines};

/// `2026-11-20 14:32:07Z`: reports are read in other places than they were made.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `14:32:07`.
fn time(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// What the release is called: its title and id, or its id.
fn name(story: &Story) -> String {
    match &story.title {
        Some(title) => format!("{title} ({})", story.id),
        None => story.id.to_string(),
    }
}

/// A number with no more digits than it needs: `0.92`, `81.5`, `1200`.
fn number(value: f64) -> String {
    let digits = if value.abs() >= 100.0 { 0 } else { 2 };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with its unit behind it, or the dash that stands for "no data".
fn measured(value: Option<f64>, unit: &str) -> String {
    value.map_or_else(|| "—".to_owned(), |value| format!("{}{unit}", number(value)))
}
