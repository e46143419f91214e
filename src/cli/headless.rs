//! The face without a screen: a script looks at the state, asks for the next step, and ends the program.

use std::time::Duration;

use super::{Failure, exit};
use crate::{
    app::{
        App,
        event::{Effect, Event},
    },
    aws::clean,
    clock::Now,
    config::Environment,
    release::{
        error::{CloudError, Trouble},
        names::Target,
        operation::Operation,
        plan::Plan,
    },
    runtime::{Face, Services, Turn, run},
};

use super::args::FunctionChoice;

/// How long a headless command reads before it gives up, in wall time…
const READING_LIMIT: Duration = Duration::from_secs(28);
/// …with so many functions; each further one is read in its turn, for AWS allows few reads a second.
const FEW_FUNCTIONS: usize = 10;
/// What a further function may take: some five reads of five a second.
const FOR_EACH_FURTHER: Duration = Duration::from_secs(1);

/// What a headless command does, step by step. Called whenever the state may have changed.
pub trait Script {
    /// Looks at the state and says how to go on.
    fn step(&mut self, app: &mut App, now: Now) -> Turn;

    /// Called once when reading took too long: prints what there is, and gives the exit code.
    fn give_up(&mut self, app: &App, now: Now) -> u8;

    /// The program was told to stop. `None` leaves as usual; effects are carried out first.
    fn interrupted(&mut self, _app: &mut App, _now: Now) -> Option<Vec<Effect>> {
        None
    }

    /// Ctrl-C or a signal ends the program: the last words and the exit code. What was moved is told all the same.
    fn farewell(&mut self, app: &mut App, now: Now) -> u8 {
        if app.operation.as_ref().is_some_and(Operation::is_finished)
            && let Turn::Leave(code) = self.step(app, now)
        {
            return code;
        }
        eprintln!("flightdeck: stopped; nothing was changed");
        exit::STOPPED
    }

    /// Whether the script still reads. Once it writes there is no limit of this kind: a rollback goes on.
    fn is_reading(&self, app: &App) -> bool {
        !app.is_moving()
    }
}

/// Runs a script to its end.
pub async fn perform(app: &mut App, services: &Services, script: &mut impl Script) -> Result<u8, Failure> {
    let mut face = Headless { script };
    let outcome = run(app, services, &mut face).await;
    if let Some(why) = app.journal_trouble() {
        eprintln!("flightdeck: the journal could not be written: {}; history and reports lack this run", clean(why));
    }
    outcome.map_err(|error| Failure::failed(format!("cannot print: {error}")))
}

struct Headless<'a, S> {
    script: &'a mut S,
}

impl<S: Script> Face for Headless<'_, S> {
    async fn input(&mut self) -> Event {
        std::future::pending().await
    }

    fn farewell(&mut self, app: &mut App, now: Now) -> u8 {
        self.script.farewell(app, now)
    }

    fn interrupted(&mut self, app: &mut App, now: Now) -> Option<Vec<Effect>> {
        self.script.interrupted(app, now)
    }

    fn turn(&mut self, app: &mut App, now: Now) -> std::io::Result<Turn> {
        match self.script.step(app, now) {
            Turn::Wait if now.wall > reading_limit(app) && self.script.is_reading(app) => {
                Ok(Turn::Leave(self.script.give_up(app, now)))
            }
            turn => Ok(turn),
        }
    }
}

fn reading_limit(app: &App) -> Duration {
    let further = app.deck.functions.len().saturating_sub(FEW_FUNCTIONS);
    READING_LIMIT + FOR_EACH_FURTHER * u32::try_from(further).unwrap_or(u32::MAX)
}

/// The targets that the command line names.
///
/// # Errors
/// A function that the configuration does not have: those it has are listed.
pub fn chosen(choices: &[FunctionChoice], environment: &Environment) -> Result<Vec<Target>, Failure> {
    let targets: Vec<Target> = choices.iter().map(|choice| one(choice, environment)).collect::<Result<_, _>>()?;
    match targets.iter().enumerate().find(|(at, target)| targets[..*at].contains(target)) {
        Some((_, twice)) => Err(Failure::refused(format!("{twice} is named twice"))),
        None => Ok(targets),
    }
}

