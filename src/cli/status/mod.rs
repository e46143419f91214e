//! `flightdeck status`: everything once, as JSON or as a table.

mod targets;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use targets::target_json;

use super::{
    Failure,
    args::StatusArgs,
    exit,
    headless::{Script, perform, tell_troubles},
    output::{name_width, print},
    resolve::Setting,
    services,
};
use crate::{
    app::{App, asking::Scope, deck::Function, spending::Gauge},
    aws::clean,
    clock::Now,
    config::Tier,
    probe::Probe,
    release::{
        composite,
        facts::{self, Alarm, Alias},
        gates::probe::ProbeResult,
        metrics::{
            Summary,
            panel::{MetricPanel, PanelState},
        },
        names::{Mover, Version},
        routing::trim_percent,
    },
    runtime::Turn,
};

/// Reads everything once and prints it.
pub async fn run(setting: Setting, args: &StatusArgs) -> Result<u8, Failure> {
    let (mut app, services) = services::open(&setting, Scope::Status).await?;
    perform(&mut app, &services, &mut Status { json: args.json }).await
}

struct Status {
    json: bool,
}

impl Script for Status {
    fn step(&mut self, app: &mut App, now: Now) -> Turn {
        if app.is_read_once() { Turn::Leave(self.print(app, now)) } else { Turn::Wait }
    }

    fn give_up(&mut self, app: &App, now: Now) -> u8 {
        eprintln!("flightdeck: not everything answered in time; this is what did");
        self.print(app, now);
        exit::FAILED
    }
}

impl Status {
    fn print(&self, app: &App, now: Now) -> u8 {
        let text = if self.json { format!("{:#}", document(app, now)) } else { table(app, now) };
        print(text);
        let code = tell_troubles(app);
        let unreadable = unreadable_panels(app, now);
        for why in &unreadable {
            eprintln!("flightdeck: metrics: {}", clean(why));
        }
        if unreadable.is_empty() { code } else { exit::FAILED }
    }
}

/// Why panels cannot be read, each reason once: a region that is switched off is said of all its panels.
fn unreadable_panels(app: &App, now: Now) -> BTreeSet<String> {
    let states = app.deck.environment.metrics.iter().map(|panel| app.panel_reading(panel, now.world).state);
    states.filter_map(|state| if let PanelState::Trouble(why) = state { Some(why) } else { None }).collect()
}

/// The whole state as JSON. Versions are strings, percents 0–100, `null` is no data.
pub fn document(app: &App, now: Now) -> Value {
    let deck = &app.deck;
    let aliases = deck.functions.iter().filter(|function| function.target.kind == Mover::Alias);
    json!({
        "environment": deck.environment.name,
        "region": deck.place.region,
        "account": deck.account(),
        "endpoint": deck.place.endpoint,
        "functions": aliases.map(|function| function_json(app, function, now)).collect::<Vec<_>>(),
        "targets": deck.functions.iter().map(|function| target_json(app, function, now)).collect::<Vec<_>>(),
        "alarms": app.sorted_alarms().into_iter().map(|alarm| alarm_json(app, alarm)).collect::<Vec<_>>(),
        "budgets": deck.budgets.value().into_iter().flatten().map(|budget| json!({
            "name": budget.name,
            "limit": budget.limit,
            "actual": budget.actual,
            "forecast": budget.forecast,
            "unit": budget.unit,
            "as_of": budget.as_of,
            "unhealthy": budget.unhealthy,
        })).collect::<Vec<_>>(),
        "spending": app.gauges().iter().map(|gauge| spending_json(gauge, now)).collect::<Vec<_>>(),
        "metrics": deck.environment.metrics.iter().map(|panel| metric_json(app, panel, now)).collect::<Vec<_>>(),
        "probes": deck.environment.probes.iter().map(|settings| probe_json(app, &settings.probe)).collect::<Vec<_>>(),
    })
}

