//! When CloudWatch is asked, for what, and what has become of it.

use jiff::{SignedDuration, Timestamp};

use super::{App, asking::Scope, event::Reply};
use crate::{
    clock::Now,
    release::{
        error::CloudError,
        metrics::{
            Question,
            ask::{Audience, Schedule},
            lens::Lens,
        },
    },
};

/// What was asked, what is on its way, and how it went.
#[derive(Debug, Default)]
pub struct MetricSchedule {
    asked: Schedule,
    /// Questions on their way. No new plan goes out before they came back, or failed.
    under_way: usize,
    /// Whether a whole plan has been answered, well or badly.
    is_answered: bool,
    /// When the plan that is on its way was sent, world time…
    asked_at: Option<Timestamp>,
    /// …and the last one that was answered. A minute counts as closed by the time it was read at, not by its end.
    pub(super) read_at: Option<Timestamp>,
    /// How many answers have come.
    pub(super) answers: u64,
    trouble: Option<(CloudError, Timestamp)>,
}

/// Why nothing is known of calls. It is never the same as that there were none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Nobody has answered yet.
    Yet,
    /// CloudWatch cannot be asked, or cannot say: why.
    Failing(String),
}

impl MetricSchedule {
    fn fail(&mut self, error: CloudError, now: Now) {
        let since = self.trouble.take().map_or(now.world, |(_, since)| since);
        self.trouble = Some((error, since));
    }
}

impl App {
    /// The questions that are due: one plan a minute, and in between what nobody has asked for in this minute.
    pub(super) fn due_metrics(&mut self, now: Now) -> Vec<Question> {
        // Before the aliases are known nobody can tell which versions must be told apart.
        let is_known = self.deck.functions.iter().all(|function| function.alias.is_answered());
        if !is_known || self.metric_schedule.under_way > 0 {
            return Vec::new();
        }
        if self.scope == Scope::Status && self.metric_schedule.is_answered {
            return Vec::new();
        }
        if self.metric_schedule.asked.due(now.world) {
            self.metric_schedule.asked_at = Some(now.world);
        }
        let questions =
            self.metric_schedule.asked.next(&self.wanted(self.audience(), now.world), &self.metrics, now.world);
        self.metric_schedule.under_way += questions.len();
        self.metric_schedule.is_answered |= questions.is_empty();
        questions
    }

    /// Takes an answer in.
    pub(super) fn answer_metrics(&mut self, reply: Reply, now: Now) {
        let schedule = &mut self.metric_schedule;
        schedule.under_way = schedule.under_way.saturating_sub(1);
        schedule.is_answered |= schedule.under_way == 0;
        let Reply::Metrics(question, answer, asked) = reply else {
            return;
        };
        self.deck.metrics_asked = asked;
        match answer {
            Ok(answer) => {
                self.metrics.take(&question, &answer);
                schedule.answers += 1;
                schedule.read_at = schedule.asked_at;
                // Each region is a question of its own, and the others' troubles are doubts of their series.
                let region = question.series.first().and_then(|series| series.region.as_ref());
                if region.is_none_or(|region| *region == self.deck.place.region) {
                    schedule.trouble = None;
                }
            }
            Err(error) => schedule.fail(error, now),
        }
    }

    /// The task behind a question died.
    pub(crate) fn lose_metrics(&mut self, error: CloudError, now: Now) {
        let schedule = &mut self.metric_schedule;
        schedule.under_way = schedule.under_way.saturating_sub(1);
        schedule.is_answered |= schedule.under_way == 0;
        schedule.fail(error, now);
    }

    /// What went wrong with the last question, and since when.
    pub fn metrics_trouble(&self) -> Option<(&CloudError, Timestamp)> {
        self.metric_schedule.trouble.as_ref().map(|(error, since)| (error, *since))
    }

    /// Why calls that have not been read have not been.
    pub fn why_unread(&self, lens: &Lens<'_>) -> Unread {
        let trouble = || self.metrics_trouble().map(|(error, _)| error.to_string());
        lens.doubt().map(str::to_owned).or_else(trouble).map_or(Unread::Yet, Unread::Failing)
    }

    /// How old the data on screen is: the oldest of what should be fresh and has been read.
    pub fn age_of_data(&self, now: Timestamp) -> Option<SignedDuration> {
        let functions = self.measured_functions(now).filter_map(|lens| lens.read_to()).min();
        let metrics = functions.or(self.metrics.as_of()).map(|at| now.duration_since(at).max(SignedDuration::ZERO));
        self.deck.age(now).max(metrics)
    }

    /// Of how many functions no metrics have ever been read, and of how many there should be.
    pub fn unmeasured(&self, now: Timestamp) -> (usize, usize) {
        let never = self.measured_functions(now).filter(|lens| lens.read_to().is_none()).count();
        (never, self.measured_functions(now).count())
    }

    /// What has calls to be read: not an alias that is not there, or a rule that only redirects.
    fn measured_functions(&self, now: Timestamp) -> impl Iterator<Item = Lens<'_>> {
        let lenses = self.deck.functions.iter().map(move |function| self.lens(function, now));
        lenses.filter(|lens| lens.stable.is_some())
    }

    /// Whether a question is on its way.
    pub fn are_metrics_asked(&self) -> bool {
        self.metric_schedule.under_way > 0
    }

    pub(super) fn are_metrics_read_once(&self) -> bool {
        let nothing_to_ask = self.deck.functions.is_empty() && self.deck.environment.metrics.is_empty();
        self.metric_schedule.is_answered || nothing_to_ask
    }

    /// What watching costs in US dollars an hour, as long as nothing else is selected.
    pub fn watching_cost(&self, now: Now) -> f64 {
        self.watch_cost_per_hour(self.audience(), now.world)
    }

    fn audience(&self) -> Audience {
        match self.scope {
            Scope::Cockpit => Audience::Cockpit { selected: self.selected().map(|function| function.target.clone()) },
            Scope::Release => Audience::Cockpit { selected: None },
            Scope::Status | Scope::Shift | Scope::RollBack => Audience::Status,
        }
    }
}
