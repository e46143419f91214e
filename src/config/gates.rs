//! `[[environments.NAME.gates]]`: what must hold for a release to go on. What each key means to each kind of gate
//! stands here; what a gate makes of it is the brain's.

use std::time::Duration;

use super::{
    AlarmMatch, AlarmRule,
    commands::CommandSettings,
    document::{Table, Value, Wrong},
    error::{listed, quoted, suggestion},
    probes::ProbeSettings,
    read::{SEVERITIES, checked, up_to},
    words,
};
use crate::release::{
    facts::Severity,
    gates::{
        Check, Gate, Level,
        command::Moment,
        settings::{
            AlarmCheck, FunctionMeasure, MetricSignal, Of, ProbeCheck, Side, Signal, Threshold, When, defaults,
        },
    },
    metrics::{
        formula::{Formula, Missing, Operand},
        panel::{Limits, MetricPanel},
        unit::Unit,
    },
};

/// Every key of the table.
pub(super) const KEYS: &[&str] = &[
    "name",
    "measure",
    "metric",
    "alarms",
    "probe",
    "command",
    "of",
    "compare",
    "warning",
    "critical",
    "over",
    "for",
    "minimum",
    "reach_back",
    "per",
    "companion",
    "level",
    "when",
];
/// Every key of its table `alarms`.
pub(super) const ALARM_KEYS: &[&str] = &["severities", "names", "prefixes"];

/// The kinds of gates, and which of the keys each understands.
const KINDS: &[(&str, &[&str])] = &[
    ("measure", &["of", "compare", "warning", "critical", "over", "for", "minimum", "reach_back"]),
    ("metric", &["compare", "warning", "critical", "over", "for", "minimum", "reach_back", "per", "companion"]),
    ("alarms", &["level"]),
    ("probe", &["level"]),
    ("command", &["level"]),
];
const COMMON: &[&str] = &["name", "when"];

const WHENS: &[(&str, When)] = &[("always", When::Always), ("stages", When::Stages), ("watch", When::Watch)];
const OFS: &[(&str, Of)] = &[("new", Of::New), ("all", Of::All)];
const SIDES: &[(&str, Side)] =
    &[("above", Side::Above), ("below", Side::Below), ("drop", Side::Drop), ("rise", Side::Rise)];
const LEVELS: &[(&str, Level)] = &[("warning", Level::Warning), ("critical", Level::Critical)];

const HOUR: Duration = Duration::from_hours(1);

/// What gates may speak of.
pub(super) struct Known<'a> {
    pub metrics: &'a [MetricPanel],
    pub alarms: &'a [AlarmRule],
    pub probes: &'a [ProbeSettings],
    pub commands: &'a [CommandSettings],
}

/// The gates of an environment; without the key, the defaults.
pub(super) fn gates(environment: &Table<'_>, known: &Known<'_>) -> Vec<Gate> {
    if !environment.has("gates") {
        return defaults();
    }
    let mut gates: Vec<Gate> = Vec::new();
    for table in environment.tables("gates", KEYS) {
        let Some(gate) = gate(&table, known) else { continue };
        if gates.iter().any(|other| other.name == gate.name) {
            table.problem(format!("there are two gates {}: give this one a `name` of its own", quoted(&gate.name)));
        }
        gates.push(gate);
    }
    gates
}

fn gate(table: &Table<'_>, known: &Known<'_>) -> Option<Gate> {
    let kind = kind(table)?;
    let name = table.read("name", checked(words::name));
    let when = table.read("when", checked(|text| words::choice(text, WHENS))).unwrap_or_default();
    let (default_name, check) = match kind {
        "measure" => measure(table)?,
        "metric" => metric(table, known.metrics)?,
        "alarms" => ("alarms".to_owned(), Check::Alarms(alarms(table, known.alarms)?)),
        "probe" => probe(table, known.probes)?,
        _ => command(table, known.commands, when)?,
    };
    Some(Gate { name: name.unwrap_or(default_name), when, check })
}

