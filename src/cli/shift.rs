//! `flightdeck shift`: the plan for a stage, and with `--yes` its execution.

use serde_json::{Value, json};

use super::{
    Failure,
    args::{FunctionChoice, ShiftArgs},
    exit,
    headless::{Script, chosen, perform, refusal, tell_troubles},
    output::{name_width, print},
    resolve::Setting,
    services,
};
use crate::{
    app::{App, asking::Scope, deck::Function, view::Overlay},
    aws::clean,
    clock::Now,
    release::{
        names::{Target, Version},
        operation::{Operation, Row, Step},
        plan::{NotConfirmed, Plan, PlanRow, Purpose, WAITS},
        routing::Routing,
    },
    runtime::Turn,
};

/// Plans the stage, and shifts to it if told so.
pub async fn run(setting: Setting, args: &ShiftArgs) -> Result<u8, Failure> {
    let args = &ShiftArgs { confirm: setting.confirmed(args.confirm.clone()), ..args.clone() };
    let stages = &setting.config.release.stages;
    if !stages.contains(&args.percent) {
        let known = stages.iter().map(|stage| format!("{stage}")).collect::<Vec<_>>().join(", ");
        return Err(Failure::refused(format!(
            "{} is no stage of this configuration; release.stages = [{known}]",
            args.percent
        )));
    }
    let targets = chosen(&args.functions, &setting.environment)?;
    let picks = picks(&targets, &args.functions, args.to)?;
    let (mut app, services) = services::open(&setting, Scope::Shift).await?;
    app.reason.clone_from(&args.write.reason);
    let mut script = Shift { args, targets, picks, stage: Stage::Reading };
    perform(&mut app, &services, &mut script).await
}

/// The versions that the command line names, by function.
///
/// # Errors
/// `--to` without exactly one function.
pub fn picks(
    targets: &[Target],
    choices: &[FunctionChoice],
    to: Option<Version>,
) -> Result<Vec<(Target, Version)>, Failure> {
    let Some(version) = to else {
        let named = targets.iter().zip(choices);
        return Ok(named.filter_map(|(target, choice)| Some((target.clone(), choice.version?))).collect());
    };
    let [target] = targets else {
        return Err(Failure::refused("--to needs exactly one --function: versions differ from function to function"));
    };
    Ok(vec![(target.clone(), version)])
}

struct Shift<'a> {
    args: &'a ShiftArgs,
    targets: Vec<Target>,
    picks: Vec<(Target, Version)>,
    stage: Stage,
}

enum Stage {
    Reading,
    Planning,
    Moving,
}

impl Script for Shift<'_> {
    fn step(&mut self, app: &mut App, now: Now) -> Turn {
        match self.stage {
            Stage::Reading if app.is_ready_to_plan() => self.propose(app, now),
            Stage::Planning => match &app.view.overlay {
                Some(Overlay::Plan(dialog)) => match dialog.plan.clone() {
                    Some(plan) => self.decide(app, &plan, now),
                    None => Turn::Wait,
                },
                // The plan could not even be begun; the reason is in the message.
                _ => Turn::Leave(refuse(app)),
            },
            // Between a pre-stage and the shift itself its record is on its way to the disk.
            Stage::Moving if app.is_moving() => Turn::Wait,
            Stage::Moving if app.pre_stage_trouble().is_some() => Turn::Leave(stopped_before(app)),
            Stage::Moving => match app.operation.as_ref().filter(|operation| operation.is_finished()) {
                Some(operation) => {
                    let told = tell_outcome(app, operation, &[], &[], self.args.write.json);
                    tell_unrecorded(app);
                    Turn::Leave(told)
                }
                None => Turn::Leave(refuse(app)),
            },
            Stage::Reading => Turn::Wait,
        }
    }

    fn give_up(&mut self, app: &App, _: Now) -> u8 {
        eprintln!("flightdeck: AWS did not answer in time; nothing was changed");
        tell_troubles(app);
        exit::FAILED
    }
}

