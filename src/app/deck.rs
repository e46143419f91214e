//! What is known about one environment: identity, functions, metrics, alarms, budgets, memory.

use jiff::{SignedDuration, Timestamp};

use super::{reading::Reading, sides::Sides};
use crate::{
    config::{AlarmRule, Environment},
    release::{
        candidates,
        error::{CloudError, Trouble},
        facts::{Alarm, Alias, AliasPointer, Budget, Caller, ProvisionedConcurrency, Setting, VersionInfo},
        memory::{Entry, Memory},
        names::{Mover, Target, Version},
        routing::{Routing, Split},
    },
};

/// Who and where we are, as far as it does not come from AWS's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Whereabouts {
    /// The AWS region.
    pub region: String,
    /// The endpoint if it is not AWS: shown as a loud badge.
    pub endpoint: Option<String>,
    /// Set where this is an embedded world: its scenario's name.
    pub embedded: Option<String>,
    /// Writes are refused.
    pub read_only: bool,
    /// World seconds in a wall second; 1 outside embedded worlds.
    pub speed: f64,
    /// How this program is called here, with the flags that choose the same place: `flightdeck -e staging`.
    pub program: String,
    /// The operating system's name of the person.
    pub os_user: String,
    /// This run of the program, such as `ada@laptop/4711`: the name under which it owns a release.
    pub owner: String,
}

/// Everything known about the environment on screen.
#[derive(Debug)]
pub struct Deck {
    /// Where this is.
    pub place: Whereabouts,
    /// What the configuration says of it.
    pub environment: Environment,
    /// Who we are.
    pub caller: Reading<Caller>,
    /// The functions, in the configuration's order.
    pub functions: Vec<Function>,
    /// The alarms that the configuration asks for.
    pub alarms: Reading<Vec<Alarm>>,
    /// The budgets that the configuration asks for.
    pub budgets: Reading<Vec<Budget>>,
    /// Metrics requested so far, as CloudWatch bills them.
    pub metrics_asked: u64,
    /// Whether what is remembered has been read; an error is a sentence for a person.
    pub recalled: Option<Result<(), String>>,
}

/// Everything known about one function.
#[derive(Debug)]
pub struct Function {
    /// The function and alias.
    pub target: Target,
    /// Whether having no calls is worth a remark.
    pub expect_traffic: bool,
    /// Its alias.
    pub alias: Reading<Alias>,
    /// The other alias that goes first, where the configuration names a pre-stage.
    pub first: Reading<Alias>,
    /// Its versions.
    pub versions: Reading<Vec<VersionInfo>>,
    /// All its aliases.
    pub aliases: Reading<Vec<AliasPointer>>,
    /// Provisioned concurrency of its alias.
    pub provisioned: Reading<Option<ProvisionedConcurrency>>,
    /// The versions of its release, each looked at by itself.
    pub sides: Sides,
    /// What is remembered of it.
    pub memory: Memory,
    /// The version picked by hand as the candidate.
    pub picked: Option<Version>,
}

impl Function {
    /// The release it is part of, if any: on record, and its new version gets traffic. Before the alias was first
    /// read the record is believed.
    pub fn entry(&self) -> Option<&Entry> {
        match self.alias.value() {
            Some(alias) => self.memory.active(&alias.routing),
            None => self.memory.release.as_ref(),
        }
    }

    /// Stable, new and the new version's share, where traffic is split or a release is on record.
    /// Weights that AWS sets by itself while provisioned concurrency moves are nobody's split.
    pub fn split(&self) -> Option<Split> {
        let alias = self.alias.value()?;
        let moving = self.provisioned.value().and_then(Option::as_ref).is_some_and(|pc| pc.status == "IN_PROGRESS");
        let entry = self.entry();
        if moving && entry.is_none() {
            return None;
        }
        alias.routing.read(entry.map(|entry| (entry.stable, entry.new)))
    }

