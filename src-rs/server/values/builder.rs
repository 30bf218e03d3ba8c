//! Builds one Arrow column from SQLite values.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BinaryViewBuilder, BooleanBuilder, Decimal32Builder, Decimal64Builder, Decimal128Builder, Decimal256Builder,
    FixedSizeBinaryBuilder, LargeBinaryBuilder, LargeStringBuilder, PrimitiveBuilder, StringBuilder, StringViewBuilder,
};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::cell::{Cell, Misfit};
use super::numbers::{boolean, double, half, integer, single};
use super::types::ColumnType;
use super::{decimal, temporal};

/// The values of one column, up to the end of a batch.
pub(in super::super) struct ColumnBuilder {
    kind: ColumnType,
    values: Values,
}

enum Values {
    Boolean(BooleanBuilder),
    Int8(PrimitiveBuilder<Int8Type>),
    Int16(PrimitiveBuilder<Int16Type>),
    Int32(PrimitiveBuilder<Int32Type>),
    Int64(PrimitiveBuilder<Int64Type>),
    UInt8(PrimitiveBuilder<UInt8Type>),
    UInt16(PrimitiveBuilder<UInt16Type>),
    UInt32(PrimitiveBuilder<UInt32Type>),
    UInt64(PrimitiveBuilder<UInt64Type>),
    Float16(PrimitiveBuilder<Float16Type>),
    Float32(PrimitiveBuilder<Float32Type>),
    Float64(PrimitiveBuilder<Float64Type>),
    Decimal32(Decimal32Builder, u8, i8),
    Decimal64(Decimal64Builder, u8, i8),
    Decimal128(Decimal128Builder, u8, i8),
    Decimal256(Decimal256Builder, u8, i8),
    Date(PrimitiveBuilder<Date32Type>),
    DateMillis(PrimitiveBuilder<Date64Type>),
    TimeSeconds(PrimitiveBuilder<Time32SecondType>),
    TimeMillis(PrimitiveBuilder<Time32MillisecondType>),
    TimeMicros(PrimitiveBuilder<Time64MicrosecondType>),
    TimeNanos(PrimitiveBuilder<Time64NanosecondType>),
    TimestampSeconds(PrimitiveBuilder<TimestampSecondType>),
    TimestampMillis(PrimitiveBuilder<TimestampMillisecondType>),
    TimestampMicros(PrimitiveBuilder<TimestampMicrosecondType>),
    TimestampNanos(PrimitiveBuilder<TimestampNanosecondType>),
    Text(StringBuilder),
    LargeText(LargeStringBuilder),
    TextView(StringViewBuilder),
    Blob(BinaryBuilder),
    LargeBlob(LargeBinaryBuilder),
    BlobView(BinaryViewBuilder),
    FixedBlob(FixedSizeBinaryBuilder),
}

/// Runs one expression for whichever builder it is.
macro_rules! each {
    ($values:expr, $builder:ident => $do:expr) => {
        match $values {
            Values::Boolean($builder) => $do,
            Values::Int8($builder) => $do,
            Values::Int16($builder) => $do,
            Values::Int32($builder) => $do,
            Values::Int64($builder) => $do,
            Values::UInt8($builder) => $do,
            Values::UInt16($builder) => $do,
            Values::UInt32($builder) => $do,
            Values::UInt64($builder) => $do,
            Values::Float16($builder) => $do,
            Values::Float32($builder) => $do,
            Values::Float64($builder) => $do,
            Values::Decimal32($builder, ..) => $do,
            Values::Decimal64($builder, ..) => $do,
            Values::Decimal128($builder, ..) => $do,
            Values::Decimal256($builder, ..) => $do,
            Values::Date($builder) => $do,
            Values::DateMillis($builder) => $do,
            Values::TimeSeconds($builder) => $do,
            Values::TimeMillis($builder) => $do,
            Values::TimeMicros($builder) => $do,
            Values::TimeNanos($builder) => $do,
            Values::TimestampSeconds($builder) => $do,
            Values::TimestampMillis($builder) => $do,
            Values::TimestampMicros($builder) => $do,
            Values::TimestampNanos($builder) => $do,
            Values::Text($builder) => $do,
            Values::LargeText($builder) => $do,
            Values::TextView($builder) => $do,
            Values::Blob($builder) => $do,
            Values::LargeBlob($builder) => $do,
            Values::BlobView($builder) => $do,
            Values::FixedBlob($builder) => $do,
        }
    };
}

