//! The decoder against messages that arrow-rs wrote, whole and damaged: what is damaged is an error or reads, and never more.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeListBuilder, Int32Builder, LargeListBuilder, ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder,
    StringViewBuilder,
};
use arrow_array::types::{Int16Type, Int32Type, Int64Type, IntervalDayTime, IntervalMonthDayNano};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Decimal128Array, Decimal256Array, DictionaryArray, FixedSizeBinaryArray,
    FixedSizeListArray, Float16Array, Float64Array, Int32Array, Int64Array, IntervalDayTimeArray, IntervalMonthDayNanoArray,
    LargeListViewArray, LargeStringArray, ListArray, ListViewArray, NullArray, RecordBatch, RunArray, StringArray, StructArray,
    Time64NanosecondArray, UnionArray, make_array,
};
use arrow_buffer::{OffsetBuffer, i256};
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::{FlightData, FlightDescriptor};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling as IpcDictionaryHandling, IpcWriteOptions};
use arrow_schema::{DataType, Field, UnionFields};
use futures::TryStreamExt;
use half::f16;
use proptest::prelude::*;

use super::{Decoder, Event};
use crate::arrow::arrays::record_batch;
use crate::arrow::dictionary::DictionaryArrays;
use crate::arrow::layout::{Decoded, Source};
use crate::arrow::schema::StreamSchema;
use crate::error::{Code, Result};
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
    add("null", Arc::new(NullArray::new(rows)));
    add("float16", Arc::new((0..rows).map(|row| every_third(row).then(|| f16::from_f32(row as f32))).collect::<Float16Array>()));
    add("decimal256", Arc::new(Decimal256Array::from_iter_values((0..rows).map(|row| i256::from_i128(row as i128 * -7)))));
    add("time", Arc::new((0..rows).map(|row| every_third(row).then_some(row as i64)).collect::<Time64NanosecondArray>()));
    let months = (0..rows).map(|row| every_third(row).then(|| IntervalMonthDayNano::new(1, -2, row as i64)));
    add("month_day_nano", Arc::new(months.collect::<IntervalMonthDayNanoArray>()));
    let days = (0..rows).map(|row| every_third(row).then(|| IntervalDayTime::new(row as i32, -1)));
    add("day_time", Arc::new(days.collect::<IntervalDayTimeArray>()));
    let bytes = |row: usize| [row as u8, 0xff, 0xfe].repeat(row % 9);
    add("binary", Arc::new((0..rows).map(|row| every_third(row).then(|| bytes(row))).collect::<BinaryArray>()));
    add("binary_view", Arc::new((0..rows).map(|row| every_third(row).then(|| bytes(row))).collect::<BinaryViewArray>()));
    let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size((0..rows).map(|row| every_third(row).then_some([row as u8; 3])), 3);
    add("fixed_size_binary", Arc::new(fixed.unwrap()));
    let mut pairs = FixedSizeListBuilder::new(Int32Builder::new(), 2);
    for row in 0..rows {
        pairs.values().append_slice(&[row as i32, -1]);
        pairs.append(every_third(row));
    }
    add("fixed_size_list", Arc::new(pairs.finish()));
    let mut large_lists = LargeListBuilder::new(StringBuilder::new());
    (0..rows).for_each(|row| large_lists.append_option(every_third(row).then(|| (0..row % 3).map(|at| Some(format!("{at}"))))));
    add("large_list", Arc::new(large_lists.finish()));
    let view_field = Arc::new(Field::new("item", DataType::Int64, true));
    let (offsets, sizes): (Vec<i64>, Vec<i64>) = (0..rows as i64).map(|row| (row, 1)).unzip();
    let in_order = LargeListViewArray::new(Arc::clone(&view_field), offsets.into(), sizes.into(), Arc::new(numbers.clone()), None);
    add("large_list_view", Arc::new(in_order));
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
    let changed = ["wide_dictionary", "list_view", "large_list_view", "runs"];
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
        ("large_list_view", DataType::new_large_list(DataType::Int64, true)),
        ("runs", DataType::Utf8),
    ] {
        assert_eq!(read.column_by_name(name).unwrap().data_type(), &expected, "{name}");
        assert_eq!(text(&read, name), text(&sent, name), "{name}");
    }
}

