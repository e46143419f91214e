//! `[[environments.NAME.notify]]`: who is told of what happens to a release. Where a secret is kept stands here, the
//! secret itself never does.

use std::path::PathBuf;

use super::{
    document::{Table, Value, Wrong},
    read::checked,
    words,
};
use crate::{release::notice::Occasion, web::SecretSource};

/// Every key of the table.
pub(super) const KEYS: &[&str] = &[
    "kind",
    "name",
    "events",
    "url_env",
    "url_file",
    "routing_key_env",
    "routing_key_file",
    "events_url",
    "topic_arn",
];

/// Somebody who is told, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// How the timeline calls it.
    pub name: String,
    /// Where messages go.
    pub to: Receiver,
    /// What it is told of, each once, in the order of [`Occasion::ALL`].
    pub events: Vec<Occasion>,
}

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// A webhook that takes Slack's `text`.
    Slack {
        /// Where its address is kept.
        url: SecretSource,
    },
    /// A webhook that takes a JSON object.
    Json {
        /// Where its address is kept.
        url: SecretSource,
    },
    /// PagerDuty's Events API v2.
    PagerDuty {
        /// Where the integration's key is kept.
        routing_key: SecretSource,
        /// The API's address, which is no secret.
        events_url: String,
    },
    /// An SNS topic.
    Sns {
        /// Its ARN.
        topic_arn: String,
    },
}

/// The kinds of receivers, as they are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Slack,
    Json,
    PagerDuty,
    Sns,
}

const KINDS: &[(&str, Kind)] =
    &[("slack", Kind::Slack), ("json", Kind::Json), ("pagerduty", Kind::PagerDuty), ("sns", Kind::Sns)];
/// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// One table, or `None` where it has problems.
pub(super) fn read(table: &Table<'_>) -> Option<Notify> {
    let kind = table.require("kind", checked(|text| words::choice(text, KINDS)));
    let name = table.read("name", checked(words::name));
    let events = table.read("events", |value| occasions(value, kind));
    let kind = kind?;
    refuse_foreign(table, kind);
    let to = match kind {
        Kind::Slack => Receiver::Slack { url: secret(table, "url_env", "url_file")? },
        Kind::Json => Receiver::Json { url: secret(table, "url_env", "url_file")? },
        Kind::PagerDuty => Receiver::PagerDuty {
            routing_key: secret(table, "routing_key_env", "routing_key_file")?,
            events_url: table.read("events_url", checked(words::endpoint)).unwrap_or_else(|| PAGERDUTY.to_owned()),
        },
        Kind::Sns => Receiver::Sns { topic_arn: table.require("topic_arn", checked(words::topic_arn))? },
    };
    let suited = || Occasion::ALL.into_iter().filter(|occasion| kind != Kind::PagerDuty || occasion.pages()).collect();
    Some(Notify { name: name.unwrap_or_else(|| kind.word().to_owned()), to, events: events.unwrap_or_else(suited) })
}

impl Kind {
    fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// The keys that this kind has beside the common ones.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Slack | Self::Json => &["url_env", "url_file"],
            Self::PagerDuty => &["routing_key_env", "routing_key_file", "events_url"],
            Self::Sns => &["topic_arn"],
        }
    }
}

/// A key that belongs to another kind has no effect here, which must not go unnoticed.
fn refuse_foreign(table: &Table<'_>, kind: Kind) {
    let others = KINDS.iter().filter(|(_, other)| *other != kind).flat_map(|(_, other)| other.keys());
    let mut foreign: Vec<&str> = others.copied().filter(|key| !kind.keys().contains(key) && table.has(key)).collect();
    foreign.sort_unstable();
    foreign.dedup();
    for key in foreign {
        table.problem_at(key, format!("{} takes {}, not this", kind.word(), kind.keys().join(", ")));
    }
}

/// Where the secret is kept: in a variable or in a file, and not in both.
fn secret(table: &Table<'_>, variable: &str, file: &str) -> Option<SecretSource> {
    match (table.has(variable), table.has(file)) {
        (true, false) => Some(SecretSource::Variable(table.read(variable, checked(words::variable))?)),
        (false, true) => Some(SecretSource::File(table.read(file, checked(path))?)),
        (true, true) => {
            table.problem(format!("has `{variable}` and `{file}`: the secret is kept in exactly one place"));
            None
        }
        (false, false) => {
            table.problem(format!("needs `{variable}` (a variable of the environment) or `{file}` (a file)"));
            None
        }
    }
}

/// A file's path; `~/` is the person's own folder.
fn path(text: &str) -> Result<PathBuf, String> {
    if words::name(text).is_err() || text.contains("://") {
        return Err("is not the path of a file; the secret itself does not belong here".to_owned());
    }
    let home = directories::BaseDirs::new();
    Ok(match (text.strip_prefix("~/"), home) {
        (Some(inside), Some(home)) => home.home_dir().join(inside),
        _ => PathBuf::from(text),
    })
}

