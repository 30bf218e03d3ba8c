//! Which reads of which query are under way, and which queries were cancelled.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::sqlite::Stopper;

/// How many cancelled queries are remembered. A ticket of one that was cancelled longer ago reads again, which harms
/// nobody; a ticket does not expire, so that remembering all of them would take memory without end.
const REMEMBERED: usize = 100_000;

/// Every query whose tickets were given out, as far as anything has to be known of it.
#[derive(Debug)]
pub(super) struct Queries {
    shared: Arc<Shared>,
    next_id: AtomicU64,
}

#[derive(Debug)]
struct Shared {
    known: Mutex<Known>,
    /// Told whenever a read ends.
    ended: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Known {
    /// By the number of the read.
    reads: HashMap<u64, Read>,
    cancelled: BTreeSet<u64>,
    next_read: u64,
}

#[derive(Debug)]
struct Read {
    query: u64,
    stopper: Stopper,
    token: CancellationToken,
}

/// One read of a query, or its computing, until dropped.
#[derive(Debug)]
pub(super) struct Reading {
    number: u64,
    token: CancellationToken,
    shared: Arc<Shared>,
}

impl Default for Queries {
    fn default() -> Self {
        let shared = Shared { known: Mutex::default(), ended: watch::Sender::default() };
        Self { shared: Arc::new(shared), next_id: AtomicU64::new(1) }
    }
}

impl Queries {
    /// The number of a new query, which its tickets carry.
    pub(super) fn number(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Begins a read of a query, which `stopper` stops; refused if the query was cancelled.
    pub(super) fn begin(&self, query: u64, stopper: &Stopper) -> Result<Reading, Status> {
        let mut known = self.shared.known();
        if known.cancelled.contains(&query) {
            return Err(refused());
        }
        known.next_read += 1;
        let number = known.next_read;
        let token = CancellationToken::new();
        known.reads.insert(number, Read { query, stopper: stopper.clone(), token: token.clone() });
        Ok(Reading { number, token, shared: Arc::clone(&self.shared) })
    }

    /// Refuses a query that was cancelled.
    pub(super) fn refuse_cancelled(&self, query: u64) -> Result<(), Status> {
        match self.shared.known().cancelled.contains(&query) {
            true => Err(refused()),
            false => Ok(()),
        }
    }

    /// Stops every read of these queries that is under way, and refuses all to come.
    pub(super) fn cancel(&self, queries: &BTreeSet<u64>) {
        let mut known = self.shared.known();
        known.cancelled.extend(queries);
        while known.cancelled.len() > REMEMBERED {
            known.cancelled.pop_first();
        }
        for read in known.reads.values().filter(|read| queries.contains(&read.query)) {
            read.stopper.stop();
            read.token.cancel();
        }
    }

    /// Waits until no read of these queries is under way.
    pub(super) async fn ended(&self, queries: &BTreeSet<u64>) {
        let mut ended = self.shared.ended.subscribe();
        while self.shared.known().reads.values().any(|read| queries.contains(&read.query)) {
            // An error says that the server is gone, and its reads with it.
            if ended.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// Cancelled when the query is.
    pub(super) fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Refuses to go on once the query is cancelled.
    pub(super) fn go_on(&self) -> Result<(), Status> {
        match self.token.is_cancelled() {
            true => Err(cancelled()),
            false => Ok(()),
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.shared.known().reads.remove(&self.number);
        self.shared.ended.send_replace(());
    }
}

/// What ends a read of a query that is cancelled.
pub(super) fn cancelled() -> Status {
    Status::cancelled("the query was cancelled")
}

fn refused() -> Status {
    Status::cancelled("the query of this ticket was cancelled; run it again for new tickets")
}
