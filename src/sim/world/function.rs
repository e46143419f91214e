//! Lambda functions as the control plane shows them: versions, aliases, provisioned concurrency. How calls of them go
//! is in [`super::traffic`]; how they are written on the wire is not known here.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;

use super::fault::Fault;
use super::random;
use super::spec::{self, FunctionSpec, VersionSpec, WorldSpec};

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its ARN, without a qualifier.
    pub arn: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// `$LATEST` first, then the numbered versions, oldest first, as AWS lists them.
    pub versions: Vec<Version>,
    /// Its aliases.
    pub aliases: Vec<Alias>,
    /// Its provisioned concurrency.
    pub provisioned: Vec<ProvisionedConcurrency>,
    /// The repository of its container image, where it is one.
    pub image: Option<String>,
    /// The event sources that invoke it, each with the alias it goes through.
    pub event_sources: Vec<(String, Option<String>)>,
    /// Who may invoke it, each with the alias the permission is for.
    pub permissions: Vec<(String, Option<String>)>,
}

/// Which version: `$LATEST` or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionId {
    /// The version that is still being worked on.
    Latest,
    /// A published version, which never changes.
    Number(u32),
}

/// A version of a function.
#[derive(Debug, Clone)]
pub struct Version {
    /// Which one it is.
    pub id: VersionId,
    /// Its ARN, with the version.
    pub arn: String,
    /// Its description.
    pub description: String,
    /// Its runtime, for example `python3.12`.
    pub runtime: String,
    /// Its entry point.
    pub handler: String,
    /// The ARN of its execution role.
    pub role: String,
    /// The ARN of its dead-letter queue.
    pub dead_letter: Option<String>,
    /// The longest a call may take, seconds.
    pub timeout_s: u32,
    /// Memory, MB.
    pub memory_mb: u32,
    /// The SHA-256 of its code, base64.
    pub code_sha256: String,
    /// The size of its code, bytes.
    pub code_size: u64,
    /// When it was published.
    pub last_modified: Timestamp,
    /// Whether it is made ready as a snapshot (`SnapStart`).
    pub snap_start: bool,
    /// Whether it can take calls.
    pub state: State,
    /// Changes whenever the version does.
    pub revision_id: String,
}

/// The state of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum State {
    /// It is being made ready.
    Pending,
    /// It takes calls.
    Active,
    /// It sleeps, and wakes at the next call.
    Inactive,
    /// It could not be made ready.
    Failed,
}

/// An alias: a name that points at one version or splits its calls between two.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its description.
    pub description: String,
    /// The primary version; it gets what the weights leave.
    pub function_version: VersionId,
    /// The share of additional versions, fractions from 0.0 to 1.0. AWS allows one.
    pub weights: BTreeMap<VersionId, f64>,
    /// Changes with every update.
    pub revision_id: String,
}

/// Execution environments that are kept ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionedConcurrency {
    /// The alias or version they belong to.
    pub qualifier: String,
    /// How many were asked for.
    pub requested: u32,
    /// When they are there.
    pub ready: Timestamp,
    /// When it was set.
    pub last_modified: Timestamp,
}

impl Function {
    /// The function a scenario describes, with no versions yet but `$LATEST`.
    pub(super) fn new(described: &FunctionSpec, world: &WorldSpec, opening: Timestamp) -> Self {
        let region = described.region.as_ref().unwrap_or(&world.region);
        let arn = format!("arn:aws:lambda:{region}:{}:function:{}", world.account, described.name);
        let aliases = described.aliases.iter().map(|alias| Alias {
            name: alias.name.clone(),
            arn: format!("{arn}:{}", alias.name),
            description: alias.description.clone(),
            function_version: VersionId::Number(alias.version),
            weights: spec::weights(&alias.weights),
            revision_id: random::uuid(&[world.seed, random::word(&described.name), random::word(&alias.name), 0]),
        });
        let provisioned = described.provisioned.iter().map(|provisioned| ProvisionedConcurrency {
            qualifier: provisioned.qualifier.clone(),
            requested: provisioned.requested,
            ready: provisioned.ready.map_or(world.past.before(opening), |ready| ready.from(opening)),
            last_modified: world.past.before(opening),
        });
        Self {
            name: described.name.clone(),
            region: region.clone(),
            tags: described.tags.clone(),
            versions: Vec::new(),
            aliases: aliases.collect(),
            provisioned: provisioned.collect(),
            image: described.image.clone(),
            event_sources: described.event_sources.iter().map(|text| two_words(text)).collect(),
            permissions: described.permissions.iter().map(|text| two_words(text)).collect(),
            arn,
        }
    }

