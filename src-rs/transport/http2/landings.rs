//! Which streams of a connection have their bytes brought straight to where they stay, and what is given back to their windows.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use tokio::io::ReadBuf;
use tokio::sync::Notify;

use super::frame::{FrameHead, HEAD, window_update};
use crate::transport::windows::STREAM_WINDOW;

/// A window is given back in parts of this size: often enough that the server never waits, seldom enough to cost nothing.
const GIVEN_AT_ONCE: u64 = 1 << 20;

/// Reads into memory from the socket.
pub type Read<'a> = dyn FnMut(&mut ReadBuf<'_>) -> Poll<io::Result<()>> + 'a;

/// Where the bytes of one stream go.
pub trait Landing: Send {
    /// Takes bytes that were read already.
    fn feed(&mut self, bytes: &[u8]);

    /// Lets `read` fill the memory that the next bytes are for, with at most `limit` of them, where that is worth a read of its own.
    fn fill(&mut self, limit: usize, read: &mut Read<'_>) -> Filled;

    /// Up to where in the stream's bytes the window may be given back.
    fn given_back(&self) -> u64;
}

/// What came of [`Landing::fill`].
#[derive(Debug)]
pub enum Filled {
    /// How many bytes were read.
    Read(Poll<io::Result<usize>>),
    /// Nothing: the next bytes are to be fed. So many of them are known to belong together.
    Feed(usize),
}

/// A landing, shared by the connection, which fills it, and the stream's reader, which empties it.
pub type SharedLanding = Arc<Mutex<dyn Landing>>;

/// The streams of one connection that are followed.
#[derive(Default)]
pub(super) struct Landings {
    state: Mutex<State>,
    /// The task of the connection.
    connection: AtomicWaker,
    /// The newest stream of which anything was written.
    written: AtomicU32,
    /// That the server has sent its settings, which is how it begins.
    greeting: Notify,
}

#[derive(Default)]
struct State {
    streams: Vec<Followed>,
    /// What is to be given back of which stream's window.
    updates: Vec<(u32, u32)>,
}

struct Followed {
    stream: u32,
    bytes: Bytes,
}

enum Bytes {
    /// h2 has them.
    Passed(u64),
    /// They are brought to the landing.
    Landed(Landed),
}

/// Where the bytes of a frame go.
pub(super) enum Destination {
    H2,
    /// To h2 as long as the stream's reader has not asked for them.
    H2ForNow,
    Landing(SharedLanding),
}

struct Landed {
    landing: SharedLanding,
    /// Bytes of frames that have begun, padding included.
    begun: u64,
    /// Bytes that are padding.
    padding: u64,
    /// Up to here the window was given back.
    given_back: u64,
}

impl State {
    fn stream(&mut self, stream: u32) -> Option<&mut Bytes> {
        self.streams.iter_mut().find(|followed| followed.stream == stream).map(|followed| &mut followed.bytes)
    }
}

impl Landings {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server has sent settings.
    pub(super) fn greet(&self) {
        self.greeting.notify_one();
    }

    /// Resolves once the server has begun to speak HTTP/2. For one task.
    pub(super) async fn greeted(&self) {
        self.greeting.notified().await;
    }

    /// Begins to follow the stream that `open` opens, before its first byte can come.
    pub(super) fn follow<T, E>(&self, open: impl FnOnce() -> Result<(T, u32), E>) -> Result<(T, u32), E> {
        let mut state = self.state();
        let (opened, stream) = open()?;
        state.streams.push(Followed { stream, bytes: Bytes::Passed(0) });
        Ok((opened, stream))
    }

    /// Something of the stream is written, or will be.
    pub(super) fn note_written(&self, stream: u32) {
        self.written.fetch_max(stream, Relaxed);
    }

    /// Whether anything of the stream can have been written. Streams begin in the order of their numbers.
    pub(super) fn has_written(&self, stream: u32) -> bool {
        self.written.load(Relaxed) >= stream
    }

    pub(super) fn forget(&self, stream: u32) {
        let mut state = self.state();
        state.streams.retain(|followed| followed.stream != stream);
        // Behind a reset some servers take an update for an offence of the connection.
        state.updates.retain(|(updated, _)| *updated != stream);
    }

