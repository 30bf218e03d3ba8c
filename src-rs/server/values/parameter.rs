//! One value of a parameter: from what Arrow holds to what SQLite stores.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, downcast_dictionary_array};
use arrow_schema::{DataType, TimeUnit};

use super::{decimal, temporal_text};

/// A value in SQLite's five storage classes.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(&'a [u8]),
}

/// The value of `array` in `row`, in the form in which a column that was declared with its type reads it back equal;
/// or why SQLite has none. The place is added by whoever knows it.
///
/// A decimal is text with every digit, as a date, a time or a timestamp is text in ISO 8601. A union is the child that
/// the row chose.
pub(in super::super) fn value(array: &dyn Array, row: usize) -> Result<Value<'_>, String> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Integer(array.as_boolean().value(row).into()),
        DataType::Int8 => Value::Integer(number::<Int8Type>(array, row).into()),
        DataType::Int16 => Value::Integer(number::<Int16Type>(array, row).into()),
        DataType::Int32 => Value::Integer(number::<Int32Type>(array, row).into()),
        DataType::Int64 => Value::Integer(number::<Int64Type>(array, row)),
        DataType::UInt8 => Value::Integer(number::<UInt8Type>(array, row).into()),
        DataType::UInt16 => Value::Integer(number::<UInt16Type>(array, row).into()),
        DataType::UInt32 => Value::Integer(number::<UInt32Type>(array, row).into()),
        DataType::UInt64 => unsigned(number::<UInt64Type>(array, row))?,
        DataType::Float16 => real(number::<Float16Type>(array, row).to_f64())?,
        DataType::Float32 => real(number::<Float32Type>(array, row).into())?,
        DataType::Float64 => real(number::<Float64Type>(array, row))?,
        DataType::Decimal32(_, scale) => exact(&number::<Decimal32Type>(array, row), *scale),
        DataType::Decimal64(_, scale) => exact(&number::<Decimal64Type>(array, row), *scale),
        DataType::Decimal128(_, scale) => exact(&number::<Decimal128Type>(array, row), *scale),
        DataType::Decimal256(_, scale) => exact(&number::<Decimal256Type>(array, row), *scale),
        DataType::Date32 => date(number::<Date32Type>(array, row).into())?,
        DataType::Date64 => date_of_millis(number::<Date64Type>(array, row))?,
        DataType::Time32(unit @ TimeUnit::Second) => time(number::<Time32SecondType>(array, row).into(), *unit)?,
        DataType::Time32(unit) => time(number::<Time32MillisecondType>(array, row).into(), *unit)?,
        DataType::Time64(unit @ TimeUnit::Microsecond) => time(number::<Time64MicrosecondType>(array, row), *unit)?,
        DataType::Time64(unit) => time(number::<Time64NanosecondType>(array, row), *unit)?,
        DataType::Timestamp(unit, _) => timestamp(instant(array, row, *unit), *unit)?,
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Binary => Value::Blob(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Value::Blob(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Value::Blob(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => Value::Blob(array.as_fixed_size_binary().value(row)),
        DataType::Union(..) => {
            let union = array.as_union();
            value(union.child(union.type_id(row)).as_ref(), union.value_offset(row))?
        }
        DataType::Dictionary(..) => downcast_dictionary_array!(
            array => match array.key(row) {
                Some(key) => value(array.values().as_ref(), key)?,
                None => Value::Null,
            },
            other => return Err(format!("{other} is no dictionary")),
        ),
        other => return Err(format!("SQLite has no value for the type {other}; bind what is in it, or text")),
    })
}

fn number<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn instant(array: &dyn Array, row: usize, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => number::<TimestampSecondType>(array, row),
        TimeUnit::Millisecond => number::<TimestampMillisecondType>(array, row),
        TimeUnit::Microsecond => number::<TimestampMicrosecondType>(array, row),
        TimeUnit::Nanosecond => number::<TimestampNanosecondType>(array, row),
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

fn unsigned(value: u64) -> Result<Value<'static>, String> {
    i64::try_from(value).map(Value::Integer).map_err(|_| {
        format!("{value} of the type UInt64 is beyond {}, the largest integer of SQLite; bind it as a decimal or as text", i64::MAX)
    })
}

/// SQLite would make NULL of what is no number.
fn real(value: f64) -> Result<Value<'static>, String> {
    match value.is_nan() {
        true => Err("SQLite has no NaN; bind NULL, or text".to_owned()),
        false => Ok(Value::Real(value)),
    }
}

fn exact(unscaled: &impl ToString, scale: i8) -> Value<'static> {
    Value::Text(Cow::Owned(decimal::to_text(&unscaled.to_string(), scale)))
}

fn date(days: i64) -> Result<Value<'static>, String> {
    written(temporal_text::date(days), || format!("{days} days since 1970-01-01 are outside of the years -9999 to 9999"))
}

fn date_of_millis(millis: i64) -> Result<Value<'static>, String> {
    const DAY: i64 = 86_400_000;
    match millis % DAY {
        0 => date(millis / DAY),
        _ => Err(format!("a Date64 of {millis} ms is not a whole day; bind a timestamp")),
    }
}

fn time(value: i64, unit: TimeUnit) -> Result<Value<'static>, String> {
    written(temporal_text::time(value, unit), || format!("a time of {value} {unit:?}s since midnight is outside of a day"))
}

fn timestamp(value: i64, unit: TimeUnit) -> Result<Value<'static>, String> {
    written(temporal_text::timestamp(value, unit), || {
        format!("a timestamp of {value} {unit:?}s since 1970 is outside of the years -9999 to 9999")
    })
}

fn written(text: Option<String>, refusal: impl FnOnce() -> String) -> Result<Value<'static>, String> {
    text.map(|text| Value::Text(Cow::Owned(text))).ok_or_else(refusal)
}
