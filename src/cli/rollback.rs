//! `flightdeck rollback`: puts the stable version back. It reads only aliases, record and caller.

mod progress;
#[cfg(test)]
mod tests;

use std::time::Duration;

use progress::{Progress, is_tried_enough, still_trying};
use serde_json::{Value, json};

use super::{
    Failure,
    args::RollbackArgs,
    exit,
    headless::{Script, chosen, perform, refusal, tell_troubles, troubles},
    output::print,
    resolve::Setting,
    runbook, services,
    shift::{refuse, tell_outcome, tell_plan, tell_unrecorded},
    wanted,
};
use crate::{
    app::{App, asking::Scope, deck::Function, event::Effect, left_alone::LeftAlone},
    aws::clean,
    clock::Now,
    release::{
        names::{Mover, Target, Version, named},
        plan::{Plan, PlanRow},
    },
    runtime::Turn,
};

/// So long at most it looks, once all is back, whether a stage that was left alone was moved at all.
const LAST_LOOK: Duration = Duration::from_secs(3);

/// Plans the rollback, and does it if told so.
pub async fn run(setting: Setting, args: &RollbackArgs) -> Result<u8, Failure> {
    let targets = chosen(&args.functions, &setting.environment)?;
    if args.to.is_some() && targets.len() != 1 {
        return Err(Failure::refused("--to needs exactly one --function: versions differ from function to function"));
    }
    let wanted = args.to.as_deref().zip(targets.first());
    wanted.map_or(Ok(()), |(text, target)| wanted::check(target, text))?;
    let (mut app, services) = services::open(&setting, Scope::RollBack).await?;
    app.reason.clone_from(&args.write.reason);
    let mut script = RollBack::new(args, targets);
    let code = perform(&mut app, &services, &mut script).await?;
    // Whoever stops it for good hears where it stands, too.
    if app.is_moving() {
        script.tell(&app);
    }
    Ok(code)
}

/// Whether all the trouble of reading is with what is on record here: that is tried until it is reached, and its row
/// tells what came of it.
fn is_all_tried(app: &App, plan: &Plan) -> bool {
    let unread = app.deck.functions.iter().filter(|function| function.alias.trouble().is_some());
    let tried = unread.filter(|function| plan.row_of(&function.target).is_some());
    tried.count() == troubles(app).len()
}

/// Whether the plan says by a refusal already why it stays.
fn is_refused(plan: &Plan, left: &LeftAlone) -> bool {
    left.targets.iter().all(|target| plan.row_of(target).is_some_and(|row| row.refusal.is_some()))
}

/// What a plan leaves alone, for programs: there is nowhere to which it goes.
fn left_json(app: &App, left: &LeftAlone) -> Vec<Value> {
    let outcome = if left.is_unknown() { "not rolled back" } else { "stays" };
    let of_target = |target: &Target| {
        let alias = app.deck.function(target).and_then(|function| function.alias.value());
        json!({
            "name": target.function,
            "alias": target.alias,
            "region": app.deck.region_of(target),
            "from": alias.map(|alias| alias.routing.to_string()),
            "to": null,
            "outcome": outcome,
            "reason": left.words,
            "remarks": [],
        })
    };
    left.targets.iter().map(of_target).collect()
}

struct RollBack<'a> {
    args: &'a RollbackArgs,
    targets: Vec<Target>,
    has_begun: bool,
    /// What cannot be taken back. It holds up none of the others.
    refused: Vec<PlanRow>,
    /// What no record here counts to the release: said last, where it is read.
    left_alone: Vec<LeftAlone>,
    /// Set where some functions could not even be read: the others are rolled back all the same.
    failed: u8,
    /// What has been said of it while it goes on.
    progress: Progress,
    /// Wall time up to which it looks at stages that were left alone.
    last_look: Option<Duration>,
}

