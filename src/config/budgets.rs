//! `[[environments.NAME.budgets]]`: which budgets to show, and at which sums somebody is told what. Several budgets of
//! one group are marks on one gauge.

use super::{
    document::{Table, Value, Wrong},
    error::quoted,
    read::checked,
    words,
};

/// Every key of the table, and of a tier in it.
pub(super) const KEYS: &[&str] = &["name", "label", "group", "tiers", "expected"];
pub(super) const TIER_KEYS: &[&str] = &["at", "means"];

/// A budget, and what its sums mean.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetSettings {
    /// Its name in AWS.
    pub name: String,
    /// How it is called on screen; in a group, what its limit means, such as `email, urgent`.
    pub label: Option<String>,
    /// The gauge that it shares with the other budgets of the same group.
    pub group: Option<String>,
    /// Sums at which something happens, rising, in the budget's unit.
    pub tiers: Vec<Tier>,
    /// What it usually costs, in the budget's unit.
    pub expected: Option<f64>,
}

/// A sum at which something happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// The sum in the budget's unit.
    pub at: f64,
    /// What happens then, such as `email`.
    pub means: Option<String>,
}

impl BudgetSettings {
    /// A budget of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), label: None, group: None, tiers: Vec::new(), expected: None }
    }
}

/// The budgets of an environment, in the file's order.
pub(super) fn budgets(environment: &Table<'_>) -> Vec<BudgetSettings> {
    let mut budgets: Vec<BudgetSettings> = Vec::new();
    for table in environment.tables("budgets", KEYS) {
        let settings = BudgetSettings {
            label: table.read("label", checked(words::name)),
            group: table.read("group", checked(words::name)),
            tiers: tiers(&table),
            expected: table.read("expected", amount),
            name: match table.require("name", checked(words::name)) {
                Some(name) => name,
                None => continue,
            },
        };
        if budgets.iter().any(|known| known.name == settings.name) {
            table.problem_at("name", format!("the budget {} is listed twice", quoted(&settings.name)));
        }
        budgets.push(settings);
    }
    budgets
}

/// Numbers, or tables with a word for what happens there.
fn tiers(budget: &Table<'_>) -> Vec<Tier> {
    let mut tiers: Vec<Tier> = Vec::new();
    for (item, table) in budget.items("tiers", "a list such as [10, 50, 100]", TIER_KEYS) {
        let tier = match &table {
            None => budget.refuse("tiers", amount(item)).map(|at| Tier { at, means: None }),
            Some(table) => {
                let means = table.read("means", checked(words::name));
                table.require("at", amount).map(|at| Tier { at, means })
            }
        };
        let Some(tier) = tier else { continue };
        if let Some(before) = tiers.last().filter(|before| before.at >= tier.at) {
            let message = format!("tiers must rise, but {} comes after {}", tier.at, before.at);
            budget.refuse::<()>("tiers", Err(item.wrong(message)));
        }
        tiers.push(tier);
    }
    tiers
}

fn amount(value: Value<'_>) -> Result<f64, Wrong> {
    match value.number()? {
        amount if amount > 0.0 => Ok(amount),
        other => Err(value.wrong(format!("{other} is not an amount above 0"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> Result<Vec<BudgetSettings>, String> {
        let text = format!("[environments.production]\nbudgets = [{text}]\n");
        let config = Config::parse(&text, "deck.toml").map_err(|error| error.to_string())?;
        Ok(config.environments["production"].budgets.clone())
    }

    #[test]
    fn tiers_are_numbers_or_say_what_they_mean() {
        let text = "{ name = \"m\", tiers = [10, { at = 50.5, means = \"email\" }], expected = 88 }";
        let budgets = read(text).unwrap();
        let tier = |at, means: Option<&str>| Tier { at, means: means.map(str::to_owned) };
        assert_eq!(budgets[0].tiers, [tier(10.0, None), tier(50.5, Some("email"))]);
        assert_eq!(budgets[0].expected, Some(88.0));
    }

    #[test]
    fn tiers_that_cannot_be_are_refused_with_their_place() {
        for (bad, words) in [
            ("tiers = [50, 10]", "tiers must rise, but 10 comes after 50"),
            ("tiers = [\"x\"]", "expected a number"),
            ("tiers = [{ means = \"email\" }]", "`at` is missing"),
            ("tiers = [{ at = 5, mean = \"email\" }]", "did you mean `means`?"),
            ("tiers = [0]", "not an amount above 0"),
            ("expected = -1", "not an amount above 0"),
        ] {
            let why = read(&format!("{{ name = \"m\", {bad} }}")).unwrap_err();
            assert!(why.contains(words), "{bad}: {why}");
        }
    }
}
