#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::{Int16Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, BooleanArray, Decimal128Array, Decimal256Array, FixedSizeBinaryArray, FixedSizeListArray,
    Float64Array, Int8Array, Int64Array, LargeListArray, LargeStringArray, ListArray, NullArray, RecordBatch, StringArray, StringViewArray,
    StructArray, TimestampNanosecondArray, UnionArray,
};
use arrow_buffer::{ScalarBuffer, i256};
use arrow_data::ArrayData;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{DictionaryTracker, FileWriter, IpcDataGenerator, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, UnionFields};
use proptest::prelude::*;

use super::*;
use crate::arrow::compress::Codec;
use crate::arrow::format::schema_text;
use crate::arrow::schema::StreamSchema;

/// An array in words and buffers, the way JavaScript describes it: bits keep their offset, everything else is cut to the array's rows.
fn describe(data: &ArrayData, words: &mut Vec<f64>, buffers: &mut Vec<Vec<u8>>) {
    let (offset, length) = (data.offset(), data.len());
    let validity = || data.nulls().map_or(Vec::new(), |nulls| nulls.validity().to_vec());
    // Bits of validity and of values begin at the same place in JavaScript: here validity is copied to where the values' bits are.
    let mut own: Vec<Vec<u8>> = Vec::new();
    let mut bit_offset = data.nulls().map_or(0, |nulls| nulls.offset());
    let part = |at: usize, width: usize, extra: usize| {
        let bytes = data.buffers()[at].as_slice();
        bytes[(offset * width).min(bytes.len())..((offset + length + extra) * width).min(bytes.len())].to_vec()
    };
    let mut children: Vec<ArrayData> = data.child_data().to_vec();
    match data.data_type() {
        DataType::Null => (),
        DataType::Boolean => {
            bit_offset = offset;
            let nulls = data.nulls().map_or(Vec::new(), |nulls| {
                let mut bits = vec![0xff_u8; (offset + length).div_ceil(8)];
                for row in (0..length).filter(|row| nulls.is_null(*row)) {
                    bits[(offset + row) / 8] &= !(1 << ((offset + row) % 8));
                }
                bits
            });
            own.extend([nulls, data.buffers()[0].to_vec()]);
        }
        DataType::Utf8 | DataType::Binary => own.extend([validity(), part(0, 4, 1), data.buffers()[1].to_vec()]),
        DataType::LargeUtf8 | DataType::LargeBinary => own.extend([validity(), part(0, 8, 1), data.buffers()[1].to_vec()]),
        DataType::Utf8View | DataType::BinaryView => {
            own.extend([validity(), part(0, 16, 0)]);
            own.extend(data.buffers()[1..].iter().map(|buffer| buffer.to_vec()));
        }
        DataType::List(_) | DataType::Map(_, _) => own.extend([validity(), part(0, 4, 1)]),
        DataType::LargeList(_) => own.extend([validity(), part(0, 8, 1)]),
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            own.push(validity());
            children = children.iter().map(|child| child.slice(offset * size, length * size)).collect();
        }
        DataType::Struct(_) => {
            own.push(validity());
            children = children.iter().map(|child| child.slice(offset, length)).collect();
        }
        DataType::Union(_, arrow_schema::UnionMode::Dense) => own.extend([part(0, 1, 0), part(1, 4, 0)]),
        DataType::Union(_, arrow_schema::UnionMode::Sparse) => {
            own.push(part(0, 1, 0));
            children = children.iter().map(|child| child.slice(offset, length)).collect();
        }
        DataType::Dictionary(index, _) => {
            own.extend([validity(), part(0, index.primitive_width().unwrap(), 0)]);
            children.clear();
        }
        other => {
            let width = match other {
                DataType::FixedSizeBinary(width) => *width as usize,
                other => other.primitive_width().unwrap(),
            };
            own.extend([validity(), part(0, width, 0)]);
        }
    }
    words.extend([length as f64, bit_offset as f64, own.len() as f64]);
    buffers.extend(own);
    children.iter().for_each(|child| describe(child, words, buffers));
}

