//! What a release moves: a Lambda alias, a rule of a load balancer, a stage of a REST API, here or in another region.
//! It knows how each is named, on screen and in records, and nothing of how they are moved.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use super::{AliasName, FunctionName, region::is_region};

/// What divides the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// An alias of a Lambda function, between two published versions.
    #[default]
    Alias,
    /// A listener's rule, or its default action, between two target groups.
    #[serde(rename = "listener")]
    Rule,
    /// A stage of a REST API, which is at one deployment.
    Stage,
}

impl Mover {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Rule => "listener",
            Self::Stage => "stage",
        }
    }

    /// What stands behind "the" in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Rule => "rule",
            Self::Stage => "stage",
        }
    }
}

/// One thing whose traffic a release moves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The function; of a rule and of a stage the name that the configuration gives it.
    pub function: FunctionName,
    /// The function's alias; of a rule its ARN, or the ARN of the listener whose default action it is; of a stage
    /// `api/stage`.
    pub alias: AliasName,
    /// What it is.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub kind: Mover,
    /// Its region, where that is not the environment's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Records of aliases are as they were before there was anything else.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_usual(kind: &Mover) -> bool {
    *kind == Mover::Alias
}

impl Target {
    /// An alias of a function.
    pub fn new(function: impl Into<String>, alias: impl Into<String>) -> Self {
        Self::of(Mover::Alias, function.into(), alias.into())
    }

    /// A listener's rule, or a listener with its default action, by its ARN.
    pub fn rule(name: impl Into<String>, arn: impl Into<String>) -> Self {
        Self::of(Mover::Rule, name.into(), arn.into())
    }

    /// A stage of a REST API, by the API's id and the stage's name.
    pub fn stage(name: impl Into<String>, api: &str, stage: &str) -> Self {
        Self::of(Mover::Stage, name.into(), format!("{api}/{stage}"))
    }

    /// The same, in another region than the environment's own.
    #[must_use]
    pub fn in_region(self, region: Option<String>) -> Self {
        Self { region, ..self }
    }

    /// Another alias of the same function, or one of its versions.
    #[must_use]
    pub fn with_alias(&self, alias: impl Into<String>) -> Self {
        Self { alias: AliasName::new(alias), ..self.clone() }
    }

    /// What people and records call it: the function, with its region before it where that is not the environment's
    /// own, as in `us-east-1/pay`. The name of a function holds no slash.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.region {
            Some(region) => Cow::Owned(format!("{region}/{}", self.function)),
            None => Cow::Borrowed(self.function.as_str()),
        }
    }

    /// A target from the two texts that records keep of it: its name and its alias. The second one tells what it is: an
    /// alias' name holds neither a colon nor a slash.
    pub fn from_record(name: impl Into<String>, alias: impl Into<String>) -> Self {
        let (name, alias) = (name.into(), alias.into());
        let kind = match &alias {
            arn if arn.starts_with("arn:") => Mover::Rule,
            path if path.contains('/') => Mover::Stage,
            _ => Mover::Alias,
        };
        let (region, function) = match name.split_once('/') {
            // The name that a person gave to a rule or a stage may hold a slash.
            Some((region, function)) if kind == Mover::Alias || is_region(region) => {
                (Some(region.to_owned()), function.to_owned())
            }
            _ => (None, name),
        };
        Self::of(kind, function, alias).in_region(region)
    }

    fn of(kind: Mover, function: String, alias: String) -> Self {
        Self { function: FunctionName::new(function), alias: AliasName::new(alias), kind, region: None }
    }

    /// The API's id and the stage's name, where this is a stage.
    pub fn api_and_stage(&self) -> Option<(&str, &str)> {
        self.alias.as_str().split_once('/').filter(|_| self.kind == Mover::Stage)
    }

    /// Whether two versions can share the traffic. A stage of a REST API is at one deployment or at another.
    pub fn can_split(&self) -> bool {
        match self.kind {
            Mover::Alias | Mover::Rule => true,
            Mover::Stage => false,
        }
    }
}

/// `receipt_crud:live`; a rule by its name alone, a stage as `receipt-vault-api:prod`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self.kind {
            Mover::Alias => f.pad(&format!("{name}:{}", self.alias)),
            Mover::Rule => f.pad(&name),
            Mover::Stage => {
                let stage = self.api_and_stage().map_or(self.alias.as_str(), |(_, stage)| stage);
                f.pad(&format!("{name}:{stage}"))
            }
        }
    }
}

/// Their names, as in a sentence that says which.
pub fn named(targets: &[Target]) -> String {
    targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/3";

    #[test]
    fn each_is_shown_by_its_name() {
        assert_eq!(Target::new("pay", "live").to_string(), "pay:live");
        assert_eq!(Target::rule("web", ARN).to_string(), "web");
        assert_eq!(Target::stage("vault-api", "a1b2c3d4e5", "prod").to_string(), "vault-api:prod");
        assert_eq!(Target::new("pay", "live").in_region(Some("us-east-1".into())).to_string(), "us-east-1/pay:live");
    }

    #[test]
    fn what_a_record_keeps_tells_what_it_is() {
        for here in [Target::new("pay", "live"), Target::rule("web", ARN), Target::stage("api", "a1b2", "prod")] {
            for region in [None, Some("us-gov-west-1".to_owned())] {
                let target = here.clone().in_region(region);
                assert_eq!(Target::from_record(target.name(), target.alias.as_str()), target);
            }
        }
        let odd = Target::stage("team/api", "a1b2", "prod");
        assert_eq!(Target::from_record(odd.name(), odd.alias.as_str()), odd);
    }

    #[test]
    fn records_of_before_are_read_and_aliases_are_written_as_before() {
        let alias = Target::new("pay", "live");
        assert_eq!(serde_json::to_string(&alias).unwrap(), r#"{"function":"pay","alias":"live"}"#);
        assert_eq!(serde_json::from_str::<Target>(r#"{"function":"pay","alias":"live"}"#).unwrap(), alias);
        let stage = Target::stage("api", "a1b2", "prod");
        for other in [stage.clone(), stage.in_region(Some("us-east-1".into()))] {
            assert_eq!(serde_json::from_str::<Target>(&serde_json::to_string(&other).unwrap()).unwrap(), other);
        }
    }
}
