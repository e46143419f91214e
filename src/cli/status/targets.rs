//! `targets` in the JSON of a status: everything that a release moves, whatever it is, in one shape.

use serde_json::{Value, json};

use super::{rounded, summary_json};
use crate::{
    app::{App, deck::Function},
    clock::Now,
    release::{
        error::Trouble,
        facts::{VersionInfo, VersionState},
        names::{Mover, Version},
    },
};

/// One target. Versions are the names that people use: `42`, `blue`, a deployment's id.
pub(super) fn target_json(app: &App, function: &Function, now: Now) -> Value {
    let target = &function.target;
    let lens = app.lens(function, now.world);
    let of = |version: Option<Version>| version.map(|version| summary_json(&lens.of(version)));
    let versions = function.versions.value().into_iter().flatten();
    let trouble = function.alias.trouble().map(|(error, _)| error);
    let is_absent = trouble.is_some_and(|error| error.kind == Trouble::NotFound);
    // Of two target groups none is the older: without a record which one is stable would be a guess.
    let is_known = !function.is_guessed();
    json!({
        "name": target.function,
        "kind": target.kind.as_str(),
        "region": app.deck.region_of(target),
        "target": target.to_string(),
        "at": address(function),
        "stable": word(function.stable().filter(|_| is_known)),
        "new": word(function.new_version().filter(|_| is_known)),
        "percent": function.alias.value().filter(|_| is_known).map(|_| rounded(function.percent(), 100.0)),
        "can_split": target.can_split() && !matches!(function.provisioned.value(), Some(Some(_))),
        "waits": app.deck.waiting(function).is_some(),
        "no_candidate": function.candidate().err().filter(|_| function.split().is_none() || !is_known),
        "revision": function.alias.value().map(|alias| &alias.revision),
        "trouble": trouble.map(ToString::to_string),
        "rollback_by_alias": (target.kind == Mover::Alias).then_some(!is_absent),
        "metrics": summary_json(&lens.total()),
        "stable_metrics": of(function.stable().filter(|_| is_known)),
        "new_metrics": of(function.split().map(|split| split.new).filter(|_| is_known)),
        "versions": versions.map(version_json).collect::<Vec<_>>(),
    })
}

/// Where it is: the alias, the rule's ARN, or API and stage.
fn address(function: &Function) -> Value {
    let target = &function.target;
    match (target.kind, target.api_and_stage()) {
        (Mover::Stage, Some((api, stage))) => json!({ "api": api, "stage": stage }),
        (Mover::Rule, _) => json!({ "arn": target.alias }),
        (Mover::Alias | Mover::Stage, _) => json!({ "alias": target.alias }),
    }
}

fn version_json(info: &VersionInfo) -> Value {
    json!({
        "version": info.version.to_string(),
        "description": info.description,
        "modified": info.modified,
        "state": info.state.as_ref().map(VersionState::as_str),
        "reason": info.state_reason,
    })
}

fn word(version: Option<Version>) -> Option<String> {
    version.map(|version| version.to_string())
}
