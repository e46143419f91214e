//! Which operation a request means, in which protocol, and with what input: CloudWatch by path (CBOR) or target header
//! (JSON), Budgets and CodeDeploy by target header, STS, IAM and Elastic Load Balancing by their forms' action and
//! version, all else by method and path.

use super::operation::{Operation, Service};
use super::protocol::Protocol;
use super::value::Value;
use super::{Call, WireRequest, cbor, fault, json, query, rest};
use crate::sim::world::Fault;

type Refusal = (Protocol, Fault);

const CBOR_PATH: &str = "/service/GraniteServiceVersion20100801/operation/";

/// Understands a request; a refusal says in which protocol it must be worded.
pub fn read(request: &WireRequest) -> Result<Call, Refusal> {
    let (operation, input, protocol) = operation(request)?;
    Ok(Call { operation, input, protocol, region: region(request) })
}

fn operation(request: &WireRequest) -> Result<(Operation, Value, Protocol), Refusal> {
    if let Some(name) = request.path.strip_prefix(CBOR_PATH) {
        return read_body(request, Protocol::Cbor, Service::CloudWatch, name);
    }
    if let Some(target) = request.header("x-amz-target") {
        return read_target(request, target);
    }
    let is_form =
        request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if request.path == "/" && is_form {
        return read_form(request);
    }
    let (operation, input) = rest::read(request).map_err(|fault| (Protocol::RestJson, fault))?;
    Ok((operation, input, Protocol::RestJson))
}

/// The region for which a request is signed: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn region(request: &WireRequest) -> Option<String> {
    let scope = request.header("authorization")?.split_once("Credential=")?.1;
    let scope = scope.split([',', ' ']).next()?;
    // A key may have slashes in it; what follows it has not.
    scope.rsplit('/').nth(2).map(str::to_owned)
}

fn read_target(request: &WireRequest, target: &str) -> Result<(Operation, Value, Protocol), Refusal> {
    let (service, name) = target.rsplit_once('.').unwrap_or(("", target));
    match service {
        "GraniteServiceVersion20100801" => read_body(request, Protocol::Json10, Service::CloudWatch, name),
        "AWSBudgetServiceGateway" => read_body(request, Protocol::Json11, Service::Budgets, name),
        "CodeDeploy_20141006" => read_body(request, Protocol::Json11, Service::CodeDeploy, name),
        _ => Err((Protocol::Json11, fault::unknown_operation(target))),
    }
}

fn read_body(
    request: &WireRequest,
    protocol: Protocol,
    service: Service,
    name: &str,
) -> Result<(Operation, Value, Protocol), Refusal> {
    let refuse = |fault| (protocol, fault);
    let operation = Operation::find(service, name).ok_or_else(|| refuse(fault::unknown_operation(name)))?;
    let input = match protocol {
        Protocol::Cbor => cbor::decode(&request.body),
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson | Protocol::Query => json::decode(&request.body),
    };
    let input = input.map_err(|problem| refuse(fault::malformed(problem)))?;
    Ok((operation, input, protocol))
}

/// CloudWatch's old query protocol is not served: today's SDKs and the AWS CLI speak CBOR or JSON to it.
fn read_form(request: &WireRequest) -> Result<(Operation, Value, Protocol), Refusal> {
    let refuse = |fault| (Protocol::Query, fault);
    let input = query::decode(&request.body).map_err(|problem| refuse(fault::malformed(problem)))?;
    let field = |name: &str| input.text(name).ok().flatten().unwrap_or_default();
    let (action, version) = (field("Action"), field("Version"));
    let service = match version {
        "2015-12-01" => Service::Elb,
        "2010-05-08" => Service::Iam,
        _ => Service::Sts,
    };
    let operation = Operation::find(service, action).ok_or_else(|| {
        let problem = if version == "2010-08-01" {
            "The embedded AWS speaks CBOR and JSON to CloudWatch, but not the query protocol of older clients."
                .to_owned()
        } else {
            format!("Could not find operation {action} for this version")
        };
        refuse(fault::refusal("InvalidAction", problem))
    })?;
    Ok((operation, input, Protocol::Query))
}
