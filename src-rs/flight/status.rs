//! How a call went, as gRPC says it in headers.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use http::{HeaderMap, HeaderValue};

use crate::error::{Error, Result};

/// `grpc-status-details-bin` comes with and without padding.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The status of a response that has no body; `None` for one whose body is to come.
pub(super) fn of_head(headers: &HeaderMap) -> Option<Result<()>> {
    headers.get("grpc-status").map(|status| check(status, headers))
}

/// The status behind a body.
///
/// # Errors
/// What the server says; `PROTOCOL_ERROR` where it says nothing.
pub(super) fn of_trailers(trailers: Option<&HeaderMap>) -> Result<()> {
    let none = || Error::protocol("the stream ended without a gRPC status: the server, or a proxy in front of it, cut it off");
    let trailers = trailers.ok_or_else(none)?;
    check(trailers.get("grpc-status").ok_or_else(none)?, trailers)
}

fn check(status: &HeaderValue, headers: &HeaderMap) -> Result<()> {
    let code: i32 = status
        .to_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::protocol(format!("the gRPC status is {status:?} where a number is right")))?;
    if code == 0 {
        return Ok(());
    }
    let message = headers.get("grpc-message").map(|value| percent_decoded(value.as_bytes())).unwrap_or_default();
    let details = headers.get("grpc-status-details-bin").and_then(|value| BASE64.decode(value.as_bytes()).ok()).unwrap_or_default();
    Err(Error::from_grpc(code, message, details))
}

/// gRPC percent-encodes what HTTP headers cannot carry. What is not valid is kept as it is.
fn percent_decoded(text: &[u8]) -> String {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%'
            && let [high, low, tail @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high << 4 | low);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
