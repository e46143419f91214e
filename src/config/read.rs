//! What the keys of the configuration mean: the walk through a document that fills a `Config` and refuses, with its
//! place, everything that cannot be used.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use toml::de::DeTable;

use super::{
    Config, Environment, FunctionSettings, ReleaseSettings, Thresholds,
    alarms::alarms,
    budgets::budgets,
    commands::commands,
    document::{Document, Table, Value, Wrong},
    error::{Problem, listed, quoted, suggestion},
    gates::{self, gates},
    movers::movers,
    notify,
    pre_stage::pre_stage,
    probes::{ProbeSettings, probes},
    procedure::{allowed_hours, checklist},
    resources,
    runbook::runbook,
    words,
};
use crate::{
    keys::Keymap,
    release::{
        facts::Severity,
        gates::alarms::Insufficient,
        names::Target,
        routing::SplitStyle,
        stages::{OnFailure, OnUndecided},
    },
};

/// Every key of the configuration, by the table it belongs to.
pub(super) mod known {
    use super::super::{alarms, budgets, commands, gates, metrics, pre_stage, probes, procedure, resources, runbook};

    pub const ROOT: &[&str] =
        &["default_environment", "theme", "utc", "read_only", "release", "dora", "keys", "environments"];
    pub const RELEASE: &[&str] =
        &["stages", "bake", "watch", "on_undecided", "allowed_hours", "split", "record_in_alias", "settle"];
    pub const DORA: &[&str] = &[
        "deployments_per_week",
        "lead_time",
        "change_failure_rate",
        "recovery_time",
        "rollback_time",
        "duration",
        "success_rate",
        "zero_downtime",
    ];
    pub const ENVIRONMENT: &[&str] = &[
        "region",
        "profile",
        "role_arn",
        "account",
        "endpoint_url",
        "endpoint_urls",
        "protected",
        "read_only",
        "functions",
        "listeners",
        "stages",
        "alarms",
        "budgets",
        "metrics",
        "resources",
        "thresholds",
        "rollback",
        "allowed_hours",
        "gates",
        "probes",
        "commands",
        "checklist",
        "runbook",
        "notify",
    ];
    pub const SERVICES: &[&str] =
        &["lambda", "cloudwatch", "budgets", "sts", "sns", "elbv2", "apigateway", "codedeploy", "iam"];
    pub const FUNCTION: &[&str] = &["name", "alias", "region", "expect_traffic", "slow_ms", "pre_stage"];
    pub(in crate::config) use crate::config::metrics::KEYS as METRIC;
    pub const THRESHOLDS: &[&str] = &["error_rate", "p99_ms"];
    pub(in crate::config) use crate::config::{
        movers::{LISTENER_KEYS as LISTENER, STAGE_KEYS as STAGE},
        notify::KEYS as NOTIFY,
    };

    /// Every table that has keys of its own, as it is headed in the file.
    pub const TABLES: &[(&str, &[&str])] = &[
        ("the top of the file", ROOT),
        ("[release]", RELEASE),
        ("[dora]", DORA),
        ("[environments.NAME]", ENVIRONMENT),
        ("endpoint_urls", SERVICES),
        ("[[environments.NAME.functions]]", FUNCTION),
        ("[[environments.NAME.listeners]]", LISTENER),
        ("[[environments.NAME.stages]]", STAGE),
        ("a function's pre_stage", pre_stage::KEYS),
        ("[[environments.NAME.alarms]]", alarms::KEYS),
        ("an alarm's tag", alarms::TAG_KEYS),
        ("[[environments.NAME.budgets]]", budgets::KEYS),
        ("a budget's tiers", budgets::TIER_KEYS),
        ("[[environments.NAME.metrics]]", METRIC),
        ("a metric's metrics", metrics::OPERAND_KEYS),
        ("[[environments.NAME.resources]]", resources::KEYS),
        ("a resource's limits", metrics::LIMIT_KEYS),
        ("[environments.NAME.thresholds]", THRESHOLDS),
        ("[[environments.NAME.gates]]", gates::KEYS),
        ("a gate's alarms", gates::ALARM_KEYS),
        ("[[environments.NAME.probes]]", probes::KEYS),
        ("a probe's json", probes::CONDITION_KEYS),
        ("[[environments.NAME.commands]]", commands::KEYS),
        ("[[environments.NAME.checklist]]", procedure::ITEM_KEYS),
        ("allowed_hours", procedure::HOURS_KEYS),
        ("[[environments.NAME.runbook]]", runbook::KEYS),
        ("[[environments.NAME.notify]]", NOTIFY),
    ];
}

pub(super) const SEVERITIES: &[(&str, Severity)] =
    &[("critical", Severity::Critical), ("high", Severity::High), ("medium", Severity::Medium), ("low", Severity::Low)];
pub(super) const INSUFFICIENT: &[(&str, Insufficient)] =
    &[("undecided", Insufficient::Undecided), ("ok", Insufficient::Ok)];
const ON_UNDECIDED: &[(&str, OnUndecided)] =
    &[("ask", OnUndecided::Ask), ("hold", OnUndecided::Hold), ("rollback", OnUndecided::RollBack)];
