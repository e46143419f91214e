//! The command line: what can be asked for and how the help explains it. Says nothing of what happens then. Wrong
//! usage ends with exit code 2, before anything is read.

use std::{path::PathBuf, str::FromStr};

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::{
    init_args::InitArgs,
    past_args::{DoraArgs, HistoryArgs, ReportArgs, dora_help},
    release_args::{ReleaseArgs, WatchArgs},
};
use crate::{config::words, release::names::Version};

/// The scenario of `flightdeck demo`, and of `flightdeck sim` where none is named.
pub const DEMO: &str = "demo";

const EXAMPLES: &str = "\
Examples:
  flightdeck demo                          look around: no account, no configuration, no network
  flightdeck init                          write a configuration for what AWS holds
  flightdeck                               the cockpit on your default environment
  flightdeck -e staging --read-only        watch another one without any risk
  flightdeck status --json                 what the cockpit shows, for a script
  flightdeck shift 10                      print the plan for 10 % and change nothing
  flightdeck shift 10 --yes                move the traffic
  flightdeck rollback --yes                put the old version back, everywhere, at once
  flightdeck report -o release.html        the last release, to send to somebody
  flightdeck iam-policy --read-only        what a role must be allowed to do, to watch
  flightdeck replay releases.csv           which of your past releases should have been rolled back, and when

Exit codes:
  0  done
  1  AWS or the network failed, or part of it: the rest is still shown
  2  wrong usage or configuration, a refused plan, a write in read-only mode
  3  regression: the new version is worse
  4  undecided: not enough data to tell
  5  conflict: somebody else changed the same alias
  130  stopped by Ctrl-C or a signal, before anything was moved; told to stop twice, whatever was under way

The configuration is looked for at --config, $FLIGHTDECK_CONFIG, and config.toml in your configuration folder
(~/.config/flightdeck on Linux). config.example.toml documents every key.";

/// A release cockpit for AWS Lambda: watch a release, shift traffic, roll it back with one key.
///
/// Without a command it opens the cockpit in this terminal.
#[derive(Debug, Clone, Parser)]
#[command(name = "flightdeck", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do; without a command, the cockpit.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that work before and after the command.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Where")]
pub struct GlobalArgs {
    /// The environment to work in [default: the configuration's]
    #[arg(short, long, value_name = "NAME", global = true)]
    pub environment: Option<String>,
    /// The configuration's file
    #[arg(short, long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The AWS region, instead of the environment's
    #[arg(long, value_name = "REGION", global = true, value_parser = words::region)]
    pub region: Option<String>,
    /// The profile of your AWS configuration, instead of the environment's
    #[arg(long, value_name = "NAME", global = true, value_parser = words::name)]
    pub profile: Option<String>,
    /// The role to assume, instead of the environment's
    #[arg(long, value_name = "ARN", global = true, value_parser = words::role_arn)]
    pub role_arn: Option<String>,
    /// An endpoint for all services, instead of AWS or the environment's
    #[arg(long, value_name = "URL", global = true, value_parser = words::endpoint)]
    pub endpoint_url: Option<String>,
    /// Run on a fresh embedded AWS in this scenario: no account, no network, not your configuration
    #[arg(long, value_name = "SCENARIO", global = true)]
    pub embedded: Option<String>,
    /// How fast the embedded AWS' clock runs; 60 is an hour a minute
    #[arg(long, value_name = "N", global = true, value_parser = speed)]
    pub speed: Option<f64>,
    /// Refuse every write
    #[arg(long, visible_alias = "readonly", global = true, help_heading = "How")]
    pub read_only: bool,
    /// The theme's name, instead of the configuration's
    #[arg(long, value_name = "NAME", global = true, value_parser = words::theme, help_heading = "How")]
    pub theme: Option<String>,
    /// Show times in UTC
    #[arg(long, global = true, help_heading = "How")]
    pub utc: bool,
    /// Whether colours are left out.
    #[arg(long, help = "No colours; setting NO_COLOR does the same", global = true, help_heading = "How")]
    pub no_color: bool,
    /// Append a log of what the program does to this file
    #[arg(long, value_name = "FILE", global = true, help_heading = "How")]
    pub log: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Open the cockpit on an embedded AWS, in the middle of a release
    Demo,
    /// Serve an embedded AWS on this machine, for other programs
    Sim(SimArgs),
    /// Print functions, traffic, metrics, alarms and budgets once
    Status(StatusArgs),
    /// Shift traffic to the new version; without --yes only print the plan
    Shift(ShiftArgs),
    /// Put the stable version back; without --yes only print the plan
    Rollback(RollbackArgs),
    /// Run a whole release: stages that bake, gates, the watch; without --yes only print the plan
    Release(ReleaseArgs),
    /// Watch what is live now, for half an hour or as long as you say
    Watch(WatchArgs),
    /// List past releases, newest first
    History(HistoryArgs),
    /// Tell one release: what moved when and why, gates, charts, timeline, cost
    Report(ReportArgs),
    /// Count deployment frequency, lead time, change failure rate, time to recovery
    #[command(after_help = dora_help())]
    Dora(DoraArgs),
    /// Judge recorded releases once more, minute by minute, and say which should have been rolled back
    Replay(ReplayArgs),
    /// Ask AWS, reading only, for functions, aliases, alarms and budgets, and write a configuration for those you choose
    Init(InitArgs),
    /// Check that configuration, credentials, permissions, functions, alarms, budgets, metrics and probes fit together
    Check(CheckArgs),
    /// Print the least-privilege IAM policy for an environment; with --read-only, that of somebody who only looks
    IamPolicy,
}

