//! The Arrow type of a column by the type that it was declared with.
//!
//! SQLite takes any words for a type and enforces none of them; what is read here is what the words mean in the
//! databases that they come from. Words that mean nothing here leave a column to be typed by its values.

use std::fmt;

use arrow_schema::{DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, TimeUnit};

/// What a column of a result can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum ColumnType {
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    Decimal { precision: u8, scale: u8 },
    Date,
    Time(TimeUnit),
    Timestamp { unit: TimeUnit, utc: bool },
    Text,
    Blob,
}

impl ColumnType {
    /// The type that the words `declared` mean, or `None` if they mean none.
    ///
    /// `INT` and `INTEGER` are 64 bits wide, as SQLite stores them. A `DECIMAL` or `NUMERIC` without precision holds
    /// any number in SQLite, so it is typed by its values. Fractions of a second are microseconds unless a precision
    /// says otherwise: `TIMESTAMP(9)`, `TIME(3)`, `TIMESTAMP WITH TIME ZONE(9)`.
    pub(in super::super) fn of_declaration(declared: &str) -> Option<Self> {
        let declared = declared.to_ascii_uppercase();
        let (words, arguments) = match declared.split_once('(') {
            Some((words, rest)) => (words, rest.trim_end().strip_suffix(')')?),
            None => (declared.as_str(), ""),
        };
        let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut arguments = arguments.split(',').map(str::trim).filter(|text| !text.is_empty());
        let first = arguments.next();
        let second = arguments.next();
        Some(match name.as_str() {
            "BOOLEAN" | "BOOL" => Self::Boolean,
            "TINYINT" | "INT1" => Self::Int8,
            "SMALLINT" | "INT2" => Self::Int16,
            "MEDIUMINT" | "INT4" => Self::Int32,
            "INTEGER" | "INT" | "BIGINT" | "BIG INT" | "INT8" => Self::Int64,
            "UTINYINT" | "TINYINT UNSIGNED" | "UNSIGNED TINYINT" => Self::UInt8,
            "USMALLINT" | "SMALLINT UNSIGNED" | "UNSIGNED SMALLINT" => Self::UInt16,
            "UINTEGER" => Self::UInt32,
            "UBIGINT" | "BIGINT UNSIGNED" | "UNSIGNED BIGINT" | "UNSIGNED BIG INT" => Self::UInt64,
            "REAL" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" | "FLOAT8" => Self::Float64,
            "FLOAT4" => Self::Float32,
            // SQLite turns text into binary floating point in a column declared DECIMAL, from 16 digits on with a
            // loss. A type that has TEXT among its words keeps every digit.
            "DECIMAL" | "NUMERIC" | "DEC" | "DECIMAL TEXT" | "NUMERIC TEXT" => return decimal(first?, second),
            "DATE" => Self::Date,
            "TIME" => Self::Time(unit(first)?),
            "TIMESTAMP" | "DATETIME" | "TIMESTAMP WITHOUT TIME ZONE" => Self::Timestamp { unit: unit(first)?, utc: false },
            "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Self::Timestamp { unit: unit(first)?, utc: true },
            "TEXT" | "VARCHAR" | "CHAR" | "CHARACTER" | "CHARACTER VARYING" | "VARYING CHARACTER" | "NCHAR" | "NATIVE CHARACTER"
            | "NVARCHAR" | "CLOB" | "STRING" | "JSON" => Self::Text,
            "BLOB" | "BINARY" | "VARBINARY" | "BINARY VARYING" | "BYTEA" | "JSONB" => Self::Blob,
            _ => return None,
        })
    }