impl Script for RollBack<'_> {
    fn step(&mut self, app: &mut App, now: Now) -> Turn {
        if self.has_begun {
            return match app.operation.as_ref().filter(|operation| operation.is_finished()) {
                Some(_) if self.is_looking(app, now) => Turn::Wait,
                Some(_) => {
                    self.left_alone.retain(|left| !app.has_not_been_moved(left));
                    Turn::Leave(self.tell(app))
                }
                None if !app.is_moving() => Turn::Leave(refuse(app)),
                None => self.go_on(app, now),
            };
        }
        if app.is_ready_to_roll_back() && self.is_wanted_known(app) { self.begin(app, now) } else { Turn::Wait }
    }

    fn interrupted(&mut self, app: &mut App, now: Now) -> Option<Vec<Effect>> {
        self.last_look = Some(now.wall);
        if let Some(operation) = app.operation.as_ref().filter(|_| self.has_begun) {
            let words = still_trying(operation, now.wall);
            eprintln!("flightdeck: {}; tell it to stop once more and it leaves at once", clean(&words));
        }
        None
    }

    fn give_up(&mut self, app: &App, _: Now) -> u8 {
        eprintln!("flightdeck: AWS did not answer in time; nothing was changed");
        tell_troubles(app);
        exit::FAILED
    }
}

impl<'a> RollBack<'a> {
    fn new(args: &'a RollbackArgs, targets: Vec<Target>) -> Self {
        Self {
            args,
            targets,
            has_begun: false,
            refused: Vec::new(),
            left_alone: Vec::new(),
            failed: exit::DONE,
            progress: Progress::default(),
            last_look: None,
        }
    }

    fn begin(&mut self, app: &mut App, now: Now) -> Turn {
        if !self.args.write.yes {
            self.left_alone = self.left_by(app, &app.roll_back_plan(&self.targets, None));
            if self.is_looking(app, now) {
                return Turn::Wait;
            }
        }
        self.failed = tell_troubles(app);
        if self.args.write.yes
            && let Some(ban) = app.deck.write_ban().filter(|_| app.deck.account().is_some())
        {
            eprintln!("flightdeck: {}", clean(&ban));
            return Turn::Leave(exit::REFUSED);
        }
        let version = match self.wanted(app) {
            Ok(version) => version,
            Err(why) => {
                eprintln!("flightdeck: {}", clean(&why));
                eprintln!("flightdeck: nothing was changed");
                return Turn::Leave(exit::REFUSED);
            }
        };
        let mut plan = app.roll_back_plan(&self.targets, version);
        // Without a screen it knows from the start what the journal has: nothing is asked here.
        app.doubt(&self.targets, now);
        if plan.rows.is_empty() {
            self.left_alone = app.left_alone(&plan);
            return Turn::Leave(self.nothing_to_do(app));
        }
        if !self.args.write.yes || plan.rows.iter().all(|row| row.refusal.is_some()) {
            return Turn::Leave(self.tell_plan(app, &plan));
        }
        if !plan.is_sound() {
            self.failed = self.failed.max(refusal(app, &plan));
            self.refused = plan.rows.extract_if(.., |row| row.refusal.is_some()).collect();
        }
        if is_all_tried(app, &plan) {
            self.failed = exit::DONE;
        }
        self.has_begun = true;
        self.left_alone = self.left_by(app, &plan);
        runbook::tell(app);
        Turn::Do(app.carry_out(&plan, "", now))
    }

    /// A rollback is tried until it is done. A pipeline that waits for it hears so, and at last that it was not.
    fn go_on(&mut self, app: &mut App, now: Now) -> Turn {
        let Some(operation) = &app.operation else { return Turn::Wait };
        for words in self.progress.news(operation, now.wall) {
            eprintln!("flightdeck: {}", clean(&words));
        }
        // What is on its way is still awaited: what became of it is read before anything is claimed.
        if is_tried_enough(operation, now.wall) { Turn::Do(app.stop_retries(now)) } else { Turn::Wait }
    }

