//! Writes the configuration that a draft stands for, with comments for the person who reads it next. What it writes,
//! `config` reads back as it was meant, whatever the names in it are.

use std::fmt::Write as _;

use super::{Aliased, Chosen, Draft};
use crate::{config::words, release::no_alias::option, text::clean};

/// The column in which comments begin behind a value.
const REMARKS: usize = 38;

/// The whole text.
pub fn write(draft: &Draft) -> String {
    let mut page = Page { text: String::new(), table: format!("environments.{}", key(&draft.environment)) };
    page.head(draft);
    page.functions(draft);
    page.alarms(draft);
    page.budgets(draft);
    page.text
}

/// Whether a name can stand in the configuration. Names that nobody could read on screen cannot.
pub fn can_be_named(name: &str) -> bool {
    words::name(name).is_ok()
}

struct Page {
    text: String,
    /// The environment's table, as it is headed.
    table: String,
}

impl Page {
    fn head(&mut self, draft: &Draft) {
        let who = draft.caller.as_ref().map(|caller| format!(" as {}", caller.short())).unwrap_or_default();
        self.note(&format!("Made by `flightdeck init` on {}{who}.", draft.made.strftime("%Y-%m-%d")));
        self.note(
            "config.example.toml in flightdeck's sources shows every key there is; `flightdeck check` tells what",
        );
        self.note("of this one does not fit.");
        self.gap();
        let table = format!("[{}]", self.table);
        self.line(&table);
        self.value("region", &draft.region, None);
        match draft.caller.as_ref().filter(|caller| words::account(&caller.account).is_ok()) {
            Some(caller) => {
                self.value("account", &caller.account, Some("with credentials of another account nothing is written"));
            }
            None => self.note("account = \"…\"   STS did not say; with it, nothing is ever written to another account"),
        }
        for (name, value) in
            [("profile", &draft.profile), ("role_arn", &draft.role_arn), ("endpoint_url", &draft.endpoint_url)]
        {
            if let Some(value) = value {
                self.value(name, value, None);
            }
        }
        self.remarked("#protected = true", "wants the environment's name typed before traffic is shifted");
    }

    fn functions(&mut self, draft: &Draft) {
        self.gap();
        self.note("The functions to watch and release, in the order of the screen.");
        for function in &draft.functions {
            self.function(function, draft);
        }
    }

    fn function(&mut self, function: &Chosen, draft: &Draft) {
        match &function.alias {
            Aliased::By { alias, others, is_latest } => {
                self.heading("functions");
                self.value("name", &function.name, None);
                let others = (!others.is_empty()).then(|| format!("it also has: {}", clean(&others.join(", "))));
                self.value("alias", alias, others.as_deref());
                if *is_latest {
                    self.note("It points at $LATEST, which takes no part in a split. Before its first release:");
                    self.command(&publish("update-alias", &function.name, alias, draft));
                }
            }
            Aliased::Missing { wanted, others } => {
                self.gap();
                let has = if others.is_empty() { String::new() } else { format!(" It has: {}.", others.join(", ")) };
                self.note(&clean(&format!(
                    "{} has no alias {wanted}, so its traffic cannot be moved.{has}",
                    function.name
                )));
                self.note("This makes one; then let its callers use it, and take the marks away below:");
                self.command(&publish("create-alias", &function.name, wanted, draft));
                self.commented(&function.name, wanted);
            }
            Aliased::Unread(why) => {
                self.gap();
                self.note(&clean(&format!("The aliases of {} could not be read: {why}", function.name)));
                self.commented(&function.name, super::alias::USUAL);
            }
        }
    }

    fn commented(&mut self, name: &str, alias: &str) {
        let table = self.table.clone();
        self.line(&format!("#[[{table}.functions]]"));
        self.line(&format!("#name = {}", quoted(name)));
        self.line(&format!("#alias = {}", quoted(alias)));
    }

    fn alarms(&mut self, draft: &Draft) {
        self.gap();
        let names = match &draft.alarms {
            Ok(names) => names,
            Err(why) => return self.note(&clean(&format!("The alarms could not be asked for: {why}"))),
        };
        if names.is_empty() {
            self.note("No alarm watches these functions or is named like them: nobody says when something is wrong.");
            return;
        }
        self.note(
            "Alarms whose metric names one of these functions, or that are named like them. How bad each one is, is",
        );
        self.note("a guess: \"critical\" wakes somebody up, \"high\" waits an hour, \"medium\" a day, \"low\" for a quiet one.");
        self.note("One rule with prefix = \"…\" in place of these takes in alarms that are made later, too.");
        for name in names {
            self.heading("alarms");
            self.value("name", name, None);
            self.value("severity", "high", Some("a guess"));
        }
    }

    fn budgets(&mut self, draft: &Draft) {
        self.gap();
        let names = match &draft.budgets {
            Ok(names) => names,
            Err(why) => return self.note(&clean(&format!("The budgets could not be asked for: {why}"))),
        };
        self.note(if names.is_empty() { "The account has no budget." } else { "All budgets of the account." });
        for name in names {
            self.heading("budgets");
            self.value("name", name, None);
        }
    }

    /// A table of a list, behind an empty line.
    fn heading(&mut self, list: &str) {
        let table = format!("[[{}.{list}]]", self.table);
        self.gap();
        self.line(&table);
    }

    fn value(&mut self, key: &str, value: &str, remark: Option<&str>) {
        let line = format!("{key} = {}", quoted(value));
        match remark {
            Some(remark) => self.remarked(&line, remark),
            None => self.line(&line),
        }
    }

    fn remarked(&mut self, line: &str, remark: &str) {
        self.line(&format!("{line:<REMARKS$} # {remark}"));
    }

    fn note(&mut self, note: &str) {
        self.line(&format!("# {note}"));
    }

    fn command(&mut self, command: &str) {
        self.line(&format!("#   {command}"));
    }

    fn gap(&mut self) {
        self.line("");
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// The command that publishes a version and lets an alias point at it.
fn publish(verb: &str, function: &str, alias: &str, draft: &Draft) -> String {
    let mut place = format!(" --region {}", draft.region);
    for (flag, value) in [("profile", &draft.profile), ("endpoint-url", &draft.endpoint_url)] {
        if let Some(value) = value {
            // Writing into a String never fails.
            let _ = write!(place, " --{flag} {}", shell(value));
        }
    }
    let function = option("--function-name", function);
    clean(&format!(
        "aws lambda {verb} {function} --name {alias}{place} --function-version \
         \"$(aws lambda publish-version {function}{place} --query Version --output text)\""
    ))
}

/// A word for a shell.
fn shell(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@".contains(letter);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// A key of a table, in quotes where TOML wants them.
fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string: <https://toml.io/en/v1.0.0#string>.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
