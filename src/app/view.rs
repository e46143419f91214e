//! What the person is looking at: panels, cursor, marks, and at most one dialog. Nothing here is about AWS.

use std::{collections::BTreeSet, time::Duration};

use super::owning::Stranger;
use crate::keys::Action;
use crate::release::{
    comparison::Comparison,
    names::{Target, Version},
    plan::Plan,
};

/// What the person is looking at.
#[derive(Debug, Clone)]
pub struct View {
    /// The terminal's size: columns, rows.
    pub size: (u16, u16),
    /// The panel that the arrows move in.
    pub panel: Panel,
    /// Cursor row of the functions table, among the rows that the filter lets through.
    pub row: usize,
    /// How far the other panels are scrolled, by panel.
    pub scroll: [usize; Panel::ALL.len()],
    /// Functions marked with Space.
    pub marked: BTreeSet<Target>,
    /// The functions filter; empty lets all through.
    pub filter: String,
    /// Whether the filter is being typed.
    pub filtering: bool,
    /// The dialog on top, if any.
    pub overlay: Option<Overlay>,
    /// The theme's name.
    pub theme: String,
    /// A line that goes away by itself: the text, whether it is bad news, and until when (wall time).
    pub toast: Option<Toast>,
    /// Wall time of the last `y` that came too early.
    pub(super) early_yes: Duration,
}

/// A short message on the line above the keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Whether it is bad news.
    pub bad: bool,
    /// Wall time at which it goes away.
    pub until: Duration,
}

/// The panels. At 80 columns each is a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Panel {
    /// The functions table.
    Functions,
    /// Charts of the selected function.
    Charts,
    /// The alarms.
    Alarms,
    /// The budgets.
    Budgets,
    /// Extra metrics of the configuration.
    Metrics,
    /// What happened.
    Timeline,
}

impl Panel {
    /// All panels, in the order of Tab.
    pub const ALL: [Self; 6] =
        [Self::Functions, Self::Charts, Self::Alarms, Self::Budgets, Self::Metrics, Self::Timeline];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Functions => "Functions",
            Self::Charts => "Charts",
            Self::Alarms => "Alarms",
            Self::Budgets => "Budgets",
            Self::Metrics => "Metrics",
            Self::Timeline => "Timeline",
        }
    }

    /// Its place in [`Panel::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|panel| *panel == self).unwrap_or(0)
    }
}

/// A dialog or a screen on top of the panels. At most one is open.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// All keys; scrolled by so many lines.
    Help(usize),
    /// A function's versions.
    Detail(Detail),
    /// A plan to be confirmed.
    Plan(PlanDialog),
    /// Versions to go back to, outside a release.
    Candidates(Candidates),
    /// The release is about to be declared over.
    Done(DoneDialog),
    /// The release that another program runs is about to be taken over.
    TakeOver(TakeOverDialog),
    /// Past releases, or one of them. The releases themselves are in the app.
    History(HistoryDialog),
    /// The release is about to be left to itself.
    Abandon(AbandonDialog),
    /// What each gate says; the cursor's row.
    Gates(usize),
    /// The checklist; the cursor's row.
    Checklist(usize),
    /// The environments of the configuration; the cursor's row.
    Environments(usize),
    /// One alarm, and the tree of a composite one.
    Alarm(AlarmDialog),
    /// One panel of the metrics, by its title.
    Metric(String),
    /// The runbook; the cursor's row.
    Runbook(usize),
    /// One step of the runbook, with what its command wrote.
    Step(StepDialog),
    /// The release against the hour before it.
    Comparison(Comparison),
    /// Leaving while a release is under way.
    Quit,
    /// The AWS console's address of what is selected.
    ConsoleUrl(String),
    /// The rollback or shift under way. The operation itself is in the app.
    Progress,
}

impl Overlay {
    /// What brings a dialog up that is only looked at. The same once more puts it away.
    pub fn opener(&self) -> Option<Action> {
        match self {
            Self::Help(_) => Some(Action::Help),
            Self::History(_) => Some(Action::History),
            Self::Gates(_) => Some(Action::Gates),
            Self::Checklist(_) => Some(Action::Checklist),
            Self::Runbook(_) => Some(Action::Runbook),
            Self::Environments(_) => Some(Action::Environments),
            Self::Comparison(_) => Some(Action::Comparison),
            Self::ConsoleUrl(_) => Some(Action::ConsoleUrl),
            Self::Detail(_)
            | Self::Plan(_)
            | Self::Candidates(_)
            | Self::Done(_)
            | Self::TakeOver(_)
            | Self::Abandon(_)
            | Self::Alarm(_)
            | Self::Metric(_)
            | Self::Step(_)
            | Self::Quit
            | Self::Progress => None,
        }
    }

    /// Since when, wall time, there is a question on screen that `y` answers.
    pub fn asks_since(&self) -> Option<Duration> {
        match self {
            Self::Plan(dialog) => dialog.shown_at,
            Self::Candidates(list) => Some(list.shown_at),
            Self::Done(dialog) => Some(dialog.shown_at),
            Self::TakeOver(dialog) => Some(dialog.shown_at),
            Self::Abandon(dialog) => Some(dialog.shown_at),
            Self::Step(dialog) => Some(dialog.shown_at),
            // To leave is asked of somebody who has just pressed another key for it.
            Self::Quit => Some(Duration::ZERO),
            Self::Help(_)
            | Self::Detail(_)
            | Self::History(_)
            | Self::Gates(_)
            | Self::Checklist(_)
            | Self::Environments(_)
            | Self::Alarm(_)
            | Self::Metric(_)
            | Self::Runbook(_)
            | Self::Comparison(_)
            | Self::ConsoleUrl(_)
            | Self::Progress => None,
        }
    }
}

