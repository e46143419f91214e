//! Leaving while a release is under way: asked once.

use ratatui::text::{Line, Span};

use super::{Dialog, text};
use crate::{app::neighbours::Neighbour, release::routing::trim_percent, ui::Scene};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, room: usize) -> Dialog {
    let theme = scene.theme;
    let running = scene.app.running_steps();
    let is_releasing = scene.app.deck.is_releasing() || scene.app.neighbours.iter().any(Neighbour::is_releasing);
    let title = if is_releasing { "LEAVE DURING A RELEASE?" } else { "LEAVE DURING A RUNBOOK STEP?" };
    let mut dialog = Dialog::new(title, theme.warning(), room.min(64));
    for title in &running {
        dialog.say(&format!("✖ “{}” still runs: leaving ends it half-way.", text::clean(title)), theme.danger());
    }
    for neighbour in scene.app.neighbours.iter().filter(|it| !it.is_shown && it.is_releasing()) {
        let release = neighbour.standing.as_ref().and_then(|standing| standing.release.as_deref()).unwrap_or_default();
        dialog.say(&text::clean(&format!("  {}: {release}", neighbour.title())), theme.new_version());
    }
    for (function, entry) in scene.app.deck.in_release() {
        dialog.lines.push(Line::from(vec![
            Span::styled(format!("  {}  ", text::clean(&function.target.to_string())), theme.strong()),
            Span::styled(
                format!("{} → {} at {}%", entry.stable, entry.new, trim_percent(function.percent())),
                theme.new_version(),
            ),
        ]));
    }
    if !is_releasing {
        return dialog;
    }
    dialog.gap();
    dialog.say("Traffic stays as it is, and nobody is watching it here. The release is on record: open flightdeck again to go on.", theme.text());
    dialog
}
