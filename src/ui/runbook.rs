//! The runbook's steps that are wanted now, where nobody has to look for them: a line of the banner, and a few lines
//! under the rows of a rollback.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Scene, overlay, put, text};
use crate::{
    app::App,
    config::{RunbookStep, StepMoment},
    keys::Action,
};

/// From this height on there is room for many steps under the rows of a rollback.
const TALL: u16 = 32;

/// How many rows of the banner it takes.
pub(super) fn height(app: &App) -> u16 {
    u16::from(!app.wanted_steps().is_empty())
}

/// Draws the banner's line: how each wanted step stands, as many as fit.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let steps = scene.app.wanted_steps();
    let Some(first) = steps.first() else { return };
    let (style, words) = match first.when {
        StepMoment::RollBack => (theme.danger(), "RUNBOOK: not put back"),
        StepMoment::Before | StepMoment::After => (theme.info(), "RUNBOOK: now"),
    };
    let end = format!("   {} opens", scene.key(Action::Runbook));
    let mut room = usize::from(area.width).saturating_sub(text::width(words) + text::width(&end) + 8);
    let mut spans = vec![Span::styled(" ▌ ", style), Span::styled(words, style)];
    for (index, step) in steps.iter().enumerate() {
        let (glyph, style) = overlay::runbook::glyph(scene, step);
        let title = text::clean(&step.title);
        let left = steps.len() - index;
        if text::width(&title) + 4 > room {
            spans.push(Span::styled(format!("  {left} more"), theme.muted()));
            break;
        }
        room -= text::width(&title) + 4;
        spans.push(Span::styled(format!("  {glyph} "), style));
        spans.push(Span::styled(title, theme.text()));
    }
    spans.push(Span::styled(end, theme.muted()));
    put(buffer, area, area.height.saturating_sub(1), Line::from(spans));
}

/// The steps under the rows of a rollback: all of them where there is room.
pub(super) fn beside_rollback(scene: &Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let steps: Vec<&RunbookStep> = scene.app.steps_of(StepMoment::RollBack).collect();
    if steps.is_empty() {
        return Vec::new();
    }
    let most = if scene.app.view.size.1 >= TALL { 8 } else { 3 };
    let words = format!("Not put back by this; {} opens the runbook:", scene.key(Action::Runbook));
    let mut lines = vec![Line::styled(words, scene.theme.warning())];
    lines.extend(steps.iter().take(most).map(|step| overlay::runbook::line(scene, step, false, columns)));
    if steps.len() > most {
        lines.push(Line::styled(format!("  … {} more", steps.len() - most), scene.theme.muted()));
    }
    lines
}