fn occasions(value: Value<'_>, kind: Option<Kind>) -> Result<Vec<Occasion>, Wrong> {
    let known: Vec<(&str, Occasion)> = Occasion::ALL.iter().map(|occasion| (occasion.key(), *occasion)).collect();
    let mut events = Vec::new();
    for item in value.list("a list such as [\"failure\", \"rollback\"]")? {
        let occasion = words::choice(item.text()?, &known).map_err(|message| item.wrong(message))?;
        if kind == Some(Kind::PagerDuty) && !occasion.pages() {
            return Err(item.wrong(format!("nobody is paged for {}: failure, rollback, all_clear", occasion.key())));
        }
        events.push(occasion);
    }
    if events.is_empty() {
        return Err(value.wrong("an empty list tells nobody anything; leave the table out"));
    }
    events.sort_unstable();
    events.dedup();
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError};

    fn parse(tables: &str) -> Result<Vec<Notify>, ConfigError> {
        Ok(Config::parse(&format!("[environments.x]\n{tables}"), "deck.toml")?.environments["x"].notify.clone())
    }

    fn slack(more: &str) -> String {
        format!("[[environments.x.notify]]\nkind = \"slack\"\n{more}")
    }

    #[test]
    fn receivers_are_read_with_their_defaults() {
        let text = "[[environments.x.notify]]\nkind = \"slack\"\nurl_env = \"HOOK\"\n\
                    [[environments.x.notify]]\nkind = \"json\"\nname = \"audit\"\nurl_file = \"/etc/hook\"\n\
                    events = [\"rollback\", \"shift\", \"rollback\"]\n\
                    [[environments.x.notify]]\nkind = \"pagerduty\"\nrouting_key_env = \"KEY\"\n\
                    [[environments.x.notify]]\nkind = \"sns\"\ntopic_arn = \"arn:aws:sns:eu-west-1:123456789012:news\"\n";
        let url = SecretSource::Variable("HOOK".into());
        let [slack, json, pager, sns] = parse(text).unwrap().try_into().unwrap();
        assert_eq!(slack, Notify { name: "slack".into(), to: Receiver::Slack { url }, events: Occasion::ALL.into() });
        assert_eq!(json.name, "audit");
        assert_eq!(json.to, Receiver::Json { url: SecretSource::File("/etc/hook".into()) });
        assert_eq!(json.events, [Occasion::Shift, Occasion::Rollback]);
        assert_eq!(pager.events, [Occasion::Failure, Occasion::Rollback, Occasion::AllClear]);
        assert!(matches!(pager.to, Receiver::PagerDuty { events_url, .. } if events_url == PAGERDUTY));
        assert!(matches!(sns.to, Receiver::Sns { topic_arn } if topic_arn.ends_with(":news")));
    }

    #[test]
    fn a_file_may_be_in_the_person_s_own_folder() {
        let Ok(path) = path("~/.hook") else { panic!("refused") };
        assert!(path.is_absolute() && path.ends_with(".hook") && !path.to_string_lossy().contains('~'), "{path:?}");
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_no_secret_is_repeated() {
        const SECRET: &str = "https://hooks.example/T0/s3cr3t";
        for (text, words) in [
            (slack(""), &["deck.toml:2:1", "needs `url_env`", "or `url_file`"][..]),
            (slack("url_env = \"A\"\nurl_file = \"b\""), &["has `url_env` and `url_file`", "exactly one place"]),
            (slack(&format!("url_env = \"{SECRET}\"")), &["deck.toml:4:11:", "not the name of a variable"]),
            (slack(&format!("url_file = \"{SECRET}\"")), &["deck.toml:4:12:", "not the path of a file"]),
            (slack(&format!("url = \"{SECRET}\"")), &["deck.toml:4:1:", "unknown key `url`"]),
            (
                slack("url_env = \"A\"\ntopic_arn = \"x\""),
                &["deck.toml:5:13:", "slack takes url_env, url_file, not this"],
            ),
            (slack("url_env = \"A\"\nevents = [\"al_clear\"]"), &["deck.toml:5:11:", "did you mean `all_clear`?"]),
            (slack("url_env = \"A\"\nevents = []"), &["tells nobody anything"]),
            (slack("url_env = \"A\"\nevents = \"shift\""), &["expected a list such as"]),
            (
                slack("").replace("slack", "slak"),
                &["deck.toml:3:8:", "slack, json, pagerduty, sns; did you mean `slack`?"],
            ),
            (
                slack("routing_key_env = \"K\"\nevents = [\"shift\"]").replace("slack", "pagerduty"),
                &["nobody is paged for shift"],
            ),
            (
                slack("routing_key_env = \"K\"\nevents_url = \"ftp://x\"").replace("slack", "pagerduty"),
                &["deck.toml:5:14:", "http://"],
            ),
            (slack("topic_arn = \"releases\"").replace("slack", "sns"), &["deck.toml:4:13:", "arn:aws:sns:"]),
            (slack("").replace("slack", "sns"), &["`topic_arn` is missing"]),
        ] {
            let message = parse(&text).expect_err(&text).to_string();
            for words in words {
                assert!(message.contains(words), "{text}: no {words:?} in {message}");
            }
            assert!(!message.contains("s3cr3t"), "{message}");
        }
    }
}
