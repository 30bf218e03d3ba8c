//! What a statement runs in: a transaction of its own, or one that a client has begun.

use std::sync::Arc;

use tonic::Status;

use super::sqlite::{Cursor, Database, SqliteFailure, Stopper, WriteTurn};
use super::state::State;
use super::transactions::{InUse, NamedTransaction};

pub(super) enum Scope {
    /// A transaction of its own, on any connection.
    Alone { database: Arc<Database>, turn: Option<WriteTurn> },
    /// A client's transaction, for this statement alone.
    Transaction(Box<InUse>),
}

impl Scope {
    /// That of a statement which names a transaction, or none. Waits until no other statement of it runs.
    pub(super) async fn of(state: &State, named: Option<&NamedTransaction>) -> Result<Self, Status> {
        let Some(named) = named else {
            return Ok(Self::alone(state));
        };
        let transaction = state.transactions.find(named)?;
        Ok(Self::Transaction(Box::new(transaction.enter().await)))
    }

    pub(super) fn alone(state: &State) -> Self {
        Self::Alone { database: Arc::clone(&state.database), turn: None }
    }

    pub(super) fn is_transaction(&self) -> bool {
        matches!(self, Self::Transaction(_))
    }

    /// Waits for the turn to write, unless the transaction has it already.
    pub(super) async fn writing(mut self, database: &Database) -> Result<Self, Status> {
        match &mut self {
            Self::Alone { turn, .. } => *turn = Some(database.write_turn().await?),
            Self::Transaction(transaction) => transaction.take_write_turn(database).await?,
        }
        Ok(self)
    }

    /// The same for what takes as long as its client does: others do not wait for it without end.
    pub(super) async fn uploading(mut self, database: &Database) -> Result<Self, Status> {
        match &mut self {
            Self::Alone { turn, .. } => *turn = Some(database.transaction_write_turn().await?),
            Self::Transaction(transaction) => transaction.take_write_turn(database).await?,
        }
        Ok(self)
    }

    /// Prepares the one statement in `sql`, for `stopper` to stop when it runs. Blocks.
    pub(super) fn prepare(&self, sql: &str, stopper: &Stopper) -> Result<Cursor, Status> {
        let cursor = match self {
            Self::Alone { database, .. } => Cursor::prepare(database, sql, stopper),
            Self::Transaction(transaction) => transaction.connection()?.prepare(sql, stopper),
        };
        cursor.map_err(SqliteFailure::into)
    }

    /// What comes of a statement that has run: a failure may have ended the transaction, which it says then.
    pub(super) fn settle<T>(self, outcome: Result<T, Status>) -> Result<T, Status> {
        match (self, outcome) {
            (Self::Transaction(mut transaction), Err(status)) => Err(transaction.failed(status)),
            (_, outcome) => outcome,
        }
    }
}
