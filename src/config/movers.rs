//! What a release moves beside functions: rules of load balancers and stages of REST APIs, as the tables `[[listeners]]`
//! and `[[stages]]` name them. It checks names and ARNs; whether AWS has such things is asked later.

use std::collections::HashMap;

use super::{
    FunctionSettings,
    document::{Table, Value},
    error::quoted,
    read::{checked, known, milliseconds, other_region},
    words,
};
use crate::release::names::Target;

/// The keys of a table `[[listeners]]`.
pub(super) const LISTENER_KEYS: &[&str] = &["name", "rule", "expect_traffic", "slow_ms"];
/// The keys of a table `[[stages]]`.
pub(super) const STAGE_KEYS: &[&str] = &["name", "api", "stage", "region", "expect_traffic", "slow_ms"];

/// All listeners and stages of an environment, in that order. Names are asked for by person and flag, so none may be
/// there twice, not even as a function's.
pub(super) fn movers(environment: &Table<'_>, functions: &[FunctionSettings]) -> Vec<FunctionSettings> {
    let region = environment.text_of("region");
    let account = environment.text_of("account");
    let listener = |table: &Table<'_>| {
        let arn = |text: &str| rule_arn(text, account);
        let (name, rule) = (table.require("name", checked(name)), table.require("rule", checked(arn)));
        let (rule, place) = rule?;
        Some(Target::rule(name?, rule).in_region(Some(place).filter(|place| region != Some(place))))
    };
    let stage = |table: &Table<'_>| {
        let (name, api) = (table.require("name", checked(words::name)), table.require("api", checked(api_id)));
        let stage = table.require("stage", checked(stage_name));
        let region = other_region(table, environment);
        Some(Target::stage(name?, &api?, &stage?).in_region(region))
    };
    let listeners = environment.tables("listeners", known::LISTENER);
    let stages = environment.tables("stages", known::STAGE);
    let found = listeners.iter().map(|table| (table, listener(table)));
    let found = found.chain(stages.iter().map(|table| (table, stage(table))));
    let mut seen = Seen::of(functions);
    let mut movers = Vec::new();
    for (table, target) in found {
        let expect_traffic = table.read("expect_traffic", Value::flag).unwrap_or(true);
        let slow_ms = table.read("slow_ms", milliseconds);
        if let Some(target) = target.filter(|target| seen.is_new(target, table)) {
            movers.push(FunctionSettings { target, expect_traffic, slow_ms, pre_stage: None });
        }
    }
    movers
}

/// Names and addresses that are taken, each with the line it stands on; functions were read before.
#[derive(Default)]
struct Seen {
    functions: Vec<String>,
    lines: HashMap<String, usize>,
}

impl Seen {
    fn of(functions: &[FunctionSettings]) -> Self {
        let names = functions.iter().map(|function| function.target.name().into_owned()).collect();
        Self { functions: names, lines: HashMap::new() }
    }

    fn is_new(&mut self, target: &Target, table: &Table<'_>) -> bool {
        let (name, line) = (target.name(), table.line());
        if self.functions.iter().any(|function| *function == name) {
            table.problem_at("name", format!("{} is a function's name already", quoted(&name)));
            return false;
        }
        let what = [("name", name.into_owned()), (address_key(target), target.alias.to_string())];
        for (key, value) in what {
            if let Some(first) = self.lines.insert(format!("{key} {value}"), line) {
                let message = format!("{} is listed twice: on line {first} and on line {line}", quoted(&value));
                table.problem_at(key, message);
                return false;
            }
        }
        true
    }
}

/// The key whose value says where a target is.
fn address_key(target: &Target) -> &'static str {
    if target.api_and_stage().is_some() { "api" } else { "rule" }
}

fn name(text: &str) -> Result<String, String> {
    words::lambda_name(text, 64)
}

/// The ARN of a listener's rule, or of a listener for its default action, of an application load balancer; and the
/// region in it.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html>
fn rule_arn(text: &str, account: Option<&str>) -> Result<(String, String), String> {
    let wrong = || {
        format!(
            "{} is not the ARN of a rule or listener of an application load balancer, such as \
             arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/50dc6c495c0c9188/\
             f2f7dc8efc522ab2/9683b2d02a6cabee",
            quoted(text)
        )
    };
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "elasticloadbalancing", place, owner, resource] = parts[..] else { return Err(wrong()) };
    let path: Vec<&str> = resource.split('/').collect();
    let is_word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_whole = match path[..] {
        ["listener-rule", "app", ..] => path.len() == 6,
        ["listener", "app", ..] => path.len() == 5,
        _ => false,
    };
    if !is_whole || !path.iter().chain([&partition]).all(is_word) {
        return Err(wrong());
    }
    let place = words::region(place).map_err(|_| wrong())?;
    words::account(owner).map_err(|_| wrong())?;
    if let Some(account) = account.filter(|account| *account != owner) {
        return Err(format!("{} is in account {owner}, but this environment is account {account}", quoted(text)));
    }
    Ok((text.to_owned(), place))
}

