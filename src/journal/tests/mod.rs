//! What is written is read back, by another run, and never mixed with what belongs to another place.

mod history;
mod trouble;

use std::{fs, path::PathBuf};

use super::*;
use crate::release::{
    names::{ReleaseId, Version},
    plan::Purpose,
    record::{Began, Course, Intent, Part, Who},
    routing::{Routing, SplitStyle},
};

/// A folder of its own for each test, removed when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("flightdeck-journal-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        Self(folder)
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("flightdeck").join("journal.sqlite")
    }

    /// The journal in this folder, as a run of the program opens it.
    pub fn journal(&self) -> Journal {
        Journal::at(&self.file(), None, "eu-west-1")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T14:32:00Z".parse().unwrap();
    start + jiff::SignedDuration::from_mins(minutes)
}

pub fn site() -> Site {
    Site { account: "210987650193".into(), environment: "production".into() }
}

pub fn pay() -> Target {
    Target::new("pay", "live")
}

pub fn who() -> Who {
    Who { caller: "arn:aws:sts::210987650193:assumed-role/oncall-admin/ada".into(), os_user: "ada".into() }
}

pub fn began(id: &str) -> Began {
    Began {
        id: ReleaseId::new(id),
        title: Some("v1.4.0".into()),
        who: who(),
        why: Some("the new receipts".into()),
        at: at(0),
        course: Course {
            stages: vec![10.0, 50.0, 100.0],
            bake: jiff::SignedDuration::from_mins(5),
            watch: jiff::SignedDuration::from_mins(30),
            error_rate: Some(1.0),
            p99_ms: None,
        },
        parts: vec![part("pay")],
    }
}

pub fn part(function: &str) -> Part {
    Part {
        target: Target::new(function, "live"),
        stable: Version::Number(42),
        new: Version::Number(43),
        about: "Receipts with tax, commit 1f3a".into(),
        committed: Some(at(-90)),
    }
}

pub fn intent(id: &str, percent: f64) -> Intent {
    let (stable, new) = (Version::Number(42), Version::Number(43));
    Intent {
        release: ReleaseId::new(id),
        target: pay(),
        purpose: if percent > 0.0 { Purpose::Shift { percent } } else { Purpose::RollBack },
        automatic: percent == 0.0,
        who: who(),
        why: None,
        stable,
        new,
        before: Routing::only(stable),
        after: Routing::at_percent(stable, new, percent, SplitStyle::WeightNew),
        evidence: Vec::new(),
        at: at(1),
    }
}

fn memory() -> Memory {
    Memory { last_stable: Some(Version::Number(42)), withdrawn: vec![Version::Number(43)], ..Memory::default() }
}

#[test]
fn what_is_remembered_is_recalled_by_another_run() {
    let folder = Folder::new("recall");
    folder.journal().remember("1", &[(pay(), Memory::default())]).unwrap();
    folder.journal().remember("1", &[(pay(), memory())]).unwrap();
    let again = folder.journal();
    assert_eq!(again.recall("1", &[pay(), Target::new("ocr", "live")]).0, BTreeMap::from([(pay(), memory())]));
    for other in [
        Journal::at(&folder.file(), Some("http://127.0.0.1:5000"), "eu-west-1"),
        Journal::at(&folder.file(), None, "us-east-1"),
    ] {
        assert!(other.recall("1", &[pay()]).0.is_empty(), "another place remembers nothing of it");
    }
    assert!(again.recall("2", &[pay()]).0.is_empty(), "another account remembers nothing of it");
    assert!(again.recall("1", &[Target::new("pay", "beta")]).0.is_empty(), "another alias neither");
}

#[test]
fn reading_makes_no_file() {
    let folder = Folder::new("reading");
    let journal = folder.journal();
    assert!(journal.recall("1", &[pay()]).0.is_empty());
    assert!(journal.releases(&Wanted::default()).unwrap().is_empty());
    assert!(journal.unsettled("1").unwrap().is_empty());
    assert!(!folder.file().exists());
}

#[test]
fn an_embedded_world_remembers_its_scenario_alone() {
    let folder = Folder::new("world");
    let book = || Ok(Book::at(folder.file()));
    let world = |opened: i64| {
        let place = super::Place { world: at(opened).to_string(), ..super::Place::new(None, "eu-west-1") };
        let memories = BTreeMap::from([(pay(), Memory::default())]);
        Journal { book: book(), place, of_world: Some(Mutex::new(memories)), deeds: Mutex::default() }
    };
    let first = world(0);
    first.remember("1", &[(pay(), memory())]).unwrap();
    assert_eq!(first.recall("1", &[pay()]).0[&pay()], memory());
    first.intend(&site(), &[intent("r-1", 10.0)]).unwrap();
    let second = world(1);
    assert_eq!(second.recall("1", &[pay()]).0[&pay()], Memory::default());
    assert!(second.unsettled(&site().account).unwrap().is_empty(), "that world is gone");
    assert_eq!(first.unsettled(&site().account).unwrap().len(), 1);
}

#[test]
fn without_a_place_nothing_is_remembered_and_it_says_so() {
    let nowhere = JournalError::Nowhere("there is no home folder to keep a journal in".into());
    let journal =
        Journal { book: Err(nowhere.clone()), place: super::Place::default(), of_world: None, deeds: Mutex::default() };
    assert!(journal.recall("1", &[pay()]).0.is_empty());
    assert_eq!(journal.remember("1", &[(pay(), memory())]), Err(nowhere));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let journal = folder.journal();
    journal.remember("1", &[(pay(), memory())]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.file().parent().unwrap()), 0o700);
    let files: Vec<_> =
        fs::read_dir(folder.file().parent().unwrap()).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() > 1, "the log lies beside it: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
