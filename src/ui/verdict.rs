//! The panel that says whose fault it is: for each function of the release both versions' rates, how strong the evidence
//! is, and a sentence. It is there while a release is judged, and says what the judge says.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

use super::{Scene, put, text};
use crate::{
    app::{App, metric_schedule::Unread},
    release::{
        judge::{
            comparison::{Evidence, Tally},
            counts::Metric,
            verdict::{Verdict, in_odds},
        },
        names::Target,
        trial::{Trial, slowness::Slowness, verdict_in_words},
    },
};

/// Lines of one function.
const LINES: usize = 2;
/// So many functions are shown at most.
const MOST: usize = 4;
/// Columns of a function's name.
const NAME: usize = 16;

/// How many lines the panel takes; none where nothing is judged.
pub(super) fn height(app: &App) -> u16 {
    let judged = judged(app).count().min(MOST);
    if judged == 0 { 0 } else { u16::try_from(judged * LINES + 2).unwrap_or(u16::MAX) }
}

/// The functions of the release that are on trial.
fn judged(app: &App) -> impl Iterator<Item = (&Target, &Trial)> {
    let trial = |target| Some((target, app.judging.trials.get(target)?));
    app.deck.in_release().filter_map(move |(function, _)| trial(&function.target))
}

/// What is said of all of them together; `None` until a minute has been judged.
pub(super) fn together(app: &App) -> Option<Verdict> {
    let verdicts: Vec<_> = judged(app).filter_map(|(_, trial)| trial.verdict()).collect();
    (!verdicts.is_empty()).then(|| Verdict::of_group(verdicts))
}

/// Its glyph and look.
pub(super) fn mark(scene: &Scene<'_>, verdict: Option<Verdict>) -> (&'static str, Style) {
    let theme = scene.theme;
    match verdict {
        Some(Verdict::Regression(_) | Verdict::BaselineBreach(_)) => ("✖", theme.danger()),
        Some(Verdict::FailAlike(_)) => ("▲", theme.warning()),
        Some(Verdict::Pass | Verdict::KeepGoing) => ("✔", theme.good()),
        Some(Verdict::Insufficient(_)) | None => ("…", theme.muted()),
    }
}

/// From so many columns on the panel says what its last figures are.
const WITH_LEGEND: u16 = 66;

/// Draws the panel.
pub(super) fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let all = together(scene.app);
    let (_, style) = mark(scene, all);
    let is_blind = judged(scene.app).any(|(target, _)| is_unreadable(scene, target));
    let none = if is_blind { "metrics cannot be read" } else { "waiting for the first closed minute" };
    let word = all.map_or_else(|| none.to_owned(), |verdict| verdict.to_string());
    let frame = if scene.is_protected() { scene.theme.protected_frame() } else { scene.theme.faint() };
    let title = vec![Span::styled(" Verdict: ", scene.theme.strong()), Span::styled(word, style), Span::raw(" ")];
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(frame)
        .title_top(text::cut_line(Line::from(title), usize::from(area.width.saturating_sub(2))));
    let legend = Line::styled(" odds against it, of those it takes ", scene.theme.muted()).right_aligned();
    let block = if area.width >= WITH_LEGEND && all.is_some() { block.title_top(legend) } else { block };
    let inner = block.inner(area);
    block.render(area.intersection(buffer.area), buffer);
    let mut rows: Vec<_> = judged(scene.app).collect();
    // The worst first: what does not fit is better than what is shown.
    rows.sort_by_key(|(_, trial)| std::cmp::Reverse(trial.verdict().map(Verdict::gravity)));
    let lines = rows.into_iter().flat_map(|(target, trial)| lines(scene, target, trial));
    for (row, line) in (0..inner.height).zip(lines) {
        put(buffer, inner, row, line);
    }
}

/// Whether its calls were never read because they cannot be.
fn is_unreadable(scene: &Scene<'_>, target: &Target) -> bool {
    let lens = scene.app.deck.function(target).map(|function| scene.app.lens(function, scene.now.world));
    let never = lens.filter(|lens| lens.read_to().is_none());
    never.is_some_and(|lens| matches!(scene.app.why_unread(&lens), Unread::Failing(_)))
}

/// A function: the figures, and below them the sentence.
fn lines(scene: &Scene<'_>, target: &Target, trial: &Trial) -> [Line<'static>; LINES] {
    let theme = scene.theme;
    let verdict = trial.verdict();
    let (glyph, style) = mark(scene, verdict);
    let mut first = vec![
        Span::styled(format!(" {glyph} "), style),
        Span::styled(format!("{} ", text::left_by_ends(&target.name(), NAME)), theme.text()),
    ];
    let [stable, new] = trial.versions;
    if let Some(errors) = of_metric(trial, Metric::Errors) {
        first.push(Span::styled(format!("{} {}  ", new.label(), rate(errors.new)), theme.new_version()));
        first.push(Span::styled(format!("{} {}  ", stable.label(), rate(errors.stable)), theme.stable()));
        first.push(Span::styled(evidence(&errors), theme.text()));
    }
    let words = match verdict {
        None if is_unreadable(scene, target) => "nothing to judge: its metrics cannot be read".to_owned(),
        None => "no minute of it has been judged yet".to_owned(),
        Some(verdict @ (Verdict::KeepGoing | Verdict::Pass)) => {
            let slow = slow_in_words(trial);
            if slow.is_empty() { verdict_in_words(verdict, trial) } else { slow }
        }
        Some(verdict) => format!("{verdict}, {}", verdict_in_words(verdict, trial)),
    };
    let style = if verdict.is_some_and(Verdict::is_bad) { style } else { theme.muted() };
    [Line::from(first), Line::styled(format!("   {words}"), style)]
}

/// What is known of one metric of a function.
pub(super) fn of_metric(trial: &Trial, metric: Metric) -> Option<Evidence<'_>> {
    trial.hearing()?.judge.evidence().find(|evidence| evidence.metric == metric)
}

/// `0.41% of 1,240`; of none there is no rate.
pub(super) fn rate(tally: Tally) -> String {
    match tally.rate() {
        Some(rate) => format!("{}% of {}", text::figure(100.0 * rate), text::count(tally.calls)),
        None => "no calls".to_owned(),
    }
}

/// `0.62× of 600×`.
pub(super) fn evidence(known: &Evidence<'_>) -> String {
    let worse = known.points.last().map_or(0.0, |point| point.worse);
    format!("{} of {}", in_odds(worse), in_odds(known.threshold))
}

/// How the slow calls stand, and how they are counted.
pub(super) fn slow_in_words(trial: &Trial) -> String {
    let Some(hearing) = trial.hearing() else { return String::new() };
    let known = of_metric(trial, Metric::Slow);
    match (hearing.slowness, known) {
        (Slowness::Counted(limit, _), Some(slow)) => {
            let share = |tally: Tally| tally.rate().map_or(text::NO_DATA.to_owned(), |rate| text::figure(100.0 * rate));
            let limit = text::figure(limit);
            format!("slower than {limit} ms: {}% and {}%, {}", share(slow.new), share(slow.stable), evidence(&slow))
        }
        (Slowness::Compared, Some(slow)) => {
            format!("slow calls are not counted here; p90 compared instead, {}", evidence(&slow))
        }
        (Slowness::Compared, None) => "slow calls are not counted here".to_owned(),
        (Slowness::Counted(..) | Slowness::NoLimit | Slowness::Probing(_), _) => String::new(),
    }
}