/// The one key that says what the gate looks at. Keys that mean nothing to that kind are problems.
fn kind(table: &Table<'_>) -> Option<&'static str> {
    let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    let mut present = KINDS.iter().filter(|(kind, _)| table.has(kind));
    let (Some((kind, keys)), None) = (present.next(), present.next()) else {
        table.problem(format!("a gate needs exactly one of {}", listed(&kinds)));
        return None;
    };
    for (key, _) in table.keys().filter(|(key, _)| KEYS.contains(key) && !COMMON.contains(key)) {
        if key != *kind && !keys.contains(&key) {
            table.problem_at(key, format!("means nothing to a gate on `{kind}`; it understands {}", listed(keys)));
        }
    }
    Some(kind)
}

fn measure(table: &Table<'_>) -> Option<(String, Check)> {
    let measure = table.read("measure", checked(function_measure));
    let of = table.read("of", checked(|text| words::choice(text, OFS)));
    let measure = measure?;
    let name = match &measure {
        FunctionMeasure::ErrorRate => "error rate".to_owned(),
        FunctionMeasure::Errors => "errors".to_owned(),
        FunctionMeasure::Throttles => "throttles".to_owned(),
        FunctionMeasure::Invocations => "invocations".to_owned(),
        FunctionMeasure::Duration(percentile) => percentile.clone(),
    };
    if measure == FunctionMeasure::Throttles && of == Some(Of::New) {
        table.problem_at(
            "of",
            "AWS does not tell throttled calls apart by version: leave it out, or \"all\"".to_owned(),
        );
    }
    let is_count = matches!(measure, FunctionMeasure::Errors | FunctionMeasure::Invocations);
    let is_percent = measure == FunctionMeasure::ErrorRate;
    let of = of.unwrap_or_default();
    let check = threshold(table, Threshold::of(Signal::Function { measure, of }), is_percent)?;
    if is_count && of == Of::New && is_compared(check.side) {
        let why = "the new version's calls change with its share of the traffic: compare `of = \"all\"`, or a rate";
        table.problem_at("compare", why.to_owned());
    }
    Some((name, Check::Threshold(check)))
}

fn function_measure(text: &str) -> Result<FunctionMeasure, String> {
    const NAMES: [&str; 7] = ["error_rate", "errors", "throttles", "invocations", "p50", "p95", "p99"];
    match text {
        "error_rate" => Ok(FunctionMeasure::ErrorRate),
        "errors" => Ok(FunctionMeasure::Errors),
        "throttles" => Ok(FunctionMeasure::Throttles),
        "invocations" => Ok(FunctionMeasure::Invocations),
        _ if text.starts_with('p') && words::statistic(text).is_ok() => Ok(FunctionMeasure::Duration(text.to_owned())),
        _ => Err(format!("{} is not one of {}{}", quoted(text), listed(&NAMES), suggestion(text, &NAMES))),
    }
}

fn metric(table: &Table<'_>, panels: &[MetricPanel]) -> Option<(String, Check)> {
    let panel = |key: &str| table.read(key, |value| titled(value, panels));
    let (panel, per, companion) = (panel("metric"), panel("per"), panel("companion"));
    let is_lost = |key: &str, found: Option<&MetricPanel>| table.has(key) && found.is_none();
    if is_lost("per", per) || is_lost("companion", companion) {
        return None;
    }
    let panel = panel?;
    let mut default = Threshold::of(Signal::Metric(Box::new(signal(table, panel, per, companion)?)));
    if per.is_none() {
        let Limits { warning, critical, is_below } = panel.limits;
        default = Threshold { warning, critical, side: if is_below { Side::Below } else { Side::Above }, ..default };
    }
    Some((panel.title.clone(), Check::Threshold(threshold(table, default, per.is_some())?)))
}

/// What the gate works out: the panel as it is, with a companion of its own, or as percent of another.
fn signal(
    table: &Table<'_>,
    panel: &MetricPanel,
    per: Option<&MetricPanel>,
    companion: Option<&MetricPanel>,
) -> Option<MetricSignal> {
    if panel.is_daily {
        table
            .problem_at("metric", "CloudWatch is told of it once a day: no minute of a release shows in it".to_owned());
    }
    if per.is_none() && companion.is_none() {
        return Some(MetricSignal { formula: panel.formula.clone(), unit: panel.unit });
    }
    let plain = |key: &str, panel: &MetricPanel| {
        let operand = panel.formula.as_plain().cloned();
        if operand.is_none() {
            let why = format!("{} is an expression: write the share or the zero into it", quoted(&panel.title));
            table.problem_at(key, why);
        }
        operand
    };
    let part = plain("metric", panel)?;
    let whole = match per {
        Some(per) => Some(plain("per", per)?),
        None => None,
    };
    if let Some(whole) = &whole
        && (whole.statistic() != "Sum" || part.statistic() != "Sum")
    {
        let why = "a share is taken of sums: both metrics need `stat = \"Sum\"`";
        table.problem_at("per", why.to_owned());
    }
    let beside = companion.or(per).map(|panel| panel.formula.series().into_iter().cloned().collect());
    let part = Operand { missing: Missing::Zero { companions: beside.unwrap_or_default() }, ..part };
    Some(match whole {
        Some(whole) => MetricSignal { formula: Formula::share(part, whole), unit: Unit::Percent },
        None => {
            MetricSignal { formula: Formula { scale: panel.formula.scale, ..Formula::plain(part) }, unit: panel.unit }
        }
    })
}

/// A panel of the configuration by its title.
fn titled<'a>(value: Value<'_>, panels: &'a [MetricPanel]) -> Result<&'a MetricPanel, Wrong> {
    const MOST: usize = 20;
    let title = value.text()?;
    let titles: Vec<&str> = panels.iter().map(|panel| panel.title.as_str()).collect();
    panels.iter().find(|panel| panel.title == title).ok_or_else(|| {
        let near = suggestion(title, &titles);
        let more = titles.len().checked_sub(MOST).filter(|more| *more > 0);
        let more = more.map_or_else(String::new, |more| format!(", and {more} more"));
        let known = listed(&titles[..titles.len().min(MOST)]);
        value.wrong(format!(
            "no [[metrics]] and no panel of [[resources]] has the title {}{near}; there is: {known}{more}",
            quoted(title)
        ))
    })
}

/// The limits and windows that every threshold has.
fn threshold(table: &Table<'_>, default: Threshold, is_percent: bool) -> Option<Threshold> {
    let side = table.read("compare", checked(|text| words::choice(text, SIDES))).unwrap_or(default.side);
    // Nothing falls by more than all of it, but it may well rise by more.
    let is_percent = match side {
        Side::Above | Side::Below => is_percent,
        Side::Drop => true,
        Side::Rise => false,
    };
    let limit = |key: &str| table.read(key, |value| read_limit(value, is_percent));
    let (warning, critical) = match table.has("warning") || table.has("critical") {
        true => (limit("warning"), limit("critical")),
        false if side == default.side => (default.warning, default.critical),
        false => (None, None),
    };
    if !table.has("warning") && !table.has("critical") && warning.is_none() && critical.is_none() {
        table.problem("needs `warning`, `critical` or both".to_owned());
        return None;
    }
    if let (Some(warning), Some(critical)) = (warning, critical) {
        let is_in_order = if side == Side::Below { warning >= critical } else { warning <= critical };
        if !is_in_order {
            let word = if side == Side::Below { "above" } else { "below" };
            table
                .problem_at("warning", format!("a warning of {warning} must lie {word} the critical limit {critical}"));
        }
    }
    let over = table.read("over", |value| minutes(value, 1)).unwrap_or(default.over);
    let sustained = table.read("for", |value| minutes(value, 2)).unwrap_or(default.sustained);
    let minimum = table.read("minimum", |value| read_limit(value, false)).unwrap_or(default.minimum);
    let reach_back = table.read("reach_back", Value::flag).unwrap_or(default.reach_back);
    Some(Threshold { side, warning, critical, over, sustained, minimum, reach_back, ..default })
}

fn is_compared(side: Side) -> bool {
    matches!(side, Side::Drop | Side::Rise)
}

fn read_limit(value: Value<'_>, is_percent: bool) -> Result<f64, Wrong> {
    match value.number()? {
        percent if is_percent && !(0.0..=100.0).contains(&percent) => {
            Err(value.wrong(format!("{percent} is not a percent from 0 to 100")))
        }
        negative if negative < 0.0 => Err(value.wrong(format!("{negative} is below 0"))),
        limit => Ok(limit),
    }
}

/// A window in whole minutes, at most an hour.
fn minutes(value: Value<'_>, least: i64) -> Result<i64, Wrong> {
    let duration = up_to(HOUR)(value)?;
    let minutes = i64::try_from(duration.as_secs() / 60).unwrap_or(i64::MAX);
    if !duration.as_secs().is_multiple_of(60) || duration.subsec_nanos() > 0 || minutes == 0 {
        return Err(value.wrong("must be whole minutes, such as \"5m\": CloudWatch counts by the minute"));
    }
    if minutes < least {
        return Err(value.wrong(format!("at least \"{least}m\": one bad minute alone decides nothing")));
    }
    Ok(minutes)
}

fn alarms(table: &Table<'_>, rules: &[AlarmRule]) -> Option<AlarmCheck> {
    let picked = table.table("alarms", ALARM_KEYS)?;
    let severities: Vec<Severity> = picked.read("severities", severities).unwrap_or_default();
    let names = picked.read("names", |value| read_alarms(value, rules, AlarmMatch::may_fit)).unwrap_or_default();
    let prefixes = picked.read("prefixes", |value| read_alarms(value, rules, AlarmMatch::touches)).unwrap_or_default();
    if ALARM_KEYS.iter().all(|key| !picked.has(key)) {
        picked.problem("chooses no alarm: give `severities`, `names` or `prefixes`".to_owned());
        return None;
    }
    Some(AlarmCheck { severities, names, prefixes, level: level(table) })
}

fn severities(value: Value<'_>) -> Result<Vec<Severity>, Wrong> {
    let items = value.list("a list such as [\"critical\", \"high\"]")?;
    items.into_iter().map(checked(|text| words::choice(text, SEVERITIES))).collect()
}

/// Names, or beginnings of names, of alarms that are read at all.
fn read_alarms(
    value: Value<'_>,
    rules: &[AlarmRule],
    is_read: impl Fn(&AlarmMatch, &str) -> bool,
) -> Result<Vec<String>, Wrong> {
    let read = |value: Value<'_>| {
        let name = checked(words::name)(value)?;
        if rules.iter().any(|rule| is_read(&rule.matches, &name)) {
            return Ok(name);
        }
        Err(value.wrong(format!("no [[alarms]] rule reads {}: add one, for its severity is needed too", quoted(&name))))
    };
    value.list("a list of names")?.into_iter().map(read).collect()
}

