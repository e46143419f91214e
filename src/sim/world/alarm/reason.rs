//! Why an alarm is in its state, in the words and the JSON of CloudWatch.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::judge::{Datapoint, Judgement, breaches, to_alarm};
use super::{Alarm, AlarmSource, AlarmState, Comparison, MetricAlarm, TreatMissing};

/// Why a metric alarm went from `from` to what the judgement says.
pub(super) fn words(alarm: &MetricAlarm, judgement: &Judgement, from: AlarmState) -> String {
    let Judgement { state, datapoints, missing } = judgement;
    if *state == AlarmState::InsufficientData {
        return format!("Insufficient Data: {} unknown.", were(*missing, "datapoint"));
    }
    if datapoints.is_empty() {
        let periods = if *missing == 1 { "period" } else { "periods" };
        let treated = were(*missing, "missing datapoint");
        let as_what = match alarm.treat_missing {
            TreatMissing::Breaching => "Breaching",
            TreatMissing::NotBreaching | TreatMissing::Missing | TreatMissing::Ignore => "NonBreaching",
        };
        return format!(
            "Threshold Crossed: no datapoints were received for {missing} {periods} and {treated} treated as [{as_what}]."
        );
    }
    let fires = *state == AlarmState::Alarm;
    let told: Vec<&Datapoint> = datapoints.iter().filter(|point| breaches(alarm, point.value) == fires).collect();
    let list: Vec<String> = told.iter().map(|point| format!("{:?} ({})", point.value, short(point.at))).collect();
    let list = list.join(", ");
    let was = if told.len() == 1 { "was" } else { "were" };
    let not = if fires { "" } else { "not " };
    let compared = compared(alarm.comparison);
    let threshold = alarm.threshold;
    if from == AlarmState::InsufficientData {
        let (count, plural) = (told.len(), if told.len() == 1 { "" } else { "s" });
        return format!(
            "Threshold Crossed: {count} datapoint{plural} [{list}] {was} {not}{compared} the threshold ({threshold:?})."
        );
    }
    let n = alarm.evaluation_periods as usize;
    let minimum = if fires { to_alarm(alarm) } else { n + 1 - to_alarm(alarm) };
    let plural = if minimum == 1 { "" } else { "s" };
    format!(
        "Threshold Crossed: {} out of the last {n} datapoints [{list}] {was} {not}{compared} the threshold \
         ({threshold:?}) (minimum {minimum} datapoint{plural} for {} -> {} transition).",
        told.len(),
        from.as_str(),
        state.as_str(),
    )
}

/// The same for programs.
pub(super) fn data(alarm: &MetricAlarm, judgement: &Judgement, at: Timestamp) -> String {
    let points = &judgement.datapoints;
    let evaluated = points.iter().map(|point| json!({"timestamp": long(point.at), "value": point.value}));
    let values: Vec<f64> = points.iter().rev().map(|point| point.value).collect();
    let mut data = json!({
        "version": "1.0",
        "queryDate": long(at),
        "period": alarm.period_s,
        "recentDatapoints": values,
        "threshold": alarm.threshold,
        "evaluatedDatapoints": evaluated.collect::<Vec<Value>>(),
    });
    if let Some(oldest) = points.last() {
        data["startDate"] = json!(long(oldest.at));
    }
    if let AlarmSource::Metric { statistic_name, .. } = &alarm.source {
        data["statistic"] = json!(statistic_name);
    }
    data.to_string()
}

/// Why a composite alarm changed: another alarm did.
pub(super) fn of_composite(cause: &Alarm, at: Timestamp) -> (String, String) {
    let state = cause.state.as_str();
    let when = at.strftime("%A %d %B, %Y %H:%M:%S UTC");
    let words = format!("{} transitioned to {state} at {when}", cause.arn);
    let state = json!({"value": state, "timestamp": long(at)});
    let data = json!({"triggeringAlarms": [{"arn": cause.arn, "state": state}]});
    (words, data.to_string())
}

/// The entry of the history for a change of state.
pub(super) fn of_change(before: &Alarm, after: &Alarm) -> String {
    let state = |alarm: &Alarm| {
        let mut state = json!({"stateValue": alarm.state.as_str(), "stateReason": alarm.reason});
        if let Ok(data) = serde_json::from_str::<Value>(&alarm.reason_data) {
            state["stateReasonData"] = data;
        }
        state
    };
    json!({"version": "1.0", "oldState": state(before), "newState": state(after)}).to_string()
}

fn compared(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterThanThreshold => "greater than",
        Comparison::GreaterThanOrEqualToThreshold => "greater than or equal to",
        Comparison::LessThanThreshold => "less than",
        Comparison::LessThanOrEqualToThreshold => "less than or equal to",
    }
}

fn were(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what} was") } else { format!("{count} {what}s were") }
}

fn short(at: Timestamp) -> String {
    at.strftime("%d/%m/%y %H:%M:%S").to_string()
}

fn long(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}