impl ColumnBuilder {
    /// A column with room for `rows` values.
    pub(in super::super) fn new(kind: ColumnType, rows: usize) -> Self {
        fn primitive<T: ArrowPrimitiveType>(kind: ColumnType, rows: usize) -> PrimitiveBuilder<T> {
            PrimitiveBuilder::with_capacity(rows).with_data_type(kind.arrow())
        }
        let values = match kind {
            ColumnType::Boolean => Values::Boolean(BooleanBuilder::with_capacity(rows)),
            ColumnType::Int8 => Values::Int8(primitive(kind, rows)),
            ColumnType::Int16 => Values::Int16(primitive(kind, rows)),
            ColumnType::Int32 => Values::Int32(primitive(kind, rows)),
            ColumnType::Int64 => Values::Int64(primitive(kind, rows)),
            ColumnType::UInt8 => Values::UInt8(primitive(kind, rows)),
            ColumnType::UInt16 => Values::UInt16(primitive(kind, rows)),
            ColumnType::UInt32 => Values::UInt32(primitive(kind, rows)),
            ColumnType::UInt64 => Values::UInt64(primitive(kind, rows)),
            ColumnType::Float16 => Values::Float16(primitive(kind, rows)),
            ColumnType::Float32 => Values::Float32(primitive(kind, rows)),
            ColumnType::Float64 => Values::Float64(primitive(kind, rows)),
            ColumnType::Decimal { precision, scale, .. } => match kind.arrow() {
                DataType::Decimal32(..) => Values::Decimal32(primitive(kind, rows), precision, scale),
                DataType::Decimal64(..) => Values::Decimal64(primitive(kind, rows), precision, scale),
                DataType::Decimal128(..) => Values::Decimal128(primitive(kind, rows), precision, scale),
                _ => Values::Decimal256(primitive(kind, rows), precision, scale),
            },
            ColumnType::Date => Values::Date(primitive(kind, rows)),
            ColumnType::DateMillis => Values::DateMillis(primitive(kind, rows)),
            ColumnType::Time(TimeUnit::Second) => Values::TimeSeconds(primitive(kind, rows)),
            ColumnType::Time(TimeUnit::Millisecond) => Values::TimeMillis(primitive(kind, rows)),
            ColumnType::Time(TimeUnit::Microsecond) => Values::TimeMicros(primitive(kind, rows)),
            ColumnType::Time(TimeUnit::Nanosecond) => Values::TimeNanos(primitive(kind, rows)),
            ColumnType::Timestamp { unit, .. } => match unit {
                TimeUnit::Second => Values::TimestampSeconds(primitive(kind, rows)),
                TimeUnit::Millisecond => Values::TimestampMillis(primitive(kind, rows)),
                TimeUnit::Microsecond => Values::TimestampMicros(primitive(kind, rows)),
                TimeUnit::Nanosecond => Values::TimestampNanos(primitive(kind, rows)),
            },
            ColumnType::Text => Values::Text(StringBuilder::with_capacity(rows, 0)),
            ColumnType::LargeText => Values::LargeText(LargeStringBuilder::with_capacity(rows, 0)),
            ColumnType::TextView => Values::TextView(StringViewBuilder::with_capacity(rows)),
            ColumnType::Blob => Values::Blob(BinaryBuilder::with_capacity(rows, 0)),
            ColumnType::LargeBlob => Values::LargeBlob(LargeBinaryBuilder::with_capacity(rows, 0)),
            ColumnType::BlobView => Values::BlobView(BinaryViewBuilder::with_capacity(rows)),
            // Without room: one value may be large.
            ColumnType::FixedBlob(bytes) => Values::FixedBlob(FixedSizeBinaryBuilder::with_capacity(0, bytes)),
        };
        Self { kind, values }
    }

