//! How each protocol words an answer and an error.

use super::operation::Operation;
use super::value::{Members, Value};
use super::{WireResponse, cbor, json, query};
use crate::sim::world::Fault;

/// A protocol of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Lambda and API Gateway: names in the path, JSON in the body.
    RestJson,
    /// CloudWatch to the SDK for Rust: `rpc-v2-cbor`.
    Cbor,
    /// CloudWatch to boto3 and the AWS CLI: `awsJson1_0`.
    Json10,
    /// Budgets and CodeDeploy: `awsJson1_1`.
    Json11,
    /// STS, IAM and Elastic Load Balancing: a form, answered in XML.
    Query,
}

impl Protocol {
    /// The answer to a call that succeeded. `id` is the request's id.
    pub fn response(self, operation: Operation, output: &Value, id: &str) -> WireResponse {
        let body = match self {
            Self::RestJson | Self::Json10 | Self::Json11 => json::encode(output),
            Self::Cbor => cbor::encode(output),
            Self::Query => {
                let namespace = operation.service().xml_namespace();
                query::response_xml(operation.wire_name(), namespace, output, id).into_bytes()
            }
        };
        WireResponse { status: 200, headers: self.headers(id), body }
    }

    /// The answer to a call that failed.
    pub fn fault(self, fault: &Fault, id: &str) -> WireResponse {
        let mut headers = self.headers(id);
        let message = fault.message.as_str();
        let body = match self {
            Self::RestJson => {
                headers.push(("x-amzn-errortype", fault.code.to_owned()));
                if fault.status == 429 {
                    headers.push(("retry-after", "0".to_owned()));
                }
                json::encode(&lambda_fault(fault))
            }
            Self::Cbor | Self::Json10 => {
                // These took over from the query protocol, so clients look for its shorter codes in a header.
                headers.push(("x-amzn-query-error", format!("{};{}", query_code(fault.code), side(fault))));
                let kind = format!("com.amazonaws.cloudwatch.v2010_08_01#{}", fault.code);
                let body = Members::new().with("__type", kind).with("message", message).into();
                if self == Self::Cbor { cbor::encode(&body) } else { json::encode(&body) }
            }
            Self::Json11 => json::encode(&Members::new().with("__type", fault.code).with("Message", message).into()),
            Self::Query => query::error_xml(fault.code, message, side(fault), id).into_bytes(),
        };
        WireResponse { status: fault.status, headers, body }
    }

    fn headers(self, id: &str) -> Vec<(&'static str, String)> {
        let content_type = match self {
            Self::RestJson => "application/json",
            Self::Cbor => "application/cbor",
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Query => "text/xml",
        };
        let mut headers = vec![("content-type", content_type.to_owned()), ("x-amzn-requestid", id.to_owned())];
        if self == Self::Cbor {
            headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
        }
        headers
    }
}

/// Lambda's model spells the message with a capital letter in these errors, and with a small one in all others.
fn lambda_fault(fault: &Fault) -> Value {
    let member = match fault.code {
        "ResourceNotFoundException" | "ServiceException" | "AccessDeniedException" => "Message",
        _ => "message",
    };
    let kind = if fault.status < 500 { "User" } else { "Service" };
    let fields = Members::new().with_some("Reason", fault.reason).with("Type", kind);
    fields.with(member, fault.message.as_str()).into()
}

fn side(fault: &Fault) -> &'static str {
    if fault.status < 500 { "Sender" } else { "Receiver" }
}

/// The code of the query protocol for an error shape.
fn query_code(shape: &str) -> &str {
    match shape {
        "InvalidParameterValueException" => "InvalidParameterValue",
        "InvalidParameterCombinationException" => "InvalidParameterCombination",
        "InvalidFormatFault" => "InvalidFormat",
        "InternalServiceFault" => "InternalServiceError",
        "ExpiredTokenException" => "ExpiredToken",
        "AccessDeniedException" => "AccessDenied",
        other => other,
    }
}
