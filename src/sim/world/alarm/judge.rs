//! How CloudWatch comes from datapoints to a state: M out of N, and what missing ones count as.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use jiff::Timestamp;

use super::{AlarmState, Comparison, MetricAlarm, TreatMissing};

/// CloudWatch reaches back some periods further where recent datapoints are missing.
pub(super) const EXTRA_PERIODS: usize = 2;

/// The value of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Datapoint {
    /// When the period began.
    pub(super) at: Timestamp,
    pub(super) value: f64,
}

/// What an evaluation came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judgement {
    pub(super) state: AlarmState,
    /// The datapoints that counted, newest first.
    pub(super) datapoints: Vec<Datapoint>,
    /// How many were missing and had to be filled in.
    pub(super) missing: usize,
}

/// Judges the periods up to now, newest first: N of them, and more where some of those are missing.
pub(super) fn judge(alarm: &MetricAlarm, recent: &[Option<Datapoint>], current: AlarmState) -> Judgement {
    let needed = alarm.evaluation_periods as usize;
    let datapoints: Vec<Datapoint> = recent.iter().flatten().take(needed).copied().collect();
    let missing = needed - datapoints.len();
    let to_alarm = to_alarm(alarm);
    let breaching = datapoints.iter().filter(|point| breaches(alarm, point.value)).count();
    let all_breach = breaching == datapoints.len();
    let oldest = recent.iter().rposition(Option::is_some).map_or(0, |index| index + 1);
    let state = if breaching >= to_alarm {
        AlarmState::Alarm
    } else if missing == 0 {
        AlarmState::Ok
    } else {
        match alarm.treat_missing {
            TreatMissing::Breaching if breaching + missing >= to_alarm => AlarmState::Alarm,
            TreatMissing::Missing if datapoints.is_empty() => AlarmState::InsufficientData,
            // A breach with nothing after it fires once it is as old as the M datapoints that were asked for.
            TreatMissing::Missing if all_breach && oldest >= to_alarm => AlarmState::Alarm,
            TreatMissing::Missing | TreatMissing::Ignore if all_breach => current,
            TreatMissing::Breaching | TreatMissing::NotBreaching | TreatMissing::Missing | TreatMissing::Ignore => {
                AlarmState::Ok
            }
        }
    };
    Judgement { state, datapoints, missing }
}

/// How many datapoints must breach (M).
pub(super) fn to_alarm(alarm: &MetricAlarm) -> usize {
    alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods) as usize
}

/// Whether a value is on the wrong side of the threshold.
pub(super) fn breaches(alarm: &MetricAlarm, value: f64) -> bool {
    match alarm.comparison {
        Comparison::GreaterThanThreshold => value > alarm.threshold,
        Comparison::GreaterThanOrEqualToThreshold => value >= alarm.threshold,
        Comparison::LessThanThreshold => value < alarm.threshold,
        Comparison::LessThanOrEqualToThreshold => value <= alarm.threshold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::alarm::AlarmSource;
    use crate::sim::world::metric::{MetricId, Statistic};
    use AlarmState::{Alarm, InsufficientData, Ok};
    use TreatMissing::{Breaching, Ignore, Missing, NotBreaching};

    /// The state for datapoints as the documents of AWS draw them, oldest first: `X` breaches, `0` does not, `-` is
    /// missing. It was `Ok` if nothing decides, so `current` is told apart by passing it in.
    fn state(m: u32, n: u32, drawing: &str, treat_missing: TreatMissing, current: AlarmState) -> AlarmState {
        let alarm = MetricAlarm {
            source: AlarmSource::Metric {
                metric: MetricId::new("N", "M", &[]),
                statistic: Statistic::Sum,
                statistic_name: "Sum".to_owned(),
            },
            period_s: 60,
            evaluation_periods: n,
            datapoints_to_alarm: Some(m),
            comparison: Comparison::GreaterThanThreshold,
            threshold: 1.0,
            treat_missing,
        };
        let point = |value| Some(Datapoint { at: Timestamp::UNIX_EPOCH, value });
        let recent = drawing.chars().rev().filter(|mark| *mark != ' ').map(|mark| match mark {
            'X' => point(2.0),
            '0' => point(0.0),
            _ => None,
        });
        judge(&alarm, &recent.collect::<Vec<_>>(), current).state
    }

    #[test]
    fn m_out_of_n() {
        for (drawing, expected) in [("X X X", Alarm), ("X 0 X", Alarm), ("X 0 0", Ok), ("0 0 0", Ok)] {
            assert_eq!(state(2, 3, drawing, Missing, Ok), expected, "{drawing}");
        }
        assert_eq!(state(3, 3, "X 0 X", Missing, Ok), Ok);
    }

    #[test]
    fn the_table_of_the_documents_for_three_out_of_three() {
        let rows = [
            ("0 - X - X", [Ok, Ok, Ok, Ok]),
            ("- - - - 0", [Ok, Ok, Ok, Ok]),
            ("- - - - -", [InsufficientData, InsufficientData, Alarm, Ok]),
            ("0 X X - X", [Alarm, Alarm, Alarm, Alarm]),
            ("- - X - -", [Alarm, InsufficientData, Alarm, Ok]),
        ];
        for (drawing, expected) in rows {
            for (treat, expected) in [Missing, Ignore, Breaching, NotBreaching].into_iter().zip(expected) {
                assert_eq!(state(3, 3, drawing, treat, InsufficientData), expected, "{drawing} {treat:?}");
            }
        }
    }

    #[test]
    fn a_lone_fresh_breach_is_not_enough() {
        assert_eq!(state(2, 2, "- - - X", Missing, Ok), Ok);
        assert_eq!(state(2, 2, "- - X -", Missing, Ok), Alarm);
        assert_eq!(state(2, 2, "- - - X", Breaching, Ok), Alarm);
        assert_eq!(state(2, 2, "- - X -", Ignore, Alarm), Alarm);
    }
}
