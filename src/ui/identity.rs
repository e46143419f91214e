//! The top line: who and where am I. What could make a person work in the wrong place is loud and goes last when
//! room runs out.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Scene, text};
use crate::{
    app::reading::Reading,
    keys::Action,
    release::{error::Trouble, facts::Alias},
};

/// A piece of the line. Pieces of low weight are left out first.
struct Piece {
    spans: Vec<Span<'static>>,
    weight: u8,
}

impl Piece {
    fn new(weight: u8, text: impl Into<String>, style: Style) -> Self {
        Self { spans: vec![Span::styled(text.into(), style)], weight }
    }

    fn width(&self) -> usize {
        self.spans.iter().map(Span::width).sum()
    }
}

/// The line, for this many columns.
pub(super) fn line(scene: &Scene<'_>, columns: u16) -> Line<'static> {
    // The line ends one column before the edge, as it begins one after it.
    let columns = usize::from(columns).saturating_sub(1);
    let (mut left, mut right) = (place(scene), vitals(scene));
    let needed = |pieces: &[Piece]| pieces.iter().map(|piece| piece.width() + 2).sum::<usize>();
    while needed(&left) + needed(&right) > columns {
        let lightest = left.iter().chain(&right).map(|piece| piece.weight).min().unwrap_or(u8::MAX);
        if lightest == u8::MAX {
            break;
        }
        for side in [&mut left, &mut right] {
            side.retain(|piece| piece.weight != lightest);
        }
    }
    let gap = columns.saturating_sub(needed(&left) + needed(&right));
    let mut spans = vec![Span::raw(" ")];
    for piece in left {
        spans.extend(piece.spans);
        spans.push(Span::raw("  "));
    }
    spans.push(Span::raw(" ".repeat(gap.saturating_sub(1))));
    for piece in right {
        spans.push(Span::raw("  "));
        spans.extend(piece.spans);
    }
    Line::from(spans)
}

/// Environment, region, account, caller, and every badge.
fn place(scene: &Scene<'_>) -> Vec<Piece> {
    let (deck, theme) = (&scene.app.deck, scene.theme);
    let environment = text::clean(&deck.environment.name);
    let mut pieces = vec![Piece::new(1, "flightdeck", theme.muted())];
    pieces.push(if deck.environment.protected {
        Piece::new(u8::MAX, format!(" {} ", environment.to_uppercase()), theme.badge(theme.danger()))
    } else {
        Piece::new(u8::MAX, environment, theme.strong())
    });
    if let Some(scenario) = &deck.place.embedded {
        let speed = deck.place.speed;
        let faster = if speed > 1.0 { format!(" ×{speed}") } else { String::new() };
        let words = format!(" EMBEDDED {}{faster} ", text::clean(scenario));
        pieces.push(Piece::new(u8::MAX, words, theme.badge(theme.warning())));
    } else if let Some(endpoint) = &deck.place.endpoint {
        let bare = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, bare)| bare).trim_end_matches('/');
        pieces.push(Piece::new(u8::MAX, format!(" ENDPOINT {} ", text::cut(bare, 40)), theme.badge(theme.warning())));
    }
    if deck.place.read_only {
        pieces.push(Piece::new(u8::MAX, " READ-ONLY ", theme.badge(theme.info())));
    }
    pieces.extend(elsewhere(scene));
    pieces.push(Piece::new(6, regions(scene), theme.text()));
    pieces.push(account(scene));
    pieces
}

/// Releases in environments that are not on screen, also while they are well. Those in trouble have a line of their own.
fn elsewhere(scene: &Scene<'_>) -> Option<Piece> {
    let well = scene.app.releasing_elsewhere().filter(|(_, standing)| standing.trouble.is_none());
    let words = well.map(|(neighbour, standing)| {
        format!("{} at {}", text::clean(&neighbour.title()), standing.share.as_deref().unwrap_or(text::NO_DATA))
    });
    let words = words.collect::<Vec<_>>().join(", ");
    let key = scene.key(Action::Environments);
    (!words.is_empty()).then(|| Piece::new(8, format!("◉ {key} {words}"), scene.theme.new_version()))
}

