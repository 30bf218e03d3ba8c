//! Bytes that a server holds for its clients, and how many of them it may.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes may be held at a time for one purpose.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    used: Arc<AtomicUsize>,
    most: usize,
}

/// Bytes that count against an allowance, until dropped.
#[derive(Debug)]
pub(super) struct Held {
    bytes: usize,
    allowance: Allowance,
}

impl Allowance {
    pub(super) fn new(most: usize) -> Self {
        Self { used: Arc::default(), most }
    }

    /// Nothing yet, to add to.
    pub(super) fn hold(&self) -> Held {
        Held { bytes: 0, allowance: self.clone() }
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Counts more bytes; `false` if the server holds too much with them. They count either way.
    #[must_use]
    pub(super) fn add(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.allowance.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.allowance.most
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.allowance.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