/// What a health endpoint answered, and why that is not well if it is not.
fn probe_json(app: &App, probe: &Probe) -> Value {
    let last = app.checks.last_answer(&probe.name);
    json!({
        "name": probe.name,
        "url": probe.url.to_string(),
        "status": last.and_then(|answer| answer.status),
        "ms": last.filter(|answer| answer.status.is_some()).map(|answer| answer.ms),
        "version": last.and_then(|answer| answer.version.as_ref()),
        "trouble": last.and_then(|answer| answer.refusal.as_ref()),
    })
}

fn function_json(app: &App, function: &Function, now: Now) -> Value {
    let lens = app.lens(function, now.world);
    let of = |version: Option<Version>| version.map(|version| summary_json(&lens.of(version)));
    let in_traffic = function.split().map(|split| split.new);
    json!({
        "name": function.target.function,
        "alias": function.target.alias,
        "region": app.deck.region_of(&function.target),
        "stable": function.stable(),
        "new": function.new_version(),
        "weight": function.alias.value().map(|_| rounded(function.percent(), 100.0)),
        "revision_id": function.alias.value().map(|alias| &alias.revision),
        "metrics": summary_json(&lens.total()),
        "stable_metrics": of(function.stable()),
        "new_metrics": of(in_traffic),
        "versions": app.detail_versions(&function.target),
    })
}

fn summary_json(summary: &Summary) -> Value {
    let ms = |value: Option<f64>| value.map(|value| rounded(value, 1000.0));
    json!({
        "invocations": summary.invocations,
        "errors": summary.errors,
        "error_rate": summary.error_rate.map(|rate| rounded(rate, 10_000.0)),
        "p50_ms": ms(summary.p50_ms),
        "p95_ms": ms(summary.p95_ms),
        "p99_ms": ms(summary.p99_ms),
        "throttles": summary.throttles,
    })
}

fn alarm_json(app: &App, alarm: &Alarm) -> Value {
    let rule = app.deck.environment.rule_for(alarm);
    let children = alarm.rule.as_deref().map(|rule| {
        let child = |name: String| {
            let state = app.alarm(&name, alarm.region.as_deref()).map(|child| child.state.as_str());
            json!({ "name": name, "state": state })
        };
        composite::children(rule).into_iter().map(child).collect::<Vec<_>>()
    });
    json!({
        "name": alarm.name,
        "state": alarm.state.as_str(),
        "severity": rule.map(|rule| rule.severity.as_str()),
        "means": rule.and_then(|rule| rule.means.as_ref()),
        "region": alarm.region.as_deref().unwrap_or(&app.deck.place.region),
        "children": children,
        "since": alarm.since,
        "reason": alarm.reason,
    })
}

/// A gauge: several budgets of a group, or one with its tiers.
fn spending_json(gauge: &Gauge, now: Now) -> Value {
    let tier = |tier: &Tier| json!({ "at": tier.at, "means": tier.means });
    json!({
        "name": gauge.name,
        "unit": gauge.unit,
        "actual": gauge.actual,
        "forecast": gauge.forecast,
        "expected": gauge.expected,
        "tiers": gauge.tiers.iter().map(tier).collect::<Vec<_>>(),
        "passed_tier": gauge.passed().map(tier),
        "next_tier": gauge.next_tier().map(tier),
        "forecast_tier": gauge.forecast_tier().map(tier),
        "as_of": gauge.as_of,
        "stale": gauge.is_stale(now.world),
        "unhealthy": gauge.unhealthy,
    })
}

/// A panel without a resource is a metric of the configuration's own. Values are in the unit; `null` is no data.
fn metric_json(app: &App, panel: &MetricPanel, now: Now) -> Value {
    let reading = app.panel_reading(panel, now.world);
    let remedy = panel.remedy.as_ref().filter(|_| reading.state == PanelState::NotMeasured);
    let trouble = if let PanelState::Trouble(why) = &reading.state { Some(why) } else { None };
    json!({
        "resource": (!panel.resource.is_empty()).then_some(&panel.resource),
        "title": panel.title,
        "value": reading.value,
        "unit": panel.unit,
        "state": reading.state.word(),
        "as_of": reading.as_of,
        "remedy": remedy,
        "trouble": trouble,
    })
}

