//! The decoder against messages that arrow-rs wrote, whole and damaged: what is damaged is an error or reads, and never more.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder, StringViewBuilder};
use arrow_array::types::{Int16Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray, ListViewArray,
    RecordBatch, RunArray, StringArray, StructArray, UnionArray,
};
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::{FlightData, FlightDescriptor};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling as IpcDictionaryHandling, IpcWriteOptions};
use arrow_schema::{DataType, Field, UnionFields};
use futures::TryStreamExt;
use proptest::prelude::*;

use super::{Decoder, Event};
use crate::arrow::arrays::record_batch;
use crate::arrow::dictionary::DictionaryArrays;
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::Result;
use crate::flight::frames::FlightMessage;
use crate::flight::memory::own_block;

const LIMIT: usize = 64 << 20;

/// A batch with one column of each layout.
fn batch(rows: usize) -> RecordBatch {
    let every_third = |row: usize| !row.is_multiple_of(3);
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    let mut add = |name: &str, array: ArrayRef| columns.push((name.to_owned(), array));
    let numbers: Int64Array = (0..rows).map(|row| every_third(row).then_some(row as i64)).collect();
    add("int64", Arc::new(numbers.clone()));
    add("bool", Arc::new((0..rows).map(|row| every_third(row).then_some(row % 2 == 0)).collect::<BooleanArray>()));
    add("float64", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| row as f64 / 7.0))));
    add("decimal", Arc::new(Decimal128Array::from_iter_values((0..rows).map(|row| row as i128 * -12345))));
    let words: StringArray = (0..rows).map(|row| every_third(row).then(|| format!("wört {row}"))).collect();
    add("utf8", Arc::new(words.clone()));
    add("large_utf8", Arc::new((0..rows).map(|row| Some(format!("large {row}"))).collect::<LargeStringArray>()));
    let mut views = StringViewBuilder::new();
    (0..rows).for_each(|row| views.append_option(every_third(row).then(|| "a view that is ünusually long".repeat(row % 2 + 1))));
    add("view", Arc::new(views.finish()));
    let mut lists = ListBuilder::new(Int32Builder::new());
    (0..rows).for_each(|row| lists.append_option(every_third(row).then(|| (0..row as i32 % 4).map(Some))));
    add("list", Arc::new(lists.finish()));
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for row in 0..rows {
        maps.keys().append_value(format!("key {row}"));
        maps.values().append_value(row as i32);
        maps.append(every_third(row)).unwrap();
    }
    add("map", Arc::new(maps.finish()));
    let fields = vec![Arc::new(Field::new("n", DataType::Int64, true)), Arc::new(Field::new("w", DataType::Utf8, true))];
    add("struct", Arc::new(StructArray::new(fields.into(), vec![Arc::new(numbers.clone()), Arc::new(words.clone())], None)));
    let mut dictionary = StringDictionaryBuilder::<Int16Type>::new();
    (0..rows).for_each(|row| dictionary.append_option(every_third(row).then(|| format!("value {}", row % 5))));
    add("dictionary", Arc::new(dictionary.finish()));
    let wide: DictionaryArray<Int64Type> = DictionaryArray::new(
        (0..rows).map(|row| every_third(row).then_some(row as i64 % 2)).collect(),
        Arc::new(StringArray::from(vec!["x", "y"])),
    );
    add("wide_dictionary", Arc::new(wide));
    let view_field = Arc::new(Field::new("item", DataType::Int64, true));
    let (offsets, sizes): (Vec<i32>, Vec<i32>) = (0..rows as i32).map(|row| (rows as i32 - 1 - row, row % 2)).unzip();
    add("list_view", Arc::new(ListViewArray::new(view_field, offsets.into(), sizes.into(), Arc::new(numbers.clone()), None)));
    let runs: RunArray<Int32Type> = (0..rows).map(|row| Some(if row < rows / 2 { "first" } else { "second" })).collect();
    add("runs", Arc::new(runs));
    let union_fields =
        UnionFields::try_new(vec![3, 7], vec![Field::new("n", DataType::Int64, true), Field::new("w", DataType::Utf8, true)]).unwrap();
    let ids: Vec<i8> = (0..rows).map(|row| if row % 2 == 0 { 3 } else { 7 }).collect();
    add(
        "sparse_union",
        Arc::new(
            UnionArray::try_new(union_fields.clone(), ids.clone().into(), None, vec![Arc::new(numbers.clone()), Arc::new(words.clone())])
                .unwrap(),
        ),
    );
    let places: Vec<i32> = (0..rows as i32).collect();
    add(
        "dense_union",
        Arc::new(UnionArray::try_new(union_fields, ids.into(), Some(places.into()), vec![Arc::new(numbers), Arc::new(words)]).unwrap()),
    );
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

/// The messages of a stream of `batches`.
fn messages(batches: Vec<RecordBatch>, compression: Option<CompressionType>) -> Vec<FlightData> {
    let options =
        IpcWriteOptions::default().try_with_compression(compression).unwrap().with_dictionary_handling(IpcDictionaryHandling::Resend);
    let stream = FlightDataEncoderBuilder::new()
        .with_options(options)
        .with_dictionary_handling(arrow_flight::encode::DictionaryHandling::Resend)
        .with_max_flight_data_size(usize::MAX)
        .with_flight_descriptor(None::<FlightDescriptor>)
        .build(futures::stream::iter(batches.into_iter().map(Ok)));
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(stream.try_collect()).unwrap()
}

