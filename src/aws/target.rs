//! One way to each kind of target, in whichever region it is: reading where it is and what it could go to, and the one
//! write that moves it.

use super::Cloud;
use super::Urgency;
use crate::release::{
    error::CloudError,
    facts::{Alias, AliasPointer, ProvisionedConcurrency, Receipt, VersionInfo},
    names::{Mover, RevisionId, Target, Version},
    routing::Routing,
};

impl Cloud {
    /// Where a target's traffic goes now, and its revision.
    pub async fn alias(&self, target: &Target, urgency: Urgency) -> Result<Alias, CloudError> {
        let there = self.in_region(target.region.as_deref());
        match target.kind {
            Mover::Alias => there.lambda_alias(target, urgency).await,
            Mover::Rule => there.rule(target, urgency).await,
            Mover::Stage => there.rest_stage(target, urgency).await,
        }
    }

    /// Moves a target. With a revision the write happens only if the target is still at it: Lambda compares itself,
    /// elsewhere it is read and compared right before. One attempt, no waiting in a queue.
    pub async fn update_alias(
        &self,
        target: &Target,
        routing: &Routing,
        revision: Option<&RevisionId>,
        description: Option<&str>,
    ) -> Result<Receipt, CloudError> {
        let there = self.in_region(target.region.as_deref());
        match target.kind {
            Mover::Alias => there.update_lambda_alias(target, routing, revision, description).await,
            Mover::Rule => there.update_rule(target, routing, revision, description).await,
            Mover::Stage => there.update_rest_stage(target, routing, revision, description).await,
        }
    }

    /// All that a target's traffic can go to, in AWS's order: a function's versions with `$LATEST` among them, a
    /// rule's target groups, an API's deployments.
    pub async fn versions(&self, target: &Target) -> Result<Vec<VersionInfo>, CloudError> {
        let there = self.in_region(target.region.as_deref());
        match target.kind {
            Mover::Alias => there.lambda_versions(target).await,
            Mover::Rule => there.target_groups(target).await,
            Mover::Stage => there.deployments(target).await,
        }
    }

    /// One of them with its state.
    pub async fn version(&self, target: &Target, version: Version) -> Result<VersionInfo, CloudError> {
        let there = self.in_region(target.region.as_deref());
        match target.kind {
            Mover::Alias => there.lambda_version(target, version).await,
            Mover::Rule => there.target_group(target, version).await,
            Mover::Stage => there.deployment(target, version).await,
        }
    }

    /// All aliases of a target's function, and where they point; what is no function has none.
    pub async fn aliases(&self, target: &Target) -> Result<Vec<AliasPointer>, CloudError> {
        let there = self.in_region(target.region.as_deref());
        match target.kind {
            Mover::Alias => there.lambda_aliases(target).await,
            Mover::Rule | Mover::Stage => Ok(Vec::new()),
        }
    }

    /// The provisioned concurrency of an alias, `None` where it has none.
    pub async fn provisioned_concurrency(&self, target: &Target) -> Result<Option<ProvisionedConcurrency>, CloudError> {
        let there = self.in_region(target.region.as_deref());
        match target.kind {
            Mover::Alias => there.lambda_provisioned_concurrency(target).await,
            Mover::Rule | Mover::Stage => Ok(None),
        }
    }
}
