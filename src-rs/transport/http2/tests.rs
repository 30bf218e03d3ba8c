#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::direct_io::DirectIo;
use super::frame::{DATA, END_STREAM, FrameHead, HEAD, HEADERS, RST_STREAM, WINDOW_UPDATE, window_update};
use super::landings::{Filled, Landing, Landings, Read, SharedLanding};
use super::outbound::Outbound;
use super::socket::Socket;
use crate::transport::windows::STREAM_WINDOW;

const PING: u8 = 6;
const PADDED: u8 = 0x8;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let head = FrameHead { length: payload.len(), kind, flags, stream };
    [&head.bytes()[..], payload].concat()
}

fn data(stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(DATA, 0, stream, payload)
}

/// A socket that gives what it is told in parts, and keeps what is written.
#[derive(Default)]
struct Script {
    reads: VecDeque<Vec<u8>>,
    written: Vec<u8>,
    /// What one write takes at most.
    takes: usize,
    low_water: usize,
}

impl Script {
    fn of(bytes: &[u8], part: usize) -> Self {
        Self { reads: bytes.chunks(part).map(<[u8]>::to_vec).collect(), written: Vec::new(), takes: usize::MAX, low_water: 1 }
    }
}

impl Socket for Script {
    fn set_low_water(&mut self, bytes: usize) -> io::Result<()> {
        self.low_water = bytes;
        Ok(())
    }
}

impl AsyncRead for Script {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Some(mut part) = self.reads.pop_front() else { return Poll::Pending };
        let rest = part.split_off(part.len().min(out.remaining()));
        out.put_slice(&part);
        if !rest.is_empty() {
            self.reads.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = bytes.len().min(self.takes);
        if count == 0 {
            return Poll::Pending;
        }
        self.written.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Keeps what comes, read directly where at least `direct` bytes are to come.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    direct: usize,
    read_directly: usize,
    /// Whether nothing is taken, so that nothing is given back.
    is_stopped: bool,
}

impl Landing for Kept {
    fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn fill(&mut self, limit: usize, read: &mut Read<'_>) -> Filled {
        if limit < self.direct {
            return Filled::Feed(limit);
        }
        let mut memory = vec![0; limit];
        let mut buffer = ReadBuf::new(&mut memory);
        let poll = read(&mut buffer);
        self.read_directly += buffer.filled().len();
        self.bytes.extend_from_slice(buffer.filled());
        Filled::Read(poll.map_ok(|()| buffer.filled().len()))
    }

    fn given_back(&self) -> u64 {
        if self.is_stopped { 0 } else { self.bytes.len() as u64 }
    }
}

fn landing(direct: usize) -> (Arc<Mutex<Kept>>, SharedLanding) {
    let kept = Arc::new(Mutex::new(Kept { direct, ..Kept::default() }));
    (Arc::clone(&kept), kept)
}

fn follow(landings: &Landings, stream: u32) {
    landings.follow(|| Ok::<_, ()>(((), stream))).unwrap();
}

/// Stream 1 with a landing that is read into directly from `direct` bytes on.
fn landed(direct: usize) -> (Arc<Landings>, Arc<Mutex<Kept>>) {
    let landings = Arc::<Landings>::default();
    let (kept, shared) = landing(direct);
    follow(&landings, 1);
    assert!(landings.land(1, 0, &shared));
    (landings, kept)
}

/// What h2 writes first.
fn settings() -> Vec<u8> {
    [PREFACE, &frame(4, 0, 0, &[])].concat()
}

/// Reads all that the script has, as h2 does, `room` bytes at a time.
fn read_all(io: &mut DirectIo<Script>, room: usize) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut idle = 0;
    while idle < 2 || !io.socket().reads.is_empty() {
        let mut memory = vec![0; room];
        let mut out = ReadBuf::new(&mut memory);
        match Pin::new(&mut *io).poll_read(&mut Context::from_waker(Waker::noop()), &mut out) {
            Poll::Ready(result) => result?,
            Poll::Pending => idle += 1,
        }
        if !out.filled().is_empty() {
            idle = 0;
        }
        all.extend_from_slice(out.filled());
    }
    Ok(all)
}

