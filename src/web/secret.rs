//! Secrets: the address of a webhook, a routing key, a header's value. The configuration only says where one is kept;
//! its value shows up in no log, error or record.

use std::{
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// A webhook's address or a key has a few hundred bytes at most.
const LARGEST_BYTES: u64 = 8 * 1024;

/// A text that nobody may see. It can only be shown as `Secret(…)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes charge of a secret. White space around it is none of it: files end in a line break.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret itself, for the request that needs it and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A text without this secret in it, for what a server or a library says about a request that carried it.
    pub fn struck_from(&self, text: &str) -> String {
        // Replacing the empty text would put the mark between all letters.
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "…") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In this variable of the environment.
    Variable(String),
    /// In this file, alone.
    File(PathBuf),
}

impl SecretSource {
    /// Fetches the secret, anew each time, so that one that was changed is used from then on. `variable` looks a
    /// variable of the environment up.
    ///
    /// # Errors
    /// A sentence that names the place and not what is there.
    pub fn load(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Secret, String> {
        let text = match self {
            Self::Variable(name) => variable(name).ok_or_else(|| format!("the variable {name} is not set"))?,
            Self::File(path) => contents(path).map_err(|why| format!("the file {} {why}", path.display()))?,
        };
        let secret = Secret::new(&text);
        if secret.reveal().is_empty() {
            return Err(format!("{self} is empty"));
        }
        if secret.reveal().chars().any(char::is_control) {
            return Err(format!("{self} holds more than one line, or control characters"));
        }
        Ok(secret)
    }
}

/// `the variable SLACK_WEBHOOK`.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

fn contents(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err("is larger than 8 KiB: it holds something else than one secret".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "is no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Option<String> {
        match name {
            "HOOK" => Some(" https://hooks.example/T0/B0/xyz \n".into()),
            "EMPTY" => Some("  ".into()),
            "LINES" => Some("one\ntwo".into()),
            _ => None,
        }
    }

    fn load(name: &str) -> Result<Secret, String> {
        SecretSource::Variable(name.into()).load(variable)
    }

    #[test]
    fn a_secret_shows_itself_to_nobody() {
        let secret = load("HOOK").unwrap();
        assert_eq!(secret.reveal(), "https://hooks.example/T0/B0/xyz");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(…) Some(\n    Secret(…),\n)");
        assert_eq!(secret.struck_from("no https://hooks.example/T0/B0/xyz here"), "no … here");
        assert_eq!(Secret::new("").struck_from("as it is"), "as it is");
    }

    #[test]
    fn what_is_missing_is_named_by_its_place() {
        assert_eq!(load("NOWHERE").unwrap_err(), "the variable NOWHERE is not set");
        assert_eq!(load("EMPTY").unwrap_err(), "the variable EMPTY is empty");
        assert!(!load("LINES").unwrap_err().contains("one\n"));
    }

    #[test]
    fn a_secret_is_read_from_a_file() {
        let folder = std::env::temp_dir().join(format!("flightdeck-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let written = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.join(name), bytes).unwrap();
            SecretSource::File(folder.join(name)).load(variable)
        };
        assert_eq!(written("good", b"key-1\n").unwrap().reveal(), "key-1");
        assert!(written("huge", &vec![b'k'; 9000]).unwrap_err().contains("larger than 8 KiB"));
        assert!(written("bytes", b"\xff\xfe").unwrap_err().contains("is no text"));
        let missing = SecretSource::File(folder.join("missing")).load(variable).unwrap_err();
        assert!(missing.contains("missing cannot be read: "), "{missing}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
