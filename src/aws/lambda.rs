//! Lambda's control plane: aliases, versions and the one write, `UpdateAlias`.

use std::{collections::HashMap, time::Duration};

use aws_sdk_lambda::{
    operation::{
        get_alias::GetAliasOutput,
        get_provisioned_concurrency_config::GetProvisionedConcurrencyConfigError as NoConfig,
        update_alias::UpdateAliasOutput,
    },
    types,
};
use aws_types::request_id::RequestId as _;
use jiff::Timestamp;

use super::{Cloud, Urgency, clean, endpoints::Service, paging::Pages, text::clean_or_empty};
use crate::release::{
    error::CloudError,
    facts::{Alias, AliasPointer, ProvisionedConcurrency, Receipt, Setting, VersionInfo, VersionState},
    names::{AliasName, RevisionId, Target, Version},
    routing::Routing,
};

/// A write is one attempt and short: the rollback decides itself what to do about a missing reply.
pub(super) const WRITE_LIMIT: Duration = Duration::from_secs(3);

impl Cloud {
    /// Where an alias points now, and its revision.
    pub(super) async fn lambda_alias(&self, target: &Target, urgency: Urgency) -> Result<Alias, CloudError> {
        const OPERATION: &str = "GetAlias";
        if urgency == Urgency::Routine {
            self.0.routine.turn().await;
        }
        let request = self.0.lambda.get_alias().function_name(target.function.as_str()).name(target.alias.as_str());
        let reply = self.check(OPERATION, Service::Lambda, request.send().await)?;
        self.readable(OPERATION, AliasParts::from(&reply).read())
    }

    /// Points an alias somewhere else, with an explicit weight map: leaving the map out would keep old weights.
    /// With a revision the write happens only if the alias is still at it. One attempt, no waiting in a queue.
    pub(super) async fn update_lambda_alias(
        &self,
        target: &Target,
        routing: &Routing,
        revision: Option<&RevisionId>,
        description: Option<&str>,
    ) -> Result<Receipt, CloudError> {
        const OPERATION: &str = "UpdateAlias";
        let weights: HashMap<String, f64> =
            routing.weighted.iter().map(|(version, weight)| (version.to_string(), *weight)).collect();
        let map = types::AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build();
        let request = self.0.lambda.update_alias().function_name(target.function.as_str()).name(target.alias.as_str());
        let request = request.function_version(routing.primary.to_string()).routing_config(map);
        let request = request.set_revision_id(revision.map(|revision| revision.as_str().to_owned()));
        let request = request.set_description(description.map(ToOwned::to_owned));
        let reply = request.customize().config_override(one_short_attempt!(lambda_sdk)).send().await;
        let reply = self.check(OPERATION, Service::Lambda, reply)?;
        let alias = self.readable(OPERATION, AliasParts::from(&reply).read())?;
        Ok(Receipt { alias, request_id: reply.request_id().map(clean), unrecorded: None })
    }

    /// All versions of a target's function, `$LATEST` among them, in AWS's order. Their state is often left out of this list.
    pub(super) async fn lambda_versions(&self, target: &Target) -> Result<Vec<VersionInfo>, CloudError> {
        const OPERATION: &str = "ListVersionsByFunction";
        let mut versions = Vec::new();
        let mut pages = Pages::new();
        loop {
            self.0.routine.turn().await;
            let request =
                self.0.lambda.list_versions_by_function().function_name(target.function.as_str()).max_items(50);
            let reply = request.set_marker(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::Lambda, reply)?;
            for version in reply.versions() {
                versions.push(self.readable(OPERATION, read_version(version))?);
            }
            if !self.turn_page(&mut pages, OPERATION, Service::Lambda, reply.next_marker)? {
                return Ok(versions);
            }
        }
    }

    /// One version, with its state.
    pub(super) async fn lambda_version(&self, target: &Target, version: Version) -> Result<VersionInfo, CloudError> {
        const OPERATION: &str = "GetFunction";
        self.0.functions.turn().await;
        let request =
            self.0.lambda.get_function().function_name(target.function.as_str()).qualifier(version.to_string());
        let reply = self.check(OPERATION, Service::Lambda, request.send().await)?;
        let read = reply.configuration().map(read_version);
        let read = read.unwrap_or_else(|| Err("a function without a configuration".into()));
        self.readable(OPERATION, read)
    }

