//! What is said of an occasion, in the form that each receiver takes. Pure: notice in, text out. What comes from AWS and
//! from people was cleaned where it came in; here it is only kept from meaning something to the receiver.

use serde_json::{Value, json};

use super::{Change, Notice, Occasion};
use crate::{
    release::names::Version,
    text::{clean, shortened},
    web::Secret,
};

/// PagerDuty refuses a longer summary.
///
/// <https://developer.pagerduty.com/docs/events-api-v2-overview>
const LONGEST_SUMMARY: usize = 1024;

/// `production: rollback of r-20261120-1432: back to 41, error rate 7.2 %`.
pub(super) fn headline(notice: &Notice) -> String {
    let Notice { environment, release, summary, .. } = notice;
    format!("{environment}: {} of {release}: {summary}", word(notice.occasion))
}

/// Slack's `text`. Its `&`, `<` and `>` begin links and calls to a whole channel, so they are written as entities.
///
/// <https://docs.slack.dev/messaging/formatting-message-text/>
pub(super) fn slack(notice: &Notice) -> Value {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut text = format!("*{}*\n", escape(&headline(notice)));
    for line in details(notice) {
        text += &escape(&line);
        text.push('\n');
    }
    json!({ "text": text.trim_end() })
}

/// The subject and the text of an e-mail.
pub(super) fn mail(notice: &Notice) -> (String, String) {
    (headline(notice), format!("{}\n\n{}\n", headline(notice), details(notice).join("\n")))
}

/// Everything, for programs. Times are UTC; what is not known is null.
pub(super) fn json(notice: &Notice) -> Value {
    let change = |change: &Change| {
        json!({
            "function": change.target.function.as_str(),
            "alias": change.target.alias.as_str(),
            "region": change.target.region.as_ref().unwrap_or(&notice.region),
            "stable": change.stable.map(|version| version.to_string()),
            "new": change.new.map(|version| version.to_string()),
        })
    };
    json!({
        "event": notice.occasion.key(),
        "release": notice.release.as_str(),
        "environment": notice.environment,
        "account": notice.account,
        "region": notice.region,
        "at": notice.at.to_string(),
        "percent": notice.percent,
        "functions": notice.changes.iter().map(change).collect::<Vec<_>>(),
        "summary": notice.summary,
        "evidence": notice.evidence,
        "who": notice.who,
        "reason": notice.reason,
    })
}

/// PagerDuty's event: what belongs to one release is one incident. `None` where nobody is paged for it.
///
/// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>
pub(super) fn page(notice: &Notice, routing_key: &Secret) -> Option<Value> {
    let action = match notice.occasion {
        Occasion::Failure | Occasion::Rollback => "trigger",
        Occasion::AllClear => "resolve",
        Occasion::Shift | Occasion::Held | Occasion::TakenOver => return None,
    };
    let mut event = json!({
        "routing_key": routing_key.reveal(),
        "event_action": action,
        "dedup_key": notice.release.as_str(),
    });
    if action == "trigger" {
        event["client"] = json!("flightdeck");
        event["payload"] = json!({
            "summary": shortened(&headline(notice), LONGEST_SUMMARY - 1),
            "source": format!("flightdeck in {}", notice.region),
            "severity": "critical",
            "timestamp": notice.at.to_string(),
            "group": notice.environment,
            "class": notice.occasion.key(),
            "custom_details": json(notice),
        });
    }
    Some(event)
}

/// What stands below the headline, a line each.
fn details(notice: &Notice) -> Vec<String> {
    let mut lines: Vec<String> = notice.changes.iter().map(change).collect();
    if let Some(percent) = notice.percent {
        lines.push(format!("now: {percent} % of the traffic on the new version"));
    }
    lines.extend(notice.evidence.iter().map(|fact| format!("- {fact}")));
    let place = notice
        .account
        .as_ref()
        .map_or(notice.region.clone(), |account| format!("{}, account {account}", notice.region));
    lines.push(format!("by {} at {} in {place}", notice.who, notice.at));
    lines.extend(notice.reason.as_ref().map(|reason| format!("reason: {reason}")));
    lines.iter().map(|line| clean(line)).collect()
}

/// `receipt_crud:live 41 → 42`.
fn change(change: &Change) -> String {
    let word = |version: Option<Version>| version.map_or_else(|| "?".to_owned(), |version| version.to_string());
    format!("{} {} → {}", change.target, word(change.stable), word(change.new))
}

/// The occasion in a headline.
fn word(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Shift => "shift",
        Occasion::Failure => "FAILURE",
        Occasion::Rollback => "ROLLBACK",
        Occasion::AllClear => "all clear",
        Occasion::Held => "hold",
        Occasion::TakenOver => "takeover",
    }
}
