//! The runbook: which of its steps are wanted now, what became of each, and how a command of it is run after a plan.
//! Nothing here runs by itself, and nothing that moves traffic waits for anything here.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    planning::READING_TIME,
    timeline::Tone,
    view::{Overlay, StepDialog},
};
use crate::{
    clock::Now,
    command::{CommandReading, Ending},
    config::{RunbookStep, StepMoment, Way},
    release::record::{Kind, StepOutcome},
};

/// What became of the runbook's steps, by title, and which of them are wanted.
#[derive(Debug, Default)]
pub struct Runbook {
    states: BTreeMap<String, StepState>,
    /// The moment that has come.
    called: Option<StepMoment>,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepState {
    /// Its command runs.
    Running {
        /// Since when, world time.
        since: Timestamp,
        /// Who had it run.
        by: String,
    },
    /// Its command has ended.
    Ran {
        /// Who had it run.
        by: String,
        /// How it went.
        reading: Box<CommandReading>,
        /// Wall time at which it ended: whoever confirms twice in one breath means the run that is over already.
        ended: Duration,
    },
    /// Somebody says that it is done.
    Done {
        /// Since when, world time.
        at: Timestamp,
        /// Who says so.
        by: String,
    },
}

impl StepState {
    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Done { .. } => true,
            Self::Ran { reading, .. } => reading.passed(),
            Self::Running { .. } => false,
        }
    }
}

impl Runbook {
    /// What became of a step; `None` where nobody has begun it.
    pub fn state(&self, title: &str) -> Option<&StepState> {
        self.states.get(title)
    }

    /// Puts back what became of a step earlier, if nobody has begun it since.
    pub(super) fn restore(&mut self, title: String, state: StepState) {
        self.states.entry(title).or_insert(state);
    }

    fn is_running(&self, title: &str) -> bool {
        matches!(self.state(title), Some(StepState::Running { .. }))
    }

    /// Whether there is nothing left to do of a step.
    pub fn is_done(&self, title: &str) -> bool {
        self.state(title).is_some_and(StepState::is_done)
    }
}

impl App {
    /// The steps that the present moment asks for: those for a rollback once one has begun, those for afterwards once
    /// the release is over. Empty when all of them are done.
    pub fn wanted_steps(&self) -> Vec<&RunbookStep> {
        let Some(moment) = self.runbook.called else { return Vec::new() };
        let steps: Vec<&RunbookStep> = self.steps_of(moment).collect();
        let is_open = steps.iter().any(|step| !self.runbook.is_done(&step.title));
        if is_open { steps } else { Vec::new() }
    }

    /// The steps for a moment.
    pub fn steps_of(&self, moment: StepMoment) -> impl Iterator<Item = &RunbookStep> {
        self.deck.environment.runbook.iter().filter(move |step| step.when == moment)
    }

    /// How many steps belong before the first shift, and how many of them nobody has done.
    pub fn steps_before(&self) -> (usize, usize) {
        let (mut all, mut open) = (0, 0);
        for step in self.steps_of(StepMoment::Before) {
            all += 1;
            open += usize::from(!self.runbook.is_done(&step.title));
        }
        (all, open)
    }

    /// The titles of the steps whose commands run.
    pub fn running_steps(&self) -> Vec<&str> {
        let steps = self.deck.environment.runbook.iter().map(|step| step.title.as_str());
        steps.filter(|title| self.runbook.is_running(title)).collect()
    }

    /// A moment has come: its steps are wanted, and what was done of them the last time does not count any more.
    pub(super) fn call_runbook(&mut self, moment: StepMoment) {
        if self.runbook.called != Some(moment) {
            self.forget_steps(|when| when == moment || when == StepMoment::Before);
            self.runbook.called = Some(moment);
        }
    }

