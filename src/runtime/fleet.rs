//! Several environments behind one face: an app each, with its own services and its own tasks. One is on screen and has
//! the keys; what goes on in the others goes on. It decides nothing: which one is shown is an effect like any other.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use futures_util::future::select_all;

use super::{Face, Services, Tasks, Wish, next_tick};
use crate::{
    app::{
        App,
        event::{Effect, Event},
        neighbours::Neighbour,
    },
    clock::Now,
};

/// Opens an environment when it is first shown.
pub trait Opener {
    /// The app at its start and what it works with, for the environment of this name; else why not, for a person.
    fn open(&mut self, name: &str) -> impl Future<Output = Result<(App, Services), String>>;
}

/// There is one environment and no other.
pub(super) struct Alone;

impl Opener for Alone {
    async fn open(&mut self, name: &str) -> Result<(App, Services), String> {
        Err(format!("there is no environment {name} here"))
    }
}

/// An app that somebody else looks at afterwards, or one of ours.
enum Held<'a> {
    Lent(&'a mut App),
    Own(Box<App>),
}

impl Deref for Held<'_> {
    type Target = App;

    fn deref(&self) -> &App {
        match self {
            Self::Lent(app) => app,
            Self::Own(app) => app,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut App {
        match self {
            Self::Lent(app) => app,
            Self::Own(app) => app,
        }
    }
}

/// One environment that is open.
struct Ship<'a> {
    app: Held<'a>,
    tasks: Tasks,
    /// What it wants done and has not been.
    effects: Vec<Effect>,
    /// Whether it has nothing left to wait for.
    has_quit: bool,
}

impl Ship<'_> {
    fn now(&self) -> Now {
        self.tasks.services.clock.now()
    }

    fn update(&mut self, event: Event) {
        let now = self.now();
        self.effects.extend(self.app.update(event, now));
    }
}

/// All that are open, and the one on screen.
pub(super) struct Fleet<'a, O> {
    ships: Vec<Ship<'a>>,
    shown: usize,
    /// All of the configuration, open or not; empty where there is one alone.
    neighbours: Vec<Neighbour>,
    opener: &'a mut O,
    wanted: Option<String>,
}

impl<'a, O: Opener> Fleet<'a, O> {
    pub fn new(app: &'a mut App, services: &Services, neighbours: Vec<Neighbour>, opener: &'a mut O) -> Self {
        let tasks = Tasks::new(services.clone());
        let ship = Ship { app: Held::Lent(app), tasks, effects: Vec::new(), has_quit: false };
        Self { ships: vec![ship], shown: 0, neighbours, opener, wanted: None }
    }

    /// The app on screen.
    pub fn app(&mut self) -> &mut App {
        &mut self.ships[self.shown].app
    }

    /// The time for whoever is on screen.
    pub fn now(&self) -> Now {
        self.ships[self.shown].now()
    }

    /// Something happened to the one on screen.
    pub fn update(&mut self, event: Event) {
        self.ships[self.shown].update(event);
    }

    /// The one on screen wants this done.
    pub fn want(&mut self, effects: Vec<Effect>) {
        self.ships[self.shown].effects.extend(effects);
    }

    /// Time passed, for the one on screen and for those in which something goes on.
    pub fn tick(&mut self) {
        for (index, ship) in self.ships.iter_mut().enumerate() {
            if index == self.shown || ship.app.is_at_work() {
                ship.update(Event::Tick);
            }
        }
    }

    /// How long until time must pass again.
    pub fn pause(&self) -> Duration {
        let pauses = self.ships.iter().map(|ship| next_tick(&ship.app, ship.tasks.services.clock));
        pauses.min().unwrap_or(Duration::from_secs(1))
    }

    /// The program was told to stop for the first time: the face may want something done first on the one it shows.
    pub fn stop(&mut self, face: &mut impl Face) {
        let shown = self.shown;
        for (index, ship) in self.ships.iter_mut().enumerate().filter(|(_, ship)| !ship.app.leaving) {
            let now = ship.now();
            match (index == shown).then(|| face.interrupted(&mut ship.app, now)).flatten() {
                Some(effects) => ship.effects.extend(effects),
                None => ship.update(Event::Terminate),
            }
        }
    }

