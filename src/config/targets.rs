//! The table `[dora]`: what is aimed at. Nothing is by default.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    document::{Table, Value, Wrong},
    read::known,
    words,
};
use crate::release::dora::Targets;

/// Longer than this nobody aims at.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// The targets of the file.
pub(super) fn targets(root: &Table<'_>) -> Targets {
    let Some(table) = root.table("dora", known::DORA) else { return Targets::default() };
    Targets {
        deployments_per_week: table.read("deployments_per_week", |value| within(value, 10_000.0)),
        lead_time: table.read("lead_time", length),
        change_failure_rate: table.read("change_failure_rate", |value| within(value, 100.0)),
        recovery_time: table.read("recovery_time", length),
        rollback_time: table.read("rollback_time", length),
        duration: table.read("duration", length),
        success_rate: table.read("success_rate", |value| within(value, 100.0)),
        zero_downtime: table.read("zero_downtime", |value| within(value, 100.0)),
    }
}

fn within(value: Value<'_>, most: f64) -> Result<f64, Wrong> {
    let number = value.number()?;
    if (0.0..=most).contains(&number) {
        Ok(number)
    } else {
        Err(value.wrong(format!("{number} is not within 0 to {most}")))
    }
}

fn length(value: Value<'_>) -> Result<SignedDuration, Wrong> {
    let length = words::duration(value.text()?, LONGEST).map_err(|why| value.wrong(why))?;
    SignedDuration::try_from(length).map_err(|error| value.wrong(error.to_string()))
}