impl Shift<'_> {
    fn propose(&mut self, app: &mut App, now: Now) -> Turn {
        if self.targets.iter().all(|target| app.is_unreadable(target))
            && app.deck.functions.iter().all(|f| app.is_unreadable(&f.target))
        {
            eprintln!("flightdeck: no alias could be read; nothing was changed");
            tell_troubles(app);
            return Turn::Leave(exit::FAILED);
        }
        if let Err(code) = pick(app, &self.picks) {
            return Turn::Leave(code);
        }
        if self.targets.is_empty()
            && let Some(code) = refuse_torn(app)
        {
            return Turn::Leave(code);
        }
        let targets = if self.targets.is_empty() { app.to_be_shifted() } else { self.targets.clone() };
        if targets.is_empty() {
            tell_troubles(app);
            for words in app.deck.functions.iter().filter_map(Function::split_of_nobody) {
                eprintln!("flightdeck: {}", clean(&words));
            }
            tell_nothing(app);
            return Turn::Leave(exit::REFUSED);
        }
        self.stage = Stage::Planning;
        let percent = f64::from(self.args.percent);
        Turn::Do(app.propose(Purpose::Shift { percent }, targets, None, now))
    }

    fn decide(&mut self, app: &mut App, plan: &Plan, now: Now) -> Turn {
        if !app.is_around_known(now) {
            return Turn::Wait;
        }
        if !plan.is_sound() {
            // A record that could not be read may be why a plan looks wrong: that comes first.
            tell_troubles(app);
        }
        if self.targets.is_empty() {
            tell_left_out(app, plan);
        }
        if !plan.is_sound() || !self.args.write.yes {
            let told = tell_plan(app, plan, &[], self.args.write.yes, self.args.write.json);
            return Turn::Leave(if told == exit::REFUSED { refusal(app, plan) } else { told });
        }
        self.stage = Stage::Moving;
        let typed = self.args.confirm.clone().unwrap_or_default();
        let environment = &app.deck.environment;
        if environment.protected && typed != environment.name {
            eprintln!("flightdeck: {0} is protected: add --confirm {0}; nothing was changed", environment.name);
            return Turn::Leave(exit::REFUSED);
        }
        // Whoever said yes beforehand has not seen the plan: what stands around it is said all the same.
        tell_around(app, plan);
        Turn::Do(app.carry_out(plan, &typed, now))
    }
}

/// What a plan that named nothing leaves out, because it was rolled back here.
pub fn tell_left_out(app: &App, plan: &Plan) {
    for words in app.left_out(&targets_of(plan)) {
        eprintln!("flightdeck: left out: {}", clean(&words));
    }
}

fn targets_of(plan: &Plan) -> Vec<Target> {
    plan.rows.iter().map(|row| row.target.clone()).collect()
}

/// Why there is nothing to release.
pub fn tell_nothing(app: &App) {
    let left_out = app.left_out(&[]);
    for words in &left_out {
        eprintln!("flightdeck: {}", clean(words));
    }
    if left_out.is_empty() {
        eprintln!("flightdeck: nothing here has a version to release; nothing was changed");
    } else {
        eprintln!("flightdeck: nothing else has a version to release; nothing was changed");
    }
}

/// What stands around a first shift, such as a deployment of CodeDeploy that moves the same alias.
fn tell_around(app: &App, plan: &Plan) {
    if app.is_first_shift(plan.purpose) {
        for words in app.troubles_around().into_iter().chain(app.unanswered_around()) {
            eprintln!("flightdeck: {}", clean(&words));
        }
    }
}

/// What other machines will not see of this move.
pub fn tell_unrecorded(app: &App) {
    for words in app.unrecorded.values() {
        eprintln!("flightdeck: {}", clean(words));
    }
}

/// Makes the versions that were named the candidates of their functions; an error is the exit code, and was said.
pub fn pick(app: &mut App, picks: &[(Target, Version)]) -> Result<(), u8> {
    for (target, version) in picks {
        app.pick_version(target, *version).map_err(|why| {
            eprintln!("flightdeck: {target}: {why}; nothing was changed");
            exit::REFUSED
        })?;
    }
    Ok(())
}

/// Says why the pre-stage stopped it, and what is still moved.
pub fn stopped_before(app: &App) -> u8 {
    let why = app.pre_stage_trouble().unwrap_or_default();
    eprintln!("flightdeck: the pre-stage stopped it: {}", clean(why));
    let program = &app.deck.place.program;
    eprintln!("flightdeck: the release's own traffic is as it was; `{program} rollback --yes` puts the pre-stage back");
    exit::REGRESSION
}

/// Of a release that somebody took a part of back the rest goes on only where a person names it: the exit code.
pub fn refuse_torn(app: &App) -> Option<u8> {
    let words = app.gone_back_in_words()?;
    let (program, home) = (&app.deck.place.program, &app.deck.place.region);
    let flag = |target: &Target| format!("--function {}", app.deck.environment.name_on_command_line(target, home));
    let others: Vec<String> = app.to_be_shifted().iter().map(flag).collect();
    eprintln!(
        "flightdeck: {}: name the functions to move ({}), or roll the rest back with `{program} rollback --yes`; nothing was changed",
        clean(&words),
        others.join(" "),
    );
    Some(exit::REFUSED)
}

/// Says why nothing could be done.
pub fn refuse(app: &App) -> u8 {
    let why = app.view.toast.as_ref().map_or("nothing could be done", |toast| toast.text.as_str());
    eprintln!("flightdeck: {}", clean(why));
    exit::REFUSED
}

/// Prints a plan that is not carried out. Exit code 2 only where it was to be carried out and cannot be.
pub fn tell_plan(app: &App, plan: &Plan, beside: &[Value], wanted: bool, as_json: bool) -> u8 {
    if as_json {
        let rows = plan.rows.iter().map(|row| plan_json(app, row, &remarks(app, row)));
        print(format_args!("{:#}", Value::Array(rows.chain(beside.iter().cloned()).collect())));
    } else {
        let width = name_width(plan.rows.iter().map(|row| &row.target));
        for row in &plan.rows {
            print(plan_line(row, width));
            for remark in remarks(app, row) {
                print(format_args!("  ▲ {}", clean(&remark)));
            }
        }
    }
    tell_around(app, plan);
    if plan.is_sound() {
        if !wanted {
            eprintln!("flightdeck: this is only the plan; add --yes to carry it out");
        }
        return exit::DONE;
    }
    for row in plan.rows.iter().filter(|row| row.refusal.is_some()) {
        eprintln!("flightdeck: {}: {}", row.target, clean(row.refusal.as_deref().unwrap_or_default()));
    }
    if plan.only_waits() {
        eprintln!("flightdeck: {}; nothing was changed", NotConfirmed::Whole);
        return exit::REFUSED;
    }
    eprintln!("flightdeck: the plan cannot be carried out as it stands; nothing was changed");
    exit::REFUSED
}

