//! Services that misbehave on request: the switch behind drills and tests of bad weather. How each one looks on the
//! wire is the wire's affair.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

/// What a request gets instead of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disturbance {
    /// Never an answer, and nothing is done.
    Hang,
    /// Never an answer, but what was asked is done.
    HangAfterDoing,
    /// The right answer after so many wall-clock milliseconds.
    SlowMs(u64),
    /// The service's own error for too many requests.
    Throttled,
    /// An internal error, 500.
    ServerError,
    /// The credentials have expired.
    ExpiredToken,
    /// The caller may not do this.
    AccessDenied,
    /// A page of HTML, as a proxy sends it.
    Html,
    /// Status 400 and an empty body.
    EmptyBadRequest,
    /// The first half of the right answer.
    HalfAnAnswer,
}

impl Disturbance {
    /// How long the answer is held back, in wall time.
    pub fn delay(self) -> Duration {
        match self {
            Self::SlowMs(ms) => Duration::from_millis(ms),
            _ => Duration::ZERO,
        }
    }
}

/// A disturbance that has been ordered.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) operation: String,
    pub(super) disturbance: Disturbance,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) left: Option<u32>,
}

/// Takes the first order that covers `operation` now, and counts it.
pub(super) fn take(orders: &mut Vec<Order>, operation: &str, now: Timestamp) -> Option<Disturbance> {
    let covers = |order: &Order| {
        order.from <= now && now < order.until && order.left != Some(0) && matches(&order.operation, operation)
    };
    let index = orders.iter().position(covers)?;
    let order = &mut orders[index];
    let disturbance = order.disturbance;
    if let Some(left) = &mut order.left {
        *left -= 1;
    }
    orders.retain(|order| order.left != Some(0) && order.until > now);
    Some(disturbance)
}

/// Whether `text` fits `pattern`, in which `*` stands for any letters.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    (0..=rest.len()).filter(|&at| rest.is_char_boundary(at)).any(|at| matches(tail, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        assert!(matches("*", "UpdateAlias"));
        assert!(matches("Update*", "UpdateAlias"));
        assert!(matches("*Alias*", "ListAliases"));
        assert!(!matches("Get*", "ListAliases"));
        assert!(!matches("UpdateAlias", "UpdateAliases"));
    }

    #[test]
    fn an_order_is_used_up() {
        let now = Timestamp::UNIX_EPOCH;
        let order = Order {
            operation: "Get*".to_owned(),
            disturbance: Disturbance::Throttled,
            from: now,
            until: Timestamp::MAX,
            left: Some(2),
        };
        let mut orders = vec![order];
        assert_eq!(take(&mut orders, "UpdateAlias", now), None);
        assert_eq!(take(&mut orders, "GetAlias", now), Some(Disturbance::Throttled));
        assert_eq!(take(&mut orders, "GetMetricData", now), Some(Disturbance::Throttled));
        assert_eq!(take(&mut orders, "GetAlias", now), None);
    }
}
