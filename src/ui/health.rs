//! The line above the keys: is it healthy, in one line, the worst first. A short message takes its place for a while.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    Scene,
    functions::state::{self, Mood},
    text,
};
use crate::release::facts::AlarmState;

/// The line, for this many columns.
pub(super) fn line(scene: &Scene<'_>, columns: u16) -> Line<'static> {
    let theme = scene.theme;
    let toast = scene.app.view.toast.as_ref().filter(|toast| toast.until > scene.now.wall);
    if let Some(toast) = toast {
        let (glyph, style) = if toast.bad { ("✖", theme.danger()) } else { ("▸", theme.focus()) };
        return Line::styled(
            format!(" {glyph} {}", text::cut(&toast.text, usize::from(columns).saturating_sub(4))),
            style,
        );
    }
    if scene.app.leaving {
        return Line::styled(
            " ⟳ leaving as soon as the writes under way are done; ^C again leaves now",
            theme.warning(),
        );
    }
    let mut parts = functions(scene);
    parts.extend(alarms(scene));
    parts.sort_by_key(|(mood, ..)| *mood);
    let mut spans = Vec::new();
    for (index, (_, words, style)) in parts.into_iter().enumerate() {
        spans.push(Span::styled(if index == 0 { " " } else { "  ·  " }, theme.faint()));
        spans.push(Span::styled(words, style));
    }
    Line::from(spans)
}

type Part = (Mood, String, Style);

/// The functions in trouble by name, or that there is none.
fn functions(scene: &Scene<'_>) -> Vec<Part> {
    let theme = scene.theme;
    let functions = &scene.app.deck.functions;
    let states: Vec<_> = functions.iter().map(|function| (function, state::of(scene, function))).collect();
    let mut parts: Vec<Part> = states
        .iter()
        .filter(|(_, state)| state.mood == Mood::Bad)
        .map(|(function, state)| {
            let name = &function.target.function;
            (Mood::Bad, format!("{} {name}: {}", state.glyph(), state.why), theme.danger())
        })
        .collect();
    let unknown = states.iter().filter(|(_, state)| state.mood == Mood::Unknown).count();
    let well = states.iter().filter(|(_, state)| state.mood == Mood::Good).count();
    if well > 0 {
        parts.push((Mood::Good, format!("✔ {well} of {} functions well", functions.len()), theme.good()));
    }
    if unknown > 0 {
        parts.push((Mood::Unknown, format!("… {unknown} cannot be told"), theme.muted()));
    }
    parts
}

/// The alarms in ALARM by name, or that there is none.
fn alarms(scene: &Scene<'_>) -> Vec<Part> {
    let (theme, now) = (scene.theme, scene.now.world);
    let Some(alarms) = scene.app.deck.alarms.value() else {
        let words = if scene.app.deck.alarms.trouble().is_some() {
            "✖ alarms cannot be read"
        } else {
            "… alarms not read yet"
        };
        return vec![(Mood::Unknown, words.to_owned(), theme.muted())];
    };
    if alarms.is_empty() {
        return Vec::new();
    }
    let ringing: Vec<_> =
        scene.app.sorted_alarms().into_iter().filter(|alarm| alarm.state == AlarmState::Alarm).collect();
    let Some(worst) = ringing.first() else {
        return vec![(Mood::Good, format!("✔ none of {} alarms", alarms.len()), theme.good())];
    };
    let more = if ringing.len() > 1 { format!(" and {} more", ringing.len() - 1) } else { String::new() };
    let since = worst.since.map(|since| format!(" {}", text::ago(since, now))).unwrap_or_default();
    let words = format!("▲ ALARM {}{since}{more}", text::clean(&worst.name));
    vec![(Mood::Bad, words, theme.danger())]
}
