//! Alarms, metric and composite. Left to itself `DescribeAlarms` lists metric alarms only, so both kinds are asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use aws_sdk_cloudwatch::types;

use super::{Cloud, clean, endpoints::Service, paging::Pages, text::clean_or_empty, time::timestamp};
use crate::{
    config::{AlarmArn, AlarmMatch, AlarmRule},
    release::{
        composite,
        error::CloudError,
        facts::{Alarm, AlarmMetric, AlarmState},
    },
};

const OPERATION: &str = "DescribeAlarms";
/// AWS takes so many names in a call.
const MOST_NAMES: usize = 100;

/// One call's worth of alarms.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Named(Vec<String>),
    Prefixed(String),
}

impl Cloud {
    /// Every alarm that a rule speaks of, once each, by name; and behind each composite alarm its children, whether a
    /// rule speaks of them or not.
    ///
    /// A region that cannot be read is an error for all: what cannot be seen must not look quiet.
    pub async fn alarms(&self, rules: &[AlarmRule]) -> Result<Vec<Alarm>, CloudError> {
        let mut found = BTreeMap::new();
        for (region, rules) in by_region(rules, self.region()) {
            for alarm in self.alarms_of_region(region, &rules).await? {
                found.insert((alarm.name.clone(), alarm.arn.clone()), alarm);
            }
        }
        Ok(found.into_values().collect())
    }

    async fn alarms_of_region(&self, region: Option<&str>, rules: &[&AlarmRule]) -> Result<Vec<Alarm>, CloudError> {
        let mut alarms = Vec::new();
        for wanted in calls(rules) {
            alarms.extend(self.some_alarms(region, &wanted).await?);
        }
        if rules.iter().any(|rule| matches!(rule.matches, AlarmMatch::Tag { .. })) {
            self.fill_in_tags(region, &mut alarms).await?;
        }
        alarms.retain(|alarm| rules.iter().any(|rule| rule.fits(alarm)));
        self.add_children(region, &mut alarms).await?;
        Ok(alarms)
    }

    /// Reads the children of composite alarms, and theirs.
    async fn add_children(&self, region: Option<&str>, alarms: &mut Vec<Alarm>) -> Result<(), CloudError> {
        // A circle of alarms, which AWS allows, has no end but this.
        // <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
        const DEEPEST: usize = 4;
        for _ in 0..DEEPEST {
            let known: BTreeSet<&str> = alarms.iter().map(|alarm| alarm.name.as_str()).collect();
            let rules = alarms.iter().filter_map(|alarm| alarm.rule.as_deref());
            let children: BTreeSet<String> = rules.flat_map(composite::children).collect();
            let unread: Vec<String> = children.into_iter().filter(|name| !known.contains(name.as_str())).collect();
            let mut read = Vec::new();
            for names in unread.chunks(MOST_NAMES) {
                read.extend(self.some_alarms(region, &Wanted::Named(names.to_vec())).await?);
            }
            if read.is_empty() {
                break;
            }
            alarms.extend(read);
        }
        Ok(())
    }

    async fn some_alarms(&self, region: Option<&str>, wanted: &Wanted) -> Result<Vec<Alarm>, CloudError> {
        let mut alarms = Vec::new();
        let mut pages = Pages::new();
        let there = self.in_region(region);
        loop {
            let request = there.0.cloudwatch.describe_alarms().max_records(100).set_next_token(pages.token());
            let request =
                request.alarm_types(types::AlarmType::CompositeAlarm).alarm_types(types::AlarmType::MetricAlarm);
            let request = match wanted {
                Wanted::Named(names) => request.set_alarm_names(Some(names.clone())),
                // AWS refuses an empty prefix; leaving it out asks for every alarm, which is what it means.
                Wanted::Prefixed(prefix) => {
                    request.set_alarm_name_prefix(Some(prefix.clone()).filter(|it| !it.is_empty()))
                }
            };
            let reply = there.check(OPERATION, Service::CloudWatch, request.send().await)?;
            let read = reply.metric_alarms().iter().map(read_metric);
            let read = read.chain(reply.composite_alarms().iter().map(read_composite));
            alarms.extend(read.map(|alarm| Alarm { region: region.map(str::to_owned), ..alarm }));
            if !self.turn_page(&mut pages, OPERATION, Service::CloudWatch, reply.next_token)? {
                return Ok(alarms);
            }
        }
    }
}

