//! The release record in a tag of a rule, or of the listener whose default action is moved. It is a second call beside
//! the weights: it must neither fail a move nor hold one up, and a reading that fails changes nothing that was known.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_elasticloadbalancingv2::{
    config::Builder,
    types::{Tag, TagDescription},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};

use super::super::{Cloud, Urgency, clean, endpoints::Service, lambda::WRITE_LIMIT};
use crate::release::{carried, error::CloudError, names::Target};

/// How long a tag may keep somebody waiting who moves traffic back, or reads whether it was moved.
const LIMIT: Duration = Duration::from_secs(1);

/// How long one may keep a routine reading waiting: a rollback on a machine that knows of no release rests on it.
const ROUTINE_LIMIT: Duration = Duration::from_secs(2);

/// What the tags said last, by ARN, in the spelling of a description.
#[derive(Debug, Default)]
pub(in crate::aws) struct Records(Mutex<HashMap<String, String>>);

impl Records {
    pub(super) fn of(&self, target: &Target) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(target.alias.as_str()).cloned().unwrap_or_default()
    }

    fn keep(&self, target: &Target, description: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(target.alias.to_string(), description.to_owned());
    }
}

impl Cloud {
    /// Reads the record that a rule carries, and keeps it as a description would hold it; empty where there is none.
    pub(super) async fn record_of_rule(&self, target: &Target, urgency: Urgency) -> Result<(), CloudError> {
        let found = self.ask_for_record(target, urgency).await?;
        self.0.records.keep(target, &found);
        Ok(())
    }

    async fn ask_for_record(&self, target: &Target, urgency: Urgency) -> Result<String, CloudError> {
        const OPERATION: &str = "DescribeTags";
        let request = self.0.elbv2.describe_tags().resource_arns(target.alias.as_str());
        let reply = match urgency {
            Urgency::Routine => {
                self.0.balancers.turn().await;
                request.customize().config_override(once(ROUTINE_LIMIT)).send().await
            }
            Urgency::Urgent => request.customize().config_override(once(LIMIT)).send().await,
        };
        let reply = self.check(OPERATION, Service::LoadBalancing, reply)?;
        let tags = reply.tag_descriptions().iter().flat_map(TagDescription::tags);
        let value = tags.filter(|tag| tag.key() == Some(carried::TAG)).find_map(Tag::value);
        Ok(value.map(|value| carried::from_tag(&clean(value))).unwrap_or_default())
    }

    /// Has a rule carry what this description says; an empty one takes the record out.
    pub(super) async fn record_on_rule(&self, target: &Target, description: &str) -> Result<(), CloudError> {
        let arn = target.alias.as_str();
        if let Some(value) = carried::in_tag(description) {
            let tag = Tag::builder().key(carried::TAG).value(value).build();
            let request = self.0.elbv2.add_tags().resource_arns(arn).tags(tag);
            let reply = request.customize().config_override(once(WRITE_LIMIT)).send().await;
            self.check("AddTags", Service::LoadBalancing, reply)?;
        } else {
            let request = self.0.elbv2.remove_tags().resource_arns(arn).tag_keys(carried::TAG);
            let reply = request.customize().config_override(once(LIMIT)).send().await;
            self.check("RemoveTags", Service::LoadBalancing, reply)?;
        }
        self.0.records.keep(target, description);
        Ok(())
    }
}

/// One attempt, and a short one.
fn once(limit: Duration) -> Builder {
    let limit = TimeoutConfig::builder().operation_timeout(limit).operation_attempt_timeout(limit).build();
    Builder::new().retry_config(RetryConfig::disabled()).timeout_config(limit)
}
