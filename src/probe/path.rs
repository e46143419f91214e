//! Where a value stands in a JSON document: `status`, `checks.database.ok`, `checks[0].name`, `breakers.*.state`.

use std::{fmt, str::FromStr};

use serde_json::Value;

/// Deeper than any health endpoint answers.
const MOST_STEPS: usize = 32;

/// The way to a value, or to several where it has a `*` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The entry of an object: `name`, or `["any text"]`.
    Key(String),
    /// The item of a list, from 0: `[2]`.
    Item(usize),
    /// Every entry or item: `*`.
    Each,
}

impl JsonPath {
    /// The values at the end of the way. None where the document does not have it.
    pub fn find<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![document];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| step.from(value)).collect();
        }
        found
    }
}

impl Step {
    fn from<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Self::Key(key), Value::Object(entries)) => entries.get(key).into_iter().collect(),
            (Self::Item(index), Value::Array(items)) => items.get(*index).into_iter().collect(),
            (Self::Each, Value::Object(entries)) => entries.values().collect(),
            (Self::Each, Value::Array(items)) => items.iter().collect(),
            (Self::Key(_) | Self::Item(_) | Self::Each, _) => Vec::new(),
        }
    }
}

impl FromStr for JsonPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            let example = "write one such as \"status\", \"checks.database.ok\", \"checks[0].name\" or \"checks.*.ok\"";
            Err(format!("“{}” is not a path into JSON: {why}; {example}", crate::text::clean(text)))
        };
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, after) = match next_step(rest) {
                Ok(read) => read,
                Err(why) => return refuse(why),
            };
            steps.push(step);
            // A dot leads on to a name; a bracket follows at once.
            rest = match after.strip_prefix('.') {
                Some(name) if name.is_empty() || name.starts_with(['.', '[']) => return refuse("a name is missing"),
                Some(name) => name,
                None if after.is_empty() || after.starts_with('[') => after,
                None => return refuse("after a bracket comes a dot or another bracket"),
            };
        }
        match steps.len() {
            0 => refuse("it is empty"),
            1..=MOST_STEPS => Ok(Self(steps)),
            _ => refuse("it is too long"),
        }
    }
}

/// The first step and what comes after it.
fn next_step(text: &str) -> Result<(Step, &str), &'static str> {
    if let Some(quoted) = text.strip_prefix("[\"") {
        let (key, after) = quoted.split_once("\"]").ok_or("“[\"” is not closed by “\"]”")?;
        return Ok((Step::Key(key.to_owned()), after));
    }
    if let Some(inside) = text.strip_prefix('[') {
        let (index, after) = inside.split_once(']').ok_or("“[” is not closed")?;
        if index == "*" {
            return Ok((Step::Each, after));
        }
        return Ok((
            Step::Item(index.parse().map_err(|_| "in brackets stands a number, a * or a quoted name")?),
            after,
        ));
    }
    let (name, after) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    match name {
        "" => Err("a name is missing"),
        "*" => Ok((Step::Each, after)),
        name if name.contains([']', '"']) || name.chars().any(char::is_control) => Err("a name has no such characters"),
        name => Ok((Step::Key(name.to_owned()), after)),
    }
}

/// As it is written in the configuration.
impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            let dot = if position == 0 { "" } else { "." };
            match step {
                Step::Key(key) if key == "*" || key.is_empty() || key.contains(['.', '[', ']']) => {
                    write!(f, "[\"{key}\"]")?;
                }
                Step::Key(key) => write!(f, "{dot}{key}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Each => write!(f, "{dot}*")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_where_the_path_leads() {
        let document = json!({
            "status": "ok", "checks": [{"name": "db"}, {"name": "cache"}],
            "breakers": {"a": {"state": "closed"}, "b": {"state": "open"}}, "a.b": {"*": 1},
        });
        for (path, found) in [
            ("status", vec![json!("ok")]),
            ("checks[1].name", vec![json!("cache")]),
            ("checks.*.name", vec![json!("db"), json!("cache")]),
            ("checks[*].name", vec![json!("db"), json!("cache")]),
            ("breakers.*.state", vec![json!("closed"), json!("open")]),
            ("[\"a.b\"][\"*\"]", vec![json!(1)]),
            ("checks[2].name", vec![]),
            ("status.deeper", vec![]),
            ("checks.name", vec![]),
        ] {
            let read: JsonPath = path.parse().unwrap();
            assert_eq!(read.find(&document), found.iter().collect::<Vec<_>>(), "{path}");
            assert_eq!(read.to_string().parse(), Ok(read), "{path}");
        }
        assert_eq!("[0]".parse::<JsonPath>().unwrap().find(&json!([true])), [&json!(true)]);
    }

    #[test]
    fn what_leads_nowhere_is_refused_with_an_example() {
        let endless = "a.".repeat(40) + "a";
        let bad = ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a[0]b", "a.[0]", "a[\"b", "a]", "a\u{1b}b"];
        for path in bad.into_iter().chain([endless.as_str()]) {
            let message = path.parse::<JsonPath>().expect_err(path);
            assert!(message.contains("checks.database.ok") && !message.contains('\u{1b}'), "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-c.*\\[\\]\"0-2]{0,12}") {
            if let Ok(path) = text.parse::<JsonPath>() {
                prop_assert_eq!(path.to_string().parse::<JsonPath>(), Ok(path));
            }
        }
    }
}
