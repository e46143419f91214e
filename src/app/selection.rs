//! What the cursor is on: the rows of each panel, in the order in which they are shown.

use super::{App, deck::Function, view::Panel};
use crate::release::{
    candidates,
    facts::{Alarm, AlarmState, Severity, VersionInfo},
    gates::alarms::Insufficient,
    names::{Target, Version},
};

impl App {
    /// How many rows the panel under the cursor has.
    pub(super) fn panel_rows(&self) -> usize {
        match self.view.panel {
            Panel::Functions | Panel::Charts => self.visible_functions().count(),
            Panel::Alarms => self.sorted_alarms().len(),
            Panel::Budgets => self.gauges().len(),
            Panel::Metrics => self.metric_lines().len(),
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

    /// A function's versions in the order of its detail: newest first, `$LATEST` last; target groups as the rule has
    /// them.
    pub fn detail_versions(&self, target: &Target) -> Vec<Version> {
        let infos = self.deck.function(target).and_then(|function| function.versions.value());
        let mut infos: Vec<&VersionInfo> = infos.into_iter().flatten().collect();
        infos.sort_by(|one, other| candidates::by_age(other, one));
        infos.into_iter().map(|info| info.version).collect()
    }

    /// The alarm under the cursor, in the order of the panel.
    pub fn selected_alarm(&self) -> Option<&Alarm> {
        self.sorted_alarms().get(self.view.scroll[Panel::Alarms.index()]).copied()
    }

    /// An alarm by its name, in a region other than the environment's or in that, whether a rule speaks of it or not.
    pub fn alarm(&self, name: &str, region: Option<&str>) -> Option<&Alarm> {
        let mut alarms = self.deck.alarms.value().into_iter().flatten();
        alarms.find(|alarm| alarm.name == name && alarm.region.as_deref() == region)
    }

    /// A rule may say that having no data is as good as OK: such an alarm does not stand above those that say more.
    fn counts_as(&self, alarm: &Alarm) -> AlarmState {
        let rule = self.deck.environment.rule_for(alarm);
        let is_fine = rule.is_some_and(|rule| rule.insufficient == Insufficient::Ok);
        if is_fine && alarm.state == AlarmState::InsufficientData { AlarmState::Ok } else { alarm.state }
    }

    /// The alarms that a rule speaks of, as they are shown: those in ALARM first, then by severity, then the newest
    /// change first. Children of composite alarms that no rule speaks of are seen where those are opened.
    pub fn sorted_alarms(&self) -> Vec<&Alarm> {
        let alarms = self.deck.alarms.value().into_iter().flatten();
        let with_rule = alarms.filter_map(|alarm| Some((self.deck.environment.severity_of(alarm)?, alarm)));
        let mut sorted: Vec<(Severity, &Alarm)> = with_rule.collect();
        sorted.sort_by_key(|(severity, alarm)| {
            (self.counts_as(alarm), *severity as u8, std::cmp::Reverse(alarm.since), alarm.name.clone())
        });
        sorted.into_iter().map(|(_, alarm)| alarm).collect()
    }
}
