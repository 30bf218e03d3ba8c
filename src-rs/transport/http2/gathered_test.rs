use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::direct_io::DirectIo;
use super::frame::{DATA, FrameHead, HEAD};
use super::landings::Landings;
use super::socket::Socket;

const PREFACE_AND_SETTINGS: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A socket that nothing comes from, and that keeps the writes apart.
#[derive(Default)]
struct Sink {
    writes: Vec<Vec<u8>>,
    /// What it takes before it is full.
    room: usize,
}

impl Socket for Sink {
    fn set_low_water(&mut self, _: usize) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Sink {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, _: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut bytes = parts.iter().flat_map(|part| &part[..]).copied().collect::<Vec<u8>>();
        bytes.truncate(self.room);
        if bytes.is_empty() {
            return Poll::Pending;
        }
        self.room -= bytes.len();
        self.writes.push(bytes);
        Poll::Ready(Ok(self.writes[self.writes.len() - 1].len()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A connection whose first frames are written.
fn begun() -> DirectIo<Sink> {
    let mut io = DirectIo::new(Sink { writes: Vec::new(), room: usize::MAX }, Arc::<Landings>::default());
    assert!(write(&mut io, PREFACE_AND_SETTINGS).is_ready());
    io.socket().writes.clear();
    io
}

fn data(length: usize) -> Vec<u8> {
    framed(&(0..length).map(|at| (at % 251) as u8).collect::<Vec<u8>>())
}

fn framed(payload: &[u8]) -> Vec<u8> {
    let head = FrameHead { length: payload.len(), kind: DATA, flags: 0, stream: 1 };
    [&head.bytes()[..], payload].concat()
}

/// The same frame as a server gets it that takes 16 KiB at a time.
fn cut(frame: &[u8]) -> Vec<u8> {
    if frame.len() == HEAD { frame.to_vec() } else { frame[HEAD..].chunks(16_384).flat_map(framed).collect() }
}

fn write(io: &mut DirectIo<Sink>, bytes: &[u8]) -> Poll<usize> {
    Pin::new(io).poll_write(&mut Context::from_waker(Waker::noop()), bytes).map(Result::unwrap)
}

fn flush(io: &mut DirectIo<Sink>, waker: &Waker) -> Poll<()> {
    Pin::new(io).poll_flush(&mut Context::from_waker(waker)).map(Result::unwrap)
}

/// What h2 does when its task gets its turn.
fn read(io: &mut DirectIo<Sink>) {
    let mut memory = [0; 64];
    assert!(Pin::new(io).poll_read(&mut Context::from_waker(Waker::noop()), &mut ReadBuf::new(&mut memory)).is_pending());
}

#[test]
fn frames_of_an_upload_go_together() {
    let mut io = begun();
    let frame = data(16_384);
    for _ in 0..64 {
        assert_eq!(write(&mut io, &frame), Poll::Ready(frame.len()));
        assert!(flush(&mut io, Waker::noop()).is_ready());
    }
    read(&mut io);
    assert_eq!(io.socket().writes.concat(), frame.repeat(64));
    assert_eq!(io.socket().writes.len(), 8, "1 MiB, 128 KiB at a time");
}

#[test]
fn what_is_too_little_to_go_at_once_goes_with_the_next_turn_of_the_task() {
    let mut io = begun();
    let frame = data(16_384);
    let woken = Arc::<Woken>::default();
    assert_eq!(write(&mut io, &frame), Poll::Ready(frame.len()));
    assert!(flush(&mut io, &woken.clone().into()).is_ready());
    assert!(io.socket().writes.is_empty());
    assert_eq!(woken.0.load(Relaxed), 1, "the turn comes by itself");
    read(&mut io);
    assert_eq!(io.socket().writes, [frame]);
}

#[test]
fn a_small_frame_waits_for_nothing_unless_something_is_ahead_of_it() {
    let mut io = begun();
    let (small, large) = (data(100), data(16_384));
    assert!(write(&mut io, &small).is_ready());
    assert_eq!(io.socket().writes.concat(), small);
    assert!(write(&mut io, &large).is_ready());
    assert!(write(&mut io, &small).is_ready());
    read(&mut io);
    assert_eq!(io.socket().writes.concat(), [&small[..], &large, &small].concat());
}

#[test]
fn a_frame_that_is_large_by_itself_goes_at_once_in_parts_that_the_server_takes() {
    let mut io = begun();
    let large = data(1 << 20);
    assert_eq!(write(&mut io, &large), Poll::Ready(large.len()));
    assert_eq!(io.socket().writes, [cut(&large)]);
}

#[test]
fn a_large_frame_goes_behind_what_was_gathered() {
    let mut io = begun();
    let (small, large) = (data(16_384), data(1 << 20));
    assert!(write(&mut io, &small).is_ready());
    io.socket().room = 0;
    assert!(write(&mut io, &large).is_pending(), "it waits for what is ahead of it");
    io.socket().room = usize::MAX;
    assert!(write(&mut io, &large).is_ready());
    assert_eq!(io.socket().writes, [small, cut(&large)]);
}

#[test]
fn a_head_that_the_socket_took_in_part_is_flushed_and_ended_before_the_connection_is_shut_down() {
    for ends in [false, true] {
        let mut io = begun();
        let empty = data(0);
        io.socket().room = 4;
        assert_eq!(write(&mut io, &empty), Poll::Ready(HEAD), "h2 is done with it");
        let end = |io: &mut DirectIo<Sink>| {
            let context = &mut Context::from_waker(Waker::noop());
            if ends { Pin::new(io).poll_shutdown(context) } else { Pin::new(io).poll_flush(context) }
        };
        assert!(end(&mut io).is_pending());
        io.socket().room = usize::MAX;
        assert!(end(&mut io).is_ready());
        assert_eq!(io.socket().writes.concat(), empty);
    }
}

#[test]
fn what_was_gathered_is_written_before_the_connection_is_shut_down() {
    let mut io = begun();
    let frame = data(16_384);
    assert!(write(&mut io, &frame).is_ready());
    io.socket().room = 0;
    assert!(Pin::new(&mut io).poll_shutdown(&mut Context::from_waker(Waker::noop())).is_pending());
    io.socket().room = usize::MAX;
    assert!(Pin::new(&mut io).poll_shutdown(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(io.socket().writes, [frame]);
}

proptest! {
    #[test]
    fn bytes_keep_their_order_whatever_their_sizes_and_however_the_socket_takes_them(
        lengths in proptest::collection::vec(prop_oneof![0_usize..300, 3_000_usize..20_000, 100_000_usize..400_000], 1..20),
        rooms in proptest::collection::vec(prop_oneof![0_usize..12, 16_384_usize..16_400, 0_usize..200_000], 0..80),
    ) {
        let mut io = begun();
        let frames: Vec<Vec<u8>> = lengths.into_iter().map(data).collect();
        let expected: Vec<u8> = frames.iter().flat_map(|frame| cut(frame)).collect();
        let mut rooms = rooms.into_iter();
        io.socket().room = 0;
        for frame in frames {
            let mut rest = &frame[..];
            while !rest.is_empty() {
                // In two parts, as h2 does it: the head and a little, and the others.
                let (first, others) = rest.split_at(rest.len().min(256));
                let context = &mut Context::from_waker(Waker::noop());
                match Pin::new(&mut io).poll_write_vectored(context, &[IoSlice::new(first), IoSlice::new(others)]).map(Result::unwrap) {
                    Poll::Ready(count) => rest = &rest[count..],
                    Poll::Pending => io.socket().room = rooms.next().unwrap_or(usize::MAX),
                }
            }
            while flush(&mut io, Waker::noop()).is_pending() {
                io.socket().room = rooms.next().unwrap_or(usize::MAX);
            }
        }
        io.socket().room = usize::MAX;
        read(&mut io);
        prop_assert!(io.socket().writes.concat() == expected);
    }
}
