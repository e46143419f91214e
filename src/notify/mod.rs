//! Notices: who is told of what happens to a release, and whether it arrived. A receiver that is down costs a few tries
//! and a line on the timeline; it never holds a release up, and nothing here knows how a release is run.

mod message;
#[cfg(test)]
mod tests;

use std::time::Duration;

use http::{HeaderValue, Request, Uri, header, uri::PathAndQuery};
use serde_json::Value;

pub use crate::config::{Notify, Receiver};
pub use crate::release::notice::{Change, Delivery, Notice, Occasion};
use crate::{
    aws::Cloud,
    text::{clean, shortened},
    web::{Answer, Limits, Secret, SecretSource, Web},
};

/// The means of telling.
#[derive(Debug, Clone)]
pub struct Post {
    /// For webhooks.
    pub web: Web,
    /// For topics.
    pub cloud: Cloud,
    /// How persistent to be with webhooks.
    pub tries: Tries,
}

/// How often a webhook is tried, in wall time. A try that met silence may have been delivered, so that a message can
/// arrive twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How long one try may take.
    pub limit: Duration,
    /// How long to wait before each further try.
    pub pauses: [Duration; 2],
    /// The longest that a receiver can ask us to wait.
    pub longest_pause: Duration,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(5),
            pauses: [Duration::from_secs(1), Duration::from_secs(4)],
            longest_pause: Duration::from_secs(15),
        }
    }
}

/// Those who want to hear of an occasion.
pub fn concerned(receivers: &[Notify], occasion: Occasion) -> impl Iterator<Item = &Notify> {
    receivers.iter().filter(move |receiver| receiver.events.contains(&occasion))
}

/// Why a receiver's secret cannot be used, if it cannot; an SNS topic needs none. Nothing is sent.
pub fn unusable_secret(receiver: &Notify, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    match &receiver.to {
        Receiver::Slack { url } | Receiver::Json { url } => to_secret_address(url, &Value::Null, variable).err(),
        Receiver::PagerDuty { routing_key, .. } => routing_key.load(variable).err(),
        Receiver::Sns { .. } => None,
    }
}

/// Tells one receiver. It takes as long as it takes: let nobody wait for it. `variable` looks a variable of the
/// environment up, as secrets are fetched when they are needed.
pub async fn tell(
    receiver: &Notify,
    notice: &Notice,
    post: &Post,
    variable: impl Fn(&str) -> Option<String>,
) -> Delivery {
    let outcome = match &receiver.to {
        Receiver::Slack { url } => deliver(to_secret_address(url, &message::slack(notice), variable), post).await,
        Receiver::Json { url } => deliver(to_secret_address(url, &message::json(notice), variable), post).await,
        Receiver::PagerDuty { routing_key, events_url } => {
            let letter = routing_key.load(variable).and_then(|key| to_pager(events_url, notice, key));
            deliver(letter, post).await
        }
        Receiver::Sns { topic_arn } => {
            let (subject, text) = message::mail(notice);
            post.cloud.publish(topic_arn, &subject, &text).await.map(drop).map_err(|error| error.to_string())
        }
    };
    Delivery { to: receiver.name.clone(), occasion: notice.occasion, outcome }
}

/// A message made out to a webhook, with all that must not be seen of it.
struct Letter {
    request: Request<Vec<u8>>,
    secrets: Vec<Secret>,
}

fn to_pager(events_url: &str, notice: &Notice, key: Secret) -> Result<Letter, String> {
    let event = message::page(notice, &key).ok_or("nobody is paged for this")?;
    let address = events_url.parse().map_err(|_| format!("{} is no address", clean(events_url)))?;
    Ok(Letter { request: post_json(address, &event), secrets: vec![key] })
}

fn to_secret_address(
    source: &SecretSource,
    message: &Value,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Letter, String> {
    let secret = source.load(variable)?;
    let address: Option<Uri> = secret.reveal().parse().ok();
    let usable = |address: &Uri| matches!(address.scheme_str(), Some("http" | "https")) && address.host().is_some();
    let address = address.filter(usable);
    let address = address.ok_or_else(|| format!("{source} holds no address that begins with https:// or http://"))?;
    // A server may repeat the path alone.
    let path = address.path_and_query().map(PathAndQuery::as_str).filter(|path| path.len() > 1).map(Secret::new);
    let secrets = std::iter::once(secret).chain(path).collect();
    Ok(Letter { request: post_json(address, message), secrets })
}

fn post_json(address: Uri, message: &Value) -> Request<Vec<u8>> {
    let mut request = Request::new(message.to_string().into_bytes());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = address;
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request
}

/// Sends a letter, if it could be written.
async fn deliver(letter: Result<Letter, String>, post: &Post) -> Result<(), String> {
    let Letter { request, secrets } = letter?;
    let outcome = send(&request, post).await;
    outcome.map_err(|why| secrets.iter().fold(why, |why, secret| secret.struck_from(&why)))
}

/// What an answer means for the next step.
enum Verdict {
    Delivered,
    /// It may work later; the receiver may have said when.
    Later(String, Option<Duration>),
    /// It will not work however often it is tried.
    Never(String),
}

/// Sends until it is delivered, or until there is no use in it any more.
async fn send(request: &Request<Vec<u8>>, post: &Post) -> Result<(), String> {
    const LARGEST_ANSWER: usize = 64 * 1024;
    let Tries { limit, pauses, longest_pause } = post.tries;
    let tries = pauses.len() + 1;
    let mut pauses = pauses.into_iter();
    loop {
        let answer = post.web.send(request.clone(), Limits { time: limit, bytes: LARGEST_ANSWER }).await;
        match judge(&answer) {
            Verdict::Delivered => return Ok(()),
            Verdict::Never(why) => return Err(why),
            Verdict::Later(why, asked_for) => {
                let Some(pause) = pauses.next() else { return Err(format!("{why} (tried {tries} times)")) };
                tokio::time::sleep(asked_for.unwrap_or(pause).clamp(pause, longest_pause.max(pause))).await;
            }
        }
    }
}

fn judge(answer: &Answer) -> Verdict {
    match (answer.status, &answer.body) {
        (Some(200..=299), _) => Verdict::Delivered,
        (Some(status @ (408 | 425 | 429 | 500..)), _) => Verdict::Later(told(status, answer), answer.retry_after),
        (Some(status), _) => Verdict::Never(told(status, answer)),
        (None, Err(trouble)) if trouble.is_passing() => Verdict::Later(trouble.to_string(), None),
        (None, Err(trouble)) => Verdict::Never(trouble.to_string()),
        (None, Ok(_)) => Verdict::Later("no answer".to_owned(), None),
    }
}

/// `status 404 (no_service)`: receivers say why in a word or two.
fn told(status: u16, answer: &Answer) -> String {
    const LONGEST_WORD: usize = 120;
    let body = answer.body.as_deref().unwrap_or_default();
    let text = clean(&String::from_utf8_lossy(body));
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') {
        return format!("status {status}");
    }
    format!("status {status} ({})", shortened(text, LONGEST_WORD))
}
