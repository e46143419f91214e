//! AWS Budgets: DescribeBudgets. Amounts are texts on this wire, as money should be.

use super::fault;
use super::paging;
use super::value::{Members, Value};
use crate::sim::world::{Budget, Fault, World};

/// AWS's default page; it allows up to 1,000.
const PAGE: i64 = 100;

/// DescribeBudgets.
pub fn describe_budgets(world: &World, input: &Value) -> Result<Value, Fault> {
    let account = input.text("AccountId")?.unwrap_or_default();
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        let rule = r"Member must satisfy regular expression pattern: \d{12}";
        return Err(fault::constraint("ValidationException", account, "accountId", rule));
    }
    if account != world.account() {
        let message =
            format!("Account {} is not authorized to call DescribeBudgets on account {account}", world.account());
        return Err(fault::refusal("AccessDeniedException", message));
    }
    let limit = input.int("MaxResults")?.unwrap_or(PAGE);
    if !(1..=1000).contains(&limit) {
        let rule = "Member must have value between 1 and 1000";
        return Err(fault::constraint("ValidationException", &limit.to_string(), "maxResults", rule));
    }
    let budgets = world.budgets();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(page) = paging::page("budgets", &budgets, input.text("NextToken")?, limit) else {
        return Err(fault::refusal("InvalidNextTokenException", "The pagination token is invalid.".to_owned()));
    };
    let members = Members::new().with("Budgets", page.items.iter().map(budget).collect::<Value>());
    Ok(members.with_some("NextToken", page.next).into())
}

fn budget(budget: &Budget) -> Value {
    let spend = |amount: f64| Members::new().with("Amount", format!("{amount:.3}")).with("Unit", budget.unit);
    let calculated = Members::new()
        .with("ActualSpend", spend(budget.actual))
        .with_some("ForecastedSpend", budget.forecast.map(spend));
    Members::new()
        .with("BudgetName", &budget.name)
        .with("BudgetLimit", spend(budget.limit))
        .with("CostFilters", Value::Map(Vec::new()))
        .with("CostTypes", cost_types())
        .with("TimeUnit", "MONTHLY")
        // AWS shows when the budget itself began and that it runs on: its end is in 2087.
        .with("TimePeriod", Members::new().with("Start", budget.month_start).with("End", 3_706_473_600_i64))
        .with("CalculatedSpend", calculated)
        .with("BudgetType", "COST")
        .with("LastUpdatedTime", budget.as_of)
        .with("HealthStatus", Members::new().with("Status", "HEALTHY").with("LastUpdatedTime", budget.as_of))
        .into()
}

/// What AWS counts as cost unless told otherwise.
fn cost_types() -> Members {
    let yes =
        ["Credit", "Discount", "OtherSubscription", "Recurring", "Refund", "Subscription", "Support", "Tax", "Upfront"];
    let types = yes.into_iter().fold(Members::new(), |types, name| types.with(&format!("Include{name}"), true));
    types.with("UseAmortized", false).with("UseBlended", false)
}
