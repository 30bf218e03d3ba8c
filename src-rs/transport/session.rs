//! The options of a session, which a client sets once it has logged in.

use std::collections::BTreeMap;

use arrow_flight::Action;
use bytes::Bytes;
use prost::Message;

use super::call::CallService;
use crate::error::{Code, Error, Result};

const SET: &str = "SetSessionOptions";
const CLOSE: &str = "CloseSession";

/// `SetSessionOptionsResult` of Flight.proto, which arrow-flight does not have: the options that were not set.
#[derive(Clone, PartialEq, Message)]
struct SetSessionOptionsResult {
    #[prost(btree_map = "string, message", tag = "1")]
    errors: BTreeMap<String, SetError>,
}

#[derive(Clone, PartialEq, Message)]
struct SetError {
    #[prost(int32, tag = "1")]
    value: i32,
}

impl SetError {
    fn name(&self) -> &'static str {
        match self.value {
            1 => "INVALID_NAME",
            2 => "INVALID_VALUE",
            3 => "ERROR",
            _ => "UNSPECIFIED",
        }
    }
}

/// Sets `options`, a `SetSessionOptionsRequest` message.
///
/// # Errors
/// `INVALID_ARGUMENT` naming the options that the server did not set; what else it answered.
pub(super) async fn set_options(service: CallService, options: Bytes) -> Result<()> {
    let result = try_to_set(service.clone(), options).await;
    if result.is_err() {
        // What has begun all the same is of no use. Most that fails here fails because there are no sessions.
        let close = Action { r#type: CLOSE.to_owned(), body: Bytes::new() };
        drop(service.flight().do_action(close).await);
    }
    result
}

async fn try_to_set(service: CallService, options: Bytes) -> Result<()> {
    let action = Action { r#type: SET.to_owned(), body: options };
    let answered = async {
        let mut answers = service.flight().do_action(action).await?.into_inner();
        let first = answers.message().await?;
        // To its end: a status may follow.
        while answers.message().await?.is_some() {}
        Ok::<_, tonic::Status>(first)
    };
    let refused = |status| {
        let error = Error::from_status(status);
        if error.code() == Code::Unimplemented {
            error.with_hint("the server has no session options: leave catalog, schema and session out")
        } else {
            error
        }
    };
    let answer = answered.await.map_err(refused)?.ok_or_else(|| Error::protocol(format!("the server ended {SET} without an answer")))?;
    let result = SetSessionOptionsResult::decode(answer.body.as_ref())
        .map_err(|cause| Error::protocol(format!("the server's answer to {SET} is no SetSessionOptionsResult")).with_cause(cause))?;
    if result.errors.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = result.errors.iter().map(|(name, error)| format!("'{name}' ({})", error.name())).collect();
    Err(Error::new(Code::InvalidArgument, format!("the server did not set the session options {}", named.join(", "))))
}
