//! The alarms that the configuration names: whether there are such, whether they ever have data, and whether somebody
//! looks at each region in which functions move.

use std::collections::BTreeSet;

use super::{
    finding::{Finding, Verdict},
    refused,
};
use crate::{
    aws::Cloud,
    config::{AlarmArn, AlarmMatch, AlarmRule, Environment, suggestion},
    release::{facts::Alarm, gates::alarms::Insufficient, resting},
};

/// A finding for each rule, and for what no rule looks at.
pub(super) async fn alarms(cloud: &Cloud, environment: &Environment) -> Vec<Finding> {
    if environment.alarms.is_empty() {
        return vec![Finding::new("alarms", Verdict::Warning, "none is configured: nobody says when it rings")];
    }
    let alarms = match cloud.alarms(&environment.alarms).await {
        Ok(alarms) => alarms,
        Err(error) => return vec![refused("alarms", &error)],
    };
    let rules = environment.alarms.iter().map(|rule| of_rule(rule, &alarms));
    rules.chain(unwatched(cloud, environment)).chain(resting(&alarms, environment)).collect()
}

fn of_rule(rule: &AlarmRule, alarms: &[Alarm]) -> Finding {
    let count = alarms.iter().filter(|alarm| rule.fits(alarm)).count();
    let region = rule.region().map(|region| format!("{region}/")).unwrap_or_default();
    match &rule.matches {
        AlarmMatch::Name(name) | AlarmMatch::Arn(AlarmArn { name, .. }) => {
            let what = format!("alarm {region}{name}");
            if count == 0 {
                return Finding::new(what, Verdict::Failed, near(name, alarms));
            }
            Finding::new(what, Verdict::Ok, "found")
        }
        AlarmMatch::Prefix(prefix) => {
            let what = format!("alarms {region}{prefix}…");
            if count == 0 {
                return Finding::new(what, Verdict::Warning, "no alarm begins so");
            }
            Finding::new(what, Verdict::Ok, format!("{count} found"))
        }
        AlarmMatch::Tag { key, value } => {
            let pair = value.as_ref().map_or_else(|| key.clone(), |value| format!("{key} = {value}"));
            let what = format!("alarms {region}with the tag {pair}");
            // Tags are read a few at a time: none so far is not none.
            if count == 0 {
                return Finding::new(what, Verdict::Unanswerable, "none among those read so far");
            }
            Finding::new(what, Verdict::Ok, format!("{count} found so far"))
        }
    }
}

fn near(name: &str, alarms: &[Alarm]) -> String {
    let names: Vec<&str> = alarms.iter().map(|alarm| alarm.name.as_str()).collect();
    format!("does not exist{}", suggestion(name, &names))
}

/// The regions in which something moves and to which no rule belongs: their alarms are seen by nobody.
fn unwatched(cloud: &Cloud, environment: &Environment) -> Vec<Finding> {
    let home = cloud.region();
    let watched: BTreeSet<&str> = environment.alarms.iter().map(|rule| rule.region().unwrap_or(home)).collect();
    let targets = environment.functions.iter().map(|settings| &settings.target);
    let moved: BTreeSet<&str> = targets.filter_map(|target| target.region.as_deref()).collect();
    let blind = moved.difference(&watched);
    blind
        .map(|region| {
            let words = format!("no rule looks there, where functions move: give one `region = \"{region}\"`");
            Finding::new(format!("alarms of {region}"), Verdict::Warning, words)
        })
        .collect()
}

/// A warning for each alarm that will never have data unless something happens, unless its rule knows that.
fn resting(alarms: &[Alarm], environment: &Environment) -> Vec<Finding> {
    let finding = |alarm: &Alarm| {
        let rule = environment.rule_for(alarm).filter(|rule| rule.insufficient == Insufficient::Undecided);
        let words = rule.and_then(|_| resting::remedy(alarm))?;
        Some(Finding::new(format!("alarm {}", alarm.label()), Verdict::Warning, words))
    };
    alarms.iter().filter_map(finding).collect()
}
