//! Alarms that rest in `INSUFFICIENT_DATA` for ever: their metric is only reported when something happens, and they were
//! not told that silence is well. A person sees no difference between that and an alarm that is blind.

use super::facts::{Alarm, AlarmState};

/// Metrics that have no point where nothing happened.
///
/// DynamoDB: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>.
/// Load balancers (“reported when nonzero”):
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>.
const WHEN_IT_HAPPENS: [&str; 14] = [
    "ConditionalCheckFailedRequests",
    "DeadLetterErrors",
    "HTTPCode_ELB_4XX_Count",
    "HTTPCode_ELB_5XX_Count",
    "HTTPCode_Target_4XX_Count",
    "HTTPCode_Target_5XX_Count",
    "ReadThrottleEvents",
    "RejectedConnectionCount",
    "SystemErrors",
    "TargetConnectionErrorCount",
    "ThrottledRequests",
    "TransactionConflict",
    "UserErrors",
    "WriteThrottleEvents",
];

/// Why an alarm without data will stay so, and what to do about it; `None` where that is not so.
pub fn remedy(alarm: &Alarm) -> Option<String> {
    if alarm.state != AlarmState::InsufficientData {
        return None;
    }
    let watches = alarm.watches.as_ref()?;
    let metric = WHEN_IT_HAPPENS.into_iter().find(|metric| watches.metric.contains(metric))?;
    Some(format!(
        "{metric} is only reported when it happens, so this alarm rests in INSUFFICIENT_DATA: have it treat missing data \
         as notBreaching, or set insufficient = \"ok\" in its rule"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::release::facts::AlarmMetric;

    fn alarm(metric: &str, state: AlarmState) -> Alarm {
        let watches = AlarmMetric {
            namespace: "AWS/DynamoDB".into(),
            metric: metric.into(),
            statistic: "Sum".into(),
            dimensions: Vec::new(),
            threshold: 0.0,
            period: Duration::from_mins(1),
        };
        Alarm { watches: Some(watches), ..Alarm::named("throttles", state) }
    }

    #[test]
    fn only_an_alarm_on_what_seldom_happens_rests_for_ever() {
        let silent = AlarmState::InsufficientData;
        assert!(remedy(&alarm("ReadThrottleEvents", silent)).unwrap().contains("notBreaching"));
        assert_eq!(remedy(&alarm("ReadThrottleEvents", AlarmState::Ok)), None);
        assert_eq!(remedy(&alarm("Duration", silent)), None, "this one has had no calls");
        assert_eq!(remedy(&Alarm::named("composite", silent)), None);
    }
}
