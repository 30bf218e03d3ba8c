#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::root_as_schema;
use arrow_ipc::writer::DictionaryTracker;
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use super::{SchemaCheck, SchemaHolder};
use crate::arrow::schema::StreamSchema;
use crate::error::{Code, Error};

use SchemaCheck::{Compatible, Off, Strict};

fn stream(schema: &Schema) -> Arc<StreamSchema> {
    let message = IpcSchemaEncoder::new().with_dictionary_tracker(&mut DictionaryTracker::new(false)).schema_to_fb(schema);
    Arc::new(StreamSchema::read(root_as_schema(message.finished_data()).unwrap()).unwrap())
}

fn of(fields: impl Into<Vec<Field>>) -> Arc<StreamSchema> {
    stream(&Schema::new(fields.into()))
}

fn number(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

fn tagged(field: Field) -> Field {
    field.with_metadata([("k".to_owned(), "v".to_owned())])
}

fn of_type(data_type: DataType) -> Arc<StreamSchema> {
    of([Field::new("c", data_type, true)])
}

fn dictionary(values: DataType) -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(values))
}

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

fn announced(check: SchemaCheck, announced: &StreamSchema, found: &Arc<StreamSchema>) -> Result<(), Error> {
    SchemaHolder::new(check, Some(announced), false).hold(found)
}

fn following(check: SchemaCheck, first: &Arc<StreamSchema>, second: &Arc<StreamSchema>) -> Result<(), Error> {
    let mut holder = SchemaHolder::new(check, None, true);
    holder.hold(first)?;
    holder.hold(second)
}

#[test]
fn a_stream_may_differ_from_what_was_announced_in_what_each_check_lets_differ() {
    let runs = DataType::RunEndEncoded(
        Arc::new(Field::new("run_ends", DataType::Int32, false)),
        Arc::new(Field::new("values", DataType::Utf8, true)),
    );
    let nanos = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Nanosecond, zone.map(Into::into));
    let (yes, no) = (true, false);
    // What was announced, what came, and whether it passes the compatible and the strict check.
    let table = [
        (of([number("a")]), of([number("a")]), yes, yes),
        (of([number("a")]), of([number("a").with_nullable(true)]), yes, no),
        (of([number("a")]), of([tagged(number("a"))]), yes, no),
        (stream(&Schema::new(vec![number("a")]).with_metadata([("k".to_owned(), "v".to_owned())])), of([number("a")]), yes, no),
        (of([number("a")]), of([number("b")]), no, no),
        (of([number("a")]), of([number("a"), number("b")]), no, no),
        (of([number("a"), number("b")]), of([number("a")]), no, no),
        (of_type(DataType::Int64), of_type(DataType::Int32), no, no),
        (of_type(DataType::Utf8), of_type(DataType::Binary), no, no),
        (of_type(nanos(None)), of_type(nanos(Some("UTC"))), no, no),
        (of_type(DataType::Decimal128(10, 2)), of_type(DataType::Decimal128(10, 3)), no, no),
        // Planners announce values, executors send them encoded.
        (of_type(DataType::Utf8), of_type(dictionary(DataType::Utf8)), yes, no),
        (of_type(dictionary(DataType::Utf8)), of_type(DataType::Utf8View), yes, no),
        (of_type(DataType::LargeUtf8), of_type(runs), yes, no),
        (of_type(dictionary(DataType::Utf8)), of_type(dictionary(DataType::Int64)), no, no),
        (of_type(list(DataType::Utf8)), of_type(list(dictionary(DataType::Utf8))), yes, no),
        (of_type(list(DataType::Utf8)), of_type(list(DataType::Int8)), no, no),
        (of_type(list(DataType::Utf8)), of_type(DataType::LargeList(Arc::new(Field::new("element", DataType::Utf8, false)))), yes, no),
    ];
    for (known, found, is_compatible, is_same) in &table {
        for (check, passes) in [(Compatible, *is_compatible), (Strict, *is_same), (Off, true)] {
            let outcome = announced(check, known, found);
            assert_eq!(outcome.is_ok(), passes, "{check:?}: {} and {}: {outcome:?}", known.wire, found.wire);
        }
    }
}

