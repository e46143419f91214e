//! A confirmed plan being carried out: one small state machine a function, fed with replies and time, giving orders.
//! It knows what a conflict, a throttled call and a write without a reply mean; it does not know how to call AWS.

use std::time::Duration;

use super::{
    error::{CloudError, Trouble},
    facts::Alias,
    names::{RevisionId, Target, Version},
    plan::{Confirmed, PlanRow, Purpose},
    routing::Routing,
};

/// How often a forward write is tried before it counts as failed. A rollback is tried until it is done or stopped.
const FORWARD_ATTEMPTS: u32 = 4;
/// The first pause before a retry; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A write to an alias. Only an [`Operation`], and so only a confirmed plan, can make one.
#[derive(Debug, Clone, PartialEq)]
pub struct AliasWrite {
    target: Target,
    routing: Routing,
    revision: Option<RevisionId>,
}

impl AliasWrite {
    /// The alias to write.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The routing to write, with an explicit map.
    pub fn routing(&self) -> &Routing {
        &self.routing
    }

    /// The revision that makes the write conditional.
    pub fn revision(&self) -> Option<&RevisionId> {
        self.revision.as_ref()
    }
}

/// What the operation wants done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Send this write, without retries of its own.
    Write(AliasWrite),
    /// Read this alias now, ahead of everything else.
    Read(Target),
}

/// A confirmed plan under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it is for.
    pub purpose: Purpose,
    /// Wall time at which it started.
    pub started: Duration,
    /// One row a function.
    pub rows: Vec<Row>,
}

/// One function's progress.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The function and alias.
    pub target: Target,
    /// The version to keep.
    pub stable: Version,
    /// The version to release or to withdraw.
    pub new: Version,
    /// Where the traffic went.
    pub from: Routing,
    /// Where it shall go.
    pub to: Routing,
    /// How often a write was sent.
    pub attempts: u32,
    /// From the start to AWS's acknowledgement, once there is one.
    pub acknowledged: Option<Duration>,
    /// Where it stands.
    pub step: Step,
    /// The revision to send next.
    revision: Option<RevisionId>,
    /// Whether one of our writes may have taken effect without our knowing.
    unknown: bool,
    /// How many reads in a row got no answer.
    failed_reads: u32,
}

/// Where one function stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `UpdateAlias` is on its way.
    Writing,
    /// `GetAlias` is on its way: to read back, after a conflict, or because a write had no reply.
    Reading,
    /// Waiting to try again.
    Waiting {
        /// Wall time of the next try.
        until: Duration,
        /// Why.
        because: Trouble,
        /// What is tried then.
        then: Try,
    },
    /// As the plan wanted, and read back.
    Done,
    /// It was so already.
    NothingToDo,
    /// Somebody else changed the alias; this is how it is now. Nothing was overwritten.
    Conflict(Alias),
    /// It did not work, and trying again would not help.
    Failed(CloudError),
    /// The person stopped the retries.
    Stopped,
}

/// What follows a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// Send the write again.
    Write,
    /// Read the alias first: the write may have taken effect.
    Read,
}

impl Step {
    /// Whether nothing more will happen.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Writing | Self::Reading | Self::Waiting { .. } => false,
            Self::Done | Self::NothingToDo | Self::Conflict(_) | Self::Failed(_) | Self::Stopped => true,
        }
    }

    /// Whether the alias is as it was wanted.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Done | Self::NothingToDo)
    }
}

impl Operation {
    /// Starts a confirmed plan: every function at once. `now` is wall time.
    pub fn start(confirmed: &Confirmed, now: Duration) -> (Self, Vec<Order>) {
        let plan = confirmed.plan();
        let mut operation =
            Self { purpose: plan.purpose, started: now, rows: plan.rows.iter().map(Row::waiting_to_start).collect() };
        let orders = operation.rows.iter_mut().filter_map(Row::begin).collect();
        (operation, orders)
    }

    /// Takes AWS's answer to a write.
    pub fn written(&mut self, target: &Target, reply: Result<Alias, CloudError>, now: Duration) -> Option<Order> {
        let (purpose, started) = (self.purpose, self.started);
        let row = self.row_mut(target)?;
        if row.step != Step::Writing {
            return None;
        }
        match reply {
            Ok(alias) => {
                row.acknowledged.get_or_insert(now.saturating_sub(started));
                row.revision = Some(alias.revision);
                Some(row.read())
            }
            Err(error) if error.kind == Trouble::Stale => Some(row.read()),
            Err(error) => row.after_trouble(purpose, error, now),
        }
    }

