//! Budgets. AWS recomputes them two or three times a day, and keeps them in us-east-1 whatever the region.

use aws_sdk_budgets::types;

use super::{Cloud, clean, endpoints::Service, paging::Pages, text::clean_or_empty, time::timestamp};
use crate::release::{error::CloudError, facts::Budget};

const OPERATION: &str = "DescribeBudgets";

impl Cloud {
    /// The budgets of an account that have these names, in the order of the names. One that does not exist is left out.
    pub async fn budgets(&self, account: &str, names: &[String]) -> Result<Vec<Budget>, CloudError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let mut pages = Pages::new();
        loop {
            let request = self.0.budgets.describe_budgets().account_id(account).max_results(100);
            let reply = request.set_next_token(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::Budgets, reply)?;
            found.extend(reply.budgets().iter().filter(|budget| names.contains(&budget.budget_name)).map(read));
            if !self.turn_page(&mut pages, OPERATION, Service::Budgets, reply.next_token)? {
                break;
            }
        }
        found.sort_by_key(|budget: &Budget| names.iter().position(|name| *name == budget.name));
        Ok(found)
    }
}

fn read(budget: &types::Budget) -> Budget {
    let spent = budget.calculated_spend();
    let actual = spent.and_then(types::CalculatedSpend::actual_spend);
    let limit = budget.budget_limit();
    Budget {
        name: clean(budget.budget_name()),
        limit: limit.and_then(amount),
        actual: actual.and_then(amount),
        forecast: spent.and_then(types::CalculatedSpend::forecasted_spend).and_then(amount),
        unit: clean_or_empty(limit.or(actual).map(types::Spend::unit)),
        as_of: budget.last_updated_time().and_then(timestamp),
        unhealthy: budget.health_status().and_then(unhealthy),
    }
}

/// Amounts travel as text, so that no cent is lost.
fn amount(spend: &types::Spend) -> Option<f64> {
    spend.amount().trim().parse().ok().filter(|amount: &f64| amount.is_finite())
}

/// Why the figures may be old, such as `FILTER_INVALID`.
fn unhealthy(health: &types::HealthStatus) -> Option<String> {
    let status = health.status().filter(|status| **status != types::HealthStatusValue::Healthy)?;
    Some(clean(health.status_reason().map_or(status.as_str(), types::HealthStatusReason::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(amount: &str) -> types::Spend {
        types::Spend::builder().amount(amount).unit("USD").build().unwrap()
    }

    #[test]
    fn amounts_are_read_from_text() {
        assert_eq!(amount(&spend("123.4567")), Some(123.4567));
        assert_eq!(amount(&spend("")), None);
        assert_eq!(amount(&spend("NaN")), None);
    }

    #[test]
    fn only_a_budget_in_bad_health_has_a_remark() {
        let health = |status: &str, reason: Option<&str>| {
            types::HealthStatus::builder().status(status.into()).set_status_reason(reason.map(Into::into)).build()
        };
        assert_eq!(unhealthy(&health("HEALTHY", None)), None);
        assert_eq!(unhealthy(&health("UNHEALTHY", Some("FILTER_INVALID"))), Some("FILTER_INVALID".into()));
        assert_eq!(unhealthy(&health("UNHEALTHY", None)), Some("UNHEALTHY".into()));
    }
}
