//! Bulk ingestion: the record batches of an upload as the rows of a table.
//!
//! Rows are written as they arrive, a message at a time, so that an upload of any length takes the memory of one message.
//! All of them are there when the upload has ended well, or none: alone they are a transaction, and in a transaction of the
//! client what one statement is.

mod command;
mod destination;
mod loading;
mod rows;
mod sql;
mod table;

use std::sync::Arc;

use arrow_flight::sql::CommandStatementIngest;
use tonic::Status;

use super::auth::Caller;
use super::blocking;
use super::scope::Scope;
use super::state::State;
use super::statement::refuse_writing;
use super::uploads::{IncomingBatches, Upload};
use command::Target;
use loading::Loading;

/// Writes an upload into a table. Returns how many rows were written.
pub(super) async fn ingest(state: &Arc<State>, command: CommandStatementIngest, upload: Upload, caller: Caller) -> Result<i64, Status> {
    refuse_writing(state)?;
    let target = Target::of(command, caller)?;
    let mut incoming = IncomingBatches::new(upload, state);
    // Until rows come nobody waits for this client.
    let mut received = incoming.next(state).await?;
    let schema = incoming.schema();
    let scope = Scope::of(state, target.transaction.as_ref()).await?.uploading(&state.database).await?;
    let mut loading = blocking::run(state, move |_, _| Loading::begin(scope, &target, schema)).await?;
    while let Some(batches) = received {
        loading = loading.write(state, batches).await?;
        received = incoming.next_within(state.options.transaction_timeout, state).await?;
    }
    loading.finish(state).await
}
