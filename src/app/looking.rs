//! Where the person looks: the cursor of whatever is on top, the panels, and the AWS console's address of what is under
//! the cursor. Nothing here changes anything but the view.

use super::{
    App,
    view::{HistoryDialog, Overlay, Panel},
};
use crate::{
    keys::Action,
    release::names::{Mover, Target},
};

/// Lines of an alarm's tree that can be scrolled through: AWS allows a hundred elements in a rule.
const LONGEST_TREE: usize = 500;
/// Lines of a command's output that can be scrolled through.
const LONGEST_OUTPUT: usize = 20_000;

impl App {
    /// Moves the cursor of whatever is on top.
    pub(super) fn move_cursor(&mut self, by: isize) {
        let functions = self.visible_functions().count();
        let versions = match &self.view.overlay {
            Some(Overlay::Detail(detail)) => self.detail_versions(&detail.target).len(),
            _ => 0,
        };
        let (panel_rows, history_rows) = (self.panel_rows(), self.history_rows());
        let (gates, items) = (self.gate_results().len(), self.checks.checklist.items().len());
        let environments = self.neighbours.len();
        let steps = self.deck.environment.runbook.len();
        match &mut self.view.overlay {
            Some(Overlay::History(HistoryDialog { scroll: Some(scroll), .. })) => {
                *scroll = moved(*scroll, by, history_rows);
            }
            Some(Overlay::History(history)) => history.row = moved(history.row, by, history_rows),
            Some(Overlay::Gates(row)) => *row = moved(*row, by, gates),
            Some(Overlay::Checklist(row)) => *row = moved(*row, by, items),
            Some(Overlay::Environments(row)) => *row = moved(*row, by, environments),
            Some(Overlay::Alarm(dialog)) => dialog.scroll = moved(dialog.scroll, by, LONGEST_TREE),
            Some(Overlay::Runbook(row)) => *row = moved(*row, by, steps),
            Some(Overlay::Step(dialog)) => dialog.scroll = moved(dialog.scroll, by, LONGEST_OUTPUT),
            Some(Overlay::Help(scroll)) => *scroll = moved(*scroll, by, 200),
            Some(Overlay::Detail(detail)) => detail.row = moved(detail.row, by, versions),
            Some(Overlay::Plan(dialog)) => {
                let rows = dialog.plan.as_ref().map_or(0, |plan| plan.rows.len());
                dialog.row = moved(dialog.row, by, rows);
            }
            Some(Overlay::Candidates(list)) => {
                list.row = Some(list.row.map_or(0, |row| moved(row, by, list.versions.len())));
            }
            Some(
                Overlay::Done(_)
                | Overlay::TakeOver(_)
                | Overlay::Abandon(_)
                | Overlay::Comparison(_)
                | Overlay::Metric(_)
                | Overlay::Quit
                | Overlay::ConsoleUrl(_)
                | Overlay::Progress,
            ) => {}
            None if matches!(self.view.panel, Panel::Functions | Panel::Charts) => {
                self.view.row = moved(self.view.row, by, functions);
            }
            None => {
                let scroll = &mut self.view.scroll[self.view.panel.index()];
                *scroll = moved(*scroll, by, panel_rows);
            }
        }
    }

    pub(super) fn look_elsewhere(&mut self, action: Action) {
        if self.view.overlay.is_some() {
            return;
        }
        let (count, at) = (Panel::ALL.len(), self.view.panel.index());
        match action {
            Action::NextPanel => self.view.panel = Panel::ALL[(at + 1) % count],
            Action::PreviousPanel => self.view.panel = Panel::ALL[(at + count - 1) % count],
            _ => {
                self.view.panel = Panel::Functions;
                self.view.filtering = true;
            }
        }
    }

    pub(super) fn show_console_url(&mut self) {
        let url = match (&self.view.overlay, self.view.panel, self.selected_alarm()) {
            (None, Panel::Alarms, Some(alarm)) => {
                let region = alarm.region.as_ref().unwrap_or(&self.deck.place.region);
                let name = percent_encoded(&alarm.name);
                format!("https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#alarmsV2:alarm/{name}")
            }
            _ => match self.selected() {
                Some(function) => console_url(self.deck.region_of(&function.target), &function.target),
                None => return,
            },
        };
        self.view.overlay = Some(Overlay::ConsoleUrl(url));
    }
}

/// Where AWS's console shows a target.
fn console_url(region: &str, target: &Target) -> String {
    let (name, alias) = (percent_encoded(target.function.as_str()), target.alias.as_str());
    let console = format!("https://{region}.console.aws.amazon.com");
    match (target.kind, target.api_and_stage()) {
        (Mover::Rule, _) => {
            let balancer = alias.split('/').nth(2).map(percent_encoded).unwrap_or_default();
            format!("{console}/ec2/home?region={region}#LoadBalancers:search={balancer}")
        }
        (Mover::Stage, Some((api, _))) => {
            format!("{console}/apigateway/main/apis/{api}/stages?api={api}&region={region}")
        }
        (Mover::Alias | Mover::Stage, _) => {
            let alias = percent_encoded(alias);
            format!("{console}/lambda/home?region={region}#/functions/{name}/aliases/{alias}")
        }
    }
}

/// A cursor moved inside `count` rows.
fn moved(row: usize, by: isize, count: usize) -> usize {
    row.saturating_add_signed(by).min(count.saturating_sub(1))
}

/// A name as a part of a web address.
fn percent_encoded(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}
