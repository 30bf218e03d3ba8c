//! Values of every Arrow type, bound and read back through columns of the same type.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Date64Array, Decimal32Array, Decimal64Array, Decimal128Array,
    Decimal256Array, DictionaryArray, DurationSecondArray, FixedSizeBinaryArray, Float16Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, IntervalDayTimeArray, LargeBinaryArray, LargeStringArray, ListArray, NullArray, RunArray,
    StringArray, StringViewArray, StructArray, Time32MillisecondArray, Time32SecondArray, Time64MicrosecondArray, Time64NanosecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array, UnionArray,
};
use arrow_buffer::{IntervalDayTime, i256};
use arrow_schema::{DataType, Field, UnionFields};
use half::f16;
use tonic::Code;

use super::{Fixture, batch, rows};

fn array(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

fn decimal(values: Vec<Option<i128>>, precision: u8, scale: i8) -> ArrayRef {
    array(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
}

fn wide(values: &[&str], scale: i8) -> ArrayRef {
    let values: Vec<_> = values.iter().map(|digits| i256::from_string(digits).unwrap()).collect();
    array(Decimal256Array::from(values).with_precision_and_scale(76, scale).unwrap())
}

const MOST: i128 = 99_999_999_999_999_999_999_999_999_999_999_999_999;

/// The type that a column is declared with, and values that come back from it as they were bound.
pub(super) fn same() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("BOOLEAN", array(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("TINYINT", array(Int8Array::from(vec![Some(i8::MIN), Some(i8::MAX), None]))),
        ("SMALLINT", array(Int16Array::from(vec![i16::MIN, i16::MAX]))),
        ("INT4", array(Int32Array::from(vec![i32::MIN, i32::MAX]))),
        ("INTEGER", array(Int64Array::from(vec![Some(i64::MIN), Some(i64::MAX), None]))),
        ("UTINYINT", array(UInt8Array::from(vec![0, u8::MAX]))),
        ("USMALLINT", array(UInt16Array::from(vec![0, u16::MAX]))),
        ("UINTEGER", array(UInt32Array::from(vec![0, u32::MAX]))),
        ("UBIGINT", array(UInt64Array::from(vec![0, i64::MAX as u64]))),
        ("FLOAT4", array(Float32Array::from(vec![Some(0.1), Some(f32::MIN_POSITIVE), Some(f32::INFINITY), None]))),
        ("DOUBLE", array(Float64Array::from(vec![0.1, -1e308, 5e-324, f64::NEG_INFINITY, 3.0]))),
        ("DECIMAL(10,2)", decimal(vec![Some(1234), Some(-5), Some(0), None, Some(9_999_999_999)], 10, 2)),
        ("DECIMAL(15,5)", decimal(vec![Some(123_456_789_012_345), Some(-1)], 15, 5)),
        ("DECIMAL(18,0)", decimal(vec![Some(999_999_999_999_999_999), Some(-999_999_999_999_999_999)], 18, 0)),
        ("DECIMAL TEXT(38,0)", decimal(vec![Some(MOST), Some(-MOST)], 38, 0)),
        ("DECIMAL TEXT(38,38)", decimal(vec![Some(1), Some(-MOST)], 38, 38)),
        ("DECIMAL TEXT(76,10)", wide(&[&"9".repeat(76), "-1", "0"], 10)),
        ("DATE", array(Date32Array::from(vec![Some(0), Some(19_782), None, Some(-719_162), Some(-800_000)]))),
        ("TIME(0)", array(Time32SecondArray::from(vec![0, 86_399]))),
        ("TIME(3)", array(Time32MillisecondArray::from(vec![1, 86_399_999]))),
        ("TIME", array(Time64MicrosecondArray::from(vec![1, 86_399_999_999]))),
        ("TIME(9)", array(Time64NanosecondArray::from(vec![Some(1), None, Some(86_399_999_999_999)]))),
        ("TIMESTAMP(0)", array(TimestampSecondArray::from(vec![0, -1, 253_402_300_799]))),
        ("TIMESTAMP(3)", array(TimestampMillisecondArray::from(vec![1, -1]))),
        ("TIMESTAMP", array(TimestampMicrosecondArray::from(vec![Some(1_709_210_096_123_456), None, Some(-1)]))),
        ("DATETIME(9)", array(TimestampNanosecondArray::from(vec![1, i64::MAX, i64::MIN]))),
        ("TIMESTAMPTZ", array(TimestampMicrosecondArray::from(vec![1_709_202_896_000_000]).with_timezone("UTC"))),
        ("TIMESTAMP WITH TIME ZONE(9)", array(TimestampNanosecondArray::from(vec![1, -1]).with_timezone("UTC"))),
        ("TEXT", array(StringArray::from(vec![Some(""), Some("ü€😀"), None, Some("12"), Some("a\0b")]))),
        ("BLOB", array(BinaryArray::from(vec![Some(&b""[..]), Some(&[0, 255]), None, Some(b"text")]))),
    ]
}

/// The type that a column is declared with, what is bound, and what comes back.
pub(super) fn alike() -> Vec<(&'static str, ArrayRef, ArrayRef)> {
    let texts = || array(StringArray::from(vec![Some("a"), None, Some("a text that is longer than a view holds")]));
    let text = ["a", "a text that is longer than a view holds"];
    let mut dictionary = StringDictionaryBuilder::<Int8Type>::new();
    for value in [Some(text[0]), None, Some(text[1])] {
        dictionary.append_option(value);
    }
    let wide_keys: DictionaryArray<Int64Type> =
        DictionaryArray::new(Int64Array::from(vec![Some(1), None, Some(0)]), array(StringArray::from(vec![text[1], text[0]])));
    let runs: RunArray<Int16Type> = [Some(text[0]), None, Some(text[1])].into_iter().collect();
    let blobs = || array(BinaryArray::from(vec![Some(&b"ab"[..]), None, Some(b"cd")]));
    let bytes = [Some(&b"ab"[..]), None, Some(b"cd")];
    vec![
        ("TEXT", array(LargeStringArray::from(vec![Some(text[0]), None, Some(text[1])])), texts()),
        ("TEXT", array(StringViewArray::from(vec![Some(text[0]), None, Some(text[1])])), texts()),
        ("TEXT", array(dictionary.finish()), texts()),
        ("TEXT", array(wide_keys), texts()),
        ("TEXT", array(runs), texts()),
        ("TEXT", array(NullArray::new(2)), array(StringArray::from(vec![None::<&str>, None]))),
        ("BLOB", array(LargeBinaryArray::from(bytes.to_vec())), blobs()),
        ("BLOB", array(bytes.iter().copied().collect::<BinaryViewArray>()), blobs()),
        ("BLOB", array(FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes.into_iter(), 2).unwrap()), blobs()),
        (
            "DOUBLE",
            array(Float16Array::from(vec![f16::from_f32(0.1), f16::MAX])),
            array(Float64Array::from(vec![0.0999755859375, 65504.0])),
        ),
        ("DECIMAL(9,2)", array(Decimal32Array::from(vec![-150]).with_precision_and_scale(9, 2).unwrap()), decimal(vec![Some(-150)], 9, 2)),
        ("DECIMAL(14,4)", array(Decimal64Array::from(vec![5]).with_precision_and_scale(18, 4).unwrap()), decimal(vec![Some(5)], 14, 4)),
        ("DECIMAL(10,0)", decimal(vec![Some(12), Some(0)], 5, -3), decimal(vec![Some(12_000), Some(0)], 10, 0)),
        ("DATE", array(Date64Array::from(vec![86_400_000, -86_400_000])), array(Date32Array::from(vec![1, -1]))),
        ("TIME", array(Time64NanosecondArray::from(vec![1000])), array(Time64MicrosecondArray::from(vec![1]))),
        ("TIMESTAMP", array(TimestampSecondArray::from(vec![7])), array(TimestampMicrosecondArray::from(vec![7_000_000]))),
        (
            "TIMESTAMPTZ(9)",
            array(TimestampNanosecondArray::from(vec![1_709_202_896_000_000_001]).with_timezone("Europe/Berlin")),
            array(TimestampNanosecondArray::from(vec![1_709_202_896_000_000_001]).with_timezone("UTC")),
        ),
    ]
}

#[tokio::test]
async fn a_value_comes_back_from_a_column_of_its_type_as_it_was_bound() {
    let fixture = Fixture::start().await;
    let same = same().into_iter().map(|(declared, values)| (declared, Arc::clone(&values), values));
    for (index, (declared, bound, expected)) in same.chain(alike()).enumerate() {
        fixture.update(&format!("CREATE TABLE t{index} (v {declared})")).await.unwrap();
        let insert = fixture.prepared(&format!("INSERT INTO t{index} VALUES (?)")).await;
        let count = fixture.execute_update(&insert, &[batch([("v", Arc::clone(&bound))])]).await.unwrap();
        assert_eq!(count, bound.len() as i64, "{declared}");
        let result = fixture.query(&format!("SELECT v FROM t{index}")).await.unwrap();
        assert_eq!(result.column(0), &expected, "{declared} of {}", bound.data_type());
        // A ticket carries them as exactly.
        let found = fixture.prepared(&format!("SELECT v FROM t{index} WHERE v IS ? LIMIT 1")).await;
        fixture.bind(&found, &[batch([("v", Arc::clone(&bound))])]).await.unwrap();
        let result = fixture.execute(&found).await.unwrap();
        assert_eq!(result.column(0), &expected, "{declared} of {}, compared", bound.data_type());
    }
}

#[tokio::test]
async fn times_are_written_as_sqlite_writes_them_so_that_they_compare() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT ? || '' AS v").await;
    for (values, expected) in [
        (array(Date32Array::from(vec![19_782])), "2024-02-29"),
        (array(Time64NanosecondArray::from(vec![45_296_000_000_000])), "12:34:56"),
        (array(TimestampNanosecondArray::from(vec![1_709_210_096_000_000_000])), "2024-02-29 12:34:56"),
        (array(TimestampMicrosecondArray::from(vec![1_709_210_096_500_000]).with_timezone("+02:00")), "2024-02-29 12:34:56.500"),
        (array(BooleanArray::from(vec![true])), "1"),
        (decimal(vec![Some(150)], 10, 2), "1.50"),
    ] {
        fixture.bind(&handle, &[batch([("v", values)])]).await.unwrap();
        assert_eq!(rows(&fixture.execute(&handle).await.unwrap()), [expected]);
    }
}

