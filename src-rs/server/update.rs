//! Statements that change the database.

use std::sync::Arc;

use tonic::Status;

use super::blocking;
use super::query::Query;
use super::results::{BatchShape, Kept, ReturnedRows};
use super::scope::Scope;
use super::sqlite::Stopper;
use super::state::State;
use super::statement::refuse_writing;

/// Runs a statement for its effect, whole or not at all, and returns how many rows it changed: in all, if it runs for
/// several rows of values.
pub(super) async fn update(state: &Arc<State>, query: Query) -> Result<i64, Status> {
    refuse_writing(state)?;
    let scope = Scope::of(state, query.transaction()).await?.writing(&state.database).await?;
    blocking::run(state, move |_, stopper| {
        let changed = changed(&scope, &query, stopper);
        scope.settle(changed)
    })
    .await
}

fn changed(scope: &Scope, query: &Query, stopper: &Stopper) -> Result<i64, Status> {
    let cursor = scope.prepare(query.sql(), stopper)?;
    let runs = query.runs(&cursor)?;
    if cursor.only_reads() {
        return Err(Status::invalid_argument("the statement changes nothing; run it as a query"));
    }
    let changed = cursor.run(runs, |_| Ok::<(), Status>(()))?;
    Ok(i64::try_from(changed).unwrap_or(i64::MAX))
}

/// Runs a statement once, for its effect and for the rows that it returns; `scope` has the turn to write.
pub(super) async fn returning(state: &Arc<State>, scope: Scope, query: Query, shape: BatchShape, stopper: Stopper) -> Result<Kept, Status> {
    blocking::run_stopped_by(stopper, state, move |state, stopper| {
        let kept = returned(state, &scope, &query, shape, stopper);
        scope.settle(kept)
    })
    .await
}

fn returned(state: &State, scope: &Scope, query: &Query, shape: BatchShape, stopper: &Stopper) -> Result<Kept, Status> {
    let cursor = scope.prepare(query.sql(), stopper)?;
    let runs = query.runs(&cursor)?;
    let mut returned = ReturnedRows::new(&state.kept, &cursor, shape);
    cursor.run(runs, |cursor| returned.add(cursor))?;
    returned.finish()
}
