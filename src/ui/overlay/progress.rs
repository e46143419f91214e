//! A confirmed plan being carried out: for each function what was sent, what AWS said, and what was read back.

use std::time::Duration;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Dialog, functions, not_touched, text};
use crate::{
    config::StepMoment,
    keys::Action,
    release::{
        count,
        names::Mover,
        operation::{Operation, Row, Step, Try},
        plan::{Purpose, WAITS},
        routing::{Routing, trim_percent},
    },
    ui::{Scene, runbook},
};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, room: usize) -> Dialog {
    let theme = scene.theme;
    let Some(operation) = &scene.app.operation else {
        let mut dialog = Dialog::new("NOTHING UNDER WAY", theme.focus(), room.min(50));
        dialog.say("No traffic is being moved.", theme.text());
        return dialog;
    };
    let (title, style) = title(scene, operation);
    let mut dialog = Dialog::new(title, style, room.min(100));
    let widest = |texts: &mut dyn Iterator<Item = String>| texts.map(|text| text::width(&text)).max().unwrap_or(0);
    let names = widest(&mut operation.rows.iter().map(|row| name(row, operation))).min(30);
    let froms = widest(&mut operation.rows.iter().map(from)).min(24);
    let tos = widest(&mut operation.rows.iter().map(to)).min(20);
    for row in &operation.rows {
        let mut spans = vec![
            Span::styled(format!("{}   ", text::left_by_ends(&name(row, operation), names)), theme.strong()),
            Span::styled(text::left(&from(row), froms), theme.new_version()),
            Span::styled(" → ", theme.faint()),
            Span::styled(format!("{}   ", text::left(&to(row), tos)), theme.stable()),
        ];
        let parts = step(scene, row);
        let used = Line::from(spans.clone()).width();
        let needed: usize = parts.iter().map(|(words, _)| text::width(words) + 3).sum();
        let columns = usize::from(dialog.width);
        if used + needed <= columns + 3 {
            for (words, style) in parts {
                spans.push(Span::styled(format!("{words}   "), style));
            }
            dialog.lines.push(Line::from(spans));
            continue;
        }
        dialog.lines.push(Line::from(spans));
        for (words, style) in parts {
            for line in text::wrap(&words, columns.saturating_sub(4)) {
                dialog.lines.push(Line::styled(format!("    {line}"), style));
            }
        }
    }
    let why = scene.app.why_rolled_back().filter(|_| operation.purpose.is_roll_back());
    if let Some(why) = why {
        dialog.gap();
        dialog.say(&format!("by itself, because of {}", text::clean(&why)), theme.danger());
    }
    if let Some(errors) = bad_requests(scene, operation) {
        dialog.gap();
        dialog.say(&format!("failed calls of the new version so far ≈ {}", text::count(errors)), theme.warning());
    }
    if operation.purpose.is_roll_back() {
        left_behind(scene, &mut dialog);
        not_touched(scene, &mut dialog);
        dialog.footer = runbook::beside_rollback(scene, usize::from(dialog.width));
    }
    dialog
}

/// The function's name, with the alias where two aliases of one function move, such as a pre-stage and its own.
fn name(row: &Row, operation: &Operation) -> String {
    let is_twice = operation.rows.iter().filter(|other| other.target.name() == row.target.name()).count() > 1;
    if is_twice { row.target.to_string() } else { row.target.name().into_owned() }
}

fn title(scene: &Scene<'_>, operation: &Operation) -> (String, Style) {
    let theme = scene.theme;
    let place = format!(" in {}", text::clean(&scene.app.title()));
    let rows = || operation.rows.iter();
    let is_good = rows().all(|row| row.step.is_good());
    // What waits is on the list and is not counted among what moves.
    let moved = || rows().filter(|row| !row.waits);
    let all = format!("{}{place}", functions(moved().map(|row| &row.target)));
    let (doing, done, style) = match operation.purpose {
        Purpose::RollBack => ("ROLLING BACK".to_owned(), "ROLLED BACK".to_owned(), theme.danger()),
        Purpose::Shift { percent } => {
            let to = format!("to {}%", trim_percent(percent));
            (format!("SHIFTING {to}"), format!("SHIFTED {to}"), theme.warning())
        }
        Purpose::PreStage => ("MOVING THE PRE-STAGE OF".to_owned(), "PRE-STAGE MOVED".to_owned(), theme.warning()),
        Purpose::TakeOver => ("TAKING OVER".to_owned(), "TAKEN OVER".to_owned(), theme.info()),
        Purpose::Finish => ("ENDING THE RELEASE".to_owned(), "RELEASE ENDED".to_owned(), theme.info()),
        Purpose::Undo => ("UNDOING THE ROLLBACK".to_owned(), "ROLLBACK UNDONE".to_owned(), theme.warning()),
    };
    if !operation.is_finished() {
        return (format!("⟳ {doing} {all}"), style);
    }
    if is_good && operation.purpose.is_roll_back() && !scene.app.has_all_back() {
        return (format!("▲ {done} {all}, and NOT all of it: see below"), theme.danger());
    }
    if is_good {
        return (format!("✔ {done} {all}"), theme.good());
    }
    let some = count::counted_of(moved().map(|row| (row.target.kind, row.step.is_good())));
    (format!("✖ {done} {some}{place}; the rest is as shown"), theme.danger())
}

