//! The type of a column by the words that it was declared with, and the words that declare a type.
//!
//! SQLite takes any words for a type and enforces none of them; what is read here is what the words mean in the
//! databases that they come from. Words that mean nothing here leave a column to be typed by its values.

use arrow_schema::{DECIMAL32_MAX_PRECISION, DECIMAL64_MAX_PRECISION, DECIMAL256_MAX_PRECISION, TimeUnit};

use super::types::{ColumnType, DecimalWidth};
use super::zone::Zone;
use crate::server::sqlite::MAX_VALUE_BYTES;

/// So many digits a number keeps that SQLite stores as binary floating point.
const EXACT_REAL_DIGITS: i16 = 15;

/// So many digits fit every 64-bit integer that has them.
const EXACT_INTEGER_DIGITS: i16 = 18;

impl ColumnType {
    /// The type that the words `declared` mean, or `None` if they mean none.
    ///
    /// `INT` and `INTEGER` are 64 bits wide, as SQLite stores them. A `DECIMAL` or `NUMERIC` without precision holds
    /// any number in SQLite, so it is typed by its values. Fractions of a second are microseconds unless a precision
    /// says otherwise: `TIMESTAMP(9)`, `TIME(3)`, `TIMESTAMP WITH TIME ZONE(9)`. A zone other than UTC stands between
    /// quotes: `TIMESTAMP WITH TIME ZONE 'Europe/Berlin'`.
    pub(in super::super) fn of_declaration(declared: &str) -> Option<Self> {
        let (declared, zone) = without_zone(declared)?;
        let declared = declared.to_ascii_uppercase();
        let (words, arguments) = match declared.split_once('(') {
            Some((words, rest)) => (words, rest.trim_end().strip_suffix(')')?),
            None => (declared.as_str(), ""),
        };
        let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut arguments = arguments.split(',').map(str::trim).filter(|text| !text.is_empty());
        let first = arguments.next();
        let second = arguments.next();
        if zone.is_some() && !matches!(name.as_str(), "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE") {
            return None;
        }
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
            "FLOAT2" => Self::Float16,
            // SQLite turns text into binary floating point in a column declared DECIMAL, from 16 digits on with a
            // loss. A type that has TEXT among its words keeps every digit.
            "DECIMAL" | "NUMERIC" | "DEC" | "DECIMAL TEXT" | "NUMERIC TEXT" => return decimal(first?, second, DecimalWidth::AsNeeded),
            "DECIMAL32" | "DECIMAL32 TEXT" => return decimal(first?, second, DecimalWidth::Bits32),
            "DECIMAL64" | "DECIMAL64 TEXT" => return decimal(first?, second, DecimalWidth::Bits64),
            "DECIMAL256" | "DECIMAL256 TEXT" => return decimal(first?, second, DecimalWidth::Bits256),
            "DATE" => Self::Date,
            "DATE64" => Self::DateMillis,
            "TIME" => Self::Time(unit(first)?),
            "TIMESTAMP" | "DATETIME" | "TIMESTAMP WITHOUT TIME ZONE" => Self::Timestamp { unit: unit(first)?, zone: None },
            "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Self::Timestamp { unit: unit(first)?, zone: zone.or(Some(Zone::UTC)) },
            "TEXT" | "VARCHAR" | "CHAR" | "CHARACTER" | "CHARACTER VARYING" | "VARYING CHARACTER" | "NCHAR" | "NATIVE CHARACTER"
            | "NVARCHAR" | "CLOB" | "STRING" | "JSON" => Self::Text,
            "LARGE TEXT" => Self::LargeText,
            "TEXT VIEW" => Self::TextView,
            "BLOB" | "BINARY" | "VARBINARY" | "BINARY VARYING" | "BYTEA" | "JSONB" => Self::Blob,
            "LARGE BLOB" => Self::LargeBlob,
            "BLOB VIEW" => Self::BlobView,
            "FIXED BLOB" => Self::FixedBlob(first?.parse().ok().filter(|bytes| (0..=MAX_VALUE_BYTES).contains(bytes))?),
            _ => return None,
        })
    }

    /// Words that declare this type: [`of_declaration`](Self::of_declaration) reads them as it, and SQLite stores its
    /// values in such a column without a loss.
    pub(in super::super) fn declaration(self) -> String {
        match self {
            Self::Boolean => "BOOLEAN".to_owned(),
            Self::Int8 => "TINYINT".to_owned(),
            Self::Int16 => "SMALLINT".to_owned(),
            Self::Int32 => "INT4".to_owned(),
            Self::Int64 => "BIGINT".to_owned(),
            Self::UInt8 => "UTINYINT".to_owned(),
            Self::UInt16 => "USMALLINT".to_owned(),
            Self::UInt32 => "UINTEGER".to_owned(),
            Self::UInt64 => "UBIGINT".to_owned(),
            Self::Float16 => "FLOAT2".to_owned(),
            Self::Float32 => "FLOAT4".to_owned(),
            Self::Float64 => "DOUBLE".to_owned(),
            Self::Decimal { precision, scale, width } => {
                let name = match width {
                    DecimalWidth::AsNeeded => "DECIMAL",
                    DecimalWidth::Bits32 => "DECIMAL32",
                    DecimalWidth::Bits64 => "DECIMAL64",
                    DecimalWidth::Bits256 => "DECIMAL256",
                };
                // Numbers compare as numbers, which text does not; so it is text only where a number would lose digits.
                let text = if is_exact_as_number(precision, scale) { "" } else { " TEXT" };
                format!("{name}{text}({precision},{scale})")
            }
            Self::Date => "DATE".to_owned(),
            Self::DateMillis => "DATE64".to_owned(),
            Self::Time(unit) => format!("TIME({})", digits(unit)),
            Self::Timestamp { unit, zone: None } => format!("TIMESTAMP({})", digits(unit)),
            Self::Timestamp { unit, zone: Some(Zone::UTC) } => format!("TIMESTAMP WITH TIME ZONE({})", digits(unit)),
            Self::Timestamp { unit, zone: Some(zone) } => format!("TIMESTAMP WITH TIME ZONE '{}'({})", zone.as_str(), digits(unit)),
            Self::Text => "TEXT".to_owned(),
            Self::LargeText => "LARGE TEXT".to_owned(),
            Self::TextView => "TEXT VIEW".to_owned(),
            Self::Blob => "BLOB".to_owned(),
            Self::LargeBlob => "LARGE BLOB".to_owned(),
            Self::BlobView => "BLOB VIEW".to_owned(),
            Self::FixedBlob(bytes) => format!("FIXED BLOB({bytes})"),
        }
    }
}

