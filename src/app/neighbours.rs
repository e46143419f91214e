//! The other environments of the configuration, as the one on screen knows them: where they are, whether a release is
//! under way there, and what of it needs a person. Each is an app of its own; nothing here reaches into another.

use super::{App, event::Effect, view::Overlay};
use crate::{
    clock::Now,
    config::Environment,
    release::{
        routing::trim_percent,
        stages::{Hold, Question, State},
    },
};

/// An environment of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name.
    pub name: String,
    /// Its region, as far as it is known.
    pub region: Option<String>,
    /// Its account, as far as it is known.
    pub account: Option<String>,
    /// The role or the profile that it is seen with.
    pub identity: Option<String>,
    /// Whether a mistake there hurts.
    pub protected: bool,
    /// Whether every write there is refused.
    pub read_only: bool,
    /// Whether it is on screen.
    pub is_shown: bool,
    /// How it stands; `None` where it has not been opened: then nothing of it is read.
    pub standing: Option<Standing>,
}

/// How an environment stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The release under way, in words.
    pub release: Option<String>,
    /// The new versions' share in it, such as `50%`.
    pub share: Option<String>,
    /// What needs a person there.
    pub trouble: Option<String>,
    /// How a release came out that was run from here.
    pub outcome: Option<&'static str>,
}

impl Neighbour {
    /// What the configuration says of an environment.
    pub fn of(environment: &Environment, read_only: bool) -> Self {
        let role =
            environment.role_arn.as_ref().and_then(|arn| arn.rsplit('/').next()).map(|role| format!("role {role}"));
        let profile = environment.profile.as_ref().map(|profile| format!("profile {profile}"));
        Self {
            name: environment.name.clone(),
            region: environment.region.clone(),
            account: environment.account.clone(),
            identity: role.or(profile),
            protected: environment.protected,
            read_only: read_only || environment.read_only,
            is_shown: false,
            standing: None,
        }
    }

    /// Its name as it is shown: in capitals where a mistake hurts.
    pub fn title(&self) -> String {
        if self.protected { self.name.to_uppercase() } else { self.name.clone() }
    }

    /// Whether a release is under way there, as far as it is known here.
    pub fn is_releasing(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.release.is_some())
    }
}

impl App {
    /// How this environment stands, for whoever looks at another.
    pub fn standing(&self) -> Standing {
        let percent = self.deck.in_release().map(|(function, _)| function.percent()).reduce(f64::max);
        let id = self.deck.in_release().map(|(_, entry)| entry.id.to_string()).next();
        let share = percent.map(|percent| format!("{}%", trim_percent(percent)));
        let release = id.zip(share.as_ref()).map(|(id, share)| format!("{id} at {share}"));
        let (trouble, outcome) = match self.state() {
            Some(State::CountingDown { .. }) => (Some("ROLLS BACK BY ITSELF in seconds"), None),
            Some(State::Torn { .. }) => (Some("A STAGE IS TORN"), None),
            Some(State::Stuck) => (Some("THE ROLLBACK IS STUCK"), None),
            Some(State::Asking(Question::Failed | Question::Alike) | State::Held(Hold::Failed)) => {
                (Some("GATES FAILED"), None)
            }
            Some(State::Asking(Question::Undecided) | State::Held(Hold::Undecided)) => {
                (Some("TOO LITTLE DATA TO TELL"), None)
            }
            Some(
                State::Asking(Question::Torn | Question::Stuck)
                | State::Held(Hold::CountdownStopped | Hold::ShiftFailed | Hold::Disturbed | Hold::Overslept),
            ) => (Some("THE RELEASE STANDS STILL"), None),
            Some(State::RollingBack) => (Some("ROLLING BACK"), None),
            Some(State::RolledBack) => (None, Some("ROLLED BACK")),
            Some(State::AllClear) => (None, Some("all clear")),
            Some(
                State::Held(Hold::Person)
                | State::Asking(Question::Plan { .. })
                | State::Preflight
                | State::Waiting { .. }
                | State::Shifting { .. }
                | State::Observing
                | State::Ready
                | State::Abandoned,
            )
            | None => (None, None),
        };
        Standing { release, share, trouble: trouble.map(str::to_owned), outcome }
    }

