//! Slow calls as CloudWatch counts them: against which limit, by which statistic, and whether its answers can be
//! believed. AWS does not name Lambda among the services that offer these statistics, and there are servers in AWS's
//! place that answer any statistic with the average; so a statistic is believed only once its numbers add up on real
//! minutes: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>.

use jiff::{SignedDuration, Timestamp};

use crate::release::{
    gates::Need,
    metrics::{
        Measure, Series,
        lens::Lens,
        minute::Minute,
        store::{Datum, MetricStore},
    },
    names::{Target, Version},
};

/// The limit is the stable version's p95 over so long before the release. CloudWatch's longest period is a day.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);
/// So many minutes with calls must add up.
const ENOUGH_MINUTES: usize = 3;
/// Numbers that differ by less are the same.
const ROUNDING: f64 = 0.5;

/// A statistic that counts slow calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// `TC(T:)`: how many calls took longer than T.
    Tail,
    /// `PR(:T)`: what percentage took at most T.
    Rank,
}

/// What is known of how slow calls are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slowness {
    /// The limit is being asked for.
    NoLimit,
    /// The limit in ms is known; which statistic counts is being found out.
    Probing(f64),
    /// Calls slower than so many ms are counted.
    Counted(f64, Counting),
    /// They cannot be counted: p90 is compared instead.
    Compared,
}

impl Slowness {
    /// What is to be known next, from the answers so far. What has `proven` true for another function of the account is
    /// not put to the proof again.
    #[must_use]
    pub fn proceed(self, lens: &Lens<'_>, stable: Version, began: Timestamp, proven: Option<Counting>) -> Self {
        let (target, store) = (lens.target, lens.store);
        let before = target.told_apart(stable, false);
        match self {
            Self::NoLimit => {
                let (from, to) = day_before(began);
                let Some(series) = Series::of(target, before, Measure::P95) else { return Self::Compared };
                match store.window(&series, from, to) {
                    Datum::Unknown => self,
                    Datum::Missing => Self::Compared,
                    Datum::Value(p95) => Self::Probing((p95 * target.duration_unit_ms()).max(1.0).ceil()),
                }
            }
            Self::Probing(limit) if let Some(counting) = proven => Self::Counted(limit, counting),
            Self::Probing(limit) => {
                let limit_there = limit / target.duration_unit_ms();
                let probe = Probe { target, before, store, limit: limit_there, minutes: hour_before(began) };
                match (probe.tail_adds_up(), probe.rank_rises()) {
                    (Some(true), _) => Self::Counted(limit, Counting::Tail),
                    (Some(false), Some(true)) => Self::Counted(limit, Counting::Rank),
                    (Some(false), Some(false)) => Self::Compared,
                    (None, _) | (Some(false), None) => self,
                }
            }
            Self::Counted(..) | Self::Compared => self,
        }
    }

    /// Whether it is known how slow calls are told.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Counted(..) | Self::Compared)
    }

    /// What must be asked for it. All calls through the alias are those of whoever has the traffic alone: of the stable
    /// version before the release, which is asked until it `is_known`, and of the new one at 100 percent.
    pub fn needs(self, lens: &Lens<'_>, versions: [Version; 2], began: Timestamp, is_known: bool) -> Vec<Need> {
        let target = lens.target;
        let from = hour_before(began).0.start();
        let minutes = |series| Need::Minutes { series, from };
        let [stable, new] = versions;
        let before = target.told_apart(stable, false);
        match self {
            Self::NoLimit => {
                let (from, to) = day_before(began);
                let p95 = Series::of(target, before, Measure::P95);
                p95.into_iter().map(|series| Need::Window { series, from, to }).collect()
            }
            Self::Probing(limit) => {
                let limit = limit / target.duration_unit_ms();
                let statistics = [tail(limit), head(limit), "SampleCount".to_owned(), rank(limit), rank(limit / 4.0)];
                statistics
                    .into_iter()
                    .filter_map(|statistic| duration(target, before, statistic))
                    .map(minutes)
                    .collect()
            }
            Self::Counted(limit, counting) => {
                let is_split = lens.percent < 100.0;
                let all = (!is_known || !is_split).then_some(None);
                let apart = [stable, new].into_iter().filter_map(|version| target.told_apart(version, is_split));
                let of = |version| duration(target, version, counting.of(limit / target.duration_unit_ms()));
                all.into_iter().chain(apart.map(Some)).filter_map(of).map(minutes).collect()
            }
            Self::Compared => {
                let each = [stable, new].map(|version| duration(target, Some(version), "p90".to_owned()));
                each.into_iter().flatten().map(minutes).collect()
            }
        }
    }

    /// The slow ones among so many calls of a minute: of a version, or of all through the alias. `Err` where they have
    /// not been read yet, `None` where they are not counted.
    pub fn slow(
        self,
        target: &Target,
        store: &MetricStore,
        version: Option<Version>,
        minute: Minute,
        calls: f64,
    ) -> Result<Option<f64>, NotRead> {
        let Self::Counted(limit, counting) = self else { return Ok(None) };
        if calls == 0.0 {
            return Ok(Some(0.0));
        }
        let series = duration(target, version, counting.of(limit / target.duration_unit_ms()));
        let found = series.map_or(Datum::Unknown, |series| store.track(&series).at(minute));
        match (found, counting) {
            (Datum::Unknown, _) => Err(NotRead),
            (Datum::Value(count), Counting::Tail) => Ok(Some(count.clamp(0.0, calls))),
            (Datum::Value(percent), Counting::Rank) => Ok(Some((calls * (1.0 - percent / 100.0)).clamp(0.0, calls))),
            // Nothing lies beyond the limit, or nothing is known of a minute that had calls.
            (Datum::Missing, Counting::Tail) => Ok(Some(0.0)),
            (Datum::Missing, Counting::Rank) => Ok(None),
        }
    }

    /// A version's p90 of a minute in ms, where that is what is compared.
    pub fn p90(self, target: &Target, store: &MetricStore, version: Version, minute: Minute) -> Option<f64> {
        let series = duration(target, Some(version), "p90".to_owned()).filter(|_| self == Self::Compared)?;
        store.track(&series).at(minute).value().map(|p90| p90 * target.duration_unit_ms())
    }
}

