//! Decisions against the truth.

use std::fmt;

use super::world::{Kind, LENGTH, Release};

/// A minute can be read one minute after it ends, so what is decided on it stops the new version two minutes later.
const REACTION: i64 = 2;

/// How a policy did on some releases.
#[derive(Debug, Default)]
pub struct Score {
    bad: usize,
    caught: usize,
    good: usize,
    false_on_good: usize,
    shared: usize,
    false_on_shared: usize,
    harm: f64,
    limit: f64,
    delays: Vec<i64>,
}

impl<'a> FromIterator<(&'a Release, Option<i64>)> for Score {
    fn from_iter<I: IntoIterator<Item = (&'a Release, Option<i64>)>>(decisions: I) -> Self {
        let mut score = Self::default();
        for (release, stopped) in decisions {
            score.take(release, stopped);
        }
        score
    }
}

impl Score {
    fn take(&mut self, release: &Release, stopped: Option<i64>) {
        match release.kind {
            Kind::Good => {
                self.good += 1;
                self.false_on_good += usize::from(stopped.is_some());
            }
            Kind::Shared => {
                self.shared += 1;
                self.false_on_shared += usize::from(stopped.is_some());
            }
            Kind::Errors | Kind::Late | Kind::Slow => self.take_bad(release, stopped),
        }
    }

    /// Who stops a release before its fault begins has caught nothing, and let the harm happen on the next attempt.
    fn take_bad(&mut self, release: &Release, stopped: Option<i64>) {
        let stopped = stopped.filter(|minute| *minute >= release.onset);
        self.bad += 1;
        self.limit += release.harm(release.onset + REACTION);
        self.harm += release.harm(stopped.map_or(LENGTH, |minute| minute + REACTION));
        if let Some(minute) = stopped {
            self.caught += 1;
            self.delays.push(minute - release.onset + REACTION);
        }
    }

    fn median_delay(&self) -> Option<i64> {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        delays.get(delays.len() / 2).copied()
    }
}

/// The cells of the table.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} | {} of {} | {} of {} | {:.2} | {}",
            percent(self.caught, self.bad),
            self.false_on_good,
            self.good,
            self.false_on_shared,
            self.shared,
            self.harm / self.limit.max(1.0),
            self.median_delay().map_or("—".to_owned(), |delay| delay.to_string()),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "releases are few")]
fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}
