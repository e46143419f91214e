//! The timeline of a release: what was done and what happened, in one order, as lines.

use jiff::Timestamp;

use crate::release::{
    plan::Purpose,
    record::{Action, ActionResult, Ended, Ending, GATES, GateResult, Happening, Kind, Past, StepOutcome},
    routing::trim_percent,
};

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// When, UTC.
    pub at: Timestamp,
    /// Who or what.
    pub who: String,
    /// What.
    pub what: String,
    /// How it should look.
    pub tone: Tone,
}

/// Whether a line is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// Good.
    Good,
    /// Worth a look.
    Warning,
    /// Bad.
    Bad,
}

impl Tone {
    /// The mark that stands before the line, so that colour never stands alone.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Plain => "·",
            Self::Good => "✔",
            Self::Warning => "▲",
            Self::Bad => "✖",
        }
    }
}

/// All lines, oldest first.
pub fn lines(past: &Past) -> Vec<Line> {
    let began = Line {
        at: past.began.at,
        who: past.began.who.short().to_owned(),
        what: format!("began {}", if past.began.is_watch() { "to watch what is live" } else { "the release" }),
        tone: Tone::Plain,
    };
    let ended = past.ended.as_ref().map(|ended| Line {
        at: ended.at,
        who: "flightdeck".to_owned(),
        what: format!("{} is over: {}{}", subject(past), ending(ended), because(Some(&ended.note))),
        tone: Tone::Plain,
    });
    // At one moment what was seen comes before what was done about it.
    let mut lines: Vec<Line> = std::iter::once(began)
        .chain(past.happenings.iter().filter(|happening| is_worth_a_line(past, happening)).map(of_happening))
        .chain(past.actions.iter().enumerate().map(|(index, action)| {
            let before = index.checked_sub(1).and_then(|before| past.actions.get(before));
            of_action(action, before.is_some_and(|before| is_same_decision(before, action)))
        }))
        .chain(ended)
        .collect();
    lines.sort_by_key(|line| line.at);
    lines.into_iter().fold(Vec::new(), once).into_iter().fold(Vec::new(), together)
}

/// A gate that cannot say is on its way to a result; the table of gates names it where it stays so. A move of ours has
/// a line as a write.
fn is_worth_a_line(past: &Past, happening: &Happening) -> bool {
    match happening.kind {
        Kind::Gate { result: GateResult::Undecided, .. } => false,
        Kind::Moved { .. } => super::moves::moved_elsewhere(past, happening).is_some(),
        _ => true,
    }
}

/// Each run of the program that finds a release under way writes down again what had been moved: it is told once.
fn once(mut lines: Vec<Line>, line: Line) -> Vec<Line> {
    if !lines.iter().rev().take_while(|known| known.at == line.at).any(|known| *known == line) {
        lines.push(line);
    }
    lines
}

/// Gates that say the same at the same moment share a line.
fn together(mut lines: Vec<Line>, line: Line) -> Vec<Line> {
    if let (Some(last), Some((verb, rest))) = (lines.last_mut(), line.what.split_once(": "))
        && line.who == GATES
        && (last.at, last.who.as_str(), last.tone) == (line.at, GATES, line.tone)
        && last.what.starts_with(verb)
    {
        last.what.push_str("; ");
        last.what.push_str(rest);
        return lines;
    }
    lines.push(line);
    lines
}

fn subject(past: &Past) -> &'static str {
    if past.began.is_watch() { "the watch" } else { "the release" }
}

fn ending(ended: &Ended) -> &'static str {
    match ended.ending {
        Ending::RolledBack if ended.is_in_part() => "rolled back",
        Ending::AllClear => "all clear",
        Ending::RolledBack => "the stable version has all the traffic again",
        Ending::Abandoned => "left as it was",
        Ending::Failed => "the watch found it failing",
    }
}

/// What a write was for.
pub fn deed(action: &Action) -> String {
    let target = &action.intent.target;
    match action.intent.purpose {
        Purpose::Shift { percent } => format!("shift {target} to {} %", trim_percent(percent)),
        Purpose::PreStage => format!("move the pre-stage {target} to {}", action.intent.new),
        Purpose::RollBack => format!("roll back {target} to {}", action.intent.stable),
        Purpose::Undo => format!("undo the rollback of {target}"),
        Purpose::TakeOver => format!("name this program in the record of {target}"),
        Purpose::Finish => format!("take the record out of {target}"),
    }
}

/// How a write went, in a word or two.
pub fn result(action: &Action) -> String {
    let Some(outcome) = &action.outcome else { return "no outcome was written down".to_owned() };
    let word = match outcome.result {
        ActionResult::Acknowledged => "acknowledged",
        ActionResult::Failed => "failed",
        ActionResult::Unknown => "unknown",
    };
    let message = if outcome.message.is_empty() { String::new() } else { format!(": {}", outcome.message) };
    if outcome.inferred {
        return format!("the program ended before it knew; read off the alias later: {word}{message}");
    }
    let after = outcome.at.duration_since(action.intent.at);
    format!("{word} after {} ms{message}", after.as_millis())
}

/// Whether two writes came of one decision: then its reason is told once.
fn is_same_decision(one: &Action, other: &Action) -> bool {
    let of = |action: &Action| (action.intent.at, action.intent.why.clone(), action.intent.automatic);
    of(one) == of(other)
}

fn of_action(action: &Action, is_explained: bool) -> Line {
    let by_itself = if action.intent.automatic { ", by itself" } else { "" };
    let why = because(action.intent.why.as_ref().filter(|_| !is_explained));
    let is_good = action.acknowledged().is_some();
    Line {
        at: action.intent.at,
        who: action.intent.who.short().to_owned(),
        what: format!("{}{by_itself}{why} — {}", deed(action), result(action)),
        tone: if is_good { Tone::Good } else { Tone::Bad },
    }
}

fn of_happening(happening: &Happening) -> Line {
    let is_good = match &happening.kind {
        Kind::Gate { result, .. } => *result == GateResult::Pass,
        Kind::Alarm { state, .. } => state == "OK",
        Kind::Verdict { verdict, .. } => verdict == "PASS",
        Kind::Tick { done, .. } => *done,
        Kind::Runbook { outcome, .. } => matches!(outcome, StepOutcome::Passed | StepOutcome::Done),
        Kind::Step => true,
        Kind::Note
        | Kind::Trouble
        | Kind::Moved { .. }
        | Kind::Held
        | Kind::Resumed
        | Kind::WatchBegan
        | Kind::TakenOver
        | Kind::Told { .. } => false,
    };
    let is_failed_step = matches!(
        happening.kind,
        Kind::Runbook { outcome: StepOutcome::Failed | StepOutcome::NotRun, .. }
            | Kind::Trouble
            | Kind::Told { sent: false, .. }
    );
    let is_bad = happening.is_bad_sign() || is_failed_step;
    // Some name the function themselves.
    let unnamed = happening.target.as_ref().filter(|target| !happening.text.starts_with(&*target.name()));
    let target = unnamed.map(|target| format!("{target}: ")).unwrap_or_default();
    let tone = match (is_bad, is_good) {
        (true, _) => Tone::Bad,
        (false, true) => Tone::Good,
        (false, false) => Tone::Plain,
    };
    Line { at: happening.at, who: happening.who.clone(), what: format!("{target}{}", happening.text), tone }
}

fn because(why: Option<&String>) -> String {
    why.filter(|why| !why.is_empty()).map(|why| format!(" ({why})")).unwrap_or_default()
}
