//! Weighted target groups of an application load balancer: a listener's rule, or the default action of a listener. There
//! is no revision here, so what was read is the revision, and a write compares before it sends all actions back. What a
//! rule must not be before it is moved, the plan says.

mod action;
mod groups;
mod record;

use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_types::request_id::RequestId as _;

pub(super) use record::Records;

use super::{Cloud, Urgency, clean, endpoints::Service, lambda::one_short_attempt};
use crate::release::{
    error::{CloudError, Trouble},
    facts::{Alias, Receipt, Setting},
    names::{RevisionId, Target},
    routing::Routing,
};

/// Whose actions they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// A rule of a listener.
    Rule,
    /// The listener itself: its default action.
    Listener,
}

impl Owner {
    fn of(target: &Target) -> Self {
        if target.alias.as_str().contains(":listener-rule/") { Self::Rule } else { Self::Listener }
    }

    /// The operations that read and write it.
    fn operations(self) -> (&'static str, &'static str) {
        match self {
            Self::Rule => ("DescribeRules", "ModifyRule"),
            Self::Listener => ("DescribeListeners", "ModifyListener"),
        }
    }
}

impl Cloud {
    /// Where a rule sends its traffic now, and the record that it carries. Both are asked at once.
    pub(super) async fn rule(&self, target: &Target, urgency: Urgency) -> Result<Alias, CloudError> {
        let (actions, told) = tokio::join!(self.actions(target, urgency), self.record_of_rule(target, urgency));
        let mut alias = self.read_rule(Owner::of(target).operations().0, target, &actions?)?;
        // What was known before stays known: only where nothing is known does it matter that it could not be read.
        if let (Err(why), true, Setting::Rule(rule)) = (told, alias.description.is_empty(), &mut alias.setting) {
            rule.untold = Some(Box::new(why));
        }
        Ok(alias)
    }

    /// Sets the weights of a rule's target groups and leaves all else as it is. With a revision it is written only if
    /// the rule still reads as it did then; between that look and the write a moment remains in which somebody else
    /// may write, and the reading afterwards tells.
    ///
    /// A record is there before the weights that it tells of, and goes after them: a way back waits for no tag.
    pub(super) async fn update_rule(
        &self,
        target: &Target,
        routing: &Routing,
        revision: Option<&RevisionId>,
        description: Option<&str>,
    ) -> Result<Receipt, CloudError> {
        let (looks, writes) = Owner::of(target).operations();
        let mut actions = self.actions(target, Urgency::Urgent).await?;
        let found = self.read_rule(looks, target, &actions)?;
        if revision.is_some_and(|revision| *revision != found.revision) {
            return Err(changed(writes, &found));
        }
        if found.routing.same_traffic(routing) {
            return self.record_alone(target, found, description).await;
        }
        action::weigh(&mut actions, routing).map_err(|why| refused(writes, &why))?;
        let (before, after) = match description {
            Some("") => (None, description),
            _ => (description, None),
        };
        let mut unrecorded = None;
        if let Some(record) = before {
            unrecorded = self.record_on_rule(target, record).await.err();
        }
        let written = self.weigh_rule(target, actions).await;
        if let Err(error) = &written
            && before.is_some()
            && unrecorded.is_none()
            && !error.kind.leaves_unknown()
        {
            // The record would tell of weights that were not written: what was there before is put back, if it can be.
            drop(self.record_on_rule(target, &found.description).await);
        }
        let receipt = written?;
        if after.is_some() {
            unrecorded = self.record_on_rule(target, "").await.err();
        }
        Ok(Receipt { alias: self.with_record(target, receipt.alias), unrecorded, ..receipt })
    }

    /// Nothing moves: the tag is all there is to write. Who takes a release over must know whether its name stands there;
    /// a record that stays behind at the end harms nobody.
    async fn record_alone(
        &self,
        target: &Target,
        found: Alias,
        description: Option<&str>,
    ) -> Result<Receipt, CloudError> {
        let unrecorded = match description {
            None => None,
            Some("") => self.record_on_rule(target, "").await.err(),
            Some(record) => {
                self.record_on_rule(target, record).await?;
                None
            }
        };
        Ok(Receipt { alias: self.with_record(target, found), request_id: None, unrecorded })
    }

