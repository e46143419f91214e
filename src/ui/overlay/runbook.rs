//! The runbook: its steps by moment, and one step in full. For a command that is the plan of its run: program,
//! arguments, folder, time limit and the names of the variables that it gets, and afterwards what it wrote.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Dialog, text};
use crate::{
    app::{runbook::StepState, view::StepDialog},
    config::{RunbookStep, StepMoment, Way},
    keys::Action,
    ui::Scene,
};

/// The dialog with all steps.
pub(super) fn dialog(scene: &Scene<'_>, row: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let steps = &scene.app.deck.environment.runbook;
    let done = steps.iter().filter(|step| scene.app.runbook.is_done(&step.title)).count();
    let mut dialog = Dialog::new(format!("RUNBOOK {done}/{}", steps.len()), theme.focus(), room.min(100));
    let columns = usize::from(dialog.width);
    let mut heading = None;
    for (index, step) in steps.iter().enumerate() {
        if heading != Some(step.when) {
            if heading.is_some() {
                dialog.gap();
            }
            dialog.lines.push(Line::styled(moment(step.when), theme.muted()));
            heading = Some(step.when);
        }
        let is_selected = index == row;
        dialog.lines.push(line(scene, step, is_selected, columns));
        if is_selected {
            for words in [step.text.clone(), way(step)].into_iter().flatten() {
                let wrapped = text::wrap(&text::clean(&words), columns.saturating_sub(4));
                dialog.lines.extend(wrapped.into_iter().map(|line| Line::styled(format!("    {line}"), theme.text())));
            }
            dialog.cursor = dialog.lines.len().saturating_sub(1);
        }
    }
    dialog
}

/// A step in one line: how it stands, its title, and how it is taken or what became of it.
pub(in crate::ui) fn line(scene: &Scene<'_>, step: &RunbookStep, is_selected: bool, columns: usize) -> Line<'static> {
    let theme = scene.theme;
    let (glyph, style) = glyph(scene, step);
    let facts = facts(scene, step).or_else(|| way(step)).unwrap_or_else(|| "by hand".to_owned());
    let line = Line::from(vec![
        Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
        Span::styled(format!("{glyph} "), style),
        Span::styled(text::clean(&step.title), theme.strong()),
        Span::styled(format!("   {}", text::clean(&facts)), theme.muted()),
    ]);
    text::cut_line(line, columns)
}

fn moment(when: StepMoment) -> &'static str {
    match when {
        StepMoment::Before => "before the first shift",
        StepMoment::RollBack => "at a rollback: what it does not put back",
        StepMoment::After => "after the release",
    }
}

pub(in crate::ui) fn glyph(scene: &Scene<'_>, step: &RunbookStep) -> (&'static str, Style) {
    let theme = scene.theme;
    match scene.app.runbook.state(&step.title) {
        None => ("☐", theme.text()),
        Some(StepState::Running { .. }) => ("⟳", theme.warning()),
        Some(state) if state.is_done() => ("☑", theme.good()),
        Some(_) => ("✖", theme.danger()),
    }
}

/// What became of a step, and by whom.
fn facts(scene: &Scene<'_>, step: &RunbookStep) -> Option<String> {
    let clock = |at| text::clock(at, scene.app.utc);
    Some(match scene.app.runbook.state(&step.title)? {
        StepState::Running { since, by } => {
            format!("RUNNING for {}, {by}", text::ago(*since, scene.now.world))
        }
        StepState::Ran { by, reading, .. } => {
            let word = if reading.passed() { "PASSED" } else { "FAILED" };
            format!("{word}: {} after {} s, {by} at {}", reading.ending, reading.took.as_secs(), clock(reading.at))
        }
        StepState::Done { at, by } => format!("DONE, {by} at {}", clock(*at)),
    })
}

/// How a step is taken, where the words alone do not say it.
fn way(step: &RunbookStep) -> Option<String> {
    match &step.way {
        Way::ByHand => None,
        Way::Page(url) => Some(url.clone()),
        Way::Run(_) => step.command_line().map(|line| format!("$ {line}")),
    }
}