fn write(io: &mut DirectIo<Script>, bytes: &[u8]) -> usize {
    match Pin::new(io).poll_write(&mut Context::from_waker(Waker::noop()), bytes) {
        Poll::Ready(count) => count.unwrap(),
        Poll::Pending => 0,
    }
}

#[test]
fn frames_come_apart_wherever_the_socket_cuts_them() {
    let wire = [
        frame(4, 0, 0, &[0, 3, 0, 0, 0, 9]),
        frame(HEADERS, 4, 1, b"head"),
        data(1, b"to the landing"),
        frame(PING, 0, 0, b"12345678"),
        data(3, b"to h2"),
        frame(DATA, PADDED, 1, b"\x03, padded\0\0\0"),
        data(1, b""),
        frame(DATA, END_STREAM, 1, b", to its end"),
        data(1, b"after the end"),
    ]
    .concat();
    let expected = [
        frame(4, 0, 0, &[0, 3, 0, 0, 0, 9]),
        frame(HEADERS, 4, 1, b"head"),
        frame(PING, 0, 0, b"12345678"),
        data(3, b"to h2"),
        frame(DATA, END_STREAM, 1, b""),
        data(1, b"after the end"),
    ]
    .concat();
    for part in 1..=wire.len() {
        for (direct, room) in [(1, 64), (usize::MAX, 64), (5, 1), (1, 10)] {
            let (landings, kept) = landed(direct);
            let mut io = DirectIo::new(Script::of(&wire, part), landings);
            assert_eq!(read_all(&mut io, room).unwrap(), expected, "cut every {part} bytes, h2 has room for {room}");
            assert_eq!(kept.lock().unwrap().bytes, b"to the landing, padded, to its end");
        }
    }
}

#[test]
fn what_comes_before_a_stream_has_a_landing_is_h2s() {
    let landings = Arc::<Landings>::default();
    let (kept, shared) = landing(1);
    follow(&landings, 1);
    let first = data(1, b"first");
    let mut io = DirectIo::new(Script::of(&[first.clone(), data(1, b"second")].concat(), 100), Arc::clone(&landings));
    let mut memory = [0; 64];
    let mut out = ReadBuf::new(&mut memory);
    let mut poll = |io: &mut DirectIo<Script>| Pin::new(io).poll_read(&mut Context::from_waker(Waker::noop()), &mut out);
    assert!(poll(&mut io).is_ready());
    // The second frame was read already, and waits for the reader to have had a chance.
    assert!(poll(&mut io).is_pending());
    assert_eq!(out.filled(), first);
    assert!(!landings.land(1, 0, &shared), "h2 has bytes that were not taken from it");
    assert!(landings.land(1, 5, &shared));
    assert_eq!(read_all(&mut io, 64).unwrap(), b"");
    assert_eq!(kept.lock().unwrap().bytes, b"second");
}

#[test]
fn a_stream_that_nobody_asks_for_goes_to_h2_whole() {
    let landings = Arc::<Landings>::default();
    follow(&landings, 1);
    let wire = [data(1, b"one"), data(1, b"two"), data(1, b"three"), frame(HEADERS, 5, 1, b"end")].concat();
    let mut io = DirectIo::new(Script::of(&wire, 1000), Arc::clone(&landings));
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    let (_, shared) = landing(1);
    assert!(!landings.land(1, 11, &shared), "it has ended");
}

#[test]
fn padding_before_the_landing_keeps_a_stream_with_h2() {
    let landings = Arc::<Landings>::default();
    let (_, shared) = landing(1);
    follow(&landings, 1);
    let wire = frame(DATA, PADDED, 1, b"\x01data\0");
    let mut io = DirectIo::new(Script::of(&wire, 1000), Arc::clone(&landings));
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    assert!(!landings.land(1, 4, &shared));
}

