//! The `Handshake` call. User and password come in its header, which the layer in front has checked by then, or in
//! its first message, as older clients send them.

use arrow_flight::{BasicAuth, HandshakeRequest, HandshakeResponse};
use prost::Message;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status, Streaming};

use super::auth::Authenticator;

/// Answers with a token in the message where credentials came in the message, and else with an empty one: the token
/// is in the response's header then.
pub(super) async fn answer(
    authenticator: &Authenticator,
    request: Request<Streaming<HandshakeRequest>>,
) -> Result<HandshakeResponse, Status> {
    let has_header = is_authorized(request.metadata());
    let first = request.into_inner().message().await?.unwrap_or_default();
    if has_header {
        return Ok(HandshakeResponse { protocol_version: first.protocol_version, payload: first.payload });
    }
    let credentials =
        BasicAuth::decode(first.payload).map_err(|_| Status::unauthenticated("the handshake carries no user and password"))?;
    let token = authenticator.check_password(credentials.username.as_bytes(), credentials.password.as_bytes())?;
    Ok(HandshakeResponse { protocol_version: first.protocol_version, payload: token.into() })
}

fn is_authorized(headers: &MetadataMap) -> bool {
    headers.get("authorization").is_some()
}
