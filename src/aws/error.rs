//! Sorts what the SDK reports as errors by what to do about them, and says it in plain sentences. The SDK calls a reply
//! that it cannot read a service error too, so status and code are looked at before anybody is blamed.

use std::{error::Error, io, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{ConnectorError, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::{clean, guard::WriteRefused, sts_sdk::operation::assume_role::AssumeRoleError};
use crate::release::error::{CloudError, Trouble};

/// AWS's sentences are kept up to so many characters.
const LONGEST_QUOTE: usize = 300;

/// What a message names beside the error: who was asked, and whose credentials were used.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Such as `AWS Lambda in eu-west-1`.
    pub asked: String,
    /// Whether that is something else than AWS.
    pub elsewhere: bool,
    /// The profile whose credentials are used; `None` where they are keys in the environment.
    pub profile: Option<String>,
}

/// What went wrong, sorted and said.
pub(super) fn explain<E>(operation: &'static str, scene: &Scene, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let (kind, message) = match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let code = context.err().code();
            let kind = if is_html(context.raw()) { Trouble::NotAws } else { sort(status, code) };
            let message = scene.say(kind, status, context.err().message().or(code));
            (kind, name_action(kind, operation, message))
        }
        SdkError::TimeoutError(_) => (Trouble::Timeout, scene.silent()),
        SdkError::ResponseError(_) => (Trouble::NotAws, scene.unreadable(&cause(error))),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => (Trouble::Timeout, scene.silent()),
        _ => scene.not_sent(error),
    };
    let response = error.raw_response();
    CloudError {
        kind,
        operation,
        message: clean(&message),
        request_id: error.request_id().map(clean),
        retry_after: response.and_then(|response| seconds(response.headers().get("retry-after")?)),
    }
}

/// Who is not allowed something must hear what: AWS mostly says it, emulators seldom do.
fn name_action(kind: Trouble, operation: &str, message: String) -> String {
    if kind != Trouble::Denied || message.contains(operation) || message.contains("authorized to perform") {
        return message;
    }
    format!("{message} ({operation})")
}

/// A reply that was understood by the SDK but cannot be true of AWS.
pub(super) fn not_aws(operation: &'static str, scene: &Scene, what: &str) -> CloudError {
    let message = clean(&scene.unreadable(what));
    CloudError { kind: Trouble::NotAws, operation, message, request_id: None, retry_after: None }
}

/// The kind of a reply that is not a success, from its HTTP status and AWS's error code.
fn sort(status: u16, code: Option<&str>) -> Trouble {
    if (200..300).contains(&status) {
        return Trouble::NotAws;
    }
    // Some emulators answer with the status in the code's place.
    let code = code.filter(|code| code.contains(|letter: char| letter.is_ascii_alphabetic()));
    match (code.and_then(by_code), status) {
        (Some(kind), _) => kind,
        (None, 500..) => Trouble::Server,
        (None, 429) => Trouble::Throttled,
        // AWS never refuses without a code: this is a proxy, a web server or half an emulator.
        (None, _) if code.is_none() => Trouble::NotAws,
        (None, 401 | 403) => Trouble::Denied,
        (None, 404) => Trouble::NotFound,
        (None, 409) => Trouble::Busy,
        (None, 412) => Trouble::Stale,
        (None, _) => Trouble::Refused,
    }
}

/// A page for a browser, such as a proxy's: AWS speaks JSON, XML and CBOR.
fn is_html(response: &HttpResponse) -> bool {
    let says_so = response.headers().get("content-type").is_some_and(|kind| kind.contains("html"));
    let body = response.body().bytes().unwrap_or_default();
    let start = String::from_utf8_lossy(&body[..body.len().min(64)]).trim_start().to_ascii_lowercase();
    says_so || start.starts_with("<!doctype") || start.starts_with("<html")
}

/// The codes whose status does not tell enough, or differs between AWS's protocols.
fn by_code(code: &str) -> Option<Trouble> {
    Some(match code {
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException" => Trouble::CredentialsExpired,
        "AccessDenied"
        | "AccessDeniedException"
        | "NotAuthorized"
        | "UnauthorizedOperation"
        | "OptInRequired"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Trouble::Denied,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "SlowDown" => Trouble::Throttled,
        "PreconditionFailedException" => Trouble::Stale,
        "ResourceConflictException" | "ConflictException" | "ResourceInUse" => Trouble::Busy,
        "ResourceNotFoundException"
        | "ResourceNotFound"
        | "NotFoundException"
        | "RuleNotFound"
        | "ListenerNotFound"
        | "LoadBalancerNotFound"
        | "TargetGroupNotFound" => Trouble::NotFound,
        "UnknownOperationException" | "UnknownOperation" | "InvalidAction" => Trouble::Refused,
        "InternalFailure" | "InternalServiceError" | "InternalServiceFault" | "ServiceUnavailable" => Trouble::Server,
        _ => return None,
    })
}