fn outgoing(schema: &Schema) -> OutgoingSchema {
    let mut tracker = DictionaryTracker::new(false);
    let options = IpcWriteOptions::default();
    let encoded = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(schema, &mut tracker, &options);
    let message = arrow_ipc::root_as_message(&encoded.ipc_message).unwrap();
    let text = schema_text(&StreamSchema::read(message.header_as_schema().unwrap()).unwrap()).unwrap();
    OutgoingSchema::of_text(&text).unwrap()
}

fn refs(buffers: &[Vec<u8>]) -> Vec<&[u8]> {
    buffers.iter().map(Vec::as_slice).collect()
}

fn stream(messages: &[OutgoingMessage]) -> Vec<u8> {
    let mut out = Vec::new();
    for OutgoingMessage { header, body, .. } in messages {
        let padded = header.len().next_multiple_of(8);
        out.extend_from_slice(&[0xff; 4]);
        out.extend_from_slice(&(padded as i32).to_le_bytes());
        out.extend_from_slice(header);
        out.resize(out.len() + padded - header.len(), 0);
        out.extend_from_slice(body);
    }
    out.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    out
}

/// The batches that arrow-rs's own reader reads of what is sent.
fn sent(batch: &RecordBatch, limit: usize, codec: Option<Codec>) -> (SchemaRef, Vec<RecordBatch>) {
    let bytes = bytes_sent(batch, limit, codec);
    let reader = StreamReader::try_new(bytes.as_slice(), None).unwrap();
    (reader.schema(), reader.collect::<Result<_, _>>().unwrap())
}

fn bytes_sent(batch: &RecordBatch, limit: usize, codec: Option<Codec>) -> Vec<u8> {
    let schema = outgoing(&batch.schema()).compressing(codec);
    let mut messages = vec![schema.message()];
    let mut slot = 0;
    for column in batch.columns() {
        if let DataType::Dictionary(_, _) = column.data_type() {
            let (mut words, mut buffers) = (Vec::new(), Vec::new());
            describe(&column.to_data().child_data()[0], &mut words, &mut buffers);
            messages.extend(schema.dictionary(slot, false, &mut Arrays::new(&words, &refs(&buffers)), limit).unwrap());
            slot += 1;
        }
    }
    let (mut words, mut buffers) = (Vec::new(), Vec::new());
    batch.columns().iter().for_each(|column| describe(&column.to_data(), &mut words, &mut buffers));
    let buffers = refs(&buffers);
    let rows = schema.batch(batch.num_rows(), &mut Arrays::new(&words, &buffers), limit).unwrap();
    let lent = schema.lent_batch(batch.num_rows(), &mut Arrays::new(&words, &buffers), limit).unwrap();
    assert_eq!(lent.is_none(), codec.is_some());
    for (lent, own) in lent.into_iter().flatten().zip(&rows) {
        assert_eq!((&lent.header, lent.rows, lent.bytes), (&own.header, own.rows, own.body.len()));
        assert!(lent.pieces().concat() == own.body, "the pieces make another body");
        assert!(lent.into_owned().unwrap().body == own.body);
    }
    messages.extend(rows);
    stream(&messages.into_iter().map(|message| message.compressed().unwrap()).collect::<Vec<_>>())
}

