//! The AWS of the bench: aliases that every bench in front of it shares, and its answers.

use super::*;
use crate::release::surroundings::{
    Surroundings,
    permissions::{Decision, Permission},
};

/// An alias as it stands in AWS.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub routing: Routing,
    pub revision: u32,
    pub description: String,
}

impl Standing {
    pub fn new(text: &str) -> Self {
        Self { routing: routing(text), revision: 1, description: String::new() }
    }
}

impl Bench {
    pub(super) fn read(&self, read: Read) -> Reply {
        match read {
            Read::Caller => Reply::Caller(Ok(Caller {
                account: self.account.clone(),
                arn: format!("arn:aws:sts::{}:assumed-role/oncall/ada", self.account),
            })),
            Read::Alias(target, _) if self.unreadable.contains(&target) => {
                Reply::Alias(target, Err(trouble(Trouble::Denied)))
            }
            Read::Alias(target, _) => {
                let is_gone = self.gone.contains(&target) || !self.aliases.borrow().contains_key(&target);
                let alias = if is_gone { Err(trouble(Trouble::NotFound)) } else { Ok(self.alias(&target)) };
                Reply::Alias(target, alias)
            }
            Read::Versions(name) => Reply::Versions(name, Ok(self.versions.clone())),
            Read::Version(name, wanted) => {
                let found = self.versions.iter().find(|info| info.version == wanted).cloned();
                Reply::Version(name, wanted, found.ok_or_else(|| trouble(Trouble::NotFound)))
            }
            Read::Aliases(name) => Reply::Aliases(name, Ok(Vec::new())),
            Read::Provisioned(target) => Reply::Provisioned(target, Ok(self.provisioned.clone())),
            Read::Around(target, ..) => {
                Reply::Around(target, Box::new(self.outside.around.clone().unwrap_or_else(Surroundings::nothing)))
            }
            Read::Deployments(_) => Reply::Deployments(Ok(self.outside.deployments.clone())),
            Read::Permissions(_, calls) => {
                let decision = self.outside.decision.unwrap_or(Decision::Allowed);
                let permission = |call| Permission { call, decision };
                Reply::Permissions(Ok(calls.into_iter().map(permission).collect()))
            }
            Read::Metrics(question) => Reply::Metrics(question, Ok(Answer { series: Vec::new() }), 0),
            Read::Alarms => Reply::Alarms(Ok(self.outside.alarms.clone())),
            Read::Probe(probe) => self.outside.answer_probe(&probe, self.now),
            Read::Command(command) => self.outside.answer_command(&command, self.now),
            Read::Budgets(_) => Reply::Budgets(Ok(Vec::new())),
            Read::Recall(_, targets) => {
                let found = self.journal.iter().filter(|(target, _)| targets.contains(target));
                Reply::Recalled(found.map(|(target, memory)| (target.clone(), memory.clone())).collect(), None)
            }
            Read::Unsettled(_) => Reply::Unsettled(Ok(self.unsettled.clone())),
            Read::History(..) => Reply::History(Ok(self.past.clone())),
            Read::Process(number) => Reply::Process(self.outside.processes.get(&number).copied()),
        }
    }

    pub(super) fn alias(&self, target: &Target) -> Alias {
        let standing = self.aliases.borrow()[target].clone();
        let revision = RevisionId::new(format!("r{}", standing.revision));
        let Standing { routing, description, .. } = standing;
        let setting = match target.kind {
            Mover::Stage => Setting::Stage(StageSetting { canary_percent: None, stack: None }),
            Mover::Alias | Mover::Rule => Setting::Alias,
        };
        Alias { routing, revision, description, account: Some(self.account.clone()), setting }
    }

    pub(super) fn write(
        &mut self,
        target: &Target,
        routing: Routing,
        revision: &str,
        description: Option<&str>,
    ) -> Result<Receipt, CloudError> {
        let weather = self.troubles.get_mut(target).and_then(VecDeque::pop_front);
        let is_stale = self.alias(target).revision.as_str() != revision;
        if !is_stale && weather.is_none_or(|(_, takes_effect)| takes_effect) {
            self.set(target, routing, description);
        }
        match weather {
            Some((kind, _)) => Err(trouble(kind)),
            None if is_stale => Err(trouble(Trouble::Stale)),
            None => Ok(Receipt {
                alias: self.alias(target),
                request_id: Some("req-1".into()),
                unrecorded: self.unrecorded.clone(),
            }),
        }
    }

    pub(super) fn set(&self, target: &Target, routing: Routing, description: Option<&str>) {
        let mut aliases = self.aliases.borrow_mut();
        let standing = aliases.get_mut(target).unwrap();
        (standing.routing, standing.revision) = (routing, standing.revision + 1);
        if let Some(description) = description {
            description.clone_into(&mut standing.description);
        }
    }

    /// Somebody else's program on another machine, in front of the same AWS. It has read everything.
    pub(super) fn neighbour(&self, owner: &str) -> Self {
        let mut other = Self::with(|environment| environment.clone_from(&self.app.deck.environment));
        other.aliases = Rc::clone(&self.aliases);
        owner.clone_into(&mut other.app.deck.place.owner);
        other.now = self.now;
        other.check("ctrl-r");
        other.settle();
        other.log.clear();
        other
    }

    /// Somebody else changes an alias.
    pub(super) fn somebody_sets(&mut self, name: &str, text: &str) {
        self.set(&target(name), routing(text), None);
    }
}
