//! Turning user and password into what the calls carry.

use arrow_flight::HandshakeRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::authorization::bearer;
use super::call::{Call, CallService};
use super::config::{ClientConfig, Credentials};
use super::pool::Pool;
use crate::error::{Code, Error, Result};

/// The `authorization` of a client's calls; nothing where it has no credentials.
///
/// With user and password it asks the server for a token by Handshake; a server that knows no Handshake gets both with every call.
///
/// # Errors
/// `UNAUTHENTICATED` where the server refuses, and the errors of any call.
pub async fn authorization(config: &ClientConfig, own: &Pool, call: &Call) -> Result<Option<HeaderValue>> {
    match &config.credentials {
        Credentials::None => Ok(None),
        Credentials::Bearer(token) => secret(format!("Bearer {token}")).map(Some),
        Credentials::Basic { user, password } => {
            let basic = secret(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))?;
            handshake(config, own, call, &basic).await.map(Some)
        }
    }
}

async fn handshake(config: &ClientConfig, own: &Pool, call: &Call, basic: &HeaderValue) -> Result<HeaderValue> {
    let mut headers = config.headers.clone();
    headers.insert(AUTHORIZATION, basic.clone());
    // Its outcome is for every call of the client, so that the headers of the one that came first are not part of it.
    let call = Call { headers: HeaderMap::new(), max_message: None, ..call.clone() };
    let mut client = CallService::new(own.control()?, &headers, config.max_message, &call).flight();
    let request = HandshakeRequest { protocol_version: 0, payload: bytes::Bytes::new() };
    let answer = client.handshake(futures::stream::iter([request])).await;
    let (answered, mut replies) = match answer {
        Ok(response) => {
            let (metadata, replies, _) = response.into_parts();
            (metadata.into_headers(), replies)
        }
        Err(status) if status.code() == tonic::Code::Unimplemented => return Ok(basic.clone()),
        Err(status) => return Err(Error::from_status(status)),
    };
    let mut token = None;
    loop {
        match replies.message().await {
            Ok(Some(reply)) => {
                token = std::str::from_utf8(&reply.payload).ok().filter(|text| !text.is_empty()).map(str::to_owned).or(token)
            }
            Ok(None) => break,
            Err(status) if status.code() == tonic::Code::Unimplemented => return Ok(basic.clone()),
            Err(status) => return Err(Error::from_status(status)),
        }
    }
    let trailers = replies.trailers().await.ok().flatten().map(tonic::metadata::MetadataMap::into_headers);
    if let Some(header) = bearer(&answered).or_else(|| trailers.as_ref().and_then(bearer)) {
        return Ok(header);
    }
    // Servers of arrow-rs's kind put the token into the reply itself.
    match token {
        Some(token) => secret(format!("Bearer {token}")),
        None => Ok(basic.clone()),
    }
}

/// A header value that does not show in logs.
fn secret(text: String) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| Error::new(Code::InvalidOption, "the token or password holds characters that a header cannot carry"))?;
    value.set_sensitive(true);
    Ok(value)
}