/// Takes the name between quotes out of a declaration.
fn without_zone(declared: &str) -> Option<(String, Option<Zone>)> {
    let Some((before, rest)) = declared.split_once('\'') else {
        return Some((declared.to_owned(), None));
    };
    let (name, behind) = rest.split_once('\'')?;
    Some((format!("{before}{behind}"), Some(Zone::new(name)?)))
}

fn is_exact_as_number(precision: u8, scale: i8) -> bool {
    let (precision, scale) = (i16::from(precision), i16::from(scale));
    match scale {
        ..=0 => precision - scale <= EXACT_INTEGER_DIGITS,
        1.. => precision <= EXACT_REAL_DIGITS,
    }
}

fn decimal(precision: &str, scale: Option<&str>, width: DecimalWidth) -> Option<ColumnType> {
    let precision: u8 = precision.parse().ok()?;
    let scale: i8 = scale.map_or(Ok(0), str::parse).ok()?;
    let most = match width {
        DecimalWidth::Bits32 => DECIMAL32_MAX_PRECISION,
        DecimalWidth::Bits64 => DECIMAL64_MAX_PRECISION,
        DecimalWidth::AsNeeded | DecimalWidth::Bits256 => DECIMAL256_MAX_PRECISION,
    };
    let is_representable = (1..=most).contains(&precision) && i16::from(scale) <= i16::from(precision);
    is_representable.then_some(ColumnType::Decimal { precision, scale, width })
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

fn digits(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

#[cfg(test)]
#[path = "declarations_test.rs"]
mod tests;
