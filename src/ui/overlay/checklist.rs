//! The checklist: what is to be done before, during and after the release, who ticked it and when.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Dialog, text};
use crate::{
    release::checklist::{Item, ItemState, Phase, Ticks},
    ui::Scene,
};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, row: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let checklist = &scene.app.checks.checklist;
    let (done, all) = checklist.progress();
    let mut dialog = Dialog::new(format!("CHECKLIST {done}/{all}"), theme.focus(), room.min(96));
    let columns = usize::from(dialog.width);
    let mut heading = None;
    for (index, item) in checklist.items().iter().enumerate() {
        let here = (item.settings.phase, item.settings.section.as_deref());
        if heading != Some(here) {
            if heading.is_some() {
                dialog.gap();
            }
            let section = here.1.map(|section| format!(" · {}", text::clean(section))).unwrap_or_default();
            dialog.lines.push(Line::styled(format!("{}{section}", phase(here.0)), theme.muted()));
            heading = Some(here);
        }
        let is_selected = index == row;
        dialog.lines.extend(lines(scene, item, is_selected, columns));
        if is_selected {
            dialog.cursor = dialog.lines.len().saturating_sub(1);
        }
    }
    dialog
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Before => "before the first shift",
        Phase::During => "while stages bake and the release is watched",
        Phase::After => "when the watch ends",
    }
}

fn lines(scene: &Scene<'_>, item: &Item, is_selected: bool, columns: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let (glyph, style) = glyph(scene, item);
    let cursor = Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus());
    let name = text::clean(&item.settings.name);
    let facts = facts(scene, item);
    let first = vec![cursor, Span::styled(format!("{glyph} "), style), Span::styled(name, theme.strong())];
    let used = Line::from(first.clone()).width();
    if used + 3 + text::width(&facts) <= columns {
        let rest = vec![Span::styled(format!("   {facts}"), theme.muted())];
        return vec![Line::from([first, rest].concat())];
    }
    let mut lines = vec![Line::from(first)];
    let wrapped = text::wrap(&facts, columns.saturating_sub(4));
    lines.extend(wrapped.into_iter().map(|words| Line::styled(format!("    {words}"), theme.muted())));
    lines
}

fn glyph(scene: &Scene<'_>, item: &Item) -> (&'static str, Style) {
    let theme = scene.theme;
    match item.state {
        ItemState::Ticked { .. } => ("☑", theme.good()),
        ItemState::Failing { .. } => ("✖", theme.danger()),
        ItemState::Open if item.settings.required => ("☐", theme.warning()),
        ItemState::Open => ("☐", theme.text()),
    }
}

/// Who ticked it and when; else what it waits for.
fn facts(scene: &Scene<'_>, item: &Item) -> String {
    let clock = |at| text::clock(at, scene.app.utc);
    let settings = &item.settings;
    let by = match &settings.ticks {
        Ticks::Person => None,
        Ticks::Gate(gate) => Some(format!("by the gate {}", text::clean(gate))),
        Ticks::Command(command) => Some(format!("by the command {}", text::clean(command))),
    };
    let mut facts = Vec::new();
    match &item.state {
        ItemState::Ticked { by: Some(who), at } => facts.push(format!("{} at {}", text::clean(who), clock(*at))),
        ItemState::Ticked { by: None, at } => facts.push(format!("{} at {}", by.unwrap_or_default(), clock(*at))),
        ItemState::Failing { at } => {
            facts.push(format!("says no since {}", clock(*at)));
            facts.extend(by);
        }
        ItemState::Open => {
            facts.extend(settings.required.then(|| "REQUIRED".to_owned()));
            facts.extend(settings.role.as_ref().map(|role| text::clean(role)));
            facts.extend(settings.other_than.as_ref().map(|other| format!("not who ticked “{}”", text::clean(other))));
            facts.extend(by);
        }
    }
    facts.join(" · ")
}