fn level(table: &Table<'_>) -> Level {
    table.read("level", checked(|text| words::choice(text, LEVELS))).unwrap_or_default()
}

fn probe(table: &Table<'_>, probes: &[ProbeSettings]) -> Option<(String, Check)> {
    let known: Vec<&str> = probes.iter().map(|probe| probe.probe.name.as_str()).collect();
    let name = table.read("probe", |value| one_of(value, "[[probes]]", &known))?;
    let settings = probes.iter().find(|probe| probe.probe.name == name)?;
    let check = ProbeCheck {
        probe: name.clone(),
        failures: settings.probe.failures_in_a_row,
        stale_after: settings.stale_after(),
        level: level(table),
    };
    Some((name, Check::Probe(check)))
}

fn command(table: &Table<'_>, commands: &[CommandSettings], when: When) -> Option<(String, Check)> {
    let known: Vec<&str> = commands.iter().map(|command| command.command.name.as_str()).collect();
    let name = table.read("command", |value| one_of(value, "[[commands]]", &known))?;
    let settings = commands.iter().find(|command| command.command.name == name)?;
    match settings.when {
        Moment::Before | Moment::RollBack => {
            let why = "this command does not run in a stage or in the watch, so it can be no gate; see its `when`";
            table.problem_at("command", why.to_owned());
        }
        Moment::Watch if when != When::Watch => {
            let why = "this command runs in the watch only: the gate needs `when = \"watch\"`";
            table.problem_at("command", why.to_owned());
        }
        Moment::Watch | Moment::Stage => {}
    }
    Some((name.clone(), Check::Command { command: name, level: level(table) }))
}

/// A name that another table of the environment gave.
pub(super) fn one_of(value: Value<'_>, place: &str, known: &[&str]) -> Result<String, Wrong> {
    let name = value.text()?;
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    let near = suggestion(name, known);
    Err(value.wrong(format!("{place} has no {}{near}; there is: {}", quoted(name), listed(known))))
}
