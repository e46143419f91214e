//! The state of the program and its one writer: events go in, effects come out. Nothing here waits, reads a clock,
//! or knows AWS's SDK or the terminal.
//!
//! [`App::update`] is the whole program. What it does is spread over rooms by topic: `asking` decides what is read
//! when, `answering` takes replies in, `input` turns keys into actions, `acting` carries actions out, `planning` builds
//! plans, `confirming` says yes to them, `moving` carries confirmed ones out, `rolling_back` is R, `running` runs a
//! release, `owning` says whose it is, and `notifying` has others told of it.

pub mod acting;
mod alive;
pub mod answering;
pub mod around;
pub mod asking;
mod awaiting;
mod beginning;
mod carrying;
pub mod checks;
mod comparing;
mod confirming;
pub mod deck;
mod ending;
pub mod event;
mod gone_back;
pub mod input;
pub mod journaling;
pub mod judging;
pub mod left_alone;
mod left_out;
pub mod lens;
mod looking;
pub mod metric_schedule;
pub mod moving;
pub mod neighbours;
mod notifying;
mod owed;
pub mod owning;
pub mod panels;
mod past;
pub mod planning;
mod pre_stage_record;
mod pre_staging;
pub mod reading;
pub mod rolling_back;
pub mod runbook;
pub mod running;
mod second_look;
pub mod selection;
pub mod sides;
pub mod spending;
mod ticked;
pub mod timeline;
mod unread;
mod unsure;
pub mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    clock::Now,
    config::{Config, Environment, ReleaseSettings},
    keys::Keymap,
    release::{
        gates::{Gate, GateResult},
        memory::Memory,
        metrics::store::MetricStore,
        names::{ReleaseId, Target},
        notice::{Delivery, Occasion},
        operation::Operation,
        plan::Confirmed,
        record::Past,
        stages::Course,
    },
};
use around::Around;
use asking::Scope;
use awaiting::Awaiting;
use checks::Checks;
use deck::{Deck, Whereabouts};
use event::{Effect, Event, Ticket};
use journaling::Journaling;
use judging::Judging;
use neighbours::Neighbour;
use planning::Gathering;
use pre_staging::PreStages;
use runbook::Runbook;
use running::{Running, weighing::Sight};
use second_look::SecondLook;
use timeline::Timeline;
use view::{Toast, View};

/// The whole program, as data.
#[derive(Debug)]
pub struct App {
    /// How releases are run.
    pub release: ReleaseSettings,
    /// Whether times are shown in UTC.
    pub utc: bool,
    /// What is known about the environment.
    pub deck: Deck,
    /// The points that CloudWatch gave.
    pub metrics: MetricStore,
    /// What happened, oldest first.
    pub timeline: Timeline,
    /// The shift or rollback under way, or the last one.
    pub operation: Option<Operation>,
    /// What the person is looking at.
    pub view: View,
    /// What each key means.
    pub keymap: Keymap,
    /// How a release is run here.
    pub course: Course,
    /// What must hold for a release to go on.
    pub gates: Vec<Gate>,
    /// What they say before a release.
    pub preflight: Vec<GateResult>,
    /// Ringing alarms that somebody acknowledged before the first shift.
    pub acknowledged: BTreeSet<String>,
    /// Probes, commands, the checklist.
    pub checks: Checks,
    /// What became of the runbook's steps.
    pub runbook: Runbook,
    /// The functions of the release on trial.
    pub judging: Judging,
    /// The release that is run, or the last one.
    pub running: Option<Running>,
    /// What the gates looked at last.
    sight: Option<Sight>,
    /// Who was told of what, oldest first; times are world time.
    pub deliveries: Vec<(Timestamp, Delivery)>,
    /// The environments of the configuration, this one among them; empty where there is one alone.
    pub neighbours: Vec<Neighbour>,
    /// Why the person wanted the next move, for the record.
    pub reason: Option<String>,
    /// Past releases as they were last read; an error is a sentence for a person.
    pub past: Option<Result<Vec<Past>, String>>,
    /// What the journal knows of this run.
    journaling: Journaling,
    /// Set once the program is on its way out and waits for writes.
    pub leaving: bool,
    /// Wall time at which it began to leave: one key held down is no second Ctrl-C.
    leaving_since: Duration,
    /// What stands around the functions.
    around: Around,
    /// What the plan on screen waits for.
    awaiting: Option<Awaiting>,
    /// Aliases that are tried before a first shift.
    pre_stages: PreStages,
    /// The plan that is being put together.
    gathering: Option<Gathering>,
    /// What is read in this run.
    scope: Scope,
    /// What R meant and nobody had read yet.
    owed: Option<owed::Owed>,
    /// Where a write of an earlier run may still arrive after the last rollback.
    unsure: unsure::Unsure,
    /// The program of this machine that runs the release seen here.
    other_program: alive::OtherProgram,
    /// Whether what begins belongs to the rollback that is over already: both are one on the screen.
    is_following: bool,
    /// What R reads where no release is known.
    second_look: Option<SecondLook>,
    /// What the last rollback left alone although the release may have moved it.
    pub(crate) left_behind: Vec<left_alone::LeftAlone>,
    /// Why the record of a release could not be written where others would see it, by what was moved: said once each.
    pub unrecorded: BTreeMap<Target, String>,
    /// When and what to ask of CloudWatch.
    metric_schedule: asking::MetricSchedule,
    /// What each question that is under way is for.
    errands: BTreeMap<Ticket, Errand>,
    next_ticket: u64,
}

