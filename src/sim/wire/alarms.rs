//! CloudWatch's alarms: DescribeAlarms, DescribeAlarmHistory and SetAlarmState.

use std::cmp::Reverse;

use super::fault;
use super::paging::{self, Page};
use super::value::{Members, Value};
use crate::sim::world::{
    Alarm, AlarmEvent, AlarmEventKind, AlarmKind, AlarmSource, AlarmState, Comparison, Fault, MetricAlarm, MetricId,
    TreatMissing, World,
};

/// DescribeAlarms. Without AlarmTypes it shows metric alarms alone, as AWS does.
pub fn describe_alarms(world: &World, input: &Value) -> Result<Value, Fault> {
    let names = input.texts("AlarmNames")?;
    let prefix = input.text("AlarmNamePrefix")?;
    if !names.is_empty() && prefix.is_some() {
        let message = "AlarmNames and AlarmNamePrefix cannot be specified together.".to_owned();
        return Err(fault::refusal("InvalidParameterCombinationException", message));
    }
    if names.len() > 100 {
        return Err(fault::validation("The collection AlarmNames must not have a size greater than 100.".to_owned()));
    }
    let types = Types::read(input)?;
    let state = input.text("StateValue")?.map(read_state).transpose()?;
    let action = input.text("ActionPrefix")?;
    let is_asked = |alarm: &&Alarm| {
        types.include(alarm.is_composite())
            && alarm.region == world.region()
            && (names.is_empty() || names.contains(&alarm.name.as_str()))
            && prefix.is_none_or(|prefix| alarm.name.starts_with(prefix))
            && state.is_none_or(|state| alarm.state == state)
            && action.is_none_or(|prefix| alarm.actions.iter().any(|action| action.starts_with(prefix)))
    };
    let mut alarms: Vec<&Alarm> = world.alarms().iter().filter(is_asked).collect();
    alarms.sort_by(|a, b| a.name.cmp(&b.name));
    let page = page("alarms", &alarms, input, 50)?;
    let (composite, metric): (Vec<&Alarm>, Vec<&Alarm>) = page.items.iter().partition(|alarm| alarm.is_composite());
    let members = Members::new()
        .with("CompositeAlarms", composite.into_iter().map(describe).collect::<Value>())
        .with("MetricAlarms", metric.into_iter().map(describe).collect::<Value>())
        .with_some("NextToken", page.next);
    Ok(members.into())
}

/// ListTagsForResource, of an alarm.
pub fn list_tags_for_resource(world: &World, input: &Value) -> Result<Value, Fault> {
    let arn = input.text("ResourceARN")?.unwrap_or_default();
    let alarm = world.alarms().iter().find(|alarm| alarm.arn == arn && alarm.region == world.region());
    let alarm = alarm.ok_or_else(|| {
        let message = format!("{arn} does not exist");
        Fault { status: 404, ..fault::refusal("ResourceNotFoundException", message) }
    })?;
    let tag = |(key, value): (&String, &String)| Members::new().with("Key", key).with("Value", value);
    Ok(Members::new().with("Tags", alarm.tags.iter().map(tag).collect::<Value>()).into())
}

/// DescribeAlarmHistory, newest first unless asked otherwise.
pub fn describe_alarm_history(world: &World, input: &Value) -> Result<Value, Fault> {
    let name = input.text("AlarmName")?;
    let kind = input.text("HistoryItemType")?;
    let (start, end) = (input.time("StartDate")?, input.time("EndDate")?);
    let types = Types::read(input)?;
    let is_asked = |event: &&AlarmEvent| {
        types.include(event.composite)
            && name.is_none_or(|name| event.alarm == name)
            && kind.is_none_or(|kind| event_kind(event.kind) == kind)
            && start.is_none_or(|start| event.at >= start)
            && end.is_none_or(|end| event.at <= end)
    };
    let mut events: Vec<&AlarmEvent> = world.alarm_history().iter().filter(is_asked).collect();
    match input.text("ScanBy")? {
        Some("TimestampAscending") => events.sort_by_key(|event| event.at),
        _ => events.sort_by_key(|event| Reverse(event.at)),
    }
    let page = page("history", &events, input, 100)?;
    let items = page.items.iter().map(|event| {
        Members::new()
            .with("AlarmName", &event.alarm)
            .with("AlarmType", if event.composite { "CompositeAlarm" } else { "MetricAlarm" })
            .with("Timestamp", event.at)
            .with("HistoryItemType", event_kind(event.kind))
            .with("HistorySummary", &event.summary)
            .with("HistoryData", &event.data)
    });
    Ok(Members::new().with("AlarmHistoryItems", items.collect::<Value>()).with_some("NextToken", page.next).into())
}

/// SetAlarmState. The next evaluation may change it again, as on AWS.
pub fn set_alarm_state(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let required = |name: &str| {
        let missing = || fault::validation(format!("The parameter {name} is required.\n"));
        input.text(name)?.ok_or_else(missing)
    };
    let (name, state, reason) =
        (required("AlarmName")?, read_state(required("StateValue")?)?, required("StateReason")?);
    let reason_data = input.text("StateReasonData")?;
    if reason_data.is_some_and(|data| serde_json::from_str::<serde_json::Value>(data).is_err()) {
        return Err(fault::refusal("InvalidFormatFault", "StateReasonData is not valid JSON".to_owned()));
    }
    world.set_alarm_state(name, state, reason, reason_data.unwrap_or_default())?;
    Ok(Members::new().into())
}

