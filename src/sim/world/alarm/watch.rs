//! All alarms of a world: they look once a minute at the periods that have settled, and write down their changes. What
//! the metrics show comes from the [`World`].

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::judge::{Datapoint, EXTRA_PERIODS, judge};
use super::{Alarm, AlarmEvent, AlarmEventKind, AlarmKind, AlarmSource, AlarmState, MetricAlarm, Rule, reason};
use crate::sim::world::World;
use crate::sim::world::fault::Fault;
use crate::sim::world::metric::{MetricId, Statistic};
use crate::sim::world::spec::{AlarmSpec, CompositeSpec, WatchSpec, WorldSpec};
use crate::sim::world::traffic::LAST_ARRIVAL;

/// Composite alarms may follow each other, this deep.
const DEEPEST_COMPOSITE: usize = 8;
/// Why an alarm that nobody has evaluated yet is in its state.
const UNCHECKED: &str = "Unchecked: Initial alarm creation";

/// All alarms with their history.
#[derive(Debug, Default)]
pub(in crate::sim::world) struct Alarms {
    all: Vec<Alarm>,
    /// The rules of the composite alarms, at the same places.
    rules: Vec<Option<Rule>>,
    history: Vec<AlarmEvent>,
    /// The last minute that has been looked at, counted since 1970.
    looked_at: i64,
    first_minute: i64,
    opening_minute: i64,
}

impl Alarms {
    /// The alarms of a scenario, before anything has been looked at.
    pub(in crate::sim::world) fn new(spec: &WorldSpec, opening: Timestamp) -> Self {
        let metric = spec.alarms.iter().map(|alarm| metric_alarm(alarm, spec, opening));
        let composite = spec.composites.iter().map(|alarm| composite_alarm(alarm, spec, opening));
        let alarms: Vec<Alarm> = metric.chain(composite).collect();
        let rule = |alarm: &Alarm| match &alarm.kind {
            AlarmKind::Metric(_) => None,
            AlarmKind::Composite { rule } => Some(Rule::parse(rule).unwrap_or(Rule::Always(false))),
        };
        let first_minute = spec.past.before(opening).as_second().div_euclid(60);
        let mut history: Vec<AlarmEvent> = alarms.iter().map(created).collect();
        history.sort_by_key(|event| event.at);
        Self {
            rules: alarms.iter().map(rule).collect(),
            history,
            all: alarms,
            looked_at: first_minute,
            first_minute,
            opening_minute: opening.as_second().div_euclid(60),
        }
    }

    pub(in crate::sim::world) fn all(&self) -> &[Alarm] {
        &self.all
    }

    pub(in crate::sim::world) fn history(&self) -> &[AlarmEvent] {
        &self.history
    }

    /// Looks at every minute that has settled since the last time.
    pub(in crate::sim::world) fn evaluate(&mut self, world: &World) {
        let settled = (world.now().as_second() - LAST_ARRIVAL).div_euclid(60);
        for minute in self.looked_at + 1..=settled {
            self.evaluate_minute(world, minute);
        }
        self.looked_at = self.looked_at.max(settled);
    }

    /// Looks at the periods that end when `minute` begins.
    fn evaluate_minute(&mut self, world: &World, minute: i64) {
        let Ok(at) = Timestamp::from_second(minute * 60 + LAST_ARRIVAL) else { return };
        for index in 0..self.all.len() {
            let AlarmKind::Metric(alarm) = &self.all[index].kind else { continue };
            let period = i64::from(alarm.period_s) / 60;
            let reach = period * i64::from(alarm.evaluation_periods);
            // The past is looked at once a period, which is enough to know how it ended and keeps opening quick.
            let passed_over = minute < self.opening_minute && minute % period != 0;
            if passed_over || minute - reach < self.first_minute {
                continue;
            }
            let current = self.all[index].state;
            let judgement = judge(alarm, &recent(world, &self.all[index].region, alarm, minute), current);
            let unchecked = self.all[index].reason == UNCHECKED;
            if judgement.state == current && !unchecked {
                continue;
            }
            let words = reason::words(alarm, &judgement, current);
            let data = reason::data(alarm, &judgement, at);
            if unchecked {
                let since = self.all[index].state_updated;
                self.begin(index, judgement.state, words, data, since);
            } else {
                self.change(index, judgement.state, words, data, at);
            }
        }
        self.follow(at);
    }

