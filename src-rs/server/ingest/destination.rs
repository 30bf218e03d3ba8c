//! The transaction that rows are written in: one of their own, or a part of one that a client has begun.

use tonic::Status;

use crate::server::scope::Scope;
use crate::server::sqlite::{Cursor, SqliteFailure, Stopper, TransactionConnection};

/// Where rows are written, until they are kept or undone. Blocks, but for where it says something else.
pub(super) struct Destination {
    /// That of a transaction of their own. Before the scope, which has the turn to write.
    own: Option<TransactionConnection>,
    scope: Scope,
}

impl Destination {
    /// Begins in `scope`, which has the turn to write.
    pub(super) fn begin(scope: Scope) -> Result<Self, Status> {
        let own = match &scope {
            Scope::Alone { database, .. } => Some(TransactionConnection::begin_writing(database)?),
            Scope::Transaction(_) => None,
        };
        let destination = Self { own, scope };
        if destination.own.is_none() {
            destination.connection()?.begin_part()?;
        }
        Ok(destination)
    }

    fn connection(&self) -> Result<&TransactionConnection, Status> {
        match (&self.own, &self.scope) {
            (Some(own), _) => Ok(own),
            (None, Scope::Transaction(transaction)) => transaction.connection(),
            (None, Scope::Alone { .. }) => Err(Status::internal("the rows have no connection")),
        }
    }

    /// Prepares a statement that runs once.
    pub(super) fn prepare(&self, sql: &str, stopper: &Stopper) -> Result<Cursor, Status> {
        self.connection()?.prepare(sql, stopper).map_err(SqliteFailure::into)
    }

    /// Prepares a statement that runs for each row, and is stopped between two.
    pub(super) fn prepare_for_rows(&self, sql: &str, stopper: &Stopper) -> Result<Cursor, Status> {
        self.connection()?.prepare_for_rows(sql, stopper).map_err(SqliteFailure::into)
    }

    /// Makes the rows last, or undoes them if that fails.
    pub(super) fn keep(self) -> Result<(), Status> {
        let kept = self.connection().and_then(|connection| {
            match self.own {
                Some(_) => connection.commit(),
                None => connection.keep_part(),
            }
            .map_err(SqliteFailure::into)
        });
        match kept {
            Ok(()) => {
                self.give_back();
                Ok(())
            }
            Err(status) => Err(self.undo(status)),
        }
    }

    /// Undoes the rows because of `status`, and returns it with what else came of that.
    pub(super) fn undo(self, status: Status) -> Status {
        if let Ok(connection) = self.connection()
            && !connection.is_over()
        {
            // Where that fails in a transaction of their own its connection is closed, which undoes as well.
            let undone = match self.own {
                Some(_) => connection.roll_back(),
                None => connection.undo_part(),
            };
            if let (Err(failure), None) = (undone, &self.own) {
                let message = format!("{}; and what was written before is still there: {failure}; roll it back", status.message());
                return Status::new(status.code(), message);
            }
        }
        match self.give_back() {
            Some(scope) => scope.settle(Err::<(), _>(status.clone())).err().unwrap_or(status),
            None => status,
        }
    }

    /// Lets go of a connection of its own; the transaction of a client is left.
    fn give_back(self) -> Option<Scope> {
        match self.own {
            Some(own) => {
                own.give_back();
                None
            }
            None => Some(self.scope),
        }
    }
}