/// The kinds of alarm that a request wants.
struct Types {
    metric: bool,
    composite: bool,
}

impl Types {
    fn read(input: &Value) -> Result<Self, Fault> {
        let types = input.texts("AlarmTypes")?;
        Ok(Self {
            metric: types.is_empty() || types.contains(&"MetricAlarm"),
            composite: types.contains(&"CompositeAlarm"),
        })
    }

    fn include(&self, is_composite: bool) -> bool {
        if is_composite { self.composite } else { self.metric }
    }
}

fn read_state(text: &str) -> Result<AlarmState, Fault> {
    AlarmState::parse(text).ok_or_else(|| {
        let rule = "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]";
        fault::constraint("ValidationError", text, "stateValue", rule)
    })
}

fn page<'a, T>(list: &str, items: &'a [T], input: &Value, default: i64) -> Result<Page<'a, T>, Fault> {
    let limit = input.int("MaxRecords")?.unwrap_or(default);
    if !(1..=100).contains(&limit) {
        let bound = if limit < 1 { "greater than or equal to 1" } else { "less than or equal to 100" };
        let rule = format!("Member must have value {bound}");
        return Err(fault::constraint("ValidationError", &limit.to_string(), "maxRecords", &rule));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    paging::page(list, items, input.text("NextToken")?, limit).ok_or_else(fault::invalid_next_token)
}

fn describe(alarm: &Alarm) -> Value {
    let members = Members::new()
        .with("AlarmName", &alarm.name)
        .with("AlarmArn", &alarm.arn)
        .with("AlarmDescription", &alarm.description)
        .with("AlarmConfigurationUpdatedTimestamp", alarm.configured)
        .with("ActionsEnabled", true)
        .with("OKActions", Value::List(Vec::new()))
        .with("AlarmActions", alarm.actions.iter().collect::<Value>())
        .with("InsufficientDataActions", Value::List(Vec::new()))
        .with("StateValue", alarm.state.as_str())
        .with("StateReason", &alarm.reason)
        .with_some("StateReasonData", (!alarm.reason_data.is_empty()).then_some(&alarm.reason_data))
        .with("StateUpdatedTimestamp", alarm.state_updated)
        .with("StateTransitionedTimestamp", alarm.state_transitioned);
    match &alarm.kind {
        AlarmKind::Metric(settings) => describe_settings(members, settings),
        AlarmKind::Composite { rule } => members.with("AlarmRule", rule),
    }
    .into()
}

fn describe_settings(members: Members, settings: &MetricAlarm) -> Members {
    let members = match &settings.source {
        AlarmSource::Metric { metric, statistic_name, .. } => {
            let is_plain = !statistic_name.starts_with('p');
            let member = if is_plain { "Statistic" } else { "ExtendedStatistic" };
            let members = members.with("MetricName", &metric.name).with("Namespace", &metric.namespace);
            let members = members.with("Dimensions", dimensions(metric)).with("Period", settings.period_s);
            members.with(member, statistic_name)
        }
        AlarmSource::Percent { part, whole, statistic_name, .. } => {
            let query = |id: &str, metric: &MetricId| {
                let metric_stat =
                    Members::new().with("Metric", describe_metric(metric)).with("Period", settings.period_s);
                let metric_stat = metric_stat.with("Stat", statistic_name);
                Members::new().with("Id", id).with("MetricStat", metric_stat).with("ReturnData", false)
            };
            let rate =
                Members::new().with("Id", "rate").with("Expression", "100 * part / whole").with("ReturnData", true);
            let queries = vec![query("part", part), query("whole", whole), rate];
            members.with("Dimensions", Value::List(Vec::new())).with("Metrics", queries)
        }
    };
    members
        .with("EvaluationPeriods", settings.evaluation_periods)
        .with_some("DatapointsToAlarm", settings.datapoints_to_alarm)
        .with("Threshold", settings.threshold)
        .with("ComparisonOperator", comparison(settings.comparison))
        .with("TreatMissingData", treat_missing(settings.treat_missing))
}

/// A metric as CloudWatch shows it: namespace, name and dimensions.
pub fn describe_metric(metric: &MetricId) -> Members {
    let members = Members::new().with("Namespace", &metric.namespace).with("MetricName", &metric.name);
    members.with("Dimensions", dimensions(metric))
}

fn dimensions(metric: &MetricId) -> Value {
    metric.dimensions.iter().map(|(name, value)| Members::new().with("Name", name).with("Value", value)).collect()
}

fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterThanThreshold => "GreaterThanThreshold",
        Comparison::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
        Comparison::LessThanThreshold => "LessThanThreshold",
        Comparison::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
    }
}

fn treat_missing(treatment: TreatMissing) -> &'static str {
    match treatment {
        TreatMissing::Missing => "missing",
        TreatMissing::Ignore => "ignore",
        TreatMissing::Breaching => "breaching",
        TreatMissing::NotBreaching => "notBreaching",
    }
}

fn event_kind(kind: AlarmEventKind) -> &'static str {
    match kind {
        AlarmEventKind::ConfigurationUpdate => "ConfigurationUpdate",
        AlarmEventKind::StateUpdate => "StateUpdate",
        AlarmEventKind::Action => "Action",
    }
}

impl Alarm {
    fn is_composite(&self) -> bool {
        matches!(self.kind, AlarmKind::Composite { .. })
    }
}
