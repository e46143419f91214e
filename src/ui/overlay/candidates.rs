//! Outside a release: the versions that one function can be taken back to, the last one on record first in hand.

use ratatui::text::{Line, Span};

use super::{Dialog, not_touched, text};
use crate::{app::view::Candidates, ui::Scene};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, list: &Candidates, room: usize) -> Dialog {
    let theme = scene.theme;
    let function = scene.app.deck.function(&list.target);
    let mut dialog = Dialog::new(title(scene, list), theme.danger(), room.min(84));
    if let Some(alias) = function.and_then(|function| function.alias.value()) {
        dialog.say(
            &format!("No release is under way. Now: {}. All traffic goes to the version chosen here:", alias.routing),
            theme.text(),
        );
        if list.row.is_none() {
            dialog.say("Which of them is stable is on no record: choose it.", theme.warning());
        }
        dialog.gap();
    }
    for (index, version) in list.versions.iter().enumerate() {
        let is_selected = Some(index) == list.row;
        if is_selected {
            dialog.cursor = dialog.lines.len();
        }
        let info = function.and_then(|function| function.version_info(*version));
        let age = info
            .and_then(|info| info.modified)
            .map_or_else(|| text::NO_DATA.to_owned(), |at| text::ago(at, scene.now.world));
        let was_withdrawn = function.is_some_and(|function| function.memory.withdrawn.contains(version));
        let mut spans = vec![
            Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
            Span::styled(text::left(&version.to_string(), 8), theme.strong()),
            Span::styled(format!("{}  ", text::right(&age, 4)), theme.muted()),
        ];
        if list.recorded == Some(*version) {
            spans.push(Span::styled("✔ last stable on record  ", theme.good()));
        }
        if was_withdrawn {
            spans.push(Span::styled("▲ rolled back before  ", theme.warning()));
        }
        spans.push(Span::styled(info.map(|info| text::clean(&info.description)).unwrap_or_default(), theme.text()));
        let line = Line::from(spans);
        dialog.lines.push(if is_selected { line.style(theme.selection()) } else { line });
    }
    not_touched(scene, &mut dialog);
    dialog
}

fn title(scene: &Scene<'_>, list: &Candidates) -> String {
    format!("ROLL BACK {} in {}", text::clean(&list.target.to_string()), text::clean(&scene.app.title()))
}
