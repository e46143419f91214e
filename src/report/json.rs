//! A report for programs: the story, the writes, the timeline.

use serde_json::{Value, json};

use super::lines;
use crate::release::{
    record::{Action, Past},
    story::{self, End},
};

/// The report as one JSON object. Times are RFC 3339 in UTC, lengths of time ISO 8601, percentages 0–100.
pub fn json(past: &Past) -> Value {
    let story = story::tell(past);
    let outcome = story.outcome();
    let is_rolled_back = matches!(story.end, End::RolledBack { .. });
    let timeline = lines::lines(past).into_iter();
    let timeline = timeline.map(|line| json!({"at": line.at.to_string(), "who": line.who, "what": line.what}));
    json!({
        "release": serde_json::to_value(&story).unwrap_or_default(),
        "outcome": outcome,
        "rolled_back": is_rolled_back,
        "actions": past.actions.iter().map(action).collect::<Vec<_>>(),
        "timeline": timeline.collect::<Vec<_>>(),
    })
}

fn action(action: &Action) -> Value {
    let intent = &action.intent;
    json!({
        "at": intent.at.to_string(),
        "function": intent.target.function.as_str(),
        "alias": intent.target.alias.as_str(),
        "region": intent.target.region,
        "what": lines::deed(action),
        "automatic": intent.automatic,
        "caller": intent.who.caller,
        "os_user": intent.who.os_user,
        "why": intent.why,
        "stable": intent.stable.to_string(),
        "new": intent.new.to_string(),
        "before": intent.before.to_string(),
        "after": intent.after.to_string(),
        "evidence": intent.evidence,
        "outcome": action.outcome,
    })
}
