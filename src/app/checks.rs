//! Health probes, commands and the checklist: when each is due, and what it said. They run around a release; what
//! their answers mean for it is for the gates to say.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    timeline::Tone,
};
use crate::{
    clock::Now,
    command::{CommandReading, Ending},
    config::Environment,
    probe::ProbeReading,
    release::{
        checklist::{Checklist, NotTicked},
        gates::{
            command::{CommandResult, End, Moment},
            probe::ProbeResult,
        },
        record::Kind,
        stages::State,
    },
};

/// So many answers of a probe are kept.
const KEPT_ANSWERS: usize = 64;

/// What probes and commands said, and what is ticked off.
#[derive(Debug, Default)]
pub struct Checks {
    /// The answers by probe, oldest first.
    pub probes: BTreeMap<String, Vec<ProbeResult>>,
    /// The last run of each command.
    pub commands: BTreeMap<String, CommandResult>,
    /// What is ticked off.
    pub checklist: Checklist,
    /// Grows with every answer and every tick: what the gates said before may be different now.
    pub(in crate::app) changes: u64,
    /// Probes that wait for their answer.
    asked: BTreeSet<String>,
    /// When each probe is due, world time. One without an entry is due now.
    due: BTreeMap<String, Timestamp>,
    /// Probes whose next answer is told, because it is the first after a change of the traffic.
    told_next: BTreeSet<String>,
    /// Commands that shall run as soon as they do not.
    wanted: BTreeSet<String>,
    /// Commands that run.
    running: BTreeSet<String>,
}

impl Checks {
    /// Nothing has been asked, nothing is ticked.
    pub fn new(environment: &Environment) -> Self {
        Self { checklist: Checklist::new(&environment.checklist), ..Self::default() }
    }

    /// Whether a command runs, or is about to.
    pub fn is_running(&self, command: &str) -> bool {
        self.running.contains(command) || self.wanted.contains(command)
    }

    /// What a probe answered last.
    pub fn last_answer(&self, probe: &str) -> Option<&ProbeResult> {
        self.probes.get(probe)?.last()
    }

    fn keep(&mut self, probe: &str, answer: ProbeResult) {
        let answers = self.probes.entry(probe.to_owned()).or_default();
        answers.push(answer);
        let too_many = answers.len().saturating_sub(KEPT_ANSWERS);
        answers.drain(..too_many);
        self.changes += 1;
    }
}

impl App {
    /// Sends the probes that are due, and starts the commands that are wanted.
    pub(super) fn ask_checks(&mut self, now: Now) -> Vec<Effect> {
        if self.leaving {
            return Vec::new();
        }
        let mut effects = self.ask_probes(now);
        for settings in self.deck.environment.commands.clone() {
            let name = settings.command.name.clone();
            if self.checks.running.contains(&name) || !self.checks.wanted.remove(&name) {
                continue;
            }
            self.checks.running.insert(name.clone());
            let ticket = self.ticket(Errand::Command(name));
            effects.push(Effect::Read(ticket, Read::Command(Box::new(settings.command))));
        }
        effects
    }

    /// Sends the probes that are due. They only look, so a status sends them too.
    pub(super) fn ask_probes(&mut self, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        for settings in self.deck.environment.probes.clone() {
            let name = settings.probe.name.clone();
            let is_due = self.checks.due.get(&name).is_none_or(|due| *due <= now.world);
            if !is_due || !self.checks.asked.insert(name.clone()) {
                continue;
            }
            self.checks.due.insert(name.clone(), later(now.world, settings.every));
            let ticket = self.ticket(Errand::Probe(name));
            effects.push(Effect::Read(ticket, Read::Probe(Box::new(settings.probe))));
        }
        effects
    }

    /// The traffic has changed: the health endpoints are asked at once, and the commands of this moment run.
    pub(super) fn check_anew(&mut self, is_of_this_moment: impl Fn(Moment) -> bool) {
        self.checks.due.clear();
        let environment = &self.deck.environment;
        self.checks.told_next.extend(environment.probes.iter().map(|settings| settings.probe.name.clone()));
        self.want_commands(is_of_this_moment);
    }

    /// Has the commands of a moment run.
    pub(super) fn want_commands(&mut self, is_of_this_moment: impl Fn(Moment) -> bool) {
        let commands = self.deck.environment.commands.iter().filter(|settings| is_of_this_moment(settings.when));
        self.checks.wanted.extend(commands.map(|settings| settings.command.name.clone()));
    }

    /// A probe or a command has come to its end.
    pub(super) fn answer_check(&mut self, reply: Reply, now: Now) {
        match reply {
            Reply::Probed(name, reading) => self.answer_probe(&name, reading, now),
            Reply::Ran(name, reading) => self.answer_command(&name, &reading, now),
            _ => {}
        }
    }

