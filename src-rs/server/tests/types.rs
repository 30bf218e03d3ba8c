//! The type of every column that was declared with one, and its values.

use std::sync::Arc;

use arrow_array::types::{Decimal128Type, Float32Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, PrimitiveArray, StringArray, Time32MillisecondArray, Time64MicrosecondArray, Time64NanosecondArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt64Array,
};
use arrow_buffer::i256;
use tonic::Code;

use super::Fixture;

fn decimal(values: Vec<Option<i128>>, precision: u8, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
}

/// The declared type, values as SQL, and the array that they must come back as.
fn cases() -> Vec<(&'static str, &'static str, ArrayRef)> {
    let most = 99_999_999_999_999_999_999_999_999_999_999_999_999_i128;
    vec![
        (
            "INTEGER",
            "(-9223372036854775808), (9223372036854775807), (NULL), (5.0)",
            Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(i64::MAX), None, Some(5)])),
        ),
        ("BIGINT", "(1)", Arc::new(Int64Array::from(vec![1]))),
        ("TINYINT", "(-128), (127)", Arc::new(Int8Array::from(vec![-128, 127]))),
        ("SMALLINT", "(-32768), (32767)", Arc::new(Int16Array::from(vec![-32768, 32767]))),
        ("INT2", "(7)", Arc::new(Int16Array::from(vec![7]))),
        ("INT4", "(-2147483648), (2147483647)", Arc::new(Int32Array::from(vec![i32::MIN, i32::MAX]))),
        ("UTINYINT", "(0), (255)", Arc::new(UInt8Array::from(vec![0, 255]))),
        ("UBIGINT", "(0), (9223372036854775807)", Arc::new(UInt64Array::from(vec![0, i64::MAX as u64]))),
        ("BOOLEAN", "(TRUE), (FALSE), (NULL), ('true')", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]))),
        (
            "DOUBLE",
            "(0.1), (-1e308), (9007199254740993.0), (3)",
            Arc::new(Float64Array::from(vec![0.1, -1e308, 9_007_199_254_740_992.0, 3.0])),
        ),
        ("REAL", "(9e999)", Arc::new(Float64Array::from(vec![f64::INFINITY]))),
        ("FLOAT4", "(0.1)", Arc::new(PrimitiveArray::<Float32Type>::from(vec![0.1f32])) as Arc<Float32Array>),
        (
            "DECIMAL(10,2)",
            "(12.34), ('-0.05'), (7), (NULL), (99999999.99)",
            decimal(vec![Some(1234), Some(-5), Some(700), None, Some(9_999_999_999)], 10, 2),
        ),
        ("NUMERIC(15,5)", "(0.1), (1e-5), (1234567890.12345)", decimal(vec![Some(10_000), Some(1), Some(123_456_789_012_345)], 15, 5)),
        ("DECIMAL TEXT(38,0)", "('99999999999999999999999999999999999999'), ('-1')", decimal(vec![Some(most), Some(-1)], 38, 0)),
        ("DECIMAL TEXT(38,38)", "('0.00000000000000000000000000000000000001')", decimal(vec![Some(1)], 38, 38)),
        (
            "DECIMAL TEXT(76,0)",
            "('1' || printf('%075d', 0))",
            Arc::new(
                Decimal256Array::from(vec![i256::from_string(&format!("1{}", "0".repeat(75))).unwrap()])
                    .with_precision_and_scale(76, 0)
                    .unwrap(),
            ),
        ),
        (
            "DATE",
            "('1970-01-01'), ('2024-02-29'), (NULL), ('0001-01-01')",
            Arc::new(Date32Array::from(vec![Some(0), Some(19_782), None, Some(-719_162)])),
        ),
        (
            "TIME",
            "('00:00:00'), ('23:59:59.999999'), ('12:30')",
            Arc::new(Time64MicrosecondArray::from(vec![0, 86_399_999_999, 45_000_000_000])),
        ),
        ("TIME(3)", "('00:00:00.001')", Arc::new(Time32MillisecondArray::from(vec![1]))),
        ("TIME(9)", "('00:00:00.000000001')", Arc::new(Time64NanosecondArray::from(vec![1]))),
        (
            "TIMESTAMP",
            "('2024-02-29 12:34:56.123456'), ('1969-12-31T23:59:59'), ('2024-02-29'), (1700000000), (NULL)",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(1_709_210_096_123_456),
                Some(-1_000_000),
                Some(1_709_164_800_000_000),
                Some(1_700_000_000_000_000),
                None,
            ])),
        ),
        ("DATETIME", "(2440587.5)", Arc::new(TimestampMicrosecondArray::from(vec![0]))),
        ("TIMESTAMP(0)", "('1970-01-01 00:00:01')", Arc::new(TimestampSecondArray::from(vec![1]))),
        ("TIMESTAMP(9)", "('1970-01-01 00:00:00.123456789')", Arc::new(TimestampNanosecondArray::from(vec![123_456_789]))),
        (
            "TIMESTAMP WITH TIME ZONE",
            "('2024-02-29T12:34:56+02:00'), ('2024-02-29T12:34:56Z')",
            Arc::new(TimestampMicrosecondArray::from(vec![1_709_202_896_000_000, 1_709_210_096_000_000]).with_timezone("UTC")),
        ),
        ("TIMESTAMPTZ(9)", "('1970-01-01 00:00:00.000000001Z')", Arc::new(TimestampNanosecondArray::from(vec![1]).with_timezone("UTC"))),
        ("TEXT", "(''), ('ü€😀'), (NULL), (12)", Arc::new(StringArray::from(vec![Some(""), Some("ü€😀"), None, Some("12")]))),
        ("VARCHAR(20)", "('a')", Arc::new(StringArray::from(vec!["a"]))),
        (
            "BLOB",
            "(X''), (X'00FF'), (NULL), ('text')",
            Arc::new(BinaryArray::from(vec![Some(&b""[..]), Some(&[0, 255]), None, Some(b"text")])),
        ),
    ]
}