#[test]
fn later_streams_have_to_fit_the_first_in_what_each_check_wants() {
    let (yes, no) = (true, false);
    // The first stream, another, and whether it may follow: by the compatible check, the strict one, and none.
    let table = [
        (of([number("a")]), of([number("a")]), yes, yes, yes),
        (of([number("a")]), of([number("a").with_nullable(true)]), yes, no, yes),
        (of([number("a")]), of([tagged(number("a"))]), yes, no, yes),
        (of([number("a")]), of([number("b")]), no, no, yes),
        (of([number("a")]), of([number("a"), number("b")]), no, no, no),
        (of_type(DataType::Int64), of_type(DataType::Int32), no, no, no),
        // One result has one encoding: nobody could hand these on as columns of one type.
        (of_type(DataType::Utf8), of_type(dictionary(DataType::Utf8)), no, no, no),
        (of_type(DataType::Utf8), of_type(DataType::Utf8View), no, no, no),
    ];
    for (first, second, compatible, strict, off) in &table {
        for (check, passes) in [(Compatible, *compatible), (Strict, *strict), (Off, *off)] {
            let outcome = following(check, first, second);
            assert_eq!(outcome.is_ok(), passes, "{check:?}: {} and {}: {outcome:?}", first.wire, second.wire);
        }
    }
}

#[test]
fn a_mismatch_shows_every_column_that_differs() {
    let expected = of([number("id"), number("at"), Field::new("name", DataType::Utf8, true)]);
    let found = of([number("id"), Field::new("at", DataType::Utf8, true), Field::new("title", DataType::Utf8, true), number("more")]);
    let error = announced(Compatible, &expected, &found).unwrap_err();
    assert_eq!(error.code(), Code::SchemaMismatch);
    assert_eq!(error.column(), Some("at"));
    assert_eq!(
        error.message(),
        "the stream's schema is not that of FlightInfo: column 1: expected 'at' Int64, found 'at' Utf8; \
         column 2: expected 'name' Utf8, found 'title' Utf8; column 3: expected none, found 'more' Int64"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("schemaCheck: 'off'")));
    let shorter = following(Compatible, &expected, &of([number("id"), number("at")])).unwrap_err();
    assert_eq!(shorter.message(), "the stream's schema is not that of the streams before it: column 2: expected 'name' Utf8, found none");
}

#[test]
fn a_strict_mismatch_shows_nullability_and_metadata() {
    let error = announced(Strict, &of([number("a")]), &of([tagged(number("a")).with_nullable(true)])).unwrap_err();
    assert_eq!(
        error.message(),
        "the stream's schema is not that of FlightInfo: column 0: expected 'a' Int64 not nullable, found 'a' Int64 nullable with metadata {\"k\": \"v\"}"
    );
    let whole = stream(&Schema::new(vec![number("a")]).with_metadata([("k".to_owned(), "v".to_owned())]));
    let error = announced(Strict, &whole, &of([number("a")])).unwrap_err();
    assert_eq!(error.message(), "the stream's schema is not that of FlightInfo: metadata: expected {\"k\": \"v\"}, found {}");
}

#[test]
fn a_mismatch_of_very_many_columns_shows_some_of_them() {
    let columns = |prefix: &str| of((0..500).map(|at| number(&format!("{prefix}{at}"))).collect::<Vec<_>>());
    let error = announced(Compatible, &columns("a"), &columns("b")).unwrap_err();
    assert!(error.message().ends_with("column 7: expected 'a7' Int64, found 'b7' Int64; and 492 more"), "{}", error.message());
}

#[test]
fn rows_of_several_streams_are_nullable_unless_the_check_is_strict() {
    for (check, is_nullable) in [(Compatible, true), (Off, true), (Strict, false)] {
        let mut holder = SchemaHolder::new(check, None, true);
        assert!(holder.schema().is_none());
        holder.hold(&of([number("a")])).unwrap();
        assert_eq!(holder.schema().unwrap().normalised.field(0).is_nullable(), is_nullable, "{check:?}");
    }
    let mut one = SchemaHolder::new(Compatible, None, false);
    one.hold(&of([number("a")])).unwrap();
    assert!(!one.schema().unwrap().normalised.field(0).is_nullable());
}
