//! What headless commands print of a release: a line, or a JSON object, for each thing that happens.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::runbook::json_steps;
use crate::{
    app::{
        App,
        judging::Turn,
        running::{counted, gates_behind, listed},
    },
    release::{
        comparison::{Compared, Comparison},
        notice::Delivery,
        routing::trim_percent,
        stages::{By, News},
    },
};

/// The news as a JSON object.
pub(super) fn json_line(at: Timestamp, news: &News, app: &App) -> Value {
    let mut line = json!({ "at": at });
    if let (Value::Object(line), Ok(Value::Object(told))) = (&mut line, serde_json::to_value(news)) {
        line.extend(told);
    }
    let gates = gates_behind(news, app.running.as_ref());
    if !gates.is_empty() {
        line["gates"] = json!(gates);
    }
    if let Some(comparison) = comparison(news, app) {
        line["comparison"] = json!(comparison);
    }
    let steps = if matches!(news, News::RollingBack { .. }) { json_steps(app) } else { Vec::new() };
    if !steps.is_empty() {
        line["runbook"] = json!(steps);
    }
    if let Some(release) = app.running.as_ref().and_then(|running| running.release.as_ref()) {
        line["release"] = json!(release);
    }
    line
}

/// How the release compares with the hour before it, where the news are that it is over.
fn comparison<'a>(news: &News, app: &'a App) -> Option<&'a Comparison> {
    let is_over = matches!(news, News::AllClear { .. });
    app.running.as_ref().filter(|_| is_over)?.comparison.as_ref()
}

/// What follows the line of text: at the end the comparison with the hour before, a line a function.
pub(super) fn text_below(news: &News, app: &App) -> Vec<String> {
    let Some(comparison) = comparison(news, app) else {
        return Vec::new();
    };
    let figure = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), trim_percent);
    let pair = |before: Option<f64>, watch: Option<f64>| format!("{} → {}", figure(before), figure(watch));
    let line = |row: &Compared| {
        let Compared { target, before, watch } = row;
        let name = target.as_ref().map_or_else(|| "together".to_owned(), ToString::to_string);
        format!(
            "  {name}: calls a minute {}, failed % {}, p95 ms {}, p99 ms {}",
            pair(before.calls_per_minute, watch.calls_per_minute),
            pair(before.error_rate, watch.error_rate),
            pair(before.p95_ms, watch.p95_ms),
            pair(before.p99_ms, watch.p99_ms)
        )
    };
    let heading = "  the hour before the release → the watch:".to_owned();
    std::iter::once(heading).chain(comparison.rows.iter().map(line)).collect()
}

/// The news as a line of text.
pub(super) fn text_line(at: Timestamp, news: &News, app: &App) -> String {
    let at = at.strftime("%H:%M:%SZ");
    let percent = |percent: f64| format!("{} %", trim_percent(percent));
    let gates = || gates_behind(news, app.running.as_ref()).join("; ");
    let what = match news {
        News::Agreed { percent: share, at } => format!("{} goes out at {}", percent(*share), at.strftime("%H:%M:%SZ")),
        News::Blocked { obstacles } => format!("blocked: {}", listed(obstacles)),
        News::Shifting { percent: share, .. } => format!("shifting to {}", percent(*share)),
        News::Shifted { percent: share } => app.all_at(*share),
        News::Torn { percent: share, left } => {
            format!("torn at {}: not shifted: {}", percent(*share), counted(left))
        }
        News::BakeOver { percent: share } => format!("{} has baked, every gate passes", percent(*share)),
        News::Extended { until, by: By::Person } => format!("extended until {}", until.strftime("%H:%M:%SZ")),
        News::Extended { until, by: By::Itself } => {
            format!("cannot tell yet ({}): extended until {}", gates(), until.strftime("%H:%M:%SZ"))
        }
        News::Undecided => format!("cannot tell, even after an extension: {}", gates()),
        News::GatesFailed { alike } => {
            let alike = if *alike { "both versions fail alike: " } else { "gates failed: " };
            format!("{alike}{}", gates())
        }
        News::CountingDown { until, .. } => format!("rolls back at {}", until.strftime("%H:%M:%SZ")),
        News::Held { percent: share, .. } => {
            format!("held{}", share.map(|s| format!(" at {}", percent(s))).unwrap_or_default())
        }
        News::Resumed => "goes on".to_owned(),
        News::RollingBack { .. } => "rolling back".to_owned(),
        News::RolledBack => app.rollback_in_words(),
        News::Stuck { left } => format!("the rollback did not reach {}", counted(left)),
        News::AllClear { .. } => "all clear".to_owned(),
        News::Abandoned { .. } => "left as it is; nobody runs it any more".to_owned(),
        News::Owner { mine: true } => "this program runs the release".to_owned(),
        News::Owner { mine: false } => "another program runs the release; this one watches".to_owned(),
    };
    format!("{at}  {what}")
}

/// A verdict that became another, as a JSON object.
pub(super) fn json_verdict(at: Timestamp, turn: &Turn) -> Value {
    json!({
        "at": at,
        "event": "verdict",
        "function": turn.target.to_string(),
        "verdict": turn.verdict.to_string(),
        "words": turn.words,
    })
}

/// A verdict that became another, as a line of text.
pub(super) fn text_verdict(at: Timestamp, turn: &Turn) -> String {
    format!("{}  {} {}: {}", at.strftime("%H:%M:%SZ"), turn.target.name(), turn.verdict, turn.words)
}

/// A notice that was delivered, or was not, as a JSON object.
pub(super) fn json_delivery(at: Timestamp, delivery: &Delivery) -> Value {
    let error = delivery.outcome.as_ref().err();
    json!({
        "at": at,
        "event": "told",
        "to": delivery.to,
        "of": delivery.occasion.key(),
        "sent": error.is_none(),
        "error": error,
    })
}

/// A notice that was delivered, or was not, as a line of text.
pub(super) fn text_delivery(at: Timestamp, delivery: &Delivery) -> String {
    format!("{}  notice of {} to {delivery}", at.strftime("%H:%M:%SZ"), delivery.occasion.key())
}
