//! CodeDeploy: which deployments of functions and of services on ECS are under way.
//! See <https://docs.aws.amazon.com/codedeploy/latest/APIReference/Welcome.html>.

use std::collections::BTreeSet;

use super::fault;
use super::value::{Members, Value};
use crate::sim::world::spec::CodeDeploySpec;
use crate::sim::world::{Fault, World};

/// ListApplications.
pub fn list_applications(world: &World) -> Value {
    let names: BTreeSet<&str> = all(world).map(|group| group.application.as_str()).collect();
    Members::new().with("applications", names.into_iter().collect::<Value>()).into()
}

/// ListDeploymentGroups.
pub fn list_deployment_groups(world: &World, input: &Value) -> Result<Value, Fault> {
    let (application, groups) = of_application(world, input)?;
    let names = groups.iter().map(|group| group.group.as_str()).collect::<Value>();
    Ok(Members::new().with("applicationName", application).with("deploymentGroups", names).into())
}

/// GetDeploymentGroup.
pub fn get_deployment_group(world: &World, input: &Value) -> Result<Value, Fault> {
    let (_, groups) = of_application(world, input)?;
    let name = input.text("deploymentGroupName")?.unwrap_or_default();
    let message = format!("No Deployment Group found for name: {name}");
    let group = groups.into_iter().find(|group| group.group == name);
    let group = group.ok_or_else(|| fault::refusal("DeploymentGroupDoesNotExistException", message))?;
    Ok(Members::new().with("deploymentGroupInfo", group_info(group)).into())
}

/// BatchGetDeploymentGroups.
pub fn batch_get_deployment_groups(world: &World, input: &Value) -> Result<Value, Fault> {
    let (_, groups) = of_application(world, input)?;
    let names = input.texts("deploymentGroupNames")?;
    let infos = groups.into_iter().filter(|group| names.contains(&group.group.as_str())).map(group_info);
    Ok(Members::new().with("deploymentGroupsInfo", infos.collect::<Value>()).into())
}

/// ListDeployments.
pub fn list_deployments(world: &World, input: &Value) -> Result<Value, Fault> {
    let (application, group) = (input.text("applicationName")?, input.text("deploymentGroupName")?);
    if group.is_some() && application.is_none() {
        let message = "Application name is required".to_owned();
        return Err(fault::refusal("ApplicationNameRequiredException", message));
    }
    if application.is_some() {
        of_application(world, input)?;
    }
    let statuses = input.texts("includeOnlyStatuses")?;
    let asked = |known: &&CodeDeploySpec| {
        application.is_none_or(|name| known.application == name)
            && group.is_none_or(|name| known.group == name)
            && (statuses.is_empty() || statuses.contains(&known.status.as_str()))
    };
    let ids = all(world).filter(asked).filter_map(|known| known.deployment.as_deref());
    Ok(Members::new().with("deployments", ids.collect::<Value>()).into())
}

/// GetDeployment.
pub fn get_deployment(world: &World, input: &Value) -> Result<Value, Fault> {
    let info = deployment_info(world, find(world, input)?);
    Ok(Members::new().with("deploymentInfo", info).into())
}

/// ListDeploymentTargets: of a deployment to Lambda, its function with the alias.
pub fn list_deployment_targets(world: &World, input: &Value) -> Result<Value, Fault> {
    let ids: Value = target_id(find(world, input)?).into_iter().collect();
    Ok(Members::new().with("targetIds", ids).into())
}

/// BatchGetDeploymentTargets.
pub fn batch_get_deployment_targets(world: &World, input: &Value) -> Result<Value, Fault> {
    let known = find(world, input)?;
    let asked = input.texts("targetIds")?;
    let target = target_id(known).filter(|id| asked.contains(&id.as_str())).map(|id| {
        let function = Members::new()
            .with_some("functionName", known.function.as_ref())
            .with("functionAlias", alias(known))
            .with("currentVersion", "1")
            .with("targetVersion", "2");
        let target = Members::new()
            .with_some("deploymentId", known.deployment.as_ref())
            .with("targetId", id)
            .with("status", &known.status)
            .with("lambdaFunctionInfo", function);
        Members::new().with("deploymentTargetType", "LambdaTarget").with("lambdaTarget", target)
    });
    Ok(Members::new().with("deploymentTargets", target.into_iter().collect::<Value>()).into())
}

