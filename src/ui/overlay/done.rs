//! The question whether the release is over.

use ratatui::text::{Line, Span};

use super::{Dialog, functions, text};
use crate::{app::view::DoneDialog, keys::Action, ui::Scene};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, done: &DoneDialog, room: usize) -> Dialog {
    let theme = scene.theme;
    let mut dialog = Dialog::new("ALL CLEAR?", theme.focus(), room.min(64));
    dialog.say(
        &format!("The release is over for {}:", functions(done.functions.iter().map(|(target, _)| target))),
        theme.text(),
    );
    let names = done.functions.iter().map(|(target, _)| text::width(&target.to_string())).max().unwrap_or(0).min(40);
    for (target, version) in &done.functions {
        dialog.lines.push(Line::from(vec![
            Span::styled(format!("  {}  ", text::left(&target.to_string(), names)), theme.strong()),
            Span::styled(format!("stays at {version}"), theme.new_version()),
        ]));
    }
    dialog.gap();
    let words =
        format!("No traffic moves. From then on {} asks which version to go back to.", scene.key(Action::RollBack));
    dialog.say(&words, theme.muted());
    dialog
}
