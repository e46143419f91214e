//! `[[environments.NAME.alarms]]`: which alarms to show, how bad they are, and what that means for whoever is on call.
//! Alarms are recognised by name, by how the name begins, by a tag, or by ARN.

use super::{
    document::Table,
    error::quoted,
    read::{INSUFFICIENT, SEVERITIES, checked},
    words,
};
use crate::release::{
    facts::{Alarm, Severity},
    gates::alarms::Insufficient,
};

/// Every key of the table, and of a tag in it.
pub(super) const KEYS: &[&str] = &["name", "prefix", "tag", "arn", "severity", "means", "region", "insufficient"];
pub(super) const TAG_KEYS: &[&str] = &["key", "value"];
/// Exactly one of these recognises the alarms of a rule.
const MATCHERS: [&str; 4] = ["name", "prefix", "tag", "arn"];

/// Which alarms a severity belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmRule {
    /// How its alarms are recognised.
    pub matches: AlarmMatch,
    /// How bad these alarms are.
    pub severity: Severity,
    /// What that means for people, such as `page` or `within 1 hour`.
    pub means: Option<String>,
    /// The region they are in; `None` is the environment's.
    pub region: Option<String>,
    /// What it means to a gate when such an alarm has too little data.
    pub insufficient: Insufficient,
}

/// How an alarm is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmMatch {
    /// By its whole name.
    Name(String),
    /// By how its name begins.
    Prefix(String),
    /// By a tag.
    Tag {
        /// The tag's key.
        key: String,
        /// Its value; `None` takes any.
        value: Option<String>,
    },
    /// By its ARN, which names its region, too.
    Arn(AlarmArn),
}

/// The ARN of an alarm, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmArn {
    /// As it is written.
    pub arn: String,
    /// The region in it.
    pub region: String,
    /// The account in it.
    pub account: String,
    /// The alarm's name in it.
    pub name: String,
}

impl AlarmRule {
    /// A rule that leaves everything else at its default.
    pub fn new(matches: AlarmMatch, severity: Severity) -> Self {
        Self { matches, severity, means: None, region: None, insufficient: Insufficient::default() }
    }

    /// Where its alarms are, if not where the environment is: an ARN says so itself.
    pub fn region(&self) -> Option<&str> {
        match &self.matches {
            AlarmMatch::Arn(arn) => Some(&arn.region),
            AlarmMatch::Name(_) | AlarmMatch::Prefix(_) | AlarmMatch::Tag { .. } => self.region.as_deref(),
        }
    }

    /// Whether this rule speaks of an alarm.
    pub fn fits(&self, alarm: &Alarm) -> bool {
        let is_here = match (self.region(), alarm.region.as_deref()) {
            (None, abroad) => abroad.is_none(),
            (Some(region), Some(abroad)) => region == abroad,
            // Where the environment itself is shows in the alarm's own ARN.
            (Some(region), None) => alarm.region_of_arn().is_none_or(|home| home == region),
        };
        is_here
            && match &self.matches {
                AlarmMatch::Tag { key, value } => alarm.has_tag(key, value.as_deref()),
                other => other.fits_name(&alarm.name),
            }
    }
}

impl AlarmMatch {
    /// Whether an alarm of this name is recognised by it. A tag tells nothing of a name.
    pub fn fits_name(&self, alarm: &str) -> bool {
        match self {
            Self::Name(name) => name == alarm,
            Self::Prefix(prefix) => alarm.starts_with(prefix.as_str()),
            Self::Arn(arn) => arn.name == alarm,
            Self::Tag { .. } => false,
        }
    }

    /// Whether alarms of this name may be among those that are recognised.
    pub(super) fn may_fit(&self, alarm: &str) -> bool {
        matches!(self, Self::Tag { .. }) || self.fits_name(alarm)
    }

    /// Whether alarms whose names begin so may be among those that are recognised.
    pub(super) fn touches(&self, beginning: &str) -> bool {
        match self {
            Self::Name(name) => name.starts_with(beginning),
            Self::Prefix(prefix) => prefix.starts_with(beginning) || beginning.starts_with(prefix.as_str()),
            Self::Arn(arn) => arn.name.starts_with(beginning),
            Self::Tag { .. } => true,
        }
    }

    /// The one name it recognises, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Arn(arn) => Some(&arn.name),
            Self::Prefix(_) | Self::Tag { .. } => None,
        }
    }
}

/// The rules of an environment, in the file's order. An ARN must be of its account, where that is given.
pub(super) fn alarms(environment: &Table<'_>, account: Option<&str>) -> Vec<AlarmRule> {
    environment.tables("alarms", KEYS).iter().filter_map(|table| rule(table, account)).collect()
}

