//! The DoGet call itself: the request, the response's head, its messages, and how it ends.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use prost::Message;

use super::frames::{FlightMessage, FrameReader};
use super::inlet::SharedInlet;
use crate::error::{Error, Result};
use crate::transport::http2::{Connection, Receiving};

const PATH: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// `grpc-status-details-bin` comes with and without padding.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The messages of a response whose head said yes. Dropping it resets the stream.
#[derive(Debug)]
pub(super) struct Messages {
    receiving: Receiving,
    inlet: SharedInlet,
    /// The connection brings the bytes to the inlet itself.
    is_landing: bool,
    body: Body,
    /// What broke the stream, once everything before it was taken.
    failure: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Open,
    Ended,
    /// And the trailers said that all is well.
    Complete,
}

impl Messages {
    /// Sends the ticket; resolves when the head of the response is there.
    ///
    /// # Errors
    /// What the server answered, or why it could not be asked.
    pub(super) async fn open(
        connection: &Connection,
        headers: HeaderMap,
        ticket: &arrow_flight::Ticket,
        reader: FrameReader,
    ) -> Result<Self> {
        let answer = connection.call(PATH, &headers, framed(ticket)).await?;
        let mut body = Body::Open;
        if let Some(status) = answer.headers.get("grpc-status") {
            // Trailers-only: there is no body to come.
            check_status(status, &answer.headers)?;
            body = Body::Complete;
        }
        let inlet = SharedInlet::new(reader);
        // At once, so that at best no byte comes another way.
        let is_landing = answer.receiving.land(&inlet.landing());
        Ok(Self { receiving: answer.receiving, inlet, is_landing, body, failure: None })
    }

    /// The next message; `None` once the server said that all is well. Not asking for this is what stops the server.
    ///
    /// # Errors
    /// What is wrong with the bytes, what the trailers say, or what broke the stream.
    pub(super) async fn next(&mut self) -> Result<Option<FlightMessage>> {
        if let Some(message) = poll_fn(|context| self.poll_message(context)).await? {
            return Ok(Some(message));
        }
        if self.body == Body::Ended {
            let trailers = self.receiving.trailers().await?.ok_or_else(no_status)?;
            let status = trailers.get("grpc-status").ok_or_else(no_status)?;
            check_status(status, &trailers)?;
            self.body = Body::Complete;
        }
        if !self.inlet.is_between_messages() {
            return Err(Error::protocol("the stream ended in the middle of a message"));
        }
        Ok(None)
    }

    /// The next message; `None` at the end of the body.
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<FlightMessage>>> {
        loop {
            if let Poll::Ready(message) = self.inlet.poll_message(context) {
                let (message, given_back) = message?;
                if self.is_landing {
                    self.receiving.give_back(given_back);
                }
                return Poll::Ready(Ok(Some(message)));
            }
            if let Some(failure) = self.failure.take() {
                return Poll::Ready(Err(failure));
            }
            if self.body != Body::Open {
                return Poll::Ready(Ok(None));
            }
            if self.is_landing {
                self.receiving.give_back(self.inlet.given_back());
            }
            // What landed before the end did so before h2 learned of it: the inlet is asked once more.
            match ready!(self.receiving.poll_data(context)) {
                Ok(Some(bytes)) => {
                    self.inlet.feed(&bytes);
                    self.is_landing = self.is_landing || self.receiving.land(&self.inlet.landing());
                }
                Ok(None) => self.body = Body::Ended,
                Err(failure) => self.failure = Some(failure),
            }
        }
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        self.inlet.abandon();
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
