//! The screen: draws the state and changes nothing. The only place that knows ratatui. One file a panel; this one
//! holds the map and says what lies where.

mod alarms;
mod banner;
mod budgets;
mod charts;
mod digits;
mod elsewhere;
mod functions;
mod health;
mod identity;
mod keys_line;
mod layout;
mod metrics;
mod overlay;
mod palette;
mod panel;
pub mod picker;
mod plot;
mod runbook;
mod stages;
mod text;
pub mod theme;
mod timeline;
mod too_small;
mod verdict;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

use ratatui::{Frame, buffer::Buffer, layout::Rect, text::Line};

use crate::{
    app::{App, view::Panel},
    clock::Now,
    keys::{Action, Keymap},
};
use layout::Map;
pub use theme::Theme;

/// Draws the whole screen.
///
/// ```text
///  who and where am I          environment, account, caller, badges, age of the data, cost of watching, clock
///  where is the release        its id, the stages done, current and to come, the gates
///  what needs you now          only while something does: a countdown, gates that fail, a release that stands still
/// ╭ Functions ─────────────╮╭ error rate, durations, ─╮╭ Alarms ─────╮
/// │ versions, set weight   ││ calls of the function   ││ worst first │
/// │ and observed share     ││ under the cursor,       ││             │
/// ╰────────────────────────╯│ stable and new apart    ││             │
/// ╭ Verdict ───────────────╮│                         ││             │
/// ╰────────────────────────╯│                         ││             │
/// ╭ Metrics ───────────────╮│                         │╰─────────────╯
/// ╰────────────────────────╯│                         │╭ Budgets ────╮
/// ╭ Timeline ──────────────╮│                         ││             │
/// ╰────────────────────────╯╰─────────────────────────╯╰─────────────╯
///  is it healthy               the worst of it in one line; a short message takes its place
///  what can I press            R and the stages first
/// ```
///
/// At 120 columns the panels stand in two columns; below that there is one panel at a time under a line of tabs.
/// A dialog lies on top of the panels and leaves the first two and the last two lines alone.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: &Theme, keymap: &Keymap, now: Now) {
    let scene = Scene { app, theme, keymap, now };
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.base());
    if area.width < layout::SMALLEST.0 || area.height < layout::SMALLEST.1 {
        return too_small::draw(&scene, area, buffer);
    }
    let map = Map::of(area, app);
    put(buffer, map.identity, 0, identity::line(&scene, map.identity.width));
    put(buffer, map.stages, 0, stages::line(&scene, map.stages.width));
    let [elsewhere, banner, steps] = map.banner;
    elsewhere::draw(&scene, elsewhere, buffer);
    banner::draw(&scene, banner, buffer);
    runbook::draw(&scene, steps, buffer);
    if let Some(tabs) = map.tabs {
        put(buffer, tabs, 0, panel::tabs(&scene));
    }
    for (panel, area) in map.panels {
        draw_panel(&scene, panel, area, buffer);
    }
    if let Some(area) = map.verdict {
        verdict::draw(&scene, area, buffer);
    }
    overlay::draw(&scene, map.body, buffer);
    put(buffer, map.health, 0, health::line(&scene, map.health.width));
    put(buffer, map.keys, 0, keys_line::line(&scene, map.keys.width));
}

/// What every panel needs to draw itself.
#[derive(Clone, Copy)]
struct Scene<'a> {
    app: &'a App,
    theme: &'a Theme,
    keymap: &'a Keymap,
    now: Now,
}

impl Scene<'_> {
    /// The first key of an action as it is shown, such as `R`; empty where it has none.
    fn key(&self, action: Action) -> String {
        self.keymap.keys(action).first().map(ToString::to_string).unwrap_or_default()
    }

    /// Whether a mistake here hurts.
    fn is_protected(&self) -> bool {
        self.app.deck.environment.protected
    }
}

fn draw_panel(scene: &Scene<'_>, panel: Panel, area: Rect, buffer: &mut Buffer) {
    match panel {
        Panel::Functions => functions::draw(scene, area, buffer),
        Panel::Charts => charts::draw(scene, area, buffer),
        Panel::Alarms => alarms::draw(scene, area, buffer),
        Panel::Budgets => budgets::draw(scene, area, buffer),
        Panel::Metrics => metrics::draw(scene, area, buffer),
        Panel::Timeline => timeline::draw(scene, area, buffer),
    }
}

/// Puts a line into a row of an area, cut to its width. A row outside the area is left out.
fn put(buffer: &mut Buffer, area: Rect, row: u16, line: impl Into<Line<'static>>) {
    let area = area.intersection(buffer.area);
    if row >= area.height {
        return;
    }
    let line = text::cut_line(line.into(), usize::from(area.width));
    buffer.set_line(area.x, area.y + row, &line, area.width);
}
