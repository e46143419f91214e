//! The AWS console's address of what is selected, whole, so that it can be marked and copied.

use ratatui::text::Line;

use super::{Dialog, text};
use crate::ui::Scene;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, address: &str, room: usize) -> Dialog {
    let theme = scene.theme;
    let mut dialog = Dialog::new("AWS CONSOLE", theme.focus(), room.min(text::width(address).max(40)));
    let columns = usize::from(dialog.width).max(1);
    dialog.lines = text::chop(address, columns).into_iter().map(|line| Line::styled(line, theme.strong())).collect();
    dialog
}