#[test]
fn a_stream_that_was_forgotten_is_h2s_again_with_the_next_frame() {
    let (landings, kept) = landed(1);
    let frames = data(1, b"half-read");
    let mut io = DirectIo::new(Script::of(&frames[..12], 100), Arc::clone(&landings));
    assert_eq!(read_all(&mut io, 64).unwrap(), b"");
    landings.forget(1);
    let next = data(1, b"next");
    io.socket().reads.push_back([&frames[12..], &next].concat());
    assert_eq!(read_all(&mut io, 64).unwrap(), next);
    assert_eq!(kept.lock().unwrap().bytes, b"half-read", "a frame that has begun ends where it began");
}

#[test]
fn data_in_the_middle_of_headers_is_h2s_to_refuse() {
    let (landings, kept) = landed(1);
    let wire = [frame(HEADERS, 0, 1, b"to be continued"), data(1, b"instead")].concat();
    let mut io = DirectIo::new(Script::of(&wire, 1000), landings);
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    assert!(kept.lock().unwrap().bytes.is_empty());
}

#[test]
fn a_reset_ends_the_following() {
    let (landings, kept) = landed(1);
    let reset = frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]);
    let wire = [reset, data(1, b"late")].concat();
    let mut io = DirectIo::new(Script::of(&wire, 1000), landings);
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    assert!(kept.lock().unwrap().bytes.is_empty());
}

#[test]
fn large_frames_are_read_where_they_belong_and_small_ones_together() {
    let (landings, kept) = landed(64 << 10);
    let large: Vec<u8> = (0..1 << 20).map(|index: u32| (index % 251) as u8).collect();
    let wire = [data(1, &large), data(1, &large), data(1, b"small"), data(1, b"small")].concat();
    let mut io = DirectIo::new(Script::of(&wire, usize::MAX), Arc::clone(&landings));
    read_all(&mut io, 64).unwrap();
    let kept = kept.lock().unwrap();
    assert_eq!(kept.bytes, [&large[..], &large, b"smallsmall"].concat());
    // Of the first frame what came with its head was copied, of the second far less.
    assert!(kept.read_directly > (2 << 20) - (300 << 10), "{} bytes", kept.read_directly);
}

#[test]
fn what_is_waited_for_is_never_more_than_is_sure_to_come() {
    let (landings, _) = landed(64 << 10);
    let length = (1 << 20) - 700;
    let wire = [data(1, &vec![7; length]), frame(PING, 0, 0, b"12345678"), data(1, b"small")].concat();
    let mut io = DirectIo::new(Script::default(), landings);
    let mut low_water = |upto: usize, come: &mut usize| {
        io.socket().reads.push_back(wire[*come..upto].to_vec());
        *come = upto;
        read_all(&mut io, 64).unwrap();
        io.socket().low_water
    };
    let mut come = 0;
    assert_eq!(low_water(4, &mut come), 1, "within a head");
    assert_eq!(low_water(HEAD + 10, &mut come), 512 << 10, "most of a frame is to come");
    let end = HEAD + length;
    assert_eq!(low_water(end - (100 << 10), &mut come), 100 << 10, "a part of a frame is to come, for a read of its own");
    assert_eq!(low_water(end - 5000, &mut come), 1, "what is to come is read ahead");
    assert_eq!(low_water(end, &mut come), 1, "between frames");
    assert_eq!(low_water(wire.len() - 2, &mut come), 1, "within a small frame");
}

/// What was written behind the preface, as frames.
fn written(io: &mut DirectIo<Script>) -> Vec<(FrameHead, Vec<u8>)> {
    let mut bytes = &io.socket().written[PREFACE.len()..];
    let mut frames = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() {
        let head = FrameHead::parse(*head);
        frames.push((head, rest[..head.length].to_vec()));
        bytes = &rest[head.length..];
    }
    assert!(bytes.is_empty(), "the last frame is cut off");
    frames
}

