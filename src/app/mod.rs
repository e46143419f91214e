//! The state of the program and its one writer: events go in, effects come out. Nothing here waits, reads a clock,
//! or knows AWS's SDK or the terminal.

pub mod deck;
pub mod event;
pub mod lens;
pub mod reading;
pub mod timeline;
pub mod view;

use crate::{
    config::{Config, ReleaseSettings},
    release::{metrics::store::MetricStore, operation::Operation},
};
use deck::Deck;
use timeline::Timeline;
use view::View;

/// The whole program, as data.
#[derive(Debug)]
pub struct App {
    /// How releases are run.
    pub release: ReleaseSettings,
    /// Whether times are shown in UTC.
    pub utc: bool,
    /// What is known about the environment.
    pub deck: Deck,
    /// What CloudWatch has answered.
    pub metrics: MetricStore,
    /// What happened, oldest first.
    pub timeline: Timeline,
    /// The shift or rollback under way, or the last one.
    pub operation: Option<Operation>,
    /// What the person is looking at.
    pub view: View,
}

impl App {
    /// Placeholder until the update loop stands.
    pub fn settings(config: &Config) -> ReleaseSettings {
        config.release.clone()
    }
}