    /// Traffic goes forward: what a rollback or an end asked for is asked for no more.
    pub(super) fn dismiss_runbook(&mut self) {
        if self.runbook.called.take().is_some() {
            self.forget_steps(|when| when != StepMoment::Before);
        }
    }

    fn forget_steps(&mut self, is_meant: impl Fn(StepMoment) -> bool) {
        let Self { runbook, deck, .. } = self;
        for step in deck.environment.runbook.iter().filter(|step| is_meant(step.when)) {
            if !runbook.is_running(&step.title) {
                runbook.states.remove(&step.title);
            }
        }
    }

    /// `x`: the runbook, at the first step that is wanted and not done.
    pub(super) fn show_runbook(&mut self, now: Now) {
        let steps = &self.deck.environment.runbook;
        if steps.is_empty() {
            return self.say("The configuration has no runbook for this environment.", false, now);
        }
        let moment = self.runbook.called.unwrap_or(StepMoment::Before);
        let of_moment = |step: &RunbookStep| step.when == moment;
        let open = steps.iter().position(|step| of_moment(step) && !self.runbook.is_done(&step.title));
        let row = open.or_else(|| steps.iter().position(of_moment)).unwrap_or(0);
        self.view.overlay = Some(Overlay::Runbook(row));
    }

    /// Enter: the whole of a step, which for a command is its plan.
    pub(super) fn open_step(&mut self, row: usize, now: Now) {
        if let Some(step) = self.deck.environment.runbook.get(row) {
            let title = step.title.clone();
            self.view.overlay =
                Some(Overlay::Step(StepDialog { row, title, typed: String::new(), scroll: 0, shown_at: now.wall }));
        }
    }

    /// Why a command of the runbook may not be run now, if so.
    pub fn step_ban(&self, step: &RunbookStep) -> Option<String> {
        if self.runbook.is_running(&step.title) {
            return Some("it runs already".to_owned());
        }
        self.deck.write_ban()
    }

    /// Whether a step wants the name of the protected environment, and has not got it whole.
    pub fn wants_name_for_step(&self, dialog: &StepDialog) -> bool {
        let environment = &self.deck.environment;
        let step = environment.runbook.get(dialog.row);
        let is_command = step.is_some_and(|step| step.command().is_some() && self.step_ban(step).is_none());
        environment.protected && is_command && dialog.typed != environment.name
    }

    /// `y` in the dialog of a step: runs its command; a step by hand is ticked, or unticked.
    pub(super) fn confirm_step(&mut self, dialog: &StepDialog, now: Now) -> Vec<Effect> {
        let Some(step) = self.deck.environment.runbook.get(dialog.row).cloned() else {
            return Vec::new();
        };
        let has_just_ended = match self.runbook.state(&step.title) {
            Some(StepState::Ran { ended, .. }) => now.wall < *ended + READING_TIME,
            _ => false,
        };
        if has_just_ended {
            return Vec::new();
        }
        match &step.way {
            Way::Run(_) => self.run_step(&step, dialog, now),
            Way::ByHand | Way::Page(_) => {
                self.tick_step(dialog.row, now);
                Vec::new()
            }
        }
    }

    fn run_step(&mut self, step: &RunbookStep, dialog: &StepDialog, now: Now) -> Vec<Effect> {
        if let Some(ban) = self.step_ban(step) {
            self.say(format!("Not run: {ban}."), true, now);
            return Vec::new();
        }
        let Some(command) = step.command().filter(|_| !self.wants_name_for_step(dialog)) else {
            return Vec::new();
        };
        let (command, by) = (command.clone(), self.person());
        let words = format!("runs “{}”: {}", step.title, step.command_line().unwrap_or_default());
        self.note_step(step, StepOutcome::Begun, &by, words.clone(), Vec::new(), now);
        self.timeline.add(now.world, by.clone(), words, Tone::Plain);
        self.runbook.states.insert(step.title.clone(), StepState::Running { since: now.world, by });
        if let Some(Overlay::Step(dialog)) = &mut self.view.overlay {
            dialog.typed.clear();
        }
        let ticket = self.ticket(Errand::Step(step.title.clone()));
        vec![Effect::Read(ticket, Read::Command(Box::new(command)))]
    }

