//! A function's release on trial, live: feeds its judge with the minutes that the metric store has of both versions, in
//! order, each once, as soon as it is closed and read. It decides what a minute is (its weight, whether it is whole,
//! which calls were slow) and leaves what that means to [`super::judge`].

pub mod slowness;
#[cfg(test)]
mod tests;
mod words;

use jiff::{SignedDuration, Timestamp};

use self::slowness::{Counting, NotRead, Slowness, hour_before};
use super::{
    gates::Need,
    judge::{
        Judge, Settings,
        counts::{Counts, History, MinuteCounts, number},
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
/// After so many minutes it is given up to find out how slow calls can be counted.
const PROBING: i64 = 15;
/// What is before a release is looked at over so many minutes.
const HOUR: i64 = 60;

/// One function's release on trial.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The release that it is about.
    pub release: ReleaseId,
    /// The stable version and the new one.
    pub versions: [Version; 2],
    settings: Settings,
    began: Timestamp,
    /// What is known of slow calls.
    slowness: Slowness,
    /// The hearing that speaks.
    hearing: Option<Hearing>,
    /// One that hears of slow calls as well, from the first minute on: it speaks once it has caught up.
    fuller: Option<Hearing>,
}

/// A judge, and how far it has listened.
#[derive(Debug, Clone)]
pub struct Hearing {
    /// The judge.
    pub judge: Judge,
    /// How the slow calls that it hears of are counted.
    pub slowness: Slowness,
    next: Minute,
    last: Option<Minute>,
}

impl Trial {
    /// A trial of a release whose first shift has been acknowledged; `None` before that. Calls slower than
    /// `slow_ms` count as slow; without it the stable version's p95 of the day before is the limit.
    pub fn of(entry: &Entry, settings: Settings, slow_ms: Option<f64>) -> Option<Self> {
        Some(Self {
            release: entry.id.clone(),
            versions: [entry.stable, entry.new],
            settings,
            began: entry.shifts.first()?.at,
            slowness: slow_ms.map_or(Slowness::NoLimit, Slowness::Probing),
            hearing: None,
            fuller: None,
        })
    }

    /// What must be asked of CloudWatch for it, besides the calls and errors that everybody asks for.
    pub fn needs(&self, lens: &Lens<'_>) -> Vec<Need> {
        let is_known = self.hearing.as_ref().is_some_and(|hearing| hearing.slowness == self.slowness);
        self.slowness.needs(lens, self.versions, self.began, is_known)
    }

    /// Takes every minute that is closed and read by now. Errors are judged at once, while it is still being found out
    /// how slow calls can be counted, unless that has `proven` true for another function of the account.
    pub fn follow(&mut self, lens: &Lens<'_>, proven: Option<Counting>) {
        self.slowness = self.slowness.proceed(lens, self.versions[0], self.began, proven);
        let minutes = Minute::of(self.began).minutes_to(Minute::of(lens.closed_until));
        if !self.slowness.is_settled() && minutes > PROBING {
            self.slowness = Slowness::Compared;
        }
        let known = if self.slowness.is_settled() { self.slowness } else { Slowness::NoLimit };
        if self.hearing.is_none() {
            self.hearing = self.open(lens, known);
        } else if self.hearing.as_ref().is_some_and(|hearing| hearing.slowness != known) && self.fuller.is_none() {
            self.fuller = self.open(lens, known);
        }
        for hearing in [&mut self.hearing, &mut self.fuller].into_iter().flatten() {
            hearing.follow(lens, self.versions);
        }
        let (Some(hearing), Some(fuller)) = (&self.hearing, &self.fuller) else { return };
        // What was found stays found.
        if fuller.last >= hearing.last && !hearing.judge.verdict().is_against() {
            self.hearing = self.fuller.take();
        }
    }

    /// A judge to whom the hour before the release is known, once it has been read; after a while, whatever has been.
    fn open(&self, lens: &Lens<'_>, slowness: Slowness) -> Option<Hearing> {
        let (from, to) = hour_before(self.began);
        let of_minute = |minute| history_of(lens, self.versions[0], slowness, minute);
        let known: Result<Vec<_>, NotRead> = from.until(to).map(of_minute).collect();
        let history: History = match known {
            Ok(minutes) => minutes.into_iter().flatten().collect(),
            Err(NotRead) if to.minutes_to(Minute::of(lens.closed_until)) <= PATIENCE => return None,
            Err(NotRead) => from.until(to).filter_map(|minute| of_minute(minute).ok().flatten()).collect(),
        };
        let judge = Judge::new(self.settings, &history);
        Some(Hearing { judge, slowness, next: Minute::of(self.began), last: None })
    }

    /// The statistic that has been proven to count slow calls.
    pub fn counting(&self) -> Option<Counting> {
        match self.slowness {
            Slowness::Counted(_, counting) => Some(counting),
            Slowness::NoLimit | Slowness::Probing(_) | Slowness::Compared => None,
        }
    }

    /// The hearing that speaks now; `None` until the hour before the release has been read.
    pub fn hearing(&self) -> Option<&Hearing> {
        self.hearing.as_ref()
    }

    /// What is to be said of the function now; `None` until a minute of the release has been judged.
    pub fn verdict(&self) -> Option<Verdict> {
        let hearing = self.hearing.as_ref()?;
        hearing.last.map(|_| hearing.judge.verdict())
    }

    /// The end of the last minute that was judged, UTC.
    pub fn judged_to(&self) -> Option<Timestamp> {
        self.hearing.as_ref()?.last.map(Minute::end)
    }
}

/// What a stage can show, as it looks now: from how many times as many errors on it would be noticed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foresight {
    /// The smallest ratio of the error rates; `None` where not even a version that always fails would be noticed.
    pub ratio: Option<f64>,
}

