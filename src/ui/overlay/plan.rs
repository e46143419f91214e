//! A plan to be confirmed: for every function what is now, what will be, and the exact weights, before anything is
//! written.

use ratatui::{
    style::Modifier,
    text::{Line, Span},
};

use super::{Dialog, functions, text};
use crate::{
    app::view::PlanDialog,
    keys::Action,
    release::{
        count, hours,
        names::{Mover, Target, Version},
        plan::{Plan, PlanRow, Purpose, WAITS},
        routing::trim_percent,
        stages::Obstacle,
    },
    ui::Scene,
};

/// So many names are told of what is still being read.
const MOST_READING: usize = 12;
/// Columns of a plan with room for everything.
const WIDE: usize = 96;

/// The dialog.
pub(super) fn dialog(scene: &Scene<'_>, shown: &PlanDialog, room: usize) -> Dialog {
    let theme = scene.theme;
    let style = if scene.is_protected() { theme.danger() } else { theme.focus() };
    let Some(plan) = &shown.plan else {
        let mut dialog = Dialog::new("PLAN", style, room.min(60));
        dialog.say("⟳ reading, so that the plan is drawn from how it is now:", theme.text());
        for target in shown.reading.iter().take(MOST_READING) {
            dialog.lines.push(Line::styled(format!("  {target}"), theme.muted()));
        }
        let more = shown.reading.len().saturating_sub(MOST_READING);
        if more > 0 {
            dialog.lines.push(Line::styled(format!("  … and {more} more"), theme.muted()));
        }
        return dialog;
    };
    let mut dialog = Dialog::new(title(scene, plan), style, room.min(WIDE));
    if let Some(notice) = &shown.notice {
        dialog.say(&format!("▲ {notice}"), theme.warning());
        dialog.gap();
    }
    let widths = Widths::of(plan);
    dialog.lines.push(widths.heading(scene));
    for (index, row) in plan.rows.iter().enumerate() {
        let is_selected = index == shown.row;
        dialog.lines.extend(lines(scene, row, &widths, is_selected, usize::from(dialog.width)));
        if is_selected {
            dialog.cursor = dialog.lines.len().saturating_sub(1);
        }
    }
    foresight(scene, plan, &mut dialog);
    other_remarks(scene, plan, shown.row, &mut dialog);
    before_first_shift(scene, plan, &mut dialog);
    dialog.footer = footer(scene, shown, plan, usize::from(dialog.width));
    dialog
}

/// What the next bake can show: whoever shifts a quiet function knows beforehand that nobody will be able to tell.
fn foresight(scene: &Scene<'_>, plan: &Plan, dialog: &mut Dialog) {
    let Purpose::Shift { percent } = plan.purpose else { return };
    let rows = plan.rows.iter().filter(|row| !row.dropped && row.refusal.is_none());
    let targets: Vec<Target> = rows.map(|row| row.target.clone()).collect();
    if let Some(words) = scene.app.foresight(&targets, percent, scene.now.world) {
        dialog.gap();
        dialog.say(&words, scene.theme.muted());
    }
}

/// How many rows have more to say than the one under the cursor.
fn other_remarks(scene: &Scene<'_>, plan: &Plan, selected: usize, dialog: &mut Dialog) {
    let others = plan.rows.iter().enumerate().filter(|(index, row)| *index != selected && !row.dropped);
    let count = others.filter(|(_, row)| !scene.app.remarks_around(&row.target).is_empty()).count();
    if count > 0 {
        dialog.gap();
        let which = if count == 1 { "1 other row has".to_owned() } else { format!("{count} other rows have") };
        let words = format!("▲ {which} a remark: {} shows it", scene.key(Action::Down));
        dialog.say(&words, scene.theme.muted());
    }
}

