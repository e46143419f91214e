//! The home of a person who starts the program: folders of their own, credentials, a configuration, and nothing of
//! the machine that the tests run on.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{ACCOUNT, PATIENCE, within};

/// The binary under test.
pub const FLIGHTDECK: &str = env!("CARGO_BIN_EXE_flightdeck");

/// A home. Its folder goes away with it.
pub struct Home {
    folder: PathBuf,
}

/// A run of the program that has ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it told the person beside that.
    pub stderr: String,
}

impl Home {
    /// A new home without any configuration.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("home-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(folder.join("config/flightdeck")).expect("a place for a home");
        Self { folder }
    }

    /// A home with this configuration where the program looks for it.
    pub fn with_config(text: &str) -> Self {
        let home = Self::new();
        home.write_config(text);
        home
    }

    /// Replaces the configuration.
    pub fn write_config(&self, text: &str) {
        fs::write(self.config(), text).expect("a configuration");
    }

    /// The configuration's file.
    pub fn config(&self) -> PathBuf {
        self.folder.join("config/flightdeck/config.toml")
    }

    /// The folder of this home.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The variables of somebody who lives here.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let inside = |name: &str| self.folder.join(name).display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut variables = vec![("HOME", self.folder.display().to_string()), ("PATH", path)];
        variables.extend([("TMPDIR", self.folder.display().to_string()), ("LANG", "C.UTF-8".to_owned())]);
        variables.extend([("XDG_CONFIG_HOME", inside("config")), ("XDG_DATA_HOME", inside("data"))]);
        variables.extend([("XDG_STATE_HOME", inside("state")), ("XDG_CACHE_HOME", inside("cache"))]);
        variables
    }

    /// Another program, started here. It has no credentials.
    pub fn tool(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUNBUFFERED", "1");
        command
    }

    /// The program under test, with credentials for the emulators.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.tool(Path::new(FLIGHTDECK));
        command.args(args).env("AWS_ACCESS_KEY_ID", ACCOUNT).env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    /// Runs the program under test to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        finish(&mut self.command(args))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

impl Run {
    /// Expects this exit code, and no sign of a crash.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "exit code; {self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Everything it wrote.
    pub fn words(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end, which must come within the lab's patience.
pub fn finish(command: &mut Command) -> Run {
    finish_within(PATIENCE, command)
}

/// Runs a command to its end, for one that takes long by itself.
pub fn finish_within(patience: Duration, command: &mut Command) -> Run {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let what = format!("{:?} ends", command.get_args().collect::<Vec<&OsStr>>());
    let mut running = Running(command.spawn().expect("a program to run"));
    let stdout = collect(running.0.stdout.take().expect("a pipe"));
    let stderr = collect(running.0.stderr.take().expect("a pipe"));
    let status = within(patience, &what, || running.0.try_wait().expect("a child of ours"));
    let text = |reader: thread::JoinHandle<String>| reader.join().expect("a reader");
    Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A child that does not outlive a test that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(pipe.read_to_end(&mut bytes));
        String::from_utf8(bytes).expect("everything that the program prints is UTF-8")
    })
}
