#![expect(clippy::unwrap_used, reason = "tests")]

use std::task::{Context, Poll, Waker};

use prost::Message;
use tokio::io::ReadBuf;

use super::super::frames::FrameReader;
use super::super::memory::SlabWriter;
use super::{Filled, MANY, SharedInlet};
use crate::error::Code;

const LIMIT: usize = 4 << 20;
/// Large enough to be read straight into its place.
const LARGE: usize = 200 << 10;

fn inlet() -> SharedInlet {
    SharedInlet::new(FrameReader::new(LIMIT, SlabWriter::new()))
}

fn message(header: &str, body: Vec<u8>) -> Vec<u8> {
    let data = arrow_flight::FlightData {
        data_header: header.to_owned().into_bytes().into(),
        data_body: body.into(),
        ..arrow_flight::FlightData::default()
    };
    let data = data.encode_to_vec();
    [&[0], &u32::try_from(data.len()).unwrap().to_be_bytes()[..], &data].concat()
}

fn body(seed: usize) -> Vec<u8> {
    (0..LARGE).map(|index| (index * 31 + seed) as u8).collect()
}

/// The header and the body of the next message, and up to where the window may be given back.
fn take(inlet: &SharedInlet) -> Poll<crate::Result<(String, Vec<u8>, u64)>> {
    inlet.poll_message(&Context::from_waker(Waker::noop())).map_ok(|(message, given_back)| {
        // SAFETY: the region was handed to nobody.
        let body = message.body.map_or(Vec::new(), |region| unsafe { region.bytes() }.to_vec());
        (String::from_utf8(message.header).unwrap(), body, given_back)
    })
}

fn taken(inlet: &SharedInlet) -> (String, Vec<u8>, u64) {
    match take(inlet) {
        Poll::Ready(message) => message.unwrap(),
        Poll::Pending => (String::new(), Vec::new(), 0),
    }
}

/// Brings `stream` as a connection does: at most `part` bytes a read, straight to their place where the inlet wants that. Returns how many were.
fn bring(inlet: &SharedInlet, mut stream: &[u8], part: usize) -> usize {
    let landing = inlet.landing();
    let mut landing = landing.lock().unwrap();
    let mut directly = 0;
    while !stream.is_empty() {
        let filled = landing.fill(stream.len(), &mut |buffer: &mut ReadBuf<'_>| {
            buffer.put_slice(&stream[..stream.len().min(part).min(buffer.remaining())]);
            Poll::Ready(Ok(()))
        });
        match filled {
            Filled::Read(Poll::Ready(count)) => {
                let count = count.unwrap();
                directly += count;
                stream = &stream[count..];
            }
            _ => {
                let (fed, rest) = stream.split_at(part.min(300).min(stream.len()));
                landing.feed(fed);
                stream = rest;
            }
        }
    }
    directly
}

#[test]
fn bodies_that_are_read_into_their_place_are_the_same_as_those_that_are_fed() {
    let messages: Vec<_> = (0..3).map(|index| (format!("message {index}"), body(index))).collect();
    let stream: Vec<u8> = messages.iter().flat_map(|(header, body)| message(header, body.clone())).collect();
    for part in [1 << 20, 70_001, 4096, 7] {
        let inlet = inlet();
        let directly = bring(&inlet, &stream, part);
        // The last 64 KiB of a body are not worth a read of their own, nor is what comes with its header.
        assert!(directly > 3 * (LARGE - (66 << 10)), "{directly} bytes in parts of {part}");
        for (header, body) in &messages {
            let (seen_header, seen_body, _) = taken(&inlet);
            assert_eq!((&seen_header, seen_body == *body), (header, true), "in parts of {part}");
        }
        assert!(take(&inlet).is_pending() && inlet.is_between_messages());
    }
}

