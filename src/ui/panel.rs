//! The frame around a panel: title, focus, and the condition of what is in it: loading, fresh, asked for, old, or in
//! trouble. Every panel that reads something tells its condition in the same way.

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

use super::{Scene, put, text};
use crate::{
    app::{reading::Reading, view::Panel},
    keys::Action,
    release::{count, error::CloudError},
};

/// Twice the period of the metrics, and the seconds that a question takes.
const METRICS_ARE_OLD: SignedDuration = SignedDuration::from_secs(135);

/// How a panel's data is doing.
pub(super) struct Condition<'a> {
    /// Nothing has been read yet.
    pub is_empty: bool,
    /// Set where the data is too old: its age.
    pub stale: Option<SignedDuration>,
    /// A question is on its way.
    pub is_asked: bool,
    /// What went wrong with the last try, and since when it has been going wrong.
    pub trouble: Option<(&'a CloudError, Timestamp)>,
}

impl<'a> Condition<'a> {
    /// The condition of a reading.
    pub fn of<T>(reading: &'a Reading<T>, now: Timestamp) -> Self {
        Self {
            is_empty: reading.value().is_none(),
            stale: reading.age(now).filter(|_| reading.is_stale(now)),
            is_asked: reading.is_asked(),
            trouble: reading.trouble(),
        }
    }

    /// The condition of everything that comes from CloudWatch's metrics, which are read once a minute.
    pub fn of_metrics(scene: &Scene<'a>) -> Self {
        let age = scene.app.metrics.as_of().map(|as_of| scene.now.world.duration_since(as_of));
        Self {
            is_empty: age.is_none(),
            stale: age.filter(|age| *age > METRICS_ARE_OLD),
            is_asked: scene.app.are_metrics_asked(),
            trouble: scene.app.metrics_trouble(),
        }
    }

    /// The condition of what never comes from outside.
    pub fn fine() -> Self {
        Self { is_empty: false, stale: None, is_asked: false, trouble: None }
    }
}

/// Draws a panel's frame and its trouble, if any, and gives the room that is left inside.
pub(super) fn frame(
    scene: &Scene<'_>,
    panel: Panel,
    title: Vec<Span<'static>>,
    condition: &Condition<'_>,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let is_focused = scene.app.view.panel == panel && scene.app.view.overlay.is_none();
    let theme = scene.theme;
    let mut line = vec![Span::raw(" ")];
    if is_focused {
        line.push(Span::styled("▸ ", theme.focus()));
    }
    line.extend(title);
    line.push(Span::raw(" "));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(border(scene, is_focused))
        .title_top(text::cut_line(bright(line), usize::from(area.width.saturating_sub(2))))
        .title_top(status(scene, condition).right_aligned());
    let inner = block.inner(area);
    block.render(area.intersection(buffer.area), buffer);
    explain(scene, condition, inner, buffer)
}

/// The title's first word.
pub(super) fn heading(scene: &Scene<'_>, panel: Panel, text: impl Into<String>) -> Span<'static> {
    let style = if scene.app.view.panel == panel { scene.theme.focus() } else { scene.theme.strong() };
    Span::styled(text.into(), style)
}

/// Puts the look of old data over an area, if it is old.
pub(super) fn dim_if_stale(scene: &Scene<'_>, condition: &Condition<'_>, area: Rect, buffer: &mut Buffer) {
    if condition.stale.is_some() {
        dim(scene, area, buffer);
    }
}

/// Puts the look of old data over an area.
pub(super) fn dim(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    buffer.set_style(area, scene.theme.stale());
}

/// Where there is one panel at a time: all their names, the open one marked.
pub(super) fn tabs(scene: &Scene<'_>) -> Line<'static> {
    let theme = scene.theme;
    let mut spans = vec![Span::raw(" ")];
    for panel in Panel::ALL {
        let is_open = panel == scene.app.view.panel;
        let style = if is_open { theme.badge(theme.focus()) } else { theme.muted() };
        spans.push(Span::styled(format!(" {} ", title_of(scene, panel)), style));
        spans.push(Span::raw(" "));
    }
    spans.push(Span::styled(format!(" {} next", scene.key(Action::NextPanel)), theme.muted()));
    Line::from(spans)
}

/// A panel's name; the list of what is released is called after what is in it.
fn title_of(scene: &Scene<'_>, panel: Panel) -> &'static str {
    if panel == Panel::Functions { count::plural(scene.app.deck.kinds()) } else { panel.title() }
}

/// The style of a border. In a protected environment the danger colour is on every frame.
fn border(scene: &Scene<'_>, is_focused: bool) -> Style {
    match (scene.is_protected(), is_focused) {
        (true, true) => scene.theme.danger(),
        (true, false) => scene.theme.protected_frame(),
        (false, true) => scene.theme.focus().remove_modifier(Modifier::BOLD),
        (false, false) => scene.theme.faint(),
    }
}

/// The right end of the title: a question on its way, and the age of what is old.
fn status(scene: &Scene<'_>, condition: &Condition<'_>) -> Line<'static> {
    let mut spans = Vec::new();
    if let Some(age) = condition.stale {
        spans.push(Span::styled(format!(" {} old ", text::span(age)), scene.theme.warning()));
    }
    if condition.is_asked {
        spans.push(Span::styled(" ⟳ ", scene.theme.muted()));
    }
    bright(spans)
}

/// Words on a frame that is dimmed are not.
fn bright(spans: Vec<Span<'static>>) -> Line<'static> {
    Line::from(spans).style(Style::new().remove_modifier(Modifier::DIM))
}

/// Says in the panel why it cannot be read and since when, or that it is being read for the first time.
fn explain(scene: &Scene<'_>, condition: &Condition<'_>, inner: Rect, buffer: &mut Buffer) -> Rect {
    let theme = scene.theme;
    if let Some((error, since)) = condition.trouble {
        let since = text::time_of_day(since, scene.app.utc);
        let words = format!("✖ {} since {since}: {error}", error.kind);
        let most = if condition.is_empty { inner.height } else { inner.height.min(3) };
        let lines = text::wrap(&words, usize::from(inner.width.saturating_sub(2)));
        let is_cut = lines.len() > usize::from(most);
        let mut used = 0;
        for line in lines.into_iter().take(usize::from(most)) {
            used += 1;
            let more = if is_cut && used == most { " …" } else { "" };
            put(buffer, inner, used - 1, Line::styled(format!(" {line}{more}"), theme.danger()));
        }
        return Rect { y: inner.y + used, height: inner.height - used, ..inner };
    }
    if condition.is_empty && inner.height > 0 {
        let words = "reading …";
        let row = inner.height / 2;
        let column = usize::from(inner.width).saturating_sub(text::width(words)) / 2;
        put(buffer, inner, row, Line::styled(format!("{}{words}", " ".repeat(column)), theme.muted()));
    }
    inner
}
