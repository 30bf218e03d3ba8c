//! The turn to write: SQLite lets one connection write at a time, and whoever waits for it here does not fail.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::Instant;
use tonic::Status;

/// The writers of one database, of which one has the turn.
#[derive(Debug)]
pub(super) struct Writers {
    turn: Arc<AsyncMutex<()>>,
    /// Since when a transaction of a client has the turn, if one has it.
    transaction_since: Arc<Mutex<Option<Instant>>>,
    patience: Duration,
}

/// The right to write: one statement, or one transaction, at a time has it.
#[derive(Debug)]
pub(in super::super) struct WriteTurn {
    /// Set if it is a transaction that has the turn.
    transaction_since: Option<Arc<Mutex<Option<Instant>>>>,
    _turn: OwnedMutexGuard<()>,
}

impl Writers {
    pub(super) fn new(patience: Duration) -> Self {
        Self { turn: Arc::default(), transaction_since: Arc::default(), patience }
    }

    /// Waits for the turn, for one statement.
    ///
    /// Statements alone are waited for as long as they take. A transaction waits for its client, so that behind one the
    /// wait ends with `UNAVAILABLE` when it has lasted for `write_wait`.
    pub(super) async fn turn(&self) -> Result<WriteTurn, Status> {
        let begun = Instant::now();
        let mut turn = pin!(Arc::clone(&self.turn).lock_owned());
        loop {
            let behind_since = self.transaction_since().map(|since| since.max(begun));
            if behind_since.is_some_and(|since| since.elapsed() >= self.patience) {
                return Err(Status::unavailable(format!(
                    "another transaction has written and not ended for {:?} (write_wait), and one writes at a time; end it, or try again",
                    self.patience
                )));
            }
            let next_look = behind_since.unwrap_or_else(Instant::now) + self.patience;
            tokio::select! {
                biased;
                turn = &mut turn => return Ok(WriteTurn { transaction_since: None, _turn: turn }),
                () = tokio::time::sleep_until(next_look) => {}
            }
        }
    }

    /// The same for a transaction, which has the turn until it ends.
    pub(super) async fn transaction_turn(&self) -> Result<WriteTurn, Status> {
        let mut turn = self.turn().await?;
        *self.transaction_since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        turn.transaction_since = Some(Arc::clone(&self.transaction_since));
        Ok(turn)
    }

    fn transaction_since(&self) -> Option<Instant> {
        *self.transaction_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WriteTurn {
    fn drop(&mut self) {
        // Before the turn goes on: the next one may be a transaction's.
        if let Some(since) = &self.transaction_since {
            *since.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}
