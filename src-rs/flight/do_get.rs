//! The DoGet call itself, spoken over the channel directly: the request, the response's head, its frames, and how it ends.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::{BufMut, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, TE};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use prost::Message;
use tonic::body::Body;
use tower::{Service, ServiceExt};

use crate::error::{Error, Result};
use crate::transport::call::CallService;

const PATH: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// `grpc-status-details-bin` comes with and without padding.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A response whose head said yes.
#[derive(Debug)]
pub struct Frames {
    body: Body,
    /// From a response that consists of its head alone.
    ended: bool,
}

impl Frames {
    /// Sends the ticket; resolves when the head of the response is there.
    ///
    /// # Errors
    /// What the server answered, or why it could not be asked.
    pub async fn open(mut service: CallService, ticket: &arrow_flight::Ticket) -> Result<Self> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(PATH)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/grpc"))
            .header(TE, HeaderValue::from_static("trailers"))
            .body(Body::new(Full::new(framed(ticket))))
            .map_err(|cause| Error::protocol("the request could not be built").with_cause(cause))?;
        let failed = |cause| Error::from_status(tonic::Status::from_error(cause));
        let response = service.ready().await.map_err(failed)?.call(request).await.map_err(failed)?;
        let (head, body) = response.into_parts();
        if let Some(status) = head.headers.get("grpc-status") {
            // Trailers-only: there is no body to come.
            check_status(status, &head.headers)?;
            return Ok(Self { body, ended: true });
        }
        Ok(Self { body, ended: false })
    }

    /// The next frame's bytes; `None` once the server said that all is well. Not polling this is what stops the server.
    ///
    /// # Errors
    /// What the trailers say, or what broke the stream.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.ended {
                return Ok(None);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => return Ok(Some(data)),
                    Err(frame) => {
                        if let Ok(trailers) = frame.into_trailers() {
                            self.ended = true;
                            let status = trailers.get("grpc-status").ok_or_else(no_status)?;
                            check_status(status, &trailers)?;
                        }
                    }
                },
                Some(Err(status)) => return Err(Error::from_status(status)),
                None => return Err(no_status()),
            }
        }
    }
}

fn no_status() -> Error {
    Error::protocol("the stream ended without a gRPC status: the server, or a proxy in front of it, cut it off")
}

fn framed(ticket: &arrow_flight::Ticket) -> Bytes {
    let length = ticket.encoded_len();
    let mut bytes = BytesMut::with_capacity(5 + length);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    bytes.extend_from_slice(&ticket.encode_to_vec());
    bytes.freeze()
}

fn check_status(status: &HeaderValue, headers: &HeaderMap) -> Result<()> {
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