/// What the plan says of a row, and what was found around its function.
fn remarks(app: &App, row: &PlanRow) -> Vec<String> {
    [row.remarks.clone(), app.remarks_around(&row.target)].concat()
}

fn plan_line(row: &PlanRow, width: usize) -> String {
    let what = match &row.refusal {
        Some(why) => format!("refused: {}", clean(why)),
        None if row.waits => format!("{}: {WAITS}", row.from),
        None if row.is_nothing_to_do() => format!("{} already: nothing to do", row.from),
        None if row.is_unread() => format!("not read → {}", row.to),
        None => format!("{} → {}", row.from, row.to),
    };
    // `Target` writes itself without regard to a width.
    format!("{:<width$} {what}", row.target.to_string())
}

fn plan_json(app: &App, row: &PlanRow, remarks: &[String]) -> Value {
    let outcome = match &row.refusal {
        Some(_) => "refused",
        None if row.waits => "waits",
        None if row.is_nothing_to_do() => "nothing to do",
        None => "planned",
    };
    // Of an alias that could not be read nobody knows where it points.
    let is_read = row.refusal.is_none() || row.from.primary != Version::Latest;
    let known = |routing: Routing| is_read.then(|| routing.to_string());
    json!({
        "name": row.target.function,
        "alias": row.target.alias,
        "region": app.deck.region_of(&row.target),
        "from": known(row.from).filter(|_| !row.is_unread()),
        // Where nothing can be taken back nobody knows to where.
        "to": known(row.to).filter(|_| row.refusal.is_none()),
        "outcome": outcome,
        "reason": row.refusal,
        "remarks": remarks,
    })
}

/// Prints what became of every function, the refused ones among them; `beside` is told to programs only. The exit code is that of the worst that moved.
pub fn tell_outcome(app: &App, operation: &Operation, refused: &[PlanRow], beside: &[Value], as_json: bool) -> u8 {
    let rows = &operation.rows;
    if as_json {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.target.function,
                    "alias": row.target.alias,
                    "region": app.deck.region_of(&row.target),
                    "from": (!row.is_unread()).then(|| row.from.to_string()),
                    "to": row.to.to_string(),
                    "outcome": outcome(row),
                    "reason": reason(&row.step),
                })
            })
            .chain(refused.iter().map(|row| plan_json(app, row, &row.remarks)))
            .chain(beside.iter().cloned())
            .collect();
        print(format_args!("{:#}", Value::Array(rows)));
    } else {
        let all = rows.iter().map(|row| &row.target).chain(refused.iter().map(|row| &row.target));
        let width = name_width(all);
        for row in rows {
            let from = if row.is_unread() { "not read".to_owned() } else { row.from.to_string() };
            print(format_args!("{:<width$} {from} → {}  {}", row.target.to_string(), row.to, outcome(row)));
        }
        for row in refused {
            print(plan_line(row, width));
        }
    }
    for row in refused {
        eprintln!("flightdeck: {}: {}", row.target, clean(row.refusal.as_deref().unwrap_or_default()));
    }
    for row in rows {
        if let Some(why) = reason(&row.step) {
            eprintln!("flightdeck: {}: {}", row.target, clean(&why));
        }
    }
    let is_conflict = rows.iter().any(|row| matches!(row.step, Step::Conflict(_)));
    match rows.iter().all(|row| row.step.is_good()) {
        true => exit::DONE,
        false if is_conflict => exit::CONFLICT,
        false => exit::FAILED,
    }
}

fn outcome(row: &Row) -> &'static str {
    match &row.step {
        Step::NothingToDo if row.waits => "waits",
        Step::Done => "done",
        Step::NothingToDo => "nothing to do",
        Step::Conflict(_) => "conflict",
        Step::Failed(_) => "failed",
        Step::Stopped => "stopped",
        Step::Writing | Step::Reading | Step::Waiting { .. } => "unknown",
    }
}

fn reason(step: &Step) -> Option<String> {
    match step {
        Step::Conflict(alias) => {
            Some(format!("somebody else changed it: it is now {}; nothing was overwritten", alias.routing))
        }
        Step::Failed(error) => Some(format!("{} ({})", error.message, error.kind)),
        Step::Stopped => Some("stopped before it was done; run `flightdeck status` to see what is live".to_owned()),
        Step::Writing | Step::Reading | Step::Waiting { .. } => {
            Some("no answer yet; run `flightdeck status` to see what is live".to_owned())
        }
        Step::Done | Step::NothingToDo => None,
    }
}
