//! The environments of the configuration: where each is, whether a release is under way there, and what needs a person.

use ratatui::text::{Line, Span};

use super::{Dialog, text};
use crate::{app::neighbours::Neighbour, ui::Scene};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, row: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let mut dialog = Dialog::new("ENVIRONMENTS", theme.focus(), room.min(100));
    let names = scene.app.neighbours.iter().map(|neighbour| text::width(&neighbour.title())).max().unwrap_or(0).min(30);
    for (index, neighbour) in scene.app.neighbours.iter().enumerate() {
        dialog.lines.extend(lines(scene, neighbour, index == row, names));
        if index == row {
            dialog.cursor = dialog.lines.len().saturating_sub(1);
        }
    }
    dialog
}

fn lines(scene: &Scene<'_>, neighbour: &Neighbour, is_selected: bool, names: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let name = text::left(&text::clean(&neighbour.title()), names);
    let mut first = vec![
        Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
        Span::styled(
            format!(" {name} "),
            if neighbour.protected { theme.badge(theme.danger()) } else { theme.strong() },
        ),
    ];
    let place = [neighbour.region.clone(), neighbour.account.clone(), neighbour.identity.clone()];
    let place = place.into_iter().flatten().map(|part| text::clean(&part)).collect::<Vec<_>>().join("  ");
    first.push(Span::styled(format!("  {place}"), theme.text()));
    for (word, style) in [
        (neighbour.protected.then_some("PROTECTED"), theme.danger()),
        (neighbour.read_only.then_some("READ-ONLY"), theme.info()),
        (neighbour.is_shown.then_some("on screen"), theme.muted()),
    ] {
        first.extend(word.map(|word| Span::styled(format!("  {word}"), style)));
    }
    let (words, style) = standing(scene, neighbour);
    vec![Line::from(first), Line::styled(format!("    {words}"), style)]
}

/// How it stands, as far as it is known here.
fn standing(scene: &Scene<'_>, neighbour: &Neighbour) -> (String, ratatui::style::Style) {
    let theme = scene.theme;
    let Some(standing) = &neighbour.standing else {
        return ("not opened yet: nothing of it is read".to_owned(), theme.muted());
    };
    let release = standing.release.as_ref().map(|release| text::clean(release));
    match (&standing.trouble, release, standing.outcome) {
        (Some(trouble), Some(release), _) => (format!("▲ {trouble}: {release}"), theme.danger()),
        (Some(trouble), None, _) => (format!("▲ {trouble}"), theme.danger()),
        (None, Some(release), _) => (format!("◉ {release}"), theme.new_version()),
        (None, None, Some(outcome)) => (format!("no release; the last one from here: {outcome}"), theme.text()),
        (None, None, None) => ("no release under way".to_owned(), theme.good()),
    }
}
