//! What is read when. Every reader has its own period in world time, nothing is asked twice at once, and nothing is
//! asked faster than it changes.

use jiff::SignedDuration;

use super::{
    App, Errand,
    deck::{Deck, Function, Whereabouts},
    event::{Effect, Pace, Read, Ticket},
    reading::Reading,
    sides::Sides,
    view::Overlay,
};
use crate::{clock::Now, config::Environment, release::names::Mover};

pub use crate::app::metric_schedule::MetricSchedule;

/// Aliases of the functions in release.
const ALIAS_IN_RELEASE: SignedDuration = SignedDuration::from_secs(5);
/// Aliases to which a write of a killed program may still be on its way, after a rollback.
const ALIAS_IN_DOUBT: SignedDuration = SignedDuration::from_secs(1);
/// Other aliases.
const ALIAS_AT_REST: SignedDuration = SignedDuration::from_secs(30);
/// Versions and provisioned concurrency change when somebody deploys.
const VERSIONS: SignedDuration = SignedDuration::from_mins(5);
/// Who we are does not change, but credentials do.
const CALLER: SignedDuration = SignedDuration::from_mins(10);
/// Alarms evaluate once a minute or slower; `DescribeAlarms` is limited to 9 a second for everybody.
const ALARMS: SignedDuration = SignedDuration::from_secs(15);
/// AWS recomputes budgets two or three times a day.
const BUDGETS: SignedDuration = SignedDuration::from_hours(1);

/// What is read in this run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything, again and again.
    Cockpit,
    /// Everything once.
    Status,
    /// What a forward plan needs.
    Shift,
    /// A release or a watch without a screen: everything but budgets, again and again.
    Release,
    /// Only aliases, record and caller, and which deployments a stage has: nothing waits for those but what is said of a
    /// stage that was left alone, and a person who names one.
    RollBack,
}

impl Scope {
    fn versions(self, of: Mover) -> bool {
        match self {
            Self::Cockpit | Self::Status | Self::Shift | Self::Release => true,
            Self::RollBack => of == Mover::Stage,
        }
    }

    fn provisioned(self) -> bool {
        matches!(self, Self::Cockpit)
    }

    /// Whether the versions of a release are looked at by themselves.
    fn sides(self) -> bool {
        matches!(self, Self::Cockpit | Self::Release)
    }

    /// Whether pre-stages are read: a plan for a shift reads them itself.
    pub(super) fn pre_stages(self) -> bool {
        matches!(self, Self::Cockpit | Self::Release | Self::RollBack)
    }

    /// Whether metrics, alarms and budgets are read.
    fn health(self) -> bool {
        matches!(self, Self::Cockpit | Self::Status | Self::Release)
    }
}

impl Deck {
    /// An environment of which nothing is known yet.
    pub fn new(environment: Environment, place: Whereabouts) -> Self {
        let functions = environment.functions.iter().map(Function::new).collect();
        Self {
            place,
            environment,
            caller: Reading::every(CALLER),
            functions,
            alarms: Reading::every(ALARMS),
            budgets: Reading::every(BUDGETS),
            metrics_asked: 0,
            recalled: None,
        }
    }
}

impl Function {
    /// A function of which nothing is known yet.
    pub fn new(settings: &crate::config::FunctionSettings) -> Self {
        Self {
            target: settings.target.clone(),
            expect_traffic: settings.expect_traffic,
            alias: Reading::every(ALIAS_AT_REST),
            first: Reading::every(ALIAS_AT_REST),
            versions: Reading::every(VERSIONS),
            aliases: Reading::every(VERSIONS),
            provisioned: Reading::every(VERSIONS),
            sides: Sides::default(),
            memory: crate::release::memory::Memory::default(),
            picked: None,
        }
    }
}

impl App {
    /// Asks for everything that is due.
    pub(super) fn ask(&mut self, now: Now) -> Vec<Effect> {
        if self.leaving {
            return Vec::new();
        }
        let mut effects = Vec::new();
        self.ask_who_and_what_was(now, &mut effects);
        // While a rollback runs, no other Lambda call competes with it for AWS's 15 a second.
        if self.is_rolling_back() {
            effects.extend(self.ask_owed(now));
        } else {
            self.ask_lambda(now, &mut effects);
        }
        if self.scope.health() {
            self.ask_health(now, &mut effects);
        }
        effects
    }

