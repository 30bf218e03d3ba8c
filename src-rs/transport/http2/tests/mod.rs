#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::direct_io::DirectIo;
use super::frame::{DATA, END_STREAM, FrameHead, HEAD, HEADERS, RST_STREAM, WINDOW_UPDATE, window_update};
use super::landings::{Filled, Landing, Landings, Read, SharedLanding};
use super::outbound::Outbound;
use super::socket::Socket;
use crate::transport::windows::STREAM_WINDOW;

mod landing;
mod outbound;
mod windows;

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
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, _: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut bytes: Vec<u8> = parts.iter().flat_map(|part| &part[..]).copied().collect();
        bytes.truncate(self.takes);
        if bytes.is_empty() {
            return Poll::Pending;
        }
        self.written.extend_from_slice(&bytes);
        Poll::Ready(Ok(bytes.len()))
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