impl Scene {
    /// One or two sentences on a reply of this kind. `said` is AWS's own sentence, or its code.
    fn say(&self, kind: Trouble, status: u16, said: Option<&str>) -> String {
        let asked = &self.asked;
        let quote = said.map(shorten).unwrap_or_default();
        match kind {
            Trouble::NotFound => format!("{asked} cannot find it: {quote}"),
            Trouble::Stale => format!("it was changed by someone else since it was read. {asked} says: {quote}"),
            Trouble::Busy => format!("{asked} is not ready for this: {quote}"),
            Trouble::Throttled if quote.is_empty() => format!("{asked} asks for fewer requests."),
            Trouble::Throttled => format!("{asked} asks for fewer requests: {quote}"),
            Trouble::Denied => format!("{asked} does not allow it: {quote}"),
            Trouble::CredentialsExpired => {
                format!("{asked} does not accept the credentials any more: {quote}. {}", self.renewal(&quote))
            }
            Trouble::Server => format!("{asked} failed (HTTP {status}). {quote}").trim_end().to_owned(),
            Trouble::NotAws => {
                self.unreadable(&format!("HTTP {status} with neither an answer nor an error of AWS in it"))
            }
            Trouble::NoCredentials | Trouble::Refused | Trouble::Timeout | Trouble::Unreachable | Trouble::ReadOnly => {
                format!("{asked} refuses it: {quote}")
            }
        }
    }

    fn silent(&self) -> String {
        format!("no reply in time from {}.", self.asked)
    }

    fn unreadable(&self, what: &str) -> String {
        format!("{} answered something that is not a reply of AWS: {}", self.asked, shorten(what))
    }

