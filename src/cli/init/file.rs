//! Where a new configuration is written, and writing it: never over a file that nobody said to replace, and never
//! half of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    cli::{Failure, args::GlobalArgs, init_args::InitArgs},
    config,
};

/// The file to write; `None` prints instead.
pub(super) fn destination(flags: &GlobalArgs, init: &InitArgs) -> Result<Option<PathBuf>, Failure> {
    if init.print {
        return Ok(None);
    }
    let variables = |name: &str| std::env::var(name).ok();
    let named = init.output.clone().or_else(|| flags.config.clone());
    if named.is_none() && flags.embedded.is_some() {
        return Err(Failure::refused(
            "an embedded world is no place to write your own configuration for: say where to with --output, or --print it",
        ));
    }
    let named = named.or_else(|| variables(config::VARIABLE).filter(|file| !file.is_empty()).map(PathBuf::from));
    let usual = || config::folders(&variables).first().map(|folder| folder.join("config.toml"));
    let path = named.or_else(usual).ok_or_else(|| {
        Failure::refused("this system names no folder for configurations: say where to with --output, or --print it")
    })?;
    if path.is_dir() {
        let words = format!("{} is a folder: name a file in it, such as", path.display());
        return Err(Failure::refused(format!("{words} {}", path.join("flightdeck.toml").display())));
    }
    // `symlink_metadata` also sees a link that leads nowhere: writing would still replace it.
    if !init.force && fs::symlink_metadata(&path).is_ok() {
        return Err(Failure::refused(format!(
            "{} is there already and was left as it is.\nWrite another file with --output, see what would be written \
             with --print, or replace it with --force.",
            path.display()
        )));
    }
    Ok(Some(path))
}

/// Writes the text beside its place and moves it there. A link to a file keeps being one.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::failed(format!("{} could not be written: {error}", path.display()));
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = folder.join(name);
    let written = fill(&beside, text).and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| {
        // What is left of it is of no use; that it may not be there at all is no trouble.
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

fn fill(path: &Path, text: &str) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
