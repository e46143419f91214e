//! `[[environments.NAME.commands]]`: programs with their arguments, run without a shell at a moment of the release.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::{
    document::{Table, Value, Wrong},
    error::{is_unprintable, quoted},
    probes::some_time,
    read::checked,
    words,
};
use crate::{command::Command, release::gates::command::Moment};

/// Every key of the table.
pub(super) const KEYS: &[&str] = &["name", "run", "env", "folder", "limit", "when"];

const MOMENTS: &[(&str, Moment)] =
    &[("before", Moment::Before), ("stage", Moment::Stage), ("watch", Moment::Watch), ("rollback", Moment::RollBack)];
const LONGEST_LIMIT: Duration = Duration::from_hours(1);

/// A command, and when it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSettings {
    /// The command.
    pub command: Command,
    /// When it runs.
    pub when: Moment,
}

/// The commands of an environment.
pub(super) fn commands(environment: &Table<'_>) -> Vec<CommandSettings> {
    let mut commands: Vec<CommandSettings> = Vec::new();
    for table in environment.tables("commands", KEYS) {
        let Some(settings) = command(&table) else { continue };
        if commands.iter().any(|other| other.command.name == settings.command.name) {
            table.problem_at("name", format!("there are two commands {}", quoted(&settings.command.name)));
        }
        commands.push(settings);
    }
    commands
}

fn command(table: &Table<'_>) -> Option<CommandSettings> {
    let name = table.require("name", checked(words::name));
    let argv = table.require("run", arguments);
    let command = Command {
        env: variables(table),
        cwd: folder(table),
        timeout: table.read("limit", some_time(LONGEST_LIMIT)).unwrap_or(Duration::from_mins(5)),
        name: name?,
        argv: argv?,
    };
    let when = table.read("when", checked(|text| words::choice(text, MOMENTS))).unwrap_or_default();
    Some(CommandSettings { command, when })
}

/// Where a command runs, if it is said.
pub(super) fn folder(table: &Table<'_>) -> Option<PathBuf> {
    table.read("folder", checked(words::name)).map(PathBuf::from)
}

/// A list, never a line: nothing splits it at spaces, and nothing in it means anything to a shell.
pub(super) fn arguments(value: Value<'_>) -> Result<Vec<String>, Wrong> {
    let expected = "a list of the program and its arguments, such as [\"npm\", \"run\", \"test:smoke\"]";
    let items = value.list(expected)?;
    let argument = |item: Value<'_>| match item.text()? {
        text if text.contains('\0') => Err(item.wrong("no argument can hold a NUL character")),
        text => Ok(text.to_owned()),
    };
    let arguments: Vec<String> = items.into_iter().map(argument).collect::<Result<_, _>>()?;
    match arguments.first() {
        Some(program) if !program.is_empty() => Ok(arguments),
        _ => Err(value.wrong(format!("names no program: expected {expected}"))),
    }
}

/// Variables on top of the environment.
pub(super) fn variables(command: &Table<'_>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let Some(table) = command.free_table("env") else { return variables };
    for (name, _) in table.keys() {
        if name.is_empty() || name.contains(['=', '\0']) || name.chars().any(is_unprintable) {
            table.problem_at(name, format!("{} is not a variable's name", quoted(name)));
            continue;
        }
        variables.extend(table.read(name, Value::text).map(|value| (name.to_owned(), value.to_owned())));
    }
    variables
}
