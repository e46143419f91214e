//! The rules of UpdateAlias, each with the words in which AWS refuses. It decides what an alias becomes; the world
//! then does it.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::function::{Alias, Function, State, Version, VersionId};

/// The longest description of an alias, characters.
const LONGEST_DESCRIPTION: usize = 256;

/// What somebody asks to change on an alias. What is left out stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AliasChange {
    /// The new primary version.
    pub function_version: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new weights; an empty map clears them.
    pub routing: Option<BTreeMap<String, f64>>,
    /// Only change an alias of this revision.
    pub revision_id: Option<String>,
}

/// What `alias` becomes by `change`, still with its old revision, or why AWS refuses.
pub(super) fn changed(function: &Function, alias: &str, change: &AliasChange) -> Result<Alias, Fault> {
    check_form(change)?;
    let mut alias = function.alias(alias)?.clone();
    if change.revision_id.as_ref().is_some_and(|revision| *revision != alias.revision_id) {
        return Err(Fault::stale_revision());
    }
    if let Some(text) = &change.function_version {
        // A number too long for us is a version that does not exist.
        let missing = |_| Fault::no_function(&format!("{}:{text}", function.arn));
        alias.function_version = text.parse().map_err(missing)?;
    }
    if let Some(routing) = &change.routing {
        alias.weights = weights(function, routing)?;
    }
    if let Some(description) = &change.description {
        alias.description.clone_from(description);
    }
    check_routing(function, &alias)?;
    Ok(alias)
}

/// The constraints of the API's own model, which are checked before anything is looked up.
fn check_form(change: &AliasChange) -> Result<(), Fault> {
    let description = change.description.as_deref().unwrap_or_default();
    if description.chars().count() > LONGEST_DESCRIPTION {
        let constraint = "Member must have length less than or equal to 256";
        return Err(Fault::validation(description, "description", constraint));
    }
    let version = change.function_version.as_deref().unwrap_or("$LATEST");
    if version != "$LATEST" && !is_number(version) {
        let constraint = r"Member must satisfy regular expression pattern: (\$LATEST|[0-9]+)";
        return Err(Fault::validation(version, "functionVersion", constraint));
    }
    for (version, weight) in change.routing.iter().flatten() {
        check_weight(version, *weight)?;
    }
    Ok(())
}

fn check_weight(version: &str, weight: f64) -> Result<(), Fault> {
    let constraint = if !is_number(version) {
        "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, \
         Member must have length greater than or equal to 1, \
         Member must satisfy regular expression pattern: [0-9]+, Member must not be null]"
    } else if !(0.0..=1.0).contains(&weight) {
        "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
         Member must have value greater than or equal to 0.0, Member must not be null]"
    } else {
        return Ok(());
    };
    let value = format!("{{{version}={weight:?}}}");
    Err(Fault::validation(&value, "routingConfig.additionalVersionWeights", constraint))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn weights(function: &Function, routing: &BTreeMap<String, f64>) -> Result<BTreeMap<VersionId, f64>, Fault> {
    if routing.len() > 1 {
        let message = "Number of items in AdditionalVersionWeights cannot be greater than 1";
        return Err(Fault::invalid_parameter(message));
    }
    let parsed = routing.iter().map(|(text, weight)| {
        let id = text.parse().map_err(|_| Fault::no_function(&format!("{}:{text}", function.arn)))?;
        Ok((id, *weight))
    });
    parsed.collect()
}

/// The rules for where an alias may point, kept weights included: they are checked on what the alias would become.
fn check_routing(function: &Function, alias: &Alias) -> Result<(), Fault> {
    let primary = function.version(alias.function_version)?;
    check_ready(primary)?;
    let Some(id) = alias.weights.keys().next() else { return Ok(()) };
    if primary.id == VersionId::Latest {
        let message = "$LATEST is not supported for an alias pointing to more than 1 version";
        return Err(Fault::invalid_parameter(message));
    }
    if *id == primary.id {
        return Err(Fault::invalid_parameter(format!(
            "Invalid function version {id}. Function version {id} is already included in routing configuration."
        )));
    }
    let additional = function.version(*id)?;
    check_ready(additional)?;
    check_pair(primary, additional)?;
    if function.provisioned.iter().any(|provisioned| provisioned.qualifier == alias.name) {
        return Err(Fault::invalid_parameter("Alias with weights can not be used with Provisioned Concurrency"));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>: both versions must have the same
/// role and the same dead-letter queue, or none.
fn check_pair(primary: &Version, additional: &Version) -> Result<(), Fault> {
    if primary.role != additional.role {
        let message = "Specified versions must be associated with the same execution role";
        return Err(Fault::invalid_parameter(message));
    }
    if primary.dead_letter != additional.dead_letter {
        // The rule is documented; nobody quotes its words, so these follow those about the role.
        let message = "Specified versions must be associated with the same dead letter queue configuration";
        return Err(Fault::invalid_parameter(message));
    }
    Ok(())
}

fn check_ready(version: &Version) -> Result<(), Fault> {
    match version.state {
        State::Active | State::Inactive => Ok(()),
        State::Pending | State::Failed => Err(Fault::not_in_state(version.state)),
    }
}
