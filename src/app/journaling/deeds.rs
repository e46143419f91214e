//! Every write in the journal: what is intended, who wants it, why and on what evidence, before it leaves; what came
//! of it after. Rollbacks are written down while they are under way already.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{App, Now, releases::Role, telling};
use crate::{
    app::{
        deck::Function,
        event::{Effect, Reply},
    },
    release::{
        names::{ReleaseId, Target},
        operation::{Row, Step},
        page::{Deed, Entry},
        plan::{Plan, Purpose},
        record::{ActionResult, Evidence, Intent, Outcome},
    },
};

/// The writes of this run, by the function that they are for.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    last: u64,
    /// Written down, to leave as soon as the release record is on disk.
    planned: BTreeMap<Target, Deed>,
    under_way: BTreeMap<Target, UnderWay>,
    /// Every write that this run intended, by what it is for and its moment in milliseconds.
    own: BTreeSet<(Target, i64)>,
}

/// A write that has no outcome yet.
#[derive(Debug)]
struct UnderWay {
    deed: Deed,
    /// AWS's id of the last request that it answered.
    request_id: Option<String>,
    /// When AWS took the write.
    acknowledged: Option<Timestamp>,
}

impl Deeds {
    fn next(&mut self) -> Deed {
        self.last += 1;
        Deed(self.last)
    }
}

/// What tells a write apart: the journal keeps milliseconds.
fn moment(intent: &Intent) -> (Target, i64) {
    (intent.target.clone(), intent.at.as_millisecond())
}

impl App {
    /// Writes down what a confirmed forward plan is about to move: the release and each intent. The page goes out
    /// before the release record, and the writes only after that.
    pub(in crate::app) fn intend(&mut self, plan: &Plan, id: &ReleaseId, now: Now) -> Option<Effect> {
        let rows: Vec<Row> = plan.rows.iter().filter(|row| !row.is_nothing_to_do()).map(Row::planned).collect();
        self.intend_before(plan, &rows, id, now)
    }

    /// The same for a plan that comes before the one that moves the parts of the release.
    pub(in crate::app) fn intend_before(
        &mut self,
        plan: &Plan,
        parts: &[Row],
        id: &ReleaseId,
        now: Now,
    ) -> Option<Effect> {
        let rows: Vec<Row> = plan.rows.iter().filter(|row| !row.is_nothing_to_do()).map(Row::planned).collect();
        if rows.is_empty() {
            return None;
        }
        self.open_release(id, parts.iter().map(role).collect(), now);
        let deeds = self.intents(&rows, plan.purpose, now);
        self.journaling.deeds.planned =
            rows.into_iter().map(|row| row.target).zip(deeds.iter().map(|(deed, _)| *deed)).collect();
        self.journaling.waiting.push(Entry::Intend(deeds));
        self.write_journal()
    }

    /// An operation has started: writes down what of it is not in the journal yet, at this very moment.
    pub(in crate::app) fn write_under_way(&mut self, now: Now) -> Option<Effect> {
        let Some(operation) = &self.operation else { return None };
        let purpose = operation.purpose;
        if purpose.is_forward() {
            let planned = std::mem::take(&mut self.journaling.deeds.planned);
            let deeds = planned.into_iter().map(|(target, deed)| (target, UnderWay::new(deed)));
            self.journaling.deeds.under_way.extend(deeds);
        }
        let is_new = |row: &&Row| !row.step.is_final() && !self.journaling.deeds.under_way.contains_key(&row.target);
        let rows: Vec<Row> = operation.rows.iter().filter(is_new).cloned().collect();
        if rows.is_empty() {
            return None;
        }
        let id = self.id_of(&rows, now);
        if purpose != Purpose::Finish {
            self.open_release(&id, self.roles(&rows), now);
        }
        let deeds = self.intents(&rows, purpose, now);
        let under_way = rows.into_iter().zip(&deeds).map(|(row, (deed, _))| (row.target, UnderWay::new(*deed)));
        self.journaling.deeds.under_way.extend(under_way);
        self.journaling.waiting.push(Entry::Intend(deeds));
        self.write_journal()
    }

