//! Alarms that will never have data unless something happens: named, with the remedy, unless their rule knows it.

use super::finding::{Finding, Verdict};
use crate::{
    config::Environment,
    release::{facts::Alarm, gates::alarms::Insufficient, resting},
};

/// A warning for each.
pub(super) fn findings(alarms: &[Alarm], environment: &Environment) -> Vec<Finding> {
    let finding = |alarm: &Alarm| {
        let rule = environment.rule_for(alarm).filter(|rule| rule.insufficient == Insufficient::Undecided);
        let words = rule.and_then(|_| resting::remedy(alarm))?;
        Some(Finding::new(format!("alarm {}", alarm.name), Verdict::Warning, words))
    };
    alarms.iter().filter_map(finding).collect()
}
