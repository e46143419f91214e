//! The question whether to stop running a release and to leave its traffic as it is.

use ratatui::text::{Line, Span};

use super::{Dialog, text};
use crate::{keys::Action, release::routing::trim_percent, ui::Scene};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, room: usize) -> Dialog {
    let theme = scene.theme;
    let mut dialog = Dialog::new("STOP RUNNING THE RELEASE?", theme.warning(), room.min(64));
    for (function, entry) in scene.app.deck.in_release() {
        dialog.lines.push(Line::from(vec![
            Span::styled(format!("  {}  ", text::clean(&function.target.to_string())), theme.strong()),
            Span::styled(
                format!("{} → {} stays at {}%", entry.stable, entry.new, trim_percent(function.percent())),
                theme.new_version(),
            ),
        ]));
    }
    dialog.gap();
    let words = format!(
        "No traffic moves, and nothing moves by itself any more: no stage, no gate, no rollback. The release stays on \
         record: {} still takes it back, and a digit goes on with it.",
        scene.key(Action::RollBack)
    );
    dialog.say(&words, theme.text());
    dialog
}
