//! One function of an operation: what each answer means for it, and when to try again. It knows neither the other
//! functions nor who asked for the move.

use std::time::Duration;

use super::{AliasWrite, Order, Step, Try};
use crate::release::{
    carried,
    error::{CloudError, Trouble},
    facts::Alias,
    names::{RevisionId, Target, Version},
    plan::{Overwrites, PlanRow, Purpose},
    routing::Routing,
};

/// How often a forward write is tried before it counts as failed. A rollback is tried until it is done or stopped.
pub(super) const FORWARD_ATTEMPTS: u32 = 4;
/// The first pause before a retry; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// A `Retry-After` is honoured up to here: a rollback does not wait for minutes because a header says so.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10);
/// So many writes of a rollback follow each other without a pause, however often somebody else writes in between.
const WRITES_WITHOUT_PAUSE: u32 = 3;

/// One function's progress.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The function and alias.
    pub target: Target,
    /// The version to keep.
    pub stable: Version,
    /// The version to release or to withdraw.
    pub new: Version,
    /// Where the traffic went; a guess while it is unread.
    pub from: Routing,
    /// Where it shall go.
    pub to: Routing,
    /// How often a write was sent.
    pub attempts: u32,
    /// From the start to AWS's acknowledgement, once there is one.
    pub acknowledged: Option<Duration>,
    /// Where it stands.
    pub step: Step,
    /// It cannot be split: nothing is written before the stage of 100 %.
    pub waits: bool,
    /// What a rollback may write over.
    overwrites: Overwrites,
    /// Wall time at which it started.
    pub(super) started: Duration,
    /// The revision to send next.
    pub(super) revision: Option<RevisionId>,
    /// Whether one of our writes may have taken effect without our knowing.
    pub(super) unknown: bool,
    /// How many reads in a row got no answer.
    failed_reads: u32,
    /// Whether the person wants no more tries.
    pub(super) is_stopped: bool,
    /// What the last try met, if it was trouble.
    trouble: Option<CloudError>,
    /// The description to write with the weights.
    description: Option<String>,
}

impl Row {
    pub(super) fn new(plan: &PlanRow, now: Duration) -> Self {
        Self {
            target: plan.target.clone(),
            stable: plan.stable,
            new: plan.new,
            from: plan.from,
            to: plan.to,
            attempts: 0,
            acknowledged: None,
            step: Step::NothingToDo,
            waits: plan.waits,
            overwrites: plan.overwrites,
            started: now,
            revision: plan.revision.clone(),
            unknown: false,
            failed_reads: 0,
            is_stopped: false,
            trouble: None,
            description: plan.description.clone(),
        }
    }

    /// A row of a plan that is not carried out yet.
    pub fn planned(plan: &PlanRow) -> Self {
        Self::new(plan, Duration::ZERO)
    }

    /// The revision that the next write would send.
    pub fn revision(&self) -> Option<&RevisionId> {
        self.revision.as_ref()
    }

    /// Whether nobody has read where the traffic went: `from` is where the new version would be then.
    pub fn is_unread(&self) -> bool {
        self.revision.is_none() && self.from.same_traffic(&Routing::only(self.new))
    }

    /// Whether a write of this row is on its way or got no answer, so that the alias may be as the row wants it
    /// although nobody has read that.
    pub fn may_have_taken_effect(&self) -> bool {
        match self.step {
            Step::Writing | Step::Reading | Step::Waiting { .. } => true,
            Step::Failed(_) | Step::Stopped => self.unknown,
            Step::Done | Step::NothingToDo | Step::Conflict(_) => false,
        }
    }

    /// The first order: write at once where the revision is known, read first where it is not.
    pub(super) fn begin(&mut self) -> Option<Order> {
        if self.revision.is_none() {
            return Some(self.read());
        }
        if self.from.same_traffic(&self.to) && self.description.is_none() {
            return None;
        }
        Some(self.write())
    }

    pub(super) fn write(&mut self) -> Order {
        self.attempts += 1;
        self.step = Step::Writing;
        Order::Write(AliasWrite {
            target: self.target.clone(),
            routing: self.to,
            revision: self.revision.clone(),
            description: self.description.clone(),
        })
    }

    pub(super) fn read(&mut self) -> Order {
        self.step = Step::Reading;
        Order::Read(self.target.clone())
    }

