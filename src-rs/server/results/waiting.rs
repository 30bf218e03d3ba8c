//! Results that were begun to learn their types, and wait for whoever asked to come back and read them.
//!
//! Without this, a query such as `SELECT count(*)` would run twice: once for its schema and once for its rows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::live::LiveRows;

/// How many may wait. Each has a connection and one batch; beyond, the one that has waited longest goes, and its
/// query runs again when it is read after all.
const MOST: usize = 64;

/// How long one waits. While it does, the log of the database grows with what is written.
const LIFETIME: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(in super::super) struct WaitingResults {
    by_id: Mutex<HashMap<u64, (LiveRows, Instant)>>,
    next_id: AtomicU64,
}

impl WaitingResults {
    /// Lets a result wait; the number, which is never 0, finds it again.
    pub(in super::super) fn wait(&self, rows: LiveRows) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1;
        let now = Instant::now();
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = match by_id.len() >= MOST {
            true => by_id.keys().min().copied().and_then(|oldest| by_id.remove(&oldest)),
            false => None,
        };
        by_id.insert(id, (rows, now + LIFETIME));
        // A statement is ended outside of the lock.
        drop(by_id);
        drop(gone);
        id
    }

    /// The result that waits under `id`, once.
    pub(in super::super) fn take(&self, id: u64) -> Option<LiveRows> {
        let taken = self.by_id.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        taken.map(|(rows, _)| rows)
    }

    /// Takes out what has waited too long. Dropping it ends statements, which can take a moment.
    pub(in super::super) fn expired(&self) -> Vec<LiveRows> {
        let now = Instant::now();
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let due: Vec<u64> = by_id.iter().filter(|(_, (_, until))| *until <= now).map(|(id, _)| *id).collect();
        due.iter().filter_map(|id| by_id.remove(id)).map(|(rows, _)| rows).collect()
    }

    pub(in super::super) fn count(&self) -> usize {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Lets go of everything.
    pub(in super::super) fn clear(&self) {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
