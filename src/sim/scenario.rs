//! Scenarios: worlds to open, as data. Each is a folder with the world itself, the configuration of a cockpit that
//! looks at it and, where a release is under way, its record. Nothing here runs.

use include_dir::{Dir, include_dir};

use super::world::WorldSpec;

static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/sim/scenarios");

/// A world that can be opened.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// One line that says what it shows.
    pub title: String,
    /// The world.
    pub world: WorldSpec,
    /// The configuration of a cockpit for it.
    pub config_toml: &'static str,
    /// The record of the release under way, if there is one.
    pub release: Option<&'static str>,
}

/// Why a scenario cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// There is none of this name.
    #[error("there is no scenario \"{name}\"; there are: {}", known.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// Its files are not as they should be.
    #[error("the scenario \"{name}\" cannot be read: {why}")]
    Broken {
        /// Its name.
        name: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// The names of all scenarios, in alphabetical order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SCENARIOS.dirs().filter_map(|dir| dir.path().file_name()?.to_str()).collect();
    names.sort_unstable();
    names
}

/// The scenario of this name.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    let known = names();
    let Some(name) = known.iter().copied().find(|known| *known == name) else {
        return Err(ScenarioError::Unknown { name: name.to_owned(), known });
    };
    let broken = |why: String| ScenarioError::Broken { name, why };
    let read = |file: &str| file_of(name, file).ok_or_else(|| broken(format!("{file} is missing")));
    let world: WorldSpec = toml::from_str(read("world.toml")?).map_err(|error| broken(error.to_string()))?;
    let problems = world.problems();
    if !problems.is_empty() {
        return Err(broken(problems.join("; ")));
    }
    Ok(Scenario {
        name,
        title: world.title.clone(),
        world,
        config_toml: read("config.toml")?,
        release: file_of(name, "release.toml"),
    })
}

fn file_of(name: &str, file: &str) -> Option<&'static str> {
    SCENARIOS.get_file(format!("{name}/{file}"))?.contents_utf8()
}
