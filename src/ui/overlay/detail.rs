//! One function in full: its routing, its part in the release, and every version with what points at it.

mod versions;

use super::{Dialog, judged, text};
use crate::{
    app::{deck::Function, view::Detail},
    release::{
        names::Mover,
        no_alias,
        plan::{COMPARED, WAITS},
        routing::trim_percent,
    },
    ui::Scene,
};

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, detail: &Detail, room: usize) -> Dialog {
    let theme = scene.theme;
    let style = if scene.is_protected() { theme.danger() } else { theme.focus() };
    let mut dialog = Dialog::new(text::clean(&detail.target.to_string()), style, room.min(130));
    let Some(function) = scene.app.deck.function(&detail.target) else {
        dialog.say("This function is not in the configuration any more.", theme.muted());
        return dialog;
    };
    about(scene, function, &mut dialog);
    let trial = function.entry().and_then(|entry| scene.app.judging.trials.get(&entry.target));
    if let Some(trial) = trial {
        judged::about(scene, trial, room.min(130), &mut dialog);
    }
    dialog.gap();
    versions::table(scene, function, detail, &mut dialog);
    dialog
}

/// The lines above the table: routing, release or candidate, provisioned concurrency, trouble.
fn about(scene: &Scene<'_>, function: &Function, dialog: &mut Dialog) {
    let theme = scene.theme;
    let noun = function.target.kind.noun();
    if function.has_no_alias() {
        without_alias(scene, function, dialog);
    } else if let Some((error, since)) = function.alias.trouble() {
        let since = text::time_of_day(since, scene.app.utc);
        dialog.say(&format!("✖ {noun} not readable since {since}: {error}"), theme.danger());
    }
    if let Some(alias) = function.alias.value() {
        let age = function.alias.age(scene.now.world).map(text::span).unwrap_or_default();
        let revision = match function.target.kind {
            Mover::Alias => format!("revision {}", text::head(alias.revision.as_str(), 8)),
            Mover::Rule | Mover::Stage => COMPARED.to_owned(),
        };
        dialog.fact(theme, "traffic", &format!("{}, read {age} ago, {revision}", alias.routing), theme.text());
        if function.target.kind != Mover::Alias {
            dialog.fact(theme, "it is", function.target.alias.as_str(), theme.muted());
        }
    }
    match (function.entry(), function.split()) {
        (Some(entry), _) => {
            let percent = trim_percent(function.percent());
            let words = format!(
                "{}: {} → {} at {percent}%, by {} since {}",
                entry.id,
                entry.stable,
                entry.new,
                entry.by,
                text::clock(entry.since, scene.app.utc)
            );
            dialog.fact(theme, "release", &words, theme.new_version());
        }
        (None, Some(split)) => {
            let words =
                format!("▲ {} beside {}, by somebody else: no release is on record here", split.new, split.stable);
            dialog.fact(theme, "split", &words, theme.warning());
        }
        (None, None) if scene.app.deck.waiting(function).is_some() => {
            dialog.fact(theme, "release", &format!("part of it; {WAITS}"), theme.new_version());
        }
        (None, None) => match function.candidate() {
            Ok(version) => {
                let how = match (function.picked, function.target.kind) {
                    (Some(_), _) => "picked by hand",
                    (None, Mover::Alias) => "the newest version",
                    (None, Mover::Rule) => "the group that gets nothing",
                    (None, Mover::Stage) => "the newest deployment",
                };
                dialog.fact(theme, "candidate", &format!("{version}, {how}"), theme.new_version());
            }
            Err(why) => dialog.fact(theme, "candidate", &format!("none: {why}"), theme.muted()),
        },
    }
    if function.target.kind == Mover::Stage && function.entry().is_some() {
        let words = "not judged: CloudWatch counts a stage as a whole and does not tell its deployments apart";
        dialog.fact(theme, "judge", words, theme.muted());
    }
    if let Some(Some(provisioned)) = function.provisioned.value() {
        let words = format!(
            "{} environments, {}; AWS refuses a split here, so 0 → 100% in one step",
            provisioned.requested, provisioned.status
        );
        dialog.fact(theme, "provisioned", &words, theme.warning());
    }
}

/// A function that no release can move, and what to do about it.
fn without_alias(scene: &Scene<'_>, function: &Function, dialog: &mut Dialog) {
    let theme = scene.theme;
    dialog.say(&format!("✖ {}", no_alias::words(&function.target)), theme.danger());
    let versions = function.versions.value().map_or(&[][..], Vec::as_slice);
    dialog.say("Publish a version, create the alias, and let its callers call the alias:", theme.text());
    for command in no_alias::commands(&function.target, &scene.app.deck.place.region, versions) {
        dialog.say(&command, theme.strong());
    }
}
