//! Dialogs on top of the panels. Each makes its lines; this file gives them a box in the middle of the screen and
//! keeps the line that matters in sight.

mod abandon;
mod alarm;
mod candidates;
mod checklist;
mod comparison;
mod console_url;
mod detail;
mod done;
mod environments;
pub(super) mod gates;
mod help;
mod history;
mod judged;
mod metric;
mod plan;
mod progress;
mod quit;
pub(super) mod runbook;
mod take_over;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Padding, Widget},
};

use super::{Scene, Theme, put, text};
use crate::{
    app::view::{HistoryDialog, Overlay},
    keys::Action,
    release::{count, names::Target},
};

/// A dialog before it has a place.
struct Dialog {
    title: String,
    /// Of its border and title.
    style: Style,
    /// Columns that it would like, without the frame.
    width: u16,
    lines: Vec<Line<'static>>,
    /// The line that must be seen where not all fit.
    cursor: usize,
    /// What stays at the bottom whatever is scrolled.
    footer: Vec<Line<'static>>,
}

/// The frame and its padding, across.
const FRAME_COLUMNS: u16 = 4;

/// Columns of a fact's name.
const NAME: usize = 13;

/// Draws the dialog that is open, if any, into the middle of the panels.
pub(super) fn draw(scene: &Scene<'_>, body: Rect, buffer: &mut Buffer) {
    let Some(overlay) = &scene.app.view.overlay else { return };
    let room = usize::from(body.width.saturating_sub(FRAME_COLUMNS));
    let mut dialog = match overlay {
        Overlay::Help(scroll) => help::dialog(scene, *scroll, room),
        Overlay::Detail(detail) => detail::dialog(scene, detail, room),
        Overlay::Plan(plan) => plan::dialog(scene, plan, room),
        Overlay::Candidates(candidates) => candidates::dialog(scene, candidates, room),
        Overlay::Done(done) => done::dialog(scene, done, room),
        Overlay::TakeOver(shown) => take_over::dialog(scene, shown, room),
        Overlay::History(shown) => history::dialog(scene, shown, room),
        Overlay::Abandon(_) => abandon::dialog(scene, room),
        Overlay::Gates(row) => gates::dialog(scene, *row, room),
        Overlay::Checklist(row) => checklist::dialog(scene, *row, room),
        Overlay::Environments(row) => environments::dialog(scene, *row, room),
        Overlay::Alarm(shown) => alarm::dialog(scene, shown, room),
        Overlay::Metric(title) => metric::dialog(scene, title, room),
        Overlay::Runbook(row) => runbook::dialog(scene, *row, room),
        Overlay::Step(shown) => runbook::step(scene, shown, room),
        Overlay::Comparison(comparison) => comparison::dialog(scene, comparison, room),
        Overlay::Quit => quit::dialog(scene, room),
        Overlay::ConsoleUrl(address) => console_url::dialog(scene, address, room),
        Overlay::Progress => progress::dialog(scene, room),
    };
    let mut last = keys(scene, &hints(scene, overlay));
    let is_plan = match overlay {
        Overlay::Plan(_) => true,
        Overlay::Step(shown) => scene.app.wants_name_for_step(shown),
        _ => false,
    };
    if is_plan {
        let enter = if scene.app.is_typing_reason() { "gives the reason" } else { "does nothing" };
        last.spans.push(Span::styled(format!(" · Enter {enter}"), scene.theme.muted()));
    }
    dialog.footer.push(last);
    dialog.draw(scene, body, buffer);
}

impl Dialog {
    fn new(title: impl Into<String>, style: Style, width: usize) -> Self {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        Self { title: title.into(), style, width, lines: Vec::new(), cursor: 0, footer: Vec::new() }
    }

    fn draw(mut self, scene: &Scene<'_>, body: Rect, buffer: &mut Buffer) {
        if !self.footer.is_empty() {
            self.footer.insert(0, Line::default());
        }
        let width = (self.width + FRAME_COLUMNS).min(body.width);
        let height = u16::try_from(self.lines.len() + self.footer.len() + 2).unwrap_or(u16::MAX).min(body.height);
        let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
            .intersection(buffer.area);
        clear(scene, area, buffer);
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(self.style)
            .padding(Padding::horizontal(1))
            .title_top(text::cut_line(
                Line::styled(format!(" {} ", self.title), self.style),
                usize::from(width.saturating_sub(2)),
            ));
        let inner = block.inner(area);
        block.render(area, buffer);
        let footer_height = u16::try_from(self.footer.len()).unwrap_or(u16::MAX).min(inner.height);
        let list_height = inner.height - footer_height;
        let list = Rect { height: list_height, ..inner };
        let first = super::functions::first_row(self.cursor, self.lines.len(), usize::from(list_height));
        let below = self.lines.len().saturating_sub(first + usize::from(list_height));
        for (row, line) in (0..list_height).zip(self.lines.into_iter().skip(first)) {
            put(buffer, list, row, line);
        }
        if below > 0 && list_height > 0 {
            let more = format!(" … {below} more ");
            let edge = Rect { y: inner.bottom(), height: 1, ..inner }.intersection(area);
            put(buffer, edge, 0, Line::styled(more, scene.theme.muted()));
        }
        let bottom = Rect { y: inner.y + list_height, height: footer_height, ..inner };
        for (row, line) in (0..footer_height).zip(self.footer) {
            put(buffer, bottom, row, line);
        }
    }