    /// Adds one value and returns how many bytes the column has grown by, roughly; or adds nothing and says why.
    pub(in super::super) fn append(&mut self, cell: &Cell<'_>) -> Result<usize, Misfit> {
        if *cell == Cell::Null {
            each!(&mut self.values, builder => builder.append_null());
            return Ok(match self.kind {
                ColumnType::FixedBlob(bytes) => usize::try_from(bytes).unwrap_or(0) + 1,
                _ => 8,
            });
        }
        let kind = self.kind;
        match &mut self.values {
            Values::Boolean(builder) => {
                builder.append_value(boolean(cell).ok_or_else(|| Misfit::new(cell, kind, "a BOOLEAN is 0, 1, 'true' or 'false'"))?);
                Ok(1)
            }
            Values::Int8(builder) => append_integer(builder, cell, kind),
            Values::Int16(builder) => append_integer(builder, cell, kind),
            Values::Int32(builder) => append_integer(builder, cell, kind),
            Values::Int64(builder) => append_integer(builder, cell, kind),
            Values::UInt8(builder) => append_integer(builder, cell, kind),
            Values::UInt16(builder) => append_integer(builder, cell, kind),
            Values::UInt32(builder) => append_integer(builder, cell, kind),
            Values::UInt64(builder) => append_integer(builder, cell, kind),
            Values::Float16(builder) => append(builder, half(cell), cell, kind, REAL),
            Values::Float32(builder) => append(builder, single(cell), cell, kind, REAL),
            Values::Float64(builder) => append(builder, double(cell), cell, kind, REAL),
            Values::Decimal32(builder, precision, scale) => {
                let value = decimal::to_i128(cell, *precision, *scale).and_then(|value| value.try_into().ok());
                append(builder, value, cell, kind, DECIMAL)
            }
            Values::Decimal64(builder, precision, scale) => {
                let value = decimal::to_i128(cell, *precision, *scale).and_then(|value| value.try_into().ok());
                append(builder, value, cell, kind, DECIMAL)
            }
            Values::Decimal128(builder, precision, scale) => {
                append(builder, decimal::to_i128(cell, *precision, *scale), cell, kind, DECIMAL)
            }
            Values::Decimal256(builder, precision, scale) => {
                append(builder, decimal::to_i256(cell, *precision, *scale), cell, kind, DECIMAL)
            }
            Values::Date(builder) => append(builder, temporal::date(cell), cell, kind, DATE),
            Values::DateMillis(builder) => append(builder, temporal::date(cell).map(|days| i64::from(days) * 86_400_000), cell, kind, DATE),
            Values::TimeSeconds(builder) => append_time(builder, cell, TimeUnit::Second, kind),
            Values::TimeMillis(builder) => append_time(builder, cell, TimeUnit::Millisecond, kind),
            Values::TimeMicros(builder) => append_time(builder, cell, TimeUnit::Microsecond, kind),
            Values::TimeNanos(builder) => append_time(builder, cell, TimeUnit::Nanosecond, kind),
            Values::TimestampSeconds(builder) => append_timestamp(builder, cell, TimeUnit::Second, kind),
            Values::TimestampMillis(builder) => append_timestamp(builder, cell, TimeUnit::Millisecond, kind),
            Values::TimestampMicros(builder) => append_timestamp(builder, cell, TimeUnit::Microsecond, kind),
            Values::TimestampNanos(builder) => append_timestamp(builder, cell, TimeUnit::Nanosecond, kind),
            Values::Text(builder) => text(cell, &cell.render(), kind).map(|text| {
                builder.append_value(text);
                text.len() + 4
            }),
            Values::LargeText(builder) => text(cell, &cell.render(), kind).map(|text| {
                builder.append_value(text);
                text.len() + 8
            }),
            Values::TextView(builder) => text(cell, &cell.render(), kind).map(|text| {
                builder.append_value(text);
                text.len() + 16
            }),
            Values::Blob(builder) => {
                let bytes = cell.render();
                builder.append_value(&bytes);
                Ok(bytes.len() + 4)
            }
            Values::LargeBlob(builder) => {
                let bytes = cell.render();
                builder.append_value(&bytes);
                Ok(bytes.len() + 8)
            }
            Values::BlobView(builder) => {
                let bytes = cell.render();
                builder.append_value(&bytes);
                Ok(bytes.len() + 16)
            }
            Values::FixedBlob(builder) => {
                let bytes = cell.render();
                builder.append_value(&bytes).map_err(|_| Misfit::new(cell, kind, FIXED))?;
                Ok(bytes.len())
            }
        }
    }