fn columns(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let some = |row: usize| row % 3 != 1;
    let text = |row: usize| some(row).then(|| format!("{row} {}", "é".repeat(row % 19)));
    let ints: Int64Array = (0..rows).map(|row| some(row).then_some(row as i64 - 5)).collect();
    let list = |row: usize| some(row).then(|| (0..row % 4).map(|item| (item != 2).then_some(item as i32)));
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    let mut dictionary = StringDictionaryBuilder::<Int16Type>::new();
    for row in 0..rows {
        for item in 0..row % 3 {
            map.keys().append_value(format!("k{item}"));
            map.values().append_option((item != 1).then_some(row as i32));
        }
        map.append(some(row)).unwrap();
        dictionary.append_option(some(row).then(|| format!("word {}", row % 5)));
    }
    let fields = Fields::from(vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8, true)]);
    let texts: StringArray = (0..rows).map(text).collect();
    let nulls = Some((0..rows).map(some).collect::<Vec<_>>().into());
    let nested = StructArray::new(fields, vec![Arc::new(ints.clone()), Arc::new(texts.clone())], nulls);
    let union_fields =
        UnionFields::try_new([3, 5], [Field::new("i", DataType::Int64, true), Field::new("t", DataType::Utf8, true)]).unwrap();
    let ids: ScalarBuffer<i8> = (0..rows).map(|row| if row % 2 == 0 { 3 } else { 5 }).collect();
    let offsets: ScalarBuffer<i32> = (0..rows).map(|row| row as i32 / 2).collect();
    let children: Vec<ArrayRef> = vec![Arc::new(ints.clone()), Arc::new(texts.clone())];
    let dense = UnionArray::try_new(union_fields.clone(), ids.clone(), Some(offsets), children.clone()).unwrap();
    let sparse = UnionArray::try_new(union_fields, ids, None, children).unwrap();
    let item = Arc::new(Field::new_list_field(DataType::Int8, true));
    let pairs: Int8Array = (0..2 * rows).map(|value| (value % 5 != 2).then_some(value as i8)).collect();
    let wide = (0..rows).map(|row| some(row).then(|| i256::from_i128(i128::MAX - row as i128)));
    vec![
        ("nothing", Arc::new(NullArray::new(rows))),
        ("flag", Arc::new((0..rows).map(|row| some(row).then_some(row % 2 == 0)).collect::<BooleanArray>())),
        ("int", Arc::new(ints)),
        ("float", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| row as f64 / 7.0)))),
        ("decimal", Arc::new((0..rows).map(|row| some(row).then_some(row as i128 - 3)).collect::<Decimal128Array>())),
        ("wide", Arc::new(wide.collect::<Decimal256Array>().with_precision_and_scale(76, 3).unwrap())),
        ("text", Arc::new(texts)),
        ("large", Arc::new((0..rows).map(text).collect::<LargeStringArray>())),
        ("view", Arc::new((0..rows).map(text).collect::<StringViewArray>())),
        ("bytes", Arc::new((0..rows).map(|row| some(row).then(|| vec![row as u8; row % 30])).collect::<BinaryViewArray>())),
        ("fixed", Arc::new(FixedSizeBinaryArray::try_from_iter((0..rows).map(|row| [row as u8; 3])).unwrap())),
        ("at", Arc::new((0..rows).map(|row| some(row).then_some(row as i64)).collect::<TimestampNanosecondArray>().with_timezone("UTC"))),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>((0..rows).map(list)))),
        ("large list", Arc::new(LargeListArray::from_iter_primitive::<Int32Type, _, _>((0..rows).map(list)))),
        ("pairs", Arc::new(FixedSizeListArray::new(item, 2, Arc::new(pairs), None))),
        ("struct", Arc::new(nested)),
        ("map", Arc::new(map.finish())),
        ("dense", Arc::new(dense)),
        ("sparse", Arc::new(sparse)),
        ("words", Arc::new(dictionary.finish())),
    ]
}

fn batch(rows: usize) -> RecordBatch {
    let columns = columns(rows);
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| {
            let metadata = HashMap::from([("who".to_owned(), (*name).to_owned())]);
            Field::new(*name, column.data_type().clone(), true).with_metadata(metadata)
        })
        .collect();
    let schema = Schema::new(fields).with_metadata(HashMap::from([("of".to_owned(), "the schema".to_owned())]));
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, column)| column).collect()).unwrap()
}

fn assert_sent(batch: &RecordBatch, limit: usize) -> usize {
    assert_sent_by(batch, limit, None)
}

fn assert_sent_by(batch: &RecordBatch, limit: usize, codec: Option<Codec>) -> usize {
    let (schema, found) = sent(batch, limit, codec);
    assert_eq!(schema, batch.schema());
    assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), batch.num_rows());
    let mut start = 0;
    for part in &found {
        for (name, (column, expected)) in
            schema.fields().iter().zip(part.columns().iter().zip(batch.slice(start, part.num_rows()).columns()))
        {
            assert_eq!(column, expected, "{name} from row {start} on");
            column.to_data().validate_full().unwrap();
        }
        start += part.num_rows();
    }
    found.len()
}

