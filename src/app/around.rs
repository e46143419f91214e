//! What stands around the functions of a release: asked once in the background when its first shift is planned, shown
//! with the plan as it arrives. A plan never waits for it, and a rollback neither asks nor waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    App, Errand,
    event::{Effect, Read, Reply},
    view::{Overlay, PlanDialog},
};
use crate::{
    clock::Now,
    release::{
        error::CloudError,
        names::{Mover, Target, Version},
        plan::{Plan, Purpose},
        surroundings::{
            Deployment, Found, Surroundings, Weight, findings,
            permissions::{self, Permission},
            rivals,
        },
    },
};

/// What was found stays true for so long, world time.
const FRESH: SignedDuration = SignedDuration::from_mins(1);
/// A run without a screen waits for it so long at most, wall time.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was found around the functions.
#[derive(Debug, Default)]
pub struct Around {
    /// By function: between which versions, when it was asked, and what was found once that is there.
    functions: BTreeMap<Target, Asked>,
    /// The deployments that run.
    deployments: Answer<Vec<Deployment>>,
    /// What the caller may do, asked once a run.
    permissions: Answer<Vec<Permission>>,
    /// Wall time of the last question.
    asked: Duration,
}

/// A question about the whole place.
#[derive(Debug)]
struct Answer<T> {
    /// World time of the question.
    asked: Option<Timestamp>,
    answer: Option<Result<T, CloudError>>,
}

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self { asked: None, answer: None }
    }
}

impl<T> Answer<T> {
    fn ask(&mut self, now: Timestamp) {
        *self = Self { asked: Some(now), answer: None };
    }

    fn value(&self) -> Option<&T> {
        self.answer.as_ref()?.as_ref().ok()
    }

    fn error(&self) -> Option<&CloudError> {
        self.answer.as_ref()?.as_ref().err()
    }
}

#[derive(Debug)]
struct Asked {
    stable: Version,
    new: Version,
    at: Timestamp,
    found: Option<Surroundings>,
}

impl App {
    /// A move forward is planned: asks who else moves its aliases, and before the first shift what stands around them,
    /// as far as that is not known.
    pub(super) fn ask_around(&mut self, purpose: Purpose, targets: &[Target], now: Now) -> Vec<Effect> {
        if !purpose.is_forward() {
            return Vec::new();
        }
        let is_first = self.is_first_shift(purpose);
        let mut reads = if is_first { self.questions_about(targets, now.world) } else { Vec::new() };
        let functions = targets.iter().filter(|target| target.kind == Mover::Alias);
        let regions: BTreeSet<_> = functions.map(|target| target.region.clone()).collect();
        // Whoever was told to wait for a deployment's end plans again to see whether it has come.
        let has_rival = targets.iter().any(|target| self.rival_of(target).is_some());
        let is_old = self.around.deployments.asked.is_none_or(|at| !is_fresh(at, now.world));
        if !regions.is_empty() && (is_old || has_rival) {
            self.around.deployments.ask(now.world);
            reads.push(Read::Deployments(regions.into_iter().collect()));
        }
        reads.extend(is_first.then(|| self.question_about_permissions(now.world)).flatten());
        if !reads.is_empty() {
            self.around.asked = now.wall;
        }
        reads.into_iter().map(|read| Effect::Read(self.ticket(Errand::Around), read)).collect()
    }

    /// The questions about each function that is not known well enough.
    fn questions_about(&mut self, targets: &[Target], now: Timestamp) -> Vec<Read> {
        let mut reads = Vec::new();
        for target in targets.iter().filter(|target| target.kind == Mover::Alias) {
            let Some(function) = self.deck.function(target) else { continue };
            let Some((stable, new)) = function.stable().zip(function.new_version()) else { continue };
            let known = self.around.functions.get(target);
            if known.is_some_and(|known| is_fresh(known.at, now) && (known.stable, known.new) == (stable, new)) {
                continue;
            }
            self.around.functions.insert(target.clone(), Asked { stable, new, at: now, found: None });
            reads.push(Read::Around(target.clone(), stable, new));
        }
        reads
    }

    /// Whether every call of a rollback is allowed: asked once a run, for everything that the environment moves.
    fn question_about_permissions(&mut self, now: Timestamp) -> Option<Read> {
        let caller = self.deck.caller.value().filter(|_| self.around.permissions.asked.is_none())?;
        let principal = permissions::principal(&caller.arn)?;
        let targets = self.deck.functions.iter().map(|function| &function.target);
        let calls = permissions::of_rollback(&caller.arn, &self.deck.place.region, targets);
        self.around.permissions.ask(now);
        Some(Read::Permissions(principal, calls))
    }

