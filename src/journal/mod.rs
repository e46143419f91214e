//! What must outlive the program: the release under way, what was rolled back, what was stable last. One small file
//! an alias, so that two cockpits on one machine do not write over each other's functions.

pub mod of_scenario;

use std::{
    collections::BTreeMap,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::release::{memory::Memory, names::Target};

/// Where memories are kept.
#[derive(Debug)]
pub enum Journal {
    /// In files below this folder, for one endpoint and region.
    Folder {
        /// Such as `~/.local/share/flightdeck/releases`.
        folder: PathBuf,
        /// The endpoint if it is not AWS, and the region: part of every file's place.
        place: String,
    },
    /// Nowhere but in this process: an embedded world is gone when the program ends.
    InProcess(Mutex<BTreeMap<Target, Memory>>),
    /// There is no place to write to; a sentence for a person says why.
    Nowhere(String),
}

/// What a file holds. The place is repeated inside, so that a file that was copied elsewhere is not believed.
#[derive(Debug, Serialize, Deserialize)]
struct Sheet {
    account: String,
    place: String,
    target: Target,
    memory: Memory,
}

impl Journal {
    /// The journal of a real account or an emulator, in the platform's data folder. `endpoint` is given where it is
    /// not AWS.
    pub fn of_platform(endpoint: Option<&str>, region: &str) -> Self {
        match directories::ProjectDirs::from("", "", "flightdeck") {
            Some(dirs) => Self::in_folder(&dirs.data_dir().join("releases"), endpoint, region),
            None => Self::Nowhere("there is no home folder to keep the release record in".to_owned()),
        }
    }

    /// A journal below a folder.
    pub fn in_folder(folder: &Path, endpoint: Option<&str>, region: &str) -> Self {
        let place = format!("{} {region}", endpoint.unwrap_or("aws"));
        Self::Folder { folder: folder.to_owned(), place }
    }

    /// The journal of an embedded world, with what its scenario remembers.
    pub fn in_process(memories: BTreeMap<Target, Memory>) -> Self {
        Self::InProcess(Mutex::new(memories))
    }

    /// What is remembered of these aliases; those that nothing is known of are left out. Where files are there but
    /// cannot be read, a sentence for a person says which. One damaged file takes nothing from the others.
    pub fn recall(&self, account: &str, targets: &[Target]) -> (BTreeMap<Target, Memory>, Option<String>) {
        match self {
            Self::Nowhere(_) => (BTreeMap::new(), None),
            Self::InProcess(memories) => {
                let memories = memories.lock().unwrap_or_else(PoisonError::into_inner).clone();
                (memories.into_iter().filter(|(target, _)| targets.contains(target)).collect(), None)
            }
            Self::Folder { folder, place } => {
                let (mut found, mut troubles) = (BTreeMap::new(), Vec::new());
                for target in targets {
                    match read_sheet(&sheet_path(folder, place, account, target), place, account, target) {
                        Ok(Some(memory)) => {
                            found.insert(target.clone(), memory);
                        }
                        Ok(None) => {}
                        Err(why) => troubles.push(why),
                    }
                }
                (found, (!troubles.is_empty()).then(|| troubles.join("; ")))
            }
        }
    }

    /// Writes memories down. When this returns they are on disk.
    ///
    /// # Errors
    /// A sentence for a person: what could not be written and why.
    pub fn remember(&self, account: &str, notes: &[(Target, Memory)]) -> Result<(), String> {
        match self {
            Self::Nowhere(why) => Err(why.clone()),
            Self::InProcess(memories) => {
                memories.lock().unwrap_or_else(PoisonError::into_inner).extend(notes.iter().cloned());
                Ok(())
            }
            Self::Folder { folder, place } => notes.iter().try_for_each(|(target, memory)| {
                let path = sheet_path(folder, place, account, target);
                let sheet = Sheet {
                    account: account.to_owned(),
                    place: place.clone(),
                    target: target.clone(),
                    memory: memory.clone(),
                };
                write_sheet(&path, &sheet).map_err(|error| format!("{} cannot be written: {error}", path.display()))
            }),
        }
    }
}

/// `aws_eu-west-1/210987650193/receipt_crud.live.json`. Names of functions and aliases hold no dots, so two aliases
/// never share a file.
fn sheet_path(folder: &Path, place: &str, account: &str, target: &Target) -> PathBuf {
    let account = if account.is_empty() { "unknown" } else { account };
    let file = format!("{}.{}.json", plain(target.function.as_str()), plain(target.alias.as_str()));
    folder.join(plain(place)).join(plain(account)).join(file)
}

/// A text as a file name: anything but letters, digits, `-` and `_` becomes its code.
fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut name, character| {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => name.push(character),
            ' ' => name.push('+'),
            other => name.push_str(&format!("%{:x}", u32::from(other))),
        }
        name
    })
}

