//! CBOR as Smithy's rpcv2Cbor protocol uses it, to and from the value tree.
//! See <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::value::Value;

/// Deeper input than this is refused: no operation nests so far, and the stack is not endless.
const MAX_DEPTH: usize = 32;

/// Writes a value.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, value);
    encoder.into_writer()
}

/// Reads a value. The error is a sentence for the sender; no body at all is an empty structure.
pub fn decode(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let mut decoder = Decoder::new(bytes);
    let value = read(&mut decoder, 0).map_err(|error| format!("The request body is not valid CBOR: {error}"))?;
    if decoder.position() == bytes.len() {
        Ok(value)
    } else {
        Err("The request body goes on after its CBOR value.".to_owned())
    }
}

fn write(encoder: &mut Encoder, value: &Value) {
    match value {
        Value::Null => drop(encoder.null()),
        Value::Bool(value) => drop(encoder.boolean(*value)),
        Value::Int(value) => drop(encoder.long(*value)),
        Value::Double(value) => drop(encoder.double(*value)),
        Value::Text(text) => drop(encoder.str(text)),
        Value::Time(time) => drop(encoder.timestamp(&date_time(*time))),
        Value::List(items) => {
            encoder.array(items.len());
            for item in items {
                write(encoder, item);
            }
        }
        Value::Map(members) => {
            encoder.begin_map();
            for (name, member) in members {
                encoder.str(name);
                write(encoder, member);
            }
            encoder.end();
        }
    }
}

fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.as_millisecond())
}

fn read(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, DeserializeError> {
    if depth > MAX_DEPTH {
        return Err(DeserializeError::custom("nested too deeply", decoder.position()));
    }
    Ok(match decoder.datatype()? {
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Value::Null
        }
        Type::Bool => Value::Bool(decoder.boolean()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Value::Int(decoder.long()?)
        }
        Type::F16 | Type::F32 | Type::F64 => Value::Double(decoder.double()?),
        Type::String | Type::StringIndef => Value::Text(decoder.string()?),
        Type::Tag => read_time(decoder)?,
        Type::Array | Type::ArrayIndef => read_list(decoder, depth)?,
        Type::Map | Type::MapIndef => read_map(decoder, depth)?,
        Type::Simple | Type::Bytes | Type::BytesIndef | Type::Break | Type::Unknown(_) => {
            return Err(DeserializeError::custom("unexpected type", decoder.position()));
        }
    })
}

fn read_time(decoder: &mut Decoder<'_>) -> Result<Value, DeserializeError> {
    let at = decoder.position();
    let time = decoder.timestamp()?.to_millis().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    time.map(Value::Time).ok_or_else(|| DeserializeError::custom("timestamp out of range", at))
}

fn read_list(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, DeserializeError> {
    let mut items = Vec::new();
    let length = decoder.list()?;
    while more(decoder, length, items.len())? {
        items.push(read(decoder, depth + 1)?);
    }
    Ok(Value::List(items))
}

fn read_map(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, DeserializeError> {
    let mut members = Vec::new();
    let length = decoder.map()?;
    while more(decoder, length, members.len())? {
        let name = decoder.string()?;
        members.push((name, read(decoder, depth + 1)?));
    }
    Ok(Value::Map(members))
}

/// Whether another element follows; of an indefinite collection it takes the break that ends it.
fn more(decoder: &mut Decoder<'_>, length: Option<u64>, seen: usize) -> Result<bool, DeserializeError> {
    if let Some(length) = length {
        return Ok((seen as u64) < length);
    }
    if decoder.datatype()? != Type::Break {
        return Ok(true);
    }
    decoder.skip()?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::value::Members;
    use super::*;

    fn sample() -> Value {
        Members::new()
            .with("Label", "Größe")
            .with("Nothing", Value::Null)
            .with("Whole", 300_i64)
            .with("Negative", -7_i64)
            .with("Share", 0.5)
            .with("Yes", true)
            .with("At", Timestamp::from_millisecond(1_763_000_000_500).unwrap())
            .with("List", vec![1.0, 2.0])
            .into()
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(decode(&encode(&sample())), Ok(sample()));
    }

    #[test]
    fn indefinite_collections_and_narrow_numbers_are_read() {
        let mut encoder = Encoder::new(Vec::new());
        encoder.begin_map().str("Values").begin_array().integer(1).float(0.5).double(2.0).end().end();
        let values = Value::List(vec![Value::Int(1), Value::Double(0.5), Value::Double(2.0)]);
        assert_eq!(decode(&encoder.into_writer()), Ok(Value::Map(vec![("Values".to_owned(), values)])));
    }

    #[test]
    fn a_moment_may_be_an_integer_under_tag_1() {
        let bytes = [0xc1, 0x1a, 0x65, 0x53, 0xf1, 0x00];
        assert_eq!(decode(&bytes), Ok(Value::Time(Timestamp::from_second(1_700_000_000).unwrap())));
    }

    #[test]
    fn deep_nesting_and_trailing_bytes_are_refused() {
        assert!(decode(&vec![0x81; 100_000]).unwrap_err().contains("not valid CBOR"));
        assert!(decode(&[0xf5, 0xf5]).unwrap_err().contains("goes on"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(decode(&bytes));
        }
    }
}