#[test]
fn every_type_arrives_as_it_is() {
    assert_eq!(assert_sent(&batch(50), usize::MAX), 1);
    assert_eq!(assert_sent(&batch(1), usize::MAX), 1);
    assert_eq!(assert_sent(&batch(9).slice(4, 0), usize::MAX), 1);
}

#[test]
fn large_batches_become_several_messages() {
    let parts = assert_sent(&batch(1000), 64 << 10);
    assert!((4..100).contains(&parts), "{parts}");
    // Less than a row takes: every row has a message of its own.
    assert_eq!(assert_sent(&batch(20), 1), 20);
}

#[test]
fn large_buffers_are_lent_and_small_ones_copied() {
    let numbers: Int64Array = (0..1000).map(|row| (row != 500).then_some(row)).collect();
    let texts = StringArray::from_iter_values((0..1000).map(|row| format!("text {row}")));
    let (mut words, mut buffers) = (Vec::new(), Vec::new());
    let schema = Schema::new(vec![Field::new("n", DataType::Int64, true), Field::new("t", DataType::Utf8, true)]);
    // A slice's offsets begin elsewhere, so that they are written anew.
    for column in [numbers.slice(8, 900).to_data(), texts.slice(8, 900).to_data()] {
        describe(&column, &mut words, &mut buffers);
    }
    let buffers = refs(&buffers);
    let schema = outgoing(&schema);
    let lent = schema.lent_batch(900, &mut Arrays::new(&words, &buffers), usize::MAX).unwrap().unwrap();
    let [message] = &lent[..] else { panic!("{} messages", lent.len()) };
    let is_lent = |piece: &[u8]| buffers.iter().any(|buffer| buffer.as_ptr_range().contains(&piece.as_ptr()));
    let lengths: Vec<usize> = message.pieces().into_iter().filter(|piece| is_lent(piece)).map(<[u8]>::len).collect();
    let [numbers, texts] = lengths[..] else { panic!("lent are {lengths:?}") };
    assert_eq!(numbers, 900 * 8);
    assert!(texts > 900 * 6);
    assert!(schema.compressing(Some(Codec::Lz4)).lent_batch(900, &mut Arrays::new(&words, &buffers), usize::MAX).unwrap().is_none());
}

#[test]
fn compressed_bodies_arrive_as_they_are_and_take_less() {
    let plain = bytes_sent(&batch(1000), usize::MAX, None).len();
    for codec in [Codec::Lz4, Codec::Zstd] {
        assert_eq!(assert_sent_by(&batch(1000), usize::MAX, Some(codec)), 1);
        assert!(assert_sent_by(&batch(1000), 64 << 10, Some(codec)) > 4);
        // Buffers of a few bytes are no smaller for it, and go as they are.
        assert_eq!(assert_sent_by(&batch(1), usize::MAX, Some(codec)), 1);
        assert_eq!(assert_sent_by(&batch(9).slice(4, 0), usize::MAX, Some(codec)), 1);
        let compressed = bytes_sent(&batch(1000), usize::MAX, Some(codec)).len();
        assert!(compressed * 3 < plain * 2, "{codec:?}: {compressed} of {plain}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn slices_arrive_as_they_are(rows in 1_usize..90, from in 0_usize..90, count in 0_usize..90, again in 0_usize..20, limit in 2000_usize..40_000) {
        let from = from.min(rows);
        let once = batch(rows).slice(from, count.min(rows - from));
        let again = again.min(once.num_rows());
        assert_sent(&once.slice(again, once.num_rows() - again), limit);
    }
}

#[test]
fn a_view_brings_its_string_and_not_those_of_the_rows_that_a_slice_left_out() {
    let views: StringViewArray = (0..1000).map(|row| Some(format!("a string beyond twelve bytes: {row}"))).collect();
    let schema = Arc::new(Schema::new(vec![Field::new("v", DataType::Utf8View, true)]));
    let one = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(views.slice(500, 1))]).unwrap();
    assert_sent(&one, usize::MAX);
    let (mut words, mut buffers) = (Vec::new(), Vec::new());
    describe(&one.column(0).to_data(), &mut words, &mut buffers);
    let messages = outgoing(&schema).batch(1, &mut Arrays::new(&words, &refs(&buffers)), usize::MAX).unwrap();
    assert!(messages[0].body.len() < 200, "{}", messages[0].body.len());
}