/// A number with as many decimals as `unit` has zeros.
fn rounded(value: f64, unit: f64) -> f64 {
    (value * unit).round() / unit
}

/// The same for people.
fn table(app: &App, now: Now) -> String {
    let deck = &app.deck;
    let mut lines = vec![format!(
        "{}  {}  {}{}",
        deck.environment.name,
        deck.place.region,
        deck.account().unwrap_or("account unknown"),
        deck.place.endpoint.as_ref().map(|url| format!("  endpoint {url}")).unwrap_or_default()
    )];
    lines.push(String::new());
    let width = name_width(deck.functions.iter().map(|function| &function.target));
    lines.push(row(width, ["function", "stable", "new", "weight", "calls", "err %", "p99 ms", "throttles"]));
    for function in &deck.functions {
        lines.push(function_line(app, function, width, now));
    }
    let guessed = deck.functions.iter().filter(|function| function.is_guessed());
    lines.extend(guessed.filter_map(Function::split_of_nobody).map(|words| format!("▲ {}", clean(&words))));
    if !deck.environment.alarms.is_empty() {
        lines.push(String::new());
        for alarm in app.sorted_alarms() {
            let rule = deck.environment.rule_for(alarm);
            let severity = rule.map_or("", |rule| rule.severity.as_str());
            let means = rule.and_then(|rule| rule.means.as_ref()).map(|means| format!("  → {}", clean(means)));
            let since = alarm.since.map(|since| since.strftime(" since %Y-%m-%d %H:%M:%SZ").to_string());
            lines.push(format!(
                "{:<17} {severity:<8} {}{}{}",
                alarm.state.as_str(),
                clean(&alarm.label()),
                since.unwrap_or_default(),
                means.unwrap_or_default()
            ));
        }
    }
    for budget in deck.budgets.value().into_iter().flatten() {
        let amount = |value: Option<f64>| value.map_or("—".to_owned(), |value| format!("{value:.2}"));
        lines.push(format!(
            "budget {}: {} of {} {}, forecast {}",
            clean(&budget.name),
            amount(budget.actual),
            amount(budget.limit),
            budget.unit,
            amount(budget.forecast)
        ));
    }
    lines.extend(app.gauges().iter().filter(|gauge| gauge.tiers.len() > 1).map(tiers_line));
    lines.extend(deck.environment.probes.iter().map(|settings| probe_line(app, &settings.probe)));
    lines.extend(deck.environment.metrics.iter().map(|panel| metric_line(app, panel, now)));
    lines.join("\n")
}

/// The sums of a budget, or of a group, at which something happens: those that are reached, and the next.
fn tiers_line(gauge: &Gauge) -> String {
    let tier = |tier: &Tier| {
        let means = tier.means.as_ref().map(|means| format!(" ({})", clean(means))).unwrap_or_default();
        format!("{:.2}{means}", tier.at)
    };
    let (reached, ahead): (Vec<&Tier>, Vec<&Tier>) =
        gauge.tiers.iter().partition(|tier| gauge.actual.is_some_and(|actual| tier.at <= actual));
    let listed = |tiers: &[&Tier]| match tiers {
        [] => "none".to_owned(),
        tiers => tiers.iter().map(|it| tier(it)).collect::<Vec<_>>().join(", "),
    };
    let expected = gauge.forecast_tier().map(|it| format!("; the forecast passes {}", tier(it))).unwrap_or_default();
    let (name, unit) = (clean(&gauge.name), &gauge.unit);
    format!("tiers of {name} in {unit}: reached {}; ahead {}{expected}", listed(&reached), listed(&ahead))
}

