//! The bottom line: what can I press. Made from the same table as the keys themselves; what changes production comes
//! first and is never left out.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Scene, overlay, text};
use crate::{
    app::view::Overlay,
    keys::Action,
    release::stages::{Leg, State},
};

/// A key with its words. Hints of low weight are left out first.
struct Hint {
    key: String,
    words: String,
    weight: u8,
    style: Option<Style>,
}

/// Never left out.
const ALWAYS: u8 = u8::MAX;

/// The line, for this many columns.
pub(super) fn line(scene: &Scene<'_>, columns: u16) -> Line<'static> {
    let theme = scene.theme;
    if scene.app.view.filtering {
        return filter(scene, usize::from(columns));
    }
    let mut hints = match &scene.app.view.overlay {
        Some(overlay) => in_overlay(scene, overlay),
        None => on_panels(scene),
    };
    hints.retain(|hint| !hint.key.is_empty());
    while width(&hints) > usize::from(columns) {
        let lightest = hints.iter().map(|hint| hint.weight).min().unwrap_or(ALWAYS);
        if lightest == ALWAYS {
            break;
        }
        if let Some(at) = hints.iter().rposition(|hint| hint.weight == lightest) {
            hints.remove(at);
        }
    }
    let mut spans = Vec::new();
    for (index, hint) in hints.into_iter().enumerate() {
        spans.push(Span::raw(if index == 0 { " " } else { "  " }));
        if let Some(style) = hint.style {
            spans.push(Span::styled(format!(" {} {} ", hint.key, hint.words), theme.badge(style)));
        } else {
            spans.push(Span::styled(hint.key, theme.focus()));
            spans.push(Span::styled(format!(" {}", hint.words), theme.muted()));
        }
    }
    Line::from(spans)
}

/// The filter while it is typed. R is a letter there, so the way to a rollback comes before all else.
fn filter(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let theme = scene.theme;
    let back = roll_back_from_text(scene).map(|hint| format!(" {} {} ", hint.key, hint.words));
    let taken = " filter /▏".chars().count() + back.as_ref().map_or(0, |words| text::width(words) + 2);
    let typed = text::clean(&scene.app.view.filter);
    let shown: String =
        typed.chars().skip(typed.chars().count().saturating_sub(columns.saturating_sub(taken))).collect();
    let mut spans = vec![Span::styled(" filter ", theme.muted()), Span::styled(format!("/{shown}▏"), theme.strong())];
    spans.extend(
        back.map(|words| Span::styled(words, theme.badge(theme.danger())))
            .into_iter()
            .flat_map(|badge| [Span::raw("  "), badge]),
    );
    let (keep, clear) = (scene.key(Action::Open), scene.key(Action::Back));
    let rest = format!("   {keep} keeps it   {clear} clears it");
    if Line::from(spans.clone()).width() + text::width(&rest) <= columns {
        spans.push(Span::styled(rest, theme.muted()));
    }
    Line::from(spans)
}

/// R where letters are being typed: how to get to it, where it would do something.
fn roll_back_from_text(scene: &Scene<'_>) -> Option<Hint> {
    if put_back(scene).is_empty() || is_write_banned(scene) {
        return None;
    }
    let there = roll_back(scene);
    Some(Hint { key: format!("{}, then {}:", scene.key(Action::Back), there.key), ..there })
}

fn width(hints: &[Hint]) -> usize {
    let one = |hint: &Hint| {
        let badge = if hint.style.is_some() { 2 } else { 0 };
        text::width(&hint.key) + 1 + text::width(&hint.words) + 2 + badge
    };
    1 + hints.iter().map(one).sum::<usize>().saturating_sub(2)
}

fn hint(scene: &Scene<'_>, weight: u8, action: Action, words: impl Into<String>) -> Hint {
    Hint { key: scene.key(action), words: words.into(), weight, style: None }
}

/// Stages and R first; then how to get around.
fn on_panels(scene: &Scene<'_>) -> Vec<Hint> {
    let app = scene.app;
    let mut hints = Vec::new();
    if is_write_banned(scene) {
        let why = if app.deck.place.read_only { "read-only:" } else { "wrong account:" };
        let words = "nothing is written".to_owned();
        hints.push(Hint { key: why.to_owned(), words, weight: 9, style: None });
    } else {
        for (index, stage) in app.release.stages.iter().enumerate() {
            hints.push(hint(scene, 8, Action::Stage(index), format!("{stage}%")));
        }
        hints.push(roll_back(scene));
        hints.extend(steering(scene));
        if !app.undoable(scene.now).is_empty() {
            hints.push(hint(scene, 8, Action::Undo, "undo the rollback"));
        }
        if app.stranger().is_some() {
            hints.push(hint(scene, 8, Action::TakeOver, "take over"));
        } else if app.deck.is_releasing() && app.deck.in_release().all(|(function, _)| function.percent() >= 100.0) {
            hints.push(hint(scene, 7, Action::Done, "all clear"));
        }
    }
    let (done, all) = app.checks.checklist.progress();
    if all > 0 {
        hints.push(hint(scene, 6, Action::Checklist, format!("checklist {done}/{all}")));
    }
    if app.neighbours.len() > 1 {
        let weight = if app.troubles_elsewhere().is_empty() { 3 } else { 8 };
        hints.push(hint(scene, weight, Action::Environments, "environments"));
    }
    if !app.deck.environment.runbook.is_empty() {
        let weight = if app.wanted_steps().is_empty() { 3 } else { 8 };
        hints.push(hint(scene, weight, Action::Runbook, "runbook"));
    }
    if app.running.as_ref().is_some_and(|running| running.run.stay().is_some_and(|stay| stay.leg == Leg::Watch)) {
        hints.push(hint(scene, 4, Action::Comparison, "before/after"));
    }
    hints.push(hint(scene, 5, Action::Open, "detail"));
    let marked = app.view.marked.len();
    hints.push(hint(scene, 4, Action::Mark, if marked > 0 { format!("mark ({marked})") } else { "mark".to_owned() }));
    hints.push(hint(scene, 3, Action::Filter, "filter"));
    hints.push(hint(scene, 2, Action::NextPanel, "panel"));
    hints.push(hint(scene, 1, Action::Refresh, "refresh"));
    hints.push(hint(scene, 0, Action::Theme, "theme"));
    hints.push(hint(scene, 8, Action::Help, "help"));
    hints.push(hint(scene, 6, Action::Quit, "quit"));
    hints
}

/// What a person can do with the release as it stands.
fn steering(scene: &Scene<'_>) -> Vec<Hint> {
    let app = scene.app;
    let hint = |weight, action, words: &str| hint(scene, weight, action, words);
    let Some(running) = app.running.as_ref().filter(|running| !running.run.state().is_final()) else {
        return vec![hint(2, Action::Watch, "watch")];
    };
    if app.stranger().is_some() {
        return vec![hint(6, Action::Gates, "gates")];
    }
    let mut hints = Vec::new();
    if app.deck.is_releasing() && running.run.next_percent().is_some() {
        hints.push(hint(7, Action::NextStage, "next stage"));
    }
    match running.run.state() {
        State::CountingDown { .. } => return vec![hint(9, Action::Back, "stops it")],
        State::Torn { .. } | State::Stuck => hints = vec![hint(8, Action::Retry, "try again")],
        State::Held(_) | State::Asking(_) => {
            hints.push(hint(7, Action::Hold, "go on"));
            hints.push(hint(6, Action::Extend, "extend"));
        }
        State::Preflight | State::Waiting { .. } | State::Observing | State::Ready => {
            hints.push(hint(7, Action::Hold, "hold"));
            hints.push(hint(2, Action::Extend, "extend"));
        }
        State::Shifting { .. } | State::RollingBack | State::AllClear | State::RolledBack | State::Abandoned => {}
    }
    hints.push(hint(6, Action::Gates, "gates"));
    hints.push(hint(1, Action::Abandon, "abandon"));
    hints
}

/// The versions that R puts back, also where the first shift is only on its way.
fn put_back(scene: &Scene<'_>) -> Vec<String> {
    let targets = scene.app.to_be_rolled_back();
    let functions = targets.iter().filter_map(|target| scene.app.deck.function(target));
    functions.filter_map(|function| Some(function.memory.release.as_ref()?.stable.to_string())).collect()
}

/// R: during a release with the versions that it puts back, loud.
fn roll_back(scene: &Scene<'_>) -> Hint {
    let back = put_back(scene);
    if back.is_empty() {
        return hint(scene, 8, Action::RollBack, "roll back…");
    }
    let shown = if back.len() > 3 { format!("{},… ({})", back[..2].join(","), back.len()) } else { back.join(",") };
    let name = scene.app.name_among_others().map(|name| format!("{} ", text::clean(&name))).unwrap_or_default();
    let words = format!("ROLLBACK {name}→ {shown}");
    Hint { style: Some(scene.theme.danger()), ..hint(scene, ALWAYS, Action::RollBack, words) }
}

/// What a dialog takes. R is there too, unless letters are being typed.
fn in_overlay(scene: &Scene<'_>, overlay: &Overlay) -> Vec<Hint> {
    let weights = (1..=9).rev();
    let keys = overlay::hints(scene, overlay);
    let mut hints: Vec<Hint> =
        keys.into_iter().zip(weights).map(|((action, words), weight)| hint(scene, weight, action, words)).collect();
    if scene.app.is_typing() {
        let words = if scene.app.is_typing_reason() { "the reason" } else { "the name" };
        hints.insert(0, Hint { key: "type".to_owned(), words: words.to_owned(), weight: 9, style: None });
        hints.extend(roll_back_from_text(scene));
    } else if !put_back(scene).is_empty() && !is_write_banned(scene) {
        hints.push(roll_back(scene));
    }
    hints
}

/// Whether nothing may be written here for good: not just until STS answers.
fn is_write_banned(scene: &Scene<'_>) -> bool {
    let deck = &scene.app.deck;
    deck.place.read_only || (deck.write_ban().is_some() && deck.account().is_some())
}
