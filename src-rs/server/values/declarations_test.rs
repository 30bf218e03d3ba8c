use arrow_schema::DataType;

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
        ("DECIMAL(5,-3)", Some(T::Decimal128(5, -3))),
        ("DECIMAL32(10,0)", None),
        ("FIXED BLOB", None),
        ("FIXED BLOB(-1)", None),
        ("FIXED BLOB(2000000000)", None),
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
        ("timestamptz 'Europe/Berlin' (3)", Some(T::Timestamp(TimeUnit::Millisecond, Some("Europe/Berlin".into())))),
        ("TIMESTAMP 'Europe/Berlin'", None),
        ("TIMESTAMPTZ ''", None),
        ("TIMESTAMPTZ 'Europe", None),
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

#[test]
fn every_type_is_declared_by_words_that_mean_it() {
    use DataType as T;
    let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
    let zones = ["UTC", "Europe/Berlin", "+02:00", "Z", "America/Argentina/ComodRivadavia"];
    let timestamps = units.iter().flat_map(|unit| {
        let zoned = zones.map(|zone| T::Timestamp(*unit, Some(zone.into())));
        zoned.into_iter().chain([T::Timestamp(*unit, None)])
    });
    let integers = [T::Int8, T::Int16, T::Int32, T::Int64, T::UInt8, T::UInt16, T::UInt32, T::UInt64];
    let decimals = [
        T::Decimal32(9, 2),
        T::Decimal32(1, -1),
        T::Decimal64(15, 4),
        T::Decimal64(18, 4),
        T::Decimal128(15, 15),
        T::Decimal128(16, 1),
        T::Decimal128(18, 0),
        T::Decimal128(38, -3),
        T::Decimal256(10, 2),
        T::Decimal256(76, 76),
    ];
    let others = [
        T::Boolean,
        T::Float16,
        T::Float32,
        T::Float64,
        T::Date32,
        T::Date64,
        T::Time32(TimeUnit::Second),
        T::Time32(TimeUnit::Millisecond),
        T::Time64(TimeUnit::Microsecond),
        T::Time64(TimeUnit::Nanosecond),
        T::Utf8,
        T::LargeUtf8,
        T::Utf8View,
        T::Binary,
        T::LargeBinary,
        T::BinaryView,
        T::FixedSizeBinary(0),
        T::FixedSizeBinary(16),
    ];
    for data_type in timestamps.chain(integers).chain(decimals).chain(others) {
        let declared = ColumnType::of_arrow(&data_type).map(ColumnType::declaration).unwrap_or_default();
        assert_eq!(ColumnType::of_declaration(&declared).map(ColumnType::arrow), Some(data_type), "{declared}");
    }
}

#[test]
fn a_decimal_is_text_only_where_a_number_would_lose_digits() {
    for (data_type, expected) in [
        (DataType::Decimal128(15, 2), "DECIMAL(15,2)"),
        (DataType::Decimal128(16, 2), "DECIMAL TEXT(16,2)"),
        (DataType::Decimal128(18, 0), "DECIMAL(18,0)"),
        (DataType::Decimal128(19, 0), "DECIMAL TEXT(19,0)"),
        (DataType::Decimal128(15, -3), "DECIMAL(15,-3)"),
        (DataType::Decimal128(16, -3), "DECIMAL TEXT(16,-3)"),
    ] {
        assert_eq!(ColumnType::of_arrow(&data_type).map(ColumnType::declaration).as_deref(), Some(expected));
    }
}

#[test]
fn what_a_value_says_by_itself_or_sqlite_cannot_hold_has_no_declaration() {
    let list = DataType::new_list(DataType::Int64, true);
    let odd = |zone: &str| DataType::Timestamp(TimeUnit::Second, Some(zone.into()));
    for data_type in [DataType::Null, list, DataType::Duration(TimeUnit::Second), odd("it's"), odd(""), odd(&"x".repeat(41))] {
        assert_eq!(ColumnType::of_arrow(&data_type), None, "{data_type}");
    }
}
