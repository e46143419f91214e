//! What the cursor is on: the rows of each panel, in the order in which they are shown.

use super::{App, deck::Function, view::Panel};
use crate::release::{
    facts::Alarm,
    names::{Target, Version},
};

impl App {
    /// How many rows the panel under the cursor has.
    pub(super) fn panel_rows(&self) -> usize {
        match self.view.panel {
            Panel::Functions | Panel::Charts => self.visible_functions().count(),
            Panel::Alarms => self.deck.alarms.value().map_or(0, Vec::len),
            Panel::Budgets => self.deck.budgets.value().map_or(0, Vec::len),
            Panel::Metrics => self.deck.environment.metrics.len(),
            Panel::Timeline => self.timeline.entries().len(),
        }
    }

    /// The functions that the filter lets through, in the configuration's order.
    pub fn visible_functions(&self) -> impl Iterator<Item = &Function> {
        let filter = self.view.filter.to_lowercase();
        self.deck.functions.iter().filter(move |function| function.target.to_string().to_lowercase().contains(&filter))
    }

    /// The function under the cursor.
    pub fn selected(&self) -> Option<&Function> {
        self.visible_functions().nth(self.view.row)
    }

    /// A function's versions in the order of its detail: newest first, `$LATEST` last.
    pub fn detail_versions(&self, target: &Target) -> Vec<Version> {
        let infos = self.deck.function(target).and_then(|function| function.versions.value());
        let mut versions: Vec<Version> = infos.into_iter().flatten().map(|info| info.version).collect();
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions
    }

    /// The alarm under the cursor, in the order of the panel.
    pub fn selected_alarm(&self) -> Option<&Alarm> {
        self.sorted_alarms().get(self.view.scroll[Panel::Alarms.index()]).copied()
    }

    /// The alarms as they are shown: those in ALARM first, then by severity, then the newest change first.
    pub fn sorted_alarms(&self) -> Vec<&Alarm> {
        let mut alarms: Vec<_> = self.deck.alarms.value().into_iter().flatten().collect();
        let severity = |name: &str| self.deck.environment.severity_of(name);
        alarms.sort_by_key(|alarm| {
            let severity = severity(&alarm.name).map_or(u8::MAX, |severity| severity as u8);
            (alarm.state, severity, std::cmp::Reverse(alarm.since), alarm.name.clone())
        });
        alarms
    }
}