/// The environment's region, and those besides in which it moves something.
fn regions(scene: &Scene<'_>) -> String {
    let deck = &scene.app.deck;
    let home = &deck.place.region;
    let others = deck.functions.iter().filter_map(|function| function.target.region.as_ref());
    let others: BTreeSet<&String> = others.filter(|region| *region != home).collect();
    let all: Vec<&str> = std::iter::once(home).chain(others).map(String::as_str).collect();
    text::clean(&all.join(" + "))
}

/// The account and the caller; a loud badge where the account is another than the configuration wants.
fn account(scene: &Scene<'_>) -> Piece {
    let (deck, theme) = (&scene.app.deck, scene.theme);
    let Some(caller) = deck.caller.value() else {
        return match deck.caller.trouble() {
            Some((error, _)) => Piece::new(8, format!("✖ caller unknown: {}", error.kind), theme.danger()),
            None => Piece::new(5, "asking who we are …", theme.muted()),
        };
    };
    if let Some(wanted) = deck.environment.account.as_ref().filter(|wanted| **wanted != caller.account) {
        let words = format!(" WRONG ACCOUNT {}, not {} ", tail(&caller.account), tail(wanted));
        return Piece::new(u8::MAX, words, theme.badge(theme.danger()));
    }
    Piece {
        spans: vec![
            Span::styled(format!("{} ", tail(&caller.account)), theme.muted()),
            Span::styled(text::cut(caller.short(), 28), theme.text()),
        ],
        weight: 5,
    }
}

/// The end of an account's number, which is what people know it by.
fn tail(account: &str) -> String {
    let from = account.char_indices().rev().nth(3).map_or(0, |(index, _)| index);
    format!("····{}", text::clean(&account[from..]))
}

/// Whether the picture is live, how old it is, what looking at it costs, and the time.
fn vitals(scene: &Scene<'_>) -> Vec<Piece> {
    let (app, theme, now) = (scene.app, scene.theme, scene.now.world);
    let mut pieces = vec![liveness(scene)];
    let (never, all) = app.unmeasured(now);
    if never > 0 {
        let words = if never == all { "no metrics yet".to_owned() } else { format!("no metrics of {never}") };
        let is_failing = app.metrics_trouble().is_some() || app.metrics.as_of().is_some();
        let (weight, style) = if is_failing { (8, theme.warning()) } else { (4, theme.muted()) };
        pieces.push(Piece::new(weight, words, style));
    }
    if let Some(age) = app.age_of_data(now).filter(|_| never == 0 || never < all) {
        let is_old = age > SignedDuration::from_mins(3);
        let (weight, style) = if is_old { (8, theme.warning()) } else { (4, theme.muted()) };
        pieces.push(Piece::new(weight, format!("data {} old", text::span(age)), style));
    }
    let dollars = app.watching_cost(scene.now);
    pieces.push(Piece::new(3, format!("watch ${dollars:.2}/h"), theme.muted()));
    pieces.push(Piece::new(7, text::clock(now, app.utc), theme.text()));
    pieces
}

/// `● live`, or in words what keeps it from being live.
fn liveness(scene: &Scene<'_>) -> Piece {
    let (deck, theme, now) = (&scene.app.deck, scene.theme, scene.now.world);
    let aliases = || deck.functions.iter().map(|function| &function.alias);
    let troubles =
        aliases().filter_map(|alias| alias.trouble()).chain(deck.alarms.trouble()).chain(deck.caller.trouble());
    let kinds: Vec<Trouble> = troubles.map(|(error, _)| error.kind).collect();
    let serious =
        |kind: &&Trouble| kind.is_about_credentials() || matches!(kind, Trouble::Unreachable | Trouble::NotAws);
    if let Some(kind) = kinds.iter().find(serious) {
        return Piece::new(9, format!("✖ {kind}"), theme.danger());
    }
    if kinds.contains(&Trouble::Throttled) {
        return Piece::new(9, "▲ throttled", theme.warning());
    }
    // Aliases that are not there have been answered for: what does not exist is not on its way.
    if !deck.functions.is_empty() && aliases().all(|alias| !alias.is_answered()) {
        return Piece::new(9, "○ connecting", theme.muted());
    }
    let is_absent = |alias: &Reading<Alias>| alias.trouble().is_some_and(|(error, _)| error.kind == Trouble::NotFound);
    if aliases().any(|alias| alias.is_answered() && alias.is_stale(now) && !is_absent(alias)) {
        return Piece::new(9, "▲ stale", theme.warning());
    }
    Piece::new(9, "● live", theme.good())
}
