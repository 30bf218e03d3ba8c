//! Cancelling a query by its `FlightInfo`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::sql::{ActionCancelQueryRequest, ActionCancelQueryResult};
use arrow_flight::{CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightInfo};
use prost::Message;
use tonic::Status;

use super::polling::PollHandle;
use super::state::State;
use super::ticket::{Source, StatementTicket};

/// How long an answer waits for what was stopped to end. SQLite looks up every thousand instructions, so it is a
/// statement in a single long step, such as a sort, that takes longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a `FlightInfo` leads to.
#[derive(Debug, Default)]
struct Targets {
    queries: BTreeSet<u64>,
    waiting: Vec<u64>,
    kept: BTreeSet<u64>,
}

/// Answers the action `CancelFlightInfo`: stops every read of the query, and lets go of its result.
///
/// `CANCELLED` says that nothing runs for it any more, `CANCELLING` that something has been told to stop and has not
/// yet, `NOT_CANCELLABLE` that it is the info of no statement. What a statement has written stays written.
pub(super) async fn cancel_flight_info(state: &Arc<State>, request: CancelFlightInfoRequest) -> Result<CancelFlightInfoResult, Status> {
    let info = request.info.ok_or_else(|| Status::invalid_argument("the request names no FlightInfo to cancel"))?;
    let status = cancel(state, &info).await? as i32;
    Ok(CancelFlightInfoResult { status })
}

/// Answers Flight SQL's older action `CancelQuery`, which does the same.
pub(super) async fn cancel_query(state: &Arc<State>, request: ActionCancelQueryRequest) -> Result<ActionCancelQueryResult, Status> {
    let info = FlightInfo::decode(request.info)
        .map_err(|error| Status::invalid_argument(format!("the request holds no encoded FlightInfo to cancel: {error}")))?;
    // Its numbers are those of `CancelStatus`.
    let result = cancel(state, &info).await? as i32;
    Ok(ActionCancelQueryResult { result })
}

async fn cancel(state: &Arc<State>, info: &FlightInfo) -> Result<CancelStatus, Status> {
    let targets = Targets::of(state, info)?;
    if targets.queries.is_empty() {
        return Ok(CancelStatus::NotCancellable);
    }
    // First of all, so that no read can begin between the steps below.
    state.queries.cancel(&targets.queries);
    for query in targets.queries.iter().filter_map(|query| state.polled.remove(*query)) {
        query.forget(&state.kept);
    }
    for id in &targets.kept {
        state.kept.forget(*id);
    }
    let waiting: Vec<_> = targets.waiting.iter().filter_map(|id| state.waiting.take(*id)).collect();
    let dropped = tokio::task::spawn_blocking(move || drop(waiting));
    let ended = async {
        // A panic while a statement is ended has ended it as well.
        let _ = dropped.await;
        state.queries.ended(&targets.queries).await;
    };
    match tokio::time::timeout(PATIENCE, ended).await {
        Ok(()) => Ok(CancelStatus::Cancelled),
        Err(_) => Ok(CancelStatus::Cancelling),
    }
}

impl Targets {
    fn of(state: &State, info: &FlightInfo) -> Result<Self, Status> {
        let mut targets = Self::default();
        // A polled query can be cancelled before it has anything to read.
        targets.queries.extend(PollHandle::open(&info.app_metadata, &state.keys).map(|handle| handle.query));
        if info.endpoint.is_empty() && targets.queries.is_empty() {
            return Err(Status::not_found("the FlightInfo has no endpoints to know its query by"));
        }
        for endpoint in &info.endpoint {
            if let Some(ticket) = StatementTicket::of_endpoint(endpoint, &state.keys)? {
                targets.add(ticket);
            }
        }
        Ok(targets)
    }

    fn add(&mut self, ticket: StatementTicket) {
        self.queries.insert(ticket.query);
        match ticket.source {
            Some(Source::Query(source)) => self.waiting.push(source.waiting),
            Some(Source::Kept(source)) => {
                self.kept.insert(source.id);
            }
            None => {}
        }
    }
}