#[tokio::test]
async fn a_declared_column_has_its_type_and_its_exact_values() {
    let fixture = Fixture::start().await;
    for (index, (declared, values, expected)) in cases().into_iter().enumerate() {
        let count = fixture.update(&format!("CREATE TABLE t{index} (v {declared})")).await.unwrap();
        assert_eq!(count, 0, "{declared}");
        let count = fixture.update(&format!("INSERT INTO t{index} VALUES {values}")).await.unwrap();
        assert_eq!(count, expected.len() as i64, "{declared}");
        let batch = fixture.query(&format!("SELECT v FROM t{index}")).await.unwrap();
        assert_eq!(batch.column(0).data_type(), expected.data_type(), "{declared}");
        assert_eq!(batch.column(0), &expected, "{declared}");
    }
}

#[tokio::test]
async fn a_column_keeps_its_type_through_views_subqueries_and_joins() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(10,2));
         INSERT INTO t VALUES (1, '1.50'), (2, '2.25');
         CREATE VIEW v AS SELECT id AS key, price FROM t;",
    )
    .await;
    for sql in [
        "SELECT price FROM v ORDER BY key",
        "SELECT price FROM (SELECT * FROM v ORDER BY key)",
        "WITH c AS (SELECT price, id FROM t) SELECT price FROM c ORDER BY id",
        "SELECT b.price FROM t a JOIN v b ON a.id = b.key ORDER BY b.key",
    ] {
        let batch = fixture.query(sql).await.unwrap();
        assert_eq!(batch.column(0), &decimal(vec![Some(150), Some(225)], 10, 2), "{sql}");
        assert_eq!(batch.column(0).as_any().downcast_ref::<PrimitiveArray<Decimal128Type>>().unwrap().scale(), 2);
    }
}

#[tokio::test]
async fn a_value_that_does_not_fit_names_column_row_and_value() {
    let fixture = Fixture::start().await;
    for (declared, values, message) in [
        ("DECIMAL(10,2)", "(1), (12.345)", "column \"v\" (declared DECIMAL(10,2)), row 2: 12.345 does not fit decimal(10, 2)"),
        ("DECIMAL(4,2)", "(100)", "row 1: 100 does not fit decimal(4, 2)"),
        ("DECIMAL(4,2)", "('abc')", "row 1: 'abc' does not fit decimal(4, 2)"),
        ("SMALLINT", "(32767), (32768)", "row 2: 32768 does not fit int16"),
        ("INTEGER", "('many')", "row 1: 'many' does not fit int64"),
        ("DATE", "('29.02.2024')", "row 1: '29.02.2024' does not fit date"),
        ("TIMESTAMP", "('2024-01-01 00:00:00.0000001')", "does not fit timestamp in microseconds"),
        ("TIMESTAMP", "(1700000000000)", "row 1: 1700000000000 does not fit timestamp in microseconds"),
        ("BOOLEAN", "(2)", "row 1: 2 does not fit boolean"),
        ("TEXT", "(X'616263')", "row 1: X'616263' does not fit utf8"),
        ("TEXT", "(CAST(X'FF' AS TEXT))", "is not valid UTF-8"),
    ] {
        fixture.update(&format!("CREATE TABLE t (v {declared})")).await.unwrap();
        fixture.update(&format!("INSERT INTO t VALUES {values}")).await.unwrap();
        let status = fixture.query("SELECT v FROM t").await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{declared}");
        assert!(status.message().contains(message), "{declared}: {}", status.message());
        fixture.update("DROP TABLE t").await.unwrap();
    }
}

#[tokio::test]
async fn the_row_of_a_bad_value_is_counted_over_batches() {
    let fixture = Fixture::with_sql(
        "CREATE TABLE t (v SMALLINT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i FROM n;
         UPDATE t SET v = 1000000 WHERE v = 777;",
    )
    .await
    .header("x-flightsql-batch-rows", 10);
    let status = fixture.query("SELECT v FROM t").await.unwrap_err();
    assert!(status.message().contains("row 777: 1000000"), "{}", status.message());
}
