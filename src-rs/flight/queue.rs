//! The bounded queue between the task that reads a stream and whoever consumes it. It is what stops the socket.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::memory::SlabSeal;
use crate::arrow::layout::Decoded;
use crate::arrow::schema::StreamSchema;
use crate::error::{Code, Error, Result};

/// What one stream may have decoded and unread. One batch is always allowed, however large.
const STREAM_LIMIT: usize = 8 << 20;

/// Bytes decoded and unread over all streams of a client.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicUsize::new(0) })
    }

    /// Bytes that are accounted for.
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    fn has_room(&self) -> bool {
        self.used.load(Relaxed) < self.limit
    }
}

/// A queue's state, shared by its two ends.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Something to consume has come, or the end.
    filled: Notify,
    /// Something was consumed.
    drained: Notify,
    budget: Arc<Budget>,
}

#[derive(Debug, Default)]
struct State {
    schema: Option<Arc<StreamSchema>>,
    items: VecDeque<Decoded>,
    bytes: usize,
    end: Option<End>,
    /// Nobody consumes any more: what still comes is dropped.
    is_abandoned: bool,
}

#[derive(Debug)]
enum End {
    Complete,
    Failed(Error),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both ends of a new queue.
pub fn queue(budget: Arc<Budget>, seal: SlabSeal) -> (Producer, Consumer) {
    let shared = Arc::new(Shared { state: Mutex::default(), filled: Notify::new(), drained: Notify::new(), budget });
    (Producer { shared: Arc::clone(&shared) }, Consumer { shared, seal })
}

/// The end that the reading task holds.
#[derive(Debug)]
pub struct Producer {
    shared: Arc<Shared>,
}

impl Producer {
    pub fn schema(&self, schema: Arc<StreamSchema>) {
        self.shared.lock().schema = Some(schema);
        self.shared.filled.notify_one();
    }

    pub fn push(&self, item: Decoded) {
        let bytes = item.bytes();
        let mut state = self.shared.lock();
        if state.is_abandoned {
            return;
        }
        state.items.push_back(item);
        state.bytes += bytes;
        self.shared.budget.used.fetch_add(bytes, Relaxed);
        drop(state);
        self.shared.filled.notify_one();
    }

    /// Waits until there is room for more.
    ///
    /// # Errors
    /// `PROTOCOL_ERROR` where the queue fills with application metadata before there is a schema: whoever consumes waits for that first.
    pub async fn room(&self) -> Result<()> {
        loop {
            // Registered before looking, so that a drain in between is not missed.
            let drained = self.shared.drained.notified();
            {
                let state = self.shared.lock();
                if state.items.is_empty() || (state.bytes < STREAM_LIMIT && self.shared.budget.has_room()) {
                    return Ok(());
                }
                if state.schema.is_none() {
                    if state.bytes < STREAM_LIMIT {
                        return Ok(());
                    }
                    return Err(Error::protocol(format!("{} bytes of application metadata came before the schema", state.bytes)));
                }
            }
            drained.await;
        }
    }

    /// Says how the stream ended. Only the first word counts.
    pub fn end(&self, result: Result<()>) {
        let mut state = self.shared.lock();
        if state.end.is_none() {
            state.end = Some(match result {
                Ok(()) => End::Complete,
                Err(error) => End::Failed(error),
            });
        }
        drop(state);
        self.shared.filled.notify_one();
    }
}

impl Drop for Producer {
    /// The reading task is gone; if it could not say why, it panicked.
    fn drop(&mut self) {
        self.end(Err(Error::new(Code::Panic, "the task that reads the stream ended unexpectedly; this is a defect of flightsql")));
    }
}

/// The end that delivers.
#[derive(Debug)]
pub struct Consumer {
    shared: Arc<Shared>,
    seal: SlabSeal,
}

impl Consumer {
    /// The stream's schema, once it is there; `None` where the stream ended well without one.
    ///
    /// # Errors
    /// Why the stream failed before it had one; said once.
    pub async fn schema(&mut self) -> Result<Option<Arc<StreamSchema>>> {
        loop {
            let filled = self.shared.filled.notified();
            {
                let mut state = self.shared.lock();
                if let Some(schema) = &state.schema {
                    return Ok(Some(Arc::clone(schema)));
                }
                if let Some(result) = state.take_end() {
                    return result.map(|()| None);
                }
            }
            filled.await;
        }
    }

    /// Waits until [`Self::schema`] would not: there is a schema, or the end.
    pub async fn knows_schema(&self) {
        self.until(|state| state.schema.is_some() || state.end.is_some()).await;
    }

    /// Waits until neither [`Self::schema`] nor [`Self::next`] would. May be given up at any time: nothing is taken.
    pub async fn ready(&self) {
        self.until(|state| state.end.is_some() || (state.schema.is_some() && !state.items.is_empty())).await;
    }

    /// Whether all of it was taken and it ended well.
    pub fn is_complete(&self) -> bool {
        let state = self.shared.lock();
        state.items.is_empty() && state.schema.is_some() && matches!(state.end, Some(End::Complete))
    }

    /// Waits until it has ended, or more than `limit` bytes wait. May be given up at any time.
    pub async fn ended_or_beyond(&self, limit: usize) {
        self.until(|state| state.end.is_some() || state.bytes > limit).await;
    }

    /// All messages of a stream that ended well, of which nothing was taken, if they are no more than `limit` bytes. They stay where they are.
    pub fn whole(&self, limit: usize) -> Option<Vec<Decoded>> {
        let state = self.shared.lock();
        let is_whole = state.schema.is_some() && matches!(state.end, Some(End::Complete)) && state.bytes <= limit;
        is_whole.then(|| state.items.iter().cloned().collect())
    }

    async fn until(&self, is_there: impl Fn(&State) -> bool) {
        loop {
            let filled = self.shared.filled.notified();
            if is_there(&self.shared.lock()) {
                return;
            }
            filled.await;
        }
    }

    /// What has been decoded, as soon as there is anything: the next message, and those behind it for which `more` says yes. Empty at the
    /// end.
    ///
    /// # Errors
    /// Why the stream failed, after everything before that was delivered; said once.
    pub async fn next(&mut self, mut more: impl FnMut(&Decoded) -> bool) -> Result<Vec<Decoded>> {
        loop {
            let filled = self.shared.filled.notified();
            {
                let mut state = self.shared.lock();
                if !state.items.is_empty() {
                    let count = 1 + state.items.iter().skip(1).take_while(|item| more(item)).count();
                    let taken: Vec<Decoded> = state.items.drain(..count).collect();
                    let bytes: usize = taken.iter().map(Decoded::bytes).sum();
                    state.bytes -= bytes;
                    self.shared.budget.used.fetch_sub(bytes, Relaxed);
                    drop(state);
                    self.seal.seal();
                    self.shared.drained.notify_one();
                    return Ok(taken);
                }
                if let Some(result) = state.take_end() {
                    return result.map(|()| Vec::new());
                }
            }
            filled.await;
        }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_abandoned = true;
        state.items.clear();
        self.shared.budget.used.fetch_sub(std::mem::take(&mut state.bytes), Relaxed);
        drop(state);
        self.shared.drained.notify_one();
    }
}

impl State {
    /// The end, if it has come. A failure is handed out once; after it the stream is simply over.
    fn take_end(&mut self) -> Option<Result<()>> {
        match std::mem::replace(self.end.as_mut()?, End::Complete) {
            End::Complete => Some(Ok(())),
            End::Failed(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
#[path = "queue_test.rs"]
mod tests;