    fn answer_probe(&mut self, name: &str, reading: ProbeReading, now: Now) {
        self.checks.asked.remove(name);
        let version = match (reading.version, reading.sha) {
            (Some(version), Some(sha)) => Some(format!("{version} ({sha})")),
            (version, sha) => version.or(sha),
        };
        let answer = ProbeResult {
            at: reading.at,
            asked: reading.asked,
            refusal: reading.ok.err(),
            status: reading.status,
            ms: f64::from(u32::try_from(reading.ms).unwrap_or(u32::MAX)),
            version,
        };
        let before = self.checks.last_answer(name).map(|last| last.refusal.is_none());
        let is_well = answer.refusal.is_none();
        let is_awaited = self.checks.told_next.remove(name);
        if is_awaited || before != Some(is_well) && (before.is_some() || !is_well) {
            let words = match (&answer.refusal, &answer.version) {
                (Some(why), _) => format!("{name}: {why}"),
                (None, Some(version)) => format!("{name}: well in {} ms, version {version}", answer.ms),
                (None, None) => format!("{name}: well in {} ms", answer.ms),
            };
            self.note(if is_well { Kind::Step } else { Kind::Trouble }, "probe", words.clone(), now);
            self.timeline.add(now.world, "probe", words, if is_well { Tone::Good } else { Tone::Bad });
        }
        self.checks.keep(name, answer);
    }

    fn answer_command(&mut self, name: &str, reading: &CommandReading, now: Now) {
        let end = match &reading.ending {
            Ending::Exited(0) => End::Passed,
            Ending::Exited(_) | Ending::Killed(_) | Ending::TimedOut(_) => End::Failed,
            Ending::NotRun(_) => End::NotRun,
        };
        let last = reading.output.last_line().map(|line| format!(": {line}")).unwrap_or_default();
        let words = match end {
            End::Passed => format!("{name}: passed in {} s", reading.took.as_secs()),
            End::Failed | End::NotRun => format!("{name}: {}{last}", reading.ending),
        };
        let tone = if end == End::Passed { Tone::Good } else { Tone::Bad };
        self.note(if end == End::Passed { Kind::Step } else { Kind::Trouble }, "command", words.clone(), now);
        self.timeline.add(now.world, "command", words, tone);
        self.take_run(name, CommandResult { at: reading.at, end, words: format!("{}{last}", reading.ending) });
    }

    /// The task behind a probe or a command died, which says nothing of the release.
    pub(super) fn lose_probe(&mut self, name: &str, why: &str, now: Now) {
        self.checks.asked.remove(name);
        let refusal = Some(format!("not asked: {why}"));
        self.checks
            .keep(name, ProbeResult { at: now.world, asked: false, refusal, status: None, ms: 0.0, version: None });
    }

    pub(super) fn lose_command(&mut self, name: &str, why: &str, now: Now) {
        let words = format!("not run: {why}");
        self.timeline.add(now.world, "command", format!("{name}: {words}"), Tone::Bad);
        self.take_run(name, CommandResult { at: now.world, end: End::NotRun, words });
    }

    fn take_run(&mut self, name: &str, run: CommandResult) {
        self.checks.running.remove(name);
        self.checks.checklist.ran(name, &run);
        self.checks.commands.insert(name.to_owned(), run);
        self.checks.changes += 1;
    }

    /// Whether a rollback is over, and what was to be run and asked right after it is not. Probes and commands have
    /// their own time limits.
    pub fn is_checking_after_rollback(&self) -> bool {
        let commands = self.commands_after_rollback().any(|name| self.checks.is_running(name));
        self.state() == Some(State::RolledBack) && (commands || !self.checks.told_next.is_empty())
    }

    /// What probes and commands said right after a rollback, a line each; nothing without one.
    pub fn checked_after_rollback(&self) -> Vec<String> {
        if self.state() != Some(State::RolledBack) {
            return Vec::new();
        }
        let probe = |(name, answers): (&String, &Vec<ProbeResult>)| {
            let last = answers.last()?;
            let version = last.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
            Some(format!("{name}: {}", last.refusal.clone().unwrap_or_else(|| format!("well{version}"))))
        };
        let commands = self.commands_after_rollback();
        let runs = commands.filter_map(|name| Some(format!("{name}: {}", self.checks.commands.get(name)?.words)));
        self.checks.probes.iter().filter_map(probe).chain(runs).collect()
    }

    fn commands_after_rollback(&self) -> impl Iterator<Item = &str> {
        let commands = self.deck.environment.commands.iter();
        commands.filter(|settings| settings.when == Moment::RollBack).map(|settings| settings.command.name.as_str())
    }

    /// Ticks an item of the checklist, or takes the tick back.
    ///
    /// # Errors
    /// When the item is not this person's to tick.
    pub fn tick(&mut self, item: &str, now: Now) -> Result<(), NotTicked> {
        let who = self.person();
        let checklist = &mut self.checks.checklist;
        let is_ticked = checklist.items().iter().any(|known| known.settings.name == item && known.is_ticked());
        if is_ticked {
            checklist.untick(item)?;
        } else {
            checklist.tick(item, &who, now.world)?;
        }
        self.checks.changes += 1;
        Ok(())
    }

    /// Who is at the keyboard, as far as the machine and AWS know: `ada (oncall/ada)`. Two people who share a role are
    /// told apart by its session or by the machine's name for them, and two on one machine by their roles.
    pub fn person(&self) -> String {
        let os_user = &self.deck.place.os_user;
        match self.deck.caller.value() {
            Some(caller) => {
                let name = caller.arn.rsplit(':').next().unwrap_or_default();
                let name = name.strip_prefix("assumed-role/").or_else(|| name.strip_prefix("user/")).unwrap_or(name);
                format!("{os_user} ({name})")
            }
            None => os_user.clone(),
        }
    }

    /// Whether every probe has been answered once.
    pub fn are_probes_answered(&self) -> bool {
        self.deck.environment.probes.iter().all(|settings| self.checks.probes.contains_key(&settings.probe.name))
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.checked_add(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
}
