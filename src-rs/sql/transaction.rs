//! Transactions and savepoints.

use arrow_flight::sql::{
    ActionBeginSavepointRequest, ActionBeginSavepointResult, ActionBeginTransactionRequest, ActionBeginTransactionResult,
    ActionEndSavepointRequest, ActionEndTransactionRequest, EndTransaction,
};
use bytes::Bytes;

use super::action::first;
use super::client::Client;
use crate::error::Result;
use crate::transport::call::Call;

const BEGIN: &str = "BeginTransaction";
const END: &str = "EndTransaction";
const BEGIN_SAVEPOINT: &str = "BeginSavepoint";
const END_SAVEPOINT: &str = "EndSavepoint";

/// The two ways to end a savepoint, as the protocol numbers them; arrow-flight does not export its names for them.
const RELEASE: i32 = 1;
const ROLLBACK: i32 = 2;

/// How something that can be undone ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A transaction is committed, a savepoint released.
    Keep,
    Undo,
}

impl Client {
    /// Begins a transaction and returns its id.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn begin_transaction(&self, call: &Call) -> Result<Bytes> {
        let work = async {
            let answer: ActionBeginTransactionResult = first(BEGIN, &self.action(BEGIN, &ActionBeginTransactionRequest {}, call).await?)?;
            Ok(answer.transaction_id)
        };
        call.bound(work).await
    }

    /// Commits a transaction or rolls it back.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn end_transaction(&self, transaction: Bytes, ending: Ending, call: &Call) -> Result<()> {
        let action = match ending {
            Ending::Keep => EndTransaction::Commit,
            Ending::Undo => EndTransaction::Rollback,
        };
        let request = ActionEndTransactionRequest { transaction_id: transaction, action: action as i32 };
        call.bound(async { self.action(END, &request, call).await.map(drop) }).await
    }

    /// Begins a savepoint within a transaction and returns its id.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn begin_savepoint(&self, transaction: Bytes, name: String, call: &Call) -> Result<Bytes> {
        let request = ActionBeginSavepointRequest { transaction_id: transaction, name };
        let work = async {
            let answer: ActionBeginSavepointResult = first(BEGIN_SAVEPOINT, &self.action(BEGIN_SAVEPOINT, &request, call).await?)?;
            Ok(answer.savepoint_id)
        };
        call.bound(work).await
    }

    /// Releases a savepoint, or undoes what was done since.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn end_savepoint(&self, savepoint: Bytes, ending: Ending, call: &Call) -> Result<()> {
        let action = match ending {
            Ending::Keep => RELEASE,
            Ending::Undo => ROLLBACK,
        };
        let request = ActionEndSavepointRequest { savepoint_id: savepoint, action };
        call.bound(async { self.action(END_SAVEPOINT, &request, call).await.map(drop) }).await
    }
}
