//! Opening a cloud: region, endpoints, credentials and clients, put together without a single request.

use std::{
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableRegionProvider, identity::IdentityCache,
    meta::region::ProvideRegion, profile::ProfileFileRegionProvider, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::origin::Origin;

use super::{
    Cloud, Inner, Place, Transport, apigateway_sdk, budgets_sdk, clean, cloudwatch_sdk, codedeploy_sdk, connect,
    credentials::{Keyring, Sources},
    elbv2_sdk,
    endpoints::{self, Endpoints, Service},
    guard::ReadsOnly,
    iam_sdk, lambda_sdk,
    listener::Records,
    pace::Pace,
    sns_sdk, sts_sdk,
    tags::Tags,
};
use crate::{
    clock::Clock,
    release::error::{CloudError, Trouble},
};

/// The name under which errors of this file are reported.
const SETTINGS: &str = "AWS settings";

impl Cloud {
    /// Prepares everything without a request. Region, credentials and endpoints that were not given are looked for in
    /// `AWS_*` variables and the profile files; credentials themselves are loaded with the first request.
    pub async fn open(place: &Place, transport: Transport, clock: Clock) -> Result<Self, CloudError> {
        let opened = match transport {
            Transport::Network => Opened::network(place, clock).await?,
            Transport::Embedded(http) => Opened::embedded(place, http, clock)?,
        };
        Ok(Self(Arc::new(opened.into_inner())))
    }
}

/// What the clients of a region are built from.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) region: String,
    /// Whether this is another region than the environment's own.
    pub(super) is_abroad: bool,
    pub(super) endpoints: Endpoints,
    pub(super) keyring: Option<Keyring>,
    /// The profile whose credentials are used; `None` where they are keys in the environment.
    pub(super) profile: Option<String>,
    config: SdkConfig,
    read_only: bool,
    clock: Clock,
}

impl Opened {
    async fn network(place: &Place, clock: Clock) -> Result<Self, CloudError> {
        let variable = |name: &str| std::env::var(name).ok();
        if let Some((setting, url)) = endpoints::find_unusable(place, variable) {
            let wanted = "Write it as http://127.0.0.1:5000 or https://host.";
            return Err(refused(format!("“{}” in {setting} is not an endpoint. {wanted}", clean(&url))));
        }
        let region = match &place.region {
            Some(region) => Region::new(region.clone()),
            None => find_region(place).await.ok_or_else(no_region)?,
        };

        let http = connect::network();
        let base = load(place, &region, &http).await;
        let endpoints = Endpoints::find(place, &base);
        let sources = Sources {
            region: region.clone(),
            http,
            profile: place.profile.clone(),
            role: place.role_arn.clone().map(|role| (role, with_endpoint(&base, endpoints.chosen(Service::Sts)))),
        };
        let keyring = Keyring::new(sources, clock);
        let config = base.into_builder().credentials_provider(SharedCredentialsProvider::new(keyring.clone())).build();
        Ok(Self {
            region: clean(region.as_ref()),
            is_abroad: false,
            endpoints,
            keyring: Some(keyring),
            profile: profile_in_use(place, variable).map(|profile| clean(&profile)),
            config,
            read_only: place.read_only,
            clock,
        })
    }

