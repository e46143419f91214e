//! The environments of a run: the first one, and the others as they are shown. Each has a cloud, a journal and clients of
//! its own; an embedded world is the same for all.

use super::{
    Failure,
    resolve::Setting,
    services::{self, World},
};
use crate::{
    app::{App, asking::Scope, neighbours::Neighbour},
    runtime::{Opener, Services},
};

/// Opens environments for the cockpit.
pub(super) struct Environments<'a> {
    setting: &'a Setting,
    world: World,
}

impl<'a> Environments<'a> {
    /// None is open yet.
    pub fn new(setting: &'a Setting) -> Self {
        Self { setting, world: None }
    }

    /// The one that the command line chose.
    pub async fn first(&mut self) -> Result<(App, Services), Failure> {
        services::open_in(self.setting, Scope::Cockpit, &mut self.world).await
    }

    /// All of them, as the configuration tells of them; none where there is one alone.
    pub fn neighbours(&self) -> Vec<Neighbour> {
        let config = &self.setting.config;
        if config.environments.len() < 2 {
            return Vec::new();
        }
        config.environments.values().map(|environment| Neighbour::of(environment, config.read_only)).collect()
    }
}

impl Opener for Environments<'_> {
    async fn open(&mut self, name: &str) -> Result<(App, Services), String> {
        let setting = self.setting.in_environment(name).ok_or("the configuration does not have it")?;
        let opened = services::open_in(&setting, Scope::Cockpit, &mut self.world).await;
        opened.map_err(|failure| failure.message)
    }
}
