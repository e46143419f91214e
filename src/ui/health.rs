//! The line above the keys: is it healthy, in one line, the worst first. A short message takes its place for a while.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    Scene,
    functions::state::{self, Mood},
    text, verdict,
};
use crate::release::{
    count,
    facts::{Alarm, AlarmState},
    gates::alarms::Insufficient,
    judge::verdict::Verdict,
};

/// The line, for this many columns.
pub(super) fn line(scene: &Scene<'_>, columns: u16) -> Line<'static> {
    let theme = scene.theme;
    let toast = scene.app.view.toast.as_ref().filter(|toast| toast.until > scene.now.wall);
    if let Some(toast) = toast {
        let (glyph, style) = if toast.bad { ("✖", theme.danger()) } else { ("▸", theme.focus()) };
        return Line::styled(
            format!(" {glyph} {}", text::cut(&toast.text, usize::from(columns).saturating_sub(4))),
            style,
        );
    }
    if scene.app.leaving {
        return Line::styled(
            " ⟳ leaving as soon as the writes under way are done; ^C again leaves now",
            theme.warning(),
        );
    }
    let mut parts: Vec<Part> = alarms(scene).into_iter().chain(functions(scene)).collect();
    parts.sort_by_key(|(mood, ..)| *mood);
    if let Some(judged) = judged(scene) {
        // Whatever rings, the next question is whether it is the new version's fault.
        let place = if judged.0 == Mood::Bad { 0 } else { parts.len().min(1) };
        parts.insert(place, judged);
    }
    let mut spans = Vec::new();
    for (index, (_, words, style)) in parts.into_iter().enumerate() {
        spans.push(Span::styled(if index == 0 { " " } else { "  ·  " }, theme.faint()));
        spans.push(Span::styled(words, style));
    }
    Line::from(spans)
}

type Part = (Mood, String, Style);

/// What the judge says of the release, where it is judged.
fn judged(scene: &Scene<'_>) -> Option<Part> {
    let verdict = verdict::together(scene.app)?;
    let (glyph, style) = verdict::mark(scene, Some(verdict));
    let mood = match verdict {
        Verdict::Regression(_) | Verdict::BaselineBreach(_) | Verdict::FailAlike(_) => Mood::Bad,
        Verdict::Insufficient(_) => Mood::Unknown,
        Verdict::KeepGoing | Verdict::Pass => Mood::Good,
    };
    Some((mood, format!("{glyph} verdict {verdict}"), style))
}

/// The functions in trouble by name, or that there is none. What an alarm says already is not said twice.
fn functions(scene: &Scene<'_>) -> Vec<Part> {
    let theme = scene.theme;
    let functions = &scene.app.deck.functions;
    let states: Vec<_> = functions.iter().map(|function| (function, state::of(scene, function))).collect();
    let mut parts: Vec<Part> = states
        .iter()
        .filter(|(_, state)| state.mood == Mood::Bad && state.word != state::ALARM)
        .map(|(function, state)| {
            let name = function.target.name();
            (Mood::Bad, format!("{} {name}: {}", state.glyph(), state.why), theme.danger())
        })
        .collect();
    let count = |mood| states.iter().filter(|(_, state)| state.mood == mood).count();
    let (well, unknown) = (count(Mood::Good), count(Mood::Unknown));
    if well > 0 {
        let count =
            count::counted_of(states.iter().map(|(function, state)| (function.target.kind, state.mood == Mood::Good)));
        parts.push((Mood::Good, format!("✔ {count} well"), theme.good()));
    }
    let unread = || functions.iter().filter(|function| !function.alias.is_answered());
    let reading = unread().count();
    let said = |word| states.iter().filter(|(_, state)| state.word == word).count();
    let (failing, measuring) = (said(state::UNREAD), said(state::READING).saturating_sub(reading));
    if failing > 0 {
        let words = format!("… metrics of {failing} cannot be read");
        parts.push((Mood::Unknown, words, theme.warning()));
    }
    if unknown > reading + failing + measuring {
        let silent = unknown - reading - failing - measuring;
        parts.push((Mood::Unknown, format!("… {silent} without data"), theme.muted()));
    }
    if measuring > 0 {
        parts.push((Mood::Unknown, format!("⟳ reading metrics of {measuring}"), theme.muted()));
    }
    if reading > 0 {
        parts.push((
            Mood::Unknown,
            format!("⟳ reading {}", count::counted(unread().map(|function| function.target.kind))),
            theme.muted(),
        ));
    }
    parts
}

/// None rings: good news only of those that know.
fn quiet(scene: &Scene<'_>) -> Part {
    let alarms = scene.app.sorted_alarms();
    let may_rest = |alarm: &Alarm| {
        let rule = scene.app.deck.environment.rule_for(alarm);
        rule.is_some_and(|rule| rule.insufficient == Insufficient::Ok)
    };
    let is_silent = |alarm: &&&Alarm| alarm.state == AlarmState::InsufficientData && !may_rest(alarm);
    match (alarms.iter().filter(is_silent).count(), alarms.len()) {
        (0, all) => (Mood::Good, format!("✔ none of {}", count::several(all, "alarm")), scene.theme.good()),
        (silent, all) => (
            Mood::Unknown,
            format!("… none of {}, {silent} without data", count::several(all, "alarm")),
            scene.theme.muted(),
        ),
    }
}

/// The alarms in ALARM by name, or that there is none.
fn alarms(scene: &Scene<'_>) -> Option<Part> {
    let (theme, now) = (scene.theme, scene.now.world);
    let Some(alarms) = scene.app.deck.alarms.value() else {
        let trouble = scene.app.deck.alarms.trouble()?;
        return Some((Mood::Bad, format!("✖ alarms cannot be read: {}", trouble.0.kind), theme.danger()));
    };
    if let Some(age) = scene.app.deck.alarms.age(now).filter(|_| scene.app.deck.alarms.is_stale(now)) {
        let words = format!("✖ alarms not read for {}", text::minutes(age));
        return Some((Mood::Bad, words, theme.danger()));
    }
    let ringing: Vec<_> =
        scene.app.sorted_alarms().into_iter().filter(|alarm| alarm.state == AlarmState::Alarm).collect();
    let Some(worst) = ringing.first() else { return (!alarms.is_empty()).then(|| quiet(scene)) };
    let rule = scene.app.deck.environment.rule_for(worst);
    let severity = rule.map_or("", |rule| rule.severity.as_str());
    let means = rule.and_then(|rule| rule.means.as_ref()).map(|means| format!(" → {}", text::clean(means)));
    let since = worst.since.map(|since| format!(" for {}", text::ago(since, now))).unwrap_or_default();
    let more = if ringing.len() > 1 { format!(" and {} more", ringing.len() - 1) } else { String::new() };
    let words = format!(
        "▲ ALARM {} {}{since}{}{more}",
        severity.to_uppercase(),
        text::clean(&worst.name),
        means.unwrap_or_default()
    );
    Some((Mood::Bad, words, theme.danger()))
}