const ROLLBACKS: &[(&str, OnFailure)] =
    &[("ask", OnFailure::Ask), ("auto", OnFailure::Auto), ("never", OnFailure::Never)];
const SPLITS: &[(&str, SplitStyle)] = &[("weight_new", SplitStyle::WeightNew), ("weight_old", SplitStyle::WeightOld)];

/// Behind the first mistake in the syntax the others are often only its consequences.
const MOST_SYNTAX_ERRORS: usize = 3;
/// Each stage has a digit of its own, so there are no more of them than digits.
const MOST_STAGES: usize = 9;
const DAY: Duration = Duration::from_hours(24);
const LONGEST_SETTLE: Duration = Duration::from_hours(1);

/// The configuration in a text, or all that is wrong with it. `file` is how the text is named in messages.
pub(super) fn read(text: &str, file: &str) -> Result<Config, Vec<Problem>> {
    let document = Document::new(file, text, known::TABLES);
    let (tree, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let message = error.message().trim().replace('\n', ", ");
        document.problem(&error.span().unwrap_or_default(), "", format!("not valid TOML: {message}"));
    }
    if !errors.is_empty() {
        return Err(document.into_problems());
    }
    let config = config(&document.root(&tree, known::ROOT));
    match document.into_problems() {
        problems if problems.is_empty() => Ok(config),
        problems => Err(problems),
    }
}

fn config(root: &Table<'_>) -> Config {
    let default = Config::default();
    let environments = environments(root);
    let default_environment = root.read("default_environment", checked(words::name));
    if let Some(name) = &default_environment
        && !environments.contains_key(name)
    {
        let known: Vec<&String> = environments.keys().collect();
        let near = suggestion(name, &known);
        let message = format!("there is no environment {}{near}; there is: {}", quoted(name), listed(&known));
        root.problem_at("default_environment", message);
    }
    Config {
        default_environment,
        theme: root.read("theme", checked(words::theme)).unwrap_or(default.theme),
        utc: root.read("utc", Value::flag).unwrap_or(default.utc),
        read_only: root.read("read_only", Value::flag).unwrap_or(default.read_only),
        release: release(root),
        dora: super::targets::targets(root),
        keys: keys(root),
        environments,
    }
}

fn release(root: &Table<'_>) -> ReleaseSettings {
    let default = ReleaseSettings::default();
    let Some(table) = root.table("release", known::RELEASE) else { return default };
    ReleaseSettings {
        stages: table.read("stages", stages).unwrap_or(default.stages),
        bake: table.read("bake", up_to(DAY)).unwrap_or(default.bake),
        watch: table.read("watch", up_to(DAY)).unwrap_or(default.watch),
        record_in_alias: table.read("record_in_alias", Value::flag).unwrap_or(default.record_in_alias),
        on_undecided: table
            .read("on_undecided", checked(|text| words::choice(text, ON_UNDECIDED)))
            .unwrap_or(default.on_undecided),
        allowed_hours: allowed_hours(&table).unwrap_or(default.allowed_hours),
        split: table.read("split", checked(|text| words::choice(text, SPLITS))).unwrap_or(default.split),
        settle: table.read("settle", up_to(LONGEST_SETTLE)).unwrap_or(default.settle),
    }
}

fn stages(value: Value<'_>) -> Result<Vec<u8>, Wrong> {
    let items = value.list("a list of percents such as [10, 50, 100]")?;
    if items.is_empty() {
        return Err(value.wrong("needs at least one stage, such as [100]"));
    }
    if items.len() > MOST_STAGES {
        return Err(value.wrong(format!("at most {MOST_STAGES} stages: each has a digit key of its own")));
    }
    let mut stages: Vec<u8> = Vec::with_capacity(items.len());
    for item in items {
        let whole = item.whole()?;
        let stage = u8::try_from(whole).ok().filter(|stage| (1..=100).contains(stage));
        let stage = stage.ok_or_else(|| item.wrong(format!("stage {whole} is not a percent from 1 to 100")))?;
        if let Some(before) = stages.last()
            && stage <= *before
        {
            return Err(item.wrong(format!("stages must rise, but {stage} comes after {before}")));
        }
        stages.push(stage);
    }
    Ok(stages)
}

fn keys(root: &Table<'_>) -> BTreeMap<String, Vec<String>> {
    let mut changes = BTreeMap::new();
    let Some(table) = root.free_table("keys") else { return changes };
    for (action, _) in table.keys() {
        if let Some(keys) = table.read(action, Value::texts) {
            changes.insert(action.to_owned(), keys.into_iter().map(str::to_owned).collect());
        }
    }
    if let Err(error) = Keymap::with_changes(&changes) {
        table.problem_at(error.action(), error.to_string());
    }
    changes
}

fn environments(root: &Table<'_>) -> BTreeMap<String, Environment> {
    let Some(table) = root.free_table("environments") else { return BTreeMap::new() };
    let mut environments = BTreeMap::new();
    for (name, _) in table.keys() {
        if let Err(why) = words::name(name) {
            table.problem_at(name, why);
        }
        if let Some(settings) = table.table(name, known::ENVIRONMENT) {
            environments.insert(name.to_owned(), environment(name, &settings));
        }
    }
    environments
}

