//! The embedded AWS as the SDK's own HTTP client, and its health endpoints as the web: requests never leave the process.
//! A service that hangs is a future that never ends; the SDK's time limits cut it off as they would a socket.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::Sim;
use super::wire::{Reply, WireRequest, WireResponse};

/// Answers the SDK's requests from an embedded AWS.
#[derive(Clone)]
pub struct SimHttpClient(pub Arc<Sim>);

impl Sim {
    /// An HTTP client for the SDK whose every request this world answers.
    pub fn http_client(self: &Arc<Self>) -> SharedHttpClient {
        SharedHttpClient::new(SimHttpClient(Arc::clone(self)))
    }
}

/// Answers requests to the world's health endpoints. Nobody else lives at any other address.
#[derive(Clone)]
pub struct SimWeb(Arc<Sim>);

impl Sim {
    /// The web as this world has it.
    pub fn web(self: &Arc<Self>) -> SharedHttpConnector {
        SharedHttpConnector::new(SimWeb(Arc::clone(self)))
    }
}

impl HttpConnector for SimWeb {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sim = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let uri: http::Uri =
                request.uri().parse().map_err(|error: http::uri::InvalidUri| ConnectorError::user(error.into()))?;
            let host = uri.authority().map_or("", http::uri::Authority::as_str);
            let answer = sim.with_world(|world| world.ask_endpoint(request.method(), host, uri.path()));
            let Some(answer) = answer else {
                let nobody = format!("the embedded world has no address {host}{}", uri.path());
                return Err(ConnectorError::io(nobody.into()));
            };
            tokio::time::sleep(answer.took).await;
            sdk_response(WireResponse::of_endpoint(answer))
        })
    }
}

impl fmt::Debug for SimWeb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimWeb")
    }
}

impl HttpClient for SimHttpClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SimHttpClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sim = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            match sim.handle(&wire_request(&request)?) {
                Reply::After(delay, response) => {
                    if !delay.is_zero() {
                        tokio::time::sleep(delay).await;
                    }
                    sdk_response(response)
                }
                Reply::Cut(response) => {
                    let lost = format!("the connection ended within a body of {} bytes", response.body.len());
                    Err(ConnectorError::io(lost.into()))
                }
                Reply::Never => std::future::pending().await,
            }
        })
    }
}

impl fmt::Debug for SimHttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimHttpClient")
    }
}

fn wire_request(request: &HttpRequest) -> Result<WireRequest, ConnectorError> {
    let uri: http::Uri =
        request.uri().parse().map_err(|error: http::uri::InvalidUri| ConnectorError::user(error.into()))?;
    let body = request.body().bytes().ok_or_else(|| ConnectorError::user("a streamed body is not supported".into()))?;
    Ok(WireRequest {
        method: request.method().to_owned(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: request.headers().iter().map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: body.to_vec(),
    })
}

fn sdk_response(response: WireResponse) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(response.status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut answer = HttpResponse::new(status, SdkBody::from(response.body));
    for (name, value) in response.headers {
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}
