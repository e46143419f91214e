//! A confirmed plan being carried out: one small state machine a function, fed with replies and time, giving orders.
//! It knows what a conflict, a throttled call and a write without a reply mean; it does not know how to call AWS.

mod row;

use std::time::Duration;

use super::{
    error::{CloudError, Trouble},
    facts::Alias,
    names::{RevisionId, Target},
    plan::{Confirmed, Purpose},
    routing::Routing,
};
pub use row::Row;

/// A write to an alias. Only an [`Operation`], and so only a confirmed plan, can make one.
#[derive(Debug, Clone, PartialEq)]
pub struct AliasWrite {
    target: Target,
    routing: Routing,
    revision: Option<RevisionId>,
    description: Option<String>,
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

    /// The description to write; `None` leaves it as it is.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
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
        let mut operation = Self {
            purpose: plan.purpose,
            started: now,
            rows: plan.rows.iter().map(|row| Row::new(row, now)).collect(),
        };
        let orders = operation.rows.iter_mut().filter_map(Row::begin).collect();
        (operation, orders)
    }

    /// Takes more functions into a rollback under way, and starts those again that came to an end. Those that are
    /// under way go on; if they were told to stop, they are not any more. `now` is wall time.
    pub fn join(&mut self, confirmed: &Confirmed, now: Duration) -> Vec<Order> {
        let mut orders = Vec::new();
        for plan in &confirmed.plan().rows {
            let mut row = Row::new(plan, now);
            match self.row_mut(&plan.target) {
                Some(present) if !present.step.is_final() => present.is_stopped = false,
                Some(present) => {
                    orders.extend(row.begin());
                    *present = row;
                }
                None => {
                    orders.extend(row.begin());
                    self.rows.push(row);
                }
            }
        }
        orders
    }

    /// Takes AWS's answer to a write.
    pub fn written(&mut self, target: &Target, reply: Result<Alias, CloudError>, now: Duration) -> Option<Order> {
        let purpose = self.purpose;
        let row = self.row_mut(target)?;
        if row.step != Step::Writing {
            return None;
        }
        match reply {
            Ok(alias) => {
                row.acknowledged.get_or_insert(now.saturating_sub(row.started));
                row.revision = Some(alias.revision);
                Some(row.read())
            }
            Err(error) if error.kind == Trouble::Stale => Some(row.read()),
            Err(error) => row.after_trouble(purpose, error, now),
        }
    }

    /// Takes AWS's answer to a read that this operation ordered.
    pub fn read(&mut self, target: &Target, reply: Result<Alias, CloudError>, now: Duration) -> Option<Order> {
        let purpose = self.purpose;
        let row = self.row_mut(target)?;
        if row.step != Step::Reading {
            return None;
        }
        match reply {
            Ok(alias) => row.after_reading(purpose, alias, now),
            Err(error) => {
                row.after_failed_read(purpose, error, now);
                None
            }
        }
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

    /// Stops retrying. What is on its way is still awaited, but no other write follows it.
    pub fn stop(&mut self) {
        for row in self.rows.iter_mut().filter(|row| !row.step.is_final()) {
            row.is_stopped = true;
            if matches!(row.step, Step::Waiting { .. }) {
                row.step = Step::Stopped;
            }
        }
    }

    /// The alias of a row was read by somebody else than the row: if the row is at its end, nothing about it is
    /// unknown any more.
    pub fn observed(&mut self, target: &Target) {
        if let Some(row) = self.row_mut(target).filter(|row| row.step.is_final()) {
            row.unknown = false;
        }
    }

    /// Whether this is a rollback that has not come to its end.
    pub fn is_rolling_back(&self) -> bool {
        self.purpose.is_roll_back() && !self.is_finished()
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

#[cfg(test)]
mod tests;
