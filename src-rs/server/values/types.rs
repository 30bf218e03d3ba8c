//! What a column of a result can be, and the Arrow type that it has then.

use std::fmt;

use arrow_schema::{DECIMAL128_MAX_PRECISION, DataType, TimeUnit};

use super::zone::Zone;

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
    Float16,
    Float32,
    Float64,
    Decimal {
        precision: u8,
        scale: i8,
        width: DecimalWidth,
    },
    Date,
    /// A date as Arrow counts it in milliseconds.
    DateMillis,
    Time(TimeUnit),
    /// With a zone it is UTC that is stored; the zone says how it is shown.
    Timestamp {
        unit: TimeUnit,
        zone: Option<Zone>,
    },
    Text,
    LargeText,
    TextView,
    Blob,
    LargeBlob,
    BlobView,
    /// Of so many bytes.
    FixedBlob(i32),
}

/// How wide the integers are that hold a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum DecimalWidth {
    /// 128 bits for as many digits as these hold, and 256 for more.
    AsNeeded,
    Bits32,
    Bits64,
    Bits256,
}

impl ColumnType {
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
            Self::Float16 => DataType::Float16,
            Self::Float32 => DataType::Float32,
            Self::Float64 => DataType::Float64,
            Self::Decimal { precision, scale, width } => match width {
                DecimalWidth::Bits32 => DataType::Decimal32(precision, scale),
                DecimalWidth::Bits64 => DataType::Decimal64(precision, scale),
                DecimalWidth::AsNeeded if precision <= DECIMAL128_MAX_PRECISION => DataType::Decimal128(precision, scale),
                DecimalWidth::AsNeeded | DecimalWidth::Bits256 => DataType::Decimal256(precision, scale),
            },
            Self::Date => DataType::Date32,
            Self::DateMillis => DataType::Date64,
            Self::Time(unit @ (TimeUnit::Second | TimeUnit::Millisecond)) => DataType::Time32(unit),
            Self::Time(unit) => DataType::Time64(unit),
            Self::Timestamp { unit, zone } => DataType::Timestamp(unit, zone.map(|zone| zone.as_str().into())),
            Self::Text => DataType::Utf8,
            Self::LargeText => DataType::LargeUtf8,
            Self::TextView => DataType::Utf8View,
            Self::Blob => DataType::Binary,
            Self::LargeBlob => DataType::LargeBinary,
            Self::BlobView => DataType::BinaryView,
            Self::FixedBlob(bytes) => DataType::FixedSizeBinary(bytes),
        }
    }

    /// The type whose columns hold what `data_type` holds, and have that Arrow type: for a dictionary that of its values.
    /// `None` if there is none, be it that a value says by itself what it is, as in a union, or that SQLite has no value for it.
    pub(in super::super) fn of_arrow(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Int8 => Self::Int8,
            DataType::Int16 => Self::Int16,
            DataType::Int32 => Self::Int32,
            DataType::Int64 => Self::Int64,
            DataType::UInt8 => Self::UInt8,
            DataType::UInt16 => Self::UInt16,
            DataType::UInt32 => Self::UInt32,
            DataType::UInt64 => Self::UInt64,
            DataType::Float16 => Self::Float16,
            DataType::Float32 => Self::Float32,
            DataType::Float64 => Self::Float64,
            DataType::Decimal32(precision, scale) => Self::decimal(*precision, *scale, DecimalWidth::Bits32),
            DataType::Decimal64(precision, scale) => Self::decimal(*precision, *scale, DecimalWidth::Bits64),
            DataType::Decimal128(precision, scale) => Self::decimal(*precision, *scale, DecimalWidth::AsNeeded),
            DataType::Decimal256(precision, scale) if *precision > DECIMAL128_MAX_PRECISION => {
                Self::decimal(*precision, *scale, DecimalWidth::AsNeeded)
            }
            DataType::Decimal256(precision, scale) => Self::decimal(*precision, *scale, DecimalWidth::Bits256),
            DataType::Date32 => Self::Date,
            DataType::Date64 => Self::DateMillis,
            DataType::Time32(unit) | DataType::Time64(unit) => Self::Time(*unit),
            DataType::Timestamp(unit, None) => Self::Timestamp { unit: *unit, zone: None },
            DataType::Timestamp(unit, Some(zone)) => Self::Timestamp { unit: *unit, zone: Some(Zone::new(zone)?) },
            DataType::Utf8 => Self::Text,
            DataType::LargeUtf8 => Self::LargeText,
            DataType::Utf8View => Self::TextView,
            DataType::Binary => Self::Blob,
            DataType::LargeBinary => Self::LargeBlob,
            DataType::BinaryView => Self::BlobView,
            DataType::FixedSizeBinary(bytes) => Self::FixedBlob(*bytes),
            DataType::Dictionary(_, values) => return Self::of_arrow(values),
            _ => return None,
        })
    }

    fn decimal(precision: u8, scale: i8, width: DecimalWidth) -> Self {
        Self::Decimal { precision, scale, width }
    }

    /// How many digits a number of this type has, and how many of them are behind the point.
    pub(in super::super) fn precision_and_scale(self) -> Option<(u8, i8)> {
        match self {
            Self::Decimal { precision, scale, .. } => Some((precision, scale)),
            _ => None,
        }
    }

    pub(in super::super) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::LargeText | Self::TextView)
    }

    pub(in super::super) fn is_blob(self) -> bool {
        matches!(self, Self::Blob | Self::LargeBlob | Self::BlobView | Self::FixedBlob(_))
    }

    /// Whether a column of this type holds every value of the type `other`, so that none has to be looked at.
    pub(in super::super) fn holds_all_of(self, other: Self) -> bool {
        let is_any_blob = self.is_blob() && !matches!(self, Self::FixedBlob(_));
        self == other || (self.is_text() && other.is_text()) || (is_any_blob && other.is_blob())
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal { precision, scale, .. } => write!(f, "decimal({precision}, {scale})"),
            Self::Date | Self::DateMillis => f.write_str("date"),
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
