//! Renewing endpoints: a result that is kept is kept for longer, and so are values that are kept for a ticket.

use arrow_flight::{FlightEndpoint, RenewFlightEndpointRequest};
use tonic::Status;

use super::query::values_expired;
use super::state::State;
use super::statement::{expire_at, expired};
use super::ticket::{QuerySource, Source, StatementTicket, Values};

/// Answers the action `RenewFlightEndpoint`: the endpoint is good for as long again as when it was given out, and with it every other
/// endpoint of the same result. Its ticket stays the same.
pub(super) fn renew(state: &State, request: &RenewFlightEndpointRequest) -> Result<FlightEndpoint, Status> {
    let endpoint = request.endpoint.as_ref().ok_or_else(|| Status::invalid_argument("the request names no endpoint to renew"))?;
    let ticket = StatementTicket::of_endpoint(endpoint, &state.keys)?;
    if let Some(ticket) = &ticket {
        state.queries.refuse_cancelled(ticket.query)?;
    }
    let expires = match ticket.and_then(|ticket| ticket.source) {
        Some(Source::Kept(source)) => state.kept.renew(source.id).ok_or_else(|| expired(state))?,
        Some(Source::Query(QuerySource { values: Some(Values::Kept(id)), .. })) => {
            state.ticket_bindings.renew(id).ok_or_else(|| values_expired(state))?
        }
        Some(Source::Query(_)) | None => {
            return Err(Status::invalid_argument("the endpoint does not expire, so that there is nothing to renew"));
        }
    };
    let mut renewed = FlightEndpoint { ticket: endpoint.ticket.clone(), ..Default::default() };
    expire_at(&mut renewed, expires);
    Ok(renewed)
}
