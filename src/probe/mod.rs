//! Health probes: one request to an endpoint, and what its answer says of the system's health. How many failures in a
//! row it takes, and what happens then, is for the gates to say.

mod condition;
mod path;
#[cfg(test)]
mod tests;

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Request, Uri};
use jiff::Timestamp;
use serde_json::Value;

pub use condition::{Expected, JsonCondition};
pub use path::JsonPath;

use crate::{
    text::{clean, shortened},
    web::{Answer, Limits, Secret, SecretSource, Web, WebTrouble},
};

/// A health endpoint answers a few hundred bytes; more than this is some other page.
const LARGEST_BYTES: usize = 256 * 1024;
/// Versions and commits are shown up to so many characters.
const LONGEST_VERSION: usize = 64;
/// Where a redirect points is quoted up to so many characters.
const LONGEST_LOCATION: usize = 100;

/// A health endpoint and what counts as healthy.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// How it is called on screen.
    pub name: String,
    /// The address, `http` or `https`. It is shown, so it may hold no secret.
    pub url: Uri,
    /// Usually GET.
    pub method: Method,
    /// Headers whose values are in variables of the environment, such as `authorization` in `HEALTH_TOKEN`.
    pub headers_from_env: Vec<(HeaderName, String)>,
    /// The statuses that are well: any of these.
    pub expect_status: Vec<u16>,
    /// How long a healthy answer may take at most, to its last byte.
    pub latency_limit: Option<Duration>,
    /// What the answer, as JSON, must say: all of it.
    pub conditions: Vec<JsonCondition>,
    /// After how many failures in a row the gate fails; 1 or more.
    pub failures_in_a_row: u32,
    /// When a silent endpoint is given up, wall time.
    pub timeout: Duration,
    /// Where the answer tells the version that is running.
    pub version_path: JsonPath,
    /// Where it tells the commit.
    pub sha_path: JsonPath,
}

/// What one request to a health endpoint showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReading {
    /// When the request was made, world time.
    pub at: Timestamp,
    /// Whether a request was made at all. Without a header's variable there is none, which says nothing of the release.
    pub asked: bool,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// How long the whole exchange took in ms, wall time.
    pub ms: u64,
    /// The version that the endpoint says is running.
    pub version: Option<String>,
    /// The commit that it says is running.
    pub sha: Option<String>,
    /// Healthy, or what is not as it should be, with the value found.
    pub ok: Result<(), String>,
}

/// Asks once. `variable` looks a variable of the environment up.
pub async fn probe(probe: &Probe, web: &Web, variable: impl Fn(&str) -> Option<String>) -> ProbeReading {
    let at = web.clock().now().world;
    let (request, secrets) = match request(probe, variable) {
        Ok(made) => made,
        Err(why) => {
            return ProbeReading { at, asked: false, status: None, ms: 0, version: None, sha: None, ok: Err(why) };
        }
    };
    let answer = web.send(request, Limits { time: probe.timeout, bytes: LARGEST_BYTES }).await;
    strike(&secrets, read(probe, at, &answer))
}

impl Probe {
    /// The variables of the environment that the probe needs and that are not usable, each with the reason. It cannot
    /// ask without them.
    pub fn unusable_variables(&self, variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
        self.headers_from_env.iter().filter_map(|(header, name)| header_value(header, name, &variable).err()).collect()
    }
}