    /// Takes an answer in.
    pub(super) fn answer_around(&mut self, reply: Reply) {
        match reply {
            Reply::Around(target, found) => {
                if let Some(asked) = self.around.functions.get_mut(&target) {
                    asked.found = Some(*found);
                }
            }
            Reply::Deployments(answer) => {
                self.around.deployments.answer = Some(answer);
                self.refuse_rivals();
            }
            Reply::Permissions(answer) => self.around.permissions.answer = Some(answer),
            _ => {}
        }
    }

    /// The deployment that moves this alias now, in a sentence: no move forward is made beside it.
    pub(super) fn rival_of(&self, target: &Target) -> Option<String> {
        let deployments = self.around.deployments.value()?;
        rivals(target, deployments).into_iter().next().map(|found| found.words)
    }

    /// Refuses the rows of the plan on screen that a deployment moves, too.
    fn refuse_rivals(&mut self) {
        let Some(Overlay::Plan(PlanDialog { plan: Some(plan), .. })) = &self.view.overlay else { return };
        if !plan.purpose.is_forward() {
            return;
        }
        let refusals: Vec<Option<String>> = plan.rows.iter().map(|row| self.rival_of(&row.target)).collect();
        if let Some(Overlay::Plan(PlanDialog { plan: Some(plan), .. })) = &mut self.view.overlay {
            for (row, why) in plan.rows.iter_mut().zip(refusals) {
                row.refusal = row.refusal.take().or(why);
            }
        }
    }

    /// Whether somebody who says yes has to wait a moment: nobody knows yet who else moves these aliases.
    pub fn is_asking_for_rivals(&self, plan: &Plan, now: Now) -> bool {
        let is_asked = self.around.deployments.asked.is_some() && self.around.deployments.answer.is_none();
        plan.purpose.is_forward()
            && is_asked
            && plan.rows.iter().any(|row| !row.dropped && row.target.kind == Mover::Alias)
            && now.wall < self.around.asked + PATIENCE
    }

    /// Whether there is nothing left to wait for, or it was waited for long enough.
    pub fn is_around_known(&self, now: Now) -> bool {
        let is_asked = self.errands.values().any(|errand| matches!(errand, Errand::Around));
        !is_asked || now.wall >= self.around.asked + PATIENCE
    }

    /// What is worth knowing about one function and stops nothing.
    pub fn remarks_around(&self, target: &Target) -> Vec<String> {
        let found = self.found_around(target).into_iter().filter(|found| found.weight == Weight::Remark);
        self.way_back_is_gone(target).into_iter().chain(found.map(|found| found.words)).collect()
    }

    /// Somebody deleted the version that R would put back; AWS allows that once no alias points at it.
    fn way_back_is_gone(&self, target: &Target) -> Option<String> {
        let function = self.deck.function(target).filter(|_| target.kind == Mover::Alias)?;
        let stable = function.entry()?.stable;
        let versions = function.versions.value()?;
        let is_gone = versions.iter().all(|info| info.version != stable);
        is_gone.then(|| format!("version {stable} does not exist any more: R could not put it back"))
    }

    /// What moves the functions beside a release, each in a sentence: an automatic one does not begin then, even where
    /// the answer came after its plan.
    pub(super) fn rivals_around(&self) -> Vec<String> {
        let targets = self.around.functions.keys();
        targets.filter_map(|target| Some(format!("{target}: {}", self.rival_of(target)?))).collect()
    }

    /// What else an automatic release does not begin with, of all functions, each in a sentence.
    pub fn troubles_around(&self) -> Vec<String> {
        let of_functions = self.around.functions.keys().flat_map(|target| {
            let found = self.found_around(target).into_iter().filter(|found| found.weight == Weight::Trouble);
            found.map(move |found| format!("{target}: {}", found.words))
        });
        let missing = self.around.permissions.value().and_then(|it| permissions::missing_for_rollback(it));
        of_functions.chain(missing.map(|found| found.words)).collect()
    }

    /// What could not be asked, in one line; `None` where everything was answered or is still on its way.
    pub fn unanswered_around(&self) -> Option<String> {
        let of_functions = self.around.functions.keys().flat_map(|target| self.found_around(target));
        let mut words: Vec<String> =
            of_functions.filter(|found| found.weight == Weight::Unanswered).map(|found| found.words).collect();
        if let Some(error) = self.around.deployments.error() {
            words.push(Found::unanswered("whether CodeDeploy moves them", error).words);
        }
        if let Some(error) = self.around.permissions.error() {
            words.push(Found::unanswered("whether a rollback is allowed", error).words);
        }
        words.sort();
        words.dedup();
        (!words.is_empty()).then(|| words.join("; "))
    }

    fn found_around(&self, target: &Target) -> Vec<Found> {
        let Some(asked) = self.around.functions.get(target) else { return Vec::new() };
        let around = asked.found.as_ref();
        around.map(|around| findings(target, asked.stable, Some(asked.new), around)).unwrap_or_default()
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < FRESH
}
