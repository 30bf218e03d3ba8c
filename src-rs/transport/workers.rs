//! The runtimes that a client's connections are spread over.
//!
//! A connection and the streams on it wake each other with every frame. On a runtime of several threads, each wake-up may move both to
//! another core, away from what the caches hold: that was measured to add a third to what receiving costs. So there
//! is a runtime of one thread for each core that is used, a connection stays on one of them with everything that it carries, and what one
//! thread cannot carry goes to a connection on another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::runtime::Handle;

/// Runtimes, the client's own first. Without any, everything runs on the runtime that it is called on.
#[derive(Clone, Default)]
pub struct Workers(Vec<Worker>);

/// A runtime, and how many streams are being read on it.
#[derive(Clone)]
pub struct Worker {
    handle: Handle,
    streams: Arc<AtomicUsize>,
}

impl Worker {
    pub fn new(handle: Handle) -> Self {
        Self { handle, streams: Arc::default() }
    }

    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(super) fn streams(&self) -> usize {
        self.streams.load(Relaxed)
    }

    pub(super) fn begin_stream(&self) {
        self.streams.fetch_add(1, Relaxed);
    }

    pub(super) fn end_stream(&self) {
        self.streams.fetch_sub(1, Relaxed);
    }
}

impl Workers {
    /// `home` comes first, the others after it in their order.
    pub fn new(workers: &[Worker], home: usize) -> Self {
        let (before, from_home) = workers.split_at(home.min(workers.len()));
        Self(from_home.iter().chain(before).cloned().collect())
    }

    /// How many streams the one that has the fewest has.
    pub(super) fn fewest_streams(&self) -> usize {
        self.0.iter().map(Worker::streams).min().unwrap_or(0)
    }

    /// The one with the fewest streams; of several, the one that comes first.
    pub(super) fn least_busy(&self) -> Option<Worker> {
        self.0.iter().min_by_key(|worker| worker.streams()).cloned()
    }
}