pub(super) fn unions() -> [ArrayRef; 2] {
    let fields =
        [("n", DataType::Int64), ("s", DataType::Utf8), ("b", DataType::Boolean), ("l", DataType::new_list(DataType::Int64, true))];
    let fields: UnionFields =
        fields.into_iter().zip([4, 0, 9, 1]).map(|((name, data_type), id)| (id, Arc::new(Field::new(name, data_type, true)))).collect();
    let ids = vec![4_i8, 0, 9, 0];
    let no_lists = |rows| array(ListArray::new_null(Arc::new(Field::new("item", DataType::Int64, true)), rows));
    let dense: Vec<ArrayRef> = vec![
        array(Int64Array::from(vec![7])),
        array(StringArray::from(vec![Some("x"), None])),
        array(BooleanArray::from(vec![true])),
        no_lists(0),
    ];
    let sparse: Vec<ArrayRef> = vec![
        array(Int64Array::from(vec![7, 0, 0, 0])),
        array(StringArray::from(vec![Some("-"), Some("x"), Some("-"), None])),
        array(BooleanArray::from(vec![false, false, true, false])),
        no_lists(4),
    ];
    let order = |children: Vec<ArrayRef>| -> Vec<ArrayRef> {
        let by_type = |wanted: &DataType| children.iter().find(|child| child.data_type() == wanted).cloned().unwrap();
        fields.iter().map(|(_, field)| by_type(field.data_type())).collect()
    };
    [
        array(UnionArray::try_new(fields.clone(), ids.clone().into(), Some(vec![0, 0, 0, 1].into()), order(dense)).unwrap()),
        array(UnionArray::try_new(fields.clone(), ids.into(), None, order(sparse)).unwrap()),
    ]
}