    /// Whether something goes on here that must go on while another environment is on screen. Without it nothing is
    /// asked of AWS from behind the screen.
    pub fn is_at_work(&self) -> bool {
        let is_run = self.running.as_ref().is_some_and(|running| !running.run.state().is_final());
        is_run
            || self.is_moving()
            || self.deck.is_releasing()
            || !self.running_steps().is_empty()
            || self.is_checking_after_rollback()
            || !self.errands.is_empty()
    }

    /// Hears how the environments stand. What is new and needs a person is said at once, whoever is on screen.
    pub fn heed_neighbours(&mut self, neighbours: Vec<Neighbour>, now: Now) -> Vec<Effect> {
        if neighbours == self.neighbours {
            return Vec::new();
        }
        let before = std::mem::replace(&mut self.neighbours, neighbours);
        let mut effects = Vec::new();
        for neighbour in self.neighbours.clone().iter().filter(|neighbour| !neighbour.is_shown) {
            let Some(standing) = &neighbour.standing else { continue };
            let was = before.iter().find(|was| was.name == neighbour.name).and_then(|was| was.standing.as_ref());
            let was = was.cloned().unwrap_or_default();
            if let Some(trouble) = standing.trouble.as_ref().filter(|trouble| was.trouble.as_ref() != Some(*trouble)) {
                self.say(format!("{}: {trouble}.", neighbour.title()), true, now);
                effects.push(Effect::Bell);
            } else if let Some(outcome) = standing.outcome.filter(|outcome| was.outcome != Some(*outcome)) {
                self.say(format!("{}: {outcome}.", neighbour.title()), outcome != "all clear", now);
            }
        }
        effects
    }

    /// What needs a person in environments that are not on screen.
    pub fn troubles_elsewhere(&self) -> Vec<(&Neighbour, &str)> {
        let hidden = self.neighbours.iter().filter(|neighbour| !neighbour.is_shown);
        hidden.filter_map(|neighbour| Some((neighbour, neighbour.standing.as_ref()?.trouble.as_deref()?))).collect()
    }

    /// Environments that are not on screen and run a release: what is done here does not reach them.
    pub fn releasing_elsewhere(&self) -> impl Iterator<Item = (&Neighbour, &Standing)> {
        let hidden = self.neighbours.iter().filter(|neighbour| !neighbour.is_shown && neighbour.is_releasing());
        hidden.filter_map(|neighbour| Some((neighbour, neighbour.standing.as_ref()?)))
    }

    /// The environment's name as it is shown: in capitals where a mistake hurts.
    pub fn title(&self) -> String {
        let environment = &self.deck.environment;
        if environment.protected { environment.name.to_uppercase() } else { environment.name.clone() }
    }

    /// The environment's name where there are several, so that nobody takes one for another.
    pub fn name_among_others(&self) -> Option<String> {
        (self.neighbours.len() > 1).then(|| self.title())
    }

    /// `E`: the environments of the configuration.
    pub(super) fn show_environments(&mut self, now: Now) {
        if self.neighbours.len() < 2 {
            return self.say("The configuration has no other environment.", false, now);
        }
        // Whoever needs a person is where the cursor is.
        let troubled = self
            .neighbours
            .iter()
            .position(|it| !it.is_shown && it.standing.as_ref().is_some_and(|standing| standing.trouble.is_some()));
        let shown = self.neighbours.iter().position(|neighbour| neighbour.is_shown);
        self.view.overlay = Some(Overlay::Environments(troubled.or(shown).unwrap_or(0)));
    }

    /// Enter in the list: this one is shown; nothing moves by it.
    pub(super) fn switch_environment(&mut self, row: usize) -> Vec<Effect> {
        // What is under way is in sight when somebody comes back.
        let is_under_way = self.operation.as_ref().is_some_and(|operation| !operation.is_finished());
        self.view.overlay = is_under_way.then_some(Overlay::Progress);
        let other = self.neighbours.get(row).filter(|neighbour| !neighbour.is_shown);
        other.map(|neighbour| Effect::Show(neighbour.name.clone())).into_iter().collect()
    }
}
