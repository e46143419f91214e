//! A function's release on trial, live: feeds its judge with the minutes that the metric store has of both versions, in
//! order, each once, as soon as it is closed and read. It decides what a minute is (its weight, whether it is whole,
//! which calls were slow) and leaves what that means to [`super::judge`].

pub mod slowness;
#[cfg(test)]
mod tests;
mod words;

use jiff::{SignedDuration, Timestamp};

use self::slowness::{NotRead, Slowness, hour_before};
use super::{
    gates::Need,
    judge::{
        Judge, Settings,
        counts::{Counts, History, MinuteCounts},
        verdict::Verdict,
    },
    memory::{Entry, ShiftMark},
    metrics::{lens::Lens, minute::Minute},
    names::{ReleaseId, Version},
};

pub use words::{judgement, verdict_in_words};

/// A shift needs a moment to reach everything that routes: a minute that begins sooner after it is not whole.
const SPREADING: SignedDuration = SignedDuration::from_secs(5);
/// How long a minute that has not been read holds up those after it, in minutes, counted from when it closed.
const PATIENCE: i64 = 4;

/// One function's release on trial.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The release that it is about.
    pub release: ReleaseId,
    /// The stable version and the new one.
    pub versions: [Version; 2],
    /// How slow calls are counted.
    pub slowness: Slowness,
    /// The judge; `None` until the hour before the release has been read.
    pub judge: Option<Judge>,
    settings: Settings,
    began: Timestamp,
    next: Minute,
    last: Option<Minute>,
}

impl Trial {
    /// A trial of a release whose first shift has been acknowledged; `None` before that. Calls slower than
    /// `slow_ms` count as slow; without it the stable version's p95 of the day before is the limit.
    pub fn of(entry: &Entry, settings: Settings, slow_ms: Option<f64>) -> Option<Self> {
        let began = entry.shifts.first()?.at;
        Some(Self {
            release: entry.id.clone(),
            versions: [entry.stable, entry.new],
            slowness: slow_ms.map_or(Slowness::NoLimit, Slowness::Probing),
            judge: None,
            settings,
            began,
            next: Minute::of(began),
            last: None,
        })
    }

    /// What must be asked of CloudWatch for it, besides the calls and errors that everybody asks for.
    pub fn needs(&self, lens: &Lens<'_>) -> Vec<Need> {
        self.slowness.needs(lens.target, self.versions, self.began)
    }

    /// Takes every minute that is closed and read by now.
    pub fn follow(&mut self, lens: &Lens<'_>) {
        self.open(lens);
        let Some(judge) = &mut self.judge else { return };
        while self.next.end() <= lens.closed_until {
            match minute_of(lens, self.versions, self.slowness, self.next) {
                // What cannot be judged says so in the judge's own words; here nobody listens.
                Ok(minute) => self.last = judge.take(&minute).map_or(self.last, |()| Some(minute.at)),
                Err(NotRead) if self.next.minutes_to(Minute::of(lens.closed_until)) <= PATIENCE => return,
                Err(NotRead) => {}
            }
            self.next = self.next.plus(1);
        }
    }

    /// Freezes what was before the release, once that is known; after a while, whatever is known.
    fn open(&mut self, lens: &Lens<'_>) {
        if self.judge.is_some() {
            return;
        }
        for _ in 0..2 {
            self.slowness = self.slowness.proceed(lens.target, lens.store, self.began);
        }
        let (from, to) = hour_before(self.began);
        let is_late = to.minutes_to(Minute::of(lens.closed_until)) > PATIENCE;
        let is_settled = matches!(self.slowness, Slowness::Counted(..) | Slowness::Compared);
        let (stable, slowness) = (self.versions[0], self.slowness);
        let known: Result<Vec<_>, NotRead> =
            from.until(to).map(|minute| history_of(lens, stable, slowness, minute)).collect();
        let history: History = match known {
            Ok(minutes) if is_settled => minutes.into_iter().flatten().collect(),
            _ if !is_late => return,
            _ => {
                self.slowness = if is_settled { slowness } else { Slowness::Compared };
                let of_minute = |minute| {
                    let without_slow = |_| history_of(lens, stable, Slowness::Compared, minute);
                    history_of(lens, stable, self.slowness, minute).or_else(without_slow).ok().flatten()
                };
                from.until(to).filter_map(of_minute).collect()
            }
        };
        self.judge = Some(Judge::new(self.settings, &history));
    }

    /// What is to be said of the function now; `None` until a minute of the release has been judged.
    pub fn verdict(&self) -> Option<Verdict> {
        self.last?;
        self.judge.as_ref().map(Judge::verdict)
    }

    /// The end of the last minute that was judged, UTC.
    pub fn judged_to(&self) -> Option<Timestamp> {
        self.last.map(Minute::end)
    }
}

/// A minute of the stable version before the release; `None` where it had no calls.
fn history_of(
    lens: &Lens<'_>,
    stable: Version,
    slowness: Slowness,
    minute: Minute,
) -> Result<Option<Counts>, NotRead> {
    if !lens.is_read(None, minute) {
        return Err(NotRead);
    }
    let Some(counted) = lens.counted(Some(stable), minute) else { return Ok(None) };
    let slow = slowness.slow(lens.target, lens.store, None, minute, counted.calls)?;
    Ok(Some(Counts {
        calls: whole(counted.calls),
        errors: whole(counted.errors.ok_or(NotRead)?),
        slow: slow.map(whole),
        p90_ms: None,
    }))
}

/// A minute of both versions.
fn minute_of(
    lens: &Lens<'_>,
    [stable, new]: [Version; 2],
    slowness: Slowness,
    minute: Minute,
) -> Result<MinuteCounts, NotRead> {
    let (weight, is_whole) = weight_of(lens.shifts, minute);
    // Whoever has all the traffic has all calls through the alias, whether or not AWS still tells versions apart.
    let is_alone = weight >= 1.0;
    let counts = |version| {
        if !lens.is_read(Some(version), minute) {
            return Err(NotRead);
        }
        let Some(counted) = lens.counted(Some(version), minute) else { return Ok(Counts::default()) };
        let told_apart = (!is_alone).then_some(version);
        let slow = slowness.slow(lens.target, lens.store, told_apart, minute, counted.calls)?;
        Ok(Counts {
            calls: whole(counted.calls),
            errors: whole(counted.errors.ok_or(NotRead)?),
            slow: slow.map(whole),
            p90_ms: slowness.p90(lens.target, lens.store, version, minute),
        })
    };
    let (mut stable, mut new) = (counts(stable)?, counts(new)?);
    if matches!(slowness, Slowness::Counted(..)) {
        for version in [&mut stable, &mut new].into_iter().filter(|version| version.calls == 0) {
            version.slow = Some(0);
        }
    }
    Ok(MinuteCounts { at: minute, weight, stable, new, whole: is_whole })
}

/// The new version's share in a minute, a fraction, and whether it stood still for all of it.
fn weight_of(shifts: &[ShiftMark], minute: Minute) -> (f64, bool) {
    let begins = minute.start();
    let before = shifts.iter().rev().find(|mark| mark.at <= begins);
    let percent = before.map_or(0.0, |mark| mark.percent);
    let settled = begins.checked_sub(SPREADING).unwrap_or(begins);
    let moved = |mark: &ShiftMark| mark.at > settled && mark.at < minute.end();
    (percent / 100.0, !shifts.iter().any(moved))
}

/// CloudWatch counts in floating point what is a whole number of calls.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count: not negative, far below 2^53")]
fn whole(count: f64) -> u64 {
    count.round().max(0.0) as u64
}