#[test]
fn large_dictionaries_become_several_messages() {
    let keys: StringArray = (0..1000).map(|row| Some(format!("the value {row}"))).collect();
    let column =
        arrow_array::DictionaryArray::<Int32Type>::new((0..1000).rev().collect::<arrow_array::Int32Array>(), Arc::new(keys.clone()));
    let schema = Schema::new(vec![Field::new("d", column.data_type().clone(), true)]);
    let (mut words, mut buffers) = (Vec::new(), Vec::new());
    describe(&keys.to_data(), &mut words, &mut buffers);
    let messages = outgoing(&schema).dictionary(0, false, &mut Arrays::new(&words, &refs(&buffers)), 4 << 10).unwrap();
    assert!((4..20).contains(&messages.len()), "{}", messages.len());
    assert!(messages.iter().all(|message| message.body.len() <= 4 << 10));
    assert_sent(&RecordBatch::try_new(Arc::new(schema), vec![Arc::new(column)]).unwrap(), 4 << 10);
}

/// What a caller's IPC bytes become, given in parts of `part` bytes.
fn of_ipc(bytes: &[u8], part: usize, limit: usize) -> crate::Result<Vec<RecordBatch>> {
    let mut ipc = IpcStream::default();
    let mut messages = Vec::new();
    for part in bytes.chunks(part) {
        ipc.feed(part, limit, &mut messages)?;
    }
    ipc.finish(limit, &mut messages)?;
    messages.insert(0, ipc.schema().unwrap().message());
    let bytes = stream(&messages);
    Ok(StreamReader::try_new(bytes.as_slice(), None).unwrap().collect::<Result<_, _>>().unwrap())
}

