//! The actions that prepare a statement and forget it again.

use std::sync::Arc;

use arrow_flight::sql::{ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult};
use bytes::Bytes;
use tonic::Status;

use super::parameters;
use crate::server::auth::Caller;
use crate::server::blocking;
use crate::server::results::{ResultColumns, encapsulated};
use crate::server::scope::Scope;
use crate::server::state::State;
use crate::server::statement::refuse_writing;
use crate::server::transactions::NamedTransaction;

/// Prepares a statement, and keeps it under a handle.
pub(in super::super) async fn create(
    state: &Arc<State>,
    request: ActionCreatePreparedStatementRequest,
    caller: Caller,
) -> Result<ActionCreatePreparedStatementResult, Status> {
    let sql = request.query;
    let transaction = NamedTransaction::given(request.transaction_id, caller);
    let scope = Scope::of(state, transaction.as_ref()).await?;
    blocking::run(state, move |state, stopper| {
        let cursor = scope.prepare(&sql, stopper)?;
        let (parameters, columns, only_reads) = (cursor.parameter_names(), ResultColumns::of(&cursor), cursor.only_reads());
        cursor.finish();
        if !only_reads {
            refuse_writing(state)?;
        }
        let parameter_schema = encapsulated(&parameters::schema(&parameters))?;
        // A column whose type only values show is announced as one that has none.
        let dataset_schema = match columns.iter().len() {
            0 => Bytes::new(),
            _ => encapsulated(&columns.schema())?,
        };
        let prepared_statement_handle = state.prepared.add(caller, sql, parameters, transaction, &state.keys)?.into();
        Ok(ActionCreatePreparedStatementResult { prepared_statement_handle, dataset_schema, parameter_schema })
    })
    .await
}

/// Forgets a statement.
pub(in super::super) fn close(state: &State, request: &ActionClosePreparedStatementRequest, caller: Caller) -> Result<(), Status> {
    state.prepared.remove(&request.prepared_statement_handle, caller)
}
