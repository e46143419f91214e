//! What needs a person at once, between the stage line and the panels: a rollback that is counted down, gates that
//! fail, a stage that is torn, a release that stands still. It says since when, on what evidence, and which keys answer.

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{Scene, digits, put, text};
use crate::{
    app::{
        App,
        running::{Running, gate_in_words},
    },
    keys::Action,
    release::{
        count,
        error::Trouble,
        gates::{GateResult, Level},
        names::Target,
        routing::trim_percent,
        stages::{Cause, Hold, Mandate, MandateRow, News, Question, State},
    },
};

/// How close two shares must be to count as the same, in percent.
const SAME: f64 = 0.005;

/// Rows of a countdown: its digits, and a row above and below.
const COUNTDOWN: u16 = 5;
/// From this height on a banner has room for more than one fact.
const TALL: u16 = 32;

/// What a banner says.
struct Banner {
    style: Style,
    title: String,
    /// What it rests on, the worst first.
    facts: Vec<String>,
    keys: Vec<(Action, String)>,
}

/// How many rows it takes on a screen of this height; none where nothing needs a person.
pub(super) fn height(app: &App, rows: u16) -> u16 {
    let facts = if rows >= TALL { 3 } else { 1 };
    match app.state() {
        Some(State::CountingDown { .. }) => COUNTDOWN,
        Some(State::Torn { .. } | State::Stuck) => 3,
        Some(
            State::Asking(Question::Plan { .. })
            | State::Preflight
            | State::Waiting { .. }
            | State::Shifting { .. }
            | State::Observing
            | State::Ready
            | State::RollingBack
            | State::AllClear
            | State::RolledBack
            | State::Abandoned,
        )
        | None => 0,
        Some(State::Asking(_) | State::Held(_)) => {
            let shown = app.running.as_ref().map_or(0, |running| evidence(running).len()).min(facts);
            2 + u16::try_from(shown).unwrap_or(u16::MAX)
        }
    }
}

/// Draws it, if there is anything to say.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Some(running) = scene.app.running.as_ref().filter(|_| area.height > 0) else { return };
    if let State::CountingDown { until, because } = running.run.state() {
        return countdown(scene, running, until, because, area, buffer);
    }
    let Some(banner) = banner(scene, running) else { return };
    let bar = scene.theme.badge(banner.style);
    let title = text::left(&format!(" {}", banner.title), usize::from(area.width));
    put(buffer, area, 0, Line::styled(title, bar));
    let room = usize::from(area.height.saturating_sub(2));
    for (row, fact) in (1_u16..).zip(banner.facts.iter().take(room)) {
        let line = vec![Span::styled(" ▌ ", banner.style), Span::styled(fact.clone(), scene.theme.text())];
        put(buffer, area, row, Line::from(line));
    }
    put(buffer, area, area.height - 1, keys(scene, &banner));
}

