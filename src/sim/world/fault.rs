//! Errors as AWS words them. Where a text is known from an answer of AWS or from the source of an emulator that quotes
//! it, it stands here word for word, so that whoever reads messages meets the real ones.

use std::fmt::Display;

/// An error that a service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The error code, for example `ResourceNotFoundException`.
    pub code: &'static str,
    /// What a person reads.
    pub message: String,
    /// A finer reason, for example `CallerRateLimitExceeded`.
    pub reason: Option<&'static str>,
}

impl Fault {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), reason: None }
    }

    /// Lambda does not know this function or version.
    pub fn no_function(arn: &str) -> Self {
        Self::new(404, "ResourceNotFoundException", format!("Function not found: {arn}"))
    }

    /// Lambda does not know this alias.
    pub fn no_alias(arn: &str) -> Self {
        Self::new(404, "ResourceNotFoundException", format!("Cannot find alias arn: {arn}"))
    }

    /// The function has no provisioned concurrency there.
    pub fn no_provisioned_concurrency() -> Self {
        let message = "No Provisioned Concurrency Config found for this function";
        Self::new(404, "ProvisionedConcurrencyConfigNotFoundException", message)
    }

    /// Lambda refuses a parameter.
    pub fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValueException", message)
    }

    /// A parameter breaks the API's own constraints.
    pub fn validation(value: &str, field: &str, constraint: &str) -> Self {
        let message = format!(
            "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
        );
        Self::new(400, "ValidationException", message)
    }

    /// Somebody changed the alias since it was read.
    pub fn stale_revision() -> Self {
        let message = "The Revision Id provided does not match the latest Revision Id. \
                       Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
        Self::new(412, "PreconditionFailedException", message)
    }

    /// A version is not ready to take traffic.
    pub fn not_in_state(state: impl Display) -> Self {
        let message = format!(
            "The operation cannot be performed at this time. The function is currently in the following state: {state}"
        );
        Self::new(409, "ResourceConflictException", message)
    }

    /// Too many calls in this second.
    pub fn too_many_requests() -> Self {
        let mut fault = Self::new(429, "TooManyRequestsException", "Rate exceeded");
        fault.reason = Some("CallerRateLimitExceeded");
        fault
    }

    /// CloudWatch does not know this alarm.
    pub fn no_alarm(name: &str) -> Self {
        Self::new(404, "ResourceNotFound", format!("Alarm {name} does not exist"))
    }

    /// A refusal of a service that answers in XML.
    pub fn query(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// API Gateway does not know it.
    pub fn no_api_resource(what: &str) -> Self {
        Self::new(404, "NotFoundException", format!("Invalid {what} identifier specified"))
    }

    /// API Gateway refuses a request.
    pub fn bad_api_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestException", message)
    }

    /// CloudWatch refuses a parameter.
    pub fn invalid_alarm_parameter(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }
}