    /// The parts of a release that rows move. A pre-stage is none: it goes with its function.
    fn roles(&self, rows: &[Row]) -> Vec<Role> {
        let (own, firsts): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| self.deck.function(&row.target).is_some());
        if !own.is_empty() {
            return own.into_iter().map(role).collect();
        }
        let of_function = |row: &Row| Some(Role { target: self.function_of(&row.target)?.target.clone(), ..role(row) });
        firsts.into_iter().filter_map(of_function).collect()
    }

    /// The function of a row, or the one whose pre-stage it is.
    fn function_of(&self, target: &Target) -> Option<&Function> {
        let is_its_own =
            |function: &&Function| function.memory.pre_stage.as_ref().is_some_and(|first| first.target == *target);
        self.deck.function(target).or_else(|| self.deck.functions.iter().find(is_its_own))
    }

    /// The release that a rollback, or the end of a release, belongs to.
    fn id_of(&self, rows: &[Row], now: Now) -> ReleaseId {
        let recorded = rows.iter().find_map(|row| {
            let memory = &self.function_of(&row.target)?.memory;
            memory.release.as_ref().map(|entry| entry.id.clone()).or_else(|| memory.ended.clone())
        });
        let is_live = self.deck.is_releasing() || self.journaling.open.is_none();
        let open = self.journaling.open.as_ref().map(|open| open.id.clone()).filter(|_| !is_live);
        recorded.or(open).unwrap_or_else(|| self.release_id(now))
    }

    fn intents(&mut self, rows: &[Row], purpose: Purpose, now: Now) -> Vec<(Deed, Intent)> {
        let (who, evidence) = (self.who(), self.evidence());
        let by_itself = self.journaling.by_itself.clone();
        let id = self.id_of(rows, now);
        let intent = |row: &Row| Intent {
            release: self.journaling.open.as_ref().map_or_else(|| id.clone(), |open| open.id.clone()),
            target: row.target.clone(),
            purpose,
            automatic: by_itself.is_some(),
            who: who.clone(),
            why: by_itself.clone().or_else(|| self.reason.clone()),
            stable: row.stable,
            new: row.new,
            before: row.from,
            after: row.to,
            evidence: evidence.clone(),
            at: now.world,
        };
        let intents: Vec<Intent> = rows.iter().map(intent).collect();
        self.journaling.deeds.own.extend(intents.iter().map(moment));
        intents.into_iter().map(|intent| (self.journaling.deeds.next(), intent)).collect()
    }

    /// Whether a write in the journal was intended by this very run.
    pub(in crate::app) fn is_intent_of_this_run(&self, intent: &Intent) -> bool {
        self.journaling.deeds.own.contains(&moment(intent))
    }

    /// What is known at this moment: what every gate says, and which alarms ring.
    fn evidence(&self) -> Vec<Evidence> {
        let results = self.running.as_ref().map(|running| running.results.as_slice()).unwrap_or_default();
        let mut evidence: Vec<Evidence> = results.iter().map(telling::evidence_of).collect();
        let as_of = self.deck.alarms.read_at();
        let ringing = self.ringing().into_iter();
        evidence.extend(ringing.map(|name| Evidence {
            what: format!("alarm {name}: ALARM"),
            value: None,
            threshold: None,
            unit: String::new(),
            as_of,
        }));
        evidence
    }

    /// Takes in what AWS said to a write: its id of the request, and when it took it.
    pub(in crate::app) fn hear_of_write(&mut self, target: &Target, reply: &Reply, now: Now) {
        let Some(deed) = self.journaling.deeds.under_way.get_mut(target) else { return };
        match reply {
            Reply::Written(_, Ok(receipt)) => {
                deed.request_id.clone_from(&receipt.request_id);
                deed.acknowledged.get_or_insert(now.world);
            }
            Reply::Written(_, Err(error)) if deed.acknowledged.is_none() => {
                deed.request_id.clone_from(&error.request_id);
            }
            _ => {}
        }
    }

    /// Writes down what came of every write that has come to its end.
    pub(in crate::app) fn settle_finished(&mut self, now: Now) {
        let Some(operation) = &self.operation else { return };
        let finished: Vec<Row> = operation.rows.iter().filter(|row| row.step.is_final()).cloned().collect();
        for row in finished {
            let Some(under_way) = self.journaling.deeds.under_way.remove(&row.target) else { continue };
            let outcome = outcome(&row, &under_way, now);
            if let Some(open) = &mut self.journaling.open {
                open.has_moved |= outcome.result == ActionResult::Acknowledged;
            }
            self.journaling.waiting.push(Entry::Settle(under_way.deed, outcome));
        }
    }

    /// A rollback goes out before the forward writes were answered: nobody waits for their outcome any more.
    pub(in crate::app) fn settle_overtaken(&mut self, now: Now) {
        self.settle_finished(now);
        for (_, under_way) in std::mem::take(&mut self.journaling.deeds.under_way) {
            let (result, message) = match under_way.acknowledged {
                Some(_) => (ActionResult::Acknowledged, String::new()),
                None => (ActionResult::Unknown, "another move went out before AWS answered".to_owned()),
            };
            let at = under_way.acknowledged.unwrap_or(now.world);
            let outcome =
                Outcome { result, request_id: under_way.request_id, message, found: None, at, inferred: false };
            self.journaling.waiting.push(Entry::Settle(under_way.deed, outcome));
        }
    }

    /// What was written down did not leave, for this reason.
    pub(in crate::app) fn settle_unsent(&mut self, why: &str, now: Now) {
        for (_, deed) in std::mem::take(&mut self.journaling.deeds.planned) {
            let outcome = Outcome {
                result: ActionResult::Failed,
                request_id: None,
                message: why.to_owned(),
                found: None,
                at: now.world,
                inferred: false,
            };
            self.journaling.waiting.push(Entry::Settle(deed, outcome));
        }
    }
}

impl UnderWay {
    fn new(deed: Deed) -> Self {
        Self { deed, request_id: None, acknowledged: None }
    }
}

fn role(row: &Row) -> Role {
    Role { target: row.target.clone(), stable: row.stable, new: row.new }
}

/// What the end of a row means.
fn outcome(row: &Row, under_way: &UnderWay, now: Now) -> Outcome {
    let unless_unknown = || if row.may_have_taken_effect() { ActionResult::Unknown } else { ActionResult::Failed };
    let (result, message, found) = match &row.step {
        Step::Done => (ActionResult::Acknowledged, String::new(), Some(row.to)),
        Step::NothingToDo => {
            (ActionResult::Acknowledged, "it was so already; nothing was written".to_owned(), Some(row.to))
        }
        Step::Conflict(alias) => {
            let message = format!("changed elsewhere to {}; nothing was overwritten", alias.routing);
            (ActionResult::Failed, message, Some(alias.routing))
        }
        Step::Failed(error) => (unless_unknown(), error.to_string(), None),
        Step::Stopped | Step::Writing | Step::Reading | Step::Waiting { .. } => {
            (unless_unknown(), "no more retries".to_owned(), None)
        }
    };
    let acknowledged = under_way.acknowledged.filter(|_| result == ActionResult::Acknowledged);
    Outcome {
        result,
        request_id: under_way.request_id.clone(),
        message,
        found,
        at: acknowledged.unwrap_or(now.world),
        inferred: false,
    }
}
