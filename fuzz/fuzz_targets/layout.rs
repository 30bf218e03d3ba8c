//! Messages of one stream, headers and bodies as a server may send them: an error, or layouts that lie within what was received.
#![no_main]

use std::collections::VecDeque;

use flightsql::arrow::decoder::{Decoder, Event};
use flightsql::arrow::layout::{ColumnLayout, Decoded, MessageMemory, Source};
use flightsql::flight::frames::FlightMessage;
use flightsql::flight::memory::{Region, own_block};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 4 << 20;

fn message(header: &[u8], body: &[u8]) -> FlightMessage {
    let body = (!body.is_empty()).then(|| {
        let mut writer = own_block(body.len()).expect("there is memory");
        writer.write(body);
        writer.finish().expect("it was filled")
    });
    FlightMessage { header: header.to_vec(), app_metadata: None, body }
}

fn check(layout: &ColumnLayout, memory: &MessageMemory) {
    let buffers: usize = layout.nodes.iter().map(|node| node.buffers).sum();
    assert_eq!(buffers, layout.buffers.len());
    for range in &layout.buffers {
        let within = match range.source {
            Source::Absent => continue,
            source => memory.region(source),
        };
        let length = within.map_or(0, Region::len);
        assert!(range.offset <= length && range.length <= length - range.offset, "{range:?} of {length}");
    }
}

fuzz_target!(|stream: Vec<(Vec<u8>, Vec<u8>)>| {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = VecDeque::new();
    for (header, body) in &stream {
        if decoder.decode(message(header, body), &mut events).is_err() {
            return;
        }
        for event in events.drain(..) {
            if let Event::Data(Decoded::Dictionary { layout, memory, .. } | Decoded::Batch { layout, memory, .. }) = event {
                check(&layout, &memory);
            }
        }
    }
});
