//! Queries of a transaction. Their results are read whole before they are answered: the next statement needs the
//! connection, and what it writes or undoes must not change rows that are still being read.

use std::sync::Arc;

use tonic::Status;

use crate::server::query::Query;
use crate::server::results::{BatchShape, Kept, LiveRows, ResultColumns};
use crate::server::scope::Scope;
use crate::server::sqlite::Stopper;
use crate::server::state::State;
use crate::server::statement::{keep_all, refuse_writing};
use crate::server::{blocking, update};

/// Runs a query in its transaction, whole; one that writes waits for the turn to write first.
pub(in super::super) async fn query(state: &Arc<State>, scope: Scope, query: Query, shape: BatchShape) -> Result<Kept, Status> {
    let (scope, kept) = {
        let query = query.clone();
        blocking::run(state, move |state, stopper| match read(state, &scope, &query, shape, stopper) {
            Ok(kept) => Ok((scope, kept)),
            Err(status) => scope.settle(Err(status)),
        })
        .await?
    };
    match kept {
        Some(kept) => Ok(kept),
        None => {
            let scope = scope.writing(&state.database).await?;
            update::returning(state, scope, query, shape, Stopper::default()).await
        }
    }
}

/// The result of a query, `None` if it writes.
fn read(state: &State, scope: &Scope, query: &Query, shape: BatchShape, stopper: &Stopper) -> Result<Option<Kept>, Status> {
    let cursor = scope.prepare(query.sql(), stopper)?;
    let runs = query.runs(&cursor)?;
    if !cursor.only_reads() {
        refuse_writing(state)?;
        return Ok(None);
    }
    let columns = ResultColumns::of(&cursor);
    let mut rows = LiveRows::sample_runs(cursor, runs, columns, shape)?;
    keep_all(state, &mut rows).map(Some)
}
