//! How calls of a version go at a moment: how often they fail and how long they take, troubles included.

use jiff::Timestamp;
use rand_distr::{Distribution, LogNormal};

use super::function::VersionId;
use super::random::Stream;
use super::spec::{Begins, FunctionSpec, TroubleSpec, VersionSpec};

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_9;

/// How calls go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conduct {
    /// The share of calls that fail, a fraction.
    pub(super) errors: f64,
    law: Option<LogNormal<f64>>,
    mean_ms: f64,
    timeout_ms: f64,
}

/// Looks up the troubles of a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Troubles {
    /// When the world opened.
    pub(super) opening: Timestamp,
    /// The moment.
    pub(super) at: Timestamp,
}

impl Troubles {
    /// How calls of this version go. It first got calls at `reached`.
    pub(super) fn conduct(&self, function: &FunctionSpec, id: VersionId, reached: Option<Timestamp>) -> Conduct {
        let Some(version) = self.version(function, id) else { return Conduct::idle() };
        let mut errors = version.error_percent;
        let mut slower = 1.0;
        for trouble in function.troubles.iter().chain(&version.troubles) {
            let strength = self.strength(trouble, reached);
            let worst = trouble.error_percent.unwrap_or(errors).max(errors);
            errors += strength * (worst - errors);
            slower *= strength.mul_add(trouble.slower - 1.0, 1.0);
        }
        let (p50, p99) = (version.latency.p50_ms * slower, version.latency.p99_ms * slower);
        let sigma = (p99 / p50).ln() / Z99;
        #[expect(clippy::cast_precision_loss, reason = "at most 900 seconds")]
        let timeout_ms = function.timeout.as_secs() as f64 * 1_000.0;
        Conduct {
            errors: (errors / 100.0).clamp(0.0, 1.0),
            law: LogNormal::new(p50.ln(), sigma).ok(),
            mean_ms: p50 * (sigma * sigma / 2.0).exp(),
            timeout_ms,
        }
    }

    /// The share of requests that are throttled, a fraction.
    pub(super) fn throttled(&self, function: &FunctionSpec) -> f64 {
        let of = |trouble: &TroubleSpec| self.strength(trouble, None) * trouble.throttled_percent / 100.0;
        function.troubles.iter().map(of).fold(0.0, f64::max)
    }

    /// From 0, not there, to 1, in full strength.
    fn strength(&self, trouble: &TroubleSpec, reached: Option<Timestamp>) -> f64 {
        let begins = match trouble.begins {
            Begins::At(offset) => offset.from(self.opening),
            Begins::AfterTraffic(offset) => match reached {
                Some(reached) => offset.from(reached),
                None => return 0.0,
            },
        };
        let over = trouble.lasts.is_some_and(|lasts| self.at >= lasts.from(begins));
        if self.at < begins || over {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "some minutes")]
        let ramp = trouble.ramp.as_secs() as f64;
        if ramp <= 0.0 {
            return 1.0;
        }
        (self.at.duration_since(begins).as_secs_f64() / ramp).min(1.0)
    }

    fn version<'a>(&self, function: &'a FunctionSpec, id: VersionId) -> Option<&'a VersionSpec> {
        match id {
            VersionId::Number(number) => function.versions.iter().find(|version| version.number == number),
            VersionId::Latest => {
                let published = |version: &&VersionSpec| version.published.from(self.opening) <= self.at;
                function.versions.iter().filter(published).max_by_key(|version| version.number)
            }
        }
    }
}

impl Conduct {
    fn idle() -> Self {
        Self { errors: 0.0, law: None, mean_ms: 0.0, timeout_ms: 0.0 }
    }

    /// How long a call takes, ms, to the hundredth as Lambda reports it. None outlives the timeout.
    pub(super) fn duration_ms(&self, stream: &mut Stream) -> f64 {
        let ms = self.law.map_or(1.0, |law| law.sample(stream));
        (ms.min(self.timeout_ms) * 100.0).round() / 100.0
    }

    /// How long calls take on average, ms.
    pub(super) fn mean_ms(&self) -> f64 {
        self.mean_ms.min(self.timeout_ms)
    }
}