#[tokio::test]
async fn a_union_is_bound_as_the_child_that_the_row_chose() {
    let fixture = Fixture::start().await;
    let handle = fixture.prepared("SELECT typeof(?1) AS t, ?1 || '' AS v").await;
    for values in unions() {
        fixture.bind(&handle, &[batch([("v", values)])]).await.unwrap();
        assert_eq!(rows(&fixture.execute(&handle).await.unwrap()), ["integer|7", "text|x", "integer|1", "null|NULL"]);
    }
}

#[tokio::test]
async fn what_has_no_equal_in_sqlite_is_refused_by_parameter_row_and_type() {
    let fixture = Fixture::start().await;
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![None, Some(vec![Some(1)])]);
    let fields = vec![Arc::new(Field::new("n", DataType::Int64, true))];
    let structs = StructArray::new(fields.into(), vec![array(Int64Array::from(vec![1, 2]))], Some(vec![false, true].into()));
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    maps.append(false).unwrap();
    maps.append(true).unwrap();
    let handle = fixture.prepared("SELECT @v AS v").await;
    for (values, message) in [
        (array(UInt64Array::from(vec![0, u64::MAX])), "18446744073709551615 of the type UInt64 is beyond 9223372036854775807"),
        (array(Float64Array::from(vec![0.0, f64::NAN])), "SQLite has no NaN"),
        (array(Float32Array::from(vec![0.0, f32::NAN])), "SQLite has no NaN"),
        (array(Date32Array::from(vec![0, i32::MAX])), "2147483647 days since 1970-01-01 are outside of the years"),
        (array(Date64Array::from(vec![0, 1])), "a Date64 of 1 ms is not a whole day"),
        (array(Time32SecondArray::from(vec![0, 86_400])), "a time of 86400 Seconds since midnight is outside of a day"),
        (array(TimestampMicrosecondArray::from(vec![0, i64::MAX])), "a timestamp of 9223372036854775807 Microseconds since 1970"),
        (array(lists), "no value for the type List(Int32)"),
        (array(structs), "no value for the type Struct"),
        (array(maps.finish()), "no value for the type Map"),
        (array(DurationSecondArray::from(vec![None, Some(1)])), "no value for the type Duration"),
        (array(IntervalDayTimeArray::from(vec![None, Some(IntervalDayTime::new(1, 2))])), "no value for the type Interval"),
    ] {
        let status = fixture.bind(&handle, &[batch([("v", values.slice(0, 1))]), batch([("v", values.slice(1, 1))])]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert!(status.message().starts_with("parameter \"@v\", row 2: "), "{}", status.message());
        assert!(status.message().contains(message), "{}", status.message());
    }
}

#[tokio::test]
async fn a_value_that_is_too_long_for_sqlite_is_refused_by_its_place() {
    let options = crate::server::ServerOptions { max_prepared_bytes: usize::MAX, max_message_bytes: usize::MAX, ..Default::default() };
    let fixture = Fixture::with(options).await;
    let handle = fixture.prepared("SELECT length(:v) AS n").await;
    let long = vec![0_u8; 256 * 1024 * 1024 + 1];
    fixture.bind(&handle, &[batch([("v", array(BinaryArray::from(vec![&long[..]])))])]).await.unwrap();
    let status = fixture.prepared_info(&handle).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert!(status.message().contains("parameter \":v\", row 1: string or blob too big"), "{}", status.message());
}
