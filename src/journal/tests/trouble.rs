//! Bad days: a program that is killed, a disk that is full, a file that is locked, damaged, newer or somebody else's.
//! Every one is a sentence, none is a panic, and nothing that stood in the journal is lost.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use super::*;
use crate::release::record::{Line, MinuteCount};

/// Where the child of the test below finds its journal.
const CHILD: &str = "FLIGHTDECK_TEST_JOURNAL";

#[test]
#[ignore = "the child of `a_program_killed_at_any_point_loses_nothing_it_was_told_is_written`"]
fn a_writer_that_never_stops() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let journal = Journal::at(Path::new(&path), None, "eu-west-1");
    loop {
        let written = journal.intend(&site(), &[intent("r-1", 10.0), intent("r-1", 50.0)]).unwrap();
        println!("\nwritten {}", written[1].0);
    }
}

#[test]
fn a_program_killed_at_any_point_loses_nothing_it_was_told_is_written() {
    let folder = Folder::new("killed");
    let mut told = 0;
    for round in 1..=5_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::tests::trouble::a_writer_that_never_stops", "--ignored", "--nocapture"])
            .env(CHILD, folder.file())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let numbers = lines.filter_map(|line| line.strip_prefix("written ").map(|id| id.parse::<usize>().unwrap()));
        let mut numbers = numbers.inspect(|number| told = *number);
        assert!(numbers.nth(usize::try_from(3 * round).unwrap()).is_some(), "the child wrote");
        // `kill` is SIGKILL: the child is in the middle of a write now, or between two.
        child.kill().unwrap();
        numbers.for_each(drop);
        child.wait().unwrap();

        let found = folder.journal().unsettled(&site().account).unwrap();
        assert!(found.len() >= told, "told of {told}, found {}", found.len());
        assert_eq!(found.len() % 2, 0, "what goes in together is there together");
        let whole: String =
            Connection::open(folder.file()).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }
}

#[test]
fn a_full_disk_takes_nothing_half_and_all_of_it_later() {
    let folder = Folder::new("full");
    let journal = folder.journal();
    journal.write(&site(), &[Line::Began(began("r-1"))]).unwrap();
    let full = |connection: &Connection| {
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    journal.book().unwrap().disturb(full);
    let minutes = (0..2000).map(|minute| MinuteCount {
        target: pay(),
        version: Version::Number(43),
        at: at(minute),
        calls: 1.0,
        errors: None,
        p99_ms: None,
    });
    let lines = [Line::Minutes(ReleaseId::new("r-1"), minutes.collect())];
    let error = journal.write(&site(), &lines).unwrap_err();
    assert_eq!(error, JournalError::Full(folder.file()));
    assert!(error.to_string().contains("disk is full"));
    let minutes = |journal: &Journal| {
        let wanted = Wanted { with_minutes: true, ..Wanted::default() };
        journal.releases(&wanted).unwrap()[0].minutes.len()
    };
    assert_eq!(minutes(&journal), 0, "nothing of it was written, and the rest can be read");
    journal.write(&site(), &lines).unwrap();
    assert_eq!(minutes(&journal), 2000, "once there is room again");
}

#[test]
fn a_locked_file_can_be_read_and_says_that_it_is_locked() {
    let folder = Folder::new("locked");
    folder.journal().remember("1", &[(pay(), memory())]).unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM memories").unwrap();
    let journal = folder.journal();
    let error = journal.remember("1", &[(pay(), Memory::default())]).unwrap_err();
    assert_eq!(error, JournalError::Locked(folder.file()));
    assert_eq!(journal.recall("1", &[pay()]).0[&pay()], memory());
    other.execute_batch("ROLLBACK").unwrap();
    journal.remember("1", &[(pay(), Memory::default())]).unwrap();
}

#[test]
fn a_damaged_file_is_named_and_left_as_it_is() {
    let folder = Folder::new("damaged");
    folder.journal().remember("1", &[(pay(), memory())]).unwrap();
    let rubbish = "these are not the tables that you are looking for ".repeat(200);
    fs::write(folder.file(), &rubbish).unwrap();
    for log in ["journal.sqlite-wal", "journal.sqlite-shm"] {
        drop(fs::remove_file(folder.file().with_file_name(log)));
    }
    let journal = folder.journal();
    for error in [
        journal.remember("1", &[(pay(), memory())]).unwrap_err(),
        journal.intend(&site(), &[intent("r-1", 10.0)]).unwrap_err(),
        journal.releases(&Wanted::default()).unwrap_err(),
    ] {
        assert!(matches!(&error, JournalError::Damaged { path, .. } if *path == folder.file()), "{error}");
        assert!(error.to_string().contains("Move it away"), "{error}");
    }
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), rubbish);
}

