//! Frames that wait to be written together. h2 writes and flushes each by itself: of small messages that is a system call and a wake-up of the other
//! side for each.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

/// Where nothing more is gathered. It stays in the processor's cache until it is written.
const ROOM: usize = 256 << 10;

/// Written as soon as so much is gathered, or when nothing more comes.
const ENOUGH: usize = 128 << 10;

/// What is smaller goes at once, unless something is ahead of it: a call is not to wait for another one.
const LITTLE: usize = 4 << 10;

/// What is larger is worth a system call, and goes from where it lies.
const LARGE: usize = 64 << 10;

#[derive(Default)]
pub(super) struct Gathered {
    /// Empty until something large is sent.
    bytes: Vec<u8>,
    written: usize,
}

impl Gathered {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn is_enough(&self) -> bool {
        self.bytes.len() >= ENOUGH
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= ROOM
    }

    /// Whether a write of so many bytes is to be gathered, and not made.
    pub(super) fn takes(&self, count: usize, is_between_frames: bool) -> bool {
        if self.is_empty() { is_between_frames && (LITTLE..LARGE).contains(&count) } else { count < LARGE }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(ROOM + LARGE);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes all of it.
    pub(super) fn poll_write(&mut self, socket: &mut (impl AsyncWrite + Unpin), context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.bytes.len() {
            let count = ready!(Pin::new(&mut *socket).poll_write(context, &self.bytes[self.written..]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
        if !self.bytes.is_empty() {
            self.bytes.clear();
            self.written = 0;
            return Pin::new(socket).poll_flush(context);
        }
        Poll::Ready(Ok(()))
    }
}
