//! What each gate says of each function, and why: its value, its limit and the time of its data.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Dialog, text};
use crate::{
    app::running::in_unit,
    release::gates::{GateResult, Level, Outcome, Tally, tally},
    ui::{Scene, Theme},
};

/// Columns of the state in words, and of a value or a limit.
const STATE: usize = 11;
const VALUE: usize = 9;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, row: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let results = scene.app.gate_results();
    let mut dialog = Dialog::new(format!("GATES {}", in_short(tally(results))), theme.focus(), room.min(110));
    if results.is_empty() {
        dialog.say("No gate has been asked yet.", theme.muted());
        return dialog;
    }
    let widest = |names: &mut dyn Iterator<Item = usize>, most: usize| names.max().unwrap_or(0).min(most);
    let names = widest(&mut results.iter().map(|result| text::width(&result.gate)), 22).max(4);
    let functions = widest(&mut results.iter().map(|result| text::width(&function(result))), 24).max(8);
    let heading = format!(
        "  {}{}  {}  {}  {}  data",
        text::left("", STATE),
        text::left("gate", names),
        text::left("function", functions),
        text::right("value", VALUE),
        text::right("limit", VALUE),
    );
    dialog.lines.push(Line::styled(heading, theme.muted()));
    for (index, result) in results.iter().enumerate() {
        let is_selected = index == row;
        dialog.lines.push(line(scene, result, is_selected, names, functions));
        for words in text::wrap(&why(result), usize::from(dialog.width).saturating_sub(STATE + 2)) {
            dialog.lines.push(Line::styled(format!("  {}{words}", " ".repeat(STATE)), theme.muted()));
        }
        if is_selected {
            dialog.cursor = dialog.lines.len().saturating_sub(1);
        }
    }
    dialog
}

fn line(scene: &Scene<'_>, result: &GateResult, is_selected: bool, names: usize, functions: usize) -> Line<'static> {
    let theme = scene.theme;
    let (word, style) = state(theme, result);
    let number = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| in_unit(value, result.unit));
    let as_of = result.data_to.map_or_else(|| "—".to_owned(), |at| text::clock(at, scene.app.utc));
    Line::from(vec![
        Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
        Span::styled(text::left(word, STATE), style),
        Span::styled(text::left(&text::clean(&result.gate), names), theme.strong()),
        Span::styled(format!("  {}", text::left(&function(result), functions)), theme.text()),
        Span::styled(format!("  {}", text::right(&number(result.value), VALUE)), style),
        Span::styled(format!("  {}", text::right(&number(result.threshold), VALUE)), theme.muted()),
        Span::styled(format!("  {as_of}"), theme.muted()),
    ])
}

fn function(result: &GateResult) -> String {
    result.target.as_ref().map_or_else(|| "all".to_owned(), |target| text::clean(&target.name()))
}

fn state(theme: &Theme, result: &GateResult) -> (&'static str, Style) {
    match result.outcome {
        Outcome::Pass => ("✔ pass", theme.good()),
        Outcome::Fail { level: Level::Warning, .. } => ("▲ warning", theme.warning()),
        Outcome::Fail { level: Level::Critical, .. } => ("✖ FAIL", theme.danger()),
        Outcome::Undecided { .. } if result.holds => ("… waits", theme.info()),
        Outcome::Undecided { .. } => ("… no data", theme.muted()),
    }
}

/// Why it says so, where the numbers do not say it.
fn why(result: &GateResult) -> String {
    let note = text::clean(&result.note);
    let reason = match result.outcome {
        Outcome::Undecided { why } => why.to_string(),
        Outcome::Fail { alike: true, .. } => "the stable version fails alike".to_owned(),
        Outcome::Pass | Outcome::Fail { .. } => String::new(),
    };
    [reason, note].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(": ")
}

/// `6✔ 1▲ 0✖ 2…`: how many gates say what.
pub(in crate::ui) fn in_short(tally: Tally) -> String {
    let warning = if tally.warning > 0 { format!(" {}▲", tally.warning) } else { String::new() };
    format!("{}✔{warning} {}✖ {}…", tally.pass, tally.fail, tally.undecided)
}
