//! The world behind the embedded AWS: functions with their versions and traffic, the metrics of that traffic, alarms
//! and budgets that follow them. Time and requests come from outside; it does no I/O and knows no wire format.

mod alarm;
mod alias;
mod api;
mod balancer;
mod budget;
mod conduct;
mod disturbance;
mod endpoint;
mod fault;
mod function;
mod insights;
mod limiter;
mod metric;
mod modelled;
mod offset;
mod random;
mod routing;
mod series;
pub mod spec;
#[cfg(test)]
mod tests;
mod to_come;
mod traffic;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use alarm::{
    Alarm, AlarmEvent, AlarmEventKind, AlarmKind, AlarmSource, AlarmState, Comparison, MetricAlarm, TreatMissing,
};
pub use alias::AliasChange;
pub use api::{Api, Deployment, StageChange};
pub use balancer::{Balancer, Forward, Group, Listener, Rule};
pub use budget::Budget;
pub use disturbance::Disturbance;
pub use endpoint::EndpointAnswer;
pub use fault::Fault;
pub use function::{Alias, Function, NoVersion, ProvisionedConcurrency, State, Version, VersionId};
pub use metric::{MetricId, Observation, Statistic};
pub use offset::{Offset, OffsetError};
pub use spec::WorldSpec;

use alarm::Alarms;
use disturbance::Order;
use limiter::Limits;
use modelled::Modelled;
use routing::Routing;
use spec::FunctionSpec;
use to_come::Event;
use traffic::Traffic;

/// A world, at a moment.
#[derive(Debug)]
pub struct World {
    spec: WorldSpec,
    opening: Timestamp,
    now: Timestamp,
    functions: Vec<Function>,
    traffic: Traffic,
    /// The names of the metrics that scenarios derive from calls, in the order of the spec.
    derived: Vec<MetricId>,
    modelled: Modelled,
    apis: Vec<Api>,
    balancers: Vec<Balancer>,
    /// The region of the request that is being answered.
    here: String,
    alarms: Alarms,
    /// What will happen by itself, the next last.
    to_come: Vec<(Timestamp, Event)>,
    /// What Lambda allows to each region, once it was called there.
    limits: BTreeMap<String, Limits>,
    orders: Vec<Order>,
    updates: u64,
    /// How many requests health endpoints had.
    asked: u64,
}

impl World {
    /// The world of a scenario, opened at `now`. Its past exists at once.
    pub fn new(spec: &WorldSpec, now: Timestamp) -> Self {
        let spec = &spec.unfolded();
        let begins = spec.past.before(now);
        let others: Vec<FunctionSpec> = spec.balancers.iter().flat_map(spec::rules_as_functions).collect();
        let mut flow = spec.functions.len();
        let mut world = Self {
            opening: now,
            now,
            functions: spec.functions.iter().map(|function| Function::new(function, spec, now)).collect(),
            traffic: Traffic::new(spec.seed, now, begins, &spec.functions, &others),
            derived: spec.metrics.iter().map(derived_id).collect(),
            modelled: Modelled::new(spec),
            apis: spec.apis.iter().map(|api| Api::new(api, spec, now)).collect(),
            balancers: spec.balancers.iter().map(|balancer| Balancer::new(balancer, spec, &mut flow)).collect(),
            here: spec.region.clone(),
            alarms: Alarms::new(spec, now),
            to_come: to_come::events(spec, now),
            limits: BTreeMap::new(),
            orders: orders(spec, now),
            updates: 0,
            asked: 0,
            spec: spec.clone(),
        };
        for rule in world.balancers.iter().flat_map(Balancer::rules) {
            world.traffic.begin(rule.flow, 0, rule.routing());
        }
        world.happen();
        world
    }

    /// The requests that follow are for this region.
    pub fn enter(&mut self, region: &str) {
        if self.here != region {
            region.clone_into(&mut self.here);
        }
    }

    /// Whether the region that is asked is the world's own: what no scenario puts elsewhere is there.
    pub fn is_home(&self) -> bool {
        self.here == self.spec.region
    }

    /// Whether a region is switched off for this account.
    pub fn is_off(&self, region: &str) -> bool {
        self.spec.regions_off.iter().any(|off| off == region)
    }

    /// Whether IAM denies an action, such as `lambda:UpdateAlias`, to the caller.
    pub fn denies(&self, action: &str) -> bool {
        self.spec.denied.iter().any(|pattern| disturbance::matches(pattern, action))
    }

    /// When it opened.
    pub fn opening(&self) -> Timestamp {
        self.opening
    }