/// The request, and the secrets that are in it.
fn request(
    probe: &Probe,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(Request<Vec<u8>>, Vec<Secret>), String> {
    let mut request = Request::new(Vec::new());
    *request.method_mut() = probe.method.clone();
    *request.uri_mut() = probe.url.clone();
    request.headers_mut().insert(http::header::ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"));
    let mut secrets = Vec::new();
    for (header, name) in &probe.headers_from_env {
        let (value, secret) = header_value(header, name, &variable)?;
        request.headers_mut().insert(header.clone(), value);
        secrets.push(secret);
    }
    Ok((request, secrets))
}

fn header_value(
    header: &HeaderName,
    name: &str,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<(HeaderValue, Secret), String> {
    let source = SecretSource::Variable(name.to_owned());
    let not_asked = |why: String| format!("not asked: the header {header} cannot be sent, because {why}");
    let secret = source.load(variable).map_err(not_asked)?;
    let mut value = HeaderValue::from_str(secret.reveal())
        .map_err(|_| not_asked(format!("{source} holds characters that no header may have")))?;
    value.set_sensitive(true);
    Ok((value, secret))
}

/// What an answer says. Pure.
fn read(probe: &Probe, at: Timestamp, answer: &Answer) -> ProbeReading {
    let document = answer.body.as_deref().ok().and_then(|body| serde_json::from_slice(body).ok());
    let told = |path: &JsonPath| document.as_ref().and_then(|document| told(document, path));
    ProbeReading {
        at,
        asked: true,
        status: answer.status,
        ms: answer.took.as_millis().try_into().unwrap_or(u64::MAX),
        version: told(&probe.version_path),
        sha: told(&probe.sha_path),
        ok: judge(probe, answer, document.as_ref()),
    }
}

/// A version or commit: a text or a number, clean and short.
fn told(document: &Value, path: &JsonPath) -> Option<String> {
    let text = match path.find(document).first()? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(shortened(text.trim(), LONGEST_VERSION)).filter(|text| !text.is_empty())
}

fn judge(probe: &Probe, answer: &Answer, document: Option<&Value>) -> Result<(), String> {
    let Some(status) = answer.status else {
        return Err(answer.body.as_ref().err().map_or_else(|| "no answer".to_owned(), ToString::to_string));
    };
    if !probe.expect_status.contains(&status) {
        return Err(unexpected(probe, status, answer.location.as_deref()));
    }
    let body = answer.body.as_ref().map_err(WebTrouble::to_string)?;
    if let Some(limit) = probe.latency_limit.filter(|limit| answer.took > *limit) {
        return Err(format!("took {} ms, at most {} ms", answer.took.as_millis(), limit.as_millis()));
    }
    if probe.conditions.is_empty() {
        return Ok(());
    }
    let document = document.ok_or_else(|| no_json(body))?;
    probe.conditions.iter().try_for_each(|condition| condition.check(document))
}

/// `status 503, expected 200`.
fn unexpected(probe: &Probe, status: u16, location: Option<&str>) -> String {
    let expected: Vec<String> = probe.expect_status.iter().map(ToString::to_string).collect();
    let expected = expected.join(" or ");
    if !(300..400).contains(&status) {
        return format!("status {status}, expected {expected}");
    }
    // What stands behind the question mark may be a session of somebody's.
    let place = location.and_then(|location| location.split(['?', '#']).next()).map(clean);
    let place = place.map(|place| format!(" to {}", shortened(&place, LONGEST_LOCATION))).unwrap_or_default();
    format!("status {status}, expected {expected} (a redirect{place}; redirects are not followed)")
}

/// Why a body is no JSON.
fn no_json(body: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(body) else {
        return "the answer is not text: it is not UTF-8".to_owned();
    };
    let text = text.trim_start();
    if text.is_empty() {
        return "the answer is empty, expected JSON".to_owned();
    }
    if text.starts_with('<') {
        return "the answer is a page (HTML or XML), expected JSON".to_owned();
    }
    match serde_json::from_str::<Value>(text) {
        Ok(_) => "the answer is not JSON".to_owned(),
        Err(error) => format!("the answer is not JSON: {error}"),
    }
}

/// The reading without the secrets that were sent: an endpoint that says back what it was asked must not put them on
/// screen.
fn strike(secrets: &[Secret], mut reading: ProbeReading) -> ProbeReading {
    for secret in secrets {
        let without = |text: String| secret.struck_from(&text);
        reading.version = reading.version.map(without);
        reading.sha = reading.sha.map(without);
        reading.ok = reading.ok.map_err(without);
    }
    reading
}