/// The rules by the region that they speak of; `None` is `home`.
fn by_region<'a>(rules: &'a [AlarmRule], home: &str) -> BTreeMap<Option<&'a str>, Vec<&'a AlarmRule>> {
    let mut regions: BTreeMap<Option<&str>, Vec<&AlarmRule>> = BTreeMap::new();
    for rule in rules {
        regions.entry(rule.region().filter(|region| *region != home)).or_default().push(rule);
    }
    regions
}

/// The calls that find everything the rules match. Names and a prefix cannot go into the same call; a tag is found on
/// any alarm, so all of them are read then.
fn calls(rules: &[&AlarmRule]) -> Vec<Wanted> {
    let mut names = Vec::new();
    let mut prefixes = Vec::new();
    for rule in rules {
        match &rule.matches {
            AlarmMatch::Tag { .. } => return vec![Wanted::Prefixed(String::new())],
            AlarmMatch::Prefix(prefix) if !prefixes.contains(prefix) => prefixes.push(prefix.clone()),
            AlarmMatch::Name(name) | AlarmMatch::Arn(AlarmArn { name, .. }) if !names.contains(name) => {
                names.push(name.clone());
            }
            AlarmMatch::Prefix(_) | AlarmMatch::Name(_) | AlarmMatch::Arn(_) => {}
        }
    }
    let by_name = names.chunks(MOST_NAMES).map(|some| Wanted::Named(some.to_vec()));
    by_name.chain(prefixes.into_iter().map(Wanted::Prefixed)).collect()
}

fn read_metric(alarm: &types::MetricAlarm) -> Alarm {
    let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
    Alarm {
        name: clean_or_empty(alarm.alarm_name()),
        arn: clean_or_empty(alarm.alarm_arn()),
        state: read_state(alarm.state_value()),
        since: since.and_then(timestamp),
        reason: clean_or_empty(alarm.state_reason()),
        rule: None,
        watches: simple(alarm).or_else(|| computed(alarm)),
        doubt: alarm.evaluation_state().map(|state| clean(state.as_str())),
        region: None,
        tags: Vec::new(),
    }
}

fn read_composite(alarm: &types::CompositeAlarm) -> Alarm {
    let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
    Alarm {
        name: clean_or_empty(alarm.alarm_name()),
        arn: clean_or_empty(alarm.alarm_arn()),
        state: read_state(alarm.state_value()),
        since: since.and_then(timestamp),
        reason: clean_or_empty(alarm.state_reason()),
        rule: alarm.alarm_rule().map(clean),
        watches: None,
        doubt: None,
        region: None,
        tags: Vec::new(),
    }
}

/// A state that is missing or new to us is one that we cannot vouch for.
fn read_state(state: Option<&types::StateValue>) -> AlarmState {
    match state {
        Some(types::StateValue::Ok) => AlarmState::Ok,
        Some(types::StateValue::Alarm) => AlarmState::Alarm,
        _ => AlarmState::InsufficientData,
    }
}

/// What an alarm on one metric looks at.
fn simple(alarm: &types::MetricAlarm) -> Option<AlarmMetric> {
    let statistic = alarm.statistic().map(types::Statistic::as_str).or(alarm.extended_statistic());
    Some(AlarmMetric {
        namespace: clean_or_empty(alarm.namespace()),
        metric: clean(alarm.metric_name()?),
        statistic: clean_or_empty(statistic),
        dimensions: pairs(alarm.dimensions()),
        threshold: alarm.threshold()?,
        period: seconds(alarm.period()),
    })
}

/// What an alarm with metric math looks at: its expression, or the one metric that it returns.
fn computed(alarm: &types::MetricAlarm) -> Option<AlarmMetric> {
    let queries = alarm.metrics();
    let watched = queries.iter().find(|query| query.return_data() != Some(false))?;
    let stat = watched.metric_stat().or_else(|| queries.iter().find_map(types::MetricDataQuery::metric_stat));
    let metric = stat.and_then(types::MetricStat::metric);
    let name = watched.expression().or_else(|| metric.and_then(types::Metric::metric_name))?;
    Some(AlarmMetric {
        namespace: clean_or_empty(metric.and_then(types::Metric::namespace)),
        metric: clean(name),
        statistic: clean_or_empty(watched.metric_stat().and_then(types::MetricStat::stat)),
        dimensions: metric.map(|metric| pairs(metric.dimensions())).unwrap_or_default(),
        threshold: alarm.threshold()?,
        period: seconds(watched.period().or_else(|| stat.and_then(types::MetricStat::period))),
    })
}