    fn embedded(place: &Place, http: SharedHttpClient, clock: Clock) -> Result<Self, CloudError> {
        let region = place.region.clone().ok_or_else(no_region)?;
        let credentials = Credentials::new("AKIAEMBEDDEDAWS00000", "embedded", None, None, "embedded");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region.clone()))
            .http_client(http)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(retries())
            .timeout_config(time_limits())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // Its replies carry the world's time, from which a refusal must not look like a clock that is wrong here.
            .disable_clock_skew_correction(true)
            .build();
        Ok(Self {
            region: clean(&region),
            is_abroad: false,
            endpoints: Endpoints::Embedded,
            keyring: None,
            profile: None,
            config,
            read_only: place.read_only,
            clock,
        })
    }

    /// The same for another region.
    pub(super) fn moved_to(&self, region: &str) -> Self {
        let config = self.config.clone().into_builder().region(Region::new(region.to_owned())).build();
        Self { region: region.to_owned(), is_abroad: true, config, ..self.clone() }
    }

    pub(super) fn into_inner(self) -> Inner {
        let clock = self.clock;
        // A service's client: its own endpoint, and the guard where nothing may be written.
        macro_rules! client {
            ($sdk:ident, $service:expr) => {{
                let mut builder = $sdk::config::Builder::from(&self.config);
                builder.set_endpoint_url(self.endpoints.chosen($service).map(ToOwned::to_owned));
                if self.read_only {
                    builder = builder.interceptor(ReadsOnly);
                }
                $sdk::Client::from_conf(builder.build())
            }};
        }
        Inner {
            lambda: client!(lambda_sdk, Service::Lambda),
            cloudwatch: client!(cloudwatch_sdk, Service::CloudWatch),
            abroad: Mutex::default(),
            budgets: client!(budgets_sdk, Service::Budgets),
            sts: client!(sts_sdk, Service::Sts),
            sns: client!(sns_sdk, Service::Sns),
            elbv2: client!(elbv2_sdk, Service::LoadBalancing),
            apigateway: client!(apigateway_sdk, Service::ApiGateway),
            codedeploy: client!(codedeploy_sdk, Service::CodeDeploy),
            iam: client!(iam_sdk, Service::Iam),
            opened: self,
            routine: routine_pace(clock),
            tags: Tags::new(clock),
            functions: Pace::new(20.0, 20.0, clock),
            policies: Pace::new(5.0, 5.0, clock),
            balancers: Pace::new(4.0, 12.0, clock),
            gateway: Pace::new(2.0, 6.0, clock),
            records: Records::default(),
            metrics_asked: AtomicU64::new(0),
        }
    }
}

/// Of AWS's 15 control-plane calls a second, watching takes 5: the others are left to writes and to other people. In a
/// world that runs faster than real time there are no other people, and a write finds the 15 refilled within
/// milliseconds; so all of them are ours, and the demo's first frame is soon complete.
fn routine_pace(clock: Clock) -> Pace {
    if clock.speed() > 1.0 { Pace::new(15.0, 15.0, clock) } else { Pace::new(5.0, 10.0, clock) }
}

/// `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile. The instance's own region is not asked for: that would be a
/// request, and a long wait where there is no instance.
async fn find_region(place: &Place) -> Option<Region> {
    if let Some(region) = EnvironmentVariableRegionProvider::new().region().await {
        return Some(region);
    }
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &place.profile {
        profile = profile.profile_name(name);
    }
    profile.build().region().await
}

/// The SDK's own chain for everything but credentials and region.
async fn load(place: &Place, region: &Region, http: &SharedHttpClient) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region.clone())
        .http_client(http.clone())
        .identity_cache(IdentityCache::no_cache())
        .no_credentials()
        .retry_config(retries())
        .timeout_config(time_limits())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(profile) = &place.profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
}

/// A configuration whose every service is asked at `url`, where one is given.
fn with_endpoint(config: &SdkConfig, url: Option<&str>) -> SdkConfig {
    let mut builder = config.clone().into_builder();
    if url.is_some() {
        builder.set_endpoint_url(url.map(ToOwned::to_owned));
        // Said to come from the program itself, it beats `AWS_ENDPOINT_URL_STS`.
        builder.insert_origin("endpoint_url", Origin::shared_config());
    }
    builder.build()
}

/// Five attempts in all, within the time limits: a plan that reads many functions may meet AWS's 15 calls a second, and
/// shall not be refused for that. Never adaptive: after one 429 that holds a request back for seconds and loses its reason.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(5).with_initial_backoff(Duration::from_millis(100))
}

/// Wall time. A read that hangs gives up in 12 s, well within the 30 s of a command without a screen.
fn time_limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build()
}

/// The profile whose credentials are used, for advice on renewing them; `None` where keys come from the environment.
fn profile_in_use(place: &Place, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    if place.profile.is_some() {
        return place.profile.clone();
    }
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("AWS_ACCESS_KEY_ID").is_some() {
        return None;
    }
    Some(set("AWS_PROFILE").unwrap_or_else(|| "default".to_owned()))
}

fn no_region() -> CloudError {
    refused(
        "no region is set. Name one with --region, with region = \"…\" in the environment, or in AWS_REGION.".into(),
    )
}

fn refused(message: String) -> CloudError {
    CloudError { kind: Trouble::Refused, operation: SETTINGS, message, request_id: None, retry_after: None }
}
