//! The stage line: where the release is. Done, current and to come, and for how long the current stage has been held.

use jiff::SignedDuration;
use ratatui::text::{Line, Span};

use super::{Scene, functions::columns::filled, text};
use crate::{
    app::{App, left_alone::Doubt},
    keys::Action,
    release::{
        count, gates,
        memory::Entry,
        names::{Mover, Target, named},
        plan::Purpose,
        routing::trim_percent,
        stages::{State, Stay},
    },
};

/// How close two shares must be to count as the same stage, in percent.
const SAME: f64 = 0.005;
/// Cells of the bake's bar.
const BAR: usize = 10;

/// The line, for this many columns.
pub(super) fn line(scene: &Scene<'_>, columns: u16) -> Line<'static> {
    let columns = usize::from(columns);
    if let Some(line) = under_way(scene) {
        return line;
    }
    let release: Vec<(f64, &Entry)> =
        scene.app.deck.in_release().map(|(function, entry)| (function.percent(), entry)).collect();
    if release.is_empty() {
        return no_release(scene);
    }
    // Rails and the bake's bar shrink before any word is lost, and names go before times.
    let gates = gates(scene);
    let room = columns.saturating_sub(gates.iter().map(Span::width).sum::<usize>());
    let shapes = [(0, 4, Some(BAR)), (0, 2, Some(BAR)), (0, 2, Some(BAR / 2)), (0, 1, Some(0)), (1, 1, Some(0))];
    let mut line = shapes
        .map(|(left_out, rail, bar)| stages(scene, &release, left_out, rail, bar))
        .into_iter()
        .find(|line| line.width() <= room)
        .unwrap_or_else(|| stages(scene, &release, 2, 1, Some(0)));
    line = text::cut_line(line, room);
    line.spans.push(Span::raw(" ".repeat(room.saturating_sub(line.width()))));
    line.spans.extend(gates);
    line
}

/// A move that is being carried out comes before everything else.
fn under_way(scene: &Scene<'_>) -> Option<Line<'static>> {
    let operation = scene.app.operation.as_ref().filter(|operation| !operation.is_finished())?;
    let moved = operation.rows.iter().filter(|row| !row.waits);
    let done = count::counted_of(moved.map(|row| (row.target.kind, row.step.is_final())));
    let (words, style) = match operation.purpose {
        Purpose::RollBack => ("ROLLING BACK".to_owned(), scene.theme.danger()),
        Purpose::Shift { percent } => (format!("SHIFTING to {}%", trim_percent(percent)), scene.theme.warning()),
        Purpose::PreStage => ("MOVING the pre-stage".to_owned(), scene.theme.warning()),
        Purpose::TakeOver => ("TAKING OVER the release".to_owned(), scene.theme.info()),
        Purpose::Finish => ("ENDING the release".to_owned(), scene.theme.info()),
        Purpose::Undo => ("UNDOING the rollback".to_owned(), scene.theme.warning()),
    };
    Some(Line::from(vec![
        Span::styled(format!(" ⟳ {words}"), style),
        Span::styled(format!("   {done} done"), scene.theme.text()),
    ]))
}

fn no_release(scene: &Scene<'_>) -> Line<'static> {
    let (app, theme) = (scene.app, scene.theme);
    if app.deck.functions.iter().all(|function| !function.alias.is_answered()) && !app.deck.functions.is_empty() {
        return Line::styled(" reading the aliases …", theme.muted());
    }
    let strangers: Vec<String> =
        app.deck.functions.iter().filter(|function| function.split().is_some()).map(|f| f.target.to_string()).collect();
    if !strangers.is_empty() {
        return Line::from(vec![
            Span::styled(" ▲ traffic is split", theme.warning()),
            Span::styled(format!(" on {} and no release is on record here", strangers.join(", ")), theme.text()),
        ]);
    }
    let waiting = app.deck.functions.iter().filter(|function| function.candidate().is_ok()).count();
    if let Some(line) = rolled_back(scene).filter(|_| waiting == 0 || !not_back(scene).is_empty()) {
        return line;
    }
    let unsure = app.unsure();
    if !unsure.is_empty() {
        return Line::from(vec![
            Span::styled(format!(" ▲ NOT SURE OF {}", text::clean(&named(&unsure))), theme.danger()),
            Span::styled(": a write of an earlier run may still arrive", theme.text()),
        ]);
    }
    let mut spans = vec![
        Span::styled(" no release", theme.text()),
        Span::styled(" — ", theme.faint()),
        Span::styled(what_waits(app), theme.muted()),
    ];
    for (index, stage) in app.release.stages.iter().enumerate().take_while(|_| waiting > 0) {
        spans.push(Span::styled(format!("  {}", scene.key(Action::Stage(index))), theme.focus()));
        spans.push(Span::styled(format!(" {stage}%"), theme.text()));
    }
    Line::from(spans)
}

/// What has a newer version, and of how many that is known.
fn what_waits(app: &App) -> String {
    let functions = &app.deck.functions;
    let kinds = || app.deck.kinds();
    let waiting = functions.iter().filter(|function| function.candidate().is_ok());
    let waiting: Vec<Mover> = waiting.map(|function| function.target.kind).collect();
    let verb = if waiting.len() == 1 { "has" } else { "have" };
    let read = functions.iter().filter(|f| f.alias.value().is_some() && f.versions.value().is_some()).count();
    let (all, unaliased) = (functions.len(), functions.iter().filter(|function| function.has_no_alias()).count());
    match (waiting.len(), read) {
        _ if unaliased == all && all > 0 => "none has the alias that a release moves".to_owned(),
        (0, read) if read == all => format!("{} has a newer version", count::none(kinds())),
        (0, 0) => "nobody knows yet what has a newer version".to_owned(),
        (0, _) => format!("{read} of {all} read, none of them has a newer version"),
        (_, read) if read == all => format!("{} {verb} a newer version:", count::counted(waiting)),
        _ => format!("{} {verb} a newer version, {read} of {all} read:", count::counted(waiting)),
    }
}

/// How long a rollback is the first thing to say.
const FRESH: SignedDuration = SignedDuration::from_hours(12);

/// What was rolled back, when, and why: that is why nothing waits to be released.
fn rolled_back(scene: &Scene<'_>) -> Option<Line<'static>> {
    let (app, theme) = (scene.app, scene.theme);
    let backs = || app.deck.functions.iter().filter_map(|function| function.memory.rolled_back.as_ref());
    let at = backs().map(|back| back.at).max().filter(|at| scene.now.world.duration_since(*at) < FRESH)?;
    let rolled_back = app.deck.functions.iter().filter(|function| function.memory.rolled_back.is_some());
    let functions = count::counted(rolled_back.map(|function| function.target.kind));
    let why = app.why_rolled_back().map(|why| format!(": {}", text::clean(&why))).unwrap_or_default();
    Some(Line::from(vec![
        Span::styled(" ↩ ROLLED BACK", theme.warning()),
        Span::styled(format!(" {functions}"), theme.text()),
        Span::styled(not_back(scene), theme.danger()),
        Span::styled(format!(" {} ago{why}", text::ago(at, scene.now.world)), theme.text()),
        Span::styled(format!("   {} v picks a version again", scene.key(Action::Open)), theme.muted()),
    ]))
}

/// What the rollback could not read, as long as nobody can, and what somebody else had moved: `, NOT us-east-1/pay:live`;
/// and where a write may still arrive. What is split is said before this.
fn not_back(scene: &Scene<'_>) -> String {
    let is_unread =
        |target: &&Target| scene.app.deck.function(target).is_some_and(|function| function.alias.trouble().is_some());
    let left = || scene.app.maybe_left_behind().iter();
    let unread = left().flat_map(|left| &left.targets).filter(is_unread);
    let astray = left().filter(|left| left.doubt == Doubt::Astray && scene.app.is_astray(left));
    let mut names: Vec<Target> = unread.chain(astray.flat_map(|left| &left.targets)).cloned().collect();
    names.dedup();
    let unsure = scene.app.unsure();
    let left = if names.is_empty() { String::new() } else { format!(", NOT {}", named(&names)) };
    let late = if unsure.is_empty() { String::new() } else { format!(", NOT SURE OF {}", named(&unsure)) };
    text::clean(&(left + &late))
}

/// What a person can do next, where a bake is over. Whatever needs a person at once has the banner.
fn standing(scene: &Scene<'_>) -> Option<Span<'static>> {
    let is_ready = scene.app.state() == Some(State::Ready);
    is_ready.then(|| Span::styled("✔ BAKED   ", scene.theme.good()))
}

/// How many gates say what, at the end of the line.
fn gates(scene: &Scene<'_>) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let tally = gates::tally(scene.app.gate_results());
    let counts = [
        (tally.pass, '✔', theme.good()),
        (tally.warning, '▲', theme.warning()),
        (tally.fail, '✖', theme.danger()),
        (tally.undecided, '…', theme.info()),
    ];
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (count, glyph, style) in counts.into_iter().filter(|(count, ..)| *count > 0) {
        spans.push(Span::styled(format!(" {count}{glyph}"), style));
    }
    if !spans.is_empty() {
        spans.insert(0, Span::styled("  gates", theme.muted()));
        spans.push(Span::raw(" "));
    }
    spans
}

/// Whose release it is, if another program runs it.
fn whose(scene: &Scene<'_>) -> Option<Span<'static>> {
    let stranger = scene.app.stranger()?;
    let name = text::clean(&stranger.name);
    // A program that has died leaves its name behind: who has been silent for longer than a bake is shown to be.
    let silence = scene.now.world.duration_since(stranger.last_sign);
    let is_long = silence > SignedDuration::try_from(scene.app.course.bake).unwrap_or(SignedDuration::MAX);
    let sign = if is_long { format!(", last sign {} ago", text::span(silence)) } else { String::new() };
    if scene.app.is_owner_gone() {
        let words = format!("its program ({name}) is gone · {} takes over   ", scene.key(Action::TakeOver));
        return Some(Span::styled(words, scene.theme.danger()));
    }
    let words = if stranger.is_program() { format!("run by {name}{sign}   ") } else { format!("shifted by {name}   ") };
    Some(Span::styled(words, scene.theme.warning()))
}

/// What somebody else moved after the release had: it is not at its stage, and R stops before it.
fn astray(scene: &Scene<'_>, left_out: usize) -> Option<Span<'static>> {
    let places: Vec<String> = scene.app.astray().map(|(target, at)| format!("{target} moved away to {at}")).collect();
    if places.is_empty() {
        return None;
    }
    let words = if left_out < 1 { places.join(", ") } else { format!("{} moved away", places.len()) };
    Some(Span::styled(format!("▲ {}   ", text::clean(&words)), scene.theme.danger()))
}

/// The stages. What is left out: nothing; how many functions there are; the release's name, too.
fn stages(
    scene: &Scene<'_>,
    release: &[(f64, &Entry)],
    left_out: usize,
    rail: usize,
    bar: Option<usize>,
) -> Line<'static> {
    let theme = scene.theme;
    let (low, high) = release.iter().fold((100.0_f64, 0.0_f64), |(low, high), (at, _)| (low.min(*at), high.max(*at)));
    let id = release.first().map(|(_, entry)| text::clean(entry.id.as_str())).unwrap_or_default();
    let functions = count::counted(release.iter().map(|(_, entry)| entry.target.kind));
    let mut spans = vec![Span::raw(" ")];
    if left_out < 2 {
        spans.push(Span::styled(format!("{id}  "), theme.strong()));
    }
    if left_out < 1 {
        spans.push(Span::styled(format!("{functions}   "), theme.muted()));
    }
    spans.extend(astray(scene, left_out));
    spans.extend(whose(scene));
    spans.extend(standing(scene));
    for (index, stage) in all_stages(scene, release).into_iter().enumerate() {
        if index > 0 {
            spans.push(Span::styled(format!(" {} ", "─".repeat(rail)), theme.faint()));
        }
        let here = release.iter().filter(|(at, _)| (at - stage).abs() < SAME).count();
        let name = format!("{}%", trim_percent(stage));
        if here == release.len() && stage >= 100.0 {
            spans.push(Span::styled(format!("✔ {name}"), theme.good()));
            spans.push(Span::styled(format!(" {} ", "─".repeat(rail)), theme.faint()));
            spans.push(Span::styled("◉ watch", theme.new_version()));
            spans.extend(bar.map(|cells| bake(scene, release, stage, cells)).unwrap_or_default());
        } else if here > 0 {
            let part = if here < release.len() { format!(" {here} of {}", release.len()) } else { String::new() };
            spans.push(Span::styled(format!("◉ {name}{part}"), theme.new_version()));
            if let Some(cells) = bar.filter(|_| is_configured(scene, stage)) {
                spans.extend(bake(scene, release, stage, cells));
            }
        } else if low > stage && was_reached(release, stage) {
            spans.push(Span::styled(format!("✔ {name}"), theme.good()));
        } else if low > stage {
            // It was passed over, or nobody here knows: neither done nor to come.
            spans.push(Span::styled(format!("· {name}"), theme.muted()));
        } else if high < stage {
            spans.push(Span::styled(format!("○ {name}"), theme.muted()));
        } else {
            spans.push(Span::styled(format!("◌ {name}"), theme.warning()));
        }
    }
    spans.push(Span::styled(format!(" {} ", "─".repeat(rail)), theme.faint()));
    spans.push(Span::styled("○ all clear", theme.muted()));
    if low >= 100.0 {
        spans.push(Span::styled(format!("  {}", scene.key(Action::Done)), theme.focus()));
        if bar.is_some_and(|cells| cells > 0) {
            spans.push(Span::styled(" declares it", theme.muted()));
        }
    }
    Line::from(spans)
}

/// Whether everything in the release was at this stage once.
fn was_reached(release: &[(f64, &Entry)], stage: f64) -> bool {
    let has_mark = |entry: &Entry| entry.shifts.iter().any(|shift| (shift.percent - stage).abs() < SAME);
    release.iter().all(|(_, entry)| has_mark(entry))
}

/// Whether the release stops there, or somebody set that share beside it.
fn is_configured(scene: &Scene<'_>, stage: f64) -> bool {
    scene.app.release.stages.iter().any(|configured| (f64::from(*configured) - stage).abs() < SAME)
}

/// The configured stages, and whatever share a function has beside them.
fn all_stages(scene: &Scene<'_>, release: &[(f64, &Entry)]) -> Vec<f64> {
    let mut stages: Vec<f64> = scene.app.release.stages.iter().map(|stage| f64::from(*stage)).collect();
    stages.extend(release.iter().map(|(at, _)| *at));
    stages.sort_by(f64::total_cmp);
    stages.dedup_by(|one, other| (*one - *other).abs() < SAME);
    stages
}

/// For how long the functions at this stage have been there, against the time a stage is held.
fn bake(scene: &Scene<'_>, release: &[(f64, &Entry)], stage: f64, cells: usize) -> Vec<Span<'static>> {
    let at_stage = release.iter().filter(|(at, _)| (at - stage).abs() < SAME);
    if let Some(stay) = watched(scene, stage) {
        let (held, whole) = stay.progress(scene.now.world);
        let length = |span| SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        return progress(scene, length(held), length(whole), cells);
    }
    let Some(since) = at_stage.map(|(_, entry)| entry.shifts.last().map_or(entry.since, |shift| shift.at)).max() else {
        return Vec::new();
    };
    let held = scene.now.world.duration_since(since).max(SignedDuration::ZERO);
    let whole = if stage >= 100.0 { scene.app.release.watch } else { scene.app.release.bake };
    let whole = SignedDuration::try_from(whole).unwrap_or(SignedDuration::MAX);
    progress(scene, held, whole, cells)
}

/// The time that is being spent at this stage, where the release is run here: an extension makes it longer.
fn watched<'a>(scene: &Scene<'a>, stage: f64) -> Option<&'a Stay> {
    let running = scene.app.running.as_ref().filter(|running| !running.run.state().is_final())?;
    running.run.stay().filter(|stay| (stay.percent - stage).abs() < SAME)
}

/// `▰▰▰▱▱ 03:12/05:00`.
fn progress(scene: &Scene<'_>, held: SignedDuration, whole: SignedDuration, cells: usize) -> Vec<Span<'static>> {
    let share = if whole.is_zero() { 1.0 } else { (held.as_secs_f64() / whole.as_secs_f64()).min(1.0) };
    let full = filled(100.0 * share, cells);
    let theme = scene.theme;
    let mut spans = vec![Span::styled(format!(" {}/{}", text::minutes(held), text::minutes(whole)), theme.text())];
    if cells > 0 {
        let bar = [
            Span::styled(format!(" {}", "▰".repeat(full)), theme.new_version()),
            Span::styled("▱".repeat(cells - full), theme.faint()),
        ];
        spans.splice(0..0, bar);
    }
    spans
}
