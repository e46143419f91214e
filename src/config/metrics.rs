//! `[[environments.NAME.metrics]]`: panels of a person's own, of one metric or of an expression over several.

use std::collections::BTreeMap;

use super::{
    document::{Table, Value, Wrong},
    error::{listed, quoted, suggestion},
    read::checked,
    words,
};
use crate::release::metrics::{
    Series,
    expression::Expression,
    formula::{Formula, Missing, Operand},
    panel::{Limits, MetricPanel},
    unit::{self, Unit},
};

/// Every key of the table.
pub(super) const KEYS: &[&str] = &[
    "title",
    "namespace",
    "metric",
    "stat",
    "dimensions",
    "expression",
    "metrics",
    "unit",
    "region",
    "warning",
    "critical",
    "compare",
    "missing",
    "companion",
    "daily",
];
/// Every key of one of its `metrics`.
pub(super) const OPERAND_KEYS: &[&str] =
    &["namespace", "metric", "stat", "dimensions", "region", "missing", "companion"];

/// Whether a missing point is a zero.
const MISSING: &[(&str, bool)] = &[("unknown", false), ("zero", true)];
const SIDES: &[(&str, bool)] = &[("above", false), ("below", true)];

/// The panels, in the file's order.
pub(super) fn panels(environment: &Table<'_>) -> Vec<MetricPanel> {
    let tables = environment.tables("metrics", KEYS);
    let mut panels: Vec<(MetricPanel, &Table<'_>)> =
        tables.iter().filter_map(|table| Some((panel(table)?, table))).collect();
    // A companion may stand below what it accompanies.
    let series: BTreeMap<String, Vec<Series>> = panels
        .iter()
        .map(|(panel, _)| (panel.title.clone(), panel.formula.series().into_iter().cloned().collect()))
        .collect();
    for (panel, table) in &mut panels {
        if !table.has("expression") && table.has("companion") {
            let companions = table.read("companion", |value| companions(value, &series));
            let operands = panel.formula.operands.values_mut();
            operands.for_each(|operand| {
                operand.missing = Missing::Zero { companions: companions.clone().unwrap_or_default() }
            });
        }
    }
    panels.into_iter().map(|(panel, _)| panel).collect()
}

fn panel(table: &Table<'_>) -> Option<MetricPanel> {
    let title = table.read("title", checked(words::name));
    let (unit, scale) = table.read("unit", unit_of).unwrap_or((Unit::Plain, 1.0));
    let limits = limits(table, false);
    let (name, formula) =
        if table.has("expression") || table.has("metrics") { computed(table)? } else { plain(table)? };
    if title.is_none() && name.is_none() && !table.has("title") {
        table.problem("`title` is missing: an expression has no name of its own".to_owned());
    }
    let formula = Formula { scale, ..formula };
    let is_daily = table.read("daily", Value::flag).unwrap_or(false);
    let panel = MetricPanel::of(title.or(name)?, Series::default());
    Some(MetricPanel { unit, formula, is_daily, limits, ..panel })
}

/// One metric as it is.
fn plain(table: &Table<'_>) -> Option<(Option<String>, Formula)> {
    let series = series(table, None)?;
    let is_zero = table.read("missing", checked(|text| words::choice(text, MISSING)));
    match is_zero {
        Some(true) if !table.has("companion") => {
            let why = "needs `companion`, the title of a metric that has a point whenever anything happens: without it \
                       nobody can tell nothing from nothing measured";
            table.problem_at("missing", why.to_owned());
        }
        Some(false) if table.has("companion") => {
            table.problem_at(
                "missing",
                "with a `companion` a missing point is \"zero\": leave one of them out".to_owned(),
            );
        }
        Some(_) | None => {}
    }
    Some((Some(series.metric.clone()), Formula::of(series)))
}

/// An expression over several metrics.
fn computed(table: &Table<'_>) -> Option<(Option<String>, Formula)> {
    for key in ["metric", "stat", "dimensions", "missing", "companion"].into_iter().filter(|key| table.has(key)) {
        table.problem_at(key, "belongs into one of `metrics`, where there is an `expression`".to_owned());
    }
    let expression = table.require("expression", expression);
    let Some(metrics) = table.free_table("metrics") else {
        if !table.has("metrics") {
            table.problem("`metrics` is missing: what each name of the expression is".to_owned());
        }
        return None;
    };
    let expression = expression?;
    let outer = Outer { namespace: table.has("namespace"), table };
    let mut sources = BTreeMap::new();
    for (name, _) in metrics.keys() {
        let inner = metrics.table(name, OPERAND_KEYS)?;
        sources.insert(name.to_owned(), source(&inner, &outer)?);
    }
    let names: Vec<&str> = sources.keys().map(String::as_str).collect();
    if let Some(unknown) = expression.names().into_iter().find(|name| !sources.contains_key(*name)) {
        let near = suggestion(unknown, &names);
        let column = expression.column_of(unknown).map(|column| format!("column {column}: ")).unwrap_or_default();
        let words = format!("{column}`metrics` has no `{unknown}`{near}; there is: {}", listed(&names));
        table.problem_at("expression", words);
        return None;
    }
    for name in unused(&expression, &sources) {
        metrics.problem_at(name, "stands nowhere in the `expression` and is nobody's companion".to_owned());
    }
    let operand = |name: &str| Some((name.to_owned(), sources.get(name)?.operand(name, &sources, &metrics)?));
    let operands: Option<BTreeMap<String, Operand>> = expression.names().into_iter().map(operand).collect();
    Some((None, Formula { operands: operands?, expression, scale: 1.0 }))
}

/// What is neither in the expression nor the companion of something in it: a name that was probably meant to be there.
fn unused<'a>(expression: &Expression, sources: &'a BTreeMap<String, Source>) -> Vec<&'a str> {
    let names = expression.names();
    let used = || sources.iter().filter(|(name, _)| names.contains(name.as_str())).map(|(_, source)| source);
    let is_companion = |name: &String, source: &Source| {
        used().any(|it| it.companions.contains(name) || it.is_zero && it.companions.is_empty() && !source.is_zero)
    };
    let is_idle = |(name, source): &(&String, &Source)| !names.contains(name.as_str()) && !is_companion(name, source);
    sources.iter().filter(is_idle).map(|(name, _)| name.as_str()).collect()
}

