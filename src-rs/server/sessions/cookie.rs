//! The cookie that carries a session's id.

use http::HeaderMap;
use http::header::COOKIE;
use tonic::Status;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};

/// The name that Flight.proto suggests.
const NAME: &str = "arrow_flight_session_id";

/// The session's cookie among those of a call.
pub(super) fn of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok()).flat_map(|header| header.split(';'));
    cookies.filter_map(|cookie| cookie.trim().split_once('=')).find(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// Makes the client send `value` from now on.
pub(super) fn remember(answer: &mut MetadataMap, value: &str) -> Result<(), Status> {
    let cookie = AsciiMetadataValue::try_from(format!("{NAME}={value}; Path=/"))
        .map_err(|_| Status::internal("the id of the session is no text of a header"))?;
    answer.insert("set-cookie", cookie);
    Ok(())
}

/// Makes the client send none any more.
pub(super) fn forget(answer: &mut MetadataMap) {
    answer.insert("set-cookie", AsciiMetadataValue::from_static("arrow_flight_session_id=; Path=/; Max-Age=0"));
}
