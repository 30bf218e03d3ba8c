//! A connection with a transaction open on it, for one statement after another.

use std::sync::Arc;

use rusqlite::TransactionState;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::connection::{Closed, Stopper};
use super::cursor::{Cursor, SAVEPOINT};
use super::database::{Database, Lease};
use super::failure::SqliteFailure;

/// A connection inside a transaction. Dropped, it is closed, which undoes what the transaction has written.
#[derive(Debug)]
pub(in super::super) struct TransactionConnection {
    /// Locked by the statement that runs on it.
    closed: Arc<AsyncMutex<Closed>>,
    database: Arc<Database>,
}

impl TransactionConnection {
    /// Begins a transaction that neither reads nor writes yet: its snapshot is that of its first statement. Blocks.
    pub(in super::super) fn begin(database: &Arc<Database>) -> Result<Self, SqliteFailure> {
        let closed = database.take()?;
        closed.authority.run_trusted(&closed.connection, "BEGIN DEFERRED")?;
        Ok(Self { closed: Arc::new(AsyncMutex::new(closed)), database: Arc::clone(database) })
    }

    /// Begins one that writes, for whoever has the turn to. Blocks.
    pub(in super::super) fn begin_writing(database: &Arc<Database>) -> Result<Self, SqliteFailure> {
        let closed = database.take()?;
        closed.authority.run_trusted(&closed.connection, "BEGIN IMMEDIATE")?;
        Ok(Self { closed: Arc::new(AsyncMutex::new(closed)), database: Arc::clone(database) })
    }

    /// Prepares a statement that runs once for each of many rows. Whoever runs it looks at `stopper` after every row: to
    /// interrupt a statement that writes would make SQLite undo the whole transaction. Blocks.
    pub(in super::super) fn prepare_for_rows(&self, sql: &str, stopper: &Stopper) -> Result<Cursor, SqliteFailure> {
        Cursor::prepare_on(self.database.patient_lease_of(self.closed()?, stopper)?, sql)
    }

    /// Begins a part of the transaction that is done as a whole or not at all, as one statement is. Blocks.
    pub(in super::super) fn begin_part(&self) -> Result<(), SqliteFailure> {
        self.trusted(SAVEPOINT.begin)
    }

    /// Ends a part and keeps what it did. Blocks.
    pub(in super::super) fn keep_part(&self) -> Result<(), SqliteFailure> {
        self.trusted(SAVEPOINT.keep)
    }

    /// Ends a part and undoes what it did. Blocks.
    pub(in super::super) fn undo_part(&self) -> Result<(), SqliteFailure> {
        self.trusted(SAVEPOINT.undo)
    }

    /// Prepares the one statement in `sql` on this connection, for `stopper` to stop when it runs. Blocks.
    pub(in super::super) fn prepare(&self, sql: &str, stopper: &Stopper) -> Result<Cursor, SqliteFailure> {
        Cursor::prepare_on(self.lease(stopper)?, sql)
    }

    /// Makes a savepoint. Blocks.
    pub(in super::super) fn begin_savepoint(&self, number: u64) -> Result<(), SqliteFailure> {
        self.trusted(&format!("SAVEPOINT s{number}"))
    }

    /// Keeps what was done since a savepoint, and ends it and all that are younger. Blocks.
    pub(in super::super) fn release_savepoint(&self, number: u64) -> Result<(), SqliteFailure> {
        self.trusted(&format!("RELEASE s{number}"))
    }

    /// Undoes what was done since a savepoint, and ends all that are younger. Blocks.
    pub(in super::super) fn roll_back_to_savepoint(&self, number: u64) -> Result<(), SqliteFailure> {
        self.trusted(&format!("ROLLBACK TO s{number}"))
    }

    /// Makes what was done last. What fails leaves the transaction open, unless [`is_over`](Self::is_over). Blocks.
    pub(in super::super) fn commit(&self) -> Result<(), SqliteFailure> {
        self.trusted("COMMIT")
    }

    /// Undoes what was done. Blocks.
    pub(in super::super) fn roll_back(&self) -> Result<(), SqliteFailure> {
        self.trusted("ROLLBACK")
    }

    /// Whether the transaction has ended, which some failures make SQLite do by itself.
    pub(in super::super) fn is_over(&self) -> bool {
        self.closed().is_ok_and(|closed| closed.connection.is_autocommit())
    }

    /// Whether the transaction has begun to write.
    pub(in super::super) fn writes(&self) -> bool {
        let state = self.closed().map(|closed| closed.connection.transaction_state(Some("main")));
        matches!(state, Ok(Ok(TransactionState::Write)))
    }

    /// Lets go of the connection, once the transaction is over: others may have it.
    pub(in super::super) fn give_back(self) {
        if let Some(closed) = Arc::into_inner(self.closed).map(AsyncMutex::into_inner)
            && closed.connection.is_autocommit()
        {
            self.database.keep(closed);
        }
    }

    fn trusted(&self, sql: &str) -> Result<(), SqliteFailure> {
        // A statement that was stopped must not stop this.
        let lease = self.lease(&Stopper::default())?;
        Ok(lease.authority().run_trusted(lease.connection(), sql)?)
    }

    fn lease(&self, stopper: &Stopper) -> Result<Lease, SqliteFailure> {
        self.database.lease_of(self.closed()?, stopper)
    }

    fn closed(&self) -> Result<OwnedMutexGuard<Closed>, SqliteFailure> {
        Arc::clone(&self.closed).try_lock_owned().map_err(|_| SqliteFailure::misuse("a statement of the transaction runs already"))
    }
}
