//! Past releases, newest first, and one of them in full: what moved when and why, the gates, what happened.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Dialog, NAME, text};
use crate::{
    app::view::HistoryDialog,
    release::{
        record::{GateResult, Past},
        routing::trim_percent,
        story::{
            self, End, Story, lasting,
            lines::{self, Tone},
        },
    },
    ui::{Scene, Theme},
};

/// Columns of when, and of how long.
const WHEN: usize = 16;
const TOOK: usize = 12;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, history: &HistoryDialog, room: usize) -> Dialog {
    let opened = history.scroll.and_then(|scroll| Some((scene.app.past_releases().get(history.row)?, scroll)));
    match opened {
        Some((past, scroll)) => one(scene, past, scroll, room),
        None => list(scene, history.row, room),
    }
}

fn list(scene: &Scene<'_>, row: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let mut dialog = Dialog::new("HISTORY", theme.focus(), room.min(130));
    match &scene.app.past {
        None => dialog.say("⟳ reading the journal …", theme.muted()),
        Some(Err(why)) => dialog.say(&format!("✖ The journal cannot be read: {why}."), theme.danger()),
        Some(Ok(past)) if past.is_empty() => {
            dialog.say("No release of this environment stands in the journal yet.", theme.muted());
        }
        Some(Ok(past)) => {
            let heading = format!("  {} {} outcome", text::left("began", WHEN), text::left("took", TOOK));
            dialog.lines.push(Line::styled(heading, theme.muted()));
            for (index, story) in past.iter().map(story::tell).enumerate() {
                if index == row {
                    dialog.cursor = dialog.lines.len();
                }
                dialog.lines.push(entry(scene, &story, index == row));
            }
        }
    }
    dialog
}