    /// All aliases of a target's function, and where they point.
    pub(super) async fn lambda_aliases(&self, target: &Target) -> Result<Vec<AliasPointer>, CloudError> {
        const OPERATION: &str = "ListAliases";
        let mut aliases = Vec::new();
        let mut pages = Pages::new();
        loop {
            self.0.routine.turn().await;
            let request = self.0.lambda.list_aliases().function_name(target.function.as_str()).max_items(50);
            let reply = request.set_marker(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::Lambda, reply)?;
            for alias in reply.aliases() {
                let routing = read_routing(alias.function_version(), alias.routing_config());
                let routing = self.readable(OPERATION, routing)?;
                aliases.push(AliasPointer { alias: AliasName::new(clean_or_empty(alias.name())), routing });
            }
            if !self.turn_page(&mut pages, OPERATION, Service::Lambda, reply.next_marker)? {
                return Ok(aliases);
            }
        }
    }

    /// The provisioned concurrency of an alias, `None` where it has none.
    pub(super) async fn lambda_provisioned_concurrency(
        &self,
        target: &Target,
    ) -> Result<Option<ProvisionedConcurrency>, CloudError> {
        const OPERATION: &str = "GetProvisionedConcurrencyConfig";
        self.0.routine.turn().await;
        let request = self.0.lambda.get_provisioned_concurrency_config().function_name(target.function.as_str());
        let reply = request.qualifier(target.alias.as_str()).send().await;
        let answer = reply.as_ref().err().and_then(|error| error.as_service_error());
        let has_none = answer.is_some_and(NoConfig::is_provisioned_concurrency_config_not_found_exception);
        if has_none {
            return Ok(None);
        }
        let reply = self.check(OPERATION, Service::Lambda, reply)?;
        let Some(status) = reply.status() else {
            return Err(self.not_aws(OPERATION, Service::Lambda, "provisioned concurrency without a status"));
        };
        let requested = reply.requested_provisioned_concurrent_executions().unwrap_or(0);
        Ok(Some(ProvisionedConcurrency {
            status: clean(status.as_str()),
            requested: u32::try_from(requested).unwrap_or(0),
        }))
    }

    /// What was read, or the error that says what in the reply cannot be AWS's.
    fn readable<T>(&self, operation: &'static str, read: Result<T, String>) -> Result<T, CloudError> {
        read.map_err(|what| self.not_aws(operation, Service::Lambda, &what))
    }
}

/// How a write is sent, in the types of its service.
macro_rules! one_short_attempt {
    ($sdk:ident) => {{
        let limit = aws_smithy_types::timeout::TimeoutConfig::builder();
        let limit = limit.operation_attempt_timeout($crate::aws::lambda::WRITE_LIMIT).build();
        let retries = aws_smithy_types::retry::RetryConfig::disabled();
        $crate::aws::$sdk::config::Builder::new().retry_config(retries).timeout_config(limit)
    }};
}
pub(super) use one_short_attempt;

/// What `GetAlias` and `UpdateAlias` both answer, in types of their own.
struct AliasParts<'a> {
    version: Option<&'a str>,
    weights: Option<&'a types::AliasRoutingConfiguration>,
    revision: Option<&'a str>,
    description: Option<&'a str>,
    arn: Option<&'a str>,
}

/// Both replies have the same members.
macro_rules! alias_parts_from {
    ($($reply:ty),*) => {$(
        impl<'a> From<&'a $reply> for AliasParts<'a> {
            fn from(reply: &'a $reply) -> Self {
                Self {
                    version: reply.function_version(),
                    weights: reply.routing_config(),
                    revision: reply.revision_id(),
                    description: reply.description(),
                    arn: reply.alias_arn(),
                }
            }
        }
    )*};
}

alias_parts_from!(GetAliasOutput, UpdateAliasOutput);

impl AliasParts<'_> {
    fn read(&self) -> Result<Alias, String> {
        Ok(Alias {
            routing: read_routing(self.version, self.weights)?,
            revision: RevisionId::new(clean(self.revision.ok_or("an alias without a revision")?)),
            description: clean_or_empty(self.description),
            account: self.arn.and_then(account_of),
            setting: Setting::Alias,
        })
    }
}

/// The routing of an alias. Weights of 0 send nothing and are dropped. AWS allows one weight; while it moves
/// provisioned concurrency it has been seen to add its own, and then the heaviest counts.
fn read_routing(version: Option<&str>, map: Option<&types::AliasRoutingConfiguration>) -> Result<Routing, String> {
    let primary = read_number(version)?;
    let mut weighted: Option<(Version, f64)> = None;
    let weights = map.and_then(types::AliasRoutingConfiguration::additional_version_weights);
    for (name, weight) in weights.into_iter().flatten() {
        let version = read_number(Some(name))?;
        if !(0.0..=1.0).contains(weight) {
            return Err(format!("a weight of {weight} for version {version}"));
        }
        let heavier = weighted.is_none_or(|(other, most)| (*weight, version) > (most, other));
        if *weight > 0.0 && heavier {
            weighted = Some((version, *weight));
        }
    }
    Ok(Routing { primary, weighted })
}