fn given(frames: &[(FrameHead, Vec<u8>)], stream: u32) -> u64 {
    let updates = frames.iter().filter(|(head, _)| head.kind == WINDOW_UPDATE && head.stream == stream);
    updates.map(|(_, payload)| u64::from(u32::from_be_bytes(payload[..].try_into().unwrap()))).sum()
}

#[test]
fn windows_are_given_back_between_frames_only() {
    let (landings, _) = landed(1);
    let wire: Vec<u8> = (0..3).flat_map(|_| data(1, &vec![7; 1 << 20])).collect();
    let mut io = DirectIo::new(Script::of(&wire, 100_000), landings);
    let ours = [settings(), frame(PING, 1, 0, b"12345678")].concat();
    // h2 writes its first frames but for the last byte.
    let cut = ours.len() - 1;
    assert_eq!(write(&mut io, &ours[..cut]), cut);
    read_all(&mut io, 64).unwrap();
    assert_eq!(io.socket().written, ours[..cut], "nothing in the middle of a frame");
    assert_eq!(write(&mut io, &ours[cut..]), 1);
    io.socket().takes = 1;
    let _ = Pin::new(&mut io).poll_flush(&mut Context::from_waker(Waker::noop()));
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (3 << 20, 3 << 20), "{sent:?}");
}

#[test]
fn a_window_update_that_is_written_in_part_goes_before_h2s_next_frame() {
    let (landings, _) = landed(1);
    let mut io = DirectIo::new(Script::of(&data(1, &vec![7; 1 << 20]), usize::MAX), landings);
    write(&mut io, &settings());
    io.socket().takes = 0;
    read_all(&mut io, 64).unwrap();
    let ping = frame(PING, 1, 0, b"12345678");
    assert_eq!(write(&mut io, &ping), 0, "h2 waits");
    io.socket().takes = 5;
    for byte in 0..ping.len() {
        io.socket().takes = 1 + byte % 3;
        let mut rest = &ping[byte..=byte];
        while !rest.is_empty() {
            rest = &rest[write(&mut io, rest)..];
        }
    }
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (1 << 20, 1 << 20));
    assert_eq!(sent.last().unwrap().0.kind, PING);
}

#[test]
fn a_window_update_goes_behind_frames_that_wait_to_be_written_together() {
    let (landings, _) = landed(1);
    let mut io = DirectIo::new(Script::of(&data(1, &vec![7; 1 << 20]), usize::MAX), landings);
    write(&mut io, &settings());
    io.socket().takes = 0;
    let upload = data(3, &[7; 16_384]);
    assert_eq!(write(&mut io, &upload), upload.len());
    read_all(&mut io, 64).unwrap();
    io.socket().takes = 1_000;
    read_all(&mut io, 64).unwrap();
    let sent = written(&mut io);
    let data_at = sent.iter().position(|(head, _)| head.kind == DATA);
    assert_eq!(data_at, Some(1), "behind the settings");
    assert_eq!((given(&sent, 1), given(&sent, 0)), (1 << 20, 1 << 20));
}

#[test]
fn a_stream_whose_messages_nobody_takes_keeps_its_window() {
    let (landings, kept) = landed(1);
    kept.lock().unwrap().is_stopped = true;
    let wire: Vec<u8> = (0..STREAM_WINDOW >> 20).flat_map(|_| data(1, &vec![7; 1 << 20])).collect();
    let mut io = DirectIo::new(Script::of(&wire, usize::MAX), Arc::clone(&landings));
    write(&mut io, &settings());
    read_all(&mut io, 64).unwrap();
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (0, u64::from(STREAM_WINDOW)), "the connection has its window for the others");
    // One byte more than the server may send.
    io.socket().reads.push_back(data(1, b"x"));
    assert_eq!(read_all(&mut io, 64).unwrap_err().to_string(), "the server sent more than the flow-control window of a stream");
    // What was taken is given back; half a MiB more is not worth a frame.
    assert!(landings.give_back(1, 3 << 20));
    assert!(!landings.give_back(1, (3 << 20) + (512 << 10)));
}