/// What the metrics of an expression take over where they say nothing themselves.
struct Outer<'a, 'b> {
    namespace: bool,
    table: &'a Table<'b>,
}

/// One of the metrics of an expression.
struct Source {
    series: Series,
    is_zero: bool,
    companions: Vec<String>,
}

fn source(table: &Table<'_>, outer: &Outer<'_, '_>) -> Option<Source> {
    let series = series(table, Some(outer))?;
    let companions = table.read("companion", Value::texts);
    let is_zero = table.read("missing", checked(|text| words::choice(text, MISSING))).unwrap_or(companions.is_some());
    let companions = companions.unwrap_or_default().into_iter().map(str::to_owned).collect();
    Some(Source { series, is_zero, companions })
}

impl Source {
    /// Where nothing says what has a point whenever anything happens, everything else of the expression does.
    fn operand(&self, name: &str, all: &BTreeMap<String, Self>, table: &Table<'_>) -> Option<Operand> {
        let others =
            || all.iter().filter(|(other, source)| *other != name && !source.is_zero).map(|(_, source)| source);
        let named = |companion: &String| {
            let found = all.get(companion);
            if found.is_none() {
                let names: Vec<&String> = all.keys().collect();
                let why = format!("there is no companion {} here; there is: {}", quoted(companion), listed(&names));
                table.problem_at(name, why);
            }
            found
        };
        let companions: Option<Vec<&Self>> = if self.companions.is_empty() {
            Some(others().collect())
        } else {
            self.companions.iter().map(named).collect()
        };
        let companions: Vec<Series> = companions?.into_iter().map(|source| source.series.clone()).collect();
        if self.is_zero && companions.is_empty() {
            table.problem_at(name, "a zero needs a companion that has a point whenever anything happens".to_owned());
        }
        let missing = if self.is_zero { Missing::Zero { companions } } else { Missing::Unknown };
        Some(Operand { series: vec![self.series.clone()], missing })
    }
}

fn series(table: &Table<'_>, outer: Option<&Outer<'_, '_>>) -> Option<Series> {
    let inherited = outer.filter(|outer| outer.namespace && !table.has("namespace")).map(|outer| outer.table);
    let namespace = inherited.unwrap_or(table).require("namespace", checked(words::name));
    let metric = table.require("metric", checked(words::name));
    let stat = if table.has("stat") { table.read("stat", checked(words::statistic)) } else { Some("Sum".to_owned()) };
    let region = |table: &Table<'_>| table.read("region", checked(words::region));
    let region = region(table).or_else(|| outer.and_then(|outer| region(outer.table)));
    let dimensions = dimensions(table);
    Some(Series { region, namespace: namespace?, metric: metric?, statistic: stat?, dimensions })
}

fn dimensions(metric: &Table<'_>) -> BTreeMap<String, String> {
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html>
    const MOST: usize = 30;
    let Some(table) = metric.free_table("dimensions") else { return BTreeMap::new() };
    if table.keys().count() > MOST {
        table.problem(format!("at most {MOST} dimensions"));
    }
    table.keys().filter_map(|(name, _)| Some((name.to_owned(), table.read(name, checked(words::name))?))).collect()
}

fn unit_of(value: Value<'_>) -> Result<(Unit, f64), Wrong> {
    let words: Vec<(&str, (Unit, f64))> =
        unit::WORDS.iter().map(|(word, unit, scale)| (*word, (*unit, *scale))).collect();
    checked(|text| words::choice(text, &words))(value)
}

/// The keys of a table that says from where a value is bad.
pub(super) const LIMIT_KEYS: &[&str] = &["warning", "critical", "compare"];

/// The limits that a table names; `is_below` says which side is bad where the table does not.
pub(super) fn limits(table: &Table<'_>, is_below: bool) -> Limits {
    let warning = table.read("warning", Value::number);
    let critical = table.read("critical", Value::number);
    let side = table.read("compare", checked(|text| words::choice(text, SIDES)));
    let is_below = side.unwrap_or(is_below);
    if let (Some(warning), Some(critical)) = (warning, critical)
        && (if is_below { warning < critical } else { warning > critical })
    {
        let why = "a warning comes before the critical limit; where less is worse, write `compare = \"below\"`";
        table.problem_at("warning", why.to_owned());
    }
    Limits { warning, critical, is_below }
}

fn expression(value: Value<'_>) -> Result<Expression, Wrong> {
    let text = value.text()?;
    Expression::parse(text).map_err(|error| value.wrong(format!("{error}, in {}", quoted(text))))
}

/// The series of the metric with this title.
fn companions(value: Value<'_>, known: &BTreeMap<String, Vec<Series>>) -> Result<Vec<Series>, Wrong> {
    let title = value.text()?;
    let titles: Vec<&String> = known.keys().collect();
    let unknown = || {
        let near = suggestion(title, &titles);
        value.wrong(format!("no [[metrics]] here has the title {}{near}; there is: {}", quoted(title), listed(&titles)))
    };
    known.get(title).cloned().ok_or_else(unknown)
}