/// What may still have the new version although no row of this is about it.
fn left_behind(scene: &Scene<'_>, dialog: &mut Dialog) {
    if let Some(words) = scene.app.unsure_in_words() {
        dialog.gap();
        dialog.say(&format!("▲ {}", text::clean(&words)), scene.theme.warning());
    }
    for left in scene.app.maybe_left_behind() {
        dialog.gap();
        dialog.say(&format!("✖ NOT ROLLED BACK: {}", text::clean(&left.words)), scene.theme.danger());
    }
}

/// The side that loses or gains: `43@50%`.
fn from(row: &Row) -> String {
    if row.is_unread() {
        return "not read".to_owned();
    }
    if row.from.is_split() { at(&row.from, row.new) } else { all(&row.from) }
}

fn to(row: &Row) -> String {
    if row.to.is_split() { at(&row.to, row.new) } else { all(&row.to) }
}

fn at(routing: &Routing, version: crate::release::names::Version) -> String {
    format!("{version}@{}%", trim_percent(routing.percent_of(version)))
}

fn all(routing: &Routing) -> String {
    format!("{}@100%", routing.primary)
}

/// What has happened to a function so far, in order.
fn step(scene: &Scene<'_>, row: &Row) -> Vec<(String, Style)> {
    let theme = scene.theme;
    let mut parts = Vec::new();
    if let Some(took) = row.acknowledged {
        parts.push((format!("✔ acknowledged {} ms", took.as_millis()), theme.good()));
    }
    let attempt = if row.attempts > 1 { format!("attempt {}", row.attempts) } else { "sent".to_owned() };
    parts.push(match &row.step {
        Step::Writing if row.target.kind != Mover::Alias => {
            (format!("⟳ {attempt}; no revision there: compared before the write"), theme.warning())
        }
        Step::Writing => (format!("⟳ {attempt}"), theme.warning()),
        Step::Reading if row.acknowledged.is_some() => ("⟳ reading back".to_owned(), theme.warning()),
        Step::Reading => ("⟳ reading it again".to_owned(), theme.warning()),
        Step::Waiting { until, because, then } => {
            let wait = seconds(until.saturating_sub(scene.now.wall));
            let next = match then {
                Try::Write => format!("attempt {} in {wait}", row.attempts + 1),
                Try::Read => format!("read again in {wait}"),
            };
            (format!("⟳ {next} ({because})"), theme.warning())
        }
        Step::Done => ("✔ read back".to_owned(), theme.good()),
        Step::NothingToDo if row.waits => (WAITS.to_owned(), theme.muted()),
        Step::NothingToDo => ("✔ was there already".to_owned(), theme.good()),
        Step::Conflict(alias) => {
            (format!("▲ somebody else changed it: now {}; nothing was overwritten", alias.routing), theme.danger())
        }
        Step::Failed(error) => (format!("✖ {}: {error}", error.kind), theme.danger()),
        Step::Stopped => ("✖ stopped before it was done".to_owned(), theme.danger()),
    });
    parts
}

fn seconds(wait: Duration) -> String {
    format!("{:.1} s", wait.as_secs_f64())
}

/// Failed calls of the versions being withdrawn, over the closed minutes, where they are known.
fn bad_requests(scene: &Scene<'_>, operation: &Operation) -> Option<f64> {
    if !operation.purpose.is_roll_back() {
        return None;
    }
    let known = operation.rows.iter().filter_map(|row| {
        let function = scene.app.deck.function(&row.target)?;
        scene.app.lens(function, scene.now.world).of(row.new).errors
    });
    known.reduce(|sum, errors| sum + errors).filter(|errors| *errors > 0.0)
}

/// Whether there are steps for a rollback, and this is one.
fn has_runbook(scene: &Scene<'_>, operation: &Operation) -> bool {
    operation.purpose.is_roll_back() && scene.app.steps_of(StepMoment::RollBack).next().is_some()
}

/// The keys of an operation as it stands.
pub(super) fn hints(scene: &Scene<'_>) -> Vec<(Action, &'static str)> {
    let Some(operation) = &scene.app.operation else { return vec![(Action::Back, "closes")] };
    if !operation.is_finished() {
        let runbook = has_runbook(scene, operation).then_some((Action::Runbook, "runbook"));
        let back = (Action::Back, "stops retrying; what is on its way is awaited");
        return std::iter::once(back).chain(runbook).collect();
    }
    let mut hints = vec![(Action::Back, "closes")];
    hints.extend(has_runbook(scene, operation).then_some((Action::Runbook, "runbook")));
    if operation.purpose.is_roll_back() && !scene.app.undoable(scene.now).is_empty() {
        hints.push((Action::Undo, "offers to undo it for 10 minutes"));
    }
    hints
}
