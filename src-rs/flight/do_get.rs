//! The DoGet call itself: the request, the response's head, its messages, and how it ends.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;
use prost::Message;
use tokio_util::task::AbortOnDropHandle;

use super::frames::{FlightMessage, FrameReader};
use super::inlet::SharedInlet;
use super::status;
use crate::error::{Error, Result};
use crate::transport::http2::{Answer, Connection, Receiving};

const PATH: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// The messages of a response whose head said yes. Dropping it resets the stream.
#[derive(Debug)]
pub(super) struct Messages {
    receiving: Receiving,
    inlet: SharedInlet,
    /// The connection brings the bytes to the inlet itself.
    is_landing: bool,
    body: Body,
    /// A message that was waited for before anybody asked for it.
    first: Option<FlightMessage>,
    /// What broke the stream, once everything before it was taken.
    failure: Option<Error>,
    /// Of an exchange.
    _sender: Option<AbortOnDropHandle<Result<()>>>,
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
        Self::of(connection.call(PATH, &headers, framed(ticket)).await?, reader, None)
    }

    /// The messages of a response, while `sender` sends what it answers.
    ///
    /// # Errors
    /// What the server answered.
    pub(super) fn of(answer: Answer, reader: FrameReader, sender: Option<AbortOnDropHandle<Result<()>>>) -> Result<Self> {
        let mut body = Body::Open;
        if let Some(status) = status::of_head(&answer.headers) {
            // There is no body to come.
            status?;
            body = Body::Complete;
        }
        let inlet = SharedInlet::new(reader);
        // At once, so that at best no byte comes another way.
        let is_landing = answer.receiving.land(&inlet.landing());
        Ok(Self { receiving: answer.receiving, inlet, is_landing, body, first: None, failure: None, _sender: sender })
    }

    /// Waits for the first message, or for an end without one. Many servers send the head at once, and say only behind it that they will not serve.
    ///
    /// # Errors
    /// As of [`Self::next`].
    pub(super) async fn begin(&mut self) -> Result<()> {
        self.first = self.next().await?;
        Ok(())
    }

    /// The next message; `None` once the server said that all is well. Not asking for this is what stops the server.
    ///
    /// # Errors
    /// What is wrong with the bytes, what the trailers say, or what broke the stream.
    pub(super) async fn next(&mut self) -> Result<Option<FlightMessage>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        if let Some(message) = poll_fn(|context| self.poll_message(context)).await? {
            return Ok(Some(message));
        }
        if self.body == Body::Ended {
            status::of_trailers(self.receiving.trailers().await?.as_ref())?;
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

fn framed(ticket: &arrow_flight::Ticket) -> Bytes {
    let length = ticket.encoded_len();
    let mut bytes = BytesMut::with_capacity(5 + length);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    bytes.extend_from_slice(&ticket.encode_to_vec());
    bytes.freeze()
}