    /// The Arrow type of such a column.
    pub(in super::super) fn arrow(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Int8 => DataType::Int8,
            Self::Int16 => DataType::Int16,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::UInt8 => DataType::UInt8,
            Self::UInt16 => DataType::UInt16,
            Self::UInt32 => DataType::UInt32,
            Self::UInt64 => DataType::UInt64,
            Self::Float32 => DataType::Float32,
            Self::Float64 => DataType::Float64,
            Self::Decimal { precision, scale } if precision <= DECIMAL128_MAX_PRECISION => {
                DataType::Decimal128(precision, scale.cast_signed())
            }
            Self::Decimal { precision, scale } => DataType::Decimal256(precision, scale.cast_signed()),
            Self::Date => DataType::Date32,
            Self::Time(unit @ (TimeUnit::Second | TimeUnit::Millisecond)) => DataType::Time32(unit),
            Self::Time(unit) => DataType::Time64(unit),
            Self::Timestamp { unit, utc } => DataType::Timestamp(unit, utc.then(|| "UTC".into())),
            Self::Text => DataType::Utf8,
            Self::Blob => DataType::Binary,
        }
    }

    /// How many digits a number of this type has, and how many of them are behind the point.
    pub(in super::super) fn precision_and_scale(self) -> Option<(u8, u8)> {
        match self {
            Self::Decimal { precision, scale } => Some((precision, scale)),
            _ => None,
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal { precision, scale } => write!(f, "decimal({precision}, {scale})"),
            Self::Date => f.write_str("date"),
            Self::Time(unit) => write!(f, "time in {}", unit_name(*unit)),
            Self::Timestamp { unit, .. } => write!(f, "timestamp in {}", unit_name(*unit)),
            other => write!(f, "{}", other.arrow().to_string().to_ascii_lowercase()),
        }
    }
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    }
}

fn decimal(precision: &str, scale: Option<&str>) -> Option<ColumnType> {
    let precision: u8 = precision.parse().ok()?;
    let scale: u8 = scale.map_or(Ok(0), str::parse).ok()?;
    let is_representable = (1..=DECIMAL256_MAX_PRECISION).contains(&precision) && scale <= precision;
    is_representable.then_some(ColumnType::Decimal { precision, scale })
}

/// The unit that holds `digits` digits behind the second.
fn unit(digits: Option<&str>) -> Option<TimeUnit> {
    Some(match digits.map_or(Ok(6), str::parse).ok()? {
        0u8 => TimeUnit::Second,
        1..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        7..=9 => TimeUnit::Nanosecond,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_words_mean_what_they_mean_elsewhere() {
        use DataType as T;
        let micros = TimeUnit::Microsecond;
        for (declared, arrow) in [
            ("INTEGER", Some(T::Int64)),
            ("int", Some(T::Int64)),
            ("BigInt", Some(T::Int64)),
            ("TINYINT", Some(T::Int8)),
            ("SMALLINT", Some(T::Int16)),
            ("INT4", Some(T::Int32)),
            ("UBIGINT", Some(T::UInt64)),
            ("smallint unsigned", Some(T::UInt16)),
            ("BOOLEAN", Some(T::Boolean)),
            ("DOUBLE  PRECISION", Some(T::Float64)),
            ("FLOAT4", Some(T::Float32)),
            ("DECIMAL(10,2)", Some(T::Decimal128(10, 2))),
            ("numeric( 38 , 10 )", Some(T::Decimal128(38, 10))),
            ("DECIMAL(5)", Some(T::Decimal128(5, 0))),
            ("DECIMAL(39,3)", Some(T::Decimal256(39, 3))),
            ("DECIMAL TEXT(38,38)", Some(T::Decimal128(38, 38))),
            ("DECIMAL(77,0)", None),
            ("DECIMAL(5,6)", None),
            ("DECIMAL", None),
            ("NUMERIC", None),
            ("DATE", Some(T::Date32)),
            ("TIME", Some(T::Time64(micros))),
            ("TIME(3)", Some(T::Time32(TimeUnit::Millisecond))),
            ("TIMESTAMP", Some(T::Timestamp(micros, None))),
            ("DATETIME", Some(T::Timestamp(micros, None))),
            ("TIMESTAMP(9)", Some(T::Timestamp(TimeUnit::Nanosecond, None))),
            ("TIMESTAMP(10)", None),
            ("TIMESTAMPTZ", Some(T::Timestamp(micros, Some("UTC".into())))),
            ("TIMESTAMP WITH TIME ZONE(9)", Some(T::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())))),
            ("VARCHAR(255)", Some(T::Utf8)),
            ("TEXT", Some(T::Utf8)),
            ("BLOB", Some(T::Binary)),
            ("VARBINARY(16)", Some(T::Binary)),
            ("ANY", None),
            ("NUM", None),
            ("GEOMETRY", None),
            ("", None),
        ] {
            assert_eq!(ColumnType::of_declaration(declared).map(ColumnType::arrow), arrow, "{declared}");
        }
    }
}