fn read_number(version: Option<&str>) -> Result<Version, String> {
    let version = version.ok_or("no version where there must be one")?;
    version.parse().map_err(|_| format!("“{}” as a version", clean(version)))
}

/// The account in `arn:aws:lambda:eu-west-1:123456789012:function:pay:live`.
pub(super) fn account_of(arn: &str) -> Option<String> {
    arn.split(':').nth(4).filter(|account| !account.is_empty()).map(clean)
}

fn read_version(found: &types::FunctionConfiguration) -> Result<VersionInfo, String> {
    let seconds = u64::try_from(found.timeout().unwrap_or(3)).unwrap_or(3);
    let dead_letter = found.dead_letter_config().and_then(types::DeadLetterConfig::target_arn);
    Ok(VersionInfo {
        version: read_number(found.version())?,
        description: clean_or_empty(found.description()),
        modified: found.last_modified().and_then(read_modified),
        runtime: clean_or_empty(found.runtime().map(types::Runtime::as_str)),
        code_sha256: clean_or_empty(found.code_sha256()),
        role: clean_or_empty(found.role()),
        dead_letter: dead_letter.filter(|arn| !arn.is_empty()).map(clean),
        timeout: Duration::from_secs(seconds),
        state: found.state().map(read_state),
        state_reason: found.state_reason().filter(|reason| !reason.is_empty()).map(clean),
        marks: Vec::new(),
    })
}

fn read_state(state: &types::State) -> VersionState {
    match state {
        types::State::Active => VersionState::Active,
        types::State::Pending => VersionState::Pending,
        types::State::Failed => VersionState::Failed,
        types::State::Inactive => VersionState::Inactive,
        other => VersionState::Other(clean(other.as_str())),
    }
}

/// Lambda writes `2026-11-20T14:32:00.000+0000`, with an offset without a colon.
fn read_modified(text: &str) -> Option<Timestamp> {
    let strict = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok();
    text.parse().ok().or_else(strict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(entries: &[(&str, f64)]) -> types::AliasRoutingConfiguration {
        let map = entries.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect();
        types::AliasRoutingConfiguration::builder().set_additional_version_weights(Some(map)).build()
    }

    fn split(primary: u64, other: u64, weight: f64) -> Routing {
        Routing { primary: Version::Number(primary), weighted: Some((Version::Number(other), weight)) }
    }

    #[test]
    fn weights_of_nothing_are_nobody_s_split() {
        let only = Ok(Routing::only(Version::Number(42)));
        assert_eq!(read_routing(Some("42"), None), only);
        assert_eq!(read_routing(Some("42"), Some(&weights(&[]))), only);
        assert_eq!(read_routing(Some("42"), Some(&weights(&[("43", 0.0)]))), only);
        assert_eq!(read_routing(Some("42"), Some(&weights(&[("43", 0.1), ("44", 0.0)]))), Ok(split(42, 43, 0.1)));
    }

    #[test]
    fn the_heaviest_of_several_weights_counts() {
        assert_eq!(read_routing(Some("1"), Some(&weights(&[("2", 0.2), ("3", 0.3)]))), Ok(split(1, 3, 0.3)));
        assert_eq!(read_routing(Some("1"), Some(&weights(&[("2", 0.3), ("3", 0.3)]))), Ok(split(1, 3, 0.3)));
    }

    #[test]
    fn what_cannot_be_an_alias_is_an_error() {
        assert!(read_routing(None, None).is_err());
        assert!(read_routing(Some("live"), None).is_err());
        assert!(read_routing(Some("1"), Some(&weights(&[("2", 1.5)]))).is_err());
        assert!(read_routing(Some("1"), Some(&weights(&[("2", f64::NAN)]))).is_err());
    }

    #[test]
    fn lambda_s_way_of_writing_times_is_read() {
        let expected: Timestamp = "2026-11-20T14:32:05.25Z".parse().unwrap();
        for text in ["2026-11-20T14:32:05.250+0000", "2026-11-20T14:32:05.250Z", "2026-11-20T15:32:05.250+0100"] {
            assert_eq!(read_modified(text), Some(expected), "{text}");
        }
        assert_eq!(read_modified("yesterday"), None);
    }

    #[test]
    fn the_account_stands_in_the_arn() {
        assert_eq!(account_of("arn:aws:lambda:eu-west-1:123456789012:function:pay:live"), Some("123456789012".into()));
        assert_eq!(account_of("pay"), None);
    }
}
