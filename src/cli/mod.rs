//! The command line: what can be asked for, what a run works on, and the commands that need no screen.

pub mod args;
mod check;
mod cockpit;
mod dora;
mod environments;
mod headless;
mod history;
mod iam_policy;
mod init;
pub mod init_args;
mod log;
mod output;
pub mod past_args;
mod release;
pub mod release_args;
mod replay;
mod report;
pub mod resolve;
mod rollback;
mod runbook;
mod services;
mod shift;
mod sim;
mod status;
mod telling;
#[cfg(test)]
mod tests;
mod wanted;

use std::{fmt::Display, process::ExitCode};

use clap::Parser as _;

use args::{Args, Command};
use resolve::Setting;

/// What the program says to the shell when it ends.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// AWS or the network failed, or a part of it: the rest is still shown.
    pub const FAILED: u8 = 1;
    /// Usage, configuration, a refused plan, a write in read-only mode.
    pub const REFUSED: u8 = 2;
    /// The new version is worse.
    pub const REGRESSION: u8 = 3;
    /// Too little data to tell.
    pub const UNDECIDED: u8 = 4;
    /// Somebody else changed what was to be changed.
    pub const CONFLICT: u8 = 5;
    /// Ctrl-C or a signal, before anything was moved; or a second one, whatever was under way.
    pub const STOPPED: u8 = 130;
}

/// The whole program: reads the command line, does what it says, and says how it went.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match &args.command {
        Some(Command::Sim(sim)) => self::sim::run(&args, sim),
        Some(Command::History(history)) => self::history::run(&args, history),
        Some(Command::Report(report)) => self::report::run(&args, report),
        Some(Command::Dora(dora)) => self::dora::run(&args, dora),
        Some(Command::Replay(replay)) => self::replay::run(&args, replay),
        Some(Command::IamPolicy) => setting(&args).map(|setting| iam_policy::run(&setting)),
        Some(Command::Init(init)) => self::init(&args, init),
        _ => run(&args),
    };
    let code = outcome.unwrap_or_else(|failure| failure.tell());
    ExitCode::from(if code == exit::DONE && output::is_lost() { exit::FAILED } else { code })
}

/// Why a command could not do its work, with the exit code for it.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    fn refused(message: impl Display) -> Self {
        Self { code: exit::REFUSED, message: message.to_string() }
    }

    fn failed(message: impl Display) -> Self {
        Self { code: exit::FAILED, message: message.to_string() }
    }

    fn tell(&self) -> u8 {
        for (index, line) in self.message.lines().enumerate() {
            let name = if index == 0 { "flightdeck: " } else { "" };
            eprintln!("{name}{}", crate::aws::clean(line));
        }
        self.code
    }
}

fn run(args: &Args) -> Result<u8, Failure> {
    let setting = setting(args)?;
    log::start(setting.log.as_deref()).map_err(Failure::refused)?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        match &args.command {
            None | Some(Command::Demo) => cockpit::run(setting).await,
            Some(Command::Status(status)) => status::run(setting, status).await,
            Some(Command::Check(check)) => Box::pin(check::run(setting, check)).await,
            Some(Command::Shift(shift)) => Box::pin(shift::run(setting, shift)).await,
            Some(Command::Release(release)) => Box::pin(release::run(setting, release)).await,
            Some(Command::Watch(watch)) => Box::pin(release::watch(setting, watch)).await,
            Some(Command::Rollback(rollback)) => rollback::run(setting, rollback).await,
            // These need no account, and are done before one is asked for.
            Some(
                Command::Sim(_)
                | Command::History(_)
                | Command::Report(_)
                | Command::Dora(_)
                | Command::Replay(_)
                | Command::Init(_)
                | Command::IamPolicy,
            ) => Ok(exit::DONE),
        }
    });
    // A call that hangs must not keep the program from ending.
    runtime.shutdown_background();
    outcome
}

/// Makes a configuration: there is none to begin with.
fn init(args: &Args, init: &init_args::InitArgs) -> Result<u8, Failure> {
    log::start(args.global.log.as_deref()).map_err(Failure::refused)?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(Box::pin(self::init::run(args, init)));
    runtime.shutdown_background();
    outcome
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Failure::failed(format!("cannot start: {error}")))
}

/// What this run works on.
fn setting(args: &Args) -> Result<Setting, Failure> {
    let scenario = args.scenario().map(crate::sim::scenario::find).transpose().map_err(Failure::refused)?;
    let variables = |name: &str| std::env::var(name).ok();
    resolve::resolve(args, &variables, scenario.map(|scenario| scenario.config_toml)).map_err(Failure::refused)
}
