//! Commands of a person's own, such as smoke tests: started without a shell, given a time, and judged by their exit
//! code. They run as the person who runs flightdeck, with the same environment; what a result means for the release is
//! for the gates to say.

mod output;
#[cfg(all(test, unix))]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, ErrorKind},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, ChildStderr, ChildStdout},
    time::timeout,
};

pub use output::Output;

use crate::{clock::Clock, text::clean};

/// What a command leaves in its pipes is there at once. Whoever keeps them open longer has run away from its group.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// How it is called on screen.
    pub name: String,
    /// The program, then its arguments, just as the program gets them: no shell takes them apart. Never empty.
    pub argv: Vec<String>,
    /// When it is ended with everything it has started, wall time.
    pub timeout: Duration,
    /// The folder it runs in; `None` is the one flightdeck was started in.
    pub cwd: Option<PathBuf>,
    /// Variables on top of the environment.
    pub env: BTreeMap<String, String>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandReading {
    /// When it was started, world time.
    pub at: Timestamp,
    /// How long it ran, wall time.
    pub took: Duration,
    /// How it ended.
    pub ending: Ending,
    /// What it wrote, to both its outputs.
    pub output: Output,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code. 0 is success.
    Exited(i32),
    /// By a signal that somebody else sent.
    Killed(i32),
    /// By us, after this time.
    TimedOut(Duration),
    /// It could not be started, or not be followed. This says nothing of the release.
    NotRun(String),
}

impl CommandReading {
    /// A command that was passed over, because the world that it would look at is an embedded one.
    pub fn not_run_here(at: Timestamp) -> Self {
        let output = Output::of_text("not run here: embedded\n");
        Self { at, took: Duration::ZERO, ending: Ending::Exited(0), output }
    }

    /// Whether the command says that all is well.
    pub fn passed(&self) -> bool {
        self.ending == Ending::Exited(0)
    }
}

/// `exit code 2`.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit code {code}"),
            Self::Killed(signal) => write!(f, "ended by signal {signal}"),
            Self::TimedOut(limit) => write!(f, "not done within {} s, ended", limit.as_secs_f64()),
            Self::NotRun(why) => write!(f, "not run: {why}"),
        }
    }
}

/// Runs a command to its end, or to the end of its time. If the future is dropped, the command ends too.
pub async fn run(command: &Command, clock: Clock) -> CommandReading {
    let began = clock.now();
    let mut output = Output::default();
    let ending = match start(command) {
        Ok(running) => follow(running, command.timeout, &mut output).await,
        Err(why) => Ending::NotRun(why),
    };
    CommandReading { at: began.world, took: clock.now().wall.saturating_sub(began.wall), ending, output }
}

fn start(command: &Command) -> Result<Running, String> {
    let (program, arguments) = command.argv.split_first().ok_or("the command is empty")?;
    if let Some(folder) = command.cwd.as_ref().filter(|folder| !folder.is_dir()) {
        // The system reports a missing folder just like a missing program.
        return Err(format!("there is no folder {}", clean(&folder.to_string_lossy())));
    }
    let mut process = tokio::process::Command::new(program);
    process.args(arguments).envs(&command.env).kill_on_drop(true);
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    process.process_group(0);
    if let Some(folder) = &command.cwd {
        process.current_dir(folder);
    }
    let mut child = process.spawn().map_err(|error| not_started(program, &error))?;
    let pipes = (child.stdout.take(), child.stderr.take());
    Ok(Running { group: Group::of(&child), child, pipes })
}

/// Why a program could not be started, and what to look at.
fn not_started(program: &str, error: &io::Error) -> String {
    let program = clean(program);
    match error.kind() {
        ErrorKind::NotFound => {
            format!("there is no program “{program}” (nor, for a script, the one in its first line)")
        }
        ErrorKind::PermissionDenied => format!("no permission to run “{program}”; is it executable?"),
        _ => format!("“{program}” cannot be started: {}", clean(&error.to_string())),
    }
}

/// A command under way. Dropping it ends it.
struct Running {
    group: Group,
    child: Child,
    /// Its outputs, until they are at their ends.
    pipes: (Option<ChildStdout>, Option<ChildStderr>),
}

async fn follow(mut running: Running, limit: Duration, output: &mut Output) -> Ending {
    let ended = timeout(limit, running.until_exit(output)).await;
    // A command is over when its first process is: what it left running goes with it.
    running.group.end();
    // On other systems than Unix there is no group, and only the process itself can be ended.
    drop(running.child.start_kill());
    drop(timeout(LAST_WORDS, running.until_closed(output)).await);
    match ended {
        Ok(Ok(status)) => how(status),
        Ok(Err(error)) => Ending::NotRun(format!("lost sight of it: {error}")),
        Err(_) => Ending::TimedOut(limit),
    }
}

impl Running {
    /// Reads both outputs while the process runs, so that it never waits for a full pipe.
    async fn until_exit(&mut self, output: &mut Output) -> io::Result<ExitStatus> {
        loop {
            tokio::select! {
                bytes = next_piece(&mut self.pipes.0) => output.push(&bytes),
                bytes = next_piece(&mut self.pipes.1) => output.push(&bytes),
                status = self.child.wait() => return status,
            }
        }
    }

    /// Reads what is left in the outputs, and lets the system forget the process.
    async fn until_closed(&mut self, output: &mut Output) {
        while self.pipes.0.is_some() || self.pipes.1.is_some() {
            tokio::select! {
                bytes = next_piece(&mut self.pipes.0) => output.push(&bytes),
                bytes = next_piece(&mut self.pipes.1) => output.push(&bytes),
            }
        }
        drop(self.child.wait().await);
    }
}

/// The next bytes of a pipe. One that is at its end becomes `None`, and is never heard of again.
async fn next_piece(pipe: &mut Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let Some(open) = pipe else { return std::future::pending().await };
    let mut bytes = Vec::with_capacity(8 * 1024);
    if !open.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
        *pipe = None;
    }
    bytes
}

fn how(status: ExitStatus) -> Ending {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Ending::Killed(signal);
    }
    Ending::Exited(status.code().unwrap_or(-1))
}

/// The command's process and all that it has started, unless they left the group on purpose. They end when this is
/// dropped.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    /// A process that was started in a group of its own leads it: the group has its number.
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)))
    }

    fn end(&mut self) {
        if let Some(leader) = self.0.take() {
            // An error means that nobody is left, which is what is wanted. As long as somebody is, the system gives
            // the number to nobody else.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Other systems have no such groups: only the process itself is ended.
#[cfg(not(unix))]
struct Group;

#[cfg(not(unix))]
impl Group {
    fn of(_: &Child) -> Self {
        Self
    }

    fn end(&mut self) {}
}
