//! A plan on screen whose versions are still being made ready: they are read again every few seconds until the plan is
//! sound by itself. A version with `SnapStart` takes minutes, and nobody should have to ask for each of them.

use std::time::Duration;

use super::{
    App,
    event::{Effect, Read},
    planning::Gathering,
    view::Overlay,
};
use crate::{
    clock::Now,
    release::{
        facts::VersionState,
        names::{Target, Version},
    },
};

/// How often they are read again, wall time.
const AGAIN: Duration = Duration::from_secs(5);

/// What a drawn plan waits for.
#[derive(Debug, Clone)]
pub struct Awaiting {
    /// What the plan was drawn from.
    gathering: Gathering,
    /// Wall time at which it was first drawn, and at which it is read again.
    since: Duration,
    next: Duration,
}

impl App {
    /// For how long the plan on screen has been waiting for versions to become ready; `None` where it does not.
    pub fn awaits_versions(&self, now: Now) -> Option<Duration> {
        self.awaiting.as_ref().map(|awaiting| now.wall.saturating_sub(awaiting.since))
    }

    /// A plan was drawn from this: whether it has to be drawn again.
    pub(super) fn await_versions_of(&mut self, gathering: &Gathering, now: Now) {
        let since = self.awaiting.take().map_or(now.wall, |before| before.since);
        if !pending(gathering).is_empty() {
            self.awaiting = Some(Awaiting { gathering: gathering.clone(), since, next: now.wall + AGAIN });
        }
    }

    /// Reads the versions again that are not ready, when it is time.
    pub(super) fn await_versions(&mut self, now: Now) -> Vec<Effect> {
        if !matches!(&self.view.overlay, Some(Overlay::Plan(_))) {
            self.awaiting = None;
        }
        if self.is_gathering() {
            return Vec::new();
        }
        let Some(awaiting) = self.awaiting.as_mut().filter(|awaiting| awaiting.next <= now.wall) else {
            return Vec::new();
        };
        awaiting.next = now.wall + AGAIN;
        let gathering = awaiting.gathering.clone();
        let asked = pending(&gathering);
        self.gather_again(gathering, asked.iter().map(|(target, _)| target));
        asked
            .into_iter()
            .map(|(target, version)| self.ask_for_plan(&target, Read::Version(target.clone(), version)))
            .collect()
    }
}

/// The versions that AWS is still making ready.
fn pending(gathering: &Gathering) -> Vec<(Target, Version)> {
    let versions = gathering.versions.iter();
    let pending = versions.filter(|(_, info)| info.state == Some(VersionState::Pending));
    pending.map(|(target, info)| (target.clone(), info.version)).collect()
}
