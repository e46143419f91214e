//! The world around the bench that is not Lambda: alarms, a health endpoint, commands.

use std::time::Duration;

use crate::{
    app::event::Reply,
    clock::Now,
    command::{Command, CommandReading, Ending, Output},
    config::{CommandSettings, ProbeSettings},
    probe::{JsonPath, Probe, ProbeReading},
    release::{
        facts::{Alarm, AlarmState},
        gates::command::Moment,
        surroundings::{Deployment, Surroundings, permissions::Decision},
    },
};

/// What is answered.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) alarms: Vec<Alarm>,
    /// What is wrong with the health endpoint.
    pub(super) sickness: Option<String>,
    pub(super) exit_code: i32,
    /// What stands around every function; nothing by default.
    pub(super) around: Option<Surroundings>,
    pub(super) deployments: Vec<Deployment>,
    /// Which programs of this machine are there, or known not to be.
    pub(super) processes: std::collections::BTreeMap<u32, bool>,
    /// What the caller may do; everything by default.
    pub(super) decision: Option<Decision>,
}

impl Outside {
    pub(super) fn answer_probe(&self, probe: &Probe, now: Now) -> Reply {
        let ok = self.sickness.clone().map_or(Ok(()), Err);
        let (version, sha) = (Some("43".into()), Some("9f3c2d1".into()));
        let reading = ProbeReading { at: now.world, asked: true, status: Some(200), ms: 85, version, sha, ok };
        Reply::Probed(probe.name.clone(), reading)
    }

    pub(super) fn answer_command(&self, command: &Command, now: Now) -> Reply {
        let ending = Ending::Exited(self.exit_code);
        let reading = CommandReading { at: now.world, took: Duration::from_secs(2), ending, output: Output::default() };
        Reply::Ran(command.name.clone(), reading)
    }
}

pub(super) fn health() -> ProbeSettings {
    let path = |text: &str| text.parse::<JsonPath>().unwrap();
    let probe = Probe {
        name: "health".into(),
        url: "https://shop.example/health".parse().unwrap(),
        method: http::Method::GET,
        headers_from_env: Vec::new(),
        expect_status: vec![200],
        latency_limit: None,
        conditions: Vec::new(),
        failures_in_a_row: 3,
        timeout: Duration::from_secs(5),
        version_path: path("version"),
        sha_path: path("git_sha"),
    };
    ProbeSettings { probe, every: Duration::from_secs(15) }
}

pub(super) fn command(name: &str, when: Moment) -> CommandSettings {
    let command = Command {
        name: name.into(),
        argv: vec!["true".into()],
        timeout: Duration::from_mins(1),
        cwd: None,
        env: std::collections::BTreeMap::new(),
    };
    CommandSettings { command, when }
}

pub(super) fn ringing(name: &str) -> Alarm {
    Alarm::named(name, AlarmState::Alarm)
}
