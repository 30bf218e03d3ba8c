//! How large a value of a type can be, in the terms of JDBC and ODBC.

use arrow_schema::TimeUnit;

use crate::server::values::types::ColumnType;

/// The size of the values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Digits of a number in `radix`, or the characters of a date or time as text.
    pub(super) width: i32,
    /// Digits behind the point, or behind the second.
    pub(super) scale: Option<i32>,
    /// 10 for exact numbers, 2 for binary floating point, `None` for what is no number.
    pub(super) radix: Option<i32>,
}

impl Size {
    /// The size of `kind`; text and blobs have none of their own.
    pub(super) fn of(kind: ColumnType) -> Option<Self> {
        let exact = |digits: i32, scale: i32| Self { width: digits, scale: Some(scale), radix: Some(10) };
        let binary = |bits: i32| Self { width: bits, scale: None, radix: Some(2) };
        Some(match kind {
            ColumnType::Boolean => Self { width: 1, scale: None, radix: None },
            ColumnType::Int8 | ColumnType::UInt8 => exact(3, 0),
            ColumnType::Int16 | ColumnType::UInt16 => exact(5, 0),
            ColumnType::Int32 | ColumnType::UInt32 => exact(10, 0),
            ColumnType::Int64 => exact(19, 0),
            ColumnType::UInt64 => exact(20, 0),
            ColumnType::Float16 => binary(11),
            ColumnType::Float32 => binary(24),
            ColumnType::Float64 => binary(53),
            ColumnType::Decimal { precision, scale, .. } => exact(precision.into(), scale.into()),
            ColumnType::Date | ColumnType::DateMillis => Self { width: characters("yyyy-mm-dd", 0), scale: None, radix: None },
            ColumnType::Time(unit) => time("hh:mm:ss", unit),
            ColumnType::Timestamp { unit, zone: None } => time("yyyy-mm-dd hh:mm:ss", unit),
            ColumnType::Timestamp { unit, zone: Some(_) } => time("yyyy-mm-dd hh:mm:ss+hh:mm", unit),
            ColumnType::Text
            | ColumnType::LargeText
            | ColumnType::TextView
            | ColumnType::Blob
            | ColumnType::LargeBlob
            | ColumnType::BlobView
            | ColumnType::FixedBlob(_) => return None,
        })
    }
}

fn time(whole_seconds: &str, unit: TimeUnit) -> Size {
    let digits = match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    };
    Size { width: characters(whole_seconds, digits), scale: Some(digits), radix: None }
}

/// The length of a text like `pattern`, with so many digits behind a point.
fn characters(pattern: &str, digits: i32) -> i32 {
    let point = i32::from(digits > 0);
    i32::try_from(pattern.len()).unwrap_or(i32::MAX).saturating_add(point + digits)
}
