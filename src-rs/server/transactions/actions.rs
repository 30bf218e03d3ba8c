//! The actions that begin and end transactions and savepoints.

use std::sync::Arc;

use arrow_flight::sql::{
    ActionBeginSavepointRequest, ActionBeginSavepointResult, ActionBeginTransactionRequest, ActionBeginTransactionResult,
    ActionEndSavepointRequest, ActionEndTransactionRequest, EndTransaction,
};
use bytes::Bytes;
use tonic::Status;

use super::named::NamedTransaction;
use crate::server::auth::Caller;
use crate::server::blocking;
use crate::server::sqlite::TransactionConnection;
use crate::server::state::State;

/// The ends of a savepoint, whose names arrow-flight does not export.
const RELEASE: i32 = 1;
const ROLL_BACK: i32 = 2;

/// Begins a transaction; the client says nothing of it.
pub(in super::super) async fn begin(
    state: &Arc<State>,
    ActionBeginTransactionRequest {}: ActionBeginTransactionRequest,
    caller: Caller,
) -> Result<ActionBeginTransactionResult, Status> {
    state.transactions.check()?;
    let transaction_id = blocking::run(state, move |state, stopper| {
        let connection = TransactionConnection::begin(&state.database)?;
        if stopper.is_stopped() {
            return Err(Status::cancelled("nobody waits for the transaction any more"));
        }
        state.transactions.add(connection, caller, &state.keys)
    })
    .await?;
    Ok(ActionBeginTransactionResult { transaction_id })
}

/// Commits a transaction or rolls it back.
pub(in super::super) async fn end(state: &Arc<State>, request: ActionEndTransactionRequest, caller: Caller) -> Result<(), Status> {
    let id = request.transaction_id;
    let is_commit = match request.action.try_into() {
        Ok(EndTransaction::Commit) => true,
        Ok(EndTransaction::Rollback) => false,
        _ => return Err(wrong_end("EndTransaction", request.action, "COMMIT")),
    };
    let transaction = state.transactions.find(&NamedTransaction::new(id.clone(), caller))?.enter().await;
    // To the end even if nobody waits: the id must be gone with the transaction.
    blocking::run(state, move |state, _| {
        if is_commit {
            transaction.commit()?
        } else {
            transaction.roll_back()?
        }
        state.transactions.remove(&id);
        Ok(())
    })
    .await
}

/// Makes a savepoint. The client's name for it is its own affair: several may have the same.
pub(in super::super) async fn begin_savepoint(
    state: &Arc<State>,
    request: ActionBeginSavepointRequest,
    caller: Caller,
) -> Result<ActionBeginSavepointResult, Status> {
    let id = request.transaction_id;
    let mut transaction = state.transactions.find(&NamedTransaction::new(id.clone(), caller))?.enter().await;
    let number = blocking::run(state, move |_, _| transaction.begin_savepoint()).await?;
    Ok(ActionBeginSavepointResult { savepoint_id: [&id[..], &number.to_be_bytes()].concat().into() })
}

/// Releases a savepoint or rolls back to it.
pub(in super::super) async fn end_savepoint(state: &Arc<State>, request: ActionEndSavepointRequest, caller: Caller) -> Result<(), Status> {
    let is_release = match request.action {
        RELEASE => true,
        ROLL_BACK => false,
        other => return Err(wrong_end("EndSavepoint", other, "RELEASE")),
    };
    let (id, number) = request.savepoint_id.split_last_chunk().ok_or_else(|| Status::not_found("there is no savepoint of that id"))?;
    let number = u64::from_be_bytes(*number);
    let named = NamedTransaction::new(Bytes::copy_from_slice(id), caller);
    let mut transaction = state.transactions.find(&named)?.enter().await;
    blocking::run(state, move |_, _| match is_release {
        true => transaction.release_savepoint(number),
        false => transaction.roll_back_to_savepoint(number),
    })
    .await
}

fn wrong_end(action: &str, given: i32, first: &str) -> Status {
    Status::invalid_argument(format!("the end that {action} asks for is {given}; it must be 1 ({first}) or 2 (ROLLBACK)"))
}
