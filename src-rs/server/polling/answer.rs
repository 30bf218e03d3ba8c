//! What a poll is answered with.

use std::sync::Arc;

use arrow_flight::sql::TicketStatementQuery;
use arrow_flight::{FlightDescriptor, FlightEndpoint, FlightInfo, PollInfo};
use tonic::Status;

use super::handle::PollHandle;
use super::query::{Part, PolledQuery, Progress};
use super::run;
use crate::server::call::CallOptions;
use crate::server::query::Query;
use crate::server::state::State;
use crate::server::statement::{expire_at, expired, timestamp, with_schema};
use crate::server::ticket::{KeptSource, Source, StatementTicket};

/// Begins a query in the background, and answers how far it is after a moment.
///
/// A statement that writes runs once, however often it is polled.
pub(in super::super) async fn begin(
    state: &Arc<State>,
    asked: Query,
    options: CallOptions,
    descriptor: FlightDescriptor,
) -> Result<PollInfo, Status> {
    let query = Arc::new(PolledQuery::new(state.queries.number(), descriptor, options));
    let reading = state.queries.begin(query.number, &query.stopper)?;
    state.polled.add(Arc::clone(&query))?;
    let mut untold = Untold { state, query: &query, is_told: false };
    run::start(state, &query, asked, reading);
    let answer = answer(state, &query, 0).await?;
    untold.is_told = answer.flight_descriptor.is_some();
    Ok(answer)
}

/// Answers how far a query is that was polled before.
pub(in super::super) async fn again(state: &Arc<State>, command: &TicketStatementQuery) -> Result<PollInfo, Status> {
    let handle = PollHandle::open(&command.statement_handle, &state.keys).ok_or_else(|| {
        Status::invalid_argument("the descriptor to poll with was not made by this server since it started, or was changed on the way")
    })?;
    state.queries.refuse_cancelled(handle.query)?;
    let query = state.polled.find(handle.query).ok_or_else(|| {
        Status::not_found(format!(
            "the query is not known any more: nobody polled it for {} s; begin it again",
            state.polled.lifetime().as_secs_f32()
        ))
    })?;
    answer(state, &query, handle.seen).await
}

/// The answer for what is there as a whole.
pub(in super::super) fn whole(info: FlightInfo) -> PollInfo {
    PollInfo { info: Some(info), flight_descriptor: None, progress: Some(1.0), expiration_time: None }
}

async fn answer(state: &State, query: &PolledQuery, seen: u64) -> Result<PollInfo, Status> {
    query.renew(&state.kept);
    let progress = query.progress(seen, state.polled.patience()).await;
    let is_over = match &progress.outcome {
        Some(Err(status)) => return Err(status.clone()),
        Some(Ok(())) => true,
        None => false,
    };
    let handle = PollHandle { query: query.number, seen: progress.parts.len() as u64 };
    let mut info = info(state, query, &progress)?;
    // What the query is cancelled by, even before it has an endpoint.
    info.app_metadata = handle.seal(&state.keys).into();
    if is_over {
        info.total_records = progress.parts.iter().map(|part| i64::try_from(part.rows).unwrap_or(i64::MAX)).sum();
        return Ok(whole(info));
    }
    let mut answer =
        PollInfo { info: Some(info), flight_descriptor: Some(handle.descriptor(&state.keys)), progress: None, expiration_time: None };
    let expiration = answer.expiration_time.get_or_insert_default();
    (expiration.seconds, expiration.nanos) = timestamp(state.polled.expires());
    Ok(answer)
}

/// Everything that can be read of a query. Its schema is empty while it is not known.
fn info(state: &State, query: &PolledQuery, progress: &Progress) -> Result<FlightInfo, Status> {
    let endpoints = progress.parts.iter().map(|part| endpoint(state, query, *part)).collect::<Result<_, _>>()?;
    let info = FlightInfo::new().with_descriptor(query.descriptor.clone()).with_endpoints(endpoints).with_ordered(query.options.ordered);
    match &progress.schema {
        Some(schema) => with_schema(info, schema),
        None => Ok(info),
    }
}

/// A part, which is kept for as long as somebody polls and its lifetime from then on.
fn endpoint(state: &State, query: &PolledQuery, part: Part) -> Result<FlightEndpoint, Status> {
    let expires = state.kept.renew(part.kept).ok_or_else(|| expired(state))?;
    let source = KeptSource { id: part.kept, start: 0, end: part.rows };
    let ticket = StatementTicket::new(query.number, Source::Kept(source), query.options.shape).seal(&state.keys);
    let mut endpoint = FlightEndpoint::new().with_ticket(ticket);
    expire_at(&mut endpoint, expires);
    Ok(endpoint)
}

/// A query whose client does not know what to poll with: when it goes away, nobody can ask for the query again.
struct Untold<'a> {
    state: &'a State,
    query: &'a PolledQuery,
    is_told: bool,
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            self.query.stopper.stop();
            self.state.polled.remove(self.query.number);
        }
    }
}
