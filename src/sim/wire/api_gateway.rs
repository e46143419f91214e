//! API Gateway's REST APIs: their stages and deployments, as its REST API shows them.
//! See <https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html>.

use super::fault;
use super::paging;
use super::value::{Members, Value};
use crate::sim::world::spec::ApiSpec;
use crate::sim::world::{Api, Deployment, Fault, StageChange, World};

/// AWS's usual page; it allows up to 500.
const PAGE: i64 = 25;

/// GetRestApis.
pub fn get_rest_apis(world: &World, input: &Value) -> Result<Value, Fault> {
    list(input, "apis", &rest_apis(world).map(rest_api).map(Value::from).collect::<Vec<_>>())
}

/// `GetRestApi`.
pub fn get_rest_api(world: &World, input: &Value) -> Result<Value, Fault> {
    Ok(rest_api(find(world, input)?).into())
}

/// GetStages.
pub fn get_stages(world: &World, input: &Value) -> Result<Value, Fault> {
    let (api, spec) = find(world, input)?;
    Ok(Members::new().with("item", vec![stage(api, spec)]).into())
}

/// GetStage.
pub fn get_stage(world: &World, input: &Value) -> Result<Value, Fault> {
    let (api, spec) = find_stage(world, input)?;
    Ok(stage(api, spec).into())
}

/// UpdateStage: here, of the deployment and the description alone.
pub fn update_stage(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let id = find_stage(world, input)?.0.id.clone();
    let mut change = StageChange::default();
    for patch in input.list("patchOperations")? {
        let (op, path) = (patch.text("op")?.unwrap_or_default(), patch.text("path")?.unwrap_or_default());
        if op != "replace" {
            let allowed = "Invalid patch operation specified. Must be one of: [replace]";
            return Err(Fault::bad_api_request(allowed));
        }
        match path {
            "/deploymentId" => change.deployment = patch.text("value")?,
            "/description" => change.description = Some(patch.text("value")?.unwrap_or_default()),
            _ => {
                let known = "[/deploymentId, /description]";
                let message =
                    format!("Invalid patch path '{path}' specified for op 'replace'. Must be one of: {known}");
                return Err(Fault::bad_api_request(message));
            }
        }
    }
    world.change_stage(&id, change)?;
    get_stage(world, input)
}

/// GetDeployments, newest first as AWS lists them.
pub fn get_deployments(world: &World, input: &Value) -> Result<Value, Fault> {
    let (api, _) = find(world, input)?;
    let deployments: Vec<Value> = api.deployments.iter().rev().map(deployment).map(Value::from).collect();
    list(input, "deployments", &deployments)
}

/// GetDeployment.
pub fn get_deployment(world: &World, input: &Value) -> Result<Value, Fault> {
    let (api, _) = find(world, input)?;
    let id = input.text("deploymentId")?.unwrap_or_default();
    let known = api.deployments.iter().find(|known| known.id == id);
    Ok(deployment(known.ok_or_else(|| Fault::no_api_resource("Deployment"))?).into())
}

fn rest_apis(world: &World) -> impl Iterator<Item = (&Api, &ApiSpec)> {
    world.apis().filter(|(_, spec)| !spec.http && world.is_home())
}

fn find<'a>(world: &'a World, input: &Value) -> Result<(&'a Api, &'a ApiSpec), Fault> {
    let id = input.text("restApiId")?.unwrap_or_default();
    rest_apis(world).find(|(api, _)| api.id == id).ok_or_else(|| Fault::no_api_resource("API"))
}

fn find_stage<'a>(world: &'a World, input: &Value) -> Result<(&'a Api, &'a ApiSpec), Fault> {
    let (api, spec) = find(world, input)?;
    if input.text("stageName")? == Some(spec.stage.as_str()) {
        return Ok((api, spec));
    }
    Err(Fault::no_api_resource("Stage"))
}

fn list(input: &Value, name: &str, items: &[Value]) -> Result<Value, Fault> {
    let limit = input.int("limit")?.unwrap_or(PAGE);
    if !(1..=500).contains(&limit) {
        return Err(Fault::bad_api_request("Invalid limit"));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = paging::page(name, items, input.text("position")?, limit);
    let page = page.ok_or_else(|| fault::refusal("BadRequestException", "Invalid position parameter".to_owned()))?;
    Ok(Members::new().with("item", page.items.to_vec()).with_some("position", page.next).into())
}

fn rest_api((api, spec): (&Api, &ApiSpec)) -> Members {
    let endpoint = Members::new().with("types", vec!["REGIONAL"]);
    Members::new()
        .with("id", &api.id)
        .with("name", &spec.name)
        .with("createdDate", api.created)
        .with("apiKeySource", "HEADER")
        .with("endpointConfiguration", endpoint)
}

fn stage(api: &Api, spec: &ApiSpec) -> Members {
    let tags = Value::Map(spec.tags.iter().map(|(key, value)| (key.clone(), value.into())).collect());
    let detailed = Members::new().with("metricsEnabled", !spec.routes.is_empty());
    Members::new()
        .with_some("deploymentId", api.deployment().map(|deployment| &deployment.id))
        .with("stageName", &spec.stage)
        .with_some("description", (!api.description.is_empty()).then_some(&api.description))
        .with("cacheClusterEnabled", false)
        .with("methodSettings", Members::new().with("*/*", detailed))
        .with("tracingEnabled", false)
        .with("tags", tags)
        .with("createdDate", api.created)
        .with("lastUpdatedDate", api.updated)
}

fn deployment(deployment: &Deployment) -> Members {
    let members = Members::new().with("id", &deployment.id);
    let description = (!deployment.description.is_empty()).then_some(&deployment.description);
    members.with_some("description", description).with("createdDate", deployment.created)
}