    fn say(&mut self, words: &str, style: Style) {
        let columns = usize::from(self.width).max(1);
        self.lines.extend(text::wrap(words, columns).into_iter().map(|line| Line::styled(line, style)));
    }

    /// A fact with its name in front; what does not fit goes on under it.
    fn fact(&mut self, theme: &Theme, name: &str, words: &str, style: Style) {
        let columns = usize::from(self.width).saturating_sub(NAME).max(1);
        for (index, line) in text::wrap(words, columns).into_iter().enumerate() {
            let name = text::left(if index == 0 { name } else { "" }, NAME);
            self.lines.push(Line::from(vec![Span::styled(name, theme.muted()), Span::styled(line, style)]));
        }
    }

    fn gap(&mut self) {
        self.lines.push(Line::default());
    }
}

/// Wipes the place of a dialog, with a column to either side.
fn clear(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let wide = Rect { x: area.x.saturating_sub(1), width: area.width.saturating_add(2), ..area };
    for (place, style) in [(wide, scene.theme.base()), (area, scene.theme.dialog())] {
        let place = place.intersection(buffer.area);
        for position in place.positions() {
            buffer[position].reset();
        }
        buffer.set_style(place, style);
    }
}

/// What the dialog on top takes, for its own last line and for the bottom line. The most important comes first.
pub(super) fn hints(scene: &Scene<'_>, overlay: &Overlay) -> Vec<(Action, &'static str)> {
    match overlay {
        Overlay::Help(_) | Overlay::Gates(_) | Overlay::Alarm(_) => {
            vec![(Action::Back, "closes"), (Action::Down, "further"), (Action::Up, "back")]
        }
        Overlay::Detail(_) => vec![
            (Action::Back, "closes"),
            (Action::PickVersion, "picks the version to release"),
            (Action::RollBackOne, "rolls back this one"),
            (Action::ConsoleUrl, "AWS console"),
        ],
        Overlay::Plan(dialog) => plan::hints(scene, dialog),
        Overlay::Candidates(_) => vec![(Action::Confirm, "rolls back to it now"), (Action::Back, "cancels")],
        Overlay::Done(_) => vec![(Action::Confirm, "declares all clear"), (Action::Back, "not yet")],
        Overlay::TakeOver(_) => vec![(Action::Confirm, "takes it over"), (Action::Back, "keeps watching")],
        Overlay::History(HistoryDialog { scroll: None, .. }) => {
            vec![(Action::Open, "tells it"), (Action::Down, "further"), (Action::Up, "back"), (Action::Back, "closes")]
        }
        Overlay::History(_) => vec![(Action::Back, "to the list"), (Action::Down, "further"), (Action::Up, "back")],
        Overlay::Abandon(_) => vec![(Action::Confirm, "stops running it"), (Action::Back, "goes on")],
        Overlay::Checklist(_) => vec![(Action::Mark, "ticks, or takes the tick back"), (Action::Back, "closes")],
        Overlay::Runbook(_) => {
            vec![(Action::Open, "opens the step"), (Action::Mark, "ticks it as done"), (Action::Back, "closes")]
        }
        Overlay::Environments(_) => vec![(Action::Open, "shows it"), (Action::Back, "stays here")],
        Overlay::Step(shown) => runbook::hints(scene, shown),
        Overlay::Quit => vec![(Action::Quit, "leaves"), (Action::Back, "stays")],
        Overlay::ConsoleUrl(_) | Overlay::Comparison(_) | Overlay::Metric(_) => vec![(Action::Back, "closes")],
        Overlay::Progress => progress::hints(scene),
    }
}

/// The keys of a dialog in words, from the keymap: `y confirms · Esc cancels`.
fn keys(scene: &Scene<'_>, hints: &[(Action, &str)]) -> Line<'static> {
    let theme = scene.theme;
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (action, words) in hints {
        let key = scene.key(*action);
        if key.is_empty() {
            continue;
        }
        if !spans.is_empty() {
            spans.push(Span::styled(" · ", theme.faint()));
        }
        spans.push(Span::styled(key, theme.focus()));
        spans.push(Span::styled(format!(" {words}"), theme.muted()));
    }
    Line::from(spans)
}

/// What a rollback here leaves alone: releases in other environments, and how to get to them.
fn not_touched(scene: &Scene<'_>, dialog: &mut Dialog) {
    let others = scene.app.releasing_elsewhere().map(|(neighbour, standing)| {
        let trouble = standing.trouble.as_ref().map(|trouble| format!(", {trouble}")).unwrap_or_default();
        let share = standing.share.as_deref().unwrap_or(text::NO_DATA);
        format!("{} (at {share}{trouble})", text::clean(&neighbour.title()))
    });
    let others = others.collect::<Vec<_>>().join(", ");
    if others.is_empty() {
        return;
    }
    let (back, list) = (scene.key(Action::Back), scene.key(Action::Environments));
    dialog.gap();
    let words = format!("▲ The release in {others} is not touched by this: {back}, then {list} leads there.");
    dialog.say(&words, scene.theme.warning());
}

/// `1 function`, `2 rules`.
fn functions<'a>(targets: impl IntoIterator<Item = &'a Target>) -> String {
    count::counted(targets.into_iter().map(|target| target.kind))
}