/// The exit code for a plan with refused rows: it is AWS that failed where an alias could not even be read.
pub fn refusal(app: &App, plan: &Plan) -> u8 {
    let mut refused = plan.rows.iter().filter(|row| row.refusal.is_some());
    if refused.any(|row| app.is_unreadable(&row.target)) { exit::FAILED } else { exit::REFUSED }
}

fn one(choice: &FunctionChoice, environment: &Environment) -> Result<Target, Failure> {
    let home = environment.region.as_deref().unwrap_or_default();
    let targets: Vec<&Target> = environment.functions.iter().map(|function| &function.target).collect();
    let is_called = |target: &Target, alias: &str| {
        target.alias.as_str() == alias || target.api_and_stage().is_some_and(|(_, stage)| stage == alias)
    };
    let fits = |target: &&&Target| {
        target.function.as_str() == choice.name
            && choice.region.as_deref().is_none_or(|region| region == target.region.as_deref().unwrap_or(home))
            && choice.alias.as_ref().is_none_or(|alias| is_called(target, alias))
    };
    let mut found = targets.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(target), None) => Ok((*target).clone()),
        (Some(one), Some(other)) => Err(Failure::refused(format!(
            "the environment {} has {} several times: name one with its region and alias, such as {}",
            environment.name,
            choice.name,
            // Where the home region is not written down, it is not known here either.
            environment.name_on_command_line(if home.is_empty() { other } else { one }, home),
        ))),
        (None, _) => {
            let known = targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Err(Failure::refused(format!(
                "the environment {} has no function {}; it has: {known}",
                environment.name, choice.name
            )))
        }
    }
}

/// The trouble that readings are in, one line each, for stderr.
pub fn troubles(app: &App) -> Vec<String> {
    let deck = &app.deck;
    let mut lines = Vec::new();
    let mut add = |what: String, error: &CloudError| {
        let line = match error.kind {
            // It is the same for everything that is asked with them: once is enough.
            Trouble::CredentialsExpired | Trouble::NoCredentials => format!("{} ({})", error.message, error.kind),
            _ => format!("{what}: {} ({}, {})", error.message, error.kind, error.operation),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    if let Some((error, _)) = deck.caller.trouble() {
        add("caller".to_owned(), error);
    }
    for function in &deck.functions {
        let target = function.target.to_string();
        let alias = function.alias.trouble().map(|(error, _)| error);
        let versions = function.versions.trouble().map(|(error, _)| error);
        if let Some(error) = alias.or(versions) {
            add(target.clone(), error);
        }
        if let Some((error, _)) = function.first.trouble() {
            add(format!("the pre-stage of {target}"), error);
        }
    }
    if let Some((error, _)) = deck.alarms.trouble() {
        add("alarms".to_owned(), error);
    }
    if let Some((error, _)) = deck.budgets.trouble() {
        add("budgets".to_owned(), error);
    }
    if let Some((error, _)) = app.metrics_trouble() {
        add("metrics".to_owned(), error);
    }
    if let Some(Err(why)) = &deck.recalled {
        lines.push(format!("release record: {why}"));
    }
    lines.dedup();
    lines
}

/// Prints the troubles to stderr. The exit code says whether there were any.
pub fn tell_troubles(app: &App) -> u8 {
    let lines = troubles(app);
    for line in &lines {
        eprintln!("flightdeck: {}", clean(line));
    }
    for missing in app.deck.missing() {
        eprintln!(
            "flightdeck: {} does not exist in {}; the configuration names it",
            clean(&missing),
            app.deck.place.region
        );
    }
    if lines.is_empty() { exit::DONE } else { exit::FAILED }
}
