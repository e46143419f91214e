//! What a release moves: a Lambda alias, a rule of a load balancer, a stage of a REST API. It knows how each is named,
//! on screen and in records, and nothing of how they are moved.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AliasName, FunctionName};

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

    /// A target from the two texts that records keep of it. The second one tells what it is: an alias' name holds
    /// neither a colon nor a slash.
    pub fn from_record(function: impl Into<String>, alias: impl Into<String>) -> Self {
        let alias = alias.into();
        let kind = match &alias {
            arn if arn.starts_with("arn:") => Mover::Rule,
            path if path.contains('/') => Mover::Stage,
            _ => Mover::Alias,
        };
        Self::of(kind, function.into(), alias)
    }

    fn of(kind: Mover, function: String, alias: String) -> Self {
        Self { function: FunctionName::new(function), alias: AliasName::new(alias), kind }
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

/// `receipt_crud:live`, which is also the value of CloudWatch's `Resource` dimension; a rule by its name alone, a stage
/// as `receipt-vault-api:prod`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Mover::Alias => f.pad(&format!("{}:{}", self.function, self.alias)),
            Mover::Rule => self.function.fmt(f),
            Mover::Stage => {
                let stage = self.api_and_stage().map_or(self.alias.as_str(), |(_, stage)| stage);
                f.pad(&format!("{}:{stage}", self.function))
            }
        }
    }
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
    }

    #[test]
    fn what_a_record_keeps_tells_what_it_is() {
        for target in [Target::new("pay", "live"), Target::rule("web", ARN), Target::stage("api", "a1b2", "prod")] {
            let kept = Target::from_record(target.function.as_str(), target.alias.as_str());
            assert_eq!(kept, target);
        }
    }

    #[test]
    fn records_of_before_are_read_and_aliases_are_written_as_before() {
        let alias = Target::new("pay", "live");
        assert_eq!(serde_json::to_string(&alias).unwrap(), r#"{"function":"pay","alias":"live"}"#);
        assert_eq!(serde_json::from_str::<Target>(r#"{"function":"pay","alias":"live"}"#).unwrap(), alias);
        let stage = Target::stage("api", "a1b2", "prod");
        assert_eq!(serde_json::from_str::<Target>(&serde_json::to_string(&stage).unwrap()).unwrap(), stage);
    }
}
