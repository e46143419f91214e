//! One function in full: its routing, its part in the release, and every version with what points at it.

use ratatui::text::{Line, Span};

use super::{Dialog, judged, text};
use crate::{
    app::{deck::Function, view::Detail},
    release::{
        facts::{VersionInfo, VersionState},
        names::Version,
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
    versions(scene, function, detail, &mut dialog);
    dialog
}

/// The lines above the table: routing, release or candidate, provisioned concurrency, trouble.
fn about(scene: &Scene<'_>, function: &Function, dialog: &mut Dialog) {
    let theme = scene.theme;
    if let Some((error, since)) = function.alias.trouble() {
        let since = text::time_of_day(since, scene.app.utc);
        dialog.say(&format!("✖ alias not readable since {since}: {error}"), theme.danger());
    }
    if let Some(alias) = function.alias.value() {
        let age = function.alias.age(scene.now.world).map(text::span).unwrap_or_default();
        let revision = text::head(alias.revision.as_str(), 8);
        dialog.fact(theme, "traffic", &format!("{}, read {age} ago, revision {revision}", alias.routing), theme.text());
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
        (None, None) => match function.candidate() {
            Ok(version) => {
                let how = if function.picked.is_some() { "picked by hand" } else { "the newest version" };
                dialog.fact(theme, "candidate", &format!("{version}, {how}"), theme.new_version());
            }
            Err(why) => dialog.fact(theme, "candidate", &format!("none: {why}"), theme.muted()),
        },
    }
    if let Some(Some(provisioned)) = function.provisioned.value() {
        let words = format!(
            "{} environments, {}; AWS refuses a split here, so 0 → 100% in one step",
            provisioned.requested, provisioned.status
        );
        dialog.fact(theme, "provisioned", &words, theme.warning());
    }
}

/// Columns of the table of versions.
struct Widths {
    version: usize,
    part: usize,
    aliases: usize,
    state: usize,
    runtime: usize,
}

fn versions(scene: &Scene<'_>, function: &Function, detail: &Detail, dialog: &mut Dialog) {
    let theme = scene.theme;
    if function.versions.value().is_none() {
        let words = match function.versions.trouble() {
            Some((error, since)) => {
                format!("✖ versions not readable since {}: {error}", text::time_of_day(since, scene.app.utc))
            }
            None => "reading the versions …".to_owned(),
        };
        return dialog.say(&words, theme.muted());
    }
    let order = scene.app.detail_versions(&detail.target);
    let infos: Vec<&VersionInfo> = order.iter().filter_map(|version| function.version_info(*version)).collect();
    let widest = |texts: &mut dyn Iterator<Item = String>, least: usize| {
        texts.map(|text| text::width(&text)).max().unwrap_or(0).max(least)
    };
    let widths = Widths {
        version: widest(&mut infos.iter().map(|info| info.version.to_string()), 7),
        part: widest(&mut infos.iter().map(|info| part(function, info.version).to_owned()), 4),
        aliases: widest(&mut infos.iter().map(|info| aliases(function, info.version)), 7).min(24),
        state: widest(&mut infos.iter().map(|info| state(info).to_owned()), 5),
        runtime: widest(&mut infos.iter().map(|info| info.runtime.clone()), 7).min(14),
    };
    let heading = format!(
        "  {} {} {} {} {} {} {} description",
        text::left("version", widths.version),
        text::left("part", widths.part),
        text::left("aliases", widths.aliases),
        text::left("state", widths.state),
        text::left("runtime", widths.runtime),
        text::right("age", 4),
        text::left("code", 8),
    );
    dialog.lines.push(Line::styled(heading, theme.muted()));
    for (index, info) in infos.into_iter().enumerate() {
        let is_selected = index == detail.row;
        if is_selected {
            dialog.cursor = dialog.lines.len();
        }
        let mut line = row(scene, function, info, &widths, is_selected);
        if is_selected {
            line = line.style(theme.selection());
        }
        dialog.lines.push(line);
        if is_selected && let Some(reason) = &info.state_reason {
            dialog.lines.push(Line::styled(format!("    {}", text::clean(reason)), theme.warning()));
        }
    }
}

fn row(
    scene: &Scene<'_>,
    function: &Function,
    info: &VersionInfo,
    widths: &Widths,
    is_selected: bool,
) -> Line<'static> {
    let theme = scene.theme;
    let part = part(function, info.version);
    let part_style = match part {
        "new" | "picked" => theme.new_version(),
        "rolled back" => theme.danger(),
        _ => theme.stable(),
    };
    let state_style = match &info.state {
        None | Some(VersionState::Active) => theme.good(),
        Some(VersionState::Failed) => theme.danger(),
        Some(VersionState::Pending | VersionState::Inactive | VersionState::Other(_)) => theme.warning(),
    };
    let age = info.modified.map_or_else(|| text::NO_DATA.to_owned(), |at| text::ago(at, scene.now.world));
    Line::from(vec![
        Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
        Span::styled(format!("{} ", text::left(&info.version.to_string(), widths.version)), theme.strong()),
        Span::styled(format!("{} ", text::left(part, widths.part)), part_style),
        Span::styled(format!("{} ", text::left(&aliases(function, info.version), widths.aliases)), theme.text()),
        Span::styled(format!("{} ", text::left(state(info), widths.state)), state_style),
        Span::styled(format!("{} ", text::left(&info.runtime, widths.runtime)), theme.muted()),
        Span::styled(format!("{} ", text::right(&age, 4)), theme.muted()),
        Span::styled(format!("{} ", text::left(&text::head(&info.code_sha256, 8), 8)), theme.muted()),
        Span::styled(text::clean(&info.description), theme.text()),
    ])
}

/// What a version is in the release.
fn part(function: &Function, version: Version) -> &'static str {
    let has = |other: Option<Version>| other == Some(version);
    if has(function.in_traffic()) {
        "new"
    } else if has(function.stable()) {
        "stable"
    } else if has(function.picked) {
        "picked"
    } else if function.memory.withdrawn.contains(&version) {
        "rolled back"
    } else if has(function.memory.last_stable) {
        "was stable"
    } else {
        ""
    }
}

/// The aliases that send traffic to a version: `live 10%, beta`.
fn aliases(function: &Function, version: Version) -> String {
    let pointing = function.aliases.value().into_iter().flatten().filter(|pointer| pointer.routing.reaches(version));
    let words: Vec<String> = pointing
        .map(|pointer| {
            let percent = pointer.routing.percent_of(version);
            if percent < 100.0 {
                format!("{} {}%", pointer.alias, trim_percent(percent))
            } else {
                pointer.alias.to_string()
            }
        })
        .collect();
    words.join(", ")
}

fn state(info: &VersionInfo) -> &str {
    info.state.as_ref().map_or(text::NO_DATA, VersionState::as_str)
}
