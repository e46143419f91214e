//! The file itself: made private, opened late, brought to its present form, and every trouble with it turned into
//! words. It knows nothing of what stands in the tables.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Result as Sql, Transaction, TransactionBehavior};

use super::error::JournalError;

/// The forms of the journal, oldest first. A file of form n has gone through the first n of them.
const FORMS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];
/// How long to wait for another program that holds the file. A person waits for this before a forward move leaves.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long to wait where going on without is as good.
const LITTLE_PATIENCE: Duration = Duration::from_millis(100);

/// One SQLite file. It is opened when it is first needed, and again after a failure: a disk may have been freed.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    open: Mutex<Option<Connection>>,
}

/// What form a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// So many forms behind it, and some still to go through.
    Older(usize),
    Present,
    Newer(i64),
    /// Tables, but none of ours.
    Foreign,
}

impl Book {
    /// The book at this path. Nothing is touched yet.
    pub fn at(path: PathBuf) -> Self {
        Self { path, open: Mutex::new(None) }
    }

    /// Reads from the book; `None` where there is no file yet. Nothing is created, and a disk that takes no writes
    /// can still be read.
    pub fn read<T>(&self, read: impl FnOnce(&Connection) -> Sql<T>) -> Result<Option<T>, JournalError> {
        if !fs::exists(&self.path).map_err(|error| JournalError::unusable(&self.path, error))? {
            return Ok(None);
        }
        let mut open = self.lock();
        if open.is_none() {
            *open = Some(match self.open_to_write() {
                Err(JournalError::Unusable { .. } | JournalError::Full(_)) => self.open_to_read()?,
                other => other?,
            });
        }
        let outcome = open.as_ref().map(read).transpose();
        self.told(outcome, &mut open)
    }

    /// Writes into the book: all of it or nothing. When this returns, it is on disk.
    pub fn write<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Sql<T>) -> Result<T, JournalError> {
        let mut open = self.lock();
        // A file that was moved away while it was open would swallow what is written to it.
        if !fs::exists(&self.path).unwrap_or(false) {
            *open = None;
        }
        let connection = match open.as_mut() {
            Some(connection) => connection,
            None => open.insert(self.open_to_write()?),
        };
        let outcome = in_one(connection, write);
        self.told(outcome, &mut open)
    }

    /// The outcome in our words. After a failure the file is opened afresh.
    fn told<T>(&self, outcome: Sql<T>, open: &mut Option<Connection>) -> Result<T, JournalError> {
        if outcome.is_err() {
            *open = None;
        }
        outcome.map_err(|error| self.trouble(&error))
    }

    /// The file, if it is open. An earlier use of it may have broken off: then it is opened afresh.
    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.open.lock().unwrap_or_else(|broken| {
            let mut open = broken.into_inner();
            *open = None;
            open
        })
    }

    fn trouble(&self, error: &rusqlite::Error) -> JournalError {
        JournalError::of(&self.path, error)
    }

    /// Opens the file for both, makes it where it is missing, and brings it to its present form.
    fn open_to_write(&self) -> Result<Connection, JournalError> {
        make_private(&self.path).map_err(|error| JournalError::unusable(&self.path, error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.path, flags).map_err(|error| self.trouble(&error))?;
        connection.busy_timeout(PATIENCE).map_err(|error| self.trouble(&error))?;
        self.check(form_of(&connection))?;
        bring_up(&mut connection).map_err(|error| self.trouble(&error))?;
        Ok(connection)
    }

    /// Opens the file for reading alone. On a disk that takes no writes at all SQLite reads a file only if it is told
    /// that nobody changes it, which is true there unless a log beside the file still waits to be taken in:
    /// <https://www.sqlite.org/wal.html#read_only_databases>.
    fn open_to_read(&self) -> Result<Connection, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let name = self.path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let open = |how: &str| Connection::open_with_flags(format!("file:{name}{how}"), flags);
        let readable = |connection: Connection| form_of(&connection).map(|form| (connection, form));
        let mut opened = open("").and_then(readable);
        if opened.is_err() && !Path::new(&log).exists() {
            opened = open("?immutable=1").and_then(readable);
        }
        let (connection, form) = opened.map_err(|error| self.trouble(&error))?;
        self.check(Ok(form))?;
        Ok(connection)
    }

    fn check(&self, form: Sql<Form>) -> Result<(), JournalError> {
        match form.map_err(|error| self.trouble(&error))? {
            Form::Present | Form::Older(_) => Ok(()),
            Form::Foreign => Err(JournalError::Foreign(self.path.clone())),
            Form::Newer(found) => Err(JournalError::Newer { path: self.path.clone(), found, known: FORMS.len() }),
        }
    }

    /// Lets a test do to the open file what a bad day would do.
    #[cfg(test)]
    pub fn disturb(&self, disturb: impl FnOnce(&Connection)) {
        self.open.lock().unwrap().as_ref().map(disturb).expect("the file is open");
    }
}

fn form_of(connection: &Connection) -> Sql<Form> {
    // In one statement, and so of one moment: between two, another program may have begun the journal.
    let both = "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version";
    let (number, tables): (i64, i64) = connection.query_row(both, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(match usize::try_from(number) {
        // A disk that was full when the file was made may have kept its number and lost its tables.
        Ok(form) if tables == 0 && form <= FORMS.len() => Form::Older(0),
        Ok(0) if tables > 0 => Form::Foreign,
        Ok(form) if form < FORMS.len() => Form::Older(form),
        Ok(form) if form == FORMS.len() => Form::Present,
        Ok(_) => Form::Newer(number),
        Err(_) => Form::Foreign,
    })
}

/// Sets how the file is written, and takes it through the forms that it has not gone through.
fn bring_up(connection: &mut Connection) -> Sql<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        // Another program may hold the file just now. The older mode works as well, and the next opening tries again.
        connection.busy_timeout(LITTLE_PATIENCE)?;
        drop(connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())));
        connection.busy_timeout(PATIENCE)?;
    }
    // What was said to be written must outlive the power as well.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if form_of(connection)? == Form::Present {
        return Ok(());
    }
    in_one(connection, |transaction| {
        // Another program may have been faster.
        let Form::Older(gone_through) = form_of(transaction)? else { return Ok(()) };
        for form in FORMS.iter().skip(gone_through) {
            transaction.execute_batch(form)?;
        }
        let present = i64::try_from(FORMS.len()).unwrap_or(i64::MAX);
        transaction.pragma_update(None, "user_version", present)
    })
}

/// Does it in one transaction, which takes the file for itself from its beginning.
fn in_one<T>(connection: &mut Connection, write: impl FnOnce(&Transaction<'_>) -> Sql<T>) -> Sql<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let written = write(&transaction)?;
    transaction.commit()?;
    Ok(written)
}

/// Makes the folder and an empty file where they are missing, both for the owner alone. SQLite gives the files that it
/// lays beside the first one the same rights.
fn make_private(path: &Path) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
