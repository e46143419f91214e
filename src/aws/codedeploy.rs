//! Deployments that `CodeDeploy` runs now. Without a group it lists those of the whole region, so one call answers where
//! there are none, however many applications there are.

use aws_sdk_codedeploy::types;

use super::{Cloud, clean, endpoints::Service, paging::Pages, text::clean_or_empty};
use crate::release::{error::CloudError, surroundings::Deployment};

/// AWS takes so many ids in a call.
/// <https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeployments.html>
const MOST_IDS: usize = 25;

impl Cloud {
    /// The deployments to Lambda that are under way or about to be, in these regions; `None` is the environment's own.
    pub async fn deployments_under_way(&self, regions: &[Option<String>]) -> Result<Vec<Deployment>, CloudError> {
        let mut deployments = Vec::new();
        for region in regions {
            let found = self.in_region(region.as_deref()).deployments_here().await?;
            deployments.extend(found.into_iter().map(|found| Deployment { region: region.clone(), ..found }));
        }
        Ok(deployments)
    }

    async fn deployments_here(&self) -> Result<Vec<Deployment>, CloudError> {
        const OPERATION: &str = "BatchGetDeployments";
        let ids = self.open_deployments().await?;
        let mut deployments = Vec::new();
        for ids in ids.chunks(MOST_IDS) {
            let request = self.0.codedeploy.batch_get_deployments().set_deployment_ids(Some(ids.to_vec()));
            let reply = self.check(OPERATION, Service::CodeDeploy, request.send().await)?;
            for info in reply.deployments_info() {
                let is_of_lambda = info.compute_platform() == Some(&types::ComputePlatform::Lambda);
                if let Some(id) = info.deployment_id().filter(|_| is_of_lambda) {
                    let application = clean_or_empty(info.application_name());
                    let group = format!("{application}/{}", clean_or_empty(info.deployment_group_name()));
                    deployments.push(Deployment { id: clean(id), region: None, group, moves: self.moves(id).await? });
                }
            }
        }
        Ok(deployments)
    }

    async fn open_deployments(&self) -> Result<Vec<String>, CloudError> {
        const OPERATION: &str = "ListDeployments";
        const OPEN: [types::DeploymentStatus; 4] = [
            types::DeploymentStatus::Created,
            types::DeploymentStatus::Queued,
            types::DeploymentStatus::InProgress,
            types::DeploymentStatus::Ready,
        ];
        let mut ids = Vec::new();
        let mut pages = Pages::new();
        loop {
            let request = self.0.codedeploy.list_deployments().set_include_only_statuses(Some(OPEN.to_vec()));
            let reply = request.set_next_token(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::CodeDeploy, reply)?;
            ids.extend(reply.deployments().iter().cloned());
            if !self.turn_page(&mut pages, OPERATION, Service::CodeDeploy, reply.next_token)? {
                return Ok(ids);
            }
        }
    }

    /// The functions and aliases that a deployment moves.
    async fn moves(&self, deployment: &str) -> Result<Vec<(String, String)>, CloudError> {
        const OPERATION: &str = "BatchGetDeploymentTargets";
        let listed = self.0.codedeploy.list_deployment_targets().deployment_id(deployment).send().await;
        let listed = self.check("ListDeploymentTargets", Service::CodeDeploy, listed)?;
        if listed.target_ids().is_empty() {
            return Ok(Vec::new());
        }
        let request = self.0.codedeploy.batch_get_deployment_targets().deployment_id(deployment);
        let ids = listed.target_ids().iter().take(MOST_IDS).cloned().collect();
        let reply = self.check(OPERATION, Service::CodeDeploy, request.set_target_ids(Some(ids)).send().await)?;
        let targets = reply.deployment_targets().iter().filter_map(types::DeploymentTarget::lambda_target);
        let functions = targets.filter_map(types::LambdaTarget::lambda_function_info);
        let moved = functions.filter_map(|info| {
            // `pay`, or its ARN: CodeDeploy keeps what the AppSpec said.
            let name = info.function_name()?.rsplit(':').next()?;
            Some((clean(name), clean(info.function_alias()?)))
        });
        Ok(moved.collect())
    }
}
