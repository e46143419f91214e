//! Presets: what there is to see of each AWS service, as data in `presets/NAME.toml`, and how a resource that names one
//! becomes panels. A preset declares its parameters and its panels; nothing here knows a single service.

mod expand;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::LazyLock};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

pub(super) use expand::{Given, Resource, expand};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/presets");

/// Every preset, by name. Those that do not parse are left out; a test sees to it that there are none.
static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    let read = |file: &'static include_dir::File<'static>| {
        let preset: Preset = toml::from_str(file.contents_utf8()?).ok()?;
        Some(Preset { name: file.path().file_stem()?.to_str()?.to_owned(), ..preset })
    };
    let mut presets: Vec<Preset> = FILES.files().filter_map(read).collect();
    presets.sort_by(|one, other| one.name.cmp(&other.name));
    presets
});

/// What there is to see of one service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    /// As resources name it: the file's name.
    #[serde(skip)]
    pub name: String,
    /// A sentence on the service.
    pub about: String,
    /// What a resource's `name` is.
    pub of: String,
    /// CloudWatch's namespace, where a metric names no other.
    pub namespace: String,
    /// The only region that the service is measured in.
    pub region: Option<String>,
    /// Of every metric that names no others. One whose parameter is not given is left out.
    pub dimensions: BTreeMap<String, String>,
    /// What a resource may, or must, say.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What is shown, in this order.
    pub panels: Vec<PanelTemplate>,
}

/// Something that a resource says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameter {
    pub name: String,
    pub kind: Kind,
    /// What it means.
    pub about: String,
    #[serde(default)]
    pub required: bool,
    /// What holds where nothing is given.
    pub default: Option<Given>,
    /// Another parameter that must then be given too.
    pub needs: Option<String>,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A number above 0.
    Number,
    /// A list of texts.
    Names,
    /// A list of methods and paths: `GET /receipts`.
    Routes,
}

/// One panel, or one for each item of a parameter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PanelTemplate {
    /// Under the resource's heading. With `each` it names the item: `{each}: requests`.
    pub title: String,
    /// What CloudWatch gives: one of [`crate::release::metrics::unit::WORDS`].
    pub unit: String,
    /// There is only a panel where this parameter is given.
    pub when: Option<String>,
    /// One panel for each item of this parameter.
    pub each: Option<String>,
    /// Over the names of `metrics`; not needed where there is one.
    pub expression: Option<String>,
    /// The operands, and what says what a missing point of them means.
    pub metrics: BTreeMap<String, MetricTemplate>,
    /// In the unit that is shown.
    pub warning: Option<f64>,
    /// In the unit that is shown.
    pub critical: Option<f64>,
    /// Whether less is worse.
    #[serde(default)]
    pub is_below: bool,
    /// Whether CloudWatch is told once a day.
    #[serde(default)]
    pub daily: bool,
    /// How to have it measured, where that must be switched on.
    pub remedy: Option<String>,
}

/// One series, or one for each item of a parameter, added up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricTemplate {
    pub namespace: Option<String>,
    pub metric: String,
    #[serde(default = "sum")]
    pub stat: String,
    /// In place of the preset's.
    pub dimensions: Option<BTreeMap<String, String>>,
    /// Beside them.
    #[serde(default)]
    pub and: BTreeMap<String, String>,
    /// One series for each item of this parameter.
    pub each: Option<String>,
    #[serde(default)]
    pub missing: MissingWord,
    /// The metrics of this panel that have a point whenever anything happens at all.
    #[serde(default)]
    pub companions: Vec<String>,
}

/// What a missing point means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MissingWord {
    /// Nothing is known.
    #[default]
    Unknown,
    /// Nothing happened, where a companion has a point.
    Zero,
    /// The series is not in use; the others are the sum.
    LeftOut,
}

fn sum() -> String {
    "Sum".to_owned()
}

impl Preset {
    /// The preset of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The names of all presets, in alphabetical order.
    pub fn names() -> Vec<&'static str> {
        PRESETS.iter().map(|preset| preset.name.as_str()).collect()
    }
}
