//! A Python environment of our own below target/lab, made once from the pinned requirements and again when they
//! change. Several test processes may ask for it at the same time; a lock on a file lets one of them do the work.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The folder with the environment's programs: `python`, `ministack`, `moto_server`, `aws`.
pub fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| made(&lab()).unwrap_or_else(|why| panic!("{why}")))
}

/// A script of this folder.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab").join(name)
}

/// `target/lab`.
fn lab() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("lab")
}

fn made(lab: &Path) -> Result<PathBuf, String> {
    let say = |what: &str, error: std::io::Error| format!("{what} below {}: {error}", lab.display());
    fs::create_dir_all(lab).map_err(|error| say("cannot make the lab's folder", error))?;
    let lock = File::create(lab.join("lock")).map_err(|error| say("cannot make the lab's lock", error))?;
    // It is given back when the file is closed, even by a process that is killed.
    lock.lock().map_err(|error| say("cannot lock the lab", error))?;

    let folder = lab.join("python");
    // Written last, so that an environment that was broken off half-way is made anew.
    let stamp = folder.join("made-from.txt");
    // Its programs name the folder they were made in: one that was moved is made anew.
    let made_from = format!("{}\n{REQUIREMENTS}", folder.display());
    if fs::read_to_string(&stamp).is_ok_and(|text| text == made_from) {
        return Ok(folder.join("bin"));
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| say("cannot remove the old environment", error))?;
    }
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let place = folder.as_os_str();
    run(Command::new(&python).args(["-m", "venv"]).arg(place))
        .or_else(|_| run(Command::new(&python).args(["-m", "virtualenv"]).arg(place)))?;
    let mut pip = Command::new(folder.join("bin/python"));
    run(pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--requirement"]).arg(script("requirements.txt")))?;
    fs::write(&stamp, made_from).map_err(|error| say("cannot finish the environment", error))?;
    Ok(folder.join("bin"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let needs = "The end-to-end tests need Python 3.11 or newer with venv (or virtualenv), and on their first run the \
                 network, to install the emulators that tests/lab/requirements.txt names. PYTHON chooses another \
                 python3.";
    let output = command.output().map_err(|error| format!("{command:?} cannot be started: {error}. {needs}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} failed ({}). {needs}\n{}", output.status, said.trim()))
}
