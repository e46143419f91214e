//! What outlives the program: what is remembered of every alias, and the history of releases, in one SQLite file in
//! the platform's data folder. Everything here blocks, so it is called away from the loop; every trouble is a value
//! with a sentence for a person, and none of it ever keeps a rollback from leaving.

mod error;
mod file;
mod keeping;
pub mod of_scenario;
mod reading;
mod row;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Result as Sql, Transaction, params};

pub use error::JournalError;
use file::Book;
pub use keeping::Unkept;
pub use reading::Wanted;

use crate::release::{
    memory::Memory,
    names::Target,
    page::Deed,
    record::{IntentId, Site},
};

/// The journal of one endpoint and region: it writes about them alone, but reads the history of all.
#[derive(Debug)]
pub struct Journal {
    book: Result<Book, JournalError>,
    place: Place,
    /// Of an embedded world, what is remembered of its aliases: the world is gone when the program ends.
    of_world: Option<Mutex<BTreeMap<Target, Memory>>>,
    /// The numbers of the writes that this run of the program intended.
    deeds: Mutex<BTreeMap<Deed, IntentId>>,
}

/// What a row of this journal is about.
#[derive(Debug, Clone, Default)]
struct Place {
    /// Empty where it is AWS.
    endpoint: String,
    region: String,
    /// When an embedded world opened, empty for the real one: two runs of a scenario are two places.
    world: String,
}

impl Journal {
    /// The journal of a real account or an emulator, in the platform's data folder. `endpoint` is given where it is
    /// not AWS.
    pub fn of_platform(endpoint: Option<&str>, region: &str) -> Self {
        Self {
            book: in_data_folder("journal"),
            place: Place::new(endpoint, region),
            of_world: None,
            deeds: Mutex::default(),
        }
    }

    /// The journal in this file.
    pub fn at(path: &Path, endpoint: Option<&str>, region: &str) -> Self {
        Self {
            book: Ok(Book::at(path.to_owned())),
            place: Place::new(endpoint, region),
            of_world: None,
            deeds: Mutex::default(),
        }
    }

    /// The journal of an embedded world that opened at `opened` (world time), beside the real one and never mixed with
    /// it. What is remembered of its aliases comes from the scenario alone.
    pub fn of_world(scenario: &str, region: &str, opened: Timestamp, memories: BTreeMap<Target, Memory>) -> Self {
        let place = Place { world: opened.to_string(), ..Place::new(None, region) };
        Self {
            book: in_data_folder(&format!("embedded-{scenario}")),
            place,
            of_world: Some(Mutex::new(memories)),
            deeds: Mutex::default(),
        }
    }

    /// A journal in this process alone, with what is remembered at its start. It has no history.
    pub fn in_process(memories: BTreeMap<Target, Memory>) -> Self {
        let nowhere = JournalError::Nowhere("this world keeps no journal".to_owned());
        Self {
            book: Err(nowhere),
            place: Place::default(),
            of_world: Some(Mutex::new(memories)),
            deeds: Mutex::default(),
        }
    }

    /// What is remembered of these aliases; those that nothing is known of are left out. Where something is there but
    /// cannot be read, a sentence for a person says why. One damaged memory takes nothing from the others.
    pub fn recall(&self, account: &str, targets: &[Target]) -> (BTreeMap<Target, Memory>, Option<String>) {
        if let Some(memories) = &self.of_world {
            let memories = memories.lock().unwrap_or_else(PoisonError::into_inner).clone();
            return (memories.into_iter().filter(|(target, _)| targets.contains(target)).collect(), None);
        }
        let Ok(book) = &self.book else { return (BTreeMap::new(), None) };
        let mut found = BTreeMap::new();
        let mut damaged = None;
        let read = book.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT memory FROM memories
                 WHERE endpoint = ?1 AND region = ?2 AND account = ?3 AND function = ?4 AND alias = ?5",
            )?;
            for target in targets {
                let (function, alias) = (target.name(), target.alias.as_str());
                let key = params![self.place.endpoint, self.place.region, account, function, alias];
                match statement.query_row(key, |row| row::json(row, "memory")).optional() {
                    Ok(memory) => found.extend(memory.map(|memory| (target.clone(), memory))),
                    Err(error) => damaged = Some(error),
                }
            }
            damaged.map_or(Ok(()), Err)
        });
        (found, read.err().map(|error| error.to_string()))
    }

    /// Writes memories down, all of them or none. When this returns they are on disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember(&self, account: &str, notes: &[(Target, Memory)]) -> Result<(), JournalError> {
        if let Some(memories) = &self.of_world {
            memories.lock().unwrap_or_else(PoisonError::into_inner).extend(notes.iter().cloned());
            return Ok(());
        }
        self.book()?.write(|transaction| {
            let mut insert = transaction.prepare(
                "INSERT OR REPLACE INTO memories (endpoint, region, account, function, alias, memory)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            notes.iter().try_for_each(|(target, memory)| {
                let (function, alias) = (target.name(), target.alias.as_str());
                let memory = row::to_json(memory)?;
                let values = params![self.place.endpoint, self.place.region, account, function, alias, memory];
                insert.execute(values).map(drop)
            })
        })
    }

    fn book(&self) -> Result<&Book, JournalError> {
        self.book.as_ref().map_err(Clone::clone)
    }
}

impl Place {
    fn new(endpoint: Option<&str>, region: &str) -> Self {
        Self { endpoint: endpoint.unwrap_or_default().to_owned(), region: region.to_owned(), world: String::new() }
    }

    /// The number of a site here.
    fn site(&self, transaction: &Transaction<'_>, site: &Site) -> Sql<i64> {
        let values = params![self.endpoint, self.region, self.world, site.account, site.environment];
        transaction
            .prepare(
                "INSERT OR IGNORE INTO sites (endpoint, region, world, account, environment) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(values)?;
        transaction
            .prepare(
                "SELECT site FROM sites
                 WHERE endpoint = ?1 AND region = ?2 AND world = ?3 AND account = ?4 AND environment = ?5",
            )?
            .query_row(values, |row| row.get(0))
    }
}

fn in_data_folder(name: &str) -> Result<Book, JournalError> {
    let dirs = directories::ProjectDirs::from("", "", "flightdeck");
    let folder: Option<PathBuf> = dirs.map(|dirs| dirs.data_dir().to_owned());
    let nowhere = || JournalError::Nowhere("there is no home folder to keep a journal in".to_owned());
    folder.map(|folder| Book::at(folder.join(format!("{name}.sqlite")))).ok_or_else(nowhere)
}