    /// Sets a state by hand.
    pub(in crate::sim::world) fn set(
        &mut self,
        name: &str,
        state: AlarmState,
        words: &str,
        data: &str,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let index = self.all.iter().position(|alarm| alarm.name == name);
        let index = index.ok_or_else(|| Fault::no_alarm(name))?;
        self.change(index, state, words.to_owned(), data.to_owned(), at);
        self.follow_from(Some(index), at);
        Ok(())
    }

    /// Composite alarms follow the others.
    fn follow(&mut self, at: Timestamp) {
        self.follow_from(None, at);
    }

    /// Composite alarms follow the others; one that was just set by hand stays as it is.
    fn follow_from(&mut self, set_by_hand: Option<usize>, at: Timestamp) {
        for _ in 0..DEEPEST_COMPOSITE {
            let wants = |index: &usize| {
                let rule = self.rules[*index].as_ref()?;
                let states = |name: &str| {
                    let named = self.all.iter().find(|alarm| alarm.name == name || alarm.arn == name);
                    named.map(|alarm| alarm.state)
                };
                let state = if rule.holds(&states) { AlarmState::Alarm } else { AlarmState::Ok };
                (state != self.all[*index].state && Some(*index) != set_by_hand).then_some((*index, state))
            };
            let changes: Vec<_> = (0..self.all.len()).filter_map(|index| wants(&index)).collect();
            if changes.is_empty() {
                return;
            }
            for (index, state) in changes {
                let (words, data) = self.cause(index, at);
                if self.all[index].reason == UNCHECKED {
                    let since = self.all[index].state_updated;
                    self.begin(index, state, words, data, since);
                } else {
                    self.change(index, state, words, data, at);
                }
            }
        }
    }

    /// What made a composite alarm change: of those it names, the one that changed last.
    fn cause(&self, index: usize, at: Timestamp) -> (String, String) {
        let causes = self.rules[index].as_ref().map(Rule::names).unwrap_or_default();
        let named = |alarm: &&Alarm| causes.contains(&alarm.name.as_str()) || causes.contains(&alarm.arn.as_str());
        let last = self.all.iter().filter(named).max_by_key(|alarm| alarm.state_transitioned);
        last.map_or_else(Default::default, |cause| reason::of_composite(cause, cause.state_transitioned.min(at)))
    }

    /// The state in which our past begins has been there since `since`, as far as anybody can tell.
    fn begin(&mut self, index: usize, state: AlarmState, words: String, data: String, since: Timestamp) {
        let alarm = &mut self.all[index];
        (alarm.state, alarm.reason, alarm.reason_data) = (state, words, data);
        (alarm.state_updated, alarm.state_transitioned) = (since, since);
    }

    fn change(&mut self, index: usize, state: AlarmState, words: String, data: String, at: Timestamp) {
        let before = self.all[index].clone();
        let alarm = &mut self.all[index];
        (alarm.state, alarm.reason, alarm.reason_data, alarm.state_updated) = (state, words, data, at);
        if before.state == state {
            return;
        }
        alarm.state_transitioned = at;
        let event = |kind, summary: String, data: String| AlarmEvent {
            alarm: before.name.clone(),
            composite: matches!(before.kind, AlarmKind::Composite { .. }),
            at,
            kind,
            summary,
            data,
        };
        let summary = format!("Alarm updated from {} to {}", before.state.as_str(), state.as_str());
        self.history.push(event(AlarmEventKind::StateUpdate, summary, reason::of_change(&before, alarm)));
        if state == AlarmState::Alarm {
            for topic in &before.actions {
                let summary = format!("Successfully executed action {topic}");
                let data = json!({"actionState": "Succeeded", "notificationResource": topic}).to_string();
                self.history.push(event(AlarmEventKind::Action, summary, data));
            }
        }
    }
}

/// The datapoints of an alarm up to `minute`, newest first: N, and some more where one of them is missing.
fn recent(world: &World, region: &str, alarm: &MetricAlarm, minute: i64) -> Vec<Option<Datapoint>> {
    let needed = alarm.evaluation_periods as usize;
    let points = datapoints(world, region, alarm, minute, needed);
    if points.iter().all(Option::is_some) {
        return points;
    }
    datapoints(world, region, alarm, minute, needed + EXTRA_PERIODS)
}