    /// A forward move that finds the wanted routing after a conflict may claim it only if a write of its own could
    /// have put it there; a rollback is content whoever did it.
    fn may_claim_success(&self, purpose: Purpose) -> bool {
        purpose.is_roll_back() || self.unknown || self.acknowledged.is_some()
    }

    /// Who takes a release over changes no weight: there the text tells whether it happened.
    fn is_as_wanted(&self, purpose: Purpose, alias: &Alias) -> bool {
        let is_named = || self.description.as_ref().is_none_or(|text| *text == alias.description);
        alias.routing.same_traffic(&self.to) && (purpose != Purpose::TakeOver || is_named())
    }

    /// The alias as it is now: done, somebody else's, or to be written again.
    pub(super) fn after_reading(&mut self, purpose: Purpose, alias: Alias, now: Duration) -> Option<Order> {
        self.failed_reads = 0;
        if self.is_unread() {
            (self.from, self.revision) = (alias.routing, Some(alias.revision.clone()));
        }
        if self.is_as_wanted(purpose, &alias) && self.may_claim_success(purpose) {
            self.acknowledged.get_or_insert(now.saturating_sub(self.started));
            self.step = if self.attempts == 0 { Step::NothingToDo } else { Step::Done };
            return None;
        }
        let go_on = match purpose {
            // As long as the withdrawn version still gets traffic, whoever wrote the alias, it is taken back.
            Purpose::RollBack => {
                let is_as_seen = self.overwrites == Overwrites::Whatever || alias.routing.same_traffic(&self.from);
                alias.routing.reaches(self.new) && is_as_seen
            }
            Purpose::Shift { .. } | Purpose::PreStage | Purpose::Undo | Purpose::TakeOver | Purpose::Finish => {
                self.revision.as_ref() == Some(&alias.revision) && self.acknowledged.is_none()
            }
        };
        if !go_on {
            self.step = Step::Conflict(alias);
            return None;
        }
        if self.is_stopped {
            self.step = Step::Stopped;
            return None;
        }
        if !purpose.is_roll_back()
            && self.attempts >= FORWARD_ATTEMPTS
            && let Some(error) = self.trouble.take()
        {
            // It was read: nothing of it has taken effect, and none of it can any more once the alias changes.
            self.step = Step::Failed(error);
            return None;
        }
        if purpose.is_roll_back() {
            // Somebody wrote in between: what they put there stays, only a release record is taken out.
            let (human, carried) = carried::read(&alias.description);
            self.description = carried.is_some().then(|| human.to_owned());
        }
        self.revision = Some(alias.revision);
        if self.attempts >= WRITES_WITHOUT_PAUSE {
            self.wait(Trouble::Stale, Try::Write, None, now);
            return None;
        }
        Some(self.write())
    }

    pub(super) fn after_failed_read(&mut self, purpose: Purpose, error: CloudError, now: Duration) {
        let may_go_on = purpose.is_roll_back() || self.failed_reads < FORWARD_ATTEMPTS;
        if !error.kind.is_passing() || !may_go_on {
            self.unknown |= self.attempts > 0;
            self.step = Step::Failed(error);
            return;
        }
        self.failed_reads += 1;
        self.wait(error.kind, Try::Read, error.retry_after, now);
    }

    pub(super) fn after_trouble(&mut self, purpose: Purpose, error: CloudError, now: Duration) -> Option<Order> {
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
        self.wait(error.kind, then, error.retry_after, now);
        self.trouble = Some(error);
        None
    }

    fn wait(&mut self, because: Trouble, then: Try, retry_after: Option<Duration>, now: Duration) {
        if self.is_stopped {
            self.step = Step::Stopped;
            return;
        }
        let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        self.step = Step::Waiting { until: now + self.pause(now).max(asked), because, then };
    }

    /// The pause before the next try: it doubles up to a limit, with up to a half of jitter, so that ten functions
    /// that were throttled together do not come back together. The jitter is drawn from the name and the time.
    fn pause(&self, now: Duration) -> Duration {
        let tries = (self.attempts + self.failed_reads).saturating_sub(1);
        let doubled = FIRST_PAUSE.saturating_mul(1 << tries.min(6)).min(LONGEST_PAUSE);
        let seed = self
            .target
            .function
            .as_str()
            .bytes()
            .fold(now.subsec_nanos(), |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
        doubled.mul_f64(0.75 + f64::from(seed % 1000) / 2000.0)
    }
}