    /// An error before there was any reply.
    fn not_sent(&self, error: &(dyn Error + 'static)) -> (Trouble, String) {
        if let Some(refused) = chain(error).find_map(<dyn Error>::downcast_ref::<WriteRefused>) {
            return (Trouble::ReadOnly, format!("{refused}. Nothing was sent."));
        }
        if let Some(credentials) = chain(error).find_map(<dyn Error>::downcast_ref::<CredentialsError>) {
            return self.without_credentials(credentials);
        }
        if chain(error).filter_map(<dyn Error>::downcast_ref).any(hyper::Error::is_parse) {
            return (Trouble::NotAws, self.unreadable(&cause(error)));
        }
        if is_about_the_network(error) {
            let hint = if self.elsewhere { "" } else { ". Is the region right, and the network up?" };
            return (Trouble::Unreachable, format!("cannot reach {}: {}{hint}", self.asked, shorten(&cause(error))));
        }
        (Trouble::Refused, format!("the request could not be made: {}", shorten(&cause(error))))
    }

    /// Credentials that could not be loaded, or that their source calls expired.
    fn without_credentials(&self, error: &(dyn Error + 'static)) -> (Trouble, String) {
        let layers: Vec<String> = chain(error).map(ToString::to_string).collect();
        let text = layers.join(": ").to_lowercase();
        let reason = shorten(&cause(error));
        let not_loaded = |error: &&CredentialsError| matches!(error, CredentialsError::CredentialsNotLoaded(_));
        if chain(error).filter_map(<dyn Error>::downcast_ref).any(|error| not_loaded(&error)) {
            return (Trouble::NoCredentials, format!("no AWS credentials were found. {}", self.advice()));
        }
        if let Some(role) = chain(error).find_map(<dyn Error>::downcast_ref::<AssumeRoleError>) {
            let said = role.message().or(role.code()).map(shorten).unwrap_or_default();
            return match role.code().and_then(by_code) {
                Some(Trouble::CredentialsExpired) => (
                    Trouble::CredentialsExpired,
                    format!("the AWS credentials have expired: {said}. {}", self.renewal(&text)),
                ),
                _ => (Trouble::Denied, format!("the role could not be assumed: {said}")),
            };
        }
        if is_about_the_network(error) && !is_of_a_missing_file(error) {
            return (Trouble::Unreachable, format!("cannot reach where the AWS credentials come from: {reason}"));
        }
        if text.contains("expired") || text.contains("session token not found or invalid") {
            return (Trouble::CredentialsExpired, format!("the AWS credentials have expired. {}", self.renewal(&text)));
        }
        let from = [("SSO", text.contains("sso")), ("`aws login`", is_of_a_login(&text))];
        if let Some((source, _)) = from.into_iter().find(|(_, is_it)| *is_it) {
            let message = format!("no AWS credentials from {source}: {reason}. {}", self.renewal(&text));
            return (Trouble::NoCredentials, message);
        }
        (Trouble::NoCredentials, format!("the AWS credentials could not be loaded: {reason}."))
    }

    /// What to do where there are no credentials.
    fn advice(&self) -> String {
        if self.elsewhere {
            return "What is no AWS usually takes any: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test.".into();
        }
        match &self.profile {
            Some(profile) => {
                format!("Sign in, such as with: aws sso login --profile {profile}; or check that profile.")
            }
            None => "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.".into(),
        }
    }

    /// Which command renews the credentials. `hint` is what is known of the failure.
    fn renewal(&self, hint: &str) -> String {
        let Some(profile) = &self.profile else {
            return "Set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and start again.".into();
        };
        if is_of_a_login(hint) {
            return format!("Renew them with: aws login --profile {profile}");
        }
        if hint.contains("sso") {
            return format!("Renew them with: aws sso login --profile {profile}");
        }
        format!("Renew profile “{profile}” (such as: aws sso login --profile {profile}); the program then goes on.")
    }
}

/// An error and everything under it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The innermost error says most: `Connection refused` rather than `dispatch failure`.
fn cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Whether a socket or the HTTP client reported the error.
fn is_about_the_network(error: &(dyn Error + 'static)) -> bool {
    let of_connector = |error: &ConnectorError| error.is_io() || error.is_timeout();
    // A connection that was closed before the reply is hyper's own error, with no I/O error under it.
    let of_client = |error: &hyper::Error| !error.is_user() && !error.is_parse();
    chain(error).any(|error| {
        error.is::<io::Error>()
            || error.downcast_ref().is_some_and(of_connector)
            || error.downcast_ref().is_some_and(of_client)
    })
}

/// Whether a source of credentials keeps them in a file that is not there.
fn is_of_a_missing_file(error: &(dyn Error + 'static)) -> bool {
    chain(error).filter_map(<dyn Error>::downcast_ref).any(|error: &io::Error| error.kind() == io::ErrorKind::NotFound)
}

/// Whether an error, in small letters, is about what `aws login` left behind. The SDK has no type for it.
fn is_of_a_login(text: &str) -> bool {
    text.contains("login token") || text.contains("/login/cache/")
}

/// A quote without its full stop, not longer than a message can bear.
fn shorten(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The seconds of a `Retry-After` header.
fn seconds(header: &str) -> Option<Duration> {
    let seconds: f64 = header.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_from_the_code_first_and_from_the_status_second() {
        let cases = [
            (412, Some("PreconditionFailedException"), Trouble::Stale),
            (429, Some("TooManyRequestsException"), Trouble::Throttled),
            (429, None, Trouble::Throttled),
            (400, Some("Throttling"), Trouble::Throttled),
            (400, Some("ThrottlingException"), Trouble::Throttled),
            (403, Some("ExpiredTokenException"), Trouble::CredentialsExpired),
            (403, Some("ExpiredToken"), Trouble::CredentialsExpired),
            (400, Some("RequestExpired"), Trouble::CredentialsExpired),
            (403, Some("InvalidClientTokenId"), Trouble::CredentialsExpired),
            (403, Some("UnrecognizedClientException"), Trouble::CredentialsExpired),
            (400, Some("AccessDeniedException"), Trouble::Denied),
            (403, Some("SomethingForbidden"), Trouble::Denied),
            (404, Some("ResourceNotFoundException"), Trouble::NotFound),
            (404, Some("NoSuchThing"), Trouble::NotFound),
            (409, Some("ResourceConflictException"), Trouble::Busy),
            (400, Some("InvalidParameterValueException"), Trouble::Refused),
            (500, Some("ServiceException"), Trouble::Server),
            (503, None, Trouble::Server),
        ];
        for (status, code, kind) in cases {
            assert_eq!(sort(status, code), kind, "{status} {code:?}");
        }
    }

    #[test]
    fn what_aws_would_never_answer_is_not_aws() {
        for (status, code) in [(200, None), (404, None), (400, None), (400, Some("400")), (302, None), (412, None)] {
            assert_eq!(sort(status, code), Trouble::NotAws, "{status} {code:?}");
        }
    }

    #[test]
    fn advice_names_the_profile_or_the_variables() {
        let scene =
            |profile: Option<&str>| Scene { asked: "AWS".into(), elsewhere: false, profile: profile.map(Into::into) };
        assert_eq!(scene(Some("ops")).renewal("the sso token"), "Renew them with: aws sso login --profile ops");
        assert!(scene(Some("ops")).renewal("token").contains("“ops”"));
        assert!(scene(Some("ops")).renewal("expired login token").ends_with(": aws login --profile ops"));
        assert!(scene(None).renewal("sso").contains("AWS_SESSION_TOKEN"));
    }

    #[test]
    fn a_long_quote_is_cut_between_characters() {
        let cut = shorten(&"ä".repeat(1000));
        assert_eq!(cut.chars().count(), LONGEST_QUOTE + 1);
        assert_eq!(shorten(" Function not found. "), "Function not found");
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_nonsense_is_ignored() {
        assert_eq!(seconds("7"), Some(Duration::from_secs(7)));
        for nonsense in ["soon", "-1", "NaN", "1e300"] {
            assert_eq!(seconds(nonsense), None, "{nonsense}");
        }
    }
}
