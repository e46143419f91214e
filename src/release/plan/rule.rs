//! What stands in the way of moving the weights of a listener's rule: shapes of it that cannot be taken back with one
//! write, targets that are not there, and other tools that move the same weights.

use super::{Known, PlanRow};
use crate::release::facts::{Mark, RuleSetting, Setting};

/// Why a rule of this shape is not moved at all, and what to do about it.
pub(super) fn shape(known: &Known<'_>) -> Option<String> {
    let Setting::Rule(RuleSetting { groups, action, .. }) = &known.alias.setting else {
        return Some("it was not read as a listener's rule".to_owned());
    };
    if action != "forward" {
        return Some(format!(
            "the rule does not forward, its action is {action}: name a rule that forwards to two target groups"
        ));
    }
    match groups.len() {
        0 | 1 => Some(format!(
            "the rule forwards to {} alone: add the second target group to its action with weight 0, then plan again",
            known.alias.routing.primary
        )),
        2 => None,
        count => Some(format!(
            "the rule names {count} target groups, and a release moves traffic between two: take the others out of it"
        )),
    }
}

/// Why traffic is not moved to this group, and what to do about it.
pub(super) fn obstacle(known: &Known<'_>, row: &PlanRow) -> Option<String> {
    if row.from.same_traffic(&row.to) {
        return None;
    }
    owner(known).or_else(|| stickiness(known))
}

/// Another tool that moves the same weights would undo ours, or be confused by them.
fn owner(known: &Known<'_>) -> Option<String> {
    let mark = marks(known).find_map(|mark| match mark {
        Mark::OwnedBy { owner, tag } => Some((owner, tag)),
        Mark::Sticky(_) | Mark::Stack(_) => None,
    });
    mark.map(|(owner, tag)| {
        format!("its traffic is moved by {owner} (tag {tag}): release there, or give this rule groups of its own")
    })
}

/// Stickiness outlives weights: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html>
fn stickiness(known: &Known<'_>) -> Option<String> {
    const WHY: &str = "clients would stay with the new group after a rollback, whatever the weights";
    let is_sticky = matches!(&known.alias.setting, Setting::Rule(RuleSetting { sticky: true, .. }));
    if is_sticky {
        return Some(format!("group stickiness is on in the rule's action: {WHY}. Switch it off in the rule first"));
    }
    let group = marks(known).find_map(|mark| match mark {
        Mark::Sticky(group) => Some(group),
        Mark::OwnedBy { .. } | Mark::Stack(_) => None,
    });
    group.map(|group| {
        format!(
            "stickiness is on in the target group {group}: {WHY}. Set its attribute stickiness.enabled to false first"
        )
    })
}

/// What the stack would say to other weights.
pub(super) fn remarks(known: &Known<'_>) -> Vec<String> {
    let stack = marks(known).find_map(|mark| match mark {
        Mark::Stack(stack) => Some(stack),
        Mark::Sticky(_) | Mark::OwnedBy { .. } => None,
    });
    let mut remarks = vec![super::COMPARED.to_owned()];
    remarks.extend(stack.map(|stack| super::drift(stack, "weights")));
    remarks
}

fn marks<'a>(known: &Known<'a>) -> impl Iterator<Item = &'a Mark> {
    known.versions.iter().flat_map(|info| &info.marks)
}