    fn ask_who_and_what_was(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.deck.caller.is_due(now.world) {
            let ticket = self.ticket(Errand::Reading);
            self.deck.caller.ask(ticket);
            effects.push(Effect::Read(ticket, Read::Caller));
        }
        if let Some(account) = self.account_of_record() {
            effects.extend(self.ask_for_unsettled(&account, now));
        }
        // What is still being written down is read only afterwards.
        let is_busy = self.errands.values().any(|errand| matches!(errand, Errand::Recall | Errand::Note));
        if self.deck.recalled.is_none()
            && !is_busy
            && !self.is_moving()
            && let Some(account) = self.account_of_record()
        {
            let targets = self.deck.functions.iter().map(|function| function.target.clone()).collect();
            let ticket = self.ticket(Errand::Recall);
            effects.push(Effect::Read(ticket, Read::Recall(account, targets)));
        }
    }

    /// Whose record to read. Where neither STS nor any alias says which account this is, there is one for that too.
    pub(super) fn account_of_record(&self) -> Option<String> {
        let deck = &self.deck;
        let nobody_knows = deck.caller.trouble().is_some() && deck.functions.iter().all(|f| f.alias.is_answered());
        deck.account().map(str::to_owned).or_else(|| nobody_knows.then(String::new))
    }

    fn ask_lambda(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let detail = match &self.view.overlay {
            Some(Overlay::Detail(detail)) => Some(detail.target.clone()),
            _ => None,
        };
        let (scope, unsure, is_looking) = (self.scope, self.unsure(), self.second_look.is_some());
        let firsts: Vec<_> = self.deck.functions.iter().map(|function| self.read_first(&function.target)).collect();
        for (index, first) in firsts.into_iter().enumerate() {
            let ticket = Ticket(self.next_ticket + 1);
            let is_planned = self.is_read_for_plan(&self.deck.functions[index].target);
            let is_unsure = unsure.contains(&self.deck.functions[index].target);
            let function = &mut self.deck.functions[index];
            let period = match function.entry() {
                _ if is_unsure => ALIAS_IN_DOUBT,
                Some(_) => ALIAS_IN_RELEASE,
                None => ALIAS_AT_REST,
            };
            let pace = if is_unsure || is_looking { Pace::Urgent } else { Pace::Routine };
            function.alias.set_period(period, now.world);
            let target = function.target.clone();
            let mut due = Vec::new();
            let entry = function.entry().filter(|_| scope.sides()).cloned();
            let due_side = function.sides.due(entry.as_ref(), now.world);
            if function.alias.is_due(now.world) {
                function.alias.ask(ticket);
                due.push(Read::Alias(target.clone(), pace));
            } else if let Some(first) = first.filter(|_| function.first.is_due(now.world)) {
                function.first.ask(ticket);
                due.push(Read::Alias(first, Pace::Routine));
            } else if scope.versions(target.kind)
                && !is_planned
                && function.alias.is_answered()
                && function.versions.is_due(now.world)
            {
                function.versions.ask(ticket);
                due.push(Read::Versions(target.clone()));
            } else if scope.provisioned() && function.versions.is_answered() && function.provisioned.is_due(now.world) {
                function.provisioned.ask(ticket);
                due.push(Read::Provisioned(target.clone()));
            } else if let Some(version) = due_side {
                function.sides.ask(version, ticket);
                due.push(Read::Version(target, version));
            } else if detail.as_ref() == Some(&target) && function.aliases.is_due(now.world) {
                function.aliases.ask(ticket);
                due.push(Read::Aliases(target));
            }
            for read in due {
                let ticket = self.ticket(Errand::Reading);
                effects.push(Effect::Read(ticket, read));
            }
        }
    }