fn rule(table: &Table<'_>, account: Option<&str>) -> Option<AlarmRule> {
    let severity = table.require("severity", checked(|text| words::choice(text, SEVERITIES)));
    let insufficient = table.read("insufficient", checked(|text| words::choice(text, INSUFFICIENT)));
    let means = table.read("means", checked(words::name));
    let region = table.read("region", checked(words::region));
    let given: Vec<&str> = MATCHERS.into_iter().filter(|key| table.has(key)).collect();
    if given.is_empty() {
        let words = "needs `name` (one alarm), `prefix` (all that begin so), `tag` (all that have it) or `arn`";
        table.problem(words.to_owned());
        return None;
    }
    if let [first, second, ..] = given.as_slice() {
        table.problem(format!("has `{first}` and `{second}`: an alarm rule needs exactly one of them"));
        return None;
    }
    let matches = if table.has("name") {
        AlarmMatch::Name(table.read("name", checked(words::name))?)
    } else if table.has("prefix") {
        AlarmMatch::Prefix(table.read("prefix", checked(words::name))?)
    } else if table.has("arn") {
        AlarmMatch::Arn(own_arn(table, account, region.as_deref())?)
    } else {
        tag(table)?
    };
    Some(AlarmRule { matches, severity: severity?, means, region, insufficient: insufficient.unwrap_or_default() })
}

fn tag(rule: &Table<'_>) -> Option<AlarmMatch> {
    let table = rule.table("tag", TAG_KEYS)?;
    let value = table.read("value", checked(words::name));
    Some(AlarmMatch::Tag { key: table.require("key", checked(words::name))?, value })
}

fn own_arn(rule: &Table<'_>, account: Option<&str>, region: Option<&str>) -> Option<AlarmArn> {
    let arn = rule.read("arn", checked(alarm_arn))?;
    if let Some(account) = account.filter(|account| *account != arn.account) {
        let words = format!("is of the account {}, and this environment is {account}", arn.account);
        rule.problem_at("arn", words);
    }
    if region.is_some_and(|region| region != arn.region) {
        rule.problem_at("region", format!("the ARN says {}: leave `region` out", arn.region));
    }
    Some(arn)
}

/// The ARN of an alarm. Its name may hold colons.
fn alarm_arn(text: &str) -> Result<AlarmArn, String> {
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    match parts.as_slice() {
        ["arn", _, "cloudwatch", region, account, "alarm", name]
            if words::region(region).is_ok() && words::account(account).is_ok() && words::name(name).is_ok() =>
        {
            let owned = |text: &str| text.to_owned();
            Ok(AlarmArn { arn: owned(text), region: owned(region), account: owned(account), name: owned(name) })
        }
        _ => Err(format!(
            "{} is not an alarm's ARN; write one such as \"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:api-errors\"",
            quoted(text)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, release::facts::AlarmState};

    fn rules(text: &str) -> Result<Vec<AlarmRule>, String> {
        let text = format!("[environments.production]\naccount = \"123456789012\"\nalarms = [{text}]\n");
        let config = Config::parse(&text, "deck.toml").map_err(|error| error.to_string())?;
        Ok(config.environments["production"].alarms.clone())
    }

    fn alarm(name: &str, arn: &str) -> Alarm {
        Alarm { arn: arn.into(), ..Alarm::named(name, AlarmState::Ok) }
    }

    #[test]
    fn an_alarm_is_recognised_by_exactly_one_thing() {
        let arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cdn: errors";
        let read = rules(&format!(
            "{{ name = \"a\", severity = \"low\" }}, {{ tag = {{ key = \"team\" }}, severity = \"high\", means = \"page\" }},
             {{ arn = \"{arn}\", severity = \"medium\" }}"
        ));
        let read = read.unwrap();
        assert_eq!(read[1].matches, AlarmMatch::Tag { key: "team".into(), value: None });
        assert_eq!(read[1].means.as_deref(), Some("page"));
        assert_eq!((read[2].region(), read[2].matches.name()), (Some("us-east-1"), Some("cdn: errors")));
        for (bad, words) in [
            ("severity = \"low\"", "needs `name`"),
            ("name = \"a\", arn = \"b\", severity = \"low\"", "has `name` and `arn`"),
            ("arn = \"a\", severity = \"low\"", "is not an alarm's ARN"),
            ("tag = { value = \"x\" }, severity = \"low\"", "`key` is missing"),
            (
                "arn = \"arn:aws:cloudwatch:us-east-1:999999999999:alarm:x\", severity = \"low\"",
                "is of the account 999999999999",
            ),
        ] {
            let why = rules(&format!("{{ {bad} }}")).unwrap_err();
            assert!(why.contains(words), "{bad}: {why}");
        }
    }

    #[test]
    fn a_rule_speaks_of_its_region_alone() {
        let here = AlarmRule::new(AlarmMatch::Prefix("cdn".into()), Severity::High);
        let there = AlarmRule { region: Some("us-east-1".into()), ..here.clone() };
        let at_home = alarm("cdn", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cdn");
        let abroad = Alarm { region: Some("us-east-1".into()), ..alarm("cdn", "") };
        assert!(here.fits(&at_home) && !here.fits(&abroad));
        assert!(!there.fits(&at_home) && there.fits(&abroad));
        let written_out = AlarmRule { region: Some("eu-west-1".into()), ..here };
        assert!(written_out.fits(&at_home) && !written_out.fits(&abroad));
    }

    #[test]
    fn a_tag_may_leave_its_value_open() {
        let tagged = Alarm { tags: vec![("team".into(), "vault".into())], ..alarm("a", "") };
        let by = |value: Option<&str>| {
            let value = value.map(str::to_owned);
            AlarmRule::new(AlarmMatch::Tag { key: "team".into(), value }, Severity::High).fits(&tagged)
        };
        assert!(by(None) && by(Some("vault")) && !by(Some("search")));
    }
}
