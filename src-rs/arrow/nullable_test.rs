#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::root_as_schema;
use arrow_schema::{DataType, Field, Schema, UnionFields, UnionMode};

use crate::arrow::schema::{StreamSchema, child_fields};
use crate::arrow::schema_check::{SchemaCheck, SchemaHolder};

fn read(fields: Vec<Field>) -> StreamSchema {
    let schema = Schema::new(fields);
    let message =
        IpcSchemaEncoder::new().with_dictionary_tracker(&mut arrow_ipc::writer::DictionaryTracker::new(false)).schema_to_fb(&schema);
    StreamSchema::read(root_as_schema(message.finished_data()).unwrap()).unwrap()
}

/// A field of each way to nest, where every field may be null or none, but for what a map fixes.
fn fields(nullable: bool) -> Vec<Field> {
    let number = |name: &str| Field::new(name, DataType::Int64, nullable);
    let pair = DataType::Struct(vec![number("x"), number("y")].into());
    let key = Field::new("key", DataType::Struct(vec![number("x")].into()), false);
    let entries = DataType::Struct(vec![key, number("value")].into());
    let union = UnionFields::try_new(vec![3, 7], vec![number("x"), number("y")]).unwrap();
    let runs = DataType::RunEndEncoded(Arc::new(Field::new("run_ends", DataType::Int32, false)), Arc::new(number("values")));
    let types = [
        DataType::Int64,
        pair.clone(),
        DataType::List(Arc::new(Field::new("item", pair.clone(), nullable))),
        DataType::LargeList(Arc::new(number("item"))),
        DataType::FixedSizeList(Arc::new(number("item")), 2),
        DataType::ListView(Arc::new(number("item"))),
        DataType::Map(Arc::new(Field::new("entries", entries, false)), false),
        DataType::Union(union, UnionMode::Dense),
        runs,
        DataType::Dictionary(Box::new(DataType::Int8), Box::new(pair)),
    ];
    types.into_iter().enumerate().map(|(at, data_type)| Field::new(format!("c{at}"), data_type, nullable)).collect()
}

#[test]
fn every_field_of_every_type_is_nullable_but_what_a_map_fixes() {
    let (strict, loose) = (read(fields(false)), read(fields(true)));
    let found = strict.all_nullable();
    assert_eq!(found.normalised, loose.normalised);
    for (found, loose) in found.normalised_fields.iter().zip(&loose.normalised_fields) {
        assert_eq!(format!("{found:?}"), format!("{loose:?}"));
    }
    for (found, loose) in found.normalised_dictionaries.iter().zip(&loose.normalised_dictionaries) {
        assert_eq!(format!("{found:?}"), format!("{loose:?}"));
    }
    assert_eq!(found.wire, strict.wire);
}

#[test]
fn streams_that_differ_in_what_may_be_null_go_together() {
    let (strict, loose) = (read(fields(false)), read(fields(true)));
    for (first, second) in [(&strict, &loose), (&loose, &strict), (&strict.all_nullable(), &strict), (&strict.all_nullable(), &loose)] {
        let mut holder = SchemaHolder::new(SchemaCheck::Compatible, None, false);
        holder.hold(&Arc::new(first.clone())).unwrap();
        holder.hold(&Arc::new(second.clone())).unwrap();
    }
}

#[test]
fn names_and_metadata_stay_as_they_are() {
    let inner = Field::new("inner", DataType::Int64, false).with_metadata([("deep".to_owned(), "yes".to_owned())]);
    let outer = Field::new("outer", DataType::Struct(vec![inner].into()), false).with_metadata([("top".to_owned(), "too".to_owned())]);
    let found = read(vec![outer]).all_nullable();
    let outer = found.normalised.field(0);
    assert_eq!((outer.name().as_str(), outer.metadata().get("top").map(|value| value.as_str())), ("outer", Some("too")));
    let children = child_fields(outer.data_type());
    assert_eq!(children[0].metadata().get("deep").map(|value| value.as_str()), Some("yes"));
    assert!(children[0].is_nullable());
}
