//! All keys, from the same table as the keys themselves, and what the glyphs mean.

use ratatui::text::{Line, Span};

use super::{Dialog, text};
use crate::{
    keys::{
        Action,
        keymap::{BINDINGS, Group},
    },
    ui::Scene,
};

/// Cells of the keys.
const KEYS: usize = 12;
/// Glyphs and their words.
const GLYPHS: [(&str, &str); 8] = [
    ("✔", "well, done"),
    ("▲", "alarm, or over a limit of the configuration"),
    ("✖", "failed, missing, or refused"),
    ("…", "not enough data to tell"),
    ("⟳", "a question or a write is on its way"),
    ("—", "no data; never zero"),
    ("◉ ○", "the current stage; a stage to come"),
    ("↑44", "a version newer than the one being released"),
];

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, scroll: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let mut dialog = Dialog::new("KEYS", theme.focus(), room.min(72));
    let mut lines = Vec::new();
    for group in [Group::Release, Group::Moving, Group::Screen] {
        lines.push(Line::styled(group.title(), theme.strong()));
        if group == Group::Release {
            lines.push(stages(scene));
        }
        for binding in BINDINGS.iter().filter(|binding| binding.group == group) {
            let shown: Vec<String> = scene.keymap.keys(binding.action).iter().map(ToString::to_string).collect();
            if !shown.is_empty() {
                lines.push(line(scene, &shown.join(" "), binding.help));
            }
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled("Signs", theme.strong()));
    lines.extend(GLYPHS.map(|(glyph, words)| line(scene, glyph, words)));
    let first = scroll.min(lines.len().saturating_sub(1));
    dialog.lines = lines.split_off(first);
    dialog
}

fn stages(scene: &Scene<'_>) -> Line<'static> {
    let stages = &scene.app.release.stages;
    let keys: Vec<String> = (0..stages.len()).map(|index| scene.key(Action::Stage(index))).collect();
    let percents: Vec<String> = stages.iter().map(|percent| format!("{percent}%")).collect();
    line(scene, &keys.join(" "), &format!("plan the shift to {}", percents.join(", ")))
}

fn line(scene: &Scene<'_>, keys: &str, words: &str) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("  {} ", text::left(keys, KEYS)), scene.theme.focus()),
        Span::styled(words.to_owned(), scene.theme.text()),
    ])
}
