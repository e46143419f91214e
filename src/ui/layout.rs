//! What lies where, for every size of the terminal. It knows the panels, not what is in them.

use ratatui::layout::{Constraint, Layout, Rect};

use super::{banner, budgets, elsewhere, functions, metrics, runbook, verdict};
use crate::app::{
    App,
    view::{Panel, TWO_COLUMNS},
};

/// The smallest screen that is drawn at all: columns, rows.
pub(super) const SMALLEST: (u16, u16) = (40, 10);
/// From here on there are three columns of panels.
const WIDE: (u16, u16) = (150, 36);

/// The places of everything on the screen.
pub(super) struct Map {
    pub identity: Rect,
    pub stages: Rect,
    /// What needs a person elsewhere, what does here, and the steps of the runbook that are wanted; no rows where nothing is.
    pub banner: [Rect; 3],
    /// The line of tabs, where only one panel is shown.
    pub tabs: Option<Rect>,
    pub panels: Vec<(Panel, Rect)>,
    /// The verdict on the new version, where there is room for it and it is judged.
    pub verdict: Option<Rect>,
    /// Everything between the stage line and the health line, where dialogs lie.
    pub body: Rect,
    pub health: Rect,
    pub keys: Rect,
}

impl Map {
    /// The map for a screen of this size.
    pub fn of(area: Rect, app: &App) -> Self {
        let [identity, stages, elsewhere, banner, steps, body, health, keys] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(elsewhere::height(app)),
            Constraint::Length(banner::height(app, area.height)),
            Constraint::Length(runbook::height(app)),
            Constraint::Fill(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        let fits = |(columns, rows)| area.width >= columns && area.height >= rows;
        let (tabs, panels, verdict) = if fits(WIDE) {
            let (panels, verdict) = three_columns(body, app);
            (None, panels, Some(verdict))
        } else if fits(TWO_COLUMNS) {
            let (panels, verdict) = two_columns(body, app);
            (None, panels, Some(verdict))
        } else {
            let [tabs, panel] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(body);
            (Some(tabs), vec![(app.view.panel, panel)], None)
        };
        let verdict = verdict.filter(|area| area.height > 0);
        Self { identity, stages, banner: [elsewhere, banner, steps], tabs, panels, verdict, body, health, keys }
    }
}

fn three_columns(body: Rect, app: &App) -> (Vec<(Panel, Rect)>, Rect) {
    let spare = body.width - WIDE.0;
    let [table, charts, side] = Layout::horizontal([
        Constraint::Length(79 + spare / 6),
        Constraint::Fill(1),
        Constraint::Length(31 + (spare / 5).min(16)),
    ])
    .areas(body);
    let [functions, verdict, below] = under_the_table(table, app);
    // The timeline keeps a few lines, however many metrics there are.
    let most_metrics = below.height.saturating_sub(8).max(11);
    let mut panels = vec![(Panel::Charts, charts), (Panel::Functions, functions)];
    panels
        .extend(stack(below, [(Panel::Metrics, Some(metrics_height(app).min(most_metrics))), (Panel::Timeline, None)]));
    panels.extend(stack(side, [(Panel::Alarms, None), (Panel::Budgets, Some(budgets::height(app)))]));
    (panels, verdict)
}

fn two_columns(body: Rect, app: &App) -> (Vec<(Panel, Rect)>, Rect) {
    let [left, right] =
        Layout::horizontal([Constraint::Length(75 + (body.width - TWO_COLUMNS.0) / 4), Constraint::Fill(1)])
            .areas(body);
    let [functions, verdict, charts] = under_the_table(left, app);
    let mut panels = vec![(Panel::Functions, functions), (Panel::Charts, charts)];
    let timeline = (body.height / 4).max(7);
    panels.extend(stack(
        right,
        [
            (Panel::Alarms, None),
            (Panel::Budgets, Some(budgets::height(app))),
            (Panel::Metrics, Some(metrics_height(app).min(9))),
            (Panel::Timeline, Some(timeline)),
        ],
    ));
    (panels, verdict)
}

/// A column with the functions on top, the verdict on the new versions below them, and what is left.
fn under_the_table(column: Rect, app: &App) -> [Rect; 3] {
    let functions = Constraint::Length(functions_height(app, column.height));
    Layout::vertical([functions, Constraint::Length(verdict::height(app)), Constraint::Min(5)]).areas(column)
}

/// Panels on top of each other. `None` takes what the others leave; a height of zero leaves the panel out.
fn stack<const N: usize>(area: Rect, panels: [(Panel, Option<u16>); N]) -> impl Iterator<Item = (Panel, Rect)> {
    let constraints = panels.map(|(_, height)| match height {
        Some(height) => Constraint::Length(height),
        None => Constraint::Min(5),
    });
    let areas = Layout::vertical(constraints).areas::<N>(area);
    panels.into_iter().zip(areas).map(|((panel, _), area)| (panel, area)).filter(|(_, area)| area.height > 0)
}

/// All functions where they fit, and never more than half of the column.
fn functions_height(app: &App, height: u16) -> u16 {
    let rows = app.deck.functions.len() + functions::LINES_AROUND;
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(8, (height / 2).max(8))
}

fn metrics_height(app: &App) -> u16 {
    let lines = u16::try_from(app.metric_lines().len()).unwrap_or(u16::MAX);
    if lines == 0 { 0 } else { lines.saturating_add(metrics::LINES_AROUND) }
}
