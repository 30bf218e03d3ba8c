//! What the session actions are answered with.

use std::collections::BTreeMap;

use arrow_flight::Action;
use prost::Message;
use tonic::{Request, Response, Status};

use super::messages::{
    CloseSessionRequest, CloseSessionResult, CloseStatus, GetSessionOptionsRequest, GetSessionOptionsResult, OptionError,
    SetSessionOptionsRequest, SetSessionOptionsResult,
};
use super::store::SessionId;
use super::{Named, Sessions, cookie};
use crate::server::auth::Caller;

/// Sets options in the session that the call names, and begins one if it names none that is there.
pub(in super::super) fn set_options(
    sessions: &Sessions,
    request: &Request<Action>,
    options: SetSessionOptionsRequest,
) -> Result<Response<Vec<u8>>, Status> {
    let (id, is_new) = match request.extensions().get() {
        Some(Named::Live(id)) => (*id, false),
        Some(Named::Dead) | None => (sessions.begin(Caller::of(request.extensions()))?, true),
    };
    let errors = sessions.set(id, options.session_options).ok_or_else(gone)?;
    let errors = errors.into_iter().map(|(name, error)| (name, OptionError { value: error as i32 })).collect();
    let mut response = Response::new(SetSessionOptionsResult { errors }.encode_to_vec());
    if is_new {
        cookie::remember(response.metadata_mut(), &sessions.cookie(id))?;
    }
    Ok(response)
}

/// Every option of the session that the call names. Nothing is set where it names none: clients ask before they set any.
pub(in super::super) fn get_options(
    sessions: &Sessions,
    request: &Request<Action>,
    _: GetSessionOptionsRequest,
) -> Result<Response<Vec<u8>>, Status> {
    let session_options = match request.extensions().get() {
        Some(Named::Live(id)) => sessions.options(*id).ok_or_else(gone)?,
        Some(Named::Dead) => return Err(gone()),
        None => BTreeMap::new(),
    };
    Ok(Response::new(GetSessionOptionsResult { session_options }.encode_to_vec()))
}

/// Ends the session that the call names.
pub(in super::super) fn close(sessions: &Sessions, request: &Request<Action>, _: CloseSessionRequest) -> Result<Response<Vec<u8>>, Status> {
    sessions.close(named(request)?).ok_or_else(gone)?;
    let mut response = Response::new(CloseSessionResult { status: CloseStatus::Closed as i32 }.encode_to_vec());
    cookie::forget(response.metadata_mut());
    Ok(response)
}

fn named(request: &Request<Action>) -> Result<SessionId, Status> {
    match request.extensions().get() {
        Some(Named::Live(id)) => Ok(*id),
        Some(Named::Dead) => Err(gone()),
        None => Err(Status::failed_precondition("the call names no session by a cookie; SetSessionOptions begins one")),
    }
}

/// The refusal of a session that is over. It makes the client forget the cookie, so that its next call is accepted.
pub(super) fn gone() -> Status {
    let mut status = Status::unauthenticated("the session of the cookie has ended, or is not the caller's; SetSessionOptions begins one");
    cookie::forget(status.metadata_mut());
    status
}
