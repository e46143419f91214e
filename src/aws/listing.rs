//! Lists of all there is: functions, alarms and budgets, for whoever has no configuration yet.

use super::{Cloud, clean, endpoints::Service, paging::Pages, text::clean_or_empty};
use crate::{
    config::{AlarmMatch, AlarmRule},
    release::{
        error::CloudError,
        facts::{Alarm, Severity},
        names::FunctionName,
    },
};

impl Cloud {
    /// Gives the names of all functions of the region to `take`, page by page, as they come.
    pub async fn each_function(&self, mut take: impl FnMut(Vec<FunctionName>)) -> Result<(), CloudError> {
        const OPERATION: &str = "ListFunctions";
        let mut pages = Pages::new();
        loop {
            self.0.routine.turn().await;
            let request = self.0.lambda.list_functions().max_items(50).set_marker(pages.token());
            let reply = self.check(OPERATION, Service::Lambda, request.send().await)?;
            let names = reply.functions().iter().map(|function| clean_or_empty(function.function_name()));
            take(names.filter(|name| !name.is_empty()).map(FunctionName::new).collect());
            if !self.turn_page(&mut pages, OPERATION, Service::Lambda, reply.next_marker)? {
                return Ok(());
            }
        }
    }

    /// Every alarm of the region, metric and composite.
    pub async fn all_alarms(&self) -> Result<Vec<Alarm>, CloudError> {
        let every_name = AlarmMatch::Prefix(String::new());
        self.alarms(&[AlarmRule::new(every_name, Severity::Low)]).await
    }

    /// The names of all budgets of an account.
    pub async fn budget_names(&self, account: &str) -> Result<Vec<String>, CloudError> {
        const OPERATION: &str = "DescribeBudgets";
        let mut names = Vec::new();
        let mut pages = Pages::new();
        loop {
            let request = self.0.budgets.describe_budgets().account_id(account).max_results(100);
            let reply = request.set_next_token(pages.token()).send().await;
            let reply = self.check(OPERATION, Service::Budgets, reply)?;
            names.extend(reply.budgets().iter().map(|budget| clean(budget.budget_name())));
            if !self.turn_page(&mut pages, OPERATION, Service::Budgets, reply.next_token)? {
                return Ok(names);
            }
        }
    }
}