    /// Whether the function is there and its alias is not: a release could neither move it nor take it back.
    pub fn has_no_alias(&self) -> bool {
        let is_gone = self.alias.trouble().is_some_and(|(error, _)| error.kind == Trouble::NotFound);
        let is_function = self.target.kind == Mover::Alias && self.versions.value().is_some();
        is_gone && is_function && self.alias.value().is_none()
    }

    /// Why it is not known whether it carries a release record, where the tag for it could not be read.
    pub fn untold(&self) -> Option<&CloudError> {
        match &self.alias.value()?.setting {
            Setting::Rule(rule) => rule.untold.as_deref(),
            Setting::Alias | Setting::Stage(_) => None,
        }
    }

    /// What is said of traffic that is split while no release is on record: whose split it is nobody knows here.
    pub fn split_of_nobody(&self) -> Option<String> {
        let routing = self.alias.value()?.routing;
        self.split().filter(|_| self.entry().is_none())?;
        let noun = candidates::noun(self.target.kind);
        let why = self.untold().map(|why| format!(" (its tag could not be read: {why})")).unwrap_or_default();
        Some(format!(
            "{}: somebody else split the traffic ({routing}) and no release is on record here{why}: which {noun} is \
             stable is not known; take it back with --to, or release where that was begun",
            self.target
        ))
    }

    /// Whether its traffic is split between two target groups and nothing says which of them is the stable one.
    pub fn is_guessed(&self) -> bool {
        self.target.kind == Mover::Rule && self.split_of_nobody().is_some()
    }

    /// The version that has the traffic, or keeps it if the release is rolled back.
    pub fn stable(&self) -> Option<Version> {
        let alias = self.alias.value()?;
        Some(self.split().map_or(alias.routing.primary, |split| split.stable))
    }

    /// The version in traffic beside the stable one, or the one that waits.
    pub fn new_version(&self) -> Option<Version> {
        self.split().map(|split| split.new).or_else(|| self.candidate().ok())
    }

    /// The new version's share in percent, 0 while it waits.
    pub fn percent(&self) -> f64 {
        self.split().map_or(0.0, |split| split.percent)
    }

    /// Outside a release: the version to release next, or why there is none. It is the one picked by hand, else the
    /// newest above stable, unless that one was rolled back before: then somebody has to choose.
    pub fn candidate(&self) -> Result<Version, String> {
        let live = self.alias.value().map(|alias| alias.routing);
        if let Some(picked) = self.picked.filter(|picked| live != Some(Routing::only(*picked))) {
            return Ok(picked);
        }
        let live = live.ok_or_else(|| format!("the {} has not been read yet", self.target.kind.noun()))?;
        let versions = self.versions.value().ok_or("the versions have not been read yet")?;
        candidates::next(self.target.kind, versions, &live, &self.memory.withdrawn)
    }

    /// A newer version than the one being released, if there is one.
    pub fn newer_exists(&self) -> Option<Version> {
        let new = self.entry()?.new;
        candidates::newest_above(self.versions.value()?, new)
    }

    /// What `ListVersionsByFunction` said of a version.
    pub fn version_info(&self, version: Version) -> Option<&VersionInfo> {
        self.versions.value()?.iter().find(|info| info.version == version)
    }
}

impl Deck {
    /// The functions of the release under way.
    pub fn in_release(&self) -> impl Iterator<Item = (&Function, &Entry)> {
        self.functions.iter().filter_map(|function| Some((function, function.entry()?)))
    }

    /// The release that a function is part of: its new version gets traffic, or it waits for the stage of 100 %.
    pub fn part<'a>(&'a self, function: &'a Function) -> Option<&'a Entry> {
        function.entry().or_else(|| self.waiting(function))
    }

