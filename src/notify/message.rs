//! What is said of an occasion, in the form that each receiver takes. Pure: news in, text out. What comes from AWS and
//! from people was cleaned where it came in; here it is only kept from meaning something to the receiver.

use serde_json::{Value, json};

use super::{Change, News};
use crate::{
    config::Occasion,
    release::names::Version,
    text::{clean, shortened},
    web::Secret,
};

/// PagerDuty refuses a longer summary.
///
/// <https://developer.pagerduty.com/docs/events-api-v2-overview>
const LONGEST_SUMMARY: usize = 1024;

/// `production: rollback of r-20261120-1432: back to 41, error rate 7.2 %`.
pub(super) fn headline(news: &News) -> String {
    let News { environment, release, summary, .. } = news;
    format!("{environment}: {} of {release}: {summary}", word(news.occasion))
}

/// Slack's `text`. Its `&`, `<` and `>` begin links and calls to a whole channel, so they are written as entities.
///
/// <https://docs.slack.dev/messaging/formatting-message-text/>
pub(super) fn slack(news: &News) -> Value {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut text = format!("*{}*\n", escape(&headline(news)));
    for line in details(news) {
        text += &escape(&line);
        text.push('\n');
    }
    json!({ "text": text.trim_end() })
}

/// The subject and the text of an e-mail.
pub(super) fn mail(news: &News) -> (String, String) {
    (headline(news), format!("{}\n\n{}\n", headline(news), details(news).join("\n")))
}

/// Everything, for programs. Times are UTC; what is not known is null.
pub(super) fn json(news: &News) -> Value {
    let change = |change: &Change| {
        json!({
            "function": change.target.function.as_str(),
            "alias": change.target.alias.as_str(),
            "stable": change.stable.map(|version| version.to_string()),
            "new": change.new.map(|version| version.to_string()),
        })
    };
    json!({
        "event": news.occasion.key(),
        "release": news.release.as_str(),
        "environment": news.environment,
        "account": news.account,
        "region": news.region,
        "at": news.at.to_string(),
        "percent": news.percent,
        "functions": news.changes.iter().map(change).collect::<Vec<_>>(),
        "summary": news.summary,
        "evidence": news.evidence,
        "who": news.who,
        "reason": news.reason,
    })
}

/// PagerDuty's event: what belongs to one release is one incident. `None` where nobody is paged for it.
///
/// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>
pub(super) fn page(news: &News, routing_key: &Secret) -> Option<Value> {
    let action = match news.occasion {
        Occasion::Failure | Occasion::Rollback => "trigger",
        Occasion::AllClear => "resolve",
        Occasion::Shift | Occasion::Held | Occasion::TakenOver => return None,
    };
    let mut event = json!({
        "routing_key": routing_key.reveal(),
        "event_action": action,
        "dedup_key": news.release.as_str(),
    });
    if action == "trigger" {
        event["client"] = json!("flightdeck");
        event["payload"] = json!({
            "summary": shortened(&headline(news), LONGEST_SUMMARY - 1),
            "source": format!("flightdeck in {}", news.region),
            "severity": "critical",
            "timestamp": news.at.to_string(),
            "group": news.environment,
            "class": news.occasion.key(),
            "custom_details": json(news),
        });
    }
    Some(event)
}

/// What stands below the headline, a line each.
fn details(news: &News) -> Vec<String> {
    let mut lines: Vec<String> = news.changes.iter().map(change).collect();
    if let Some(percent) = news.percent {
        lines.push(format!("now: {percent} % of the traffic on the new version"));
    }
    lines.extend(news.evidence.iter().map(|fact| format!("- {fact}")));
    let place =
        news.account.as_ref().map_or(news.region.clone(), |account| format!("{}, account {account}", news.region));
    lines.push(format!("by {} at {} in {place}", news.who, news.at));
    lines.extend(news.reason.as_ref().map(|reason| format!("reason: {reason}")));
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