/// BatchGetDeployments: those of the ids that exist.
pub fn batch_get_deployments(world: &World, input: &Value) -> Result<Value, Fault> {
    let ids = input.texts("deploymentIds")?;
    let asked = |known: &&CodeDeploySpec| known.deployment.as_deref().is_some_and(|id| ids.contains(&id));
    let infos = all(world).filter(asked).map(|known| deployment_info(world, known));
    Ok(Members::new().with("deploymentsInfo", infos.collect::<Value>()).into())
}

fn all(world: &World) -> impl Iterator<Item = &CodeDeploySpec> {
    world.spec().codedeploy.iter().filter(|_| world.is_home())
}

fn find<'a>(world: &'a World, input: &Value) -> Result<&'a CodeDeploySpec, Fault> {
    let id = input.text("deploymentId")?.unwrap_or_default();
    let message = format!("The deployment {id} could not be found");
    let known = all(world).find(|known| known.deployment.as_deref() == Some(id));
    known.ok_or_else(|| fault::refusal("DeploymentDoesNotExistException", message))
}

fn target_id(known: &CodeDeploySpec) -> Option<String> {
    known.function.as_ref().map(|function| format!("{function}:{}", alias(known)))
}

fn alias(known: &CodeDeploySpec) -> &str {
    known.alias.as_deref().unwrap_or("live")
}

fn of_application<'a>(world: &'a World, input: &'a Value) -> Result<(&'a str, Vec<&'a CodeDeploySpec>), Fault> {
    let name = input.text("applicationName")?.unwrap_or_default();
    let groups: Vec<&CodeDeploySpec> = all(world).filter(|known| known.application == name).collect();
    if groups.is_empty() {
        let message = format!("No application found for name: {name}");
        return Err(fault::refusal("ApplicationDoesNotExistException", message));
    }
    Ok((name, groups))
}

fn group_info(known: &CodeDeploySpec) -> Members {
    let route = known.listener.as_ref().map(|listener| {
        let pair = Members::new().with("prodTrafficRoute", Members::new().with("listenerArns", vec![listener]));
        Members::new().with("targetGroupPairInfoList", vec![pair])
    });
    Members::new()
        .with("applicationName", &known.application)
        .with("deploymentGroupName", &known.group)
        .with("deploymentConfigName", config(known))
        .with("computePlatform", &known.platform)
        .with_some("loadBalancerInfo", route)
}

fn deployment_info(world: &World, known: &CodeDeploySpec) -> Members {
    let content = known.function.as_ref().map(|function| {
        let alias = alias(known);
        let name = alias_name_in_appspec(function);
        format!(
            "{{\"version\":0.0,\"Resources\":[{{\"{name}\":{{\"Type\":\"AWS::Lambda::Function\",\"Properties\":\
             {{\"Name\":\"{function}\",\"Alias\":\"{alias}\",\"CurrentVersion\":\"1\",\"TargetVersion\":\"2\"}}}}}}]}}"
        )
    });
    let revision = content.map(|content| {
        let text = Members::new().with("content", content);
        Members::new().with("revisionType", "AppSpecContent").with("appSpecContent", text)
    });
    Members::new()
        .with("applicationName", &known.application)
        .with("deploymentGroupName", &known.group)
        .with("deploymentConfigName", config(known))
        .with_some("deploymentId", known.deployment.as_ref())
        .with_some("revision", revision)
        .with("status", &known.status)
        .with("createTime", known.created.from(world.opening()))
        .with("creator", "user")
        .with("computePlatform", &known.platform)
}

fn config(known: &CodeDeploySpec) -> String {
    format!("CodeDeployDefault.{}AllAtOnce", known.platform)
}

/// The logical name of the function in the deployment's specification: its own, without what names may not have.
fn alias_name_in_appspec(function: &str) -> String {
    function.chars().filter(char::is_ascii_alphanumeric).collect()
}