    /// What the scenario says of this world.
    pub fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// What a clock on the wall of this AWS shows.
    pub fn clock(&self) -> Timestamp {
        self.spec.clock_ahead.from(self.now)
    }

    /// Time has come this far: what was due happens, and alarms look at the minutes that have settled. It never goes
    /// back.
    pub fn advance(&mut self, now: Timestamp) {
        if now > self.now {
            self.now = now;
            self.happen();
            self.traffic.forget(now);
        }
        let mut alarms = std::mem::take(&mut self.alarms);
        alarms.evaluate(self);
        self.alarms = alarms;
    }

    /// Does what is due, each at its time.
    fn happen(&mut self) {
        while let Some((at, event)) = self.to_come.pop_if(|(at, _)| *at <= self.now) {
            match event {
                Event::Publish { function, version } => {
                    let spec = &self.spec.functions[function];
                    self.functions[function].publish(&spec.versions[version], spec, &self.spec, at);
                }
                Event::Activate { function, id } => {
                    let versions = self.functions[function].versions.iter_mut();
                    versions.filter(|version| version.id == id).for_each(|version| version.state = State::Active);
                }
                Event::Shift { function, alias, shift } => {
                    let mut changed = self.functions[function].aliases[alias].clone();
                    changed.function_version = VersionId::Number(shift.version);
                    changed.weights = spec::weights(&shift.weights);
                    self.replace_alias(function, alias, changed, at);
                }
            }
        }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The twelve digits of the account.
    pub fn account(&self) -> &str {
        &self.spec.account
    }

    /// The region that is asked.
    pub fn region(&self) -> &str {
        &self.here
    }

    /// Who calls, as an ARN.
    pub fn caller_arn(&self) -> &str {
        &self.spec.caller
    }

    /// Who calls, as the unique id that STS shows: that of the role, and the name of the session.
    pub fn caller_id(&self) -> String {
        let session = self.spec.caller.rsplit('/').next().unwrap_or_default();
        let id = random::uuid(&[self.spec.seed, random::word(&self.spec.caller)]).replace('-', "").to_uppercase();
        format!("AROA{}:{session}", &id[..17])
    }

    /// Counts a call of Lambda's control plane, or refuses it: 15 a second in world time.
    pub fn control_plane_call(&mut self) -> Result<(), Fault> {
        let now = self.now;
        self.limits().control_plane.take(now)
    }

    /// Counts a call of `GetFunction`, which has its own limit: 100 a second in world time.
    pub fn get_function_call(&mut self) -> Result<(), Fault> {
        let now = self.now;
        self.limits().get_function.take(now)
    }

    fn limits(&mut self) -> &mut Limits {
        let opening = self.opening;
        self.limits.entry(self.here.clone()).or_insert_with(|| Limits::new(opening))
    }

    /// All functions of the region that is asked, in the order in which AWS lists them.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(|function| function.region == self.here)
    }

    /// A function by its name or ARN; a qualifier at its end is passed over.
    pub fn function(&self, name: &str) -> Result<&Function, Fault> {
        self.locate(name).map(|(index, _)| &self.functions[index])
    }

    /// A version by its number, `$LATEST` or an alias. The name may carry the qualifier at its end.
    pub fn version(&self, name: &str, qualifier: Option<&str>) -> Result<&Version, Fault> {
        let (index, suffix) = self.locate(name)?;
        self.functions[index].qualified(qualifier.or(suffix))
    }

    /// An alias of a function.
    pub fn alias(&self, name: &str, alias: &str) -> Result<&Alias, Fault> {
        self.function(name)?.alias(alias)
    }

    /// Changes an alias by AWS's rules. Calls follow within seconds.
    pub fn update_alias(&mut self, name: &str, alias: &str, change: &AliasChange) -> Result<&Alias, Fault> {
        let (index, _) = self.locate(name)?;
        let function = &self.functions[index];
        let changed = alias::changed(function, alias, change)?;
        let at = function.aliases.iter().position(|known| known.name == changed.name).unwrap_or_default();
        self.replace_alias(index, at, changed, self.now);
        Ok(&self.functions[index].aliases[at])
    }

    fn replace_alias(&mut self, function: usize, alias: usize, mut changed: Alias, at: Timestamp) {
        self.updates += 1;
        changed.revision_id = random::uuid(&[self.spec.seed, random::word(&changed.arn), self.updates]);
        self.traffic.route(function, alias, at, Routing::of(&changed));
        self.functions[function].aliases[alias] = changed;
    }

