//! Where the configuration comes from: which file it is, and reading it without being led astray by what is there
//! instead, such as a folder, a picture or an endless device.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::{Config, ConfigError, Environment, error::printable, read::read};

/// The variable that names the configuration's file.
pub const VARIABLE: &str = "FLIGHTDECK_CONFIG";

/// Far more than a configuration of a thousand functions needs.
const LARGEST_BYTES: u64 = 1024 * 1024;

impl Config {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |why: String| ConfigError::Unreadable { path: path.to_owned(), why };
        let bytes = contents(path).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
            unreadable(format!("it is no text in UTF-8 (line {line}); is this the right file?"))
        })?;
        Self::parse(&text, &path.to_string_lossy())
    }

    /// Checks a configuration's text. `file` is how it is named in messages.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        read(text, file).map_err(|problems| ConfigError::Invalid { problems })
    }

    /// The environment of this name; without a name the default one, or the only one.
    pub fn environment(&self, name: Option<&str>) -> Result<&Environment, ConfigError> {
        let known = || self.environments.keys().cloned().collect();
        if let Some(name) = name.or(self.default_environment.as_deref()) {
            let unknown = || ConfigError::UnknownEnvironment { name: name.to_owned(), known: known() };
            return self.environments.get(name).ok_or_else(unknown);
        }
        let mut environments = self.environments.values();
        match (environments.next(), environments.next()) {
            (None, _) => Err(ConfigError::NoEnvironment),
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(ConfigError::NoDefault { known: known() }),
        }
    }
}

/// The configuration's file: the one named by `--config`, else by `$FLIGHTDECK_CONFIG`, else the first that exists in
/// one of the folders. A file that was named is returned whether it exists or not, so that `load` can complain of it.
pub fn find(flag: Option<&Path>, variable: Option<&str>, folders: &[PathBuf]) -> Result<PathBuf, ConfigError> {
    if let Some(named) = flag {
        return Ok(named.to_owned());
    }
    if let Some(named) = variable.filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let mut looked = vec!["  --config: not given".to_owned(), format!("  ${VARIABLE}: not set")];
    for folder in folders {
        let file = folder.join("config.toml");
        if file.exists() {
            return Ok(file);
        }
        looked.push(format!("  {}: no such file", printable(&file.to_string_lossy())));
    }
    Err(ConfigError::NotFound { looked })
}

/// The folders to look in: `$XDG_CONFIG_HOME/flightdeck` on every platform, then the platform's own.
pub fn folders(variable: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let xdg = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let platform = directories::ProjectDirs::from("", "", "flightdeck").map(|dirs| dirs.config_dir().to_owned());
    let mut folders: Vec<PathBuf> = xdg.map(|folder| folder.join("flightdeck")).into_iter().chain(platform).collect();
    folders.dedup();
    folders
}

/// What is in the file, or why it cannot be had.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let explain = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file; flightdeck demo works without one".to_owned(),
        ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        _ => error.to_string(),
    };
    let file = File::open(path).map_err(explain)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes).map_err(explain)?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err("it is larger than 1 MiB; is this the right file?".to_owned());
    }
    Ok(bytes)
}
