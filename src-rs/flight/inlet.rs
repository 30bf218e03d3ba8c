//! Where the bytes of one DoGet become messages, whoever brings them: the connection, which reads them from the socket straight into the bodies,
//! or the stream's own task, with what h2 had before.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;

use super::frames::{FlightMessage, FrameReader};
use crate::error::{Error, Result};
use crate::transport::http2::{Filled, Landing, Read, SharedLanding};

/// A message that waits takes memory beyond what it came in, and a server may send very small ones. From so many on what comes is kept as it
/// came, which the window bounds.
const MANY: usize = 4096;

/// How much of that is read on at a time.
const BACKLOG_PART: usize = 64 << 10;

/// An inlet, shared by the connection and the stream's task.
#[derive(Debug, Clone)]
pub(super) struct SharedInlet(Arc<Mutex<Inlet>>);

#[derive(Debug)]
struct Inlet {
    /// `None` once it has failed or nobody wants the rest.
    reader: Option<FrameReader>,
    /// Each with the position in the stream up to which it was read when it was found to be whole.
    messages: VecDeque<(FlightMessage, u64)>,
    /// Bytes of the stream so far.
    received: u64,
    /// The position of the last message that was taken.
    taken: u64,
    failure: Option<Error>,
    /// Bytes that came while many messages waited.
    backlog: BytesMut,
    /// The stream's task, if it has asked for a message that was not there.
    waiting: Option<Waker>,
}

impl SharedInlet {
    pub(super) fn new(reader: FrameReader) -> Self {
        Self(Arc::new(Mutex::new(Inlet {
            reader: Some(reader),
            messages: VecDeque::new(),
            received: 0,
            taken: 0,
            failure: None,
            backlog: BytesMut::new(),
            waiting: None,
        })))
    }

    pub(super) fn landing(&self) -> SharedLanding {
        self.0.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inlet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn feed(&self, bytes: &[u8]) {
        self.lock().feed(bytes);
    }

    /// The next message, and its position: up to there the window may be given back. Messages that were whole before the damage come before the error.
    ///
    /// # Errors
    /// What the bytes are wrong with; said once.
    pub(super) fn poll_message(&self, context: &Context<'_>) -> Poll<Result<(FlightMessage, u64)>> {
        let mut inlet = self.lock();
        inlet.read_backlog();
        if let Some((message, position)) = inlet.messages.pop_front() {
            inlet.taken = position;
            return Poll::Ready(Ok((message, position)));
        }
        if let Some(failure) = inlet.failure.take() {
            return Poll::Ready(Err(failure));
        }
        if !inlet.waiting.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            inlet.waiting = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Up to where the window may be given back now.
    pub(super) fn given_back(&self) -> u64 {
        self.lock().given_back()
    }

    /// Whether the stream may end here.
    pub(super) fn is_between_messages(&self) -> bool {
        self.lock().reader.as_ref().is_none_or(FrameReader::is_between_messages)
    }

    /// Nobody takes messages any more: what still comes is dropped.
    pub(super) fn abandon(&self) {
        let mut inlet = self.lock();
        inlet.reader = None;
        inlet.messages = VecDeque::new();
        inlet.backlog = BytesMut::new();
    }
}

impl Inlet {
    /// Lets `work` read on; what it panics with is the stream's failure, not that of the connection, which others share.
    fn read<T>(&mut self, otherwise: T, work: impl FnOnce(&mut FrameReader, &mut VecDeque<FlightMessage>) -> Result<(T, u64)>) -> T {
        let Some(reader) = &mut self.reader else { return otherwise };
        let mut whole = VecDeque::new();
        let result = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(feature = "test-hooks")]
            crate::faults::panic_if_armed(crate::faults::Place::Landing);
            work(reader, &mut whole)
        }));
        let result = result.unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref())));
        let (value, count) = match result {
            Ok(read) => read,
            Err(failure) => {
                self.failure = Some(failure);
                self.reader = None;
                (otherwise, 0)
            }
        };
        self.received += count;
        let position = self.received;
        let is_news = !whole.is_empty() || self.reader.is_none();
        self.messages.extend(whole.into_iter().map(|message| (message, position)));
        if is_news && let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
        value
    }
}

impl Inlet {
    fn parse(&mut self, bytes: &[u8]) {
        self.read((), |reader, whole| reader.feed(bytes, whole).map(|()| ((), bytes.len() as u64)));
    }

    /// Reads on in what came while many messages waited, once none does.
    fn read_backlog(&mut self) {
        while self.messages.is_empty() && !self.backlog.is_empty() {
            let part = self.backlog.split_to(self.backlog.len().min(BACKLOG_PART));
            self.parse(&part);
        }
    }
}

impl Landing for Inlet {
    fn feed(&mut self, bytes: &[u8]) {
        if self.reader.is_some() && (self.messages.len() >= MANY || !self.backlog.is_empty()) {
            self.backlog.extend_from_slice(bytes);
        } else {
            self.parse(bytes);
        }
    }

    fn fill(&mut self, limit: usize, read: &mut Read<'_>) -> Filled {
        if self.messages.len() >= MANY || !self.backlog.is_empty() {
            return Filled::Feed(limit);
        }
        self.read(Filled::Feed(0), |reader, whole| {
            let filled = reader.fill(limit, read, whole)?;
            let count = match &filled {
                Filled::Read(Poll::Ready(Ok(count))) => *count as u64,
                _ => 0,
            };
            Ok((filled, count))
        })
    }

    /// All that came while somebody waits for a message; otherwise up to the last one that was taken.
    fn given_back(&self) -> u64 {
        if self.waiting.is_some() { self.received } else { self.taken }
    }
}

#[cfg(test)]
#[path = "inlet_test.rs"]
mod tests;
