//! The errors that arise on the wire itself, before the world is asked, in AWS's words where these are public.

use super::operation::{Operation, Service};
use crate::sim::world::Fault;

/// A member of the wrong type.
pub fn serialization(member: &str, kind: &str) -> Fault {
    malformed(format!("The value of {member} can not be converted to a {kind}"))
}

/// A body that is not what the protocol prescribes.
pub fn malformed(message: String) -> Fault {
    refusal("SerializationException", message)
}

/// CloudWatch's general refusal.
pub fn validation(message: String) -> Fault {
    refusal("ValidationError", message)
}

/// The refusal of a value that breaks a rule of the service's model.
pub fn constraint(code: &'static str, value: &str, member: &str, rule: &str) -> Fault {
    let message =
        format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}");
    refusal(code, message)
}

/// An operation that the embedded AWS does not know.
pub fn unknown_operation(operation: &str) -> Fault {
    let message = format!("The embedded AWS does not offer the operation {operation}.");
    Fault { status: 404, code: "UnknownOperationException", message, reason: None }
}

/// A 400 with this code.
pub fn refusal(code: &'static str, message: String) -> Fault {
    Fault { status: 400, code, message, reason: None }
}

/// The credentials have expired, as each service says it.
pub fn expired(service: Service) -> Fault {
    let message = "The security token included in the request is expired".to_owned();
    Fault {
        status: denied_status(service),
        ..refusal(denied_code(service, "ExpiredToken", "ExpiredTokenException"), message)
    }
}

/// The caller may not do this, as each service says it.
pub fn access_denied(operation: Operation, caller: &str) -> Fault {
    let service = operation.service();
    let action = operation.action();
    let message = format!(
        "User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
    );
    Fault {
        status: denied_status(service),
        ..refusal(denied_code(service, "AccessDenied", "AccessDeniedException"), message)
    }
}

/// The region is switched off: it does not know the caller's keys, as each service says it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html>
pub fn region_off(service: Service) -> Fault {
    let message = "The security token included in the request is invalid.".to_owned();
    let code = match service {
        Service::CloudWatch => "InvalidClientTokenId",
        Service::Lambda
        | Service::Budgets
        | Service::Sts
        | Service::Iam
        | Service::Elb
        | Service::ApiGateway
        | Service::CodeDeploy => denied_code(service, "InvalidClientTokenId", "UnrecognizedClientException"),
    };
    Fault { status: denied_status(service), ..refusal(code, message) }
}

fn denied_status(service: Service) -> u16 {
    match service {
        Service::Lambda | Service::CloudWatch | Service::Sts | Service::Iam | Service::Elb | Service::ApiGateway => 403,
        Service::Budgets | Service::CodeDeploy => 400,
    }
}

/// The query protocol has shorter codes than the protocols with JSON or CBOR.
fn denied_code(service: Service, short: &'static str, long: &'static str) -> &'static str {
    match service {
        Service::Sts | Service::Iam | Service::Elb => short,
        Service::Lambda | Service::CloudWatch | Service::Budgets | Service::ApiGateway | Service::CodeDeploy => long,
    }
}

/// Something broke inside, as each service says it.
pub fn internal(service: Service) -> Fault {
    let (code, message) = match service {
        Service::Lambda => ("ServiceException", "An error occurred and the request cannot be processed."),
        Service::CloudWatch => ("InternalServiceFault", "The request processing has failed due to an internal error."),
        Service::Budgets => ("InternalErrorException", "An error on the server occurred during the processing."),
        Service::Sts | Service::Iam | Service::Elb | Service::ApiGateway | Service::CodeDeploy => {
            ("InternalFailure", "The request processing has failed because of an internal error.")
        }
    };
    Fault { status: 500, ..refusal(code, message.to_owned()) }
}

/// Too many requests, as each service says it.
pub fn throttled(service: Service) -> Fault {
    match service {
        Service::Lambda => Fault::too_many_requests(),
        Service::CloudWatch | Service::Sts | Service::Iam | Service::Elb => {
            refusal("Throttling", "Rate exceeded".to_owned())
        }
        Service::ApiGateway => {
            Fault { status: 429, ..refusal("TooManyRequestsException", "Too Many Requests".to_owned()) }
        }
        Service::Budgets | Service::CodeDeploy => refusal("ThrottlingException", "Rate exceeded".to_owned()),
    }
}

/// A token that CloudWatch did not hand out.
pub fn invalid_next_token() -> Fault {
    refusal("InvalidNextToken", "The next token specified is invalid.".to_owned())
}
