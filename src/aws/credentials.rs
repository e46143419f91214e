//! Credentials that come back by themselves. The SDK keeps what it loaded and reads profile files once; here the
//! sources are asked anew as soon as AWS says that the credentials have run out, so that a renewal in another terminal
//! is enough and the program goes on.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use aws_config::{
    SdkConfig, default_provider::credentials::DefaultCredentialsChain, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, sts::AssumeRoleProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::clock::{Clock, Now};

/// Credentials this close to their end are replaced before they are used.
const EXPIRY_MARGIN: Duration = Duration::from_secs(10);
/// Credentials that name no end are read again after so long, as the SDK does.
const UNDATED_LIFE: Duration = Duration::from_mins(15);
/// A failure is given to everybody who asks for so long: the readers of ten functions must not start ten processes.
const FAILURE_LIFE: Duration = Duration::from_secs(5);
/// Credentials younger than this are not thrown away on a complaint: it is about older ones.
const COMPLAINT_AGE: Duration = Duration::from_secs(5);
/// A `credential_process` that waits for a person takes its time, but not for ever.
const LOAD_LIMIT: Duration = Duration::from_secs(30);

/// Where credentials come from.
#[derive(Debug)]
pub(super) struct Sources {
    /// Profile, region and HTTP client, for SSO, IMDS and the like.
    pub config: ProviderConfig,
    /// A profile that was named on the command line or in the configuration: it alone is asked then.
    pub profile: Option<String>,
    /// A role to assume with what was found, and what the call to STS needs.
    pub role: Option<(String, SdkConfig)>,
}

/// Loads credentials once for everybody, and again when they run out.
#[derive(Debug, Clone)]
pub(super) struct Keyring(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sources: Sources,
    clock: Clock,
    held: Mutex<Option<Held>>,
}

/// What the last load gave.
#[derive(Debug)]
struct Held {
    result: Result<Credentials, Arc<CredentialsError>>,
    /// Wall time since the program started.
    at: Duration,
}

impl Keyring {
    /// Nothing is loaded yet.
    pub(super) fn new(sources: Sources, clock: Clock) -> Self {
        Self(Arc::new(Inner { sources, clock, held: Mutex::new(None) }))
    }

    /// AWS said that the credentials have run out: the next request asks the sources again.
    pub(super) fn complain(&self) {
        let now = self.0.clock.now().wall;
        // Whoever holds the lock is loading new ones already.
        let Ok(mut held) = self.0.held.try_lock() else { return };
        held.take_if(|held| held.result.is_ok() && now.saturating_sub(held.at) >= COMPLAINT_AGE);
    }

    async fn load(self) -> provider::Result {
        let mut held = self.0.held.lock().await;
        if let Some(result) = held.as_ref().and_then(|held| held.fresh(self.0.clock.now())) {
            return result;
        }
        let loaded = tokio::time::timeout(LOAD_LIMIT, self.0.sources.ask()).await;
        let result = loaded.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(LOAD_LIMIT)));
        let result = result.map_err(Arc::new);
        *held = Some(Held { result: result.clone(), at: self.0.clock.now().wall });
        result.map_err(again)
    }
}

impl ProvideCredentials for Keyring {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        // A task of its own: a request that gives up after its time limit must not cut off the load for all the others.
        let load = tokio::spawn(self.clone().load());
        future::ProvideCredentials::new(async {
            load.await.unwrap_or_else(|lost| Err(CredentialsError::unhandled(lost)))
        })
    }
}

impl Held {
    /// What was loaded, while it may still be used.
    fn fresh(&self, now: Now) -> Option<provider::Result> {
        let age = now.wall.saturating_sub(self.at);
        match &self.result {
            Ok(credentials) => is_usable(credentials, age, now.world).then(|| Ok(credentials.clone())),
            Err(error) => (age < FAILURE_LIFE).then(|| Err(again(Arc::clone(error)))),
        }
    }
}

/// Whether credentials loaded `age` ago can sign a request now.
fn is_usable(credentials: &Credentials, age: Duration, now: Timestamp) -> bool {
    let Some(expiry) = credentials.expiry() else { return age < UNDATED_LIFE };
    Timestamp::try_from(expiry).is_ok_and(|expiry| now + EXPIRY_MARGIN < expiry)
}

impl Sources {
    /// Reads files, asks SSO, STS or the instance: whatever the chain says. Nothing is kept from an earlier time.
    async fn ask(&self) -> provider::Result {
        let base = self.base().await;
        let Some((role, sts)) = &self.role else { return base.provide_credentials().await };
        let assumed = AssumeRoleProvider::builder(role).session_name("flightdeck").configure(sts);
        assumed.build_from_provider(base).await.provide_credentials().await
    }

    async fn base(&self) -> SharedCredentialsProvider {
        match &self.profile {
            Some(profile) => SharedCredentialsProvider::new(
                ProfileFileCredentialsProvider::builder().configure(&self.config).profile_name(profile).build(),
            ),
            None => SharedCredentialsProvider::new(
                DefaultCredentialsChain::builder().configure(self.config.clone()).build().await,
            ),
        }
    }
}

/// The same failure for the next one who asks: `CredentialsError` cannot be cloned.
fn again(error: Arc<CredentialsError>) -> CredentialsError {
    CredentialsError::provider_error(Again(error))
}

#[derive(Debug)]
struct Again(Arc<CredentialsError>);

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Again {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}
