//! `flightdeck history`: past releases in one line each, from the journal alone. It reads no configuration and asks
//! AWS nothing. The other commands about the past open their journal here too.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Failure, args::Args, exit, output::print, past_args::HistoryArgs};
use crate::{
    aws::clean,
    clock::Clock,
    journal::{Journal, Wanted},
    release::{
        record::Past,
        story::{self, Story, lasting},
    },
    sim::scenario,
};

/// Lists the releases.
pub fn run(args: &Args, history: &HistoryArgs) -> Result<u8, Failure> {
    let now = Clock::system().now().world;
    let since = history.since.map(|since| now.checked_sub(since).map_err(Failure::refused)).transpose()?;
    let limit = Some(history.limit);
    let wanted = Wanted { since, limit, environment: args.global.environment.clone(), ..Wanted::default() };
    let stories: Vec<Story> = past(args, &wanted)?.iter().map(story::tell).collect();
    if history.json {
        print(format_args!("{:#}", Value::Array(stories.iter().map(as_json).collect())));
    } else if stories.is_empty() {
        print(nothing_yet(args, since.is_some()));
    } else {
        print!("{}", as_text(&stories));
    }
    Ok(exit::DONE)
}

/// The releases that are wanted from the journal that the flags mean: the real one, or that of an embedded world.
pub fn past(args: &Args, wanted: &Wanted) -> Result<Vec<Past>, Failure> {
    let journal = match args.scenario() {
        Some(name) => {
            scenario::find(name).map_err(Failure::refused)?;
            Journal::of_world(name, "", jiff::Timestamp::UNIX_EPOCH, BTreeMap::new())
        }
        None => Journal::of_platform(None, ""),
    };
    journal.releases(wanted).map_err(Failure::failed)
}

/// A kind word where there is nothing to show.
pub fn nothing_yet(args: &Args, is_narrowed: bool) -> String {
    let whose = args.scenario().map(|name| format!(" of the embedded world {name}")).unwrap_or_default();
    let environment = args.global.environment.as_ref().map(|name| format!(" to {}", clean(name))).unwrap_or_default();
    let when = if is_narrowed { " in this time" } else { " yet" };
    format!(
        "No release{environment} stands in the journal{whose}{when}. Every release made with flightdeck on this machine \
         is written down here."
    )
}

fn as_text(stories: &[Story]) -> String {
    let mut rows = vec![["release", "environment", "began", "took", "outcome", "by", "functions"].map(str::to_owned)];
    rows.extend(stories.iter().map(row));
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    });
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(story: &Story) -> [String; 7] {
    let functions = story.functions.iter().map(|f| format!("{} {}→{}", f.target.name(), f.stable, f.new));
    let cells = [
        story.id.to_string(),
        story.site.environment.clone(),
        story.began.strftime("%Y-%m-%d %H:%MZ").to_string(),
        story.took().map_or_else(|| "—".to_owned(), lasting),
        story.outcome(),
        story.who.short().to_owned(),
        functions.collect::<Vec<_>>().join(", "),
    ];
    cells.map(|cell| clean(&cell))
}

fn as_json(story: &Story) -> Value {
    let mut value = serde_json::to_value(story).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("words".to_owned(), json!(story.outcome()));
    }
    value
}
