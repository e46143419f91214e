//! From a preset and what a resource says to panels: `{name}` and the parameters are put in, what is for each index or
//! target group is written out, and what has no parameter is left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{MetricTemplate, MissingWord, PanelTemplate, Preset};
use crate::release::metrics::{
    Series,
    expression::Expression,
    formula::{Formula, Missing, Operand},
    panel::{Limits, MetricPanel},
    unit,
};

/// What a resource gives for a parameter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(in crate::config) enum Given {
    Text(String),
    Number(f64),
    Names(Vec<String>),
}

/// A resource of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::config) struct Resource {
    /// What AWS calls it.
    pub name: String,
    /// What it is called on screen.
    pub title: String,
    /// Its own region.
    pub region: Option<String>,
    /// What it gives, by parameter.
    pub given: BTreeMap<String, Given>,
}

/// The texts that stand for the names in braces.
type Words = BTreeMap<&'static str, String>;

/// All panels of a resource, in the preset's order.
pub(in crate::config) fn expand(preset: &Preset, resource: &Resource) -> Vec<MetricPanel> {
    let expansion = Expansion { preset, resource };
    let templates = preset.panels.iter().filter(|template| expansion.is_wanted(template));
    templates.flat_map(|template| expansion.panels(template)).collect()
}

struct Expansion<'a> {
    preset: &'a Preset,
    resource: &'a Resource,
}

impl Expansion<'_> {
    fn is_wanted(&self, template: &PanelTemplate) -> bool {
        template.when.as_ref().is_none_or(|parameter| self.given(parameter).is_some())
    }

    fn panels(&self, template: &PanelTemplate) -> Vec<MetricPanel> {
        let Some(each) = &template.each else { return self.panel(template, &Words::new()).into_iter().collect() };
        let items = self.items(each);
        items.iter().filter_map(|item| self.panel(template, &words_of(item))).collect()
    }

    fn panel(&self, template: &PanelTemplate, words: &Words) -> Option<MetricPanel> {
        let (_, unit, scale) = unit::WORDS.iter().find(|(word, ..)| *word == template.unit)?;
        let only = || template.metrics.keys().next().filter(|_| template.metrics.len() == 1).cloned();
        let expression = template.expression.clone().or_else(only)?;
        let expression = Expression::parse(&self.fill(&expression, words)?).ok()?;
        let names: Vec<String> = expression.names().into_iter().map(str::to_owned).collect();
        let operand = |name: String| Some((name.clone(), self.operand(template, template.metrics.get(&name)?, words)));
        let operands: Option<BTreeMap<String, Operand>> = names.into_iter().map(operand).collect();
        Some(MetricPanel {
            resource: self.resource.title.clone(),
            title: format!("{}: {}", self.resource.title, self.fill(&template.title, words)?),
            unit: *unit,
            formula: Formula { expression, operands: operands?, scale: *scale },
            is_daily: template.daily,
            limits: Limits { warning: template.warning, critical: template.critical, is_below: template.is_below },
            remedy: template.remedy.clone(),
        })
    }

    fn operand(&self, panel: &PanelTemplate, template: &MetricTemplate, words: &Words) -> Operand {
        let companions = template.companions.iter().filter_map(|name| panel.metrics.get(name));
        let missing = match template.missing {
            MissingWord::Unknown => Missing::Unknown,
            MissingWord::LeftOut => Missing::LeftOut,
            MissingWord::Zero => {
                Missing::Zero { companions: companions.flat_map(|template| self.series(template, words)).collect() }
            }
        };
        Operand { series: self.series(template, words), missing }
    }

    fn series(&self, template: &MetricTemplate, words: &Words) -> Vec<Series> {
        match &template.each {
            None => vec![self.one_series(template, words)],
            Some(each) => self.items(each).iter().map(|item| self.one_series(template, &words_of(item))).collect(),
        }
    }

    fn one_series(&self, template: &MetricTemplate, words: &Words) -> Series {
        let dimensions = template.dimensions.as_ref().unwrap_or(&self.preset.dimensions).iter().chain(&template.and);
        let filled = |(name, value): (&String, &String)| Some((name.clone(), self.fill(value, words)?));
        Series {
            region: self.preset.region.clone().or_else(|| self.resource.region.clone()),
            namespace: template.namespace.as_ref().unwrap_or(&self.preset.namespace).clone(),
            metric: template.metric.clone(),
            dimensions: dimensions.filter_map(filled).collect(),
            statistic: template.stat.clone(),
        }
    }

    /// A text with everything put in; `None` where a parameter of it is not given.
    fn fill(&self, text: &str, words: &Words) -> Option<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            filled.push_str(before);
            filled.push_str(&self.word(name, words)?);
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    fn word(&self, name: &str, words: &Words) -> Option<String> {
        if name == "name" {
            return Some(self.resource.name.clone());
        }
        if let Some(word) = words.get(name) {
            return Some(word.clone());
        }
        match self.given(name)? {
            Given::Text(text) => Some(text.clone()),
            Given::Number(number) => Some(number.to_string()),
            Given::Names(_) => None,
        }
    }

    fn items(&self, parameter: &str) -> &[String] {
        match self.given(parameter) {
            Some(Given::Names(names)) => names,
            Some(Given::Text(_) | Given::Number(_)) | None => &[],
        }
    }

    fn given(&self, parameter: &str) -> Option<&Given> {
        let default = || self.preset.parameters.iter().find(|known| known.name == parameter)?.default.as_ref();
        self.resource.given.get(parameter).or_else(default)
    }
}

/// What an item is called in a template: whole, as a route's two parts, and as the middle of an ARN's end.
fn words_of(item: &str) -> Words {
    let mut words = Words::from([("each", item.to_owned()), ("short", item.to_owned())]);
    if let Some((method, path)) = item.split_once(' ') {
        words.insert("method", method.to_owned());
        words.insert("path", path.trim().to_owned());
    }
    if let Some(name) = item.strip_prefix("targetgroup/").and_then(|rest| rest.split('/').next()) {
        words.insert("short", name.to_owned());
    }
    words
}