/// The only batch of a stream with one column, as it is handed on.
fn only_batch(column: ArrayRef) -> Result<Decoded> {
    only_batch_of(&messages(vec![RecordBatch::try_from_iter_with_nullable([("c", column, true)]).unwrap()], None))
}

fn only_batch_of(stream: &[FlightData]) -> Result<Decoded> {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = VecDeque::new();
    for (header, body) in parts(stream) {
        decoder.decode(received(header, body), &mut events)?;
    }
    let batch = events.into_iter().filter_map(|event| match event {
        Event::Data(batch @ Decoded::Batch { .. }) => Some(batch),
        _ => None,
    });
    Ok(batch.last().expect("a batch was sent"))
}

#[test]
fn what_needs_no_normalising_stays_where_it_was_received() {
    for (name, array) in untouched(&batch(100)) {
        let Decoded::Batch { layout, memory, .. } = only_batch(Arc::clone(array)).unwrap() else { unreachable!() };
        assert!(memory.extra.is_none(), "{name} was written anew");
        assert!(layout.buffers.iter().all(|range| range.source != Source::Extra), "{name}");
        assert_eq!(memory.body.is_some(), name != "null", "{name} lies in the body");
    }
}

/// A stream of one column, whose batch claims `claimed` wherever it says `sent`.
fn claiming(column: ArrayRef, sent: i64, claimed: i64) -> Vec<FlightData> {
    let mut stream = messages(vec![RecordBatch::try_from_iter_with_nullable([("c", column, true)]).unwrap()], None);
    let batch = stream.last_mut().expect("a batch was sent");
    let mut header = batch.data_header.to_vec();
    let places: Vec<usize> = (0..header.len() - 7).filter(|at| header[*at..at + 8] == sent.to_le_bytes()).collect();
    assert!(!places.is_empty(), "the header does not say {sent}");
    for at in places {
        header[at..at + 8].copy_from_slice(&claimed.to_le_bytes());
    }
    batch.data_header = header.into();
    stream
}

#[test]
fn nulls_that_nothing_stands_behind_may_not_be_any_number() {
    const SENT: usize = 12_345;
    let field = Arc::new(Field::new("item", DataType::Null, true));
    let list = |nulls: usize| -> ArrayRef {
        Arc::new(ListArray::new(Arc::clone(&field), OffsetBuffer::from_lengths([nulls]), Arc::new(NullArray::new(nulls)), None))
    };
    let ends = Int32Array::from(vec![1 << 20]);
    let run_of = |values: &ArrayRef| -> ArrayRef { Arc::new(RunArray::try_new(&ends, values).unwrap()) };
    assert!(only_batch(list(SENT)).is_ok());
    for column in [list(SENT), run_of(&list(SENT))] {
        let refused = only_batch_of(&claiming(column, SENT as i64, 1 << 50)).expect_err("it was accepted");
        assert_eq!(refused.code(), Code::InvalidData);
    }
    // What the format allows may still be too much once it is normalised; finding that out takes no memory.
    let wide = FixedSizeListArray::new(field.clone(), i32::MAX, Arc::new(NullArray::new(i32::MAX as usize)), None);
    let refused = only_batch(run_of(&(Arc::new(wide) as ArrayRef))).expect_err("it was accepted");
    assert_eq!(refused.code(), Code::MessageTooLarge);
}

#[test]
fn nested_values_that_are_null_where_their_field_says_that_they_are_not_are_normalised_all_the_same() {
    let nulls = Int64Array::from(vec![Some(1), None, Some(3)]);
    let fields = vec![Arc::new(Field::new("n", DataType::Int64, false))];
    let builder = arrow_data::ArrayData::builder(DataType::Struct(fields.into())).len(3).add_child_data(nulls.to_data());
    // SAFETY: the lengths are right; what is wrong is what arrow-rs would refuse, and servers send.
    let structs = make_array(unsafe { builder.skip_validation(true) }.build().unwrap());
    let item = Arc::new(Field::new("item", structs.data_type().clone(), true));
    let backwards = ListViewArray::new(item, vec![2, 1, 0].into(), vec![1, 1, 1].into(), structs, None);
    let Decoded::Batch { layout, .. } = only_batch(Arc::new(backwards)).unwrap() else { unreachable!() };
    // A list, its struct, the struct's number.
    assert_eq!(layout.nodes.iter().map(|node| node.null_count).collect::<Vec<_>>(), [0, 0, 1]);
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
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(400), ..ProptestConfig::default() })]

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
