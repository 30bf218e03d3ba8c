//! Values of every Arrow type, ingested and read back.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringDictionaryBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, Date64Array, Decimal32Array, Decimal64Array, Decimal128Array, Decimal256Array, DurationSecondArray,
    Float16Array, Float64Array, Int32Array, Int64Array, LargeBinaryArray, LargeStringArray, NullArray, StringArray, StringViewArray,
    TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow_buffer::i256;
use half::f16;
use tonic::Code;

use super::ingest::{APPEND, FAIL_IF_MISSING, into, with_modes};
use super::{Fixture, batch, bound_values, rows};

fn array(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

/// Values whose types no SQL of other databases declares.
fn forms() -> Vec<ArrayRef> {
    let texts = || vec![Some(""), None, Some("a text that is longer than a view holds")];
    let blobs = || vec![Some(&b""[..]), None, Some(&[0; 40])];
    let mut fixed = FixedSizeBinaryBuilder::new(3);
    fixed.append_value(b"abc").unwrap();
    fixed.append_null();
    vec![
        array(LargeStringArray::from(texts())),
        array(StringViewArray::from(texts())),
        array(LargeBinaryArray::from(blobs())),
        array(BinaryViewArray::from(blobs())),
        array(fixed.finish()),
        array(Float16Array::from(vec![Some(f16::from_f32(0.1)), None, Some(f16::MIN), Some(f16::INFINITY)])),
        array(Date64Array::from(vec![Some(86_400_000), None, Some(-86_400_000)])),
        array(Decimal32Array::from(vec![-150, 0, 999_999_999]).with_precision_and_scale(9, 2).unwrap()),
        array(Decimal64Array::from(vec![5, -999_999_999_999_999_999]).with_precision_and_scale(18, 4).unwrap()),
        array(Decimal128Array::from(vec![12, 0, -99_999]).with_precision_and_scale(5, -3).unwrap()),
        array(Decimal128Array::from(vec![12, -i128::pow(10, 18)]).with_precision_and_scale(19, -5).unwrap()),
        array(Decimal256Array::from(vec![i256::from_i128(-7)]).with_precision_and_scale(10, 2).unwrap()),
        array(TimestampNanosecondArray::from(vec![Some(1), None, Some(-1)]).with_timezone("Europe/Berlin")),
        array(TimestampMillisecondArray::from(vec![0]).with_timezone("+02:00")),
    ]
}

#[tokio::test]
async fn what_is_ingested_comes_back_as_it_was_and_in_its_type() {
    let fixture = Fixture::start().await;
    let bound = bound_values::same().into_iter().map(|(_, values)| values);
    for (index, values) in bound.chain(forms()).enumerate() {
        let table = format!("t{index}");
        let count = fixture.ingest(into(&table), &[batch([("v", Arc::clone(&values))])]).await.unwrap();
        assert_eq!(count, values.len() as i64, "{}", values.data_type());
        // To add the same to what there is now needs no new declaration.
        fixture.ingest(with_modes(&table, FAIL_IF_MISSING, APPEND), &[batch([("v", values.slice(0, 1))])]).await.unwrap();
        let result = fixture.query(&format!("SELECT v FROM {table} LIMIT {count}")).await.unwrap();
        assert_eq!(result.column(0), &values, "{}", values.data_type());
    }
}

#[tokio::test]
async fn what_has_no_type_of_its_own_is_read_as_what_its_values_are() {
    let fixture = Fixture::start().await;
    let mut words = StringDictionaryBuilder::<Int8Type>::new();
    for word in [Some("a"), None, Some("b"), Some("a")] {
        words.append_option(word);
    }
    let [dense, sparse] = bound_values::unions();
    for (index, (values, expected)) in [
        (array(words.finish()), &["text|a", "null|NULL", "text|b", "text|a"][..]),
        (array(NullArray::new(2)), &["null|NULL", "null|NULL"]),
        (dense, &["integer|7", "text|x", "integer|1", "null|NULL"]),
        (sparse, &["integer|7", "text|x", "integer|1", "null|NULL"]),
    ]
    .into_iter()
    .enumerate()
    {
        fixture.ingest(into(&format!("t{index}")), &[batch([("v", values)])]).await.unwrap();
        let result = fixture.query(&format!("SELECT typeof(v), v || '' FROM t{index}")).await.unwrap();
        assert_eq!(rows(&result), expected);
    }
}

#[tokio::test]
async fn a_type_that_sqlite_has_no_values_for_is_refused_before_anything_is_done() {
    let fixture = Fixture::start().await;
    for values in [
        array(DurationSecondArray::from(vec![1])),
        array(arrow_array::ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>(vec![Some(vec![Some(1)])])),
    ] {
        let status = fixture.ingest(into("t"), &[batch([("v", values)])]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with("the column \"v\" for the table \"t\" has the type "), "{status}");
    }
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM sqlite_schema").await.unwrap()), ["0"]);
}

#[tokio::test]
async fn a_value_that_sqlite_has_no_equal_of_is_named_by_table_column_and_row() {
    let fixture = Fixture::start().await;
    for (values, message) in [
        (array(UInt64Array::from(vec![0, u64::MAX])), "18446744073709551615 of the type UInt64 is beyond"),
        (array(Float64Array::from(vec![0.0, f64::NAN])), "SQLite has no NaN"),
    ] {
        let parts = [batch([("v", values.slice(0, 1))]), batch([("v", values.slice(1, 1))])];
        let status = fixture.ingest(into("t"), &parts).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with("table \"t\", column \"v\", row 2: "), "{status}");
        assert!(status.message().contains(message), "{status}");
    }
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM sqlite_schema").await.unwrap()), ["0"]);
}

