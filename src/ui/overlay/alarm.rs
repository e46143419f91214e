//! One alarm in full: its state and what that means, why, what it looks at; and of a composite alarm the tree of its
//! rule with the state of every child, whether a rule of the configuration speaks of it or not.

use std::collections::BTreeSet;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Dialog, text};
use crate::{
    app::view::AlarmDialog,
    release::{
        composite::{self, Node},
        facts::{Alarm, AlarmMetric, AlarmState},
        resting,
    },
    ui::{Scene, alarms},
};

/// Composite alarms within composite alarms are opened this far.
const DEEPEST: usize = 4;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, shown: &AlarmDialog, room: usize) -> Dialog {
    let theme = scene.theme;
    let Some(alarm) = scene.app.alarm(&shown.name, shown.region.as_deref()) else {
        let mut dialog = Dialog::new(text::clean(&shown.name), theme.focus(), room.min(60));
        dialog.say("This alarm was not found when the alarms were read last.", theme.muted());
        return dialog;
    };
    let (glyph, style) = alarms::look(scene, alarm.state);
    let mut dialog = Dialog::new(format!("{glyph} {}", text::clean(&alarm.label())), style, room.min(110));
    about(scene, alarm, style, &mut dialog);
    if let Some(rule) = &alarm.rule {
        dialog.gap();
        let mut tree = Tree { scene, region: shown.region.as_deref(), seen: BTreeSet::new(), lines: Vec::new() };
        tree.seen.insert(alarm.name.clone());
        tree.node(&composite::parse(rule), 0, 0);
        dialog.lines.extend(tree.lines);
    }
    let first = shown.scroll.min(dialog.lines.len().saturating_sub(1));
    dialog.lines = dialog.lines.split_off(first);
    dialog
}

fn about(scene: &Scene<'_>, alarm: &Alarm, style: Style, dialog: &mut Dialog) {
    let theme = scene.theme;
    let rule = scene.app.deck.environment.rule_for(alarm);
    let since = alarm.since.map(|since| {
        format!(" for {}, since {}", text::ago(since, scene.now.world), text::clock(since, scene.app.utc))
    });
    dialog.fact(theme, "state", &format!("{}{}", alarm.state.as_str(), since.unwrap_or_default()), style);
    let severity = rule.map_or("no rule speaks of it", |rule| rule.severity.as_str());
    let means = rule.and_then(|rule| rule.means.as_ref()).map(|means| format!(": {}", text::clean(means)));
    dialog.fact(theme, "severity", &format!("{severity}{}", means.unwrap_or_default()), theme.text());
    if !alarm.reason.is_empty() {
        dialog.fact(theme, "why", &text::without_arns(&alarm.reason), theme.text());
    }
    if let Some(doubt) = &alarm.doubt {
        dialog.fact(theme, "doubt", &format!("▲ do not trust this: {doubt}"), theme.warning());
    }
    if let Some(remedy) = resting::remedy(alarm) {
        dialog.fact(theme, "remedy", &remedy, theme.warning());
    }
    if let Some(watches) = &alarm.watches {
        dialog.fact(theme, "watches", &text::clean(&metric(watches)), theme.text());
    }
    if let Some(region) = &alarm.region {
        dialog.fact(theme, "region", region, theme.text());
    }
    if !alarm.tags.is_empty() {
        let tags = alarm.tags.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join(", ");
        dialog.fact(theme, "tags", &text::clean(&tags), theme.muted());
    }
}

fn metric(watches: &AlarmMetric) -> String {
    let AlarmMetric { namespace, metric, statistic, dimensions, threshold, period } = watches;
    let dimensions = dimensions.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ");
    let period = text::span(jiff::SignedDuration::try_from(*period).unwrap_or(jiff::SignedDuration::MAX));
    let parts = [namespace.clone(), metric.clone(), statistic.clone(), format!("over {period}"), dimensions];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}; threshold {threshold}", parts.join(", "))
}

/// The rule of a composite alarm, line by line.
struct Tree<'a> {
    scene: &'a Scene<'a>,
    region: Option<&'a str>,
    /// Alarms that were opened: each is opened once.
    seen: BTreeSet<String>,
    lines: Vec<Line<'static>>,
}

impl Tree<'_> {
    fn node(&mut self, node: &Node, indent: usize, depth: usize) {
        match node {
            Node::Any(parts) => self.group("any of", parts, indent, depth),
            Node::All(parts) => self.group("all of", parts, indent, depth),
            Node::Not(part) => self.group("not", std::slice::from_ref(part), indent, depth),
            Node::Always(is_so) => self.word(if *is_so { "always" } else { "never" }, indent),
            Node::Other(rule) => self.word(&text::clean(rule), indent),
            Node::Alarm { name, state } => self.child(name, *state, indent, depth),
        }
    }

    fn group(&mut self, word: &str, parts: &[Node], indent: usize, depth: usize) {
        self.word(word, indent);
        for part in parts {
            self.node(part, indent + 1, depth);
        }
    }

    fn word(&mut self, word: &str, indent: usize) {
        self.lines.push(Line::styled(format!("{}{word}", "  ".repeat(indent)), self.scene.theme.muted()));
    }

    /// A child with its state; a composite one with its own children below it.
    fn child(&mut self, name: &str, wanted: AlarmState, indent: usize, depth: usize) {
        let theme = self.scene.theme;
        let margin = "  ".repeat(indent);
        let counts =
            if wanted == AlarmState::Alarm { String::new() } else { format!("  counts when {}", wanted.as_str()) };
        let Some(alarm) = self.scene.app.alarm(name, self.region) else {
            let words = format!("{margin}✖ {}  not found{counts}", text::clean(name));
            return self.lines.push(Line::styled(words, theme.danger()));
        };
        let (glyph, style) = alarms::look(self.scene, alarm.state);
        let age = alarm.since.map_or_else(|| text::NO_DATA.to_owned(), |at| text::ago(at, self.scene.now.world));
        let severity = self.scene.app.deck.environment.severity_of(alarm);
        let severity = severity.map(|severity| format!("  {}", severity.as_str())).unwrap_or_default();
        self.lines.push(Line::from(vec![
            Span::styled(format!("{margin}{glyph} {} ", alarm.state.as_str()), style),
            Span::styled(text::clean(name), theme.strong()),
            Span::styled(format!("  {age}{severity}{counts}"), theme.muted()),
        ]));
        let Some(rule) = &alarm.rule else { return };
        if depth < DEEPEST && self.seen.insert(name.to_owned()) {
            self.node(&composite::parse(rule), indent + 2, depth + 1);
        } else {
            self.word("opened above", indent + 2);
        }
    }
}
