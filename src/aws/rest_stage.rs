//! Stages of REST APIs: which deployment a stage is at, and which there are. There is no revision here: the deployment
//! and the time of the last change are, and a write compares before it is sent.

use aws_sdk_apigateway::{
    operation::{get_stage::GetStageOutput, update_stage::UpdateStageOutput},
    types::{CanarySettings, Op, PatchOperation},
};
use aws_smithy_types::DateTime;
use aws_types::request_id::RequestId as _;

use super::{
    Cloud, Urgency, clean, endpoints::Service, lambda::one_short_attempt, listener::changed, paging::Pages,
    text::clean_or_empty, time::timestamp,
};
use crate::release::{
    error::{CloudError, Trouble},
    facts::{Alias, Receipt, Setting, StageSetting, VersionInfo},
    names::{RevisionId, Target, Version},
    routing::Routing,
};

/// A page of deployments: the most that AWS gives.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployments.html>
const PAGE: i32 = 500;

impl Cloud {
    /// Which deployment a stage is at.
    pub(super) async fn rest_stage(&self, target: &Target, urgency: Urgency) -> Result<Alias, CloudError> {
        const OPERATION: &str = "GetStage";
        if urgency == Urgency::Routine {
            self.0.gateway.turn().await;
        }
        let (api, stage) = target.api_and_stage().unwrap_or_default();
        let reply = self.0.apigateway.get_stage().rest_api_id(api).stage_name(stage).send().await;
        let reply = self.check(OPERATION, Service::ApiGateway, reply)?;
        StageParts::from(&reply).read(OPERATION)
    }

    /// Points a stage at a deployment and describes it, in one request: both happen, or neither. With a revision it is
    /// written only if the stage still reads as it did then; between that look and the write a moment remains, and the
    /// reading afterwards tells.
    pub(super) async fn update_rest_stage(
        &self,
        target: &Target,
        routing: &Routing,
        revision: Option<&RevisionId>,
        description: Option<&str>,
    ) -> Result<Receipt, CloudError> {
        const OPERATION: &str = "UpdateStage";
        if let Some(revision) = revision {
            let found = self.rest_stage(target, Urgency::Urgent).await?;
            if *revision != found.revision {
                return Err(changed(OPERATION, &found));
            }
        }
        let (Version::Named(deployment), None) = (routing.primary, routing.weighted) else {
            let message = format!("a stage cannot be at {routing}: it is at one deployment; nothing was sent");
            return Err(refused(OPERATION, message));
        };
        let both: Vec<PatchOperation> =
            [replace("/deploymentId", deployment.as_str())].into_iter().chain(description.map(describe)).collect();
        match self.patch_stage(target, both).await {
            // What moves traffic does not fail over a text: an API Gateway that takes none gets the deployment alone.
            Err(error) if error.kind == Trouble::Refused && description.is_some() => {
                let alone = self.patch_stage(target, vec![replace("/deploymentId", deployment.as_str())]).await?;
                Ok(Receipt { unrecorded: Some(error), ..alone })
            }
            outcome => outcome,
        }
    }

    async fn patch_stage(&self, target: &Target, patches: Vec<PatchOperation>) -> Result<Receipt, CloudError> {
        const OPERATION: &str = "UpdateStage";
        let (api, stage) = target.api_and_stage().unwrap_or_default();
        let request = self.0.apigateway.update_stage().rest_api_id(api).stage_name(stage);
        let request = request.set_patch_operations(Some(patches));
        let reply = request.customize().config_override(one_short_attempt!(apigateway_sdk)).send().await;
        let reply = self.check(OPERATION, Service::ApiGateway, reply)?;
        let alias = StageParts::from(&reply).read(OPERATION)?;
        Ok(Receipt { alias, request_id: reply.request_id().map(clean), unrecorded: None })
    }

    /// The deployments of a stage's API, in AWS's order.
    pub(super) async fn deployments(&self, target: &Target) -> Result<Vec<VersionInfo>, CloudError> {
        const OPERATION: &str = "GetDeployments";
        let (api, _) = target.api_and_stage().unwrap_or_default();
        let mut deployments = Vec::new();
        let mut pages = Pages::new();
        loop {
            self.0.gateway.turn().await;
            let request = self.0.apigateway.get_deployments().rest_api_id(api).limit(PAGE);
            let reply = request.set_position(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::ApiGateway, reply)?;
            for found in reply.items() {
                deployments
                    .extend(found.id().and_then(|id| read_deployment(id, found.description(), found.created_date())));
            }
            if !self.turn_page(&mut pages, OPERATION, Service::ApiGateway, reply.position)? {
                return Ok(deployments);
            }
        }
    }

    /// One deployment; an error where it does not exist any more.
    pub(super) async fn deployment(&self, target: &Target, version: Version) -> Result<VersionInfo, CloudError> {
        const OPERATION: &str = "GetDeployment";
        self.0.gateway.turn().await;
        let (api, _) = target.api_and_stage().unwrap_or_default();
        let reply = self.0.apigateway.get_deployment().rest_api_id(api).deployment_id(version.to_string()).send().await;
        let reply = self.check(OPERATION, Service::ApiGateway, reply)?;
        let read = reply.id().and_then(|id| read_deployment(id, reply.description(), reply.created_date()));
        read.ok_or_else(|| self.not_aws(OPERATION, Service::ApiGateway, "a deployment without an id"))
    }