    /// Space: says that a step is done, or takes it back. Of a command only people know whether it was done elsewhere.
    pub(super) fn tick_step(&mut self, row: usize, now: Now) {
        let Some(step) = self.deck.environment.runbook.get(row).cloned() else { return };
        if self.runbook.is_running(&step.title) {
            return self.say("Its command runs; it can be ticked when that has ended.", false, now);
        }
        let by = self.person();
        let (outcome, words) = if matches!(self.runbook.states.remove(&step.title), Some(StepState::Done { .. })) {
            (StepOutcome::Undone, format!("“{}” is not done after all", step.title))
        } else {
            let done = StepState::Done { at: now.world, by: by.clone() };
            self.runbook.states.insert(step.title.clone(), done);
            (StepOutcome::Done, format!("“{}” is done", step.title))
        };
        self.note_step(&step, outcome, &by, words.clone(), Vec::new(), now);
        self.timeline.add(now.world, by, words, Tone::Plain);
    }

    /// The command of a step has ended.
    pub(super) fn answer_step(&mut self, title: &str, reply: Reply, now: Now) {
        if let Reply::Ran(_, reading) = reply {
            self.end_step(title, reading, now);
        }
    }

    /// The task behind a step's command died.
    pub(super) fn lose_step(&mut self, title: &str, why: &str, now: Now) {
        let ending = Ending::NotRun(why.to_owned());
        let reading =
            CommandReading { at: now.world, took: Duration::ZERO, ending, output: crate::command::Output::default() };
        self.end_step(title, reading, now);
    }

    fn end_step(&mut self, title: &str, reading: CommandReading, now: Now) {
        let by = match self.runbook.states.remove(title) {
            Some(StepState::Running { by, .. }) => by,
            _ => self.person(),
        };
        let outcome = match &reading.ending {
            Ending::Exited(0) => StepOutcome::Passed,
            Ending::Exited(_) | Ending::Killed(_) | Ending::TimedOut(_) => StepOutcome::Failed,
            Ending::NotRun(_) => StepOutcome::NotRun,
        };
        let words = format!("“{title}”: {} after {} s", reading.ending, reading.took.as_secs());
        let is_well = reading.passed();
        self.timeline.add(now.world, "runbook", words.clone(), if is_well { Tone::Good } else { Tone::Bad });
        self.say(format!("Runbook: {words}."), !is_well, now);
        if let Some(step) = self.deck.environment.runbook.iter().find(|step| step.title == title).cloned() {
            self.note_step(&step, outcome, &by, words, reading.output.lines(), now);
        }
        let state = StepState::Ran { by, reading: Box::new(reading), ended: now.wall };
        self.runbook.states.insert(title.to_owned(), state);
    }

    /// The program ends, and with it the commands of the runbook that run.
    pub(super) fn note_cut_steps(&mut self, now: Now) {
        let is_running = |step: &&RunbookStep| self.runbook.is_running(&step.title);
        let cut: Vec<RunbookStep> = self.deck.environment.runbook.iter().filter(is_running).cloned().collect();
        for step in cut {
            let words = format!("“{}” was ended with flightdeck: what it did so far is not known", step.title);
            self.note_step(&step, StepOutcome::Failed, "flightdeck", words, Vec::new(), now);
        }
    }

    fn note_step(
        &mut self,
        step: &RunbookStep,
        outcome: StepOutcome,
        who: &str,
        words: String,
        output: Vec<String>,
        now: Now,
    ) {
        let (title, moment) = (step.title.clone(), step.when.word().to_owned());
        self.note(Kind::Runbook { step: title, moment, outcome, output }, who, words, now);
    }
}