fn entry(scene: &Scene<'_>, story: &Story, is_selected: bool) -> Line<'static> {
    let theme = scene.theme;
    let (glyph, style) = outcome(theme, story.end);
    let took = story.ended.map_or_else(|| text::NO_DATA.to_owned(), |ended| lasting(ended.duration_since(story.began)));
    let moved = story.functions.iter().map(|f| format!("{} {}→{}", f.target.name(), f.stable, f.new));
    let title = story.title.as_ref().map(|title| format!("{title}  ")).unwrap_or_default();
    let line = Line::from(vec![
        Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
        Span::styled(format!("{} ", text::left(&moment(scene, story.began), WHEN)), theme.text()),
        Span::styled(format!("{} ", text::left(&took, TOOK)), theme.muted()),
        Span::styled(format!("{glyph} {}  ", story.outcome()), style),
        Span::styled(text::clean(&title), theme.strong()),
        Span::styled(text::clean(&format!("{}  ", story.who.short())), theme.info()),
        Span::styled(text::clean(&moved.collect::<Vec<_>>().join(", ")), theme.muted()),
    ]);
    if is_selected { line.style(theme.selection()) } else { line }
}

/// One release, scrolled by so many lines.
fn one(scene: &Scene<'_>, past: &Past, scroll: usize, room: usize) -> Dialog {
    let theme = scene.theme;
    let story = story::tell(past);
    let (glyph, style) = outcome(theme, story.end);
    let title = format!("{} {glyph} {}", text::clean(story.id.as_str()), story.outcome());
    let mut dialog = Dialog::new(title, style, room.min(130));
    facts(scene, &story, &mut dialog);
    dialog.gap();
    gates(theme, &story, &mut dialog);
    for line in lines::lines(past) {
        happened(scene, &line, &mut dialog);
    }
    let first = scroll.min(dialog.lines.len().saturating_sub(1));
    dialog.lines = dialog.lines.split_off(first);
    dialog
}

fn facts(scene: &Scene<'_>, story: &Story, dialog: &mut Dialog) {
    let theme = scene.theme;
    let mut fact = |name: &str, words: &str| dialog.fact(theme, name, &text::clean(words), theme.text());
    let over = story.ended.map(|ended| format!(", over after {}", lasting(ended.duration_since(story.began))));
    fact("began", &format!("{}{}", moment(scene, story.began), over.unwrap_or_default()));
    fact("by", &story.who.in_full());
    if let Some(why) = &story.why {
        fact("why", why);
    }
    if let Some(why) = &story.rolled_back_why {
        fact("taken back", why);
    }
    if let Some(note) = &story.note {
        fact("remark", note);
    }
    if let Some(within) = story.rolled_back_within {
        fact("rolled back", &format!("within {}", lasting(within)));
    }
    for function in &story.functions {
        let shifts = function
            .shifts
            .iter()
            .map(|shift| format!("{}% {}", trim_percent(shift.percent), text::time_of_day(shift.at, scene.app.utc)));
        let moved = shifts.collect::<Vec<_>>().join(", ");
        let about = if function.about.is_empty() { String::new() } else { format!("  {}", function.about) };
        fact(
            &text::left_by_ends(&function.target.name(), NAME - 1),
            &format!("{} → {}  {moved}{about}", function.stable, function.new),
        );
    }
    let done = story.checklist.iter().filter(|item| item.done).count();
    if !story.checklist.is_empty() {
        fact("checklist", &format!("{done} of {} ticked", story.checklist.len()));
    }
    fact("cost", &format!("{} metrics from CloudWatch, ${:.4}", story.metrics_asked, story.dollars));
}

fn gates(theme: &Theme, story: &Story, dialog: &mut Dialog) {
    for gate in &story.gates {
        let (glyph, word, style) = match gate.result {
            GateResult::Pass => ("✔", "pass", theme.good()),
            GateResult::Fail => ("✖", "FAIL", theme.danger()),
            GateResult::Undecided => ("…", "undecided", theme.muted()),
        };
        let number = |value: f64| format!("{}{}", trim_percent(value), gate.unit);
        let numbers = gate.value.map_or_else(|| gate.note.clone(), number);
        let limit = gate.threshold.map(|limit| format!(" (limit {})", number(limit))).unwrap_or_default();
        dialog.lines.push(Line::from(vec![
            Span::styled(format!("{glyph} {} ", text::left(word, 9)), style),
            Span::styled(text::clean(&format!("{}  {numbers}{limit}", gate.name)), theme.text()),
        ]));
    }
    if !story.gates.is_empty() {
        dialog.gap();
    }
}

/// A line of the timeline; what does not fit goes on below.
fn happened(scene: &Scene<'_>, line: &lines::Line, dialog: &mut Dialog) {
    let theme = scene.theme;
    let style = match line.tone {
        Tone::Plain => theme.muted(),
        Tone::Good => theme.good(),
        Tone::Warning => theme.warning(),
        Tone::Bad => theme.danger(),
    };
    let head = format!("{} ", text::time_of_day(line.at, scene.app.utc));
    let indent = text::width(&head) + 2;
    let words = text::clean(&format!("{}: {}", line.who, text::without_arns(&line.what)));
    let columns = usize::from(dialog.width).saturating_sub(indent).max(10);
    for (index, part) in text::wrap(&words, columns).into_iter().enumerate() {
        let start = if index == 0 {
            vec![Span::styled(head.clone(), theme.muted()), Span::styled(format!("{} ", line.tone.mark()), style)]
        } else {
            vec![Span::raw(" ".repeat(indent))]
        };
        dialog.lines.push(Line::from([start, vec![Span::styled(part, theme.text())]].concat()));
    }
}

fn outcome(theme: &Theme, end: End) -> (&'static str, Style) {
    match end {
        End::AllClear => ("✔", theme.good()),
        End::RolledBack { .. } => ("↩", theme.danger()),
        End::Failed => ("✖", theme.danger()),
        End::Abandoned { .. } => ("○", theme.warning()),
        End::UnderWay { .. } => ("◉", theme.info()),
    }
}

/// The day and the minute.
fn moment(scene: &Scene<'_>, at: jiff::Timestamp) -> String {
    format!("{} {}", at.strftime("%Y-%m-%d"), text::hour_minute(at, scene.app.utc))
}