fn received(header: &[u8], body: &[u8]) -> FlightMessage {
    let body = (!body.is_empty()).then(|| {
        let mut writer = own_block(body.len()).unwrap();
        writer.write(body);
        writer.finish().unwrap()
    });
    FlightMessage { header: header.to_vec(), app_metadata: None, body }
}

/// Decodes a stream and builds arrow-rs arrays of what it gave.
fn decode<'a>(stream: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Result<Vec<RecordBatch>> {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = VecDeque::new();
    let mut schema: Option<Arc<StreamSchema>> = None;
    let mut dictionaries = DictionaryArrays::default();
    let mut batches = Vec::new();
    for (header, body) in stream {
        decoder.decode(received(header, body), &mut events)?;
        for event in events.drain(..) {
            match event {
                Event::Schema(found) => {
                    dictionaries = DictionaryArrays::new(&found);
                    schema = Some(found);
                }
                Event::Data(Decoded::Dictionary { slot, delta, layout, memory }) => {
                    // SAFETY: the memory is handed to nobody.
                    unsafe { dictionaries.update(schema.as_ref().unwrap(), slot, delta, &layout, &memory)? };
                }
                Event::Data(Decoded::Batch { rows, layout, memory, .. }) => {
                    let schema = schema.as_ref().unwrap();
                    // SAFETY: as above.
                    let batch = unsafe {
                        record_batch(&schema.normalised, &schema.normalised_fields, rows, &layout, &memory, dictionaries.values())?
                    };
                    batches.push(batch);
                }
                Event::Data(Decoded::Metadata { .. }) => {}
            }
        }
    }
    Ok(batches)
}

fn parts(stream: &[FlightData]) -> impl Iterator<Item = (&[u8], &[u8])> {
    stream.iter().map(|message| (message.data_header.as_ref(), message.data_body.as_ref()))
}

/// Columns whose types are handed on as they came.
fn untouched(batch: &RecordBatch) -> impl Iterator<Item = (&str, &ArrayRef)> {
    let changed = ["wide_dictionary", "list_view", "runs"];
    let schema = batch.schema_ref();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    names.zip(batch.columns()).filter(move |(name, _)| !changed.contains(name))
}

#[test]
fn what_arrow_writes_is_read_equal_compressed_or_not() {
    for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        let sent = vec![batch(100), batch(1)];
        let stream = messages(sent.clone(), compression);
        let read = decode(parts(&stream)).unwrap();
        assert_eq!(read.len(), sent.len(), "{compression:?}");
        for (sent, read) in sent.iter().zip(&read) {
            assert_eq!(read.num_rows(), sent.num_rows());
            for (name, array) in untouched(sent) {
                assert_eq!(read.column_by_name(name).unwrap(), array, "{name}, {compression:?}");
            }
            for array in read.columns() {
                array.to_data().validate_full().unwrap();
            }
        }
    }
}

#[test]
fn what_is_normalised_has_the_values_that_were_sent() {
    let sent = batch(10);
    let stream = messages(vec![sent.clone()], None);
    let read = decode(parts(&stream)).unwrap().remove(0);
    let text = |batch: &RecordBatch, name: &str| {
        let array = batch.column_by_name(name).unwrap();
        let options = arrow_cast::display::FormatOptions::default();
        let formatter = arrow_cast::display::ArrayFormatter::try_new(array.as_ref(), &options).unwrap();
        (0..array.len()).map(|row| formatter.value(row).to_string()).collect::<Vec<_>>()
    };
    for (name, expected) in [
        ("wide_dictionary", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))),
        ("list_view", DataType::new_list(DataType::Int64, true)),
        ("runs", DataType::Utf8),
    ] {
        assert_eq!(read.column_by_name(name).unwrap().data_type(), &expected, "{name}");
        assert_eq!(text(&read, name), text(&sent, name), "{name}");
    }
}

/// Decodes a damaged stream; what passes must be valid by arrow-rs's own, full validation.
fn check_damaged<'a>(stream: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) {
    let Ok(batches) = decode(stream) else { return };
    for batch in batches {
        for array in batch.columns() {
            array.to_data().validate_full().expect("arrow-rs refuses what passed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_headers_and_bodies_are_an_error_or_valid(
        rows in 0_usize..20,
        compressed in any::<bool>(),
        message in 0_usize..8,
        damage in proptest::collection::vec((any::<bool>(), any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut stream = messages(vec![batch(rows), batch(rows)], compressed.then_some(CompressionType::LZ4_FRAME));
        let at = message % stream.len();
        let (mut header, mut body) = (stream[at].data_header.to_vec(), stream[at].data_body.to_vec());
        for (in_header, index, value) in damage {
            let target = if in_header || body.is_empty() { &mut header } else { &mut body };
            let index = index.index(target.len());
            target[index] = value;
        }
        stream[at].data_header = header.into();
        stream[at].data_body = body.into();
        check_damaged(parts(&stream));
    }

    #[test]
    fn streams_that_lack_or_swap_messages_are_an_error_or_valid(order in proptest::collection::vec(any::<prop::sample::Index>(), 1..10)) {
        let stream = messages(vec![batch(5), batch(7)], None);
        let picked: Vec<FlightData> = order.iter().map(|index| index.get(&stream).clone()).collect();
        check_damaged(parts(&picked));
    }

    #[test]
    fn bodies_cut_short_are_an_error_or_valid(cut in any::<prop::sample::Index>()) {
        let mut stream = messages(vec![batch(9)], None);
        let last = stream.len() - 1;
        let body = stream[last].data_body.clone();
        stream[last].data_body = body.slice(..cut.index(body.len()));
        check_damaged(parts(&stream));
    }
}
