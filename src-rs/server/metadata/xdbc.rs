//! The types that a column can be declared with, as JDBC and ODBC describe types.

use arrow_array::RecordBatch;
use arrow_flight::sql::metadata::{XdbcTypeInfo, XdbcTypeInfoData, XdbcTypeInfoDataBuilder};
use arrow_flight::sql::{CommandGetXdbcTypeInfo, Nullable, Searchable, XdbcDataType, XdbcDatetimeSubcode};
use arrow_schema::{DECIMAL256_MAX_PRECISION, DECIMAL256_MAX_SCALE, SchemaRef, TimeUnit};
use tonic::Status;

use super::size::Size;
use super::unbuildable;
use crate::server::sqlite::MAX_VALUE_BYTES;
use crate::server::values::types::{ColumnType, DecimalWidth};
use crate::server::values::zone::Zone;

/// The schema that [`xdbc_type_info`] has.
pub(in super::super) fn xdbc_type_info_schema() -> SchemaRef {
    XdbcTypeInfoDataBuilder::new().schema()
}

/// The types, ordered by their codes and names; with `data_type` those of that code.
pub(in super::super) fn xdbc_type_info(command: CommandGetXdbcTypeInfo) -> Result<RecordBatch, Status> {
    let types = types().map_err(unbuildable)?;
    command.into_builder(&types).build().map_err(unbuildable)
}

/// A name to declare a column with, and what it is at its widest.
struct Declarable {
    name: &'static str,
    code: XdbcDataType,
    kind: ColumnType,
    /// What can stand in brackets behind the name.
    parameters: &'static [&'static str],
}

