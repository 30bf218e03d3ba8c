//! One transaction: its connection, its turn to write, its savepoints, and who uses it at this moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tonic::Status;

use super::savepoints::Savepoints;
use crate::server::auth::Caller;
use crate::server::sqlite::{Database, TransactionConnection, WriteTurn};

/// A transaction that a client has begun.
#[derive(Debug)]
pub(in super::super) struct Transaction {
    /// Who began it.
    caller: Caller,
    used: Mutex<Instant>,
    /// Locked by whoever uses it: calls of one transaction take their turns.
    inside: Arc<AsyncMutex<Inside>>,
}

#[derive(Debug)]
struct Inside {
    /// Gone when the transaction has ended.
    connection: Option<TransactionConnection>,
    /// Why SQLite ended it by itself, if it did.
    lost: Option<String>,
    /// What is answered once it has ended otherwise.
    ended: Status,
    /// From the first statement that writes.
    write_turn: Option<WriteTurn>,
    savepoints: Savepoints,
}

/// A transaction, for one call alone.
#[derive(Debug)]
pub(in super::super) struct InUse {
    inside: OwnedMutexGuard<Inside>,
    transaction: Arc<Transaction>,
}

impl Transaction {
    /// `ended` is what is answered to whoever comes when it has ended.
    pub(super) fn new(connection: TransactionConnection, caller: Caller, ended: Status) -> Self {
        let connection = Some(connection);
        let inside = Inside { connection, lost: None, ended, write_turn: None, savepoints: Savepoints::default() };
        Self { caller, used: Mutex::new(Instant::now()), inside: Arc::new(AsyncMutex::new(inside)) }
    }

    pub(super) fn belongs_to(&self, caller: Caller) -> bool {
        self.caller == caller
    }

    /// Waits until the calls before have ended.
    pub(in super::super) async fn enter(self: Arc<Self>) -> InUse {
        let inside = Arc::clone(&self.inside).lock_owned().await;
        InUse { inside, transaction: self }
    }

    /// `None` if it is in use, or was less than `timeout` ago.
    pub(super) fn enter_if_idle_for(self: &Arc<Self>, timeout: Duration) -> Option<InUse> {
        let inside = Arc::clone(&self.inside).try_lock_owned().ok()?;
        let is_idle = self.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= timeout;
        is_idle.then(|| InUse { inside, transaction: Arc::clone(self) })
    }

    /// Says that it is used now.
    pub(super) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl InUse {
    /// Its connection, as long as the transaction has not ended.
    pub(in super::super) fn connection(&self) -> Result<&TransactionConnection, Status> {
        self.inside.connection.as_ref().ok_or_else(|| self.inside.why_ended())
    }

    /// Waits for the turn to write, unless the transaction has it already.
    pub(in super::super) async fn take_write_turn(&mut self, database: &Database) -> Result<(), Status> {
        self.connection()?;
        if self.inside.write_turn.is_none() {
            let turn = database.transaction_write_turn().await?;
            if database.is_stopping() {
                return Err(Status::unavailable("the server is stopping"));
            }
            self.inside.write_turn = Some(turn);
        }
        Ok(())
    }

    /// The failure of a statement, which may have ended the transaction: it says so then, and so do later calls.
    pub(in super::super) fn failed(&mut self, status: Status) -> Status {
        if !self.inside.is_over() {
            return status;
        }
        self.inside.lose(status.message());
        Status::new(status.code(), format!("{}; SQLite has rolled the whole transaction back", status.message()))
    }

    /// Makes a savepoint and tells its number. Blocks.
    pub(super) fn begin_savepoint(&mut self) -> Result<u64, Status> {
        let connection = self.connection()?;
        let number = self.inside.savepoints.next()?;
        connection.begin_savepoint(number)?;
        self.inside.savepoints.add(number);
        Ok(number)
    }

    /// Keeps what was done since a savepoint. Blocks.
    pub(super) fn release_savepoint(&mut self, number: u64) -> Result<(), Status> {
        let connection = self.connection()?;
        self.inside.savepoints.check(number)?;
        connection.release_savepoint(number)?;
        self.inside.savepoints.release(number);
        Ok(())
    }

    /// Undoes what was done since a savepoint, which stays. Blocks.
    pub(super) fn roll_back_to_savepoint(&mut self, number: u64) -> Result<(), Status> {
        let connection = self.connection()?;
        self.inside.savepoints.check(number)?;
        connection.roll_back_to_savepoint(number)?;
        self.inside.savepoints.roll_back_to(number);
        Ok(())
    }

    /// Makes what was done last. If that fails the transaction stays open, unless SQLite has ended it. Blocks.
    pub(super) fn commit(mut self) -> Result<(), Status> {
        if let Err(failure) = self.connection()?.commit() {
            return Err(self.failed(failure.into()));
        }
        self.inside.end();
        Ok(())
    }

    /// Undoes what was done; what SQLite has undone already, too. Blocks.
    pub(super) fn roll_back(mut self) -> Result<(), Status> {
        if self.inside.lost.is_none() {
            self.connection()?.roll_back()?;
        }
        self.inside.end();
        Ok(())
    }

    /// Undoes what was done, for a client that has not ended its transaction. Blocks.
    pub(in super::super) fn abandon(mut self) {
        if let Some(connection) = &self.inside.connection {
            // Where that fails the connection is closed, which undoes as well.
            let _ = connection.roll_back();
        }
        self.inside.end();
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.transaction.touch();
        if std::thread::panicking() {
            // Nobody knows what has been done; closing the connection undoes it.
            self.inside.connection = None;
            self.inside.lose("the server failed");
        } else if self.inside.is_over() {
            self.inside.lose("the reason is not known");
        }
        self.inside.let_others_write();
    }
}

impl Inside {
    /// Whether SQLite has ended the transaction by itself.
    fn is_over(&self) -> bool {
        self.connection.as_ref().is_some_and(TransactionConnection::is_over)
    }

    fn lose(&mut self, why: &str) {
        self.end();
        self.lost = Some(why.to_owned());
    }

    fn end(&mut self) {
        self.lost = None;
        if let Some(connection) = self.connection.take() {
            connection.give_back();
        }
        self.write_turn = None;
        self.savepoints.clear();
    }

    /// A statement that failed may have written nothing.
    fn let_others_write(&mut self) {
        if !self.connection.as_ref().is_some_and(TransactionConnection::writes) {
            self.write_turn = None;
        }
    }

    fn why_ended(&self) -> Status {
        match &self.lost {
            Some(why) => Status::aborted(format!(
                "SQLite has rolled the transaction back, as a statement of it failed: {why}; end it by a rollback, and begin anew"
            )),
            None => self.ended.clone(),
        }
    }
}
