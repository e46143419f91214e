//! What happened, and what shall be done: the two closed vocabularies around [`App::update`](super::App::update).

use std::collections::BTreeMap;

use crate::{
    command::{Command, CommandReading},
    config::Notify,
    keys::Key,
    probe::{Probe, ProbeReading},
    release::{
        error::CloudError,
        facts::{Alarm, Alias, AliasPointer, Budget, Caller, ProvisionedConcurrency, Receipt, VersionInfo},
        memory::Memory,
        metrics::{Answer, Question},
        names::{Target, Version},
        notice::{Delivery, Notice},
        operation::AliasWrite,
        page::{Entry, Page},
        record::{Action, Past, Site},
        surroundings::{
            Deployment, Surroundings,
            permissions::{Call, Permission, Principal},
        },
    },
};

/// Ties a reply to its question. Late replies to questions that nobody waits for any more are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Time passed. Comes about once a second and after every other event that needs it.
    Tick,
    /// A key was pressed (not repeated, not released).
    Key(Key),
    /// A key is held down: it may move a cursor, but never writes.
    Repeat(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now: columns, rows.
    Resize(u16, u16),
    /// A reply.
    Reply(Ticket, Box<Reply>),
    /// The task behind a ticket died.
    Lost(Ticket, String),
    /// The system asks us to stop.
    Terminate,
}

/// What a question or a write came to.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Who we are.
    Caller(Result<Caller, CloudError>),
    /// An alias.
    Alias(Target, Result<Alias, CloudError>),
    /// A target's versions: a function's, a rule's target groups, an API's deployments.
    Versions(Target, Result<Vec<VersionInfo>, CloudError>),
    /// One version with its state.
    Version(Target, Version, Result<VersionInfo, CloudError>),
    /// All aliases of a target's function.
    Aliases(Target, Result<Vec<AliasPointer>, CloudError>),
    /// Provisioned concurrency of an alias.
    Provisioned(Target, Result<Option<ProvisionedConcurrency>, CloudError>),
    /// What stands around an alias.
    Around(Target, Box<Surroundings>),
    /// The deployments of `CodeDeploy` that run now.
    Deployments(Result<Vec<Deployment>, CloudError>),
    /// What the caller may do.
    Permissions(Result<Vec<Permission>, CloudError>),
    /// Metrics: what was asked, the answer, and how many CloudWatch has billed since the start.
    Metrics(Question, Result<Answer, CloudError>, u64),
    /// Alarms.
    Alarms(Result<Vec<Alarm>, CloudError>),
    /// Budgets.
    Budgets(Result<Vec<Budget>, CloudError>),
    /// What is remembered of the aliases, and a sentence for a person about what could not be read of it.
    Recalled(BTreeMap<Target, Memory>, Option<String>),
    /// Whether it was written down; an error is a sentence for a person.
    Remembered(Result<(), String>),
    /// What a health endpoint answered, by probe.
    Probed(String, ProbeReading),
    /// How a command ended, by name.
    Ran(String, CommandReading),
    /// Whether somebody was told.
    Told(Delivery),
    /// A write's outcome.
    Written(Target, Result<Receipt, CloudError>),
    /// Whether a page is in the journal; else what is left of it, and why in a sentence for a person.
    Journaled(Result<(), (Vec<Entry>, String)>),
    /// The writes of earlier runs whose outcome nobody wrote down.
    Unsettled(Result<Vec<(Site, Action)>, String>),
    /// Past releases, newest first.
    History(Result<Vec<Past>, String>),
    /// Whether a program of this machine is there, if that can be told.
    Process(Option<bool>),
}

/// Something to be done outside. Every effect but the last five ends in a [`Event::Reply`] or [`Event::Lost`].
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Read something. Aborted when the program leaves.
    Read(Ticket, Read),
    /// Change an alias. Awaited when the program leaves.
    Write(Ticket, AliasWrite),
    /// Write down what must be remembered, for this account. Awaited when the program leaves.
    Remember(Ticket, String, Vec<(Target, Memory)>),
    /// Tell somebody who does not look at the screen. Awaited for a moment when the program leaves.
    Tell(Ticket, Notify, Box<Notice>),
    /// Write into the journal: in the order of these effects and of what must be remembered. Awaited when the program
    /// leaves; nothing else waits for it.
    Journal(Ticket, Page),
    /// Give these reads up: nobody waits for them any more, and they must not compete with a rollback.
    Drop(Vec<Ticket>),
    /// Show the environment of this name.
    Show(String),
    /// Ring the terminal's bell.
    Bell,
    /// Leave, once no write is under way.
    Quit,
    /// Leave now.
    Abandon,
}

/// A question to the outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// Who are we?
    Caller,
    /// An alias; urgent reads wait for no pace.
    Alias(Target, Pace),
    /// A target's versions.
    Versions(Target),
    /// One version with its state.
    Version(Target, Version),
    /// All aliases of a target's function.
    Aliases(Target),
    /// Provisioned concurrency of an alias.
    Provisioned(Target),
    /// What stands around an alias, between these two versions: stable and new.
    Around(Target, Version, Version),
    /// The deployments of `CodeDeploy` that run now in these regions; `None` is the environment's own.
    Deployments(Vec<Option<String>>),
    /// What would become of these calls.
    Permissions(Principal, Vec<Call>),
    /// Metrics.
    Metrics(Question),
    /// The alarms of the environment.
    Alarms,
    /// The budgets of the environment, in this account.
    Budgets(String),
    /// What is remembered of these aliases, in this account.
    Recall(String, Vec<Target>),
    /// A health endpoint.
    Probe(Box<Probe>),
    /// A command's exit code. It ends with the program.
    Command(Box<Command>),
    /// Which writes of this account have no outcome in the journal.
    Unsettled(String),
    /// So many past releases of the environment, the newest.
    History(String, u32),
    /// Whether a program of this machine is there, by its number.
    Process(u32),
}

impl Read {
    /// What is read, for the log: never what a probe's address or a command's environment holds.
    pub fn name(&self) -> String {
        match self {
            Self::Probe(probe) => format!("probe {}", probe.name),
            Self::Command(command) => format!("command {}", command.name),
            other => format!("{other:?}"),
        }
    }
}

/// Whether a read keeps to the client-side limit of Lambda calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At most five calls a second, with the others.
    Routine,
    /// At once: a person waits, or traffic is being moved.
    Urgent,
}