#[test]
fn pages_that_are_damaged_inside_are_an_error_too() {
    let folder = Folder::new("inside");
    folder.journal().write(&site(), &[Line::Began(began("r-1"))]).unwrap();
    let mut bytes = fs::read(folder.file()).unwrap();
    bytes[4096..].fill(0x5a);
    fs::write(folder.file(), bytes).unwrap();
    let error = folder.journal().releases(&Wanted::default()).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}

#[test]
fn a_row_that_nobody_wrote_names_its_column() {
    let folder = Folder::new("row");
    let journal = folder.journal();
    journal.write(&site(), &[Line::Began(began("r-1"))]).unwrap();
    journal.book().unwrap().disturb(|open| open.execute_batch("UPDATE parts SET stable = 'live'").unwrap());
    let error = journal.releases(&Wanted::default()).unwrap_err().to_string();
    assert!(error.contains("stable") && error.contains("“live” is not a version"), "{error}");
}

#[test]
fn one_damaged_memory_takes_nothing_from_the_others() {
    let folder = Folder::new("one");
    let (journal, ocr) = (folder.journal(), Target::new("ocr", "live"));
    journal.remember("1", &[(pay(), memory()), (ocr.clone(), memory())]).unwrap();
    let damage = "UPDATE memories SET memory = '{' WHERE function = 'pay'";
    journal.book().unwrap().disturb(|open| open.execute_batch(damage).unwrap());
    let (found, why) = journal.recall("1", &[pay(), ocr.clone()]);
    assert_eq!(found, BTreeMap::from([(ocr, memory())]));
    assert!(why.is_some_and(|why| why.contains("damaged") && why.contains("memory")), "it is said all the same");
}

#[test]
fn a_newer_file_is_neither_read_nor_written() {
    let folder = Folder::new("newer");
    folder.journal().remember("1", &[(pay(), memory())]).unwrap();
    let newer = Connection::open(folder.file()).unwrap();
    newer.execute_batch("DROP TABLE memories; PRAGMA user_version = 7").unwrap();
    drop(newer);
    let before = fs::read(folder.file()).unwrap();
    let journal = folder.journal();
    let known = JournalError::Newer { path: folder.file(), found: 7, known: 2 };
    assert_eq!(journal.remember("1", &[(pay(), memory())]), Err(known.clone()));
    assert_eq!(journal.recall("1", &[pay()]), (BTreeMap::new(), Some(known.to_string())));
    assert!(known.to_string().contains("Update flightdeck"));
    assert_eq!(fs::read(folder.file()).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let folder = Folder::new("foreign");
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    let error = folder.journal().remember("1", &[(pay(), memory())]).unwrap_err();
    assert_eq!(error, JournalError::Foreign(folder.file()));
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_not_a_panic() {
    let folder = Folder::new("file");
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.file().parent().unwrap(), "a file stands where the folder should").unwrap();
    let error = folder.journal().remember("1", &[(pay(), memory())]).unwrap_err();
    assert!(matches!(error, JournalError::Unusable { .. }), "{error}");
}

#[test]
fn a_file_that_was_moved_away_is_begun_anew() {
    let folder = Folder::new("moved");
    let journal = folder.journal();
    journal.remember("1", &[(pay(), memory())]).unwrap();
    fs::remove_dir_all(folder.file().parent().unwrap()).unwrap();
    journal.remember("1", &[(pay(), memory())]).unwrap();
    assert_eq!(folder.journal().recall("1", &[pay()]).0[&pay()], memory());
}

#[test]
fn two_programs_may_begin_the_same_journal_at_once() {
    let folder = Folder::new("both");
    std::thread::scope(|scope| {
        for account in ["1", "2", "3", "4"] {
            let journal = folder.journal();
            scope.spawn(move || journal.remember(account, &[(pay(), memory())]).unwrap());
        }
    });
    for account in ["1", "2", "3", "4"] {
        assert_eq!(folder.journal().recall(account, &[pay()]).0.len(), 1);
    }
}

#[test]
fn a_file_that_lost_its_tables_on_a_full_disk_is_begun_anew() {
    let folder = Folder::new("bare");
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let journal = folder.journal();
    journal.remember("1", &[(pay(), memory())]).unwrap();
    assert_eq!(folder.journal().recall("1", &[pay()]).0[&pay()], memory());
}
