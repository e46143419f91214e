//! What `release` and `watch` take on the command line.

use std::{str::FromStr, time::Duration};

use clap::{Args as ClapArgs, ValueEnum};

use super::args::{FunctionChoice, WriteArgs};
use crate::{
    config::words,
    release::{names::Version, stages::OnUndecided},
};

/// The longest bake or watch.
const LONGEST: Duration = Duration::from_hours(24);

/// What `release` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct ReleaseArgs {
    /// Only this function (to this version); may be repeated [default: all that have a newer version]
    #[arg(long = "function", value_name = "[REGION/]NAME[:ALIAS][=VERSION]")]
    pub functions: Vec<FunctionChoice>,
    /// The version to release; needs exactly one function
    #[arg(long, value_name = "VERSION")]
    pub to: Option<Version>,
    /// The stages in percent, rising, instead of the configuration's
    #[arg(long, value_name = "10,50,100")]
    pub stages: Option<Stages>,
    /// How long a stage is held, instead of the configuration's
    #[arg(long, value_name = "5m", value_parser = length)]
    pub bake: Option<Duration>,
    /// How long it is watched after the last stage, instead of the configuration's
    #[arg(long, value_name = "30m", value_parser = length)]
    pub watch: Option<Duration>,
    /// Roll back by itself when a critical gate fails
    #[arg(long)]
    pub auto_rollback: bool,
    /// What to do when the data are too thin to tell, even after an extension, instead of the configuration's
    #[arg(long, value_enum)]
    pub on_undecided: Option<Otherwise>,
    /// What to do when this program is told to stop
    #[arg(long, value_enum, default_value_t)]
    pub on_exit: Otherwise,
    /// The name of the environment, which a protected one wants to hear
    #[arg(long, value_name = "ENVIRONMENT")]
    pub confirm: Option<String>,
    /// An alarm that may ring already when the release begins; may be repeated
    #[arg(long, value_name = "ALARM")]
    pub acknowledge: Vec<String>,
    /// Run a release on that another program began
    #[arg(long)]
    pub take_over: bool,
    /// What every command that moves traffic takes.
    #[command(flatten)]
    pub write: WriteArgs,
}

/// What `watch` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct WatchArgs {
    /// How long, instead of the configuration's
    #[arg(long = "for", value_name = "30m", value_parser = length)]
    pub length: Option<Duration>,
    /// Roll back by itself when a critical gate fails
    #[arg(long)]
    pub auto_rollback: bool,
    /// Print JSON, an object a line
    #[arg(long)]
    pub json: bool,
}

/// Leave the traffic as it is, or take it back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Otherwise {
    /// Leave the traffic as it is and say so.
    #[default]
    Hold,
    /// Put the stable version back.
    Rollback,
}

impl From<Otherwise> for OnUndecided {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Hold => Self::Hold,
            Otherwise::Rollback => Self::RollBack,
        }
    }
}

/// Stages as they are written on the command line: whole percents, rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages(pub Vec<u8>);

impl FromStr for Stages {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let stages: Vec<u8> = text
            .split(',')
            .map(|stage| stage.trim().trim_end_matches('%').parse().ok().filter(|stage| (1..=100).contains(stage)))
            .collect::<Option<_>>()
            .ok_or("stages are whole percents from 1 to 100, such as 10,50,100")?;
        if stages.is_sorted_by(|a, b| a < b) { Ok(Self(stages)) } else { Err("stages must rise".to_owned()) }
    }
}

fn length(text: &str) -> Result<Duration, String> {
    words::duration(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_whole_percents_that_rise() {
        assert_eq!("10,50,100".parse(), Ok(Stages(vec![10, 50, 100])));
        assert_eq!("5%, 100%".parse(), Ok(Stages(vec![5, 100])));
        for wrong in ["", "50,10", "10,10", "0,100", "10,150", "ten"] {
            assert!(wrong.parse::<Stages>().is_err(), "{wrong}");
        }
    }
}
