//! Which operation a request means, in which protocol, and with what input: Lambda by method and path, CloudWatch by
//! path (CBOR) or target header (JSON), Budgets by target header, STS by its form's action.

use super::operation::{Operation, Service};
use super::protocol::Protocol;
use super::value::{Members, Value};
use super::{Call, WireRequest, cbor, fault, json};
use crate::sim::world::Fault;

type Refusal = (Protocol, Fault);

const CBOR_PATH: &str = "/service/GraniteServiceVersion20100801/operation/";

/// Understands a request; a refusal says in which protocol it must be worded.
pub fn read(request: &WireRequest) -> Result<Call, Refusal> {
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
    read_rest(request).map_err(|fault| (Protocol::RestJson, fault))
}

fn read_target(request: &WireRequest, target: &str) -> Result<Call, Refusal> {
    let (service, name) = target.rsplit_once('.').unwrap_or(("", target));
    match service {
        "GraniteServiceVersion20100801" => read_body(request, Protocol::Json10, Service::CloudWatch, name),
        "AWSBudgetServiceGateway" => read_body(request, Protocol::Json11, Service::Budgets, name),
        _ => Err((Protocol::Json11, fault::unknown_operation(target))),
    }
}

fn read_body(request: &WireRequest, protocol: Protocol, service: Service, name: &str) -> Result<Call, Refusal> {
    let refuse = |fault| (protocol, fault);
    let operation = Operation::find(service, name).ok_or_else(|| refuse(fault::unknown_operation(name)))?;
    let input = match protocol {
        Protocol::Cbor => cbor::decode(&request.body),
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson | Protocol::Query => json::decode(&request.body),
    };
    let input = input.map_err(|problem| refuse(fault::malformed(problem)))?;
    Ok(Call { operation, input, protocol })
}

/// Of the query protocol only STS is served: today's SDKs and the AWS CLI speak CBOR or JSON to CloudWatch.
fn read_form(request: &WireRequest) -> Result<Call, Refusal> {
    let field = |name: &str| {
        form_urlencoded::parse(&request.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let action = field("Action").unwrap_or_default();
    let operation = Operation::find(Service::Sts, &action).ok_or_else(|| {
        let problem = if field("Version").as_deref() == Some("2010-08-01") {
            "The embedded AWS speaks CBOR and JSON to CloudWatch, but not the query protocol of older clients."
                .to_owned()
        } else {
            format!("Could not find operation {action} for this version")
        };
        (Protocol::Query, fault::refusal("InvalidAction", problem))
    })?;
    Ok(Call { operation, input: Members::new().into(), protocol: Protocol::Query })
}

/// Lambda: names in the path, options in the query, and for UpdateAlias a body.
fn read_rest(request: &WireRequest) -> Result<Call, Fault> {
    let segments: Vec<String> = request.path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let members = Members::new();
    let (operation, members) = match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["2015-03-31", "functions"]) => (Operation::ListFunctions, members),
        ("GET", ["2015-03-31", "functions", name]) => (Operation::GetFunction, members.with("FunctionName", *name)),
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => {
            (Operation::GetFunctionConfiguration, members.with("FunctionName", *name))
        }
        ("GET", ["2015-03-31", "functions", name, "versions"]) => {
            (Operation::ListVersionsByFunction, members.with("FunctionName", *name))
        }
        ("GET", ["2015-03-31", "functions", name, "aliases"]) => {
            (Operation::ListAliases, members.with("FunctionName", *name))
        }
        ("GET", ["2015-03-31", "functions", name, "aliases", alias]) => {
            (Operation::GetAlias, members.with("FunctionName", *name).with("Name", *alias))
        }
        ("PUT", ["2015-03-31", "functions", name, "aliases", alias]) => {
            (Operation::UpdateAlias, members.with("FunctionName", *name).with("Name", *alias))
        }
        ("GET", ["2019-09-30", "functions", name, "provisioned-concurrency"]) => {
            (Operation::GetProvisionedConcurrencyConfig, members.with("FunctionName", *name))
        }
        // An ARN has no slash today, but nothing forbids one that came unencoded.
        ("GET", ["2017-03-31", "tags", resource @ ..]) => {
            (Operation::ListTags, members.with("Resource", resource.join("/")))
        }
        (method, _) => return Err(fault::unknown_operation(&format!("{method} {}", request.path))),
    };
    let input = with_query(members, &request.query)?.into();
    let input = if operation == Operation::UpdateAlias { with_body(input, &request.body)? } else { input };
    Ok(Call { operation, input, protocol: Protocol::RestJson })
}

fn with_query(members: Members, query: &str) -> Result<Members, Fault> {
    form_urlencoded::parse(query.as_bytes()).try_fold(members, |members, (name, value)| {
        if name != "MaxItems" {
            return Ok(members.with(&name, value.into_owned()));
        }
        let count: i64 = value.parse().map_err(|_| fault::serialization("MaxItems", "Integer"))?;
        Ok(members.with("MaxItems", count))
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
