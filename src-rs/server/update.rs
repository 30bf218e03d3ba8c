//! Statements that change the database.

use std::sync::Arc;

use tonic::Status;

use super::blocking;
use super::query::Query;
use super::results::{BatchShape, Kept, ReturnedRows};
use super::sqlite::{Cursor, Runs};
use super::state::State;
use super::statement::refuse_writing;

/// Runs a statement for its effect, whole or not at all, and returns how many rows it changed: in all, if it runs for
/// several rows of values.
pub(super) async fn update(state: &Arc<State>, query: Query) -> Result<i64, Status> {
    refuse_writing(state)?;
    let turn = state.database.write_turn().await;
    blocking::run(state, move |state, stopper| {
        let _turn = turn;
        let cursor = Cursor::prepare(&state.database, query.sql(), stopper)?;
        let runs = query.runs(&cursor)?;
        if cursor.only_reads() {
            return Err(Status::invalid_argument("the statement changes nothing; run it as a query"));
        }
        let changed = cursor.run(runs, |_| Ok::<(), Status>(()))?;
        Ok(i64::try_from(changed).unwrap_or(i64::MAX))
    })
    .await
}

/// Runs a statement for its effect and for the rows that it returns. Blocks.
pub(super) fn run_returning(state: &State, cursor: Cursor, runs: Runs, shape: BatchShape) -> Result<Kept, Status> {
    let mut returned = ReturnedRows::new(&state.kept, &cursor, shape);
    cursor.run(runs, |cursor| returned.add(cursor))?;
    returned.finish()
}