/// What a question or a write is for, so that its reply finds its way.
#[derive(Debug, Clone, PartialEq)]
enum Errand {
    /// A scheduled reading: the reading itself knows its ticket.
    Reading,
    /// What stands around a function, for the plan of a first shift.
    Around,
    /// Something a plan needs.
    Planning(Target),
    /// A read or a write of the operation under way.
    Moving(Target),
    /// The record of a release that must be on disk before its first write leaves.
    Record(Confirmed, Vec<(Target, Memory)>),
    /// A note that nothing waits for.
    Note,
    /// A notice, to the receiver of this name.
    Telling(String, Occasion),
    /// Past releases.
    History,
    /// What was ticked off in this release before the program started.
    Ticks(ReleaseId),
    /// A page for the journal.
    Journal,
    /// Writes of earlier runs that nobody settled.
    Unsettled,
    /// The same, for a rollback that must know at this moment.
    Unsure,
    /// Whether the program of this name, which runs the release, is still there.
    Process(String),
    /// Metrics: everything is in the reply.
    Metrics,
    /// What is remembered of the aliases.
    Recall,
    /// A health probe, by name.
    Probe(String),
    /// A command, by name.
    Command(String),
    /// The command of a step of the runbook, by title.
    Step(String),
}

impl App {
    /// The program at its start. Nothing is known yet and nothing has been asked.
    pub fn new(config: &Config, environment: Environment, place: Whereabouts, scope: Scope, keymap: Keymap) -> Self {
        let view = View { theme: config.theme.clone(), ..View::default() };
        let speed = place.speed;
        Self {
            release: config.release.clone(),
            utc: config.utc,
            metrics: MetricStore::default(),
            timeline: Timeline::default(),
            operation: None,
            view,
            keymap,
            course: course(&config.release, &environment, speed),
            gates: environment.gates.clone(),
            preflight: Vec::new(),
            acknowledged: BTreeSet::new(),
            checks: Checks::new(&environment),
            runbook: Runbook::default(),
            judging: Judging::default(),
            running: None,
            sight: None,
            deck: Deck::new(environment, place),
            deliveries: Vec::new(),
            neighbours: Vec::new(),
            reason: None,
            past: None,
            journaling: Journaling::default(),
            leaving: false,
            leaving_since: Duration::ZERO,
            around: Around::default(),
            awaiting: None,
            pre_stages: PreStages::default(),
            gathering: None,
            scope,
            owed: None,
            unsure: unsure::Unsure::default(),
            other_program: alive::OtherProgram::default(),
            is_following: false,
            second_look: None,
            left_behind: Vec::new(),
            unrecorded: BTreeMap::new(),
            metric_schedule: asking::MetricSchedule::default(),
            errands: BTreeMap::new(),
            next_ticket: 0,
        }
    }

