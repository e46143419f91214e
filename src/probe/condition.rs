//! What a health endpoint's JSON must say. Pure: a document and a condition give yes, or the value that was found in
//! place of the one expected.

use std::fmt;

use serde_json::Value;

use super::path::JsonPath;
use crate::text::{clean, shortened};

/// Values are quoted up to so many characters.
const LONGEST_VALUE: usize = 60;
/// Of many values behind a `*`, so many are quoted.
const MOST_QUOTED: usize = 3;

/// Something that must be true of a JSON document.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonCondition {
    /// What is at the end of a path. Behind a `*` there must be something, and all of it must fit.
    Value {
        /// Where to look.
        path: JsonPath,
        /// What must be there.
        expected: Expected,
    },
    /// All of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// This text, number, true, false or null. A text is never equal to a number: `"1"` is not 1.
    Equal(Value),
    /// Anything but this.
    NotEqual(Value),
    /// A number, this or more.
    AtLeast(f64),
    /// A number, this or less.
    AtMost(f64),
    /// Anything but null.
    Exists,
}

impl JsonCondition {
    /// Whether it is true of a document.
    ///
    /// # Errors
    /// What is not as expected, with its path and value, on one line.
    pub fn check(&self, document: &Value) -> Result<(), String> {
        match self {
            Self::Value { path, expected } => check_values(path, expected, document),
            Self::All(conditions) => conditions.iter().try_for_each(|condition| condition.check(document)),
            Self::Any(conditions) => {
                let mut failed = Vec::new();
                for condition in conditions {
                    match condition.check(document) {
                        Ok(()) => return Ok(()),
                        Err(why) => failed.push(why),
                    }
                }
                Err(format!("none of these: {}", failed.join("; ")))
            }
        }
    }
}

fn check_values(path: &JsonPath, expected: &Expected, document: &Value) -> Result<(), String> {
    let found = path.find(document);
    if found.is_empty() {
        return Err(format!("{path} is not in the answer, expected {expected}"));
    }
    let wrong: Vec<&Value> = found.into_iter().filter(|value| !expected.fits(value)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let mut quotes: Vec<String> = wrong.iter().take(MOST_QUOTED).map(|value| show(value)).collect();
    if wrong.len() > MOST_QUOTED {
        quotes.push(format!("{} more", wrong.len() - MOST_QUOTED));
    }
    Err(format!("{path} is {}, expected {expected}", quotes.join(", ")))
}

impl Expected {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Equal(wanted) => same(value, wanted),
            Self::NotEqual(unwanted) => !same(value, unwanted),
            Self::AtLeast(least) => value.as_f64().is_some_and(|number| number >= *least),
            Self::AtMost(most) => value.as_f64().is_some_and(|number| number <= *most),
            Self::Exists => !value.is_null(),
        }
    }
}

/// Equality, where 1 and 1.0 are the same number.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        // Both come from texts that somebody wrote down, so there is no rounding to allow for.
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

/// `"healthy"`, `at least 3`.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(wanted) => f.write_str(&show(wanted)),
            Self::NotEqual(unwanted) => write!(f, "anything but {}", show(unwanted)),
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::Exists => f.write_str("something"),
        }
    }
}

/// A value as JSON writes it, on one line and not too long. Texts keep their quotation marks: they tell "1" from 1.
fn show(value: &Value) -> String {
    shortened(&clean(&value.to_string()), LONGEST_VALUE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(path: &str, expected: Expected) -> JsonCondition {
        JsonCondition::Value { path: path.parse().unwrap(), expected }
    }

    fn equal(path: &str, value: Value) -> JsonCondition {
        at(path, Expected::Equal(value))
    }

    #[test]
    fn one_value_against_what_is_expected_of_it() {
        let document = json!({"status": "ok", "data": {"up": true, "free": 3, "load": 0.5}, "gone": null});
        let good = [
            equal("status", json!("ok")),
            equal("data.up", json!(true)),
            equal("data.free", json!(3.0)),
            equal("gone", Value::Null),
            at("status", Expected::NotEqual(json!("down"))),
            at("data.free", Expected::AtLeast(3.0)),
            at("data.load", Expected::AtMost(0.5)),
            at("data", Expected::Exists),
        ];
        for condition in good {
            assert_eq!(condition.check(&document), Ok(()), "{condition:?}");
        }
        for (condition, why) in [
            (equal("status", json!("healthy")), r#"status is "ok", expected "healthy""#),
            (equal("data.free", json!("3")), r#"data.free is 3, expected "3""#),
            (equal("data.up", json!(1)), "data.up is true, expected 1"),
            (equal("data.down", json!(1)), "data.down is not in the answer, expected 1"),
            (at("gone", Expected::Exists), "gone is null, expected something"),
            (at("data.free", Expected::AtLeast(4.0)), "data.free is 3, expected at least 4"),
            (at("status", Expected::AtMost(4.0)), r#"status is "ok", expected at most 4"#),
            (at("data.up", Expected::NotEqual(json!(true))), "data.up is true, expected anything but true"),
        ] {
            assert_eq!(condition.check(&document), Err(why.to_owned()));
        }
    }

    #[test]
    fn every_value_behind_a_star_must_fit() {
        let closed = equal("breakers.*.state", json!("closed"));
        assert_eq!(closed.check(&json!({"breakers": {"a": {"state": "closed"}}})), Ok(()));
        let mixed = json!({"breakers": {"a": {"state": "closed"}, "b": {"state": "open"}}});
        assert_eq!(closed.check(&mixed), Err(r#"breakers.*.state is "open", expected "closed""#.to_owned()));
        let none = closed.check(&json!({"breakers": {}})).unwrap_err();
        assert!(none.contains("is not in the answer"), "{none}");
        let many = equal("*", json!(0)).check(&json!([1, 2, 3, 4, 5])).unwrap_err();
        assert_eq!(many, "* is 1, 2, 3, 2 more, expected 0");
    }

    #[test]
    fn conditions_nest() {
        let (good, bad) = (equal("a", json!(1)), equal("b", json!(1)));
        let document = json!({"a": 1, "b": 2});
        let all = |conditions: &[&JsonCondition]| JsonCondition::All(conditions.iter().copied().cloned().collect());
        let any = |conditions: &[&JsonCondition]| JsonCondition::Any(conditions.iter().copied().cloned().collect());
        assert_eq!(any(&[&bad, &all(&[&good, &good])]).check(&document), Ok(()));
        assert_eq!(all(&[&good, &bad]).check(&document), Err("b is 2, expected 1".to_owned()));
        let neither = any(&[&bad, &all(&[&good, &bad])]).check(&document);
        assert_eq!(neither, Err("none of these: b is 2, expected 1; b is 2, expected 1".to_owned()));
        assert!(any(&[]).check(&document).is_err() && all(&[]).check(&document).is_ok());
    }

    #[test]
    fn values_are_quoted_clean_and_short() {
        let why = equal("a", json!(1)).check(&json!({"a": format!("\u{9b}2J{}", "x".repeat(500))})).unwrap_err();
        assert!(why.chars().count() < 100 && !why.chars().any(char::is_control), "{why:?}");
    }
}