/// What so many minutes at a share (percent 0–100) can show, at the traffic and the errors of the last hour. `None`
/// where nothing is known of them.
pub fn foresight(lens: &Lens<'_>, settings: Settings, percent: f64, minutes: i64) -> Option<Foresight> {
    let end = Minute::of(lens.closed_until);
    let hour = end.plus(-HOUR).until(end);
    let counts: Vec<Counts> =
        hour.filter_map(|minute| history_of(lens, lens.stable?, Slowness::NoLimit, minute).ok().flatten()).collect();
    let calls = end.plus(-HOUR).until(end).filter_map(|minute| Some(lens.counted(None, minute)?.calls)).sum::<f64>();
    if counts.is_empty() {
        return None;
    }
    let judge = Judge::new(settings, &counts.into_iter().collect());
    let in_bake = calls * number(minutes.unsigned_abs()) / number(HOUR.unsigned_abs());
    Some(Foresight { ratio: judge.smallest_ratio(percent / 100.0, in_bake) })
}

impl Hearing {
    fn follow(&mut self, lens: &Lens<'_>, versions: [Version; 2]) {
        while self.next.end() <= lens.closed_until {
            match minute_of(lens, versions, self.slowness, self.next) {
                // Why a minute is left out (its weight changed, its counts cannot be) is of no use to anybody here.
                Ok(minute) => self.last = self.judge.take(&minute).map_or(self.last, |()| Some(minute.at)),
                Err(NotRead) if self.next.minutes_to(Minute::of(lens.closed_until)) <= PATIENCE => return,
                Err(NotRead) => {}
            }
            self.next = self.next.plus(1);
        }
    }
}

/// A minute of the stable version before the release; `None` where it had no calls.
fn history_of(lens: &Lens<'_>, stable: Version, slowness: Slowness, minute: Minute) -> Result<Option<Counts>, NotRead> {
    if !lens.is_read(None, minute) {
        return Err(NotRead);
    }
    let Some(counted) = lens.counted(Some(stable), minute) else { return Ok(None) };
    let slow = slowness.slow(lens.target, lens.store, lens.target.told_apart(stable, false), minute, counted.calls)?;
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
        let told_apart = lens.target.told_apart(version, !is_alone);
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
pub(in crate::release) fn weight_of(shifts: &[ShiftMark], minute: Minute) -> (f64, bool) {
    let begins = minute.start();
    let before = shifts.iter().rev().find(|mark| mark.at <= begins);
    let percent = before.map_or(0.0, |mark| mark.percent);
    let settled = begins.checked_sub(SPREADING).unwrap_or(begins);
    let moved = |mark: &ShiftMark| mark.at > settled && mark.at < minute.end();
    (percent / 100.0, !shifts.iter().any(moved))
}

/// CloudWatch counts in floating point what is a whole number of calls.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count: not negative, far below 2^53")]
pub(in crate::release) fn whole(count: f64) -> u64 {
    count.round().max(0.0) as u64
}