fn datapoints(world: &World, region: &str, alarm: &MetricAlarm, minute: i64, count: usize) -> Vec<Option<Datapoint>> {
    let period = i64::from(alarm.period_s);
    let begins = |age: usize| Timestamp::from_second(minute * 60 - period * i64::try_from(age + 1).unwrap_or(1));
    let (Ok(from), Ok(to)) = (begins(count - 1), Timestamp::from_second(minute * 60)) else { return Vec::new() };
    let length = Duration::from_secs(u64::from(alarm.period_s));
    let observe = |metric: &MetricId| world.observe_in(region, metric, from, to, length);
    let values: Vec<(Timestamp, f64)> = match &alarm.source {
        AlarmSource::Metric { metric, statistic, .. } => {
            observe(metric).iter().map(|(at, seen)| (*at, statistic.of(seen))).collect()
        }
        AlarmSource::Percent { part, whole, statistic, .. } => {
            let parts = observe(part);
            let of =
                |at: &Timestamp| parts.iter().find(|(part_at, _)| part_at == at).map(|(_, part)| statistic.of(part));
            let percent = |(at, whole): (Timestamp, _)| {
                let whole = statistic.of(&whole);
                of(&at).filter(|_| whole > 0.0).map(|part| (at, 100.0 * part / whole))
            };
            observe(whole).into_iter().filter_map(percent).collect()
        }
    };
    let point = |age| {
        let at = begins(age).ok()?;
        values.iter().find(|(value_at, _)| *value_at == at).map(|(_, value)| Datapoint { at, value: *value })
    };
    (0..count).map(point).collect()
}

fn metric_alarm(spec: &AlarmSpec, world: &WorldSpec, opening: Timestamp) -> Alarm {
    let statistic_name = spec.statistic.clone().unwrap_or_else(|| "Sum".to_owned());
    let statistic = Statistic::parse(&statistic_name).unwrap_or(Statistic::Sum);
    let source = match &spec.watches {
        WatchSpec::Metric(metric) => AlarmSource::Metric { metric: metric.into(), statistic, statistic_name },
        WatchSpec::Percent { part, whole } => {
            AlarmSource::Percent { part: part.into(), whole: whole.into(), statistic, statistic_name }
        }
    };
    let kind = AlarmKind::Metric(MetricAlarm {
        source,
        period_s: u32::try_from(spec.period.as_secs()).unwrap_or(60).max(60),
        evaluation_periods: spec.evaluation_periods.max(1),
        datapoints_to_alarm: spec.datapoints_to_alarm,
        comparison: spec.comparison,
        threshold: spec.threshold,
        treat_missing: spec.treat_missing,
    });
    let region = spec.region.as_deref().unwrap_or(&world.region);
    let alarm = alarm(&spec.name, &spec.description, kind, &spec.topics, (region, world), spec.since.from(opening));
    Alarm { tags: spec.tags.clone(), ..alarm }
}

fn composite_alarm(spec: &CompositeSpec, world: &WorldSpec, opening: Timestamp) -> Alarm {
    let kind = AlarmKind::Composite { rule: spec.rule.clone() };
    alarm(&spec.name, &spec.description, kind, &spec.topics, (&world.region, world), spec.since.from(opening))
}

fn alarm(
    name: &str,
    description: &str,
    kind: AlarmKind,
    topics: &[String],
    (region, world): (&str, &WorldSpec),
    since: Timestamp,
) -> Alarm {
    let topic = |topic: &String| format!("arn:aws:sns:{region}:{}:{topic}", world.account);
    Alarm {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", world.account),
        region: region.to_owned(),
        tags: BTreeMap::new(),
        description: description.to_owned(),
        kind,
        actions: topics.iter().map(topic).collect(),
        configured: since,
        state: AlarmState::InsufficientData,
        reason: UNCHECKED.to_owned(),
        reason_data: String::new(),
        state_updated: since,
        state_transitioned: since,
    }
}

fn created(alarm: &Alarm) -> AlarmEvent {
    AlarmEvent {
        alarm: alarm.name.clone(),
        composite: matches!(alarm.kind, AlarmKind::Composite { .. }),
        at: alarm.configured,
        kind: AlarmEventKind::ConfigurationUpdate,
        summary: format!("Alarm \"{}\" created", alarm.name),
        data: json!({"version": "1.0", "type": "Create"}).to_string(),
    }
}
