//! Frames that wait to be written together. h2 writes and flushes each DATA frame by itself: to servers that take 16 KiB at a time, as most do, that
//! is a system call and a wake-up of the other side for each.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

/// Gathered at most. It stays in the processor's cache until it is written.
pub(super) const ROOM: usize = 256 << 10;

/// Written as soon as so much is gathered, or when nothing more comes.
const ENOUGH: usize = 128 << 10;

/// What is smaller goes at once, unless something is ahead of it: a call is not to wait for another one.
pub(super) const LITTLE: usize = 4 << 10;

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
    pub(super) fn takes(&self, count: usize) -> bool {
        !self.is_empty() || (LITTLE..ROOM).contains(&count)
    }

    /// Takes bytes, as far as there is room. Returns how many.
    pub(super) fn add(&mut self, parts: &[IoSlice<'_>]) -> usize {
        self.bytes.reserve_exact(ROOM.saturating_sub(self.bytes.len()));
        let before = self.bytes.len();
        for part in parts {
            let count = part.len().min(ROOM.saturating_sub(self.bytes.len()));
            self.bytes.extend_from_slice(&part[..count]);
        }
        self.bytes.len() - before
    }

    /// Takes a frame that has to go now, room or not.
    pub(super) fn add_whole(&mut self, frame: &[u8]) {
        self.bytes.extend_from_slice(frame);
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
