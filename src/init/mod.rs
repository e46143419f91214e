//! A first configuration, made from what an account holds: which functions a person chooses, which of their aliases
//! and which alarms belong to them, and the text that says so. Pure: it asks nobody and writes no file.

pub mod alarms;
pub mod alias;
pub mod fuzzy;
pub mod glob;
pub mod picker;
#[cfg(test)]
mod tests;
pub mod writing;

use jiff::Timestamp;

use crate::release::facts::Caller;
pub use alias::Aliased;

/// Everything that the configuration will say.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The environment's name.
    pub environment: String,
    /// The region that was asked.
    pub region: String,
    /// The profile, where a flag named one.
    pub profile: Option<String>,
    /// The role to assume, where a flag named one.
    pub role_arn: Option<String>,
    /// The endpoint in place of AWS, where a flag named one.
    pub endpoint_url: Option<String>,
    /// Who asked; `None` where STS did not say.
    pub caller: Option<Caller>,
    /// When it was asked, in UTC.
    pub made: Timestamp,
    /// The functions, in the order of the file.
    pub functions: Vec<Chosen>,
    /// Names of the alarms that belong to them, or why they could not be asked for.
    pub alarms: Result<Vec<String>, String>,
    /// Names of all budgets of the account, or why they could not be asked for.
    pub budgets: Result<Vec<String>, String>,
}

/// A function that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// What a release would move.
    pub alias: Aliased,
}

impl Draft {
    /// How many functions a release could move as they are.
    pub fn movable(&self) -> usize {
        self.functions.iter().filter(|function| matches!(function.alias, Aliased::By { .. })).count()
    }
}