#[test]
fn padding_counts_against_the_window_and_is_given_back() {
    let (landings, _) = landed(1);
    let mut payload = vec![100; 1 << 20];
    payload[(1 << 20) - 100..].fill(0);
    let mut io = DirectIo::new(Script::of(&frame(DATA, PADDED, 1, &payload), 70_000), landings);
    write(&mut io, &settings());
    read_all(&mut io, 64).unwrap();
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (1 << 20, 1 << 20));
}

#[test]
fn padding_that_is_longer_than_its_frame_ends_the_connection() {
    for payload in [&b"\x03ab"[..], b"\xff", b"\x01"] {
        let (landings, _) = landed(1);
        let mut io = DirectIo::new(Script::of(&frame(DATA, PADDED, 1, payload), 100), landings);
        assert_eq!(read_all(&mut io, 64).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}

#[test]
fn a_frame_that_is_longer_than_was_agreed_is_h2s_to_refuse() {
    let (landings, kept) = landed(1);
    let wire = data(1, &vec![1; (1 << 20) + 1]);
    let mut io = DirectIo::new(Script::of(&wire, usize::MAX), landings);
    assert_eq!(read_all(&mut io, 1 << 16).unwrap(), wire);
    assert!(kept.lock().unwrap().bytes.is_empty());
}

#[test]
fn headers_that_go_on_are_not_interrupted() {
    let mut outbound = Outbound::default();
    assert!(!outbound.is_between_frames(), "the preface and the settings come first");
    outbound.wrote(PREFACE);
    assert!(!outbound.is_between_frames());
    outbound.wrote(&frame(4, 0, 0, &[]));
    assert!(outbound.is_between_frames());
    outbound.wrote(&frame(HEADERS, 0, 1, b"a part"));
    assert!(!outbound.is_between_frames());
    outbound.wrote(&frame(9, 0, 1, b"another"));
    assert!(!outbound.is_between_frames());
    outbound.wrote(&frame(9, 4, 1, b"the last"));
    assert!(outbound.is_between_frames());
}

#[test]
fn a_window_update_is_a_frame() {
    assert_eq!(window_update(5, 1 << 20), [0, 0, 4, 8, 0, 0, 0, 0, 5, 0, 16, 0, 0]);
}

proptest! {
    #[test]
    fn no_byte_is_lost_or_changes_its_stream(
        wire in prop::collection::vec((0..4_u32, prop::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..30),
        parts in prop::collection::vec(1..50_usize, 1..20),
        room in 1..100_usize,
        direct in 1..60_usize,
    ) {
        let landings = Arc::<Landings>::default();
        let kept: Vec<_> = [1, 3].map(|stream| {
            let (kept, shared) = landing(direct);
            follow(&landings, stream);
            assert!(landings.land(stream, 0, &shared));
            (stream, kept)
        }).into();
        let mut bytes = Vec::new();
        let mut passed = Vec::new();
        let mut landed = [Vec::new(), Vec::new()];
        for (stream, payload, is_padded) in &wire {
            let framed = if *is_padded {
                frame(DATA, PADDED, *stream, &[&[2], &payload[..], &[0, 0]].concat())
            } else {
                data(*stream, payload)
            };
            bytes.extend_from_slice(&framed);
            match stream {
                1 => landed[0].extend_from_slice(payload),
                3 => landed[1].extend_from_slice(payload),
                _ => passed.extend_from_slice(&framed),
            }
        }
        let mut script = Script::of(&[], 1);
        let mut rest = &bytes[..];
        for part in parts.iter().cycle() {
            if rest.is_empty() { break }
            let (first, others) = rest.split_at(rest.len().min(*part));
            script.reads.push_back(first.to_vec());
            rest = others;
        }
        let mut io = DirectIo::new(script, landings);
        prop_assert_eq!(read_all(&mut io, room).unwrap(), passed);
        for ((_, kept), expected) in kept.iter().zip(&landed) {
            prop_assert_eq!(&kept.lock().unwrap().bytes, expected);
        }
    }
}
