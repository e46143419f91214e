//! Why the journal could not be read or written, as sentences for a tired person. No trouble with the journal ever
//! stops a rollback.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the journal could not be used. Whatever it is, what stood in the journal before still stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// There is nowhere to keep a journal.
    #[error("{0}")]
    Nowhere(String),
    /// The folder or the file cannot be opened or written.
    #[error("the journal {} cannot be used: {why}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Another program holds the file.
    #[error("the journal {} is locked by another program; nothing was written", .0.display())]
    Locked(PathBuf),
    /// No room is left.
    #[error("the disk is full: the journal {} could not grow, nothing was written", .0.display())]
    Full(PathBuf),
    /// The file is not what it should be.
    #[error("the journal {} is damaged ({why}); it was left as it is. Move it away to begin a new one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// A newer program wrote it.
    #[error(
        "the journal {} was written by a newer flightdeck (form {found}, this one knows {known}); \
         nothing was read or written. Update flightdeck", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: i64,
        /// The newest form that this program knows.
        known: usize,
    },
    /// A line that no file would take: it is left out, and everything else is written.
    #[error("the journal does not take a line: {0}")]
    Refused(String),
    /// The file belongs to something else.
    #[error("{} is the database of another program; nothing was read or written", .0.display())]
    Foreign(PathBuf),
}

impl JournalError {
    /// What SQLite's word means for the file at `path`.
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, why },
            None if matches!(error, rusqlite::Error::FromSqlConversionFailure(..)) => Self::Damaged { path, why },
            None if matches!(error, rusqlite::Error::ToSqlConversionFailure(..)) => Self::Refused(why),
            Some(_) | None => Self::Unusable { path, why },
        }
    }

    pub(super) fn unusable(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::Unusable { path: path.to_owned(), why: why.to_string() }
    }
}
