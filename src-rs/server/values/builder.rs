//! Builds one Arrow column from SQLite values.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Decimal128Builder, Decimal256Builder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::TimeUnit;

use super::cell::{Cell, Misfit};
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
    Float32(PrimitiveBuilder<Float32Type>),
    Float64(PrimitiveBuilder<Float64Type>),
    Decimal128(Decimal128Builder, u8, u8),
    Decimal256(Decimal256Builder, u8, u8),
    Date(PrimitiveBuilder<Date32Type>),
    TimeSeconds(PrimitiveBuilder<Time32SecondType>),
    TimeMillis(PrimitiveBuilder<Time32MillisecondType>),
    TimeMicros(PrimitiveBuilder<Time64MicrosecondType>),
    TimeNanos(PrimitiveBuilder<Time64NanosecondType>),
    TimestampSeconds(PrimitiveBuilder<TimestampSecondType>),
    TimestampMillis(PrimitiveBuilder<TimestampMillisecondType>),
    TimestampMicros(PrimitiveBuilder<TimestampMicrosecondType>),
    TimestampNanos(PrimitiveBuilder<TimestampNanosecondType>),
    Text(StringBuilder),
    Blob(BinaryBuilder),
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
            Values::Float32($builder) => $do,
            Values::Float64($builder) => $do,
            Values::Decimal128($builder, ..) => $do,
            Values::Decimal256($builder, ..) => $do,
            Values::Date($builder) => $do,
            Values::TimeSeconds($builder) => $do,
            Values::TimeMillis($builder) => $do,
            Values::TimeMicros($builder) => $do,
            Values::TimeNanos($builder) => $do,
            Values::TimestampSeconds($builder) => $do,
            Values::TimestampMillis($builder) => $do,
            Values::TimestampMicros($builder) => $do,
            Values::TimestampNanos($builder) => $do,
            Values::Text($builder) => $do,
            Values::Blob($builder) => $do,
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
            ColumnType::Float32 => Values::Float32(primitive(kind, rows)),
            ColumnType::Float64 => Values::Float64(primitive(kind, rows)),
            ColumnType::Decimal { precision, scale } if precision <= arrow_schema::DECIMAL128_MAX_PRECISION => {
                Values::Decimal128(primitive(kind, rows), precision, scale)
            }
            ColumnType::Decimal { precision, scale } => Values::Decimal256(primitive(kind, rows), precision, scale),
            ColumnType::Date => Values::Date(primitive(kind, rows)),
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
            ColumnType::Blob => Values::Blob(BinaryBuilder::with_capacity(rows, 0)),
        };
        Self { kind, values }
    }

    /// Adds one value and returns how many bytes the column has grown by, roughly; or adds nothing and says why.
    pub(in super::super) fn append(&mut self, cell: &Cell<'_>) -> Result<usize, Misfit> {
        if *cell == Cell::Null {
            each!(&mut self.values, builder => builder.append_null());
            return Ok(8);
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
            Values::Float32(builder) => append(builder, single(cell), cell, kind, REAL),
            Values::Float64(builder) => append(builder, double(cell), cell, kind, REAL),
            Values::Decimal128(builder, precision, scale) => {
                append(builder, decimal::to_i128(cell, *precision, *scale), cell, kind, DECIMAL)
            }
            Values::Decimal256(builder, precision, scale) => {
                append(builder, decimal::to_i256(cell, *precision, *scale), cell, kind, DECIMAL)
            }
            Values::Date(builder) => append(builder, temporal::date(cell), cell, kind, DATE),
            Values::TimeSeconds(builder) => append_time(builder, cell, TimeUnit::Second, kind),
            Values::TimeMillis(builder) => append_time(builder, cell, TimeUnit::Millisecond, kind),
            Values::TimeMicros(builder) => append_time(builder, cell, TimeUnit::Microsecond, kind),
            Values::TimeNanos(builder) => append_time(builder, cell, TimeUnit::Nanosecond, kind),
            Values::TimestampSeconds(builder) => append_timestamp(builder, cell, TimeUnit::Second, kind),
            Values::TimestampMillis(builder) => append_timestamp(builder, cell, TimeUnit::Millisecond, kind),
            Values::TimestampMicros(builder) => append_timestamp(builder, cell, TimeUnit::Microsecond, kind),
            Values::TimestampNanos(builder) => append_timestamp(builder, cell, TimeUnit::Nanosecond, kind),
            Values::Text(builder) => append_text(builder, cell, kind),
            Values::Blob(builder) => {
                let bytes = cell.render();
                builder.append_value(&bytes);
                Ok(bytes.len() + 4)
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

fn append_text(builder: &mut StringBuilder, cell: &Cell<'_>, kind: ColumnType) -> Result<usize, Misfit> {
    let rendered = cell.render();
    let text = match cell {
        Cell::Blob(_) => Err(Misfit::new(cell, kind, "store text, or select CAST(… AS BLOB) for every row")),
        _ => simdutf8::basic::from_utf8(&rendered)
            .map_err(|_| Misfit { what: format!("{cell} is not valid UTF-8"), remedy: "select CAST(… AS BLOB)" }),
    }?;
    builder.append_value(text);
    Ok(text.len() + 4)
}

fn boolean(cell: &Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Integer(0) => Some(false),
        Cell::Integer(1) => Some(true),
        Cell::Text(text) if text.eq_ignore_ascii_case(b"false") => Some(false),
        Cell::Text(text) if text.eq_ignore_ascii_case(b"true") => Some(true),
        _ => None,
    }
}

/// A real that is a whole number counts, as it does when SQLite stores one in an INTEGER column.
fn integer(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Integer(value) => Some(*value),
        Cell::Real(value) => exact_integer(*value),
        _ => None,
    }
}

fn exact_integer(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    ((-LIMIT..LIMIT).contains(&value) && value.fract() == 0.0).then_some(value as i64)
}

/// An integer counts if it has a double of its own.
fn double(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Real(value) => Some(*value),
        Cell::Integer(value) => {
            let double = *value as f64;
            (exact_integer(double) == Some(*value)).then_some(double)
        }
        _ => None,
    }
}