    /// Leaves the stream's bytes to h2 for good, as those of streams that are not followed are.
    pub(super) fn leave(&self, stream: u32) {
        self.state().streams.retain(|followed| followed.stream != stream);
    }

    /// Has the stream's further bytes brought to `landing`, if h2 has none that were not taken from it: `consumed` were. Returns whether it was so.
    pub(super) fn land(&self, stream: u32, consumed: u64, landing: &SharedLanding) -> bool {
        let mut state = self.state();
        let Some(bytes) = state.stream(stream) else { return false };
        if !matches!(bytes, Bytes::Passed(passed) if *passed == consumed) {
            return false;
        }
        *bytes = Bytes::Landed(Landed { landing: Arc::clone(landing), begun: consumed, padding: 0, given_back: consumed });
        true
    }

    /// A DATA frame begins: where do its bytes go?
    ///
    /// # Errors
    /// More comes than the window allows for.
    pub(super) fn data(&self, head: &FrameHead) -> io::Result<Destination> {
        let mut state = self.state();
        let Some(bytes) = state.stream(head.stream) else { return Ok(Destination::H2) };
        match bytes {
            Bytes::Passed(passed) if !head.is_padded() => {
                *passed += head.length as u64;
                Ok(Destination::H2ForNow)
            }
            Bytes::Landed(landed) => {
                landed.begun += head.length as u64;
                if landed.begun - landed.given_back > u64::from(STREAM_WINDOW) {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "the server sent more than the flow-control window of a stream",
                    ));
                }
                Ok(Destination::Landing(Arc::clone(&landed.landing)))
            }
            // How much of a frame is padding is not known here.
            Bytes::Passed(_) => {
                state.streams.retain(|followed| followed.stream != head.stream);
                Ok(Destination::H2)
            }
        }
    }

    /// So many bytes of the stream's frames were padding.
    pub(super) fn padding(&self, stream: u32, bytes: usize) {
        if let Some(Bytes::Landed(landed)) = self.state().stream(stream) {
            landed.padding += bytes as u64;
        }
    }

    /// Gives the stream's window back up to where its landing allows, once that is worth a frame. Returns whether there is something to send.
    pub(super) fn give_back(&self, stream: u32, up_to: u64) -> bool {
        let mut state = self.state();
        let Some(Bytes::Landed(landed)) = state.stream(stream) else { return false };
        let up_to = up_to + landed.padding;
        let bytes = up_to.saturating_sub(landed.given_back);
        if bytes < GIVEN_AT_ONCE {
            return false;
        }
        landed.given_back = up_to;
        state.updates.push((stream, u32::try_from(bytes).unwrap_or(u32::MAX)));
        true
    }

    /// Whether there is something to be sent.
    pub(super) fn has_updates(&self) -> bool {
        !self.state().updates.is_empty()
    }

    /// Moves what is to be sent behind `out`.
    pub(super) fn take_updates(&self, out: &mut Vec<u8>) {
        out.extend(self.state().updates.drain(..).flat_map(|(stream, bytes)| window_update(stream, bytes)));
    }

    pub(super) fn register(&self, context: &Context<'_>) {
        self.connection.register(context.waker());
    }

    /// Has the connection's task look for what is to be sent.
    pub(super) fn wake(&self) {
        self.connection.wake();
    }
}

/// The connection's own window, given back as bytes land: what bounds memory are the windows of the streams.
#[derive(Debug, Default)]
pub(super) struct ConnectionWindow {
    owed: u64,
}

impl ConnectionWindow {
    pub(super) fn landed(&mut self, bytes: usize) {
        self.owed += bytes as u64;
    }

    /// Whether there is an update to be sent.
    pub(super) fn is_owed(&self) -> bool {
        self.owed >= GIVEN_AT_ONCE
    }

    pub(super) fn update(&mut self) -> Option<[u8; HEAD + 4]> {
        if !self.is_owed() {
            return None;
        }
        Some(window_update(0, u32::try_from(std::mem::take(&mut self.owed)).unwrap_or(u32::MAX)))
    }
}
