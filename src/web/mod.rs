//! HTTP to those who are not AWS: health endpoints and receivers of notices. It sends one request and brings back what
//! came of it within a time and a size; what that means is for others to say. Redirects are not followed, because they
//! would carry secrets to another place, and a login page is nobody's health.

mod secret;
#[cfg(test)]
pub(crate) mod tests;
mod trouble;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use http::{HeaderValue, Method, Request, Uri, header, uri::Scheme};
use http_body_util::{BodyExt as _, Limited};
use tokio::time::timeout;

pub use secret::{Secret, SecretSource};
pub use trouble::WebTrouble;

use crate::clock::Clock;

/// How receivers know who is asking.
const USER_AGENT: &str = concat!("flightdeck/", env!("CARGO_PKG_VERSION"));

/// Sends requests. Clones share what was prepared. It takes the AWS clients' own HTTP and TLS, so that the program has
/// one of each, with the system's certificates and the proxy that the environment names for `https`.
#[derive(Debug, Clone)]
pub struct Web(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    plain: Connector,
    /// Certificates are read at the first `https` request.
    secure: OnceLock<Connector>,
    /// Stands in the place of all sockets: an embedded world has its own outside.
    embedded: Option<SharedHttpConnector>,
}

/// How long an exchange may take in all, and how large an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From before the connection is made until the answer's last byte, wall time.
    pub time: Duration,
    /// Of the answer's body.
    pub bytes: usize,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; `None` where the answer did not get so far.
    pub status: Option<u16>,
    /// Where a redirect points, or whatever else the header `Location` says.
    pub location: Option<String>,
    /// How long the server asks to be left alone, where it says so in seconds.
    pub retry_after: Option<Duration>,
    /// The whole exchange in wall time.
    pub took: Duration,
    /// All of the body, or why there is none.
    pub body: Result<Vec<u8>, WebTrouble>,
}

impl Web {
    /// A client that measures with this clock.
    pub fn new(clock: Clock) -> Self {
        Self::over(clock, None)
    }

    /// A client that measures with this clock and whose every request `embedded` answers: nothing leaves the process.
    pub fn embedded(clock: Clock, embedded: SharedHttpConnector) -> Self {
        Self::over(clock, Some(embedded))
    }

    fn over(clock: Clock, embedded: Option<SharedHttpConnector>) -> Self {
        let plain = Connector::builder().build_http();
        Self(Arc::new(Inner { clock, plain, secure: OnceLock::new(), embedded }))
    }

    /// Whether requests stay in the process.
    pub fn is_embedded(&self) -> bool {
        self.0.embedded.is_some()
    }

    /// The clock that exchanges are measured with.
    pub fn clock(&self) -> Clock {
        self.0.clock
    }

    /// Sends a request, on a connection of its own: a probe shall meet what a new client meets, and a kept connection
    /// would go on to the same host behind a load balancer.
    pub async fn send(&self, mut request: Request<Vec<u8>>, limits: Limits) -> Answer {
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        request.headers_mut().entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        let bodiless = matches!(*request.method(), Method::GET | Method::HEAD);
        if request.body().is_empty() && !bodiless {
            // Some servers answer a POST that names no length with 411.
            request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let connector = self.connector(request.uri());
        let began = self.0.clock.now().wall;
        let mut head = None;
        let exchange = timeout(limits.time, exchange(connector, request, limits.bytes, &mut head)).await;
        let body = exchange.unwrap_or(Err(WebTrouble::Slow(limits.time)));
        let took = self.0.clock.now().wall.saturating_sub(began);
        let Head { status, location, retry_after } = head.unwrap_or_default();
        Answer { status, location, retry_after, took, body }
    }

    fn connector(&self, uri: &Uri) -> &dyn HttpConnector {
        if let Some(embedded) = &self.0.embedded {
            return embedded;
        }
        if uri.scheme() == Some(&Scheme::HTTP) {
            return &self.0.plain;
        }
        self.0.secure.get_or_init(|| {
            let tls = Provider::Rustls(CryptoMode::Ring);
            Connector::builder().proxy_config(ProxyConfig::from_env()).tls_provider(tls).build()
        })
    }
}

/// What is known of an answer before its body has come.
#[derive(Default)]
struct Head {
    status: Option<u16>,
    location: Option<String>,
    retry_after: Option<Duration>,
}

/// The body. `head` is filled as soon as it is there, because the body may never come.
async fn exchange(
    connector: &dyn HttpConnector,
    request: Request<Vec<u8>>,
    most_bytes: usize,
    head: &mut Option<Head>,
) -> Result<Vec<u8>, WebTrouble> {
    let request = HttpRequest::try_from(request.map(SdkBody::from));
    let request = request.map_err(|error| WebTrouble::NotSent(error.to_string()))?;
    let response = connector.call(request).await.map_err(|error| WebTrouble::before_answer(&error))?;
    *head = Some(read_head(&response));
    let body = Limited::new(response.into_body(), most_bytes).collect().await;
    Ok(body.map_err(|error| WebTrouble::in_answer(&*error, most_bytes))?.to_bytes().into())
}

fn read_head(response: &HttpResponse) -> Head {
    let header = |name: &str| response.headers().get(name);
    Head {
        status: Some(response.status().as_u16()),
        location: header("location").map(ToOwned::to_owned),
        retry_after: header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs),
    }
}
