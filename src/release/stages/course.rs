//! What was agreed on: the course of a release (its stages, times and policies) and the mandate, which only a
//! confirmed plan, or the record that one left, can give. Without a mandate nothing is ever moved.

use std::time::Duration;

use crate::release::{
    memory::Entry,
    names::{Target, Version},
    plan::{Confirmed, Purpose},
};

/// How a release is to be run. Times are world time.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The new version's share stage by stage, rising, in percent 1–100.
    pub stages: Vec<f64>,
    /// How long a stage is held before the next.
    pub bake: Duration,
    /// How long the release is watched after its last stage.
    pub watch: Duration,
    /// Whether it goes from stage to stage by itself.
    pub advance: Advance,
    /// What a failed critical gate does.
    pub rollback: OnFailure,
    /// What a stay does that ends without an answer even after its extension.
    pub on_undecided: OnUndecided,
    /// How long a person can stop a rollback that begins by itself. Zero where nobody looks.
    pub countdown: Duration,
    /// How long the end of a stay waits for data that are late, and how old evidence may be.
    pub patience: Duration,
}

/// Who says when the next stage begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The end of a bake whose gates pass.
    ByItself,
    /// A person, with a plan for each stage.
    ByHand,
}

/// What a failed critical gate does: `rollback` of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Hold and ask a person.
    #[default]
    Ask,
    /// Roll back after a countdown.
    Auto,
    /// Hold.
    Never,
}

/// What a stay without an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUndecided {
    /// Hold and ask a person.
    #[default]
    Ask,
    /// Hold.
    Hold,
    /// Roll back after a countdown, unless the environment is never rolled back by itself.
    RollBack,
}

impl Course {
    /// The first stage above a share, in percent 0–100.
    pub fn after(&self, percent: f64) -> Option<f64> {
        self.stages.iter().copied().find(|stage| *stage > percent + SAME)
    }

    /// Whether nothing comes after this share.
    pub fn ends_at(&self, percent: f64) -> bool {
        self.after(percent).is_none()
    }
}

impl Default for Course {
    fn default() -> Self {
        Self {
            stages: vec![10.0, 50.0, 100.0],
            bake: Duration::from_mins(5),
            watch: Duration::from_mins(30),
            advance: Advance::ByHand,
            rollback: OnFailure::default(),
            on_undecided: OnUndecided::default(),
            countdown: Duration::from_secs(10),
            patience: Duration::from_mins(3),
        }
    }
}

/// How close two shares must be to count as the same, in percent.
const SAME: f64 = 0.005;

/// Leave to move these functions between these versions. It comes from a [`Confirmed`] plan, or from the record that
/// one left behind, and from nowhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Mandate {
    rows: Vec<MandateRow>,
    reach: Reach,
}

/// One function of a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateRow {
    /// The function and alias.
    pub target: Target,
    /// What a rollback puts back.
    pub stable: Version,
    /// What is being released.
    pub new: Version,
}

/// How far a mandate goes forward. Back to stable it always goes.
#[derive(Debug, Clone, PartialEq)]
enum Reach {
    /// These shares, in percent 0–100.
    Stages(Vec<f64>),
    /// One share.
    Percent(f64),
    /// Only back.
    Back,
}

impl Mandate {
    /// Leave for the one shift that a person confirmed. `None` for a plan that is no shift.
    pub fn for_shift(confirmed: &Confirmed) -> Option<Self> {
        match confirmed.plan().purpose {
            Purpose::Shift { percent } => Some(Self { rows: rows_of(confirmed), reach: Reach::Percent(percent) }),
            Purpose::PreStage | Purpose::RollBack | Purpose::Undo | Purpose::TakeOver | Purpose::Finish => None,
        }
    }

    /// Leave for every stage of a course: the plan showed them all. `None` for a plan that is no shift.
    pub fn for_course(confirmed: &Confirmed, course: &Course) -> Option<Self> {
        match confirmed.plan().purpose {
            Purpose::Shift { .. } => {
                Some(Self { rows: rows_of(confirmed), reach: Reach::Stages(course.stages.clone()) })
            }
            Purpose::PreStage | Purpose::RollBack | Purpose::Undo | Purpose::TakeOver | Purpose::Finish => None,
        }
    }

    /// Leave to go back, from the record of a release whose first shift was confirmed: after a restart, or on another
    /// machine. Going forward takes a plan of its own.
    pub fn recorded<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let row = |entry: &Entry| MandateRow { target: entry.target.clone(), stable: entry.stable, new: entry.new };
        Self { rows: entries.into_iter().map(row).collect(), reach: Reach::Back }
    }

    /// The functions, with what to put back.
    pub fn rows(&self) -> &[MandateRow] {
        &self.rows
    }

    /// Whether it allows this share, in percent 0–100.
    pub fn covers(&self, percent: f64) -> bool {
        let same = |stage: f64| (stage - percent).abs() < SAME;
        match &self.reach {
            Reach::Stages(stages) => stages.iter().copied().any(same),
            Reach::Percent(only) => same(*only),
            Reach::Back => false,
        }
    }

    /// The one share that it is for, in percent 0–100.
    pub(super) fn single(&self) -> Option<f64> {
        match self.reach {
            Reach::Percent(percent) => Some(percent),
            Reach::Stages(_) | Reach::Back => None,
        }
    }

    /// A later mandate's reach and new functions; what is stable for a function already here stays as it is. Leave for
    /// a whole course is not lost to a plan for one shift.
    pub(super) fn extend(&mut self, later: Self) {
        for row in later.rows {
            if !self.rows.iter().any(|known| known.target == row.target) {
                self.rows.push(row);
            }
        }
        match (&mut self.reach, later.reach) {
            (_, Reach::Back) => {}
            (Reach::Stages(stages), Reach::Percent(percent)) => stages.push(percent),
            (reach, later) => *reach = later,
        }
    }
}

fn rows_of(confirmed: &Confirmed) -> Vec<MandateRow> {
    let rows = confirmed.plan().rows.iter();
    rows.map(|row| MandateRow { target: row.target.clone(), stable: row.stable, new: row.new }).collect()
}