    /// The part of a function that cannot be split and has not been moved yet, in a release that has begun elsewhere.
    pub fn waiting<'a>(&self, function: &'a Function) -> Option<&'a Entry> {
        let is_waiting = |entry: &&Entry| entry.whole && entry.shifts.is_empty() && function.entry().is_none();
        let entry = function.memory.release.as_ref().filter(is_waiting)?;
        self.in_release().any(|(_, other)| other.id == entry.id).then_some(entry)
    }

    /// The functions of the release under way, with those that wait for its stage of 100 %.
    pub fn of_release(&self) -> impl Iterator<Item = (&Function, &Entry)> {
        self.functions.iter().filter_map(|function| Some((function, self.part(function)?)))
    }

    /// What each of its functions is: there may be rules and stages among them.
    pub fn kinds(&self) -> impl Iterator<Item = Mover> {
        self.functions.iter().map(|function| function.target.kind)
    }

    /// Whether the alarms have been read, or there are none to read.
    pub fn alarms_are_known(&self) -> bool {
        self.environment.alarms.is_empty() || self.alarms.is_answered()
    }

    /// Whether any function is in a release.
    pub fn is_releasing(&self) -> bool {
        self.in_release().next().is_some()
    }

    /// The function of a target.
    pub fn function(&self, target: &Target) -> Option<&Function> {
        self.functions.iter().find(|function| function.target == *target)
    }

    /// The function of a target, to be changed.
    pub fn function_mut(&mut self, target: &Target) -> Option<&mut Function> {
        self.functions.iter_mut().find(|function| function.target == *target)
    }

    /// The region of a target.
    pub fn region_of<'a>(&'a self, target: &'a Target) -> &'a str {
        target.region.as_ref().unwrap_or(&self.place.region)
    }

    /// The account: the caller's, or while STS has not answered the one in an alias' ARN.
    pub fn account(&self) -> Option<&str> {
        match self.caller.value() {
            Some(caller) => Some(&caller.account),
            None if self.caller.trouble().is_some() => self.account_of_aliases(),
            None => None,
        }
    }

    pub(super) fn account_of_aliases(&self) -> Option<&str> {
        self.functions.iter().find_map(|function| function.alias.value()?.account.as_deref())
    }

    /// Why nothing may be written here at all: read-only mode, or the wrong account. `None` where writes may go out.
    pub fn write_ban(&self) -> Option<String> {
        if self.place.read_only {
            return Some("read-only mode: nothing is written; start without --read-only to move traffic".to_owned());
        }
        let wanted = self.environment.account.as_ref()?;
        let is_other = |found: &str| {
            format!(
                "wrong account: {} must be {wanted}, but these credentials belong to {found}; nothing is written",
                self.environment.name
            )
        };
        // An alias that was read says whose it is: while STS is silent a rollback need not wait for it.
        match self.account().or_else(|| self.account_of_aliases()) {
            Some(found) if found == wanted => None,
            Some(found) => Some(is_other(found)),
            None => Some(format!(
                "the account is not known yet ({wanted} is required); nothing is written until STS answers"
            )),
        }
    }

    /// Alarms and budgets that the configuration names and AWS does not have: a misspelt name must not look like good
    /// news. Empty while they have not been read.
    pub fn missing(&self) -> Vec<String> {
        let alarms = self.alarms.value().map(|alarms| {
            let absent = |rule: &&AlarmRule| !alarms.iter().any(|alarm| rule.fits(alarm));
            let rules = self.environment.alarms.iter().filter(absent);
            let region = |rule: &AlarmRule| rule.region().map(|region| format!("{region}/")).unwrap_or_default();
            let words = |rule: &AlarmRule| Some(format!("alarm {}{}", region(rule), rule.matches.name()?));
            rules.filter_map(words).collect::<Vec<_>>()
        });
        let budgets = self.budgets.value().map(|budgets| {
            let names = self.environment.budgets.iter().map(|settings| &settings.name);
            let absent = names.filter(|name| !budgets.iter().any(|budget| budget.name == **name));
            absent.map(|name| format!("budget {name}")).collect::<Vec<_>>()
        });
        alarms.into_iter().chain(budgets).flatten().collect()
    }

    /// How old what was read of aliases and alarms is: the oldest of it.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let aliases = self.functions.iter().filter_map(|function| function.alias.age(now));
        aliases.chain(self.alarms.age(now)).max()
    }
}
