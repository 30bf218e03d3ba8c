//! Whether what answered a call is a gRPC server at all.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::error::{Code, Error, Result};

/// A response without a gRPC status comes from something that is not a gRPC server, or from a gRPC server that is about to stream.
///
/// # Errors
/// The code that gRPC prescribes for the HTTP status; `PROTOCOL_ERROR` for a page that came with a good one.
pub fn check_head(status: StatusCode, headers: &HeaderMap) -> Result<()> {
    if headers.contains_key("grpc-status") {
        return Ok(());
    }
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_grpc = content_type.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')));
    if status == StatusCode::OK && is_grpc {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(content_type);
    let error = if status == StatusCode::OK {
        Error::protocol(format!("the server answered with content type '{shown}' where application/grpc is right"))
    } else {
        // The mapping that gRPC prescribes for what proxies answer.
        let code = match status {
            StatusCode::BAD_REQUEST => Code::Internal,
            StatusCode::UNAUTHORIZED => Code::Unauthenticated,
            StatusCode::FORBIDDEN => Code::PermissionDenied,
            StatusCode::NOT_FOUND => Code::Unimplemented,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Code::Unavailable
            }
            _ => Code::Unknown,
        };
        Error::new(code, format!("the server answered with HTTP status {status}"))
    };
    Err(error.with_hint("is this the address of a Flight SQL server? A proxy or a web server may have answered in its place"))
}