    /// Does what all of them say. Whoever has quit waits for the others, which are asked to leave, too.
    pub fn perform(&mut self, face: &mut impl Face) -> Option<Wish> {
        loop {
            for ship in &mut self.ships {
                let effects = std::mem::take(&mut ship.effects);
                for effect in effects {
                    if let Effect::Show(name) = effect {
                        self.wanted = Some(name);
                        continue;
                    }
                    match ship.tasks.perform(std::iter::once(effect), face) {
                        Some(Wish::Abandon) => return Some(Wish::Abandon),
                        Some(Wish::Quit) => ship.has_quit = true,
                        None => {}
                    }
                }
            }
            if !self.ships.iter().any(|ship| ship.has_quit) {
                return None;
            }
            if self.ships.iter().all(|ship| ship.has_quit) {
                return Some(Wish::Quit);
            }
            self.ships.iter_mut().filter(|ship| !ship.app.leaving).for_each(|ship| ship.update(Event::Terminate));
            if self.ships.iter().all(|ship| ship.effects.is_empty()) {
                return None;
            }
        }
    }

    /// Shows the environment that somebody chose; one that has not been seen yet is opened now.
    /// Whether there was anything to do.
    pub async fn show_wanted(&mut self) -> bool {
        let Some(name) = self.wanted.take() else { return false };
        let known = self.ships.iter().position(|ship| ship.app.deck.environment.name == name);
        let index = match known {
            Some(index) => index,
            None => match self.opener.open(&name).await {
                Ok((app, services)) => {
                    let tasks = Tasks::new(services);
                    let app = Held::Own(Box::new(app));
                    self.ships.push(Ship { app, tasks, effects: Vec::new(), has_quit: false });
                    self.ships.len() - 1
                }
                Err(why) => {
                    let now = self.now();
                    self.app().say(format!("{name} cannot be shown: {why}"), true, now);
                    return true;
                }
            },
        };
        let (size, theme) = (self.app().view.size, self.app().view.theme.clone());
        self.shown = index;
        let view = &mut self.app().view;
        (view.size, view.theme) = (size, theme);
        self.update(Event::Tick);
        true
    }

    /// Tells the one on screen how the others stand.
    pub fn tell(&mut self) {
        if self.neighbours.is_empty() {
            return;
        }
        let shown = self.app().deck.environment.name.clone();
        for neighbour in &mut self.neighbours {
            neighbour.is_shown = neighbour.name == shown;
            let ship = self.ships.iter().find(|ship| ship.app.deck.environment.name == neighbour.name);
            let Some(ship) = ship else { continue };
            neighbour.standing = Some(ship.app.standing());
            neighbour.region = Some(ship.app.deck.place.region.clone());
            neighbour.account = ship.app.deck.account().map(str::to_owned).or_else(|| neighbour.account.take());
        }
        let (neighbours, now) = (self.neighbours.clone(), self.now());
        let effects = self.app().heed_neighbours(neighbours, now);
        self.want(effects);
    }

    /// The next reply to any of them. Safe to drop half-way.
    pub async fn next(&mut self) -> (usize, Event) {
        let ships = self.ships.iter_mut().enumerate();
        let waiting = ships.map(|(index, ship)| Box::pin(async move { (index, ship.tasks.next().await) }));
        select_all(waiting).await.0
    }

    /// A reply reaches the one that asked.
    pub fn answer(&mut self, (index, event): (usize, Event)) {
        self.ships[index].update(event);
    }

    /// Takes in every reply that is there already.
    pub fn take_ready(&mut self) {
        for ship in &mut self.ships {
            while let Some(event) = ship.tasks.ready() {
                ship.update(event);
            }
        }
    }

    /// Leaves: last words are written, and what is on its way is awaited unless the person left a second time. Those
    /// that were opened here are given back.
    pub async fn finish(self, abandoned: bool, face: &mut impl Face) -> Vec<App> {
        let mut apps = Vec::new();
        let mut last = Vec::new();
        for mut ship in self.ships {
            let now = ship.now();
            let last_words = ship.app.last_words(now);
            ship.tasks.perform(last_words.into_iter(), face);
            last.push(ship.tasks.finish(abandoned));
            if let Held::Own(app) = ship.app {
                apps.push(*app);
            }
        }
        futures_util::future::join_all(last).await;
        apps
    }
}