    /// Takes AWS's answer to a read that this operation ordered.
    pub fn read(&mut self, target: &Target, reply: Result<Alias, CloudError>, now: Duration) -> Option<Order> {
        let (purpose, started) = (self.purpose, self.started);
        let row = self.row_mut(target)?;
        if row.step != Step::Reading {
            return None;
        }
        let alias = match reply {
            Ok(alias) => alias,
            Err(error)
                if error.kind.is_passing() && (purpose.is_roll_back() || row.failed_reads < FORWARD_ATTEMPTS) =>
            {
                row.failed_reads += 1;
                row.wait(error.kind, Try::Read, now);
                return None;
            }
            Err(error) => {
                row.step = Step::Failed(error);
                return None;
            }
        };
        if alias.routing.same_traffic(&row.to) && row.may_claim_success(purpose) {
            row.acknowledged.get_or_insert(now.saturating_sub(started));
            row.step = if row.attempts == 0 { Step::NothingToDo } else { Step::Done };
            return None;
        }
        row.failed_reads = 0;
        let unchanged = row.revision.as_ref() == Some(&alias.revision);
        let go_on = match purpose {
            // As long as the withdrawn version still gets traffic, whoever wrote the alias, it is taken back.
            Purpose::RollBack => alias.routing.reaches(row.new),
            Purpose::Shift { .. } | Purpose::Undo => unchanged && row.acknowledged.is_none(),
        };
        if !go_on {
            row.step = Step::Conflict(alias);
            return None;
        }
        row.revision = Some(alias.revision);
        Some(row.write())
    }

    /// Sends what was waiting and is due. `now` is wall time.
    pub fn due(&mut self, now: Duration) -> Vec<Order> {
        let mut orders = Vec::new();
        for row in &mut self.rows {
            if let Step::Waiting { until, then, .. } = row.step
                && until <= now
            {
                orders.push(match then {
                    Try::Write => row.write(),
                    Try::Read => row.read(),
                });
            }
        }
        orders
    }

    /// Stops retrying. What is on its way is still awaited.
    pub fn stop(&mut self) {
        for row in &mut self.rows {
            if matches!(row.step, Step::Waiting { .. }) {
                row.step = Step::Stopped;
            }
        }
    }

    /// Whether every row has come to its end.
    pub fn is_finished(&self) -> bool {
        self.rows.iter().all(|row| row.step.is_final())
    }

    /// Wall time of the next try, if any row waits.
    pub fn next_due(&self) -> Option<Duration> {
        self.rows
            .iter()
            .filter_map(|row| match row.step {
                Step::Waiting { until, .. } => Some(until),
                _ => None,
            })
            .min()
    }

    /// The row of a target.
    pub fn row(&self, target: &Target) -> Option<&Row> {
        self.rows.iter().find(|row| row.target == *target)
    }

    fn row_mut(&mut self, target: &Target) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.target == *target)
    }
}

impl Row {
    fn waiting_to_start(plan: &PlanRow) -> Self {
        Self {
            target: plan.target.clone(),
            stable: plan.stable,
            new: plan.new,
            from: plan.from,
            to: plan.to,
            attempts: 0,
            acknowledged: None,
            step: Step::NothingToDo,
            revision: plan.revision.clone(),
            unknown: false,
            failed_reads: 0,
        }
    }

    /// The first order: write at once where the revision is known, read first where it is not.
    fn begin(&mut self) -> Option<Order> {
        if self.revision.is_none() {
            return Some(self.read());
        }
        if self.from.same_traffic(&self.to) {
            return None;
        }
        Some(self.write())
    }

    fn write(&mut self) -> Order {
        self.attempts += 1;
        self.step = Step::Writing;
        Order::Write(AliasWrite { target: self.target.clone(), routing: self.to, revision: self.revision.clone() })
    }

    fn read(&mut self) -> Order {
        self.step = Step::Reading;
        Order::Read(self.target.clone())
    }

    /// A forward move that finds the wanted routing after a conflict may claim it only if a write of its own could
    /// have put it there; a rollback is content whoever did it.
    fn may_claim_success(&self, purpose: Purpose) -> bool {
        purpose.is_roll_back() || self.unknown || self.acknowledged.is_some()
    }

    fn after_trouble(&mut self, purpose: Purpose, error: CloudError, now: Duration) -> Option<Order> {
        if !error.kind.is_passing() {
            self.step = Step::Failed(error);
            return None;
        }
        self.unknown |= error.kind.leaves_unknown();
        if !purpose.is_roll_back() && self.attempts >= FORWARD_ATTEMPTS && !error.kind.leaves_unknown() {
            self.step = Step::Failed(error);
            return None;
        }
        let then = if error.kind.leaves_unknown() { Try::Read } else { Try::Write };
        self.wait(error.kind, then, now);
        None
    }

    fn wait(&mut self, because: Trouble, then: Try, now: Duration) {
        self.step = Step::Waiting { until: now + self.pause(now), because, then };
    }

    /// The pause before the next try: it doubles up to a limit, with up to a half of jitter, so that ten functions
    /// that were throttled together do not come back together. The jitter is drawn from the name and the time.
    fn pause(&self, now: Duration) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.attempts.saturating_sub(1).min(6)).min(LONGEST_PAUSE);
        let seed = self
            .target
            .function
            .as_str()
            .bytes()
            .fold(now.subsec_nanos(), |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
        doubled.mul_f64(0.75 + f64::from(seed % 1000) / 2000.0)
    }
}