/// The nearest single: that is what declaring FLOAT4 asks for. Only what is out of its range does not fit.
fn single(cell: &Cell<'_>) -> Option<f32> {
    let double = double(cell)?;
    let single = double as f32;
    (single.is_finite() || !double.is_finite()).then_some(single)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use arrow_array::cast::AsArray;

    use super::*;

    fn built(kind: ColumnType, cells: &[Cell<'_>]) -> ArrayRef {
        let mut builder = ColumnBuilder::new(kind, cells.len());
        for cell in cells {
            builder.append(cell).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn every_type_has_the_arrow_type_that_it_announces() {
        for declared in [
            "BOOLEAN",
            "INT1",
            "INT2",
            "INT4",
            "INT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "FLOAT4",
            "REAL",
            "DECIMAL(10,2)",
            "DECIMAL(50,2)",
            "DATE",
            "TIME(0)",
            "TIME(3)",
            "TIME",
            "TIME(9)",
            "TIMESTAMP(0)",
            "TIMESTAMP(3)",
            "TIMESTAMP",
            "TIMESTAMP(9)",
            "TIMESTAMPTZ",
            "TEXT",
            "BLOB",
        ] {
            let kind = ColumnType::of_declaration(declared).unwrap();
            let array = built(kind, &[Cell::Null]);
            assert_eq!(array.data_type(), &kind.arrow(), "{declared}");
            assert_eq!((array.len(), array.null_count()), (1, 1), "{declared}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_and_adds_nothing() {
        for (kind, cell) in [
            (ColumnType::Int8, Cell::Integer(128)),
            (ColumnType::UInt8, Cell::Integer(-1)),
            (ColumnType::UInt64, Cell::Real(18_446_744_073_709_551_616.0)),
            (ColumnType::Int64, Cell::Real(1.5)),
            (ColumnType::Int64, Cell::Real(9_223_372_036_854_775_808.0)),
            (ColumnType::Int64, Cell::Text(b"1")),
            (ColumnType::Float64, Cell::Integer(9_007_199_254_740_993)),
            (ColumnType::Float64, Cell::Integer(i64::MAX)),
            (ColumnType::Float32, Cell::Real(1e39)),
            (ColumnType::Boolean, Cell::Integer(2)),
            (ColumnType::Text, Cell::Blob(b"text")),
            (ColumnType::Text, Cell::Text(b"\xff")),
            (ColumnType::Date, Cell::Integer(0)),
            (ColumnType::Decimal { precision: 3, scale: 1 }, Cell::Real(0.25)),
        ] {
            let mut builder = ColumnBuilder::new(kind, 1);
            let misfit = builder.append(&cell).unwrap_err();
            assert!(misfit.what.starts_with(&cell.to_string()), "{}", misfit.what);
            assert_eq!(builder.finish().len(), 0, "{cell}");
        }
    }

    #[test]
    fn numbers_cross_where_nothing_is_lost() {
        let integers = built(ColumnType::Int64, &[Cell::Real(-3.0), Cell::Integer(i64::MIN)]);
        assert_eq!(integers.as_primitive::<Int64Type>().values()[..], [-3, i64::MIN]);
        let reals = built(ColumnType::Float64, &[Cell::Integer(9_007_199_254_740_994), Cell::Real(f64::INFINITY)]);
        assert_eq!(reals.as_primitive::<Float64Type>().values()[..], [9_007_199_254_740_994.0, f64::INFINITY]);
        let texts = built(ColumnType::Text, &[Cell::Integer(7), Cell::Real(0.1 + 0.2), Cell::Text("ü".as_bytes())]);
        assert_eq!(texts.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["7", "0.30000000000000004", "ü"]);
        let blobs = built(ColumnType::Blob, &[Cell::Text(b"a"), Cell::Blob(&[0, 255])]);
        assert_eq!(blobs.as_binary::<i32>().iter().flatten().collect::<Vec<_>>(), [&b"a"[..], &[0, 255]]);
        let flags = built(ColumnType::Boolean, &[Cell::Integer(1), Cell::Text(b"FALSE")]);
        assert_eq!(flags.as_boolean().iter().flatten().collect::<Vec<_>>(), [true, false]);
    }
}
