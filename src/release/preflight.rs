//! What stands in the way of a release's first shift: ringing alarms that nobody acknowledged, open required items,
//! the hour of the day, gates that fail already, and what was found about the functions. It only lists; who is stopped
//! by what, the obstacle says itself.

use std::{borrow::Cow, collections::BTreeSet};

use jiff::Timestamp;

use super::{
    checklist::Checklist,
    gates::{
        Check, Gate, GateResult, Level,
        alarms::{AlarmReading, ringing},
    },
    hours::{self, AllowedHours},
    stages::Obstacle,
};

/// All that was found before a release.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The gates of the environment.
    pub gates: &'a [Gate],
    /// What they say now.
    pub results: &'a [GateResult],
    /// The alarms as they are.
    pub alarms: &'a [AlarmReading<'a>],
    /// Names of ringing alarms that somebody acknowledged.
    pub acknowledged: &'a BTreeSet<String>,
    /// The checklist.
    pub checklist: &'a Checklist,
    /// The allowed hours.
    pub hours: &'a [AllowedHours],
    /// What somebody typed as the reason for a release outside them.
    pub reason: Option<&'a str>,
    /// What was found about the functions, each in a sentence.
    pub troubles: &'a [String],
}

/// Everything that stands in the way at this moment, each once.
pub fn obstacles(findings: &Findings<'_>, now: Timestamp) -> Vec<Obstacle> {
    let mut obstacles = BTreeSet::new();
    for gate in findings.gates {
        let Check::Alarms(check) = &gate.check else {
            let fails = |result: &&GateResult| result.gate == gate.name && result.fails(Level::Critical);
            let failing = findings.results.iter().find(fails);
            obstacles.extend(failing.map(|result| Obstacle::Gate { name: result.gate.clone() }));
            continue;
        };
        let ringing = ringing(check, findings.alarms).into_iter().map(Cow::into_owned);
        let unknown = ringing.filter(|name| !findings.acknowledged.contains(name));
        obstacles.extend(unknown.map(|name| Obstacle::AlarmRinging { name }));
    }
    let has_reason = findings.reason.is_some_and(|reason| !reason.trim().is_empty());
    if !has_reason && !hours::allow(findings.hours, now) {
        obstacles.insert(Obstacle::OutsideHours { allowed: hours::in_words(findings.hours) });
    }
    obstacles.extend(findings.checklist.obstacles());
    obstacles.extend(findings.troubles.iter().map(|why| Obstacle::Preflight { why: why.clone() }));
    obstacles.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use jiff::{
        civil::{Weekday, time},
        tz::TimeZone,
    };

    use super::*;
    use crate::release::{
        facts::{Alarm, AlarmState, Severity},
        gates::{Outcome, Unit, alarms::Insufficient, settings::defaults},
    };

    fn alarm(name: &str) -> Alarm {
        Alarm::named(name, AlarmState::Alarm)
    }

    #[test]
    fn everything_in_the_way_is_listed_until_it_is_dealt_with() {
        let now: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
        let gates = defaults();
        let alarms = [alarm("api-5xx"), alarm("low-disk")];
        let reading = |alarm, severity| AlarmReading {
            alarm,
            severity: Some(severity),
            means: None,
            insufficient: Insufficient::Undecided,
            from_before: false,
        };
        let alarms = [reading(&alarms[0], Severity::Critical), reading(&alarms[1], Severity::Low)];
        let failing = Outcome::Fail { level: Level::Critical, alike: false };
        let results = [GateResult { outcome: failing, ..GateResult::new("error rate", Unit::Percent) }];
        let office = AllowedHours {
            days: vec![Weekday::Friday],
            from: time(9, 0, 0, 0),
            to: time(16, 0, 0, 0),
            zone: TimeZone::UTC,
        };
        let troubles = ["version 43 is Pending".to_owned()];
        let findings = Findings {
            gates: &gates,
            results: &results,
            alarms: &alarms,
            acknowledged: &BTreeSet::new(),
            checklist: &Checklist::default(),
            hours: &[office],
            reason: Some("  "),
            troubles: &troubles,
        };
        let expected = [
            Obstacle::AlarmRinging { name: "api-5xx".to_owned() },
            Obstacle::OutsideHours { allowed: "fri 09:00–16:00 UTC".to_owned() },
            Obstacle::Gate { name: "error rate".to_owned() },
            Obstacle::Preflight { why: "version 43 is Pending".to_owned() },
        ];
        assert_eq!(obstacles(&findings, now), expected);
        let acknowledged = BTreeSet::from(["api-5xx".to_owned()]);
        let dealt_with = Findings {
            results: &[],
            acknowledged: &acknowledged,
            reason: Some("a customer waits"),
            troubles: &[],
            ..findings
        };
        assert_eq!(obstacles(&dealt_with, now), []);
    }
}
