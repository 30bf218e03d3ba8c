//! Runs a polled query in the background.

use std::sync::Arc;

use tonic::{Code, Status};

use super::query::PolledQuery;
use crate::server::blocking;
use crate::server::queries::{self, Reading};
use crate::server::query::Query;
use crate::server::results::Kept;
use crate::server::scope::Scope;
use crate::server::sqlite::Stopper;
use crate::server::state::State;
use crate::server::statement::{self, Prepared};
use crate::server::update;

/// Begins `query`, whose computing is `reading`.
pub(super) fn start(state: &Arc<State>, query: &Arc<PolledQuery>, asked: Query, reading: Reading) {
    let (state, query) = (Arc::clone(state), Arc::clone(query));
    tokio::spawn(async move {
        let outcome = match compute(&state, &query, asked, &reading).await {
            // That it was stopped is no news; why is.
            Err(status) if status.code() == Code::Cancelled => Err(reading.go_on().err().unwrap_or(status)),
            Err(status) => Err(status),
            Ok(last) => reading.go_on().map(|()| last),
        };
        query.finish(&state.kept, outcome);
    });
}

/// Computes the result, and returns its last part, which nobody has been told of.
async fn compute(state: &Arc<State>, query: &Arc<PolledQuery>, asked: Query, reading: &Reading) -> Result<Kept, Status> {
    let (scope, last) = {
        let scope = Scope::alone(state);
        let (query, asked) = (Arc::clone(query), asked.clone());
        blocking::run_stopped_by(query.stopper.clone(), state, move |state, stopper| {
            let last = read(state, &scope, &query, &asked, stopper)?;
            Ok((scope, last))
        })
        .await?
    };
    let last = match last {
        Some(last) => last,
        None => {
            let token = reading.token();
            let scope = tokio::select! {
                scope = scope.writing(&state.database) => scope?,
                () = token.cancelled() => return Err(queries::cancelled()),
            };
            if query.stopper.is_stopped() {
                return Err(Status::cancelled("the statement was not run because nobody polls for its result"));
            }
            update::returning(state, scope, asked, query.options.shape, query.stopper.clone()).await?
        }
    };
    query.announce(last.schema());
    Ok(last)
}

/// Computes the result of a query that reads, and hands it out part by part but for the last; `None` if it writes.
/// Blocks.
///
/// Each part has as many batches as all before it, so that the first rows can be read at once, and the endpoints of
/// a result are few however small its batches are.
fn read(state: &Arc<State>, scope: &Scope, query: &PolledQuery, asked: &Query, stopper: &Stopper) -> Result<Option<Kept>, Status> {
    let shape = query.options.shape;
    let mut rows = match statement::prepare(state, scope, asked, shape, stopper)? {
        Prepared::Writes => return Ok(None),
        Prepared::Begun(rows) => rows,
        Prepared::Later(columns) => statement::begin(state, asked, &columns, shape, stopper)?,
    };
    query.announce(rows.schema());
    let mut part = state.kept.begin(Arc::clone(rows.schema()));
    let (mut before, mut batches) = (0, 0);
    while let Some(batch) = rows.next()? {
        part.push(batch)?;
        batches += 1;
        if batches >= before.max(1) && !rows.has_ended() {
            let next = state.kept.begin(Arc::clone(rows.schema()));
            query.add(&state.kept, std::mem::replace(&mut part, next));
            before += batches;
            batches = 0;
        }
    }
    Ok(Some(part))
}
