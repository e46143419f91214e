//! A plan: what a move of traffic would do, row by row, before anything is written. Only a plan that was confirmed
//! can become writes, and only this module can confirm one.

mod alias;
mod obstacle;
mod rule;
mod stage;

use super::{
    candidates::newest_above,
    facts::{Alias, ProvisionedConcurrency, VersionInfo},
    memory::Entry,
    names::{Mover, RevisionId, Target, Version},
    routing::{Routing, SplitStyle},
};

/// What a move is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Purpose {
    /// Forward to a share of the traffic, in percent 0–100.
    Shift {
        /// The new version's share, 0–100.
        percent: f64,
    },
    /// Another alias of the function whole, before the first shift: what it shows there decides whether that goes out.
    PreStage,
    /// Back to the stable version.
    RollBack,
    /// Forward again to where a rollback started from.
    Undo,
    /// No traffic moves: the record in the alias names another program from then on, the one that runs the release.
    TakeOver,
    /// No traffic moves: the record is taken out of the alias' description, because the release is over.
    Finish,
}

impl Purpose {
    /// Whether this gives traffic to the new version.
    pub fn is_forward(self) -> bool {
        matches!(self, Self::Shift { .. } | Self::PreStage | Self::Undo)
    }

    /// Whether this leaves every weight as it is.
    pub fn moves_nothing(self) -> bool {
        matches!(self, Self::TakeOver | Self::Finish)
    }

    /// Whether this takes traffic away from the new version. Such a move is never held up.
    pub fn is_roll_back(self) -> bool {
        matches!(self, Self::RollBack)
    }
}

/// What would be written, for every function concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What it is for.
    pub purpose: Purpose,
    /// One row a function.
    pub rows: Vec<PlanRow>,
}

/// One function in a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRow {
    /// The function and alias.
    pub target: Target,
    /// The version to keep; for a refused row as far as it is known.
    pub stable: Version,
    /// The version to release or to withdraw.
    pub new: Version,
    /// Where the traffic goes now.
    pub from: Routing,
    /// Where it would go.
    pub to: Routing,
    /// The revision that `from` was read at. `None` only where a rollback must read first.
    pub revision: Option<RevisionId>,
    /// Why this row cannot be done. It stops the whole plan unless it is taken out.
    pub refusal: Option<String>,
    /// The description to write with the weights; `None` leaves it as it is.
    pub description: Option<String>,
    /// Worth knowing, but no obstacle.
    pub remarks: Vec<String>,
    /// Taken out of the plan by the person.
    pub dropped: bool,
    /// It cannot be split, so nothing is written before the stage of 100 %: until then it waits.
    pub waits: bool,
    /// What a rollback may write over.
    pub overwrites: Overwrites,
}

/// What a rollback may write over. Other moves stop wherever somebody wrote in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrites {
    /// Whatever still sends traffic to the version that is withdrawn, whoever put it there.
    #[default]
    Whatever,
    /// The routing of `from` alone: outside a release, what somebody began meanwhile is none of its business.
    AsSeen,
}

impl PlanRow {
    /// Whether the alias is already as the plan wants it.
    pub fn is_nothing_to_do(&self) -> bool {
        self.refusal.is_none() && self.from.same_traffic(&self.to)
    }

    /// Whether `from` is no more than where the new version would be: a rollback of what nobody has read.
    pub fn is_unread(&self) -> bool {
        self.revision.is_none() && self.from.same_traffic(&Routing::only(self.new))
    }

    fn refused(target: &Target, routing: Routing, why: String) -> Self {
        Self {
            target: target.clone(),
            stable: routing.primary,
            new: routing.primary,
            from: routing,
            to: routing,
            revision: None,
            refusal: Some(why),
            description: None,
            remarks: Vec::new(),
            dropped: false,
            waits: false,
            overwrites: Overwrites::Whatever,
        }
    }
}

/// Why a plan could not be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotConfirmed {
    /// At least one row is refused and was not taken out.
    #[error("{0} cannot be moved; take it out of the plan with Space, or cancel")]
    Refused(Target),
    /// Nothing is left to do.
    #[error("nothing is left in the plan")]
    Empty,
    /// Everything in it waits for 100 %.
    #[error(
        "nothing in this plan can be split: it goes from 0 to 100 % in one step. Plan the stage of 100 % to move it"
    )]
    Whole,
    /// The environment is protected and its name was not typed.
    #[error("{0} is protected: type its name to confirm")]
    Protected(String),
}

/// How a person said yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent<'a> {
    /// `y` in the plan, or `--yes`.
    Yes,
    /// The name of the protected environment that had to be typed, and what was typed.
    Typed {
        /// The environment's name.
        wanted: &'a str,
        /// What the person typed.
        typed: &'a str,
    },
}

/// A plan that somebody confirmed. It cannot be made in any other way than by [`Plan::confirm`].
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmed(Plan);

impl Confirmed {
    /// The plan that was confirmed, without the rows that were taken out.
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    /// Has a description written with each row's weights, where `text` gives one. The weights stay as confirmed.
    pub fn describe(&mut self, text: impl Fn(&PlanRow) -> Option<String>) {
        for row in &mut self.0.rows {
            row.description = text(row);
        }
    }
}

