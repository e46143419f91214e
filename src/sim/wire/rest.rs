//! REST: Lambda and API Gateway, whose operations are a method and a path, with options in the query and for changes a
//! body.

use super::WireRequest;
use super::fault;
use super::json;
use super::operation::Operation;
use super::value::{Members, Value};
use crate::sim::world::Fault;

/// The operation that a request means, and its input.
pub fn read(request: &WireRequest) -> Result<(Operation, Value), Fault> {
    let segments: Vec<String> = request.path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = request.method.as_str();
    let meant = match segments.as_slice() {
        ["restapis", rest @ ..] => api_gateway(method, rest),
        _ => lambda(method, &segments, request.query.contains("List=ALL")),
    };
    let unknown = || fault::unknown_operation(&format!("{method} {}", request.path));
    let (operation, members) = meant.ok_or_else(unknown)?;
    let input = with_query(members, &request.query)?.into();
    let has_body = matches!(operation, Operation::UpdateAlias | Operation::UpdateStage);
    let input = if has_body { with_body(input, &request.body)? } else { input };
    Ok((operation, input))
}

fn lambda(method: &str, segments: &[&str], lists: bool) -> Option<(Operation, Members)> {
    let members = Members::new();
    let of = |name: &str| Members::new().with("FunctionName", name);
    Some(match (method, segments) {
        ("GET", ["2015-03-31", "functions"]) => (Operation::ListFunctions, members),
        ("GET", ["2015-03-31", "functions", name]) => (Operation::GetFunction, of(name)),
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => (Operation::GetFunctionConfiguration, of(name)),
        ("GET", ["2015-03-31", "functions", name, "versions"]) => (Operation::ListVersionsByFunction, of(name)),
        ("GET", ["2015-03-31", "functions", name, "aliases"]) => (Operation::ListAliases, of(name)),
        ("GET", ["2015-03-31", "functions", name, "aliases", alias]) => {
            (Operation::GetAlias, of(name).with("Name", *alias))
        }
        ("PUT", ["2015-03-31", "functions", name, "aliases", alias]) => {
            (Operation::UpdateAlias, of(name).with("Name", *alias))
        }
        ("GET", ["2015-03-31", "functions", name, "policy"]) => (Operation::GetPolicy, of(name)),
        ("GET", ["2015-03-31", "event-source-mappings"]) => (Operation::ListEventSourceMappings, members),
        ("GET", ["2016-08-19", "account-settings"]) => (Operation::GetAccountSettings, members),
        ("GET", ["2019-09-30", "functions", name, "provisioned-concurrency"]) if lists => {
            (Operation::ListProvisionedConcurrencyConfigs, of(name))
        }
        ("GET", ["2019-09-30", "functions", name, "provisioned-concurrency"]) => {
            (Operation::GetProvisionedConcurrencyConfig, of(name))
        }
        // An ARN has no slash today, but nothing forbids one that came unencoded.
        ("GET", ["2017-03-31", "tags", resource @ ..]) => {
            (Operation::ListTags, members.with("Resource", resource.join("/")))
        }
        _ => return None,
    })
}

fn api_gateway(method: &str, segments: &[&str]) -> Option<(Operation, Members)> {
    let of = |api: &str| Members::new().with("restApiId", api);
    Some(match (method, segments) {
        ("GET", []) => (Operation::GetRestApis, Members::new()),
        ("GET", [api]) => (Operation::GetRestApi, of(api)),
        ("GET", [api, "stages"]) => (Operation::GetStages, of(api)),
        ("GET", [api, "stages", stage]) => (Operation::GetStage, of(api).with("stageName", *stage)),
        ("PATCH", [api, "stages", stage]) => (Operation::UpdateStage, of(api).with("stageName", *stage)),
        ("GET", [api, "deployments"]) => (Operation::GetDeployments, of(api)),
        ("GET", [api, "deployments", id]) => (Operation::GetDeployment, of(api).with("deploymentId", *id)),
        _ => return None,
    })
}

fn with_query(members: Members, query: &str) -> Result<Members, Fault> {
    form_urlencoded::parse(query.as_bytes()).try_fold(members, |members, (name, value)| {
        if name != "MaxItems" && name != "limit" {
            return Ok(members.with(&name, value.into_owned()));
        }
        let count: i64 = value.parse().map_err(|_| fault::serialization(&name, "Integer"))?;
        Ok(members.with(&name, count))
    })
}

/// What is in the path wins over what is in the body, because it comes first and is found first.
fn with_body(input: Value, body: &[u8]) -> Result<Value, Fault> {
    let body = json::decode(body).map_err(fault::malformed)?;
    match (input, body) {
        (Value::Map(mut members), Value::Map(more)) => {
            members.extend(more);
            Ok(Value::Map(members))
        }
        _ => Err(fault::malformed("The request body is not a JSON object.".to_owned())),
    }
}

/// Undoes percent-encoding; what is no valid encoding stays as it came.
fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let byte =
            escaped.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
