//! The two versions of a release, each looked at by itself while it is under way: the list of versions says neither
//! that one has failed nor that one is gone, and a stable version that is gone must be known before it is needed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    App,
    deck::Function,
    event::{Effect, Ticket},
    reading::Reading,
    timeline::Tone,
};
use crate::{
    clock::Now,
    release::{
        error::{CloudError, Trouble},
        facts::{VersionInfo, VersionState},
        memory::Entry,
        names::Version,
        stages::Input,
    },
};

/// A version is looked at once a minute.
const PERIOD: SignedDuration = SignedDuration::from_mins(1);

/// What is known of the versions of a release.
#[derive(Debug, Default)]
pub struct Sides(BTreeMap<Version, Reading<VersionInfo>>);

impl Sides {
    /// The version that is due, if one is; those that are in no release any more are forgotten.
    pub(super) fn due(&mut self, entry: Option<&Entry>, now: Timestamp) -> Option<Version> {
        let Some(entry) = entry else {
            self.0.clear();
            return None;
        };
        let sides = [entry.stable, entry.new];
        self.0.retain(|version, _| sides.contains(version));
        for version in sides {
            self.0.entry(version).or_insert_with(|| Reading::every(PERIOD));
        }
        self.0.iter().find(|(_, reading)| reading.is_due(now)).map(|(version, _)| *version)
    }

    pub(super) fn ask(&mut self, version: Version, ticket: Ticket) {
        if let Some(reading) = self.0.get_mut(&version) {
            reading.ask(ticket);
        }
    }

    pub(super) fn answer(&mut self, ticket: Ticket, answer: &Result<VersionInfo, CloudError>, now: Timestamp) -> bool {
        self.0.values_mut().any(|reading| reading.answer(ticket, answer.clone(), now))
    }

    pub(super) fn give_up(&mut self) -> Vec<Ticket> {
        self.0.values_mut().filter_map(Reading::give_up).collect()
    }
}

impl Function {
    /// What is wrong with a version of the release under way, in a sentence; the stable one comes first, for it is
    /// what R goes back to.
    pub fn trouble_of_sides(&self) -> Option<String> {
        let entry = self.entry()?;
        let is_gone = |version: &Version| {
            let trouble = self.sides.0.get(version).and_then(Reading::trouble);
            trouble.is_some_and(|(error, _)| error.kind == Trouble::NotFound)
        };
        let failed = |version: &Version| {
            let info = self.sides.0.get(version)?.value()?;
            let why = info.state_reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            (info.state == Some(VersionState::Failed)).then_some(why)
        };
        let (stable, new) = (entry.stable, entry.new);
        if is_gone(&stable) {
            return Some(format!(
                "the stable version {stable} is deleted: R cannot go back to it; choose another with ⏎ and r"
            ));
        }
        if let Some(why) = failed(&stable) {
            return Some(format!("the stable version {stable} has failed{why}"));
        }
        if is_gone(&new) {
            return Some(format!("the new version {new} is deleted"));
        }
        failed(&new).map(|why| format!("the new version {new} has failed{why}"))
    }
}

impl App {
    /// A version of a release was looked at. News of it stop the release, and are said at once.
    pub(super) fn answer_side(
        &mut self,
        ticket: Ticket,
        answer: &Result<VersionInfo, CloudError>,
        now: Now,
    ) -> Vec<Effect> {
        let mut news = None;
        for function in &mut self.deck.functions {
            let before = function.trouble_of_sides();
            if function.sides.answer(ticket, answer, now.world) {
                let after = function.trouble_of_sides().filter(|after| before.as_ref() != Some(after));
                news = after.map(|why| format!("{}: {why}", function.target));
            }
        }
        let Some(news) = news else {
            return Vec::new();
        };
        self.timeline.add(now.world, "AWS", news.clone(), Tone::Bad);
        let mut effects = self.inform(Input::Disturbed, now);
        self.say(news, true, now);
        effects.push(Effect::Bell);
        effects
    }
}