/// The dialog with one step.
pub(super) fn step(scene: &Scene<'_>, shown: &StepDialog, room: usize) -> Dialog {
    let theme = scene.theme;
    let Some(step) = scene.app.deck.environment.runbook.get(shown.row) else {
        return Dialog::new("RUNBOOK", theme.focus(), room.min(60));
    };
    let is_command = step.command().is_some();
    let style = if is_command && scene.is_protected() { theme.danger() } else { theme.focus() };
    let environment = &scene.app.deck.environment;
    let place = if environment.protected { environment.name.to_uppercase() } else { environment.name.clone() };
    let kind = if is_command { "PLAN: run" } else { "RUNBOOK:" };
    let title = text::clean(&format!("{kind} “{}” in {place}", step.title));
    let mut dialog = Dialog::new(title, style, room.min(100));
    dialog.fact(theme, "wanted", moment(step.when), theme.muted());
    if let Some(words) = &step.text {
        dialog.fact(theme, "what", &text::clean(words), theme.text());
    }
    match &step.way {
        Way::ByHand => {}
        Way::Page(url) => dialog.fact(theme, "page", &text::clean(url), theme.info()),
        Way::Run(_) => plan(scene, step, &mut dialog),
    }
    if let Some(facts) = facts(scene, step) {
        let (glyph, style) = glyph(scene, step);
        dialog.fact(theme, "state", &format!("{glyph} {}", text::clean(&facts)), style);
    }
    output(scene, step, &mut dialog);
    let first = shown.scroll.min(dialog.lines.len().saturating_sub(1));
    dialog.lines = dialog.lines.split_off(first);
    dialog.footer = footer(scene, shown, step);
    dialog
}

/// What is run, before it is.
fn plan(scene: &Scene<'_>, step: &RunbookStep, dialog: &mut Dialog) {
    let Some(command) = step.command() else { return };
    let theme = scene.theme;
    let mut fact = |name: &str, words: String| dialog.fact(theme, name, &text::clean(&words), theme.text());
    for (index, word) in command.argv.iter().enumerate() {
        let name = match index {
            0 => "program",
            1 => "arguments",
            _ => "",
        };
        fact(name, if word.is_empty() { "“”".to_owned() } else { word.clone() });
    }
    let here = || "where flightdeck was started".to_owned();
    fact("folder", command.cwd.as_ref().map_or_else(here, |folder| folder.display().to_string()));
    fact("limit", text::span(jiff::SignedDuration::try_from(command.timeout).unwrap_or(jiff::SignedDuration::MAX)));
    let names: Vec<&str> = command.env.keys().map(String::as_str).collect();
    if !names.is_empty() {
        fact("variables", names.join(", "));
    }
}

/// What the command wrote.
fn output(scene: &Scene<'_>, step: &RunbookStep, dialog: &mut Dialog) {
    let Some(StepState::Ran { reading, .. }) = scene.app.runbook.state(&step.title) else { return };
    dialog.gap();
    let lines = reading.output.lines();
    if lines.is_empty() {
        dialog.say("It wrote nothing.", scene.theme.muted());
    }
    let columns = usize::from(dialog.width).max(1);
    for line in lines {
        let parts = text::chop(&text::clean(&line), columns);
        dialog.lines.extend(parts.into_iter().map(|part| Line::styled(part, scene.theme.text())));
    }
}

/// What stands between the plan and its run.
fn footer(scene: &Scene<'_>, shown: &StepDialog, step: &RunbookStep) -> Vec<Line<'static>> {
    let theme = scene.theme;
    if step.command().is_none() {
        return Vec::new();
    }
    if let Some(ban) = scene.app.step_ban(step) {
        return vec![Line::styled(format!("✖ cannot be run: {}", text::clean(&ban)), theme.warning())];
    }
    let name = text::clean(&scene.app.deck.environment.name);
    if scene.app.wants_name_for_step(shown) {
        return super::plan::type_the_name(scene, &name, &shown.typed);
    }
    if scene.is_protected() { vec![Line::styled(format!("✔ {name}"), theme.good())] } else { Vec::new() }
}

/// The keys of a step as it stands.
pub(super) fn hints(scene: &Scene<'_>, shown: &StepDialog) -> Vec<(Action, &'static str)> {
    let mut hints = Vec::new();
    if let Some(step) = scene.app.deck.environment.runbook.get(shown.row) {
        let has_begun = scene.app.runbook.state(&step.title).is_some();
        if step.command().is_none() {
            let words = if scene.app.runbook.is_done(&step.title) { "takes the tick back" } else { "ticks it as done" };
            hints.push((Action::Confirm, words));
        } else if scene.app.step_ban(step).is_none() && !scene.app.wants_name_for_step(shown) {
            hints.push((
                Action::Confirm,
                match (has_begun, scene.app.takes_yes(scene.now)) {
                    (false, true) => "runs it",
                    (true, true) => "runs it again",
                    (_, false) => "runs it soon",
                },
            ));
        }
        // While the name is typed letters are letters; the arrows scroll all the same.
        let has_output = matches!(scene.app.runbook.state(&step.title), Some(StepState::Ran { .. }));
        if has_output && !scene.app.wants_name_for_step(shown) {
            hints.extend([(Action::Down, "further"), (Action::Up, "back")]);
        }
    }
    hints.push((Action::Back, "to the list"));
    hints
}
