//! The actions that prepare a statement and forget it again.

use std::sync::Arc;

use arrow_flight::sql::{ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest};
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
use crate::sql::prepared::CreatedPreparedStatement;

/// Prepares a statement, and keeps it under a handle.
pub(in super::super) async fn create(
    state: &Arc<State>,
    request: ActionCreatePreparedStatementRequest,
    caller: Caller,
) -> Result<CreatedPreparedStatement, Status> {
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
        let returns_nothing = columns.iter().len() == 0;
        let result_schema = if returns_nothing { Bytes::new() } else { encapsulated(&columns.schema())? };
        let handle = state.prepared.add(caller, sql, parameters, transaction, &state.keys)?.into();
        // What returns rows is read as a query, whether or not it writes.
        Ok(CreatedPreparedStatement { handle, result_schema, parameter_schema, is_update: Some(returns_nothing) })
    })
    .await
}

/// Forgets a statement.
pub(in super::super) fn close(state: &State, request: &ActionClosePreparedStatementRequest, caller: Caller) -> Result<(), Status> {
    state.prepared.remove(&request.prepared_statement_handle, caller)
}
