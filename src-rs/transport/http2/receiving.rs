//! A response: to come, and being received.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::{Reason, RecvStream};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use tonic::body::Body;

use super::body::Received;
use super::landings::{Landings, SharedLanding};
use crate::error::{Error, Result};
use crate::transport::answer::check_head;
use crate::transport::failure;
use crate::transport::peer::Exchange;

/// What a server answered with.
#[derive(Debug)]
pub struct Answer {
    pub headers: HeaderMap,
    pub receiving: Receiving,
}

impl Answer {
    /// What the generated clients read: no message of more than `max_message` bytes.
    pub fn into_response(self, max_message: usize) -> http::Response<Body> {
        let mut response = http::Response::new(Body::new(Received::new(self.receiving, max_message)));
        *response.headers_mut() = self.headers;
        response
    }
}

/// Follows a stream until it is dropped.
pub(super) struct Follower {
    landings: Arc<Landings>,
    stream: u32,
}

impl Follower {
    pub(super) fn new(landings: Arc<Landings>, stream: u32) -> Self {
        Self { landings, stream }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.landings.forget(self.stream);
    }
}

/// A response to come. Dropping it gives it up.
pub struct Answering {
    followed: Follower,
    exchange: Exchange,
    response: ResponseFuture,
}

/// Why there is no response.
pub(super) struct Unanswered {
    pub(super) error: Error,
    /// Whether the server cannot have seen anything of the request.
    pub(super) is_unseen: bool,
}

impl Unanswered {
    fn new(error: &h2::Error, followed: &Follower) -> Self {
        // GOAWAY is the error of the streams behind those that the server answers; one that goes against its own word has a call twice.
        let is_refused = error.is_remote() && (error.is_go_away() || error.reason() == Some(Reason::REFUSED_STREAM));
        Self { error: failure::of_h2(error), is_unseen: is_refused || !followed.landings.has_written(followed.stream) }
    }
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        Self { error, is_unseen: false }
    }
}

impl Answering {
    pub(super) fn new(followed: Follower, exchange: Exchange, response: ResponseFuture) -> Self {
        Self { followed, exchange, response }
    }

    /// Leaves the bytes of the response to h2.
    pub(super) fn leave(&self) {
        self.followed.landings.leave(self.followed.stream);
    }

    /// The head of the response.
    ///
    /// # Errors
    /// What broke the stream; what the server answered, if that is not gRPC.
    pub async fn head(self) -> Result<Answer> {
        self.answer().await.map_err(|unanswered| unanswered.error)
    }

    pub(super) async fn answer(self) -> std::result::Result<Answer, Unanswered> {
        let response = self.response.await.map_err(|error| Unanswered::new(&error, &self.followed))?;
        self.exchange.hear(response.headers());
        check_head(response.status(), response.headers())?;
        let (head, received) = response.into_parts();
        // h2 holds such a length against the bytes that it sees itself.
        if head.headers.contains_key(CONTENT_LENGTH) {
            self.followed.landings.leave(self.followed.stream);
        }
        Ok(Answer {
            headers: head.headers,
            receiving: Receiving { followed: self.followed, exchange: self.exchange, received, consumed: 0 },
        })
    }
}

/// A response being received. Dropping it resets the stream.
pub struct Receiving {
    /// Dropped first: of a stream that is reset nothing is given back any more.
    followed: Follower,
    exchange: Exchange,
    received: RecvStream,
    consumed: u64,
}

impl std::fmt::Debug for Receiving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiving").field("stream", &self.followed.stream).field("consumed", &self.consumed).finish_non_exhaustive()
    }
}

impl Receiving {
    /// The next bytes that have no landing; `None` at the end of the body.
    ///
    /// # Errors
    /// What broke the stream.
    pub fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let Some(data) = std::task::ready!(self.received.poll_data(context)) else { return Poll::Ready(Ok(None)) };
        let bytes = match data {
            Ok(bytes) => bytes,
            Err(error) if says_enough(&error) => return Poll::Ready(Ok(None)),
            Err(error) => return Poll::Ready(Err(failure::of_h2(&error))),
        };
        self.consumed += bytes.len() as u64;
        let released = self.received.flow_control().release_capacity(bytes.len());
        Poll::Ready(released.map(|()| Some(bytes)).map_err(|error| failure::of_h2(&error)))
    }

    /// The trailers, after the end of the body.
    ///
    /// # Errors
    /// What broke the stream.
    pub async fn trailers(&mut self) -> Result<Option<HeaderMap>> {
        std::future::poll_fn(|context| self.poll_trailers(context)).await
    }

    /// As [`Self::trailers`].
    ///
    /// # Errors
    /// As there.
    pub fn poll_trailers(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<HeaderMap>>> {
        Poll::Ready(match std::task::ready!(self.received.poll_trailers(context)) {
            Err(error) if says_enough(&error) => Ok(None),
            Err(error) => Err(failure::of_h2(&error)),
            Ok(trailers) => {
                if let Some(trailers) = &trailers {
                    self.exchange.hear(trailers);
                }
                Ok(trailers)
            }
        })
    }

    /// Whether there is neither a body nor trailers to come.
    pub fn is_end(&self) -> bool {
        self.received.is_end_stream()
    }

    /// Has further bytes brought to `landing`, if all that came before were taken. Returns whether it is so; from then on only the end is to be
    /// had by [`Receiving::poll_data`].
    pub fn land(&self, landing: &SharedLanding) -> bool {
        self.followed.landings.land(self.followed.stream, self.consumed, landing)
    }

    /// Gives the window back up to where the landing allows.
    pub fn give_back(&self, up_to: u64) {
        if self.followed.landings.give_back(self.followed.stream, up_to) {
            self.followed.landings.wake();
        }
    }
}

/// Whether a reset is HTTP's way to say that all was said (RFC 9113, section 8.1): it ends the body as if that were whole.
fn says_enough(error: &h2::Error) -> bool {
    error.is_reset() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR)
}
