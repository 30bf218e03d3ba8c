//! One call: its headers, its deadline, its cancellation, and the service that carries them under the generated clients.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::client::FlightSqlServiceClient;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::Service;

use super::http2::Connection;
use crate::error::{Code, Error, Result};

/// Clocks and timers of the two sides differ by as much.
const DEADLINE_SLACK: Duration = Duration::from_millis(20);

fn deadline_exceeded() -> Error {
    Error::new(Code::DeadlineExceeded, "the call was not over within its timeout")
}

/// What a caller says of one call.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// In place of the client's headers of the same name.
    pub headers: HeaderMap,
    pub deadline: Option<Instant>,
    pub cancellation: CancellationToken,
    /// The most of one message, in bytes, where that is not the client's.
    pub max_message: Option<usize>,
}

impl Call {
    /// A call that must be over, stream included, within `timeout`.
    pub fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.deadline = timeout.map(|timeout| Instant::now() + timeout);
        self
    }

    /// The most of one message, in bytes, where `others` is that of the client's other calls.
    pub fn max_message(&self, others: usize) -> usize {
        self.max_message.unwrap_or(others)
    }

    /// Runs `work` until it ends, the deadline passes, or the caller cancels. What it leaves behind is dropped, which resets its stream.
    ///
    /// # Errors
    /// Those of `work`; `DEADLINE_EXCEEDED`; `CANCELLED_BY_CALLER`.
    pub async fn bound<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let deadline = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancellation.cancelled() => Err(Error::cancelled()),
            result = work => result.map_err(|error| self.of_deadline(error)),
            () = deadline => Err(deadline_exceeded()),
        }
    }

    /// Servers are told of the deadline, and some say of a call that it ended at that it was cancelled.
    fn of_deadline(&self, error: Error) -> Error {
        let is_over = self.deadline.is_some_and(|deadline| deadline.saturating_duration_since(Instant::now()) < DEADLINE_SLACK);
        if is_over && error.code() == Code::Cancelled { deadline_exceeded().with_cause(error) } else { error }
    }

    /// The headers of the call: `base` are the client's.
    pub fn with_headers(&self, base: HeaderMap) -> HeaderMap {
        let mut headers = base;
        replace(&mut headers, &self.headers);
        if let Some(timeout) = self.timeout_header() {
            headers.insert(HeaderName::from_static("grpc-timeout"), timeout);
        }
        headers
    }

    /// gRPC's own header for the time that is left, so that the server may give up too.
    fn timeout_header(&self) -> Option<HeaderValue> {
        let left = self.deadline?.saturating_duration_since(Instant::now());
        // Eight digits at most.
        let text = match left.as_millis() {
            millis @ 0..=99_999_999 => format!("{millis}m"),
            millis => format!("{}S", (millis / 1000).min(99_999_999)),
        };
        HeaderValue::from_str(&text).ok()
    }
}

/// What the generated clients make one call's requests with. Cheap to make and to clone.
#[derive(Clone)]
pub struct CallService {
    connection: Arc<Connection>,
    headers: HeaderMap,
    max_message: usize,
}

impl CallService {
    /// `base` are the client's headers, and `max_message` its limit. The connection adds credentials and cookies.
    pub fn new(connection: Arc<Connection>, base: &HeaderMap, max_message: usize, call: &Call) -> Self {
        Self { connection, headers: call.with_headers(base.clone()), max_message: call.max_message(max_message) }
    }

    /// The generated client of plain Flight.
    pub fn flight(self) -> FlightServiceClient<Self> {
        // Messages are measured as they come, so that what is too large is said in the words of this package.
        FlightServiceClient::new(self).max_decoding_message_size(usize::MAX)
    }

    /// arrow-flight's client of Flight SQL.
    pub fn flight_sql(self) -> FlightSqlServiceClient<Self> {
        FlightSqlServiceClient::new_from_inner(self.flight())
    }
}

/// Sets every header of `from`, in place of those of the same name.
pub fn replace(headers: &mut HeaderMap, from: &HeaderMap) {
    for name in from.keys() {
        headers.remove(name);
    }
    for (name, value) in from {
        headers.append(name, value.clone());
    }
}

type Response = http::Response<Body>;
type ResponseFuture = Pin<Box<dyn Future<Output = std::result::Result<Response, Failure>> + Send>>;

/// What broke a call, as tonic takes it. [`Error::from_status`] finds it again.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Service<http::Request<Body>> for CallService {
    type Response = Response;
    type Error = Failure;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    /// Requests are short, and those of streams end by themselves: all of it is there before anything is sent.
    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let Self { connection, headers, max_message } = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let message = body.collect().await?.to_bytes();
            Ok(connection.ask(head.uri.path(), &headers, message).await?.into_response(max_message))
        })
    }
}