/// What stands in the way of a first shift: what stops it, what is only worth knowing, and what confirming settles.
fn before_first_shift(scene: &Scene<'_>, plan: &Plan, dialog: &mut Dialog) {
    let (app, theme) = (scene.app, scene.theme);
    if !app.is_first_shift(plan.purpose) {
        return;
    }
    runbook_before(scene, dialog);
    let obstacles = app.obstacles(scene.now);
    // What wants a reason has a field of its own below.
    let shown = obstacles.iter().filter(|obstacle| match obstacle {
        Obstacle::OutsideHours { .. } => false,
        Obstacle::Preflight { why } => !is_said_by_a_row(plan, why),
        _ => true,
    });
    for (index, obstacle) in shown.enumerate() {
        if index == 0 {
            dialog.gap();
        }
        match obstacle {
            Obstacle::AlarmRinging { name } => {
                let words = "rings already: confirming acknowledges it, and it rolls nothing back by itself";
                dialog.say(&format!("▲ the alarm {} {words}", text::clean(name)), theme.warning());
            }
            _ if obstacle.stops_a_person() => {
                dialog.say(&format!("✖ {}", text::clean(&obstacle.to_string())), theme.danger());
            }
            _ => dialog.say(&format!("▲ {}", text::clean(&obstacle.to_string())), theme.warning()),
        }
    }
    if let Some(unanswered) = app.unanswered_around() {
        dialog.gap();
        dialog.say(&format!("… {}", text::clean(&unanswered)), theme.muted());
    }
}

/// Whether a refused row says this already.
fn is_said_by_a_row(plan: &Plan, why: &str) -> bool {
    plan.rows.iter().filter_map(|row| row.refusal.as_deref()).any(|refusal| why.ends_with(refusal))
}

/// How much of the runbook belongs before the first shift and has not been done.
fn runbook_before(scene: &Scene<'_>, dialog: &mut Dialog) {
    let (all, open) = scene.app.steps_before();
    if open > 0 {
        dialog.gap();
        let key = scene.key(Action::Runbook);
        let steps = count::several(all, "step");
        let verb = if open == 1 { "is" } else { "are" };
        let words =
            format!("▲ runbook: {open} of {steps} before the first shift {verb} not done; Esc and {key} show them");
        dialog.say(&words, scene.theme.warning());
    }
}

fn title(scene: &Scene<'_>, plan: &Plan) -> String {
    // What waits moves nothing yet: it is said after what moves.
    let is_mixed = !plan.only_waits();
    let rows = plan.rows.iter().filter(|row| !row.dropped);
    let (waits, moved): (Vec<&PlanRow>, Vec<&PlanRow>) = rows.partition(|row| is_mixed && row.waits);
    let count = functions(moved.iter().map(|row| &row.target));
    let waits = count::waiting(waits.iter().map(|row| row.target.kind));
    let place = &scene.app.deck.environment;
    let name = if place.protected { place.name.to_uppercase() } else { place.name.clone() };
    let what = match plan.purpose {
        Purpose::Shift { percent } => format!("shift {count} to {}%", trim_percent(percent)),
        Purpose::PreStage => format!("move the pre-stage of {count}"),
        Purpose::RollBack => format!("roll back {count}"),
        Purpose::TakeOver => format!("take over {count}"),
        Purpose::Finish => format!("end the release of {count}"),
        Purpose::Undo => format!("undo the rollback of {count}"),
    };
    format!("PLAN: {what} in {}{waits}", text::clean(&name))
}

/// The columns of the table.
struct Widths {
    heading: &'static str,
    name: usize,
    from: usize,
}

impl Widths {
    fn of(plan: &Plan) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = String>| texts.map(|text| text::width(&text)).max().unwrap_or(0);
        Self {
            heading: count::heading(plan.rows.iter().map(|row| row.target.kind)),
            name: widest(&mut plan.rows.iter().map(|row| row.target.to_string())).clamp(8, 36),
            from: widest(&mut plan.rows.iter().map(|row| row.from.to_string())).max(3),
        }
    }

    fn heading(&self, scene: &Scene<'_>) -> Line<'static> {
        let text = format!("  {}  {}    then", text::left(self.heading, self.name), text::left("now", self.from));
        Line::styled(text, scene.theme.muted())
    }
}