fn metric_line(app: &App, panel: &MetricPanel, now: Now) -> String {
    let reading = app.panel_reading(panel, now.world);
    let value = reading.value.map_or("—".to_owned(), |value| panel.unit_beside_title().written(value));
    let state = match &reading.state {
        PanelState::Good => String::new(),
        PanelState::Trouble(why) => format!("  {}: {}", reading.state.word(), clean(why)),
        PanelState::NotMeasured => format!("  not measured: {}", panel.remedy.as_deref().unwrap_or_default()),
        state => format!("  {}", state.word()),
    };
    format!("metric {}: {value}{state}", clean(&panel.title))
}

fn probe_line(app: &App, probe: &Probe) -> String {
    let words = match app.checks.last_answer(&probe.name) {
        None => "not answered".to_owned(),
        Some(ProbeResult { refusal: Some(why), .. }) => why.clone(),
        Some(ProbeResult { ms, version: None, .. }) => format!("well in {ms} ms"),
        Some(ProbeResult { ms, version: Some(version), .. }) => format!("well in {ms} ms, version {version}"),
    };
    format!("probe {}: {}", clean(&probe.name), clean(&words))
}

fn function_line(app: &App, function: &Function, width: usize, now: Now) -> String {
    let summary = app.lens(function, now.world).total();
    let version = |version: Option<Version>| version.map_or("—".to_owned(), |version| version.to_string());
    let number =
        |value: Option<f64>, digits: usize| value.map_or("—".to_owned(), |value| format!("{value:.digits$}"));
    // A rule that redirects has no groups, and nothing in it has a weight.
    let divides = |alias: &&Alias| !matches!(&alias.setting, facts::Setting::Rule(rule) if rule.groups.is_empty());
    let weight = function.alias.value().filter(divides).filter(|_| !function.is_guessed());
    let weight = weight.map_or("—".to_owned(), |_| format!("{}%", trim_percent(function.percent())));
    row(
        width,
        [
            &function.target.to_string(),
            &version(function.stable().filter(|_| !function.is_guessed())),
            &version(function.new_version().filter(|_| !function.is_guessed())),
            &weight,
            &number(summary.invocations, 0),
            &number(summary.error_rate, 2),
            &number(summary.p99_ms, 0),
            &number(summary.throttles, 0),
        ],
    )
}

/// A line of the table whose first column is so wide.
fn row(width: usize, cells: [&str; 8]) -> String {
    let [function, stable, new, weight, invocations, errors, p99, throttles] = cells;
    format!("{function:<width$} {stable:>7} {new:>7} {weight:>7} {invocations:>8} {errors:>7} {p99:>8} {throttles:>9}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::names::Target;

    #[test]
    fn columns_stand_under_each_other_however_long_a_name_is() {
        let long = Target::new("a".repeat(64), "live");
        let width = name_width([&long, &Target::new("pay", "live")]);
        let column = |name: &str| row(width, [name, "41", "42", "", "", "", "", ""]).find("41").unwrap();
        assert_eq!(column(&long.to_string()), column("function"));
        assert_eq!(name_width([&Target::new("pay", "live")]), 34);
    }

    #[test]
    fn the_tiers_of_a_budget_are_told_with_what_they_mean() {
        let tier = |at: f64, means: Option<&str>| Tier { at, means: means.map(str::to_owned) };
        let gauge = Gauge {
            name: "monthly".to_owned(),
            unit: "USD".to_owned(),
            actual: Some(12.5),
            forecast: Some(60.0),
            tiers: vec![tier(10.0, Some("e-mail")), tier(50.0, None), tier(100.0, Some("page"))],
            expected: None,
            as_of: None,
            unhealthy: None,
        };
        let told =
            "tiers of monthly in USD: reached 10.00 (e-mail); ahead 50.00, 100.00 (page); the forecast passes 50.00";
        assert_eq!(tiers_line(&gauge), told);
        let unknown = Gauge { actual: None, forecast: None, ..gauge };
        assert!(tiers_line(&unknown).contains("reached none; ahead 10.00"), "{}", tiers_line(&unknown));
    }
}
