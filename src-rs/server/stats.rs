//! What a server is busy with, as numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A look at a server. The numbers are read one after another, so they need not be of the same moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ServerStats {
    /// Calls that have not ended: from their request to the end of their answer.
    pub open_calls: usize,
    /// Statements that have a connection: they are being prepared or under way, those that wait for their client included.
    pub open_statements: usize,
    /// Threads that compute for a client at this moment.
    pub computing: usize,
    /// Queries that were begun to learn their types and have not been fetched yet.
    pub waiting_results: usize,
    /// Results that are kept whole.
    pub kept_results: usize,
    /// Bytes of them.
    pub kept_bytes: usize,
    /// Prepared statements that are open; they have no connection while nobody runs them.
    pub prepared_statements: usize,
    /// Bytes of them, of the values that are bound to them or wait for a ticket, and of values and rows that are being
    /// received.
    pub prepared_bytes: usize,
    /// Queries that run to be polled.
    pub polled_queries: usize,
    /// Sessions that have not ended.
    pub sessions: usize,
    /// Transactions that have been begun and not ended; each has a connection.
    pub open_transactions: usize,
    /// Bytes of Arrow data, headers and bodies, that were handed to connections since the start.
    pub sent_bytes: u64,
}

/// What is counted where it happens.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters {
    pub(super) open_calls: Gauge,
    pub(super) computing: Gauge,
    pub(super) sent_bytes: Total,
}

/// A number of things that are there now.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge(Arc<AtomicUsize>);

/// One of those things, until dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

impl Gauge {
    pub(super) fn count(&self) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(&self.0))
    }

    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A number that only grows.
#[derive(Debug, Clone, Default)]
pub(super) struct Total(Arc<AtomicU64>);

impl Total {
    pub(super) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
