//! Credentials that come back by themselves. The SDK keeps what it loaded and reads profile files once; here the
//! sources are asked anew as soon as AWS says that the credentials have run out, so that a renewal in another terminal
//! is enough and the program goes on.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use aws_config::{
    Region, SdkConfig, default_provider::credentials::DefaultCredentialsChain, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, sts::AssumeRoleProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
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
    /// Where STS and SSO are asked, unless a profile says otherwise.
    pub region: Region,
    /// How SSO, STS and the instance are reached.
    pub http: SharedHttpClient,
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
    sources: SharedCredentialsProvider,
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
    pub(super) fn new(sources: impl ProvideCredentials + 'static, clock: Clock) -> Self {
        let sources = SharedCredentialsProvider::new(sources);
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
        let loaded = tokio::time::timeout(LOAD_LIMIT, self.0.sources.provide_credentials()).await;
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

impl ProvideCredentials for Sources {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
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
        // A new one each time: it remembers the profile files as it read them first.
        let config = ProviderConfig::without_region().with_region(Some(self.region.clone()));
        let config = config.with_http_client(self.http.clone());
        match &self.profile {
            Some(profile) => SharedCredentialsProvider::new(
                ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build(),
            ),
            None => SharedCredentialsProvider::new(DefaultCredentialsChain::builder().configure(config).build().await),
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

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::SystemTime,
    };

    use super::*;

    /// Gives a new key with each load, or fails as long as it is told to.
    #[derive(Debug, Default, Clone)]
    struct Source {
        loads: Arc<AtomicU32>,
        failures: u32,
        expires_in: Option<Duration>,
        slow: Duration,
    }

    impl Source {
        fn loads(&self) -> u32 {
            self.loads.load(Ordering::SeqCst)
        }

        async fn next(&self) -> provider::Result {
            let load = self.loads.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(self.slow).await;
            if load <= self.failures {
                return Err(CredentialsError::not_loaded("nobody signed in"));
            }
            let expiry = self.expires_in.map(|life| SystemTime::UNIX_EPOCH + life);
            Ok(Credentials::new(format!("KEY{load}"), "secret", None, expiry, "test"))
        }
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(self.next())
        }
    }

    fn keyring(source: &Source) -> Keyring {
        Keyring::new(source.clone(), Clock::starting_at(Timestamp::UNIX_EPOCH, 1.0))
    }

    async fn key(keyring: &Keyring) -> Result<String, CredentialsError> {
        keyring.provide_credentials().await.map(|credentials| credentials.access_key_id().to_owned())
    }

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_share_one_load() {
        let source = Source { slow: Duration::from_secs(6), ..Source::default() };
        let keyring = keyring(&source);
        let asked: Vec<_> = (0..10).map(|_| key(&keyring)).collect();
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.unwrap(), "KEY1");
        }
        assert_eq!(source.loads(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_gives_up_does_not_cut_off_the_load() {
        let source = Source { slow: Duration::from_secs(6), ..Source::default() };
        let keyring = keyring(&source);
        assert!(tokio::time::timeout(Duration::from_secs(3), key(&keyring)).await.is_err());
        assert_eq!(key(&keyring).await.unwrap(), "KEY1");
        assert_eq!(source.loads(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_replaced_before_they_expire() {
        let source = Source { expires_in: Some(Duration::from_mins(1)), ..Source::default() };
        let keyring = keyring(&source);
        assert_eq!(key(&keyring).await.unwrap(), "KEY1");
        pass(49).await;
        assert_eq!(key(&keyring).await.unwrap(), "KEY1");
        pass(1).await;
        assert_eq!(key(&keyring).await.unwrap(), "KEY2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_complaint_about_old_credentials_makes_it_ask_again() {
        let source = Source::default();
        let keyring = keyring(&source);
        assert_eq!(key(&keyring).await.unwrap(), "KEY1");
        keyring.complain();
        assert_eq!(key(&keyring).await.unwrap(), "KEY1", "these are new: the complaint is about older ones");
        pass(5).await;
        keyring.complain();
        assert_eq!(key(&keyring).await.unwrap(), "KEY2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_remembered_for_a_while_and_then_forgotten() {
        let source = Source { failures: 1, ..Source::default() };
        let keyring = keyring(&source);
        for _ in 0..10 {
            let error = key(&keyring).await.unwrap_err();
            let text = format!("{error:?}");
            assert!(text.contains("nobody signed in"), "{text}");
        }
        assert_eq!(source.loads(), 1);
        pass(5).await;
        assert_eq!(key(&keyring).await.unwrap(), "KEY2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_hangs_is_given_up() {
        let source = Source { slow: Duration::from_hours(1), ..Source::default() };
        let error = key(&keyring(&source)).await.unwrap_err();
        assert!(format!("{error:?}").contains("ProviderTimedOut"), "{error:?}");
    }
}