/// The detail of one function.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// Which function.
    pub target: Target,
    /// Cursor row among the versions, newest first.
    pub row: usize,
}

/// A plan on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDialog {
    /// What is being asked of AWS before the plan can be drawn; empty once it is drawn.
    pub reading: Vec<Target>,
    /// The plan, once everything is read.
    pub plan: Option<Plan>,
    /// Wall time at which the plan was first drawn. It can be confirmed 250 ms later.
    pub shown_at: Option<Duration>,
    /// Outside the allowed hours: why it goes out all the same, as far as it is typed.
    pub reason: Option<Reason>,
    /// In a protected environment: what has been typed of its name.
    pub typed: String,
    /// Cursor row.
    pub row: usize,
    /// Why the plan was drawn anew, such as a change by somebody else.
    pub notice: Option<String>,
}

/// An alarm on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmDialog {
    /// Its name.
    pub name: String,
    /// The region it was read from, where that is not the environment's own.
    pub region: Option<String>,
    /// Scrolled by so many lines.
    pub scroll: usize,
}

/// A step of the runbook on screen. For a command it is the plan of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDialog {
    /// Its place in the runbook.
    pub row: usize,
    /// Its title.
    pub title: String,
    /// In a protected environment: what has been typed of its name.
    pub typed: String,
    /// Scrolled by so many lines.
    pub scroll: usize,
    /// Wall time at which it was first drawn.
    pub shown_at: Duration,
}

impl PlanDialog {
    /// The same plan from newer readings: what the person did to it stays. Where it says something else now, it is read
    /// anew before it can be confirmed.
    pub(super) fn draw_again(&mut self, mut plan: Plan, now: Duration) {
        let before = self.plan.take();
        for row in &mut plan.rows {
            let same = before.iter().flat_map(|before| &before.rows).find(|other| other.target == row.target);
            row.dropped = same.is_some_and(|other| other.dropped);
        }
        if before.as_ref() != Some(&plan) {
            self.shown_at = Some(now);
        }
        self.plan = Some(plan);
        self.reading.clear();
    }
}

/// Why somebody releases outside the allowed hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// What is typed.
    pub text: String,
    /// Whether it is whole: Enter was pressed.
    pub is_given: bool,
}

/// The versions that one function could be taken back to.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// Which function.
    pub target: Target,
    /// Published versions other than the one that is live, newest first.
    pub versions: Vec<Version>,
    /// Cursor row: the last recorded stable version where there is one. `None` where the traffic is split and nobody
    /// knows which side is stable: then a person has to choose.
    pub row: Option<usize>,
    /// The last recorded stable version.
    pub recorded: Option<Version>,
    /// Wall time at which the list was first drawn.
    pub shown_at: Duration,
}

/// The question whether to stop running a release.
#[derive(Debug, Clone, PartialEq)]
pub struct AbandonDialog {
    /// Wall time at which the question was first drawn.
    pub shown_at: Duration,
}

/// The question whether to take a release over.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeOverDialog {
    /// Who runs it, as far as it was known when the question was asked.
    pub stranger: Stranger,
    /// Wall time at which the question was first drawn.
    pub shown_at: Duration,
}

/// The history screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryDialog {
    /// Cursor row among the releases, newest first.
    pub row: usize,
    /// Where one is open: scrolled by so many lines.
    pub scroll: Option<usize>,
}

/// The question whether the release is over.
#[derive(Debug, Clone, PartialEq)]
pub struct DoneDialog {
    /// The functions of the release, with the version that stays.
    pub functions: Vec<(Target, Version)>,
    /// Wall time at which the question was first drawn.
    pub shown_at: Duration,
}

/// From this size on, columns and rows, several panels are on screen at once; below it one at a time.
pub const TWO_COLUMNS: (u16, u16) = (110, 32);

/// The built-in themes, in the order of the theme key.
const THEMES: [&str; 4] = ["midnight", "daylight", "terminal", "colorblind"];

impl View {
    /// At most so many lines of the metrics panel are on screen; what is not needs no fresh values.
    pub fn most_metric_lines(&self) -> usize {
        let (columns, rows) = self.size;
        let is_shown = self.panel == Panel::Metrics || (columns >= TWO_COLUMNS.0 && rows >= TWO_COLUMNS.1);
        if is_shown { usize::from(rows) } else { 0 }
    }

    /// Goes to the next built-in theme.
    pub(super) fn next_theme(&mut self) {
        let at = THEMES.iter().position(|theme| *theme == self.theme).map_or(0, |at| at + 1);
        THEMES[at % THEMES.len()].clone_into(&mut self.theme);
    }
}

impl Default for View {
    fn default() -> Self {
        Self {
            size: (80, 24),
            panel: Panel::Functions,
            row: 0,
            scroll: [0; Panel::ALL.len()],
            marked: BTreeSet::new(),
            filter: String::new(),
            filtering: false,
            overlay: None,
            theme: "midnight".to_owned(),
            toast: None,
            early_yes: Duration::ZERO,
        }
    }
}
