//! The log: to a file, never to the terminal. Without a file nothing is logged.

use std::{fs::OpenOptions, path::Path, sync::Mutex};

use tracing_subscriber::EnvFilter;

/// Starts to log to this file, if any. `FLIGHTDECK_LOG` chooses how much, such as `debug`.
///
/// # Errors
/// A sentence for a person, when the file cannot be opened.
pub fn start(file: Option<&Path>) -> Result<(), String> {
    let Some(path) = file else {
        return Ok(());
    };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| format!("the log {} cannot be opened: {error}", path.display()))?;
    let filter = EnvFilter::try_from_env("FLIGHTDECK_LOG").unwrap_or_else(|_| EnvFilter::new("flightdeck=debug"));
    // A log that cannot be written any more must not be complained about in the middle of the screen.
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).log_internal_errors(false);
    subscriber.with_writer(Mutex::new(file)).init();
    Ok(())
}
