//! How values stand in the tables: times as milliseconds, names as texts, the rest as JSON. What cannot be read back
//! is an error that names the column.

use std::{error::Error, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Result as Sql, Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use crate::release::{
    names::{ReleaseId, Target},
    record::Who,
};

/// Columns are named rather than counted here; SQLite's crate leaves this number out of its message.
const NO_NUMBER: usize = usize::MAX;

/// A row is not what this program writes.
fn wrong(column: &str, error: impl Into<Box<dyn Error + Send + Sync>>) -> rusqlite::Error {
    let message = format!("{column}: {}", error.into());
    rusqlite::Error::FromSqlConversionFailure(NO_NUMBER, Type::Text, message.into())
}

/// A moment, UTC.
pub fn moment(row: &Row<'_>, column: &str) -> Sql<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|error| wrong(column, error))
}

/// A moment that may not have come.
pub fn moment_if_any(row: &Row<'_>, column: &str) -> Sql<Option<Timestamp>> {
    let stored: Option<i64> = row.get(column)?;
    stored.map(Timestamp::from_millisecond).transpose().map_err(|error| wrong(column, error))
}

/// A length of time.
pub fn length(row: &Row<'_>, column: &str) -> Sql<SignedDuration> {
    row.get(column).map(SignedDuration::from_millis)
}

/// A length of time as it is stored; one that is too long for it is the longest.
pub fn millis(length: SignedDuration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

/// A value that is written as a word or a number.
pub fn parsed<T: FromStr<Err: Error + Send + Sync + 'static>>(row: &Row<'_>, column: &str) -> Sql<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error: T::Err| wrong(column, error))
}

/// A value that stands there as JSON.
pub fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Sql<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| wrong(column, error))
}

/// A value that stands there as JSON, or not at all.
pub fn json_if_any<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Sql<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| wrong(column, error))
}

/// A value as JSON.
pub fn to_json(value: &impl Serialize) -> Sql<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// A word of one of our enums, as serde spells it.
pub fn word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Sql<Option<T>> {
    let word: Option<String> = row.get(column)?;
    word.map(|word| serde_json::from_value(serde_json::Value::String(word)))
        .transpose()
        .map_err(|error| wrong(column, error))
}

/// A word of one of our enums, to be stored.
pub fn to_word(value: &impl Serialize) -> Sql<String> {
    Ok(to_json(value)?.trim_matches('"').to_owned())
}

/// The function and alias of a row.
pub fn target(row: &Row<'_>) -> Sql<Target> {
    Ok(Target::from_record(row.get::<_, String>("function")?, row.get::<_, String>("alias")?))
}

/// The release that a row belongs to.
pub fn release_id(row: &Row<'_>) -> Sql<ReleaseId> {
    row.get::<_, String>("id").map(ReleaseId::new)
}

/// Who did it.
pub fn who(row: &Row<'_>) -> Sql<Who> {
    Ok(Who { caller: row.get("caller")?, os_user: row.get("os_user")? })
}

/// The start of a minute, UTC.
pub fn minute(row: &Row<'_>) -> Sql<Timestamp> {
    let number: i64 = row.get("minute")?;
    Timestamp::from_second(number.saturating_mul(60)).map_err(|error| wrong("minute", error))
}
