//! What stands around a Lambda alias and may spoil a release of it: who else moves it, who puts it back, whose calls go
//! past it, and whether warm instances wait behind the new version. Facts in, sentences out; it asks nobody.

pub mod permissions;
#[cfg(test)]
mod tests;
pub mod triggers;

use std::collections::BTreeMap;

use super::{
    error::{CloudError, Trouble},
    facts::ProvisionedConcurrency,
    names::{Target, Version},
};
use triggers::{Grant, Mapping};

/// What was asked around an alias. Each answer stands for itself: what is denied leaves the others alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Surroundings {
    /// The function's tags.
    pub tags: Result<BTreeMap<String, String>, CloudError>,
    /// What calls the function by itself, from queues and streams.
    pub mappings: Result<Vec<Mapping>, CloudError>,
    /// Who may call the function without an alias.
    pub on_function: Result<Vec<Grant>, CloudError>,
    /// Who may call the alias.
    pub on_alias: Result<Vec<Grant>, CloudError>,
    /// Provisioned concurrency of the version to be released; `None` where none was named.
    pub of_new: Option<Result<Option<ProvisionedConcurrency>, CloudError>>,
    /// Provisioned concurrency of the version that has the traffic.
    pub of_stable: Option<Result<Option<ProvisionedConcurrency>, CloudError>>,
}

impl Surroundings {
    /// An alias around which there is nothing worth a word.
    pub fn nothing() -> Self {
        Self {
            tags: Ok(BTreeMap::new()),
            mappings: Ok(Vec::new()),
            on_function: Ok(Vec::new()),
            on_alias: Ok(Vec::new()),
            of_new: None,
            of_stable: None,
        }
    }
}

/// A deployment that `CodeDeploy` runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its id, such as `d-ABCDEF123`.
    pub id: String,
    /// Its region, where that is not the environment's own.
    pub region: Option<String>,
    /// Its application and group, such as `shop/live`.
    pub group: String,
    /// The functions and aliases that it moves; empty where that could not be read.
    pub moves: Vec<(String, String)>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How much it matters.
    pub weight: Weight,
    /// In a sentence, with what to do.
    pub words: String,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A release that runs by itself does not begin; a person is warned.
    Trouble,
    /// Worth knowing.
    Remark,
    /// It could not be asked.
    Unanswered,
}

impl Found {
    fn trouble(words: String) -> Self {
        Self { weight: Weight::Trouble, words }
    }

    fn remark(words: String) -> Self {
        Self { weight: Weight::Remark, words }
    }

    /// What could not be asked, and the permission that is missing.
    pub fn unanswered(what: &str, error: &CloudError) -> Self {
        let why = match error.kind {
            Trouble::Denied => format!("{} is not allowed", error.operation),
            _ => format!("{}: {}", error.operation, error.kind),
        };
        Self { weight: Weight::Unanswered, words: format!("{what} could not be asked ({why})") }
    }
}

/// Everything worth saying about an alias before `new` takes its traffic from `stable`.
pub fn findings(target: &Target, stable: Version, new: Option<Version>, around: &Surroundings) -> Vec<Found> {
    let mut found = Vec::new();
    match &around.tags {
        Ok(tags) => found.extend(keeper(target, tags).map(Found::remark)),
        Err(error) => found.push(Found::unanswered("who made the function", error)),
    }
    match &around.mappings {
        Ok(mappings) => found.extend(triggers::past_alias(target, mappings).map(Found::remark)),
        Err(error) => found.push(Found::unanswered("which queues and streams call it", error)),
    }
    match (&around.on_function, &around.on_alias) {
        (Ok(function), Ok(alias)) => {
            found.extend(triggers::granted_past_alias(target, function, alias).map(Found::remark));
        }
        (Err(error), _) | (_, Err(error)) => found.push(Found::unanswered("who may call it", error)),
    }
    if let Some(new) = new {
        found.extend(warmth(stable, new, around));
    }
    found
}

/// The deployments that move this alias now. Two that move the same weights undo each other.
pub fn rivals(target: &Target, deployments: &[Deployment]) -> Vec<Found> {
    let is_same =
        |(function, alias): &(String, String)| function == target.function.as_str() && alias == target.alias.as_str();
    let there = deployments.iter().filter(|deployment| deployment.region == target.region);
    let rivals = there.filter(|deployment| deployment.moves.iter().any(is_same));
    let words = |deployment: &Deployment| {
        format!(
            "CodeDeploy moves it right now ({} of {}): two that move the same weights undo each other; wait for its end, \
             or stop it with `aws deploy stop-deployment --deployment-id {}`",
            deployment.id, deployment.group, deployment.id
        )
    };
    rivals.map(|deployment| Found::trouble(words(deployment))).collect()
}

/// The tool that made the function and will find its alias changed.
fn keeper(target: &Target, tags: &BTreeMap<String, String>) -> Option<String> {
    let alias = &target.alias;
    if let Some(stack) = tags.get("aws:cloudformation:stack-name") {
        let by = if tags.get("lambda:createdBy").is_some_and(|by| by == "SAM") { "SAM's" } else { "CloudFormation's" };
        return Some(format!(
            "{by} stack {stack} made it: the stack's next deploy points {alias} at the template's version again, unless \
             that follows this release"
        ));
    }
    let is_terraform = |text: &str| text.to_lowercase().contains("terraform") || text.eq_ignore_ascii_case("opentofu");
    let by_terraform = tags.iter().any(|(key, value)| is_terraform(key) || is_terraform(value));
    by_terraform.then(|| {
        format!(
            "Terraform made it, its tags say: the next apply puts {alias} back, unless its configuration ignores changes \
             of function_version and routing_config or follows this release"
        )
    })
}

/// Whether instances wait behind the new version, where they do or did.
fn warmth(stable: Version, new: Version, around: &Surroundings) -> Option<Found> {
    let of_new = around.of_new.as_ref()?.as_ref().ok()?;
    match of_new {
        Some(config) if config.status == "READY" => None,
        Some(config) => Some(Found::trouble(format!(
            "the provisioned concurrency of version {new} is {}, not READY ({} asked for): until it is, calls start cold",
            config.status, config.requested
        ))),
        None => {
            let had = around.of_stable.as_ref()?.as_ref().ok()?.as_ref()?;
            Some(Found::trouble(format!(
                "version {stable} has provisioned concurrency ({}), version {new} has none: its calls start cold; `aws \
                 lambda put-provisioned-concurrency-config` with the qualifier {new} gives it some",
                had.requested
            )))
        }
    }
}
