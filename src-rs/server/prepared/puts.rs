//! What clients upload for a prepared statement: values to bind, and updates to run.

use std::sync::Arc;

use tonic::Status;

use super::decode::{Brought, decode};
use super::statements::PreparedStatement;
use crate::server::auth::Caller;
use crate::server::query::Query;
use crate::server::sqlite::Binding;
use crate::server::state::State;
use crate::server::uploads::Upload;
use crate::server::{blocking, update as updates};

/// Binds the rows of an upload to a statement. No rows leave it without values.
pub(in super::super) async fn bind(state: &Arc<State>, handle: &[u8], upload: Upload, caller: Caller) -> Result<(), Status> {
    let statement = state.prepared.find(handle, caller)?;
    let brought = brought(state, &statement, upload, Binding::check).await?;
    statement.bind(brought.filter(|binding| binding.rows() > 0));
    Ok(())
}

/// Runs a statement for its effect, once for each row of the upload, all of them or none; if the upload has no columns,
/// with the values that are bound. Returns how many rows were changed.
pub(in super::super) async fn update(state: &Arc<State>, handle: &[u8], upload: Upload, caller: Caller) -> Result<i64, Status> {
    let statement = state.prepared.find(handle, caller)?;
    // What cannot be bound is found out by the run, which is undone then.
    let query = match brought(state, &statement, upload, |_| Ok(())).await? {
        Some(binding) => Query::bound(&statement, binding),
        None => Query::prepared(&statement),
    };
    updates::update(state, query).await
}

async fn brought(
    state: &Arc<State>,
    statement: &Arc<PreparedStatement>,
    upload: Upload,
    check: impl FnOnce(&Binding) -> Result<(), crate::server::sqlite::SqliteFailure> + Send + 'static,
) -> Result<Option<Arc<Binding>>, Status> {
    let received = upload.receive(state).await?;
    let statement = Arc::clone(statement);
    blocking::run(state, move |state, _| {
        match decode(received, statement.parameters(), &state.prepared, state.options.max_message_bytes)? {
            Brought::Nothing => Ok(None),
            Brought::Rows(binding) => {
                check(&binding)?;
                Ok(Some(Arc::new(binding)))
            }
        }
    })
    .await
}
