//! The HTTP client for real networks. TLS and its certificates are prepared at the first `https` request, so that
//! opening a cloud is quick and an emulator on `http` never pays for them.

use std::sync::OnceLock;

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};

/// A client that speaks `http` directly and `https` through the proxy that the environment names, if any.
pub(super) fn network() -> SharedHttpClient {
    SharedHttpClient::new(Network { plain: Builder::new().build_http(), secure: OnceLock::new() })
}

#[derive(Debug)]
struct Network {
    plain: SharedHttpClient,
    secure: OnceLock<SharedHttpClient>,
}

impl HttpClient for Network {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        // Which of the two is needed is only known when the request is there.
        let secure = self.secure.get_or_init(secure_client).clone();
        let by_scheme = ByScheme {
            plain: self.plain.http_connector(settings, components),
            secure,
            settings: settings.clone(),
            components: components.clone(),
        };
        SharedHttpConnector::new(by_scheme)
    }
}

/// One attempt's connector. The inner clients keep their connections by settings, so making it costs next to nothing.
#[derive(Debug)]
struct ByScheme {
    plain: SharedHttpConnector,
    secure: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with("http:") {
            return self.plain.call(request);
        }
        self.secure.http_connector(&self.settings, &self.components).call(request)
    }
}

/// TLS by rustls with ring, trusting the system's certificates.
fn secure_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}