    /// Sends all actions of a rule back, in one short attempt.
    async fn weigh_rule(&self, target: &Target, actions: Vec<Action>) -> Result<Receipt, CloudError> {
        let owner = Owner::of(target);
        let writes = owner.operations().1;
        let (actions, request_id) = match owner {
            Owner::Rule => {
                let request = self.0.elbv2.modify_rule().rule_arn(target.alias.as_str()).set_actions(Some(actions));
                let reply = request.customize().config_override(one_short_attempt!(elbv2_sdk)).send().await;
                let reply = self.check(writes, Service::LoadBalancing, reply)?;
                let id = reply.request_id().map(clean);
                (reply.rules.unwrap_or_default().into_iter().next().and_then(|rule| rule.actions), id)
            }
            Owner::Listener => {
                let request = self.0.elbv2.modify_listener().listener_arn(target.alias.as_str());
                let request = request.set_default_actions(Some(actions));
                let reply = request.customize().config_override(one_short_attempt!(elbv2_sdk)).send().await;
                let reply = self.check(writes, Service::LoadBalancing, reply)?;
                let id = reply.request_id().map(clean);
                (reply.listeners.unwrap_or_default().into_iter().next().and_then(|one| one.default_actions), id)
            }
        };
        let alias = self.read_rule(writes, target, &actions.unwrap_or_default())?;
        Ok(Receipt { alias, request_id, unrecorded: None })
    }

    fn with_record(&self, target: &Target, alias: Alias) -> Alias {
        Alias { description: self.0.records.of(target), ..alias }
    }

    /// The actions of a rule or the default actions of a listener.
    async fn actions(&self, target: &Target, urgency: Urgency) -> Result<Vec<Action>, CloudError> {
        if urgency == Urgency::Routine {
            self.0.balancers.turn().await;
        }
        let owner = Owner::of(target);
        let (operation, arn) = (owner.operations().0, target.alias.as_str());
        let actions = match owner {
            Owner::Rule => {
                let reply = self.0.elbv2.describe_rules().rule_arns(arn).send().await;
                let reply = self.check(operation, Service::LoadBalancing, reply)?;
                let found = reply.rules.unwrap_or_default().into_iter().find(|rule| rule.rule_arn() == Some(arn));
                found.map(|rule| rule.actions.unwrap_or_default())
            }
            Owner::Listener => {
                let reply = self.0.elbv2.describe_listeners().listener_arns(arn).send().await;
                let reply = self.check(operation, Service::LoadBalancing, reply)?;
                let found = reply.listeners.unwrap_or_default().into_iter().find(|one| one.listener_arn() == Some(arn));
                found.map(|listener| listener.default_actions.unwrap_or_default())
            }
        };
        actions.ok_or_else(|| self.not_aws(operation, Service::LoadBalancing, "a list without the rule asked for"))
    }

    fn read_rule(&self, operation: &'static str, target: &Target, actions: &[Action]) -> Result<Alias, CloudError> {
        let read = action::read(actions);
        let (routing, revision, setting) =
            read.map_err(|what| self.not_aws(operation, Service::LoadBalancing, &what))?;
        Ok(Alias {
            routing,
            revision,
            description: self.0.records.of(target),
            account: super::lambda::account_of(target.alias.as_str()),
            setting,
        })
    }
}

/// The error of a write that found something else than the plan showed, as Lambda's 412 says it of an alias.
pub(super) fn changed(operation: &'static str, found: &Alias) -> CloudError {
    let message = format!(
        "it was changed by someone else since it was read: it is now {}. Compared before the write; nothing was sent.",
        found.routing
    );
    CloudError { kind: Trouble::Stale, operation, message, request_id: None, retry_after: None }
}

fn refused(operation: &'static str, why: &str) -> CloudError {
    let message = format!("{why}; nothing was sent");
    CloudError { kind: Trouble::Refused, operation, message, request_id: None, retry_after: None }
}