    /// Takes in what happened and says what shall be done. The only writer of the state.
    pub fn update(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let mut effects = match event {
            Event::Tick => Vec::new(),
            Event::Key(key) => self.press(key, now),
            Event::Repeat(key) => self.repeat(key, now),
            Event::Paste(text) => {
                self.paste(&text);
                Vec::new()
            }
            Event::Resize(columns, rows) => {
                self.view.size = (columns, rows);
                Vec::new()
            }
            Event::Reply(ticket, reply) => self.answer(ticket, *reply, now),
            Event::Lost(ticket, why) => self.lose(ticket, &why, now),
            Event::Terminate => self.leave(now),
        };
        effects.extend(self.carry_on(now));
        effects.extend(self.look_on(now));
        effects.extend(self.take_back_owed(now));
        effects.extend(self.settle_unsure(now));
        effects.extend(self.pre_stage_on(now));
        effects.extend(self.await_versions(now));
        effects.extend(self.run_on(now));
        effects.extend(self.look_for_owner(now));
        effects.extend(self.ask(now));
        effects.extend(self.keep_journal(now));
        self.tidy(now);
        effects
    }

    /// Shows a short message for a few seconds of wall time.
    pub(crate) fn say(&mut self, text: impl Into<String>, bad: bool, now: Now) {
        let lasting = Duration::from_secs(if bad { 12 } else { 5 });
        self.view.toast = Some(Toast { text: text.into(), bad, until: now.wall + lasting });
    }

    fn ticket(&mut self, errand: Errand) -> Ticket {
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        self.errands.insert(ticket, errand);
        ticket
    }

    /// Starts to leave: at once where nothing is under way, else when the operation has come to its end. Forward
    /// moves stop retrying, and those that are not recorded yet are called off; a rollback goes on until it is done.
    pub(crate) fn leave(&mut self, now: Now) -> Vec<Effect> {
        if self.leaving {
            let is_second = now.wall >= self.leaving_since + planning::READING_TIME;
            return if is_second { vec![Effect::Abandon] } else { Vec::new() };
        }
        self.leaving = true;
        self.leaving_since = now.wall;
        self.call_off(now);
        let effects = if self.is_rolling_back() { Vec::new() } else { self.stop_retries(now) };
        if self.is_moving() {
            self.view.overlay = Some(view::Overlay::Progress);
            self.say("Leaving as soon as AWS has answered what is under way. Ctrl-C leaves now.", false, now);
            return effects;
        }
        if effects.contains(&Effect::Quit) { effects } else { vec![Effect::Quit] }
    }

    /// Whether a confirmed plan is being carried out.
    pub fn is_moving(&self) -> bool {
        self.operation.as_ref().is_some_and(|operation| !operation.is_finished())
            || self.errands.values().any(|errand| matches!(errand, Errand::Record(..)))
            || self.is_pre_staging()
    }

    /// Lets go of what has had its time, and keeps the cursor inside the table.
    fn tidy(&mut self, now: Now) {
        if self.view.toast.as_ref().is_some_and(|toast| toast.until <= now.wall) {
            self.view.toast = None;
        }
        self.view.row = self.view.row.min(self.visible_functions().count().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests;

/// How a release is run by default. A countdown is for people, so it is as long in wall time however fast a world runs.
fn course(release: &ReleaseSettings, environment: &Environment, speed: f64) -> Course {
    let default = Course::default();
    Course {
        rollback: environment.rollback,
        on_undecided: release.on_undecided,
        stages: release.stages.iter().copied().map(f64::from).collect(),
        bake: release.bake,
        watch: release.watch,
        countdown: default.countdown.mul_f64(speed.max(1.0)),
        ..default
    }
}