fn lines(scene: &Scene<'_>, row: &PlanRow, widths: &Widths, is_selected: bool, columns: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let cursor = Span::styled(if is_selected { "▸ " } else { "  " }, theme.focus());
    let name = text::left(&row.target.to_string(), widths.name);
    let from = text::left(&row.from.to_string(), widths.from);
    if row.dropped {
        let out = theme.muted().add_modifier(Modifier::CROSSED_OUT);
        let line = Line::from(vec![
            cursor,
            Span::styled(name.trim_end().to_owned(), out),
            Span::styled("   taken out; Space puts it back", theme.muted()),
        ]);
        return vec![line];
    }
    let mut spans = vec![cursor, Span::styled(format!("{name}  "), theme.strong()), Span::styled(from, theme.text())];
    if row.waits && row.refusal.is_none() {
        spans.push(Span::styled(format!("   {WAITS}"), theme.muted()));
    } else if row.refusal.is_none() {
        spans.push(Span::styled("  → ", theme.faint()));
        let style = if row.is_nothing_to_do() { theme.muted() } else { theme.new_version() };
        spans.push(Span::styled(row.to.to_string(), style));
        if row.is_nothing_to_do() {
            spans.push(Span::styled("   already there", theme.muted()));
        }
    }
    let mut lines = vec![Line::from(spans)];
    let mut add = |words: String, style| {
        let wrapped = text::wrap(&words, columns.saturating_sub(4));
        lines.extend(wrapped.into_iter().map(|line| Line::styled(format!("    {line}"), style)));
    };
    if let Some(refusal) = &row.refusal {
        add(format!("✖ cannot be moved: {refusal}"), theme.danger());
    } else if is_selected && !row.is_nothing_to_do() {
        add(format!("writes {}", written(row)), theme.muted());
    }
    // Ten functions of one stack would say the same ten times: each says it where the cursor is.
    let is_asked = is_selected && row.refusal.is_none();
    let around = if is_asked { scene.app.remarks_around(&row.target) } else { Vec::new() };
    for remark in row.remarks.iter().chain(&around) {
        add(format!("▲ {remark}"), theme.warning());
    }
    lines
}

/// What is sent, in AWS's words.
fn written(row: &PlanRow) -> String {
    let routing = &row.to;
    match row.target.kind {
        Mover::Alias => {}
        Mover::Rule => {
            let weight = |version: Version| format!("{version}: {}", trim_percent(routing.percent_of(version)));
            return format!("weights {{{}, {}}}, all else as it is", weight(row.stable), weight(row.new));
        }
        Mover::Stage => return format!("deploymentId {}", routing.primary),
    }
    match routing.weighted {
        Some((version, weight)) => {
            format!("FunctionVersion {}, AdditionalVersionWeights {{{version}: {weight}}}", routing.primary)
        }
        None => format!("FunctionVersion {}, no weights", routing.primary),
    }
}