    /// What this plan leaves alone, but for what it refuses. Who names functions means no others.
    fn left_by(&self, app: &App, plan: &Plan) -> Vec<LeftAlone> {
        if !self.targets.is_empty() {
            return Vec::new();
        }
        let rows = plan.rows.iter().filter(|row| row.refusal.is_none()).cloned().collect();
        app.left_alone(&Plan { rows, ..plan.clone() })
    }

    /// Prints the plan and, as loudly as after it, what it would leave alone.
    fn tell_plan(&mut self, app: &App, plan: &Plan) -> u8 {
        self.left_alone = self.left_by(app, plan);
        self.left_alone.retain(|left| !app.has_not_been_moved(left) && !is_refused(plan, left));
        let beside: Vec<Value> = self.left_alone.iter().flat_map(|left| left_json(app, left)).collect();
        let told = tell_plan(app, plan, &beside, self.args.write.yes, self.args.write.json);
        let told = if told == exit::REFUSED { refusal(app, plan) } else { told.max(self.failed) };
        told.max(self.tell_left_alone(app))
    }

    /// Prints what became of everything. The exit code is that of the worst.
    fn tell(&self, app: &App) -> u8 {
        let Some(operation) = &app.operation else { return self.failed };
        let told = tell_outcome(app, operation, &self.refused, &runbook::json_steps(app), self.args.write.json);
        let open = operation.rows.iter().filter(|row| !row.step.is_good()).map(|row| row.target.clone());
        let open: Vec<Target> = open.collect();
        if !open.is_empty() {
            eprintln!("flightdeck: NOT ROLLED BACK: {}", clean(&named(&open)));
        }
        tell_unrecorded(app);
        told.max(self.failed).max(self.tell_left_alone(app))
    }

    /// Whether it is worth a moment to learn which deployments a stage has that carries no record: where a newer one
    /// waits, nothing has moved it.
    fn is_looking(&mut self, app: &App, now: Now) -> bool {
        let mut stages =
            self.left_alone.iter().flat_map(|left| &left.targets).filter_map(|name| app.deck.function(name));
        let is_open = stages.any(|stage| stage.target.kind == Mover::Stage && !stage.versions.is_answered());
        is_open && now.wall < *self.last_look.get_or_insert(now.wall + LAST_LOOK)
    }

    fn is_wanted_known(&self, app: &App) -> bool {
        self.args.to.is_none() || self.named(app).is_none_or(wanted::is_known)
    }

    /// The one function that `--to` is for.
    fn named<'b>(&self, app: &'b App) -> Option<&'b Function> {
        app.deck.function(self.targets.first()?)
    }

    fn wanted(&self, app: &App) -> Result<Option<Version>, String> {
        let Some((text, function)) = self.args.to.as_deref().zip(self.named(app)) else { return Ok(None) };
        let version = wanted::version(function, text);
        version.map(Some).map_err(|why| format!("{}: {why}", function.target))
    }

    /// Says what stays as it is. The exit code is that of something that was not done where it may have to be.
    fn tell_left_alone(&self, app: &App) -> u8 {
        for left in &self.left_alone {
            let mark = if left.is_unknown() { "NOT ROLLED BACK: " } else { "" };
            eprintln!("flightdeck: {mark}{}", clean(&left.words));
        }
        let unsure = app.unsure_in_words();
        if let Some(words) = &unsure {
            eprintln!("flightdeck: {}", clean(words));
        }
        let is_whole = unsure.is_none() && !self.left_alone.iter().any(LeftAlone::is_unknown);
        if is_whole { exit::DONE } else { exit::FAILED }
    }

    fn nothing_to_do(&self, app: &App) -> u8 {
        if self.args.write.json {
            print("[]");
        }
        if self.failed == exit::DONE {
            let name = &app.deck.environment.name;
            eprintln!("flightdeck: no release is under way in {name}: nothing to roll back");
        }
        self.failed.max(self.tell_left_alone(app))
    }
}