fn read_sheet(path: &Path, place: &str, account: &str, target: &Target) -> Result<Option<Memory>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    let sheet: Sheet = serde_json::from_str(&text)
        .map_err(|error| format!("{} is damaged ({error}); move it away to go on without it", path.display()))?;
    let is_ours = sheet.place == place && sheet.account == account && sheet.target == *target;
    Ok(is_ours.then_some(sheet.memory))
}

/// Writes a file whole or not at all: a new file beside it, flushed to disk, then renamed over it. Only the owner may
/// read it.
fn write_sheet(path: &Path, sheet: &Sheet) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    create_private_folder(folder)?;
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let outcome =
        write_private_file(&beside, &serde_json::to_vec_pretty(sheet)?).and_then(|()| fs::rename(&beside, path));
    if outcome.is_err() {
        // Nothing half-written stays behind; the first error is the one worth telling.
        let _ = fs::remove_file(&beside);
    }
    outcome?;
    // The new name is only safe from a power cut once the folder is on disk too.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::names::Version;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("flightdeck-journal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn memory() -> Memory {
        Memory { last_stable: Some(Version::Number(42)), withdrawn: vec![Version::Number(43)], ..Memory::default() }
    }

    #[test]
    fn what_is_remembered_is_recalled_by_another_run() {
        let folder = folder("recall");
        let pay = Target::new("pay", "live");
        let journal = Journal::in_folder(&folder, None, "eu-west-1");
        journal.remember("1", &[(pay.clone(), memory())]).unwrap();
        let again = Journal::in_folder(&folder, None, "eu-west-1");
        assert_eq!(again.recall("1", &[pay.clone()]).0.get(&pay), Some(&memory()));
        for other in [
            Journal::in_folder(&folder, Some("http://127.0.0.1:5000"), "eu-west-1"),
            Journal::in_folder(&folder, None, "us-east-1"),
        ] {
            assert!(other.recall("1", &[pay.clone()]).0.is_empty(), "another place remembers nothing of it");
        }
        assert!(again.recall("2", &[pay]).0.is_empty(), "another account remembers nothing of it");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_damaged_file_is_named_and_left_as_it_is() {
        let folder = folder("damaged");
        let pay = Target::new("pay", "live");
        let journal = Journal::in_folder(&folder, None, "eu-west-1");
        let ship = Target::new("ship", "live");
        journal.remember("1", &[(pay.clone(), memory()), (ship.clone(), memory())]).unwrap();
        let path = sheet_path(&folder, "aws eu-west-1", "1", &pay);
        fs::write(&path, "{").unwrap();
        let (found, why) = journal.recall("1", &[pay, ship.clone()]);
        let why = why.unwrap();
        assert_eq!(found.get(&ship), Some(&memory()), "one damaged file takes nothing from the others");
        assert!(why.contains("pay.live.json") && why.contains("damaged"), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_not_a_panic() {
        let file = folder("file");
        fs::write(&file, "").unwrap();
        let journal = Journal::in_folder(&file, None, "eu-west-1");
        assert!(journal.remember("1", &[(Target::new("pay", "live"), memory())]).is_err());
        fs::remove_file(file).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder("mode");
        let pay = Target::new("pay", "live");
        Journal::in_folder(&folder, None, "eu-west-1").remember("1", &[(pay.clone(), memory())]).unwrap();
        let path = sheet_path(&folder, "aws eu-west-1", "1", &pay);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(folder).unwrap();
    }
}
