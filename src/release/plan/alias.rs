//! What stands in the way of moving a Lambda alias.

use super::{Known, PlanRow};
use crate::release::{facts::VersionInfo, names::Version};

/// What holds whatever else is known.
pub(super) fn before(row: &PlanRow) -> Option<String> {
    let is_latest = row.new == Version::Latest || (row.stable == Version::Latest && row.to.is_split());
    is_latest.then(|| "$LATEST cannot take part in a split: publish a version first".to_owned())
}

/// What AWS refuses where two versions share the traffic: both must have the same execution role, and the same
/// dead-letter queue or none. <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
pub(super) fn split(known: &Known<'_>, row: &PlanRow, new: &VersionInfo) -> Option<String> {
    let stable = known.info(row.stable).filter(|_| row.to.is_split())?;
    let versions = format!("versions {} and {}", row.stable, row.new);
    if stable.role != new.role {
        return Some(format!("{versions} have different execution roles: AWS refuses a split"));
    }
    (stable.dead_letter != new.dead_letter)
        .then(|| format!("{versions} have different dead-letter queues: AWS refuses a split"))
}

/// Provisioned concurrency goes along with the alias, and takes its time.
/// <https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html>
pub(super) fn remarks(known: &Known<'_>, row: &PlanRow) -> Vec<String> {
    let moving = known.provisioned.filter(|_| !row.from.same_traffic(&row.to));
    let remark = moving.map(|provisioned| {
        format!(
            "its provisioned concurrency of {} goes along: AWS makes it ready for {} in a minute or two, and calls \
             before that may start cold",
            provisioned.requested, row.new
        )
    });
    remark.into_iter().collect()
}