impl Plan {
    /// Confirms the plan.
    ///
    /// # Errors
    /// When a row is refused and still in, when nothing is left, or when a protected environment's name is missing.
    /// A rollback needs no name: getting back to stable is never made harder than one key.
    pub fn confirm(&self, consent: Consent<'_>) -> Result<Confirmed, NotConfirmed> {
        let rows: Vec<PlanRow> = self.rows.iter().filter(|row| !row.dropped).cloned().collect();
        if let Some(row) = rows.iter().find(|row| row.refusal.is_some()) {
            return Err(NotConfirmed::Refused(row.target.clone()));
        }
        if rows.is_empty() {
            return Err(NotConfirmed::Empty);
        }
        if rows.iter().all(|row| row.waits) {
            return Err(NotConfirmed::Whole);
        }
        if let Consent::Typed { wanted, typed } = consent
            && wanted != typed
            && !self.purpose.is_roll_back()
        {
            return Err(NotConfirmed::Protected(wanted.to_owned()));
        }
        Ok(Confirmed(Self { purpose: self.purpose, rows }))
    }

    /// Whether everything that is still in waits for 100 %.
    pub fn only_waits(&self) -> bool {
        let mut rows = self.rows.iter().filter(|row| !row.dropped).peekable();
        rows.peek().is_some() && rows.all(|row| row.waits && row.refusal.is_none())
    }

    /// What it does with a target, if anything.
    pub fn row_of(&self, target: &Target) -> Option<&PlanRow> {
        self.rows.iter().find(|row| row.target == *target)
    }

    /// Whether every row that is still in can be done, and there is more to do than to wait.
    pub fn is_sound(&self) -> bool {
        self.rows.iter().any(|row| !row.dropped && !row.waits)
            && self.rows.iter().all(|row| row.dropped || row.refusal.is_none())
    }
}

/// What has to be known of a target before it can be shifted.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The function and alias.
    pub target: &'a Target,
    /// The alias, as just read.
    pub alias: &'a Alias,
    /// The release under way, if the function is part of one.
    pub entry: Option<&'a Entry>,
    /// Outside a release: the version to release.
    pub candidate: Option<Version>,
    /// Why there is no candidate, for the refusal.
    pub no_candidate: &'a str,
    /// The function's versions.
    pub versions: &'a [VersionInfo],
    /// Provisioned concurrency on the alias.
    pub provisioned: Option<&'a ProvisionedConcurrency>,
}

impl<'a> Known<'a> {
    /// Whether it goes from 0 to 100 % in one step: a stage of a REST API always, and an alias with provisioned
    /// concurrency, on which AWS refuses weights.
    pub fn is_whole(&self) -> bool {
        !self.target.can_split() || self.provisioned.is_some() || self.entry.is_some_and(|entry| entry.whole)
    }

    fn info(&self, version: Version) -> Option<&'a VersionInfo> {
        self.versions.iter().find(|info| info.version == version)
    }
}

/// The row for a forward move of one function to `percent` (0–100).
pub fn shift_row(known: Known<'_>, percent: f64, style: SplitStyle) -> PlanRow {
    let routing = known.alias.routing;
    let refuse = |why: String| PlanRow::refused(known.target, routing, why);
    if let Some(why) =
        Some(known).filter(|known| known.target.kind == Mover::Rule).and_then(|known| rule::shape(&known))
    {
        return refuse(why);
    }
    let (stable, new) = match known.entry {
        Some(entry) => (entry.stable, entry.new),
        None if routing.is_split() && known.provisioned.is_some_and(|moving| moving.status == "IN_PROGRESS") => {
            return refuse(format!(
                "AWS is moving the alias' provisioned concurrency ({routing}, by its own weights); wait until that is done"
            ));
        }
        None if routing.is_split() => {
            return refuse(format!(
                "somebody else split the traffic ({routing}) and no release is on record here; roll back or finish that first"
            ));
        }
        None => match known.candidate {
            Some(candidate) => (routing.primary, candidate),
            None => return refuse(known.no_candidate.to_owned()),
        },
    };
    let waits = percent < 100.0 && known.is_whole();
    let goal = Routing::at_percent(stable, new, if waits { 100.0 } else { percent }, style);
    let mut row = PlanRow {
        target: known.target.clone(),
        stable,
        new,
        from: routing,
        to: goal,
        revision: Some(known.alias.revision.clone()),
        refusal: None,
        description: None,
        remarks: Vec::new(),
        dropped: false,
        waits: false,
        overwrites: Overwrites::Whatever,
    };
    row.refusal = obstacle::of(&known, &row);
    row.remarks = obstacle::remarks(&known, &row);
    if waits {
        row.to = routing;
        row.waits = true;
    }
    if let Some(newer) = newest_above(known.versions, new).filter(|_| known.entry.is_some()) {
        row.remarks.push(format!("newer version {newer} exists; it needs a release of its own"));
    }
    row
}

/// What is said of a row that waits.
pub const WAITS: &str = "goes at 100 %: it cannot be split";
/// What is said where AWS has no revision to send along.
pub const COMPARED: &str = "no revision there: it is read and compared right before the write";

/// Who made a target will find it changed.
fn drift(stack: &str, what: &str) -> String {
    format!("CloudFormation's stack {stack} made it: its next update may put its own {what} back")
}

/// The row for taking one function back to `stable`.
pub fn roll_back_row(target: &Target, alias: Option<&Alias>, stable: Version, new: Version) -> PlanRow {
    let from = alias.map_or(Routing::only(new), |alias| alias.routing);
    PlanRow {
        target: target.clone(),
        stable,
        new,
        from,
        to: Routing::only(stable),
        revision: alias.map(|alias| alias.revision.clone()),
        refusal: None,
        description: None,
        remarks: Vec::new(),
        dropped: false,
        waits: false,
        overwrites: Overwrites::Whatever,
    }
}

#[cfg(test)]
mod tests;
