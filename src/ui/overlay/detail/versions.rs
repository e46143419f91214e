//! The table of what a target's traffic can go to: a function's versions with the aliases that point at them, a rule's
//! target groups with their health, an API's deployments with their dates.

use ratatui::text::{Line, Span};

use super::super::{Dialog, text};
use crate::{
    app::{deck::Function, view::Detail},
    release::{
        candidates,
        facts::{VersionInfo, VersionState},
        names::{Mover, Version},
        routing::trim_percent,
    },
    ui::Scene,
};

/// Columns of the table of versions.
struct Widths {
    version: usize,
    part: usize,
    aliases: usize,
    state: usize,
    runtime: usize,
}

/// The table, with the cursor.
pub(super) fn table(scene: &Scene<'_>, function: &Function, detail: &Detail, dialog: &mut Dialog) {
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
        version: widest(
            &mut infos.iter().map(|info| info.version.to_string()),
            text::width(candidates::noun(function.target.kind)),
        ),
        part: widest(&mut infos.iter().map(|info| part(function, info.version).to_owned()), 4),
        aliases: widest(&mut infos.iter().map(|info| aliases(function, info.version)), 7).min(24),
        state: widest(&mut infos.iter().map(|info| state(info).to_owned()), 5),
        runtime: widest(&mut infos.iter().map(|info| info.runtime.clone()), 7).min(14),
    };
    let heading = heading(function.target.kind, &widths);
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

fn heading(kind: Mover, widths: &Widths) -> String {
    let (version, part) = (text::left(candidates::noun(kind), widths.version), text::left("part", widths.part));
    let state = text::left("state", widths.state);
    match kind {
        Mover::Alias => format!(
            "  {version} {part} {} {state} {} {} {} description",
            text::left("aliases", widths.aliases),
            text::left("runtime", widths.runtime),
            text::right("age", 4),
            text::left("code", 8),
        ),
        Mover::Rule => format!("  {version} {part} {state} health"),
        Mover::Stage => {
            format!("  {version} {part} {} {} description", text::left("created", 17), text::right("age", 4))
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
    let mut spans = vec![
        Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus()),
        Span::styled(format!("{} ", text::left(&info.version.to_string(), widths.version)), theme.strong()),
        Span::styled(format!("{} ", text::left(part, widths.part)), part_style),
    ];
    let state = Span::styled(format!("{} ", text::left(state(info), widths.state)), state_style);
    let age = Span::styled(format!("{} ", text::right(&age, 4)), theme.muted());
    match function.target.kind {
        Mover::Alias => spans.extend([
            Span::styled(format!("{} ", text::left(&aliases(function, info.version), widths.aliases)), theme.text()),
            state,
            Span::styled(format!("{} ", text::left(&info.runtime, widths.runtime)), theme.muted()),
            age,
            Span::styled(format!("{} ", text::left(&text::head(&info.code_sha256, 8), 8)), theme.muted()),
        ]),
        Mover::Rule => spans.push(state),
        Mover::Stage => {
            let created = info.modified.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%MZ").to_string());
            spans.extend([Span::styled(format!("{} ", text::left(&created, 17)), theme.muted()), age]);
        }
    }
    spans.push(Span::styled(text::clean(&info.description), theme.text()));
    Line::from(spans)
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
