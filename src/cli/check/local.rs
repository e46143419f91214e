//! What can be seen without AWS: whether this machine's clock is right, and whether the programs that the configuration
//! names are there.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

use super::finding::{Finding, Verdict};
use crate::{command::Command, config::Environment};

/// From here on it is worth a word.
const NOTICEABLE: SignedDuration = SignedDuration::from_secs(60);
/// AWS refuses signatures that are older or younger than this.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
const REFUSED: SignedDuration = SignedDuration::from_mins(5);

/// How this machine's clock stands to AWS's, which wrote its own time on a reply.
pub(super) fn clock(ours: Timestamp, theirs: Option<Timestamp>) -> Finding {
    const WHAT: &str = "clock";
    let Some(theirs) = theirs else {
        return Finding::new(WHAT, Verdict::Unanswerable, "the reply does not say what time it is there");
    };
    let ahead = ours.duration_since(theirs);
    let seconds = ahead.abs().as_secs();
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    if ahead.abs() < NOTICEABLE {
        return Finding::new(WHAT, Verdict::Ok, format!("within {} s of AWS's", seconds.max(1)));
    }
    let verdict = if ahead.abs() < REFUSED { Verdict::Warning } else { Verdict::Failed };
    let words = "AWS refuses signatures from 5 min on, and what is asked of CloudWatch is about the wrong minutes";
    Finding::new(WHAT, verdict, format!("it is {seconds} s {side} AWS's: {words}; set it right"))
}

/// The programs of commands and of the runbook that are nowhere to be found, a warning each.
pub(super) fn programs(environment: &Environment) -> Vec<Finding> {
    let commands = environment.commands.iter().map(|settings| ("command", &settings.command));
    let steps = environment.runbook.iter().filter_map(|step| Some(("runbook", step.command()?)));
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    commands.chain(steps).map(|(kind, command)| program(kind, command, &folders)).collect()
}

fn program(kind: &str, command: &Command, folders: &[PathBuf]) -> Finding {
    let what = format!("{kind} {}", command.name);
    let Some(program) = command.argv.first() else {
        return Finding::new(what, Verdict::Warning, "it names no program");
    };
    if let Some(folder) = command.cwd.as_ref().filter(|folder| !folder.is_dir()) {
        return Finding::new(what, Verdict::Warning, format!("its folder {} is not there", folder.display()));
    }
    match find(program, command.cwd.as_deref(), folders) {
        Some(found) => Finding::new(what, Verdict::Ok, format!("{} is there; it was not run", found.display())),
        None => Finding::new(what, Verdict::Warning, format!("{program} is no program that can be found from here")),
    }
}

/// As the system looks for a program: a path as it stands, a name in the folders of PATH.
fn find(program: &str, cwd: Option<&Path>, folders: &[PathBuf]) -> Option<PathBuf> {
    let candidates: Vec<PathBuf> = if program.contains('/') {
        vec![cwd.unwrap_or(Path::new("")).join(program)]
    } else {
        folders.iter().map(|folder| folder.join(program)).collect()
    };
    candidates.into_iter().find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_said_before_aws_refuses_it() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let verdict = |ours: i64| clock(at(ours), Some(at(0))).verdict;
        assert_eq!([verdict(0), verdict(59), verdict(-59)], [Verdict::Ok; 3]);
        assert_eq!([verdict(60), verdict(-299)], [Verdict::Warning; 2]);
        assert_eq!([verdict(300), verdict(-3600)], [Verdict::Failed; 2]);
        assert!(clock(at(-90), Some(at(0))).words.contains("90 s behind AWS's"));
        assert_eq!(clock(at(0), None).verdict, Verdict::Unanswerable);
    }

    #[cfg(unix)]
    #[test]
    fn programs_are_found_as_the_system_finds_them() {
        let folders = [PathBuf::from("/nowhere"), PathBuf::from("/bin"), PathBuf::from("/usr/bin")];
        assert!(find("sh", None, &folders).is_some());
        assert_eq!(find("no-such-program-here", None, &folders), None);
        assert_eq!(find("./sh", Some(Path::new("/bin")), &[]), Some(PathBuf::from("/bin/./sh")));
        assert_eq!(find("/etc/passwd", None, &folders), None, "a file that cannot be run is no program");
    }
}