const fn declarable(name: &'static str, code: XdbcDataType, kind: ColumnType, parameters: &'static [&'static str]) -> Declarable {
    Declarable { name, code, kind, parameters }
}

const LENGTH: &[&str] = &["length"];
const PRECISION: &[&str] = &["precision"];
const DIGITS: &[&str] = &["precision", "scale"];

/// SQLite rounds what a plain `DECIMAL` holds to binary floating point, so its last digits need the word `TEXT`.
const DECIMAL: ColumnType =
    ColumnType::Decimal { precision: DECIMAL256_MAX_PRECISION, scale: DECIMAL256_MAX_SCALE, width: DecimalWidth::AsNeeded };
const TIME: ColumnType = ColumnType::Time(TimeUnit::Nanosecond);
const TIMESTAMP: ColumnType = ColumnType::Timestamp { unit: TimeUnit::Nanosecond, zone: None };
const TIMESTAMP_UTC: ColumnType = ColumnType::Timestamp { unit: TimeUnit::Nanosecond, zone: Some(Zone::UTC) };

/// One name of each type for every code that it answers to; forms of a type that only ingested tables are declared with
/// are left out. `INTEGER` has 64 bits here, as SQLite stores it.
const TYPES: [Declarable; 31] = [
    declarable("BOOLEAN", XdbcDataType::XdbcBit, ColumnType::Boolean, &[]),
    declarable("TINYINT", XdbcDataType::XdbcTinyint, ColumnType::Int8, &[]),
    declarable("UTINYINT", XdbcDataType::XdbcTinyint, ColumnType::UInt8, &[]),
    declarable("SMALLINT", XdbcDataType::XdbcSmallint, ColumnType::Int16, &[]),
    declarable("USMALLINT", XdbcDataType::XdbcSmallint, ColumnType::UInt16, &[]),
    declarable("INT4", XdbcDataType::XdbcInteger, ColumnType::Int32, &[]),
    declarable("UINTEGER", XdbcDataType::XdbcInteger, ColumnType::UInt32, &[]),
    declarable("BIGINT", XdbcDataType::XdbcBigint, ColumnType::Int64, &[]),
    declarable("INTEGER", XdbcDataType::XdbcBigint, ColumnType::Int64, &[]),
    declarable("UBIGINT", XdbcDataType::XdbcBigint, ColumnType::UInt64, &[]),
    declarable("FLOAT4", XdbcDataType::XdbcReal, ColumnType::Float32, &[]),
    declarable("FLOAT", XdbcDataType::XdbcFloat, ColumnType::Float64, &[]),
    declarable("DOUBLE", XdbcDataType::XdbcDouble, ColumnType::Float64, &[]),
    declarable("REAL", XdbcDataType::XdbcDouble, ColumnType::Float64, &[]),
    declarable("DECIMAL", XdbcDataType::XdbcDecimal, DECIMAL, DIGITS),
    declarable("DECIMAL TEXT", XdbcDataType::XdbcDecimal, DECIMAL, DIGITS),
    declarable("NUMERIC", XdbcDataType::XdbcNumeric, DECIMAL, DIGITS),
    declarable("NUMERIC TEXT", XdbcDataType::XdbcNumeric, DECIMAL, DIGITS),
    declarable("DATE", XdbcDataType::XdbcDate, ColumnType::Date, &[]),
    declarable("TIME", XdbcDataType::XdbcTime, TIME, PRECISION),
    declarable("TIMESTAMP", XdbcDataType::XdbcTimestamp, TIMESTAMP, PRECISION),
    declarable("DATETIME", XdbcDataType::XdbcTimestamp, TIMESTAMP, PRECISION),
    declarable("TIMESTAMP WITH TIME ZONE", XdbcDataType::XdbcTimestamp, TIMESTAMP_UTC, PRECISION),
    declarable("CHAR", XdbcDataType::XdbcChar, ColumnType::Text, LENGTH),
    declarable("VARCHAR", XdbcDataType::XdbcVarchar, ColumnType::Text, LENGTH),
    declarable("NCHAR", XdbcDataType::XdbcWchar, ColumnType::Text, LENGTH),
    declarable("NVARCHAR", XdbcDataType::XdbcWvarchar, ColumnType::Text, LENGTH),
    declarable("TEXT", XdbcDataType::XdbcLongvarchar, ColumnType::Text, &[]),
    declarable("BINARY", XdbcDataType::XdbcBinary, ColumnType::Blob, LENGTH),
    declarable("VARBINARY", XdbcDataType::XdbcVarbinary, ColumnType::Blob, LENGTH),
    declarable("BLOB", XdbcDataType::XdbcLongvarbinary, ColumnType::Blob, &[]),
];

fn types() -> Result<XdbcTypeInfoData, arrow_flight::error::FlightError> {
    let mut builder = XdbcTypeInfoDataBuilder::new();
    for declarable in &TYPES {
        builder.append(declarable.info());
    }
    builder.build()
}

impl Declarable {
    fn info(&self) -> XdbcTypeInfo {
        let size = Size::of(self.kind);
        let scale = size.and_then(|size| size.scale);
        let is_number = size.is_some_and(|size| size.radix.is_some());
        let quotes = self.quotes();
        let subcode = self.datetime_subcode();
        let parameters = self.parameters.iter().map(|parameter| (*parameter).to_owned()).collect();
        XdbcTypeInfo {
            type_name: self.name.to_owned(),
            data_type: self.code,
            column_size: Some(size.map_or(MAX_VALUE_BYTES, |size| size.width)),
            literal_prefix: quotes.map(|(before, _)| before.to_owned()),
            literal_suffix: quotes.map(|(_, after)| after.to_owned()),
            create_params: (!self.parameters.is_empty()).then_some(parameters),
            nullable: Nullable::NullabilityNullable,
            case_sensitive: self.kind == ColumnType::Text,
            searchable: Searchable::Full,
            unsigned_attribute: is_number.then_some(self.is_unsigned()),
            fixed_prec_scale: false,
            // As a primary key SQLite counts it up, and no other type.
            auto_increment: is_number.then_some(self.name == "INTEGER"),
            local_type_name: None,
            minimum_scale: scale.map(|_| 0),
            maximum_scale: scale,
            sql_data_type: if subcode.is_some() { XdbcDataType::XdbcDatetime } else { self.code },
            datetime_subcode: subcode,
            num_prec_radix: size.and_then(|size| size.radix),
            interval_precision: None,
        }
    }

    /// What stands around a literal of this type.
    fn quotes(&self) -> Option<(&'static str, &'static str)> {
        match self.kind {
            ColumnType::Text | ColumnType::Date | ColumnType::Time(_) | ColumnType::Timestamp { .. } => Some(("'", "'")),
            ColumnType::Blob => Some(("X'", "'")),
            // A number that is not quoted would be rounded before it is text.
            ColumnType::Decimal { .. } if self.name.ends_with("TEXT") => Some(("'", "'")),
            _ => None,
        }
    }

    fn is_unsigned(&self) -> bool {
        matches!(self.kind, ColumnType::UInt8 | ColumnType::UInt16 | ColumnType::UInt32 | ColumnType::UInt64)
    }

    fn datetime_subcode(&self) -> Option<XdbcDatetimeSubcode> {
        Some(match self.kind {
            // JDBC and ODBC call this code a date; the specification's enum has another name for it.
            ColumnType::Date => XdbcDatetimeSubcode::XdbcSubcodeYear,
            ColumnType::Time(_) => XdbcDatetimeSubcode::XdbcSubcodeTime,
            ColumnType::Timestamp { zone: None, .. } => XdbcDatetimeSubcode::XdbcSubcodeTimestamp,
            ColumnType::Timestamp { zone: Some(_), .. } => XdbcDatetimeSubcode::XdbcSubcodeTimestampWithTimezone,
            _ => return None,
        })
    }
}