    /// The name of an API, under which CloudWatch counts its calls.
    pub async fn api_name(&self, target: &Target) -> Result<String, CloudError> {
        const OPERATION: &str = "GetRestApi";
        let there = self.in_region(target.region.as_deref());
        there.0.gateway.turn().await;
        let (api, _) = target.api_and_stage().unwrap_or_default();
        let reply = there.0.apigateway.get_rest_api().rest_api_id(api).send().await;
        let reply = there.check(OPERATION, Service::ApiGateway, reply)?;
        Ok(clean_or_empty(reply.name()))
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch>
fn replace(path: &str, value: &str) -> PatchOperation {
    PatchOperation::builder().op(Op::Replace).path(path).value(value).build()
}

fn describe(text: &str) -> PatchOperation {
    replace("/description", text)
}

/// What `GetStage` and `UpdateStage` both answer, in types of their own.
struct StageParts<'a> {
    deployment: Option<&'a str>,
    description: Option<&'a str>,
    updated: Option<&'a DateTime>,
    canary: Option<&'a CanarySettings>,
    stack: Option<&'a String>,
}

/// Both replies have the same members.
macro_rules! stage_parts_from {
    ($($reply:ty),*) => {$(
        impl<'a> From<&'a $reply> for StageParts<'a> {
            fn from(reply: &'a $reply) -> Self {
                Self {
                    deployment: reply.deployment_id(),
                    description: reply.description(),
                    updated: reply.last_updated_date(),
                    canary: reply.canary_settings(),
                    stack: reply.tags().and_then(|tags| tags.get("aws:cloudformation:stack-name")),
                }
            }
        }
    )*};
}

stage_parts_from!(GetStageOutput, UpdateStageOutput);

impl StageParts<'_> {
    fn read(&self, operation: &'static str) -> Result<Alias, CloudError> {
        let deployment = self.deployment.and_then(|id| Version::named(&clean(id)).ok()).ok_or_else(|| {
            let remedy = "make one with `aws apigateway create-deployment --rest-api-id … --stage-name …`";
            refused(operation, format!("the stage is at no deployment; {remedy}"))
        })?;
        let updated = self.updated.and_then(timestamp).map(|at| format!(" at {at}")).unwrap_or_default();
        let description = clean_or_empty(self.description);
        // A canary that gets nothing holds nobody's traffic.
        let canary = self.canary.filter(|canary| canary.percent_traffic > 0.0);
        Ok(Alias {
            routing: Routing::only(deployment),
            // The time has whole seconds: who changes the description within one is told by what it says.
            revision: RevisionId::new(format!("{deployment}{updated} {description}").trim_end()),
            description,
            account: None,
            setting: Setting::Stage(StageSetting {
                canary_percent: canary.map(|canary| format!("{}", canary.percent_traffic)),
                stack: self.stack.map(|stack| clean(stack)),
            }),
        })
    }
}

fn refused(operation: &'static str, message: String) -> CloudError {
    CloudError { kind: Trouble::Refused, operation, message, request_id: None, retry_after: None }
}

fn read_deployment(id: &str, description: Option<&str>, created: Option<&DateTime>) -> Option<VersionInfo> {
    Some(VersionInfo {
        description: clean_or_empty(description),
        modified: created.and_then(timestamp),
        ..VersionInfo::bare(Version::named(&clean(id)).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(canary: Option<f64>, updated: i64, deployment: Option<&str>) -> Result<Alias, CloudError> {
        let canary = canary.map(|percent| CanarySettings::builder().percent_traffic(percent).build());
        let reply = GetStageOutput::builder()
            .set_deployment_id(deployment.map(ToOwned::to_owned))
            .last_updated_date(DateTime::from_secs(updated))
            .set_canary_settings(canary)
            .build();
        StageParts::from(&reply).read("GetStage")
    }

    #[test]
    fn the_revision_changes_with_every_change_of_the_stage() {
        let first = read(None, 1_700_000_000, Some("abc123")).unwrap();
        assert_eq!(first.routing.to_string(), "abc123 100%");
        assert_eq!(first.revision, read(None, 1_700_000_000, Some("abc123")).unwrap().revision);
        assert_ne!(first.revision, read(None, 1_700_000_060, Some("abc123")).unwrap().revision);
        assert_ne!(first.revision, read(None, 1_700_000_000, Some("def456")).unwrap().revision);
    }

    #[test]
    fn a_canary_counts_while_it_gets_traffic() {
        let canary = |percent| match read(Some(percent), 0, Some("abc123")).unwrap().setting {
            Setting::Stage(setting) => setting.canary_percent,
            other => panic!("{other:?}"),
        };
        assert_eq!(canary(12.5).as_deref(), Some("12.5"));
        assert_eq!(canary(0.0), None);
    }

    #[test]
    fn a_stage_without_a_deployment_says_what_to_do() {
        let error = read(None, 0, None).unwrap_err();
        assert!(error.message.contains("create-deployment"), "{error}");
    }
}