fn environment(name: &str, table: &Table<'_>) -> Environment {
    let account = table.read("account", checked(words::account));
    let alarms = alarms(table, account.as_deref());
    let metrics = resources::all_panels(table);
    let (probes, commands) = (probes(table), commands(table));
    let mut functions = functions(table, &probes);
    functions.extend(movers(table, &functions));
    let known = gates::Known { metrics: &metrics, alarms: &alarms, probes: &probes, commands: &commands };
    let gates = gates(table, &known);
    Environment {
        name: name.to_owned(),
        region: table.read("region", checked(words::region)),
        profile: table.read("profile", checked(words::name)),
        role_arn: table.read("role_arn", checked(words::role_arn)),
        account,
        endpoint_url: table.read("endpoint_url", checked(words::endpoint)),
        endpoint_urls: endpoints(table),
        protected: table.read("protected", Value::flag).unwrap_or_default(),
        read_only: table.read("read_only", Value::flag).unwrap_or_default(),
        functions,
        alarms,
        budgets: budgets(table),
        metrics,
        thresholds: thresholds(table),
        rollback: table.read("rollback", checked(|text| words::choice(text, ROLLBACKS))).unwrap_or_default(),
        allowed_hours: allowed_hours(table),
        checklist: checklist(table, &gates, &commands),
        gates,
        probes,
        commands,
        runbook: runbook(table),
        notify: table.tables("notify", known::NOTIFY).iter().filter_map(notify::read).collect(),
    }
}

fn endpoints(environment: &Table<'_>) -> BTreeMap<String, String> {
    let Some(table) = environment.table("endpoint_urls", known::SERVICES) else { return BTreeMap::new() };
    let address = |service: &&str| Some(((*service).to_owned(), table.read(service, checked(words::endpoint))?));
    known::SERVICES.iter().filter_map(address).collect()
}

fn functions(environment: &Table<'_>, probes: &[ProbeSettings]) -> Vec<FunctionSettings> {
    let mut first_lines = HashMap::new();
    let mut functions = Vec::new();
    for table in environment.tables("functions", known::FUNCTION) {
        let name = table.require("name", checked(|text| words::lambda_name(text, 64)));
        let alias = table.read("alias", checked(words::alias));
        let region = other_region(&table, environment);
        let expect_traffic = table.read("expect_traffic", Value::flag).unwrap_or(true);
        let slow_ms = table.read("slow_ms", milliseconds);
        // An alias that was refused has been reported: taking the default in its place would invent duplicates.
        let (Some(name), true) = (name, alias.is_some() || !table.has("alias")) else { continue };
        let target = Target::new(name, alias.as_deref().unwrap_or("live")).in_region(region);
        let pre_stage = pre_stage(&table, target.alias.as_str(), probes);
        let line = table.line();
        match first_lines.insert(target.clone(), line) {
            Some(first) => table.problem(format!("{target} is listed twice: on line {first} and on line {line}")),
            None => functions.push(FunctionSettings { target, expect_traffic, slow_ms, pre_stage }),
        }
    }
    functions
}

/// The region that a table names, where that is not the environment's own.
pub(super) fn other_region(table: &Table<'_>, environment: &Table<'_>) -> Option<String> {
    let region = table.read("region", checked(words::region));
    region.filter(|region| environment.text_of("region") != Some(region))
}

fn thresholds(environment: &Table<'_>) -> Thresholds {
    let Some(table) = environment.table("thresholds", known::THRESHOLDS) else { return Thresholds::default() };
    let percent = |value: Value<'_>| match value.number()? {
        percent if (0.0..=100.0).contains(&percent) => Ok(percent),
        other => Err(value.wrong(format!("{other} is not a percent from 0 to 100"))),
    };
    Thresholds { error_rate: table.read("error_rate", percent), p99_ms: table.read("p99_ms", milliseconds) }
}

/// A time in ms above 0.
pub(super) fn milliseconds(value: Value<'_>) -> Result<f64, Wrong> {
    match value.number()? {
        ms if ms > 0.0 => Ok(ms),
        other => Err(value.wrong(format!("{other} is not a time in milliseconds above 0"))),
    }
}

/// Reads a text and checks it.
pub(super) fn checked<'a, T>(check: impl Fn(&str) -> Result<T, String>) -> impl Fn(Value<'a>) -> Result<T, Wrong> {
    move |value| check(value.text()?).map_err(|message| value.wrong(message))
}

/// Reads a duration that is no longer than the given one.
pub(super) fn up_to<'a>(longest: Duration) -> impl Fn(Value<'a>) -> Result<Duration, Wrong> {
    move |value| match value.text() {
        Ok(text) => words::duration(text, longest).map_err(|message| value.wrong(message)),
        Err(_) => Err(value.expected("a duration in quotes such as \"30s\", \"5m\" or \"1h30m\"")),
    }
}