    /// The provisioned concurrency of an alias or a version.
    pub fn provisioned_concurrency(&self, name: &str, qualifier: &str) -> Result<&ProvisionedConcurrency, Fault> {
        let function = self.function(name)?;
        function.qualified(Some(qualifier))?;
        let mut all = function.provisioned.iter();
        all.find(|provisioned| provisioned.qualifier == qualifier).ok_or_else(Fault::no_provisioned_concurrency)
    }

    /// The tags of a function.
    pub fn tags(&self, arn: &str) -> Result<&BTreeMap<String, String>, Fault> {
        self.function(arn).map(|function| &function.tags)
    }

    /// All alarms, metric alarms first.
    pub fn alarms(&self) -> &[Alarm] {
        self.alarms.all()
    }

    /// What happened to the alarms, oldest first.
    pub fn alarm_history(&self) -> &[AlarmEvent] {
        self.alarms.history()
    }

    /// Sets an alarm's state by hand. It stays until an evaluation comes to something else.
    pub fn set_alarm_state(
        &mut self,
        name: &str,
        state: AlarmState,
        reason: &str,
        reason_data: &str,
    ) -> Result<(), Fault> {
        self.alarms.set(name, state, reason, reason_data, self.now)
    }

    /// All budgets with their present figures.
    pub fn budgets(&self) -> Vec<Budget> {
        let calls = self.traffic.calls_per_minute();
        self.spec.budgets.iter().map(|spec| Budget::at(spec, self.opening, self.now, calls)).collect()
    }

    /// What an operation gets instead of its answer, if something was ordered.
    pub fn next_fault(&mut self, operation: &str) -> Option<Disturbance> {
        disturbance::take(&mut self.orders, operation, self.now)
    }

    /// Orders a disturbance for operations that fit `operation` (`*` stands for any letters), so many times or for
    /// ever.
    pub fn disturb(&mut self, operation: &str, disturbance: Disturbance, times: Option<u32>) {
        let operation = operation.to_owned();
        self.orders.push(Order { operation, disturbance, from: self.now, until: Timestamp::MAX, left: times });
    }

    /// Ends all disturbances.
    pub fn calm(&mut self) {
        self.orders.clear();
    }

    fn first_minute(&self) -> i64 {
        self.spec.past.before(self.opening).as_second().div_euclid(60)
    }

    /// A function by what a scenario calls it.
    fn index_of(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|function| function.name == name)
    }

    /// A function by its name in a region.
    fn index_in(&self, region: &str, name: &str) -> Option<usize> {
        self.functions.iter().position(|function| function.name == name && function.region == region)
    }

    /// The place among all traffic of a function, or of a rule of a load balancer.
    fn flow_of(&self, name: &str) -> Option<usize> {
        let rules = || self.balancers.iter().flat_map(Balancer::rules);
        self.index_of(name).or_else(|| rules().find(|rule| rule.spec.name == name).map(|rule| rule.flow))
    }

    /// A function by name, `account:function:name` or ARN, each with or without a qualifier at its end.
    fn locate<'a>(&self, name: &'a str) -> Result<(usize, Option<&'a str>), Fault> {
        let (here, rest) = match name.rsplit_once("function:") {
            None => (true, name),
            Some((place, rest)) => {
                let account = format!("{}:", self.spec.account);
                let arn = format!("arn:aws:lambda:{}:{account}", self.here);
                (place == account || place == arn, rest)
            }
        };
        let (plain, qualifier) = rest.split_once(':').map_or((rest, None), |(plain, after)| (plain, Some(after)));
        let missing = || {
            let arn = format!("arn:aws:lambda:{}:{}:function:{plain}", self.here, self.spec.account);
            Fault::no_function(if here { &arn } else { name })
        };
        let index = self.index_in(&self.here, plain).filter(|_| here).ok_or_else(missing)?;
        Ok((index, qualifier))
    }
}

fn derived_id(spec: &spec::DerivedMetricSpec) -> MetricId {
    MetricId { namespace: spec.namespace.clone(), name: spec.name.clone(), dimensions: spec.dimensions.clone() }
}

fn orders(spec: &WorldSpec, opening: Timestamp) -> Vec<Order> {
    let order = |spec: &spec::DisturbanceSpec| {
        let from = spec.at.from(opening);
        Order {
            operation: spec.operation.clone(),
            disturbance: spec.answer,
            from,
            until: spec.lasts.map_or(Timestamp::MAX, |lasts| lasts.from(from)),
            left: spec.times,
        }
    };
    spec.disturbances.iter().map(order).collect()
}
