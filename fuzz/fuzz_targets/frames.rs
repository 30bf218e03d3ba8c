//! gRPC's framing and the protobuf fields of `FlightData`, cut into frames anywhere: an error or messages, the same ones however it is cut.
#![no_main]

use std::collections::VecDeque;

use flightsql::flight::frames::{FlightMessage, FrameReader};
use flightsql::flight::memory::SlabWriter;
use libfuzzer_sys::fuzz_target;

/// Small, so that a length beyond it is tried often.
const LIMIT: usize = 1 << 20;

/// What a stream says: its messages, and whether it is one.
#[derive(Debug, PartialEq)]
struct Seen {
    messages: Vec<(Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>)>,
    is_refused: bool,
}

fn read<'a>(frames: impl Iterator<Item = &'a [u8]>) -> Seen {
    let mut reader = FrameReader::new(LIMIT, SlabWriter::new());
    let mut messages = VecDeque::new();
    let mut is_refused = false;
    for frame in frames {
        if reader.feed(frame, &mut messages).is_err() {
            is_refused = true;
            break;
        }
    }
    Seen { messages: messages.into_iter().map(shown).collect(), is_refused }
}

fn shown(message: FlightMessage) -> (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>) {
    // SAFETY: the body is handed to nobody.
    let body = message.body.map(|body| unsafe { body.bytes() }.to_vec());
    (message.header, message.app_metadata, body)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, stream) = input;
    let whole = read(std::iter::once(stream));
    let parts = read(stream.chunks(usize::from(cut) + 1));
    assert_eq!(whole, parts);
});
