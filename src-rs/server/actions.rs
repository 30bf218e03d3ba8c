//! The actions of `DoAction`, each led to what answers it.

use std::sync::Arc;

use arrow_flight::sql::{Any, ProstMessageExt};
use arrow_flight::{Action, ActionType};
use prost::Message;
use tonic::{Request, Response, Status};

use super::auth::Caller;
use super::state::State;
use super::{cancel, prepared, renew, sessions, transactions};

/// The actions that there are, and what a client that lists them is told of each.
const ACTIONS: [(&str, &str); 12] = [
    ("CancelFlightInfo", "Stops a query by its FlightInfo. CancelFlightInfoRequest; CancelFlightInfoResult."),
    (
        "CancelQuery",
        "Stops a query by its FlightInfo; deprecated, use CancelFlightInfo. ActionCancelQueryRequest; ActionCancelQueryResult.",
    ),
    ("RenewFlightEndpoint", "Keeps the result of an endpoint for longer. RenewFlightEndpointRequest; FlightEndpoint."),
    (
        "SetSessionOptions",
        "Sets options of the session, and begins one if there is none. SetSessionOptionsRequest; SetSessionOptionsResult.",
    ),
    ("GetSessionOptions", "Every option of the session. GetSessionOptionsRequest; GetSessionOptionsResult."),
    ("CloseSession", "Ends the session. CloseSessionRequest; CloseSessionResult."),
    ("CreatePreparedStatement", "Prepares a statement. ActionCreatePreparedStatementRequest; ActionCreatePreparedStatementResult."),
    ("ClosePreparedStatement", "Forgets a prepared statement. ActionClosePreparedStatementRequest; nothing."),
    ("BeginTransaction", "Begins a transaction. ActionBeginTransactionRequest; ActionBeginTransactionResult."),
    ("EndTransaction", "Commits a transaction or rolls it back. ActionEndTransactionRequest; nothing."),
    ("BeginSavepoint", "Makes a savepoint in a transaction. ActionBeginSavepointRequest; ActionBeginSavepointResult."),
    ("EndSavepoint", "Releases a savepoint or rolls back to it. ActionEndSavepointRequest; nothing."),
];

/// What `ListActions` answers.
pub(super) fn list() -> impl Iterator<Item = ActionType> {
    ACTIONS.iter().map(|(name, description)| ActionType { r#type: (*name).to_owned(), description: (*description).to_owned() })
}

/// Answers an action with the one message that its result is, or with none.
pub(super) async fn answer(state: &Arc<State>, request: &Request<Action>) -> Result<Response<Option<Vec<u8>>>, Status> {
    let action = request.get_ref();
    let caller = Caller::of(request.extensions());
    let body = match action.r#type.as_str() {
        "CancelFlightInfo" => cancel::cancel_flight_info(state, plain(action)?).await?.encode_to_vec(),
        "CancelQuery" => cancel::cancel_query(state, packed(action)?).await?.as_any().encode_to_vec(),
        "RenewFlightEndpoint" => renew::renew(state, &plain(action)?)?.encode_to_vec(),
        "SetSessionOptions" => return Ok(sessions::set_options(&state.sessions, request, plain(action)?)?.map(Some)),
        "GetSessionOptions" => return Ok(sessions::get_options(&state.sessions, request, plain(action)?)?.map(Some)),
        "CloseSession" => return Ok(sessions::close(&state.sessions, request, plain(action)?)?.map(Some)),
        "CreatePreparedStatement" => prepared::create(state, packed(action)?, caller).await?.as_any().encode_to_vec(),
        "ClosePreparedStatement" => {
            prepared::close(state, &packed(action)?, caller)?;
            return Ok(Response::new(None));
        }
        "BeginTransaction" => transactions::begin(state, packed(action)?, caller).await?.as_any().encode_to_vec(),
        "EndTransaction" => {
            transactions::end(state, packed(action)?, caller).await?;
            return Ok(Response::new(None));
        }
        "BeginSavepoint" => transactions::begin_savepoint(state, packed(action)?, caller).await?.as_any().encode_to_vec(),
        "EndSavepoint" => {
            transactions::end_savepoint(state, packed(action)?, caller).await?;
            return Ok(Response::new(None));
        }
        name => return Err(unknown(name)),
    };
    Ok(Response::new(Some(body)))
}

fn unknown(name: &str) -> Status {
    let known = ACTIONS.map(|(name, _)| name).join(", ");
    Status::unimplemented(format!("the action {name:?} is not supported by the embedded server, which knows {known}"))
}

/// The request of one of Flight's own actions, which is the body.
fn plain<T: Message + Default>(action: &Action) -> Result<T, Status> {
    T::decode(action.body.clone()).map_err(|error| malformed(action, &error.to_string()))
}

/// The request of one of Flight SQL's actions, which the body holds in an `Any`.
fn packed<T: ProstMessageExt + Default>(action: &Action) -> Result<T, Status> {
    let any = Any::decode(action.body.clone()).map_err(|error| malformed(action, &error.to_string()))?;
    match any.unpack() {
        Ok(Some(request)) => Ok(request),
        Ok(None) => Err(malformed(action, &format!("it is a {}, not a {}", any.type_url, T::type_url()))),
        Err(error) => Err(malformed(action, &error.to_string())),
    }
}

fn malformed(action: &Action, why: &str) -> Status {
    Status::invalid_argument(format!("the request of the action {:?} cannot be read: {why}", action.r#type))
}