    /// Publishes a version: `$LATEST` is what was published last.
    pub(super) fn publish(&mut self, version: &VersionSpec, spec: &FunctionSpec, world: &WorldSpec, at: Timestamp) {
        let id = VersionId::Number(version.number);
        let published = self.describe(id, version, spec, world, at);
        let latest = Version {
            id: VersionId::Latest,
            arn: format!("{}:$LATEST", self.arn),
            description: spec.description.clone(),
            state: State::Active,
            snap_start: false,
            revision_id: random::uuid(&[world.seed, random::word(&self.name), u64::from(version.number), 1]),
            ..published.clone()
        };
        self.versions.retain(|version| version.id != VersionId::Latest && version.id != id);
        self.versions.push(published);
        self.versions.push(latest);
        self.versions.sort_by_key(|version| version.id);
    }

    fn describe(
        &self,
        id: VersionId,
        version: &VersionSpec,
        spec: &FunctionSpec,
        world: &WorldSpec,
        at: Timestamp,
    ) -> Version {
        let name = random::word(&self.name);
        let role = version.role.as_ref().unwrap_or(&spec.role);
        let queue = version.dead_letter.as_ref().or(spec.dead_letter.as_ref());
        Version {
            id,
            arn: format!("{}:{id}", self.arn),
            description: version.description.clone(),
            runtime: version.runtime.as_ref().unwrap_or(&spec.runtime).clone(),
            handler: spec.handler.clone(),
            role: format!("arn:aws:iam::{}:role/{role}", world.account),
            dead_letter: queue.map(|queue| format!("arn:aws:sqs:{}:{}:{queue}", self.region, world.account)),
            timeout_s: u32::try_from(spec.timeout.as_secs()).unwrap_or(900),
            memory_mb: spec.memory_mb,
            code_sha256: random::sha256(&[world.seed, name, u64::from(version.number)]),
            code_size: 1_000_000 + name % 9_000_000 + u64::from(version.number) * 512,
            last_modified: at,
            snap_start: version.snap_start,
            state: version.state,
            revision_id: random::uuid(&[world.seed, name, u64::from(version.number)]),
        }
    }

    /// The version of this id.
    pub fn version(&self, id: VersionId) -> Result<&Version, Fault> {
        self.versions
            .iter()
            .find(|version| version.id == id)
            .ok_or_else(|| Fault::no_function(&format!("{}:{id}", self.arn)))
    }

    /// The alias of this name.
    pub fn alias(&self, name: &str) -> Result<&Alias, Fault> {
        self.aliases
            .iter()
            .find(|alias| alias.name == name)
            .ok_or_else(|| Fault::no_alias(&format!("{}:{name}", self.arn)))
    }

    /// The version a qualifier leads to: nothing and `$LATEST` to what is being worked on, an alias to its primary.
    pub fn qualified(&self, qualifier: Option<&str>) -> Result<&Version, Fault> {
        let Some(qualifier) = qualifier else { return self.version(VersionId::Latest) };
        if let Ok(id) = qualifier.parse() {
            return self.version(id);
        }
        let alias = self.aliases.iter().find(|alias| alias.name == qualifier);
        let alias = alias.ok_or_else(|| Fault::no_function(&format!("{}:{qualifier}", self.arn)))?;
        self.version(alias.function_version)
    }
}

/// Something, and after a space the alias it is about.
fn two_words(text: &str) -> (String, Option<String>) {
    let (first, alias) = text.split_once(' ').map_or((text, None), |(first, alias)| (first, Some(alias)));
    (first.to_owned(), alias.map(str::to_owned))
}

impl Alias {
    /// Whether an additional version gets calls.
    pub fn splits(&self) -> bool {
        self.weights.values().any(|weight| *weight > 0.0)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("$LATEST"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// The text is neither `$LATEST` nor a number.
#[derive(Debug, PartialEq, Eq)]
pub struct NoVersion;

impl FromStr for VersionId {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        if text == "$LATEST" {
            return Ok(Self::Latest);
        }
        text.parse().map(Self::Number).map_err(|_| NoVersion)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "Pending",
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Failed => "Failed",
        })
    }
}
