//! Scenarios: worlds to open, as data. Each is a folder with the world itself, the configuration of a cockpit that
//! looks at it and, where a release is under way, its record. Further files in it are variants: what they say is laid
//! over the world, so that `receipt-vault-sick` is `receipt-vault` with a release that fails. Nothing here runs.

use include_dir::{Dir, File, include_dir};
use toml::{Table, Value};

use super::world::WorldSpec;

static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/sim/scenarios");
/// The configurations of real systems; a scenario of the same name has no other.
static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples");
/// What a scenario's folder has besides its variants.
const NO_VARIANTS: [&str; 3] = ["world", "config", "release"];
/// What tells one thing of a list from another, so that a variant can speak of one of them.
const KEYS: [&str; 4] = ["name", "number", "id", "url"];

/// A world that can be opened.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name, as on the command line.
    pub name: String,
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
        known: Vec<String>,
    },
    /// Its files are not as they should be.
    #[error("the scenario \"{name}\" cannot be read: {why}")]
    Broken {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
}

/// The names of all scenarios and their variants, in alphabetical order.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = folders().flat_map(|(name, dir)| variants(name, dir)).collect();
    names.extend(folders().map(|(name, _)| name.to_owned()));
    names.sort_unstable();
    names
}

/// The scenario of this name.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    let of_variant = |(folder, dir): &Folder| variants(folder, dir).any(|variant| variant == name);
    let plain = folders().find(|(folder, _)| *folder == name);
    let Some((folder, _)) = plain.or_else(|| folders().find(of_variant)) else {
        return Err(ScenarioError::Unknown { name: name.to_owned(), known: names() });
    };
    let broken = |why: String| ScenarioError::Broken { name: name.to_owned(), why };
    let read = |file: &str| file_of(folder, file).ok_or_else(|| broken(format!("{file} is missing")));
    let text = read("world.toml")?;
    let world: WorldSpec = match name.strip_prefix(folder).and_then(|rest| rest.strip_prefix('-')) {
        None => toml::from_str(text).map_err(|error| broken(error.to_string()))?,
        Some(variant) => {
            let over = read(&format!("{variant}.toml"))?;
            let (mut world, over): (Table, Table) = (parsed(text).map_err(broken)?, parsed(over).map_err(broken)?);
            lay_over(&mut world, over);
            world.try_into().map_err(|error: toml::de::Error| broken(error.to_string()))?
        }
    };
    let problems = world.problems();
    if !problems.is_empty() {
        return Err(broken(problems.join("; ")));
    }
    let example = EXAMPLES.get_file(format!("{folder}.toml")).and_then(File::contents_utf8);
    Ok(Scenario {
        name: name.to_owned(),
        title: world.title.clone(),
        world,
        config_toml: example.map_or_else(|| read("config.toml"), Ok)?,
        release: file_of(folder, "release.toml"),
    })
}

/// A scenario's name and its files.
type Folder = (&'static str, &'static Dir<'static>);

fn folders() -> impl Iterator<Item = Folder> {
    SCENARIOS.dirs().filter_map(|dir| Some((dir.path().file_name()?.to_str()?, dir)))
}

fn variants(folder: &str, dir: &'static Dir<'static>) -> impl Iterator<Item = String> {
    let stems = dir.files().filter_map(|file| file.path().file_stem()?.to_str());
    let folder = folder.to_owned();
    stems.filter(|stem| !NO_VARIANTS.contains(stem)).map(move |stem| format!("{folder}-{stem}"))
}

fn file_of(folder: &str, file: &str) -> Option<&'static str> {
    SCENARIOS.get_file(format!("{folder}/{file}"))?.contents_utf8()
}

fn parsed(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| error.to_string())
}

/// What `over` says takes the place of what `table` says; of lists, that of the thing with the same name. An empty list
/// empties one.
fn lay_over(table: &mut Table, over: Table) {
    for (key, new) in over {
        match (table.get_mut(&key), new) {
            (Some(Value::Table(old)), Value::Table(new)) => lay_over(old, new),
            (Some(Value::Array(old)), Value::Array(new)) if !new.is_empty() && old.iter().all(Value::is_table) => {
                lay_list_over(old, new);
            }
            (_, new) => drop(table.insert(key, new)),
        }
    }
}

fn lay_list_over(list: &mut Vec<Value>, over: Vec<Value>) {
    for new in over {
        let Value::Table(new) = new else { continue };
        let key = KEYS.into_iter().find(|key| new.contains_key(*key));
        let same = |old: &&mut Value| key.is_some_and(|key| old.get(key) == new.get(key));
        match list.iter_mut().find(same) {
            Some(Value::Table(old)) => lay_over(old, new),
            _ => list.push(Value::Table(new)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_changes_one_thing_of_a_list() {
        let mut world =
            parsed("[[f]]\nname='a'\nx=1\n[[f.v]]\nnumber=1\ne=0.1\n[[f.v]]\nnumber=2\n[[f]]\nname='b'").unwrap();
        lay_over(&mut world, parsed("t='new'\n[[f]]\nname='a'\n[[f.v]]\nnumber=2\ne=20\n[[f]]\nname='c'").unwrap());
        let expected = "t='new'\n[[f]]\nname='a'\nx=1\n[[f.v]]\nnumber=1\ne=0.1\n[[f.v]]\nnumber=2\ne=20\n[[f]]\nname='b'\n[[f]]\nname='c'";
        assert_eq!(world, parsed(expected).unwrap());
    }

    #[test]
    fn every_scenario_and_variant_opens() {
        for name in names() {
            let scenario = find(&name).unwrap();
            assert!(!scenario.title.is_empty(), "{name}");
        }
        let ScenarioError::Unknown { known, .. } = find("nothing").unwrap_err() else { panic!("it does not exist") };
        assert!(known.contains(&"demo".to_owned()));
    }
}
