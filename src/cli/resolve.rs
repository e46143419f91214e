//! Puts flags, variables and the configuration together: what a run works on, and how. Flags beat what is written in
//! an environment; what neither says is left to the AWS SDK's own chain. Reads files, never AWS.

use std::path::PathBuf;

use super::args::{Args, GlobalArgs};
use crate::config::{self, Config, ConfigError, Environment, quoted};

/// What a run works on, and how. Everything is decided here; nothing looks at flags or variables afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The configuration, with the flags put in: for theme and times, and into every environment.
    pub config: Config,
    /// The environment to work in, with the flags for region, profile, role and endpoint put in.
    pub environment: Environment,
    /// The file that the configuration came from; `None` where it is a scenario's own.
    pub source: Option<PathBuf>,
    /// The file that a flag named, if one did.
    pub config_flag: Option<PathBuf>,
    /// Whether every write is refused: by a flag, a variable, the configuration or the environment.
    pub read_only: bool,
    /// The scenario of the embedded AWS that this run works on; `None` is AWS, or an endpoint in its place.
    pub embedded: Option<String>,
    /// How many times faster than real time the embedded AWS' clock runs; `None` leaves it to the scenario.
    pub speed: Option<f64>,
    /// Whether colours may be used.
    pub color: bool,
    /// The file to append a log to.
    pub log: Option<PathBuf>,
}

/// The variables of the process, by name.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Decides what a run works on. `scenario_config` is the text of the scenario's own configuration, where `args` names
/// a scenario: then no configuration of the user's is looked for, and only `--config` can take its place.
pub fn resolve(args: &Args, variables: Variables<'_>, scenario_config: Option<&str>) -> Result<Setting, ConfigError> {
    let flags = &args.global;
    let embedded = args.scenario().map(str::to_owned);
    let (mut config, source) = match (&embedded, scenario_config) {
        (Some(scenario), Some(text)) => embedded_config(flags, scenario, text)?,
        (Some(scenario), None) => return Err(ConfigError::Flag(format!("there is no scenario {}", quoted(scenario)))),
        (None, _) => users_config(flags, variables)?,
    };
    if embedded.is_none() && flags.speed.is_some() {
        return Err(ConfigError::Flag(
            "--speed is about the embedded AWS' clock: it needs --embedded, demo or sim".to_owned(),
        ));
    }
    if let Some(theme) = &flags.theme {
        config.theme.clone_from(theme);
    }
    config.utc |= flags.utc;
    config.read_only |= flags.read_only || is_set(variables, "FLIGHTDECK_READ_ONLY");
    config.environments.values_mut().for_each(|environment| *environment = place(environment, flags));
    let environment = config.environment(flags.environment.as_deref())?.clone();
    Ok(Setting {
        config_flag: flags.config.clone(),
        read_only: config.read_only || environment.read_only,
        color: !flags.no_color && variables("NO_COLOR").is_none_or(|value| value.is_empty()),
        speed: flags.speed,
        log: flags.log.clone(),
        config,
        environment,
        source,
        embedded,
    })
}

/// The user's configuration and the file it came from.
fn users_config(flags: &GlobalArgs, variables: Variables<'_>) -> Result<(Config, Option<PathBuf>), ConfigError> {
    let variable = variables(config::VARIABLE);
    let path = config::find(flags.config.as_deref(), variable.as_deref(), &config::folders(variables))?;
    Ok((Config::load(&path)?, Some(path)))
}

/// The configuration for the embedded AWS: the scenario's, or the one named by `--config`. It never leads out of it.
fn embedded_config(flags: &GlobalArgs, scenario: &str, text: &str) -> Result<(Config, Option<PathBuf>), ConfigError> {
    let leading_out = [
        ("--endpoint-url", flags.endpoint_url.is_some()),
        ("--profile", flags.profile.is_some()),
        ("--role-arn", flags.role_arn.is_some()),
    ];
    if let Some((flag, _)) = leading_out.iter().find(|(_, given)| *given) {
        return Err(ConfigError::Flag(format!(
            "{flag} has no meaning here: this run works on the embedded AWS (scenario {scenario}), which has its own"
        )));
    }
    let (mut config, source) = match &flags.config {
        Some(path) => (Config::load(path)?, Some(path.clone())),
        None => (Config::parse(text, &format!("scenarios/{scenario}/config.toml"))?, None),
    };
    for environment in config.environments.values_mut() {
        environment.endpoint_url = None;
        environment.endpoint_urls.clear();
        environment.profile = None;
        environment.role_arn = None;
        environment.account = None;
        environment.notify.clear();
        if source.is_none() {
            rehearse(environment);
        }
    }
    if source.is_none() {
        config.release.allowed_hours.clear();
    }
    Ok((config, source))
}

/// A scenario's own configuration asks nobody for leave: it is no working hour there, and nobody to approve.
fn rehearse(environment: &mut Environment) {
    environment.allowed_hours = None;
    for item in &mut environment.checklist {
        item.required = false;
    }
}

impl Setting {
    /// The same in another environment of the configuration. The flags hold there, too.
    pub fn in_environment(&self, name: &str) -> Option<Self> {
        let environment = self.config.environments.get(name)?.clone();
        Some(Self { read_only: self.config.read_only || environment.read_only, environment, ..self.clone() })
    }

    /// The name that a protected environment wants to hear, as far as it was said. A scenario's own configuration needs
    /// no flag for it: nothing there is real, and its documents' systems are protected like any other.
    pub fn confirmed(&self, said: Option<String>) -> Option<String> {
        let is_rehearsal = self.embedded.is_some() && self.source.is_none();
        said.or_else(|| is_rehearsal.then(|| self.environment.name.clone()))
    }
}

/// The environment with the flags put in. An endpoint for all services replaces those for single ones, so that no
/// call goes where the person did not say. The account stays: it is what the writes are checked against.
fn place(environment: &Environment, flags: &GlobalArgs) -> Environment {
    let mut place = environment.clone();
    place.region = flags.region.clone().or(place.region);
    place.profile = flags.profile.clone().or(place.profile);
    place.role_arn = flags.role_arn.clone().or(place.role_arn);
    if let Some(url) = &flags.endpoint_url {
        place.endpoint_url = Some(url.clone());
        place.endpoint_urls.clear();
    }
    place
}

/// Whether a variable says yes. Any word that is no clear no is a yes: this one is about safety.
fn is_set(variables: Variables<'_>, name: &str) -> bool {
    variables(name).is_some_and(|value| !matches!(value.to_lowercase().trim(), "" | "0" | "false" | "no" | "off"))
}
