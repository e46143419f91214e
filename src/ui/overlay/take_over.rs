//! Taking a release over: who runs it now, when it was last heard of, and what changes.

use super::{Dialog, functions, text};
use crate::{app::view::TakeOverDialog, keys::Action, release::routing::trim_percent, ui::Scene};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, shown: &TakeOverDialog, room: usize) -> Dialog {
    let (theme, stranger) = (scene.theme, &shown.stranger);
    let mut dialog = Dialog::new("TAKE THE RELEASE OVER?", theme.warning(), room.min(72));
    let ago = scene.now.world.duration_since(stranger.last_sign);
    dialog.fact(theme, "run by", &text::clean(&stranger.name), theme.strong());
    dialog.fact(theme, "last sign", &format!("{} ago", text::span(ago)), theme.text());
    if scene.app.is_owner_gone() {
        dialog.fact(theme, "now", "it is gone: no such process runs on this machine", theme.danger());
    }
    let stage = format!("{} at {}%", functions(&stranger.functions), trim_percent(stranger.percent));
    dialog.fact(theme, "stage", &stage, theme.new_version());
    dialog.fact(theme, "from then on", &text::clean(&scene.app.deck.place.owner), theme.strong());
    dialog.gap();
    if stranger.is_in_alias {
        let words = "No traffic moves. The record in the alias names this program, which then goes on by itself where \
                     the release says so; the other one sees that and only watches.";
        dialog.say(words, theme.text());
    } else {
        let words = "The alias carries no record, so the other program cannot see that you took over: make sure that \
                     it does not run any more. What is written down here is this machine's alone.";
        dialog.say(words, theme.warning());
    }
    dialog.say(&format!("{} rolls back whoever runs it.", scene.key(Action::RollBack)), theme.muted());
    dialog
}
