//! What stands around an alias: tags, what calls the function, who may call it, and the provisioned concurrency of
//! single versions. All of it is optional: an answer that is denied is an answer.

use aws_sdk_lambda::operation::get_policy::GetPolicyError;

use super::{Cloud, clean, endpoints::Service, paging::Pages, text::clean_or_empty};
use crate::release::{
    error::CloudError,
    facts::ProvisionedConcurrency,
    names::{Target, Version},
    surroundings::{
        Surroundings,
        triggers::{Grant, Mapping, grants, qualifier_of},
    },
};

impl Cloud {
    /// Asks everything around an alias at once, within the pace of routine reads.
    pub async fn surroundings(&self, target: &Target, stable: Option<Version>, new: Option<Version>) -> Surroundings {
        let there = self.in_region(target.region.as_deref());
        let (tags, mappings, on_function, on_alias, of_new, of_stable) = tokio::join!(
            there.tags_of(target),
            there.mappings(target),
            there.policy(target, None),
            there.policy(target, Some(target.alias.as_str())),
            there.concurrency_of(target, new),
            there.concurrency_of(target, stable),
        );
        Surroundings { tags, mappings, on_function, on_alias, of_new, of_stable }
    }

    /// `GetFunction` tells the tags, and has an allowance of its own.
    async fn tags_of(&self, target: &Target) -> Result<std::collections::BTreeMap<String, String>, CloudError> {
        const OPERATION: &str = "GetFunction";
        self.0.functions.turn().await;
        let reply = self.0.lambda.get_function().function_name(target.function.as_str()).send().await;
        let reply = self.check(OPERATION, Service::Lambda, reply)?;
        Ok(reply.tags().into_iter().flatten().map(|(key, value)| (clean(key), clean(value))).collect())
    }

    async fn mappings(&self, target: &Target) -> Result<Vec<Mapping>, CloudError> {
        const OPERATION: &str = "ListEventSourceMappings";
        let mut mappings = Vec::new();
        let mut pages = Pages::new();
        loop {
            self.0.routine.turn().await;
            let request = self.0.lambda.list_event_source_mappings().function_name(target.function.as_str());
            let reply = request.set_marker(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::Lambda, reply)?;
            mappings.extend(reply.event_source_mappings().iter().map(|mapping| Mapping {
                source: clean_or_empty(mapping.event_source_arn()),
                qualifier: mapping.function_arn().and_then(qualifier_of).map(|qualifier| clean(&qualifier)),
            }));
            if !self.turn_page(&mut pages, OPERATION, Service::Lambda, reply.next_marker)? {
                return Ok(mappings);
            }
        }
    }

    /// Who may call a function, or what a qualifier behind its name leads to. Nobody where there is no policy.
    async fn policy(&self, target: &Target, qualifier: Option<&str>) -> Result<Vec<Grant>, CloudError> {
        const OPERATION: &str = "GetPolicy";
        self.0.policies.turn().await;
        let request = self.0.lambda.get_policy().function_name(target.function.as_str());
        let reply = request.set_qualifier(qualifier.map(str::to_owned)).send().await;
        let answer = reply.as_ref().err().and_then(|error| error.as_service_error());
        if answer.is_some_and(GetPolicyError::is_resource_not_found_exception) {
            return Ok(Vec::new());
        }
        let reply = self.check(OPERATION, Service::Lambda, reply)?;
        let cleaned = |grant: Grant| Grant {
            principal: clean(&grant.principal),
            source: grant.source.map(|source| clean(&source)),
        };
        Ok(grants(reply.policy().unwrap_or_default()).into_iter().map(cleaned).collect())
    }

    async fn concurrency_of(
        &self,
        target: &Target,
        version: Option<Version>,
    ) -> Option<Result<Option<ProvisionedConcurrency>, CloudError>> {
        let version = version.filter(|version| *version != Version::Latest)?;
        let of_version = target.with_alias(version.to_string());
        Some(self.provisioned_concurrency(&of_version).await)
    }
}
