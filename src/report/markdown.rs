//! A report for a chat, a ticket or a wiki.

use std::fmt::Write as _;

use super::{lines, measured, moment, name, time};
use crate::release::{
    record::{GateResult, Past},
    routing::trim_percent,
    story::{self, Story, lasting},
};

/// The report as Markdown.
pub fn markdown(past: &Past) -> String {
    let story = story::tell(past);
    let mut text = head(&story);
    text.push_str(&functions(&story));
    text.push_str(&stages(&story));
    text.push_str(&gates(&story));
    text.push_str(&checklist(&story));
    text.push_str(&runbook(&story));
    text.push_str(&timeline(past));
    let metrics = story.metrics_asked;
    write_line(&mut text, format_args!("\nWatching it took {metrics} metrics from CloudWatch: ${:.4}.", story.dollars));
    text
}

fn head(story: &Story) -> String {
    let mut text = format!("# Release {}: {}\n\n", plain(&name(story)), story.outcome());
    let endpoint = story.place.endpoint.as_ref().map(|url| format!(" at {}", plain(url))).unwrap_or_default();
    let mut fact = |name: &str, value: String| write_line(&mut text, format_args!("- {name}: {value}"));
    fact("Where", format!("{}, {}{endpoint}", plain(&story.site.environment), plain(&story.place.region)));
    fact("Account", if story.site.account.is_empty() { "not known".to_owned() } else { plain(&story.site.account) });
    fact("By", plain(&story.who.in_full()));
    if let Some(why) = &story.why {
        fact("Why", plain(why));
    }
    fact("Began", moment(story.began));
    if let Some(ended) = story.ended {
        fact("Over", format!("{}, after {}", moment(ended), lasting(ended.duration_since(story.began))));
    }
    if let Some(why) = &story.rolled_back_why {
        fact("Why it was rolled back", plain(why));
    }
    if let Some(within) = story.rolled_back_within {
        fact("Rolled back within", lasting(within));
    }
    if let Some(note) = &story.note {
        fact("Remark", plain(note));
    }
    text
}

fn functions(story: &Story) -> String {
    let mut text =
        "\n## Functions\n\n| function | stable | new | traffic | about |\n|---|---|---|---|---|\n".to_owned();
    for function in &story.functions {
        let shifts = function.shifts.iter();
        let shifts = shifts.map(|shift| format!("{} % at {}", trim_percent(shift.percent), time(shift.at)));
        let shifts = shifts.collect::<Vec<_>>().join(", ");
        let target = plain(&function.target.to_string());
        let about = plain(&function.about);
        write_line(
            &mut text,
            format_args!("| {target} | {} | {} | {shifts} | {about} |", function.stable, function.new),
        );
    }
    text
}

fn stages(story: &Story) -> String {
    if story.functions.iter().all(|function| function.shifts.is_empty()) {
        return "\nNo traffic was moved.\n".to_owned();
    }
    if story.stages.is_empty() {
        return String::new();
    }
    let mut text = "\n## Stages\n\n| stage | from | for | functions |\n|---|---|---|---|\n".to_owned();
    for stage in &story.stages {
        let length = stage.to.map_or_else(|| "—".to_owned(), |to| lasting(to.duration_since(stage.from)));
        let torn = if stage.reached < stage.of { " — torn" } else { "" };
        let percent = trim_percent(stage.percent);
        let (from, reached, of) = (time(stage.from), stage.reached, stage.of);
        write_line(&mut text, format_args!("| {percent} % | {from} | {length} | {reached} of {of}{torn} |"));
    }
    text
}

fn gates(story: &Story) -> String {
    if story.gates.is_empty() {
        return String::new();
    }
    let mut text =
        "\n## Gates\n\n| gate | stands at | failed | value | limit | data of | remark |\n|---|---|---|---|---|---|---|\n".to_owned();
    for gate in &story.gates {
        let (name, value, limit) =
            (plain(&gate.name), measured(gate.value, &gate.unit), measured(gate.threshold, &gate.unit));
        let (result, failed, note) = (result(gate.result), gate.failed, plain(&gate.note));
        let as_of = gate.as_of.map_or_else(|| "—".to_owned(), time);
        write_line(
            &mut text,
            format_args!("| {name} | {result} | {failed} × | {value} | {limit} | {as_of} | {note} |"),
        );
    }
    text
}

fn checklist(story: &Story) -> String {
    if story.checklist.is_empty() {
        return String::new();
    }
    let mut text = "\n## Checklist\n\n".to_owned();
    for item in &story.checklist {
        let mark = if item.done { "x" } else { " " };
        let (words, phase, who, at) = (plain(&item.item), plain(&item.phase), plain(&item.who), time(item.at));
        let required = if item.required { ", required" } else { "" };
        write_line(&mut text, format_args!("- [{mark}] {words} ({phase}{required}; {who} at {at})"));
    }
    text
}

fn runbook(story: &Story) -> String {
    if story.runbook.is_empty() {
        return String::new();
    }
    let mut text = "\n## Runbook\n\n".to_owned();
    for step in &story.runbook {
        let (title, moment, who, at) = (plain(&step.title), plain(&step.moment), plain(&step.who), time(step.at));
        write_line(&mut text, format_args!("- {title} ({moment}; {who} at {at}): {}", step.end()));
        for line in &step.output {
            write_line(&mut text, format_args!("  > {}", plain(line)));
        }
    }
    text
}

fn timeline(past: &Past) -> String {
    let mut text = "\n## What happened\n\n".to_owned();
    for line in lines::lines(past) {
        let (at, mark, who, what) = (time(line.at), line.tone.mark(), plain(&line.who), plain(&line.what));
        write_line(&mut text, format_args!("- {at} {mark} {who}: {what}"));
    }
    text
}

/// A gate's result as a word.
pub(super) fn result(result: GateResult) -> &'static str {
    match result {
        GateResult::Pass => "pass",
        GateResult::Fail => "FAIL",
        GateResult::Undecided => "undecided",
    }
}

/// Writing to a text cannot fail.
fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{line}");
}

/// A text that Markdown takes as it stands: no tables, links, emphasis or tags come of it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '>' | '|' | '#' | '~' | '!' | '$' => {
                plain.push('\\');
                plain.push(character);
            }
            control if control.is_control() => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}