/// What a protected environment still wants, or why the plan cannot be confirmed.
fn footer(scene: &Scene<'_>, shown: &PlanDialog, plan: &Plan, columns: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let refused = plan.rows.iter().filter(|row| row.refusal.is_some() && !row.dropped).count();
    let name = text::clean(&scene.app.deck.environment.name);
    if refused > 0 {
        let which = if refused == 1 { "One row".to_owned() } else { format!("{refused} rows") };
        let words = format!("{which} cannot be moved: take it out with {}, or cancel.", scene.key(Action::Mark));
        let wrapped =
            |words: &str, style| text::wrap(words, columns).into_iter().map(move |line| Line::styled(line, style));
        let mut lines: Vec<Line<'_>> = wrapped(&words, theme.danger()).collect();
        if let Some(waited) = scene.app.awaits_versions(scene.now) {
            let waited = text::minutes(waited.try_into().unwrap_or_default());
            let words = format!(
                "⟳ AWS makes a version ready: asked again every few seconds, for {waited} so far; the plan is sound by itself then."
            );
            lines.extend(wrapped(&words, theme.info()));
        }
        return lines;
    }
    if plan.only_waits() {
        let digit = scene.app.release.stages.iter().position(|stage| *stage == 100);
        let key = digit.map(|index| format!(" with {}", scene.key(Action::Stage(index)))).unwrap_or_default();
        let left_out = scene.app.left_out(&plan.rows.iter().map(|row| row.target.clone()).collect::<Vec<_>>());
        let which = if left_out.is_empty() { "Nothing here" } else { "Nothing else here" };
        let words = format!("{which} can be split: it goes from 0 to 100 % in one step. Esc, then plan 100 %{key}.");
        return text::wrap(&words, columns).into_iter().map(|line| Line::styled(line, theme.warning())).collect();
    }
    if !plan.is_sound() {
        return vec![Line::styled("Nothing is left in the plan.", theme.warning())];
    }
    if let Some(reason) = shown.reason.as_ref().filter(|reason| !reason.is_given) {
        let hours = hours::in_words(scene.app.allowed_hours());
        let words = format!("It is outside the allowed hours ({hours}). Why must it go out now? Type it, then Enter:");
        let mut lines: Vec<Line<'_>> =
            text::wrap(&words, columns).into_iter().map(|line| Line::styled(line, theme.warning())).collect();
        lines.push(Line::styled(format!("{}▏", text::clean(&reason.text)), theme.text()));
        return lines;
    }
    if wants_name(scene, shown, plan) {
        return type_the_name(scene, &name, &shown.typed);
    }
    let is_typed = scene.is_protected() && !plan.purpose.is_roll_back();
    if is_typed { vec![Line::styled(format!("✔ {name}"), theme.good())] } else { Vec::new() }
}

/// Wants the name of the protected environment, and shows what is typed of it.
pub(super) fn type_the_name(scene: &Scene<'_>, name: &str, typed: &str) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let is_wrong = !name.starts_with(typed);
    let line = Line::from(vec![
        Span::styled(format!(" {} ", name.to_uppercase()), theme.badge(theme.danger())),
        Span::styled(" is protected. Type ", theme.text()),
        Span::styled(name.to_owned(), theme.strong()),
        Span::styled(": ", theme.text()),
        Span::styled(format!("{}▏", text::clean(typed)), if is_wrong { theme.danger() } else { theme.strong() }),
    ]);
    let wrong = Line::styled("✖ that is not its name: Backspace takes a letter away, ^U all of them", theme.danger());
    std::iter::once(line).chain(is_wrong.then_some(wrong)).collect()
}

/// Whether the name of the protected environment has still to be typed.
fn wants_name(scene: &Scene<'_>, shown: &PlanDialog, plan: &Plan) -> bool {
    let environment = &scene.app.deck.environment;
    environment.protected && !plan.purpose.is_roll_back() && shown.typed != environment.name
}

/// The keys of a plan as it stands.
pub(super) fn hints(scene: &Scene<'_>, shown: &PlanDialog) -> Vec<(Action, &'static str)> {
    let mut hints = Vec::new();
    if let Some(plan) = &shown.plan {
        let is_reasoning = shown.reason.as_ref().is_some_and(|reason| !reason.is_given);
        let is_typing = plan.is_sound() && (is_reasoning || wants_name(scene, shown, plan));
        if plan.is_sound() && !is_typing {
            let is_armed = scene.app.takes_yes(scene.now) && !scene.app.is_asking_for_rivals(plan, scene.now);
            hints.push((Action::Confirm, if is_armed { "confirms" } else { "confirms soon" }));
        }
        if !is_typing {
            hints.push((Action::Mark, "takes a row out"));
        }
    }
    hints.push((Action::Back, "cancels"));
    hints
}
