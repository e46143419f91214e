//! What needs a person in an environment that is not on screen, in a line above the panels.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Scene, put, text};
use crate::{app::App, keys::Action};

/// How many rows it takes.
pub(super) fn height(app: &App) -> u16 {
    u16::from(!app.troubles_elsewhere().is_empty())
}

/// Draws the line.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = scene.theme;
    let troubles = scene.app.troubles_elsewhere();
    if troubles.is_empty() {
        return;
    }
    let words = troubles.iter().map(|(neighbour, trouble)| format!("{}: {trouble}", text::clean(&neighbour.title())));
    let words = words.collect::<Vec<_>>().join("  ·  ");
    put(
        buffer,
        area,
        0,
        Line::from(vec![
            Span::styled(format!(" ▲ ELSEWHERE  {words} "), theme.badge(theme.danger())),
            Span::styled(format!("  {} shows it", scene.key(Action::Environments)), theme.muted()),
        ]),
    );
}