/// It has not been read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotRead;

/// The minutes of the hour before the release.
pub(super) fn hour_before(began: Timestamp) -> (Minute, Minute) {
    let end = Minute::of(began);
    (end.plus(-60), end)
}

fn day_before(began: Timestamp) -> (Timestamp, Timestamp) {
    let to = Minute::of(began).start();
    (to.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN), to)
}

fn duration(target: &Target, version: Option<Version>, statistic: String) -> Option<Series> {
    Some(Series { statistic, ..Series::of(target, version, Measure::P95)? })
}

fn tail(limit: f64) -> String {
    format!("TC({limit}:)")
}

fn head(limit: f64) -> String {
    format!("TC(:{limit})")
}

fn rank(limit: f64) -> String {
    format!("PR(:{limit})")
}

impl Counting {
    fn of(self, limit: f64) -> String {
        match self {
            Self::Tail => tail(limit),
            Self::Rank => rank(limit),
        }
    }
}

/// The answers of the hour before the release, put to the proof.
struct Probe<'a> {
    target: &'a Target,
    /// By which version the calls before the release are counted.
    before: Option<Version>,
    store: &'a MetricStore,
    limit: f64,
    minutes: (Minute, Minute),
}

impl Probe<'_> {
    /// Whether TC(:T) + TC(T:) is `SampleCount`. `None` while too few minutes with calls have been read.
    fn tail_adds_up(&self) -> Option<bool> {
        let of = [tail(self.limit), head(self.limit)];
        self.prove(&of, |[tail, head], calls| (tail + head - calls).abs() < ROUNDING).map(|[all, _]| all)
    }

    /// Whether PR(:T) lies between 0 and 100 and rises with T.
    fn rank_rises(&self) -> Option<bool> {
        let of = [rank(self.limit), rank(self.limit / 4.0)];
        let is_percent = |value: f64| (0.0..=100.0).contains(&value);
        let in_order = self.prove(&of, |[rank, lower], _| is_percent(rank) && is_percent(lower) && lower <= rank)?;
        let rises = self.prove(&of, |[rank, lower], _| lower < rank)?;
        Some(in_order[0] && rises[1])
    }

    /// Whether a property of two statistics holds in all minutes with calls, and in any.
    fn prove(&self, statistics: &[String; 2], holds: impl Fn([f64; 2], f64) -> bool) -> Option<[bool; 2]> {
        let series = |statistic: &str| duration(self.target, self.before, statistic.to_owned());
        let track = |statistic: &str| series(statistic).map(|series| self.store.track(&series));
        let [one, two] = [track(&statistics[0])?, track(&statistics[1])?];
        let counts = track("SampleCount")?;
        let (from, to) = self.minutes;
        let found: Vec<bool> = from
            .until(to)
            .filter_map(|minute| {
                let calls = counts.at(minute).value().filter(|calls| *calls > 0.0)?;
                Some(holds([one.at(minute).or_zero()?, two.at(minute).or_zero()?], calls))
            })
            .collect();
        let is_enough = found.len() >= ENOUGH_MINUTES;
        is_enough.then(|| [found.iter().all(|held| *held), found.iter().any(|held| *held)])
    }
}
