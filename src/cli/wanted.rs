//! What `rollback --to` names: a version of a function, a target group of a rule, a deployment of a stage. Each is checked
//! against what AWS told of the target; what AWS did not tell is left to AWS to refuse.

use super::Failure;
use crate::{
    app::deck::Function,
    config::{quoted, suggestion},
    release::{
        candidates,
        facts::{RuleSetting, Setting, VersionInfo},
        names::{Mover, Name, Target, Version},
    },
};

/// How many deployments a message names.
const NAMED: usize = 5;

/// What a person wants to go back to, as far as that can be said before AWS was asked.
///
/// # Errors
/// A text that names no version of a function.
pub fn check(target: &Target, text: &str) -> Result<(), Failure> {
    match target.kind {
        Mover::Alias => text.parse::<Version>().map(drop).map_err(|error| Failure::refused(error.to_string())),
        Mover::Rule | Mover::Stage => Ok(()),
    }
}

/// Whether all was read that the text is compared with.
pub fn is_known(function: &Function) -> bool {
    function.target.kind != Mover::Stage || function.versions.is_answered()
}

/// The version that the text names.
///
/// # Errors
/// In a sentence, where the target has none of that name: what it has is listed.
pub fn version(function: &Function, text: &str) -> Result<Version, String> {
    match function.target.kind {
        Mover::Alias => text.parse().map_err(|error| format!("{error}")),
        Mover::Rule => group(function, text),
        Mover::Stage => deployment(function, text),
    }
}

/// A target group by its name, by `name/id` or by its ARN.
fn group(function: &Function, text: &str) -> Result<Version, String> {
    let groups = match function.alias.value().map(|rule| &rule.setting) {
        Some(Setting::Rule(RuleSetting { groups, .. })) => groups.as_slice(),
        _ => return Err("the rule could not be read, so its target groups are not known".to_owned()),
    };
    let wanted = text.split_once(":targetgroup/").filter(|_| text.starts_with("arn:")).map_or(text, |(_, name)| name);
    let is_meant = |version: &Version| matches!(version, Version::Named(name) if name.as_str() == wanted || name.short() == wanted);
    let names: Vec<&str> = groups.iter().filter_map(Version::name).map(Name::short).collect();
    groups.iter().copied().find(is_meant).ok_or_else(|| absent(function, text, &names, "it forwards to"))
}

/// A deployment by its id.
fn deployment(function: &Function, text: &str) -> Result<Version, String> {
    let wanted = Version::named(text).map_err(|error| error.to_string())?;
    let Some(known) = function.versions.value() else { return Ok(wanted) };
    if known.iter().any(|info| info.version == wanted) {
        return Ok(wanted);
    }
    let mut known: Vec<&VersionInfo> = known.iter().collect();
    known.sort_by(|one, other| candidates::by_age(other, one));
    let names: Vec<&str> = known.iter().filter_map(|info| info.version.name()).map(Name::as_str).collect();
    Err(absent(function, text, &names, "its newest are"))
}

fn absent(function: &Function, text: &str, names: &[&str], list: &str) -> String {
    let noun = candidates::noun(function.target.kind);
    let near = suggestion(text, names);
    let has = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let has = if has.is_empty() { String::new() } else { format!("; {list} {has}") };
    format!("{} is no {noun} of it{has}{near}", quoted(text))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        config::{Config, Environment},
        release::{facts::Alias, names::RevisionId, routing::Routing},
    };

    const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/3";

    fn environment() -> Environment {
        let text = format!(
            "[environments.e]\nregion = \"eu-west-1\"\nlisteners = [{{ name = \"web\", rule = \"{RULE}\" }}]\n\
             stages = [{{ name = \"api\", api = \"a1b2\", stage = \"prod\" }}]\nfunctions = [{{ name = \"pay\" }}]\n"
        );
        Config::parse(&text, "c.toml").unwrap().environment(None).unwrap().clone()
    }

    fn named(name: &str) -> Version {
        Version::named(name).unwrap()
    }

    /// A function, a rule between blue and green, and a stage.
    fn functions() -> Vec<Function> {
        let mut functions: Vec<Function> = environment().functions.iter().map(Function::new).collect();
        let groups = ["flask-blue/6d0e", "flask-green/73e2"].map(named).to_vec();
        for function in &mut functions {
            let setting = Setting::Rule(RuleSetting {
                groups: groups.clone(),
                action: "forward".into(),
                sticky: false,
                untold: None,
            });
            let (routing, revision) = (Routing::only(groups[1]), RevisionId::new("r"));
            let alias = Alias { routing, revision, description: String::new(), account: None, setting };
            function.alias.set(alias, Timestamp::UNIX_EPOCH);
        }
        functions
    }

    fn of(kind: Mover, text: &str) -> Result<Version, String> {
        let functions = functions();
        version(functions.iter().find(|function| function.target.kind == kind).unwrap(), text)
    }

    fn info(second: i64, id: &str) -> VersionInfo {
        VersionInfo {
            version: named(id),
            description: String::new(),
            modified: Timestamp::from_second(second).ok(),
            runtime: String::new(),
            code_sha256: String::new(),
            role: String::new(),
            dead_letter: None,
            timeout: std::time::Duration::ZERO,
            state: None,
            state_reason: None,
            marks: Vec::new(),
        }
    }

    #[test]
    fn a_group_is_named_in_three_ways() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/flask-blue/6d0e";
        for text in ["flask-blue", "flask-blue/6d0e", arn] {
            assert_eq!(of(Mover::Rule, text), Ok(named("flask-blue/6d0e")));
        }
        let why = of(Mover::Rule, "flask-bleu").unwrap_err();
        let expected = "“flask-bleu” is no target group of it; it forwards to flask-blue, flask-green; did you mean \
                        `flask-blue`?";
        assert_eq!(why, expected);
        for other in ["$LATEST", "42", "flask-blue/73e2"] {
            assert!(of(Mover::Rule, other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_deployment_is_named_by_an_id_that_may_be_all_digits() {
        let mut functions = functions();
        let stage = functions.iter_mut().find(|function| function.target.kind == Mover::Stage).unwrap();
        assert_eq!((is_known(stage), version(stage, "x1y2z3")), (false, Ok(named("x1y2z3"))), "AWS will say");
        stage.versions.set(vec![info(1, "x1y2z3"), info(2, "123456")], Timestamp::UNIX_EPOCH);
        assert_eq!((is_known(stage), version(stage, "123456")), (true, Ok(named("123456"))));
        let why = version(stage, "x1y2z4").unwrap_err();
        assert!(why.ends_with("its newest are 123456, x1y2z3; did you mean `x1y2z3`?"), "{why}");
        assert!(version(stage, "$LATEST").is_err());
    }

    #[test]
    fn a_function_has_versions_and_a_wrong_text_is_told_before_anything_is_asked() {
        assert_eq!(of(Mover::Alias, "42"), Ok(Version::Number(42)));
        assert_eq!(of(Mover::Alias, "$LATEST"), Ok(Version::Latest), "the plan refuses it");
        assert!(check(&Target::new("pay", "live"), "blue").is_err());
        assert!(check(&Target::rule("web", RULE), "blue").is_ok());
    }
}
