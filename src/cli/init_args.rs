//! What `init` takes on the command line.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::config::words;

/// What `init` takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct InitArgs {
    /// Take every function of the region
    #[arg(long, conflicts_with = "patterns")]
    pub all: bool,
    /// Take the functions whose names fit, such as 'receipt-*'; may be repeated
    #[arg(long = "match", value_name = "GLOB")]
    pub patterns: Vec<String>,
    /// The alias to release [default: live, production or prod where there is one, else the first]
    #[arg(long, value_name = "NAME", value_parser = words::alias)]
    pub alias: Option<String>,
    /// Print the configuration and write no file
    #[arg(long, conflicts_with_all = ["output", "force"])]
    pub print: bool,
    /// The file to write [default: --config, else where the configuration is looked for]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file where there is one already
    #[arg(long)]
    pub force: bool,
}