/// What `sim` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct SimArgs {
    /// The scenario to serve [default: demo]
    pub scenario: Option<String>,
    /// The port on 127.0.0.1; 0 chooses a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
}

/// What `status` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `check` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct CheckArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `shift` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct ShiftArgs {
    /// The new version's share of the traffic: one of release.stages in the configuration
    #[arg(value_name = "PERCENT", value_parser = percent)]
    pub percent: u8,
    /// Only this function (to this version); may be repeated [default: all of the release]
    #[arg(long = "function", value_name = "[REGION/]NAME[:ALIAS][=VERSION]")]
    pub functions: Vec<FunctionChoice>,
    /// The version to shift to; needs exactly one function
    #[arg(long, value_name = "VERSION")]
    pub to: Option<Version>,
    /// The name of the environment, which a protected one wants to hear
    #[arg(long, value_name = "ENVIRONMENT")]
    pub confirm: Option<String>,
    /// What shift and rollback have in common.
    #[command(flatten)]
    pub write: WriteArgs,
}

/// What `rollback` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct RollbackArgs {
    /// Only this function; may be repeated [default: the whole release]
    #[arg(long = "function", value_name = "[REGION/]NAME[:ALIAS]", value_parser = function_alone)]
    pub functions: Vec<FunctionChoice>,
    /// The version to go back to, not the recorded one; needs exactly one function. Of a rule the name of a target group,
    /// of a stage the id of a deployment
    #[arg(long, value_name = "VERSION", value_parser = words::name)]
    pub to: Option<String>,
    /// What shift and rollback have in common.
    #[command(flatten)]
    pub write: WriteArgs,
}

/// What `replay` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct ReplayArgs {
    /// The recorded releases, in the format of docs/replay.md
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// Print JSON: a line per release
    #[arg(long, conflicts_with = "explain")]
    pub json: bool,
    /// Print the evidence of one release by the minute
    #[arg(long, value_name = "RELEASE")]
    pub explain: Option<String>,
}

/// What every command that moves traffic takes.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct WriteArgs {
    /// Do it; without this, only the plan is printed and nothing is changed
    #[arg(long)]
    pub yes: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", value_parser = words::name)]
    pub reason: Option<String>,
    /// Print JSON: an array with an object per function
    #[arg(long)]
    pub json: bool,
}

/// A function as it is named on the command line: `NAME`, `NAME:ALIAS`, `NAME=VERSION` or `NAME:ALIAS=VERSION`, each
/// with `REGION/` before it where the environment has it in several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionChoice {
    /// The region, where the configuration lists the function in several.
    pub region: Option<String>,
    /// The function's name.
    pub name: String,
    /// The alias, where the configuration lists the function with several.
    pub alias: Option<String>,
    /// The version to shift to.
    pub version: Option<Version>,
}

impl FromStr for FunctionChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (function, version) = match text.split_once('=') {
            Some((function, version)) => (function, Some(version)),
            None => (text, None),
        };
        let (region, function) = match function.split_once('/') {
            Some((region, function)) => (Some(words::region(region)?), function),
            None => (None, function),
        };
        let (name, alias) = match function.split_once(':') {
            Some((name, alias)) if name != "arn" => (name, Some(alias)),
            _ => (function, None),
        };
        Ok(Self {
            region,
            name: words::lambda_name(name, 64)?,
            alias: alias.map(words::alias).transpose()?,
            version: version.map(|version| version.parse().map_err(|error| format!("{error}"))).transpose()?,
        })
    }
}

impl Args {
    /// The scenario of the embedded AWS to run against, if any.
    pub fn scenario(&self) -> Option<&str> {
        let named = self.global.embedded.as_deref();
        match &self.command {
            Some(Command::Demo) => Some(named.unwrap_or(DEMO)),
            Some(Command::Sim(sim)) => Some(sim.scenario.as_deref().or(named).unwrap_or(DEMO)),
            Some(_) | None => named,
        }
    }
}

/// A whole percent from 1 to 100, with or without its sign.
fn percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    number.filter(|percent| (1..=100).contains(percent)).ok_or_else(|| "not a whole percent from 1 to 100".to_owned())
}

/// How many times faster than real time.
fn speed(text: &str) -> Result<f64, String> {
    const FASTEST: f64 = 3600.0;
    let speed = text.parse().ok().filter(|speed| *speed > 0.0 && *speed <= FASTEST);
    speed.ok_or_else(|| format!("not a number above 0 and up to {FASTEST}"))
}

/// A function without a version.
fn function_alone(text: &str) -> Result<FunctionChoice, String> {
    let choice: FunctionChoice = text.parse()?;
    match choice.version {
        None => Ok(choice),
        Some(version) => Err(format!("the version to go back to is given by --to {version}")),
    }
}
