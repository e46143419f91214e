//! JSON as AWS's JSON protocols use it, to and from the value tree: moments are epoch seconds.

use jiff::Timestamp;
use serde_json::{Number, Value as Json};

use super::value::Value;

/// Writes a value.
pub fn encode(value: &Value) -> Vec<u8> {
    to_json(value).to_string().into_bytes()
}

/// Reads a value. The error is a sentence for the sender; no body at all is an empty structure.
pub fn decode(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let json = serde_json::from_slice(bytes).map_err(|error| format!("The request body is not valid JSON: {error}"))?;
    Ok(from_json(json))
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        // JSON has no infinities; none leaves an operation, and null is the honest rest.
        Value::Double(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Time(time) => epoch_seconds(*time),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), to_json(value))).collect())
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double exactly for 285,000 years")]
fn epoch_seconds(time: Timestamp) -> Json {
    let millis = time.as_millisecond();
    if millis % 1000 == 0 { Json::from(millis / 1000) } else { Json::from(millis as f64 / 1000.0) }
}

fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::Double(number.as_f64().unwrap_or(f64::MAX)),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(members) => {
            Value::Map(members.into_iter().map(|(name, value)| (name, from_json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Members;
    use super::*;

    #[test]
    fn numbers_keep_their_kind_and_moments_are_seconds() {
        let value = Members::new()
            .with("Whole", 2_i64)
            .with("Double", 2.0)
            .with("At", Timestamp::from_second(1_700_000_000).unwrap())
            .with("Between", Timestamp::from_millisecond(1_700_000_000_250).unwrap());
        let text = String::from_utf8(encode(&value.into())).unwrap();
        assert_eq!(text, r#"{"Whole":2,"Double":2.0,"At":1700000000,"Between":1700000000.25}"#);
    }

    #[test]
    fn a_moment_is_read_from_seconds_and_from_iso_text() {
        let expected = Ok(Some(Timestamp::from_second(1_700_000_000).unwrap()));
        for body in [r#"{"At":1700000000}"#, r#"{"At":1700000000.0}"#, r#"{"At":"2023-11-14T22:13:20Z"}"#] {
            assert_eq!(decode(body.as_bytes()).unwrap().time("At").map_err(|fault| fault.message), expected, "{body}");
        }
    }

    #[test]
    fn a_wrong_type_names_the_member() {
        let body = decode(br#"{"MaxRecords":"ten"}"#).unwrap();
        let fault = body.int("MaxRecords").unwrap_err();
        assert_eq!(fault.code, "SerializationException");
        assert!(fault.message.contains("MaxRecords"), "{}", fault.message);
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(decode("[".repeat(100_000).as_bytes()).is_err());
    }
}
