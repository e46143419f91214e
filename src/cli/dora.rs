//! `flightdeck dora`: the delivery figures of the releases in the journal, against the targets of the configuration
//! where there is one.

use super::{
    Failure,
    args::Args,
    exit,
    history::{nothing_yet, past},
    output::print,
    past_args::DoraArgs,
};
use crate::{
    clock::Clock,
    config,
    journal::Wanted,
    release::{
        count::several,
        dora::{self, Dora, Figure, Targets, Unit},
        story::{self, Story, lasting},
    },
};

/// Prints the figures.
pub fn run(args: &Args, wanted: &DoraArgs) -> Result<u8, Failure> {
    let targets = targets(args)?;
    let now = Clock::system().now().world;
    let from = now.checked_sub(wanted.since).map_err(Failure::refused)?;
    let all = Wanted { since: Some(from), environment: args.global.environment.clone(), ..Wanted::default() };
    let stories: Vec<Story> = past(args, &all)?.iter().map(story::tell).collect();
    // The clock of an embedded world runs ahead of ours.
    let to = stories.iter().filter_map(|story| story.ended.or_else(|| story.first_shift())).fold(now, Ord::max);
    let dora = dora::count(&stories, from, to, &targets);
    if wanted.json {
        print(format_args!("{:#}", serde_json::to_value(&dora).unwrap_or_default()));
    } else if dora.deployments == 0 && !stories.is_empty() {
        // History lists them, so it must not sound here as if there were none.
        let (count, verb) = (several(stories.len(), "release"), if stories.len() == 1 { "stands" } else { "stand" });
        print(format!("{count} {verb} in the journal in this time, and none moved traffic to a new version."));
    } else if dora.deployments == 0 {
        print(nothing_yet(args, true));
    } else {
        print!("{}", as_text(&dora));
    }
    Ok(exit::DONE)
}

/// The targets. A configuration is not needed; one that is named must be there, and one that is broken is said.
fn targets(args: &Args) -> Result<Targets, Failure> {
    match super::setting(args) {
        Ok(setting) => Ok(setting.config.dora),
        Err(failure) if args.global.config.is_some() || args.scenario().is_some() => Err(failure),
        Err(failure) => {
            let variables = |name: &str| std::env::var(name).ok();
            let named = variables(config::VARIABLE);
            if config::find(None, named.as_deref(), &config::folders(&variables)).is_ok() {
                failure.tell();
                eprintln!("flightdeck: the figures are counted without their targets");
            }
            Ok(Targets::default())
        }
    }
}

fn as_text(dora: &Dora) -> String {
    let (from, to) = (dora.from.strftime("%Y-%m-%d"), dora.to.strftime("%Y-%m-%d"));
    let mut text = format!(
        "{} from {from} to {to}, {} over, {} rolled back\n\n{:<21}{:>12}{:>16}  of\n",
        several(dora.deployments, "release"),
        dora.over,
        dora.rolled_back,
        "",
        "value",
        "target"
    );
    for figure in &dora.figures {
        let value = figure.value.map_or_else(|| "—".to_owned(), |value| in_words(value, figure.unit));
        let mark = match figure.met {
            Some(true) => " ✔",
            Some(false) => " ✖",
            None => "",
        };
        let target = figure.target.map(|target| format!("{} {}", bound(figure), in_words(target, figure.unit)));
        let target = target.unwrap_or_else(|| "—".to_owned());
        let line = format!("{:<21}{value:>12}{target:>16}  {}{mark}", figure.name, figure.of);
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str("\n`flightdeck dora --help` says what each of them counts.\n");
    text
}

fn bound(figure: &Figure) -> &'static str {
    match figure.unit {
        Unit::PerWeek | Unit::Share => "≥",
        Unit::Percent | Unit::Seconds => "≤",
    }
}

fn in_words(value: f64, unit: Unit) -> String {
    match unit {
        Unit::PerWeek => format!("{value:.1} a week"),
        Unit::Percent | Unit::Share => format!("{value:.1} %"),
        Unit::Seconds => lasting(jiff::SignedDuration::from_secs_f64(value)),
    }
}
