//! `[[environments.NAME.runbook]]`: what flightdeck cannot undo itself, as titled steps for a moment of the release.
//! A step is words alone, or it has an address to open, or a command to run; nothing here runs anything.

use std::time::Duration;

use super::{
    commands::{arguments, folder, variables},
    document::Table,
    error::quoted,
    probes::some_time,
    read::checked,
    words,
};
use crate::command::Command;

/// Every key of the table.
pub(super) const KEYS: &[&str] = &["title", "when", "text", "url", "run", "env", "folder", "limit"];

const MOMENTS: &[(&str, StepMoment)] =
    &[("before", StepMoment::Before), ("rollback", StepMoment::RollBack), ("after", StepMoment::After)];
const LONGEST_LIMIT: Duration = Duration::from_hours(1);

/// A step of the runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookStep {
    /// What it is called. No other step of the environment is called so.
    pub title: String,
    /// When it is wanted.
    pub when: StepMoment,
    /// What to know or to do, in words.
    pub text: Option<String>,
    /// What goes with the words.
    pub way: Way,
}

/// When a step is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepMoment {
    /// Before the first shift.
    Before,
    /// When the release is rolled back.
    RollBack,
    /// When it is over and well.
    After,
}

/// How a step is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By a person, from the words alone.
    ByHand,
    /// By a person, at this address.
    Page(String),
    /// By a program, after a plan. It is named after the step.
    Run(Box<Command>),
}

impl StepMoment {
    /// The word of the configuration.
    pub fn word(self) -> &'static str {
        MOMENTS.iter().find(|(_, moment)| *moment == self).map_or("", |(word, _)| word)
    }
}

impl RunbookStep {
    /// The command that it runs, if it does.
    pub fn command(&self) -> Option<&Command> {
        match &self.way {
            Way::Run(command) => Some(command),
            Way::ByHand | Way::Page(_) => None,
        }
    }

    /// The command line as a person would type it.
    pub fn command_line(&self) -> Option<String> {
        self.command().map(|command| command.argv.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "))
    }
}

/// A word as a shell takes it for one word.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The runbook of an environment, by moment and then in the file's order.
pub(super) fn runbook(environment: &Table<'_>) -> Vec<RunbookStep> {
    let mut steps: Vec<RunbookStep> = Vec::new();
    for table in environment.tables("runbook", KEYS) {
        let Some(step) = step(&table) else { continue };
        if steps.iter().any(|other| other.title == step.title) {
            table.problem_at("title", format!("two steps of the runbook are called {}", quoted(&step.title)));
        }
        steps.push(step);
    }
    steps.sort_by_key(|step| step.when);
    steps
}

fn step(table: &Table<'_>) -> Option<RunbookStep> {
    let title = table.require("title", checked(words::name));
    let when = table.require("when", checked(|text| words::choice(text, MOMENTS)));
    let text = table.read("text", checked(words::paragraph));
    let way = way(table, title.as_deref());
    Some(RunbookStep { title: title?, when: when?, text, way: way? })
}

fn way(table: &Table<'_>, title: Option<&str>) -> Option<Way> {
    let foreign = ["env", "folder", "limit"].into_iter().find(|key| !table.has("run") && table.has(key));
    if let Some(key) = foreign {
        table.problem_at(key, "only a step with `run` has this".to_owned());
    }
    match (table.has("url"), table.has("run")) {
        (true, true) => {
            table.problem("has `url` and `run`: a step has at most one of them".to_owned());
            None
        }
        (true, false) => table.read("url", checked(words::page)).map(Way::Page),
        (false, true) => table.read("run", arguments).map(|argv| {
            Way::Run(Box::new(Command {
                name: title.unwrap_or_default().to_owned(),
                argv,
                timeout: table.read("limit", some_time(LONGEST_LIMIT)).unwrap_or(Duration::from_mins(5)),
                cwd: folder(table),
                env: variables(table),
            }))
        }),
        (false, false) if table.has("text") => Some(Way::ByHand),
        (false, false) => {
            table.problem("says nothing: give it `text`, `url` or `run`".to_owned());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> Result<Vec<RunbookStep>, String> {
        let text = format!("[environments.production]\nrunbook = [{text}]\n");
        let config = Config::parse(&text, "deck.toml").map_err(|error| error.to_string())?;
        Ok(config.environments["production"].runbook.clone())
    }

    #[test]
    fn a_step_is_words_a_page_or_a_command() {
        let steps = read(
            r#"{ title = "c", when = "after", url = "https://status.example.com/#new" },
               { title = "b", when = "rollback", text = "Down, then up.", run = ["sh", "down.sh", "a b", "it's"], limit = "2m" },
               { title = "a", when = "before", text = "Look twice." }"#,
        );
        let steps = steps.unwrap();
        assert_eq!(steps.iter().map(|step| step.title.as_str()).collect::<Vec<_>>(), ["a", "b", "c"], "by moment");
        assert_eq!(steps[1].command_line().as_deref(), Some(r"sh down.sh 'a b' 'it'\''s'"));
        assert_eq!(steps[1].command().map(|command| command.timeout), Some(Duration::from_mins(2)));
        assert_eq!(steps[2].way, Way::Page("https://status.example.com/#new".into()));
    }

    #[test]
    fn steps_that_cannot_be_are_refused() {
        for (bad, words) in [
            ("{ title = \"a\", when = \"before\" }", "says nothing"),
            ("{ title = \"a\", text = \"x\" }", "`when` is missing"),
            ("{ title = \"a\", when = \"later\", text = \"x\" }", "is not one of before, rollback, after"),
            ("{ title = \"a\", when = \"before\", url = \"https://x\", run = [\"x\"] }", "has `url` and `run`"),
            ("{ title = \"a\", when = \"before\", url = \"file:///etc/passwd\" }", "https://"),
            ("{ title = \"a\", when = \"before\", url = \"https://ada:secret@host\" }", "user or password"),
            ("{ title = \"a\", when = \"before\", text = \"x\", limit = \"2m\" }", "only a step with `run`"),
            ("{ title = \"a\", when = \"before\", run = \"npm run x\" }", "a list of the program"),
            (
                "{ title = \"a\", when = \"before\", text = \"x\" }, { title = \"a\", when = \"after\", text = \"x\" }",
                "two steps of the runbook",
            ),
        ] {
            let why = read(bad).unwrap_err();
            assert!(why.contains(words), "{bad}: {why}");
        }
    }
}