    /// The values so far as an array; the column is empty then.
    pub(in super::super) fn finish(&mut self) -> ArrayRef {
        fn array(array: impl Array + 'static) -> ArrayRef {
            Arc::new(array)
        }
        each!(&mut self.values, builder => array(builder.finish()))
    }
}

const INTEGER: &str = "store an integer in the type's range, or select CAST(… AS TEXT)";
const REAL: &str = "store a number that the type holds exactly, or select CAST(… AS TEXT)";
const DECIMAL: &str = "store a number of that many digits, or select CAST(… AS TEXT)";
const DATE: &str = "store text as 'YYYY-MM-DD', or select CAST(… AS TEXT)";
const TIME: &str = "store text as 'HH:MM:SS' with no more decimals than the unit has, or select CAST(… AS TEXT)";
const FIXED: &str = "store a blob of that many bytes, or select CAST(… AS BLOB)";
const TIMESTAMP: &str = "store text as 'YYYY-MM-DD HH:MM:SS' with no more decimals than the unit has, Unix seconds, \
                         or a Julian day, or select CAST(… AS TEXT)";

fn append<T: ArrowPrimitiveType>(
    builder: &mut PrimitiveBuilder<T>,
    value: Option<T::Native>,
    cell: &Cell<'_>,
    kind: ColumnType,
    remedy: &'static str,
) -> Result<usize, Misfit> {
    builder.append_value(value.ok_or_else(|| Misfit::new(cell, kind, remedy))?);
    Ok(size_of::<T::Native>())
}

fn append_integer<T>(builder: &mut PrimitiveBuilder<T>, cell: &Cell<'_>, kind: ColumnType) -> Result<usize, Misfit>
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64>,
{
    append(builder, integer(cell).and_then(|value| value.try_into().ok()), cell, kind, INTEGER)
}

fn append_time<T>(builder: &mut PrimitiveBuilder<T>, cell: &Cell<'_>, unit: TimeUnit, kind: ColumnType) -> Result<usize, Misfit>
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64>,
{
    append(builder, temporal::time(cell, unit).and_then(|value| value.try_into().ok()), cell, kind, TIME)
}

fn append_timestamp<T>(builder: &mut PrimitiveBuilder<T>, cell: &Cell<'_>, unit: TimeUnit, kind: ColumnType) -> Result<usize, Misfit>
where
    T: ArrowPrimitiveType<Native = i64>,
{
    append(builder, temporal::timestamp(cell, unit), cell, kind, TIMESTAMP)
}

fn text<'a>(cell: &Cell<'_>, rendered: &'a [u8], kind: ColumnType) -> Result<&'a str, Misfit> {
    match cell {
        Cell::Blob(_) => Err(Misfit::new(cell, kind, "store text, or select CAST(… AS BLOB) for every row")),
        _ => simdutf8::basic::from_utf8(rendered)
            .map_err(|_| Misfit { what: format!("{cell} is not valid UTF-8"), remedy: "select CAST(… AS BLOB)" }),
    }
}

#[cfg(test)]
#[path = "builder_test.rs"]
mod tests;