#[test]
fn ipc_bytes_arrive_as_they_are_whatever_parts_they_come_in() {
    let batches = [batch(300), batch(300).slice(17, 30), batch(5)];
    let (mut as_stream, mut as_file) = (Vec::new(), Vec::new());
    let options = IpcWriteOptions::default().try_with_compression(Some(arrow_ipc::CompressionType::ZSTD)).unwrap();
    let mut writer = StreamWriter::try_new_with_options(&mut as_stream, &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    let mut writer = FileWriter::try_new(&mut as_file, &batches[0].schema()).unwrap();
    // A file has one dictionary a column, and one batch has them all.
    writer.write(&batches[0]).unwrap();
    writer.finish().unwrap();
    let expected = arrow_select::concat::concat_batches(&batches[0].schema(), &batches).unwrap();
    for part in [1, 7, 4096, usize::MAX] {
        let found = of_ipc(&as_stream, part.min(as_stream.len()), 8 << 10).unwrap();
        assert!(found.len() > 3);
        assert_eq!(arrow_select::concat::concat_batches(&found[0].schema(), &found).unwrap(), expected);
        let found = of_ipc(&as_file, part.min(as_file.len()), usize::MAX).unwrap();
        assert_eq!(found, [batches[0].clone()]);
    }
    let refusal = |bytes: &[u8]| of_ipc(bytes, 1000, usize::MAX).unwrap_err().message().to_owned();
    assert_eq!(refusal(&as_stream[..as_stream.len() - 100]), "the bytes of the Arrow IPC stream end in the middle of a message");
    assert_eq!(refusal(b""), "the bytes end before the schema of an Arrow IPC stream");
    assert_eq!(refusal(b"ARROW"), "the bytes end before the schema of an Arrow IPC stream");
    assert!(refusal(&[as_stream.clone(), as_stream.clone()].concat()).starts_with("bytes follow the end of the Arrow IPC stream"));
    assert!(refusal(b"PAR1 is something else, as its first bytes say").starts_with("the bytes"));
}

fn written(compression: Option<arrow_ipc::CompressionType>, as_file: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let batch = batch(60);
    if as_file {
        let mut writer = FileWriter::try_new_with_options(&mut bytes, &batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    } else {
        let mut writer = StreamWriter::try_new_with_options(&mut bytes, &batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_ipc_bytes_are_an_error_or_valid(
        codec in 0..3,
        as_file in any::<bool>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let codecs = [None, Some(arrow_ipc::CompressionType::LZ4_FRAME), Some(arrow_ipc::CompressionType::ZSTD)];
        let mut bytes = written(codecs[codec as usize], as_file);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut ipc = IpcStream::default();
        let mut messages = Vec::new();
        let read = bytes.chunks(777).try_for_each(|part| ipc.feed(part, 8 << 10, &mut messages)).and_then(|()| ipc.finish(8 << 10, &mut messages));
        if let Err(error) = read {
            prop_assert!(error.code() != crate::error::Code::Panic, "{error}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let schema = outgoing(&Schema::new(vec![Field::new("text", DataType::Utf8, true)]));
    let offsets = |offsets: [i32; 3]| offsets.into_iter().flat_map(i32::to_le_bytes).collect::<Vec<u8>>();
    let refusal = |words: &[f64], buffers: &[&[u8]]| {
        let error = schema.batch(2, &mut Arrays::new(words, buffers), usize::MAX).unwrap_err();
        error.message().to_owned()
    };
    let right = offsets([0, 1, 2]);
    assert!(schema.batch(2, &mut Arrays::new(&[2.0, 0.0, 3.0], &[&[], &right, b"ab"]), usize::MAX).is_ok());
    for (words, buffers, message) in [
        (&[2.0, 0.0, 3.0][..], &[&[][..], &right, b"a"][..], "a buffer has 1 bytes where 2 are needed"),
        (&[2.0, 0.0, 3.0], &[&[], &offsets([0, 2, 1]), b"ab"], "the offsets fall"),
        (&[2.0, 0.0, 3.0], &[&[], &offsets([1, 1, 0]), b"ab"], "the offsets fall"),
        (&[2.0, 0.0, 3.0], &[&[], &offsets([-1, 1, 2]), b"ab"], "an offset is -1, which is negative"),
        (&[2.0, 0.0, 3.0], &[&[], &right[..8], b"ab"], "there are fewer offsets than values"),
        (&[1.0, 0.0, 3.0], &[&[], &right, b"ab"], "a column has 1 values in a batch of 2 rows"),
        (&[2.0, 7.0, 3.0], &[&[0xff], &right, b"ab"], "a buffer has 1 bytes where 2 are needed"),
        (&[2.0, 0.0, 2.0], &[&[], &right], "an array of type Utf8 has 2 buffers"),
        (&[2.0, 0.0, 3.0], &[&[], &right], "an array has 3 buffers where fewer were given"),
        (&[2.0, 0.0], &[], "a batch was described with fewer arrays than its schema has"),
        (&[2.5, 0.0, 3.0], &[&[], &right, b"ab"], "a batch was described with 2.5 where a whole number is needed"),
        (&[2.0, 0.0, 3.0, 1.0], &[&[], &right, b"ab"], "a batch was described with more arrays or buffers than its schema has"),
    ] {
        assert_eq!(refusal(words, buffers), message);
    }
    let flags = outgoing(&Schema::new(vec![Field::new("flag", DataType::Boolean, true)]));
    // None of the bits that a slice without rows begins behind has to be there.
    assert!(flags.batch(0, &mut Arrays::new(&[0.0, 9.0, 2.0], &[&[], &[]]), usize::MAX).is_ok());
    assert!(OutgoingSchema::of_text("{").is_err());
    assert!(
        OutgoingSchema::of_text(r#"{"fields":[{"name":"a","format":"?","flags":0,"metadata":[],"children":[],"dictionary":null}]}"#)
            .is_err()
    );
    let views = outgoing(&Schema::new(vec![Field::new("v", DataType::Utf8View, true)]));
    let mut view = [0_u8; 16];
    view[0] = 13;
    view[8] = 1;
    assert!(views.batch(1, &mut Arrays::new(&[1.0, 0.0, 3.0], &[&[], &view, &[0; 13]]), usize::MAX).is_err());
}
