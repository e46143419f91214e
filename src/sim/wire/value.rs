//! The tree that every protocol is read into and written from, so that an operation is written once for CBOR and JSON.
//! It knows the types that AWS's protocols share, and no operation.

use jiff::Timestamp;

use super::fault;
use crate::sim::world::Fault;

/// A value on its way in or out.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Present, and nothing. Readers take it for absent.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number; always written as a double, also when it is whole.
    Double(f64),
    /// Text.
    Text(String),
    /// A moment: tag 1 in CBOR, epoch seconds in JSON.
    Time(Timestamp),
    /// A list.
    List(Vec<Value>),
    /// A structure or a map, in the order in which it was written.
    Map(Vec<(String, Value)>),
}

/// Builds a structure member by member.
#[derive(Debug, Default)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    /// A structure without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this member.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// With this member if there is one: AWS leaves absent members out.
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Value {
    /// The member of that name, unless it is absent or null, or this is no structure.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Self::Map(members) = self else { return None };
        members.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| **value != Self::Null)
    }

    /// A member that is text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        self.read(name, "String", |value| match value {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// A member that is a whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, Fault> {
        self.read(name, "Integer", Self::as_int)
    }

    /// A member that is true or false.
    pub fn bool(&self, name: &str) -> Result<Option<bool>, Fault> {
        self.read(name, "Boolean", |value| match value {
            Self::Bool(value) => Some(*value),
            _ => None,
        })
    }

    /// A member that is a moment: tagged, epoch seconds, or ISO 8601 text.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        self.read(name, "Timestamp", Self::as_time)
    }

    /// A member that is a list; an absent one is empty.
    pub fn list(&self, name: &str) -> Result<&[Value], Fault> {
        let list = self.read(name, "List", |value| match value {
            Self::List(items) => Some(items.as_slice()),
            _ => None,
        })?;
        Ok(list.unwrap_or_default())
    }

    /// A member that is a list of texts; an absent one is empty.
    pub fn texts<'a>(&'a self, name: &str) -> Result<Vec<&'a str>, Fault> {
        let text = |value: &'a Self| match value {
            Self::Text(text) => Ok(text.as_str()),
            _ => Err(fault::serialization(name, "String")),
        };
        self.list(name)?.iter().map(text).collect()
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        kind: &str,
        convert: impl Fn(&'a Self) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        convert(value).map(Some).ok_or_else(|| fault::serialization(name, kind))
    }

    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers within the exact range of a double pass")]
    fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Double(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// This value as a number.
    #[expect(clippy::cast_precision_loss, reason = "no number in these protocols needs more than 53 bits")]
    pub fn as_double(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Double(value) => Some(*value),
            _ => None,
        }
    }

    fn as_time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(*time),
            Self::Text(text) => text.parse().ok(),
            _ => self.as_double().and_then(seconds),
        }
    }
}

/// The moment that many seconds after 1970, to the millisecond as Smithy prescribes.
#[expect(clippy::cast_possible_truncation, reason = "out of range saturates, and jiff refuses what is no timestamp")]
pub fn seconds(epoch_seconds: f64) -> Option<Timestamp> {
    if !epoch_seconds.is_finite() {
        return None;
    }
    Timestamp::from_millisecond((epoch_seconds * 1000.0).round() as i64).ok()
}

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Map(members.0)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