fn pairs(dimensions: &[types::Dimension]) -> Vec<(String, String)> {
    let pair = |dimension: &types::Dimension| (clean_or_empty(dimension.name()), clean_or_empty(dimension.value()));
    dimensions.iter().map(pair).collect()
}

/// A period in seconds; a minute where none is given.
fn seconds(period: Option<i32>) -> Duration {
    Duration::from_secs(period.and_then(|period| u64::try_from(period).ok()).unwrap_or(60))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use jiff::Timestamp;

    use super::*;
    use crate::release::facts::Severity;

    fn rule(matches: AlarmMatch) -> AlarmRule {
        AlarmRule::new(matches, Severity::High)
    }

    #[test]
    fn names_go_together_a_hundred_a_call_and_every_prefix_alone() {
        let mut rules: Vec<_> = (0..150).map(|n| rule(AlarmMatch::Name(format!("a{n}")))).collect();
        rules.extend([rule(AlarmMatch::Prefix("rv-".into())), rule(AlarmMatch::Prefix("rv-".into()))]);
        rules.push(rule(AlarmMatch::Name("a0".into())));
        let rules: Vec<&AlarmRule> = rules.iter().collect();
        let sizes: Vec<_> = calls(&rules)
            .iter()
            .map(|wanted| match wanted {
                Wanted::Named(names) => names.len().to_string(),
                Wanted::Prefixed(prefix) => prefix.clone(),
            })
            .collect();
        assert_eq!(sizes, ["100", "50", "rv-"]);
        assert!(calls(&[]).is_empty());
        let tagged = rule(AlarmMatch::Tag { key: "team".into(), value: None });
        assert_eq!(calls(&[rules[0], &tagged]), [Wanted::Prefixed(String::new())], "a tag may be on any alarm");
    }

    #[test]
    fn every_region_is_asked_for_its_own() {
        let here = rule(AlarmMatch::Prefix("rv-".into()));
        let there = AlarmRule { region: Some("us-east-1".into()), ..here.clone() };
        let written_out = AlarmRule { region: Some("eu-west-1".into()), ..here.clone() };
        let rules = [here, there, written_out];
        let regions: Vec<_> = by_region(&rules, "eu-west-1").into_iter().map(|(at, rules)| (at, rules.len())).collect();
        assert_eq!(regions, [(None, 2), (Some("us-east-1"), 1)]);
    }

    #[test]
    fn since_is_the_transition_and_only_then_the_update() {
        let both = types::MetricAlarm::builder()
            .state_transitioned_timestamp(DateTime::from_secs(60))
            .state_updated_timestamp(DateTime::from_secs(120));
        assert_eq!(read_metric(&both.build()).since.map(Timestamp::as_second), Some(60));
        let update = types::CompositeAlarm::builder().state_updated_timestamp(DateTime::from_secs(120));
        assert_eq!(read_composite(&update.build()).since.map(Timestamp::as_second), Some(120));
    }

    #[test]
    fn a_state_that_is_new_to_us_is_no_data_and_a_doubt_is_kept() {
        let alarm = types::MetricAlarm::builder().state_value("WARMING".into()).evaluation_state("PARTIAL_DATA".into());
        let alarm = read_metric(&alarm.build());
        assert_eq!(alarm.state, AlarmState::InsufficientData);
        assert_eq!(alarm.doubt.as_deref(), Some("PARTIAL_DATA"));
    }

    #[test]
    fn metric_math_shows_its_expression() {
        let metric = types::Metric::builder().namespace("AWS/Lambda").metric_name("Errors").build();
        let stat = types::MetricStat::builder().metric(metric).period(60).stat("Sum").build();
        let errors = types::MetricDataQuery::builder().id("e").metric_stat(stat).return_data(false).build();
        let rate = types::MetricDataQuery::builder().id("r").expression("100*e/i").return_data(true).build();
        let alarm = types::MetricAlarm::builder().metrics(errors).metrics(rate).threshold(2.0).build();
        let watches = read_metric(&alarm).watches.unwrap();
        assert_eq!((watches.namespace.as_str(), watches.metric.as_str()), ("AWS/Lambda", "100*e/i"));
        assert_eq!((watches.threshold, watches.period), (2.0, Duration::from_mins(1)));
    }
}
