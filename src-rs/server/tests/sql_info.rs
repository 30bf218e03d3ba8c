//! What the server says about itself, and whether it is so.

use std::time::Duration;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, UInt32Type};
use arrow_flight::sql::{CommandGetSqlInfo, SqlInfo, SqlSupportsConvert};
use arrow_schema::DataType;

use super::{Fixture, rows};
use crate::server::ServerOptions;

#[tokio::test]
async fn every_code_of_the_specification_is_answered_but_the_versions_of_substrait() {
    let fixture = Fixture::start().await;
    let all = fixture.list(&CommandGetSqlInfo { info: vec![] }).await.unwrap();
    let codes: Vec<u32> = all.column(0).as_primitive::<UInt32Type>().values().to_vec();
    let absent = [SqlInfo::FlightSqlServerSubstraitMinVersion as i32, SqlInfo::FlightSqlServerSubstraitMaxVersion as i32];
    let known = (0..10_000).filter(|code| SqlInfo::try_from(*code).is_ok() && !absent.contains(code));
    assert_eq!(codes, known.map(i32::cast_unsigned).collect::<Vec<_>>());
}

#[tokio::test]
async fn results_go_forward_and_cannot_be_changed() {
    let fixture = Fixture::start().await;
    let some = fixture.list(&CommandGetSqlInfo { info: (567..=571).collect() }).await.unwrap();
    let bits = [(567, 0b10), (568, 0), (569, 0b10), (570, 0), (571, 0)];
    assert_eq!(rows(&some), bits.map(|(code, bits)| format!("{code}|{{int32_bitmask={bits}}}")));
}

#[tokio::test]
async fn transactions_are_serializable_and_have_savepoints() {
    let fixture = Fixture::with(ServerOptions { transaction_timeout: Duration::from_secs(60), ..Default::default() }).await;
    let some = fixture.list(&CommandGetSqlInfo { info: vec![8, 101, 562, 563, 564, 565, 566, 573] }).await.unwrap();
    let expected = [
        "8|{int32_bitmask=2}",
        "101|{int32_bitmask=60000}",
        "562|{bigint_value=4}",
        "563|{bool_value=true}",
        "564|{int32_bitmask=16}",
        "565|{bool_value=false}",
        "566|{bool_value=false}",
        "573|{bool_value=true}",
    ];
    assert_eq!(rows(&some), expected);
}

#[tokio::test]
async fn bulk_ingestion_is_there_where_writing_is() {
    let info = vec![SqlInfo::FlightSqlServerBulkIngestion as u32, SqlInfo::FlightSqlServerIngestTransactionsSupported as u32];
    for read_only in [false, true] {
        let fixture = Fixture::with(ServerOptions { read_only, ..Default::default() }).await;
        let some = fixture.list(&CommandGetSqlInfo { info: info.clone() }).await.unwrap();
        assert_eq!(rows(&some), info.iter().map(|code| format!("{code}|{{bool_value={}}}", !read_only)).collect::<Vec<_>>());
    }
}

/// A type, a value of it, and the type that a cast to it makes.
fn sample(code: i32) -> (&'static str, &'static str, DataType) {
    use SqlSupportsConvert as Convert;
    match Convert::try_from(code).unwrap() {
        Convert::SqlConvertBit => ("BOOLEAN", "1", DataType::Boolean),
        Convert::SqlConvertTinyint => ("TINYINT", "1", DataType::Int8),
        Convert::SqlConvertSmallint => ("SMALLINT", "1", DataType::Int16),
        Convert::SqlConvertInteger => ("INT4", "1", DataType::Int32),
        Convert::SqlConvertBigint => ("BIGINT", "1", DataType::Int64),
        Convert::SqlConvertReal => ("FLOAT4", "1", DataType::Float32),
        Convert::SqlConvertFloat => ("FLOAT", "1", DataType::Float64),
        Convert::SqlConvertDecimal => ("DECIMAL(10,0)", "1", DataType::Decimal128(10, 0)),
        // Without digits it is what its values are.
        Convert::SqlConvertNumeric => ("NUMERIC", "1", DataType::Int64),
        Convert::SqlConvertChar => ("CHAR", "'1'", DataType::Utf8),
        Convert::SqlConvertVarchar => ("VARCHAR", "'1'", DataType::Utf8),
        Convert::SqlConvertLongvarchar => ("TEXT", "'1'", DataType::Utf8),
        Convert::SqlConvertBinary => ("BINARY", "X'31'", DataType::Binary),
        Convert::SqlConvertVarbinary => ("VARBINARY", "X'31'", DataType::Binary),
        Convert::SqlConvertLongvarbinary => ("BLOB", "X'31'", DataType::Binary),
        Convert::SqlConvertDate => ("DATE", "'2024-02-29'", DataType::Date32),
        Convert::SqlConvertTime => ("TIME", "'12:34:56'", DataType::Time64(arrow_schema::TimeUnit::Microsecond)),
        Convert::SqlConvertTimestamp => {
            ("TIMESTAMP", "'2024-02-29 12:34:56'", DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None))
        }
        other => panic!("the server has no {other:?}"),
    }
}

#[tokio::test]
async fn every_conversion_that_is_told_of_is_one_that_a_cast_makes() {
    let fixture = Fixture::start().await;
    let info = fixture.list(&CommandGetSqlInfo { info: vec![SqlInfo::SqlSupportsConvert as u32] }).await.unwrap();
    let entries = info.column(1).as_union().value(0);
    let entries = entries.as_map().value(0);
    let (from, to) = (entries.column(0).as_primitive::<Int32Type>(), entries.column(1).as_list::<i32>());
    assert_eq!(from.len(), 18);
    let mut count = 0;
    for (from, to) in from.values().iter().zip(to.iter().flatten()) {
        let (declared, value, _) = sample(*from);
        fixture.update(&format!("CREATE TABLE t (v {declared})")).await.unwrap();
        fixture.update(&format!("INSERT INTO t VALUES ({value})")).await.unwrap();
        for to in to.as_primitive::<Int32Type>().values() {
            let (wanted, _, arrow) = sample(*to);
            let batch = fixture.query(&format!("SELECT CAST(v AS {wanted}) AS v FROM t")).await.unwrap();
            let found = batch.column(0).data_type();
            assert!(*found == arrow || wanted == "NUMERIC" && *found == DataType::Float64, "{declared} to {wanted}: {found}");
            let shown = rows(&batch).remove(0);
            let is_kept = match arrow {
                DataType::Binary => shown == "31",
                DataType::Utf8 if value.len() > 5 => format!("'{shown}'") == value,
                _ => matches!(shown.as_str(), "1" | "1.0"),
            };
            assert!(is_kept, "{declared} to {wanted}: {shown}");
            count += 1;
        }
        fixture.update("DROP TABLE t").await.unwrap();
    }
    assert_eq!(count, 9 * 6 + 3 * 7 + 3 * 4 + 3 * 3);
}