/// The id of a REST API, as it stands in its address.
fn api_id(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 64 || !text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(format!("{} is not the id of a REST API, such as \"a1b2c3d4e5\"", quoted(text)));
    }
    Ok(text.to_owned())
}

/// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html>
fn stage_name(text: &str) -> Result<String, String> {
    words::lambda_name(text, 128)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const RULE: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/50dc6c495c0c9188/f2f7/9683";

    /// The targets of an environment in eu-west-1, or the first problem.
    fn read(tables: &str) -> Result<Vec<String>, String> {
        let tables = tables.replace("[[", "[[environments.e.");
        let text = format!("[environments.e]\nregion = \"eu-west-1\"\naccount = \"123456789012\"\n{tables}");
        let config = Config::parse(&text, "c.toml").map_err(|error| error.to_string())?;
        let functions = &config.environment(None).unwrap().functions;
        Ok(functions.iter().map(|function| format!("{}|{}", function.target, function.target.alias)).collect())
    }

    #[test]
    fn they_stand_behind_the_functions() {
        let text = format!(
            "[[stages]]\nname = \"api\"\napi = \"a1b2c3d4e5\"\nstage = \"prod\"\n[[listeners]]\nname = \"web\"\n\
             rule = \"{RULE}\"\n[[functions]]\nname = \"pay\"\n"
        );
        let expected = vec!["pay:live|live".to_owned(), format!("web|{RULE}"), "api:prod|a1b2c3d4e5/prod".to_owned()];
        assert_eq!(read(&text), Ok(expected));
    }

    #[test]
    fn a_listener_s_arn_means_its_default_action() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f7";
        assert_eq!(read(&format!("[[listeners]]\nname = \"web\"\nrule = \"{arn}\"\n")), Ok(vec![format!("web|{arn}")]));
    }

    #[test]
    fn a_rule_is_where_its_arn_says_and_a_stage_where_its_table_says() {
        let abroad = RULE.replace("eu-west-1", "us-east-1");
        let text = format!(
            "[[listeners]]\nname = \"web\"\nrule = \"{abroad}\"\n[[stages]]\nname = \"api\"\napi = \"a1\"\nstage = \"s\"\n\
             [[stages]]\nname = \"api\"\napi = \"b2\"\nstage = \"s\"\nregion = \"us-east-1\"\n"
        );
        let expected =
            vec![format!("us-east-1/web|{abroad}"), "api:s|a1/s".to_owned(), "us-east-1/api:s|b2/s".to_owned()];
        assert_eq!(read(&text), Ok(expected));
    }

    #[test]
    fn what_cannot_be_moved_is_refused_with_line_and_key() {
        let listener = |rule: &str| format!("[[listeners]]\nname = \"web\"\nrule = \"{rule}\"\n");
        let stage = |api: &str| format!("[[stages]]\nname = \"web\"\napi = \"{api}\"\nstage = \"prod\"\n");
        let cases = [
            (listener("web"), "c.toml:6:8", "is not the ARN of a rule"),
            (listener(&RULE.replace("/app/", "/net/")), "listeners.rule", "is not the ARN of a rule"),
            (listener(&RULE.replace("/9683", "")), "listeners.rule", "is not the ARN of a rule"),
            (listener(&RULE.replace("eu-west-1", "Dublin")), "listeners.rule", "is not the ARN of a rule"),
            (listener(&RULE.replace("123456789012", "210987654321")), "listeners.rule", "account 123456789012"),
            (stage("https://a1b2"), "stages.api", "is not the id of a REST API"),
            (stage("a1b2").replace("prod", "pr/od"), "stages.stage", "is no name"),
            (format!("{}{}", stage("a1b2"), stage("ffff")), "c.toml:9", "is listed twice"),
            (format!("{}{}", stage("a1b2"), stage("a1b2").replace("web", "b")), "stages.api", "is listed twice"),
            (format!("{}[[functions]]\nname = \"web\"\n", stage("a1b2")), "stages.name", "is a function's name"),
            ("[[stages]]\nname = \"web\"\napi = \"a1b2\"\n".to_owned(), "stages", "`stage` is missing"),
        ];
        for (text, place, message) in cases {
            let problem = read(&text).expect_err(&text);
            assert!(problem.contains(place) && problem.contains(message), "{text}\n{problem}");
        }
    }
}