fn keys(scene: &Scene<'_>, banner: &Banner) -> Line<'static> {
    let mut spans = vec![Span::styled(" ▌ ", banner.style)];
    let known =
        banner.keys.iter().map(|(action, words)| (scene.key(*action), words)).filter(|(key, _)| !key.is_empty());
    for (index, (key, words)) in known.enumerate() {
        if index > 0 {
            spans.push(Span::styled(" · ", scene.theme.faint()));
        }
        spans.push(Span::styled(key, scene.theme.focus()));
        spans.push(Span::styled(format!(" {words}"), scene.theme.muted()));
    }
    Line::from(spans)
}

/// A rollback that begins by itself: the whole width, with digits that can be read from across the room.
fn countdown(scene: &Scene<'_>, running: &Running, until: Timestamp, because: Cause, area: Rect, buffer: &mut Buffer) {
    let style = scene.theme.badge(scene.theme.danger());
    buffer.set_style(area.intersection(buffer.area), style);
    let left = until.duration_since(scene.now.world).as_secs_f64() / scene.app.deck.place.speed.max(1.0);
    let seconds = format!("{:.0}", left.max(0.0).ceil());
    let glyphs = digits::rows(&seconds);
    let width = text::width(&glyphs[0]) + 6;
    for (row, glyph) in (1_u16..).zip(&glyphs) {
        put(buffer, area, row, Line::styled(format!("   {glyph}"), style));
    }
    let beside = Rect {
        x: area.x + u16::try_from(width).unwrap_or(0).min(area.width),
        width: area.width.saturating_sub(u16::try_from(width).unwrap_or(u16::MAX)),
        ..area
    };
    let what = match because {
        Cause::Gates => evidence(running).join("; "),
        Cause::Undecided => "too little data to tell, even after an extension".to_owned(),
        Cause::Torn { percent } => format!("the stage {}% is torn", trim_percent(percent)),
    };
    let back = back_to(scene);
    let (stop, hold, at_once) = (scene.key(Action::Back), scene.key(Action::Hold), scene.key(Action::RollBack));
    put(buffer, beside, 1, Line::styled(format!("✖ ROLLS BACK IN {seconds} s{back}"), style));
    put(buffer, beside, 2, Line::styled(what, style));
    put(buffer, beside, 3, Line::styled(format!("{stop} or {hold} stops it · {at_once} does it now"), style));
}

fn banner(scene: &Scene<'_>, running: &Running) -> Option<Banner> {
    let theme = scene.theme;
    let at = running.run.percent().map(|percent| format!(" at {}%", trim_percent(percent))).unwrap_or_default();
    let still = at.replacen(" at", ", still at", 1);
    let since = |is_it: fn(&News) -> bool| {
        let told = running.news.iter().rev().find(|(_, news)| is_it(news));
        told.map(|(at, _)| format!("   since {}", text::clock(*at, scene.app.utc))).unwrap_or_default()
    };
    let failed = |news: &News| matches!(news, News::GatesFailed { .. });
    let asked = questions(scene, running);
    Some(match running.run.state() {
        State::Asking(Question::Failed) => Banner {
            style: theme.danger(),
            title: format!("✖ GATES FAILED{at}{}", since(failed)),
            facts: evidence(running),
            keys: asked,
        },
        State::Asking(Question::Alike) => Banner {
            style: theme.warning(),
            title: format!("▲ BOTH VERSIONS FAIL ALIKE{at}: it may not be this release{}", since(failed)),
            facts: evidence(running),
            keys: asked,
        },
        State::Asking(Question::Undecided) => Banner {
            style: theme.warning(),
            title: format!("… TOO LITTLE DATA TO TELL{at}, even after an extension"),
            facts: evidence(running),
            keys: asked,
        },
        State::Held(why) => Banner {
            style: if why == Hold::Failed { theme.danger() } else { theme.warning() },
            title: format!("‖ HELD{still}: {}{}", in_words(why), since(|news| matches!(news, News::Held { .. }))),
            facts: if why == Hold::Disturbed { changed_elsewhere(scene, running) } else { evidence(running) },
            keys: asked,
        },
        State::Torn { percent } => Banner {
            style: theme.danger(),
            title: format!("◌ TORN: not {} is at {}%", count::every(scene.app.deck.kinds()), trim_percent(percent)),
            facts: vec![format!("not shifted: {}", left_out(running))],
            keys: vec![
                (Action::Retry, "tries those again".to_owned()),
                (Action::RollBack, format!("takes all back{}", back_to(scene))),
            ],
        },
        State::Stuck => Banner {
            style: theme.danger(),
            title: format!("✖ THE ROLLBACK IS STUCK: it did not reach {}", count::every(scene.app.deck.kinds())),
            facts: vec![format!("not back: {}", left_out(running))],
            keys: vec![(Action::RollBack, "tries those again".to_owned())],
        },
        _ => return None,
    })
}

/// The keys that answer: R first, as it is always there.
fn questions(scene: &Scene<'_>, running: &Running) -> Vec<(Action, String)> {
    let mut keys = Vec::new();
    if scene.app.stranger().is_some() {
        return vec![
            (Action::RollBack, format!("rolls back{}", back_to(scene))),
            (Action::TakeOver, "takes the release over".to_owned()),
            (Action::Gates, "gates".to_owned()),
        ];
    }
    if scene.app.deck.is_releasing() {
        keys.push((Action::RollBack, format!("rolls back{}", back_to(scene))));
        if let Some(next) = running.run.next_percent() {
            keys.push((Action::NextStage, format!("plans {}%", trim_percent(next))));
        }
    }
    keys.push((Action::Hold, "goes on".to_owned()));
    keys.push((Action::Extend, format!("{} more", bake(running))));
    keys.push((Action::Gates, "gates".to_owned()));
    keys
}

fn bake(running: &Running) -> String {
    text::span(jiff::SignedDuration::try_from(running.run.course().bake).unwrap_or(jiff::SignedDuration::MAX))
}

/// ` → 41, 17`: what R puts back.
fn back_to(scene: &Scene<'_>) -> String {
    let mut stable: Vec<String> = scene.app.deck.in_release().map(|(_, entry)| entry.stable.to_string()).collect();
    stable.dedup();
    match stable.len() {
        0 => String::new(),
        1..=3 => format!(" → {}", stable.join(", ")),
        count => format!(" → {}, … ({count})", stable[..2].join(", ")),
    }
}

/// What fails, in words; where nothing does, what cannot be said.
fn evidence(running: &Running) -> Vec<String> {
    let words = |result: &GateResult| text::clean(&gate_in_words(result));
    let failing: Vec<String> =
        running.results.iter().filter(|result| result.fails(Level::Critical)).map(words).collect();
    if !failing.is_empty() {
        return failing;
    }
    let is_asked = matches!(running.run.state(), State::Asking(Question::Undecided) | State::Held(Hold::Undecided));
    running.results.iter().filter(|result| is_asked && result.is_open()).map(words).collect()
}

/// What is not as the release left it, function by function.
fn changed_elsewhere(scene: &Scene<'_>, running: &Running) -> Vec<String> {
    let rows = running.run.mandate().map(Mandate::rows).unwrap_or_default();
    let percent = running.run.percent().unwrap_or(0.0);
    let changed = |row: &MandateRow| {
        let function = scene.app.deck.function(&row.target)?;
        let what = match (function.alias.trouble(), function.alias.value()) {
            (Some((error, _)), _) if error.kind == Trouble::NotFound => "its alias is gone".to_owned(),
            (_, Some(alias)) if !alias.routing.reaches(row.new) => format!("is now {}, and left behind", alias.routing),
            (_, Some(alias)) if (alias.routing.percent_of(row.new) - percent).abs() > SAME => {
                format!("is now {}", alias.routing)
            }
            _ => function.trouble_of_sides()?,
        };
        Some(text::clean(&format!("{}: {what}", row.target)))
    };
    rows.iter().filter_map(changed).collect()
}

/// The functions that the last shift or rollback did not reach.
fn left_out(running: &Running) -> String {
    let left = running.news.iter().rev().find_map(|(_, news)| match news {
        News::Torn { left, .. } | News::Stuck { left } => Some(left),
        _ => None,
    });
    let names = left.into_iter().flatten().map(Target::to_string).collect::<Vec<_>>().join(", ");
    if names.is_empty() { "all of them".to_owned() } else { text::clean(&names) }
}

fn in_words(why: Hold) -> &'static str {
    match why {
        Hold::Person => "somebody holds it",
        Hold::CountdownStopped => "the rollback was stopped",
        Hold::Failed => "a critical gate failed",
        Hold::Undecided => "too little data to tell",
        Hold::ShiftFailed => "nothing could be shifted",
        Hold::Disturbed => "it was changed elsewhere",
        Hold::Overslept => "this program slept through the moment that was agreed on",
    }
}