#[tokio::test]
async fn a_value_that_does_not_fit_a_column_that_is_there_is_refused_and_one_that_does_is_not() {
    let sql = "CREATE TABLE t (small TINYINT, n INTEGER, day DATE, price DECIMAL(5,2), word TEXT, id FIXED BLOB(2));
         CREATE TABLE strict (n INT) STRICT";
    let fixture = Fixture::with_sql(sql).await;
    let text = |text: &str| array(StringArray::from(vec![text]));
    for (column, values, fits) in [
        ("small", array(Int64Array::from(vec![127])), true),
        ("small", array(Int64Array::from(vec![128])), false),
        ("n", array(Int32Array::from(vec![7])), true),
        // SQLite makes a number of it.
        ("n", text("12"), true),
        ("n", text("twelve"), false),
        ("n", array(Float64Array::from(vec![1.0])), true),
        ("n", array(Float64Array::from(vec![1.5])), false),
        ("day", text("2024-02-29"), true),
        ("day", text("yesterday"), false),
        ("price", array(Float64Array::from(vec![1.25])), true),
        ("price", array(Float64Array::from(vec![1.255])), false),
        ("word", array(StringViewArray::from(vec!["x"])), true),
        ("id", array(BinaryViewArray::from(vec![&b"ab"[..]])), true),
        ("id", array(BinaryViewArray::from(vec![&b"abc"[..]])), false),
    ] {
        match fixture.ingest(into("t"), &[batch([(column, values)])]).await {
            Ok(count) => assert!(fits && count == 1, "{column}"),
            Err(status) => {
                assert!(!fits && status.code() == Code::InvalidArgument, "{column}: {status}");
                assert!(status.message().starts_with(&format!("table \"t\", column {column:?}, row 1: ")), "{status}");
                assert!(status.message().contains("does not fit"), "{status}");
            }
        }
    }
    assert_eq!(rows(&fixture.query("SELECT count(*) FROM t").await.unwrap()), ["8"]);
    let status = fixture.ingest(into("strict"), &[batch([("n", text("x"))])]).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("row 1: cannot store TEXT value in INT column strict.n"), "{status}");
}
