//! The frame reader against every split, and against what protobuf allows and what it does not.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::VecDeque;

use bytes::{BufMut, Bytes};
use proptest::prelude::*;

use super::super::memory::{SMALL_BODY, SlabWriter};
use super::{FlightMessage, FrameReader};
use crate::error::Code;

const LIMIT: usize = 4 << 20;

/// A field as a peer may put it on the wire.
#[derive(Debug, Clone)]
enum Field {
    Header(Vec<u8>),
    Metadata(Vec<u8>),
    Body(Vec<u8>),
    UnknownBytes(u32, Vec<u8>),
    UnknownVarint(u32, u64),
    UnknownFixed32(u32),
    UnknownFixed64(u32),
    /// A deprecated group, with our own field numbers in it.
    Group(u32, Vec<u8>),
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn bytes_field(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    varint(out, u64::from(number) << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn encode(fields: &[Field]) -> Vec<u8> {
    let mut message = Vec::new();
    for field in fields {
        match field {
            Field::Header(bytes) => bytes_field(&mut message, 2, bytes),
            Field::Metadata(bytes) => bytes_field(&mut message, 3, bytes),
            Field::Body(bytes) => bytes_field(&mut message, 1000, bytes),
            Field::UnknownBytes(number, bytes) => bytes_field(&mut message, *number, bytes),
            Field::UnknownVarint(number, value) => {
                varint(&mut message, u64::from(*number) << 3);
                varint(&mut message, *value);
            }
            Field::UnknownFixed32(number) => {
                varint(&mut message, u64::from(*number) << 3 | 5);
                message.put_u32_le(7);
            }
            Field::UnknownFixed64(number) => {
                varint(&mut message, u64::from(*number) << 3 | 1);
                message.put_u64_le(7);
            }
            Field::Group(number, bytes) => {
                varint(&mut message, u64::from(*number) << 3 | 3);
                bytes_field(&mut message, 2, bytes);
                bytes_field(&mut message, 1000, bytes);
                varint(&mut message, u64::from(*number) << 3 | 4);
            }
        }
    }
    framed(&message)
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    out.put_u32(message.len() as u32);
    out.extend_from_slice(message);
    out
}

/// What protobuf says the fields mean: the last of each counts.
fn meaning(fields: &[Field]) -> Seen {
    let mut seen = Seen::default();
    for field in fields {
        match field {
            Field::Header(bytes) => seen.header = bytes.clone(),
            Field::Metadata(bytes) => seen.metadata = Some(bytes.clone()),
            Field::Body(bytes) => seen.body = bytes.clone(),
            _ => {}
        }
    }
    seen
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Seen {
    header: Vec<u8>,
    metadata: Option<Vec<u8>>,
    body: Vec<u8>,
}

fn seen(message: FlightMessage) -> Seen {
    let body = message.body.as_ref().map_or(Vec::new(), |body| {
        assert_eq!(body.offset() % 64, 0, "a body is not aligned to 64");
        // SAFETY: the region was handed to nobody.
        unsafe { body.bytes() }.to_vec()
    });
    Seen { header: message.header, metadata: message.app_metadata, body }
}

fn read(stream: &[u8], mut cuts: impl Iterator<Item = usize>) -> Result<Vec<Seen>, crate::Error> {
    let mut reader = FrameReader::new(LIMIT, SlabWriter::new());
    let mut messages = VecDeque::new();
    let mut rest = Bytes::copy_from_slice(stream);
    while !rest.is_empty() {
        let cut = cuts.next().unwrap_or(usize::MAX).clamp(1, rest.len());
        reader.feed(rest.split_to(cut), &mut messages)?;
    }
    assert!(reader.is_between_messages());
    Ok(messages.into_iter().map(seen).collect())
}

fn field() -> impl Strategy<Value = Field> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..200);
    let number = || prop_oneof![Just(1_u32), 4_u32..999, 1001_u32..5000];
    prop_oneof![
        3 => bytes().prop_map(Field::Header),
        2 => bytes().prop_map(Field::Metadata),
        3 => prop_oneof![bytes(), proptest::collection::vec(any::<u8>(), SMALL_BODY..SMALL_BODY + 100)].prop_map(Field::Body),
        1 => (number(), bytes()).prop_map(|(number, bytes)| Field::UnknownBytes(number, bytes)),
        1 => (number(), any::<u64>()).prop_map(|(number, value)| Field::UnknownVarint(number, value)),
        1 => number().prop_map(Field::UnknownFixed32),
        1 => number().prop_map(Field::UnknownFixed64),
        1 => (number(), bytes()).prop_map(|(number, bytes)| Field::Group(number, bytes)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn any_fields_in_any_order_split_anywhere_mean_what_protobuf_says(
        messages in proptest::collection::vec(proptest::collection::vec(field(), 0..6), 1..5),
        cuts in proptest::collection::vec(1_usize..70_000, 1..200),
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|fields| encode(fields)).collect();
        let expected: Vec<Seen> = messages.iter().map(|fields| meaning(fields)).collect();
        prop_assert_eq!(read(&stream, cuts.into_iter().cycle()).unwrap(), expected);
    }

    #[test]
    fn garbage_is_an_error_or_a_message_but_never_a_crash(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 1_usize..50) {
        let mut reader = FrameReader::new(LIMIT, SlabWriter::new());
        let mut messages = VecDeque::new();
        for part in framed(&bytes).chunks(cut) {
            if reader.feed(part, &mut messages).is_err() {
                break;
            }
        }
    }
}

#[test]
fn a_stream_split_at_every_byte_reads_the_same() {
    let fields = [
        Field::UnknownVarint(7, u64::MAX),
        Field::Header(b"header".to_vec()),
        Field::Metadata(Vec::new()),
        Field::Body((0..=255).collect()),
        Field::UnknownBytes(1, b"descriptor".to_vec()),
        Field::Group(9, b"not ours".to_vec()),
    ];
    let stream = [encode(&fields), encode(&[]), encode(&fields)].concat();
    let expected = vec![meaning(&fields), Seen::default(), meaning(&fields)];
    for first in 1..stream.len() {
        assert_eq!(read(&stream, [first].into_iter()).unwrap(), expected, "split at {first}");
    }
    assert_eq!(read(&stream, std::iter::repeat(1)).unwrap(), expected, "split at every byte at once");
}

#[test]
fn bodies_of_one_stream_share_a_slab_with_zeros_between() {
    // Recycled memory: full of what another query left in it.
    drop(crate::flight::memory::own_block(16 << 10).map(|mut writer| writer.write(&[0xaa; 16 << 10])));
    let stream: Vec<u8> = (0..3).flat_map(|_| encode(&[Field::Body(vec![0xff; 100])])).collect();
    let mut reader = FrameReader::new(LIMIT, SlabWriter::new());
    let mut messages = VecDeque::new();
    reader.feed(&stream[..], &mut messages).unwrap();
    let regions: Vec<_> = messages.into_iter().map(|message| message.body.unwrap()).collect();
    assert!(regions.windows(2).all(|pair| std::sync::Arc::ptr_eq(pair[0].block(), pair[1].block())));
    assert_eq!(regions.iter().map(super::Region::offset).collect::<Vec<_>>(), [0, 128, 256]);
    let shown = crate::flight::memory::HandOut::new(std::sync::Arc::clone(regions[0].block()), 0, 356);
    // SAFETY: all of it is covered by the three bodies and the gaps between them.
    let bytes = unsafe { std::slice::from_raw_parts(shown.as_ptr(), shown.len()) };
    for (at, byte) in bytes.iter().enumerate() {
        assert_eq!(*byte, if at % 128 < 100 { 0xff } else { 0 }, "byte {at}");
    }
}

fn code_of(stream: &[u8]) -> Code {
    let mut reader = FrameReader::new(LIMIT, SlabWriter::new());
    reader.feed(stream, &mut VecDeque::new()).expect_err("it was accepted").code()
}

#[test]
fn what_is_not_grpc_or_not_protobuf_is_a_protocol_error() {
    let table: [(&str, Vec<u8>); 9] = [
        ("flags that do not exist", vec![9, 0, 0, 0, 0]),
        ("a compressed message", vec![1, 0, 0, 0, 1, 0]),
        ("a field that claims more than the message", framed(&[0x12, 0x7f, 1])),
        ("a varint without end", framed(&[0x80; 12])),
        ("a varint beyond 64 bits", framed(&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02])),
        ("field number 0", framed(&[0x02, 0x00])),
        ("wire type 6", framed(&[0x0e])),
        ("a message that ends in a field", framed(&[0x12])),
        ("the end of a group that never began", framed(&[0x0c])),
    ];
    for (what, stream) in table {
        assert_eq!(code_of(&stream), Code::Protocol, "{what}");
    }
}

#[test]
fn a_message_beyond_the_limit_is_refused_before_its_bytes_come() {
    let mut prefix = vec![0];
    prefix.put_u32(LIMIT as u32 + 1);
    assert_eq!(code_of(&prefix), Code::MessageTooLarge);
}