#[test]
fn a_read_that_finds_nothing_or_fails_changes_nothing() {
    let stream = message("header", body(1));
    let inlet = inlet();
    inlet.feed(&stream[..1000]);
    let landing = inlet.landing();
    let fill = |answer: fn() -> Poll<std::io::Result<()>>| landing.lock().unwrap().fill(LARGE, &mut |_: &mut ReadBuf<'_>| answer());
    assert!(matches!(fill(|| Poll::Pending), Filled::Read(Poll::Pending)));
    assert!(matches!(fill(|| Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()))), Filled::Read(Poll::Ready(Err(_)))));
    assert!(matches!(fill(|| Poll::Ready(Ok(()))), Filled::Read(Poll::Ready(Ok(0)))));
    bring(&inlet, &stream[1000..], 10_000);
    assert_eq!(taken(&inlet).1, body(1));
}

#[test]
fn the_window_is_given_back_as_bytes_come_and_then_as_messages_are_taken() {
    let (first, second) = (message("first", body(1)), message("second", body(2)));
    let inlet = inlet();
    let given_back = || inlet.landing().lock().unwrap().given_back();
    bring(&inlet, &first[..1000], 1 << 20);
    assert_eq!(given_back(), 0, "nobody has asked for anything");
    assert!(take(&inlet).is_pending());
    bring(&inlet, &first[1000..150_000], 1 << 20);
    assert_eq!(given_back(), 150_000, "or a message larger than the window would never come");
    bring(&inlet, &first[150_000..], 1 << 20);
    bring(&inlet, &second, 1 << 20);
    assert_eq!(given_back(), 0, "nobody has taken the first");
    assert_eq!(taken(&inlet).2, first.len() as u64);
    bring(&inlet, &first[..1000], 1 << 20);
    assert_eq!(given_back(), first.len() as u64);
    assert_eq!(taken(&inlet).2, (first.len() + second.len()) as u64);
    bring(&inlet, &first[1000..2000], 1 << 20);
    assert_eq!(given_back(), (first.len() + second.len()) as u64, "nobody waits for the third");
    assert!(take(&inlet).is_pending());
    assert_eq!(given_back(), (first.len() + second.len() + 2000) as u64);
}

#[test]
fn messages_before_the_damage_come_before_the_error_and_nothing_after_it() {
    let inlet = inlet();
    inlet.feed(&[message("whole", vec![1]), vec![9, 0, 0, 0, 0]].concat());
    inlet.feed(&message("behind it", vec![2]));
    assert_eq!(taken(&inlet).0, "whole");
    assert!(matches!(take(&inlet), Poll::Ready(Err(error)) if error.code() == Code::Protocol));
    assert!(take(&inlet).is_pending());
}

#[test]
fn what_nobody_wants_any_more_takes_no_memory() {
    let inlet = inlet();
    let stream = message("header", body(1));
    inlet.feed(&stream);
    inlet.abandon();
    assert!(take(&inlet).is_pending());
    assert!(matches!(inlet.landing().lock().unwrap().fill(LARGE, &mut |_| Poll::Pending), Filled::Feed(0)));
    inlet.feed(&stream);
    assert!(take(&inlet).is_pending());
}

#[test]
fn many_small_messages_wait_as_the_bytes_that_they_came_in() {
    let inlet = inlet();
    let count = 100_000;
    let stream: Vec<u8> = (0..count).flat_map(|index: u32| message(&index.to_string(), Vec::new())).collect();
    for part in stream.chunks(4096) {
        inlet.feed(part);
    }
    assert!(inlet.lock().messages.len() < MANY + 4096, "{} wait", inlet.lock().messages.len());
    for index in 0..count {
        let (header, _, position) = taken(&inlet);
        assert_eq!(header, index.to_string());
        assert!(position <= stream.len() as u64);
    }
    assert!(take(&inlet).is_pending() && inlet.is_between_messages());
    assert_eq!(inlet.given_back(), stream.len() as u64);
    // And then as ever.
    assert!(bring(&inlet, &message("large", body(1)), 1 << 20) > 0);
    assert_eq!(taken(&inlet).1, body(1));
}