    fn ask_health(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.deck.environment.alarms.is_empty() && self.deck.alarms.is_due(now.world) {
            let ticket = self.ticket(Errand::Reading);
            self.deck.alarms.ask(ticket);
            effects.push(Effect::Read(ticket, Read::Alarms));
        }
        if self.scope != Scope::Release
            && !self.deck.environment.budgets.is_empty()
            && self.deck.budgets.is_due(now.world)
            && let Some(caller) = self.deck.caller.value()
        {
            let account = caller.account.clone();
            let ticket = self.ticket(Errand::Reading);
            self.deck.budgets.ask(ticket);
            effects.push(Effect::Read(ticket, Read::Budgets(account)));
        }
        for question in self.due_metrics(now) {
            let ticket = self.ticket(Errand::Metrics);
            effects.push(Effect::Read(ticket, Read::Metrics(question)));
        }
    }

    /// Gives up the Lambda reads that are on their way, because traffic is moved back now.
    pub(super) fn drop_lambda_reads(&mut self) -> Option<Effect> {
        let mut tickets: Vec<Ticket> = Vec::new();
        for function in &mut self.deck.functions {
            tickets.extend(function.alias.give_up());
            tickets.extend(function.first.give_up());
            tickets.extend(function.versions.give_up());
            tickets.extend(function.aliases.give_up());
            tickets.extend(function.provisioned.give_up());
            tickets.extend(function.sides.give_up());
        }
        let planning = self.errands.iter().filter(|(_, errand)| matches!(errand, Errand::Planning(_) | Errand::Around));
        tickets.extend(planning.map(|(ticket, _)| *ticket));
        self.errands.retain(|ticket, _| !tickets.contains(ticket));
        (!tickets.is_empty()).then_some(Effect::Drop(tickets))
    }

    /// Makes everything due at once: Ctrl-R. A record that could not be read is read again, too.
    pub(super) fn hurry(&mut self) {
        if self.deck.recalled.as_ref().is_some_and(Result::is_err) {
            self.deck.recalled = None;
        }
        self.deck.caller.hurry();
        self.deck.alarms.hurry();
        self.deck.budgets.hurry();
        for function in &mut self.deck.functions {
            function.alias.hurry();
            function.first.hurry();
            function.versions.hurry();
            function.provisioned.hurry();
            function.aliases.hurry();
        }
    }

    /// Whether everything in this run's scope has been answered once, well or badly.
    pub fn is_read_once(&self) -> bool {
        let deck = &self.deck;
        let functions = deck.functions.iter().all(|f| f.alias.is_answered() && f.versions.is_answered());
        let alarms = deck.environment.alarms.is_empty() || deck.alarms.is_answered();
        // Budgets are asked for by account: without one there is nobody to ask.
        let has_no_account = deck.caller.is_answered() && deck.caller.value().is_none();
        let budgets = deck.environment.budgets.is_empty() || deck.budgets.is_answered() || has_no_account;
        let rest = self.are_metrics_read_once() && self.are_probes_answered();
        deck.caller.is_answered() && deck.recalled.is_some() && functions && alarms && budgets && rest
    }

    /// Whether enough is known to plan a shift: who we are, what was, every alias and its versions.
    pub fn is_ready_to_plan(&self) -> bool {
        let is_read = |f: &Function| f.alias.trouble().is_some() || f.alias.is_answered() && f.versions.is_answered();
        self.is_ready_to_roll_back() && self.deck.functions.iter().all(is_read)
    }

    /// Whether enough is known to roll back: who we are, what was, and every alias.
    pub fn is_ready_to_roll_back(&self) -> bool {
        let deck = &self.deck;
        let is_recalled = deck.recalled.is_some();
        let is_read =
            |f: &Function| f.alias.is_answered() && (f.first.is_answered() || self.read_first(&f.target).is_none());
        deck.caller.is_answered() && deck.functions.iter().all(is_read) && is_recalled && !self.asks_for_unsettled()
    }

    /// Whether a function's alias could not be read at all.
    pub fn is_unreadable(&self, target: &crate::release::names::Target) -> bool {
        self.deck.function(target).is_none_or(|f| f.alias.value().is_none() && f.alias.trouble().is_some())
    }
}
